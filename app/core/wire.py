"""Frames of the control stream (protocol section 7) and the header of a bulk chunk.

One frame is one MessagePack array, its first element the frame's number. Everything is bounded here, before
any handler sees it; a frame that does not fit raises `DecodeError` and costs the peer its link. A link under
`ALPN_ROSTER` may only carry `RosterGive` and `Goodbye`.
"""

import struct
from enum import IntEnum
from typing import Annotated, Final

import msgspec

from app.core import limits
from crypto import codec
from crypto.errors import DecodeError
from crypto.ids import BlobId
from transport.base import MAX_BULK_BYTES, MAX_FRAME_BYTES

VERSION: Final = 1

Hash = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Short = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
Counter = Annotated[int, msgspec.Meta(ge=0, le=(1 << 63) - 1)]
Index = Annotated[int, msgspec.Meta(ge=0, lt=limits.MAX_CHUNKS)]
Heads = Annotated[tuple[Hash, ...], msgspec.Meta(max_length=limits.MAX_HEADS)]
Blob = Annotated[bytes, msgspec.Meta(max_length=limits.MAX_STATEMENT_BYTES)]


class CloseCode(IntEnum):
    """Why we end a link; the peer learns no more than this number."""

    NORMAL = 0
    PROTOCOL = 1
    VERSION = 2
    REVOKED = 3


class Part(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A piece of a frame."""


class Frame(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, tag=True):
    """Base of all frames."""


class BundleVersion(Part, frozen=True):
    """Bundles of one device order by (inc, version) (protocol 11.4)."""

    inc: Counter
    version: Counter


class CircleHeads(Part, frozen=True):
    """Where the sender stands in one circle. Only circles in which the receiver is active are named."""

    circle: Hash
    heads: Heads  # sorted
    epoch: Hash  # of the newest circle secret held


class Hello(Frame, frozen=True, tag=1, forbid_unknown_fields=False):
    """First frame of both sides. Later versions may append fields."""

    min_version: Annotated[int, msgspec.Meta(ge=1, le=255)]
    max_version: Annotated[int, msgspec.Meta(ge=1, le=255)]
    own_bundle: BundleVersion
    held_bundle: BundleVersion | None  # the receiver's bundle as held by the sender
    circles: Annotated[tuple[CircleHeads, ...], msgspec.Meta(max_length=limits.MAX_CIRCLES)]


class RosterHeads(Frame, frozen=True, tag=2):
    """The sender's roster of one circle moved."""

    circle: CircleHeads


class RosterWant(Frame, frozen=True, tag=3):
    """Give what leads to `want` and is not behind `have`."""

    circle: Hash
    want: Heads
    have: Heads


class OpeningPart(Part, frozen=True):
    """The value behind a salted hash of a statement (protocol 11.10)."""

    salt: Short
    value: Annotated[str, msgspec.Meta(max_length=limits.MAX_OPENING_CHARS)]


class RosterGive(Frame, frozen=True, tag=4):
    """Statements in causal order, with the openings that the sender still has."""

    circle: Hash
    statements: Annotated[tuple[Blob, ...], msgspec.Meta(max_length=limits.MAX_GIVE_STATEMENTS)]
    openings: Annotated[tuple[OpeningPart, ...], msgspec.Meta(max_length=limits.MAX_OPENINGS)]


class BundleHead(Part, frozen=True):
    """The newest bundle of a device known to the sender."""

    device: Hash
    version: BundleVersion


class BundleHeads(Frame, frozen=True, tag=5):
    """Which bundles the sender holds; the receiver gives the newer ones it has."""

    heads: Annotated[tuple[BundleHead, ...], msgspec.Meta(max_length=limits.MAX_BUNDLE_HEADS)]


class BundleGive(Frame, frozen=True, tag=6):
    """Signed bundles, of the sender or of others."""

    bundles: Annotated[
        tuple[Annotated[bytes, msgspec.Meta(max_length=limits.MAX_BUNDLE_BYTES)], ...],
        msgspec.Meta(max_length=limits.MAX_BUNDLES),
    ]


class EnvelopeFrame(Frame, frozen=True, tag=7):
    """One ciphertext. `age_ms`: time since it was made, as the sender's monotonic sense has it (11.18)."""

    age_ms: Counter
    wire: bytes


class Ack(Frame, frozen=True, tag=8):
    """Decrypted and committed here."""

    envelopes: Annotated[tuple[Short, ...], msgspec.Meta(min_length=1, max_length=limits.MAX_ACKS)]


class Nack(Frame, frozen=True, tag=9):
    """Cannot be opened here; no reason is given (protocol 11.8)."""

    envelope: Short


class Range(Part, frozen=True):
    """Chunks `first` to `first + count - 1`."""

    first: Index
    count: Annotated[int, msgspec.Meta(ge=1, le=limits.MAX_CHUNKS)]


class BlobWant(Frame, frozen=True, tag=10):
    """Send these chunks as bulk payloads. Replaces an earlier wish for the same blob."""

    blob: Hash
    ranges: Annotated[tuple[Range, ...], msgspec.Meta(min_length=1, max_length=limits.MAX_RANGES)]


class BlobAbsent(Frame, frozen=True, tag=11):
    """Not here, not whole, or not for you."""

    blob: Hash


class BlobStop(Frame, frozen=True, tag=12):
    """No more chunks of this one."""

    blob: Hash


class GossipAddress(Part, frozen=True):
    """Where a device was reached lately."""

    device: Hash
    host: Annotated[str, msgspec.Meta(min_length=2, max_length=45)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)]


class Gossip(Frame, frozen=True, tag=13):
    """Addresses of devices of circles that both sides share (protocol section 8)."""

    addresses: Annotated[tuple[GossipAddress, ...], msgspec.Meta(max_length=limits.MAX_GOSSIP)]


class Goodbye(Frame, frozen=True, tag=14):
    """The sender ends the link; `code` is a `CloseCode`. A revoked device gets its revoke before this."""

    code: Annotated[int, msgspec.Meta(ge=0, le=255)]


AnyFrame = (
    Hello | RosterHeads | RosterWant | RosterGive | BundleHeads | BundleGive | EnvelopeFrame | Ack | Nack
    | BlobWant | BlobAbsent | BlobStop | Gossip | Goodbye
)  # fmt: skip


def encode_frame(frame: AnyFrame) -> bytes:
    """The bytes of a frame."""
    return codec.encode(frame)


def decode_frame(data: bytes) -> AnyFrame:
    """Parse a peer's frame. Raises `DecodeError`."""
    frame: AnyFrame = codec.decode(AnyFrame, data, max_bytes=MAX_FRAME_BYTES)  # type: ignore[arg-type]
    return frame


# --- bulk: one sealed chunk of a blob -------------------------------------------------------------------

_CHUNK: Final = struct.Struct(">B32sI")
CHUNK_HEADER_BYTES: Final = _CHUNK.size


def encode_chunk(blob: BlobId, index: int, sealed: bytes) -> bytes:
    """Version (1 byte), blob id (32), index (u32), sealed chunk."""
    return _CHUNK.pack(VERSION, blob, index) + sealed


def decode_chunk(payload: bytes) -> tuple[BlobId, int, bytes]:
    """(blob, index, sealed chunk). Raises `DecodeError`."""
    if not _CHUNK.size < len(payload) <= MAX_BULK_BYTES:
        raise DecodeError("bulk payload of a wrong size")
    version, blob, index = _CHUNK.unpack_from(payload)
    if version != VERSION or index >= limits.MAX_CHUNKS:
        raise DecodeError("bulk payload of an unknown version or index")
    return BlobId(blob), index, payload[_CHUNK.size :]
