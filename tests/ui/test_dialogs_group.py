"""Groups: making one, ticking members, what admins and others may do."""

from collections.abc import Iterator

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.core import events, requests
from app.core.views import ConversationDetails, Failure
from app.ui.controls import Button
from app.ui.dialogs.group import ManageGroup, MemberRow, NewGroup
from app.ui.dialogs.message import Message
from app.ui.dialogs.picker import PersonPicker
from app.ui.i18n import Translations
from app.ui.look import Look
from tests.ui.backend import ScriptedBackend

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def parent(qtbot: QtBot, german: Translations) -> Iterator[QWidget]:
    widget = QWidget()
    qtbot.addWidget(widget)
    yield widget


@pytest.fixture
def new(look: Look, backend: ScriptedBackend, parent: QWidget) -> NewGroup:
    people = list(backend.script.people.values())
    dialog = NewGroup(look, backend, people, lambda: "de", parent)
    dialog.open()
    return dialog


@pytest.fixture
def managed(qtbot: QtBot, look: Look, backend: ScriptedBackend, parent: QWidget) -> ManageGroup:
    people = list(backend.script.people.values())
    where = backend.talk("Wundsprechstunde").conversation
    dialog = ManageGroup(look, backend, where, people, lambda: "de", parent)
    dialog.open()
    qtbot.waitUntil(lambda: bool(dialog.findChildren(MemberRow)))
    return dialog


def names(picker: PersonPicker) -> list[str]:
    model = picker.model()
    return [model.index(at, 0).data() for at in range(model.rowCount()) if not picker.isRowHidden(at)]


def question(dialog: QWidget) -> Message:
    return next(message for message in dialog.findChildren(Message) if message.isVisible())


# --- new --------------------------------------------------------------------------------------------------


def test_only_colleagues_of_the_practice_are_offered(new: NewGroup) -> None:
    shown = names(new.members.list)
    assert "Dr. Karin Weber" in shown
    for absent in ("Anna Lindner", "Apotheke am Musterplatz", "Kim Morgen"):
        assert absent not in shown


def test_keys_tick_and_the_group_is_made(qtbot: QtBot, new: NewGroup, backend: ScriptedBackend) -> None:
    QTest.keyClicks(new.title, "Labor")
    picker = new.members.list
    picker.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(picker, Qt.Key.Key_Space)
    QTest.keyClick(picker, Qt.Key.Key_Down)
    QTest.keyClick(picker, Qt.Key.Key_Down)
    QTest.keyClick(picker, Qt.Key.Key_Space)
    assert "2" in new.members._count.text()
    with qtbot.waitSignal(new.created) as made:
        new.create_button.click()
    people = backend.script.people
    asked = backend.last(requests.CreateGroup)
    assert asked.title == "Labor"
    assert asked.members == (people["Dr. Karin Weber"].person, people["Tarik Sahin"].person)
    assert made.args == [backend.talk("Labor").conversation]
    assert not new.isVisible()


def test_a_click_ticks_and_a_second_one_unticks(new: NewGroup) -> None:
    picker = new.members.list
    place = picker.visualRect(picker.model().index(1, 0)).center()
    QTest.mouseClick(picker.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert [row.name for row in picker.picked_rows()] == ["Jana Meier"]
    QTest.mouseClick(picker.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert picker.picked() == ()


def test_the_filter_narrows_and_keeps_the_ticks(new: NewGroup) -> None:
    picker = new.members.list
    picker._toggle(picker.model().index(0, 0))
    new.members.filter.setText("mfa")
    assert names(picker) == ["Jana Meier", "Tarik Sahin"]
    assert len(picker.picked()) == 1
    new.members.filter.setText("nobody at all")
    assert names(picker) == []
    assert new.members._none.isVisibleTo(new)


def test_what_is_missing_is_said(new: NewGroup, backend: ScriptedBackend) -> None:
    new.create_button.click()
    assert new.title.accessibleDescription().startswith("Bitte")
    new.title.setText("Labor")
    new.create_button.click()
    assert "Mitglied" in new.answer.text()
    assert backend.count(requests.CreateGroup) == 0


def test_a_refused_group_keeps_what_was_typed(qtbot: QtBot, new: NewGroup, backend: ScriptedBackend) -> None:
    backend.refuse[requests.CreateGroup] = Failure(code="too_many_members", detail={"limit": 200})
    new.title.setText("Labor")
    new.members.list._toggle(new.members.list.model().index(0, 0))
    new.create_button.click()
    qtbot.waitUntil(lambda: "200" in new.answer.text())
    assert new.isVisible() and new.title.text() == "Labor"
    assert new.create_button.isEnabled()


# --- managing ---------------------------------------------------------------------------------------------


def test_members_stand_with_their_role_oneself_first(managed: ManageGroup) -> None:
    rows = managed.findChildren(MemberRow)
    assert len(rows) == 4
    assert managed.heading.text() == "Wundsprechstunde"
    assert managed.add.isVisible() and managed.leave.isVisible()


def test_renaming(qtbot: QtBot, managed: ManageGroup, backend: ScriptedBackend) -> None:
    assert not managed.rename.isEnabled()
    managed.title.setText(" Wunden ")
    QTest.keyClick(managed.title, Qt.Key.Key_Return)
    assert backend.last(requests.RenameGroup).title == "Wunden"


def test_removing_is_asked_for_first_and_enter_alone_does_nothing(
    qtbot: QtBot, managed: ManageGroup, backend: ScriptedBackend
) -> None:
    row = next(row for row in managed.findChildren(MemberRow) if row.findChildren(Button))
    button = row.findChildren(Button)[0]
    assert button.accessibleName()
    button.click()
    message = question(managed)
    focused = next(one for one in message.findChildren(Button) if one.text() == "Abbrechen")
    assert focused.isDefault()
    QTest.keyClick(message, Qt.Key.Key_Return)
    assert backend.count(requests.RemoveGroupMember) == 0
    button.click()
    question(managed).accept_button.click()
    assert backend.count(requests.RemoveGroupMember) == 1


def test_leaving(qtbot: QtBot, managed: ManageGroup, backend: ScriptedBackend) -> None:
    managed.leave.click()
    question(managed).accept_button.click()
    qtbot.waitUntil(lambda: not managed.isVisible())
    assert backend.count(requests.LeaveGroup) == 1


def test_adding_offers_only_who_is_not_in_it(
    qtbot: QtBot, managed: ManageGroup, backend: ScriptedBackend
) -> None:
    managed.add.click()
    assert managed._choice is not None
    picker = managed._choice.list
    assert names(picker) == ["Jana Meier", "Maximiliane Freifrau von Hohenlohe-Langenburg"]
    assert not managed.confirm.isEnabled()
    picker._toggle(picker.model().index(0, 0))
    managed.confirm.click()
    assert backend.last(requests.AddGroupMembers).members == (backend.script.people["Jana Meier"].person,)
    qtbot.waitUntil(lambda: managed.close_button.isVisible())


def test_a_failure_is_a_sentence(qtbot: QtBot, managed: ManageGroup, backend: ScriptedBackend) -> None:
    backend.refuse[requests.LeaveGroup] = Failure(code="left_group")
    managed.leave.click()
    question(managed).accept_button.click()
    qtbot.waitUntil(lambda: bool(managed.answer.text()))
    assert managed.isVisible()


def test_who_is_no_admin_of_the_group_is_offered_nothing_that_fails(
    qtbot: QtBot, managed: ManageGroup, backend: ScriptedBackend
) -> None:
    assert managed._details is not None
    details: ConversationDetails = msgspec.structs.replace(managed._details, own_admin=False)
    managed._loaded(details)
    assert not managed.add.isVisible()
    assert managed.leave.isVisible()
    visible = [row for row in managed.findChildren(MemberRow) if row.isVisible()]
    assert not any(row.findChildren(Button) for row in visible)


def test_changes_of_others_are_loaded(qtbot: QtBot, managed: ManageGroup, backend: ScriptedBackend) -> None:
    talk = backend.talk("Wundsprechstunde")
    talk.members = talk.members[:2]
    managed.handle(events.ConversationsChanged(conversations=(talk.conversation,)))
    qtbot.waitUntil(lambda: sum(row.isVisible() for row in managed.findChildren(MemberRow)) == 2)
    before = backend.count(requests.GetConversation)
    managed.handle(events.ConversationsChanged(conversations=(backend.talk("Praxisteam").conversation,)))
    assert backend.count(requests.GetConversation) == before
