"""What a person does with messages: the requests that write, but for people and groups."""

from app.core import content as contents
from app.core import conversations, delivery, limits, reach, receipts, requests, transfers, views
from app.core.admission import Attachment
from app.core.content import BlobRef
from app.core.names import clean_text
from app.core.ports import DeliveryRecord, MessageRecord
from app.core.refused import Refused
from app.core.views import AnyView, Done
from app.core.work import Work
from crypto.ids import ContentId, ConversationId

_RECEIVED = ("delivered", "read", "courier")


def send_text(work: Work, request: requests.SendText) -> AnyView:
    """Raises `Refused`."""
    text = clean_text(request.text).strip("\n")
    if not text.strip():
        raise Refused("text_empty")
    if len(text) > limits.MAX_TEXT_CHARS:
        raise Refused("text_too_long", limit=limits.MAX_TEXT_CHARS)
    record = conversations.get(work, request.conversation)
    body = contents.Text(text, _reply(work, request.conversation, request.reply_to))
    message = conversations.write(work, record, body)
    return views.Sent(message=message, conversation=record.conversation)


def _reply(work: Work, conversation: ConversationId, reply_to: ContentId | None) -> ContentId | None:
    if reply_to is None:
        return None
    message = work.tx.history.message(reply_to)
    if message is None or message.conversation != conversation:
        raise Refused("unknown_message")
    return reply_to


def attach(work: Work, attachment: Attachment) -> AnyView:
    """Send a photo or file whose chunks are all here. Raises `Refused`."""
    row = work.tx.blobs.get(attachment.blob)
    if row is None or row.state != "complete":
        raise Refused("gone")
    caption = clean_text(attachment.caption).strip()
    if len(caption) > limits.MAX_CAPTION_CHARS:
        raise Refused("text_too_long", limit=limits.MAX_CAPTION_CHARS)
    record = conversations.get(work, attachment.conversation)
    reply_to = _reply(work, attachment.conversation, attachment.reply_to)
    ref = BlobRef(row.size_bytes, row.key, row.chunk_hashes)
    body: contents.Photo | contents.File
    if attachment.file_name is None:
        body = contents.Photo(
            ref,
            attachment.media_type,
            attachment.width_px,
            attachment.height_px,
            attachment.captured_ms,
            attachment.thumbnail,
            caption,
            reply_to,
        )
    else:
        name = attachment.file_name[: limits.MAX_FILE_NAME_CHARS]
        body = contents.File(ref, attachment.media_type, name, caption, reply_to)
    message = conversations.write(work, record, body, blob=attachment.blob)
    return views.Sent(message=message, conversation=record.conversation)


def save_draft(work: Work, request: requests.SaveDraft) -> AnyView:
    """Raises `Refused`."""
    if len(request.text) > limits.MAX_DRAFT_CHARS:
        raise Refused("text_too_long", limit=limits.MAX_DRAFT_CHARS)
    record = conversations.get(work, request.conversation)
    if record.draft != request.text:
        conversations.update(work, record, draft=request.text)
    return Done()


def mark_read(work: Work, request: requests.MarkRead) -> AnyView:
    """Raises `Refused`."""
    receipts.mark_read(work, request.conversation, request.up_to)
    return Done()


# --- waiting and failed messages ----------------------------------------------------------------------


def _own_message(work: Work, message: ContentId) -> MessageRecord:
    record = work.tx.history.message(message)
    if record is None or not record.own or record.kind == conversations.NOTICE:
        raise Refused("unknown_message")
    return record


def retry(work: Work, request: requests.RetryMessage) -> AnyView:
    """Send again at once what waits, and queue anew for devices that were given up. Raises `Refused`."""
    record = _own_message(work, request.message)
    conversations.check_writable(work, conversations.get(work, record.conversation))
    waiting = {row.device for row in work.tx.queues.outbox_of_content(record.message)}
    for one in work.tx.history.deliveries(record.message):
        if one.state in _RECEIVED or not work.directory.is_active(one.device):
            continue
        work.state.wanted.pop(one.device, None)
        reach.want(work, one.device)
        if one.device not in waiting and record.author_device == work.own_id:
            work.tx.history.put_delivery(
                DeliveryRecord(
                    message=record.message,
                    device=one.device,
                    person=one.person,
                    state="waiting",
                    at_ms=work.now.wall_ms,
                )
            )
            delivery.enqueue(work, record.message, record.raw, [one.device], delivery.MESSAGE)
        link = work.link_to(one.device)
        if link is not None:
            delivery.rewind(link)
            delivery.pump(work, link)
    work.message_changed(record.conversation, record.message)
    return Done()


def discard(work: Work, request: requests.DiscardMessage) -> AnyView:
    """Take back what nobody received, own other devices included. Raises `Refused`."""
    record = _own_message(work, request.message)
    if any(one.state in _RECEIVED for one in work.tx.history.deliveries(record.message)):
        raise Refused("already_delivered")
    rows = work.tx.queues.outbox_of_content(record.message)
    waiting = {row.device for row in rows}
    others = [one for one in work.directory.devices_of(work.person) if one != work.own_id]
    if record.author_device != work.own_id or any(one not in waiting for one in others):
        raise Refused("already_delivered")
    for row in rows:
        delivery.abandon(work, row)
    work.tx.history.delete_message(record.message)
    if record.blob is not None:
        work.delete_blobs()
    conversations.refresh_last(work, record.conversation)
    work.timelines.add(record.conversation)
    work.status_changed = True
    return Done()


# --- photos and files ---------------------------------------------------------------------------------


def fetch_blob(work: Work, request: requests.FetchBlob) -> AnyView:
    """Raises `Refused`."""
    record = work.tx.history.message(request.message)
    if record is None or record.blob is None or work.tx.blobs.get(record.blob) is None:
        raise Refused("gone")
    transfers.retry(work, record.blob)
    return Done()


def cancel_transfer(work: Work, request: requests.CancelTransfer) -> AnyView:
    """Raises `Refused`."""
    record = work.tx.history.message(request.message)
    if record is None or record.blob is None:
        raise Refused("gone")
    transfers.cancel(work, record.blob)
    return Done()


def put_setting(work: Work, request: requests.PutSetting) -> AnyView:
    """Raises `Refused`."""
    if not 0 < len(request.key) <= 100 or len(request.value or b"") > limits.MAX_SETTING_BYTES:
        raise Refused("bad_request")
    work.tx.values.put(f"setting/{request.key}", request.value)
    return Done()
