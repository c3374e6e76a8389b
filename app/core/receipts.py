"""What was read (protocol 10.7, 11.8): receipts to authors, and the read position to own other devices.

Read receipts are off unless the setting says otherwise. They are collected and leave as one cumulative content
when the author's device is linked; they cause no receipts, and their rows end at the acknowledgement.
"""

from typing import Final

from app.core import content as contents
from app.core import conversations, delivery, limits
from app.core.content import Author, ReadPosition, Receipt
from app.core.ports import MessageRecord
from app.core.refused import Refused
from app.core.work import Work
from crypto import codec
from crypto.ids import ContentId, ConversationId, DeviceId

SETTING: Final = "setting/receipts.read"


def read_receipts_on(work: Work) -> bool:
    """Whether colleagues learn what was read here."""
    return work.tx.values.get(SETTING) == b"1"


def mark_read(work: Work, conversation: ConversationId, up_to: ContentId | None) -> None:
    """The person has seen everything up to `up_to`. Raises `Refused`."""
    record = conversations.get(work, conversation)
    message = work.tx.history.message(up_to if up_to is not None else record.last_message or ContentId(b""))
    if message is None or message.conversation != conversation:
        if up_to is not None:
            raise Refused("unknown_message")
        return
    if message.order <= record.read_order and record.unread == 0:
        return
    newly = _between(work, conversation, record.read_order, message)
    _advance(work, conversation, message)
    others = [device for device in work.directory.devices_of(work.person) if device != work.own_id]
    if others:
        conversations.send_control(work, record, ReadPosition(message.message), others)
    if read_receipts_on(work):
        _owe(work, newly)


def _between(
    work: Work, conversation: ConversationId, after_order: int, up_to: MessageRecord
) -> list[MessageRecord]:
    """Colleagues' messages that were read just now."""
    rows = work.tx.history.page(conversation, (up_to.order, up_to.message), limits.MAX_RECEIPT_IDS, 0)
    return [row for row in rows if row.order > after_order and not row.own and row.state == "live"]


def _advance(work: Work, conversation: ConversationId, message: MessageRecord) -> None:
    record = conversations.get(work, conversation)
    read_order = max(record.read_order, message.order)
    unread = work.tx.history.count_after(conversation, read_order, own=False)
    if (read_order, unread) != (record.read_order, record.unread):
        conversations.update(work, record, read_order=read_order, unread=unread)
        work.status_changed = True


def on_position(work: Work, conversation: ConversationId, body: ReadPosition) -> None:
    """An own other device has read up to here."""
    message = work.tx.history.message(ContentId(body.message))
    if message is not None and message.conversation == conversation:
        _advance(work, conversation, message)


# --- receipts -----------------------------------------------------------------------------------------


def _owe(work: Work, rows: list[MessageRecord]) -> None:
    devices: dict[DeviceId, list[bytes]] = {}
    for row in rows:
        devices.setdefault(row.author_device, []).append(row.message)
    for device, ids in devices.items():
        key = f"receipts/{device.hex()}"
        due = _due(work, device) + ids
        work.tx.values.put(key, codec.encode(due[-limits.MAX_DUE_RECEIPTS :]))
        flush(work, device)


def _due(work: Work, device: DeviceId) -> list[bytes]:
    value = work.tx.values.get(f"receipts/{device.hex()}")
    return codec.decode(list[bytes], value, max_bytes=1 << 20) if value is not None else []


def flush(work: Work, device: DeviceId) -> None:
    """Send the receipts that are due to a device, if it has a link."""
    if work.link_to(device) is None or not work.directory.is_active(device):
        return
    due = _due(work, device)
    if not due:
        return
    work.tx.values.put(f"receipts/{device.hex()}", None)
    author = Author(work.home, work.person, work.own_id)
    for start in range(0, len(due), limits.MAX_RECEIPT_IDS):
        ids = tuple(due[start : start + limits.MAX_RECEIPT_IDS])
        raw = contents.make(
            work.entropy, author, None, Receipt(delivered=(), read=ids), time_ms=work.now.wall_ms
        )
        delivery.enqueue(work, contents.content_id(raw), raw, [device], delivery.RECEIPT)


def on_receipt(work: Work, device: DeviceId, body: Receipt) -> None:
    """A recipient's device tells what it has and what was read; whatever waits for it ends."""
    for state, ids in (("delivered", body.delivered), ("read", body.read)):
        for one in ids:
            message = ContentId(one)
            record = work.tx.history.message(message)
            if record is None or not record.own:
                continue
            for row in work.tx.queues.outbox_of_content(message):
                if row.device == device:
                    work.tx.queues.delete_outbox(row.envelope)
            delivery.mark(work, message, device, state, None)
