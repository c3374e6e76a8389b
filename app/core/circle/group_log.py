"""The chain of one group, and its current members (protocol 10.8)."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.core.circle import group_rules
from app.core.circle.bodies import GROUP_KINDS, Body, Create, GroupBody, parse_body
from app.core.circle.circle_log import CircleLog
from app.core.circle.errors import Refused
from app.core.circle.facts import CircleView
from app.core.circle.group import GroupFacts, GroupState, GroupView
from app.core.circle.log import ChainLog, Change, Judged, Missing, Place
from app.core.circle.standing import Act
from app.core.ports import Statements
from crypto.ids import DeviceId, GroupId, PersonId
from crypto.statement import SignedStatement, Statement


class GroupLog(ChainLog):
    """The statements of one group. Members are persons of `circle`, whose roster tells who speaks for whom."""

    def __init__(self, group: GroupId, circle: CircleLog) -> None:
        super().__init__(group)
        self.id = group
        self.circle = circle
        self.facts = GroupFacts()
        self._roster_tips: list[tuple[int, ...]] = []  # what of the circle each statement knows
        self._group: GroupState | None = None

    @classmethod
    def load(cls, statements: Statements, group: GroupId, circle: CircleLog) -> "GroupLog":
        """From the store; empty where nothing is known of the group but its id (a new member)."""
        log = cls(group, circle)
        log.restore(statements)
        return log

    # --- what holds -------------------------------------------------------------------------------------

    @property
    def group(self) -> GroupState:
        """The current snapshot. Raises `LookupError` before the first statement is known."""
        if not len(self):
            raise LookupError("no statements of this group yet")
        if self._group is None:
            self._group = self._snapshot()
        return self._group

    @property
    def authors(self) -> list[DeviceId]:
        """Devices that made statements in this chain, sorted."""
        return sorted(DeviceId(author) for author in self.dag.authored)

    def view(self) -> GroupView:
        """What holds over everything that is known."""
        return GroupView(self.dag, self.standing, self.facts, self.dag.everything, self.standing.total)

    def commitments(self) -> set[bytes]:
        """See `ChainLog.commitments`."""
        return {self.group.title} - {b""} if len(self) else set()

    def key(self, author: bytes) -> Ed25519PublicKey | None:
        """See `ChainLog.key`."""
        return self.circle.key(author)

    def is_current(self, author: bytes) -> bool:
        """See `ChainLog.is_current`."""
        return self.circle.roster.is_active(author)

    # --- what `ChainLog` asks ---------------------------------------------------------------------------

    def _first_key(self, signed: SignedStatement) -> Ed25519PublicKey:
        key = self.circle.key(signed.statement.author)
        if key is None:
            raise Refused("unknown author")
        return key

    def _check_references(self, signed: SignedStatement) -> None:
        body = _parse(signed.statement)
        if isinstance(body, GroupBody) and not all(map(self.circle.has, body.roster)):
            raise Missing

    def _judge(self, signed: SignedStatement, place: Place) -> Judged:
        statement = signed.statement
        body = _parse(statement)
        tips = self._tips(statement, body)
        part = self.circle.dag.closure(tips)
        verdict = self.circle.standing.verdict(part, list(tips))
        circle = CircleView(self.circle.dag, self.circle.standing, self.circle.facts, part, verdict)
        if not statement.parents:
            if not isinstance(body, Create):
                raise Refused("not a create")
            act = group_rules.judge_create(statement, body, circle, self.circle.circle)
            return Judged(place, act, body, True)
        view = GroupView(self.dag, self.standing, self.facts, place.past, place.verdict)
        try:
            if isinstance(body, GroupBody):
                act = group_rules.judge(statement, body, view, circle)
                is_admin = body.person in view.admins()
            else:
                act = group_rules.judge_unknown(statement, view, circle)
                is_admin = statement.crit
        except Refused:
            if not view.is_frozen or circle.revokes(statement.author) or view.is_silenced(statement.author):
                raise
            return Judged(place, Act(()), None, False)  # perhaps right by rules of a later version
        return Judged(place, act, body, is_admin, body is None and statement.crit)

    def _tips(self, statement: Statement, body: Body | None) -> tuple[int, ...]:
        """What the author knew of the circle: what is named, and what the statements before it knew."""
        index = self.circle.dag.index
        tips: set[int] = set()
        if isinstance(body, GroupBody):
            if any(head not in index for head in body.roster):
                raise Missing
            tips.update(index[head] for head in body.roster)
        for parent in statement.parents:
            tips.update(self._roster_tips[self.dag.index[parent]])
        older = 0
        for tip in tips:
            older |= self.circle.dag.past[tip]
        return tuple(sorted(tip for tip in tips if not older >> tip & 1))

    def _check_proofs(self, judged: Judged) -> None:
        """Bodies of groups hold no signatures."""

    def _noted(self, index: int, judged: Judged) -> None:
        statement = self.dag.statements[index].statement
        self._roster_tips.append(self._tips(statement, _parse(statement)))
        if judged.unknown_crit:
            self.facts.unknown_crit |= 1 << index
        self.facts.add(index, judged.body)

    def _moved(self, change: Change | None) -> None:
        self._group = None

    def _snapshot(self) -> GroupState:
        view = self.view()
        create = self.facts.bodies[0]
        assert isinstance(create, Create)
        members = tuple(PersonId(person) for _, person in view.members())
        parents, lamport = self.parents()
        silenced = (subject[1] for subject in self.standing.removers if subject[0] == "speaker")
        return GroupState(
            group=self.id,
            circle=self.circle.circle,
            creator=PersonId(create.person),
            members=members,
            admins=frozenset(PersonId(person) for person in view.admins()),
            former=frozenset(
                PersonId(person)
                for person, entries in self.facts.entries.items()
                if person not in members and any(map(view.holds, entries))
            ),
            title=view.title(),
            created_ms=self.dag.statements[0].statement.time_ms,
            silenced=frozenset(DeviceId(d) for d in silenced if isinstance(d, bytes) and view.is_silenced(d)),
            heads=self.heads,
            parents=parents,
            lamport=lamport,
            needs_update=view.is_frozen,
            forked=self.forked,
        )


def _parse(statement: Statement) -> Body | None:
    return parse_body(GROUP_KINDS, statement.kind, statement.crit, statement.body)
