"""What the statements of a circle say about whom (`CircleFacts`), and what of it holds (`CircleView`)."""

from collections.abc import Iterable

from app.core.circle.bodies import (
    Admit,
    Body,
    Enrol,
    Found,
    InboxChange,
    Link,
    Policy,
    Recovery,
    Rename,
    Revoke,
    Role,
    Rotate,
    SetRole,
    Subject,
    Unlink,
)
from app.core.circle.dag import Dag, bits
from app.core.circle.standing import Alternative, Claim, Standing, Verdict
from app.core.circle.standing import Subject as Held
from crypto.identity import DevicePublic
from crypto.ids import StatementHash
from crypto.statement import recovery_author

Introduction = Found | Admit | Link
Acting = dict[tuple[bytes, Role], dict[bytes, Alternative]]
"""By device and role, the persons as whom a device acts in that role, with the claims."""


class CircleFacts:
    """An index over all statements of one circle, void ones included; filled in order of arrival."""

    def __init__(self, dag: Dag) -> None:
        self._dag = dag
        self.bodies: list[Body | None] = []
        self.devices: dict[bytes, DevicePublic] = {}
        self.admissions: dict[bytes, list[int]] = {}  # of devices
        self.persons: dict[bytes, list[int]] = {}
        self.links: dict[tuple[bytes, bytes], list[int]] = {}
        self.devices_of: dict[bytes, list[bytes]] = {}
        self.persons_of: dict[bytes, list[bytes]] = {}
        self.roles: dict[bytes, list[tuple[int, Role]]] = {}
        self.names: dict[tuple[Subject, bytes], list[tuple[int, bytes]]] = {}
        self.role_texts: dict[bytes, list[tuple[int, bytes]]] = {}
        self.secrets: list[tuple[int, bytes]] = []
        self.recoveries: list[tuple[int, bytes]] = []  # (statement, public key)
        self.recovery_authors: dict[bytes, bytes] = {}  # author -> public key
        self.settings: dict[str, list[tuple[int, bool | int | str]]] = {}
        self.inboxes: dict[bytes, list[int]] = {}
        self.enrolments: dict[bytes, list[int]] = {}  # by key
        self.unknown_crit = 0

    def add(self, index: int, body: Body | None) -> None:
        """Note the statement last appended; `body` None: without effect here."""
        self.bodies.append(body)
        if isinstance(body, Found):
            self._introduced(index, body)
            self._person(index, body)
            self.names[Subject.CIRCLE, b""] = [(index, body.circle_name)]
            self.roles[body.person] = [(index, Role.ADMIN)]
            self.secrets.append((index, body.secret))
            self._recovery(index, body.recovery)
        elif isinstance(body, Admit):
            self._introduced(index, body)
            self._person(index, body)
            self.roles.setdefault(body.person, []).append((index, body.role))
        elif isinstance(body, Link):
            self._introduced(index, body)
        elif isinstance(body, Rename):
            self._renamed(index, body)
        else:
            self._changed(index, body)

    def _introduced(self, index: int, body: Introduction) -> None:
        device = body.device.device_id
        self.devices[device] = body.device
        self.admissions.setdefault(device, []).append(index)
        links = self.links.setdefault((body.person, device), [])
        if not links:
            self.devices_of.setdefault(body.person, []).append(device)
            self.persons_of.setdefault(device, []).append(body.person)
        links.append(index)
        self.names.setdefault((Subject.DEVICE, device), []).append((index, body.device_name))

    def _person(self, index: int, body: Found | Admit) -> None:
        self.persons.setdefault(body.person, []).append(index)
        self.names.setdefault((Subject.PERSON, body.person), []).append((index, body.person_name))
        self.role_texts.setdefault(body.person, []).append((index, body.role_text))

    def _recovery(self, index: int, key: bytes) -> None:
        self.recoveries.append((index, key))
        self.recovery_authors[recovery_author(key)] = key

    def _renamed(self, index: int, body: Rename) -> None:
        if body.name:
            self.names.setdefault((body.subject, body.id), []).append((index, body.name))
        if body.role_text:
            self.role_texts.setdefault(body.id, []).append((index, body.role_text))

    def _changed(self, index: int, body: Body | None) -> None:
        if isinstance(body, SetRole):
            self.roles.setdefault(body.person, []).append((index, body.role))
        elif isinstance(body, Revoke | Rotate):
            if body.secret:
                self.secrets.append((index, body.secret))
        elif isinstance(body, Recovery):
            self._recovery(index, body.key)
        elif isinstance(body, Policy):
            for key, value in body.settings:
                self.settings.setdefault(key, []).append((index, value))
        elif isinstance(body, InboxChange):
            self.inboxes.setdefault(body.inbox, []).append(index)
        elif isinstance(body, Enrol):
            self.enrolments.setdefault(body.key, []).append(index)

    def touched(self, index: int) -> tuple[set[bytes], set[bytes]]:
        """(persons, devices) about whom a statement says something, or who hang on those."""
        body = self.bodies[index]
        persons: set[bytes] = set()
        devices: set[bytes] = set()
        if isinstance(body, Found | Admit | Link):
            persons.add(body.person)
            devices.add(body.device.device_id)
        elif isinstance(body, Unlink):
            persons.add(body.person)
            devices.add(body.device)
        elif isinstance(body, Revoke):
            persons.update(body.persons)
            devices.update(body.devices)
            for device in body.devices:
                persons.update(self.persons_of.get(device, ()))
        elif isinstance(body, SetRole):
            persons.add(body.person)
        elif isinstance(body, Rename):
            if body.subject == Subject.PERSON:
                persons.add(body.id)
            elif body.subject == Subject.DEVICE:
                devices.add(body.id)
        for person in persons:
            devices.update(self.devices_of.get(person, ()))
        return persons, devices


class CircleView:
    """What holds over `part`, a set of statements closed under ancestors, under its verdict."""

    def __init__(
        self,
        dag: Dag,
        standing: Standing,
        facts: CircleFacts,
        part: int,
        verdict: Verdict,
        acting: Acting | None = None,
    ) -> None:
        self._dag = dag
        self._standing = standing
        self.facts = facts
        self.part = part
        self.verdict = verdict
        unknown = facts.unknown_crit & part & ~verdict.void
        self.is_frozen = bool(unknown)
        """An unknown critical statement stands: what builds on it has no effect here (section 11.11)."""
        self._holding = part & ~verdict.void
        if unknown:
            self._holding &= ~self._frozen(unknown)
        self._acting: Acting = {} if acting is None or unknown else acting

    def _frozen(self, unknown: int) -> int:
        """What was said with knowledge of an unknown critical statement. Removals work all the same."""
        mask = 0
        for index in bits(self._holding & ~self._standing.removals):
            if (self._dag.past[index] | 1 << index) & unknown:
                mask |= 1 << index
        return mask

    def order(self, index: int) -> tuple[int, bytes]:
        """(lamport, hash) of a statement."""
        return self._dag.order[index]

    def hash(self, index: int) -> StatementHash:
        """Name of a statement."""
        return self._dag.hash(index)

    def time_ms(self, index: int) -> int:
        """When its author's clock says a statement was made."""
        return self._dag.statements[index].statement.time_ms

    def statement(self, hash: bytes) -> int | None:
        """The index of a statement of this part."""
        index = self._dag.index.get(hash)
        return None if index is None or not self.part >> index & 1 else index

    def holds(self, index: int) -> bool:
        """Whether a statement is in the part and has its effect."""
        return bool(self._holding >> index & 1)

    def _alive(self, index: int, *subjects: Held) -> bool:
        if not self._holding >> index & 1:
            return False
        effective = self.verdict.effective
        for subject in subjects:  # noqa: SIM110 - a loop, because this runs for every statement that is loaded
            if self._standing.is_lost(subject, index, effective):
                return False
        return True

    def _newest(self, indices: Iterable[int]) -> int | None:
        found = list(indices)
        return max(found, key=self._dag.order.__getitem__) if len(found) > 1 else next(iter(found), None)

    def _oldest(self, indices: Iterable[int]) -> int | None:
        found = list(indices)
        return min(found, key=self._dag.order.__getitem__) if len(found) > 1 else next(iter(found), None)

    # --- devices --------------------------------------------------------------------------------------

    def revokes(self, device: bytes) -> list[int]:
        """Revocations of a device that took effect; any of them ends it for good."""
        effective = self.verdict.effective
        return [r for r in self._standing.removers.get(("device", device), ()) if effective >> r & 1]

    def is_known(self, device: bytes) -> bool:
        """Whether anybody ever introduced this device in this part, with or without effect."""
        return any(self.part >> index & 1 for index in self.facts.admissions.get(device, ()))

    def admission(self, device: bytes) -> int | None:
        """The oldest statement by which a device is active."""
        if ("device", device) in self._standing.removers and self.revokes(device):
            return None
        return self._oldest([i for i in self.facts.admissions.get(device, ()) if self.holds(i)])

    def first(self, indices: Iterable[int], before: int | None) -> int:
        """The oldest of these statements that a revocation knew of (it always knew one)."""
        assert before is not None
        return min((i for i in indices if self._dag.is_before(i, before)), key=self._dag.order.__getitem__)

    # --- persons --------------------------------------------------------------------------------------

    def person(self, person: bytes) -> int | None:
        """The newest statement by which a person belongs to the circle."""
        subject = ("person", person)
        return self._newest([i for i in self.facts.persons.get(person, ()) if self._alive(i, subject)])

    def person_revokes(self, person: bytes) -> list[int]:
        """Revocations of a person that took effect."""
        effective = self.verdict.effective
        return [r for r in self._standing.removers.get(("person", person), ()) if effective >> r & 1]

    def link(self, person: bytes, device: bytes) -> int | None:
        """The oldest statement by which a device stands for a person."""
        subjects = ("link", person, device), ("person", person)
        said = self.facts.links.get((person, device), ())
        return self._oldest([i for i in said if self._alive(i, *subjects)])

    def role(self, person: bytes) -> tuple[Role, int] | None:
        """What a person may do, and the statement that said so."""
        grants = {
            index: role
            for index, role in self.facts.roles.get(person, ())
            if self._alive(index, ("role", person, int(role)), ("person", person))
        }
        newest = self._newest(grants)
        return None if newest is None else (grants[newest], newest)

    def persons_of(self, device: bytes) -> list[tuple[bytes, int]]:
        """(person, linking statement) of everybody for whom an active device stands."""
        found = ((person, self.link(person, device)) for person in self.facts.persons_of.get(device, ()))
        return [(person, index) for person, index in found if index is not None]

    def home(self, person: bytes) -> bytes | None:
        """The circle from which a person comes; `b""` is this circle (its founder)."""
        index = self.person(person)
        if index is None:
            return None
        body = self.facts.bodies[index]
        return body.home if isinstance(body, Admit) else b""

    # --- claims ---------------------------------------------------------------------------------------

    def as_person(self, device: bytes, person: bytes) -> Alternative | None:
        """The claim that `device` stands for `person`."""
        index = self.link(person, device)
        if index is None:
            return None
        return Claim(("link", person, device), index), Claim(("person", person), index)

    def as_role(self, device: bytes, wanted: Role) -> dict[bytes, Alternative]:
        """By person, the claims under which `device` acts in exactly this role."""
        found = self._acting.get((device, wanted))
        if found is not None:
            return found
        found = self._acting[device, wanted] = {}
        for person, link in self.persons_of(device):
            role = self.role(person)
            if role is not None and role[0] == wanted:
                found[person] = (
                    Claim(("link", person, device), link),
                    Claim(("person", person), link),
                    Claim(("role", person, int(wanted)), role[1]),
                    Claim(("person", person), role[1]),
                )
        return found

    # --- the circle -----------------------------------------------------------------------------------

    def newest(self, said: Iterable[tuple[int, bytes]]) -> bytes | None:
        """The newest of values that were said."""
        values = {index: value for index, value in said if self.holds(index)}
        index = self._newest(values)
        return None if index is None else values[index]

    def recovery(self) -> tuple[int, bytes]:
        """(statement, public key) of the recovery key in force."""
        keys = {
            index: key
            for index, key in self.facts.recoveries
            if self._alive(index, ("recovery", recovery_author(key)))
        }
        newest = self._newest(keys)
        assert newest is not None  # a key ends only by a statement that brings another
        return newest, keys[newest]

    def knows_recovery(self, key: bytes) -> bool:
        """Whether this key was ever a recovery key here."""
        return any(known == key and self.part >> index & 1 for index, known in self.facts.recoveries)

    def enrolment(self, key: bytes) -> Enrol | None:
        """The newest word on an enrolment token."""
        index = self._newest(i for i in self.facts.enrolments.get(key, ()) if self.holds(i))
        body = None if index is None else self.facts.bodies[index]
        return body if isinstance(body, Enrol) else None

    def setting(self, key: str) -> bool | int | str | None:
        """A circle-wide setting."""
        values = {index: value for index, value in self.facts.settings.get(key, ()) if self.holds(index)}
        index = self._newest(values)
        return None if index is None else values[index]
