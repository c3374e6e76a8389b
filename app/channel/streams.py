"""What a channel needs of the operating system, as two small protocols: `unix` and `windows` implement them."""

from collections.abc import Awaitable, Callable
from typing import Protocol


class Stream(Protocol):
    """The client's end: blocking, with time-outs."""

    def receive(self, max_bytes: int, timeout_s: float | None) -> bytes:
        """At least one byte, b"" at the end. Raises `ChannelTimeout`, `ChannelBroken`."""

    def send(self, data: bytes) -> None:
        """All of it. Raises `ChannelBroken`."""

    def close(self) -> None:
        """May be called twice."""


class Pipe(Protocol):
    """The server's end of one connection, on the loop."""

    async def read(self, size_bytes: int) -> bytes:
        """Exactly so many bytes. Raises `EOFError` when the client has gone."""

    async def write(self, data: bytes) -> None:
        """All of it, at the client's pace. Raises `OSError`. Small data is on its way when this is first awaited."""

    async def close(self) -> None:
        """After what was written has left, or a second."""


Serve = Callable[[Pipe], Awaitable[None]]
"""Serves one connection until it ends; the pipe is closed afterwards by whoever called."""


class Listener(Protocol):
    """The server's door."""

    async def start(self, serve: Serve) -> None:
        """Raises `ChannelError`."""

    async def stop(self) -> None:
        """No new connections; those there are, are cancelled and closed."""
