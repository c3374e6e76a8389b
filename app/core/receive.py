"""What arrives in envelopes (protocol sections 5, 6, 11.5, 11.7-11.9): decrypt, place, remember, acknowledge.

One transaction decrypts, stores, advances the ratchet and remembers the envelope id; the acknowledgement leaves
after it. A duplicate is acknowledged again and changes nothing. What opens but cannot be placed yet (its author's
rights or its group are not known here) waits, bounded, and is looked at again when a roster or group moves.
"""

import logging
from enum import Enum

import msgspec

from app.core import (
    chains,
    conversations,
    delivery,
    groups,
    limits,
    onetime,
    receipts,
    rosters,
    secrets,
    sessions,
    transfers,
)
from app.core import content as contents
from app.core.content import SILENT_FROM, Content
from app.core.ports import ConversationRecord, HeldEnvelope
from app.core.wire import CloseCode, EnvelopeFrame, Nack
from app.core.work import Link, Work
from crypto import codec
from crypto.envelope import MAX_ENVELOPE_BYTES, envelope_id
from crypto.errors import DecodeError
from crypto.ids import CircleId, ContentId, ConversationId, DeviceId, EnvelopeId, PersonId

log = logging.getLogger(__name__)


class Unplaced(msgspec.Struct, frozen=True, array_like=True):
    """A content that waits for statements."""

    device: DeviceId
    received_ms: int
    raw: bytes


class Place(Enum):
    """What became of a content."""

    DONE = "done"  # stored, or of no use
    LATER = "later"  # cannot be judged yet
    WITHHELD = "withheld"  # its author may not write there


def on_envelope(work: Work, link: Link, frame: EnvelopeFrame) -> None:
    """An envelope on its author's own link."""
    if len(frame.wire) > MAX_ENVELOPE_BYTES:
        work.close(link, CloseCode.PROTOCOL)
        return
    envelope = envelope_id(frame.wire)
    if work.tx.queues.seen_envelope(envelope):
        work.ack(link, envelope)
        return
    if not work.directory.is_active(link.peer):
        _hold(work, link.peer, envelope, frame.wire)
        return
    opened = sessions.decrypt(work, link.peer, frame.wire)
    if opened is sessions.Verdict.FOREIGN:
        log.warning("envelope of another author on the link of %s", link.peer[:4].hex())
        work.close(link, CloseCode.PROTOCOL)
    elif opened is sessions.Verdict.NACK:
        work.send(link, Nack(envelope))
    elif isinstance(opened, sessions.Opened):
        work.tx.queues.remember_envelope(envelope, work.now.wall_ms)
        take(work, link.peer, opened.plaintext)
        work.ack(link, envelope)
        if opened.is_new:
            delivery.renew(work, link.peer, only_waiting=True)
            delivery.top_up(work, link.peer)


def _hold(work: Work, peer: DeviceId, envelope: EnvelopeId, wire: bytes) -> None:
    """An author who is not known here: keep at most 64, acknowledge nothing (11.5)."""
    if work.directory.is_revoked(peer):
        withheld(work, peer)
    elif len(work.tx.queues.held(None)) < limits.MAX_HELD:
        work.tx.queues.hold(
            HeldEnvelope(envelope=envelope, peer=peer, wire=wire, received_ms=work.now.wall_ms)
        )


def release_held(work: Work) -> None:
    """The roster moved: open what was held for devices that are known now."""
    for held in work.tx.queues.held(None):
        if not work.directory.is_active(held.peer):
            if work.directory.is_revoked(held.peer):
                work.tx.queues.drop_held(held.envelope)
                withheld(work, held.peer)
            continue
        work.tx.queues.drop_held(held.envelope)
        opened = sessions.decrypt(work, held.peer, held.wire)
        if isinstance(opened, sessions.Opened):
            work.tx.queues.remember_envelope(held.envelope, work.now.wall_ms)
            take(work, held.peer, opened.plaintext)
            link = work.link_to(held.peer)
            if link is not None:
                work.ack(link, held.envelope)


def withheld(work: Work, peer: DeviceId) -> None:
    """Count what a revoked device sent; it is never shown (11.9)."""
    key = f"withheld/{peer.hex()}"
    count = int(work.tx.values.get(key) or b"0")
    work.tx.values.put(key, str(count + 1).encode())


# --- contents -----------------------------------------------------------------------------------------


def take(work: Work, device: DeviceId, raw: bytes) -> None:
    """A decrypted content of an authenticated device. Bad ones are dropped: sending them again mends nothing."""
    try:
        content = contents.parse(raw)
    except DecodeError:
        log.warning("content of %s is malformed", device[:4].hex())
        return
    if content.author_device != device:
        log.warning("content of %s names another author", device[:4].hex())
        return
    message = contents.content_id(raw)
    if work.tx.history.has_message(message):
        return
    if _place(work, message, content, raw) is Place.LATER:
        _wait(work, message, Unplaced(device, work.now.wall_ms, raw))


def _wait(work: Work, message: ContentId, unplaced: Unplaced) -> None:
    key = f"unplaced/{message.hex()}"
    if work.tx.values.get(key) is not None:
        return
    if work.cache.unplaced >= limits.MAX_UNPLACED:
        log.warning("too many contents wait for statements; one of %s dropped", unplaced.device[:4].hex())
        return
    work.tx.values.put(key, codec.encode(unplaced))
    work.cache.unplaced += 1


def retry_unplaced(work: Work) -> None:
    """A roster or group moved: look again at what waited for it."""
    if not work.cache.unplaced:
        return
    for key, value in work.tx.values.all("unplaced/").items():
        unplaced = codec.decode(Unplaced, value, max_bytes=2 * limits.MAX_CONTENT_BYTES)
        content = contents.parse(unplaced.raw)
        message = contents.content_id(unplaced.raw)
        stale = unplaced.received_ms + limits.ROW_LIFE_MS < work.now.wall_ms
        if stale or _place(work, message, content, unplaced.raw) is not Place.LATER:
            work.tx.values.put(key, None)
            work.cache.unplaced -= 1


def _place(work: Work, message: ContentId, content: Content, raw: bytes) -> Place:
    circle = work.directory.circles.get(CircleId(content.circle))
    if circle is None or not circle.own_active:
        return Place.DONE
    device, person = DeviceId(content.author_device), PersonId(content.author_person)
    link = work.link_to(device)
    if link is not None and content.roster_heads:
        rosters.ask(work, link, circle.circle, content.roster_heads)
    if work.directory.is_revoked(device):
        withheld(work, device)
        return Place.WITHHELD
    if not work.directory.is_linked(person, device):
        return Place.LATER if chains.is_behind(work, content) else Place.DONE
    if content.kind >= SILENT_FROM:
        return _silent(work, message, content)
    return _visible(work, message, content, raw)


def _visible(work: Work, message: ContentId, content: Content, raw: bytes) -> Place:
    record = _conversation(work, content)
    if record is None:
        if len(content.conversation) == 32 and content.group_heads:
            groups.ask(work, content)
            return Place.LATER
        return Place.LATER if chains.is_behind(work, content) else Place.DONE
    if record.kind == conversations.GROUP:
        chain = work.directory.groups.get(record.conversation)
        if chains.is_group_behind(work, content):
            groups.ask(work, content)
            if chain is None or content.author_person not in chain.members:
                return Place.LATER
        if chain is None or content.author_person not in chain.members:
            conversations.store(work, record, message, content, raw, state="withheld")
            return Place.WITHHELD
    body = contents.body_of(content)
    blob = transfers.announced(work, body) if isinstance(body, contents.Photo | contents.File) else None
    if conversations.store(work, record, message, content, raw, blob=blob) and blob is not None:
        transfers.fetch(work, blob)
    return Place.DONE


def _conversation(work: Work, content: Content) -> ConversationRecord | None:
    """The conversation a content names, if its author may be in it."""
    if len(content.conversation) != 32:
        return None
    conversation = ConversationId(content.conversation)
    record = work.tx.history.conversation(conversation)
    if record is not None:
        if record.circle != content.circle:
            return None
        if record.kind == conversations.DIRECT and content.author_person not in (work.person, record.peer):
            return None
        return record
    person = work.directory.directs.get(conversation)
    if person is None or content.author_person not in (work.person, person):
        return None
    return conversations.new(
        work, conversation, work.directory.persons[person].circle, conversations.DIRECT, peer=person
    )


def _silent(work: Work, message: ContentId, content: Content) -> Place:
    """Contents that change something without a row of their own; each may come again and changes nothing then."""
    body = contents.body_of(content)
    device = DeviceId(content.author_device)
    match body:
        case contents.Receipt():
            receipts.on_receipt(work, device, body)
        case contents.Group():
            groups.on_statements(work, content, body)
        case contents.GroupAsk():
            groups.on_ask(work, content, body)
        case contents.Secret():
            if not secrets.on_secret(work, content, body):
                return Place.LATER
        case contents.Prekeys():
            onetime.on_prekeys(work, device, body)
        case contents.ReadPosition():
            if content.author_person == work.person:
                receipts.on_position(work, ConversationId(content.conversation), body)
        case _:
            log.info("silent content of kind %d is not known here", content.kind)
    return Place.DONE
