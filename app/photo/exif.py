"""The two things worth reading in EXIF before it is thrown away: orientation and capture time.

A small reader of its own (EXIF 2.32, TIFF 6.0), because the input is hostile: three directories at most, counted
entries, no value beyond 64 bytes, and whatever does not fit is treated as absent. Nothing here raises.
"""

import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final

MAX_ENTRIES: Final = 512
MAX_VALUE_BYTES: Final = 64

_ORIENTATION: Final = 0x0112
_EXIF_DIRECTORY: Final = 0x8769
_TIMES: Final = ((0x9003, 0x9011, 0x9291), (0x9004, 0x9012, 0x9292))
"""(date and time, offset, fraction) of the original, then of digitising. Time of last change says nothing."""
_ASCII, _SHORT, _LONG = 2, 3, 4

_DATE: Final = re.compile(r"(\d{4})[:\-/. ](\d\d)[:\-/. ](\d\d)[ T]+(\d\d):(\d\d)(?::(\d\d))?")
_OFFSET: Final = re.compile(r"([+-])(\d\d):?(\d\d)")


@dataclass(frozen=True, slots=True)
class ExifFacts:
    """`orientation` 1-8 as in EXIF; `captured_ms` Unix ms or None."""

    orientation: int = 1
    captured_ms: int | None = None


def read_exif(block: bytes | None, zone: tzinfo | None = None) -> ExifFacts:
    """Facts of an EXIF block (with or without its "Exif" prefix); nothing known where it is absent or broken.

    A camera's time without an offset is taken as local time in `zone` (None: this computer's).
    """
    if not block:
        return ExifFacts()
    tiff = block.removeprefix(b"Exif\x00\x00")
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        return ExifFacts()
    main = _directory(tiff, order, struct.unpack_from(order + "I", tiff, 4)[0])
    orientation = _number(main.get(_ORIENTATION), order)
    pointer = _number(main.get(_EXIF_DIRECTORY), order)
    details = _directory(tiff, order, pointer) if pointer else {}
    times = (_time(*(_text(details.get(tag)) for tag in tags), zone=zone) for tags in _TIMES)
    captured = next((time for time in times if time is not None), None)
    return ExifFacts(orientation if orientation in range(1, 9) else 1, captured)


def _directory(tiff: bytes, order: str, at: int) -> dict[int, tuple[int, bytes]]:
    """Tag -> (type, value bytes) of one image file directory. The first of repeated tags counts."""
    if at + 2 > len(tiff):
        return {}
    (count,) = struct.unpack_from(order + "H", tiff, at)
    entries: dict[int, tuple[int, bytes]] = {}
    for index in range(min(count, MAX_ENTRIES)):
        place = at + 2 + 12 * index
        if place + 12 > len(tiff):
            break
        tag, kind, number = struct.unpack_from(order + "HHI", tiff, place)
        size = number * {_ASCII: 1, _SHORT: 2, _LONG: 4}.get(kind, 0)
        if not 0 < size <= MAX_VALUE_BYTES:
            continue
        start = place + 8 if size <= 4 else struct.unpack_from(order + "I", tiff, place + 8)[0]
        value = tiff[start : start + size]
        if len(value) == size:
            entries.setdefault(tag, (kind, value))
    return entries


def _number(entry: tuple[int, bytes] | None, order: str) -> int:
    if entry is None or entry[0] == _ASCII:
        return 0
    form = "H" if entry[0] == _SHORT else "I"
    return int(struct.unpack_from(order + form, entry[1])[0])


def _text(entry: tuple[int, bytes] | None) -> str:
    if entry is None or entry[0] != _ASCII:
        return ""
    return entry[1].split(b"\x00")[0].decode("latin-1").strip()


def _time(date: str, offset: str, fraction: str, *, zone: tzinfo | None) -> int | None:
    """Tolerant of the separators that cameras and programs write; None for anything that is no time."""
    found = _DATE.match(date)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    milliseconds = int(fraction[:3].ljust(3, "0")) if fraction.isascii() and fraction.isdigit() else 0
    try:
        naive = datetime(year, month, day, hour, minute, min(second, 59))
        aware = naive.replace(tzinfo=_zone(offset) or zone)
        seconds = (aware.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    except (ValueError, OverflowError, OSError):
        return None
    return seconds * 1000 + milliseconds if year >= 1970 else None


def _zone(offset: str) -> tzinfo | None:
    found = _OFFSET.fullmatch(offset)
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    if minutes > 14 * 60:
        return None
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
