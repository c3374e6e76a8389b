"""Roster, further devices, revocation, circle secret, names: over whole devices."""

import pytest

from app.core import requests, views
from app.core.circle.circle_log import CircleLog
from app.core.effects import Now, Outcome
from app.core.events import NewDeviceSeen
from app.core.people import CIRCLES
from app.core.ports import CircleSecretRow, Transaction
from app.core.views import Mark, NoticeKind, Phase
from crypto import codec
from tests.core.circle_world import World
from tests.scenarios.practice import Node, Practice
from tests.scenarios.test_groups import three


def people(node: Node) -> list[tuple[str | None, bool]]:
    reply = node.ask(requests.ListPeople())
    assert isinstance(reply, views.People)
    return [(row.name, row.revoked) for row in reply.rows]


def test_everybody_sees_the_same_people(practice: Practice) -> None:
    nodes = three(practice)
    for node in nodes:
        assert sorted(str(name) for name, _ in people(node)) == ["Anna", "Bert", "Carl"]
        assert people(node)[0][0] == node.name
        assert node.status.circle_name == "Praxis am Park"
        assert node.status.devices == 3


def test_second_device_gets_copies_and_what_is_undelivered(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    practice.separate("Bert")
    waiting = anna.say(anna.direct(bert), "wartet")
    laptop = practice.join("Bert-Laptop", anna, bert.person)
    practice.settle()
    practice.sight()
    practice.settle()
    assert laptop.texts(anna.direct(bert)) == ["wartet"]
    assert anna.mark(waiting) is Mark.SOME
    assert anna.told(NewDeviceSeen)
    assert NoticeKind.NEW_DEVICE in [row.notice.kind for row in anna.rows(anna.direct(bert)) if row.notice]
    practice.heal()
    practice.settle()
    assert anna.mark(waiting) is Mark.ALL
    bert.say(bert.direct(anna), "von der Arbeit")
    practice.settle()
    own = laptop.rows(laptop.direct(anna))[-1]
    assert own.text == "von der Arbeit" and own.own


def test_read_position_follows_to_the_other_device(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    laptop = practice.join("Bert-Laptop", anna, bert.person)
    practice.settle()
    practice.sight()
    practice.settle()
    anna.say(anna.direct(bert), "neu")
    practice.settle()
    assert laptop.status.unread == bert.status.unread == 1
    bert.ask(requests.MarkRead(conversation=bert.direct(anna)))
    practice.settle()
    assert laptop.status.unread == 0


def test_read_receipts_only_when_switched_on(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    first = anna.say(anna.direct(bert), "eins")
    practice.settle()
    bert.ask(requests.MarkRead(conversation=bert.direct(anna)))
    practice.settle()
    assert anna.mark(first) is Mark.ALL
    bert.ask(requests.PutSetting(key="receipts.read", value=b"1"))
    second = anna.say(anna.direct(bert), "zwei")
    practice.settle()
    bert.ask(requests.MarkRead(conversation=bert.direct(anna)))
    practice.settle()
    assert anna.mark(second) is Mark.READ
    assert bert.status.waiting == anna.status.waiting == 0


def test_revoked_device_is_shown_why_and_closed_out(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    conversation = carl.direct(anna)
    practice.separate("Carl")
    lost = anna.say(anna.direct(carl), "kommt nie an")
    assert bert.status.phase is Phase.READY
    assert anna.ask(requests.RevokeDevice(device=carl.device)) == views.Done()
    assert anna.mark(lost) is Mark.FAILED
    row = next(one for one in anna.rows(anna.direct(carl)) if one.message == lost.message)
    assert row.mark_reason == "device_revoked"
    assert anna.status.waiting == 0
    practice.settle()
    assert bert.status.devices == 2
    practice.heal()
    practice.settle()
    assert carl.status.phase is Phase.REVOKED
    assert not practice.linked(carl, anna) and not practice.linked(carl, bert)
    refused = carl.ask(requests.SendText(conversation=conversation, text="x"))
    assert refused == views.Failure(code="revoked")
    assert carl.rows(conversation) == ()  # its history stays readable
    assert carl.tags == ()


def test_a_revoked_device_learns_no_names_of_those_who_came_meanwhile(practice: Practice) -> None:
    anna, _, carl = three(practice)
    practice.separate("Carl")
    practice.join("Dora Neuling", anna)
    practice.separate("Carl")  # from her too
    practice.settle()
    anna.ask(requests.RevokeDevice(device=carl.device))
    practice.settle()
    practice.heal()
    start = len(practice.frames)
    practice.settle()
    assert carl.status.phase is Phase.REVOKED
    shown = [frame for _, to, frame in practice.frames[start:] if to == "Carl"]
    assert shown and not any(b"Dora" in frame for frame in shown)
    assert "Dora Neuling" not in [name for name, _ in people(carl)]


def test_revoking_a_linked_device_closes_its_link_at_once(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    assert practice.linked(anna, carl)
    anna.ask(requests.RevokeDevice(device=carl.device))
    practice.settle()
    assert carl.status.phase is Phase.REVOKED
    assert not practice.linked(anna, carl)
    assert bert.status.devices == 2


def test_the_circle_secret_changes_with_a_revocation(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    before = anna.messenger.membership()
    assert before is not None
    practice.separate("Carl")
    anna.ask(requests.RevokeDevice(device=carl.device))
    practice.settle()
    after = [node.messenger.membership() for node in (anna, bert)]
    assert after[0] is not None and after[1] is not None
    assert after[0].secrets[0] == after[1].secrets[0] != before.secrets[0]
    assert before.secrets[0] in after[0].secrets
    practice.sight()
    carl_sees = carl.messenger.membership()
    assert carl_sees is not None and carl_sees.secrets[0] == before.secrets[0]


def test_a_device_that_was_away_gets_the_new_secret_later(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    dora = practice.join("Dora", anna)
    practice.settle()
    practice.sight()
    practice.settle()
    practice.separate("Dora")
    anna.ask(requests.RevokeDevice(device=carl.device))
    practice.settle()
    practice.heal()
    practice.settle()
    held = [node.messenger.membership() for node in (anna, bert, dora)]
    assert len({one.secrets[0] for one in held if one is not None}) == 1


def test_roles_and_last_admin(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    assert bert.ask(requests.RevokeDevice(device=carl.device)) == views.Failure(code="not_admin")
    assert anna.ask(requests.SetRole(person=anna.person, admin=False)) == views.Failure(code="last_admin")
    assert anna.ask(requests.SetRole(person=bert.person, admin=True)) == views.Done()
    practice.settle()
    assert bert.status.admin and bert.status.admins == 2
    assert bert.ask(requests.RevokeDevice(device=carl.device)) == views.Done()
    practice.settle()
    assert anna.status.devices == 2


def test_names_change_for_everybody(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    bert.ask(requests.RenamePerson(person=bert.person, name="Dr. Bert", role="Ärztin"))
    practice.settle()
    assert "Dr. Bert" in [name for name, _ in people(carl)]
    assert anna.conversation(anna.direct(bert)).title == "Dr. Bert"
    assert bert.ask(requests.RenamePerson(person=carl.person, name="X", role="")) == views.Failure(
        code="not_admin"
    )


def test_safety_numbers_agree(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    one = anna.ask(requests.SafetyNumber(device=bert.device))
    other = bert.ask(requests.SafetyNumber(device=anna.device))
    assert isinstance(one, views.SafetyNumberView) and isinstance(other, views.SafetyNumberView)
    assert one.digits == other.digits and len(one.digits) == 60
    anna.ask(requests.MarkVerified(device=bert.device, verified=True))
    reply = anna.ask(requests.ListPeople())
    assert isinstance(reply, views.People)
    row = next(row for row in reply.rows if row.name == "Bert")
    assert row.devices[0].verified


def test_a_full_roster_is_a_refusal_and_changes_nothing(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, bert, _ = three(practice)
    monkeypatch.setattr("app.core.circle.log.MAX_OF_MEMBER", 1)
    rename = requests.RenamePerson(person=bert.person, name="Bert der Erste", role="Arzt")
    assert isinstance(bert.ask(rename), views.Done)
    again = requests.RenamePerson(person=bert.person, name="Bert der Zweite", role="Arzt")
    assert bert.ask(again) == views.Failure(code="roster_full")
    practice.settle()
    assert ("Bert der Erste", False) in people(anna)
    assert ("Bert der Erste", False) in people(bert)


def test_membership_names_a_secret_for_every_colleague(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    membership = anna.messenger.membership()
    assert membership is not None
    assert {bert.device, carl.device} <= membership.shared.keys()
    assert set(membership.shared.values()) == {membership.secrets[0]}
    anna.ask(requests.RevokeDevice(device=carl.device))
    later = anna.messenger.membership()
    assert later is not None
    assert carl.device not in later.shared
    assert later.shared[bert.device] == later.secrets[0] != membership.secrets[0]


def test_a_colleague_of_another_circle_has_that_circles_secret(practice: Practice) -> None:
    anna = practice.found("Anna")
    other = World()
    there = other.newcomer()
    with anna.store.write() as tx:
        there.identity = anna.messenger.identity(tx)
    other.founder.admit(there)
    home, secret = anna.status.circle, b"o" * 32

    def call(tx: Transaction, now: Now) -> Outcome:
        log = CircleLog(other.circle)
        for one in other.founder.log.dag.statements:
            log.add(tx.statements, one.wire, (), now.wall_ms)
        tx.secrets.put(
            CircleSecretRow(
                circle=other.circle, epoch=other.circle, secret=secret, lamport=1, received_ms=now.wall_ms
            )
        )
        tx.values.put(CIRCLES, codec.encode([home, other.circle]))
        return Outcome()

    anna.run(call)
    anna.restart()
    membership = anna.messenger.membership()
    assert membership is not None
    assert membership.shared[other.founder.device] == secret != membership.secrets[0]
