"""Size and shape of a picture from its header, before a decoder is let near it.

Own small walkers over JPEG (ITU T.81 annex B), PNG (W3C PNG 5.3) and WebP (RFC 9649): they read lengths and skip,
allocate nothing, and take time linear in the file. HEIC is asked of libheif, which has limits of its own.
"""

import re
import struct
from dataclasses import dataclass
from typing import Final

from app.photo.errors import PhotoDamaged, PhotoTooComplex

MAX_SCANS: Final = 100
"""Scans of one JPEG: every one costs a pass over all pixels, however few bytes it has."""
MAX_CHUNKS: Final = 1000
"""PNG chunks before the pixels, chunks of a WebP."""

_JPEG_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""What ends entropy-coded data: any marker but the stuffed zero, restarts and fill bytes."""
_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


@dataclass(frozen=True, slots=True)
class Header:
    """What the header promises; the decoder is held to it."""

    width_px: int
    height_px: int
    animated: bool = False
    lossless: bool = False


def jpeg_header(data: bytes) -> Header:
    """Raises `PhotoDamaged`, `PhotoTooComplex`."""
    size: tuple[int, int] | None = None
    scans = 0
    at = 2
    while True:
        found = _JPEG_MARKER.search(data, at)
        if found is None:  # cut off; the decoder says whether anything is missing
            break
        marker, at = data[found.start() + 1], found.end()
        if marker == 0xD9:
            break
        if marker in _STANDALONE:
            continue
        length = int.from_bytes(data[at : at + 2], "big")
        if length < 2 or at + length > len(data):
            raise PhotoDamaged
        if marker in _FRAMES:
            if length < 8 or size is not None:
                raise PhotoDamaged
            height, width = struct.unpack_from(">HH", data, at + 3)
            size = (width, height)
        if marker == 0xDA:
            scans += 1
            if scans > MAX_SCANS:
                raise PhotoTooComplex
        at += length
    if size is None or not scans or 0 in size:
        raise PhotoDamaged
    return Header(*size)


def png_header(data: bytes) -> Header:
    """Raises `PhotoDamaged`, `PhotoTooComplex`."""
    if len(data) < 33 or data[12:16] != b"IHDR":
        raise PhotoDamaged
    width, height = struct.unpack_from(">II", data, 16)
    at = 8
    for _ in range(MAX_CHUNKS):
        if at + 8 > len(data):
            raise PhotoDamaged
        length, name = struct.unpack_from(">I4s", data, at)
        if name == b"acTL":
            return Header(width, height, animated=True, lossless=True)
        if name == b"IDAT":
            if 0 in (width, height):
                raise PhotoDamaged
            return Header(width, height, lossless=True)
        at += 12 + length
    raise PhotoTooComplex


def webp_header(data: bytes) -> Header:
    """Raises `PhotoDamaged`, `PhotoTooComplex`."""
    canvas: tuple[int, int] | None = None
    at = 12
    for _ in range(MAX_CHUNKS):
        if at + 18 > len(data):
            raise PhotoDamaged
        name, length = struct.unpack_from("<4sI", data, at)
        body = at + 8
        if name == b"VP8X":
            canvas = (_u24(data, body + 4) + 1, _u24(data, body + 7) + 1)
            if data[body] & 0x02:
                return Header(*canvas, animated=True)
        elif name in (b"ANIM", b"ANMF"):
            return Header(*(canvas or (1, 1)), animated=True)
        elif name == b"VP8L":
            bits = int.from_bytes(data[body + 1 : body + 5], "little")
            return _largest(canvas, (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, lossless=True)
        elif name == b"VP8 ":
            width, height = struct.unpack_from("<HH", data, body + 6)
            return _largest(canvas, width & 0x3FFF, height & 0x3FFF, lossless=False)
        at = body + length + (length & 1)
    raise PhotoTooComplex


def _u24(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 3], "little")


def _largest(canvas: tuple[int, int] | None, width: int, height: int, *, lossless: bool) -> Header:
    """Canvas and picture should be equal; a limit is checked against the larger."""
    if 0 in (width, height):
        raise PhotoDamaged
    wide, high = canvas or (width, height)
    return Header(max(wide, width), max(high, height), lossless=lossless)
