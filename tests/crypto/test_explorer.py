"""Every interleaving of two devices up to a bound, over the real session code.

Not random walks but all of them: from the start, every possible next step is taken (send, deliver any message that
is on the way, lose it, start over with a new session), until nothing is left to do. What is random is fixed by the
device and the number of its message, so steps that do not depend on each other lead to the same bytes and a state
is visited once, however many ways lead to it.

Restart and repeat are no steps but checked in every step: each is done by the live session and by the one loaded
from its rows, which must give the same bytes; and everything that was delivered comes again, and must change nothing.

How a device picks the session it sends under is what `app/core/sessions.py` does, without the store.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey

from crypto.envelope import parse
from crypto.errors import DecryptionFailed
from crypto.prekeys import Bundle, PrekeyKind
from crypto.session import Session
from crypto.skipped import MAX_CHAINS, SkippedKey
from tests.crypto.session_kit import DAY_MS, NOW_MS, Device, SeededEntropy

NAMES = ("alice", "bob")


@cache
def device(who: int) -> Device:
    return Device.create("explored " + NAMES[who], inc=1_700_000_000 + who)


@cache
def bundle(who: int) -> Bundle:
    return device(who).bundle


@cache
def encapsulated(seed: bytes, public: bytes) -> tuple[bytes, bytes]:
    return MLKEM768PublicKey.from_public_bytes(public).encapsulate()


class StepEntropy(SeededEntropy):
    """The same for the same message of a device, encapsulation included."""

    def encapsulate(self, public_key: MLKEM768PublicKey) -> tuple[bytes, bytes]:
        return encapsulated(self._seed, public_key.public_bytes_raw())


@dataclass(frozen=True)
class Held:
    """A session and its stored rows. `live` never changes: a step works on a copy."""

    live: Session
    dump: bytes
    rows: tuple[SkippedKey, ...]


@dataclass(frozen=True)
class Message:
    sender: int
    number: int
    wire: bytes

    @property
    def text(self) -> bytes:
        return f"{NAMES[self.sender]} {self.number}".encode()


@dataclass(frozen=True)
class Side:
    """One device between two steps."""

    sessions: tuple[Held, ...] = ()
    sent: int = 0
    shown: frozenset[bytes] = frozenset()

    @property
    def key(self) -> object:
        return frozenset((held.dump, held.rows) for held in self.sessions), self.sent, self.shown


@dataclass(frozen=True)
class State:
    sides: tuple[Side, Side] = (Side(), Side())
    flying: frozenset[Message] = frozenset()
    delivered: frozenset[Message] = frozenset()
    lost: frozenset[bytes] = frozenset()
    resets: int = 0

    @property
    def key(self) -> object:
        return self.sides[0].key, self.sides[1].key, self.flying, self.delivered, self.lost, self.resets

    def with_side(self, who: int, side: Side) -> State:
        return replace(self, sides=(side, self.sides[1]) if who == 0 else (self.sides[0], side))


@dataclass(frozen=True)
class Bound:
    messages: int
    """Of each device."""
    losses: int
    resets: int
    """How often a device that has a session starts over (as after a `nack`)."""
    day: int
    """How far a device's clock moves with each message it sends: a day brings the ML-KEM step."""


class Explorer:
    def __init__(self, bound: Bound) -> None:
        self.bound = bound
        self.states = 0
        self.ends = 0
        self.most_sessions = 0
        self.most_skipped = 0
        self.simultaneous = 0
        self.with_kem = 0

    def run(self) -> Explorer:
        """Visit everything. Depth first, so that little is held."""
        seen: set[object] = set()
        todo = [State()]
        while todo:
            state = todo.pop()
            if state.key in seen:
                continue
            seen.add(state.key)
            self.states += 1
            self.check(state)
            following = list(self.steps(state))
            if not following:
                self.end(state)
            todo += following
        return self

    # --- steps --------------------------------------------------------------------------------------------

    def steps(self, state: State) -> Iterator[State]:
        for who in (0, 1):
            if state.sides[who].sent < self.bound.messages:
                yield self.send(state, who)
                if state.resets < self.bound.resets and state.sides[who].sessions:
                    yield replace(self.send(state, who, fresh=True), resets=state.resets + 1)
        for message in state.flying:
            yield self.deliver(state, message)
            if len(state.lost) < self.bound.losses:
                yield replace(state, flying=state.flying - {message}, lost=state.lost | {message.text})

    def now_ms(self, side: Side) -> int:
        return NOW_MS + side.sent * self.bound.day

    def send(self, state: State, who: int, fresh: bool = False) -> State:
        side = state.sides[who]
        entropy = f"{NAMES[who]} message {side.sent}".encode()
        able = [held for held in side.sessions if held.live.can_send]
        best = None if fresh else max(able, key=lambda held: held.live.rank, default=None)
        message = Message(who, side.sent, b"")

        def encrypt(session: Session) -> bytes:
            return session.encrypt(message.text, now_ms=self.now_ms(side), entropy=StepEntropy(entropy))

        if best is None:
            session = self.start(side, who, entropy + b" start")
            wire = encrypt(session)
            held = kept(session, ())
        else:
            wire, held = both(who, best, encrypt)
        self.with_kem += parse(wire).message[2] != 0
        sessions = (*(one for one in side.sessions if one is not best), held)
        state = state.with_side(who, replace(side, sessions=sessions, sent=side.sent + 1))
        return replace(state, flying=state.flying | {replace(message, wire=wire)})

    def start(self, side: Side, who: int, entropy: bytes) -> Session:
        return Session.start(
            device(who).identity,
            bundle(1 - who),
            None,
            own_inc=device(who).inc,
            peer_inc=device(1 - who).inc,
            gen=1 + max((held.live.gen for held in side.sessions), default=0),
            entropy=StepEntropy(entropy),
            now_ms=self.now_ms(side),
        )

    def deliver(self, state: State, message: Message) -> State:
        """It opens, once, to its text, whatever came before it and whatever never came."""
        who = 1 - message.sender
        side = state.sides[who]
        held, session = find(side, who, message.wire, self.now_ms(side))
        if held is None:
            assert session.decrypt(message.wire, now_ms=self.now_ms(side)) == message.text
            after = kept(session, ())
        else:
            text, after = both(who, held, lambda one: one.decrypt(message.wire, now_ms=self.now_ms(side)))
            assert text == message.text
        assert message.text not in side.shown
        sessions = (*(one for one in side.sessions if one is not held), after)
        state = state.with_side(who, replace(side, sessions=sessions, shown=side.shown | {message.text}))
        return replace(state, flying=state.flying - {message}, delivered=state.delivered | {message})

    # --- what must hold -----------------------------------------------------------------------------------

    def check(self, state: State) -> None:
        """In every state: bounds, and nothing that was delivered opens again."""
        starts = 2 + state.resets
        for who, side in enumerate(state.sides):
            self.most_sessions = max(self.most_sessions, len(side.sessions))
            assert len(side.sessions) <= starts
            missing = self.bound.messages - sum(
                text.startswith(NAMES[1 - who].encode()) for text in side.shown
            )
            skipped = sum(len(held.rows) for held in side.sessions)
            self.most_skipped = max(self.most_skipped, skipped)
            assert skipped <= missing, "a key is kept for something that can never come"
            for held in side.sessions:
                assert len({row.chain for row in held.rows}) <= MAX_CHAINS
                assert len(held.dump) < 8_192
        for message in state.delivered:
            self.repeat(state, message)

    def repeat(self, state: State, message: Message) -> None:
        who = 1 - message.sender
        side = state.sides[who]
        held, _ = find(side, who, message.wire, self.now_ms(side))
        assert held is not None, "a handshake was forgotten"
        session = copied(held.live)
        with pytest.raises(DecryptionFailed):
            session.decrypt(message.wire, now_ms=self.now_ms(side))
        assert session.dump() == held.dump
        assert session.take_skipped_changes() == ([], [])

    def end(self, state: State) -> None:
        """Nothing left to do: the transcripts are equal but for what was lost, and both can go on."""
        self.ends += 1
        assert not state.flying
        for who, side in enumerate(state.sides):
            said = {Message(1 - who, number, b"").text for number in range(self.bound.messages)}
            assert side.shown == said - state.lost
        both_started = all(any(held.live.initiator for held in side.sessions) for side in state.sides)
        self.simultaneous += both_started
        self.go_on(state)

    def go_on(self, state: State) -> None:
        """Two rounds each way, each message delivered; then both send under the same session."""
        for turn in range(4):
            state = self.send(state, turn % 2)
            (message,) = state.flying
            state = self.deliver(state, message)
        used = [max(held.live.rank for held in side.sessions) for side in state.sides]
        assert used[0] == used[1]
        for side in state.sides:
            best = max(side.sessions, key=lambda held: held.live.rank)
            assert not best.live.awaits_reply


def find(side: Side, who: int, wire: bytes, now_ms: int) -> tuple[Held | None, Session]:
    """The session an envelope belongs to: (held, itself), or (None, one newly accepted)."""
    envelope = parse(wire)
    for held in side.sessions:
        live = held.live
        if envelope.handshake_hash == live.handshake_hash or (
            envelope.handshake is None and envelope.session_id == live.session_id
        ):
            return held, live
    assert envelope.handshake is not None
    return None, device(who).accept(envelope.handshake.raw, now_ms)


def kept(session: Session, rows: tuple[SkippedKey, ...]) -> Held:
    """Commit: the rows follow by the changes alone, as in the store."""
    added, removed = session.take_skipped_changes()
    table = {(row.chain, row.number): row for row in rows}
    table |= {(row.chain, row.number): row for row in added}
    for name in removed:
        del table[name]
    return Held(session, session.dump(), tuple(table.values()))


def both(who: int, held: Held, act: Callable[[Session], bytes]) -> tuple[bytes, Held]:
    """Do it with the live session, and after a restart: the result must not differ by a bit."""
    live, loaded = copied(held.live), Session.load(device(who).identity, held.dump, held.rows)
    result, again = act(live), act(loaded)
    assert result == again
    after, reloaded = kept(live, held.rows), kept(loaded, held.rows)
    assert (after.dump, after.rows) == (reloaded.dump, reloaded.rows)
    return result, after


def copied(session: Session) -> Session:
    """A live copy. Key objects are shared: nothing changes them."""
    twin = copy.copy(session)
    twin._ratchet = copy.copy(session._ratchet)
    skipped = twin._ratchet.skipped = copy.copy(session._ratchet.skipped)
    skipped._chains = {chain: dict(keys) for chain, keys in skipped._chains.items()}
    skipped._added, skipped._removed = dict(skipped._added), dict(skipped._removed)
    return twin


def test_the_kit_has_prekeys_of_all_kinds() -> None:
    assert {kind for kind, _ in device(0).secrets} == set(PrekeyKind)


@pytest.mark.parametrize(
    "bound",
    [
        pytest.param(Bound(messages=2, losses=1, resets=0, day=0), id="two messages each, one lost"),
        pytest.param(Bound(messages=3, losses=0, resets=0, day=DAY_MS), id="three with the ML-KEM step"),
        pytest.param(Bound(messages=2, losses=0, resets=1, day=0), id="one starts over"),
    ],
)
def test_every_interleaving_of_two_devices(bound: Bound) -> None:
    found = Explorer(bound).run()
    report(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    "bound",
    [
        pytest.param(Bound(messages=3, losses=2, resets=0, day=0), id="three messages each, two lost"),
        pytest.param(Bound(messages=4, losses=0, resets=0, day=DAY_MS), id="four with the ML-KEM step"),
        pytest.param(Bound(messages=3, losses=1, resets=1, day=DAY_MS), id="one lost, one starts over"),
    ],
)
def test_every_interleaving_of_two_devices_to_a_larger_bound(bound: Bound) -> None:
    found = Explorer(bound).run()
    report(found)


def report(found: Explorer) -> None:
    """The explorer really went where it should: shown with `pytest -s`."""
    print(
        f"{found.bound}: {found.states} states, {found.ends} ends, {found.simultaneous} with sessions of both,"
        f" at most {found.most_sessions} sessions and {found.most_skipped} skipped keys"
    )
    assert found.simultaneous
    assert found.ends > found.simultaneous
    assert found.most_skipped
    assert bool(found.with_kem) == bool(found.bound.day)
