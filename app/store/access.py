"""Running statements on one connection: errors translated, nothing outside a transaction."""

import time
from collections.abc import Sequence
from typing import Any

import apsw

from app.store.errors import ReadTooLong, StoreClosed, translate

Values = Sequence[Any]


class Access:
    """One connection as the subjects see it.

    `active` is true between BEGIN and COMMIT or ROLLBACK; after `deadline` (monotonic, s) no statement starts.
    """

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self.active = False
        self.deadline = float("inf")

    def run(self, sql: str, *values: Any) -> int:
        """Execute; returns the number of rows changed by it."""
        self._check()
        try:
            self._connection.execute(sql, values)
            return self._connection.changes()
        except apsw.Error as exc:
            raise translate(exc) from exc

    def run_many(self, sql: str, rows: Sequence[Values]) -> None:
        self._check()
        try:
            self._connection.executemany(sql, rows)
        except apsw.Error as exc:
            raise translate(exc) from exc

    def row(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        """The first row, or None."""
        self._check()
        try:
            return self._connection.execute(sql, values).fetchone()
        except apsw.Error as exc:
            raise translate(exc) from exc

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        self._check()
        try:
            return self._connection.execute(sql, values).fetchall()
        except apsw.Error as exc:
            raise translate(exc) from exc

    def number(self, sql: str, *values: Any) -> int:
        """The one integer of a statement that always gives a row."""
        row = self.row(sql, *values)
        return int(row[0]) if row is not None else 0

    def changed(self) -> int:
        return self._connection.changes()

    def _check(self) -> None:
        if not self.active:
            raise StoreClosed("no open transaction")
        if time.monotonic() > self.deadline:
            raise ReadTooLong("the snapshot is too old")


def blob_set(ids: Sequence[bytes]) -> object:
    """A bound array for `in (select value from carray(?))`: one prepared statement for any number of ids."""
    return apsw.carray(tuple(ids))
