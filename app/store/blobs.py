"""Encrypted photos and files as chunk rows, and the queue that deletes them in small steps."""

from typing import Any, Final

from app.core.ports import BlobRow
from app.store.access import Access
from app.store.erasure import ask_erasure
from crypto.ids import BlobId

_HASH_BYTES: Final = 32
_INDEX_BITS: Final = 20  # 2^20 chunks of 256 KiB: 256 GiB
_STEP_CHUNKS: Final = 4
_BLOB = (
    "select b.blob, b.size_bytes, h.hashes, b.key, b.have, b.state, b.created_ms"
    " from blob b join blob_hashes h on h.blob = b.n"
)


class StoredBlobs:
    """Implements `ports.Blobs`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def put(self, row: BlobRow) -> None:
        """Insert, or replace all but the chunks and their count, which `put_chunk` keeps."""
        number = self._access.number(
            "insert into blob (blob, size_bytes, key, have, state, created_ms) values (?, ?, ?, 0, ?, ?)"
            " on conflict (blob) do update set size_bytes = excluded.size_bytes, key = excluded.key,"
            " state = excluded.state, created_ms = excluded.created_ms returning n",
            row.blob,
            row.size_bytes,
            row.key,
            row.state,
            row.created_ms,
        )
        self._access.run(
            "insert or replace into blob_hashes (blob, hashes) values (?, ?)", number, row.chunk_hashes
        )

    def get(self, blob: BlobId) -> BlobRow | None:
        row = self._access.row(_BLOB + " where b.blob = ?", blob)
        return _blob(row) if row else None

    def set_state(self, blob: BlobId, state: str) -> None:
        self._access.run("update blob set state = ? where blob = ?", state, blob)

    def wanted(self) -> list[BlobRow]:
        rows = self._access.rows(_BLOB + " where b.state = 'wanted' order by b.created_ms, b.n")
        return [_blob(row) for row in rows]

    def put_chunk(self, blob: BlobId, index: int, data: bytes) -> bool:
        """False if it was there, or if the blob is not known (deleted while it was on its way)."""
        number = self._number(blob)
        if number is None or not 0 <= index < 1 << _INDEX_BITS:
            return False
        inserted = self._access.run(
            "insert into chunk (id, data) values (?, ?) on conflict (id) do nothing",
            (number << _INDEX_BITS) + index,
            data,
        )
        if inserted:
            self._access.run("update blob set have = have + 1 where n = ?", number)
        return inserted > 0

    def chunk(self, blob: BlobId, index: int) -> bytes | None:
        number = self._number(blob)
        if number is None or not 0 <= index < 1 << _INDEX_BITS:
            return None
        row = self._access.row("select data from chunk where id = ?", (number << _INDEX_BITS) + index)
        return row[0] if row else None

    def missing(self, blob: BlobId, limit: int) -> list[int]:
        row = self._access.row(
            "select b.n, length(h.hashes) from blob b join blob_hashes h on h.blob = b.n where b.blob = ?",
            blob,
        )
        if row is None:
            return []
        first = row[0] << _INDEX_BITS
        rows = self._access.rows("select id from chunk where id between ? and ?", *_range(row[0]))
        present = {chunk - first for (chunk,) in rows}
        absent: list[int] = []
        for index in range(row[1] // _HASH_BYTES):
            if len(absent) >= limit:
                break
            if index not in present:
                absent.append(index)
        return absent

    def queue_deletion(self, blob: BlobId) -> None:
        """The key and the hashes go at once, so what is left cannot be read; the chunks follow in steps."""
        number = self._number(blob)
        if number is None:
            return
        self._access.run("delete from blob_hashes where blob = ?", number)
        self._access.run("delete from blob where n = ?", number)
        self._access.run("insert into deletion (blob) values (?)", number)
        ask_erasure(self._access)

    def delete_step(self) -> bool:
        row = self._access.row("select blob from deletion order by blob limit 1")
        if row is None:
            return False
        deleted = self._access.run(
            "delete from chunk where id in (select id from chunk where id between ? and ? limit ?)",
            *_range(row[0]),
            _STEP_CHUNKS,
        )
        if deleted < _STEP_CHUNKS:
            self._access.run("delete from deletion where blob = ?", row[0])
        ask_erasure(self._access)
        return True

    def _number(self, blob: BlobId) -> int | None:
        row = self._access.row("select n from blob where blob = ?", blob)
        return row[0] if row else None


def _range(number: int) -> tuple[int, int]:
    return number << _INDEX_BITS, ((number + 1) << _INDEX_BITS) - 1


def _blob(row: tuple[Any, ...]) -> BlobRow:
    return BlobRow(
        blob=BlobId(row[0]),
        size_bytes=row[1],
        chunk_hashes=row[2],
        key=row[3],
        have=row[4],
        state=row[5],
        created_ms=row[6],
    )
