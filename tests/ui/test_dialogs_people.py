"""People and devices: who is shown, comparing, names, rights, removing."""

from collections.abc import Callable, Iterator

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.core import events, requests
from app.core.views import Failure
from app.ui.controls import Button
from app.ui.dialogs.message import Message
from app.ui.dialogs.people import PeopleDialog
from app.ui.dialogs.person_page import DeviceCard, PersonPage
from app.ui.dialogs.safety import SafetyPage, groups_of
from app.ui.i18n import Translations
from app.ui.look import Look
from tests.ui.backend import ScriptedBackend

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
Make = Callable[..., PeopleDialog]


@pytest.fixture
def make(qtbot: QtBot, look: Look, german: Translations, backend: ScriptedBackend) -> Iterator[Make]:
    parent = QWidget()
    qtbot.addWidget(parent)

    def open_dialog(name: str | None = None) -> PeopleDialog:
        person = backend.script.people[name].person if name else None
        dialog = PeopleDialog(look, backend, lambda: "de", parent, person)
        dialog.open()
        qtbot.waitUntil(lambda: dialog._page is not None)
        return dialog

    yield open_dialog


def page(dialog: PeopleDialog) -> PersonPage:
    assert isinstance(dialog._page, PersonPage)
    return dialog._page


def buttons(widget: QWidget) -> dict[str, Button]:
    return {button.text(): button for button in widget.findChildren(Button)}


def question(dialog: QWidget) -> Message:
    return next(message for message in dialog.findChildren(Message) if message.isVisible())


def demote(backend: ScriptedBackend, name: str) -> None:
    people = backend.script.people
    people[name] = msgspec.structs.replace(people[name], admin=False)


def test_everybody_is_listed_oneself_first_and_the_removed_last(make: Make) -> None:
    dialog = make()
    model = dialog.list.model()
    shown = [model.index(at, 0).data() for at in range(model.rowCount())]
    assert shown[0] == "Anna Lindner" and shown[-1] == "Kim Morgen"
    spoken = model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Dr. Karin Weber, Ärztin, Admin, erreichbar"


def test_arrows_choose_and_the_right_side_follows(make: Make) -> None:
    dialog = make()
    dialog.list.setFocus()
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    assert len(page(dialog).findChildren(DeviceCard)) == 2
    assert "Schreiben" in buttons(page(dialog))


def test_the_own_device_cannot_be_compared_or_removed(make: Make) -> None:
    card = page(make()).findChildren(DeviceCard)[0]
    assert not card.findChildren(Button)


def test_the_safety_number_is_shown_and_marked(qtbot: QtBot, make: Make, backend: ScriptedBackend) -> None:
    dialog = make("Dr. Karin Weber")
    device = backend.script.people["Dr. Karin Weber"].devices[1]
    card = page(dialog).findChildren(DeviceCard)[1]
    card.compare.click()
    assert isinstance(dialog._page, SafetyPage)
    safety = dialog._page
    qtbot.waitUntil(lambda: safety.same.isEnabled())
    assert [len(group) for group in safety.board.code.split()] == [5] * 12
    safety.same.click()
    qtbot.waitUntil(lambda: isinstance(dialog._page, PersonPage))
    assert backend.last(requests.MarkVerified) == requests.MarkVerified(device=device.device, verified=True)


def test_sixty_digits_stand_in_groups_of_five() -> None:
    assert groups_of("12345" * 12) == " ".join(["12345"] * 12)


def test_different_digits_lead_to_removing_the_device(
    qtbot: QtBot, make: Make, backend: ScriptedBackend
) -> None:
    dialog = make("Dr. Karin Weber")
    page(dialog).findChildren(DeviceCard)[1].compare.click()
    safety = dialog._page
    assert isinstance(safety, SafetyPage)
    safety.differ.click()
    assert safety.notice.text() and not safety.same.isVisible()
    safety.revoke.click()
    assert backend.count(requests.RevokeDevice) == 0
    question(dialog).accept_button.click()
    device = backend.script.people["Dr. Karin Weber"].devices[1].device
    assert backend.last(requests.RevokeDevice).device == device


def test_a_number_that_cannot_be_made_is_said(qtbot: QtBot, make: Make, backend: ScriptedBackend) -> None:
    backend.refuse[requests.SafetyNumber] = Failure(code="unknown_device")
    dialog = make("Jana Meier")
    page(dialog).findChildren(DeviceCard)[0].compare.click()
    safety = dialog._page
    assert isinstance(safety, SafetyPage)
    qtbot.waitUntil(lambda: "Gerät" in safety.notice.text())
    assert not safety.same.isEnabled()


def test_renaming(qtbot: QtBot, make: Make, backend: ScriptedBackend) -> None:
    dialog = make("Tarik Sahin")
    shown = page(dialog)
    shown.rename.click()
    shown.name.clear()
    QTest.keyClick(shown.name, Qt.Key.Key_Return)
    assert backend.count(requests.RenamePerson) == 0
    shown.name.setText("Tarik Şahin")
    shown.role.setText("MFA, Labor")
    QTest.keyClick(shown.role, Qt.Key.Key_Return)
    person = backend.script.people["Tarik Sahin"].person
    assert backend.last(requests.RenamePerson) == requests.RenamePerson(
        person=person, name="Tarik Şahin", role="MFA, Labor"
    )
    qtbot.waitUntil(lambda: not page(dialog).editing)


def test_a_refused_name_keeps_the_input_open(qtbot: QtBot, make: Make, backend: ScriptedBackend) -> None:
    backend.refuse[requests.RenamePerson] = Failure(code="name_too_long", detail={"limit": 80})
    dialog = make("Tarik Sahin")
    page(dialog).rename.click()
    page(dialog)._save()
    qtbot.waitUntil(lambda: "80" in dialog.answer.text())
    assert page(dialog).editing


def test_rights_are_asked_for_first(qtbot: QtBot, make: Make, backend: ScriptedBackend) -> None:
    dialog = make("Tarik Sahin")
    buttons(page(dialog))["Zum Admin machen"].click()
    QTest.keyClick(question(dialog), Qt.Key.Key_Return)
    assert backend.count(requests.SetRole) == 0
    buttons(page(dialog))["Zum Admin machen"].click()
    question(dialog).accept_button.click()
    person = backend.script.people["Tarik Sahin"].person
    assert backend.last(requests.SetRole) == requests.SetRole(person=person, admin=True)


def test_removing_a_person_is_asked_for_first(qtbot: QtBot, make: Make, backend: ScriptedBackend) -> None:
    dialog = make("Tarik Sahin")
    buttons(page(dialog))["Person entfernen"].click()
    message = question(dialog)
    QTest.keyClick(message, Qt.Key.Key_Escape)
    assert backend.count(requests.RevokePerson) == 0
    buttons(page(dialog))["Person entfernen"].click()
    question(dialog).accept_button.click()
    assert backend.last(requests.RevokePerson).person == backend.script.people["Tarik Sahin"].person


def test_the_last_admin_stays(qtbot: QtBot, make: Make, backend: ScriptedBackend) -> None:
    backend.refuse[requests.SetRole] = Failure(code="last_admin")
    dialog = make("Anna Lindner")
    buttons(page(dialog))["Admin-Recht nehmen"].click()
    question(dialog).accept_button.click()
    qtbot.waitUntil(lambda: "mindestens einen Admin" in dialog.answer.text())


def test_who_is_no_admin_is_offered_only_what_works(make: Make, backend: ScriptedBackend) -> None:
    demote(backend, "Anna Lindner")
    dialog = make("Tarik Sahin")
    shown = buttons(page(dialog))
    assert "Schreiben" in shown and "Sicherheitsnummer" in shown
    for absent in ("Umbenennen", "Gerät entfernen", "Person entfernen", "Zum Admin machen"):
        assert absent not in shown
    assert not dialog.add.isVisible()


def test_a_single_admin_is_asked_for_a_second_one(qtbot: QtBot, make: Make, backend: ScriptedBackend) -> None:
    demote(backend, "Dr. Karin Weber")
    dialog = make()
    assert "zweite Person" in dialog.hint.text()
    people = backend.script.people
    people["Jana Meier"] = msgspec.structs.replace(people["Jana Meier"], admin=True)
    dialog.handle(events.PeopleChanged())
    qtbot.waitUntil(lambda: not dialog.hint.text())


def test_news_keep_the_chosen_person_and_an_open_input(
    qtbot: QtBot, make: Make, backend: ScriptedBackend
) -> None:
    dialog = make("Tarik Sahin")
    page(dialog).rename.click()
    page(dialog).name.setText("half typed")
    people = backend.script.people
    people["Tarik Sahin"] = msgspec.structs.replace(people["Tarik Sahin"], role="Arzt")
    before = backend.count(requests.ListPeople)
    for _ in range(20):
        dialog.handle(events.PeopleChanged())
    qtbot.waitUntil(lambda: backend.count(requests.ListPeople) > before and not backend.waiting)
    assert backend.count(requests.ListPeople) == before + 1
    assert page(dialog).name.text() == "half typed"


def test_writing_and_adding_close_the_dialog(qtbot: QtBot, make: Make, backend: ScriptedBackend) -> None:
    tarik = backend.script.people["Tarik Sahin"].person
    dialog = make("Tarik Sahin")
    with qtbot.waitSignal(dialog.write_wanted) as wanted:
        buttons(page(dialog))["Schreiben"].click()
    assert wanted.args == [tarik] and not dialog.isVisible()
    dialog = make("Tarik Sahin")
    with qtbot.waitSignal(dialog.device_wanted) as wanted:
        buttons(page(dialog))["Gerät hinzufügen"].click()
    assert wanted.args == [tarik]


def test_the_list_that_does_not_come_is_said(qtbot: QtBot, look: Look, backend: ScriptedBackend) -> None:
    backend.refuse[requests.ListPeople] = Failure(code="locked")
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = PeopleDialog(look, backend, lambda: "de", parent)
    qtbot.waitUntil(lambda: "gesperrt" in dialog.answer.text())
