"""The first steps: a new practice, letting a device in, coming in (protocol 2, 10.1, 10.4, 11.2, 11.14)."""

import logging
from typing import Final

from app.core import changes, limits, people, rosters, sessions
from app.core import wire as w
from app.core.admission import Admission, Adoption, Newcomer
from app.core.circle import authoring
from app.core.circle.bodies import Role
from app.core.circle.circle_log import CircleLog
from app.core.circle.errors import NotAllowed
from app.core.circle.log import Outcome as Taken
from app.core.membership import name_of, publish
from app.core.names import clean_name
from app.core.ports import AddressRow, BundleRow, CircleSecretRow
from app.core.refused import Refused
from app.core.requests import FoundCircle
from app.core.views import AnyView, Founded
from app.core.work import Work
from crypto import codec, recovery
from crypto.errors import CryptoError, DecodeError
from crypto.identity import DeviceIdentity
from crypto.ids import CircleId, PersonId
from crypto.prekeys import Bundle
from transport.base import MAX_FRAME_BYTES

log = logging.getLogger(__name__)


class SecretPart(w.Part, frozen=True):
    """A circle secret in the hand-over."""

    epoch: w.Hash
    secret: w.Hash

    def __repr__(self) -> str:
        return "SecretPart(<redacted>)"


class Secrets(w.Frame, frozen=True, tag=200):
    """A frame of the hand-over only; never on a main link."""

    secrets: tuple[SecretPart, ...]


_FRAME_BYTES: Final = 8
"""What the list of frames adds to each."""
HandoverFrame = w.RosterGive | w.BundleGive | w.Gossip | Secrets


def identity(work: Work) -> DeviceIdentity:
    """This device's identity, made on first use."""
    if work.cache.own is None:
        work.cache.own = DeviceIdentity.create(work.entropy)
        work.tx.values.put(people.IDENTITY, work.cache.own.to_secret())
    return work.cache.own


def found(work: Work, request: FoundCircle) -> AnyView:
    """A new practice with this person as its only admin. Raises `Refused`."""
    if work.cache.home is not None:
        raise Refused("already_set_up")
    names = [name_of(one) for one in (request.circle_name, request.person_name, request.device_name)]
    code = recovery.new_code(work.entropy)
    person = authoring.new_person(work.entropy)
    made = authoring.found(
        identity(work),
        work.entropy,
        work.now.wall_ms,
        circle_name=names[0],
        person_name=names[1],
        role_text=clean_name(request.role),
        device_name=names[2],
        recovery_public=recovery.keys_of(code).public,
        person=person,
    )
    circle = CircleId(made.signed.hash)
    one = CircleLog(circle)
    added = one.add(work.tx.statements, made.wire, made.openings, work.now.wall_ms)
    if added.outcome is not Taken.ADDED or made.secret is None:
        raise RuntimeError("own foundation")
    _keep_secret(work, circle, made.signed.hash, 1, made.secret)
    _settle_in(work, one, person)
    return Founded(circle=circle, recovery_code=code)


def _keep_secret(work: Work, circle: CircleId, epoch: bytes, lamport: int, secret: bytes) -> None:
    work.tx.secrets.put(
        CircleSecretRow(
            circle=circle, epoch=epoch, secret=secret, lamport=lamport, received_ms=work.now.wall_ms
        )
    )


def _settle_in(work: Work, one: CircleLog, person: PersonId) -> None:
    """From now on this profile belongs to a practice."""
    values, cache = work.tx.values, work.cache
    cache.home, cache.person = one.circle, person
    cache.circles[one.circle] = one
    cache.inc = work.now.wall_ms // 1000
    values.put(people.HOME, one.circle)
    values.put(people.PERSON, person)
    values.put(people.CIRCLES, codec.encode([one.circle]))
    values.put(people.INCARNATION, str(cache.inc).encode())
    people.rebuild(work)
    sessions.own_bundle(work)
    changes.started(work)


# --- the admin's side ---------------------------------------------------------------------------------


def admit(work: Work, newcomer: Newcomer) -> Admission:
    """Sign the newcomer's admission, and pack what it needs to start. Raises `Refused`."""
    circle = work.home
    entry = work.directory.circles[circle]
    if not entry.own_admin:
        raise Refused("not_admin")
    if entry.needs_update:
        raise Refused("needs_update")
    roster = work.cache.circles[circle].roster
    device_name = name_of(newcomer.device_name)
    try:
        if roster.is_member(newcomer.person):
            made = authoring.link(
                roster,
                work.own,
                work.entropy,
                work.now.wall_ms,
                person=newcomer.person,
                device=newcomer.device,
                consent=newcomer.consent,
                device_name=device_name,
            )
        else:
            made = authoring.admit(
                roster,
                work.own,
                work.entropy,
                work.now.wall_ms,
                person=newcomer.person,
                device=newcomer.device,
                consent=newcomer.consent,
                person_name=name_of(newcomer.person_name),
                role_text=clean_name(newcomer.role),
                device_name=device_name,
                role=Role.ADMIN if newcomer.admin else Role.MEMBER,
            )
        publish(work, circle, made)
    except (NotAllowed, RuntimeError):
        raise Refused("pairing_failed") from None
    return Admission(admit=made.wire, handover=_handover(work, circle))


def _handover(work: Work, circle: CircleId) -> tuple[bytes, ...]:
    """Roster, openings, secrets and bundles: enough to talk to everybody at once.

    The admission builds on everything before it, so the roster goes whole; bundles that a newcomer would not take
    any more come as ordinary gossip.
    """
    one = work.cache.circles[circle]
    rows = work.tx.secrets.all(circle)
    frames = [codec.encode(frame) for frame in rosters.gives(work, one, one.dag.everything)]
    frames.append(codec.encode(Secrets(tuple(SecretPart(row.epoch, row.secret) for row in rows))))
    left = limits.MAX_HANDOVER_BYTES - sum(map(len, frames)) - _FRAME_BYTES * len(frames)
    devices = set(rosters.devices_of(work, circle)) - {work.own_id}
    wires = [sessions.own_bundle(work).wire]
    wires += [row.raw for row in work.tx.sessions.bundles() if row.device in devices]
    for at in range(0, len(wires), limits.MAX_BUNDLES):
        frame = codec.encode(w.BundleGive(tuple(wires[at : at + limits.MAX_BUNDLES])))
        left -= len(frame) + _FRAME_BYTES
        if left < 0:
            break
        frames.append(frame)
    return tuple(frames)


# --- the newcomer's side ------------------------------------------------------------------------------


def adopt(work: Work, adoption: Adoption) -> None:
    """Become a member with what pairing brought. Raises `Refused`; statements that were kept by then mean
    nothing as long as their circle is none of ours."""
    if work.cache.home is not None:
        raise Refused("already_set_up")
    frames = _frames(adoption)
    one = CircleLog(adoption.circle)
    for frame in frames:
        if isinstance(frame, w.RosterGive) and frame.circle == adoption.circle:
            openings = rosters.openings_of(frame.openings)
            one.add_batch(work.tx.statements, frame.statements, openings, work.now.wall_ms)
    one.add(work.tx.statements, adoption.admit, (), work.now.wall_ms)
    if not len(one) or not one.roster.speaks_for(identity(work).device_id, adoption.person):
        raise Refused("pairing_failed")
    if not one.roster.is_active(adoption.admin.device_id) or not _keep_secrets(work, one, frames):
        raise Refused("pairing_failed")
    for address in adoption.admin_addresses:
        work.tx.addresses.put(
            AddressRow(
                device=adoption.admin.device_id,
                host=address.host,
                port=address.port,
                scope_id=address.scope_id,
                source="worked",
                seen_ms=work.now.wall_ms,
            )
        )
    _keep_bundles(work, one, frames)
    _settle_in(work, one, adoption.person)


def _keep_secrets(work: Work, one: CircleLog, frames: list[HandoverFrame]) -> int:
    """Store those that fit their commitments; returns how many."""
    kept = 0
    for part in (part for frame in frames if isinstance(frame, Secrets) for part in frame.secrets):
        epoch = one.roster.epoch_of(part.secret)
        if epoch is not None and epoch.epoch == part.epoch:
            _keep_secret(work, one.circle, part.epoch, epoch.lamport, part.secret)
            kept += 1
    return kept


def _frames(adoption: Adoption) -> list[HandoverFrame]:
    try:
        return [
            codec.decode(HandoverFrame, frame, max_bytes=MAX_FRAME_BYTES)  # type: ignore[arg-type]
            for frame in adoption.handover
        ]
    except DecodeError:
        raise Refused("pairing_failed") from None


def _keep_bundles(work: Work, one: CircleLog, frames: list[HandoverFrame]) -> None:
    for frame in frames:
        if not isinstance(frame, w.BundleGive):
            continue
        for wire in frame.bundles:
            try:
                bundle = Bundle.from_wire(wire)
            except CryptoError:
                log.warning("a bundle of the hand-over does not hold")
                continue
            if one.roster.is_active(bundle.device_id):
                work.tx.sessions.put_bundle(
                    BundleRow(
                        device=bundle.device_id, inc=bundle.inc, version=bundle.version, raw=bundle.wire
                    )
                )
