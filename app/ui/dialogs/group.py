"""New group, and managing one: title, members, leaving."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core import events
from app.core.limits import MAX_TITLE_CHARS
from app.core.requests import (
    AddGroupMembers,
    CreateGroup,
    GetConversation,
    LeaveGroup,
    RemoveGroupMember,
    RenameGroup,
)
from app.core.views import AnyView, ConversationDetails, ConversationRow, Member, PersonRow
from app.ui import words
from app.ui.backend import Backend
from app.ui.controls import Button, Elided, Face, Kind, Panel, Picture, Text
from app.ui.dialogs.base import BaseDialog
from app.ui.dialogs.parts import Field, Scroll, fit, line_edit, plain_column
from app.ui.dialogs.picker import PersonPicker, can_be_member
from app.ui.dialogs.question import ask
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import name, one_line
from app.ui.sidebar.panel import SearchField
from crypto.ids import ConversationId, PersonId

_C: Final = "Group"
_MANY: Final = 6
"""From this number of people on there is a filter."""


class MemberChoice(QWidget):
    """Filter, list with check boxes, how many are ticked."""

    changed = Signal()

    def __init__(self, look: Look, people: list[PersonRow]) -> None:
        super().__init__()
        column = plain_column(self, 8)
        self.filter = SearchField(look)
        self.filter.show_hint = False
        self.filter.setPlaceholderText(translate(_C, "Filter by name or role"))
        self.filter.setAccessibleName(translate(_C, "Filter by name or role"))
        self.filter.setVisible(len(people) >= _MANY)
        card = Panel(look, "panel", radius=12, border=True)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(4, 8, 4, 8)
        self.list = PersonPicker(look, people)
        self._none = Text(look, "", Size.SMALL, tone="secondary", wrap=True)
        self._none.setContentsMargins(12, 8, 12, 8)
        inside.addWidget(self.list, 1)
        inside.addWidget(self._none)
        self._count = Text(look, "", Size.SMALL, tone="secondary")
        column.addWidget(self.filter)
        column.addWidget(card, 1)
        column.addWidget(self._count)
        self.filter.textChanged.connect(self._narrow)
        self.filter.moved.connect(lambda _: self.list.setFocus(Qt.FocusReason.ShortcutFocusReason))
        self.list.changed.connect(self._ticked)
        self._narrow("")
        self._ticked()

    def _narrow(self, text: str) -> None:
        shown = self.list.narrow(text)
        self._none.setText(
            translate(_C, "Nobody else is in the practice yet. “Add device” lets colleagues in.")
            if self.list.empty
            else translate(_C, "Nobody fits this filter.")
        )
        self._none.setVisible(not shown)
        self.list.setVisible(bool(shown))

    def _ticked(self) -> None:
        count = len(self.list.picked())
        self._count.setText(translate(_C, "%n people chosen", "", count))
        self.changed.emit()


class NewGroup(BaseDialog):
    """`created` names the new conversation."""

    created = Signal(object)

    def __init__(
        self, look: Look, backend: Backend, people: list[PersonRow], language: Callable[[], str],
        parent: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(look, language, parent, translate(_C, "New group"), 480)
        self._backend = backend
        self.title = line_edit(look, limit=MAX_TITLE_CHARS)
        self.title_field = Field(look, translate(_C, "Name of the group"), self.title)
        self.title.textEdited.connect(lambda: self.title_field.complain(""))
        self.members = MemberChoice(look, [row for row in people if can_be_member(row)])
        self.body.addSpacing(8)
        self.body.addWidget(self.title_field)
        self.body.addSpacing(8)
        self.body.addWidget(Text(look, translate(_C, "Members"), Size.SMALL, strong=True))
        self.body.addWidget(self.members, 1)
        self.cancel = Button(look, translate(_C, "Cancel"), click=self.reject)
        self.create_button = Button(
            look, translate(_C, "Create group"), "users", kind=Kind.FILLED, click=self._create
        )
        self.create_button.setDefault(True)
        self.foot.addWidget(self.cancel)
        self.foot.addWidget(self.create_button)
        self.members.changed.connect(lambda: self.say(""))
        fit(self, 0, look.line(600))
        self.title.setFocus(Qt.FocusReason.OtherFocusReason)

    def _create(self) -> None:
        title, picked = self.title.text().strip(), self.members.list.picked()
        if not title:
            self.title_field.complain(translate(_C, "Please give the group a name."))
            self.title.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not picked:
            self.say(translate(_C, "Please choose at least one member."))
            self.members.list.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.create_button.setEnabled(False)
            request = CreateGroup(circle=None, title=title, members=picked)
            self._backend.ask(request, self._answered)

    def _answered(self, view: AnyView) -> None:
        self.create_button.setEnabled(True)
        self.checked(self._made)(view)

    def _made(self, view: AnyView) -> None:
        if isinstance(view, ConversationRow):
            self.accept()
            self.created.emit(view.conversation)


class MemberRow(QWidget):
    """Avatar, name, role; an admin of the group can take others out."""

    def __init__(self, look: Look, member: Member, remove: Callable[[], object] | None) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(12)
        face = Face(look, 32)
        shown = words.shown_name(member.name)
        face.show_person(shown, member.avatar)
        row.addWidget(face)
        lines = QVBoxLayout()
        lines.setSpacing(0)
        first = Elided(look, Size.BODY)
        first.set_text(translate(_C, "{name} (you)").format(name=shown) if member.own else shown)
        lines.addWidget(first)
        details = [one_line(member.role or "")]
        if member.admin:
            details.append(translate(_C, "admin of the group"))
        below = ", ".join(part for part in details if part)
        if below:
            second = Elided(look, Size.SMALL, tone="secondary")
            second.set_text(below)
            lines.addWidget(second)
        row.addLayout(lines, 1)
        if member.admin:
            row.addWidget(Picture(look, "crown", 16))
        if remove is not None:
            tip = translate(_C, "Remove {name} from the group").format(name=shown)
            row.addWidget(Button(look, "", "user-minus", kind=Kind.FLAT, small=True, tip=tip, click=remove))


class ManageGroup(BaseDialog):
    """Members and title of a group; what is not allowed is not offered."""

    def __init__(
        self, look: Look, backend: Backend, conversation: ConversationId, people: list[PersonRow],
        language: Callable[[], str], parent: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(look, language, parent, translate(_C, "Group"), 540)
        self._backend, self._conversation, self._people = backend, conversation, people
        self._details: ConversationDetails | None = None
        self._choice: MemberChoice | None = None
        self._content = QWidget()
        self._column = plain_column(self._content, 8)
        self.body.addSpacing(4)
        self.body.addWidget(self._content, 1)
        self.leave = Button(look, translate(_C, "Leave group"), "log-out", click=self._ask_leave)
        self.back = Button(look, translate(_C, "Back"), "arrow-left", click=self._members)
        self.add = Button(look, translate(_C, "Add members"), "user-plus", click=self._pick)
        self.confirm = Button(look, translate(_C, "Add"), kind=Kind.FILLED, click=self._add)
        self.close_button = Button(look, translate(_C, "Done"), kind=Kind.FILLED, click=self.accept)
        self.foot.insertWidget(0, self.leave)
        self.foot.insertWidget(0, self.back)
        for button in (self.add, self.confirm, self.close_button):
            self.foot.addWidget(button)
        for button in (self.leave, self.back, self.add, self.confirm):
            button.hide()
        fit(self, 0, look.line(560))
        self._load()

    # --- loading --------------------------------------------------------------------------------------------

    def handle(self, event: events.AnyEvent) -> None:
        """Load anew what another device changed."""
        match event:
            case events.PeopleChanged():
                self._load()
            case events.ConversationsChanged(conversations=which) if not which or self._conversation in which:
                self._load()
            case _:
                pass

    def _load(self) -> None:
        self._backend.ask(GetConversation(conversation=self._conversation), self.checked(self._loaded))

    def _loaded(self, view: AnyView) -> None:
        if isinstance(view, ConversationDetails) and view != self._details:
            self._details = view
            if self._choice is None:
                self._members()

    def _clear(self) -> None:
        while self._column.count():
            item = self._column.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    # --- members --------------------------------------------------------------------------------------------

    def _members(self) -> None:
        details = self._details
        if details is None:
            return
        look, self._choice = self._look, None
        self._clear()
        self.say("")
        self.heading.setText(name(details.title, translate(_C, "Group")))
        inside_group = any(member.own for member in details.members)
        if details.own_admin:
            self._column.addWidget(self._title_row(details.title))
            self._column.addSpacing(8)
        elif inside_group:
            note = translate(_C, "Only admins of the group can rename it, add or remove members.")
            self._column.addWidget(Text(look, note, Size.SMALL, tone="secondary", wrap=True))
        count = translate(_C, "%n members", "", len(details.members))
        self._column.addWidget(Text(look, count, Size.SMALL, strong=True, tone="secondary"))
        card = Panel(look, "panel", radius=12, border=True)
        inside = plain_column(card)
        inside.setContentsMargins(1, 6, 1, 6)
        rows = QWidget()
        column = plain_column(rows)
        for member in sorted(details.members, key=lambda one: (not one.own, (one.name or "").casefold())):
            removable = details.own_admin and not member.own
            remove = (lambda member=member: self._ask_remove(member)) if removable else None
            column.addWidget(MemberRow(look, member, remove))
        column.addStretch(1)
        inside.addWidget(Scroll(rows))
        self._column.addWidget(card, 1)
        self.leave.setVisible(inside_group)
        self.add.setVisible(details.own_admin)
        self.close_button.show()
        self.back.hide()
        self.confirm.hide()

    def _title_row(self, title: str) -> QWidget:
        widget = QWidget()
        row = QHBoxLayout(widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.title = line_edit(self._look, one_line(title, MAX_TITLE_CHARS), MAX_TITLE_CHARS)
        self.title.setAccessibleName(translate(_C, "Name of the group"))
        self.rename = Button(self._look, translate(_C, "Rename"), click=self._rename)
        self.rename.setEnabled(False)
        self.title.textChanged.connect(
            lambda text: self.rename.setEnabled(bool(text.strip()) and text.strip() != title)
        )
        self.title.returnPressed.connect(self._rename)
        row.addWidget(self.title, 1)
        row.addWidget(self.rename)
        return widget

    def _rename(self) -> None:
        if self.rename.isEnabled():
            request = RenameGroup(conversation=self._conversation, title=self.title.text().strip())
            self._backend.ask(request, self.checked(lambda _: self._load()))

    def _ask_remove(self, member: Member) -> None:
        shown = words.shown_name(member.name)
        ask(
            self._look, self, icon="user-minus",
            title=translate(_C, "Remove {name} from the group").format(name=shown),
            text=translate(_C, "No further messages of this group go to {name}.").format(name=shown),
            action=translate(_C, "Remove"), then=lambda: self._remove(member.person),
        )  # fmt: skip

    def _remove(self, person: PersonId) -> None:
        request = RemoveGroupMember(conversation=self._conversation, member=person)
        self._backend.ask(request, self.checked(lambda _: self._load()))

    def _ask_leave(self) -> None:
        details = self._details
        if details is None:
            return
        text = translate(_C, "No further messages of this group arrive here. What arrived before stays.")
        others = [member for member in details.members if not member.own]
        if details.own_admin and others and not any(member.admin for member in others):
            text += " " + translate(_C, "Nobody else is an admin of it: afterwards nobody can change it.")
        ask(
            self._look, self, icon="log-out", title=translate(_C, "Leave group"), text=text,
            action=translate(_C, "Leave group"), then=self._leave,
        )  # fmt: skip

    def _leave(self) -> None:
        request = LeaveGroup(conversation=self._conversation)
        self._backend.ask(request, self.checked(lambda _: self.accept()))

    # --- adding ---------------------------------------------------------------------------------------------

    def _pick(self) -> None:
        details = self._details
        if details is None:
            return
        inside = {member.person for member in details.members}
        people = [row for row in self._people if can_be_member(row) and row.person not in inside]
        self._clear()
        self.heading.setText(translate(_C, "Add members"))
        if people:
            self._choice = MemberChoice(self._look, people)
            self._choice.changed.connect(self._enable)
            self._column.addWidget(self._choice, 1)
            self._choice.list.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._choice = MemberChoice(self._look, [])
            self._column.addWidget(
                Text(
                    self._look,
                    translate(_C, "Everybody of the practice is in this group already."),
                    wrap=True,
                )
            )
            self._column.addStretch(1)
        for button in (self.leave, self.add, self.close_button):
            button.hide()
        self.back.show()
        self.confirm.setVisible(bool(people))
        self._enable()

    def _enable(self) -> None:
        self.confirm.setEnabled(self._choice is not None and bool(self._choice.list.picked()))

    def _add(self) -> None:
        if self._choice is None or not self._choice.list.picked():
            return
        self.confirm.setEnabled(False)
        request = AddGroupMembers(conversation=self._conversation, members=self._choice.list.picked())
        self._backend.ask(request, self._added)

    def _added(self, view: AnyView) -> None:
        self._enable()
        self.checked(self._back_and_load)(view)

    def _back_and_load(self, _: AnyView) -> None:
        self._members()
        self._load()
