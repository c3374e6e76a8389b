"""What travels on the local channel: a big-endian u32 length, then one MessagePack array, typed and bounded.

The server speaks first (`Hello`), so that a client of another version knows before it asks. Requests are answered
in order; events come in between once `Subscribe` was answered.
"""

import struct
from typing import Final, cast

import msgspec

from app.channel.errors import ChannelBroken
from app.core.events import AnyEvent
from app.core.requests import AnyRequest
from app.core.views import AnyView
from crypto.codec import decode, encode
from crypto.errors import DecodeError

VERSION: Final = 1
HEADER_BYTES: Final = 4
MAX_REQUEST_BYTES: Final = 1 << 20
"""Pictures and files are named by path here; their bytes are read by the instance, which is the same user's."""
MAX_REPLY_BYTES: Final = 64 << 20
"""The largest reply is a whole photo (60 MB)."""


class Frame(msgspec.Struct, frozen=True, tag=True, array_like=True, forbid_unknown_fields=True):
    """Base of all frames."""


class Ask(Frame, frozen=True):
    """Client to server: answered by `Answer` with the same number."""

    number: int
    request: AnyRequest


class Subscribe(Frame, frozen=True):
    """Client to server: from now on tell events. Answered by `Answer` with `Done`."""

    number: int


class Hello(Frame, frozen=True):
    """Server to client, first of all."""

    version: int
    program: str


class Answer(Frame, frozen=True):
    """Server to client."""

    number: int
    view: AnyView


class Told(Frame, frozen=True):
    """Server to client: an event."""

    event: AnyEvent


class Missed(Frame, frozen=True):
    """Server to client: it read too slowly; so many events were dropped. Load anew what matters."""

    count: int


FromClient = Ask | Subscribe
FromServer = Hello | Answer | Told | Missed


def pack(frame: FromClient | FromServer, max_bytes: int) -> bytes:
    """Length and body. Raises `ChannelBroken` if it is too long."""
    body = encode(frame)
    if len(body) > max_bytes:
        raise ChannelBroken(f"a frame of {len(body)} bytes")
    return struct.pack(">I", len(body)) + body


def body_bytes(header: bytes, max_bytes: int) -> int:
    """Length of the body that follows. Raises `ChannelBroken` before a byte of it is read."""
    (size,) = struct.unpack(">I", header)
    if not 0 < size <= max_bytes:
        raise ChannelBroken(f"a frame of {size} bytes")
    return cast("int", size)


def from_client(body: bytes) -> FromClient:
    """Raises `ChannelBroken`."""
    return cast("FromClient", _decoded(FromClient, body, MAX_REQUEST_BYTES))


def from_server(body: bytes) -> FromServer:
    """Raises `ChannelBroken`."""
    return cast("FromServer", _decoded(FromServer, body, MAX_REPLY_BYTES))


def _decoded(union: object, body: bytes, max_bytes: int) -> object:
    try:
        return decode(cast("type[object]", union), body, max_bytes=max_bytes)
    except DecodeError as exc:
        raise ChannelBroken("not a frame") from exc
