"""Opening: every wrong file is named for what it is and left as it was (attacks 45, 48)."""

import sqlite3
from pathlib import Path

import apsw
import pytest

from app.store import connection as connection_module
from app.store import migrations
from app.store.connection import MAGIC, PAGE_BYTES, connect
from app.store.db import Store
from app.store.errors import (
    Damaged,
    DiskFull,
    DiskTrouble,
    ForeignFile,
    NoSuchStore,
    NotADatabase,
    ReadOnlyStore,
    StoreBusy,
    StoreClosed,
    StoreError,
    TooNew,
    WrongKey,
)
from tests.store.kit import KEY, TALK, FaultyVfs, blob, content, files_digest, message

OTHER_KEY = bytes(32)


def fill_and_close(database: Path, count: int = 40) -> None:
    store = Store.open(database, KEY)
    with store.write() as tx:
        for number in range(count):
            tx.history.add_message(message(number, f"Nachricht {number} " + "x" * 500, number))
    store.close()


@pytest.fixture
def vfs() -> FaultyVfs:
    return FaultyVfs()


def test_settings_of_a_new_file(store: Store, database: Path) -> None:
    raw = store._writer.raw  # type: ignore[union-attr]
    wanted = {
        "cipher": "chacha20",
        "journal_mode": "wal",
        "synchronous": 2,
        "secure_delete": 1,
        "auto_vacuum": 2,
        "wal_autocheckpoint": 0,
        "temp_store": 2,
        "mmap_size": 0,
        "cell_size_check": 1,
        "trusted_schema": 0,
        "foreign_keys": 1,
        "application_id": connection_module.APPLICATION_ID,
        "user_version": migrations.LATEST,
    }
    found = {name: raw.pragma(name) for name in wanted}
    assert found == wanted
    assert raw.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, -1) == 1
    secure = raw.execute("select v from search_config where k = 'secure-delete'").get
    assert secure == 1
    loose = raw.execute(
        "select count(*) from pragma_table_list where type = 'table' and strict = 0"
        " and schema = 'main' and name not like 'sqlite_%'"
    ).get
    assert loose == 0


def test_nothing_of_the_file_is_readable(store: Store, database: Path) -> None:
    with store.write() as tx:
        tx.history.add_message(message(1, "Wundversorgung bei Frau Muster"))
        tx.values.put("praxis.name", b"Praxis Muster")
    for path in (database, database.with_name(database.name + "-wal")):
        data = path.read_bytes()
        assert b"Wundversorgung" not in data
        assert b"wundversorgung" not in data
        assert b"praxis.name" not in data
        assert b"create table" not in data
    store.checkpoint()
    assert database.read_bytes().startswith(MAGIC)
    assert b"create table" not in database.read_bytes()


def test_repr_hides_the_key(store: Store) -> None:
    assert KEY.hex() not in repr(store)


def test_a_missing_file_is_not_made_unless_asked(database: Path) -> None:
    with pytest.raises(NoSuchStore):
        Store.open(database, KEY, create=False)
    assert not database.exists()


def test_a_wrong_key_touches_nothing(database: Path) -> None:
    fill_and_close(database)
    before = files_digest(database.parent)
    with pytest.raises(WrongKey):
        Store.open(database, OTHER_KEY)
    assert files_digest(database.parent) == before


def test_a_wrong_key_touches_no_log_either(database: Path) -> None:
    """After a crash the log holds committed messages; a failed opening must not drop it."""
    store = Store.open(database, KEY)
    with store.write() as tx:
        tx.history.add_message(message(1, "wichtig"))
    crashed = database.parent / "crashed"
    crashed.mkdir()
    for name in (database.name, database.name + "-wal"):
        (crashed / name).write_bytes((database.parent / name).read_bytes())
    store.close()
    before = files_digest(crashed)
    with pytest.raises(StoreError):
        Store.open(crashed / database.name, OTHER_KEY)
    after = files_digest(crashed)
    assert {name: after[name] for name in before} == before
    again = Store.open(crashed / database.name, KEY)
    with again.read() as tx:
        assert tx.history.has_message(content(1))
    again.close()


def test_a_key_of_wrong_length_is_a_bug(database: Path) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Store.open(database, b"short")


@pytest.mark.parametrize("data", [b"Hello, I am a letter.\n" * 400, b"PK\x03\x04" + bytes(9000), b"x"])
def test_not_a_database(database: Path, data: bytes) -> None:
    database.write_bytes(data)
    with pytest.raises(NotADatabase):
        Store.open(database, KEY)
    assert database.read_bytes() == data
    assert [path.name for path in database.parent.iterdir()] == [database.name]


def test_a_plain_sqlite_file_is_foreign(database: Path) -> None:
    other = sqlite3.connect(database)
    other.execute("create table notes (a)")
    other.commit()
    other.close()
    before = files_digest(database.parent)
    with pytest.raises(ForeignFile):
        Store.open(database, KEY)
    assert files_digest(database.parent) == before


def test_an_encrypted_file_of_another_program_is_foreign(database: Path) -> None:
    """The same cipher, magic and even key, but not our schema."""
    raw = connect(database, KEY, create=True)
    raw.execute("create table notes (a)")
    raw.close()
    with pytest.raises(ForeignFile):
        Store.open(database, KEY)
    raw = apsw.Connection(str(database))
    raw.pragma("cipher", "chacha20")
    raw.pragma("key", "raw:" + KEY.hex())
    assert raw.execute("select name from sqlite_schema").get == "notes"
    raw.close()


def test_a_newer_schema_is_refused_untouched(database: Path) -> None:
    store = Store.open(database, KEY)
    store._writer.raw.pragma("user_version", migrations.LATEST + 1)  # type: ignore[union-attr]
    store.close()
    before = files_digest(database.parent)
    with pytest.raises(TooNew) as caught:
        Store.open(database, KEY)
    assert (caught.value.found, caught.value.known) == (migrations.LATEST + 1, migrations.LATEST)
    assert files_digest(database.parent) == before


@pytest.mark.parametrize(
    "size", [len(MAGIC), 100, PAGE_BYTES - 1, PAGE_BYTES, 3 * PAGE_BYTES + 17, -PAGE_BYTES]
)
def test_a_cut_off_file_is_damaged(database: Path, size: int) -> None:
    fill_and_close(database)
    data = database.read_bytes()
    database.write_bytes(data[:size])
    before = files_digest(database.parent)
    with pytest.raises(Damaged):
        Store.open(database, KEY)
    after = files_digest(database.parent)
    assert after[database.name] == before[database.name]


def test_an_emptied_file_beside_its_log_is_damaged(database: Path) -> None:
    """SQLite would throw the log away and start afresh."""
    store = Store.open(database, KEY)
    with store.write() as tx:
        tx.history.add_message(message(1))
    log = database.with_name(database.name + "-wal").read_bytes()
    store.close()
    database.write_bytes(b"")
    database.with_name(database.name + "-wal").write_bytes(log)
    with pytest.raises(Damaged):
        Store.open(database, KEY)
    assert database.with_name(database.name + "-wal").read_bytes() == log


def test_every_flipped_page_is_noticed(database: Path) -> None:
    fill_and_close(database)
    good = database.read_bytes()
    for page in range(len(good) // PAGE_BYTES):
        for offset in (24 if page == 0 else 0, 2000, PAGE_BYTES - 1):
            bad = bytearray(good)
            bad[page * PAGE_BYTES + offset] ^= 1
            database.write_bytes(bad)
            with pytest.raises((Damaged, WrongKey)):
                _read_everything(database)


def test_swapped_pages_are_noticed(database: Path) -> None:
    """Each page is authentic, but not at this place (attack 45)."""
    fill_and_close(database)
    good = database.read_bytes()
    pages = [good[at : at + PAGE_BYTES] for at in range(0, len(good), PAGE_BYTES)]
    for one in range(2, len(pages) - 1, 5):
        swapped = pages.copy()
        swapped[one], swapped[one + 1] = swapped[one + 1], swapped[one]
        database.write_bytes(b"".join(swapped))
        with pytest.raises(Damaged):
            _read_everything(database)


def _read_everything(database: Path) -> None:
    store = Store.open(database, KEY, create=False)
    try:
        found = store.check()
        if found:
            raise Damaged(found[0])
    finally:
        store.close()


def test_a_damaged_page_fails_its_reader_only(database: Path) -> None:
    """What is still readable can be read and rescued."""
    fill_and_close(database, 400)
    data = bytearray(database.read_bytes())
    data[-PAGE_BYTES * 20] ^= 1
    database.write_bytes(data)
    store = Store.open(database, KEY)
    try:
        assert store.check() != []
        with store.read() as tx:
            assert tx.values.get("nothing") is None
    finally:
        store.close()


@pytest.mark.parametrize(
    "kinds",
    [apsw.SQLITE_OPEN_MAIN_DB, apsw.SQLITE_OPEN_WAL, apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_WAL],
    ids=["file", "folder", "both"],
)
def test_a_read_only_file_or_folder_is_named(database: Path, vfs: FaultyVfs, kinds: int) -> None:
    fill_and_close(database)
    before = files_digest(database.parent)
    vfs.read_only = kinds
    with pytest.raises(ReadOnlyStore):
        Store.open(database, KEY, vfs=vfs.encrypting_name)
    assert files_digest(database.parent) == before


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        Store.open(tmp_path / "no" / "such" / "file.db", KEY)


def test_a_second_program_holding_the_file(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_and_close(database)
    monkeypatch.setattr(connection_module, "BUSY_TIMEOUT_MS", 1)
    other = apsw.Connection(str(database))
    other.pragma("cipher", "chacha20")
    other.pragma("key", "raw:" + KEY.hex())
    other.pragma("locking_mode", "EXCLUSIVE")
    other.execute("begin exclusive; commit")
    with pytest.raises(StoreBusy):
        Store.open(database, KEY)
    other.close()
    store = Store.open(database, KEY)
    store.close()


def test_a_full_disk_keeps_what_was_there(store: Store) -> None:
    with store.write() as tx:
        tx.history.add_message(message("before", "vorher"))
    raw = store._writer.raw  # type: ignore[union-attr]
    raw.pragma("max_page_count", int(raw.pragma("page_count")) + 8)
    picture = blob("picture", 3)
    with pytest.raises(DiskFull), store.write() as tx:
        tx.values.put("half", b"done")
        tx.blobs.put(picture)
        tx.blobs.put_chunk(picture.blob, 0, bytes(262_144))
    with store.read() as tx:
        assert tx.values.get("half") is None
        assert tx.blobs.get(picture.blob) is None
        assert tx.history.has_message(content("before"))
    raw.pragma("max_page_count", 1 << 30)
    with store.write() as tx:
        tx.blobs.put(picture)
        assert tx.blobs.put_chunk(picture.blob, 0, bytes(262_144))
    assert store.check() == []


@pytest.mark.parametrize(
    ("failure", "ours"), [(apsw.FullError("no space"), DiskFull), (apsw.IOError("broken"), DiskTrouble)]
)
@pytest.mark.parametrize("kind", ["write", "sync"])
def test_a_disk_that_fails_under_the_commit(
    database: Path, vfs: FaultyVfs, failure: apsw.Error, ours: type[StoreError], kind: str
) -> None:
    """Whatever the file system says at write or fsync: nothing of the transaction, everything before it."""
    store = Store.open(database, KEY, vfs=vfs.encrypting_name)
    with store.write() as tx:
        tx.history.add_message(message("before"))

    def fail(what: str, _calls: int) -> None:
        if what == kind:
            raise failure

    vfs.before_call = fail
    with pytest.raises(ours), store.write() as tx:
        tx.history.add_message(message("lost"))
    vfs.before_call = None
    with store.write() as tx:
        assert tx.history.has_message(content("before"))
        assert not tx.history.has_message(content("lost"))
        tx.history.add_message(message("after"))
    assert store.check() == []
    store.close()


def test_a_full_disk_while_the_file_is_made_leaves_nothing_broken(database: Path, vfs: FaultyVfs) -> None:
    def full(_what: str, calls: int) -> None:
        if calls > 12:
            raise apsw.FullError("no space")

    vfs.before_call = full
    with pytest.raises(DiskFull):
        Store.open(database, KEY, vfs=vfs.encrypting_name)
    store = Store.open(database, KEY)
    with store.write() as tx:
        tx.history.add_message(message(1))
    assert store.check() == []
    store.close()


def test_errors_carry_no_content(store: Store) -> None:
    with pytest.raises(StoreError) as caught, store.write() as tx:
        tx.history.add_message(message(1, "geheim", state="erfunden-geheim"))
    assert "geheim" not in str(caught.value)


# --- transactions --------------------------------------------------------------------------------------


def test_an_exception_rolls_everything_back(store: Store) -> None:
    with pytest.raises(KeyError), store.write() as tx:
        tx.values.put("a", b"1")
        tx.history.add_message(message(1, "Wunde"))
        number = tx.queues.next_number()
        raise KeyError(number)
    with store.write() as tx:
        assert tx.values.get("a") is None
        assert tx.history.newest(TALK, 5) == []
        assert tx.history.search("Wunde", None, 5, 0) == []
        assert tx.queues.next_number() == 1


def test_ports_do_not_work_outside_of_their_transaction(store: Store) -> None:
    with store.write() as tx:
        tx.values.put("a", b"1")
    with pytest.raises(StoreClosed):
        tx.values.put("a", b"2")
    with store.read() as snapshot:
        assert snapshot.values.get("a") == b"1"
    with pytest.raises(StoreClosed):
        snapshot.values.get("a")


def test_write_transactions_do_not_nest(store: Store) -> None:
    with store.write(), pytest.raises(RuntimeError), store.write():
        pass
    with store.write() as tx:
        tx.values.put("still", b"works")


def test_a_reader_cannot_write_and_sees_one_moment(store: Store) -> None:
    with store.read() as tx:
        assert tx.values.get("a") is None
        with store.write() as writing:
            writing.values.put("a", b"1")
        assert tx.values.get("a") is None
        with pytest.raises(ReadOnlyStore):
            tx.values.put("b", b"1")
    with store.read() as tx:
        assert tx.values.get("a") == b"1"


def test_a_closed_store_says_so(database: Path) -> None:
    store = Store.open(database, KEY)
    store.close()
    store.close()
    with pytest.raises(StoreClosed), store.write():
        pass
    with pytest.raises(StoreClosed), store.read():
        pass
    with pytest.raises(StoreClosed):
        store.checkpoint()
    assert [path.name for path in database.parent.iterdir()] == [database.name]
