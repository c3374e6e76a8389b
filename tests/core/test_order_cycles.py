"""Cycles among references cannot be made from hashes; were one there all the same, work would end (attack 60)."""

from dataclasses import dataclass, field
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

from app.core import limits
from app.core.order import settle
from app.core.ports import MessageRecord
from app.core.work import Work
from crypto.ids import ContentId

CONVERSATION = b"c" * 32


@dataclass
class History:
    """Messages that name each other; counts how often one is moved."""

    orders: dict[ContentId, int]
    followers: dict[ContentId, list[ContentId]]
    moves: int = field(default=0)

    def record(self, message: ContentId) -> Any:
        return SimpleNamespace(message=message, conversation=CONVERSATION, order=self.orders[message])

    def referring(self, message: ContentId) -> list[ContentId]:
        return self.followers.get(message, [])

    def message(self, message: ContentId) -> Any:
        return self.record(message)

    def set_order(self, message: ContentId, order: int) -> None:
        self.moves += 1
        assert self.moves <= 2 * limits.MAX_REORDER_STEPS, "goes on for ever"
        self.orders[message] = order


def settled(history: History, arrived: ContentId) -> bool:
    work = SimpleNamespace(tx=SimpleNamespace(history=history))
    return settle(cast(Work, work), cast(MessageRecord, history.record(arrived)))


def test_attack_60_a_cycle_ends() -> None:
    one, two = ContentId(b"1" * 32), ContentId(b"2" * 32)
    history = History({one: 10, two: 5}, {one: [two], two: [one]})
    assert settled(history, one)
    assert history.moves == limits.MAX_REORDER_STEPS


def test_attack_60_a_long_line_moves_once_each() -> None:
    line = [ContentId(number.to_bytes(32, "big")) for number in range(500)]
    following = {one: [other] for one, other in pairwise(line)}
    history = History({one: 7 for one in line}, following)
    assert settled(history, line[0])
    assert [history.orders[one] for one in line] == list(range(7, 507))
    assert history.moves == 499
