"""A device and its keys (protocol section 1): DIK signs, IK agrees, `DeviceId = SHA-256(DIK || IK)`."""

import hashlib
from functools import cached_property
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature as _LibraryInvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from crypto.entropy import Entropy
from crypto.errors import DecodeError, InvalidSignature
from crypto.ids import DeviceId
from crypto.kdf import Label, hash_labelled, labelled
from crypto.keys import SIGNATURE_BYTES, ed25519_public, x25519_public

_SECRET_VERSION: Final = 1
_SAFETY_DIGITS_PER_DEVICE: Final = 30
_SAFETY_ROUNDS: Final = 5200


class DevicePublic(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The public half of a device: DIK (32 bytes), IK (32 bytes), DIK's signature over IK (64 bytes)."""

    dik: bytes
    ik: bytes
    ik_signature: bytes

    @property
    def device_id(self) -> DeviceId:
        """SHA-256(DIK || IK)."""
        return DeviceId(hashlib.sha256(self.dik + self.ik).digest())

    def check(self) -> None:
        """Raises `InvalidKey` or `InvalidSignature` unless both keys are sound and belong together."""
        ed25519_public(self.dik)
        x25519_public(self.ik)
        verify(self.dik, self.ik_signature, Label.IDENTITY_KEY, self.ik)


def verify(dik: bytes, signature: bytes, label: Label, *fields: bytes) -> None:
    """Check an Ed25519 signature over `labelled(label, *fields)`.

    Raises `InvalidKey` for a key under which anything would verify, else `InvalidSignature`.
    """
    public = ed25519_public(dik)
    if len(signature) != SIGNATURE_BYTES:
        raise InvalidSignature("length")
    try:
        public.verify(signature, labelled(label, *fields))
    except _LibraryInvalidSignature as exc:
        raise InvalidSignature("does not hold") from exc


class DeviceIdentity:
    """The secret half of a device. Never leaves it, is never shared between devices."""

    def __init__(self, dik: Ed25519PrivateKey, ik: X25519PrivateKey) -> None:
        self._dik = dik
        self.ik_private = ik

    def __repr__(self) -> str:
        return "DeviceIdentity(<redacted>)"

    @classmethod
    def create(cls, entropy: Entropy) -> "DeviceIdentity":
        """Fresh keys."""
        return cls(
            Ed25519PrivateKey.from_private_bytes(entropy.token(32)),
            X25519PrivateKey.from_private_bytes(entropy.token(32)),
        )

    @classmethod
    def from_secret(cls, secret: bytes) -> "DeviceIdentity":
        """Undo `to_secret`. Raises `DecodeError`."""
        if len(secret) != 65 or secret[0] != _SECRET_VERSION:
            raise DecodeError("identity secret")
        return cls(
            Ed25519PrivateKey.from_private_bytes(secret[1:33]),
            X25519PrivateKey.from_private_bytes(secret[33:]),
        )

    def to_secret(self) -> bytes:
        """65 bytes for the encrypted store: version, DIK seed, IK."""
        return bytes([_SECRET_VERSION]) + self._dik.private_bytes_raw() + self.ik_private.private_bytes_raw()

    @cached_property
    def public(self) -> DevicePublic:
        """What others may know."""
        ik = self.ik_private.public_key().public_bytes_raw()
        return DevicePublic(self._dik.public_key().public_bytes_raw(), ik, self.sign(Label.IDENTITY_KEY, ik))

    @cached_property
    def device_id(self) -> DeviceId:
        """SHA-256(DIK || IK)."""
        return self.public.device_id

    def sign(self, label: Label, *fields: bytes) -> bytes:
        """64 bytes: Ed25519 by the DIK over `labelled(label, *fields)`."""
        return self._dik.sign(labelled(label, *fields))


def safety_number(a: DevicePublic, b: DevicePublic) -> str:
    """60 digits that two people compare by phone; the same whoever computes them (section 2).

    30 digits per device from an iterated SHA-512, so that searching a look-alike key costs 5,200 times more.
    """
    halves = sorted(_safety_half(device) for device in (a, b))
    return "".join(halves)


def _safety_half(device: DevicePublic) -> str:
    keys = device.dik + device.ik
    digest = hash_labelled(Label.SAFETY_NUMBER, keys)
    for _ in range(_SAFETY_ROUNDS):
        digest = hashlib.sha512(digest + keys).digest()
    return str(int.from_bytes(digest[:32], "big") % 10**_SAFETY_DIGITS_PER_DEVICE).zfill(
        _SAFETY_DIGITS_PER_DEVICE
    )
