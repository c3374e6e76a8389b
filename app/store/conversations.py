"""Conversations as rows of the left column."""

from typing import Any

from app.core.ports import ConversationRecord
from app.store.access import Access
from app.store.idents import number_of
from crypto.ids import CircleId, ContentId, ConversationId, PersonId

_SELECT = (
    "select i.id, c.circle, c.kind, p.id, c.title, c.created_ms, c.last_order, c.last_message, c.unread,"
    " c.read_order, c.draft, c.left"
    " from conversation c join ident i on i.n = c.place left join ident p on p.n = c.peer"
)


class StoredConversations:
    """The conversation part of `ports.History`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def put_conversation(self, row: ConversationRecord) -> None:
        self._access.run(
            "insert or replace into conversation (place, circle, kind, peer, title, created_ms, last_order,"
            " last_message, unread, read_order, draft, left) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            number_of(self._access, row.conversation),
            row.circle,
            row.kind,
            number_of(self._access, row.peer) if row.peer is not None else None,
            row.title,
            row.created_ms,
            row.last_order,
            row.last_message,
            row.unread,
            row.read_order,
            row.draft,
            int(row.left),
        )

    def conversation(self, conversation: ConversationId) -> ConversationRecord | None:
        row = self._access.row(_SELECT + " where i.id = ?", conversation)
        return _record(row) if row else None

    def conversations(self) -> list[ConversationRecord]:
        """Newest message first."""
        return [_record(row) for row in self._access.rows(_SELECT + " order by c.last_order desc, i.id")]


def _record(row: tuple[Any, ...]) -> ConversationRecord:
    return ConversationRecord(
        conversation=ConversationId(row[0]),
        circle=CircleId(row[1]),
        kind=row[2],
        peer=PersonId(row[3]) if row[3] is not None else None,
        title=row[4],
        created_ms=row[5],
        last_order=row[6],
        last_message=ContentId(row[7]) if row[7] is not None else None,
        unread=row[8],
        read_order=row[9],
        draft=row[10],
        left=bool(row[11]),
    )
