"""Session set-up in the shape of PQXDH: X25519 and ML-KEM-768 (protocol sections 3, 11.4, 11.5).

The initiator needs only the other's bundle. Everything both sides must agree on is in one transcript, which
is hashed into the key derivation: a changed version, suite, incarnation, identity, prekey, id or ciphertext
gives other keys. The header is one fixed layout, so each handshake has one encoding and its hash names it.
"""

import struct
from hashlib import sha256
from typing import Final, NamedTuple, NoReturn, Protocol

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from crypto.entropy import Entropy
from crypto.errors import DecryptionFailed, InvalidKey, InvalidSignature, LimitReached
from crypto.identity import DeviceIdentity, DevicePublic
from crypto.ids import DeviceId, SessionId
from crypto.kdf import Label, hkdf, labelled
from crypto.keys import exchange, mlkem_public, x25519_public
from crypto.prekeys import MAX_INC, Bundle, OnetimePrekey, PrekeyKind, PrekeySecret

VERSION: Final = 1
SUITE: Final = 1
"""X25519 + ML-KEM-768, AES-256-GCM, SHA-256."""
MAX_GEN: Final = 2**62

_ONETIME: Final = 1
_HEADER: Final = struct.Struct(">BBB32s32s64sQQQ32s16s16s1088s")
"""version, suite, flags, DIK, IK, IK signature, own inc, peer inc, gen, EK, signed prekey id, KEM prekey id,
KEM ciphertext; then, with flag 1, the one-time prekey id"""
_ONETIME_BYTES: Final = 16
MAX_HEADER_BYTES: Final = _HEADER.size + _ONETIME_BYTES


class PrekeyLookup(Protocol):
    """Finds the secret of an own prekey."""

    def __call__(self, kind: PrekeyKind, prekey_id: bytes, contact: DeviceId) -> bytes | None:
        """The secret, or None if there is none of this kind or a one-time key was issued to another."""


class HandshakeHeader(NamedTuple):
    """What the initiator tells. Parsed and in range, but nothing of it is verified yet."""

    initiator: DevicePublic
    own_inc: int
    """Incarnation of the initiator."""
    peer_inc: int
    """Incarnation of the responder, as the initiator knows it."""
    gen: int
    ephemeral: bytes
    signed_id: bytes
    kem_id: bytes
    kem_ciphertext: bytes
    onetime_id: bytes | None
    raw: bytes

    @property
    def hash(self) -> bytes:
        """32 bytes: what an initial message is remembered by (10.14, 11.5)."""
        return sha256(self.raw).digest()


class Agreement(NamedTuple):
    """The result on both sides. `ratchet_key` is the responder's signed prekey: its secret on its own side,
    the public key on the initiator's."""

    root: bytes
    session_id: SessionId
    header: HandshakeHeader
    ratchet_key: bytes

    def __repr__(self) -> str:
        return f"Agreement({self.session_id[:4].hex()}, keys=<redacted>)"


class _Prekeys(NamedTuple):
    """The responder's public prekeys as both sides see them."""

    signed: bytes
    kem: bytes
    onetime: bytes | None


def parse_header(data: bytes) -> HandshakeHeader:
    """Raises `DecryptionFailed` for anything but one whole header of this version."""
    if len(data) < _HEADER.size:
        _refuse()
    version, suite, flags, dik, ik, signature, own_inc, peer_inc, gen, *keys = _HEADER.unpack_from(data)
    if version != VERSION or suite != SUITE or flags > _ONETIME:
        _refuse()
    if len(data) != _HEADER.size + (_ONETIME_BYTES if flags else 0):
        _refuse()
    if own_inc > MAX_INC or peer_inc > MAX_INC or gen > MAX_GEN:
        _refuse()
    ephemeral, signed_id, kem_id, ciphertext = keys
    onetime_id = data[_HEADER.size :] if flags else None
    initiator = DevicePublic(dik, ik, signature)
    return HandshakeHeader(
        initiator, own_inc, peer_inc, gen, ephemeral, signed_id, kem_id, ciphertext, onetime_id, data
    )


def initiate(
    own: DeviceIdentity,
    bundle: Bundle,
    onetime: OnetimePrekey | None,
    *,
    own_inc: int,
    gen: int,
    entropy: Entropy,
    now_s: int,
) -> Agreement:
    """Start a session from the peer's verified bundle.

    Raises `ExpiredKey` for a bundle past its time, `InvalidKey` for a bad one-time key or oneself as peer,
    `LimitReached` for numbers out of range.
    """
    bundle.check_usable(now_s)
    if _same(own.public, bundle.device):
        raise InvalidKey("no session with oneself")
    if not (0 <= own_inc <= MAX_INC and 0 <= gen <= MAX_GEN):
        raise LimitReached("incarnation or generation out of range")
    ephemeral = X25519PrivateKey.from_private_bytes(entropy.token(32))
    shared, ciphertext = entropy.encapsulate(mlkem_public(bundle.kem.public))
    prekeys = _Prekeys(bundle.signed.public, bundle.kem.public, onetime.public if onetime else None)
    secret = _initiator_secret(own, ephemeral, bundle.device, prekeys)
    raw = _HEADER.pack(
        VERSION,
        SUITE,
        _ONETIME if onetime else 0,
        *_public_fields(own.public),
        own_inc,
        bundle.inc,
        gen,
        ephemeral.public_key().public_bytes_raw(),
        bundle.signed.prekey_id,
        bundle.kem.prekey_id,
        ciphertext,
    )
    header = parse_header(raw + (onetime.prekey_id if onetime else b""))
    root, session_id = _derive(secret + shared, _transcript(header, bundle.device, prekeys))
    return Agreement(root, session_id, header, prekeys.signed)


def _initiator_secret(
    own: DeviceIdentity, ephemeral: X25519PrivateKey, peer: DevicePublic, prekeys: _Prekeys
) -> bytes:
    """DH(IKa, SPKb), DH(EKa, IKb), DH(EKa, SPKb) and, with a one-time key, DH(EKa, OPKb)."""
    signed = x25519_public(prekeys.signed)
    secret = exchange(own.ik_private, signed)
    secret += exchange(ephemeral, x25519_public(peer.ik))
    secret += exchange(ephemeral, signed)
    if prekeys.onetime is not None:
        secret += exchange(ephemeral, x25519_public(prekeys.onetime))
    return secret


def respond(own: DeviceIdentity, data: bytes, lookup: PrekeyLookup, *, own_inc: int) -> Agreement:
    """The responder's side of a received handshake header.

    Nothing is authenticated by this: a first message must decrypt under it before any state is kept.
    Raises only `DecryptionFailed`.
    """
    header = parse_header(data)
    if _same(own.public, header.initiator) or header.peer_inc != own_inc:
        _refuse()
    try:
        header.initiator.check()
        return _respond(own, header, lookup)
    except (InvalidKey, InvalidSignature):
        _refuse()


def _respond(own: DeviceIdentity, header: HandshakeHeader, lookup: PrekeyLookup) -> Agreement:
    signed = _own_prekey(lookup, PrekeyKind.SIGNED, header.signed_id, header)
    kem = _own_prekey(lookup, PrekeyKind.KEM, header.kem_id, header)
    onetime = None
    if header.onetime_id is not None:
        onetime = _own_prekey(lookup, PrekeyKind.ONETIME, header.onetime_id, header)
    ephemeral = x25519_public(header.ephemeral)
    signed_key = X25519PrivateKey.from_private_bytes(signed.secret)
    secret = exchange(signed_key, x25519_public(header.initiator.ik))
    secret += exchange(own.ik_private, ephemeral)
    secret += exchange(signed_key, ephemeral)
    if onetime is not None:
        secret += exchange(X25519PrivateKey.from_private_bytes(onetime.secret), ephemeral)
    secret += MLKEM768PrivateKey.from_seed_bytes(kem.secret).decapsulate(header.kem_ciphertext)
    prekeys = _Prekeys(signed.public, kem.public, onetime.public if onetime else None)
    root, session_id = _derive(secret, _transcript(header, own.public, prekeys))
    return Agreement(root, session_id, header, signed.secret)


def _own_prekey(
    lookup: PrekeyLookup, kind: PrekeyKind, wanted: bytes, header: HandshakeHeader
) -> PrekeySecret:
    """An own prekey whose id was checked against kind and key, so no store can mix up types."""
    secret = lookup(kind, wanted, header.initiator.device_id)
    if secret is None or len(secret) != (64 if kind is PrekeyKind.KEM else 32):
        _refuse()
    prekey = PrekeySecret.from_secret(kind, secret)
    if prekey.prekey_id != wanted:
        _refuse()
    return prekey


def _transcript(header: HandshakeHeader, responder: DevicePublic, prekeys: _Prekeys) -> bytes:
    """SHA-256 of everything agreed on: a tag before each value, every field length-prefixed."""
    onetime = prekeys.onetime
    fields = (
        (b"version", bytes((VERSION, SUITE))),
        (b"header", header.raw),
        (b"initiator", header.initiator.dik + header.initiator.ik),
        (b"responder", responder.dik + responder.ik),
        (b"inc", struct.pack(">QQ", header.own_inc, header.peer_inc)),
        (b"gen", struct.pack(">Q", header.gen)),
        (b"signed prekey", header.signed_id),
        (b"X25519", prekeys.signed),
        (b"KEM prekey", header.kem_id),
        (b"ML-KEM-768", prekeys.kem),
        (b"one-time prekey", header.onetime_id or b""),
        (b"X25519", onetime or b""),
        (b"ephemeral X25519", header.ephemeral),
        (b"ML-KEM-768 ciphertext", header.kem_ciphertext),
    )
    flat = [part for field in fields for part in field]
    return sha256(labelled(Label.TRANSCRIPT, *flat)).digest()


def _derive(secret: bytes, transcript: bytes) -> tuple[bytes, SessionId]:
    """(root key, session id) from DHs and KEM secret."""
    info = Label.HANDSHAKE.value + transcript
    both = hkdf(b"\xff" * 32 + secret, salt=bytes(32), info=info, size_bytes=64)
    return both[:32], SessionId(both[32:])


def _same(one: DevicePublic, other: DevicePublic) -> bool:
    return one.dik == other.dik or one.ik == other.ik


def _public_fields(device: DevicePublic) -> tuple[bytes, bytes, bytes]:
    return device.dik, device.ik, device.ik_signature


def _refuse() -> NoReturn:
    raise DecryptionFailed from None
