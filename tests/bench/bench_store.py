"""The store on this machine: commits, fsync, ciphers, blobs, search and timeline.

"cold" means a newly opened store, whose page cache is empty; the operating system's cache is not dropped, since
that needs root. A commit is all that sending one message to four devices writes.

    python -m tests.bench.bench_store
"""

import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.core.ports import BlobRow, MessageRecord
from app.store.db import Store
from crypto.ids import BlobId, ContentId, ConversationId
from tests.bench.practice import Practice, send

KEY = bytes(range(32))
CHUNK_BYTES = 262_144
BLOB_CHUNKS = 115  # 30 MB
COMMITS = 1000
SLOW_COMMITS = 100
FSYNC_S = 0.010


def run(messages: int = 100_000) -> dict[str, Any]:
    """All parts, in a temporary folder. About half a minute for 100,000 messages."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        parts = {
            "commit_ms": _commits(root / "commit.db", COMMITS),
            "commit_plain_sqlite_ms": _plain_commits(root / "plain.db", COMMITS),
            "commit_with_10_ms_fsync_ms": _commits(root / "slow.db", SLOW_COMMITS, _slow_vfs()),
            "blob_30_mb": _blob(root / "blob.db"),
            "blob_30_mb_with_10_ms_fsync": _blob(root / "slowblob.db", _slow_vfs()),
            "cipher": {name: _cipher(root / f"{name}.db", name) for name in ("chacha20", "aegis", "none")},
            "history": _history(root / "history.db", messages),
        }
        return dict(_flat("", parts))


# --- parts --------------------------------------------------------------------------------------------------


def _commits(path: Path, count: int, vfs: str | None = None) -> dict[str, float]:
    practice = Practice()
    with _opened(path, vfs) as store:
        return _spread([_timed(lambda n=number: send(store, practice, n)) for number in range(count)])


def _plain_commits(path: Path, count: int) -> dict[str, float]:
    """One small row per commit in the standard library's SQLite, not encrypted: the floor."""
    plain = sqlite3.connect(path, isolation_level=None)
    try:
        plain.execute("pragma journal_mode = wal")
        plain.execute("pragma synchronous = full")
        plain.execute("create table t (a integer primary key, b blob)")
        data = bytes(500)
        return _spread(
            [_timed(lambda: plain.execute("insert into t (b) values (?)", (data,))) for _ in range(count)]
        )
    finally:
        plain.close()


def _cipher(path: Path, cipher: str) -> dict[str, float]:
    """What the choice of page cipher costs (see app/store/connection.py): plain statements, 30 MB."""
    data = random.Random(2).randbytes(CHUNK_BYTES)

    def opened() -> apsw.Connection:
        connection = apsw.Connection(str(path))
        if cipher != "none":
            connection.pragma("cipher", cipher)
            connection.pragma("key", f"raw:{KEY.hex()}")
        connection.pragma("journal_mode", "WAL")
        connection.pragma("synchronous", "FULL")
        return connection

    one = opened()
    one.execute("create table t (a integer primary key, b blob)")
    write = _timed(lambda: [one.execute("insert into t (b) values (?)", (data,)) for _ in range(BLOB_CHUNKS)])
    commit = _spread(
        [_timed(lambda: one.execute("insert into t (b) values (?)", (b"x",))) for _ in range(500)]
    )
    one.close()
    two = opened()
    read = _timed(lambda: sum(len(row[0]) for row in two.execute("select b from t")))
    two.close()
    return {"write_30_mb_s": write / 1000, "read_30_mb_s": read / 1000, "commit_ms_p50": commit["p50"]}


def _blob(path: Path, vfs: str | None = None) -> dict[str, float]:
    blob = BlobId(bytes(32))
    data = random.Random(2).randbytes(CHUNK_BYTES)
    with _opened(path, vfs) as store:

        def write() -> None:
            """In groups of 4 MiB, as the engine commits them."""
            for start in range(0, BLOB_CHUNKS, 16):
                with store.write() as tx:
                    if start == 0:
                        tx.blobs.put(
                            BlobRow(
                                blob=blob,
                                size_bytes=BLOB_CHUNKS * CHUNK_BYTES,
                                chunk_hashes=bytes(32 * BLOB_CHUNKS),
                                key=bytes(32),
                                have=0,
                                state="wanted",
                                created_ms=1,
                            )
                        )
                    for index in range(start, min(start + 16, BLOB_CHUNKS)):
                        tx.blobs.put_chunk(blob, index, data)

        def read() -> None:
            with store.read() as tx:
                for index in range(BLOB_CHUNKS):
                    assert tx.blobs.chunk(blob, index) is not None

        steps: list[float] = []

        def delete() -> None:
            with store.write() as tx:
                tx.blobs.queue_deletion(blob)
            more = True
            while more:
                began = time.perf_counter()
                with store.write() as tx:
                    more = tx.blobs.delete_step()
                steps.append((time.perf_counter() - began) * 1000)

        return {
            "write_s": _timed(write) / 1000,
            "checkpoint_s": _timed(store.checkpoint) / 1000,
            "read_s": _timed(read) / 1000,
            "delete_s": _timed(delete) / 1000,
            "delete_step_worst_ms": max(steps),
            "erase_s": _timed(store.checkpoint) / 1000,
        }


def _history(path: Path, messages: int) -> dict[str, Any]:
    practice = Practice()
    rows = [practice.message(number) for number in range(messages)]
    with _opened(path) as store:
        began = time.perf_counter()
        for start in range(0, messages, 500):
            with store.write() as tx:
                for row in rows[start : start + 500]:
                    tx.history.add_message(row)
            if start % 20_000 == 0:
                store.checkpoint()
        fill_s = time.perf_counter() - began
        store.checkpoint()
        found: dict[str, Any] = {
            "messages": messages,
            "add_message_ms": fill_s * 1000 / messages,
            "index_message_ms": _index_cost(store, rows[:1000], batch=100),
            "index_message_alone_ms": _index_cost(store, rows[:200], batch=1),
            "file_mb": path.stat().st_size / 1e6,
        }
    talk = practice.talks[0]
    queries = {
        "common": "Wunde",
        "two_words": "Verband Wunden",
        "rare": "Dekubitus 77",
        "beginning": "Wu",
        "one_letter": "w",
        "nothing": "Blinddarm",
        "never_together": "Dekubitus Hausbesuch",
        "all_day_long": "a b c d",
    }
    found["search_first_50_ms"] = {name: _search(path, text, None) for name, text in queries.items()}
    found["search_in_conversation_ms"] = _search(path, "Verband Wunden", practice.talks[19])
    found["timeline_100_rows_ms"] = _repeated(path, lambda tx: tx.history.page(talk, None, 100, 0))
    middle = rows[messages // 2]
    found["timeline_jump_ms"] = _repeated(
        path, lambda tx: tx.history.page(middle.conversation, (middle.order, middle.message), 100, 100)
    )
    found["open_ms"] = _spread([_timed(lambda: Store.open(path, KEY).close()) for _ in range(9)])
    return found


def _index_cost(store: Store, rows: list[MessageRecord], batch: int) -> float:
    """Median of what the index adds to one message in transactions of `batch`: with text minus without."""
    costs: dict[bool, list[float]] = {True: [], False: []}
    fresh = random.Random(batch)  # other ids than in the other call

    def add(group: list[MessageRecord]) -> None:
        with store.write() as tx:
            for row in group:
                tx.history.add_message(row)

    for start in range(0, len(rows), batch):
        for with_text in (True, False):
            group = [
                _renamed(row, fresh, row.text if with_text else "") for row in rows[start : start + batch]
            ]
            costs[with_text].append(_timed(lambda some=group: add(some)) / batch)
    return statistics.median(costs[True]) - statistics.median(costs[False])


def _renamed(row: MessageRecord, fresh: random.Random, text: str) -> MessageRecord:
    return MessageRecord(
        message=ContentId(fresh.randbytes(32)),
        conversation=row.conversation,
        order=row.order,
        kind=row.kind,
        author_person=row.author_person,
        author_device=row.author_device,
        own=row.own,
        sent_ms=row.sent_ms,
        received_ms=row.received_ms,
        text=text,
        raw=row.raw,
    )


def _search(path: Path, text: str, conversation: ConversationId | None) -> dict[str, float]:
    return _repeated(path, lambda tx: tx.history.search(text, conversation, 50, 0))


def _repeated(path: Path, work: Callable[[Any], object]) -> dict[str, float]:
    """Once on a newly opened store, then 20 times more."""

    def once(store: Store) -> None:
        with store.read() as tx:
            work(tx)

    colds: list[float] = []
    for _ in range(3):
        with _opened(path) as store:
            with store.read():
                pass  # the reader's connection is there; its cache is empty
            colds.append(_timed(lambda: once(store)))
            warm = _spread([_timed(lambda: once(store)) for _ in range(20)])
    return {"cold": statistics.median(colds), **{f"warm_{name}": value for name, value in warm.items()}}


# --- tools --------------------------------------------------------------------------------------------------


@contextmanager
def _opened(path: Path, vfs: str | None = None) -> Iterator[Store]:
    store = Store.open(path, KEY, vfs=vfs)
    try:
        yield store
    finally:
        store.close()


def _timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _spread(times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "p50": statistics.median(ordered),
        "p99": ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))],
        "worst": ordered[-1],
    }


def _flat(prefix: str, parts: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for name, value in parts.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{name}_", value)
        else:
            yield f"{prefix}{name}", value


class _SlowFile(apsw.VFSFile):
    def xSync(self, flags: int) -> None:
        time.sleep(FSYNC_S)
        super().xSync(flags)


class _SlowVfs(apsw.VFS):
    """A disk whose fsync takes 10 ms longer, like the hard disk of a practice."""

    def xOpen(self, name: Any, flags: list[int]) -> _SlowFile:
        return _SlowFile("", name, flags)


_slow: list[_SlowVfs] = []


def _slow_vfs() -> str:
    """The name to open a store with. Made once: the page cipher keeps a pointer to it."""
    if not _slow:
        _slow.append(_SlowVfs("slowfsync", apsw.vfs_names()[1]))
    return "multipleciphers-slowfsync"


if __name__ == "__main__":
    json.dump(run(), sys.stdout, indent=1)
