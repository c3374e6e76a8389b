"""Where each own message stands at each recipient device."""

from collections.abc import Sequence
from typing import Any

from app.core.ports import DeliveryRecord
from app.store.access import Access, blob_set
from app.store.idents import known_number, number_of
from crypto.ids import ContentId, DeviceId, PersonId

_COLUMNS = "m.message, d.id, p.id, v.state, v.at_ms, v.reason"
_JOINS = (
    " cross join delivery v on v.message = m.n cross join ident d on d.n = v.device"
    " cross join ident p on p.n = v.person"
)


class StoredDeliveries:
    """The delivery part of `ports.History`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def put_delivery(self, row: DeliveryRecord) -> None:
        """Nothing is kept for a message that is not stored: an acknowledgement may outlive its message."""
        self._access.run(
            "insert into delivery (message, device, person, state, at_ms, reason)"
            " select n, ?, ?, ?, ?, ? from message where message = ?"
            " on conflict (message, device) do update set person = excluded.person, state = excluded.state,"
            " at_ms = excluded.at_ms, reason = excluded.reason",
            number_of(self._access, row.device),
            number_of(self._access, row.person),
            row.state,
            row.at_ms,
            row.reason,
            row.message,
        )

    def deliveries(self, message: ContentId) -> list[DeliveryRecord]:
        rows = self._access.rows(
            f"select {_COLUMNS} from message m{_JOINS} where m.message = ? order by v.person, v.device",  # noqa: S608
            message,
        )
        return [_record(row) for row in rows]

    def deliveries_of(self, messages: Sequence[ContentId]) -> dict[ContentId, list[DeliveryRecord]]:
        """An entry for every message asked for, empty if it has no deliveries."""
        found: dict[ContentId, list[DeliveryRecord]] = {message: [] for message in messages}
        if messages:
            rows = self._access.rows(
                f"select {_COLUMNS} from carray(?) w cross join message m on m.message = w.value{_JOINS}"  # noqa: S608
                " order by m.n, v.person, v.device",
                blob_set(list(found)),
            )
            for row in rows:
                found[ContentId(row[0])].append(_record(row))
        return found

    def undelivered_of_person(self, person: PersonId, since_ms: int) -> list[ContentId]:
        """Content that no device of this person has yet, stored here at or after `since_ms`, oldest first."""
        rows = self._access.rows(
            "select m.message from delivery v cross join message m on m.n = v.message"
            " where v.person = ?1 and v.state not in ('delivered', 'read') and m.received_ms >= ?2"
            " and m.state = 'live' and not exists (select 1 from delivery o where o.message = v.message"
            " and o.person = ?1 and o.state in ('delivered', 'read'))"
            " group by m.n order by m.n",
            known_number(self._access, person),
            since_ms,
        )
        return [ContentId(message) for (message,) in rows]


def _record(row: tuple[Any, ...]) -> DeliveryRecord:
    return DeliveryRecord(
        message=ContentId(row[0]),
        device=DeviceId(row[1]),
        person=PersonId(row[2]),
        state=row[3],
        at_ms=row[4],
        reason=row[5],
    )
