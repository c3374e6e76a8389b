"""The database key and what wraps it (architecture, "database key"; protocol 11.20).

The key itself is 32 random bytes that never change with a passphrase. It lies in a small file, sealed under a key
from the OS keyring's secret, from a passphrase by Argon2id, or from both together. The sealed form is bound to the
profile, so that a wrapped key moved to another profile does not open there.
"""

import unicodedata
from enum import IntEnum
from typing import Final

import msgspec

from crypto.aead import open_sealed, seal
from crypto.codec import decode, encode
from crypto.entropy import Entropy
from crypto.errors import DecodeError, DecryptionFailed, WeakPassphrase
from crypto.kdf import Label, argon2id, hkdf, labelled

DATABASE_KEY_BYTES: Final = 32
KEYRING_SECRET_BYTES: Final = 32
_VERSION: Final = 1
_SALT_BYTES: Final = 16
MAX_WRAPPED_BYTES: Final = 512
MAX_PASSPHRASE_CHARS: Final = 1024
MIN_ALONE_CHARS: Final = 8
MIN_ALONE_DIGITS: Final = 16


class Method(IntEnum):
    """What opens a wrapped key."""

    KEYRING = 1
    PASSPHRASE = 2
    BOTH = 3


class WrappedKey(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The file's content: version, method, salt (16 bytes), sealed key."""

    version: int
    method: Method
    salt: bytes
    sealed: bytes


def wrap(
    database_key: bytes,
    *,
    profile: bytes,
    entropy: Entropy,
    keyring_secret: bytes | None = None,
    passphrase: str | None = None,
) -> bytes:
    """Seal `database_key` for `profile`. With a passphrase it takes Argon2id's time: call it in a worker.

    Raises `WeakPassphrase` if a passphrase alone is to protect it and can be tried out.
    """
    if len(database_key) != DATABASE_KEY_BYTES:
        raise ValueError("a database key has 32 bytes")
    if keyring_secret is not None and len(keyring_secret) < KEYRING_SECRET_BYTES:
        raise ValueError("a keyring secret has 32 bytes")
    method = _method(keyring_secret, passphrase)
    if method is Method.PASSPHRASE and passphrase is not None:
        check_alone(passphrase)
    salt = entropy.token(_SALT_BYTES)
    key = _key(method, salt, keyring_secret, passphrase)
    sealed = seal(key, database_key, _associated(method, profile), entropy)
    return encode(WrappedKey(_VERSION, method, salt, sealed))


def check_alone(passphrase: str) -> None:
    """Whether a passphrase may be the only wrap: a PIN never is (section 11.20).

    Argon2id makes a try cost a fifth of a second: six digits fall in two days on one such core, eight letters and
    more need a real attacker. Raises `WeakPassphrase`.
    """
    text = _normal(passphrase)
    if len(text) < MIN_ALONE_CHARS or (text.isdecimal() and len(text) < MIN_ALONE_DIGITS):
        raise WeakPassphrase("too short to stand alone")


def describe(wrapped: bytes) -> Method:
    """What is needed to open it. Raises `DecodeError`."""
    return _parse(wrapped).method


def unwrap(
    wrapped: bytes, *, profile: bytes, keyring_secret: bytes | None = None, passphrase: str | None = None
) -> bytes:
    """The 32-byte database key. Raises `DecodeError`, or `DecryptionFailed` for a wrong secret or profile."""
    stored = _parse(wrapped)
    needs_keyring = stored.method in (Method.KEYRING, Method.BOTH)
    needs_passphrase = stored.method in (Method.PASSPHRASE, Method.BOTH)
    if (needs_keyring and keyring_secret is None) or (needs_passphrase and passphrase is None):
        raise DecryptionFailed
    key = _key(
        stored.method,
        stored.salt,
        keyring_secret if needs_keyring else None,
        passphrase if needs_passphrase else None,
    )
    database_key = open_sealed(key, stored.sealed, _associated(stored.method, profile))
    if len(database_key) != DATABASE_KEY_BYTES:
        raise DecryptionFailed
    return database_key


def _parse(wrapped: bytes) -> WrappedKey:
    stored = decode(WrappedKey, wrapped, max_bytes=MAX_WRAPPED_BYTES)
    if stored.version != _VERSION or len(stored.salt) != _SALT_BYTES:
        raise DecodeError("wrapped key")
    return stored


def _method(keyring_secret: bytes | None, passphrase: str | None) -> Method:
    if keyring_secret is not None and passphrase is not None:
        return Method.BOTH
    if keyring_secret is not None:
        return Method.KEYRING
    if passphrase is not None:
        return Method.PASSPHRASE
    raise ValueError("a database key is never stored unwrapped")


def _key(method: Method, salt: bytes, keyring_secret: bytes | None, passphrase: str | None) -> bytes:
    stretched = b""
    if passphrase is not None:
        stretched = argon2id(_normal(passphrase).encode(), salt=salt)
    label = {
        Method.KEYRING: Label.VAULT_KEYRING,
        Method.PASSPHRASE: Label.VAULT_PASSPHRASE,
        Method.BOTH: Label.VAULT_BOTH,
    }[method]
    secret = labelled(label, keyring_secret or b"", stretched)
    return hkdf(secret, salt=salt, info=label, size_bytes=32)


def _normal(passphrase: str) -> str:
    """One form of what looks the same: keyboards and systems differ in how they compose an umlaut."""
    if len(passphrase) > MAX_PASSPHRASE_CHARS:
        raise DecryptionFailed
    return unicodedata.normalize("NFC", passphrase)


def _associated(method: Method, profile: bytes) -> bytes:
    return labelled(Label.VAULT_KEYRING, bytes([_VERSION, method]), profile)
