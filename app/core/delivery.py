"""The transactional outbox (protocol sections 6, 10.6, 10.7, 11.8, 11.9).

One row is one final ciphertext for one device; a retry sends the same bytes. Rows of a device go out in the
order of their numbers and end with the recipient's acknowledgement on its own link. Where no session can be
made yet (no bundle known), the row waits without a ciphertext and is encrypted when the bundle comes.
"""

import logging
from collections.abc import Iterable
from typing import Final

from app.core import limits, onetime, sessions
from app.core.content import content_id
from app.core.ports import DeliveryRecord, OutboxRow
from app.core.wire import EnvelopeFrame
from app.core.work import InFlight, Link, Work
from crypto.envelope import envelope_id
from crypto.errors import LimitReached
from crypto.ids import ContentId, DeviceId, EnvelopeId, SessionId

log = logging.getLogger(__name__)

NO_SESSION: Final = SessionId(bytes(32))
MESSAGE: Final = "message"
CONTROL: Final = "control"
RECEIPT: Final = "receipt"
_BATCH: Final = 16
"""Rows read at once: bounds what a backlog of large envelopes takes in memory."""


def enqueue(work: Work, content: ContentId, raw: bytes, devices: Iterable[DeviceId], kind: str) -> None:
    """One row per device; those with a link get it right after the commit."""
    if kind != MESSAGE:
        work.tx.queues.put_content(content, raw, work.now.wall_ms)
    for device in devices:
        number = work.tx.queues.next_number()
        _put(work, content, raw, device, kind, number, work.now.wall_ms, 0)
        link = work.link_to(device)
        if link is not None:
            pump(work, link)


def _put(
    work: Work,
    content: ContentId,
    raw: bytes,
    device: DeviceId,
    kind: str,
    number: int,
    created_ms: int,
    tries: int,
) -> bool:
    """Store a row, encrypted if there is a session. False if it has to wait for one."""
    session = sessions.sending(work, device)
    session_id, wire = NO_SESSION, b""
    if session is not None:
        try:
            wire = sessions.encrypt(work, session, raw)
            session_id = session.session_id
        except LimitReached:
            sessions.retire(work, session.session_id)
    envelope = envelope_id(wire) if wire else EnvelopeId(work.entropy.token(16))
    work.tx.queues.put_outbox(
        OutboxRow(
            envelope=envelope,
            content=content,
            device=device,
            session=session_id,
            number=number,
            wire=wire,
            kind=kind,
            created_ms=created_ms,
            tries=tries,
            next_ms=created_ms,
        )
    )
    return bool(wire)


def raw_of(work: Work, content: ContentId) -> bytes | None:
    """The bytes of a content that still has rows."""
    raw = work.tx.queues.content(content)
    if raw is None:
        message = work.tx.history.message(content)
        raw = message.raw if message is not None else None
    return raw


# --- sending --------------------------------------------------------------------------------------------


def pump(work: Work, link: Link) -> None:
    """Send what waits for this link's peer, as far as the link may be loaded."""
    while link.greeted and len(link.in_flight) < limits.MAX_IN_FLIGHT:
        room = min(_BATCH, limits.MAX_IN_FLIGHT - len(link.in_flight))
        rows = work.tx.queues.outbox_of_device(link.peer, link.cursor, room)
        for row in rows:
            if link.in_flight and link.in_flight_bytes + len(row.wire) > limits.MAX_IN_FLIGHT_BYTES:
                return
            if not row.wire:
                return  # it waits for a session, and everything behind it keeps its place
            link.cursor = row.number
            if row.envelope not in link.in_flight:
                _send(work, link, row)
        if len(rows) < room:
            return


def _send(work: Work, link: Link, row: OutboxRow) -> None:
    link.in_flight[row.envelope] = InFlight(row.number, len(row.wire), work.now.mono_ms)
    link.in_flight_bytes += len(row.wire)
    age_ms = max(0, work.now.wall_ms - row.created_ms)
    work.send(link, EnvelopeFrame(age_ms, row.wire))


def landed(link: Link, envelope: EnvelopeId) -> None:
    """An envelope is no longer on its way."""
    flight = link.in_flight.pop(envelope, None)
    if flight is not None:
        link.in_flight_bytes -= flight.size_bytes


def resend_late(work: Work, link: Link) -> None:
    """The same bytes again for what a live link left unanswered for long."""
    late = [
        envelope
        for envelope, flight in link.in_flight.items()
        if flight.sent_mono_ms + limits.RESEND_AFTER_MS <= work.now.mono_ms
    ]
    for envelope in late:
        landed(link, envelope)
        row = work.tx.queues.outbox(envelope)
        if row is not None and row.wire:
            _send(work, link, row)


def rewind(link: Link) -> None:
    """Look through all rows again; those on their way are left alone."""
    link.cursor = 0


# --- answers --------------------------------------------------------------------------------------------


def acknowledged(work: Work, link: Link, envelopes: Iterable[EnvelopeId]) -> None:
    """The peer decrypted and committed these: an acknowledgement on its own link is "delivered"."""
    for envelope in envelopes:
        landed(link, envelope)
        row = work.tx.queues.outbox(envelope)
        if row is None or row.device != link.peer:
            continue
        work.tx.queues.delete_outbox(envelope)
        if row.kind == MESSAGE:
            mark(work, row.content, link.peer, "delivered", None)
        else:
            work.state.contents_dirty = True
    pump(work, link)


def refused(work: Work, link: Link, envelope: EnvelopeId) -> None:
    """The peer cannot open this one: everything unacknowledged is encrypted anew under a new session.

    At most one new session per peer and hour; until then the row waits.
    """
    landed(link, envelope)
    row = work.tx.queues.outbox(envelope)
    if row is None or row.device != link.peer:
        return
    session = sessions.sending(work, link.peer)
    if session is not None and session.session_id == row.session:
        key = f"reset/{link.peer.hex()}"
        last_ms = int(work.tx.values.get(key) or b"0")
        if work.now.wall_ms - last_ms < limits.RESET_EVERY_MS:
            return
        work.tx.values.put(key, str(work.now.wall_ms).encode())
        log.info("session with %s replaced after a nack", link.peer[:4].hex())
        sessions.retire(work, row.session)
        onetime.forget(work, link.peer)
    renew(work, link.peer)


def renew(work: Work, device: DeviceId, *, only_waiting: bool = False) -> None:
    """Encrypt the device's rows again that are not under the present sending session, keeping their order.

    The content ids stay, so what did arrive already shows once (10.6). `only_waiting`: just those that never
    had a session; the others are on their way and can be opened.
    """
    if not work.tx.queues.outbox_of_device(device, 0, 1):
        return
    session = sessions.sending(work, device)
    if session is None:
        return
    link = work.link_to(device)
    after = 0
    while rows := work.tx.queues.outbox_of_device(device, after, _BATCH):
        for row in rows:
            after = row.number
            if row.session == session.session_id or (only_waiting and row.wire):
                continue
            raw = raw_of(work, row.content)
            work.tx.queues.delete_outbox(row.envelope)
            if link is not None:
                landed(link, row.envelope)
            if raw is not None:
                _put(work, row.content, raw, device, row.kind, row.number, row.created_ms, row.tries + 1)
    if link is not None:
        rewind(link)
        pump(work, link)


def top_up(work: Work, device: DeviceId) -> None:
    """See that a contact has one-time prekeys of ours, over a session that exists."""
    if not work.tx.sessions.of_peer(device) or not work.directory.is_active(device):
        return
    raw = onetime.issue(work, device)
    if raw is not None:
        enqueue(work, content_id(raw), raw, [device], CONTROL)


# --- states ---------------------------------------------------------------------------------------------


def mark(work: Work, message: ContentId, device: DeviceId, state: str, reason: str | None) -> None:
    """Note where a message stands with one device. "read" is never taken back."""
    record = work.tx.history.message(message)
    if record is None:
        return
    old = next((one for one in work.tx.history.deliveries(message) if one.device == device), None)
    if old is None or old.state == "read" or (old.state == state and old.reason == reason):
        return
    work.tx.history.put_delivery(
        DeliveryRecord(
            message=message,
            device=device,
            person=old.person,
            state=state,
            at_ms=work.now.wall_ms,
            reason=reason,
        )
    )
    work.message_changed(record.conversation, message)
    work.conversation_changed(record.conversation)
    work.status_changed = True


def abandon(work: Work, row: OutboxRow) -> None:
    """A row ends undelivered. Too many such gaps in one session lead to a new one (11.8)."""
    work.tx.queues.delete_outbox(row.envelope)
    work.state.contents_dirty = True
    link = work.link_to(row.device)
    if link is not None:
        landed(link, row.envelope)
    if not row.wire:
        return
    key = f"abandoned/{row.session.hex()}"
    count = int(work.tx.values.get(key) or b"0") + 1
    work.tx.values.put(key, str(count).encode())
    if count >= limits.MAX_ABANDONED:
        sessions.retire(work, row.session)
        renew(work, row.device)


def expire(work: Work) -> None:
    """Rows end after 90 days as "not delivered"."""
    for row in work.tx.queues.outbox_before(work.now.wall_ms - limits.ROW_LIFE_MS):
        abandon(work, row)
        if row.kind == MESSAGE:
            mark(work, row.content, row.device, "failed", "expired")


def device_gone(work: Work, device: DeviceId) -> None:
    """A device was revoked: its rows, sessions and one-time prekeys go in the same transaction (11.9)."""
    for content in work.tx.queues.delete_outbox_of_device(device):
        mark(work, content, device, "failed", "device_revoked")
    work.state.contents_dirty = True
    sessions.forget_device(work, device)
    onetime.contact_gone(work, device)


def device_came(work: Work, device: DeviceId) -> None:
    """A device was linked: what nobody of its person has yet goes to it too (11.9)."""
    since_ms = work.now.wall_ms - limits.ROW_LIFE_MS
    for person in work.directory.persons_of(device):
        for content in work.tx.history.undelivered_of_person(person, since_ms):
            record = work.tx.history.message(content)
            if record is None or not record.own or record.author_device != work.own_id:
                continue
            work.tx.history.put_delivery(
                DeliveryRecord(
                    message=content, device=device, person=person, state="waiting", at_ms=work.now.wall_ms
                )
            )
            enqueue(work, content, record.raw, [device], MESSAGE)
            work.message_changed(record.conversation, content)
