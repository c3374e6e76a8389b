"""The running messenger on the engine's loop: inputs in batches, one transaction each, effects after the commit.

Order of things (architecture, "Flow of a message"): persist, then send; commit, then acknowledge. Received bytes
are given back to the transport as room for more only once they are committed, so a slow disk slows the peer down
instead of filling memory.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from app.core import effects as fx
from app.core.events import AnyEvent, ProblemRaised
from app.core.messenger import Messenger
from app.core.ports import Transaction
from app.failures import failure_of
from app.mailbox import Job, Mailbox
from app.store.db import Store
from transport.base import Transport
from transport.events import (
    BulkDone,
    BulkReceived,
    DialFailed,
    FrameReceived,
    LinkDown,
    LinkId,
    LinkUp,
    SendReady,
    TransportEvent,
)

log = logging.getLogger(__name__)

_T = TypeVar("_T")

BULK_FLUSH_BYTES: Final = 1 << 20
"""Chunks received are committed at the latest when this much waits: below what a peer may have in flight."""
BULK_FLUSH_S: Final = 0.02
"""... or after this long, so that a slow link's chunks do not wait for company."""


class Runtime:
    """Owns the store's writer, the messenger core and the transport. Lives on the engine's loop."""

    def __init__(
        self,
        store: Store,
        messenger: Messenger,
        transport: Transport,
        publish: Callable[[AnyEvent], None],
        perform: Callable[[fx.AnyEffect], None],
    ) -> None:
        self._store = store
        self._messenger = messenger
        self._transport = transport
        self._publish = publish
        self._perform_other = perform
        self._mailbox = Mailbox()
        self._loop = asyncio.get_running_loop()
        self._scheduled = False
        self._bulk_bytes = 0
        self._bulk_timer: asyncio.TimerHandle | None = None
        self._wake: asyncio.TimerHandle | None = None
        self._closed = False
        self._links: set[LinkId] = set()

    # --- inputs -------------------------------------------------------------------------------------------

    def now(self) -> fx.Now:
        """Wall clock and monotonic clock, in milliseconds."""
        return fx.Now(wall_ms=time.time_ns() // 1_000_000, mono_ms=time.monotonic_ns() // 1_000_000)

    def post(
        self,
        work: Callable[[Transaction], fx.Outcome],
        done: Callable[[fx.Outcome], None] = lambda _: None,
        failed: Callable[[Exception], None] = lambda _: None,
    ) -> None:
        """Run `work` in the next transaction; `done` after its commit."""
        self._mailbox.put(Job(work, done, failed))
        self._schedule()

    async def run(self, work: Callable[[Transaction], fx.Outcome]) -> fx.Outcome:
        """`post` and wait for the commit. Raises what the transaction raised."""
        future: asyncio.Future[fx.Outcome] = self._loop.create_future()

        def done(outcome: fx.Outcome) -> None:
            if not future.done():  # who asked may have gone
                future.set_result(outcome)

        def failed(error: Exception) -> None:
            if not future.done():
                future.set_exception(error)

        self.post(work, done, failed)
        return await future

    def on_transport(self, events: Sequence[TransportEvent]) -> None:
        """The transport's sink for links of the main and the roster protocol."""
        for event in events:
            self._on_event(event)

    def _on_event(self, event: TransportEvent) -> None:
        core = self._messenger
        match event:
            case FrameReceived():
                frame = event
                self._input(
                    lambda tx, now: core.frame(tx, now, frame.link, frame.frame), frame.link, len(frame.frame)
                )
            case BulkReceived():
                bulk = event
                size = len(bulk.payload)
                self._bulk_bytes += size
                self._input(
                    lambda tx, now: core.bulk(tx, now, bulk.link, bulk.payload), bulk.link, size, urgent=False
                )
            case BulkDone():
                sent = event
                self._input(lambda tx, now: core.bulk_done(tx, now, sent.link, sent.token), sent.link)
            case SendReady():
                ready = event
                self._input(lambda tx, now: core.send_ready(tx, now, ready), ready.link)
            case LinkUp():
                up = event
                self._links.add(up.link)
                self._input(lambda tx, now: core.link_up(tx, now, up), up.link)
            case LinkDown():
                down = event
                self._links.discard(down.link)
                self._input(lambda tx, now: core.link_down(tx, now, down))
            case DialFailed():
                dial = event
                self._input(lambda tx, now: core.dial_failed(tx, now, dial))

    def _input(
        self,
        call: Callable[[Transaction, fx.Now], fx.Outcome],
        link: LinkId | None = None,
        size_bytes: int = 0,
        *,
        urgent: bool = True,
    ) -> None:
        def done(_: fx.Outcome) -> None:
            if link is not None and size_bytes:
                self._transport.consumed(link, size_bytes)

        def failed(_: Exception) -> None:
            # Not committed, so it must come again: end the link, the peer sends it on the next one.
            if link is not None:
                self._transport.close(link)

        self._mailbox.put(Job(lambda tx: call(tx, self.now()), done, failed, urgent))
        if urgent or self._bulk_bytes >= BULK_FLUSH_BYTES:
            self._schedule()
        elif self._bulk_timer is None:
            self._bulk_timer = self._loop.call_later(BULK_FLUSH_S, self._bulk_due)

    def _bulk_due(self) -> None:
        self._bulk_timer = None
        self._drain()

    def _schedule(self) -> None:
        if not self._scheduled and not self._closed:
            self._scheduled = True
            self._loop.call_soon(self._drain)

    # --- transactions ------------------------------------------------------------------------------------------

    def _drain(self) -> None:
        self._scheduled = False
        if self._closed:
            return
        with_bulk = self._bulk_bytes >= BULK_FLUSH_BYTES or self._bulk_timer is None
        batch = self._mailbox.take(with_bulk=with_bulk)
        if with_bulk and self._mailbox.bulk_waiting == 0:
            self._bulk_bytes = 0
        if batch:
            self._commit(batch)
        if self._mailbox.urgent_waiting or (with_bulk and self._mailbox.bulk_waiting):
            self._schedule()

    def _commit(self, batch: Sequence[Job]) -> None:
        try:
            with self._store.write() as tx:
                outcomes = [job.work(tx) for job in batch]
        except Exception as error:
            self._messenger.rolled_back()
            # What the core knew of its links is gone with its caches: both sides start anew from their stores.
            for link in self._links:
                self._transport.close(link)
            if len(batch) > 1:
                # One bad input must not take its neighbours along: each alone, in order.
                for job in batch:
                    self._commit([job])
                return
            self._report(error)
            self._alone(batch[0].failed, error)
            return
        for job, outcome in zip(batch, outcomes, strict=True):
            self._settle(outcome)
            self._alone(job.done, outcome)

    def _report(self, error: Exception) -> None:
        """A failing disk, or a bug: peers cannot raise here. Either way a person is told."""
        log.error("transaction failed: %s", type(error).__name__)
        self._publish(ProblemRaised(failure=failure_of(error)))

    def _settle(self, outcome: fx.Outcome) -> None:
        """What is committed happens, each thing on its own: one that fails takes no other along."""
        broken: set[LinkId] = set()
        for effect in outcome.effects:
            link = _link_of(effect)
            if link is not None and link in broken:
                continue
            if not self._alone(self._perform, effect) and link is not None:
                # The peer would miss what comes before the rest: both sides start anew from their stores.
                broken.add(link)
                self._alone(self._transport.close, link)
        for event in outcome.events:
            self._alone(self._publish, event)

    def _alone(self, call: Callable[[_T], object], value: _T) -> bool:
        """Whether the call went well; what it raises is a bug, told and not passed on."""
        try:
            call(value)
        except Exception as error:
            log.error("%s after a commit failed: %s", type(value).__name__, type(error).__name__)
            return False
        return True

    def _perform(self, effect: fx.AnyEffect) -> None:
        match effect:
            case fx.SendFrame():
                self._transport.send(effect.link, effect.frame)
            case fx.SendBulk():
                self._transport.send_bulk(effect.link, effect.payload, effect.token)
            case fx.CloseLink():
                self._transport.close(effect.link, effect.error_code)
            case fx.Want():
                self._transport.want(effect.peer, effect.addresses)
            case fx.Unwant():
                self._transport.unwant(effect.peer)
            case fx.DialOnce():
                self._transport.dial_once(effect.peer, effect.addresses, effect.alpn)
            case fx.WakeAt():
                self._wake_at(effect.mono_ms)
            case _:
                self._perform_other(effect)

    # --- time -------------------------------------------------------------------------------------------------

    def _wake_at(self, mono_ms: int | None) -> None:
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        if mono_ms is not None and not self._closed:
            delay_s = max(0.0, mono_ms / 1000 - time.monotonic())
            self._wake = self._loop.call_later(delay_s, self._tick)

    def _tick(self) -> None:
        self._wake = None
        self.post(lambda tx: self._messenger.tick(tx, self.now()))

    async def stop(self) -> None:
        """Handle what waits, then nothing more. What could not be committed comes again from the peers."""
        self._wake_at(None)
        if self._bulk_timer is not None:
            self._bulk_timer.cancel()
            self._bulk_timer = None
        while batch := self._mailbox.take(with_bulk=True):
            self._commit(batch)
        self._closed = True


def _link_of(effect: fx.AnyEffect) -> LinkId | None:
    """The link that an effect is about."""
    match effect:
        case fx.SendFrame() | fx.SendBulk() | fx.CloseLink():
            return effect.link
    return None
