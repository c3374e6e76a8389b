"""Where devices were reached. Gossip can fill it, so it is bounded per device."""

from typing import Final

from app.core.ports import AddressRow
from app.store.access import Access
from crypto.ids import DeviceId

MAX_PER_DEVICE: Final = 16
_FIRST = "(source <> 'worked'), seen_ms desc, host, port"


class StoredAddresses:
    """Implements `ports.Addresses`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def put(self, row: AddressRow) -> None:
        """An address that worked once stays one that worked, also when it is only seen again."""
        self._access.run(
            "insert into address (device, host, port, scope_id, source, seen_ms) values (?, ?, ?, ?, ?, ?)"
            " on conflict (device, host, port, scope_id) do update set"
            " source = iif(source = 'worked', 'worked', excluded.source),"
            " seen_ms = max(seen_ms, excluded.seen_ms)",
            row.device,
            row.host,
            row.port,
            row.scope_id,
            row.source,
            row.seen_ms,
        )
        self._access.run(
            "delete from address where device = ?1 and (host, port, scope_id) in "  # noqa: S608
            f"(select host, port, scope_id from address where device = ?1 order by {_FIRST}"
            f" limit -1 offset {MAX_PER_DEVICE})",
            row.device,
        )

    def of_device(self, device: DeviceId) -> list[AddressRow]:
        rows = self._access.rows(
            "select device, host, port, scope_id, source, seen_ms from address where device = ?"  # noqa: S608
            f" order by {_FIRST} limit {MAX_PER_DEVICE}",
            device,
        )
        return [
            AddressRow(
                device=DeviceId(row[0]),
                host=row[1],
                port=row[2],
                scope_id=row[3],
                source=row[4],
                seen_ms=row[5],
            )
            for row in rows
        ]

    def delete_device(self, device: DeviceId) -> None:
        self._access.run("delete from address where device = ?", device)
