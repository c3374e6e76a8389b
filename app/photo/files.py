"""Files from and to the outside: names made harmless, sizes checked, types told by the bytes, nothing overwritten.

Names arrive in messages and are hostile (attack 35). The content type comes from `sniff`, never from the name.
"""

import errno
import os
import re
import stat
import unicodedata
from pathlib import Path
from typing import Final

from app.photo.errors import (
    FileDiskFull,
    FileEmpty,
    FileError,
    FileIsFolder,
    FileNotSaved,
    FileTooLarge,
    FileUnreadable,
)
from app.photo.limits import MAX_FILE_BYTES
from app.photo.sniff import Kind, sniff

MAX_NAME_CHARS: Final = 120
MAX_NAME_BYTES: Final = 200
"""UTF-8; file systems take 255, and " (2)" and the like must still fit."""
MAX_EXTENSION_CHARS: Final = 16
MAX_COPIES: Final = 1000

_SCAN_CHARS: Final = 4096
"""A hostile name of millions of characters is cut from the front before anything else looks at it."""
_SEPARATOR: Final = re.compile(r"[/\\\u2044\u2215\u29f8\u29f9\ufe68\uff0f\uff3c]")
_TRAILING: Final = re.compile(r"[/\\\s]+$")
_NOT_IN_NAMES: Final = re.compile(r'[<>:"/\\|?*]')
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9¹²³])", re.IGNORECASE)
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format (bidi overrides, zero-width), surrogates, private, unassigned, line and paragraph separators."""
_PROGRAM_ENDINGS: Final = {
    "app", "appimage", "bat", "bin", "chm", "cmd", "com", "command", "cpl", "deb", "desktop", "dll", "dmg",
    "exe", "gadget", "hta", "inf", "ins", "iso", "jar", "js", "jse", "lnk", "msc", "msi", "msix", "msp",
    "mst", "pif", "pkg", "ps1", "ps2", "psc1", "py", "pyw", "reg", "rpm", "run", "scf", "scr", "sct", "sh",
    "shb", "shs", "sys", "url", "vb", "vbe", "vbs", "vhd", "vhdx", "wsc", "wsf", "wsh", "xll",
}  # fmt: skip
_BY_ENDING: Final = {
    Kind.OLE: {
        "doc": "application/msword",
        "xls": "application/vnd.ms-excel",
        "ppt": "application/vnd.ms-powerpoint",
        "msg": "application/vnd.ms-outlook",
    },
    Kind.TEXT: {"csv": "text/csv", "ics": "text/calendar", "vcf": "text/vcard", "md": "text/markdown"},
}
"""Where the bytes leave a choice, the ending may make it; it never says anything that the bytes do not allow."""


def display_name(name: str) -> str:
    """One line to show: the last path component, composed, without anything invisible or reordering."""
    return _limited(_last_part(name)) or "Datei"


def save_name(name: str) -> str:
    """A file name that every system takes literally: no path, no drive, no stream, no device, no hidden file."""
    clean = _NOT_IN_NAMES.sub("_", _last_part(name))
    clean = _limited(clean.strip(" .")).strip(" .")
    stem = clean.split(".", 1)[0].rstrip()
    if _RESERVED.fullmatch(stem):
        clean = _limited("_" + clean)
    return clean or "Datei"


def _last_part(name: str) -> str:
    """What follows the last separator of any system, characters that look like one included."""
    visible = "".join(
        " " if unicodedata.category(char) == "Zs" else char
        for char in unicodedata.normalize("NFC", name[-_SCAN_CHARS:])
        if unicodedata.category(char) not in _INVISIBLE
    )
    last = _SEPARATOR.split(_TRAILING.sub("", visible))[-1]
    last = re.sub(r"^[A-Za-z]:", "", last)
    return " ".join(last.split()) if last.strip(" .") else ""


def _limited(name: str) -> str:
    """Cut in the stem, so that the ending still tells what it is."""
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem or len(ending) > MAX_EXTENSION_CHARS:
        stem, dot, ending = name, "", ""
    stem = stem[: MAX_NAME_CHARS - len(dot + ending)]
    while len((stem + dot + ending).encode()) > MAX_NAME_BYTES:
        stem = stem[:-1]
    return stem.rstrip() + dot + ending


def media_type(data: bytes, name: str = "") -> str:
    """Of a whole file or of at least its first `sniff.SNIFF_BYTES`."""
    kind = sniff(data)
    return _BY_ENDING.get(kind, {}).get(_ending(name), kind.value)


def is_program(name: str, head: bytes) -> bool:
    """Whether opening a file of this name and beginning could run something: to be warned about before saving."""
    return _ending(name) in _PROGRAM_ENDINGS or sniff(head) in (Kind.PROGRAM, Kind.SCRIPT)


def _ending(name: str) -> str:
    return save_name(name).rpartition(".")[2].lower()


def check_file_size(size_bytes: int) -> None:
    """Raises `FileEmpty`, `FileTooLarge`."""
    if size_bytes == 0:
        raise FileEmpty
    if size_bytes > MAX_FILE_BYTES:
        raise FileTooLarge(limit_mb=MAX_FILE_BYTES >> 20)


def read_file(path: Path, limit_bytes: int = MAX_FILE_BYTES) -> bytes:
    """A regular file, whole. Raises `FileError`; reads no byte beyond the limit, whatever the size says."""
    # Non-blocking: a named pipe in the place of a file must not hold up the worker for ever.
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            info = os.fstat(file.fileno())
            if not stat.S_ISREG(info.st_mode):
                raise FileUnreadable
            if info.st_size > limit_bytes:
                raise FileTooLarge(limit_mb=limit_bytes >> 20)
            data = file.read(limit_bytes + 1)
    except IsADirectoryError as exc:
        raise FileIsFolder from exc
    except (OSError, ValueError) as exc:  # ValueError: a path with a zero byte
        raise FileUnreadable from exc
    if len(data) > limit_bytes:
        raise FileTooLarge(limit_mb=limit_bytes >> 20)
    if not data:
        raise FileEmpty
    return data


def save_new(path: Path, data: bytes) -> Path:
    """Write `data` to `path`, or to "name (2).ext" and so on where that exists; returns where.

    Never overwrites, never follows a link at the end of the path, never executable, readable for the owner alone.
    Raises `FileError`; then no partial file is left.
    """
    name = save_name(path.name)
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    for copy in range(1, MAX_COPIES):
        target = path.with_name(name if copy == 1 else f"{stem} ({copy}){dot}{ending}")
        try:
            handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except FileExistsError:
            continue
        except (OSError, ValueError) as exc:
            raise _not_written(exc) from exc
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as exc:
            target.unlink(missing_ok=True)
            raise _not_written(exc) from exc
        return target
    raise FileNotSaved


def _not_written(error: Exception) -> FileError:
    full = isinstance(error, OSError) and error.errno in (
        errno.ENOSPC,
        getattr(errno, "EDQUOT", errno.ENOSPC),
    )
    return FileDiskFull() if full else FileNotSaved()
