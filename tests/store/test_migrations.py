"""Every released schema still opens; a migration that fails leaves the file as it was."""

import shutil
from pathlib import Path

import apsw
import pytest

from app.store import db, migrations
from app.store.connection import APPLICATION_ID
from app.store.db import Store
from app.store.errors import DiskFull, TooNew
from app.store.migrations import LATEST, MIGRATIONS, migrate
from tests.store import kit
from tests.store.freeze_schema import TEST_KEY, fill, frozen
from tests.store.kit import KEY, content, files_digest


def rows_of_everything(store: Store) -> dict[str, list[tuple[object, ...]]]:
    raw = store._writer.raw  # type: ignore[union-attr]
    tables = [
        name
        for (name,) in raw.execute(
            "select name from pragma_table_list where schema = 'main' and type in ('table', 'virtual')"
            " and name not like 'sqlite_%' order by name"
        )
    ]
    return {table: sorted(raw.execute(f'select * from "{table}"').fetchall(), key=repr) for table in tables}


def test_every_schema_has_its_frozen_file() -> None:
    assert [frozen(schema).name for schema in range(1, LATEST + 1) if not frozen(schema).exists()] == []


@pytest.mark.parametrize("schema", range(1, LATEST + 1))
def test_a_frozen_file_opens_and_reads(tmp_path: Path, schema: int) -> None:
    path = tmp_path / "frozen.db"
    shutil.copyfile(frozen(schema), path)
    store = Store.open(path, TEST_KEY, create=False)
    with store.write() as tx:
        assert tx.values.get("frozen") == b"value"
        assert tx.statements.opening(kit.id32("opening")) is not None
        assert [hit.message for hit in tx.history.search("Wunde", None, 9, 0)] == [content(1)]
        assert [hit.message for hit in tx.history.search("strasse", kit.TALK, 9, 0)] == [content(2)]
        assert [row.order for row in tx.history.page(kit.TALK, None, 9, 0)] == [10, 20, 30]
        picture = kit.blob("picture", 2, have=1)
        assert tx.blobs.get(picture.blob) == picture
        assert tx.blobs.missing(picture.blob, 9) == [0]
        assert tx.queues.outbox_of_device(kit.DESK, 0, 9) == [kit.outbox(1)]
        assert tx.queues.next_number() == 2
        assert tx.blobs.delete_step()
        tx.history.delete_message(content(1))
        assert tx.history.search("Wunde", None, 9, 0) == []
    assert store.checkpoint().erased
    assert store.check() == []
    store.close()


def test_the_newest_frozen_file_is_what_the_code_writes(tmp_path: Path) -> None:
    """Row by row: a schema or a folding rule changed without a migration is noticed here."""
    copy = tmp_path / "frozen.db"
    shutil.copyfile(frozen(LATEST), copy)
    old = Store.open(copy, TEST_KEY)
    new = Store.open(tmp_path / "new.db", TEST_KEY)
    with new.write() as tx:
        fill(tx)
    assert rows_of_everything(old) == rows_of_everything(new)
    schemas = [
        [row for row in store._writer.raw.execute("select name, sql from sqlite_schema order by name")]  # type: ignore[union-attr]
        for store in (old, new)
    ]
    assert schemas[0] == schemas[1]
    old.close()
    new.close()


def add_column(connection: apsw.Connection) -> None:
    connection.execute("alter table address add column note text not null default ''")


def fail_half_way(connection: apsw.Connection) -> None:
    connection.execute("create table half (a integer) strict")
    connection.execute("insert into half values (1)")
    raise apsw.FullError("no space")


def with_migrations(monkeypatch: pytest.MonkeyPatch, *more: migrations.Migration) -> None:
    wanted = (*MIGRATIONS, *more)
    monkeypatch.setattr(
        db, "migrate", lambda connection, application: migrate(connection, application, wanted)
    )


def test_missing_migrations_run_once(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.open(database, KEY).close()
    with_migrations(monkeypatch, add_column)
    for _ in range(2):
        store = Store.open(database, KEY)
        raw = store._writer.raw  # type: ignore[union-attr]
        assert raw.pragma("user_version") == LATEST + 1
        assert raw.execute("select count(*) from pragma_table_info('address') where name = 'note'").get == 1
        store.close()


def test_a_failing_migration_leaves_the_old_schema(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.open(database, KEY)
    with store.write() as tx:
        tx.history.add_message(kit.message(1, "Text"))
    store.close()
    before = files_digest(database.parent)
    with monkeypatch.context() as patch:
        with_migrations(patch, add_column, fail_half_way)
        with pytest.raises(DiskFull):
            Store.open(database, KEY)
    assert files_digest(database.parent) == before
    store = Store.open(database, KEY)
    with store.read() as tx:
        assert tx.history.has_message(content(1))
    store.close()


def test_a_file_of_the_future_is_refused_by_the_past(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        with_migrations(patch, add_column)
        Store.open(database, KEY).close()
    with pytest.raises(TooNew):
        Store.open(database, KEY)


def test_nothing_to_do_writes_nothing(database: Path) -> None:
    Store.open(database, KEY).close()
    before = files_digest(database.parent)
    store = Store.open(database, KEY)
    assert migrate(store._writer.raw, APPLICATION_ID) == 0  # type: ignore[union-attr]
    store.close()
    assert files_digest(database.parent) == before
