"""Prekeys and the bundle that publishes them (protocol sections 3, 10.3, 11.4, 11.6).

A bundle is a signed, replaceable record of one device: it lets a colleague start a session although both were
never online together. Bundles of a device are ordered by (inc, version). One-time prekeys are not in it: they
are issued to one contact over an existing session, so that strangers cannot use them up.

A prekey's id is derived from its kind and public key, so id and key cannot be exchanged for others.
"""

from enum import Enum
from typing import Final, NamedTuple

import msgspec
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from crypto.codec import decode, encode
from crypto.entropy import Entropy
from crypto.errors import DecodeError, ExpiredKey
from crypto.identity import DeviceIdentity, DevicePublic, verify
from crypto.ids import DeviceId
from crypto.kdf import Label, hash_labelled
from crypto.keys import mlkem_public, x25519_public

VERSION: Final = 1
PREKEY_ID_BYTES: Final = 16
MAX_BUNDLE_BYTES: Final = 4096
USABLE_S: Final = 60 * 24 * 3600
"""A bundle starts sessions for so long after its issue (11.6)."""
MAX_INC: Final = 2**62
"""Greatest incarnation, so that the sum of two fits 64 bits."""
MAX_VERSION: Final = 2**62


class PrekeyKind(Enum):
    """The values are those of `PrekeyRow.kind` in the store."""

    SIGNED = "signed"
    KEM = "kem"
    ONETIME = "onetime"


_LABELS: Final = {
    PrekeyKind.SIGNED: Label.PREKEY_X25519,
    PrekeyKind.KEM: Label.PREKEY_MLKEM,
    PrekeyKind.ONETIME: Label.PREKEY_ONETIME,
}


def prekey_id(kind: PrekeyKind, public: bytes) -> bytes:
    """16 bytes: SHA-256(label of the kind, public key)[:16]."""
    return hash_labelled(_LABELS[kind], public)[:PREKEY_ID_BYTES]


class PrekeySecret(NamedTuple):
    """An own prekey. `secret` is 32 bytes (X25519) or the 64-byte seed (ML-KEM-768)."""

    kind: PrekeyKind
    prekey_id: bytes
    secret: bytes
    public: bytes

    def __repr__(self) -> str:
        return f"PrekeySecret({self.kind.value}, {self.prekey_id[:4].hex()}, secret=<redacted>)"

    @classmethod
    def create(cls, kind: PrekeyKind, entropy: Entropy) -> "PrekeySecret":
        return cls.from_secret(kind, entropy.token(64 if kind is PrekeyKind.KEM else 32))

    @classmethod
    def from_secret(cls, kind: PrekeyKind, secret: bytes) -> "PrekeySecret":
        """The prekey of a stored secret."""
        if kind is PrekeyKind.KEM:
            public = MLKEM768PrivateKey.from_seed_bytes(secret).public_key().public_bytes_raw()
        else:
            public = X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()
        return cls(kind, prekey_id(kind, public), secret, public)


class OnetimePrekey(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A one-time X25519 prekey as it travels to one contact inside a session."""

    public: bytes

    @property
    def prekey_id(self) -> bytes:
        return prekey_id(PrekeyKind.ONETIME, self.public)


class SignedPrekey(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A public prekey with the device's signature over its kind and the key."""

    prekey_id: bytes
    public: bytes
    signature: bytes


class BundleBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The signed content of a bundle."""

    format: int
    device: DevicePublic
    inc: int
    version: int
    issued_s: int
    signed: SignedPrekey
    kem: SignedPrekey


class _Wire(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    body: bytes
    signature: bytes


class Bundle:
    """A bundle whose signatures were all verified. `wire` are the exact bytes to store and pass on."""

    __slots__ = ("_body", "wire")

    def __init__(self, body: BundleBody, wire: bytes) -> None:
        """Use `make` or `from_wire`: this does not verify."""
        self._body = body
        self.wire = wire

    def __repr__(self) -> str:
        return f"Bundle({self.device_id[:4].hex()}, inc={self.inc}, version={self.version})"

    @property
    def device(self) -> DevicePublic:
        return self._body.device

    @property
    def device_id(self) -> DeviceId:
        return self._body.device.device_id

    @property
    def inc(self) -> int:
        """Incarnation of the device (11.4)."""
        return self._body.inc

    @property
    def version(self) -> int:
        return self._body.version

    @property
    def order(self) -> tuple[int, int]:
        """Of two bundles of a device the one with the greater order counts."""
        return (self._body.inc, self._body.version)

    @property
    def issued_s(self) -> int:
        return self._body.issued_s

    @property
    def signed(self) -> SignedPrekey:
        return self._body.signed

    @property
    def kem(self) -> SignedPrekey:
        return self._body.kem

    def check_usable(self, now_s: int) -> None:
        """Raises `ExpiredKey` 60 days after issue."""
        if now_s >= self.issued_s + USABLE_S:
            raise ExpiredKey("the bundle is too old to start a session")

    @classmethod
    def make(
        cls,
        identity: DeviceIdentity,
        *,
        inc: int,
        version: int,
        issued_s: int,
        signed: PrekeySecret,
        kem: PrekeySecret,
    ) -> "Bundle":
        """Sign a new bundle of the own device."""
        body = encode(
            BundleBody(
                VERSION,
                identity.public,
                inc,
                version,
                issued_s,
                _sign(identity, signed, PrekeyKind.SIGNED),
                _sign(identity, kem, PrekeyKind.KEM),
            )
        )
        return cls.from_wire(encode(_Wire(body, identity.sign(Label.BUNDLE, body))))

    @classmethod
    def from_wire(cls, wire: bytes) -> "Bundle":
        """Parse and verify. Raises `DecodeError`, `InvalidKey`, `InvalidSignature`."""
        outer = decode(_Wire, wire, max_bytes=MAX_BUNDLE_BYTES)
        body = decode(BundleBody, outer.body, max_bytes=MAX_BUNDLE_BYTES)
        if body.format != VERSION:
            raise DecodeError("unknown bundle format")
        if not (0 <= body.inc <= MAX_INC and 0 <= body.version <= MAX_VERSION and body.issued_s >= 0):
            raise DecodeError("bundle number out of range")
        body.device.check()
        verify(body.device.dik, outer.signature, Label.BUNDLE, outer.body)
        _check(body.device, body.signed, PrekeyKind.SIGNED)
        _check(body.device, body.kem, PrekeyKind.KEM)
        return cls(body, wire)


def _sign(identity: DeviceIdentity, prekey: PrekeySecret, kind: PrekeyKind) -> SignedPrekey:
    if prekey.kind is not kind:
        raise ValueError("prekey of the wrong kind")
    return SignedPrekey(prekey.prekey_id, prekey.public, identity.sign(_LABELS[kind], prekey.public))


def _check(device: DevicePublic, prekey: SignedPrekey, kind: PrekeyKind) -> None:
    if kind is PrekeyKind.KEM:
        mlkem_public(prekey.public)
    else:
        x25519_public(prekey.public)
    if prekey.prekey_id != prekey_id(kind, prekey.public):
        raise DecodeError("prekey id does not belong to its key")
    verify(device.dik, prekey.signature, _LABELS[kind], prekey.public)
