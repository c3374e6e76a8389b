"""Sessions as a whole: persistence, handshake headers, two at once (protocol 11.4, 11.5; attacks 6, 10, 13)."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.codec import decode, encode
from crypto.envelope import INITIAL, MESSAGE, initial_prefix, parse, prefix
from crypto.errors import CryptoError, DecodeError, DecryptionFailed
from crypto.ids import SessionId
from crypto.prekeys import MAX_INC
from crypto.session import Session
from tests.crypto.session_kit import (
    NOW_MS,
    Device,
    Pair,
    Store,
    fresh_pair,
    refused,
    settled_pair,
    snapshot,
)

# --- the handshake header in every envelope until a reply ---------------------------------------------------


def test_every_envelope_carries_the_handshake_until_a_reply() -> None:
    pair = fresh_pair()
    wires = [pair.to_bob(b"%d" % number) for number in range(5)]
    assert {parse(wire).handshake_hash for wire in wires} == {pair.b.handshake_hash}
    assert all(wire[1] == INITIAL for wire in wires)
    waits = [pair.a.awaits_reply]
    assert pair.at_alice(pair.to_alice()) == b"to alice"
    assert [*waits, pair.a.awaits_reply] == [True, False]
    wire = pair.to_bob()
    assert (wire[1], parse(wire).handshake) == (MESSAGE, None)
    for number in (4, 0, 2, 1, 3):
        assert pair.at_bob(wires[number]) == b"%d" % number
    assert pair.at_bob(wire) == b"to bob"


def test_attack_51_envelope_2_before_envelope_1() -> None:
    alice, bob = Device.create("alice"), Device.create("bob")
    session = alice.start(bob)
    wires = [session.encrypt(b"%d" % n, now_ms=NOW_MS, entropy=alice.entropy) for n in range(3)]
    accepted, plaintext = bob.receive(wires[1])
    assert plaintext == b"1"
    assert accepted.decrypt(wires[0], now_ms=NOW_MS) == b"0"
    assert accepted.decrypt(wires[2], now_ms=NOW_MS) == b"2"
    for wire in wires:
        refused(accepted, wire, NOW_MS)


def test_a_failed_reply_does_not_end_the_handshake_header() -> None:
    pair = fresh_pair()
    reply = pair.to_alice()
    refused(pair.a, reply[:-1] + bytes((reply[-1] ^ 1,)), pair.now_ms)
    assert pair.a.awaits_reply
    assert pair.to_bob()[1] == INITIAL


def test_the_header_in_an_initial_envelope_must_be_the_sessions_own() -> None:
    pair = fresh_pair()
    wire = pair.to_bob()
    other = pair.alice.start(pair.bob).encrypt(b"x", now_ms=NOW_MS, entropy=pair.alice.entropy)
    envelope, foreign = parse(wire), parse(other)
    assert envelope.handshake is not None
    assert foreign.handshake is not None
    mixed = initial_prefix(envelope.session_id, foreign.handshake.raw) + envelope.message
    refused(pair.b, mixed, pair.now_ms)
    stripped = prefix(MESSAGE, envelope.session_id) + envelope.message
    refused(pair.b, stripped, pair.now_ms)
    raw = envelope.handshake.raw
    moved = initial_prefix(SessionId(bytes(32)), raw) + envelope.message
    refused(pair.b, moved, pair.now_ms)
    assert pair.at_bob(wire) == b"to bob"


def test_the_initiator_takes_no_initial_envelope() -> None:
    """Neither a type 2 message in type 1 clothes nor an authentic one of type 1."""
    pair = settled_pair()
    reply = parse(pair.to_alice())
    header = pair.a.header
    assert header is not None
    refused(pair.a, initial_prefix(reply.session_id, header.raw) + reply.message, pair.now_ms)
    pair.b._handshake = header.raw  # a hostile Bob acts the initiator
    pair.b._out = initial_prefix(reply.session_id, header.raw)
    wire = pair.to_alice()
    assert wire[1] == INITIAL
    refused(pair.a, wire, pair.now_ms)


def test_accept_proves_nothing() -> None:
    """Whoever knows the public keys can write a header: only a message that opens makes a session."""
    alice, bob = Device.create("alice"), Device.create("bob")
    session = alice.start(bob)
    wire = session.encrypt(b"first", now_ms=NOW_MS, entropy=alice.entropy)
    header = parse(wire).handshake
    assert header is not None
    accepted = bob.accept(header.raw)
    refused(accepted, wire[:-1] + bytes((wire[-1] ^ 1,)), NOW_MS)
    assert not accepted.can_send


# --- stored state ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [fresh_pair, settled_pair])
def test_a_session_survives_dump_and_load(make: Callable[[], Pair]) -> None:
    pair = make()
    late = [pair.to_bob(b"late"), pair.to_bob(b"later")]
    pair.at_bob(pair.to_bob())
    before = (pair.a.rank, pair.a.peer, pair.a.created_ms, pair.a.awaits_reply, pair.a.handshake_hash)
    pair.a = Store(pair.alice, pair.a).load()
    store = Store(pair.bob, pair.b)
    pair.b = store.load()
    after = (pair.a.rank, pair.a.peer, pair.a.created_ms, pair.a.awaits_reply, pair.a.handshake_hash)
    assert before == after
    assert pair.a.header is None
    assert pair.b.dump() == store.dump
    assert pair.at_bob(late[1]) == b"later"
    assert pair.at_bob(late[0]) == b"late"
    for _ in range(3):
        pair.round()


def test_attack_13_restart_after_every_step() -> None:
    """Both sides live only in their rows, reordered; state after a restart equals the live one."""
    pair = fresh_pair()
    a_store, b_store = Store(pair.alice, pair.a), Store(pair.bob, pair.b)
    rnd = random.Random(5)
    to_a: list[bytes] = []
    to_b: list[bytes] = []
    for _ in range(120):
        a, b = a_store.load(), b_store.load()
        assert (a.dump(), b.dump()) == (a_store.dump, b_store.dump)
        match rnd.randrange(4):
            case 0:
                to_b.append(a.encrypt(b"to bob", now_ms=NOW_MS, entropy=pair.alice.entropy))
            case 1:
                to_a.append(b.encrypt(b"to alice", now_ms=NOW_MS, entropy=pair.bob.entropy))
            case 2 if to_b:
                wire = to_b.pop(rnd.randrange(min(4, len(to_b))))
                assert b.decrypt(wire, now_ms=NOW_MS) == b"to bob"
            case 3 if to_a:
                wire = to_a.pop(rnd.randrange(min(4, len(to_a))))
                assert a.decrypt(wire, now_ms=NOW_MS) == b"to alice"
        a_store.save(a)
        b_store.save(b)


def test_damaged_state_is_a_decode_error() -> None:
    pair = settled_pair()
    pair.round()
    dump = pair.a.dump()
    fields = decode(list, dump, max_bytes=1 << 16)
    broken = [b"", dump[:-1], dump + b"\0", b"\xc1" + dump, bytes(1 << 15)]
    broken.append(encode([2, *fields[1:]]))  # a later format
    broken.append(encode([*fields, 0]))
    broken.append(encode([*fields[:3], [*fields[3][:2], b"short", *fields[3][3:]]]))
    for data in broken:
        with pytest.raises(DecodeError):
            Session.load(pair.alice.identity, data, ())


def test_another_device_cannot_use_the_state() -> None:
    """The identities are associated data: a copied row does not work under another identity."""
    pair = settled_pair()
    stolen = Session.load(Device.create("eve").identity, pair.b.dump(), ())
    refused(stolen, pair.to_bob(), NOW_MS)


# --- several sessions of one pair -------------------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(st.integers(0, 2 * MAX_INC), st.integers(0, MAX_INC), st.binary(min_size=32, max_size=32))
    )
)
def test_rank_bytes_sort_like_the_numbers(ranks: list[tuple[int, int, bytes]]) -> None:
    """11.4: (inc_A + inc_B, gen, session id)."""
    pair = settled_pair()
    made = []
    for total, gen, session_id in ranks:
        fixed = pair.a._fixed
        own_inc = total // 2
        fields = (fixed.initiator, SessionId(session_id), fixed.peer, own_inc, total - own_inc, gen)
        session = Session(type(fixed)(*fields, fixed.created_ms, fixed.handshake_hash), b"", pair.a._ratchet)
        made.append(((total, gen, session_id), session.rank))
    assert [key for key, _ in sorted(made)] == [key for key, _ in sorted(made, key=lambda item: item[1])]


def test_rank_is_equal_on_both_sides_and_grows_with_inc_before_gen() -> None:
    pair = settled_pair()
    assert pair.a.rank == pair.b.rank
    later = pair.alice.start(pair.bob, gen=7)
    assert later.rank > pair.a.rank
    pair.alice.inc += 1
    assert pair.alice.start(pair.bob, gen=1).rank > later.rank


class Node:
    """The least a device does with sessions: greatest rank sends, all receive, handshakes handled once."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.sessions: dict[bytes, Session] = {}
        self.initials: dict[bytes, bytes] = {}
        self.received: list[bytes] = []

    def sending(self) -> Session:
        return max(self.sessions.values(), key=lambda session: session.rank)

    def start(self, peer: Device) -> None:
        gen = 1 + max((session.gen for session in self.sessions.values()), default=0)
        session = self.device.start(peer, gen=gen)
        self.sessions[session.session_id] = session

    def send(self, plaintext: bytes) -> bytes:
        return self.sending().encrypt(plaintext, now_ms=NOW_MS, entropy=self.device.entropy)

    def receive(self, wire: bytes) -> bool:
        envelope = parse(wire)
        name: bytes | None = envelope.session_id
        if envelope.handshake is not None:
            name = self.initials.get(envelope.handshake.hash)
        session = self.sessions.get(name) if name else None
        try:
            if session is None and envelope.handshake is not None and name is None:
                session = self.device.accept(envelope.handshake.raw)
                plaintext = session.decrypt(wire, now_ms=NOW_MS)
                self.initials[session.handshake_hash] = session.session_id
                self.sessions[session.session_id] = session
            elif session is not None:
                plaintext = session.decrypt(wire, now_ms=NOW_MS)
            else:
                return False
        except DecryptionFailed:
            return False
        self.received.append(plaintext)
        return True


@pytest.mark.parametrize("seed", range(25))
def test_attack_10_both_initiate_at_once(seed: int) -> None:
    """With loss, reordering and repeats: every message that arrives opens once, and one session wins on both."""
    rnd = random.Random(seed)
    alice, bob = Node(Device.create("alice")), Node(Device.create("bob", inc=1_700_000_500))
    alice.start(bob.device)
    bob.start(alice.device)
    waiting: list[tuple[Node, bytes, bytes]] = []
    arrived: dict[int, set[bytes]] = {id(alice): set(), id(bob): set()}
    for number in range(60):
        sender, receiver = (alice, bob) if rnd.random() < 0.5 else (bob, alice)
        plaintext = b"%d" % number
        wire = sender.send(plaintext)
        if rnd.random() < 0.8:
            waiting += [(receiver, plaintext, wire)] * rnd.choice([1, 1, 2])
        while waiting and rnd.random() < 0.5:
            node, expected, wire = waiting.pop(rnd.randrange(len(waiting)))
            fresh = expected not in arrived[id(node)]
            assert node.receive(wire) == fresh
            arrived[id(node)].add(expected)
    for _ in range(2):  # one message each way settles it
        assert bob.receive(alice.send(b"settled"))
        assert alice.receive(bob.send(b"settled"))
    assert alice.sending().session_id == bob.sending().session_id
    for node in (alice, bob):
        assert {text for text in node.received if text != b"settled"} == arrived[id(node)]
    for node, expected, wire in waiting:  # stragglers of the losing session still open
        fresh = expected not in arrived[id(node)]
        assert node.receive(wire) == fresh
        arrived[id(node)].add(expected)


def test_attack_10_the_loser_only_receives_but_goes_on_receiving() -> None:
    alice, bob = Node(Device.create("alice")), Node(Device.create("bob"))
    alice.start(bob.device)
    bob.start(alice.device)
    from_alice, from_bob = alice.send(b"a"), bob.send(b"b")
    assert alice.receive(from_bob)
    assert bob.receive(from_alice)
    assert alice.sending().rank == bob.sending().rank
    loser = min(alice.sessions.values(), key=lambda session: session.rank)
    starter, other = (alice, bob) if loser.initiator else (bob, alice)
    late = starter.sessions[loser.session_id].encrypt(b"late", now_ms=NOW_MS, entropy=starter.device.entropy)
    assert other.receive(late)
    assert other.received[-1] == b"late"


@pytest.mark.parametrize("onetime", [False, True])
def test_attack_06_initial_message_replayed_after_restart(onetime: bool) -> None:
    """The remembered header hash refuses it even when the session itself is gone."""
    alice, bob = Device.create("alice"), Node(Device.create("bob"))
    session = alice.start(bob.device, onetime=onetime)
    wire = session.encrypt(b"first", now_ms=NOW_MS, entropy=alice.entropy)
    assert bob.receive(wire)
    before = {name: snapshot(held) for name, held in bob.sessions.items()}
    assert not bob.receive(wire)
    assert {name: snapshot(held) for name, held in bob.sessions.items()} == before
    bob.sessions.clear()  # closed long ago; only the initials are left
    assert not bob.receive(wire)
    assert bob.received == [b"first"]


def test_foreign_wires_raise_only_our_errors() -> None:
    pair = settled_pair()
    with pytest.raises(CryptoError):
        pair.b.decrypt(b"\x01\x02", now_ms=NOW_MS)
