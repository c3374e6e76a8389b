"""A script's side of the local channel: synchronous, one question at a time, events in between."""

import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from app.channel.errors import ChannelBroken, ChannelBusy, ChannelTimeout
from app.channel.frames import (
    HEADER_BYTES,
    MAX_REPLY_BYTES,
    MAX_REQUEST_BYTES,
    VERSION,
    Answer,
    Ask,
    FromClient,
    FromServer,
    Hello,
    Missed,
    Subscribe,
    Told,
    body_bytes,
    from_server,
    pack,
)
from app.channel.streams import Stream
from app.core.events import AnyEvent, ConversationsChanged, PeopleChanged
from app.core.requests import AnyRequest
from app.core.views import AnyView

MAX_EVENTS_KEPT: Final = 10_000
_RECEIVE_BYTES: Final = 256 << 10


class ChannelClient:
    """A connection to the running instance of one profile. Not for several threads at once."""

    def __init__(self, stream: Stream, timeout_s: float) -> None:
        """Reads the greeting. Raises `ChannelError`. Use `connect`."""
        self._stream = stream
        self._buffer = bytearray()
        self._events: deque[AnyEvent | Missed] = deque(maxlen=MAX_EVENTS_KEPT)
        self._number = 0
        try:
            hello = self._next_frame(_deadline(timeout_s))
            if not isinstance(hello, Hello) or hello.version != VERSION:
                raise ChannelBroken("another version is running: restart it")
        except BaseException:
            stream.close()
            raise
        self.program_version = hello.program

    @classmethod
    def connect(cls, profile: Path, timeout_s: float = 5.0) -> Self:
        """Raises `NotRunning` and other `ChannelError`s."""
        return cls(_stream(profile, timeout_s), timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """May be called twice, and from another thread than the one that waits for events."""
        self._stream.close()

    def ask(self, request: AnyRequest, timeout_s: float | None = 120.0) -> AnyView:
        """The answer, a `Failure` included. Raises `ChannelError`; after a `ChannelTimeout` only `close` is left."""
        self._number += 1
        return self._answer(Ask(self._number, request), timeout_s)

    def subscribe(self, timeout_s: float = 10.0) -> None:
        """From now on events are kept for `next_event`."""
        self._number += 1
        self._answer(Subscribe(self._number), timeout_s)

    def next_event(self, timeout_s: float | None = None) -> AnyEvent | Missed | None:
        """The next event; None if there is none in time. Raises `ChannelError` when the instance has gone."""
        deadline = _deadline(timeout_s)
        while not self._events:
            try:
                frame = self._next_frame(deadline)
            except ChannelTimeout:
                return None
            self._keep(frame)
        return self._events.popleft()

    def events(self) -> Iterator[AnyEvent]:
        """Subscribe now; then every event, without end. Raises `ChannelError` when the instance has gone.

        Where events were missed, the two that say "load all anew" stand in for them.
        """
        self.subscribe()
        return self._each_event()

    def _each_event(self) -> Iterator[AnyEvent]:
        while True:
            event = self.next_event()
            if isinstance(event, Missed):
                yield PeopleChanged()
                yield ConversationsChanged()
            elif event is not None:
                yield event

    def _answer(self, frame: FromClient, timeout_s: float | None) -> AnyView:
        deadline = _deadline(timeout_s)
        self._stream.send(pack(frame, MAX_REQUEST_BYTES))
        while True:
            answer = self._next_frame(deadline)
            if isinstance(answer, Answer) and answer.number == frame.number:
                return answer.view
            self._keep(answer)

    def _keep(self, frame: FromServer) -> None:
        if isinstance(frame, Told):
            self._events.append(frame.event)
        elif isinstance(frame, Missed):
            self._events.append(frame)
        else:
            raise ChannelBroken("an answer to nothing")

    def _next_frame(self, deadline: float | None) -> FromServer:
        """What came of a frame stays in the buffer over a time-out."""
        self._fill(HEADER_BYTES, deadline)
        size = body_bytes(bytes(self._buffer[:HEADER_BYTES]), MAX_REPLY_BYTES)
        self._fill(HEADER_BYTES + size, deadline)
        body = bytes(memoryview(self._buffer)[HEADER_BYTES : HEADER_BYTES + size])
        del self._buffer[: HEADER_BYTES + size]
        return from_server(body)

    def _fill(self, size: int, deadline: float | None) -> None:
        while len(self._buffer) < size:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise ChannelTimeout("no answer")
            fresh = self._stream.receive(_RECEIVE_BYTES, left)
            if not fresh:
                raise ChannelBusy("the instance hung up")
            self._buffer += fresh


def _deadline(timeout_s: float | None) -> float | None:
    return None if timeout_s is None else time.monotonic() + timeout_s


def _stream(profile: Path, timeout_s: float) -> Stream:
    if sys.platform == "win32":
        from app.channel.windows import PipeStream

        return PipeStream(profile, timeout_s)
    else:
        from app.channel.unix import UnixStream

        return UnixStream(profile, timeout_s)
