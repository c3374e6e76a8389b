"""What the statements of a group amount to (protocol 10.8): index, view over a part, snapshot for callers."""

from collections.abc import Iterable

import msgspec

from app.core.circle.bodies import Add, Body, Create, RenameGroup, Roles
from app.core.circle.dag import Dag, bits
from app.core.circle.roster import Roster
from app.core.circle.standing import Alternative, Claim, Seniority, Standing, Subject, Verdict
from crypto.ids import CircleId, DeviceId, GroupId, PersonId, StatementHash


class GroupFacts:
    """An index over all statements of one group, void ones included."""

    def __init__(self) -> None:
        self.bodies: list[Body | None] = []
        self.entries: dict[bytes, list[int]] = {}  # person -> statements that made a member
        self.places: dict[tuple[int, bytes], int] = {}  # in the order in which such a statement names them
        self.appointments: dict[bytes, list[int]] = {}
        self.titles: list[int] = []
        self.unknown_crit = 0

    def add(self, index: int, body: Body | None) -> None:
        """Note the statement last appended."""
        self.bodies.append(body)
        if isinstance(body, Create):
            self._entered(index, (body.person, *body.members))
            self.appointments[body.person] = [index]
            self.titles.append(index)
        elif isinstance(body, Add):
            self._entered(index, body.members)
        elif isinstance(body, Roles) and body.admin:
            self.appointments.setdefault(body.member, []).append(index)
        elif isinstance(body, RenameGroup):
            self.titles.append(index)

    def _entered(self, index: int, persons: Iterable[bytes]) -> None:
        for place, person in enumerate(persons):
            self.entries.setdefault(person, []).append(index)
            self.places[index, person] = place


class GroupView:
    """What holds over `part`, a set of statements closed under ancestors, under its verdict."""

    def __init__(self, dag: Dag, standing: Standing, facts: GroupFacts, part: int, verdict: Verdict) -> None:
        self._dag = dag
        self._standing = standing
        self.facts = facts
        self.part = part
        self.verdict = verdict
        unknown = facts.unknown_crit & part & ~verdict.void
        self.is_frozen = bool(unknown)
        """An unknown critical statement stands (section 11.11)."""
        self._holding = part & ~verdict.void
        if unknown:
            for index in bits(self._holding & ~standing.removals):
                if (dag.past[index] | 1 << index) & unknown:
                    self._holding &= ~(1 << index)

    def order(self, index: int) -> tuple[int, bytes]:
        """(lamport, hash) of a statement."""
        return self._dag.order[index]

    def holds(self, index: int) -> bool:
        """Whether a statement is in the part and has its effect."""
        return bool(self._holding >> index & 1)

    def _oldest(self, indices: Iterable[int], *subjects: Subject) -> int | None:
        effective = self.verdict.effective
        alive = (
            index
            for index in indices
            if self.holds(index) and not any(self._standing.is_lost(s, index, effective) for s in subjects)
        )
        return min(alive, key=self.order, default=None)

    def is_silenced(self, device: bytes) -> bool:
        """Whether this device was cut off from the chain, because the circle revoked it."""
        effective = self.verdict.effective
        return any(effective >> r & 1 for r in self._standing.removers.get(("speaker", device), ()))

    def member(self, person: bytes) -> int | None:
        """The statement since which a person is a member without interruption."""
        return self._oldest(self.facts.entries.get(person, ()), ("member", person))

    def seniority(self, person: bytes) -> Seniority | None:
        """How long a member stands: the creator before those named after him, these before later ones."""
        index = self.member(person)
        return None if index is None else (*self.order(index), self.facts.places[index, person])

    def members(self) -> list[tuple[Seniority, bytes]]:
        """(seniority, person), longest-standing first."""
        found = ((self.seniority(person), person) for person in self.facts.entries)
        return sorted((seniority, person) for seniority, person in found if seniority is not None)

    def appointment(self, person: bytes) -> int | None:
        """The statement by which a member is an admin by word."""
        subjects = ("group admin", person), ("member", person)
        return self._oldest(self.facts.appointments.get(person, ()), *subjects)

    def admins(self) -> set[bytes]:
        """Members who may add, remove and appoint; if none is left, the longest-standing member."""
        members = [person for _, person in self.members()]
        appointed = {person for person in members if self.appointment(person) is not None}
        return appointed or set(members[:1])

    def as_member(self, person: bytes) -> Alternative | None:
        """The claim to be a member."""
        index = self.member(person)
        return None if index is None else (Claim(("member", person), index),)

    def as_admin(self, person: bytes) -> Alternative | None:
        """The claim to be an admin."""
        index = self.appointment(person)
        if index is not None and self.member(person) is not None:
            return Claim(("group admin", person), index), Claim(("member", person), index)
        return self.as_member(person) if person in self.admins() else None

    def title(self) -> bytes:
        """Commitment to the title, b"" if none."""
        said = [index for index in self.facts.titles if self.holds(index)]
        body = self.facts.bodies[max(said, key=self.order)]
        return body.title if isinstance(body, Create | RenameGroup) else b""


class GroupState(msgspec.Struct, frozen=True):
    """An immutable snapshot; equal for everybody who has the same statements."""

    group: GroupId
    circle: CircleId
    creator: PersonId
    members: tuple[PersonId, ...]  # longest-standing first
    admins: frozenset[PersonId]
    former: frozenset[PersonId]  # who left or was removed
    title: bytes  # commitment; the title itself is ordinary content (section 11.10)
    created_ms: int
    silenced: frozenset[DeviceId]
    heads: tuple[StatementHash, ...]
    parents: tuple[StatementHash, ...]  # what the next statement cites
    lamport: int  # of the next statement
    needs_update: bool
    forked: frozenset[bytes]

    def is_member(self, person: bytes) -> bool:
        """Whether this person gets messages of the group."""
        return person in self.members

    def is_admin(self, person: bytes) -> bool:
        """Whether this member may add, remove and appoint."""
        return person in self.admins

    def overdue(self, roster: Roster, spoke: Iterable[bytes]) -> tuple[list[PersonId], list[DeviceId]]:
        """Members whom the circle revoked, and revoked devices among `spoke` (`GroupLog.authors`) that are
        not silenced: any member should `remove` them, so that nothing they backdate counts."""
        persons = [person for person in self.members if not roster.is_member(person)]
        devices = [DeviceId(d) for d in spoke if roster.is_revoked(d) and d not in self.silenced]
        return persons, sorted(devices)
