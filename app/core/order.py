"""The place of a message in its conversation (protocol 10.9, 11.17).

t' = max(clamped sender time, max over known references of their t' + 1 ms); rows sort by (t', id). A message is
shown at once; when something it refers to comes later, its place and those of its followers are computed anew.
References are hashes, so they have no cycles; the number of moves is bounded all the same.
"""

from collections.abc import Sequence

from app.core import limits
from app.core.ports import MessageRecord
from app.core.work import Work
from crypto.ids import ContentId


def clamp(time_ms: int, arrival_ms: int) -> int:
    """A clock ahead of ours counts five minutes at most."""
    return min(time_ms, arrival_ms + limits.CLOCK_AHEAD_MS)


def is_clock_wrong(time_ms: int, arrival_ms: int) -> bool:
    """A message from the future: the sender's clock is wrong."""
    return time_ms > arrival_ms + limits.CLOCK_AHEAD_MS


def place(work: Work, time_ms: int, references: Sequence[ContentId]) -> int:
    """t' of a new message."""
    order = clamp(time_ms, work.now.wall_ms)
    for record in work.tx.history.messages(references).values():
        order = max(order, record.order + 1)
    return order


def settle(work: Work, arrived: MessageRecord) -> bool:
    """Move what refers to a message that came only now. True if anything moved."""
    moved = False
    steps = 0
    waiting = [(arrived.message, arrived.order)]
    while waiting and steps < limits.MAX_REORDER_STEPS:
        message, order = waiting.pop()
        for follower in work.tx.history.referring(message):
            record = work.tx.history.message(follower)
            if record is None or record.conversation != arrived.conversation or record.order > order:
                continue
            steps += 1
            work.tx.history.set_order(follower, order + 1)
            waiting.append((follower, order + 1))
            moved = True
    return moved
