"""What a newcomer gets after M4, in pieces that fit a pairing link: roster statements, openings, circle secrets.

The link is already proven (both certificate keys are part of the pairing transcript), so the pieces need no further
protection. First piece: 4 bytes total length; all bytes together are one MessagePack list of frames.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from app.core import limits
from crypto.codec import decode, encode
from crypto.errors import DecodeError

MAX_PIECE_BYTES: Final = 12 << 10


def pieces(frames: Sequence[bytes]) -> Iterator[bytes]:
    """Frames for the wire, at least one."""
    body = encode(list(frames))
    data = len(body).to_bytes(4, "big") + body
    for start in range(0, len(data), MAX_PIECE_BYTES):
        yield data[start : start + MAX_PIECE_BYTES]


class Collector:
    """Puts the pieces together. Bounded by what the first piece announces, and that by a limit."""

    def __init__(self) -> None:
        self._data = bytearray()

    def add(self, piece: bytes) -> bool:
        """True once complete. Raises `DecodeError` beyond the announced or allowed length."""
        self._data += piece
        if len(self._data) < 4:
            raise DecodeError("handover")
        total = int.from_bytes(self._data[:4], "big")
        if total > limits.MAX_HANDOVER_BYTES or len(self._data) - 4 > total:
            raise DecodeError("handover too long")
        return len(self._data) - 4 == total

    def frames(self) -> tuple[bytes, ...]:
        """Raises `DecodeError`."""
        return tuple(decode(list[bytes], bytes(self._data[4:]), max_bytes=limits.MAX_HANDOVER_BYTES))
