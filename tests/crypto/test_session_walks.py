"""Random walks over a whole session: reordering, loss, repeats, restarts, forgery, time (attacks 12, 13, 16, 19).

What must hold: a delivered message opens exactly once and to its own text, whatever came before; a refusal
changes nothing; only what a bound dropped is lost. The ML-KEM step is on and happens many times per walk.
"""

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from crypto.envelope import PREFIX_BYTES, parse
from crypto.errors import DecryptionFailed
from crypto.ratchet_header import ANSWER, OFFER
from crypto.session import Session
from crypto.skipped import MAX_AGE_MS, MAX_CHAINS, MAX_SKIPPED_KEYS
from tests.crypto.session_kit import NOW_MS, Device, Store, fresh_pair, refused

HOUR_MS = 3600 * 1000


@dataclass
class Sent:
    plaintext: bytes
    wire: bytes
    chain: bytes
    sent_ms: int


@dataclass
class Side:
    """One side with its rows, and what is on the way to it."""

    device: Device
    session: Session
    store: Store
    inbox: list[Sent] = field(default_factory=list)
    done: list[Sent] = field(default_factory=list)
    chains: list[bytes] = field(default_factory=list)

    def lost_to_a_bound(self, sent: Sent, now_ms: int) -> bool:
        """Whether the message's key may be gone: five newer chains, or 30 days."""
        behind = len(self.chains) - self.chains.index(sent.chain) if sent.chain in self.chains else 0
        return behind > MAX_CHAINS or now_ms - sent.sent_ms > MAX_AGE_MS


class World:
    """Two sides and the clock; every operation ends with both sides equal to their rows."""

    def __init__(self, seed: str) -> None:
        pair = fresh_pair(seed)
        self.now_ms = NOW_MS
        self.alice = Side(pair.alice, pair.a, Store(pair.alice, pair.a))
        self.bob = Side(pair.bob, pair.b, Store(pair.bob, pair.b))
        self.count = 0
        self.flags = 0

    def sides(self, from_alice: bool) -> tuple[Side, Side]:
        return (self.alice, self.bob) if from_alice else (self.bob, self.alice)

    def send(self, from_alice: bool, size: int) -> None:
        sender, receiver = self.sides(from_alice)
        self.count += 1
        plaintext = b"%d:" % self.count + bytes(size)
        wire = sender.session.encrypt(plaintext, now_ms=self.now_ms, entropy=sender.device.entropy)
        message = parse(wire).message
        self.flags |= message[2]
        receiver.inbox.append(Sent(plaintext, wire, message[3:35], self.now_ms))
        sender.store.save(sender.session)

    def deliver(self, to_alice: bool, place: int, keep: bool = False) -> None:
        receiver, _ = self.sides(to_alice)
        if not receiver.inbox:
            return
        place %= len(receiver.inbox)
        sent = receiver.inbox.pop(place)
        try:
            plaintext = receiver.session.decrypt(sent.wire, now_ms=self.now_ms)
        except DecryptionFailed:
            assert receiver.lost_to_a_bound(sent, self.now_ms)
            return
        assert plaintext == sent.plaintext
        if sent.chain not in receiver.chains:
            receiver.chains.append(sent.chain)
        receiver.done.append(sent)
        if not keep:
            receiver.store.save(receiver.session)

    def repeat(self, to_alice: bool, place: int) -> None:
        receiver, _ = self.sides(to_alice)
        if receiver.done:
            wire = receiver.done[place % len(receiver.done)].wire
            refused(receiver.session, wire, self.now_ms)

    def forge(self, to_alice: bool, place: int, bit: int) -> None:
        receiver, _ = self.sides(to_alice)
        if receiver.inbox:
            wire = bytearray(receiver.inbox[place % len(receiver.inbox)].wire)
            wire[bit // 8 % len(wire)] ^= 1 << bit % 8
            refused(receiver.session, bytes(wire), self.now_ms)

    def drop(self, to_alice: bool, place: int) -> None:
        receiver, _ = self.sides(to_alice)
        if receiver.inbox:
            receiver.inbox.pop(place % len(receiver.inbox))

    def restart(self, alice: bool) -> None:
        side, _ = self.sides(alice)
        side.session = side.store.load()

    def crash_before_commit(self, to_alice: bool, place: int) -> None:
        """Decrypted but not persisted: after the restart the same bytes come again."""
        receiver, _ = self.sides(to_alice)
        if not receiver.inbox:
            return
        chains, done = list(receiver.chains), list(receiver.done)
        sent = receiver.inbox[place % len(receiver.inbox)]
        self.deliver(to_alice, place, keep=True)
        receiver.session, receiver.chains, receiver.done = receiver.store.load(), chains, done
        receiver.inbox.append(sent)

    def check(self) -> None:
        for side in (self.alice, self.bob):
            keys = list(side.session._ratchet.skipped)
            assert len(keys) <= MAX_SKIPPED_KEYS
            assert len({key.chain for key in keys}) <= MAX_CHAINS
            assert {(key.chain, key.number): key for key in keys} == side.store.rows
            assert side.session.dump() == side.store.dump

    def heal(self) -> None:
        """After all trouble the session still works both ways."""
        for side in (self.alice, self.bob):
            side.inbox.clear()
        for _ in range(3):
            for from_alice in (True, False):
                self.send(from_alice, 10)
                _, receiver = self.sides(from_alice)
                before = len(receiver.done)
                self.deliver(not from_alice, 0)
                assert len(receiver.done) == before + 1


def step(world: World, rnd: random.Random) -> None:
    way, place = rnd.random() < 0.5, rnd.randrange(1 << 16)
    what = rnd.random()
    if what < 0.38:
        world.send(way, rnd.choice([0, 10, 300]))
    elif what < 0.76:
        world.deliver(way, 0 if rnd.random() < 0.7 else place)
    elif what < 0.80:
        world.repeat(way, place)
    elif what < 0.85:
        world.forge(way, place, rnd.randrange(1 << 16))
    elif what < 0.88:
        world.drop(way, place)
    elif what < 0.92:
        world.restart(way)
    elif what < 0.95:
        world.crash_before_commit(way, place)
    else:
        world.now_ms += rnd.choice([1, HOUR_MS, 8 * HOUR_MS])


@pytest.mark.parametrize("seed", range(20))
def test_seeded_walk(seed: int) -> None:
    world, rnd = World(f"walk {seed}"), random.Random(seed)
    for _ in range(700):
        step(world, rnd)
        world.check()
    assert world.flags == OFFER | ANSWER
    assert len(world.alice.done) + len(world.bob.done) > 60
    world.heal()


class SessionMachine(RuleBasedStateMachine):
    """The same operations, chosen and shrunk by hypothesis."""

    @initialize(seed=st.integers(0, 3))
    def begin(self, seed: int) -> None:
        self.world = World(f"machine {seed}")

    @rule(way=st.booleans(), size=st.sampled_from([0, 1, 300]))
    def send(self, way: bool, size: int) -> None:
        self.world.send(way, size)

    @rule(way=st.booleans(), count=st.integers(1, 40))
    def send_many(self, way: bool, count: int) -> None:
        for _ in range(count):
            self.world.send(way, 0)

    @rule(way=st.booleans(), place=st.integers(0, 50))
    def deliver(self, way: bool, place: int) -> None:
        self.world.deliver(way, place)

    @rule(way=st.booleans())
    def deliver_newest(self, way: bool) -> None:
        self.world.deliver(way, -1)

    @rule(way=st.booleans(), place=st.integers(0, 50))
    def repeat(self, way: bool, place: int) -> None:
        self.world.repeat(way, place)

    @rule(way=st.booleans(), place=st.integers(0, 50), bit=st.integers(0, 8 * (PREFIX_BYTES + 2400)))
    def forge(self, way: bool, place: int, bit: int) -> None:
        self.world.forge(way, place, bit)

    @rule(way=st.booleans())
    def restart(self, way: bool) -> None:
        self.world.restart(way)

    @rule(way=st.booleans(), place=st.integers(0, 50))
    def crash_before_commit(self, way: bool, place: int) -> None:
        self.world.crash_before_commit(way, place)

    @rule(hours=st.integers(1, 24 * 31))
    def wait(self, hours: int) -> None:
        self.world.now_ms += hours * HOUR_MS

    @invariant()
    def rows_hold_everything(self) -> None:
        if hasattr(self, "world"):
            self.world.check()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.heal()


SessionMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=60, deadline=None)
test_session_machine = SessionMachine.TestCase
