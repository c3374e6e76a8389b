"""Stored messages as rows ready to paint."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from app.core import content as contents
from app.core import marks, order
from app.core.conversations import Notice
from app.core.directory import Directory, avatar_of
from app.core.names import clean_name, clean_text, first_line, safe_file_name
from app.core.ports import BlobRow, DeliveryRecord, MessageRecord, Transaction
from app.core.transfers import done_bytes
from app.core.views import (
    BlobView,
    FileView,
    Mark,
    MessageKind,
    MessageRow,
    NoticeKind,
    NoticeView,
    PhotoView,
    Quote,
    TransferState,
)
from crypto import codec
from crypto.errors import DecodeError
from crypto.ids import BlobId, ContentId

_TRANSFER: Final = {
    "absent": TransferState.ABSENT,
    "wanted": TransferState.RUNNING,
    "complete": TransferState.COMPLETE,
    "paused": TransferState.PAUSED,
    "broken": TransferState.BROKEN,
}
HIDDEN: Final = ("withheld", "discarded")
_WAITING_NAMES: Final = 5


class _Around(NamedTuple):
    """What rows refer to, read in one go."""

    quoted: dict[ContentId, MessageRecord]
    deliveries: dict[ContentId, list[DeliveryRecord]]
    blobs: dict[BlobId, BlobRow]


def rows_of(tx: Transaction, people: Directory, records: Sequence[MessageRecord]) -> tuple[MessageRow, ...]:
    """Rows in the order of the records."""
    quoted = tx.history.messages([one.reply_to for one in records if one.reply_to])
    own = [one.message for one in records if one.own and one.kind != "notice"]
    blobs = {one.blob: row for one in records if one.blob and (row := tx.blobs.get(one.blob))}
    around = _Around(quoted, tx.history.deliveries_of(own), blobs)
    return tuple(_row(record, people, around) for record in records)


def kind_of(record: MessageRecord) -> MessageKind:
    """How a stored message is drawn."""
    try:
        return MessageKind(record.kind)
    except ValueError:
        return MessageKind.UNKNOWN


def _row(record: MessageRecord, people: Directory, around: _Around) -> MessageRow:
    kind = kind_of(record)
    body = _body(record) if kind in (MessageKind.TEXT, MessageKind.PHOTO, MessageKind.FILE) else None
    persons = marks.per_person(around.deliveries.get(record.message, ()), people)
    overall = marks.weakest(persons)
    if record.state == "failed":
        mark, reason = Mark.FAILED, overall.reason if overall else None
    else:
        mark, reason = (overall.mark, overall.reason) if overall else (Mark.NONE, None)
    author = people.persons.get(record.author_person)
    waiting = [one.person for one in persons if one.mark in (Mark.WAITING, Mark.COURIER, Mark.FAILED)]
    blob = around.blobs.get(record.blob) if record.blob else None
    return MessageRow(
        message=record.message,
        conversation=record.conversation,
        kind=kind,
        author=record.author_person,
        author_name=people.name_of(record.author_person),
        author_avatar=avatar_of(record.author_person),
        own=record.author_person == people.own_person and kind is not MessageKind.NOTICE,
        text=text_of(body),
        sent_ms=order.clamp(record.sent_ms, record.received_ms),
        clock_wrong=order.is_clock_wrong(record.sent_ms, record.received_ms),
        mark=mark,
        mark_reason=reason,
        waiting_for=tuple(people.name_of(one) or "" for one in waiting[:_WAITING_NAMES]),
        quote=_quote(record.reply_to, people, around) if record.reply_to else None,
        photo=_photo(body, blob) if isinstance(body, contents.Photo) else None,
        file=_file(body, blob) if isinstance(body, contents.File) else None,
        notice=notice_view(record, people) if kind is MessageKind.NOTICE else None,
        external=author.external if author else False,
    )


def _body(record: MessageRecord) -> contents.AnyBody | None:
    try:
        return contents.body_of(contents.parse(record.raw))
    except DecodeError:
        return None


def text_of(body: contents.AnyBody | None) -> str:
    """Body or caption, safe to show."""
    if isinstance(body, contents.Text):
        return clean_text(body.text)
    if isinstance(body, contents.Photo | contents.File):
        return clean_text(body.caption)
    return ""


def preview_of(record: MessageRecord) -> str:
    """First line of a message for lists; a file's name."""
    body = _body(record) if record.kind in ("text", "photo", "file") else None
    if isinstance(body, contents.File):
        return safe_file_name(body.name)
    return first_line(text_of(body))


def _quote(message: ContentId, people: Directory, around: _Around) -> Quote:
    record = around.quoted.get(message)
    if record is None or record.state in HIDDEN:
        return Quote(message=message, author_name=None, text="", kind=None)
    name = people.name_of(record.author_person)
    return Quote(message=message, author_name=name, text=preview_of(record), kind=kind_of(record))


def blob_view(size_bytes: int, blob: BlobRow | None) -> BlobView:
    """Progress; a blob that is no longer there was deleted."""
    if blob is None:
        return BlobView(state=TransferState.GONE, size_bytes=size_bytes, done_bytes=0)
    return BlobView(state=_TRANSFER[blob.state], size_bytes=blob.size_bytes, done_bytes=done_bytes(blob))


def _photo(body: contents.Photo, blob: BlobRow | None) -> PhotoView:
    return PhotoView(
        thumbnail=body.thumbnail,
        width_px=body.width_px,
        height_px=body.height_px,
        captured_ms=body.captured_ms,
        blob=blob_view(body.blob.size_bytes, blob),
    )


def _file(body: contents.File, blob: BlobRow | None) -> FileView:
    return FileView(
        name=safe_file_name(body.name),
        media_type=clean_name(body.media_type, 128),
        blob=blob_view(body.blob.size_bytes, blob),
    )


def thumbnail_of(record: MessageRecord) -> bytes:
    """The small picture of a photo, empty if it cannot be read."""
    body = _body(record)
    return body.thumbnail if isinstance(body, contents.Photo) else b""


def notice_view(record: MessageRecord, people: Directory) -> NoticeView | None:
    """Facts with the names of today; None for a form that is not known here."""
    try:
        stored = codec.decode(Notice, record.raw, max_bytes=1 << 20)
        kind = NoticeKind(stored.kind)
    except (DecodeError, ValueError):
        return None
    names = [people.name_of(one) or "" for one in stored.persons]
    names += [entry.name or "" for one in stored.devices if (entry := people.devices.get(one))]
    if stored.title:
        names.append(clean_name(stored.title))
    actor = people.name_of(stored.actor) if stored.actor is not None else None
    return NoticeView(kind=kind, actor=actor, subjects=tuple(names))
