"""Noticing a database that was put back or copied: a mark in it and one outside must agree (protocol 11.20).

Each start writes a new mark (number of the start, 16 random bytes) into the database and into a second place: the
OS keyring, or without one a file beside the database. An older or copied database carries another mark than the
second place. The random part tells two clones apart that were started equally often.

A crash between the two writes must not look like a copy. So the database first notes the mark that comes next,
then the second place gets it, then the database makes it the current one: the second place always holds one of
the two marks in the database.

What this cannot notice: a copy of the database and its second place together (a whole virtual machine). There
the device meets its own id with a foreign incarnation (protocol 11.4).
"""

from pathlib import Path
from typing import Final, Protocol

import msgspec

from app.keyring_adapter import SecretKeyring
from app.private_files import read_bounded, replace_file
from app.store.db import Store
from app.store.errors import ProfileDamaged
from crypto.codec import decode, encode
from crypto.entropy import Entropy
from crypto.errors import DecodeError

_KEY: Final = "profile.start"
_COUNT_BYTES: Final = 8
_RANDOM_BYTES: Final = 16
MARK_BYTES: Final = _COUNT_BYTES + _RANDOM_BYTES
_NONE: Final = b""


class StartMismatch(msgspec.Struct, frozen=True, kw_only=True):
    """The database is not the one that was used last: the restore path must be taken.

    Numbers of starts according to the database and to the second place; None: no mark there at all.
    """

    database_starts: int | None
    marked_starts: int | None


class MarkPlace(Protocol):
    """Where the second mark is kept."""

    def read(self) -> bytes | None: ...

    def write(self, mark: bytes) -> None: ...

    def delete(self) -> None: ...


class KeyringMark:
    """In the OS keyring. Raises `KeyringUnavailable`."""

    def __init__(self, keyring: SecretKeyring, name: str) -> None:
        self._keyring = keyring
        self._name = name

    def read(self) -> bytes | None:
        return self._keyring.read(self._name)

    def write(self, mark: bytes) -> None:
        self._keyring.write(self._name, mark)

    def delete(self) -> None:
        self._keyring.delete(self._name)


class FileMark:
    """In a file beside the database: notices a database put back alone, not a whole directory put back."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> bytes | None:
        return read_bounded(self._path, MARK_BYTES)

    def write(self, mark: bytes) -> None:
        replace_file(self._path, mark)

    def delete(self) -> None:
        self._path.unlink(missing_ok=True)


class _Marks(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The value in the database."""

    current: bytes
    next: bytes


def check_start(store: Store, place: MarkPlace) -> StartMismatch | None:
    """Compare only. None: this is the database that was used last (or a new one)."""
    marks, outside = _marks(store), place.read() or _NONE
    if outside in {marks.current, marks.next or marks.current}:
        return None
    return StartMismatch(database_starts=_count(marks.current), marked_starts=_count(outside))


def note_start(store: Store, place: MarkPlace, entropy: Entropy) -> None:
    """Write the mark of this start into both. Also ends a mismatch once the restore path was taken."""
    outside = place.read() or _NONE
    starts = max(_count(outside) or 0, _count(_marks(store).current) or 0) + 1
    mark = starts.to_bytes(_COUNT_BYTES, "big") + entropy.token(_RANDOM_BYTES)
    _put(store, _Marks(outside, mark))
    place.write(mark)
    _put(store, _Marks(mark, _NONE))


def _marks(store: Store) -> _Marks:
    with store.read() as tx:
        raw = tx.values.get(_KEY)
    if raw is None:
        return _Marks(_NONE, _NONE)
    try:
        return decode(_Marks, raw, max_bytes=256)
    except DecodeError as exc:
        raise ProfileDamaged("the start mark in the database is not readable") from exc


def _put(store: Store, marks: _Marks) -> None:
    with store.write() as tx:
        tx.values.put(_KEY, encode(marks))


def _count(mark: bytes) -> int | None:
    return int.from_bytes(mark[:_COUNT_BYTES], "big") if len(mark) == MARK_BYTES else None
