"""Nothing lost, nothing twice: whole practices under crashes, cuts, partitions, doubled and lost frames.

A seed reproduces a run (but for ML-KEM ciphertexts, on which nothing here depends).
"""

from pathlib import Path

import pytest

from app.core import requests, views
from crypto.ids import ConversationId
from tests.scenarios.practice import Node, Practice
from tests.scenarios.test_groups import make


def build(practice: Practice) -> list[Node]:
    anna = practice.found("Anna")
    nodes = [anna, practice.join("Bert", anna), practice.join("Carl", anna, is_admin=True)]
    practice.sight()
    practice.settle()
    practice.sight()
    practice.settle()
    return nodes


def run(practice: Practice, nodes: list[Node], rounds: int) -> dict[ConversationId, set[str]]:
    """Everybody writes everywhere while everything breaks. Returns what was written, by conversation."""
    rng = practice.rng
    written: dict[ConversationId, set[str]] = {}
    group = make(nodes[0], "Alle", *nodes[1:])
    practice.crashes, practice.double_frames, practice.lose_envelopes = 0.02, 0.05, 0.05
    for number in range(rounds):
        node = rng.choice(nodes)
        places = [node.direct(other) for other in nodes if other is not node]
        known = node.ask(requests.ListConversations())
        assert isinstance(known, views.Conversations)
        if any(row.conversation == group for row in known.rows):
            places.append(group)
        place = rng.choice(places)
        text = f"{node.name} {number}"
        node.say(place, text)
        written.setdefault(place, set()).add(text)
        dice = rng.random()
        if dice < 0.06 and practice.wires:
            practice.drop(rng.choice(practice.wires))
        elif dice < 0.09:
            rng.choice(nodes).restart()
        elif dice < 0.13:
            practice.separate(rng.choice(nodes).name)
        elif dice < 0.2:
            practice.heal()
        if rng.random() < 0.5:
            practice.connect()
        for _ in range(rng.randrange(12)):
            practice.step()
        if rng.random() < 0.1:
            practice.pass_time(rng.randrange(60_000))
    practice.crashes = practice.double_frames = practice.lose_envelopes = 0.0
    practice.heal()
    for _ in range(6):
        practice.settle()
        practice.pass_time(3_700_000)
    practice.settle()
    return written


@pytest.mark.parametrize("seed", range(1, 7))
def test_every_message_is_everywhere_exactly_once(tmp_path: Path, seed: int) -> None:
    practice = Practice(tmp_path, seed)
    nodes = build(practice)
    written = run(practice, nodes, 60)
    for place, texts in written.items():
        readers = [
            node
            for node in nodes
            if any(row.conversation == place for row in _conversations(node)) and node.texts(place)
        ]
        assert len(readers) >= 2
        for node in readers:
            assert sorted(node.texts(place)) == sorted(texts), (seed, node.name)
    for node in nodes:
        assert node.status.waiting == 0
        with node.store.write() as tx:
            assert tx.queues.outbox_counts() == (0, 0)
    heads = {node.messenger.directory().circles[node.status.circle].heads for node in nodes}  # type: ignore[union-attr, index]
    assert len(heads) == 1
    practice.close()


def _conversations(node: Node) -> tuple[views.ConversationRow, ...]:
    reply = node.ask(requests.ListConversations())
    assert isinstance(reply, views.Conversations)
    return reply.rows


def test_a_failed_commit_is_as_if_nothing_had_been(practice: Practice) -> None:
    nodes = build(practice)
    anna, bert = nodes[0], nodes[1]
    place = anna.direct(bert)
    sent = anna.say(place, "eins")
    practice.settle()

    class DiskFull(Exception):
        pass

    asked = requests.SendText(conversation=place, text="nie geschrieben")
    with pytest.raises(DiskFull), anna.store.write() as tx:
        anna.messenger.request(tx, anna.now, asked)
        raise DiskFull
    anna.messenger.rolled_back()
    assert anna.texts(place) == ["eins"]
    anna.say(place, "zwei")
    practice.settle()
    assert bert.texts(bert.direct(anna)) == ["eins", "zwei"]
    assert anna.mark(sent) is views.Mark.ALL
    assert anna.status.waiting == 0


@pytest.mark.parametrize("where", ["before_commit", "after_commit"])
def test_a_crash_at_every_single_step_of_a_delivery(tmp_path: Path, where: str) -> None:
    """Kill one side at its n-th input after a message was written, for every n until all is over."""
    practice = Practice(tmp_path)
    nodes = build(practice)
    anna, bert = nodes[0], nodes[1]
    place = anna.direct(bert)
    expected = []
    for victim in (anna, bert):
        for at in range(1, 8):
            expected.append(f"{victim.name} stirbt bei {at}")
            anna.say(place, expected[-1])
            practice.cut(victim)
            practice.connect()
            inputs = 0
            while True:
                side = next(
                    (s for w in practice.wires for s in (w.a, w.b) if s.frames and s.node is victim), None
                )
                if side is not None:
                    inputs += 1
                    if inputs == at:
                        victim.crash_at = where
                if not practice.step():
                    break
                practice.connect()
            victim.crash_at = None
            practice.settle()
    assert anna.texts(place) == expected
    assert bert.texts(place) == expected
    assert anna.status.waiting == 0
    practice.close()
