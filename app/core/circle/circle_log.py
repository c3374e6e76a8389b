"""The chain of one circle, and its current roster."""

from collections.abc import Iterable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.core.circle import roster as snapshots
from app.core.circle.bodies import CIRCLE_KINDS, Body, Found, Rename, Role, Subject, parse_body
from app.core.circle.dag import bits
from app.core.circle.errors import Refused
from app.core.circle.evaluate import check_proofs, judge, judge_found
from app.core.circle.facts import Acting, CircleFacts, CircleView
from app.core.circle.log import ChainLog, Change, Judged, Missing, Place
from app.core.circle.roster import Roster
from app.core.circle.standing import Act, Verdict
from app.core.ports import Statements
from crypto.errors import InvalidKey
from crypto.ids import CircleId
from crypto.keys import ed25519_public
from crypto.statement import SignedStatement, Statement, recovery_author


class CircleLog(ChainLog):
    """The statements of one circle."""

    def __init__(self, circle: CircleId) -> None:
        super().__init__(circle)
        self.circle = circle
        self.facts = CircleFacts(self.dag)
        self._keys_by_author: dict[bytes, Ed25519PublicKey] = {}
        self._roster: Roster | None = None
        self._line: tuple[int, Verdict | None, Acting] = (0, None, {})
        self._dirty_persons: set[bytes] = set()
        self._dirty_devices: set[bytes] = set()
        self._circle_dirty = False
        self._stale = True

    @classmethod
    def load(cls, statements: Statements, circle: CircleId) -> "CircleLog":
        """From the store; empty where nothing is known of the circle but its id (a newcomer)."""
        log = cls(circle)
        log.restore(statements)
        return log

    # --- what holds -------------------------------------------------------------------------------------

    @property
    def roster(self) -> Roster:
        """The current snapshot. Raises `LookupError` before the first statement is known."""
        if not len(self):
            raise LookupError("no statements of this circle yet")
        if self._roster is None or self._stale:
            self._roster = self._snapshot()
            self._dirty_persons, self._dirty_devices = set(), set()
            self._circle_dirty = self._stale = False
        return self._roster

    def view(self) -> CircleView:
        """What holds over everything that is known."""
        return CircleView(self.dag, self.standing, self.facts, self.dag.everything, self.standing.total)

    def view_at(self, heads: Iterable[bytes]) -> CircleView:
        """What held where these were the heads. Raises `Missing` if one is not known here."""
        tips = []
        for head in heads:
            index = self.dag.index.get(head)
            if index is None:
                raise Missing
            tips.append(index)
        part = self.dag.closure(tips)
        return CircleView(self.dag, self.standing, self.facts, part, self.standing.verdict(part, tips))

    def commitments(self) -> set[bytes]:
        """See `ChainLog.commitments`."""
        return self.roster.live_commitments() if len(self) else set()

    def key(self, author: bytes) -> Ed25519PublicKey | None:
        """See `ChainLog.key`. Covers devices and recovery keys."""
        found = self._keys_by_author.get(author)
        if found is None:
            device = self.facts.devices.get(author)
            raw = device.dik if device is not None else self.facts.recovery_authors.get(author)
            if raw is None:
                return None
            found = self._keys_by_author[author] = ed25519_public(raw)
        return found

    def is_current(self, author: bytes) -> bool:
        """See `ChainLog.is_current`."""
        roster = self.roster
        return roster.is_active(author) or author == recovery_author(roster.recovery)

    # --- what `ChainLog` asks ---------------------------------------------------------------------------

    def _first_key(self, signed: SignedStatement) -> Ed25519PublicKey:
        body = _parse(signed.statement)
        if not isinstance(body, Found):
            raise Refused("not a found")
        try:
            return ed25519_public(body.device.dik)
        except InvalidKey as exc:
            raise Refused("founder's key") from exc

    def _judge(self, signed: SignedStatement, place: Place) -> Judged:
        statement = signed.statement
        body = _parse(statement)
        if not statement.parents:
            return Judged(place, judge_found(statement, body), body, True)
        view = self._view_at(place)
        try:
            act = judge(statement, body, self.circle, view)
        except Refused:
            if not view.is_frozen or view.revokes(statement.author):
                raise
            # It may be right by rules of a later version: kept as an ancestor, without effect here.
            return Judged(place, Act(()), None, False)
        by_recovery = statement.author in self.facts.recovery_authors
        is_admin = by_recovery or bool(view.as_role(statement.author, Role.ADMIN))
        return Judged(place, act, body, is_admin, body is None and statement.crit)

    def _view_at(self, place: Place) -> CircleView:
        """What held in a statement's past. In a plain line, authors are looked up once, not per statement."""
        part, verdict, acting = self._line
        if place.past != part or place.verdict is not verdict:
            acting = {}
            self._line = place.past, place.verdict, acting
        return CircleView(self.dag, self.standing, self.facts, place.past, place.verdict, acting)

    def _check_proofs(self, judged: Judged) -> None:
        place = judged.place
        view = None
        if place.past:
            view = self._view_at(place)
        check_proofs(judged.body, self.circle, view)

    def _check_references(self, signed: SignedStatement) -> None:
        """A circle refers to nothing else."""

    def _noted(self, index: int, judged: Judged) -> None:
        if judged.unknown_crit:
            self.facts.unknown_crit |= 1 << index
        self.facts.add(index, judged.body)
        self._extend_line(index, judged)

    def _extend_line(self, index: int, judged: Judged) -> None:
        part, verdict, acting = self._line
        if judged.place.past != part or judged.place.verdict is not verdict or judged.act.removes:
            return
        if not isinstance(judged.body, Rename | None):
            _, devices = self.facts.touched(index)
            for device, role in list(acting):
                if device in devices:
                    del acting[device, role]
        self._line = part | 1 << index, verdict, acting

    def _moved(self, change: Change | None) -> None:
        self._stale = True
        if change is None or self._roster is None:
            self._roster = None
            return
        for index in (change.index, *bits(change.others)):
            persons, devices = self.facts.touched(index)
            self._dirty_persons |= persons
            self._dirty_devices |= devices
            body = self.facts.bodies[index]
            self._circle_dirty |= not isinstance(body, Rename) or body.subject == Subject.CIRCLE

    # --- snapshots --------------------------------------------------------------------------------------

    def _snapshot(self) -> Roster:
        view = self.view()
        parents, lamport = self.parents()
        at = snapshots.Standpoint(self.heads, parents, lamport, self.forked)
        before = self._roster
        if before is None or before.needs_update or view.is_frozen:
            return snapshots.build(self.circle, view, at)
        return snapshots.renew(before, view, at, self._dirty_persons, self._dirty_devices, self._circle_dirty)


def _parse(statement: Statement) -> Body | None:
    return parse_body(CIRCLE_KINDS, statement.kind, statement.crit, statement.body)
