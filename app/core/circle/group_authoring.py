"""Making statements of a group (protocol 10.8). `person` is the person under whom this device acts.

The circle's current `Roster` is needed in each, because a statement names the roster heads its author knew.
"""

from collections.abc import Iterable

from app.core.circle import bodies
from app.core.circle.authoring import Made, Names
from app.core.circle.bodies import GROUP_KIND_OF, GROUP_KINDS, GroupBody
from app.core.circle.errors import NotAllowed
from app.core.circle.group import GroupState
from app.core.circle.roster import Roster
from crypto.codec import encode
from crypto.entropy import Entropy
from crypto.identity import DeviceIdentity
from crypto.ids import DeviceId, PersonId
from crypto.statement import VERSION, DeviceSigner, SignedStatement, Statement, sign


def create(
    roster: Roster,
    identity: DeviceIdentity,
    entropy: Entropy,
    now_ms: int,
    *,
    person: PersonId,
    members: Iterable[PersonId],
    title: str | None = None,
) -> Made:
    """A new group; `Made.signed.hash` is its id. `title` None: the title travels as ordinary content only."""
    names = Names(entropy)
    others = tuple(dict.fromkeys(member for member in members if member != person))
    _check_members(roster, others)
    body = bodies.Create(
        roster=roster.parents,
        person=person,
        circle=roster.circle,
        nonce=entropy.token(16),
        members=others,
        title=b"" if title is None else names.commit(title),
    )
    return Made(_signed(None, roster, identity, body, now_ms), names.openings)


def add(
    group: GroupState,
    roster: Roster,
    identity: DeviceIdentity,
    now_ms: int,
    *,
    person: PersonId,
    members: Iterable[PersonId],
) -> Made:
    """New members, by an admin of the group; at most 64 at a time."""
    new = tuple(dict.fromkeys(member for member in members if not group.is_member(member)))
    _check_members(roster, new)
    if not new or not group.is_admin(person):
        raise NotAllowed("nobody to add, or not an admin of the group")
    return Made(_signed(group, roster, identity, bodies.Add(roster.parents, person, new), now_ms))


def remove(
    group: GroupState,
    roster: Roster,
    identity: DeviceIdentity,
    now_ms: int,
    *,
    person: PersonId,
    members: Iterable[PersonId] = (),
    devices: Iterable[DeviceId] = (),
) -> Made:
    """Members, by an admin of the group; by any member if the circle revoked all that are named
    (`GroupState.overdue`). `devices`: revoked ones, which may then no longer speak in this chain."""
    gone = tuple(dict.fromkeys(members))
    silenced = tuple(dict.fromkeys(devices))
    if not group.is_admin(person) and any(roster.is_member(member) for member in gone):
        raise NotAllowed("not an admin of the group")
    if any(not group.is_member(member) for member in gone):
        raise NotAllowed("not a member")
    body = bodies.Remove(roster.parents, person, gone, silenced)
    return Made(_signed(group, roster, identity, body, now_ms))


def leave(
    group: GroupState, roster: Roster, identity: DeviceIdentity, now_ms: int, *, person: PersonId
) -> Made:
    """This person goes."""
    if not group.is_member(person):
        raise NotAllowed("not a member")
    return Made(_signed(group, roster, identity, bodies.Leave(roster.parents, person), now_ms))


def rename(
    group: GroupState,
    roster: Roster,
    identity: DeviceIdentity,
    entropy: Entropy,
    now_ms: int,
    *,
    person: PersonId,
    title: str,
) -> Made:
    """Another title, by any member."""
    names = Names(entropy)
    body = bodies.RenameGroup(roster.parents, person, names.commit(title))
    return Made(_signed(group, roster, identity, body, now_ms), names.openings)


def set_admin(
    group: GroupState,
    roster: Roster,
    identity: DeviceIdentity,
    now_ms: int,
    *,
    person: PersonId,
    member: PersonId,
    admin: bool,
) -> Made:
    """Whether a member may add, remove and appoint; by an admin of the group."""
    if not group.is_admin(person) or not group.is_member(member):
        raise NotAllowed("not an admin, or not a member")
    body = bodies.Roles(roster.parents, person, member, admin)
    return Made(_signed(group, roster, identity, body, now_ms))


def _check_members(roster: Roster, members: tuple[PersonId, ...]) -> None:
    if len(members) > bodies.MAX_NAMED or any(not roster.is_member(member) for member in members):
        raise NotAllowed("too many, or not members of the circle")


def _signed(
    group: GroupState | None, roster: Roster, identity: DeviceIdentity, body: GroupBody, now_ms: int
) -> SignedStatement:
    kind = GROUP_KIND_OF[type(body)]
    statement = Statement(
        version=VERSION,
        chain=group.group if group is not None else b"",
        parents=group.parents if group is not None else (),
        author=identity.device_id,
        cosigners=(),
        lamport=group.lamport if group is not None else 1,
        time_ms=now_ms,
        kind=kind,
        crit=GROUP_KINDS[kind].crit,
        body=encode(body),
    )
    return sign(statement, DeviceSigner(identity))
