"""Own prekeys and bundle, sessions with other devices, and which of them sends (protocol 3, 10.3, 11.4-11.6).

A decrypted message is the only proof that a session exists: until then nothing of it is stored. Of several
sessions of a pair the greatest rank sends, the others only receive.
"""

import logging
from enum import Enum
from typing import Final, NamedTuple

from app.core import clone, limits, onetime
from app.core.ports import BundleRow, InitialRow, PrekeyRow, SessionRow
from app.core.ports import SkippedKey as SkippedRow
from app.core.wire import BundleVersion
from app.core.work import Work
from crypto.envelope import Envelope, parse
from crypto.errors import CryptoError, DecodeError, DecryptionFailed
from crypto.ids import DeviceId, SessionId
from crypto.prekeys import Bundle, PrekeyKind, PrekeySecret
from crypto.session import Session

log = logging.getLogger(__name__)

MAX_CACHED: Final = 512


class Verdict(Enum):
    """What to do with an envelope that did not open."""

    NACK = "nack"  # it never will: the sender must encrypt it anew
    WAIT = "wait"  # what comes before it may still come
    FOREIGN = "foreign"  # its author is not the link's peer: the peer breaks the protocol


class Opened(NamedTuple):
    """A decrypted envelope; the session's new state is stored."""

    plaintext: bytes
    session: Session
    is_new: bool  # the peer started it with this envelope


# --- own bundle ---------------------------------------------------------------------------------------


def own_bundle(work: Work) -> Bundle:
    """The bundle published now; made on first use."""
    row = work.tx.sessions.bundle(work.own_id)
    return Bundle.from_wire(row.raw) if row is not None else publish(work)


def publish(work: Work, above: BundleVersion | None = None) -> Bundle:
    """New prekeys and a bundle above the last one; the replaced prekeys start to age (11.6)."""
    tx, wall_ms = work.tx, work.now.wall_ms
    last = tx.sessions.bundle(work.own_id)
    version = 1 + max(last.version if last else 0, above.version if above else 0)
    made: dict[PrekeyKind, PrekeySecret] = {}
    for kind in (PrekeyKind.SIGNED, PrekeyKind.KEM):
        for old in tx.sessions.prekeys(kind.value):
            if old.replaced_ms is None:
                tx.sessions.put_prekey(_replaced(old, wall_ms))
        made[kind] = PrekeySecret.create(kind, work.entropy)
        tx.sessions.put_prekey(
            PrekeyRow(
                prekey_id=made[kind].prekey_id,
                kind=kind.value,
                secret=made[kind].secret,
                created_ms=wall_ms,
                replaced_ms=None,
            )
        )
    bundle = Bundle.make(
        work.own,
        inc=work.cache.inc,
        version=version,
        issued_s=wall_ms // 1000,
        signed=made[PrekeyKind.SIGNED],
        kem=made[PrekeyKind.KEM],
    )
    tx.sessions.put_bundle(
        BundleRow(device=work.own_id, inc=bundle.inc, version=bundle.version, raw=bundle.wire)
    )
    return bundle


def _replaced(row: PrekeyRow, wall_ms: int) -> PrekeyRow:
    return PrekeyRow(
        prekey_id=row.prekey_id,
        kind=row.kind,
        secret=row.secret,
        created_ms=row.created_ms,
        replaced_ms=wall_ms,
        contact=row.contact,
    )


def rotate(work: Work) -> Bundle | None:
    """Weekly: a new bundle when it is time, and away with prekeys whose time is over. None: nothing new."""
    tx, wall_ms = work.tx, work.now.wall_ms
    for kind in PrekeyKind:
        for row in tx.sessions.prekeys(kind.value):
            if row.replaced_ms is not None and _ends_ms(row.created_ms, row.replaced_ms) < wall_ms:
                tx.sessions.delete_prekey(row.prekey_id)
                tx.sessions.delete_initials(row.prekey_id)
    newest = tx.sessions.prekeys(PrekeyKind.SIGNED.value)
    if newest and wall_ms < newest[0].created_ms + limits.PREKEY_ROTATE_MS:
        return None
    return publish(work)


def _ends_ms(created_ms: int, replaced_ms: int) -> int:
    """When a replaced prekey secret goes: never while its bundle may still start a session (11.6)."""
    return max(replaced_ms + limits.PREKEY_KEEP_MS, created_ms + limits.PREKEY_LIFE_MS)


def start_over(work: Work) -> Bundle:
    """This file is older than what it sent out (a restored backup, a copied profile): no ratchet and no prekey
    of it is used again; a higher incarnation makes all sessions new (section 4, 11.4)."""
    tx = work.tx
    for device in work.directory.devices:
        forget_device(work, device)
    for kind in PrekeyKind:
        for row in tx.sessions.prekeys(kind.value):
            tx.sessions.delete_prekey(row.prekey_id)
            tx.sessions.delete_initials(row.prekey_id)
    work.cache.inc = max(work.now.wall_ms // 1000, work.cache.inc + 1)
    tx.values.put("inc", str(work.cache.inc).encode())
    return publish(work)


def raise_incarnation(work: Work, held: BundleVersion) -> Bundle | None:
    """A peer holds a newer bundle of ours than we do: our file is older than what we sent out (11.4).

    Every ratchet in it may have moved on since, so nothing is continued: a higher incarnation makes all
    sessions new. None if the number is too far away to be honest.
    """
    if held.inc - work.cache.inc > limits.MAX_INC_JUMP and held.inc > work.now.wall_ms // 1000:
        return None
    work.cache.inc = max(work.now.wall_ms // 1000, held.inc + 1, work.cache.inc + 1)
    work.tx.values.put("inc", str(work.cache.inc).encode())
    log.warning("own bundle held elsewhere is newer: incarnation raised")
    return publish(work, held)


# --- bundles of others --------------------------------------------------------------------------------


def take_bundle(work: Work, wire: bytes) -> Bundle | None:
    """Verify and keep a bundle of an active device; None if it is not newer or not of a colleague.

    Raises `CryptoError` for a forged one.
    """
    bundle = Bundle.from_wire(wire)
    device = bundle.device_id
    if device == work.own_id and bundle.inc > work.cache.inc:
        clone.met(work, bundle.inc)
    if device == work.own_id or device not in work.directory.devices or work.directory.is_revoked(device):
        return None
    held = work.tx.sessions.bundle(device)
    if held is not None and (held.inc, held.version) >= bundle.order:
        return None
    if held is not None and bundle.inc > held.inc:
        onetime.forget(work, device)
    work.tx.sessions.put_bundle(
        BundleRow(device=device, inc=bundle.inc, version=bundle.version, raw=bundle.wire)
    )
    return bundle


# --- which session sends ------------------------------------------------------------------------------


def load(work: Work, session_id: SessionId) -> Session | None:
    """A live session, from the cache or the store."""
    session = work.cache.sessions.get(session_id)
    if session is not None:
        return session
    row = work.tx.sessions.get(session_id)
    if row is None:
        return None
    session = Session.load(work.own, row.state, work.tx.sessions.skipped(session_id))
    _remember(work, session)
    return session


def _remember(work: Work, session: Session) -> None:
    if len(work.cache.sessions) >= MAX_CACHED:
        work.cache.sessions.pop(next(iter(work.cache.sessions)))
    work.cache.sessions[session.session_id] = session


def sending(work: Work, device: DeviceId) -> Session | None:
    """The session to send under: the greatest rank of the present incarnations, else a new one.

    None while no usable bundle of the device is known.
    """
    bundle_row = work.tx.sessions.bundle(device)
    peer_inc = bundle_row.inc if bundle_row else 0
    for row in work.tx.sessions.of_peer(device):
        if not row.sending:
            continue
        session = load(work, row.session)
        if session is None or session.own_inc < work.cache.inc or session.peer_inc < peer_inc:
            continue
        return session if session.can_send else None
    return start(work, device)


def start(work: Work, device: DeviceId) -> Session | None:
    """A new session from the device's bundle, above all known ones. None without a usable bundle."""
    row = work.tx.sessions.bundle(device)
    if row is None:
        return None
    known = work.tx.sessions.of_peer(device)
    try:
        session = Session.start(
            work.own,
            Bundle.from_wire(row.raw),
            onetime.take(work, device),
            own_inc=work.cache.inc,
            peer_inc=row.inc,
            gen=1 + max((one.gen for one in known), default=0),
            entropy=work.entropy,
            now_ms=work.now.wall_ms,
        )
    except CryptoError as error:
        log.info("no session with %s: %s", device[:4].hex(), type(error).__name__)
        return None
    _remember(work, session)
    _store(work, session)
    _prune(work, device)
    return session


def _store(work: Work, session: Session, *, sends: bool = True) -> None:
    added, removed = session.take_skipped_changes()
    work.tx.sessions.put(
        SessionRow(
            session=session.session_id,
            peer=session.peer_id,
            rank=session.rank,
            gen=session.gen,
            state=session.dump(),
            created_ms=session.created_ms,
            used_ms=work.now.wall_ms,
            sending=sends,
        )
    )
    if removed:
        work.tx.sessions.delete_skipped(session.session_id, removed)
    if added:
        rows = [
            SkippedRow(chain=key.chain, number=key.number, key=key.key, created_ms=key.created_ms)
            for key in added
        ]
        work.tx.sessions.put_skipped(session.session_id, rows)


def retire(work: Work, session_id: SessionId) -> None:
    """This session sends no more; it goes on receiving."""
    session = load(work, session_id)
    if session is not None:
        _store(work, session, sends=False)


def _sends(work: Work, session_id: SessionId) -> bool:
    row = work.tx.sessions.get(session_id)
    return row is None or row.sending


def _prune(work: Work, device: DeviceId) -> None:
    """At most eight sessions with one device: the lowest ranks go."""
    for row in work.tx.sessions.of_peer(device)[limits.MAX_SESSIONS_PER_PEER :]:
        forget(work, row.session)


def forget(work: Work, session_id: SessionId) -> None:
    """Delete a session for good."""
    work.cache.sessions.pop(session_id, None)
    work.tx.sessions.delete(session_id)
    work.tx.values.put(f"abandoned/{session_id.hex()}", None)


def forget_device(work: Work, device: DeviceId) -> None:
    """Delete every session with a device."""
    for row in work.tx.sessions.of_peer(device):
        forget(work, row.session)


def end_losers(work: Work) -> None:
    """Sessions that only receive end 45 days after their last use; skipped keys after 30 days."""
    for device in work.directory.devices:
        rows = work.tx.sessions.of_peer(device)
        for place, row in enumerate(rows):
            if place and row.used_ms + limits.LOSER_LIFE_MS < work.now.wall_ms:
                forget(work, row.session)
                continue
            session = load(work, row.session)
            if session is not None:
                session.expire(work.now.wall_ms)
                _, removed = session.take_skipped_changes()
                if removed:
                    work.tx.sessions.delete_skipped(row.session, removed)


# --- messages -----------------------------------------------------------------------------------------


def encrypt(work: Work, session: Session, plaintext: bytes) -> bytes:
    """The next envelope of a session, its new state stored. Raises `LimitReached` for a full chain."""
    wire = session.encrypt(plaintext, now_ms=work.now.wall_ms, entropy=work.entropy)
    _store(work, session)
    return wire


def decrypt(work: Work, peer: DeviceId, wire: bytes) -> Opened | Verdict:
    """Open an envelope that came from `peer`'s own link. Anything but `Opened` changed nothing."""
    try:
        envelope = parse(wire)
    except DecodeError:
        return Verdict.NACK
    if envelope.handshake is not None and envelope.handshake.initiator.device_id != peer:
        return Verdict.FOREIGN
    session = _session_of(work, envelope)
    if session is None:
        return Verdict.NACK
    if session.peer_id != peer:
        return Verdict.FOREIGN
    try:
        plaintext = session.decrypt(wire, now_ms=work.now.wall_ms)
    except DecryptionFailed:
        return Verdict.WAIT if session.skips_too_far(wire) else Verdict.NACK
    is_new = session.header is not None and not session.initiator
    is_new = is_new and session.session_id not in work.cache.sessions
    if is_new:
        _establish(work, session)
    else:
        _store(work, session, sends=_sends(work, session.session_id))
    return Opened(plaintext, session, is_new)


def _session_of(work: Work, envelope: Envelope) -> Session | None:
    """The session an envelope belongs to, or a new one that is nowhere stored yet."""
    if envelope.handshake is None:
        return load(work, envelope.session_id)
    known = work.tx.sessions.initial(envelope.handshake.hash)
    if known is not None:
        return load(work, known.session)

    def lookup(kind: PrekeyKind, prekey_id: bytes, contact: DeviceId) -> bytes | None:
        row = work.tx.sessions.prekey(prekey_id)
        if row is None or row.kind != kind.value or row.contact not in (None, contact):
            return None
        return row.secret

    try:
        return Session.accept(
            work.own, lookup, envelope.handshake.raw, own_inc=work.cache.inc, now_ms=work.now.wall_ms
        )
    except CryptoError:
        return None


def _establish(work: Work, session: Session) -> None:
    """Its first message opened: the session exists from now on, and its handshake counts once."""
    header = session.header
    if header is None:
        raise LookupError("a session that was loaded is established already")
    _remember(work, session)
    _store(work, session)
    work.tx.sessions.put_initial(
        InitialRow(header_hash=header.hash, session=session.session_id, prekey_id=header.signed_id)
    )
    if header.onetime_id is not None:
        work.tx.sessions.delete_prekey(header.onetime_id)
    _prune(work, session.peer_id)
