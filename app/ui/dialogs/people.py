"""Everybody in the practice with their devices; what admins may change there."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.core import events
from app.core.requests import ListPeople, RenamePerson, Request, RevokeDevice, RevokePerson, SetRole
from app.core.views import AnyView, DeviceRow, People, PersonRow
from app.ui import words
from app.ui.backend import Backend
from app.ui.controls import Button, Kind, Panel
from app.ui.dialogs.base import BaseDialog
from app.ui.dialogs.parts import Notice, Scroll, fit, plain_column
from app.ui.dialogs.person_page import PersonPage
from app.ui.dialogs.question import ask
from app.ui.dialogs.safety import SafetyPage
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import name, one_line
from app.ui.shapes import avatar, fill_round, line_text, polish, ring, square, state_dot, tag, tag_width
from crypto.ids import PersonId

_C: Final = "People"
_ROW: Final = Qt.ItemDataRole.UserRole + 1
_RELOAD_MS: Final = 80
_AnyIndex = QModelIndex | QPersistentModelIndex


class _PersonDelegate(QStyledItemDelegate):
    """52 px rows: avatar with state, name, role, admin or external tag."""

    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: _AnyIndex) -> QSize:
        return QSize(160, 2 * self._look.line(18) + 16)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        look, theme = self._look, self._look.theme
        row: PersonRow = index.data(_ROW)
        painter.save()
        polish(painter)
        body = QRectF(option.rect).adjusted(4, 0, -4, 0)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        fill = theme.panel
        if chosen:
            fill = theme.accent_soft
            outline = look.color(theme.text) if theme.outlined else None
            fill_round(painter, body, 8, look.color(fill), outline)
            bar = QRectF(body.left(), body.center().y() - 14, 3, 28)
            fill_round(painter, bar, 1.5, look.color(theme.accent))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            fill = theme.hover
            fill_round(painter, body, 8, look.color(fill))
        if option.state & QStyle.StateFlag.State_HasFocus:
            ring(painter, body, 8, look.color(theme.accent))
        if row.revoked:
            painter.setOpacity(0.45)
        self._content(painter, body, row, fill, strong=chosen)
        painter.restore()

    def _content(self, painter: QPainter, body: QRectF, row: PersonRow, fill: str, *, strong: bool) -> None:
        look, theme = self._look, self._look.theme
        face = QRectF(body.left() + 10, body.center().y() - 18, 36, 36)
        if row.inbox:
            square(painter, look, face, "inbox")
        else:
            avatar(painter, look, face, words.shown_name(row.name), row.avatar)
            if not row.revoked and not row.own:
                state_dot(painter, look, face, row.reach, fill)
        line, left = look.line(18), body.left() + 58
        first = QRectF(left, body.center().y() - line, body.right() - left - 10, line)
        second = first.translated(0, line)
        line_text(painter, look, first, words.shown_name(row.name), Size.BODY, theme.text, strong=strong)
        word, color, soft = "", theme.accent, theme.accent_soft if not strong else theme.panel
        if row.external:
            word, color, soft = translate(_C, "External"), theme.warning, theme.warning_soft
        elif row.admin and not row.revoked:
            word = translate(_C, "Admin")
        if word:
            tag(painter, look, second.right(), second.center().y(), word, color, soft)
            second.setRight(second.right() - tag_width(look, word) - 6)
        line_text(painter, look, second, second_line(row), Size.SMALL, theme.secondary)


def second_line(row: PersonRow) -> str:
    if row.revoked:
        return translate(_C, "Removed from the practice")
    return one_line(row.role or "") or translate(_C, "%n devices", "", len(row.devices))


def spoken(row: PersonRow) -> str:
    """The row as a sentence for screen readers."""
    parts = [words.shown_name(row.name), second_line(row)]
    if row.admin and not row.revoked:
        parts.append(translate(_C, "Admin"))
    if row.external:
        parts.append(translate(_C, "External"))
    if not row.own and not row.revoked:
        parts.append(words.reach(row.reach))
    return ", ".join(parts)


class PersonList(QListView):
    """Arrows and clicks choose; `chosen` carries the PersonId."""

    chosen = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._model = QStandardItemModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_PersonDelegate(look, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(translate(_C, "People"))
        self.selectionModel().currentChanged.connect(self._moved)

    def show_rows(self, rows: list[PersonRow]) -> None:
        """Exchange the facts and keep the place."""
        self.selectionModel().blockSignals(True)
        while self._model.rowCount() > len(rows):
            self._model.removeRow(self._model.rowCount() - 1)
        while self._model.rowCount() < len(rows):
            self._model.appendRow(QStandardItem())
        for at, row in enumerate(rows):
            item = self._model.item(at)
            if item.data(_ROW) != row:
                item.setText(words.shown_name(row.name))
                item.setData(row, _ROW)
                item.setData(spoken(row), Qt.ItemDataRole.AccessibleTextRole)
        self.selectionModel().blockSignals(False)

    def choose(self, person: PersonId) -> None:
        for at in range(self._model.rowCount()):
            if self._model.item(at).data(_ROW).person == person:
                self.setCurrentIndex(self._model.index(at, 0))
                return

    def _moved(self, now: QModelIndex) -> None:
        row = now.data(_ROW)
        if isinstance(row, PersonRow):
            self.chosen.emit(row.person)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.setCurrentIndex(self._model.index(0, 0))


class PeopleDialog(BaseDialog):
    """`write_wanted` and `device_wanted` carry a PersonId (or None for a new person) and close the dialog."""

    write_wanted = Signal(object)
    device_wanted = Signal(object)

    def __init__(
        self, look: Look, backend: Backend, language: Callable[[], str], parent: QWidget,
        person: PersonId | None = None,
    ) -> None:  # fmt: skip
        super().__init__(look, language, parent, translate(_C, "People and devices"), 620)
        self._backend = backend
        self._rows: dict[PersonId, PersonRow] = {}
        self._person = person
        self._admin = False
        self._page: PersonPage | SafetyPage | None = None
        self._shown: PersonRow | None = None
        self.hint = Notice(look)
        self.body.addWidget(self.hint)
        self.body.addSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(16)
        card = Panel(look, "panel", radius=12, border=True)
        card.setFixedWidth(min(look.line(264), 380))
        inside = plain_column(card)
        inside.setContentsMargins(4, 8, 4, 8)
        self.list = PersonList(look)
        inside.addWidget(self.list)
        row.addWidget(card)
        self._right = QWidget()
        self._column = plain_column(self._right)
        self._column.setContentsMargins(0, 0, 8, 0)
        self._scroll = Scroll(self._right)
        row.addWidget(self._scroll, 1)
        self.body.addLayout(row, 1)
        self.add = Button(look, translate(_C, "Add device"), "monitor", click=lambda: self._add_device(None))
        self.add.hide()
        self.foot.insertWidget(0, self.add)
        self.foot.addWidget(Button(look, translate(_C, "Done"), kind=Kind.FILLED, click=self.accept))
        fit(self, min(look.line(780), 1100), look.line(640))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_RELOAD_MS)
        self._timer.timeout.connect(self._load)
        self.list.chosen.connect(self._choose)
        self._load()

    # --- loading --------------------------------------------------------------------------------------------

    def handle(self, event: events.AnyEvent) -> None:
        """Reachability, names and devices follow what happens."""
        if isinstance(event, events.PeopleChanged | events.NewDeviceSeen):
            self._timer.start()

    def _load(self) -> None:
        self._backend.ask(ListPeople(), self.checked(self._loaded))

    def _loaded(self, view: AnyView) -> None:
        if not isinstance(view, People):
            return
        rows = sorted(view.rows, key=lambda row: row.revoked)
        self._rows = {row.person: row for row in rows}
        self._admin = any(row.own and row.admin for row in rows)
        self.add.setVisible(self._admin)
        self.list.show_rows(rows)
        self._hint_second_admin(rows)
        if self._person not in self._rows and rows:
            self._person = rows[0].person
        if self._person is not None:
            self.list.choose(self._person)
            self._show_person()

    def _hint_second_admin(self, rows: list[PersonRow]) -> None:
        admins = [row for row in rows if row.admin and not row.revoked and not row.external]
        others = [row for row in rows if not row.own and not row.revoked and not row.external]
        text = ""
        if len(admins) == 1 and admins[0].own and others:
            text = translate(
                _C,
                "Only you can add and remove devices. Make a second person admin in case this device fails.",
            )
        self.hint.say(text, "warning", "crown")

    # --- the right side -------------------------------------------------------------------------------------

    def _choose(self, person: PersonId) -> None:
        if person != self._person:
            self._person = person
            self._page = None
            self._show_person()

    def _show_person(self) -> None:
        row = self._rows.get(self._person) if self._person is not None else None
        if row is None:
            return
        page = self._page
        if isinstance(page, PersonPage) and (row == self._shown or page.editing):
            return
        if isinstance(page, SafetyPage) and any(
            device.device == page.device and not device.revoked for device in row.devices
        ):
            return
        fresh = PersonPage(self._look, row, own_admin=self._admin)
        fresh.write_wanted.connect(lambda: self._leave(self.write_wanted, row.person))
        fresh.device_wanted.connect(lambda: self._add_device(row.person))
        fresh.renamed.connect(lambda title, role: self._rename(row, title, role))
        fresh.admin_wanted.connect(lambda admin: self._ask_admin(row, admin))
        fresh.revoke_wanted.connect(lambda: self._ask_revoke_person(row))
        fresh.compare_wanted.connect(lambda device: self._compare(row, device))
        fresh.revoke_device_wanted.connect(lambda device: self._ask_revoke_device(row, device))
        self._shown = row
        self._put(fresh)

    def _put(self, page: PersonPage | SafetyPage) -> None:
        while self._column.count():
            item = self._column.takeAt(0)
            old = item.widget() if item is not None else None
            if old is not None:
                old.hide()
                old.deleteLater()
        self._page = page
        self._column.addWidget(page)
        self._scroll.verticalScrollBar().setValue(0)

    def _compare(self, row: PersonRow, device: DeviceRow) -> None:
        page = SafetyPage(
            self._look, self._backend, self._language, words.shown_name(row.name), device,
            can_revoke=self._admin and not row.external,
        )  # fmt: skip
        page.left.connect(self._compared)
        page.revoke_wanted.connect(lambda: self._ask_revoke_device(row, device))
        self._put(page)
        page.back.setFocus(Qt.FocusReason.OtherFocusReason)

    def _compared(self) -> None:
        self._page = None
        self._show_person()
        self._load()

    # --- changing -------------------------------------------------------------------------------------------

    def _leave(self, signal: object, person: PersonId | None) -> None:
        self.accept()
        signal.emit(person)  # type: ignore[attr-defined]

    def _add_device(self, person: PersonId | None) -> None:
        self._leave(self.device_wanted, person)

    def _do(self, request: Request) -> None:
        self._backend.ask(request, self.checked(lambda _: self._load()))  # type: ignore[arg-type]

    def _rename(self, row: PersonRow, title: str, role: str) -> None:
        def done(_: AnyView) -> None:
            if isinstance(self._page, PersonPage):
                self._page.stop_editing()
            self._load()

        self._backend.ask(RenamePerson(person=row.person, name=title, role=role), self.checked(done))

    def _ask_admin(self, row: PersonRow, admin: bool) -> None:
        shown = words.shown_name(row.name)
        if admin:
            title = translate(_C, "Make {name} an admin?").format(name=shown)
            text = translate(_C, "{name} can then add and remove devices and people, also yours.")
            action = translate(_C, "Make admin")
        else:
            title = translate(_C, "Take the admin right from {name}?").format(name=shown)
            text = translate(_C, "{name} can then no longer add or remove devices and people.")
            action = translate(_C, "Take admin right")
        ask(
            self._look, self, icon="crown", title=title, text=text.format(name=shown), action=action,
            then=lambda: self._do(SetRole(person=row.person, admin=admin)),
        )  # fmt: skip

    def _ask_revoke_person(self, row: PersonRow) -> None:
        shown = words.shown_name(row.name)
        text = translate(
            _C,
            "All devices of {name} lose access at once and on every PC. Earlier messages stay readable here. "
            "Coming back needs a new code.",
        )
        ask(
            self._look, self, icon="user-x", title=translate(_C, "Remove {name} from the practice?").format(name=shown),
            text=text.format(name=shown), action=translate(_C, "Remove person"),
            then=lambda: self._do(RevokePerson(person=row.person)),
        )  # fmt: skip

    def _ask_revoke_device(self, row: PersonRow, device: DeviceRow) -> None:
        shown = name(device.name, translate(_C, "Device without a name"))
        text = translate(
            _C,
            "For a lost, stolen or old device of {name}. It loses access at once; what is on it stays on it. "
            "Coming back needs a new code.",
        )
        ask(
            self._look, self, icon="monitor", title=translate(_C, "Remove the device {device}?").format(device=shown),
            text=text.format(name=words.shown_name(row.name)), action=translate(_C, "Remove device"),
            then=lambda: self._revoke_device(device),
        )  # fmt: skip

    def _revoke_device(self, device: DeviceRow) -> None:
        if isinstance(self._page, SafetyPage):
            self._page = None
        self._do(RevokeDevice(device=device.device))
