"""Pairing by a typed code (protocol sections 2, 10.4, 11.14): two sans-IO state machines, four messages.

    M1  joiner -> admin   version, nonce, DIK, IK with signature, TLS key
    M2  admin  -> joiner  the same, the hash of `found`, and the person the joiner becomes
    M3  joiner -> admin   DIK signature and MAC over the transcript; sealed: wished names, consent to (circle, person)
    M4  admin  -> joiner  DIK signature and MAC over the transcript; sealed: the `admit` statement

The transcript is M1 and M2 as sent and both TLS keys as seen on this very link, so a relay in the middle has another
transcript on each side. The code goes through Argon2id with the transcript as salt: who saw M3 and wants the code
has to try 2^60 of them at 64 MiB each. The joiner, who typed the code, proves first; the admin's side answers only
to a correct proof.

`derive` is a separate step because it takes a tenth of a second and 64 MiB: the caller runs it in a worker.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec

from crypto import crockford
from crypto.aead import open_sealed, seal
from crypto.codec import decode, encode
from crypto.entropy import Entropy
from crypto.errors import CryptoError, DecodeError, PairingFailed
from crypto.identity import DeviceIdentity, DevicePublic, verify
from crypto.ids import CircleId, PersonId
from crypto.kdf import Label, argon2id, hash_labelled, hkdf, labelled

CODE_SYMBOLS: Final = 12
CODE_VALID_S: Final = 300
MAX_MESSAGE_BYTES: Final = 16_384
_VERSION: Final = 1

Key = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
Spki = Annotated[bytes, msgspec.Meta(min_length=44, max_length=44)]
Name = Annotated[str, msgspec.Meta(max_length=200)]
Derive = Callable[[], bytes]


def new_code(entropy: Entropy) -> str:
    """12 Crockford symbols, 60 bits, as shown: `K7QM-4TXH-9R2B`."""
    return crockford.grouped(crockford.random_symbols(CODE_SYMBOLS, entropy))


def parse_code(typed: str) -> str:
    """The 12 symbols of a typed code. Raises `DecodeError`."""
    return crockford.normalise(typed, CODE_SYMBOLS)


class _Wire(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Exact per version: nothing may be missing or trail."""


class JoinerHello(_Wire, frozen=True):
    """M1."""

    version: int
    nonce: Key
    device: DevicePublic
    tls_key: Spki


class AdminHello(_Wire, frozen=True):
    """M2."""

    version: int
    nonce: Key
    device: DevicePublic
    tls_key: Spki
    circle: Key
    person: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]


class Proof(_Wire, frozen=True):
    """M3 and M4: `signature` by the DIK, `mac` under the code, `sealed` an AES-256-GCM box."""

    signature: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
    mac: Key
    sealed: Annotated[bytes, msgspec.Meta(max_length=MAX_MESSAGE_BYTES)]


class Wish(_Wire, frozen=True):
    """What the joiner asks for, and its consent to being that person's device (section 11.2)."""

    person_name: Name
    role: Name
    device_name: Name
    consent: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]


@dataclass(frozen=True, slots=True)
class Asked:
    """The admin's side: a device that proved the code."""

    device: DevicePublic
    wish: Wish


@dataclass(frozen=True, slots=True)
class Accepted:
    """The joiner's side: admitted by a device that proved the code."""

    circle: CircleId
    person: PersonId
    admin: DevicePublic
    admit: bytes


@dataclass(frozen=True, slots=True)
class _Keys:
    joiner_mac: bytes
    admin_mac: bytes
    joiner_box: bytes
    admin_box: bytes

    def __repr__(self) -> str:
        return "_Keys(<redacted>)"


def _keys(secret: bytes, transcript: bytes) -> _Keys:
    raw = hkdf(secret, salt=transcript, info=Label.PAIR_KEYS, size_bytes=128)
    return _Keys(raw[:32], raw[32:64], raw[64:96], raw[96:])


def _transcript(m1: bytes, m2: bytes, joiner_tls_key: bytes, admin_tls_key: bytes) -> bytes:
    return hash_labelled(Label.PAIR_TRANSCRIPT, m1, m2, joiner_tls_key, admin_tls_key)


def _derive(code: str, transcript: bytes) -> Derive:
    return lambda: argon2id(code.encode(), salt=transcript)


def _mac(key: bytes, label: Label, transcript: bytes) -> bytes:
    return hmac.digest(key, labelled(label, transcript), "sha256")


def _refused(exc: CryptoError) -> PairingFailed:
    failure = PairingFailed("refused")
    failure.__cause__ = exc
    return failure


class JoinerPairing:
    """The new device. `tls_key`s are SubjectPublicKeyInfo (44 bytes DER) as seen on the link."""

    def __init__(
        self, identity: DeviceIdentity, code: str, *, own_tls_key: bytes, peer_tls_key: bytes, entropy: Entropy
    ) -> None:
        self._identity = identity
        self._code = code
        self._own_tls_key = own_tls_key
        self._peer_tls_key = peer_tls_key
        self._entropy = entropy
        hello = JoinerHello(_VERSION, entropy.token(32), identity.public, own_tls_key)
        self.m1: Final = encode(hello)
        self._peer: AdminHello | None = None
        self._transcript = b""
        self._keys: _Keys | None = None

    def receive_m2(self, message: bytes) -> Derive:
        """What to run in a worker. Raises `PairingFailed`."""
        if self._peer is not None:
            raise PairingFailed("out of order")
        try:
            hello = decode(AdminHello, message, max_bytes=MAX_MESSAGE_BYTES)
            hello.device.check()
        except CryptoError as exc:
            raise _refused(exc) from exc
        same = hello.device.device_id == self._identity.device_id
        if hello.version != _VERSION or hello.tls_key != self._peer_tls_key or same:
            raise PairingFailed("refused")
        self._peer = hello
        self._transcript = _transcript(self.m1, message, self._own_tls_key, self._peer_tls_key)
        return _derive(self._code, self._transcript)

    def prove(self, secret: bytes, *, person_name: str, role: str, device_name: str) -> bytes:
        """M3. `secret` is what `derive` returned."""
        if self._peer is None or self._keys is not None:
            raise PairingFailed("out of order")
        keys = self._keys = _keys(secret, self._transcript)
        consent = self._identity.sign(Label.CONSENT, self._peer.circle, self._peer.person)
        wish = encode(Wish(person_name, role, device_name, consent))
        return encode(
            Proof(
                self._identity.sign(Label.PAIR_JOINER_SIGNATURE, self._transcript),
                _mac(keys.joiner_mac, Label.PAIR_JOINER, self._transcript),
                seal(keys.joiner_box, wish, self._transcript, self._entropy),
            )
        )

    def receive_m4(self, message: bytes) -> Accepted:
        """Raises `PairingFailed` unless the other side knows the code and is the device that it claims to be."""
        if self._peer is None or self._keys is None:
            raise PairingFailed("out of order")
        admit = _open_proof(
            message,
            self._peer.device,
            (Label.PAIR_ADMIN_SIGNATURE, Label.PAIR_ADMIN),
            (self._keys.admin_mac, self._keys.admin_box),
            self._transcript,
        )
        return Accepted(
            CircleId(self._peer.circle), PersonId(self._peer.person), self._peer.device, admit
        )


class AdminPairing:
    """The admin's side, for one link of one joiner. Counting tries is the caller's (`app/core/pairing.py`)."""

    def __init__(
        self,
        identity: DeviceIdentity,
        code: str,
        *,
        circle: CircleId,
        person: PersonId,
        own_tls_key: bytes,
        peer_tls_key: bytes,
        entropy: Entropy,
    ) -> None:
        self._identity = identity
        self._code = code
        self._own_tls_key = own_tls_key
        self._peer_tls_key = peer_tls_key
        self._entropy = entropy
        self._hello = AdminHello(
            _VERSION, entropy.token(32), identity.public, own_tls_key, circle, person
        )
        self._joiner: DevicePublic | None = None
        self._transcript = b""
        self._m3 = b""
        self._keys: _Keys | None = None

    def receive_m1(self, message: bytes) -> bytes:
        """M2. Raises `PairingFailed`."""
        if self._joiner is not None:
            raise PairingFailed("out of order")
        try:
            hello = decode(JoinerHello, message, max_bytes=MAX_MESSAGE_BYTES)
            hello.device.check()
        except CryptoError as exc:
            raise _refused(exc) from exc
        same = hello.device.device_id == self._identity.device_id
        if hello.version != _VERSION or hello.tls_key != self._peer_tls_key or same:
            raise PairingFailed("refused")
        self._joiner = hello.device
        m2 = encode(self._hello)
        self._transcript = _transcript(message, m2, self._peer_tls_key, self._own_tls_key)
        return m2

    def receive_m3(self, message: bytes) -> Derive:
        """What to run in a worker, then `check`. Raises `PairingFailed`."""
        if self._joiner is None or self._m3:
            raise PairingFailed("out of order")
        if len(message) > MAX_MESSAGE_BYTES:
            raise PairingFailed("too long")
        self._m3 = message
        return _derive(self._code, self._transcript)

    def check(self, secret: bytes) -> Asked:
        """Who proved the code, and what it wishes. Raises `PairingFailed`: a wrong try, to be counted."""
        if self._joiner is None or not self._m3:
            raise PairingFailed("out of order")
        keys = _keys(secret, self._transcript)
        opened = _open_proof(
            self._m3,
            self._joiner,
            (Label.PAIR_JOINER_SIGNATURE, Label.PAIR_JOINER),
            (keys.joiner_mac, keys.joiner_box),
            self._transcript,
        )
        try:
            wish = decode(Wish, opened, max_bytes=MAX_MESSAGE_BYTES)
            verify(
                self._joiner.dik, wish.consent, Label.CONSENT, self._hello.circle, self._hello.person
            )
        except CryptoError as exc:
            raise _refused(exc) from exc
        self._keys = keys
        return Asked(self._joiner, wish)

    def admit(self, statement: bytes) -> bytes:
        """M4, only after `check` succeeded. `statement` is the signed `admit` (or `link`)."""
        if self._keys is None:
            raise PairingFailed("out of order")
        return encode(
            Proof(
                self._identity.sign(Label.PAIR_ADMIN_SIGNATURE, self._transcript),
                _mac(self._keys.admin_mac, Label.PAIR_ADMIN, self._transcript),
                seal(self._keys.admin_box, statement, self._transcript, self._entropy),
            )
        )


def _open_proof(
    message: bytes,
    device: DevicePublic,
    labels: tuple[Label, Label],
    keys: tuple[bytes, bytes],
    transcript: bytes,
) -> bytes:
    """The sealed part of M3 or M4, if MAC and signature hold. Raises `PairingFailed`, whichever failed."""
    try:
        proof = decode(Proof, message, max_bytes=MAX_MESSAGE_BYTES)
        if not hmac.compare_digest(proof.mac, _mac(keys[0], labels[1], transcript)):
            raise DecodeError("code")
        verify(device.dik, proof.signature, labels[0], transcript)
        return open_sealed(keys[1], proof.sealed, transcript)
    except CryptoError as exc:
        raise _refused(exc) from exc
