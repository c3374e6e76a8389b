"""The post-quantum step of the ratchet (protocol 10.5, 11.19; attack 22)."""

from hashlib import sha256

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey

from crypto.envelope import PREFIX_BYTES
from crypto.keys import new_mlkem
from crypto.ratchet import OFFER_AGE_MS, OFFER_STEPS, root_step
from crypto.ratchet_header import ANSWER, OFFER
from crypto.session import Session
from tests.crypto.session_kit import DAY_MS, Pair, Store, fresh_pair, refused, settled_pair

HEADER = PREFIX_BYTES
DH, EXTRA = HEADER + 3, HEADER + 55
KEY_BYTES, CIPHERTEXT_BYTES = 1184, 1088


def flags(wire: bytes) -> int:
    return wire[HEADER + 2]


def put(data: bytes, place: int, value: bytes) -> bytes:
    return data[:place] + value + data[place + len(value) :]


def offered(pair: Pair) -> bytes:
    """A message of Alice's in a chain that offers a key."""
    pair.now_ms += DAY_MS
    wire = pair.to_bob()
    assert flags(wire) == OFFER
    return wire


def answered(pair: Pair) -> bytes:
    """Bob's message in the answering chain; by then his own offer is due too."""
    pair.at_bob(offered(pair))
    wire = pair.to_alice()
    assert flags(wire) & ANSWER
    return wire


def test_offered_on_every_16th_own_dh_step() -> None:
    pair = fresh_pair()  # Alice has taken one own step, Bob none
    seen = {"alice": [0], "bob": []}
    for _ in range(3 * OFFER_STEPS):
        wire = pair.to_alice()
        seen["bob"].append(flags(wire))
        pair.at_alice(wire)
        wire = pair.to_bob()
        seen["alice"].append(flags(wire))
        pair.at_bob(wire)
    for name, chain_flags in seen.items():
        offers = [step for step, flag in enumerate(chain_flags, start=1) if flag & OFFER]
        assert offers == [OFFER_STEPS, 2 * OFFER_STEPS, 3 * OFFER_STEPS], name
    # Alice's steps come first: Bob answers in his 16th, she answers his in her 17th.
    assert [step for step, flag in enumerate(seen["bob"], 1) if flag & ANSWER] == [16, 32, 48]
    assert [step for step, flag in enumerate(seen["alice"], 1) if flag & ANSWER] == [17, 33, 49]


def test_offered_after_24_hours_at_the_next_own_dh_step() -> None:
    pair = settled_pair()
    pair.now_ms += OFFER_AGE_MS - 1
    assert flags(pair.to_bob()) == 0
    pair.now_ms += 1
    wire = pair.to_bob()
    assert flags(wire) == 0, "the time alone starts no chain"
    pair.at_bob(wire)
    pair.at_alice(wire := pair.to_alice())
    assert flags(wire) == OFFER
    wire = pair.to_bob()
    assert flags(wire) == OFFER | ANSWER
    pair.at_bob(wire)
    wire = pair.to_alice()
    assert flags(wire) == ANSWER, "both counts begin anew with an offer"


def test_every_header_of_both_chains_carries_the_same() -> None:
    pair = settled_pair()
    first = offered(pair)
    chain = [first, *(pair.to_bob() for _ in range(4))]
    assert len({wire[EXTRA : EXTRA + KEY_BYTES] for wire in chain}) == 1
    pair.at_bob(chain[2])
    answer = [pair.to_alice() for _ in range(4)]
    assert len({wire[DH + 52 : DH + 52 + KEY_BYTES + CIPHERTEXT_BYTES] for wire in answer}) == 1
    assert all(flags(wire) == OFFER | ANSWER for wire in answer)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (2,), (1, 2, 0)])
def test_any_message_of_a_chain_may_arrive_first_or_alone(order: tuple[int, ...]) -> None:
    pair = settled_pair()
    chain = [offered(pair), pair.to_bob(), pair.to_bob()]
    for number in order:
        assert pair.at_bob(chain[number]) == b"to bob"
    answer = [pair.to_alice(), pair.to_alice(), pair.to_alice()]
    for number in order:
        assert pair.at_alice(answer[number]) == b"to alice"
    pair.round()


def test_the_secret_enters_the_root_with_the_dh_step() -> None:
    pair = settled_pair()
    pair.at_bob(offered(pair))
    root, private = pair.b._ratchet._root, pair.a._ratchet._own
    kem = pair.a._ratchet._kem
    wire = pair.to_alice()
    assert kem is not None
    assert private is not None
    start = EXTRA + (KEY_BYTES if flags(wire) & OFFER else 0)
    shared = kem.decapsulate(wire[start : start + CIPHERTEXT_BYTES])
    own = pair.b._ratchet._own
    assert own is not None
    dh = private.exchange(own.public_key())
    assert pair.b._ratchet._root == root_step(root, dh + shared)[0]
    assert pair.b._ratchet._root != root_step(root, dh)[0]


def test_the_secret_is_deleted_once_the_answer_is_verified() -> None:
    pair = settled_pair()
    wire = answered(pair)
    refused(pair.a, wire[:-1] + bytes((wire[-1] ^ 1,)), pair.now_ms)
    assert pair.a._ratchet.state().kem_seed is not None
    pair.at_alice(wire)
    assert pair.a._ratchet.state().kem_seed is None
    assert pair.a._ratchet._kem is None


def test_attack_22_corrupted_ciphertext() -> None:
    """Implicit rejection gives a wrong secret without an error; the tag fails and nothing changed."""
    pair = settled_pair()
    wire = answered(pair)
    start = EXTRA + (KEY_BYTES if flags(wire) & OFFER else 0)
    for place in (0, 500, CIPHERTEXT_BYTES - 1):
        broken = put(wire, start + place, bytes((wire[start + place] ^ 1,)))
        refused(pair.a, broken, pair.now_ms)
    assert pair.at_alice(wire) == b"to alice"


def test_attack_22_somebody_elses_ciphertext() -> None:
    pair = settled_pair()
    wire = answered(pair)
    start = EXTRA + (KEY_BYTES if flags(wire) & OFFER else 0)
    kem = pair.a._ratchet._kem
    assert kem is not None
    _, ciphertext = kem.public_key().encapsulate()
    refused(pair.a, put(wire, start, ciphertext), pair.now_ms)


def test_a_new_chain_without_ciphertext_after_an_offer_is_refused() -> None:
    """Even under valid tags: a peer (or a downgraded version of it) may not leave the answer out."""
    pair = settled_pair()
    pair.at_bob(offered(pair))
    pair.b._ratchet._peer_kem = None  # a Bob who ignores the offer
    wire = pair.to_alice()
    assert not flags(wire) & ANSWER
    refused(pair.a, wire, pair.now_ms)


def test_an_answer_without_offer_is_refused() -> None:
    pair = settled_pair()
    pair.at_bob(pair.to_bob())
    kem = pair_kem(pair)
    pair.b._ratchet._peer_kem = kem
    wire = pair.to_alice()
    assert flags(wire) & ANSWER
    refused(pair.a, wire, pair.now_ms)


def pair_kem(pair: Pair) -> MLKEM768PublicKey:
    """A sound key that nobody offered."""
    return new_mlkem(pair.bob.entropy).public_key()


def test_an_offered_key_is_validated_on_receipt() -> None:
    """An unreduced key under a valid tag: the session stays as it was."""
    pair = settled_pair()
    first = offered(pair)
    ratchet = pair.a._ratchet
    ratchet._send_extra = b"\xff\xff\xff" + ratchet._send_extra[3:]
    wire = pair.to_bob()
    refused(pair.b, wire, pair.now_ms)
    assert pair.at_bob(first) == b"to bob"


def test_one_key_and_one_ciphertext_per_chain() -> None:
    """A second key in the same chain is refused even under a valid tag, whatever came first."""
    pair = settled_pair()
    first = offered(pair)
    pair.at_bob(first)
    ratchet = pair.a._ratchet
    honest = ratchet._send_extra
    ratchet._send_extra = pair_kem(pair).public_bytes_raw()
    other_key = pair.to_bob()
    ratchet._send_flags, ratchet._send_extra = 0, b""
    no_key = pair.to_bob()
    ratchet._send_flags, ratchet._send_extra = OFFER, honest
    good = pair.to_bob(b"good")
    for wire in (other_key, no_key):
        refused(pair.b, wire, pair.now_ms)
    assert pair.at_bob(good) == b"good"
    # Their numbers were skipped by now: still refused, by the hash that was kept.
    for wire in (other_key, no_key):
        refused(pair.b, wire, pair.now_ms)


def test_the_hash_of_the_chain_survives_a_restart() -> None:
    pair = settled_pair()
    first = offered(pair)
    pair.at_bob(first)
    store = Store(pair.bob, pair.b)
    assert store.load()._ratchet.state().receive_extra == sha256(first[EXTRA : EXTRA + KEY_BYTES]).digest()


@pytest.mark.parametrize("moment", ["offered", "received", "answered", "done"])
def test_restart_at_any_moment_of_the_step(moment: str) -> None:
    pair = settled_pair()

    def restart() -> None:
        pair.a = Store(pair.alice, pair.a).load()
        pair.b = Store(pair.bob, pair.b).load()

    wire = offered(pair)
    if moment == "offered":
        restart()
    pair.at_bob(wire)
    if moment == "received":
        restart()
    wire = pair.to_alice()
    if moment == "answered":
        restart()
    pair.at_alice(wire)
    if moment == "done":
        restart()
    for _ in range(4):
        pair.round()


def test_state_with_an_open_offer_is_bounded() -> None:
    pair = settled_pair()
    wire = answered(pair)
    assert len(pair.a.dump()) < 4096
    assert len(pair.b.dump()) < 4096
    pair.at_alice(wire)
    assert isinstance(msgspec.msgpack.decode(pair.a.dump()), list)
    assert Session.load(pair.alice.identity, pair.a.dump(), ()).dump() == pair.a.dump()


def test_an_unasked_ciphertext_that_is_not_mixed_in_is_refused() -> None:
    """Under a valid tag: accepting it would let a chain carry bytes that mean nothing."""
    pair = settled_pair()
    pair.at_bob(pair.to_bob())
    pair.to_alice()
    pair.b._ratchet._send_flags, pair.b._ratchet._send_extra = ANSWER, bytes(CIPHERTEXT_BYTES)
    refused(pair.a, pair.to_alice(), pair.now_ms)
