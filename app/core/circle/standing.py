"""What counts: which removals take effect, and which statements they make void (protocol 1, 11.1, 11.11).

A statement rests on claims: "this person was an admin, by statement g". A removal (of a device, person, link,
right or key) that takes effect hits a claim unless the claiming statement is in the removal's causal past or the
ground g was laid with the removal in its own past (somebody was admitted or appointed anew). A statement stands
while every requirement has one alternative of which no claim is hit and every ground stands.

Removals are taken in the order of 11.1 (rank, seniority of the author, lamport, hash); one that does not stand
by then is skipped, one that took effect stays. Everything else only follows from them, so that adding a statement
that removes nothing never changes the standing of another.
"""

from bisect import insort
from typing import Final

import msgspec

from app.core.circle.dag import Dag, bits

Subject = tuple[bytes | str | int, ...]
"""What can be taken away: ("device", id), ("person", id), ("link", person, device), ("role", person, level),
("recovery", author), and in groups ("member", person), ("group admin", person), ("speaker", device)."""


class Claim(msgspec.Struct, frozen=True, gc=False):
    """A subject that is held, and the index of the statement that gave it."""

    subject: Subject
    ground: int


Alternative = tuple[Claim, ...]
Requirement = tuple[Alternative, ...]
Seniority = tuple[int, bytes, int]
"""(lamport, hash) of an admission, and the place in it where it names several."""
Order = tuple[int, Seniority, tuple[int, bytes]]
"""Rank, then seniority of the author, then (lamport, hash) of the removal."""

RANK_RECOVERY: Final = 0
RANK_TWO_PERSONS: Final = 1
RANK_ONE: Final = 2


class Act(msgspec.Struct, frozen=True, gc=False):
    """A statement as far as its standing is concerned; fixed by its own causal past."""

    requirements: tuple[Requirement, ...]
    removes: tuple[Subject, ...] = ()
    rank: int = RANK_ONE
    seniority: Seniority = (0, b"", 0)


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """The outcome over a set of statements: removals in effect, and statements without effect."""

    effective: int
    void: int


NOTHING: Final = Verdict(0, 0)
_MEMO_SIZE: Final = 64


class Standing:
    """The acts of a `Dag`, and verdicts over all of it or over a part that is closed under ancestors."""

    def __init__(self, dag: Dag) -> None:
        self._dag = dag
        self.acts: list[Act] = []
        self.removals = 0
        self.removers: dict[Subject, list[int]] = {}
        self.total = NOTHING
        """The verdict over everything."""
        self._claimants: dict[Subject, int] = {}
        self._users: dict[int, int] = {}
        self._sorted: list[tuple[Order, int]] = []
        self._after: list[Verdict] = []
        self._memo: dict[int, Verdict] = {}

    # --- questions ------------------------------------------------------------------------------------

    def is_hit(self, subject: Subject, ground: int, by: int, effective: int) -> bool:
        """Whether a removal in `effective` takes `subject`, given by `ground`, away from statement `by`."""
        removers = self.removers.get(subject)
        if not removers:
            return False
        past = self._dag.past
        for r in removers:
            if effective >> r & 1 and r != by and not past[r] >> by & 1 and not past[ground] >> r & 1:
                return True
        return False

    def is_lost(self, subject: Subject, ground: int, effective: int) -> bool:
        """Whether `subject`, given by `ground`, is gone now: removed, and not with the removal in mind."""
        removers = self.removers.get(subject)
        if not removers:
            return False
        ground_past = self._dag.past[ground]
        for r in removers:  # noqa: SIM110 - a loop, because this runs for every statement that is loaded
            if effective >> r & 1 and not ground_past >> r & 1:
                return True
        return False

    def stands(self, index: int, verdict: Verdict) -> bool:
        """Whether every requirement of a statement is still met."""
        effective, void = verdict.effective, verdict.void
        return all(
            any(
                all(
                    not void >> claim.ground & 1
                    and not self.is_hit(claim.subject, claim.ground, index, effective)
                    for claim in alternative
                )
                for alternative in requirement
            )
            for requirement in self.acts[index].requirements
        )

    def verdict(self, part: int, tips: list[int]) -> Verdict:
        """The verdict over `part`, the closure of `tips`."""
        if part == self._dag.everything:
            return self.total
        removals = self.removals & part
        for tip in tips:
            reach = self._dag.past[tip] | 1 << tip
            if removals & ~reach == 0:  # the other tips bring no removal: extend this one's verdict
                return self._extended(self._after[tip], part & ~reach)
        return self._memoised(part)

    # --- growth ---------------------------------------------------------------------------------------

    def add(self, index: int, act: Act, own_past: Verdict) -> None:
        """The statement last appended to the `Dag`, judged against the verdict over its own past."""
        self.acts.append(act)
        bit = 1 << index
        for requirement in act.requirements:
            for alternative in requirement:
                for claim in alternative:
                    self._claimants[claim.subject] = self._claimants.get(claim.subject, 0) | bit
                    self._users[claim.ground] = self._users.get(claim.ground, 0) | bit
        if not act.removes:
            self._after.append(own_past)
            if own_past is not self.total and not self.stands(index, self.total):
                self.total = Verdict(self.total.effective, self.total.void | bit)
            return
        self._after.append(Verdict(own_past.effective | bit, own_past.void))
        for subject in act.removes:
            self.removers.setdefault(subject, []).append(index)
        insort(self._sorted, ((act.rank, act.seniority, self._dag.order[index]), index))
        everything = self._dag.everything
        unseen = everything & ~self._dag.past[index] & ~bit
        if unseen & self.removals:
            self.removals |= bit
            self.total = self._computed(everything)
        else:  # it knew every other removal: it takes effect and changes no other removal
            self.removals |= bit
            self.total = self._applied(index, self.total, everything)

    # --- computation ----------------------------------------------------------------------------------

    def _extended(self, base: Verdict, more: int) -> Verdict:
        void = base.void
        if more:
            for index in bits(more):  # ascending: grounds before those who rest on them
                if not self.stands(index, Verdict(base.effective, void)):
                    void |= 1 << index
        return base if void == base.void else Verdict(base.effective, void)

    def _memoised(self, part: int) -> Verdict:
        found = self._memo.pop(part, None)
        if found is None:
            found = self._computed(part)
            if len(self._memo) >= _MEMO_SIZE:
                self._memo.pop(next(iter(self._memo)))
        self._memo[part] = found  # youngest last
        return found

    def _computed(self, part: int) -> Verdict:
        verdict = NOTHING
        for _, index in self._sorted:
            if part >> index & 1 and not verdict.void >> index & 1:
                verdict = self._applied(index, verdict, part)
        return verdict

    def _applied(self, removal: int, verdict: Verdict, part: int) -> Verdict:
        """Let a removal take effect and find everything in `part` that no longer stands."""
        effective, void = verdict.effective | 1 << removal, verdict.void
        exempt = self._dag.past[removal] | effective  # what it knew of, and what has taken effect already
        suspects = 0
        for subject in self.acts[removal].removes:
            suspects |= self._claimants.get(subject, 0)
        suspects &= part & ~exempt & ~void
        while suspects:
            fallen = 0
            for index in bits(suspects):
                if not self.stands(index, Verdict(effective, void)):
                    void |= 1 << index
                    fallen |= self._users.get(index, 0)
            suspects = fallen & part & ~effective & ~void
        return Verdict(effective, void)
