"""The window of about 400 rows that the view shows; changes are told as the smallest stretch."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.core.views import MessageRow
from app.ui import words
from app.ui.timeline.items import Item
from crypto.ids import ContentId

ITEM_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 1
_AnyIndex = QModelIndex | QPersistentModelIndex
_NO_PARENT: Final = QModelIndex()


class TimelineModel(QAbstractListModel):
    """Items in shown order. `progress` holds bytes of running transfers, newer than what the rows say."""

    def __init__(self, language: Callable[[], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._language = language
        self._items: list[Item] = []
        self._places: dict[ContentId, int] = {}
        self.progress: dict[ContentId, tuple[int, int]] = {}

    @property
    def items(self) -> list[Item]:
        return self._items

    def rowCount(self, parent: _AnyIndex = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._items)

    def data(self, index: _AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        if not 0 <= index.row() < len(self._items):
            return None
        item = self._items[index.row()]
        if role == ITEM_ROLE:
            return item
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return words.spoken(item.row, self._language())
        return None

    def place_of(self, message: ContentId) -> int | None:
        return self._places.get(message)

    def row_of(self, message: ContentId) -> MessageRow | None:
        place = self._places.get(message)
        return None if place is None else self._items[place].row

    def clear(self) -> None:
        self.beginResetModel()
        self._items, self._places, self.progress = [], {}, {}
        self.endResetModel()

    def show(self, items: list[Item]) -> None:
        """Replace all items; rows at both ends that stay are kept, so the view keeps its place."""
        old = self._items
        head = _common(old, items)
        tail = _common(old[head:][::-1], items[head:][::-1])
        if head + tail < len(old):
            self.beginRemoveRows(_NO_PARENT, head, len(old) - tail - 1)
            self._items = old[:head] + old[len(old) - tail :]
            self._index()
            self.endRemoveRows()
        if head + tail < len(items):
            self.beginInsertRows(_NO_PARENT, head, len(items) - tail - 1)
            self._items = items
            self._index()
            self.endInsertRows()
        changed = [place for place in range(head) if old[place] != items[place]]
        changed += [
            len(items) - back
            for back in range(1, tail + 1)
            if old[len(old) - back] != items[len(items) - back]
        ]
        self._items = items
        self._index()
        if changed:
            self.dataChanged.emit(self.index(min(changed)), self.index(max(changed)))

    def _index(self) -> None:
        self._places = {item.row.message: place for place, item in enumerate(self._items)}


def _common(old: list[Item], new: list[Item]) -> int:
    """How many messages from the start are the same ones."""
    count = 0
    for before, after in zip(old, new, strict=False):
        if before.row.message != after.row.message:
            break
        count += 1
    return count
