"""Messages of the history: rows, order, references; the index of their words is kept in `search.py`."""

from collections.abc import Sequence
from typing import Any

from app.core.ports import MessageRecord
from app.store.access import Access, blob_set
from app.store.blobs import StoredBlobs
from app.store.erasure import ask_erasure
from app.store.idents import known_number, number_of
from app.store.search import add_words, delete_words
from crypto.ids import BlobId, ContentId, ConversationId, DeviceId, PersonId

_COLUMNS = (
    "m.message, c.id, m.ord, m.kind, p.id, d.id, m.own, m.sent_ms, m.received_ms, m.text, m.raw, m.blob,"
    " m.reply_to, m.state"
)
_JOINS = (
    " cross join ident c on c.n = m.place cross join ident p on p.n = m.author_person"
    " cross join ident d on d.n = m.author_device"
)
_SELECT = f"select {_COLUMNS} from message m{_JOINS}"  # noqa: S608


class StoredMessages:
    """The message part of `ports.History`."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._blobs = StoredBlobs(access)

    # writing

    def add_message(self, row: MessageRecord) -> bool:
        access = self._access
        if self.has_message(row.message):
            return False
        place = number_of(access, row.conversation)
        number = access.number(
            "insert into message (message, place, ord, kind, author_person, author_device, own, state,"
            " sent_ms, received_ms, blob, reply_to, text, raw)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) returning n",
            row.message,
            place,
            row.order,
            row.kind,
            number_of(access, row.author_person),
            number_of(access, row.author_device),
            int(row.own),
            row.state,
            row.sent_ms,
            row.received_ms,
            row.blob,
            row.reply_to,
            row.text,
            row.raw,
        )
        add_words(access, number, place, row.text)
        return True

    def set_order(self, message: ContentId, order: int) -> None:
        self._access.run("update message set ord = ? where message = ?", order, message)

    def set_state(self, message: ContentId, state: str) -> None:
        self._access.run("update message set state = ? where message = ?", state, message)

    def delete_message(self, message: ContentId) -> None:
        access = self._access
        row = access.row("select n, blob from message where message = ?", message)
        if row is None:
            return
        number, blob = row
        delete_words(access, number)
        access.run("delete from reference where message = ?", number)
        access.run("delete from delivery where message = ?", number)
        access.run("delete from message where n = ?", number)
        if blob is not None and access.row("select 1 from message where blob = ? limit 1", blob) is None:
            self._blobs.queue_deletion(BlobId(blob))
        ask_erasure(access)

    def add_references(self, message: ContentId, refers_to: Sequence[ContentId]) -> None:
        """Nothing is kept when `message` itself is not stored."""
        number = self._number(message)
        if number is not None:
            self._access.run_many(
                "insert into reference (refers_to, message) values (?, ?) on conflict do nothing",
                [(other, number) for other in refers_to],
            )

    # reading

    def message(self, message: ContentId) -> MessageRecord | None:
        row = self._access.row(_SELECT + " where m.message = ?", message)
        return _record(row) if row else None

    def messages(self, messages: Sequence[ContentId]) -> dict[ContentId, MessageRecord]:
        if not messages:
            return {}
        rows = self._access.rows(
            f"select {_COLUMNS} from carray(?) w cross join message m on m.message = w.value{_JOINS}",  # noqa: S608
            blob_set(messages),
        )
        return {ContentId(row[0]): _record(row) for row in rows}

    def has_message(self, message: ContentId) -> bool:
        return self._number(message) is not None

    def page(
        self, conversation: ConversationId, anchor: tuple[int, ContentId] | None, before: int, after: int
    ) -> list[MessageRecord]:
        if anchor is None:
            return self.newest(conversation, before)[::-1]
        place = known_number(self._access, conversation)
        below = self._access.rows(
            _SELECT + " where m.place = ? and (m.ord, m.message) < (?, ?)"
            " order by m.ord desc, m.message desc limit ?",
            place,
            *anchor,
            before,
        )
        itself = self._access.rows(
            _SELECT + " where m.place = ? and m.ord = ? and m.message = ?", place, *anchor
        )
        above = self._access.rows(
            _SELECT + " where m.place = ? and (m.ord, m.message) > (?, ?) order by m.ord, m.message limit ?",
            place,
            *anchor,
            after,
        )
        return [_record(row) for row in [*reversed(below), *itself, *above]]

    def first_at(self, conversation: ConversationId, order: int) -> MessageRecord | None:
        row = self._access.row(
            _SELECT + " where m.place = ? and m.ord >= ? order by m.ord, m.message limit 1",
            known_number(self._access, conversation),
            order,
        )
        return _record(row) if row else None

    def newest(self, conversation: ConversationId, limit: int) -> list[MessageRecord]:
        """Newest first."""
        rows = self._access.rows(
            _SELECT + " where m.place = ? order by m.ord desc, m.message desc limit ?",
            known_number(self._access, conversation),
            limit,
        )
        return [_record(row) for row in rows]

    def count_after(self, conversation: ConversationId, order: int, *, own: bool) -> int:
        """Live messages above `order`: own ones, or the others'."""
        return self._access.number(
            "select count(*) from message where place = ? and ord > ? and own = ? and state = 'live'",
            known_number(self._access, conversation),
            order,
            int(own),
        )

    def referring(self, message: ContentId) -> list[ContentId]:
        rows = self._access.rows(
            "select m.message from reference r cross join message m on m.n = r.message where r.refers_to = ?1"
            " union select message from message where reply_to = ?1",
            message,
        )
        return [ContentId(other) for (other,) in rows]

    def with_blob(self, conversation: ConversationId, kind: str, limit: int) -> list[MessageRecord]:
        rows = self._access.rows(
            _SELECT + " where m.place = ? and m.kind = ? and m.blob is not null"
            " order by m.ord desc, m.n desc limit ?",
            known_number(self._access, conversation),
            kind,
            limit,
        )
        return [_record(row) for row in rows]

    def count_kind(self, conversation: ConversationId, kind: str) -> int:
        return self._access.number(
            "select count(*) from message where place = ? and kind = ?",
            known_number(self._access, conversation),
            kind,
        )

    def messages_of_blob(self, blob: BlobId) -> list[MessageRecord]:
        return [_record(row) for row in self._access.rows(_SELECT + " where m.blob = ? order by m.n", blob)]

    def _number(self, message: ContentId) -> int | None:
        row = self._access.row("select n from message where message = ?", message)
        return row[0] if row else None


def _record(row: tuple[Any, ...]) -> MessageRecord:
    return MessageRecord(
        message=ContentId(row[0]),
        conversation=ConversationId(row[1]),
        order=row[2],
        kind=row[3],
        author_person=PersonId(row[4]),
        author_device=DeviceId(row[5]),
        own=bool(row[6]),
        sent_ms=row[7],
        received_ms=row[8],
        text=row[9],
        raw=row[10],
        blob=BlobId(row[11]) if row[11] is not None else None,
        reply_to=ContentId(row[12]) if row[12] is not None else None,
        state=row[13],
    )
