"""The form of statements: limits, exactness, signatures, commitments."""

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from crypto.codec import encode
from crypto.entropy import SystemEntropy
from crypto.errors import DecodeError, InvalidSignature
from crypto.identity import DeviceIdentity
from crypto.kdf import Label
from crypto.keys import ed25519_public
from crypto.statement import (
    MAX_RAW_BYTES,
    VERSION,
    DeviceSigner,
    RecoverySigner,
    SignedStatement,
    Statement,
    commit,
    commitment,
    recovery_author,
    sign,
)

IDENTITY = DeviceIdentity.create(SystemEntropy())
OTHERS = [DeviceIdentity.create(SystemEntropy()) for _ in range(2)]
SIGNER = DeviceSigner(IDENTITY)
KEY = ed25519_public(IDENTITY.public.dik)


def statement(**changes: object) -> Statement:
    values: dict[str, object] = {
        "version": VERSION,
        "chain": bytes(32),
        "parents": (b"\x01" * 32, b"\x02" * 32),
        "author": IDENTITY.device_id,
        "cosigners": (),
        "lamport": 7,
        "time_ms": 5,
        "kind": "rename",
        "crit": False,
        "body": b"\x90",
    }
    return Statement(**{**values, **changes})  # type: ignore[arg-type]


def test_bytes_survive_the_way_over_wire_and_store() -> None:
    signed = sign(statement(), SIGNER)
    again = SignedStatement.from_wire(signed.wire)
    assert again == signed
    assert SignedStatement.from_stored(signed.raw, signed.stored_signatures) == signed
    again.verify(KEY)


def test_every_flipped_byte_is_noticed() -> None:
    signed = sign(statement(), SIGNER)
    wire = signed.wire
    for at in range(len(wire)):
        broken = wire[:at] + bytes([wire[at] ^ 1]) + wire[at + 1 :]
        with pytest.raises((DecodeError, InvalidSignature)):
            SignedStatement.from_wire(broken).verify(KEY)


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"version": 0},
        {"chain": bytes(31)},
        {"chain": b""},  # parents, but no chain
        {"parents": ()},  # a chain, but no parents
        {"parents": (), "chain": b"", "lamport": 2},
        {"parents": (b"\x02" * 32, b"\x01" * 32)},
        {"parents": (b"\x01" * 32, b"\x01" * 32)},
        {"parents": (b"\x01" * 31,)},
        {"parents": tuple(bytes([n]) * 32 for n in range(17))},
        {"author": bytes(31)},
        {"lamport": 0},
        {"lamport": -1},
        {"lamport": 1 << 53},
        {"time_ms": -1},
        {"kind": ""},
        {"kind": "Revoke"},
        {"kind": "revoke "},
        {"kind": "revoke\n"},
        {"kind": "revoke\u200b"},
        {"kind": "r\u0435voke"},  # a Cyrillic letter
        {"kind": "a" * 25},
        {"body": bytes(MAX_RAW_BYTES)},
    ],
)
def test_what_has_not_the_one_form_is_refused(changes: dict[str, object]) -> None:
    raw = encode(statement(**changes))
    with pytest.raises(DecodeError):
        SignedStatement.from_parts(raw, (bytes(64),))


def test_sixteen_parents_and_4096_bytes_are_allowed() -> None:
    parents = tuple(bytes([n]) * 32 for n in range(16))
    signed = sign(statement(parents=parents), SIGNER)
    room = MAX_RAW_BYTES - len(encode(statement(parents=parents, body=bytes(300)))) + 300
    full = sign(statement(parents=parents, body=bytes(room)), SIGNER)
    assert len(full.raw) == MAX_RAW_BYTES
    assert SignedStatement.from_wire(full.wire) == full
    assert signed.hash != full.hash


def test_missing_and_additional_fields_are_refused() -> None:
    fields = list(msgspec.structs.astuple(statement()))
    for wrong in (fields[:-1], [*fields, 1]):
        with pytest.raises(DecodeError):
            SignedStatement.from_parts(encode(wrong), (bytes(64),))


def test_who_cosigns_stands_in_the_signed_bytes() -> None:
    signers = sorted((DeviceSigner(other) for other in OTHERS), key=lambda one: one.author)
    names = tuple(one.author for one in signers)
    signed = sign(statement(cosigners=names), SIGNER, signers)
    keys = [ed25519_public(other.public.dik) for other in sorted(OTHERS, key=lambda one: one.device_id)]
    signed.verify(KEY, keys)
    with pytest.raises(InvalidSignature):
        signed.verify(KEY, keys[::-1])
    with pytest.raises(InvalidSignature):
        signed.verify(KEY)
    for fewer in (signed.signatures[:2], (*signed.signatures, bytes(64))):
        with pytest.raises(DecodeError):
            SignedStatement.from_parts(signed.raw, fewer)
    # An author's signature is no co-signature: the labels differ.
    as_author = DeviceSigner(OTHERS[0]).sign(Label.STATEMENT, signed.raw)
    at = 1 + names.index(OTHERS[0].device_id)
    forged = tuple(as_author if n == at else one for n, one in enumerate(signed.signatures))
    with pytest.raises(InvalidSignature):
        SignedStatement.from_parts(signed.raw, forged).verify(KEY, keys)


def test_nobody_cosigns_himself_or_twice() -> None:
    for names in ((IDENTITY.device_id,), (OTHERS[0].device_id,) * 2):
        with pytest.raises(DecodeError):
            SignedStatement.from_parts(encode(statement(cosigners=names)), (bytes(64),) * (1 + len(names)))


def test_the_recovery_key_has_a_name_of_its_own_and_redacts_itself() -> None:
    paper = RecoverySigner(Ed25519PrivateKey.from_private_bytes(bytes(32)))
    assert paper.author == recovery_author(paper.public) != paper.public
    assert paper.public.hex() not in repr(paper)
    signed = sign(statement(author=paper.author), paper)
    signed.verify(ed25519_public(paper.public))
    with pytest.raises(InvalidSignature):
        signed.verify(KEY)


def test_commitments_hide_equal_values_and_bind() -> None:
    one, salt = commit(SystemEntropy(), "Anna Weber")
    other, _ = commit(SystemEntropy(), "Anna Weber")
    assert one != other
    assert commitment(salt, "Anna Weber") == one != commitment(salt, "Anna Weber ")


@given(st.binary(max_size=600))
def test_no_bytes_do_more_than_refuse(data: bytes) -> None:
    try:
        SignedStatement.from_wire(data)
    except DecodeError:
        return
    raise AssertionError("random bytes were a statement")


@given(st.data())
def test_damaged_statements_do_no_more_than_refuse(data: st.DataObject) -> None:
    wire = bytearray(sign(statement(), SIGNER).wire)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(wire) - 1))
        wire[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(wire)))
    try:
        SignedStatement.from_wire(bytes(wire[:cut]))
    except DecodeError:
        return
    assert cut == len(wire)
