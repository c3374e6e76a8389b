"""Changing the circle: revoke, roles, names, another circle secret. One statement each, applied here like anybody
else's (protocol 1, 10.1, 10.2, 11.1, 11.13)."""

import logging

from app.core import changes, limits, rosters, secrets
from app.core.circle import authoring
from app.core.circle.authoring import Made
from app.core.circle.bodies import Role
from app.core.circle.errors import LastAdmin, NotAllowed
from app.core.circle.log import Outcome as Taken
from app.core.circle.roster import Roster
from app.core.names import clean_name
from app.core.ports import CircleSecretRow
from app.core.refused import Refused
from app.core.requests import MarkVerified, RenamePerson, RevokeDevice, RevokePerson, SetRole
from app.core.views import AnyView, Done
from app.core.work import Work
from crypto.ids import CircleId, DeviceId, PersonId

log = logging.getLogger(__name__)


def name_of(text: str) -> str:
    """A name that a person typed. Raises `Refused`."""
    cleaned = clean_name(text, limits.MAX_NAME_CHARS + 1)
    if not cleaned:
        raise Refused("name_empty")
    if len(cleaned) > limits.MAX_NAME_CHARS:
        raise Refused("name_too_long", limit=limits.MAX_NAME_CHARS)
    return cleaned


def publish(work: Work, circle: CircleId, made: Made) -> None:
    """Apply an own statement, draw its conclusions, hand out the secret that it brings."""
    one = work.cache.circles[circle]
    added = one.add(work.tx.statements, made.wire, made.openings, work.now.wall_ms)
    if added.outcome is Taken.LIMIT:
        raise Refused("roster_full")
    if added.outcome is not Taken.ADDED:
        raise RuntimeError(f"own statement: {added.outcome.value}")
    if made.secret is not None:
        work.tx.secrets.put(
            CircleSecretRow(
                circle=circle,
                epoch=made.signed.hash,
                secret=made.secret,
                lamport=made.signed.statement.lamport,
                received_ms=work.now.wall_ms,
            )
        )
        rosters.secrets_moved(work)
    work.roster_moved(circle)
    changes.settle(work)
    if made.secret is not None:
        secrets.distribute(work, circle)


def _circle_of(work: Work, person: PersonId) -> CircleId:
    entry = work.directory.persons.get(person)
    if entry is None:
        raise Refused("unknown_person")
    return entry.circle


def _admin(work: Work, circle: CircleId) -> Roster:
    entry = work.directory.circles[circle]
    if not entry.own_admin:
        raise Refused("not_admin")
    if entry.needs_update:
        raise Refused("needs_update")
    return work.cache.circles[circle].roster


# --- revoking -----------------------------------------------------------------------------------------


def revoke_device(work: Work, request: RevokeDevice) -> AnyView:
    """In every circle of ours in which we may. Raises `Refused`."""
    if request.device == work.own_id:
        raise Refused("bad_request")
    if not work.directory.is_active(request.device):
        raise Refused("unknown_device")
    circles = [one for one, found in work.cache.circles.items() if found.roster.is_active(request.device)]
    _revoke(work, circles, devices=[request.device], persons=[])
    return Done()


def revoke_person(work: Work, request: RevokePerson) -> AnyView:
    """The person, and those of her devices that stand for nobody else. Raises `Refused`."""
    if request.person == work.person:
        raise Refused("bad_request")
    circle = _circle_of(work, request.person)
    if work.directory.persons[request.person].revoked:
        raise Refused("unknown_person")
    alone = [
        device
        for device in work.directory.devices_of(request.person)
        if work.directory.persons_of(device) == (request.person,)
    ]
    _revoke(work, [circle], devices=alone, persons=[request.person])
    return Done()


def _revoke(work: Work, circles: list[CircleId], devices: list[DeviceId], persons: list[PersonId]) -> None:
    rosters_ = [(circle, _admin(work, circle)) for circle in circles]
    for circle, roster in rosters_:
        try:
            made = authoring.revoke(
                roster, work.own, work.entropy, work.now.wall_ms, devices=devices, persons=persons
            )
        except LastAdmin:
            raise Refused("last_admin") from None
        except NotAllowed:
            raise Refused("not_admin") from None
        publish(work, circle, made)


def rotate_lost_secrets(work: Work) -> None:
    """Where the current secret did not reach us within a day, an admin makes a new one (11.13)."""
    for circle, entry in work.directory.circles.items():
        roster = work.cache.circles[circle].roster
        epoch = roster.epoch
        if not entry.own_admin or entry.needs_update:
            continue
        if any(row.epoch == epoch.epoch for row in work.tx.secrets.all(circle)):
            continue
        statement = work.cache.circles[circle].get(epoch.epoch)
        if statement is None or statement.statement.time_ms + limits.ROTATE_AFTER_MS > work.now.wall_ms:
            continue
        try:
            publish(work, circle, authoring.rotate(roster, work.own, work.entropy, work.now.wall_ms))
        except Refused:
            log.warning("circle %s: full, its secret is not renewed", circle[:4].hex())


# --- roles and names ----------------------------------------------------------------------------------


def set_role(work: Work, request: SetRole) -> AnyView:
    """Raises `Refused`."""
    circle = _circle_of(work, request.person)
    roster = _admin(work, circle)
    entry = work.directory.persons[request.person]
    if entry.revoked:
        raise Refused("unknown_person")
    if entry.admin == request.admin:
        return Done()
    role = Role.ADMIN if request.admin else Role.MEMBER
    try:
        made = authoring.set_role(roster, work.own, work.now.wall_ms, person=request.person, role=role)
    except LastAdmin:
        raise Refused("last_admin") from None
    publish(work, circle, made)
    return Done()


def rename_person(work: Work, request: RenamePerson) -> AnyView:
    """Own person, or by an admin. Raises `Refused`."""
    circle = _circle_of(work, request.person)
    if request.person != work.person:
        _admin(work, circle)
    name, role = name_of(request.name), clean_name(request.role)
    entry = work.directory.persons[request.person]
    if entry.revoked:
        raise Refused("unknown_person")
    if (entry.name, entry.role) == (name, role):
        return Done()
    made = authoring.rename_person(
        work.cache.circles[circle].roster,
        work.own,
        work.entropy,
        work.now.wall_ms,
        person=request.person,
        name=name if name != entry.name else None,
        role_text=role if role != entry.role else None,
    )
    publish(work, circle, made)
    return Done()


def mark_verified(work: Work, request: MarkVerified) -> AnyView:
    """The safety numbers were compared, or that is taken back. Raises `Refused`."""
    if request.device not in work.directory.devices:
        raise Refused("unknown_device")
    work.tx.values.put(f"verified/{request.device.hex()}", b"1" if request.verified else None)
    work.people_changed = True
    return Done()
