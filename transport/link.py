"""What a link is, whatever carries it: frames, greeting, credit, liveness. Sans-IO; takes `now` in seconds.

A link has one control stream in each direction. It starts with a greeting (`Greeting`), then come frames:
a u32 big-endian length and that many bytes. Bulk payloads travel beside it, one stream each.
"""

import struct
from collections import deque
from dataclasses import dataclass
from enum import Enum, IntEnum
from random import Random
from typing import Final

from transport.base import (
    ALPN_MAIN,
    ALPN_PAIR,
    ALPN_ROSTER,
    MAX_BULK_BYTES,
    MAX_BULK_IN_FLIGHT,
    MAX_FRAME_BYTES,
)
from transport.errors import FrameError
from transport.events import PeerId

_LENGTH: Final = struct.Struct(">I")
FRAME_HEADER_BYTES: Final = _LENGTH.size


class CloseCode(IntEnum):
    """Application codes of a link's end. From `FIRST_OF_OWNER` on they belong to the transport's owner."""

    GOODBYE = 0
    REPLACED = 1
    PROTOCOL = 2
    STOPPING = 3
    FIRST_OF_OWNER = 16


@dataclass(frozen=True, slots=True)
class Limits:
    """What one link of an ALPN may hold at its receiver."""

    frame_bytes: int
    control_window_bytes: int
    bulk_streams: int

    @property
    def total_window_bytes(self) -> int:
        """Everything received and not yet consumed."""
        return self.control_window_bytes + self.bulk_streams * MAX_BULK_BYTES


# The control window exceeds all bulk that can wait, so that unconsumed photos never stop messages.
LIMITS: Final = {
    ALPN_MAIN: Limits(MAX_FRAME_BYTES, 5 << 19, MAX_BULK_IN_FLIGHT),
    ALPN_ROSTER: Limits(256 << 10, 512 << 10, 0),
    ALPN_PAIR: Limits(16 << 10, 64 << 10, 0),
}


def encode_frame(frame: bytes, max_frame_bytes: int) -> bytes:
    """Length and frame. Raises `FrameError` for an empty or too long one: a bug of the caller."""
    if not 0 < len(frame) <= max_frame_bytes:
        raise FrameError(f"frame of {len(frame)} bytes")
    return _LENGTH.pack(len(frame)) + frame


class FrameSplitter:
    """Cuts the control stream into frames. Holds at most one incomplete frame."""

    def __init__(self, max_frame_bytes: int) -> None:
        self._max_frame_bytes = max_frame_bytes
        self._buffer = bytearray()

    @property
    def pending_bytes(self) -> int:
        """Bytes of the frame that is not complete yet."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """All frames that `data` completes. Raises `FrameError` when a length is 0 or over the limit."""
        buffer = self._buffer
        buffer += data
        frames = []
        position = 0
        while len(buffer) - position >= FRAME_HEADER_BYTES:
            (length,) = _LENGTH.unpack_from(buffer, position)
            if not 0 < length <= self._max_frame_bytes:
                raise FrameError(f"announced frame of {length} bytes")
            end = position + FRAME_HEADER_BYTES + length
            if len(buffer) < end:
                break
            frames.append(bytes(buffer[position + FRAME_HEADER_BYTES : end]))
            position = end
        if position:
            del buffer[:position]
        return frames


_GREETING: Final = struct.Struct(">4sI8s")


@dataclass(frozen=True, slots=True)
class Greeting:
    """First bytes on the control stream, from both sides: 16 bytes.

    `generation` grows with every dial between two devices, so that a link dialled anew replaces the old one.
    `run` is random per process: a new one means that the older links of this peer are dead.
    """

    SIZE_BYTES = 16  # not a field: no annotation
    _MAGIC = b"PXL\x01"

    generation: int
    run: bytes

    def encode(self) -> bytes:
        """The 16 bytes as sent."""
        return _GREETING.pack(self._MAGIC, self.generation, self.run)

    @classmethod
    def decode(cls, data: bytes) -> "Greeting":
        """Raises `FrameError` for anything else than 16 bytes of a known version."""
        if len(data) != cls.SIZE_BYTES or data[:4] != cls._MAGIC:
            raise FrameError("no greeting")
        _, generation, run = _GREETING.unpack(data)
        return cls(generation, run)


MAX_GENERATION: Final = (1 << 32) - 1


@dataclass(frozen=True, slots=True)
class Rank:
    """What decides between two links of one pair of devices; both sides see the same but for `order`."""

    generation: int
    dialled: bool
    peer_run: bytes
    order: int  # of this side: later is larger


def replaces(new: Rank, old: Rank, own_id: PeerId, peer_id: PeerId) -> bool:
    """Whether `new`, which just came up, takes the place of `old`. Both sides decide alike.

    A new run of the peer's program wins: the old link is dead even if nobody noticed. Else the higher
    generation wins (somebody dialled anew on purpose). Else both dialled at once: the link that the smaller
    id dialled stays.
    """
    if new.peer_run != old.peer_run:
        return True
    if new.generation != old.generation:
        return new.generation > old.generation
    if new.dialled == old.dialled:
        return new.order > old.order
    return new.dialled == (own_id < peer_id)


class Kind(Enum):
    """What was delivered to the owner."""

    FRAME = "frame"
    BULK = "bulk"


class CreditLedger:
    """Who gets room again when the owner says `consumed`.

    The owner names sizes only, so credit goes to what was delivered first. The sum is exact at any time, and
    that is what bounds memory.
    """

    def __init__(self) -> None:
        self._waiting: deque[list[int]] = deque()  # [is bulk, bytes left, whole bytes]
        self._unconsumed_bytes = 0

    @property
    def unconsumed_bytes(self) -> int:
        """Delivered to the owner and not given back."""
        return self._unconsumed_bytes

    def delivered(self, kind: Kind, size_bytes: int) -> None:
        """One frame or payload went to the owner."""
        self._waiting.append([kind is Kind.BULK, size_bytes, size_bytes])
        self._unconsumed_bytes += size_bytes

    def consumed(self, size_bytes: int) -> tuple[int, int]:
        """Returns (bytes of frames, number of whole bulk payloads) that have room again.

        Raises `ValueError` if more is given back than was delivered.
        """
        if not 0 <= size_bytes <= self._unconsumed_bytes:
            raise ValueError(f"{size_bytes} bytes consumed of {self._unconsumed_bytes} delivered")
        self._unconsumed_bytes -= size_bytes
        frame_bytes = bulks = 0
        while size_bytes:
            item = self._waiting[0]
            taken = min(size_bytes, item[1])
            item[1] -= taken
            size_bytes -= taken
            if not item[0]:
                frame_bytes += taken
            if not item[1]:
                bulks += item[0]
                self._waiting.popleft()
        return frame_bytes, bulks


class Backoff:
    """Growing pauses between dials, half of each by chance so that 50 devices do not dial in step."""

    def __init__(self, random: Random, first_s: float = 0.5, most_s: float = 30.0) -> None:
        self._random = random
        self._first_s = first_s
        self._most_s = most_s
        self._failures = 0

    def next_s(self) -> float:
        """Seconds to wait before the next dial."""
        pause = min(self._most_s, self._first_s * 2 ** min(self._failures, 16))
        self._failures += 1
        return float(pause * (0.5 + 0.5 * self._random.random()))

    def reset(self) -> None:
        """The next pause is a short one again."""
        self._failures = 0


class Alarm(Enum):
    """What `KeepAlive.tick` asks for."""

    NOTHING = "nothing"
    PING = "ping"
    DOUBT = "doubt"  # the last ping stayed unanswered: dial anew beside this link


class KeepAlive:
    """When to ping and when to doubt a link. The QUIC idle time-out has the last word."""

    INTERVAL_S: Final = 15.0
    DOUBT_S: Final = 3.0

    def __init__(self, now: float) -> None:
        self._next_ping_at = now
        self._doubt_at: float | None = None

    @property
    def next_at(self) -> float:
        """When `tick` wants to be called at the latest."""
        return self._next_ping_at if self._doubt_at is None else min(self._next_ping_at, self._doubt_at)

    def tick(self, now: float) -> Alarm:
        """Call when `next_at` has come, and after `probe`."""
        if self._doubt_at is not None and now >= self._doubt_at:
            self._doubt_at = None
            return Alarm.DOUBT
        if now >= self._next_ping_at:
            self._next_ping_at = now + self.INTERVAL_S
            if self._doubt_at is None:
                self._doubt_at = now + self.DOUBT_S
            return Alarm.PING
        return Alarm.NOTHING

    def probe(self, now: float) -> None:
        """Something may have changed: ping now."""
        self._next_ping_at = now

    def answered(self) -> None:
        """A ping was acknowledged."""
        self._doubt_at = None
