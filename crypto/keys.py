"""Public keys from outside: parsed strictly, so that one key has one encoding and no key is a trap.

`cryptography` accepts non-canonical X25519 keys (RFC 7748 asks it to) and small-order Ed25519 keys, under which
forged signatures verify. Both are refused here (protocol section 3, attacks 1-3).
"""

from functools import lru_cache
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from crypto.entropy import Entropy
from crypto.errors import InvalidKey

X25519_BYTES: Final = 32
ED25519_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64
MLKEM_PUBLIC_BYTES: Final = 1184
MLKEM_CIPHERTEXT_BYTES: Final = 1088
MLKEM_SEED_BYTES: Final = 64

_P: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _P) % _P
_SQRT_M1: Final = pow(2, (_P - 1) // 4, _P)

# The u-coordinates of order 1, 2, 4 and 8 on Curve25519 and its twist (RFC 7748 section 6.1, Bernstein's list).
_LOW_ORDER_U: Final = frozenset(
    {
        0,
        1,
        _P - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    }
)

# 768 coefficients of 12 bits as 384 lanes of 24 bits.
_MLKEM_Q: Final = 3329
_MLKEM_PACKED_BYTES: Final = 768 * 12 // 8
_ONE_PER_LANE: Final = int.from_bytes(b"\x01\x00\x00" * 384, "little")
_LANES: Final = 0xFFF * _ONE_PER_LANE
_TO_CARRY: Final = (4096 - _MLKEM_Q) * _ONE_PER_LANE
_CARRIES: Final = 4096 * _ONE_PER_LANE


def x25519_public(data: bytes) -> X25519PublicKey:
    """A canonical X25519 public key that is not of low order. Raises `InvalidKey`."""
    if len(data) != X25519_BYTES:
        raise InvalidKey("X25519 length")
    u = int.from_bytes(data, "little")
    if u >= _P:
        raise InvalidKey("X25519 not canonical")
    if u in _LOW_ORDER_U:
        raise InvalidKey("X25519 low order")
    return X25519PublicKey.from_public_bytes(data)


@lru_cache(maxsize=1024)
def ed25519_public(data: bytes) -> Ed25519PublicKey:
    """A canonical Ed25519 public key on the curve that is not of small order. Raises `InvalidKey`.

    The check takes 0.4 ms, and one device's key comes thousands of times: good keys are remembered, bad ones not.
    """
    if len(data) != ED25519_BYTES:
        raise InvalidKey("Ed25519 length")
    y = int.from_bytes(data, "little") & ((1 << 255) - 1)
    if y >= _P:
        raise InvalidKey("Ed25519 not canonical")
    x2 = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(x2, (_P + 3) // 8, _P)
    if x * x % _P != x2:
        x = x * _SQRT_M1 % _P
    if x * x % _P != x2 or (x == 0 and data[31] & 0x80):
        raise InvalidKey("Ed25519 not a point")
    if _has_small_order(x, y):
        raise InvalidKey("Ed25519 small order")
    return Ed25519PublicKey.from_public_bytes(data)


def _has_small_order(x: int, y: int) -> bool:
    """Whether 8 * (x, y) is the neutral element (0, 1): three doublings on the twisted Edwards curve."""
    for _ in range(3):
        k = _D * x * x * y * y % _P
        x, y = (
            2 * x * y * pow(1 + k, -1, _P) % _P,
            (y * y + x * x) * pow(1 - k, -1, _P) % _P,
        )
    return x == 0 and y == 1


def mlkem_public(data: bytes) -> MLKEM768PublicKey:
    """An ML-KEM-768 encapsulation key, modulus check included (FIPS 203 section 7.2). Raises `InvalidKey`."""
    if len(data) != MLKEM_PUBLIC_BYTES:
        raise InvalidKey("ML-KEM length")
    # Every 12-bit coefficient of the first 1152 bytes must be below q: the library's check is not relied upon.
    # All 768 at once, because the ratchet does this with every offered key: each second coefficient in a lane of
    # 24 bits, where adding 4096 - q carries into the lane's bit 12 exactly if the coefficient is not reduced.
    packed = int.from_bytes(data[:_MLKEM_PACKED_BYTES], "little")
    even, odd = packed & _LANES, packed >> 12 & _LANES
    if (even + _TO_CARRY | odd + _TO_CARRY) & _CARRIES:
        raise InvalidKey("ML-KEM not reduced")
    try:
        return MLKEM768PublicKey.from_public_bytes(data)
    except (ValueError, UnsupportedAlgorithm) as exc:
        raise InvalidKey("ML-KEM") from exc


def exchange(private: X25519PrivateKey, public: X25519PublicKey) -> bytes:
    """X25519 shared secret, 32 bytes. Raises `InvalidKey` for an all-zero result (RFC 7748 section 6.1)."""
    try:
        return private.exchange(public)
    except ValueError as exc:
        raise InvalidKey("X25519 low order") from exc


def new_x25519(entropy: Entropy) -> X25519PrivateKey:
    """A fresh X25519 key."""
    return X25519PrivateKey.from_private_bytes(entropy.token(32))


def new_ed25519(entropy: Entropy) -> Ed25519PrivateKey:
    """A fresh Ed25519 key."""
    return Ed25519PrivateKey.from_private_bytes(entropy.token(32))


def new_mlkem(entropy: Entropy) -> MLKEM768PrivateKey:
    """A fresh ML-KEM-768 decapsulation key."""
    return MLKEM768PrivateKey.from_seed_bytes(entropy.token(MLKEM_SEED_BYTES))
