"""Jobs for the engine, batched into transactions: one commit for what arrived together, no lost job on failure."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.core.effects import Outcome
from app.core.ports import Transaction

log = logging.getLogger(__name__)

MAX_BATCH: Final = 64
"""Jobs in one transaction: bounds how long one commit can hold up the loop."""

Work = Callable[[Transaction], Outcome]


@dataclass(frozen=True, slots=True)
class Job:
    """One input for the core. `done` runs after the commit, `failed` if it could not be committed."""

    work: Work
    done: Callable[[Outcome], None]
    failed: Callable[[Exception], None]
    urgent: bool = True


class Mailbox:
    """Two queues: messages and requests first, blob chunks when nothing else waits or their time has come."""

    def __init__(self) -> None:
        self._urgent: deque[Job] = deque()
        self._bulk: deque[Job] = deque()

    def put(self, job: Job) -> None:
        """Queue behind those of its kind."""
        (self._urgent if job.urgent else self._bulk).append(job)

    def take(self, *, with_bulk: bool) -> Sequence[Job]:
        """The next batch, in order of arrival within a kind; empty if there is nothing to do."""
        batch = [self._urgent.popleft() for _ in range(min(MAX_BATCH, len(self._urgent)))]
        if with_bulk:
            room = MAX_BATCH - len(batch)
            batch += [self._bulk.popleft() for _ in range(min(room, len(self._bulk)))]
        return batch

    @property
    def urgent_waiting(self) -> int:
        return len(self._urgent)

    @property
    def bulk_waiting(self) -> int:
        return len(self._bulk)
