"""One keyed connection to the database file, set up the only way we allow.

Cipher: ChaCha20-Poly1305 per page (SQLite3 Multiple Ciphers), key = 32 raw bytes, no key derivation. AEGIS
reads 30 MB in half the time (28 against 60 ms) but only with AES instructions, and is a younger design
without an RFC; a commit costs the same under both (0.24-0.28 ms). So the standard cipher was taken, whose
speed and timing do not depend on the processor. Page number and nonce enter the tag: a page moved inside the
file does not open (attack 45).

The cipher keeps the first 16 bytes of the file for a salt, which only its own key derivation uses. We derive
nothing, so they hold a fixed magic: a foreign file is told from a wrong key without a guess.
"""

from pathlib import Path
from typing import Final

import apsw

from app.store.errors import (
    Damaged,
    DiskTrouble,
    ForeignFile,
    NoSuchStore,
    NotADatabase,
    ReadOnlyStore,
    StoreError,
    WrongKey,
    translate,
)

KEY_BYTES: Final = 32
MAGIC: Final = b"Praxisfunk-DB-1\n"
APPLICATION_ID: Final = 0x50584631  # "PXF1"
PAGE_BYTES: Final = 4096
BUSY_TIMEOUT_MS: Final = 5000
_PLAIN_SQLITE: Final = b"SQLite format 3\x00"


def check_file(path: Path) -> bool:
    """Look at the file without SQLite. True if there is a database, False if it has yet to be made.

    Raises `NotADatabase`, `ForeignFile`, `Damaged`, `DiskTrouble`. Only reads.
    """
    log = path.with_name(path.name + "-wal")
    try:
        size = path.stat().st_size if path.exists() else 0
        if size == 0:
            if log.exists() and log.stat().st_size > 0:
                raise Damaged("the database is empty but its write-ahead log is not")
            return False
        with path.open("rb") as file:
            head = file.read(len(MAGIC))
    except OSError as exc:
        raise DiskTrouble(f"cannot read the database file: errno {exc.errno}") from exc
    if head == _PLAIN_SQLITE:
        raise ForeignFile("an SQLite database that is not encrypted")
    if head != MAGIC:
        raise NotADatabase("the file does not start like a database of this program")
    if size < PAGE_BYTES:
        raise Damaged(f"cut off at {size} bytes")
    return True


def connect(
    path: Path, key: bytes, *, create: bool, read_only: bool = False, vfs: str | None = None
) -> apsw.Connection:
    """A keyed connection with all settings made; the schema is not looked at.

    `vfs` names an SQLite file system to use (tests and benchmarks). Raises `StoreError`s.
    """
    if len(key) != KEY_BYTES:
        raise ValueError("the database key has 32 bytes")
    exists = check_file(path)
    if not exists and not create:
        raise NoSuchStore("no database file")
    flags = apsw.SQLITE_OPEN_READONLY if read_only else apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    connection: apsw.Connection | None = None
    try:
        connection = apsw.Connection(str(path), flags=flags, vfs=vfs, statementcachesize=300)
        _set_key(connection, key)
        _harden(connection)
        schema = _read_first_page(connection)
        if read_only:
            connection.pragma("query_only", True)
        else:
            if connection.readonly("main"):
                raise ReadOnlyStore("the database file cannot be written")
            if schema == 0:
                _prepare_new_file(connection)
            _set_up_writer(connection)
        return connection
    except BaseException as exc:
        if connection is not None:
            connection.close(True)
        if isinstance(exc, apsw.NotADBError):
            raise WrongKey("the key does not open the first page") from exc
        if isinstance(exc, apsw.CantOpenError):
            raise ReadOnlyStore("the database or its folder cannot be opened for writing") from exc
        if isinstance(exc, apsw.Error):
            raise translate(exc) from exc
        raise


def _set_key(connection: apsw.Connection, key: bytes) -> None:
    connection.pragma("cipher", "chacha20")
    # raw:<key><salt>: taken as they are. The salt is only written when the file is made.
    if connection.pragma("key", f"raw:{key.hex()}{MAGIC.hex()}") != "ok":
        raise StoreError("the page cipher is not available")


def _harden(connection: apsw.Connection) -> None:
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, 0)
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, 0)
    connection.enable_load_extension(False)
    connection.set_busy_timeout(BUSY_TIMEOUT_MS)
    connection.pragma("mmap_size", 0)
    connection.pragma("temp_store", "MEMORY")


def _prepare_new_file(connection: apsw.Connection) -> None:
    """What can only be chosen before the first table. On an existing file it would write at every opening."""
    connection.pragma("page_size", PAGE_BYTES)
    connection.pragma("auto_vacuum", "INCREMENTAL")


def _set_up_writer(connection: apsw.Connection) -> None:
    mode = connection.pragma("journal_mode", "WAL")
    if mode != "wal":
        raise StoreError("the write-ahead log is not available")
    connection.pragma("wal_autocheckpoint", 0)
    connection.pragma("synchronous", "FULL")
    connection.pragma("fullfsync", True)  # macOS: an fsync that reaches the disk
    connection.pragma("secure_delete", True)
    connection.pragma("cell_size_check", True)
    connection.pragma("foreign_keys", True)


def _read_first_page(connection: apsw.Connection) -> int:
    """The schema version, 0 for a file still empty. Raises `ForeignFile`."""
    version = int(connection.pragma("user_version"))
    application = connection.pragma("application_id")
    if application == APPLICATION_ID:
        return version
    tables = connection.execute("select count(*) from sqlite_schema").get
    if application != 0 or tables or version:
        raise ForeignFile("an encrypted database of another program")
    return 0
