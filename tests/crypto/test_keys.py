"""Public keys from outside (protocol section 3; attacks 1-3)."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from crypto import keys
from crypto.errors import InvalidKey
from crypto.keys import ed25519_public, exchange, mlkem_public, x25519_public
from tests.crypto.session_kit import SeededEntropy

P = 2**255 - 19
LOW_ORDER_U = [
    0,
    1,
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
    P - 1,
]


def le(value: int) -> bytes:
    return value.to_bytes(32, "little")


def edwards_double(x: int, y: int) -> tuple[int, int]:
    d = -121665 * pow(121666, -1, P) % P
    k = d * x * x * y * y % P
    return (2 * x * y * pow(1 + k, -1, P) % P, (y * y + x * x) * pow(1 - k, -1, P) % P)


def small_order_encodings() -> list[bytes]:
    """All encodings, canonical or not, of the eight points of small order."""
    found = []
    for y in (0, 1, P - 1, *order_eight_y()):
        for representative in (y, y + P):
            if representative < 1 << 255:
                found += [le(representative), le(representative | 1 << 255)]
    return found


def is_small_order_y(y: int) -> bool:
    d = -121665 * pow(121666, -1, P) % P
    x2 = (y * y - 1) * pow(d * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if x * x % P != x2:
        x = x * pow(2, (P - 1) // 4, P) % P
    for _ in range(3):
        x, y = edwards_double(x, y)
    return (x, y) == (0, 1)


def order_eight_y() -> list[int]:
    """y of the points of order 8: doubled they have y = 0, so y^2 = -x^2 and d y^4 + 2 y^2 = 1."""
    d = -121665 * pow(121666, -1, P) % P
    root = pow(2, (P - 1) // 4, P)
    found = []
    discriminant = (1 + d) % P
    s = pow(discriminant, (P + 3) // 8, P)
    if s * s % P != discriminant:
        s = s * root % P
    assert s * s % P == discriminant
    for sign in (s, P - s):
        y2 = (-1 + sign) * pow(d, -1, P) % P
        y = pow(y2, (P + 3) // 8, P)
        if y * y % P != y2:
            y = y * root % P
        if y * y % P == y2:
            found += [y, P - y]
    return found


# --- X25519 ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("u", LOW_ORDER_U)
def test_attack_01_low_order(u: int) -> None:
    with pytest.raises(InvalidKey):
        x25519_public(le(u))


@pytest.mark.parametrize("u", LOW_ORDER_U)
def test_attack_01_the_exchange_is_a_second_line(u: int) -> None:
    """Even past the parser a low-order point gives no shared secret."""
    private = keys.new_x25519(SeededEntropy(b"x"))
    with pytest.raises(InvalidKey):
        exchange(private, X25519PublicKey.from_public_bytes(le(u)))


@pytest.mark.parametrize("u", range(P, 1 << 255))
def test_attack_02_not_reduced(u: int) -> None:
    with pytest.raises(InvalidKey):
        x25519_public(le(u))


def test_attack_02_high_bit_alias() -> None:
    """The library takes the alias and agrees on the same secret: that is the danger."""
    mine, theirs = keys.new_x25519(SeededEntropy(b"1")), keys.new_x25519(SeededEntropy(b"2"))
    good = theirs.public_key().public_bytes_raw()
    alias = good[:31] + bytes([good[31] | 0x80])
    assert mine.exchange(X25519PublicKey.from_public_bytes(alias)) == exchange(mine, x25519_public(good))
    with pytest.raises(InvalidKey):
        x25519_public(alias)


def test_a_good_key_is_taken() -> None:
    for seed in range(50):
        public = keys.new_x25519(SeededEntropy(bytes([seed]))).public_key().public_bytes_raw()
        assert x25519_public(public).public_bytes_raw() == public


# --- Ed25519 ---------------------------------------------------------------------------------------------------


def test_attack_03_small_order() -> None:
    assert len(set(order_eight_y())) == 2
    assert all(is_small_order_y(y) for y in order_eight_y())
    encodings = small_order_encodings()
    assert len(set(encodings)) == 14
    for encoding in encodings:
        with pytest.raises(InvalidKey):
            ed25519_public(encoding)


def test_attack_03_why_it_matters() -> None:
    """Under a key of small order the library accepts one signature for any message."""
    neutral = le(1)
    Ed25519PublicKey.from_public_bytes(neutral).verify(neutral + bytes(32), b"anything")


@pytest.mark.parametrize("y", [*range(P, (1 << 255) - 1, 3), 2])
def test_not_canonical_or_not_on_the_curve(y: int) -> None:
    with pytest.raises(InvalidKey):
        ed25519_public(le(y))


def test_a_good_signing_key_is_taken_and_remembered() -> None:
    for seed in range(50):
        public = keys.new_ed25519(SeededEntropy(bytes([seed]))).public_key().public_bytes_raw()
        assert ed25519_public(public).public_bytes_raw() == public
        assert ed25519_public(public) is ed25519_public(public)


# --- ML-KEM ------------------------------------------------------------------------------------------------------


def kem_public() -> bytes:
    return keys.new_mlkem(SeededEntropy(b"kem")).public_key().public_bytes_raw()


def test_a_good_kem_key_is_taken() -> None:
    assert mlkem_public(kem_public()).public_bytes_raw() == kem_public()


@pytest.mark.parametrize("place", [0, 1, 575, 1149, 1150])
def test_attack_04_kem_coefficients_must_be_reduced(place: int) -> None:
    good = kem_public()
    with pytest.raises(InvalidKey):
        mlkem_public(good[:place] + b"\xff\xff" + good[place + 2 :])


def with_coefficient(key: bytes, place: int, value: int) -> bytes:
    """`key` with another 12-bit coefficient, packed as FIPS 203 algorithm 5 has it."""
    packed = int.from_bytes(key[:1152], "little")
    packed = packed & ~(0xFFF << 12 * place) | value << 12 * place
    return packed.to_bytes(1152, "little") + key[1152:]


@pytest.mark.parametrize("value", [3329, 3330, 4095])
def test_attack_04_a_kem_coefficient_is_noticed_at_every_place(value: int) -> None:
    good = kem_public()
    for place in range(768):
        with pytest.raises(InvalidKey, match="not reduced"):
            mlkem_public(with_coefficient(good, place, value))


@pytest.mark.parametrize("fill", [0, 3328])
def test_the_greatest_and_the_least_coefficients_are_taken(fill: int) -> None:
    """Full lanes on both sides carry nothing into each other."""
    key = kem_public()
    for place in range(768):
        key = with_coefficient(key, place, fill)
    assert mlkem_public(key).public_bytes_raw() == key
    for place in range(0, 768, 7):
        with pytest.raises(InvalidKey, match="not reduced"):
            mlkem_public(with_coefficient(key, place, 3329))


# --- all of them ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("parse", [x25519_public, ed25519_public, mlkem_public])
@pytest.mark.parametrize("size", [0, 1, 31, 33, 64, 1183, 1185])
def test_attack_04_wrong_length_and_type_confusion(parse: object, size: int) -> None:
    with pytest.raises(InvalidKey):
        parse(b"\x09" * size)  # type: ignore[operator]


def test_attack_04_a_key_of_one_kind_is_none_of_another() -> None:
    x = keys.new_x25519(SeededEntropy(b"x")).public_key().public_bytes_raw()
    with pytest.raises(InvalidKey):
        mlkem_public(x)
    with pytest.raises(InvalidKey):
        x25519_public(kem_public())


@given(st.binary(min_size=32, max_size=32))
def test_whatever_is_accepted_has_one_encoding(data: bytes) -> None:
    for parse in (x25519_public, ed25519_public):
        try:
            key = parse(data)
        except InvalidKey:
            continue
        assert key.public_bytes_raw() == data
