"""The roster of one circle as callers see it: an immutable snapshot with answers in constant time."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from app.core.circle.bodies import InboxChange, Role, Subject
from app.core.circle.facts import CircleFacts, CircleView, Introduction
from crypto.identity import DevicePublic
from crypto.ids import CircleId, DeviceId, PersonId, StatementHash
from crypto.statement import secret_commitment

_T = TypeVar("_T")

NO_NAME: Final = b""


class Device(msgspec.Struct, frozen=True):
    """A device that is or was active. Names are commitments (section 11.10)."""

    device: DeviceId
    public: DevicePublic
    name: bytes
    persons: tuple[PersonId, ...]  # for whom it stands now, oldest link first
    admitted: StatementHash
    admitted_ms: int  # by the admitting device's clock
    revoked: StatementHash | None
    revoked_ms: int | None

    @property
    def is_active(self) -> bool:
        """Whether it may have links."""
        return self.revoked is None


class Person(msgspec.Struct, frozen=True):
    """Somebody who belongs or belonged to the circle. Name and role text are commitments."""

    person: PersonId
    name: bytes
    role_text: bytes
    role: Role
    home: CircleId
    devices: tuple[DeviceId, ...]  # active ones that stand for this person, oldest first
    admitted_ms: int
    revoked: StatementHash | None  # set while not a member
    revoked_ms: int | None

    @property
    def is_active(self) -> bool:
        """Whether this person is a member now."""
        return self.revoked is None


class Epoch(msgspec.Struct, frozen=True):
    """A tag secret by its commitment; `epoch` is the statement that committed to it (section 11.13)."""

    epoch: StatementHash
    lamport: int
    commitment: bytes


class Inbox(msgspec.Struct, frozen=True):
    """A role inbox: messages to it go to the devices of all these persons."""

    inbox: PersonId
    name: bytes
    persons: tuple[PersonId, ...]
    closed: bool


class Roster(msgspec.Struct, frozen=True):
    """What one set of statements amounts to; equal for everybody who has the same statements."""

    circle: CircleId
    name: bytes
    heads: tuple[StatementHash, ...]  # sorted; travel in every content
    parents: tuple[StatementHash, ...]  # sorted, at most 16: what the next statement cites
    lamport: int  # of the next statement
    persons: Mapping[bytes, Person]
    devices: Mapping[bytes, Device]
    epochs: tuple[Epoch, ...]  # newest first
    recovery: bytes  # public key
    inboxes: Mapping[bytes, Inbox]
    needs_update: bool  # frozen by a critical statement of a later version
    forked: frozenset[bytes]  # devices that signed two statements neither of which knows the other

    def is_active(self, device: bytes) -> bool:
        """Whether this device may have links and its statements and contents count."""
        found = self.devices.get(device)
        return found is not None and found.revoked is None

    def is_revoked(self, device: bytes) -> bool:
        """Whether this device was revoked by name."""
        found = self.devices.get(device)
        return found is not None and found.revoked is not None

    def persons_of(self, device: bytes) -> tuple[PersonId, ...]:
        """For whom an active device stands."""
        found = self.devices.get(device)
        return found.persons if found is not None else ()

    def devices_of(self, person: bytes) -> tuple[DeviceId, ...]:
        """Active devices of a member."""
        found = self.persons.get(person)
        return found.devices if found is not None else ()

    def speaks_for(self, device: bytes, person: bytes) -> bool:
        """Whether contents of this device under this person are accepted (section 11.2)."""
        return person in self.persons_of(device)

    def is_member(self, person: bytes) -> bool:
        """Whether this person is a member now."""
        found = self.persons.get(person)
        return found is not None and found.revoked is None

    def is_external(self, person: bytes) -> bool:
        """Whether this person belongs to another practice."""
        found = self.persons.get(person)
        return found is not None and found.home != self.circle

    def is_admin_person(self, person: bytes) -> bool:
        """Whether this member may admit and revoke."""
        found = self.persons.get(person)
        return found is not None and found.revoked is None and found.role == Role.ADMIN

    def is_admin_device(self, device: bytes) -> bool:
        """Whether an active device stands for an admin."""
        return any(self.is_admin_person(person) for person in self.persons_of(device))

    def admins(self) -> tuple[PersonId, ...]:
        """Admins who have a device to act with."""
        found = (p.person for p in self.persons.values() if self.is_admin_person(p.person) and p.devices)
        return tuple(sorted(found))

    @property
    def epoch(self) -> Epoch:
        """The current tag secret's epoch: greatest (lamport, hash)."""
        return self.epochs[0]

    def epoch_of(self, secret: bytes) -> Epoch | None:
        """Which epoch a received tag secret belongs to; None: nobody committed to it."""
        wanted = secret_commitment(secret)
        return next((epoch for epoch in self.epochs if epoch.commitment == wanted), None)

    def commitments(self) -> set[bytes]:
        """All personal values that can be shown, those of former members included."""
        values = {self.name, *(inbox.name for inbox in self.inboxes.values())}
        for person in self.persons.values():
            values |= {person.name, person.role_text}
        values |= {device.name for device in self.devices.values()}
        values.discard(NO_NAME)
        return values

    def live_commitments(self) -> set[bytes]:
        """Values in use. Only their openings are accepted from others: what was deleted stays deleted."""
        values = {self.name}
        for person in self.persons.values():
            if person.revoked is None:
                values |= {person.name, person.role_text}
        values |= {device.name for device in self.devices.values() if device.revoked is None}
        values |= {inbox.name for inbox in self.inboxes.values() if not inbox.closed}
        values.discard(NO_NAME)
        return values


class Standpoint(msgspec.Struct, frozen=True):
    """Where in the DAG a snapshot was taken."""

    heads: tuple[StatementHash, ...]
    parents: tuple[StatementHash, ...]
    lamport: int
    forked: frozenset[bytes]


def build(circle: CircleId, view: CircleView, at: Standpoint) -> Roster:
    """A snapshot from nothing."""
    facts = view.facts
    persons = _present((p, _person(circle, view, p)) for p in facts.persons)
    devices = _present((d, _device(view, d)) for d in facts.devices)
    return Roster(
        circle=circle,
        name=view.newest(facts.names.get((Subject.CIRCLE, b""), ())) or NO_NAME,
        persons=persons,
        devices=devices,
        epochs=_epochs(view),
        recovery=view.recovery()[1],
        inboxes=_inboxes(view),
        needs_update=view.is_frozen,
        heads=at.heads,
        parents=at.parents,
        lamport=at.lamport,
        forked=at.forked,
    )


def renew(
    roster: Roster,
    view: CircleView,
    at: Standpoint,
    persons: Iterable[bytes],
    devices: Iterable[bytes],
    circle_touched: bool,
) -> Roster:
    """A snapshot from the one before, where only these persons and devices can have changed."""
    changed: dict[str, Any] = {}
    new_persons = {p: _person(roster.circle, view, p) for p in persons if p in view.facts.persons}
    new_devices = {d: _device(view, d) for d in devices}
    if new_persons:
        changed["persons"] = _present({**roster.persons, **new_persons}.items())
    if new_devices:
        changed["devices"] = _present({**roster.devices, **new_devices}.items())
    if circle_touched:
        changed["name"] = view.newest(view.facts.names.get((Subject.CIRCLE, b""), ())) or NO_NAME
        changed["epochs"] = _epochs(view)
        changed["recovery"] = view.recovery()[1]
        changed["inboxes"] = _inboxes(view)
    return msgspec.structs.replace(
        roster, heads=at.heads, parents=at.parents, lamport=at.lamport, forked=at.forked, **changed
    )


def _present(items: Iterable[tuple[bytes, _T | None]]) -> dict[bytes, _T]:
    return {key: value for key, value in items if value is not None}


def _person(circle: CircleId, view: CircleView, person: bytes) -> Person | None:
    facts: CircleFacts = view.facts
    ground = view.person(person)
    revokes = view.person_revokes(person)
    if ground is None and not revokes:
        return None  # only ever admitted without effect
    revoke = max(revokes, key=view.order) if ground is None else None
    first = view.first(facts.persons[person], revoke) if ground is None else ground
    role = view.role(person)
    linked = [(view.link(person, device), device) for device in facts.devices_of.get(person, ())]
    active = [(view.order(index), device) for index, device in linked if index is not None]
    return Person(
        person=PersonId(person),
        name=view.newest(facts.names.get((Subject.PERSON, person), ())) or NO_NAME,
        role_text=view.newest(facts.role_texts.get(person, ())) or NO_NAME,
        role=role[0] if role is not None else Role.MEMBER,
        home=CircleId(view.home(person) or circle),
        devices=tuple(DeviceId(d) for _, d in sorted(active) if view.admission(d) is not None),
        admitted_ms=view.time_ms(first),
        revoked=None if revoke is None else view.hash(revoke),
        revoked_ms=None if revoke is None else view.time_ms(revoke),
    )


def _device(view: CircleView, device: bytes) -> Device | None:
    facts = view.facts
    revokes = view.revokes(device)
    ground = view.admission(device)
    if ground is None and not revokes:
        return None
    revoke = min(revokes, key=view.order) if revokes else None
    first = view.first(facts.admissions[device], revoke) if ground is None else ground
    introduction = facts.bodies[first]
    assert isinstance(introduction, Introduction)
    persons = [] if revokes else view.persons_of(device)
    return Device(
        device=DeviceId(device),
        public=introduction.device,
        name=view.newest(facts.names.get((Subject.DEVICE, device), ())) or NO_NAME,
        persons=tuple(PersonId(p) for p, _ in sorted(persons, key=lambda found: view.order(found[1]))),
        admitted=view.hash(first),
        admitted_ms=view.time_ms(first),
        revoked=None if revoke is None else view.hash(revoke),
        revoked_ms=None if revoke is None else view.time_ms(revoke),
    )


def _epochs(view: CircleView) -> tuple[Epoch, ...]:
    said = [(view.order(index), secret) for index, secret in view.facts.secrets if view.holds(index)]
    said.sort(reverse=True)
    return tuple(Epoch(StatementHash(hash), lamport, secret) for (lamport, hash), secret in said)


def _inboxes(view: CircleView) -> dict[bytes, Inbox]:
    found: dict[bytes, Inbox] = {}
    for inbox, indices in view.facts.inboxes.items():
        for index in sorted(filter(view.holds, indices), key=view.order):
            body = view.facts.bodies[index]
            assert isinstance(body, InboxChange)
            before = found.get(inbox, Inbox(PersonId(inbox), NO_NAME, (), False))
            kept = [p for p in before.persons if p not in body.remove]
            added = [PersonId(p) for p in body.add if p not in kept]
            found[inbox] = Inbox(before.inbox, body.name or before.name, (*kept, *added), body.closed)
    return found
