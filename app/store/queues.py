"""Outbox rows, the contents they carry, envelopes seen, envelopes held for unknown authors."""

from typing import Any

from app.core.ports import HeldEnvelope, OutboxRow
from app.store.access import Access
from crypto.ids import ContentId, DeviceId, EnvelopeId, SessionId

_OUTBOX = "envelope, content, device, session, number, wire, kind, created_ms, tries, next_ms"


class StoredQueues:
    """Implements `ports.Queues`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    # contents

    def put_content(self, content: ContentId, raw: bytes, created_ms: int) -> None:
        self._access.run(
            "insert into content (content, raw, created_ms) values (?, ?, ?)"
            " on conflict (content) do nothing",
            content,
            raw,
            created_ms,
        )

    def content(self, content: ContentId) -> bytes | None:
        row = self._access.row("select raw from content where content = ?", content)
        return row[0] if row else None

    def drop_unused_content(self) -> None:
        self._access.run(
            "delete from content where not exists"
            " (select 1 from outbox where outbox.content = content.content)"
        )

    # outbox

    def put_outbox(self, row: OutboxRow) -> None:
        self._access.run(
            f"insert into outbox ({_OUTBOX}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
            " on conflict (envelope) do update set tries = excluded.tries, next_ms = excluded.next_ms",
            row.envelope,
            row.content,
            row.device,
            row.session,
            row.number,
            row.wire,
            row.kind,
            row.created_ms,
            row.tries,
            row.next_ms,
        )

    def outbox(self, envelope: EnvelopeId) -> OutboxRow | None:
        row = self._access.row(f"select {_OUTBOX} from outbox where envelope = ?", envelope)  # noqa: S608
        return _outbox(row) if row else None

    def outbox_of_device(self, device: DeviceId, after_number: int, limit: int) -> list[OutboxRow]:
        rows = self._access.rows(
            f"select {_OUTBOX} from outbox where device = ? and number > ? order by number limit ?",  # noqa: S608
            device,
            after_number,
            limit,
        )
        return [_outbox(row) for row in rows]

    def outbox_of_content(self, content: ContentId) -> list[OutboxRow]:
        rows = self._access.rows(
            f"select {_OUTBOX} from outbox where content = ? order by number",  # noqa: S608
            content,
        )
        return [_outbox(row) for row in rows]

    def outbox_devices(self) -> list[DeviceId]:
        rows = self._access.rows("select distinct device from outbox order by device")
        return [DeviceId(device) for (device,) in rows]

    def delete_outbox(self, envelope: EnvelopeId) -> None:
        self._access.run("delete from outbox where envelope = ?", envelope)

    def delete_outbox_of_device(self, device: DeviceId) -> list[ContentId]:
        rows = self._access.rows("select content from outbox where device = ? order by number", device)
        self._access.run("delete from outbox where device = ?", device)
        return list(dict.fromkeys(ContentId(content) for (content,) in rows))

    def next_number(self) -> int:
        # A counter, not max(number) + 1: numbers must grow also after the last row was delivered.
        return self._access.number(
            "update counter set value = value + 1 where name = 'outbox' returning value"
        )

    def outbox_counts(self) -> tuple[int, int]:
        row = self._access.row(
            "select (select count(*) from outbox),"
            " (select count(distinct content) from outbox where kind = 'message')"
        )
        return (row[0], row[1]) if row else (0, 0)

    def outbox_before(self, created_before_ms: int) -> list[OutboxRow]:
        rows = self._access.rows(
            f"select {_OUTBOX} from outbox where created_ms < ? order by number",  # noqa: S608
            created_before_ms,
        )
        return [_outbox(row) for row in rows]

    # inbox

    def seen_envelope(self, envelope: EnvelopeId) -> bool:
        return self._access.row("select 1 from seen_envelope where envelope = ?", envelope) is not None

    def remember_envelope(self, envelope: EnvelopeId, now_ms: int) -> None:
        self._access.run(
            "insert into seen_envelope (envelope, seen_ms) values (?, ?) on conflict (envelope) do nothing",
            envelope,
            now_ms,
        )

    def forget_envelopes(self, before_ms: int) -> None:
        self._access.run("delete from seen_envelope where seen_ms < ?", before_ms)

    def hold(self, row: HeldEnvelope) -> None:
        self._access.run(
            "insert into held (envelope, peer, wire, received_ms) values (?, ?, ?, ?)"
            " on conflict (envelope) do nothing",
            row.envelope,
            row.peer,
            row.wire,
            row.received_ms,
        )

    def held(self, peer: DeviceId | None) -> list[HeldEnvelope]:
        rows = self._access.rows(
            "select envelope, peer, wire, received_ms from held where ?1 is null or peer = ?1 order by n",
            peer,
        )
        return [
            HeldEnvelope(envelope=EnvelopeId(row[0]), peer=DeviceId(row[1]), wire=row[2], received_ms=row[3])
            for row in rows
        ]

    def drop_held(self, envelope: EnvelopeId) -> None:
        self._access.run("delete from held where envelope = ?", envelope)


def _outbox(row: tuple[Any, ...]) -> OutboxRow:
    return OutboxRow(
        envelope=EnvelopeId(row[0]),
        content=ContentId(row[1]),
        device=DeviceId(row[2]),
        session=SessionId(row[3]),
        number=row[4],
        wire=row[5],
        kind=row[6],
        created_ms=row[7],
        tries=row[8],
        next_ms=row[9],
    )
