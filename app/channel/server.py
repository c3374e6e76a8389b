"""The running instance's side of the local channel, on the engine's loop."""

import asyncio
import logging
import sys
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from app import __version__
from app.channel.errors import ChannelBroken
from app.channel.frames import (
    HEADER_BYTES,
    MAX_REPLY_BYTES,
    MAX_REQUEST_BYTES,
    VERSION,
    Answer,
    Ask,
    FromServer,
    Hello,
    Missed,
    Subscribe,
    Told,
    body_bytes,
    from_client,
    pack,
)
from app.channel.streams import Listener, Pipe
from app.core.events import AnyEvent, ProblemRaised, ReachChanged, StatusChanged, WindowRequested
from app.core.requests import AnyRequest, GetStatus, Quit, ShowWindow, Unlock
from app.core.views import AnyView, Done, Failure

log = logging.getLogger(__name__)

MAX_CLIENTS: Final = 16
MAX_EVENTS_WAITING: Final = 1000
BODY_TIMEOUT_S: Final = 10.0
"""For the rest of a frame whose length has come. Between frames a client may be silent for ever (`watch`)."""

Handle = Callable[[AnyRequest], Awaitable[AnyView]]

_WHILE_LOCKED: Final = (GetStatus, Unlock, ShowWindow, Quit)
_EVENTS_WHILE_LOCKED: Final = (StatusChanged, ReachChanged, ProblemRaised, WindowRequested)


class ChannelServer:
    """Answers this user's processes with `handle`. All methods on the loop's thread.

    `locked` is asked for every request and event: while it is true only what the lock screen needs is answered,
    and nothing that holds content is told.
    """

    def __init__(self, profile: Path, handle: Handle, *, locked: Callable[[], bool]) -> None:
        self._handle = handle
        self._locked = locked
        self._listener = _listener(profile)
        self._clients: set[_Client] = set()

    async def start(self) -> None:
        """Raises `ChannelError`: `ChannelInUse` if another instance answers for this profile."""
        await self._listener.start(self._serve)

    async def stop(self) -> None:
        """Answers that are written leave; everything else ends."""
        await self._listener.stop()

    def publish(self, event: AnyEvent) -> None:
        """Tell every subscriber. Never waits: who reads too slowly misses the oldest and is told how many."""
        for client in self._clients:
            client.offer(event)

    async def _serve(self, pipe: Pipe) -> None:
        if len(self._clients) >= MAX_CLIENTS:
            log.info("local channel: more than %d clients", MAX_CLIENTS)
            return
        client = _Client(pipe, self._handle, self._locked)
        self._clients.add(client)
        try:
            await client.run()
        except ChannelBroken as exc:
            log.info("local channel: a client was cut off: %s", exc)
        except (OSError, EOFError, TimeoutError):
            log.debug("local channel: a client went")
        finally:
            self._clients.discard(client)


class _Client:
    """One connection: requests in order, events in between."""

    def __init__(self, pipe: Pipe, handle: Handle, locked: Callable[[], bool]) -> None:
        self._pipe = pipe
        self._handle = handle
        self._locked = locked
        self._writing = asyncio.Lock()
        self._events: deque[AnyEvent] = deque()
        self._missed = 0
        self._wake = asyncio.Event()
        self._teller: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Until the client goes. Raises `ChannelBroken`, `OSError`, `EOFError`, `TimeoutError`."""
        try:
            await self._write(Hello(VERSION, __version__))
            while True:
                await self._answer_one()
        finally:
            if self._teller is not None:
                self._teller.cancel()
                await asyncio.gather(self._teller, return_exceptions=True)

    def offer(self, event: AnyEvent) -> None:
        """Queue an event for a subscriber."""
        if self._teller is None:
            return
        if len(self._events) >= MAX_EVENTS_WAITING:
            self._events.popleft()
            self._missed += 1
        self._events.append(event)
        self._wake.set()

    async def _answer_one(self) -> None:
        header = await self._pipe.read(HEADER_BYTES)
        size = body_bytes(header, MAX_REQUEST_BYTES)
        frame = from_client(await asyncio.wait_for(self._pipe.read(size), BODY_TIMEOUT_S))
        if isinstance(frame, Ask):
            await self._write(Answer(frame.number, await self._view(frame.request)))
        else:
            await self._subscribe(frame)

    async def _subscribe(self, frame: Subscribe) -> None:
        """The answer leaves before the first event."""
        await self._write(Answer(frame.number, Done()))
        if self._teller is None:
            self._teller = asyncio.create_task(self._tell())

    async def _view(self, request: AnyRequest) -> AnyView:
        if self._locked() and not isinstance(request, _WHILE_LOCKED):
            return Failure(code="locked")
        try:
            return await self._handle(request)
        except (
            Exception
        ) as exc:  # a bug must end neither the channel nor the engine; content stays out of the log
            log.error("local channel: %s failed with %s", type(request).__name__, type(exc).__name__)
            return Failure(code="internal")

    async def _tell(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._events:
                if self._missed:
                    missed, self._missed = self._missed, 0
                    await self._write(Missed(missed))
                event = self._events.popleft()
                if not self._locked() or isinstance(event, _EVENTS_WHILE_LOCKED):
                    await self._write(Told(event))

    async def _write(self, frame: FromServer) -> None:
        try:
            data = pack(frame, MAX_REPLY_BYTES)
        except ChannelBroken:
            if not isinstance(frame, Answer):
                raise
            data = pack(Answer(frame.number, Failure(code="channel.too_large")), MAX_REPLY_BYTES)
        async with self._writing:
            await self._pipe.write(data)


def _listener(profile: Path) -> Listener:
    if sys.platform == "win32":
        from app.channel.windows import PipeListener

        return PipeListener(profile)
    else:
        from app.channel.unix import UnixListener

        return UnixListener(profile)
