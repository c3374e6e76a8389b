"""Who may say what in a circle: each statement is judged by its own causal past alone (protocol 1, 11.1, 11.2).

The judgement is the same on every device and for all time; what concurrent removals take away later is the
matter of `standing.py`.
"""

from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from app.core.circle import bodies
from app.core.circle.bodies import Body, Role, Subject
from app.core.circle.errors import Refused
from app.core.circle.facts import CircleView
from app.core.circle.standing import (
    RANK_ONE,
    RANK_RECOVERY,
    RANK_TWO_PERSONS,
    Act,
    Alternative,
    Claim,
    Requirement,
)
from app.core.circle.standing import Subject as Held
from crypto.errors import InvalidKey, InvalidSignature
from crypto.identity import DevicePublic, verify
from crypto.kdf import Label
from crypto.keys import ed25519_public
from crypto.statement import Statement, recovery_author

OWN_LINKS: Final = "own_links"
"""Policy: a person's device may link further devices of that person without an admin (section 11.2)."""

_BY_RECOVERY: Final = (bodies.Admit, bodies.Link, bodies.SetRole, bodies.Revoke, bodies.Recovery)
_COSIGNED: Final = (bodies.Revoke, bodies.SetRole, bodies.Unlink, bodies.Recovery)


class Case:
    """One statement with its body and what held in its own past."""

    def __init__(self, statement: Statement, body: Body | None, circle: bytes, view: CircleView) -> None:
        self.statement = statement
        self.body = body
        self.circle = circle
        self.view = view
        self.by_recovery = statement.author in view.facts.recovery_authors
        self.author_ground = self._author_ground()

    def _author_ground(self) -> int:
        if self.by_recovery:
            index, key = self.view.recovery()
            if recovery_author(key) != self.statement.author:
                raise Refused("recovery key replaced")
            return index
        index_ = self.view.admission(self.statement.author)
        if index_ is None:
            raise Refused("author not active")
        return index_

    def author_claim(self) -> Requirement:
        """The author is active."""
        subject = "recovery" if self.by_recovery else "device"
        return ((Claim((subject, self.statement.author), self.author_ground),),)

    def as_admin(self) -> Requirement:
        """The author is an admin (or the recovery key, where the caller lets it)."""
        if self.by_recovery:
            return self.author_claim()
        return _some(self.view.as_role(self.statement.author, Role.ADMIN).values(), "not an admin")

    def as_admin_or_person(self, person: bytes) -> Requirement:
        """An admin, or a device of this person."""
        if self.by_recovery:
            return self.author_claim()
        alternatives = list(self.view.as_role(self.statement.author, Role.ADMIN).values())
        own = self.view.as_person(self.statement.author, person)
        return _some([*alternatives, own] if own else alternatives, "neither admin nor own")


def _some(alternatives: Iterable[Alternative], why: str) -> Requirement:
    found = tuple(alternatives)
    if not found:
        raise Refused(why)
    return found


def judge(statement: Statement, body: Body | None, circle: bytes, view: CircleView) -> Act:
    """What the statement rests on and takes away. `body` None: the kind is unknown. Raises `Refused`."""
    case = Case(statement, body, circle, view)
    if case.by_recovery and not isinstance(body, _BY_RECOVERY):
        raise Refused("not for the recovery key")
    rule = _RULES.get(type(body))
    if rule is None:
        raise Refused("not here")
    right, removes = rule(case)
    requirements = [case.author_claim(), right]
    rank = RANK_RECOVERY if case.by_recovery else RANK_ONE
    if statement.cosigners and body is not None:
        requirements += _cosigned(case)
        rank = RANK_TWO_PERSONS
    if isinstance(body, bodies.Recovery):
        requirements.append(_recovery_slot(case))
    seniority = (*view.order(case.author_ground), 0)
    return Act(tuple(requirements), removes, rank, seniority)


def judge_found(statement: Statement, body: Body | None) -> Act:
    """The first statement speaks for itself. Raises `Refused`."""
    if not isinstance(body, bodies.Found) or statement.cosigners:
        raise Refused("not a found")
    if statement.author != body.device.device_id:
        raise Refused("founder")
    return Act(())


def _cosigned(case: Case) -> list[Requirement]:
    """Admins of two persons agree (section 11.1). A co-signer removed by then undoes the agreement too."""
    if case.by_recovery or not isinstance(case.body, _COSIGNED):
        raise Refused("co-signed without need")
    persons = set(case.view.as_role(case.statement.author, Role.ADMIN))
    if not persons:
        raise Refused("co-signed, but not by an admin")
    requirements: list[Requirement] = []
    for cosigner in case.statement.cosigners:
        ground = case.view.admission(cosigner)
        if ground is None:
            raise Refused("co-signer not active")
        admins = case.view.as_role(cosigner, Role.ADMIN)
        requirements.append(((Claim(("device", cosigner), ground),),))
        requirements.append(_some(admins.values(), "co-signer not an admin"))
        persons.update(admins)
    if len(persons) < 2:
        raise Refused("co-signed by one person")
    return requirements


def _recovery_slot(case: Case) -> Requirement:
    """The key that is replaced must still be in force: of two replacements one takes effect."""
    index, key = case.view.recovery()
    return ((Claim(("recovery", recovery_author(key)), index),),)


# --- the rules by kind: what the author needs, and what the statement takes away -----------------------------

_B = TypeVar("_B", bound=Body)
Ruling = tuple[Requirement, tuple[Held, ...]]


def _body(case: Case, kind: type[_B]) -> _B:
    assert isinstance(case.body, kind)
    return case.body


def _unknown(case: Case) -> Ruling:
    """A kind of a later version; a critical one stops evaluation and is therefore for admins alone."""
    return (case.as_admin() if case.statement.crit else case.author_claim()), ()


def _admit(case: Case) -> Ruling:
    body = _body(case, bodies.Admit)
    if case.view.person(body.person) is not None:
        raise Refused("already a member")
    if body.enrolment is not None:
        _check_enrolment(case, body, body.enrolment)
    _check_newcomer(case, body.device)
    return case.as_admin(), ()


def _check_newcomer(case: Case, device: DevicePublic) -> None:
    name = device.device_id
    if case.view.revokes(name):
        raise Refused("revoked device")
    known = case.view.facts.devices.get(name)
    if known is not None and (known.dik, known.ik) != (device.dik, device.ik):
        raise Refused("another device of this name")


def _check_enrolment(case: Case, body: bodies.Admit, enrolment: bodies.Enrolment) -> None:
    index = case.view.statement(enrolment.enrol)
    enrol = None if index is None or not case.view.holds(index) else case.view.facts.bodies[index]
    if not isinstance(enrol, bodies.Enrol) or body.role != Role.MEMBER:
        raise Refused("no such enrolment")
    newest = case.view.enrolment(enrol.key)
    if newest is None or newest.max == 0 or case.statement.time_ms > newest.expires_s * 1000:
        raise Refused("enrolment ended")


def _link(case: Case) -> Ruling:
    body = _body(case, bodies.Link)
    if case.view.person(body.person) is None:
        raise Refused("not a member")
    _check_newcomer(case, body.device)
    if case.view.link(body.person, body.device.device_id) is not None:
        raise Refused("already linked")
    if case.view.setting(OWN_LINKS) is True:
        return case.as_admin_or_person(body.person), ()
    return case.as_admin(), ()


def _unlink(case: Case) -> Ruling:
    body = _body(case, bodies.Unlink)
    if case.view.link(body.person, body.device) is None:
        raise Refused("not linked")
    return case.as_admin_or_person(body.person), (("link", body.person, body.device),)


def _revoke(case: Case) -> Ruling:
    body = _body(case, bodies.Revoke)
    if not (body.devices or body.persons) or len({*body.devices, *body.persons}) != len(
        body.devices + body.persons
    ):
        raise Refused("targets")
    if any(not case.view.is_known(device) or case.view.revokes(device) for device in body.devices):
        raise Refused("no such device")
    if any(case.view.person(person) is None for person in body.persons):
        raise Refused("no such person")
    removes: tuple[Held, ...]
    removes = tuple(("device", d) for d in body.devices) + tuple(("person", p) for p in body.persons)
    if not body.secret:
        if body.devices != (case.statement.author,) or body.persons:
            raise Refused("no new secret")
        return case.author_claim(), removes  # a device resigns; it may not know the next secret
    if len(body.secret) != 32 or case.statement.author in body.devices:
        raise Refused("secret")
    if case.by_recovery:
        return case.author_claim(), removes
    admins = list(case.view.as_role(case.statement.author, Role.ADMIN).values())
    home_admins = case.view.as_role(case.statement.author, Role.HOME_ADMIN)
    at_home = [claims for person, claims in home_admins.items() if _same_home(case, body, person)]
    return _some(admins + at_home, "may not revoke"), removes


def _same_home(case: Case, body: bodies.Revoke, person: bytes) -> bool:
    """Whether everything that is revoked has the same home as this person (section 11.12)."""
    homes = {case.view.home(target) for target in body.persons}
    for device in body.devices:
        linked = case.view.persons_of(device)
        homes |= {case.view.home(owner) for owner, _ in linked} or {None}
    return homes == {case.view.home(person)}


def _rename(case: Case) -> Ruling:
    body = _body(case, bodies.Rename)
    for value in (body.name, body.role_text):
        if len(value) not in (0, 32):
            raise Refused("commitment")
    if not (body.name or body.role_text) or (body.role_text and body.subject != Subject.PERSON):
        raise Refused("nothing renamed")
    if body.subject == Subject.CIRCLE:
        if body.id:
            raise Refused("circle")
        return case.as_admin(), ()
    if body.subject == Subject.PERSON:
        if case.view.person(body.id) is None:
            raise Refused("no such person")
        return case.as_admin_or_person(body.id), ()
    if case.view.admission(body.id) is None:
        raise Refused("no such device")
    if body.id == case.statement.author:
        return case.author_claim(), ()
    return case.as_admin(), ()


def _set_role(case: Case) -> Ruling:
    body = _body(case, bodies.SetRole)
    if case.view.person(body.person) is None:
        raise Refused("no such person")
    if case.by_recovery and body.role != Role.ADMIN:
        raise Refused("the recovery key appoints only")
    removes = tuple(("role", body.person, int(role)) for role in Role if role > body.role)
    return case.as_admin(), removes


def _inbox(case: Case) -> Ruling:
    body = _body(case, bodies.InboxChange)
    if len(body.name) not in (0, 32) or set(body.add) & set(body.remove):
        raise Refused("inbox")
    if case.view.facts.persons.get(body.inbox):
        raise Refused("a person's id")
    return case.as_admin(), ()


def _policy(case: Case) -> Ruling:
    body = _body(case, bodies.Policy)
    keys = [key for key, _ in body.settings]
    if not keys or len(set(keys)) != len(keys):
        raise Refused("settings")
    return case.as_admin(), ()


def _recovery(case: Case) -> Ruling:
    body = _body(case, bodies.Recovery)
    _, current = case.view.recovery()
    if case.view.knows_recovery(body.key):
        raise Refused("not a new key")
    if not case.by_recovery and not case.statement.cosigners:
        raise Refused("one admin cannot replace the recovery key")
    return case.as_admin(), (("recovery", recovery_author(current)),)


def _enrol(case: Case) -> Ruling:
    return case.as_admin(), ()


def _rotate(case: Case) -> Ruling:
    return case.as_admin(), ()


_RULES: Final[dict[type, Callable[[Case], Ruling]]] = {
    type(None): _unknown,
    bodies.Admit: _admit,
    bodies.Link: _link,
    bodies.Unlink: _unlink,
    bodies.Revoke: _revoke,
    bodies.Rename: _rename,
    bodies.SetRole: _set_role,
    bodies.InboxChange: _inbox,
    bodies.Policy: _policy,
    bodies.Recovery: _recovery,
    bodies.Enrol: _enrol,
    bodies.Rotate: _rotate,
}


# --- what only has to be checked once, before a statement is stored ------------------------------------------


def check_proofs(body: Body | None, circle: bytes, view: CircleView | None) -> None:
    """Keys and signatures inside a body. Raises `Refused`."""
    try:
        if isinstance(body, bodies.Found):
            body.device.check()
            ed25519_public(body.recovery)
        elif isinstance(body, bodies.Admit | bodies.Link):
            body.device.check()
            verify(body.device.dik, body.consent, Label.CONSENT, circle, body.person)
            if isinstance(body, bodies.Admit) and body.enrolment is not None and view is not None:
                _check_token(body, body.enrolment, circle, view)
        elif isinstance(body, bodies.Recovery | bodies.Enrol):
            ed25519_public(body.key)
    except (InvalidKey, InvalidSignature) as exc:
        raise Refused("proof") from exc


def _check_token(body: bodies.Admit, enrolment: bodies.Enrolment, circle: bytes, view: CircleView) -> None:
    index = view.statement(enrolment.enrol)
    enrol = None if index is None else view.facts.bodies[index]
    if not isinstance(enrol, bodies.Enrol):
        raise Refused("no such enrolment")
    fields = circle, body.person, body.device.device_id
    verify(enrol.key, enrolment.proof, Label.ENROLMENT_PROOF, *fields)
