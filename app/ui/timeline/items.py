"""Rows of the timeline with their place in it: group position, day start, unread line. No Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.core.views import MessageKind, MessageRow
from app.ui.words import moment
from crypto.ids import ContentId

GROUP_GAP_MS: Final = 5 * 60_000
"""Messages of one author further apart than this start a new group."""
SLOW_MS: Final = 8_000
"""A message that waits for longer says why; before that its clock mark is enough."""


@dataclass(frozen=True, slots=True)
class Item:
    """One row as it is drawn. `unread` is the number on the line above it, 0 for no line."""

    row: MessageRow
    first: bool
    last: bool
    day: date | None
    unread: int
    slow: bool


def _together(before: MessageRow, after: MessageRow) -> bool:
    notices = MessageKind.NOTICE in (before.kind, after.kind)
    return (
        not notices
        and before.author == after.author
        and before.own == after.own
        and after.sent_ms - before.sent_ms < GROUP_GAP_MS
    )


def place(rows: Sequence[MessageRow], first_unread: ContentId | None, unread: int, now_ms: int) -> list[Item]:
    """Rows in shown order with group positions, day starts and the unread line."""
    days = [moment(row.sent_ms).date() for row in rows]
    starts = [
        index == 0
        or days[index] != days[index - 1]
        or row.message == first_unread
        or not _together(rows[index - 1], row)
        for index, row in enumerate(rows)
    ]
    items = []
    for index, row in enumerate(rows):
        last = index + 1 == len(rows) or starts[index + 1]
        day = days[index] if index == 0 or days[index] != days[index - 1] else None
        line = max(1, unread) if row.message == first_unread else 0
        items.append(Item(row, starts[index], last, day, line, now_ms - row.sent_ms > SLOW_MS))
    return items
