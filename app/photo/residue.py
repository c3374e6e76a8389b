"""What else than pixels is in a picture that we made. A list of what may be there; everything else is named."""

import re
import struct
from typing import Final

_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
_PIXEL_SEGMENTS: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDA, 0xDB, 0xDD})
_PIXEL_CHUNKS: Final = frozenset({b"IHDR", b"IDAT", b"IEND"})
_JFIF_BYTES: Final = 16
"""A JFIF header without the thumbnail that it could hold."""


def metadata_left(data: bytes) -> tuple[str, ...]:
    """Names of everything in a JPEG or PNG that is not needed for its pixels. Empty for what `prepare` makes."""
    if data.startswith(b"\xff\xd8"):
        return tuple(_jpeg(data))
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return tuple(_png(data))
    return ("neither JPEG nor PNG",)


def _jpeg(data: bytes) -> list[str]:
    left: list[str] = []
    at = 2
    while found := _MARKER.search(data, at):
        marker, at = data[found.start() + 1], found.end()
        if marker == 0xD9:
            return left + ([f"{len(data) - at} bytes after the end"] if at != len(data) else [])
        length = int.from_bytes(data[at : at + 2], "big")
        body = data[at + 2 : at + length]
        jfif = marker == 0xE0 and body[:5] == b"JFIF\x00" and length == _JFIF_BYTES
        if marker not in _PIXEL_SEGMENTS and not jfif:
            left.append(f"segment {marker:#04x} {body[:10]!r}")
        at += length
    return [*left, "no end"]


def _png(data: bytes) -> list[str]:
    left: list[str] = []
    at = 8
    while at + 12 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if name not in _PIXEL_CHUNKS:
            left.append(f"chunk {name!r}")
        at += 12 + length
        if name == b"IEND":
            return left + ([f"{len(data) - at} bytes after the end"] if at != len(data) else [])
    return [*left, "no end"]
