"""Key derivation: the one table of labels, and the four ways in which PX1 turns bytes into keys.

Every label starts with `PX1/` and stands here and nowhere else (protocol section 9). A label is used for exactly
one purpose. Signature and hash inputs are `label || 0x00 || (u32 length || field)*` (section 11.11), so that no two
lists of fields ever give the same bytes.
"""

import hashlib
from enum import Enum
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Label(bytes, Enum):
    """What a derived key, a hash or a signature is for."""

    # identity (section 1)
    IDENTITY_KEY = b"PX1/identity/ik"  # signature by DIK over IK
    TLS = b"PX1/tls"  # signature by DIK over SubjectPublicKeyInfo and expiry
    SAFETY_NUMBER = b"PX1/safety-number"

    # pairing (sections 2, 11.14)
    PAIR_TRANSCRIPT = b"PX1/pair/transcript"
    PAIR_JOINER = b"PX1/pair/j"  # MAC of the joiner
    PAIR_ADMIN = b"PX1/pair/a"  # MAC of the admin's side
    PAIR_KEYS = b"PX1/pair/keys"  # HKDF: the keys under which M3 and M4 are sealed
    PAIR_JOINER_SIGNATURE = b"PX1/pair/j/signature"
    PAIR_ADMIN_SIGNATURE = b"PX1/pair/a/signature"
    CONSENT = b"PX1/consent"  # a new device's signature over (circle, person), section 11.2
    ENROLMENT_TOKEN = b"PX1/enrolment"

    # prekeys and handshake (section 3)
    PREKEY_X25519 = b"PX1/prekey/x25519"
    PREKEY_MLKEM = b"PX1/prekey/mlkem768"
    PREKEY_ONETIME = b"PX1/prekey/onetime"
    BUNDLE = b"PX1/bundle"
    HANDSHAKE = b"PX1/handshake/X25519+MLKEM768"
    TRANSCRIPT = b"PX1/handshake/transcript"

    # ratchet (section 4)
    ROOT = b"PX1/root"

    # content and blobs (sections 5, 6, 11.7)
    CONTENT = b"PX1/content"
    BLOB_ID = b"PX1/blob/id"
    BLOB_KEYS = b"PX1/blob/keys"

    # statements (sections 1, 11)
    STATEMENT = b"PX1/statement"  # signature
    STATEMENT_HASH = b"PX1/statement/hash"
    COSIGN = b"PX1/statement/cosign"
    COMMITMENT = b"PX1/commitment"  # salted hash of a personal value, section 11.10
    CIRCLE_SECRET = b"PX1/circle-secret"  # commitment to a new tag secret, section 11.13
    RECOVERY_AUTHOR = b"PX1/recovery/author"  # the recovery key's name as author of statements, section 11.1
    ENROLMENT_PROOF = b"PX1/enrolment/proof"  # signature by the token's key over (circle, person, device)
    DIRECT_CONVERSATION = b"PX1/conversation/direct"
    NOTICE = b"PX1/notice"  # local id of a notice row in a timeline

    # discovery and server names (sections 8, 11.3, 11.13)
    TAG = b"PX1/mdns/tag"
    TAG_PADDING = b"PX1/mdns/padding"
    SERVER_NAME = b"PX1/sni"

    # storage and recovery (architecture, sections 10.1, 10.11)
    VAULT_KEYRING = b"PX1/vault/keyring"
    VAULT_PASSPHRASE = b"PX1/vault/passphrase"
    VAULT_BOTH = b"PX1/vault/both"
    RECOVERY_SIGNING = b"PX1/recovery/signing"
    RECOVERY_BACKUP = b"PX1/recovery/backup"


KEY_BYTES: Final = 32
HmacPads = tuple["hashlib._Hash", "hashlib._Hash"]


def labelled(label: Label, *fields: bytes) -> bytes:
    """`label || 0x00 || (u32 big-endian length || field)*`: injective in (label, fields). Section 11.11."""
    parts = [label.value, b"\x00"]
    for field in fields:
        parts.append(len(field).to_bytes(4, "big"))
        parts.append(field)
    return b"".join(parts)


def hash_labelled(label: Label, *fields: bytes) -> bytes:
    """SHA-256 of `labelled(label, *fields)`, 32 bytes."""
    return hashlib.sha256(labelled(label, *fields)).digest()


def hkdf(secret: bytes, *, salt: bytes, info: bytes, size_bytes: int) -> bytes:
    """HKDF-SHA256 (RFC 5869)."""
    return HKDF(hashes.SHA256(), size_bytes, salt, bytes(info)).derive(secret)


# HMAC-SHA256 (RFC 2104): key XOR pad as a byte table, and the rest of the 64-byte block for a 32-byte key.
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))
_INNER_REST: Final = b"\x36" * 32
_OUTER_REST: Final = b"\x5c" * 32


def hmac_pads(key: bytes) -> HmacPads:
    """The two hashes of HMAC-SHA256 with a key of exactly 32 bytes already in them.

    For keys that serve several short messages: with both blocks hashed once, `mac` costs half of `hmac.digest`.
    """
    inner = hashlib.sha256(key.translate(_INNER) + _INNER_REST)
    return inner, hashlib.sha256(key.translate(_OUTER) + _OUTER_REST)


def mac(pads: HmacPads, message: bytes) -> bytes:
    """HMAC-SHA256 of `message`, 32 bytes. `pads` may be used again."""
    inner, outer = pads[0].copy(), pads[1].copy()
    inner.update(message)
    outer.update(inner.digest())
    return outer.digest()


ARGON2_MEMORY_KIB: Final = 64 * 1024
ARGON2_PASSES: Final = 3


def argon2id(secret: bytes, *, salt: bytes, size_bytes: int = KEY_BYTES) -> bytes:
    """Argon2id (RFC 9106): 64 MiB and 3 passes as in its second recommended setting, but one lane.

    Two derivations at once with four lanes each wait for each other for ever in OpenSSL's thread pool (seen with
    `cryptography` 50.0.2); one lane uses no pool, takes about as long, and costs a guesser the same memory.

    Takes a tenth of a second or more: call it in a worker, never on an event loop.
    `salt` has at least 8 bytes.
    """
    kdf = Argon2id(
        salt=salt, length=size_bytes, iterations=ARGON2_PASSES, lanes=1, memory_cost=ARGON2_MEMORY_KIB
    )
    return kdf.derive(secret)
