"""Rosters and group chains: statements, those that wait for parents, openings, tag secrets."""

from collections.abc import Iterable

from app.core.ports import CircleSecretRow, Opening, StatementRow
from app.store.access import Access, blob_set
from app.store.erasure import ask_erasure
from crypto.ids import CircleId, StatementHash


class StoredStatements:
    """Implements `ports.Statements`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def add(self, row: StatementRow) -> bool:
        changed = self._access.run(
            "insert into statement (hash, chain, raw, signatures, lamport) values (?, ?, ?, ?, ?)"
            " on conflict (hash) do nothing",
            row.hash,
            row.chain,
            row.raw,
            row.signatures,
            row.lamport,
        )
        return changed > 0

    def has(self, hash: StatementHash) -> bool:
        return self._access.row("select 1 from statement where hash = ?", hash) is not None

    def get(self, hash: StatementHash) -> StatementRow | None:
        row = self._access.row(
            "select hash, chain, raw, signatures, lamport from statement where hash = ?", hash
        )
        return _statement(row) if row else None

    def of_chain(self, chain: bytes) -> list[StatementRow]:
        rows = self._access.rows(
            "select hash, chain, raw, signatures, lamport from statement where chain = ? order by n", chain
        )
        return [_statement(row) for row in rows]

    def chains(self) -> list[bytes]:
        rows = self._access.rows("select chain from statement group by chain order by min(n)")
        return [chain for (chain,) in rows]

    def count(self, chain: bytes) -> int:
        return self._access.number("select count(*) from statement where chain = ?", chain)

    def add_pending(self, chain: bytes, hash: StatementHash, wire: bytes, now_ms: int) -> None:
        self._access.run(
            "insert into pending_statement (hash, chain, wire, received_ms) values (?, ?, ?, ?)"
            " on conflict (hash) do nothing",
            hash,
            chain,
            wire,
            now_ms,
        )

    def pending(self, chain: bytes) -> list[bytes]:
        rows = self._access.rows("select wire from pending_statement where chain = ? order by rowid", chain)
        return [wire for (wire,) in rows]

    def remove_pending(self, hash: StatementHash) -> None:
        self._access.run("delete from pending_statement where hash = ?", hash)

    def put_opening(self, opening: Opening) -> None:
        self._access.run(
            "insert or replace into opening (commitment, salt, value) values (?, ?, ?)",
            opening.commitment,
            opening.salt,
            opening.value,
        )

    def opening(self, commitment: bytes) -> Opening | None:
        return self.openings([commitment]).get(commitment)

    def openings(self, commitments: Iterable[bytes]) -> dict[bytes, Opening]:
        wanted = list(commitments)
        if not wanted:
            return {}
        rows = self._access.rows(
            "select commitment, salt, value from opening where commitment in (select value from carray(?))",
            blob_set(wanted),
        )
        return {row[0]: Opening(commitment=row[0], salt=row[1], value=row[2]) for row in rows}

    def delete_opening(self, commitment: bytes) -> None:
        if self._access.run("delete from opening where commitment = ?", commitment):
            ask_erasure(self._access)


class StoredSecrets:
    """Implements `ports.CircleSecrets`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def put(self, row: CircleSecretRow) -> None:
        self._access.run(
            "insert or replace into circle_secret (circle, epoch, secret, lamport, received_ms)"
            " values (?, ?, ?, ?, ?)",
            row.circle,
            row.epoch,
            row.secret,
            row.lamport,
            row.received_ms,
        )

    def all(self, circle: CircleId) -> list[CircleSecretRow]:
        rows = self._access.rows(
            "select circle, epoch, secret, lamport, received_ms from circle_secret where circle = ?"
            " order by lamport desc, epoch desc",
            circle,
        )
        return [
            CircleSecretRow(circle=row[0], epoch=row[1], secret=row[2], lamport=row[3], received_ms=row[4])
            for row in rows
        ]

    def delete_before(self, circle: CircleId, received_before_ms: int) -> None:
        self._access.run(
            "delete from circle_secret where circle = ? and received_ms < ?", circle, received_before_ms
        )


def _statement(row: tuple[bytes, bytes, bytes, bytes, int]) -> StatementRow:
    return StatementRow(
        hash=StatementHash(row[0]), chain=row[1], raw=row[2], signatures=row[3], lamport=row[4]
    )
