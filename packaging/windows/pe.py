"""What Windows Installer wants to know of an EXE or DLL: its file version."""

from __future__ import annotations

from pathlib import Path

_MARK = b"\xbd\x04\xef\xfe\x00\x00\x01\x00"
"""VS_FIXEDFILEINFO begins with its signature and structure version, the same in every file."""
SUFFIXES = (".exe", ".dll", ".pyd")


def file_version(path: Path) -> str | None:
    """Four numbers, or None for a file without a version resource."""
    if path.suffix.lower() not in SUFFIXES:
        return None
    data = path.read_bytes()
    place = data.find(_MARK)
    if place < 0:
        return None
    high = int.from_bytes(data[place + 8 : place + 12], "little")
    low = int.from_bytes(data[place + 12 : place + 16], "little")
    return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"
