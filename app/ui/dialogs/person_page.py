"""One person in the people dialog: name and role, devices, rights, removal."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core.views import DeviceRow, PersonRow, Reach
from app.ui import words
from app.ui.controls import Button, Elided, Face, Kind, Panel, Picture, Text
from app.ui.dialogs.parts import Field, Tag, line_edit, plain_column
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import name, one_line

_C: Final = "People"


def device_state(device: DeviceRow) -> str:
    """ "reachable", "last seen …", "removed"; then when it was admitted."""
    if device.revoked:
        return translate(_C, "Removed from the practice")
    state = words.reach(device.reach)
    if device.reach is Reach.OFFLINE and device.last_seen_ms:
        state = words.last_seen(device.last_seen_ms)
    since = translate(_C, "added {day}").format(day=words.short_date(words.moment(device.admitted_ms).date()))
    return f"{state}, {since}"


class DeviceCard(Panel):
    """`compare_wanted` and `revoke_wanted` carry the DeviceRow."""

    compare_wanted = Signal(object)
    revoke_wanted = Signal(object)

    def __init__(self, look: Look, device: DeviceRow, *, can_revoke: bool, own_person: bool) -> None:
        super().__init__(look, "panel", radius=12, border=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(Picture(look, "monitor", 20, "secondary" if device.revoked else "accent"))
        lines = QVBoxLayout()
        lines.setSpacing(0)
        shown = name(device.name, translate(_C, "Device without a name"))
        first = Elided(look, Size.BODY, strong=True, tone="secondary" if device.revoked else "text")
        first.set_text(shown)
        second = Elided(look, Size.SMALL, tone="secondary")
        second.set_text(device_state(device))
        lines.addWidget(first)
        lines.addWidget(second)
        top.addLayout(lines, 1)
        if device.own:
            top.addWidget(Tag(look, translate(_C, "This device")))
        elif device.verified and not device.revoked:
            top.addWidget(Tag(look, translate(_C, "Compared"), "good"))
        column.addLayout(top)
        if device.own or device.revoked:
            return
        row = QHBoxLayout()
        row.setContentsMargins(32, 0, 0, 0)
        row.setSpacing(8)
        self.compare = Button(
            look, translate(_C, "Safety number"), "shield-check", small=True,
            click=lambda: self.compare_wanted.emit(device),
        )  # fmt: skip
        self.compare.setAccessibleName(translate(_C, "Safety number of {device}").format(device=shown))
        row.addWidget(self.compare)
        if can_revoke:
            remove = Button(
                look, translate(_C, "Remove device"), small=True,
                click=lambda: self.revoke_wanted.emit(device),
            )  # fmt: skip
            remove.setAccessibleName(translate(_C, "Remove the device {device}").format(device=shown))
            row.addWidget(remove)
        row.addStretch(1)
        column.addLayout(row)


class PersonPage(QWidget):
    """Signals ask; the dialog decides. `renamed` carries name and role."""

    write_wanted = Signal()
    device_wanted = Signal()
    renamed = Signal(str, str)
    admin_wanted = Signal(bool)
    revoke_wanted = Signal()
    compare_wanted = Signal(object)
    revoke_device_wanted = Signal(object)

    def __init__(self, look: Look, person: PersonRow, *, own_admin: bool) -> None:
        super().__init__()
        self._look, self._person, self._admin = look, person, own_admin
        column = plain_column(self, 8)
        self._head = self._make_head()
        column.addWidget(self._head)
        self._form = self._make_form()
        self._form.hide()
        column.addWidget(self._form)
        column.addSpacing(8)
        self._devices(column)
        if own_admin and not person.revoked and not person.external:
            self._rights(column)
        column.addStretch(1)

    @property
    def editing(self) -> bool:
        return self._form.isVisibleTo(self)

    # --- name -----------------------------------------------------------------------------------------------

    def _make_head(self) -> QWidget:
        look, person, widget = self._look, self._person, QWidget()
        outer = plain_column(widget, 12)
        row = QHBoxLayout()
        row.setSpacing(16)
        face = Face(look, 56)
        shown = words.shown_name(person.name)
        face.show_person(shown, person.avatar)
        row.addWidget(face)
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addStretch(1)
        title = Text(look, shown, Size.TITLE, strong=True, wrap=True)
        lines.addWidget(title)
        role = one_line(person.role or "")
        if role:
            lines.addWidget(Text(look, role, Size.SMALL, tone="secondary", wrap=True))
        tags = QHBoxLayout()
        tags.setSpacing(4)
        for text, tone, shows in (
            (translate(_C, "You"), "secondary", person.own),
            (translate(_C, "Admin"), "accent", person.admin and not person.revoked),
            (translate(_C, "External"), "warning", person.external),
            (translate(_C, "Removed"), "warning", person.revoked),
        ):
            if shows:
                tags.addWidget(Tag(look, text, tone))
        tags.addStretch(1)
        if tags.count() > 1:
            lines.addSpacing(2)
            lines.addLayout(tags)
        lines.addStretch(1)
        row.addLayout(lines, 1)
        outer.addLayout(row)
        actions = QHBoxLayout()
        actions.setSpacing(8)
        if not person.own and not person.revoked:
            actions.addWidget(
                Button(
                    look, translate(_C, "Write"), "message-square", kind=Kind.FILLED,
                    click=self.write_wanted.emit,
                )
            )  # fmt: skip
        if (person.own or self._admin) and not person.revoked and not person.external:
            self.rename = Button(look, translate(_C, "Rename"), "pencil", click=self._edit)
            actions.addWidget(self.rename)
        actions.addStretch(1)
        if actions.count() > 1:
            outer.addLayout(actions)
        return widget

    def _make_form(self) -> QWidget:
        look, widget = self._look, QWidget()
        column = plain_column(widget, 12)
        self.name = line_edit(look, one_line(self._person.name or ""))
        self.role = line_edit(look, one_line(self._person.role or ""))
        self.name_field = Field(look, translate(_C, "Name"), self.name)
        column.addWidget(self.name_field)
        column.addWidget(Field(look, translate(_C, "Role"), self.role))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(Button(look, translate(_C, "Cancel"), click=self.stop_editing))
        row.addWidget(Button(look, translate(_C, "Save"), kind=Kind.FILLED, click=self._save))
        column.addLayout(row)
        self.name.returnPressed.connect(self._save)
        self.role.returnPressed.connect(self._save)
        self.name.textEdited.connect(lambda: self.name_field.complain(""))
        return widget

    def _edit(self) -> None:
        self._head.hide()
        self._form.show()
        self.name.setFocus(Qt.FocusReason.OtherFocusReason)
        self.name.selectAll()

    def stop_editing(self) -> None:
        self._form.hide()
        self._head.show()

    def _save(self) -> None:
        title = self.name.text().strip()
        if not title:
            self.name_field.complain(translate(_C, "Please enter a name."))
            self.name.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.renamed.emit(title, self.role.text().strip())

    # --- devices and rights ---------------------------------------------------------------------------------

    def _devices(self, column: QVBoxLayout) -> None:
        look, person = self._look, self._person
        row = QHBoxLayout()
        row.addWidget(Text(look, translate(_C, "Devices"), Size.SMALL, strong=True, tone="secondary"), 1)
        if self._admin and not person.revoked and not person.external:
            add = Button(
                look, translate(_C, "Add device"), kind=Kind.LINK, small=True, click=self.device_wanted.emit
            )
            row.addWidget(add)
        column.addLayout(row)
        order = sorted(person.devices, key=lambda device: (device.revoked, not device.own))
        for device in order:
            card = DeviceCard(
                look, device, can_revoke=self._admin and not person.external, own_person=person.own
            )
            card.compare_wanted.connect(self.compare_wanted)
            card.revoke_wanted.connect(self.revoke_device_wanted)
            column.addWidget(card)
        if not order:
            none = translate(_C, "No device yet.")
            column.addWidget(Text(look, none, Size.SMALL, tone="secondary"))

    def _rights(self, column: QVBoxLayout) -> None:
        look, person = self._look, self._person
        column.addSpacing(8)
        column.addWidget(Text(look, translate(_C, "Rights"), Size.SMALL, strong=True, tone="secondary"))
        card = Panel(look, "panel", radius=12, border=True)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(14, 12, 14, 12)
        inside.setSpacing(12)
        text = translate(_C, "Admins add and remove devices and people.")
        action = translate(_C, "Take admin right") if person.admin else translate(_C, "Make admin")
        inside.addLayout(self._line(text, action, "crown", lambda: self.admin_wanted.emit(not person.admin)))
        if not person.own:
            text = translate(_C, "Takes all devices of this person out of the practice.")
            action = translate(_C, "Remove person")
            inside.addLayout(self._line(text, action, "user-x", self.revoke_wanted.emit))
        column.addWidget(card)

    def _line(self, text: str, action: str, icon: str, click: object) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(Text(self._look, text, Size.SMALL, tone="secondary", wrap=True), 1)
        assert callable(click)
        row.addWidget(Button(self._look, action, icon, small=True, click=click))
        return row
