"""Pairing by a typed code (protocol sections 2, 10.4, 11.14): two sans-IO state machines, four messages.

    M1  joiner -> admin   version, nonce, DIK, IK with signature, TLS key
    M2  admin  -> joiner  the same, the hash of `found`, and the person the joiner becomes
    M3  joiner -> admin   DIK signature and MAC over the transcript; sealed: wished names, consent to (circle, person)
    M4  admin  -> joiner  DIK signature and MAC over transcript and M3; sealed: the `admit` statement

The transcript is M1 and M2 as sent and both TLS keys as seen on this very link, so a relay in the middle has another
transcript on each side. The code goes through Argon2id with the transcript as salt: who saw M3 and wants the code
has to try 2^60 of them at 64 MiB each. The joiner, who typed the code, proves first; the admin's side answers only
to a correct proof. Signature and MAC cover the sealed part too, the MAC also the signature.

`derive` is a separate step because it takes a tenth of a second and 64 MiB: the caller runs it in a worker.

A machine that refused anything, or was used out of order, is dead: every further step raises `PairingFailed`.
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Final

import msgspec

from crypto import crockford
from crypto.aead import open_sealed, pad, seal, unpad
from crypto.codec import decode, encode
from crypto.entropy import Entropy
from crypto.errors import CryptoError, PairingFailed
from crypto.identity import DeviceIdentity, DevicePublic, verify
from crypto.ids import CircleId, DeviceId, PersonId
from crypto.kdf import Label, argon2id, hash_labelled, hkdf, labelled

CODE_SYMBOLS: Final = 12
CODE_VALID_S: Final = 300
MAX_HELLO_BYTES: Final = 512
"""M1 and M2."""
MAX_MESSAGE_BYTES: Final = 16_384
"""M3 and M4."""
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
    """M3 and M4: `signature` by the DIK, `mac` under the code, `sealed` an AES-256-GCM box, padded inside."""

    signature: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
    mac: Key
    sealed: Annotated[bytes, msgspec.Meta(max_length=MAX_MESSAGE_BYTES)]


class Wish(_Wire, frozen=True):
    """What the joiner asks for, and its consent to being that person's device (section 11.2)."""

    person_name: Name
    role: Name
    device_name: Name
    consent: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]

    def __repr__(self) -> str:
        return "Wish(<redacted>)"


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
class _Direction:
    """One side's labels and its keys from the code. Each direction has its own of everything."""

    mac_label: Label
    signature_label: Label
    mac_key: bytes
    box_key: bytes

    def __repr__(self) -> str:
        return f"_Direction({self.mac_label.value!r}, keys=<redacted>)"


def _directions(secret: bytes, transcript: bytes) -> tuple[_Direction, _Direction]:
    """(joiner's, admin's)."""
    raw = hkdf(secret, salt=transcript, info=Label.PAIR_KEYS, size_bytes=128)
    return (
        _Direction(Label.PAIR_JOINER, Label.PAIR_JOINER_SIGNATURE, raw[:32], raw[64:96]),
        _Direction(Label.PAIR_ADMIN, Label.PAIR_ADMIN_SIGNATURE, raw[32:64], raw[96:]),
    )


def _transcript(m1: bytes, m2: bytes, joiner_tls_key: bytes, admin_tls_key: bytes) -> bytes:
    return hash_labelled(Label.PAIR_TRANSCRIPT, m1, m2, joiner_tls_key, admin_tls_key)


def _derive(code: str, transcript: bytes) -> Derive:
    return lambda: argon2id(code.encode(), salt=transcript)


def _make_proof(
    identity: DeviceIdentity,
    direction: _Direction,
    bound: tuple[bytes, ...],
    content: bytes,
    entropy: Entropy,
) -> bytes:
    """M3 or M4. `bound` is what both sides must have seen alike."""
    sealed = seal(direction.box_key, pad(content), b"".join(bound), entropy)
    signature = identity.sign(direction.signature_label, *bound, sealed)
    mac = _mac(direction, bound, signature, sealed)
    return encode(Proof(signature, mac, sealed))


def _open_proof(proof: Proof, direction: _Direction, bound: tuple[bytes, ...]) -> bytes:
    """The sealed part, if the MAC holds. The signature was checked before. Raises `CryptoError`."""
    expected = _mac(direction, bound, proof.signature, proof.sealed)
    if not hmac.compare_digest(proof.mac, expected):
        raise PairingFailed("refused")
    return unpad(open_sealed(direction.box_key, proof.sealed, b"".join(bound)))


def _mac(direction: _Direction, bound: tuple[bytes, ...], signature: bytes, sealed: bytes) -> bytes:
    message = labelled(direction.mac_label, *bound, signature, sealed)
    return hmac.digest(direction.mac_key, message, "sha256")


def _check_hello(hello: JoinerHello | AdminHello, own: DevicePublic, seen_tls_key: bytes) -> None:
    """Version, keys, the TLS key it names, and that it is not ourselves (reflection). Raises `CryptoError`."""
    if hello.version != _VERSION or hello.tls_key != seen_tls_key:
        raise PairingFailed("refused")
    if hello.device.dik == own.dik or hello.device.ik == own.ik:
        raise PairingFailed("refused")
    hello.device.check()


class _Step(Enum):
    GREET = 1  # joiner: M1 is made; admin: nothing came yet
    DERIVE = 2  # admin: M2 is out
    PROVE = 3  # joiner: M2 came; admin: M3 came
    ANSWER = 4  # joiner: M3 is out; admin: the proof held
    DONE = 5
    DEAD = 6


class _Machine:
    """The order of steps. `_begin` leaves the machine dead unless the step ends by naming the next one."""

    _step = _Step.GREET

    def _begin(self, expected: _Step) -> None:
        step, self._step = self._step, _Step.DEAD
        if step is not expected:
            raise PairingFailed("out of order")


class JoinerPairing(_Machine):
    """The new device. `tls_key`s are SubjectPublicKeyInfo (44 bytes DER) as seen on the link."""

    def __init__(
        self,
        identity: DeviceIdentity,
        code: str,
        *,
        own_tls_key: bytes,
        peer_tls_key: bytes,
        entropy: Entropy,
        expected: DeviceId | None = None,
    ) -> None:
        """`expected`: the admin's device, if a link named it."""
        self._identity = identity
        self._code = code
        self._own_tls_key = own_tls_key
        self._peer_tls_key = peer_tls_key
        self._entropy = entropy
        self._expected = expected
        hello = JoinerHello(_VERSION, entropy.token(32), identity.public, own_tls_key)
        self.m1: Final = encode(hello)
        self._peer: AdminHello
        self._transcript: bytes
        self._admin: _Direction
        self._m3_hash: bytes

    def receive_m2(self, message: bytes) -> Derive:
        """What to run in a worker. Raises `PairingFailed`."""
        self._begin(_Step.GREET)
        try:
            hello = decode(AdminHello, message, max_bytes=MAX_HELLO_BYTES)
            _check_hello(hello, self._identity.public, self._peer_tls_key)
        except CryptoError as exc:
            raise PairingFailed("refused") from exc
        if self._expected not in (None, hello.device.device_id):
            raise PairingFailed("refused")
        self._peer = hello
        self._transcript = _transcript(self.m1, message, self._own_tls_key, self._peer_tls_key)
        self._step = _Step.PROVE
        return _derive(self._code, self._transcript)

    def prove(self, secret: bytes, *, person_name: str, role: str, device_name: str) -> bytes:
        """M3. `secret` is what `derive` returned."""
        self._begin(_Step.PROVE)
        joiner, self._admin = _directions(secret, self._transcript)
        consent = self._identity.sign(Label.CONSENT, self._peer.circle, self._peer.person)
        wish = encode(Wish(person_name, role, device_name, consent))
        m3 = _make_proof(self._identity, joiner, (self._transcript,), wish, self._entropy)
        self._m3_hash = hashlib.sha256(m3).digest()
        self._step = _Step.ANSWER
        return m3

    def receive_m4(self, message: bytes) -> Accepted:
        """Raises `PairingFailed` unless the other side knows the code and is the device that it claims to be."""
        self._begin(_Step.ANSWER)
        bound = (self._transcript, self._m3_hash)
        try:
            proof = decode(Proof, message, max_bytes=MAX_MESSAGE_BYTES)
            verify(self._peer.device.dik, proof.signature, self._admin.signature_label, *bound, proof.sealed)
            admit = _open_proof(proof, self._admin, bound)
        except CryptoError as exc:
            raise PairingFailed("refused") from exc
        self._step = _Step.DONE
        return Accepted(CircleId(self._peer.circle), PersonId(self._peer.person), self._peer.device, admit)


class AdminPairing(_Machine):
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
        self._hello = AdminHello(_VERSION, entropy.token(32), identity.public, own_tls_key, circle, person)
        self._joiner: DevicePublic
        self._transcript: bytes
        self._m3 = b""
        self._m4: bytes | None = None
        self._proof: Proof
        self._admin: _Direction

    def receive_m1(self, message: bytes) -> bytes:
        """M2. Raises `PairingFailed`."""
        self._begin(_Step.GREET)
        try:
            hello = decode(JoinerHello, message, max_bytes=MAX_HELLO_BYTES)
            _check_hello(hello, self._identity.public, self._peer_tls_key)
        except CryptoError as exc:
            raise PairingFailed("refused") from exc
        self._joiner = hello.device
        m2 = encode(self._hello)
        self._transcript = _transcript(message, m2, self._peer_tls_key, self._own_tls_key)
        self._step = _Step.DERIVE
        return m2

    def receive_m3(self, message: bytes) -> Derive:
        """What to run in a worker, then `check`. Raises `PairingFailed`.

        Form and signature are checked here, so that rubbish costs neither a try nor an Argon2id.
        """
        self._begin(_Step.DERIVE)
        try:
            self._proof = decode(Proof, message, max_bytes=MAX_MESSAGE_BYTES)
            verify(
                self._joiner.dik,
                self._proof.signature,
                Label.PAIR_JOINER_SIGNATURE,
                self._transcript,
                self._proof.sealed,
            )
        except CryptoError as exc:
            raise PairingFailed("refused") from exc
        self._m3 = message
        self._step = _Step.PROVE
        return _derive(self._code, self._transcript)

    def check(self, secret: bytes) -> Asked:
        """Who proved the code, and what it wishes. Raises `PairingFailed`: a wrong try, to be counted."""
        self._begin(_Step.PROVE)
        joiner, self._admin = _directions(secret, self._transcript)
        try:
            wish = decode(
                Wish, _open_proof(self._proof, joiner, (self._transcript,)), max_bytes=MAX_MESSAGE_BYTES
            )
            verify(self._joiner.dik, wish.consent, Label.CONSENT, self._hello.circle, self._hello.person)
        except CryptoError as exc:
            raise PairingFailed("refused") from exc
        self._step = _Step.ANSWER
        return Asked(self._joiner, wish)

    def admit(self, statement: bytes) -> bytes:
        """M4, only after `check` succeeded. `statement` is the signed `admit` (or `link`)."""
        self._begin(_Step.ANSWER)
        bound = (self._transcript, hashlib.sha256(self._m3).digest())
        self._m4 = _make_proof(self._identity, self._admin, bound, statement, self._entropy)
        self._step = _Step.DONE
        return self._m4

    def again(self, message: bytes) -> bytes | None:
        """The same M4 for the same M3 on the same link (11.14); None for anything else."""
        return self._m4 if self._m4 is not None and hmac.compare_digest(message, self._m3) else None
