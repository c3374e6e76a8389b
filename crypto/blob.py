"""Photos and files: encrypted once, in chunks, under a fresh key (protocol section 6, attack 28).

    sealed chunk = key commitment 32 | AES-256-GCM ciphertext | tag 16

Chunk key and commitment come from the blob's key. AES-GCM alone does not bind a ciphertext to one key, so the
commitment in front makes it impossible that one blob opens to different pictures under different keys. The
nonce holds the chunk's index and the last mark, so a chunk opens only in its place; the key must never seal a
second blob. Chunk hashes are SHA-256 over sealed chunks: a holder without the key can check and pass on.
"""

import struct
from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest
from typing import Final, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.errors import DecodeError, DecryptionFailed, LimitReached
from crypto.ids import HASH_BYTES, BlobId
from crypto.kdf import Label, hash_labelled, hkdf

KEY_BYTES: Final = 32
CHUNK_BYTES: Final = 256 * 1024
OVERHEAD_BYTES: Final = 32 + 16
MAX_SEALED_BYTES: Final = CHUNK_BYTES + OVERHEAD_BYTES
MAX_CHUNKS: Final = 4096
"""1 GiB: the list of chunk hashes travels in the message."""

_NONCE: Final = struct.Struct(">IQ")
"""last mark, index"""


def chunk_count(size_bytes: int) -> int:
    """Chunks of a blob of this size; an empty one has a single empty chunk."""
    return max(1, -(-size_bytes // CHUNK_BYTES))


def chunk_hash(sealed: bytes) -> bytes:
    """32 bytes: what the list in the message holds for this chunk."""
    return sha256(sealed).digest()


def blob_id(hashes: Iterable[bytes]) -> BlobId:
    """The blob's id from the hashes of its chunks in order."""
    return BlobId(hash_labelled(Label.BLOB_ID, b"".join(hashes)))


def blob_id_of_list(chunk_hashes: bytes) -> BlobId:
    """The same from the hashes as one string, as stored and sent. Raises `DecodeError` for no such list."""
    if not chunk_hashes or len(chunk_hashes) % HASH_BYTES or len(chunk_hashes) > MAX_CHUNKS * HASH_BYTES:
        raise DecodeError("no list of chunk hashes")
    return BlobId(hash_labelled(Label.BLOB_ID, chunk_hashes))


class BlobSealer:
    """Seals one blob from its first chunk to its last. `key` is 32 fresh random bytes, for this blob only."""

    __slots__ = ("_cipher", "_commitment", "_done", "_next")

    def __init__(self, key: bytes) -> None:
        self._cipher, self._commitment = _keys(key)
        self._next = 0
        self._done = False

    def __repr__(self) -> str:
        return f"BlobSealer(next={self._next}, key=<redacted>)"

    def seal(self, chunk_index: int, data: bytes, last: bool) -> bytes:
        """The next sealed chunk. All but the last hold exactly 256 KiB; only an empty blob has an empty one.

        Raises `ValueError` for chunks out of order or of the wrong size (one nonce must never seal twice),
        `LimitReached` beyond 1 GiB.
        """
        if self._done or chunk_index != self._next:
            raise ValueError("chunks are sealed once and in order")
        if len(data) > CHUNK_BYTES or (not last and len(data) != CHUNK_BYTES):
            raise ValueError("chunk of the wrong size")
        if last and chunk_index and not data:
            raise ValueError("an empty chunk ends no blob")
        if chunk_index >= MAX_CHUNKS:
            raise LimitReached("the file is too large")
        self._next, self._done = chunk_index + 1, last
        sealed = self._cipher.encrypt(_NONCE.pack(last, chunk_index), data, self._commitment)
        return self._commitment + sealed


class BlobOpener:
    """Opens chunks in any order. `chunk_hashes` is the whole list as one string."""

    __slots__ = ("_cipher", "_commitment", "_count", "_hashes", "_size")

    def __init__(self, key: bytes, chunk_hashes: bytes, size_bytes: int) -> None:
        """Raises `DecodeError` if key, list and size do not fit each other."""
        if len(key) != KEY_BYTES or size_bytes < 0 or chunk_count(size_bytes) > MAX_CHUNKS:
            raise DecodeError("no such blob")
        if len(chunk_hashes) != chunk_count(size_bytes) * HASH_BYTES:
            raise DecodeError("chunk list and size do not agree")
        self._cipher, self._commitment = _keys(key)
        self._hashes = chunk_hashes
        self._size = size_bytes
        self._count = chunk_count(size_bytes)

    def __repr__(self) -> str:
        return f"BlobOpener({self._count} chunks, key=<redacted>)"

    @property
    def count(self) -> int:
        return self._count

    def matches(self, chunk_index: int, sealed: bytes) -> bool:
        """Whether these are the bytes the list names at this index (no key needed for that)."""
        if not 0 <= chunk_index < self._count or len(sealed) != self._sealed_bytes(chunk_index):
            return False
        place = chunk_index * HASH_BYTES
        return chunk_hash(sealed) == self._hashes[place : place + HASH_BYTES]

    def open(self, chunk_index: int, sealed: bytes) -> bytes:
        """The plain chunk. Raises `DecryptionFailed` for wrong bytes, place, length, mark or key."""
        if not self.matches(chunk_index, sealed):
            _refuse()
        if not compare_digest(sealed[: len(self._commitment)], self._commitment):
            _refuse()
        nonce = _NONCE.pack(chunk_index == self._count - 1, chunk_index)
        try:
            return self._cipher.decrypt(nonce, memoryview(sealed)[len(self._commitment) :], self._commitment)
        except InvalidTag:
            _refuse()

    def _sealed_bytes(self, chunk_index: int) -> int:
        if chunk_index < self._count - 1:
            return MAX_SEALED_BYTES
        return self._size - chunk_index * CHUNK_BYTES + OVERHEAD_BYTES


def _keys(key: bytes) -> tuple[AESGCM, bytes]:
    """(cipher, commitment of 32 bytes)."""
    if len(key) != KEY_BYTES:
        raise ValueError("a blob key is 32 bytes")
    both = hkdf(key, salt=bytes(32), info=Label.BLOB_KEYS, size_bytes=64)
    return AESGCM(both[:32]), both[32:]


def _refuse() -> NoReturn:
    raise DecryptionFailed from None
