"""Work nobody waits for: blob deletion in small steps, checkpoints, pages given back (architecture, "blobs")."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Final

from app.core.effects import Outcome
from app.core.events import AnyEvent, ProblemRaised
from app.core.ports import Transaction
from app.failures import failure_of
from app.runtime import Runtime
from app.store.db import Store
from app.store.errors import StoreError

log = logging.getLogger(__name__)

CHECK_S: Final = 2.0
CHECKPOINT_PAGES: Final = 1_000
"""About 4 MB of write-ahead log."""
IDLE_CHECKS: Final = 30
"""A quiet minute also empties the log: old ratchet pages leave the disk (protocol 11.21)."""


class Upkeep:
    """Lives on the engine's loop; the slow part runs in workers."""

    def __init__(
        self, store: Store, runtime: Runtime, workers: Executor, publish: Callable[[AnyEvent], None]
    ) -> None:
        self._store = store
        self._runtime = runtime
        self._workers = workers
        self._publish = publish
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self._deleting: asyncio.Task[None] | None = None
        self._told: str | None = None

    def start(self) -> None:
        """Also takes up a deletion queue that a crash left."""
        self._task = self._loop.create_task(self._watch())
        self.delete_blobs()

    async def stop(self) -> None:
        """Returns when no worker touches the store any more."""
        for task in (self._task, self._deleting):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    def delete_blobs(self) -> None:
        """Empty the deletion queue, four chunks a commit, messages in between."""
        if self._deleting is None or self._deleting.done():
            self._deleting = self._loop.create_task(self._delete())

    async def _delete(self) -> None:
        more = True

        def step(tx: Transaction) -> Outcome:
            nonlocal more
            more = tx.blobs.delete_step()
            return Outcome()

        try:
            while more:
                await self._runtime.run(step)
        except StoreError as error:
            self._tell(error)

    async def _watch(self) -> None:
        quiet = 0
        while True:
            await asyncio.sleep(CHECK_S)
            pages = self._store.log_pages
            quiet = 0 if pages >= CHECKPOINT_PAGES else quiet + 1
            if pages < CHECKPOINT_PAGES and (quiet < IDLE_CHECKS or pages == 0):
                continue
            quiet = 0
            try:
                await self._loop.run_in_executor(self._workers, self._store.checkpoint)
                self._told = None
            except StoreError as error:
                self._tell(error)

    def _tell(self, error: StoreError) -> None:
        """Once per kind of trouble, not every two seconds."""
        failure = failure_of(error)
        log.warning("upkeep: %s", failure.code)
        if failure.code != self._told:
            self._told = failure.code
            self._publish(ProblemRaised(failure=failure))
