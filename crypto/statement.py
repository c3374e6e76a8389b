"""Signed, hash-linked statements: the one form behind rosters and group chains (protocol 1, 11.1, 11.11).

The signed bytes are kept, hashed, stored and sent as they came, never encoded again. The hash covers the
signed bytes but not the signatures; who has to sign (author and co-signers) stands in them, so that two
copies of one statement can never differ in weight. What a statement means is decided in `app/core/circle/`.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Final, Protocol

import msgspec
from cryptography.exceptions import InvalidSignature as _LibraryInvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from crypto.codec import decode, encode
from crypto.entropy import Entropy
from crypto.errors import DecodeError, InvalidSignature
from crypto.identity import DeviceIdentity
from crypto.ids import HASH_BYTES, CircleId, DeviceId, PersonId, StatementHash
from crypto.kdf import Label, hash_labelled, labelled
from crypto.keys import SIGNATURE_BYTES

VERSION: Final = 1
MAX_RAW_BYTES: Final = 4096
"""Longest signed bytes (section 11.11)."""
MAX_PARENTS: Final = 16
MAX_COSIGNERS: Final = 8
MAX_WIRE_BYTES: Final = MAX_RAW_BYTES + (MAX_COSIGNERS + 1) * (SIGNATURE_BYTES + 2) + 16
"""Longest statement on the wire, signatures included."""
SALT_BYTES: Final = 16

Hash = Annotated[bytes, msgspec.Meta(min_length=HASH_BYTES, max_length=HASH_BYTES)]
_Signature = Annotated[bytes, msgspec.Meta(min_length=SIGNATURE_BYTES, max_length=SIGNATURE_BYTES)]
_Counter = Annotated[int, msgspec.Meta(ge=1, le=(1 << 53) - 1)]
_KIND: Final = re.compile(r"[a-z][a-z_]{0,23}")


class Signer(Protocol):
    """Who can make statements: a device (`DeviceSigner`) or the recovery key (`RecoverySigner`)."""

    @property
    def author(self) -> bytes:
        """32 bytes: how statements name this signer."""

    def sign(self, label: Label, *fields: bytes) -> bytes:
        """64 bytes."""


class DeviceSigner:
    """A device signs with its identity key."""

    def __init__(self, identity: DeviceIdentity) -> None:
        self._identity = identity

    @property
    def author(self) -> bytes:
        """The device id."""
        return self._identity.device_id

    def sign(self, label: Label, *fields: bytes) -> bytes:
        """See `Signer.sign`."""
        return self._identity.sign(label, *fields)


class RecoverySigner:
    """The offline key from the recovery code on paper (sections 10.1, 11.1)."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    def __repr__(self) -> str:
        return "RecoverySigner(<redacted>)"

    @property
    def public(self) -> bytes:
        """32 bytes, as it stands in `found` and `recovery`."""
        return self._private.public_key().public_bytes_raw()

    @property
    def author(self) -> bytes:
        """See `recovery_author`."""
        return recovery_author(self.public)

    def sign(self, label: Label, *fields: bytes) -> bytes:
        """See `Signer.sign`."""
        return self._private.sign(labelled(label, *fields))


def recovery_author(public: bytes) -> bytes:
    """32 bytes that name a recovery key as author; can never be a device id."""
    return hash_labelled(Label.RECOVERY_AUTHOR, public)


class Statement(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """The signed part. `chain` is empty in the first statement of a chain; its hash then names the chain."""

    version: Annotated[int, msgspec.Meta(ge=VERSION, le=VERSION)]
    chain: Annotated[bytes, msgspec.Meta(max_length=HASH_BYTES)]
    parents: Annotated[tuple[Hash, ...], msgspec.Meta(max_length=MAX_PARENTS)]  # strictly ascending
    author: Hash
    cosigners: Annotated[tuple[Hash, ...], msgspec.Meta(max_length=MAX_COSIGNERS)]  # strictly ascending
    lamport: _Counter  # 1 + the greatest of the parents'
    time_ms: Annotated[int, msgspec.Meta(ge=0, le=(1 << 53) - 1)]  # the author's clock; shown, never trusted
    kind: str
    crit: bool  # a reader that does not know the kind must stop evaluating (section 11.11)
    body: bytes  # MessagePack of the kind's body


class _Wire(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    raw: bytes
    signature: _Signature
    cosignatures: Annotated[tuple[_Signature, ...], msgspec.Meta(max_length=MAX_COSIGNERS)]


_Signatures = Annotated[tuple[_Signature, ...], msgspec.Meta(min_length=1, max_length=MAX_COSIGNERS + 1)]
"""The author's, then the co-signers' in their order."""


class SignedStatement(msgspec.Struct, frozen=True, gc=False):
    """A statement with as many signatures as it names signers. Well-formed, but nothing is verified yet."""

    raw: bytes
    signatures: tuple[bytes, ...]
    statement: Statement
    hash: StatementHash

    @classmethod
    def from_parts(cls, raw: bytes, signatures: Sequence[bytes]) -> "SignedStatement":
        """Parse the signed bytes and count the signatures. Raises `DecodeError`."""
        statement = decode(Statement, raw, max_bytes=MAX_RAW_BYTES)
        _check_form(statement)
        if len(signatures) != 1 + len(statement.cosigners):
            raise DecodeError("number of signatures")
        digest = StatementHash(hash_labelled(Label.STATEMENT_HASH, raw))
        return cls(raw, tuple(signatures), statement, digest)

    @classmethod
    def from_wire(cls, wire: bytes) -> "SignedStatement":
        """Parse bytes of a peer. Raises `DecodeError`."""
        outer = decode(_Wire, wire, max_bytes=MAX_WIRE_BYTES)
        return cls.from_parts(outer.raw, (outer.signature, *outer.cosignatures))

    @classmethod
    def from_stored(cls, raw: bytes, signatures: bytes) -> "SignedStatement":
        """Undo `raw` and `stored_signatures`. Raises `DecodeError`."""
        parsed: tuple[bytes, ...] = decode(_Signatures, signatures, max_bytes=MAX_WIRE_BYTES)
        return cls.from_parts(raw, parsed)

    @property
    def wire(self) -> bytes:
        """Bytes for a peer."""
        return encode(_Wire(self.raw, self.signatures[0], self.signatures[1:]))

    @property
    def stored_signatures(self) -> bytes:
        """The signatures as one value for the store."""
        return encode(self.signatures)

    def verify(self, author: Ed25519PublicKey, cosigners: Sequence[Ed25519PublicKey] = ()) -> None:
        """Check every signature; `cosigners` in the order of the statement. Raises `InvalidSignature`."""
        if len(cosigners) != len(self.statement.cosigners):
            raise InvalidSignature("co-signers")
        try:
            author.verify(self.signatures[0], labelled(Label.STATEMENT, self.raw))
            for key, signature in zip(cosigners, self.signatures[1:], strict=True):
                key.verify(signature, labelled(Label.COSIGN, self.raw))
        except _LibraryInvalidSignature as exc:
            raise InvalidSignature("statement") from exc


def _check_form(statement: Statement) -> None:
    """What the types cannot say: one form per meaning."""
    if not _KIND.fullmatch(statement.kind):
        raise DecodeError("kind")
    if any(not _ascending(ids) for ids in (statement.parents, statement.cosigners)):
        raise DecodeError("order")
    if statement.author in statement.cosigners:
        raise DecodeError("co-signed by its author")
    first = not statement.parents
    if first != (not statement.chain) or (not first and len(statement.chain) != HASH_BYTES):
        raise DecodeError("chain")
    if first and statement.lamport != 1:
        raise DecodeError("lamport")


def _ascending(ids: tuple[bytes, ...]) -> bool:
    return all(a < b for a, b in pairwise(ids))


def sign(statement: Statement, author: Signer, cosigners: Sequence[Signer] = ()) -> SignedStatement:
    """Encode and sign where all signers are at hand. Raises `DecodeError` if it would not be accepted."""
    raw = encode(statement)
    by_name = {signer.author: signer for signer in cosigners}
    cosignatures = [cosign(raw, by_name[name]) for name in statement.cosigners]
    return SignedStatement.from_parts(raw, (author.sign(Label.STATEMENT, raw), *cosignatures))


def cosign(raw: bytes, signer: Signer) -> bytes:
    """A co-signer's signature over the signed bytes of another's statement, 64 bytes."""
    return signer.sign(Label.COSIGN, raw)


# --- personal values: only salted hashes are signed (section 11.10) ---------------------------------------


def commitment(salt: bytes, value: str) -> bytes:
    """32 bytes that stand in a statement for a personal value."""
    return hash_labelled(Label.COMMITMENT, salt, value.encode())


def commit(entropy: Entropy, value: str) -> tuple[bytes, bytes]:
    """A fresh (commitment, salt) for `value`."""
    salt = entropy.token(SALT_BYTES)
    return commitment(salt, value), salt


def secret_commitment(secret: bytes) -> bytes:
    """32 bytes that stand in `found`, `revoke` and `rotate` for a new circle secret (section 11.13)."""
    return hash_labelled(Label.CIRCLE_SECRET, secret)


# --- what a new device and a token holder sign for their admission (sections 11.2, 11.15) -------------------


def consent(identity: DeviceIdentity, circle: CircleId, person: PersonId) -> bytes:
    """A device's agreement to stand for `person` in `circle`, 64 bytes."""
    return identity.sign(Label.CONSENT, circle, person)


def enrolment_proof(
    token_key: Ed25519PrivateKey, circle: CircleId, person: PersonId, device: DeviceId
) -> bytes:
    """The token's key names the one device that it admits, 64 bytes."""
    return token_key.sign(labelled(Label.ENROLMENT_PROOF, circle, person, device))
