"""Every order in which admins who remove each other can act and meet (protocol 1, 11.1).

Not chance but all of it, to a bound: in the first test each admin may remove one other at any time, and any two may
meet at any time, in every interleaving; in the second, statements made side by side come in every permutation,
causes after effects included. Whoever holds the same statements must have the same roster, and whatever happened,
the recovery key appoints an admin again.

Found by it: three admins can end without any of them. The first learns that the third removed the second, and
removes the third; the second, who has not heard of it, removes the first. Each removal is by somebody who had the
right, and none has a reason to be skipped (11.1), so all three count. That is what the paper is for. Two admins
never end like that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, permutations, product

import msgspec
import pytest

from app.core.circle import authoring, bodies
from app.core.circle.bodies import RevokeReason, Role
from app.core.circle.circle_log import CircleLog
from app.core.circle.roster import Roster
from crypto.identity import DeviceIdentity
from crypto.ids import PersonId
from crypto.statement import SignedStatement, consent
from tests.core.circle_world import NOW_MS, MemoryStatements, Peer, SeededEntropy, World, raw_statement

Known = frozenset[bytes]


def meaning(roster: Roster) -> Roster:
    """Without what only tells who saw which copies."""
    return msgspec.structs.replace(roster, forked=frozenset())


@dataclass
class Practice:
    """Some admins of one circle, admitted one after the other; statements by hash."""

    admins: list[Peer]
    world: World
    statements: dict[bytes, SignedStatement]
    beginning: Known
    """What everybody knows before anybody acts."""

    @classmethod
    def of(cls, count: int) -> Practice:
        """The founder is the first."""
        world = World()
        admins = [world.founder, *(world.member(role=Role.ADMIN) for _ in range(count - 1))]
        for one in admins:
            one.sync(world.founder)
        statements: dict[bytes, SignedStatement] = {
            signed.hash: signed for signed in world.founder.log.dag.statements
        }
        return cls(admins, world, statements, frozenset(statements))

    def peer(self, who: int, known: Known) -> Peer:
        """Admin `who`, knowing exactly these."""
        own = self.admins[who]
        peer = Peer(self.world, own.identity, own.person)
        in_order = sorted((self.statements[h] for h in known), key=lambda s: (s.statement.lamport, s.hash))
        assert set(peer.take(*in_order)) <= {"added"}
        return peer

    def say(self, who: int, known: Known, body: bodies.Body) -> Known:
        """What `who` knows after saying it; unchanged if it has no right to any more."""
        peer = self.peer(who, known)
        if not peer.roster.is_admin_device(peer.device):
            return known
        signed = peer.say(body)
        assert peer.take(signed) == ["added"]
        self.statements[signed.hash] = signed
        return known | {signed.hash}

    def removal(self, whom: int) -> bodies.Revoke:
        target = self.admins[whom]
        return bodies.Revoke((target.device,), (target.person,), bytes([whom]) * 32, RevokeReason.OTHER)

    def newcomer(self, by: int) -> bodies.Admit:
        entropy = SeededEntropy(1000 + by)
        identity, person = DeviceIdentity.create(entropy), PersonId(entropy.token(16))
        agreed = consent(identity, self.world.circle, person)
        blank = bytes(32), bytes(32), bytes(32)
        return bodies.Admit(person, identity.public, agreed, self.world.circle, Role.ADMIN, *blank, None)


# --- all interleavings of acting and meeting -----------------------------------------------------------------


@dataclass(frozen=True)
class State:
    known: tuple[Known, ...]
    acted: tuple[bool, ...]


class Explorer:
    """`meetings`: at most so many while somebody may still act; at the end everybody meets everybody."""

    def __init__(self, count: int, meetings: int) -> None:
        self.practice = Practice.of(count)
        self.count = count
        self.meetings = meetings
        self.rosters: dict[Known, Roster] = {}
        self.states = 0
        self.outcomes: set[frozenset[int]] = set()

    def run(self) -> Explorer:
        start = State((self.practice.beginning,) * self.count, (False,) * self.count)
        seen: set[tuple[State, int]] = set()
        todo = [(start, self.meetings)]
        while todo:
            state, left = todo.pop()
            if (state, left) in seen:
                continue
            seen.add((state, left))
            self.states += 1
            self.end(state)
            todo += self.steps(state, left)
        return self

    def steps(self, state: State, left: int) -> Iterator[tuple[State, int]]:
        for who in range(self.count):
            if not state.acted[who]:
                for whom in range(self.count):
                    if whom != who:
                        yield self.removing(state, who, whom), left
        if left and not all(state.acted):
            for one, other in permutations(range(self.count), 2):
                if not state.known[other] <= state.known[one]:
                    yield learned(state, one, state.known[other]), left - 1

    def removing(self, state: State, who: int, whom: int) -> State:
        """He removes one colleague and, in the same breath, admits a friend."""
        known = state.known[who]
        if not self.roster(who, known).is_revoked(self.practice.admins[whom].device):
            known = self.practice.say(who, known, self.practice.removal(whom))
            known = self.practice.say(who, known, self.practice.newcomer(who))
        acted = tuple(done or place == who for place, done in enumerate(state.acted))
        return State(learned(state, who, known).known, acted)

    def roster(self, who: int, known: Known) -> Roster:
        """Of these statements, whoever holds them."""
        found = self.rosters.get(known)
        if found is None:
            found = self.rosters[known] = meaning(self.practice.peer(who, known).roster)
        return found

    def end(self, state: State) -> None:
        """Everybody meets everybody: one roster, in whatever order the statements came."""
        everything = frozenset().union(*state.known)
        first = self.roster(0, everything)
        for known in state.known:
            assert self.taken(known, everything) == first
        self.outcomes.add(self.admins_of(first))
        assert _rescued(self, everything)

    def taken(self, known: Known, everything: Known) -> Roster:
        """The roster of one who knew `known` and then hears the rest."""
        return _after(self, known, everything)

    def admins_of(self, roster: Roster) -> frozenset[int]:
        return frozenset(
            place for place, one in enumerate(self.practice.admins) if roster.is_admin_device(one.device)
        )


@cache
def _after(explorer: Explorer, known: Known, everything: Known) -> Roster:
    peer = explorer.practice.peer(0, known)
    rest = [explorer.practice.statements[hash] for hash in sorted(everything - known)]
    peer.take(*rest)
    assert len(peer.log) == len(everything)
    return meaning(peer.roster)


@cache
def _rescued(explorer: Explorer, everything: Known) -> bool:
    """Whether the recovery key can admit an admin."""
    peer = explorer.practice.peer(0, everything)
    draft = authoring.draft(peer.roster, peer.device, explorer.practice.newcomer(9), NOW_MS)
    paper = explorer.practice.world.paper
    signed = raw_statement(msgspec.structs.replace(draft, author=paper.author), paper)
    assert peer.take(signed) == ["added"]
    return peer.roster.is_active(explorer.practice.newcomer(9).device.device_id)


def learned(state: State, who: int, more: Known) -> State:
    known = tuple(one | more if place == who else one for place, one in enumerate(state.known))
    return State(known, state.acted)


def explored(count: int, meetings: int) -> Explorer:
    found = Explorer(count, meetings).run()
    print(f"{count} admins, {meetings} meetings: {found.states} states, {len(found.rosters)} rosters")
    return found


def test_two_admins_removing_each_other() -> None:
    """At once, one after the other, or with a meeting between: the one admitted earlier stays if both act."""
    found = explored(2, 2)
    assert found.outcomes == {frozenset({0, 1}), frozenset({0}), frozenset({1})}


def test_three_admins_removing_each_other() -> None:
    found = explored(3, 1)
    everyone = range(3)
    wanted = {frozenset(some) for size in everyone for some in combinations(everyone, size)}
    assert found.outcomes == {*wanted, frozenset(everyone)}


@pytest.mark.slow
def test_three_admins_removing_each_other_with_more_meetings() -> None:
    assert frozenset() in explored(3, 3).outcomes


# --- all permutations of what was done side by side ----------------------------------------------------------


def side_by_side(choice: Sequence[int | None], *, friends: bool) -> tuple[Practice, list[SignedStatement]]:
    """Each admin removes the one chosen for him; with `friends` he then admits somebody. Nobody meets."""
    practice = Practice.of(len(choice))
    said: list[SignedStatement] = []
    for who, whom in enumerate(choice):
        known = practice.beginning
        if whom is not None:
            known = practice.say(who, known, practice.removal(whom))
            if friends:
                known = practice.say(who, known, practice.newcomer(who))
        new = known - practice.beginning
        said += sorted((practice.statements[hash] for hash in new), key=lambda s: s.statement.lamport)
    return practice, said


def check_all_orders(practice: Practice, said: Sequence[SignedStatement]) -> None:
    """Every permutation leads a device that knew the beginning to the same roster."""
    base = practice.peer(0, practice.beginning).store
    expected: Roster | None = None
    for order in permutations(said):
        store = MemoryStatements()
        store.rows = dict(base.rows)
        log = CircleLog.load(store, practice.world.circle)
        for signed in order:
            log.add(store, signed.wire, (), NOW_MS)
        assert len(log) == len(practice.beginning) + len(said) and not log.missing()
        expected = expected or meaning(log.roster)
        assert meaning(log.roster) == expected


def choices(count: int) -> list[tuple[int | None, ...]]:
    """Who removes whom, or nobody, in every combination with at least two removals."""
    each = [[None, *(whom for whom in range(count) if whom != who)] for who in range(count)]
    return [one for one in product(*each) if sum(whom is not None for whom in one) > 1]


@pytest.mark.parametrize("choice", [*choices(2), *choices(3)])
def test_removals_side_by_side_in_every_order(choice: tuple[int | None, ...]) -> None:
    practice, said = side_by_side(choice, friends=False)
    check_all_orders(practice, said)


@pytest.mark.parametrize("choice", choices(2))
def test_removals_and_friends_side_by_side_in_every_order(choice: tuple[int | None, ...]) -> None:
    practice, said = side_by_side(choice, friends=True)
    check_all_orders(practice, said)


@pytest.mark.slow
@pytest.mark.parametrize("choice", choices(3))
def test_three_with_friends_in_every_order(choice: tuple[int | None, ...]) -> None:
    practice, said = side_by_side(choice, friends=True)
    check_all_orders(practice, said)
