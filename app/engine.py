"""The engine: one asyncio thread that owns profile, store, core, transport and discovery.

Requests come from the window, the local channel and tests through `submit`, from any thread; every one is answered
exactly once. Events go to every listener, on the engine's thread. Slow work (keyring, Argon2id, pictures, search,
checkpoints) runs in workers, so the loop never waits.
"""

import asyncio
import logging
import selectors
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.core import requests, views
from app.core.events import AnyEvent, StatusChanged
from app.core.requests import AnyRequest
from app.core.views import AnyView, Failure
from app.device import Device
from app.failures import failure_of
from app.keyring_adapter import SecretKeyring, open_keyring
from app.policy import Managed
from app.profile import Profile, needed_to_open
from app.store.errors import KeyringUnavailable, PassphraseNeeded, ProfileError, StoreError, WrongPassphrase
from crypto.entropy import Entropy, SystemEntropy
from crypto.vault import Method

log = logging.getLogger(__name__)

Reply = Callable[[AnyView], None]
Listener = Callable[[AnyEvent], None]

STOP_TIMEOUT_S: Final = 10.0
WORKERS: Final = 4


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How to run one device."""

    profile: Path
    passphrase: str | None = field(default=None, repr=False)
    port: int = 0
    interfaces: tuple[str, ...] | None = None
    """IP addresses of the interfaces to use; None: all. Tests and the demo use loopback."""
    host: str | None = None
    find_keyring: Callable[[], SecretKeyring] = open_keyring
    managed: Managed = field(default_factory=Managed)
    """What the practice's IT has decided for this machine."""


class Engine:
    """Thread-safe front of one running device."""

    def __init__(self, options: EngineOptions, entropy: Entropy | None = None) -> None:
        self._options = options
        self._entropy = entropy or SystemEntropy()
        self._listeners: list[Listener] = []
        self._loop = asyncio.SelectorEventLoop(selectors.DefaultSelector())
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="worker")
        self._finished = threading.Event()
        self._stop: asyncio.Event | None = None
        self._opened: asyncio.Future[None] | None = None
        self._device: Device | None = None
        self._phase = views.Phase.OPENING
        self._problem: Failure | None = None
        self._new_profile = False
        self._services: list[Callable[[Engine], Service]] = []
        self._pending: set[asyncio.Task[None]] = set()
        self._on_quit: Callable[[], None] = lambda: None
        self._started = False

    # --- any thread -------------------------------------------------------------------------------------------

    def subscribe(self, listener: Listener) -> None:
        """Before `start`, or on the engine's thread."""
        self._listeners.append(listener)

    def unsubscribe(self, listener: Listener) -> None:
        """On the engine's thread."""
        self._listeners.remove(listener)

    def add_service(self, make: Callable[["Engine"], "Service"]) -> None:
        """Something that lives on the engine's loop, such as the local channel. Before `start`."""
        self._services.append(make)

    def on_quit(self, call: Callable[[], None]) -> None:
        """What a `Quit` request does, besides being answered; called on the engine's thread."""
        self._on_quit = call

    def start(self) -> None:
        """Start the thread; opening the profile goes on in the background and is told by `StatusChanged`."""
        self._started = True
        self._thread.start()

    def submit(self, request: AnyRequest, reply: Reply) -> None:
        """`reply` is called once, on the engine's thread."""
        try:
            self._loop.call_soon_threadsafe(self._accept, request, reply)
        except RuntimeError:  # the loop is closed: the program is ending
            reply(Failure(code="stopping"))

    def stop(self) -> None:
        """Goodbye to peers, close the store. Returns when all is done. May be called twice."""
        if not self._started:
            self._loop.close()
            return
        try:
            self._loop.call_soon_threadsafe(self._ask_stop)
        except RuntimeError:
            return
        self._finished.wait(STOP_TIMEOUT_S)
        self._thread.join(STOP_TIMEOUT_S)

    # --- the engine's thread -------------------------------------------------------------------------------------

    @property
    def phase(self) -> views.Phase:
        """Where the profile stands."""
        return self._phase

    @property
    def locked(self) -> bool:
        """Whether the window's PIN is asked for."""
        return self._device is not None and self._device.locked

    def publish(self, event: AnyEvent) -> None:
        """Tell every listener."""
        for listener in list(self._listeners):
            listener(event)

    async def ask(self, request: AnyRequest) -> AnyView:
        """Answer one request; never raises for what a request can cause."""
        try:
            return await self._answer(request)
        except Exception as error:
            return failure_of(error)

    def _ask_stop(self) -> None:
        if self._stop is not None:
            self._stop.set()

    def _accept(self, request: AnyRequest, reply: Reply) -> None:
        async def work() -> None:
            reply(await self.ask(request))

        task = self._loop.create_task(work())
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)

    def _run(self) -> None:
        try:
            asyncio.set_event_loop(self._loop)
            self._loop.run_until_complete(self._main())
        finally:
            self._workers.shutdown(wait=True, cancel_futures=True)
            self._loop.close()
            self._finished.set()

    async def _main(self) -> None:
        self._stop = asyncio.Event()
        running: list[Service] = []
        for make in self._services:
            service = make(self)
            await service.start()
            running.append(service)
        await self._open(self._options.passphrase)
        await self._stop.wait()
        for service in reversed(running):
            await service.stop()
        if self._device is not None:
            await self._device.stop()
        # Requests without an answer, and what libraries left running: nothing may outlive the loop.
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    # --- opening the profile ----------------------------------------------------------------------------------------

    async def _open(self, passphrase: str | None) -> Failure | None:
        """Open or make the profile. Returns why not; a missing passphrase is a phase, no failure."""
        try:
            profile = await self._loop.run_in_executor(self._workers, self._open_profile, passphrase)
        except (PassphraseNeeded, KeyringUnavailable) as error:
            self._phase = views.Phase.PASSPHRASE
            self._problem = failure_of(error)
            self._tell_status()
            return self._problem
        except WrongPassphrase as error:
            self._phase = views.Phase.PASSPHRASE
            self._problem = None
            self._tell_status()
            return failure_of(error)
        except (ProfileError, StoreError) as error:
            return self._failed(error)
        device = Device(self._options, profile, self._entropy, self._workers, self.publish)
        try:
            await device.start()
        except Exception as error:
            await device.stop()
            return self._failed(error)
        self._device = device
        self._problem = None
        self._tell_status()
        return None

    def _failed(self, error: Exception) -> Failure:
        self._phase = views.Phase.FAILED
        self._problem = failure_of(error)
        self._tell_status()
        return self._problem

    def _open_profile(self, passphrase: str | None) -> Profile:
        """In a worker. A new profile takes the keyring if there is one, else it needs a passphrase."""
        directory = self._options.profile
        method = needed_to_open(directory)
        self._new_profile = method is None and not (directory / "praxisfunk.db").exists()
        if method is None and self._new_profile:
            if passphrase is not None:
                return Profile.create(directory, passphrase=passphrase, entropy=self._entropy)
            return Profile.create(directory, keyring=self._options.find_keyring(), entropy=self._entropy)
        if method is Method.PASSPHRASE and passphrase is None:
            raise PassphraseNeeded("this profile is opened with a passphrase")
        return Profile.open(
            directory,
            find_keyring=self._options.find_keyring,
            passphrase=lambda: passphrase,
            entropy=self._entropy,
        )

    # --- requests ----------------------------------------------------------------------------------------------------

    async def _answer(self, request: AnyRequest) -> AnyView:
        match request:
            case requests.GetStatus():
                return await self._status()
            case requests.Quit():
                self._loop.call_soon(self._on_quit)
                return views.Done()
            case requests.OpenProfile():
                if self._phase is not views.Phase.PASSPHRASE or self._device is not None:
                    return Failure(code="already_set_up")
                return await self._open(request.passphrase) or views.Done()
        if self._device is None:
            return self._problem or Failure(code="not_ready")
        return await self._device.answer(request)

    async def _status(self) -> views.Status:
        if self._device is not None:
            return await self._device.status()
        return views.Status(
            phase=self._phase,
            locked=False,
            has_pin=False,
            problem=self._problem,
            new_profile=self._new_profile,
            managed=self._options.managed.keys,
        )

    def _tell_status(self) -> None:
        async def tell() -> None:
            self.publish(StatusChanged(status=await self._status()))

        task = self._loop.create_task(tell())
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)


class Service:
    """Something with a start and an end on the engine's loop."""

    async def start(self) -> None:
        """Called before the profile is opened."""

    async def stop(self) -> None:
        """Called before the device stops."""
