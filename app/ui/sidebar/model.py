"""Entries of the left column: section heads, conversations, search hits. One flat list model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.core.views import ConversationRow, SearchHit, Section
from app.ui import words
from app.ui.i18n import translate
from app.ui.plain import one_line
from crypto.ids import ConversationId

ENTRY_ROLE: Final = int(Qt.ItemDataRole.UserRole) + 1
_C: Final = "Sidebar"
_AnyIndex = QModelIndex | QPersistentModelIndex
_NO_PARENT: Final = QModelIndex()


@dataclass(frozen=True, slots=True)
class Head:
    """A section's title."""

    title: str


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation."""

    row: ConversationRow


@dataclass(frozen=True, slots=True)
class Hit:
    """A message found by the search."""

    hit: SearchHit


@dataclass(frozen=True, slots=True)
class Remark:
    """One quiet line, for example that nothing was found."""

    text: str


Entry = Head | Talk | Hit | Remark


def section_title(section: Section) -> str:
    return {
        Section.INBOX: translate(_C, "Inboxes"),
        Section.GROUP: translate(_C, "Groups"),
        Section.PERSON: translate(_C, "Colleagues"),
        Section.EXTERNAL: translate(_C, "External"),
    }[section]


def by_section(rows: Sequence[ConversationRow]) -> list[Entry]:
    """Rows under their heads, in the order they came."""
    entries: list[Entry] = []
    for section in (Section.INBOX, Section.GROUP, Section.PERSON, Section.EXTERNAL):
        found = [Talk(row) for row in rows if row.section is section]
        if found:
            entries.append(Head(section_title(section)))
            entries.extend(found)
    return entries


def spoken(entry: Entry) -> str:
    """A whole sentence for screen readers."""
    if isinstance(entry, Head):
        return entry.title
    if isinstance(entry, Remark):
        return entry.text
    if isinstance(entry, Hit):
        hit = entry.hit
        text = one_line("".join(hit.snippet))
        return f"{words.shown_name(hit.author_name)}, {words.date_and_time(hit.sent_ms)}, {text}"
    row = entry.row
    parts = [words.shown_name(row.title)]
    if row.external:
        parts.append(translate(_C, "external"))
    if row.person is not None:
        parts.append(words.reach(row.reach))
    if row.revoked:
        parts.append(translate(_C, "removed"))
    if row.unread:
        parts.append(translate(_C, "%n unread messages", "", row.unread))
    if row.draft.strip():
        parts.append(translate(_C, "Draft: {text}").format(text=one_line(row.draft, 80)))
    else:
        parts.append(words.preview(row))
    return ", ".join(part for part in parts if part)


class SidebarModel(QAbstractListModel):
    """Shows conversations, or search results while something is searched."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []

    @property
    def entries(self) -> list[Entry]:
        return self._entries

    def rowCount(self, parent: _AnyIndex = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: _AnyIndex, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        if not 0 <= index.row() < len(self._entries):
            return None
        entry = self._entries[index.row()]
        if role == ENTRY_ROLE:
            return entry
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return spoken(entry)
        return None

    def flags(self, index: _AnyIndex) -> Qt.ItemFlag:
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, (Head, Remark)):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def show(self, entries: list[Entry]) -> None:
        """Exchange the entries; rows that only changed keep selection and scroll position."""
        shape = [type(entry) for entry in entries]
        if shape == [type(entry) for entry in self._entries]:
            changed = [at for at, entry in enumerate(entries) if entry != self._entries[at]]
            self._entries = entries
            if changed:
                self.dataChanged.emit(self.index(changed[0]), self.index(changed[-1]))
            return
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    def place_of(self, conversation: ConversationId) -> int | None:
        for at, entry in enumerate(self._entries):
            if isinstance(entry, Talk) and entry.row.conversation == conversation:
                return at
        return None
