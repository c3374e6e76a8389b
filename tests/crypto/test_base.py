"""Labels, codec, padding, sealing: what everything else stands on (protocol 9, 11.11)."""

import hashlib
import hmac
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import kdf
from crypto.aead import bucket, open_sealed, pad, seal, unpad
from crypto.codec import decode, encode
from crypto.entropy import SystemEntropy
from crypto.errors import DecodeError, DecryptionFailed
from crypto.kdf import Label, argon2id, hash_labelled, hkdf, labelled
from tests.crypto.session_kit import SeededEntropy

ENTROPY = SeededEntropy(b"base")


# --- labels ---------------------------------------------------------------------------------------------------


def test_every_label_has_the_prefix_and_stands_once() -> None:
    values = [label.value for label in Label]
    assert all(value.startswith(b"PX1/") and b"\x00" not in value for value in values)
    assert len(set(values)) == len(values)
    assert len(Label.__members__) == len(values)


def test_the_form_of_a_labelled_input() -> None:
    assert labelled(Label.TLS) == b"PX1/tls\x00"
    assert labelled(Label.TLS, b"ab", b"") == b"PX1/tls\x00\x00\x00\x00\x02ab\x00\x00\x00\x00"
    assert hash_labelled(Label.TLS, b"ab") == hashlib.sha256(b"PX1/tls\x00\x00\x00\x00\x02ab").digest()


@given(st.lists(st.binary(max_size=8), max_size=4), st.lists(st.binary(max_size=8), max_size=4))
def test_two_lists_of_fields_never_give_the_same_bytes(one: list[bytes], two: list[bytes]) -> None:
    assert (labelled(Label.TLS, *one) == labelled(Label.TLS, *two)) == (one == two)


@given(st.sampled_from(Label), st.sampled_from(Label), st.binary(max_size=20), st.binary(max_size=20))
def test_two_labels_never_give_the_same_bytes(one: Label, two: Label, a: bytes, b: bytes) -> None:
    if one is not two:
        assert labelled(one, a) != labelled(two, b)


def test_hkdf_is_rfc_5869() -> None:
    """Against the two steps written out."""
    salt, secret, info = b"salt", b"secret", Label.ROOT
    key = hmac.digest(salt, secret, "sha256")
    first = hmac.digest(key, info.value + b"\x01", "sha256")
    second = hmac.digest(key, first + info.value + b"\x02", "sha256")
    assert hkdf(secret, salt=salt, info=info, size_bytes=50) == (first + second)[:50]


def test_argon2id_is_frozen() -> None:
    """64 MiB, three passes, one lane: codes and wraps depend on it."""
    assert (kdf.ARGON2_MEMORY_KIB, kdf.ARGON2_PASSES) == (65_536, 3)
    frozen = "9e8789c8b42834220afc00085ac73acc308651216994abbfddd69b2592032efd"
    assert argon2id(b"password", salt=b"somesalt").hex() == frozen


# --- codec ------------------------------------------------------------------------------------------------------


class Pair(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    number: int
    text: str


def test_a_value_comes_back() -> None:
    assert decode(Pair, encode(Pair(7, "sieben")), max_bytes=20) == Pair(7, "sieben")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x92\x07",
        encode([7]),
        encode([7, "a", 1]),
        encode([7, "a"]) + b"\x00",
        encode(["7", "a"]),
        encode([7, 7]),
        encode({"number": 7, "text": "a"}),
        b"\x92\x07\xa1\xff",
        b"\xc1",
        b"\x91" * 5000,
        b"\xdd\xff\xff\xff\xff",
        b"\xdb\xff\xff\xff\xff",
    ],
)
def test_everything_else_is_one_error(data: bytes) -> None:
    with pytest.raises(DecodeError):
        decode(Pair, data, max_bytes=10_000)


def test_size_is_looked_at_first() -> None:
    data = encode(Pair(7, "sieben"))
    with pytest.raises(DecodeError):
        decode(Pair, data, max_bytes=len(data) - 1)


@given(st.binary(max_size=100))
def test_fuzzed_bytes_decode_or_are_refused(data: bytes) -> None:
    try:
        value = decode(Pair, data, max_bytes=100)
    except DecodeError:
        return
    assert isinstance(value, Pair)


# --- padding ------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=3000))
def test_padding_comes_off(data: bytes) -> None:
    padded = pad(data)
    assert unpad(padded) == data
    assert len(padded) == bucket(len(data)) > len(data)


@given(st.integers(0, 300_000))
def test_buckets_are_few_and_cheap(size: int) -> None:
    padded = bucket(size)
    assert size < padded
    assert padded == 256 or padded <= (size + 1) * 1.125
    assert bucket(padded - 1) == padded


def test_short_messages_look_alike() -> None:
    assert {len(pad(bytes(size))) for size in range(256)} == {256}
    assert len({bucket(size) for size in range(65_536)}) < 80


@pytest.mark.parametrize("padded", [b"", bytes(256), b"x" * 256, b"\x80x"])
def test_what_is_not_padding_is_refused(padded: bytes) -> None:
    with pytest.raises(DecryptionFailed):
        unpad(padded)


# --- sealing ------------------------------------------------------------------------------------------------------


def test_a_sealed_box_opens_with_its_key_and_context_only() -> None:
    key, box = b"k" * 32, seal(b"k" * 32, b"text", b"context", ENTROPY)
    assert open_sealed(key, box, b"context") == b"text"
    refused: list[Callable[[], bytes]] = [
        lambda: open_sealed(b"j" * 32, box, b"context"),
        lambda: open_sealed(key, box, b"other"),
        lambda: open_sealed(key, box[:-1], b"context"),
        lambda: open_sealed(key, box[:27], b"context"),
        lambda: open_sealed(key, b"", b"context"),
    ]
    for place in range(len(box)):
        changed = box[:place] + bytes([box[place] ^ 1]) + box[place + 1 :]
        refused.append(lambda changed=changed: open_sealed(key, changed, b"context"))  # type: ignore[misc]
    for step in refused:
        with pytest.raises(DecryptionFailed):
            step()


def test_every_box_has_its_own_nonce() -> None:
    entropy = SystemEntropy()
    assert len({seal(b"k" * 32, b"", b"", entropy)[:12] for _ in range(100)}) == 100


def test_system_entropy() -> None:
    entropy = SystemEntropy()
    assert len(entropy.token(33)) == 33
    assert entropy.token(16) != entropy.token(16)
