"""What a newcomer gets on the pairing link: any roster whole, and the rest as ordinary gossip."""

import pytest

from app.core import limits, people
from app.core.circle.log import Outcome as Taken
from app.core.effects import Now, Outcome
from app.core.ports import Transaction
from app.core.work import Work
from app.handover import Collector, pieces
from crypto.errors import DecodeError
from crypto.statement import MAX_RAW_BYTES, DeviceSigner
from tests.core.circle_world import raw_statement
from tests.scenarios.practice import Node, Practice
from tests.scenarios.test_groups import three


def age(node: Node, statements: int) -> None:
    """A long life at once: large statements of a kind that only later versions know."""

    def call(tx: Transaction, now: Now) -> Outcome:
        work = Work(node.messenger._state, node.entropy, tx, now)
        people.load(work)
        one = work.cache.circles[work.home]
        signer = DeviceSigner(work.own)
        for _ in range(statements):
            parents, lamport = one.parents()
            last = one.get(parents[0])
            assert last is not None
            made = raw_statement(
                last.statement,
                signer,
                bytes(MAX_RAW_BYTES - 200),
                chain=one.circle,
                parents=parents,
                author=work.own_id,
                lamport=lamport,
                kind="later",
                crit=False,
            )
            assert one.add(tx.statements, made.wire, (), now.wall_ms).outcome is Taken.ADDED
        people.rebuild(work)
        return Outcome()

    node.run(call)


def test_a_roster_beyond_8_mib_lets_newcomers_in(practice: Practice) -> None:
    anna = practice.found("Anna")
    age(anna, 2_200)
    bert = practice.join("Bert", anna)
    assert bert.status.circle == anna.status.circle
    bert.say(bert.direct(anna), "da")
    practice.settle()
    assert anna.texts(anna.direct(bert)) == ["da"]


def test_bundles_that_do_not_fit_come_later(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, bert, _ = three(practice)
    monkeypatch.setattr(limits, "MAX_BUNDLES", 1)
    monkeypatch.setattr(limits, "MAX_HANDOVER_BYTES", 6_000)
    dora = practice.join("Dora", anna)
    with dora.store.write() as tx:
        assert len(tx.sessions.bundles()) < 4
    practice.settle()
    dora.say(dora.direct(bert), "da")
    practice.settle()
    assert bert.texts(bert.direct(dora)) == ["da"]


def test_a_hand_over_beyond_its_limit_is_refused_at_its_first_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    first = next(pieces([bytes(9_000), bytes(9_000)]))
    monkeypatch.setattr(limits, "MAX_HANDOVER_BYTES", 18_000)
    with pytest.raises(DecodeError):
        Collector().add(first)
