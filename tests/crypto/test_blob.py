"""Blobs: chunks, their places, and one content for one id (protocol 6; attack 28)."""

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.blob import (
    CHUNK_BYTES,
    MAX_CHUNKS,
    MAX_SEALED_BYTES,
    OVERHEAD_BYTES,
    BlobOpener,
    BlobSealer,
    blob_id,
    blob_id_of_list,
    chunk_count,
    chunk_hash,
)
from crypto.errors import DecodeError, DecryptionFailed, LimitReached

KEY = bytes(range(32))


def seal(data: bytes, key: bytes = KEY) -> list[bytes]:
    sealer = BlobSealer(key)
    count = chunk_count(len(data))
    return [
        sealer.seal(index, data[index * CHUNK_BYTES : (index + 1) * CHUNK_BYTES], index == count - 1)
        for index in range(count)
    ]


def hashes_of(chunks: list[bytes]) -> bytes:
    return b"".join(chunk_hash(chunk) for chunk in chunks)


def opener(chunks: list[bytes], size_bytes: int, key: bytes = KEY) -> BlobOpener:
    return BlobOpener(key, hashes_of(chunks), size_bytes)


@pytest.mark.parametrize("size", [0, 1, 1000, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_there_and_back_in_any_order(size: int) -> None:
    data = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    chunks = seal(data)
    assert all(len(chunk) <= MAX_SEALED_BYTES for chunk in chunks)
    reader = opener(chunks, size)
    assert reader.count == len(chunks)
    parts = {index: reader.open(index, chunks[index]) for index in reversed(range(len(chunks)))}
    assert b"".join(parts[index] for index in sorted(parts)) == data


def test_ids_are_hashes_of_what_travels() -> None:
    chunks = seal(bytes(CHUNK_BYTES + 5))
    assert chunk_hash(chunks[0]) == sha256(chunks[0]).digest()
    assert blob_id(map(chunk_hash, chunks)) == blob_id_of_list(hashes_of(chunks))
    assert blob_id(map(chunk_hash, reversed(chunks))) != blob_id_of_list(hashes_of(chunks))
    for wrong in (b"", bytes(31), bytes(33), bytes(32 * (MAX_CHUNKS + 1))):
        with pytest.raises(DecodeError):
            blob_id_of_list(wrong)


def test_every_flipped_byte_is_refused_by_hash_and_by_tag() -> None:
    """The hash list guards against the holder of a chunk, the tag against a list that lies."""
    data = b"wound photo" * 20
    (chunk,) = seal(data)
    honest = opener([chunk], len(data))
    for place in range(len(chunk)):
        broken = chunk[:place] + bytes((chunk[place] ^ 1,)) + chunk[place + 1 :]
        assert not honest.matches(0, broken)
        for reader in (honest, opener([broken], len(data))):
            with pytest.raises(DecryptionFailed):
                reader.open(0, broken)


def test_a_chunk_opens_only_in_its_place() -> None:
    chunks = seal(bytes(3 * CHUNK_BYTES))
    swapped = [chunks[1], chunks[0], chunks[2]]
    reader = opener(swapped, 3 * CHUNK_BYTES)
    for index in (0, 1):
        with pytest.raises(DecryptionFailed):
            reader.open(index, swapped[index])
    assert reader.open(2, swapped[2]) == bytes(CHUNK_BYTES)
    for index in (-1, 3, 10**9):
        with pytest.raises(DecryptionFailed):
            reader.open(index, chunks[0])


def test_a_blob_cannot_be_cut_or_continued() -> None:
    """The last mark is authenticated: a shorter or longer list with true chunks does not open at its end."""
    chunks = seal(bytes(3 * CHUNK_BYTES))
    shortened = opener(chunks[:2], 2 * CHUNK_BYTES)
    assert shortened.open(0, chunks[0]) == bytes(CHUNK_BYTES)
    with pytest.raises(DecryptionFailed):
        shortened.open(1, chunks[1])
    longer = opener([*chunks, chunks[0]], 4 * CHUNK_BYTES)
    with pytest.raises(DecryptionFailed):
        longer.open(2, chunks[2])


def test_size_and_list_must_agree() -> None:
    chunks = seal(bytes(CHUNK_BYTES + 1))
    for size in (0, CHUNK_BYTES, 2 * CHUNK_BYTES + 1, -1, (MAX_CHUNKS + 1) * CHUNK_BYTES):
        with pytest.raises(DecodeError):
            opener(chunks, size)
    with pytest.raises(DecodeError):
        BlobOpener(b"short", hashes_of(chunks), CHUNK_BYTES + 1)
    # The right number of chunks, but another length of the last one.
    with pytest.raises(DecryptionFailed):
        opener(chunks, CHUNK_BYTES + 2).open(1, chunks[1])


def test_attack_28_no_blob_opens_under_two_keys() -> None:
    """AES-GCM does not commit to its key: without the commitment both of these would be accepted somewhere."""
    other = bytes(32)
    (chunk,) = seal(b"for one recipient")
    with pytest.raises(DecryptionFailed):
        opener([chunk], 17, other).open(0, chunk)
    # An attacker holds both keys and puts a ciphertext of the second behind the commitment of the first.
    foreign = BlobSealer(other)
    mixed = chunk[:32] + foreign._cipher.encrypt(bytes(3) + b"\x01" + bytes(8), b"x" * 17, chunk[:32])
    for key in (KEY, other):
        with pytest.raises(DecryptionFailed):
            opener([mixed], 17, key).open(0, mixed)
    assert BlobSealer(KEY)._commitment != foreign._commitment


def test_attack_28_the_commitment_is_what_refuses() -> None:
    """With the tag made to fit the second key, only the commitment is left to say no."""
    other = BlobSealer(bytes(32))
    first = BlobSealer(KEY)
    nonce = bytes(3) + b"\x01" + bytes(8)
    sealed = other._cipher.encrypt(nonce, b"x" * 17, other._commitment)
    forged = first._commitment + sealed
    with pytest.raises(DecryptionFailed):
        opener([forged], 17, bytes(32)).open(0, forged)
    honest = other._commitment + sealed
    assert opener([honest], 17, bytes(32)).open(0, honest) == b"x" * 17


def test_chunks_are_sealed_once_and_in_order() -> None:
    sealer = BlobSealer(KEY)
    with pytest.raises(ValueError, match="order"):
        sealer.seal(1, bytes(CHUNK_BYTES), False)
    with pytest.raises(ValueError, match="size"):
        sealer.seal(0, b"short, not last", False)
    with pytest.raises(ValueError, match="size"):
        sealer.seal(0, bytes(CHUNK_BYTES + 1), True)
    sealer.seal(0, bytes(CHUNK_BYTES), False)
    with pytest.raises(ValueError, match="order"):
        sealer.seal(0, bytes(CHUNK_BYTES), False)
    with pytest.raises(ValueError, match="empty"):
        sealer.seal(1, b"", True)
    sealer.seal(1, b"end", True)
    with pytest.raises(ValueError, match="order"):
        sealer.seal(2, b"more", True)


def test_the_bound_on_size() -> None:
    sealer = BlobSealer(KEY)
    sealer._next = MAX_CHUNKS
    with pytest.raises(LimitReached):
        sealer.seal(MAX_CHUNKS, b"x", True)
    with pytest.raises(ValueError, match="32 bytes"):
        BlobSealer(b"short")


def test_repr_shows_no_key() -> None:
    chunks = seal(b"x")
    for shown in (repr(BlobSealer(KEY)), repr(opener(chunks, 1))):
        assert repr(KEY)[2:-1] not in shown


def test_chunks_are_aes_gcm_under_the_derived_key() -> None:
    (chunk,) = seal(b"plain")
    cipher = BlobSealer(KEY)._cipher
    assert isinstance(cipher, AESGCM)
    assert len(chunk) == 5 + OVERHEAD_BYTES


@given(st.binary(max_size=300), st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_fuzzed_chunks(data: bytes, junk: bytes) -> None:
    chunks = seal(data)
    reader = opener(chunks, len(data))
    assert reader.open(0, chunks[0]) == data
    for broken in (junk, chunks[0] + b"\0", chunks[0][:-1]):
        with pytest.raises(DecryptionFailed):
            reader.open(0, broken)
