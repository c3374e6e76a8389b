"""A list of colleagues with check boxes: arrows move, Space or a click ticks, a filter narrows."""

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QFrame, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.core.views import PersonRow
from app.ui import words
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import one_line
from app.ui.shapes import avatar, fill_round, line_text, polish, ring
from crypto.ids import PersonId

_C: Final = "Picker"
PERSON_ROLE: Final = Qt.ItemDataRole.UserRole + 1
_AnyIndex = QModelIndex | QPersistentModelIndex
_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


def can_be_member(row: PersonRow) -> bool:
    """Colleagues of this practice that are still in it, without oneself."""
    return not (row.own or row.revoked or row.external or row.inbox)


class _TickDelegate(QStyledItemDelegate):
    """44 px rows: check box, avatar, name, role."""

    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look

    def sizeHint(self, option: QStyleOptionViewItem, index: _AnyIndex) -> QSize:
        return QSize(160, max(44, self._look.line(18) + self._look.line(16) + 8))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        look, theme = self._look, self._look.theme
        row: PersonRow = index.data(PERSON_ROLE)
        painter.save()
        polish(painter)
        body = QRectF(option.rect).adjusted(4, 0, -4, 0)
        if option.state & QStyle.StateFlag.State_MouseOver:
            fill_round(painter, body, 8, look.color(theme.hover))
        if option.state & QStyle.StateFlag.State_HasFocus:
            ring(painter, body, 8, look.color(theme.accent))
        middle = body.center().y()
        box = QRectF(body.left() + 10, round(middle) - 9, 18, 18)
        on = Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) == _CHECKED
        fill, line = (theme.accent, theme.accent) if on else (theme.panel, theme.control)
        fill_round(painter, box, 4, look.color(fill), look.color(line))
        if on:
            look.draw_icon(painter, "check", box.left() + 2, box.top() + 2, 14, theme.on_accent)
        avatar(painter, look, QRectF(body.left() + 40, middle - 16, 32, 32), row.name or "?", row.avatar)
        left, width = body.left() + 84, body.width() - 94
        role = one_line(row.role or "")
        first, second = look.line(18), look.line(16) if role else 0
        top = middle - (first + second) / 2
        line_text(
            painter, look, QRectF(left, top, width, first), words.shown_name(row.name), Size.BODY, theme.text
        )
        if role:
            rect = QRectF(left, top + first, width, second)
            line_text(painter, look, rect, role, Size.SMALL, theme.secondary)
        painter.restore()


class PersonPicker(QListView):
    """`changed` after every tick."""

    changed = Signal()

    def __init__(self, look: Look, people: Iterable[PersonRow]) -> None:
        super().__init__()
        self._model = QStandardItemModel(self)
        for row in people:
            item = QStandardItem(words.shown_name(row.name))
            item.setData(row, PERSON_ROLE)
            item.setCheckable(True)
            item.setEditable(False)
            item.setData(_UNCHECKED, Qt.ItemDataRole.CheckStateRole)
            role = one_line(row.role or "")
            spoken = ", ".join(part for part in (words.shown_name(row.name), role) if part)
            item.setData(spoken, Qt.ItemDataRole.AccessibleTextRole)
            self._model.appendRow(item)
        self.setModel(self._model)
        self.setItemDelegate(_TickDelegate(look, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setAccessibleName(translate(_C, "Colleagues"))
        self._model.itemChanged.connect(lambda _: self.changed.emit())

    @property
    def empty(self) -> bool:
        return self._model.rowCount() == 0

    def picked(self) -> tuple[PersonId, ...]:
        """Those ticked, in the order shown; the filter does not matter."""
        return tuple(row.person for row in self.picked_rows())

    def picked_rows(self) -> list[PersonRow]:
        items = (self._model.item(at) for at in range(self._model.rowCount()))
        return [item.data(PERSON_ROLE) for item in items if item.checkState() == _CHECKED]

    def narrow(self, text: str) -> int:
        """Show only who fits; returns how many do."""
        needle, shown = text.strip().casefold(), 0
        for at in range(self._model.rowCount()):
            row: PersonRow = self._model.item(at).data(PERSON_ROLE)
            fits = needle in f"{row.name or ''} {row.role or ''}".casefold()
            self.setRowHidden(at, not fits)
            shown += fits
        return shown

    def _toggle(self, index: QModelIndex) -> None:
        item = self._model.itemFromIndex(index)
        if item is not None:
            item.setCheckState(_UNCHECKED if item.checkState() == _CHECKED else _CHECKED)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self.setCurrentIndex(index)
            self._toggle(index)
            event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.currentIndex().isValid():
            self._toggle(self.currentIndex())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()  # the dialog's own button
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            visible = (at for at in range(self._model.rowCount()) if not self.isRowHidden(at))
            self.setCurrentIndex(self._model.index(next(visible, -1), 0))
