"""One writer, readers and checkpoints beside it."""

import threading
from pathlib import Path

import pytest

from app.store.db import Store
from app.store.errors import ReadTooLong, StoreClosed
from tests.store.kit import KEY, TALK, content, message


def test_readers_and_checkpoints_beside_the_writer(store: Store) -> None:
    """Each transaction writes two messages: no reader ever sees one of them."""
    stop = threading.Event()
    failures: list[BaseException] = []
    looks = {"read": 0, "checkpoint": 0}

    def look() -> None:
        while not stop.is_set():
            with store.read() as tx:
                rows = tx.history.newest(TALK, 1000)
                assert len(rows) % 2 == 0
                assert len(tx.history.search("Wunde", None, 1000, 0)) == len(rows)
            looks["read"] += 1

    def shrink() -> None:
        while not stop.is_set():
            store.checkpoint()
            looks["checkpoint"] += 1

    def guarded(work: "type[object] | object") -> None:
        try:
            work()  # type: ignore[operator]
        except BaseException as exc:
            failures.append(exc)
            stop.set()

    threads = [threading.Thread(target=guarded, args=(work,)) for work in (look, look, shrink)]
    for thread in threads:
        thread.start()
    try:
        number = 0
        while not stop.is_set() and (number < 200 or not all(looks.values())):
            with store.write() as tx:
                tx.history.add_message(message(number, "Wunde", number))
                tx.history.add_message(message(number + 1, "Wunde", number))
            number += 2
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert store.check() == []


def test_the_log_is_emptied_beside_an_idle_writer(store: Store, database: Path) -> None:
    with store.write() as tx:
        for number in range(50):
            tx.history.add_message(message(number, "x" * 5000, number))
    assert store.log_pages > 50
    done = store.checkpoint()
    assert done.emptied
    assert done.log_pages > 50
    assert store.log_pages == 0
    assert database.with_name(database.name + "-wal").stat().st_size == 0


def test_a_checkpoint_during_a_write_transaction_gives_way(store: Store) -> None:
    with store.write() as tx:
        tx.values.put("a", b"1")
        found: list[bool] = []
        thread = threading.Thread(target=lambda: found.append(store.checkpoint().emptied))
        thread.start()
        thread.join()
        assert found == [False]
        tx.values.put("b", b"2")
    assert store.checkpoint().emptied


def test_a_snapshot_held_too_long_is_ended(store: Store) -> None:
    with pytest.raises(ReadTooLong), store.read(limit_s=0) as tx:
        tx.values.get("a")
    with store.read() as tx:
        assert tx.values.get("a") is None


def test_a_single_long_statement_is_ended(store: Store) -> None:
    endless = "with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) from n"
    with pytest.raises(ReadTooLong), store.read(limit_s=0.05) as tx:
        tx.values._access.row(endless)  # type: ignore[attr-defined]
    with store.read() as tx:
        assert not tx.history.has_message(content(1))


def test_a_reader_at_work_survives_close(database: Path) -> None:
    store = Store.open(database, KEY)
    with store.write() as tx:
        tx.values.put("a", b"1")
    with store.read() as tx:
        store.close()
        assert tx.values.get("a") == b"1"
    with pytest.raises(StoreClosed), store.read():
        pass
    again = Store.open(database, KEY)
    again.close()


def test_a_profile_opened_in_a_worker_is_used_elsewhere(database: Path) -> None:
    opened: list[Store] = []
    thread = threading.Thread(target=lambda: opened.append(Store.open(database, KEY)))
    thread.start()
    thread.join()
    with opened[0].write() as tx:
        tx.values.put("a", b"1")
    opened[0].close()
