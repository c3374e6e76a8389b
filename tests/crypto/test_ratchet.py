"""The ratchet's bounds and the attacks on it (protocol 4; attacks 12-16, 18, 20-23)."""

import hmac
import struct

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from crypto.envelope import INITIAL, MAX_ENVELOPE_BYTES, MESSAGE, PREFIX_BYTES, prefix
from crypto.errors import DecryptionFailed, LimitReached
from crypto.kdf import Label, hkdf, hmac_pads, mac
from crypto.ratchet import MAX_SKIP, chain_step, root_step
from crypto.ratchet_header import MAX_NUMBER
from crypto.session import MAX_PLAINTEXT_BYTES, Session
from crypto.skipped import MAX_AGE_MS, MAX_CHAINS, MAX_SKIPPED_KEYS, SkippedKey, SkippedKeys
from tests.crypto.session_kit import (
    DAY_MS,
    NOW_MS,
    Device,
    Pair,
    Store,
    fresh_pair,
    refused,
    settled_pair,
    snapshot,
)
from tests.crypto.test_prekeys import LOW_ORDER_X25519

# offsets in an envelope of type 2, from its layout in the protocol
HEADER = PREFIX_BYTES
DH, PN, N, NONCE, CIPHERTEXT = HEADER + 3, HEADER + 35, HEADER + 39, HEADER + 43, HEADER + 55


def put(data: bytes, place: int, value: bytes) -> bytes:
    return data[:place] + value + data[place + len(value) :]


def put_number(wire: bytes, place: int, number: int) -> bytes:
    return put(wire, place, struct.pack(">I", number))


def chains(session: Session) -> dict[bytes, int]:
    """Skipped keys per chain."""
    count: dict[bytes, int] = {}
    for key in session._ratchet.skipped:
        count[key.chain] = count.get(key.chain, 0) + 1
    return count


def test_the_fast_chain_step_is_hmac() -> None:
    for seed in range(50):
        key = root_step(bytes([seed]) * 32, b"secret")[1]
        expected = (hmac.digest(key, b"\x02", "sha256"), hmac.digest(key, b"\x01", "sha256"))
        assert chain_step(key) == expected


@pytest.mark.parametrize("size", [0, 32, 64, 200])
def test_the_fast_root_step_is_hkdf(size: int) -> None:
    for seed in range(20):
        root, secret = bytes([seed]) * 32, bytes([seed + 1]) * size
        both = hkdf(secret, salt=root, info=Label.ROOT, size_bytes=64)
        assert root_step(root, secret) == (both[:32], both[32:])


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=300), st.binary(max_size=80))
def test_pads_make_hmac_and_may_be_used_again(key: bytes, one: bytes, other: bytes) -> None:
    pads = hmac_pads(key)
    for message in (one, other, one):
        assert mac(pads, message) == hmac.digest(key, message, "sha256")


def test_attack_12_every_byte_flipped() -> None:
    """In order, as a skipped message, and as the first of a new chain: refused, nothing changed."""
    pair = settled_pair()
    new_chain = pair.to_bob()
    for place in range(len(new_chain)):
        broken = put(new_chain, place, bytes((new_chain[place] ^ 0x40,)))
        refused(pair.b, broken, pair.now_ms)
    late = pair.to_bob(b"late")
    next_one = pair.to_bob(b"next")
    pair.at_bob(new_chain)
    for place in range(0, len(next_one), 3):
        broken = put(next_one, place, bytes((next_one[place] ^ 0x01,)))
        refused(pair.b, broken, pair.now_ms)
    assert pair.at_bob(next_one) == b"next"
    for place in range(0, len(late), 3):
        broken = put(late, place, bytes((late[place] ^ 0x80,)))
        refused(pair.b, broken, pair.now_ms)
    assert pair.at_bob(late) == b"late"


def test_attack_12_every_byte_flipped_with_the_kem_step() -> None:
    pair = settled_pair()
    pair.now_ms += DAY_MS
    wire = pair.to_bob()
    assert len(wire) > 1184
    for place in [*range(CIPHERTEXT), *range(CIPHERTEXT, len(wire), 17)]:
        broken = put(wire, place, bytes((wire[place] ^ 0x04,)))
        refused(pair.b, broken, pair.now_ms)
    assert pair.at_bob(wire) == b"to bob"


def test_attack_13_duplicate_and_replay_also_after_restart() -> None:
    pair = settled_pair()
    first, second, third = pair.to_bob(b"1"), pair.to_bob(b"2"), pair.to_bob(b"3")
    store = Store(pair.bob, pair.b)
    for wire in (first, third, second):
        pair.at_bob(wire)
        store.save(pair.b)
        for session in (pair.b, store.load()):
            refused(session, wire, NOW_MS)
    pair.at_alice(pair.to_alice())
    pair.at_bob(pair.to_bob())
    for wire in (first, second, third):
        refused(pair.b, wire, pair.now_ms)


@pytest.mark.parametrize("lost", [MAX_SKIP, MAX_SKIP + 1])
def test_attack_14_number_at_the_limit(lost: int) -> None:
    pair = settled_pair()
    pair.at_bob(pair.to_bob())
    for _ in range(lost):
        pair.to_bob()
    wire = pair.to_bob(b"after the gap")
    if lost <= MAX_SKIP:
        assert not pair.b.skips_too_far(wire)
        assert pair.at_bob(wire) == b"after the gap"
        assert len(pair.b._ratchet.skipped) == lost
    else:
        assert pair.b.skips_too_far(wire)
        refused(pair.b, wire, pair.now_ms)


@pytest.mark.parametrize(("previous", "number"), [(600, 400), (600, 401), (1000, 0), (1001, 0), (0, 1001)])
def test_attack_14_both_chains_count_together(previous: int, number: int) -> None:
    """The bound is on the work for one message, over the ending and the new chain."""
    pair = settled_pair()
    pair.at_bob(pair.to_bob())
    for _ in range(previous):
        pair.to_bob()
    pair.at_alice(pair.to_alice())
    for _ in range(number):
        pair.to_bob()
    wire = pair.to_bob(b"new chain")
    assert pair.b.skips_too_far(wire) == (previous + number > MAX_SKIP)
    if previous + number <= MAX_SKIP:
        assert pair.at_bob(wire) == b"new chain"
        assert len(pair.b._ratchet.skipped) == previous + number
    else:
        refused(pair.b, wire, pair.now_ms)


@pytest.mark.parametrize("place", [N, PN])
@pytest.mark.parametrize("number", [MAX_SKIP, MAX_SKIP + 1, 2**31, MAX_NUMBER, 2**32 - 1])
def test_attack_14_forged_counters(place: int, number: int) -> None:
    pair = settled_pair()
    new_chain = pair.to_bob()
    refused(pair.b, put_number(new_chain, place, number), pair.now_ms)
    pair.at_bob(new_chain)
    current = pair.to_bob()
    refused(pair.b, put_number(current, place, number), pair.now_ms)
    assert pair.at_bob(current) == b"to bob"


def rewind(session: Session, **fields: object) -> None:
    for name, value in fields.items():
        setattr(session._ratchet, "_" + name, value)


def test_attack_14_the_last_number_of_a_chain() -> None:
    """2^32 - 2 is sent and received, 2^32 - 1 is neither."""
    pair = settled_pair()
    pair.at_bob(pair.to_bob())
    rewind(pair.a, send_number=MAX_NUMBER)
    rewind(pair.b, receive_number=MAX_NUMBER)
    assert pair.at_bob(pair.to_bob(b"the last")) == b"the last"
    before = snapshot(pair.a)
    with pytest.raises(LimitReached):
        pair.to_bob()
    assert snapshot(pair.a) == before
    # The count of a full chain fits PN, and the next chain opens.
    pair.at_alice(pair.to_alice())
    wire = pair.to_bob(b"new chain")
    assert struct.unpack_from(">I", wire, PN) == (2**32 - 1,)
    assert pair.at_bob(wire) == b"new chain"


def authentic(pair: Pair, number: int, *, version: int = 1, kind: int = MESSAGE, previous: int = 0) -> bytes:
    """What a hostile Alice can send: any header in her current chain, under a valid tag."""
    ratchet = pair.a._ratchet
    assert ratchet._send_chain is not None
    header = struct.pack(
        ">BBB32sII12s", version, kind, 0, ratchet._own_public, previous, number, b"twelve bytes"
    )
    _, key = chain_step(ratchet._send_chain)
    sealed = AESGCM(key).encrypt(b"twelve bytes", b"text\x80", ratchet._ad_send + header)
    return prefix(MESSAGE, pair.a.session_id) + header + sealed


def test_attack_14_number_beyond_the_last_is_refused_even_if_authentic() -> None:
    pair = settled_pair()
    pair.at_bob(pair.to_bob())
    previous = pair.a._ratchet._previous
    rewind(pair.b, receive_number=MAX_NUMBER)
    assert pair.at_bob(authentic(pair, MAX_NUMBER, previous=previous)) == b"text"
    pair = settled_pair()
    pair.at_bob(pair.to_bob())
    rewind(pair.b, receive_number=MAX_NUMBER + 1)
    refused(pair.b, authentic(pair, MAX_NUMBER + 1, previous=previous), pair.now_ms)


def test_attack_08_other_version_type_or_previous_count_even_if_authentic() -> None:
    """A tag under the right key does not help a header that no honest peer writes."""
    pair = settled_pair()
    pair.at_bob(pair.to_bob())
    previous = pair.a._ratchet._previous
    for broken in (
        authentic(pair, 1, previous=previous, version=0),
        authentic(pair, 1, previous=previous, version=2),
        authentic(pair, 1, previous=previous, kind=INITIAL),
        authentic(pair, 1, previous=previous, kind=3),
        authentic(pair, 1, previous=previous + 1),
    ):
        refused(pair.b, broken, pair.now_ms)
    assert pair.at_bob(authentic(pair, 1, previous=previous)) == b"text"


def test_attack_14_flood_of_skipped_keys_against_the_global_cap() -> None:
    """A hostile peer who loses 1,000 messages in chain after chain never gets us to keep more than 2,000."""
    pair = settled_pair()
    store = Store(pair.bob, pair.b)
    for _ in range(4):
        for _ in range(MAX_SKIP):
            pair.to_bob()
        pair.at_bob(pair.to_bob())
        pair.at_alice(pair.to_alice())
        store.save(pair.b)
        assert len(pair.b._ratchet.skipped) <= MAX_SKIPPED_KEYS
        assert {(key.chain, key.number) for key in pair.b._ratchet.skipped} == set(store.rows)
    assert len(pair.b._ratchet.skipped) == MAX_SKIPPED_KEYS


def test_attack_14_the_oldest_keys_go_first() -> None:
    pair = settled_pair()
    lost: list[bytes] = []
    for block in range(3):
        lost += [pair.to_bob(b"%d-%d" % (block, number)) for number in range(MAX_SKIP)]
        pair.at_bob(pair.to_bob())
        pair.at_alice(pair.to_alice())
    refused(pair.b, lost[MAX_SKIP - 1], pair.now_ms)
    assert pair.at_bob(lost[MAX_SKIP]) == b"1-0"
    assert pair.at_bob(lost[-1]) == b"2-999"


def test_attack_14_five_receiving_chains() -> None:
    pair = settled_pair()
    lost: list[bytes] = []
    for number in range(MAX_CHAINS + 2):
        lost.append(pair.to_bob(b"lost in %d" % number))
        pair.at_bob(pair.to_bob())
        pair.at_alice(pair.to_alice())
        assert len(chains(pair.b)) == min(number + 1, MAX_CHAINS)
    for number in (0, 1):
        refused(pair.b, lost[number], pair.now_ms)
    for number in range(2, MAX_CHAINS + 2):
        assert pair.at_bob(lost[number]) == b"lost in %d" % number
    assert not chains(pair.b)


def test_attack_14_no_new_chain_before_our_turn() -> None:
    """Chains alternate: after its last chain a peer cannot open another one before ours has begun."""
    pair = settled_pair()
    pair.at_bob(pair.to_bob())
    ratchet = pair.a._ratchet
    ratchet._send_chain = None  # a hostile Alice steps again without having heard from Bob
    ratchet._root = pair.b._ratchet._root
    hasty = pair.to_bob(b"hasty")
    refused(pair.b, hasty, pair.now_ms)


def test_attack_14_a_shrinking_previous_count_is_refused() -> None:
    """PN below what has arrived of the old chain is a lie even under a valid tag."""
    pair = settled_pair()
    pair.at_bob(pair.to_bob())
    pair.at_bob(pair.to_bob())
    pair.at_alice(pair.to_alice())
    rewind(pair.a, send_number=1)
    wire = pair.to_bob()
    refused(pair.b, wire, pair.now_ms)


@pytest.mark.parametrize("point", [*LOW_ORDER_X25519, bytes(31) + b"\x80", b"\xff" * 32])
def test_attack_15_forged_dh_key(point: bytes) -> None:
    pair = settled_pair()
    wire = pair.to_bob()
    refused(pair.b, put(wire, DH, point), pair.now_ms)
    pair.at_bob(wire)
    current = pair.to_bob()
    refused(pair.b, put(current, DH, point), pair.now_ms)


def test_attack_15_dh_key_of_somebody_else() -> None:
    pair, other = settled_pair(), settled_pair("other")
    stranger = other.to_bob()[DH : DH + 32]
    own = pair.to_alice()[DH : DH + 32]
    wire = pair.to_bob()
    for key in (stranger, own, wire[DH : DH + 31] + bytes((wire[DH + 31] ^ 0x80,))):
        refused(pair.b, put(wire, DH, key), pair.now_ms)


def test_attack_16_skipped_key_is_gone_after_use() -> None:
    pair = settled_pair()
    late = pair.to_bob(b"late")
    pair.at_bob(pair.to_bob())
    store = Store(pair.bob, pair.b)
    assert len(store.rows) == 1
    assert pair.at_bob(late) == b"late"
    store.save(pair.b)
    assert store.rows == {}
    refused(pair.b, late, pair.now_ms)


def test_attack_16_skipped_key_is_gone_after_30_days() -> None:
    pair = settled_pair()
    late, later = pair.to_bob(b"late"), pair.to_bob(b"later")
    pair.at_bob(pair.to_bob())
    store = Store(pair.bob, pair.b)
    pair.now_ms += MAX_AGE_MS
    assert store.load().decrypt(late, now_ms=pair.now_ms) == b"late"
    pair.now_ms += 1
    # Too old even while it has not been purged, and then any use of the session purges it.
    refused(pair.b, late, pair.now_ms)
    pair.at_bob(pair.to_bob())
    store.save(pair.b)
    assert store.rows == {}
    refused(pair.b, later, pair.now_ms)


def test_attack_16_expire_without_traffic() -> None:
    pair = settled_pair()
    pair.to_bob()
    pair.at_bob(pair.to_bob())
    store = Store(pair.bob, pair.b)
    pair.b.expire(NOW_MS + MAX_AGE_MS)
    store.save(pair.b)
    assert len(store.rows) == 1
    pair.b.expire(NOW_MS + MAX_AGE_MS + 1)
    store.save(pair.b)
    assert store.rows == {}


def test_attack_17_killed_between_encrypt_and_persist() -> None:
    """The state is the old one, so the same key seals again: with another nonce, and both open to one receiver."""
    pair = settled_pair()
    pair.at_bob(pair.to_bob())
    store = Store(pair.alice, pair.a)
    lost = pair.to_bob(b"never left")
    restarted = store.load()
    sent = restarted.encrypt(b"sent", now_ms=NOW_MS, entropy=pair.alice.entropy)
    assert lost[DH:NONCE] == sent[DH:NONCE]
    assert lost[NONCE:CIPHERTEXT] != sent[NONCE:CIPHERTEXT]
    assert pair.at_bob(sent) == b"sent"


def test_attack_17_killed_between_decrypt_and_persist() -> None:
    """Nothing was acknowledged, the same bytes come again and open again under the old state."""
    pair = settled_pair()
    store = Store(pair.bob, pair.b)
    wire = pair.to_bob(b"once")
    assert pair.at_bob(wire) == b"once"
    restarted = store.load()
    assert restarted.decrypt(wire, now_ms=NOW_MS) == b"once"
    assert restarted.dump() == pair.b.dump()


def test_attack_18_rolled_back_state_never_repeats_a_nonce() -> None:
    """A restored copy seals with the same keys; random nonces keep the keystreams apart."""
    pair = settled_pair()
    store = Store(pair.alice, pair.a)
    nonces: set[bytes] = set()
    for _ in range(20):
        clone = store.load()
        wires = [clone.encrypt(b"x", now_ms=NOW_MS, entropy=pair.alice.entropy) for _ in range(5)]
        nonces.update(wire[NONCE:CIPHERTEXT] for wire in wires)
    assert len(nonces) == 100


def test_attack_20_splicing_between_sessions() -> None:
    """Between the same two devices, and with the session id exchanged."""
    pair = settled_pair()
    second = pair.alice.start(pair.bob, gen=2)
    wire = second.encrypt(b"first", now_ms=NOW_MS, entropy=pair.alice.entropy)
    accepted, _ = pair.bob.receive(wire)
    other = Pair(pair.alice, pair.bob, second, accepted)
    other.at_alice(other.to_alice())
    spliced = other.to_bob()
    refused(pair.b, spliced, pair.now_ms)
    refused(pair.b, prefix(MESSAGE, pair.b.session_id) + spliced[PREFIX_BYTES:], pair.now_ms)
    assert other.at_bob(spliced) == b"to bob"


def test_attack_20_splicing_header_and_ciphertext() -> None:
    pair = settled_pair()
    one, two = pair.to_bob(b"one"), pair.to_bob(b"two")
    refused(pair.b, one[:CIPHERTEXT] + two[CIPHERTEXT:], pair.now_ms)
    refused(pair.b, two[:NONCE] + one[NONCE:CIPHERTEXT] + two[CIPHERTEXT:], pair.now_ms)


@pytest.mark.parametrize("kind", [0, 1, 3, 255])
def test_attack_20_message_types_are_not_exchanged(kind: int) -> None:
    pair = settled_pair()
    wire = pair.to_bob()
    for broken in (put(wire, 1, bytes((kind,))), put(wire, HEADER + 1, bytes((kind,)))):
        refused(pair.b, broken, pair.now_ms)
    both = put(put(wire, 1, bytes((kind,))), HEADER + 1, bytes((kind,)))
    refused(pair.b, both, pair.now_ms)


def test_attack_21_every_truncation() -> None:
    pair = settled_pair()
    pair.now_ms += DAY_MS
    wire = pair.to_bob()
    for size in range(0, len(wire), 1):
        refused(pair.b, wire[:size], pair.now_ms)
    refused(pair.b, wire + b"\0", pair.now_ms)
    assert pair.at_bob(wire) == b"to bob"


def test_attack_21_oversized() -> None:
    pair = settled_pair()
    largest = pair.to_bob(bytes(MAX_PLAINTEXT_BYTES))
    assert len(largest) <= MAX_ENVELOPE_BYTES
    refused(pair.b, largest + bytes(MAX_ENVELOPE_BYTES), pair.now_ms)
    assert pair.at_bob(largest) == bytes(MAX_PLAINTEXT_BYTES)
    # Too large even though the tag holds: the size is looked at before anything else.
    message = pair.a._ratchet.encrypt(
        bytes(MAX_ENVELOPE_BYTES), MESSAGE, entropy=pair.alice.entropy, now_ms=pair.now_ms
    )
    refused(pair.b, prefix(MESSAGE, pair.a.session_id) + message, pair.now_ms)
    before = snapshot(pair.a)
    with pytest.raises(LimitReached):
        pair.to_bob(bytes(MAX_PLAINTEXT_BYTES + 1))
    assert snapshot(pair.a) == before


def test_attack_23_all_failures_look_the_same() -> None:
    pair = settled_pair()
    late = pair.to_bob()
    wire = pair.to_bob()
    pair.at_bob(wire)
    flood = pair.to_bob()
    causes = {
        "empty": b"",
        "version": put(flood, 0, b"\x02"),
        "type": put(flood, 1, b"\x07"),
        "flags": put(flood, HEADER + 2, b"\x08"),
        "replay": wire,
        "tag": flood[:-1] + bytes((flood[-1] ^ 1,)),
        "skip limit": put_number(flood, N, 5_000),
        "forged key": put(flood, DH, bytes(32)),
        "unasked answer": put(flood, HEADER + 2, b"\x02") + bytes(2000),
        "skipped, altered": late[:-1] + bytes((late[-1] ^ 1,)),
        "oversized": flood + bytes(MAX_ENVELOPE_BYTES),
    }
    seen = set()
    for broken in causes.values():
        with pytest.raises(DecryptionFailed) as caught:
            pair.at_bob(broken)
        failure = caught.value
        seen.add((type(failure), failure.args, str(failure), failure.__cause__, failure.__suppress_context__))
    assert len(seen) == 1


def test_lengths_tell_their_bucket_only() -> None:
    pair = settled_pair()
    sizes = {len(pair.to_bob(bytes(size))) for size in range(0, 256, 5)}
    assert len(sizes) == 1


def test_responder_sends_only_after_it_received() -> None:
    alice, bob = Device.create("alice"), Device.create("bob")
    first = alice.start(bob)
    wire = first.encrypt(b"first", now_ms=NOW_MS, entropy=alice.entropy)
    assert first.header is not None
    session = bob.accept(first.header.raw)
    assert not session.can_send
    with pytest.raises(LimitReached):
        session.encrypt(b"too early", now_ms=NOW_MS, entropy=bob.entropy)
    session.decrypt(wire, now_ms=NOW_MS)
    assert session.can_send


def test_a_failing_entropy_source_changes_nothing() -> None:
    """Encryption too commits at its end: half a DH step would be a new chain nobody can follow."""
    pair = settled_pair()

    class Empty:
        def token(self, size_bytes: int) -> bytes:
            raise OSError("no entropy")

    before = snapshot(pair.a)
    with pytest.raises(OSError, match="no entropy"):
        pair.a.encrypt(b"text", now_ms=NOW_MS, entropy=Empty())  # type: ignore[arg-type]
    assert snapshot(pair.a) == before


def test_skipped_keys_redact() -> None:
    key = SkippedKey(b"c" * 32, 7, b"secret key bytes" * 2, NOW_MS)
    assert "secret" not in repr(key)
    assert "secret" not in repr(SkippedKeys([key]))
    pair = settled_pair()
    for shown in (repr(pair.a), repr(pair.a._ratchet), repr(pair.a._ratchet.state())):
        assert repr(pair.a._ratchet._root)[2:-1] not in shown


def test_changes_of_skipped_keys_cancel_out() -> None:
    keys = SkippedKeys()
    rows = [SkippedKey(b"c" * 32, number, bytes(32), NOW_MS) for number in range(3)]
    keys.store(rows)
    keys.remove(b"c" * 32, 1)
    assert keys.take_changes() == ([rows[0], rows[2]], [])
    keys.remove(b"c" * 32, 0)
    assert keys.take_changes() == ([], [(b"c" * 32, 0)])
    assert keys.take_changes() == ([], [])


def test_attack_14_a_previous_count_in_a_first_chain_is_refused() -> None:
    """Nothing came before a peer's first chain, so nothing can be missing from it."""
    pair = fresh_pair()
    rewind(pair.b, send_number=5)
    refused(pair.a, pair.to_alice(), pair.now_ms)


def test_a_message_to_an_initiator_who_has_not_sent() -> None:
    pair = settled_pair()
    silent = pair.alice.start(pair.bob, gen=2)
    wire = pair.to_alice()
    refused(silent, wire, NOW_MS)
    refused(silent, prefix(MESSAGE, silent.session_id) + wire[PREFIX_BYTES:], NOW_MS)


def test_attack_15_alias_of_the_own_key_even_if_authentic() -> None:
    """The high bit gives the same DH output, so the tag holds; one key must have one name all the same."""
    pair = settled_pair()
    wire = pair.to_bob()
    public = pair.a._ratchet._own_public
    rewind(pair.a, own_public=public[:31] + bytes((public[31] | 0x80,)))
    refused(pair.b, pair.to_bob(), pair.now_ms)
    assert pair.at_bob(wire) == b"to bob"


def test_attack_16_using_one_skipped_key_purges_the_old_ones() -> None:
    pair = settled_pair()
    pair.to_bob(b"never comes")
    pair.at_bob(pair.to_bob())
    pair.now_ms += DAY_MS
    late = pair.to_bob(b"late")
    pair.at_bob(pair.to_bob())
    pair.now_ms += MAX_AGE_MS
    assert pair.at_bob(late) == b"late"
    assert len(pair.b._ratchet.skipped) == 0
