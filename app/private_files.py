"""Files that only this user may read: directory, atomic replacement, and the lock of a running instance."""

import contextlib
import os
import stat
import sys
from pathlib import Path
from typing import Final

from app.store.errors import ProfileBusy, ProfileDamaged, ProfileUnusable

_PRIVATE_DIRECTORY: Final = 0o700
_PRIVATE_FILE: Final = 0o600


def private_directory(path: Path) -> None:
    """Make the directory, or take away other users' rights to it. Raises `ProfileUnusable`.

    On Windows the rights come from the local application data folder above it.
    """
    try:
        path.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        if sys.platform == "win32":
            return
        found = path.stat()
        if found.st_uid != os.geteuid():
            raise ProfileUnusable("the profile directory belongs to another user")
        if stat.S_IMODE(found.st_mode) != _PRIVATE_DIRECTORY:
            path.chmod(_PRIVATE_DIRECTORY)
    except OSError as exc:
        raise ProfileUnusable(f"the profile directory cannot be made or used: errno {exc.errno}") from exc


def read_bounded(path: Path, max_bytes: int) -> bytes | None:
    """The content, or None if there is no such file. Raises `ProfileDamaged` when larger or unreadable."""
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise ProfileDamaged(f"a file of the profile cannot be read: errno {exc.errno}") from exc
    if len(data) > max_bytes:
        raise ProfileDamaged("a file of the profile is too large")
    return data


def replace_file(path: Path, data: bytes) -> None:
    """Write the file so that after a crash there is the old or the new content. Raises `ProfileUnusable`."""
    temporary = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE_FILE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_directory(path.parent)
    except OSError as exc:
        raise ProfileUnusable(f"a file of the profile cannot be written: errno {exc.errno}") from exc


def make_private_file(path: Path) -> None:
    """An empty file that only its owner can read, if there is none."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, _PRIVATE_FILE))
    except OSError as exc:
        raise ProfileUnusable(f"a file of the profile cannot be made: errno {exc.errno}") from exc


def _sync_directory(path: Path) -> None:
    if sys.platform == "win32":
        return  # directories cannot be opened there; NTFS journals the rename
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class InstanceLock:
    """Held while a profile is open. The operating system lets go of it when the process ends, however it ends.

    The file stays: deleting it would let two instances lock two different files of one name.
    """

    def __init__(self, path: Path) -> None:
        """Raises `ProfileBusy` if another instance holds it, `ProfileUnusable` if it cannot be made."""
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE_FILE)
        except OSError as exc:
            raise ProfileUnusable(f"the lock file cannot be made: errno {exc.errno}") from exc
        try:
            _lock(self._descriptor)
        except OSError as exc:
            os.close(self._descriptor)
            self._descriptor = -1
            raise ProfileBusy("another instance has this profile open") from exc

    def release(self) -> None:
        """May be called twice."""
        if self._descriptor >= 0:
            with contextlib.suppress(OSError):  # closing lets go of it anyhow
                _unlock(self._descriptor)
            os.close(self._descriptor)
            self._descriptor = -1


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        # flock, not lockf: it also tells two openings within one process apart, and closing another
        # descriptor of the same file does not let go of it.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
