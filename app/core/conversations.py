"""Conversations, and what is written into them: the one way from a body to history, outbox and event."""

from typing import Final

import msgspec

from app.core import content as contents
from app.core import delivery, order
from app.core.content import AnyBody, Author, Content, Kind
from app.core.directory import direct_id
from app.core.events import MessageArrived, MessageStored
from app.core.ports import ConversationRecord, DeliveryRecord, MessageRecord
from app.core.refused import Refused
from app.core.views import MessageKind
from app.core.work import Work
from crypto import codec
from crypto.ids import BlobId, CircleId, ContentId, ConversationId, DeviceId, PersonId
from crypto.kdf import Label, hash_labelled

DIRECT: Final = "direct"
GROUP: Final = "group"
NOTICE: Final = "notice"
UNKNOWN: Final = "unknown"
_SEEN: Final = 4
"""Newest messages that a new one names as seen."""
_STORED_KINDS: Final = {Kind.TEXT: "text", Kind.PHOTO: "photo", Kind.FILE: "file"}


class Notice(msgspec.Struct, frozen=True, array_like=True):
    """The stored form of a notice row: facts by id, so that names can change or go."""

    kind: str
    actor: PersonId | None
    persons: tuple[PersonId, ...] = ()
    devices: tuple[DeviceId, ...] = ()
    title: str = ""


# --- records ------------------------------------------------------------------------------------------


def ensure_direct(work: Work, circle: CircleId, person: PersonId) -> ConversationRecord:
    """The 1:1 conversation with a colleague, made if it is missing."""
    conversation = direct_id(circle, work.person, person)
    record = work.tx.history.conversation(conversation)
    return record if record is not None else new(work, conversation, circle, DIRECT, peer=person)


def ensure_directs(work: Work) -> None:
    """Every colleague has a row in the left column, also before the first message."""
    for conversation, person in work.directory.directs.items():
        if work.tx.history.conversation(conversation) is None:
            new(work, conversation, work.directory.persons[person].circle, DIRECT, peer=person)


def new(
    work: Work,
    conversation: ConversationId,
    circle: CircleId,
    kind: str,
    *,
    peer: PersonId | None = None,
    title: str = "",
) -> ConversationRecord:
    """Store an empty conversation."""
    record = ConversationRecord(
        conversation=conversation,
        circle=circle,
        kind=kind,
        peer=peer,
        title=title,
        created_ms=work.now.wall_ms,
        last_order=0,
        last_message=None,
        unread=0,
        read_order=0,
        draft="",
        left=False,
    )
    work.tx.history.put_conversation(record)
    work.conversation_changed(conversation)
    return record


def get(work: Work, conversation: ConversationId) -> ConversationRecord:
    """Raises `Refused`."""
    record = work.tx.history.conversation(conversation)
    if record is None:
        raise Refused("unknown_conversation")
    return record


def update(work: Work, record: ConversationRecord, **changes: object) -> ConversationRecord:
    """Store a changed conversation."""
    changed: ConversationRecord = msgspec.structs.replace(record, **changes)
    work.tx.history.put_conversation(changed)
    work.conversation_changed(record.conversation)
    return changed


def members(work: Work, record: ConversationRecord) -> tuple[PersonId, ...]:
    """Everybody who reads here, the own person included."""
    if record.kind == DIRECT:
        return (work.person,) if record.peer is None else (work.person, record.peer)
    group = work.directory.groups.get(record.conversation)
    return group.members if group is not None else ()


def check_writable(work: Work, record: ConversationRecord) -> None:
    """Raises `Refused` where nobody would read it, or we may not write."""
    circle = work.directory.circles.get(record.circle)
    if circle is None or not circle.own_active:
        raise Refused("not_ready")
    if record.left:
        raise Refused("left_group")
    if record.kind == DIRECT:
        person = work.directory.persons.get(record.peer) if record.peer is not None else None
        if person is None or person.revoked:
            raise Refused("cannot_write")


# --- writing ------------------------------------------------------------------------------------------


def author_content(
    work: Work, record: ConversationRecord, body: AnyBody, recipients: tuple[PersonId, ...]
) -> tuple[ContentId, bytes]:
    """Make a content of this conversation and queue it for every device of these persons and our own others."""
    seen = tuple(
        one.message
        for one in work.tx.history.newest(record.conversation, 2 * _SEEN)
        if one.kind != NOTICE and one.state != "withheld"
    )[:_SEEN]
    wall_ms = work.now.wall_ms
    chain = work.directory.groups.get(record.conversation) if record.kind == GROUP else None
    raw = contents.make(
        work.entropy,
        Author(record.circle, work.person, work.own_id),
        record.conversation,
        body,
        # hybrid: the own clock, but after what was seen, if that is not far ahead
        time_ms=max(wall_ms, order.clamp(record.last_order + 1, wall_ms)),
        seen=seen,
        roster_heads=work.directory.circles[record.circle].heads,
        group_heads=chain.heads if chain is not None else (),
    )
    content = contents.content_id(raw)
    return content, raw


def recipients_of(work: Work, persons: tuple[PersonId, ...]) -> list[DeviceId]:
    """Every device of these persons and our own other devices, each once (protocol section 1)."""
    devices = work.directory.devices_of_all((*persons, work.person))
    return [device for device in devices if device != work.own_id]


def write(work: Work, record: ConversationRecord, body: AnyBody, *, blob: BlobId | None = None) -> ContentId:
    """A visible message of ours: history, deliveries, rows, events, in this transaction. Raises `Refused`."""
    check_writable(work, record)
    persons = members(work, record)
    content, raw = author_content(work, record, body, persons)
    parsed = contents.parse(raw)
    store(work, record, content, parsed, raw, blob=blob)
    note_deliveries(work, content, persons)
    delivery.enqueue(work, content, raw, recipients_of(work, persons), delivery.MESSAGE)
    work.status_changed = True
    return content


def note_deliveries(work: Work, content: ContentId, persons: tuple[PersonId, ...]) -> None:
    """One waiting mark per recipient device; a person without a device gets one too, so that her next device
    receives it (11.9)."""
    marked: set[DeviceId] = {work.own_id}
    for person in persons:
        if person == work.person:
            continue
        for device in work.directory.devices_of(person) or (DeviceId(person),):
            if device in marked:
                continue
            marked.add(device)
            work.tx.history.put_delivery(
                DeliveryRecord(
                    message=content, device=device, person=person, state="waiting", at_ms=work.now.wall_ms
                )
            )


def send_control(work: Work, record: ConversationRecord, body: AnyBody, devices: list[DeviceId]) -> None:
    """A silent content of a conversation (group statements, questions)."""
    content, raw = author_content(work, record, body, ())
    delivery.enqueue(work, content, raw, devices, delivery.CONTROL)


# --- storing ------------------------------------------------------------------------------------------


def store(
    work: Work,
    record: ConversationRecord,
    message: ContentId,
    content: Content,
    raw: bytes,
    *,
    blob: BlobId | None = None,
    state: str = "live",
) -> bool:
    """Put a visible content into the history. False if it was there: nothing changes then."""
    body = contents.body_of(content)
    kind = _STORED_KINDS.get(Kind(content.kind), UNKNOWN) if body is not None else UNKNOWN
    author = PersonId(content.author_person)
    own = author == work.person
    reply_to = ContentId(body.reply_to) if isinstance(body, _ANSWERS) and body.reply_to else None
    references = tuple(
        ContentId(one) for one in dict.fromkeys((*content.seen, *((reply_to,) if reply_to else ())))
    )
    text = body.text if isinstance(body, contents.Text) else getattr(body, "caption", "")
    row = MessageRecord(
        message=message,
        conversation=record.conversation,
        order=order.place(work, content.time_ms, references),
        kind=kind,
        author_person=author,
        author_device=DeviceId(content.author_device),
        own=own,
        sent_ms=content.time_ms,
        received_ms=work.now.wall_ms,
        text=f"{text}\n{body.name}" if isinstance(body, contents.File) else text,
        raw=raw,
        blob=blob,
        reply_to=reply_to,
        state=state,
    )
    if not work.tx.history.add_message(row):
        return False
    if state == "withheld":
        return True
    work.tx.history.add_references(message, references)
    _appended(work, record, row, unread=not own)
    if order.settle(work, row):
        refresh_last(work, record.conversation)
        work.timelines.add(record.conversation)
    return True


_ANSWERS: Final = (contents.Text, contents.Photo, contents.File)


def _appended(work: Work, record: ConversationRecord, row: MessageRecord, *, unread: bool) -> None:
    """Count and announce a row that is new in the timeline."""
    record = work.tx.history.conversation(record.conversation) or record
    newest = row.order >= record.last_order
    update(
        work,
        record,
        last_order=row.order if newest else record.last_order,
        last_message=row.message if newest else record.last_message,
        unread=record.unread + 1 if unread else record.unread,
    )
    work.tell(MessageStored(conversation=row.conversation, message=row.message, own=row.own))
    if unread:
        work.status_changed = True
        work.tell(
            MessageArrived(
                conversation=row.conversation,
                message=row.message,
                title=title_of(work, record),
                author_name=work.directory.name_of(row.author_person),
                text=row.text,
                kind=MessageKind(row.kind),
            )
        )


def title_of(work: Work, record: ConversationRecord) -> str:
    """What the conversation is called."""
    if record.kind == DIRECT and record.peer is not None:
        return work.directory.name_of(record.peer) or ""
    return record.title


def refresh_last(work: Work, conversation: ConversationId) -> None:
    """Find the last message anew after rows moved or went."""
    record = work.tx.history.conversation(conversation)
    if record is None:
        return
    newest = next((one for one in work.tx.history.newest(conversation, 8) if one.state != "withheld"), None)
    update(
        work,
        record,
        last_order=newest.order if newest else 0,
        last_message=newest.message if newest else None,
    )


def add_notice(
    work: Work, record: ConversationRecord, notice: Notice, origin: bytes, at_ms: int | None = None
) -> None:
    """A notice row; `origin` makes its id, so that the same fact shows once. Needs no reading."""
    raw = codec.encode(notice)
    message = ContentId(hash_labelled(Label.NOTICE, record.conversation, notice.kind.encode(), origin))
    time_ms = work.now.wall_ms if at_ms is None else order.clamp(at_ms, work.now.wall_ms)
    row = MessageRecord(
        message=message,
        conversation=record.conversation,
        order=max(time_ms, 1 + record.last_order if time_ms + 1000 > record.last_order else time_ms),
        kind=NOTICE,
        author_person=notice.actor or work.person,
        author_device=work.own_id,
        own=True,
        sent_ms=time_ms,
        received_ms=work.now.wall_ms,
        text="",
        raw=raw,
    )
    if work.tx.history.add_message(row):
        _appended(work, record, row, unread=False)
