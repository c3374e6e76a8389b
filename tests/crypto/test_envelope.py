"""Envelopes: form and fuzzing (protocol 4, 11.5, 11.8; attack 21)."""

from hashlib import sha256

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crypto.envelope import (
    INITIAL,
    MAX_ENVELOPE_BYTES,
    MESSAGE,
    PREFIX_BYTES,
    envelope_id,
    initial_prefix,
    parse,
    prefix,
)
from crypto.errors import DecodeError
from crypto.handshake import MAX_HEADER_BYTES
from crypto.ids import SessionId
from tests.crypto.session_kit import NOW_MS, Pair, fresh_pair, refused, settled_pair, snapshot

SESSION = SessionId(bytes(range(32)))


@pytest.fixture(scope="module")
def pair() -> Pair:
    return settled_pair()


@pytest.fixture(scope="module")
def fresh() -> Pair:
    return fresh_pair()


def test_parts_of_both_types(pair: Pair, fresh: Pair) -> None:
    envelope = parse(pair.to_bob())
    assert (envelope.version, envelope.type, envelope.session_id) == (1, MESSAGE, pair.a.session_id)
    assert (envelope.handshake, envelope.handshake_hash) == (None, None)
    envelope = parse(fresh.to_bob())
    assert (envelope.version, envelope.type, envelope.session_id) == (1, INITIAL, fresh.a.session_id)
    assert envelope.handshake is not None
    assert envelope.handshake.initiator == fresh.alice.identity.public
    assert envelope.handshake_hash == sha256(envelope.handshake.raw).digest() == fresh.a.handshake_hash


def test_envelope_id_is_of_the_whole_wire(pair: Pair) -> None:
    wire = pair.to_bob()
    assert envelope_id(wire) == sha256(wire).digest()[:16]


def test_a_plain_envelope_has_34_bytes_of_its_own(pair: Pair) -> None:
    """Envelope 34, header 55, smallest bucket 256, tag 16."""
    assert len(pair.to_bob(b"")) == PREFIX_BYTES + 55 + 256 + 16 == 361


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        prefix(MESSAGE, SESSION),
        b"\x00" + prefix(MESSAGE, SESSION)[1:] + b"message",
        b"\x02" + prefix(MESSAGE, SESSION)[1:] + b"message",
        prefix(0, SESSION) + b"message",
        prefix(3, SESSION) + b"message",
        prefix(INITIAL, SESSION) + b"\x00",
        prefix(INITIAL, SESSION) + b"\x00\x00message",
        prefix(INITIAL, SESSION) + b"\xff\xff" + bytes(70_000),
        initial_prefix(SESSION, bytes(MAX_HEADER_BYTES)) + b"message",
        prefix(MESSAGE, SESSION) + bytes(MAX_ENVELOPE_BYTES),
    ],
)
def test_attack_21_what_is_no_envelope(wire: bytes) -> None:
    with pytest.raises(DecodeError):
        parse(wire)


def test_attack_21_handshake_cut_or_without_message(fresh: Pair) -> None:
    wire = fresh.to_bob()
    envelope = parse(wire)
    assert envelope.handshake is not None
    end = len(wire) - len(envelope.message)
    for size in range(end + 1):
        with pytest.raises(DecodeError):
            parse(wire[:size])


@given(st.binary(max_size=4000))
@settings(max_examples=300, deadline=None)
def test_attack_21_random_bytes(data: bytes) -> None:
    try:
        envelope = parse(data)
    except DecodeError:
        return
    assert envelope.type in (INITIAL, MESSAGE)


@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_attack_21_mutated_envelopes_change_nothing(pair: Pair, fresh: Pair, data: st.DataObject) -> None:
    """Cut, flipped, spliced and extended real envelopes, of both types, in the right and the wrong session."""
    source = data.draw(st.sampled_from([pair, fresh]))
    target = data.draw(st.sampled_from([pair, fresh]))
    sent = source.a.encrypt(b"text", now_ms=NOW_MS, entropy=source.alice.entropy)
    wire = bytearray(sent)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(wire) - 1))
        match data.draw(st.integers(0, 3)):
            case 0:
                wire[place] ^= data.draw(st.integers(1, 255))
            case 1:
                del wire[place:]
                wire += b"\0"
            case 2:
                wire[place:place] = data.draw(st.binary(min_size=1, max_size=50))
            case 3:
                del wire[place : place + data.draw(st.integers(1, 50))]
                wire += b"\0"
    assume(bytes(wire) != sent)  # two flips may cancel
    refused(target.b, bytes(wire), NOW_MS)


@given(st.binary(max_size=3000))
@settings(max_examples=200, deadline=None)
def test_attack_21_random_messages_inside_a_true_prefix(pair: Pair, fresh: Pair, data: bytes) -> None:
    refused(pair.b, prefix(MESSAGE, pair.b.session_id) + data, pair.now_ms)
    header = fresh.a.header
    assert header is not None
    refused(fresh.b, initial_prefix(fresh.b.session_id, header.raw) + data, fresh.now_ms)


def test_looking_ahead_changes_nothing(pair: Pair) -> None:
    before = snapshot(pair.b)
    for wire in (b"", b"\x01\x02", pair.to_bob(), prefix(MESSAGE, pair.b.session_id) + bytes(100)):
        assert not pair.b.skips_too_far(wire)
    assert snapshot(pair.b) == before
