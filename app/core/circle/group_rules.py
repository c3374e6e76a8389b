"""Who may say what in a group (protocol 10.8, 11.1). Each statement names the roster heads that its author knew;
by these and by the group's own past it is judged, the same on every device and for all time."""

from collections.abc import Callable
from typing import Final, TypeVar

from app.core.circle.bodies import Add, Create, GroupBody, Leave, Remove, RenameGroup, Roles
from app.core.circle.errors import Refused
from app.core.circle.facts import CircleView
from app.core.circle.group import GroupView
from app.core.circle.standing import (
    RANK_ONE,
    RANK_TWO_PERSONS,
    Act,
    Alternative,
    Claim,
    Requirement,
    Subject,
)
from crypto.statement import Statement

MAX_MEMBERS: Final = 200


class GroupCase:
    """One statement with what held in its past, in the group and in the circle."""

    def __init__(self, statement: Statement, body: GroupBody, view: GroupView, circle: CircleView) -> None:
        self.author = statement.author
        self.body = body
        self.view = view
        self.circle = circle
        if circle.admission(self.author) is None or circle.link(body.person, self.author) is None:
            raise Refused("does not stand for this person")

    def as_member(self) -> Requirement:
        """The author's person is a member."""
        return _one(self.view.as_member(self.body.person))

    def as_admin(self) -> Requirement:
        """The author's person is an admin of the group."""
        return _one(self.view.as_admin(self.body.person))


def _one(alternative: Alternative | None) -> Requirement:
    if alternative is None:
        raise Refused("no right")
    return (alternative,)


def judge_create(statement: Statement, body: Create, circle: CircleView, circle_id: bytes) -> Act:
    """The first statement. Raises `Refused`."""
    if circle.admission(statement.author) is None or circle.link(body.person, statement.author) is None:
        raise Refused("does not stand for this person")
    if body.circle != circle_id or statement.cosigners:
        raise Refused("another circle")
    if body.person in body.members or len(body.title) not in (0, 32):
        raise Refused("members or title")
    _check_new(body.members, circle)
    return Act(())


def judge(statement: Statement, body: GroupBody, view: GroupView, circle: CircleView) -> Act:
    """What a statement rests on and takes away. Raises `Refused`."""
    case = GroupCase(statement, body, view, circle)
    rule = _RULES.get(type(body))
    if rule is None or statement.cosigners:
        raise Refused("not here")
    right, removes, rank = rule(case)
    seniority = view.seniority(body.person)
    assert seniority is not None  # every rule asks for a member
    return Act((may_speak(statement.author, view), right), removes, rank, seniority)


def judge_unknown(statement: Statement, view: GroupView, circle: CircleView) -> Act:
    """A kind of a later version: by a member; a critical one by an admin. Raises `Refused`."""
    persons = [person for person, _ in circle.persons_of(statement.author)]
    if circle.admission(statement.author) is None:
        raise Refused("author not active")
    claim = view.as_admin if statement.crit else view.as_member
    found = tuple(alternative for alternative in map(claim, persons) if alternative is not None)
    if not found:
        raise Refused("no right")
    return Act((may_speak(statement.author, view), found))


def may_speak(device: bytes, view: GroupView) -> Requirement:
    """The author was not cut off. Raises `Refused`."""
    if view.is_silenced(device):
        raise Refused("silenced")
    return ((Claim(("speaker", device), 0),),)


# --- the rules by kind ----------------------------------------------------------------------------------------

_B = TypeVar("_B", bound=GroupBody)
Ruling = tuple[Requirement, tuple[Subject, ...], int]


def _body(case: GroupCase, kind: type[_B]) -> _B:
    assert isinstance(case.body, kind)
    return case.body


def _check_new(members: tuple[bytes, ...], circle: CircleView) -> None:
    if len(set(members)) != len(members) or any(circle.person(person) is None for person in members):
        raise Refused("not members of the circle")


def _add(case: GroupCase) -> Ruling:
    body = _body(case, Add)
    _check_new(body.members, case.circle)
    present = {person for _, person in case.view.members()}
    if not body.members or present & set(body.members) or len(present) + len(body.members) > MAX_MEMBERS:
        raise Refused("members")
    return case.as_admin(), (), RANK_ONE


def _remove(case: GroupCase) -> Ruling:
    body = _body(case, Remove)
    named = {*body.members, *body.devices}
    if not named or len(named) != len(body.members) + len(body.devices):
        raise Refused("targets")
    if any(case.view.member(person) is None for person in body.members):
        raise Refused("not a member")
    if any(not case.circle.revokes(d) or case.view.is_silenced(d) for d in body.devices):
        raise Refused("only revoked devices are silenced")
    removes: tuple[Subject, ...] = tuple(("speaker", device) for device in body.devices)
    for person in body.members:
        removes += (("member", person), ("group admin", person))
    if all(case.circle.person(person) is None for person in body.members):
        # Only carries out what the circle decided: any member may, and it comes before what admins do.
        return case.as_member(), removes, RANK_TWO_PERSONS
    return case.as_admin(), removes, RANK_ONE


def _leave(case: GroupCase) -> Ruling:
    person = case.body.person
    return case.as_member(), (("member", person), ("group admin", person)), RANK_ONE


def _rename(case: GroupCase) -> Ruling:
    return case.as_member(), (), RANK_ONE


def _roles(case: GroupCase) -> Ruling:
    body = _body(case, Roles)
    if case.view.member(body.member) is None:
        raise Refused("not a member")
    removes: tuple[Subject, ...] = () if body.admin else (("group admin", body.member),)
    return case.as_admin(), removes, RANK_ONE


_RULES: Final[dict[type, Callable[[GroupCase], Ruling]]] = {
    Add: _add,
    Remove: _remove,
    Leave: _leave,
    RenameGroup: _rename,
    Roles: _roles,
}
