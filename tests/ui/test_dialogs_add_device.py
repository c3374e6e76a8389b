"""Adding a device on the admin's side: code, countdown, confirming, refusing, every end."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.core import events, requests
from app.core.views import Failure
from app.ui import words
from app.ui.dialogs.add_device import AddDevice, CodeView, ConfirmView, ResultView
from app.ui.i18n import Translations
from app.ui.look import Look
from tests.ui import practice
from tests.ui.backend import CODE, ScriptedBackend

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
Make = Callable[..., AddDevice]
ASKED = events.PairingAsked(person_name="Tarik Sahin", role="MFA", device_name="Labor 1")


@pytest.fixture
def make(qtbot: QtBot, look: Look, german: Translations, backend: ScriptedBackend) -> Iterator[Make]:
    parent = QWidget()
    qtbot.addWidget(parent)
    made: list[AddDevice] = []

    def open_dialog(**more: object) -> AddDevice:
        dialog = AddDevice(look, backend, lambda: "de", parent, **more)  # type: ignore[arg-type]
        backend.event.connect(dialog.handle)
        made.append(dialog)
        dialog.open()
        return dialog

    yield open_dialog
    for dialog in made:
        backend.event.disconnect(dialog.handle)
        dialog.close()


def shown(qtbot: QtBot, dialog: AddDevice) -> CodeView:
    qtbot.waitUntil(lambda: isinstance(dialog._view, CodeView))
    assert isinstance(dialog._view, CodeView)
    return dialog._view


def result(dialog: AddDevice) -> str:
    assert isinstance(dialog._view, ResultView)
    return dialog._view.label.text()


def test_it_opens_the_practice_and_shows_the_code(qtbot: QtBot, make: Make, backend: ScriptedBackend) -> None:
    dialog = make()
    view = shown(qtbot, dialog)
    assert backend.last(requests.OpenPairing).person is None
    assert view.board.code == CODE
    assert "5:00" in view.left.text()
    assert "3" in view.tries.text()
    assert "192.168.1.20:47110" in view._where.label.text()


def test_closing_ends_the_code(qtbot: QtBot, make: Make, backend: ScriptedBackend) -> None:
    dialog = make()
    shown(qtbot, dialog)
    dialog.reject()
    assert backend.count(requests.ClosePairing) == 1


def test_the_time_runs_out(
    qtbot: QtBot, make: Make, backend: ScriptedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = make()
    view = shown(qtbot, dialog)
    monkeypatch.setattr(words, "now_ms", lambda: practice.NOW_MS + 239_000)
    dialog._tick()
    assert "1:01" in view.left.text()
    monkeypatch.setattr(words, "now_ms", lambda: practice.NOW_MS + 300_000)
    dialog._tick()
    assert "abgelaufen" in result(dialog)
    assert dialog.fresh.isVisible()
    assert not dialog.copy.isVisible()
    monkeypatch.setattr(words, "now_ms", lambda: practice.NOW_MS)
    dialog.fresh.click()
    shown(qtbot, dialog)
    assert backend.count(requests.OpenPairing) == 2


def test_wrong_codes_are_counted(qtbot: QtBot, make: Make, backend: ScriptedBackend) -> None:
    dialog = make()
    view = shown(qtbot, dialog)
    backend.event.emit(events.PairingTried(tries_left=2))
    assert "2" in view.tries.text()
    assert dialog.notice.text()
    backend.event.emit(events.PairingFinished(person=None, failure=Failure(code="pairing_closed")))
    assert "zu oft" in result(dialog)


def test_the_names_can_be_put_right_before_they_are_signed(
    qtbot: QtBot, make: Make, backend: ScriptedBackend
) -> None:
    dialog = make()
    shown(qtbot, dialog)
    backend.event.emit(ASKED)
    view = dialog._view
    assert isinstance(view, ConfirmView)
    view.name.setText(" Tarik Şahin ")
    view.admin.click()
    dialog.confirm.click()
    assert backend.last(requests.ConfirmPairing) == requests.ConfirmPairing(
        person_name="Tarik Şahin", role="MFA", device_name="Labor 1", admin=True
    )
    backend.event.emit(events.PairingFinished(person=practice.ANNA, failure=None))
    assert "Tarik Şahin" in result(dialog) and "Labor 1" in result(dialog)
    assert dialog.finish.isVisible() and dialog.another.isVisible()


def test_nobody_is_an_admin_unless_it_was_ticked(qtbot: QtBot, make: Make, backend: ScriptedBackend) -> None:
    dialog = make()
    shown(qtbot, dialog)
    backend.event.emit(ASKED)
    dialog.confirm.click()
    assert backend.last(requests.ConfirmPairing).admin is False


def test_names_of_the_other_side_are_only_text(make: Make) -> None:
    asked = events.PairingAsked(person_name="<i>Eve</i>\u202e\nx", role="\u0000", device_name="a\nb")
    dialog = make(asked=asked)
    view = dialog._view
    assert isinstance(view, ConfirmView)
    assert view.name.text() == "<i>Eve</i> x"
    assert view.device.text() == "a b"


def test_a_missing_name_is_asked_for(make: Make, backend: ScriptedBackend) -> None:
    dialog = make(asked=ASKED)
    assert backend.count(requests.OpenPairing) == 0
    assert isinstance(dialog._view, ConfirmView)
    dialog._view.name.clear()
    dialog.confirm.click()
    assert backend.count(requests.ConfirmPairing) == 0
    assert dialog._view.name.accessibleDescription().startswith("Bitte")


def test_refusing(make: Make, backend: ScriptedBackend) -> None:
    dialog = make(asked=ASKED)
    dialog.reject_button.click()
    assert backend.count(requests.RejectPairing) == 1
    assert "Abgelehnt" in result(dialog)


def test_closing_while_somebody_asks_refuses(make: Make, backend: ScriptedBackend) -> None:
    dialog = make(asked=ASKED)
    dialog.close()
    assert backend.count(requests.RejectPairing) == 1


def test_a_failed_confirmation_is_said(qtbot: QtBot, make: Make, backend: ScriptedBackend) -> None:
    backend.refuse[requests.ConfirmPairing] = Failure(code="disk_full")
    dialog = make(asked=ASKED)
    dialog.confirm.click()
    assert not dialog.confirm.isEnabled()
    qtbot.waitUntil(dialog.confirm.isEnabled)
    assert "Datenträger" in dialog.answer.text()


def test_who_is_no_admin_gets_a_sentence_and_no_new_code(
    qtbot: QtBot, make: Make, backend: ScriptedBackend
) -> None:
    backend.refuse[requests.OpenPairing] = Failure(code="not_admin")
    dialog = make()
    qtbot.waitUntil(lambda: isinstance(dialog._view, ResultView))
    assert "Admins" in result(dialog)
    assert not dialog.fresh.isVisible()


def test_a_lost_connection_can_ask_again(qtbot: QtBot, make: Make, backend: ScriptedBackend) -> None:
    dialog = make(asked=ASKED)
    backend.event.emit(events.PairingFinished(person=None, failure=Failure(code="connection_lost")))
    assert "abgebrochen" in result(dialog)
    backend.event.emit(ASKED)
    assert isinstance(dialog._view, ConfirmView)


def test_a_further_device_keeps_its_person(qtbot: QtBot, make: Make, backend: ScriptedBackend) -> None:
    weber = backend.script.people["Dr. Karin Weber"]
    dialog = make(person=weber)
    shown(qtbot, dialog)
    assert backend.last(requests.OpenPairing).person == weber.person
    backend.event.emit(ASKED)
    dialog.confirm.click()
    asked = backend.last(requests.ConfirmPairing)
    assert (asked.person_name, asked.role, asked.device_name) == ("Dr. Karin Weber", "Ärztin", "Labor 1")


def test_the_code_stays_on_the_clipboard_only_for_a_while(qtbot: QtBot, make: Make) -> None:
    dialog = make()
    view = shown(qtbot, dialog)
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == CODE
    assert view.copied.text()
    view._secret._timer.timeout.emit()
    assert QGuiApplication.clipboard().text() == ""
