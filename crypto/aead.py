"""AES-256-GCM with a random nonce in front, and padding to buckets so that lengths tell little."""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.entropy import Entropy
from crypto.errors import DecryptionFailed

NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
_SMALLEST_BUCKET: Final = 256


def seal(key: bytes, plaintext: bytes, associated: bytes, entropy: Entropy) -> bytes:
    """`nonce || ciphertext || tag`. `key` has 32 bytes."""
    nonce = entropy.token(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, associated)


def open_sealed(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    """The plaintext of `seal`. Raises `DecryptionFailed`."""
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise DecryptionFailed
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], associated)
    except InvalidTag as exc:
        raise DecryptionFailed from exc


def bucket(size_bytes: int) -> int:
    """Padded size for a plaintext of `size_bytes`: 256 B, then steps of an eighth of the power of two (PADME-like).

    The overhead stays under 12.5 % and a length tells its bucket only.
    """
    needed = size_bytes + 1
    if needed <= _SMALLEST_BUCKET:
        return _SMALLEST_BUCKET
    step = 1 << max((needed - 1).bit_length() - 4, 0)
    return -(-needed // step) * step


def pad(plaintext: bytes) -> bytes:
    """ISO/IEC 7816-4 padding to `bucket(len(plaintext))`: 0x80, then zeros."""
    return plaintext + b"\x80" + bytes(bucket(len(plaintext)) - len(plaintext) - 1)


def unpad(padded: bytes) -> bytes:
    """Undo `pad`. Only called on authenticated bytes. Raises `DecryptionFailed`."""
    end = len(padded.rstrip(b"\x00")) - 1
    if end < 0 or padded[end] != 0x80:
        raise DecryptionFailed
    return padded[:end]
