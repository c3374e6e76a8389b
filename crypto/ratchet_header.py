"""The header of a ratchet message (protocol section 4), all of it associated data.

version u8 | type u8 | flags u8 | DH public key 32 | PN u32 | N u32 | nonce 12
| [flag 1: ML-KEM-768 key offered, 1184] | [flag 2: ML-KEM-768 ciphertext, 1088]
"""

import struct
from hashlib import sha256
from typing import Final, NamedTuple, NoReturn

from crypto.aead import TAG_BYTES
from crypto.errors import DecryptionFailed
from crypto.keys import MLKEM_CIPHERTEXT_BYTES, MLKEM_PUBLIC_BYTES

VERSION: Final = 1
OFFER: Final = 1
"""Flag: an ML-KEM key is offered in this chain."""
ANSWER: Final = 2
"""Flag: this chain carries the ciphertext to the key that was offered."""
MAX_NUMBER: Final = 2**32 - 2
"""Last message number of a chain; 2^32 - 1 is refused, so that a count of messages always fits PN."""

_HEADER: Final = struct.Struct(">BBB32sII12s")
_PLAIN: Final = _HEADER.size
_SIZES: Final = (
    _PLAIN,
    _PLAIN + MLKEM_PUBLIC_BYTES,
    _PLAIN + MLKEM_CIPHERTEXT_BYTES,
    _PLAIN + MLKEM_PUBLIC_BYTES + MLKEM_CIPHERTEXT_BYTES,
)
"""By flags."""


class RatchetHeader(NamedTuple):
    """A parsed header; `size` is where the ciphertext starts."""

    flags: int
    dh: bytes
    previous: int
    number: int
    nonce: bytes
    size: int


def pack(kind: int, flags: int, dh: bytes, previous: int, number: int, nonce: bytes) -> bytes:
    """The fixed part; key and ciphertext follow as the flags say."""
    return _HEADER.pack(VERSION, kind, flags, dh, previous, number, nonce)


def parse(message: bytes, kind: int) -> RatchetHeader:
    """The header of a message of type `kind`, by form only. Raises `DecryptionFailed`."""
    if len(message) < _PLAIN + TAG_BYTES:
        _refuse()
    version, got, flags, dh, previous, number, nonce = _HEADER.unpack_from(message)
    if version != VERSION or got != kind or flags > OFFER | ANSWER or number > MAX_NUMBER:
        _refuse()
    size = _SIZES[flags]
    if len(message) < size + TAG_BYTES:
        _refuse()
    return RatchetHeader(flags, dh, previous, number, nonce, size)


def extra_hash(message: bytes, header: RatchetHeader) -> bytes:
    """What identifies the one offered key and the one ciphertext of a chain; empty if it has neither."""
    return sha256(message[_PLAIN : header.size]).digest() if header.flags else b""


def offered_key(message: bytes) -> bytes:
    """The ML-KEM key of a message with flag `OFFER`."""
    return message[_PLAIN : _PLAIN + MLKEM_PUBLIC_BYTES]


def answer(message: bytes, header: RatchetHeader) -> bytes:
    """The ML-KEM ciphertext of a message with flag `ANSWER`."""
    return message[header.size - MLKEM_CIPHERTEXT_BYTES : header.size]


def _refuse() -> NoReturn:
    raise DecryptionFailed from None
