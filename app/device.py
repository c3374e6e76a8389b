"""One open profile at work: core, transport, discovery, pairing, sending and lock put together."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any, Final

from app import locking
from app.core import effects as fx
from app.core import requests, views
from app.core.events import AnyEvent, MessageArrived, ProblemRaised, StatusChanged, WindowRequested
from app.core.messenger import HANDLED, Messenger
from app.core.ports import Transaction
from app.core.requests import AnyRequest
from app.core.views import AnyView, Failure
from app.failures import failure_of
from app.joining import Joining
from app.presence import Presence
from app.profile import Profile
from app.runtime import Runtime
from app.security import DeviceSecurity
from app.sending import Sending
from app.store.errors import StoreError
from app.trusted_time import TrustedTime
from app.upkeep import Upkeep
from crypto.entropy import Entropy
from transport.errors import DiscoveryError
from transport.events import Sighting, TransportEvent
from transport.quic import QuicTransport

if TYPE_CHECKING:
    from app.engine import EngineOptions

log = logging.getLogger(__name__)

_WHILE_LOCKED: Final = (requests.Unlock, requests.ShowWindow, requests.Lock)


class Device:
    """Lives on the engine's loop, from an open profile to its closing."""

    def __init__(
        self,
        options: "EngineOptions",
        profile: Profile,
        entropy: Entropy,
        workers: Executor,
        publish: Callable[[AnyEvent], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._profile = profile
        self._entropy = entropy
        self._workers = workers
        self._publish_raw = publish
        self._locked = False
        self._has_pin = False
        self._port = 0
        self._options = options
        self._messenger = Messenger(entropy)
        self._transport = QuicTransport(port=options.port, host=options.host)
        self._trusted = TrustedTime(lambda: int(time.time()))
        self._security = DeviceSecurity(entropy, lambda: int(time.time()), self._trusted.now_s)
        self._runtime = Runtime(
            profile.store, self._messenger, self._transport, self._publish, self._perform
        )
        self._sending = Sending(
            messenger=self._messenger,
            runner=self._runtime,
            store=profile.store,
            workers=workers,
            entropy=entropy,
        )
        self._upkeep = Upkeep(profile.store, self._runtime, workers, self._publish)
        self._joining = Joining(
            messenger=self._messenger,
            runner=self._runtime,
            transport=self._transport,
            security=self._security,
            workers=workers,
            entropy=entropy,
            publish=self._publish,
            show_open=lambda name: self._presence.show_open(name),
            own_addresses=lambda: self._presence.typed_addresses(),
        )
        self._presence = Presence(
            entropy=entropy,
            only=frozenset(options.interfaces) if options.interfaces is not None else None,
            sighted=self._on_sighting,
            changed=self._network_changed,
            failed=self._discovery_failed,
        )
        self._transport_up = False
        self._started = False
        self._tables()

    # --- life -----------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Open socket, announce, dial. Raises `TransportError` or `StoreError`."""
        await self._runtime.run(self._load_lock)
        await self._transport.start(self._on_transport, self._security)
        self._transport_up = True
        self._port = self._transport.port
        await self._runtime.run(Sending.clean_up)
        # Before discovery: a sighting would be the messenger's first input otherwise.
        await self._open_messenger()
        self._security.update(self._messenger.membership())
        try:
            await self._presence.start(self._port)
        except DiscoveryError as error:
            self._discovery_failed(error)
        self._tell_network()
        self._upkeep.start()
        self._started = True

    async def _open_messenger(self) -> None:
        """A database that was put back gets a new incarnation before it says a word (protocol 11.20, 11.4)."""
        put_back = self._profile.start_mismatch is not None

        def opening(tx: Transaction) -> fx.Outcome:
            now = self._runtime.now()
            before = self._messenger.restored(tx, now) if put_back else fx.Outcome()
            opened = self._messenger.open(tx, now)
            return fx.Outcome(
                effects=before.effects + opened.effects,
                events=before.events + opened.events,
                reply=opened.reply,
            )

        await self._runtime.run(opening)
        if put_back:
            # After the commit: a crash in between starts over once more, which costs only new sessions. On this
            # thread, because it writes to the store; a person waits for this start anyway.
            self._profile.accept_start()
            self._publish(ProblemRaised(failure=Failure(code="profile_put_back")))

    async def stop(self) -> None:
        """Goodbye, then close."""
        self._joining.stop()
        await self._upkeep.stop()
        await self._presence.stop()
        if self._transport_up:
            await self._transport.stop()
        await self._runtime.stop()
        await self._loop.run_in_executor(self._workers, self._profile.close)

    def _load_lock(self, tx: Transaction) -> fx.Outcome:
        self._trusted.load(tx.values)
        self._has_pin = locking.load(tx.values) is not None
        self._locked = self._has_pin
        return fx.Outcome()

    # --- network --------------------------------------------------------------------------------------------

    def _on_transport(self, events: Sequence[TransportEvent]) -> None:
        self._runtime.on_transport([event for event in events if not self._joining.on_event(event)])

    def _on_sighting(self, seen: Sighting) -> None:
        self._joining.sighted(seen)
        self._runtime.post(lambda tx: self._messenger.sighting(tx, self._runtime.now(), seen))

    def _network_changed(self) -> None:
        self._transport.network_changed()
        self._tell_network()

    def _tell_network(self) -> None:
        usable = self._presence.has_network
        self._runtime.post(lambda tx: self._messenger.network(tx, self._runtime.now(), usable=usable))

    def _discovery_failed(self, error: Exception) -> None:
        # Known addresses still work; the window says that nobody new can be found.
        self._publish(ProblemRaised(failure=failure_of(error)))

    def _perform(self, effect: fx.AnyEffect) -> None:
        """Effects that are not the transport's."""
        match effect:
            case fx.Announce():
                self._presence.announce(effect)
            case fx.MembershipChanged():
                self._security.update(self._messenger.membership())
            case fx.DeleteBlobs():
                self._upkeep.delete_blobs()

    def _publish(self, event: AnyEvent) -> None:
        match event:
            case MessageArrived() if self._locked:
                # Locked: that something came, not what, from whom or where (product.md, "Safe").
                event = MessageArrived(
                    conversation=event.conversation,
                    message=event.message,
                    title="",
                    author_name=None,
                    text="",
                    kind=event.kind,
                )
            case StatusChanged() if not self._started:
                return  # "ready" is told by the engine, once requests are answered
            case StatusChanged():
                event = StatusChanged(status=self._complete(event.status))
        self._publish_raw(event)

    # --- requests -------------------------------------------------------------------------------------------

    @property
    def locked(self) -> bool:
        """Whether the PIN is asked for."""
        return self._locked

    async def status(self) -> views.Status:
        """The core's status with what only the engine knows."""
        outcome = await self._runtime.run(
            lambda tx: self._messenger.request(tx, self._runtime.now(), requests.GetStatus())
        )
        assert isinstance(outcome.reply, views.Status)
        return self._complete(outcome.reply)

    def _complete(self, status: views.Status) -> views.Status:
        fields = {name: getattr(status, name) for name in status.__struct_fields__}
        fields.update(locked=self._locked, has_pin=self._has_pin, port=self._port, version=_version())
        fields.update(managed=self._options.managed.keys)
        if self._locked:
            fields.update(problem=None)
        return views.Status(**fields)

    async def answer(self, request: AnyRequest) -> AnyView:
        """Everything but status, opening and quitting."""
        if self._locked and not isinstance(request, _WHILE_LOCKED):
            return Failure(code="locked")
        if type(request) in HANDLED:
            return await self._handled(request)
        return await self._own(request)

    async def _handled(self, request: AnyRequest) -> AnyView:
        try:
            outcome = await self._runtime.run(
                lambda tx: self._messenger.request(tx, self._runtime.now(), request)
            )
        except StoreError as error:
            return failure_of(error)
        return outcome.reply or Failure(code="internal")

    async def _own(self, request: AnyRequest) -> AnyView:
        for asked, call in self._slow:
            if isinstance(request, asked):
                return await call(request)
        for asked, act in self._quick:
            if isinstance(request, asked):
                return act()
        return Failure(code="not_ready")

    def _tables(self) -> None:
        """Requests that the core does not handle, and who does."""
        sending, joining = self._sending, self._joining
        self._slow: tuple[tuple[type[requests.Request], Callable[[Any], Awaitable[AnyView]]], ...] = (
            (requests.SendPhoto, sending.photo),
            (requests.SendFile, sending.file),
            (requests.LoadPhoto, sending.load),
            (requests.SaveFile, self._save),
            (requests.OpenPairing, joining.open),
            (requests.ConfirmPairing, joining.confirm),
            (requests.Join, joining.join),
            (requests.Lock, lambda _: self._lock()),
            (requests.Unlock, lambda request: self._unlock(request.pin)),
            (requests.SetPin, self._set_pin),
        )
        self._quick: tuple[tuple[type[requests.Request], Callable[[], AnyView]], ...] = (
            (requests.ClosePairing, self._close_pairing),
            (requests.RejectPairing, joining.reject),
            (requests.StartSearching, joining.start_searching),
            (requests.StopSearching, joining.stop_searching),
            (requests.CancelJoin, joining.cancel_join),
            (requests.ShowWindow, self._show_window),
        )

    async def _save(self, request: requests.SaveFile) -> AnyView:
        """Out of the encrypted store, unless the practice's IT forbids it."""
        if not self._options.managed.save_to_disk:
            return Failure(code="save_forbidden")
        return await self._sending.save(request)

    def _close_pairing(self) -> AnyView:
        self._joining.close_hosting()
        return views.Done()

    def _show_window(self) -> AnyView:
        self._publish(WindowRequested())
        return views.Done()

    # --- lock -----------------------------------------------------------------------------------------------

    async def _pin(self) -> locking.PinRecord | None:
        found: list[locking.PinRecord | None] = []

        def read(tx: Transaction) -> fx.Outcome:
            found[:] = [locking.load(tx.values)]
            return fx.Outcome()

        await self._runtime.run(read)
        return found[0]

    async def _save_pin(self, record: locking.PinRecord | None) -> None:
        def write(tx: Transaction) -> fx.Outcome:
            locking.save(tx.values, record)
            return fx.Outcome()

        await self._runtime.run(write)
        self._has_pin = record is not None

    async def _lock(self) -> AnyView:
        if not self._has_pin:
            return Failure(code="no_pin")
        self._locked = True
        # Nobody sees the code any more, nor whom it would let in.
        self._joining.close_hosting()
        await self._tell_status()
        return views.Done()

    async def _unlock(self, pin: str) -> AnyView:
        record = await self._pin()
        if record is None:
            self._locked = False
        else:
            refused = await self._try(record, pin)
            if refused is not None:
                return refused
            self._locked = False
        await self._tell_status()
        return views.Done()

    async def _try(self, record: locking.PinRecord, pin: str) -> Failure | None:
        """Check a PIN and count. The try is counted before it is checked: ending the program saves nobody."""
        now_ms = self._runtime.now().wall_ms
        if locking.waiting_ms(record, now_ms):
            return locking.refusal(record, now_ms)
        counted = locking.failed(record, now_ms)
        await self._save_pin(counted)
        if not await self._loop.run_in_executor(self._workers, locking.matches, record, pin):
            return locking.refusal(counted, now_ms)
        await self._save_pin(locking.succeeded(record))
        return None

    async def _set_pin(self, request: requests.SetPin) -> AnyView:
        record = await self._pin()
        if record is not None:
            refused = await self._try(record, request.current_pin or "")
            if refused is not None:
                return refused
        if request.new_pin is None:
            await self._save_pin(None)
        else:
            weak = locking.weakness(request.new_pin)
            if weak is not None:
                return Failure(code=weak, detail={"minimum": locking.MIN_PIN})
            made = await self._loop.run_in_executor(
                self._workers, locking.make, request.new_pin, self._entropy
            )
            await self._save_pin(made)
        await self._tell_status()
        return views.Done()

    async def _tell_status(self) -> None:
        self._publish_raw(StatusChanged(status=await self.status()))


def _version() -> str:
    from app import __version__

    return __version__
