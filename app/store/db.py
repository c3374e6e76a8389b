"""The store of one profile: one writer, short readers for workers, checkpoints on a connection of their own.

Thread rules: `write` belongs to one thread at a time (the engine's). `read`, `checkpoint` and `check` may be
called from any worker thread. No checkpoint happens by itself: someone calls `checkpoint` when `log_pages` is
large, when `erasure_due`, and when idle.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import apsw
import msgspec

from app.store.access import Access
from app.store.connection import APPLICATION_ID, PAGE_BYTES, connect
from app.store.erasure import erasure_asked, erasure_due, erasure_finished
from app.store.errors import StoreClosed, StoreError, translate
from app.store.migrations import migrate
from app.store.transaction import StoreTransaction

READ_LIMIT_S: Final = 2.0
_PROGRESS_STEPS: Final = 5_000
_TRUNCATE_WAIT_MS: Final = 20
_IDLE_READERS: Final = 2


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What one `Store.checkpoint` did."""

    log_pages: int  # pages in the write-ahead log before
    emptied: bool  # the log is empty now; False: a reader or the writer was in the way, try again
    erased: bool  # nothing deleted is left in the log


class _Connection:
    """A connection with its ports."""

    def __init__(self, connection: apsw.Connection) -> None:
        self.raw = connection
        self.access = Access(connection)
        self.transaction = StoreTransaction(self.access)


class Store:
    """Use `Store.open`."""

    def __init__(self, path: Path, key: bytes, vfs: str | None, writer: apsw.Connection) -> None:
        self._path = path
        self._key = key
        self._vfs = vfs
        self._writer: _Connection | None = _Connection(writer)
        self._lock = threading.Lock()
        self._readers: list[_Connection] = []
        self._checkpoint_lock = threading.Lock()
        self._checkpointer: apsw.Connection | None = None
        self._closed = False
        log = path.with_name(path.name + "-wal")
        self.log_pages = log.stat().st_size // PAGE_BYTES if log.exists() else 0  # left by a crash
        writer.set_wal_hook(self._committed)

    @classmethod
    def open(cls, path: Path | str, key: bytes, *, create: bool = True, vfs: str | None = None) -> "Store":
        """Open the database at `path` with its 32-byte key, make it if `create`, bring its schema up to date.

        Raises NoSuchStore, NotADatabase, ForeignFile, WrongKey, TooNew, Damaged, ReadOnlyStore, StoreBusy,
        DiskFull or DiskTrouble; the file is unchanged then.
        """
        path = Path(path)
        connection = connect(path, key, create=create, vfs=vfs)
        try:
            migrate(connection, APPLICATION_ID)
        except BaseException as exc:
            connection.close(True)
            if isinstance(exc, apsw.Error):
                raise translate(exc) from exc
            raise
        return cls(path, key, vfs, connection)

    def __repr__(self) -> str:
        return f"Store({'closed' if self._closed else 'open'}, key=<redacted>)"

    @property
    def path(self) -> Path:
        return self._path

    @contextmanager
    def write(self) -> Iterator[StoreTransaction]:
        """One write transaction: committed, and on the disk, when the block ends; rolled back if it raises.

        Raises StoreError: DiskFull, StoreBusy, ... Nothing of the block was kept then.
        """
        writer = self._writer
        if writer is None:
            raise StoreClosed("the store is closed")
        if writer.access.active:
            raise RuntimeError("write transactions do not nest")
        _execute(writer.raw, "begin immediate")
        writer.access.active = True
        try:
            yield writer.transaction
            _execute(writer.raw, "commit")
        except BaseException:
            # SQLite has already rolled back by itself after some errors (disk full, I/O).
            if writer.raw.in_transaction:
                _execute(writer.raw, "rollback")
            raise
        finally:
            writer.access.active = False

    @contextmanager
    def read(self, limit_s: float = READ_LIMIT_S) -> Iterator[StoreTransaction]:
        """One consistent snapshot, read-only, for a worker thread. Does not hold up the writer.

        A long export takes several of them: after `limit_s` statements raise ReadTooLong, since the
        write-ahead log cannot shrink below a snapshot.
        """
        with self._snapshot(limit_s) as reader:
            yield reader.transaction

    @contextmanager
    def _snapshot(self, limit_s: float) -> Iterator[_Connection]:
        reader = self._take_reader()
        healthy = False
        try:
            reader.access.deadline = time.monotonic() + limit_s
            _execute(reader.raw, "begin")
            reader.access.active = True
            try:
                yield reader
            finally:
                reader.access.active = False
                reader.access.deadline = float("inf")
                if reader.raw.in_transaction:
                    _execute(reader.raw, "rollback")
            healthy = True
        finally:
            self._give_back_reader(reader, keep=healthy)

    def checkpoint(self) -> Checkpoint:
        """Move committed pages into the database file and empty the log, without holding up the writer.

        Most of the work is a passive checkpoint beside the writer. Emptying needs it to pause: that is tried
        for 20 ms and reported as `emptied=False` if somebody was in the way. Raises StoreError.
        """
        with self._checkpoint_lock:
            connection = self._checkpoint_connection()
            try:
                asked = self._asked(connection)
                before, _ = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
                try:
                    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
                except (apsw.BusyError, apsw.LockedError):
                    return Checkpoint(log_pages=max(before, 0), emptied=False, erased=False)
                self.log_pages = 0
                erased = self._mark_erased(connection, asked)
                return Checkpoint(log_pages=max(before, 0), emptied=True, erased=erased)
            except apsw.Error as exc:
                raise translate(exc) from exc

    def erasure_due(self) -> bool:
        """Something was deleted whose old pages may still be in the write-ahead log."""
        with self._snapshot(READ_LIMIT_S) as reader:
            return erasure_due(reader.access)

    def release_pages(self, max_pages: int = 1024) -> int:
        """Give free pages back to the file system; writer's thread, when idle. Returns how many are left."""
        writer = self._writer
        if writer is None:
            raise StoreClosed("the store is closed")
        try:
            writer.raw.pragma("incremental_vacuum", max_pages)
            return int(writer.raw.pragma("freelist_count"))
        except apsw.Error as exc:
            raise translate(exc) from exc

    def check(self) -> list[str]:
        """Read every page and index; what is wrong, without content. Empty: all well. Slow; for a worker."""
        connection = connect(self._path, self._key, create=False, read_only=True, vfs=self._vfs)
        try:
            found = [str(row[0]) for row in connection.execute("pragma integrity_check(20)")]
            return [] if found == ["ok"] else found
        except apsw.Error as exc:
            return [f"a page cannot be read: {translate(exc)}"]
        finally:
            connection.close(True)

    def close(self) -> None:
        """End everything and empty the log. Readers still at work get StoreClosed. May be called twice."""
        with self._lock:
            self._closed = True
            idle, self._readers = self._readers, []
        for reader in idle:
            reader.raw.close(True)
        with self._checkpoint_lock:
            if self._checkpointer is not None:
                self._checkpointer.close(True)
                self._checkpointer = None
        if self._writer is not None:
            self._writer.raw.close(True)
            self._writer = None
        self._key = b""

    # readers

    def _take_reader(self) -> _Connection:
        with self._lock:
            if self._closed:
                raise StoreClosed("the store is closed")
            reader = self._readers.pop() if self._readers else None
        if reader is None:
            raw = connect(self._path, self._key, create=False, read_only=True, vfs=self._vfs)
            reader = _Connection(raw)
            access = reader.access
            raw.set_progress_handler(lambda: time.monotonic() > access.deadline, _PROGRESS_STEPS)
        return reader

    def _give_back_reader(self, reader: _Connection, *, keep: bool) -> None:
        with self._lock:
            if keep and not self._closed and len(self._readers) < _IDLE_READERS:
                self._readers.append(reader)
                return
        reader.raw.close(True)

    # checkpoints

    def _committed(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        self.log_pages = pages
        return apsw.SQLITE_OK

    def _checkpoint_connection(self) -> apsw.Connection:
        if self._closed:
            raise StoreClosed("the store is closed")
        if self._checkpointer is None:
            self._checkpointer = connect(self._path, self._key, create=False, vfs=self._vfs)
            self._checkpointer.set_busy_timeout(_TRUNCATE_WAIT_MS)
        return self._checkpointer

    @staticmethod
    def _asked(connection: apsw.Connection) -> int:
        access = Access(connection)
        access.active = True
        return erasure_asked(access)

    @staticmethod
    def _mark_erased(connection: apsw.Connection, asked: int) -> bool:
        """Note that request `asked` was carried out. False if it could not be noted or more came since."""
        access = Access(connection)
        access.active = True
        if not erasure_due(access):
            return True
        try:
            erasure_finished(access, asked)
        except StoreError:
            return False
        return not erasure_due(access)


def _execute(connection: apsw.Connection, sql: str) -> None:
    try:
        connection.execute(sql)
    except apsw.Error as exc:
        raise translate(exc) from exc
