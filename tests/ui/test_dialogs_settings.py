"""Settings: what is stored under which key, the PIN, and that everything follows at once."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.core import requests
from app.core.views import Failure
from app.ui import preferences as pref
from app.ui.controls import Combo
from app.ui.dialogs.settings import SettingsDialog
from app.ui.i18n import Translations
from app.ui.look import Look
from app.ui.preferences import Preferences
from tests.ui.backend import PIN, ScriptedBackend

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def dialog(
    qtbot: QtBot, look: Look, german: Translations, backend: ScriptedBackend
) -> Iterator[SettingsDialog]:
    parent = QWidget()
    qtbot.addWidget(parent)
    backend.settings.clear()
    dialog = SettingsDialog(look, backend, Preferences(backend), lambda: "de", backend.status, parent)
    dialog.open()
    yield dialog
    backend.event.disconnect(dialog.handle)


def pick(qtbot: QtBot, dialog: SettingsDialog, name: str, text: str) -> None:
    def found() -> list[Combo]:
        return [one for one in dialog.findChildren(Combo) if one.accessibleName() == name and one.isVisible()]

    qtbot.waitUntil(lambda: len(found()) == 1)
    combo = found()[0]
    at = combo.findText(text)
    assert at >= 0
    combo.setCurrentIndex(at)
    combo.activated.emit(at)


@pytest.mark.parametrize(
    ("name", "text", "key", "value"),
    [
        ("Sprache", "English", pref.LANGUAGE, b"en"),
        ("Farben", "Dunkel", pref.THEME, b"dark"),
        ("Textgröße", "150 %", pref.TEXT_PERCENT, b"150"),
    ],
)
def test_choices_are_stored_and_followed(
    qtbot: QtBot,
    dialog: SettingsDialog,
    backend: ScriptedBackend,
    name: str,
    text: str,
    key: str,
    value: bytes,
) -> None:
    with qtbot.waitSignal(dialog.changed):
        pick(qtbot, dialog, name, text)
    qtbot.waitUntil(lambda: backend.settings.get(key) == value)
    first = {"Sprache": "Wie das System", "Farben": "Wie das System", "Textgröße": "100 %"}[name]
    with qtbot.waitSignal(dialog.changed):
        pick(qtbot, dialog, name, first)
    qtbot.waitUntil(lambda: key not in backend.settings)


def test_switches_are_stored(qtbot: QtBot, dialog: SettingsDialog, backend: ScriptedBackend) -> None:
    assert dialog.notify.isChecked() and not dialog.notify_content.isChecked()
    dialog.notify_content.click()
    qtbot.waitUntil(lambda: backend.settings.get(pref.NOTIFY_CONTENT) == b"on")
    dialog.notify.click()
    qtbot.waitUntil(lambda: backend.settings.get(pref.NOTIFY) == b"off")
    assert not dialog.notify_content.isEnabled()
    dialog.close_to_tray.click()
    qtbot.waitUntil(lambda: backend.settings.get(pref.CLOSE_TO_TRAY) == b"off")
    dialog.close_to_tray.click()
    qtbot.waitUntil(lambda: pref.CLOSE_TO_TRAY not in backend.settings)


def test_another_text_size_shows_in_the_dialog_itself(
    qtbot: QtBot, dialog: SettingsDialog, look: Look
) -> None:
    dialog.changed.connect(lambda: look.choose(theme="light", text_percent=150))
    before = dialog.done_button
    pick(qtbot, dialog, "Textgröße", "150 %")
    qtbot.waitUntil(lambda: dialog.done_button is not before)
    assert dialog.done_button.sizeHint().height() > 36 or dialog.minimumWidth() > 480
    look.choose(theme="light", text_percent=100)


def type_pin(dialog: SettingsDialog, current: str, new: str, repeat: str) -> None:
    for edit, text in ((dialog.pin.current, current), (dialog.pin.new, new), (dialog.pin.repeat, repeat)):
        edit.setText(text)
    QTest.keyClick(dialog.pin.repeat, Qt.Key.Key_Return)


def test_changing_the_pin(qtbot: QtBot, dialog: SettingsDialog, backend: ScriptedBackend) -> None:
    dialog.pin.set.click()
    type_pin(dialog, PIN, "8642", "8643")
    assert backend.count(requests.SetPin) == 0
    assert "nicht überein" in dialog.pin.repeat.accessibleDescription()
    type_pin(dialog, PIN, "8642", "8642")
    assert backend.last(requests.SetPin) == requests.SetPin(current_pin=PIN, new_pin="8642")
    qtbot.waitUntil(lambda: "gesetzt" in dialog.pin.notice.text())
    assert not dialog.pin.open
    assert dialog.pin.current.text() == dialog.pin.new.text() == ""


def test_removing_and_setting_the_pin(qtbot: QtBot, dialog: SettingsDialog, backend: ScriptedBackend) -> None:
    dialog.pin.remove.click()
    assert not dialog.pin.new.isVisible()
    dialog.pin.current.setText(PIN)
    dialog.pin.save.click()
    assert backend.last(requests.SetPin) == requests.SetPin(current_pin=PIN, new_pin=None)
    qtbot.waitUntil(lambda: "entfernt" in dialog.pin.notice.text())
    assert not dialog.pin.remove.isVisible()
    dialog.pin.set.click()
    assert not dialog.pin.current.isVisible()
    type_pin(dialog, "", "8642", "8642")
    assert backend.last(requests.SetPin) == requests.SetPin(current_pin=None, new_pin="8642")


@pytest.mark.parametrize(
    ("failure", "where", "words"),
    [
        (Failure(code="wrong_pin", detail={"tries_left": 3}), "current", "3"),
        (Failure(code="pin_wait", detail={"wait_s": 30}), "current", "30"),
        (Failure(code="pin_simple"), "new", "leicht"),
        (Failure(code="pin_short", detail={"minimum": 4}), "new", "4"),
    ],
)
def test_a_refused_pin_is_said_at_its_input(
    qtbot: QtBot, dialog: SettingsDialog, backend: ScriptedBackend, failure: Failure, where: str, words: str
) -> None:
    backend.refuse[requests.SetPin] = failure
    dialog.pin.set.click()
    type_pin(dialog, PIN, "1234", "1234")
    edit = getattr(dialog.pin, where)
    qtbot.waitUntil(lambda: words in edit.accessibleDescription())
    assert dialog.pin.open and dialog.pin.save.isEnabled()


def test_nothing_is_asked_twice_while_the_pin_is_checked(
    dialog: SettingsDialog, backend: ScriptedBackend
) -> None:
    backend.hold = True
    dialog.pin.set.click()
    type_pin(dialog, PIN, "8642", "8642")
    QTest.keyClick(dialog.pin.repeat, Qt.Key.Key_Return)
    assert backend.count(requests.SetPin) == 1


def test_locking_closes_the_dialog(qtbot: QtBot, dialog: SettingsDialog, backend: ScriptedBackend) -> None:
    dialog.pin.set.click()
    dialog.pin.current.setText(PIN)
    backend.change(locked=True)
    assert not dialog.isVisible()
