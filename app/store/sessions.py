"""Bundles, own prekeys, ratchet sessions, skipped keys, handled initial messages."""

from collections.abc import Sequence
from typing import Any

from app.core.ports import BundleRow, InitialRow, PrekeyRow, SessionRow, SkippedKey
from app.store.access import Access
from crypto.ids import DeviceId, SessionId

_PREKEY = "prekey_id, kind, secret, created_ms, replaced_ms, contact"
_SESSION = "session, peer, rank, gen, state, created_ms, used_ms, sending"


class StoredSessions:
    """Implements `ports.Sessions`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    # bundles

    def put_bundle(self, row: BundleRow) -> None:
        self._access.run(
            "insert or replace into bundle (device, inc, version, raw) values (?, ?, ?, ?)",
            row.device,
            row.inc,
            row.version,
            row.raw,
        )

    def bundle(self, device: DeviceId) -> BundleRow | None:
        row = self._access.row("select device, inc, version, raw from bundle where device = ?", device)
        return _bundle(row) if row else None

    def bundles(self) -> list[BundleRow]:
        return [
            _bundle(row)
            for row in self._access.rows("select device, inc, version, raw from bundle order by device")
        ]

    # prekeys

    def put_prekey(self, row: PrekeyRow) -> None:
        self._access.run(
            f"insert into prekey ({_PREKEY}) values (?, ?, ?, ?, ?, ?)"  # noqa: S608
            " on conflict (prekey_id) do update set kind = excluded.kind, secret = excluded.secret,"
            " created_ms = excluded.created_ms, replaced_ms = excluded.replaced_ms,"
            " contact = excluded.contact",
            row.prekey_id,
            row.kind,
            row.secret,
            row.created_ms,
            row.replaced_ms,
            row.contact,
        )

    def prekey(self, prekey_id: bytes) -> PrekeyRow | None:
        row = self._access.row(f"select {_PREKEY} from prekey where prekey_id = ?", prekey_id)  # noqa: S608
        return _prekey(row) if row else None

    def prekeys(self, kind: str) -> list[PrekeyRow]:
        rows = self._access.rows(
            f"select {_PREKEY} from prekey where kind = ? order by created_ms desc, n desc",  # noqa: S608
            kind,
        )
        return [_prekey(row) for row in rows]

    def delete_prekey(self, prekey_id: bytes) -> None:
        self._access.run("delete from prekey where prekey_id = ?", prekey_id)

    # sessions

    def put(self, row: SessionRow) -> None:
        self._access.run(
            f"insert into session ({_SESSION}) values (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
            " on conflict (session) do update set peer = excluded.peer, rank = excluded.rank,"
            " gen = excluded.gen, state = excluded.state, used_ms = excluded.used_ms,"
            " sending = excluded.sending",
            row.session,
            row.peer,
            row.rank,
            row.gen,
            row.state,
            row.created_ms,
            row.used_ms,
            int(row.sending),
        )

    def get(self, session: SessionId) -> SessionRow | None:
        row = self._access.row(f"select {_SESSION} from session where session = ?", session)  # noqa: S608
        return _session(row) if row else None

    def of_peer(self, peer: DeviceId) -> list[SessionRow]:
        rows = self._access.rows(
            f"select {_SESSION} from session where peer = ? order by rank desc",  # noqa: S608
            peer,
        )
        return [_session(row) for row in rows]

    def delete(self, session: SessionId) -> None:
        self._access.run("delete from skipped_key where session = ?", session)
        self._access.run("delete from session where session = ?", session)

    # skipped keys

    def put_skipped(self, session: SessionId, keys: Sequence[SkippedKey]) -> None:
        self._access.run_many(
            "insert or replace into skipped_key (session, chain, number, key, created_ms)"
            " values (?, ?, ?, ?, ?)",
            [(session, key.chain, key.number, key.key, key.created_ms) for key in keys],
        )

    def delete_skipped(self, session: SessionId, keys: Sequence[tuple[bytes, int]]) -> None:
        self._access.run_many(
            "delete from skipped_key where session = ? and chain = ? and number = ?",
            [(session, chain, number) for chain, number in keys],
        )

    def skipped(self, session: SessionId) -> list[SkippedKey]:
        rows = self._access.rows(
            "select chain, number, key, created_ms from skipped_key where session = ? order by n", session
        )
        return [SkippedKey(chain=row[0], number=row[1], key=row[2], created_ms=row[3]) for row in rows]

    # initial messages

    def put_initial(self, row: InitialRow) -> None:
        self._access.run(
            "insert or replace into initial (header_hash, session, prekey_id) values (?, ?, ?)",
            row.header_hash,
            row.session,
            row.prekey_id,
        )

    def initial(self, header_hash: bytes) -> InitialRow | None:
        row = self._access.row(
            "select header_hash, session, prekey_id from initial where header_hash = ?", header_hash
        )
        return InitialRow(header_hash=row[0], session=SessionId(row[1]), prekey_id=row[2]) if row else None

    def delete_initials(self, prekey_id: bytes) -> None:
        self._access.run("delete from initial where prekey_id = ?", prekey_id)


def _bundle(row: tuple[Any, ...]) -> BundleRow:
    return BundleRow(device=DeviceId(row[0]), inc=row[1], version=row[2], raw=row[3])


def _prekey(row: tuple[Any, ...]) -> PrekeyRow:
    return PrekeyRow(
        prekey_id=row[0], kind=row[1], secret=row[2], created_ms=row[3], replaced_ms=row[4], contact=row[5]
    )


def _session(row: tuple[Any, ...]) -> SessionRow:
    return SessionRow(
        session=SessionId(row[0]),
        peer=DeviceId(row[1]),
        rank=row[2],
        gen=row[3],
        state=row[4],
        created_ms=row[5],
        used_ms=row[6],
        sending=bool(row[7]),
    )
