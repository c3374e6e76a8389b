"""Who we are and everybody else: from statements and openings to the frozen `Directory` (protocol 1, 11.2)."""

import msgspec

from app.core import chains, clone, reach
from app.core.admission import Membership
from app.core.circle.circle_log import CircleLog
from app.core.circle.roster import Roster
from app.core.directory import CircleEntry, DeviceEntry, Directory, GroupEntry, PersonEntry, direct_id
from app.core.names import clean_name
from app.core.ports import Transaction
from app.core.refused import Refused
from app.core.views import NetworkState, Phase, Reach, Status
from app.core.work import Link, Work
from crypto import codec
from crypto.identity import DeviceIdentity
from crypto.ids import CircleId, ConversationId, DeviceId, GroupId, PersonId

IDENTITY = "identity"
HOME = "circle"
CIRCLES = "circles"
PERSON = "person"
INCARNATION = "inc"


# --- loading ------------------------------------------------------------------------------------------


def load(work: Work) -> None:
    """Fill the caches from the store, once."""
    cache, values = work.cache, work.tx.values
    if cache.loaded:
        return
    cache.loaded = True
    secret = values.get(IDENTITY)
    if secret is not None:
        cache.own = DeviceIdentity.from_secret(secret)
    home, person = values.get(HOME), values.get(PERSON)
    if home is None or person is None:
        return
    cache.home, cache.person = CircleId(home), PersonId(person)
    cache.inc = int(values.get(INCARNATION) or b"0")
    cache.stopped = values.get(clone.KEY) is not None
    cache.unplaced = len(values.all("unplaced/"))
    for circle in circles_of(work.tx):
        cache.circles[circle] = CircleLog.load(work.tx.statements, circle)
    rebuild(work)


def circles_of(tx: Transaction) -> list[CircleId]:
    """Our circles, the home first."""
    value = tx.values.get(CIRCLES)
    found = codec.decode(list[bytes], value, max_bytes=1 << 16) if value is not None else []
    return [CircleId(one) for one in found]


def rebuild(work: Work) -> Directory:
    """The directory anew; `changes.py` reacts to the difference."""
    cache = work.cache
    work.state.tag_devices.clear()
    base = build(
        work.tx, work.own_id, work.person, work.home, {one: log.roster for one, log in cache.circles.items()}
    )
    cache.directory = base
    cache.directory = msgspec.structs.replace(base, groups=_groups(work), reach=reach.reach(work))
    return cache.directory


def rebuild_groups(work: Work) -> Directory:
    """Only a group moved."""
    work.cache.directory = msgspec.structs.replace(work.directory, groups=_groups(work))
    return work.cache.directory


def snapshot(work: Work) -> Directory:
    """The directory with who can be reached now."""
    found = reach.reach(work)
    if found != work.directory.reach:
        work.cache.directory = msgspec.structs.replace(work.directory, reach=found)
    return work.directory


def ready(work: Work) -> Work:
    """Raises `Refused` unless this device is an active member of its practice."""
    if work.cache.directory is None or not work.directory.circles[work.home].own_active:
        raise Refused("revoked" if work.cache.directory is not None else "not_ready")
    return work


# --- building -----------------------------------------------------------------------------------------


def build(
    tx: Transaction, own: DeviceId, person: PersonId, home: CircleId, rosters: dict[CircleId, Roster]
) -> Directory:
    """Rosters with the values behind their commitments. A person of several circles counts in the first."""
    circles: dict[CircleId, CircleEntry] = {}
    persons: dict[PersonId, PersonEntry] = {}
    devices: dict[DeviceId, DeviceEntry] = {}
    directs: dict[ConversationId, PersonId] = {}
    for circle, roster in rosters.items():
        openings = tx.statements.openings(roster.commitments())
        names = {commitment: clean_name(opening.value) for commitment, opening in openings.items()}
        circles[circle] = CircleEntry(
            circle=circle,
            name=names.get(roster.name),
            heads=roster.heads,
            admins=len(roster.admins()),
            own_admin=roster.is_admin_device(own),
            own_active=roster.is_active(own),
            needs_update=roster.needs_update,
        )
        _add_persons(roster, names, home, persons)
        _add_devices(roster, names, devices)
        if person in roster.persons:
            others = (PersonId(one) for one in roster.persons if one != person)
            directs.update({direct_id(circle, person, one): one for one in others})
    return Directory(
        own_device=own,
        own_person=person,
        home=home,
        circles=circles,
        persons=persons,
        devices=devices,
        directs=directs,
    )


def _add_persons(
    roster: Roster, names: dict[bytes, str], home: CircleId, persons: dict[PersonId, PersonEntry]
) -> None:
    for one in roster.persons.values():
        persons.setdefault(
            one.person,
            PersonEntry(
                person=one.person,
                circle=roster.circle,
                name=names.get(one.name),
                role=names.get(one.role_text),
                admin=roster.is_admin_person(one.person),
                external=roster.circle != home or roster.is_external(one.person),
                inbox=False,
                revoked=not one.is_active,
                devices=one.devices,
            ),
        )


def _add_devices(roster: Roster, names: dict[bytes, str], devices: dict[DeviceId, DeviceEntry]) -> None:
    """A device counts as revoked if any circle of ours revoked it."""
    for one in roster.devices.values():
        known = devices.get(one.device)
        if known is not None and (known.revoked or one.is_active):
            continue
        devices[one.device] = DeviceEntry(
            device=one.device,
            public=one.public,
            name=names.get(one.name),
            persons=one.persons,
            revoked=not one.is_active,
            admitted_ms=one.admitted_ms,
        )


# --- what others ask for ------------------------------------------------------------------------------


def membership(work: Work) -> Membership:
    """For the certificate and server-name checks."""
    active: dict[bytes, DeviceId] = {}
    revoked: set[bytes] = set()
    for entry in work.directory.devices.values():
        if entry.revoked:
            revoked.add(entry.public.dik)
        elif entry.device != work.own_id and entry.persons:
            active[entry.public.dik] = entry.device
    if work.cache.stopped or not work.directory.circles[work.home].own_active:
        active = {}
    rows = [work.tx.secrets.all(circle) for circle in work.directory.circles]
    first = [found[0].secret for found in rows if found]
    rest = [row.secret for found in rows for row in found[1:]]
    return Membership(work.own, active, frozenset(revoked), (*first, *rest), _shared_secrets(work))


def _shared_secrets(work: Work) -> dict[DeviceId, bytes]:
    """What shows each colleague that we belong to a circle of hers; the home's where there are several."""
    found: dict[DeviceId, bytes] = {}
    for circle in work.directory.circles:
        rows = work.tx.secrets.all(circle)
        roster = work.cache.circles[circle].roster
        if rows and roster.is_active(work.own_id):
            active = (device.device for device in roster.devices.values() if device.is_active)
            found = {**dict.fromkeys(active, rows[0].secret), **found}
    return found


def is_closed_out(work: Work, link: Link) -> bool:
    """Whether this link's peer was revoked while it was up; what it still sends counts no more."""
    return work.directory.is_revoked(link.peer)


def phase(work: Work) -> Phase:
    """Where this profile stands."""
    if work.cache.directory is None:
        return Phase.SETUP
    return Phase.REVOKED if work.directory.is_revoked(work.own_id) else Phase.READY


def status(work: Work) -> Status:
    """As far as the core knows: the engine fills in lock, PIN, port and version."""
    if work.cache.directory is None:
        return Status(phase=Phase.SETUP, locked=False, has_pin=False, network=network(work))
    people = work.directory
    circle = people.circles[work.home]
    person = people.persons.get(work.person)
    device = people.devices.get(work.own_id)
    _, waiting = work.tx.queues.outbox_counts()
    return Status(
        phase=phase(work),
        locked=False,
        has_pin=False,
        circle=work.home,
        circle_name=circle.name,
        person=work.person,
        person_name=person.name if person else None,
        role=person.role if person else None,
        device=work.own_id,
        device_name=device.name if device else None,
        admin=circle.own_admin,
        admins=circle.admins,
        devices=sum(1 for entry in people.devices.values() if not entry.revoked),
        network=network(work),
        links=sum(1 for link in work.state.by_peer.values() if work.state.links[link].greeted),
        waiting=waiting,
        unread=sum(record.unread for record in work.tx.history.conversations()),
        problem=clone.FAILURE if work.cache.stopped else None,
        roster_needs_update=any(entry.needs_update for entry in people.circles.values()),
    )


def network(work: Work) -> NetworkState:
    """What the bar says. A device without colleagues is not alone."""
    if not work.state.network_usable:
        return NetworkState.NO_NETWORK
    if work.cache.directory is None:
        return NetworkState.OK
    people = work.directory
    others = [one for one, entry in people.devices.items() if not entry.revoked and one != people.own_device]
    found = reach.reach(work)
    if others and not any(found.get(one) in (Reach.REACHABLE, Reach.AWAY) for one in others):
        return NetworkState.ALONE
    return NetworkState.OK


# --- groups -------------------------------------------------------------------------------------------


def _groups(work: Work) -> dict[ConversationId, GroupEntry]:
    """Every group that we know, by its chain."""
    entries: dict[ConversationId, GroupEntry] = {}
    for record in work.tx.history.conversations():
        if record.kind != "group":
            continue
        entry = chains.group_entry(work, GroupId(record.conversation), record.circle)
        if entry is not None:
            entries[record.conversation] = entry
    return entries
