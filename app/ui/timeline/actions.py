"""What can be done with a message, by mouse, key and menu."""

from enum import Enum

from app.core.views import Mark, MessageKind, TransferState
from app.ui.timeline.items import Item


class Action(Enum):
    """What a click on a painted area, Enter or the context menu does."""

    OPEN_PHOTO = "open_photo"
    FETCH = "fetch"
    CANCEL = "cancel"
    SAVE = "save"
    RETRY = "retry"
    DISCARD = "discard"
    DELIVERY = "delivery"
    QUOTE = "quote"
    UNFOLD = "unfold"
    REPLY = "reply"
    COPY = "copy"


def actions_of(item: Item) -> list[Action]:
    """What can be done with a message by menu and key, most useful first."""
    row = item.row
    found: list[Action] = []
    blob = row.photo.blob if row.photo else row.file.blob if row.file else None
    if row.kind is MessageKind.NOTICE:
        return found
    if row.photo is not None:
        found.append(Action.OPEN_PHOTO)
    if blob is not None and not row.own and blob.state in (TransferState.ABSENT, TransferState.PAUSED):
        found.append(Action.FETCH)
    if blob is not None and blob.state is TransferState.RUNNING:
        found.append(Action.CANCEL)
    if blob is not None and blob.state is TransferState.COMPLETE:
        found.append(Action.SAVE)
    if row.own and row.mark in (Mark.WAITING, Mark.FAILED):
        found += [Action.RETRY, Action.DISCARD]
    if row.kind in (MessageKind.TEXT, MessageKind.PHOTO, MessageKind.FILE):
        found.append(Action.REPLY)
        if row.text.strip():
            found.append(Action.COPY)
    if row.own and row.mark is not Mark.NONE:
        found.append(Action.DELIVERY)
    return found
