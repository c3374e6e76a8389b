"""Named small values."""

from app.store.access import Access


class StoredValues:
    """Implements `ports.Values`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def get(self, key: str) -> bytes | None:
        row = self._access.row("select value from value where key = ?", key)
        return row[0] if row else None

    def put(self, key: str, value: bytes | None) -> None:
        if value is None:
            self._access.run("delete from value where key = ?", key)
        else:
            self._access.run("insert or replace into value (key, value) values (?, ?)", key, value)

    def all(self, prefix: str) -> dict[str, bytes]:
        # A range, not LIKE: exact, and it uses the primary key. U+10FFFF sorts after any other character.
        rows = self._access.rows(
            "select key, value from value where key >= ?1 and key < ?1 || char(0x10ffff) order by key", prefix
        )
        return dict(rows)
