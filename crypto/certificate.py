"""TLS certificates that carry their own proof (protocol sections 1, 7, 10.10, 11.3).

A device shows one self-signed Ed25519 certificate. An extension holds the TLS statement: DIK, expiry and DIK's
signature over SubjectPublicKeyInfo and expiry. TLS proves possession of the TLS key, the statement ties that key to
the device, the roster (not here) says whether the device may come in. Subject and issuer are empty: a certificate
names nobody.
"""

import datetime
from typing import Final

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature as _LibraryInvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from crypto.codec import decode, encode
from crypto.entropy import Entropy
from crypto.errors import DecodeError, ExpiredKey, InvalidKey, InvalidSignature
from crypto.identity import DeviceIdentity, verify
from crypto.kdf import Label
from crypto.keys import ed25519_public, new_ed25519

VALID_S: Final = 90 * 86_400
"""A TLS statement is valid this long (section 10.10),"""
RENEW_AFTER_S: Final = 30 * 86_400
"""is renewed after this time,"""
TOLERATED_S: Final = 30 * 86_400
"""and still accepted this long after its expiry, because clocks of laptops are wrong."""

MAX_CERTIFICATE_BYTES: Final = 2048
MAX_STATEMENT_BYTES: Final = 256
_EXTENSION: Final = x509.ObjectIdentifier("2.25.236091741852361953706135938475026917283")
"""Under the UUID arc (ITU-T X.667): needs no registration and collides with nobody's."""
_SIGNATURE_HEAD: Final = bytes.fromhex("300506032b6570034100")
"""What stands between the signed part and the signature: Ed25519, bit string. The library does not check it."""
_NOBODY: Final = x509.Name([])
_NOT_BEFORE: Final = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
_NOT_AFTER: Final = datetime.datetime(9999, 12, 31, 23, 59, 59, tzinfo=datetime.UTC)


class TlsStatement(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What the extension holds: DIK (32 bytes), expiry (Unix seconds), signature (64 bytes)."""

    dik: bytes
    expires_s: int
    signature: bytes


class IssuedCertificate(msgspec.Struct, frozen=True):
    """A certificate of this device and its key."""

    certificate_der: bytes
    private_key_pkcs8: bytes
    expires_s: int

    def __repr__(self) -> str:
        return "IssuedCertificate(<redacted>)"


class TlsClaim(msgspec.Struct, frozen=True):
    """What a peer's certificate proves: "the holder of this TLS key speaks for the device with this DIK"."""

    dik: bytes
    spki: bytes
    expires_s: int


def issue(identity: DeviceIdentity, entropy: Entropy, now_s: int) -> IssuedCertificate:
    """A fresh TLS key with a statement that is valid for `VALID_S`."""
    key = new_ed25519(entropy)
    expires_s = now_s + VALID_S
    signature = identity.sign(Label.TLS, _spki(key.public_key()), expires_s.to_bytes(8, "big"))
    statement = TlsStatement(identity.public.dik, expires_s, signature)
    return IssuedCertificate(_certificate(key, entropy, statement), _pkcs8(key), expires_s)


def anonymous(entropy: Entropy) -> IssuedCertificate:
    """A fresh certificate that proves nothing: for pairing, where the code does (section 2)."""
    key = new_ed25519(entropy)
    return IssuedCertificate(_certificate(key, entropy, None), _pkcs8(key), 0)


def read(certificate_der: bytes) -> TlsClaim:
    """Check form, key type, self-signature and statement of a peer's certificate.

    Raises `DecodeError`, `InvalidKey` or `InvalidSignature`. The caller checks time (`check_time`) and roster.
    """
    spki, extension = _parse(certificate_der)
    if extension is None:
        raise DecodeError("no TLS statement")
    statement = decode(TlsStatement, extension, max_bytes=MAX_STATEMENT_BYTES)
    if not 0 <= statement.expires_s < 1 << 62:
        raise DecodeError("expiry")
    verify(statement.dik, statement.signature, Label.TLS, spki, statement.expires_s.to_bytes(8, "big"))
    return TlsClaim(statement.dik, spki, statement.expires_s)


def read_anonymous(certificate_der: bytes) -> bytes:
    """SubjectPublicKeyInfo (44 bytes, DER) of a pairing certificate, which has no statement.

    Raises `DecodeError`, `InvalidKey` or `InvalidSignature`.
    """
    spki, extension = _parse(certificate_der)
    if extension is not None:
        raise DecodeError("not an anonymous certificate")
    return spki


def trusted_now_s(*known_s: int) -> int:
    """The time from which expiry counts (section 11.3): the latest of clock, build date and last time persisted."""
    return max(known_s)


def check_time(expires_s: int, now_s: int) -> None:
    """Raises `ExpiredKey` past expiry and tolerance.

    `now_s` is `trusted_now_s(...)`, so that a clock set back opens nothing.
    """
    if now_s > expires_s + TOLERATED_S:
        raise ExpiredKey("TLS statement")


def needs_renewal(expires_s: int, now_s: int) -> bool:
    """Whether `RENEW_AFTER_S` of the certificate's life have passed."""
    return now_s > expires_s - VALID_S + RENEW_AFTER_S


def _parse(certificate_der: bytes) -> tuple[bytes, bytes | None]:
    """(SubjectPublicKeyInfo, content of our extension or None) of a certificate of exactly our own form."""
    if len(certificate_der) > MAX_CERTIFICATE_BYTES:
        raise DecodeError("certificate too long")
    try:
        certificate = x509.load_der_x509_certificate(certificate_der)
        key = certificate.public_key()
        extension = _only_extension(certificate)
        named = bool(certificate.subject.rdns or certificate.issuer.rdns)
        signed, signature = certificate.tbs_certificate_bytes, certificate.signature
        serial = certificate.serial_number
    except DecodeError:
        raise
    except Exception as exc:  # the parser has no common base for what malformed DER raises
        raise DecodeError("certificate") from exc
    if not isinstance(key, Ed25519PublicKey):
        raise InvalidKey("certificate key is not Ed25519")
    if named or serial < 1 or not certificate_der.endswith(signed + _SIGNATURE_HEAD + signature):
        raise DecodeError("not a certificate of our form")
    try:
        ed25519_public(key.public_bytes_raw()).verify(signature, signed)
    except _LibraryInvalidSignature as exc:
        raise InvalidSignature("certificate") from exc
    return _spki(key), extension


def _only_extension(certificate: x509.Certificate) -> bytes | None:
    extensions = list(certificate.extensions)
    if not extensions:
        return None
    value = extensions[0].value
    if len(extensions) > 1 or extensions[0].oid != _EXTENSION or extensions[0].critical:
        raise DecodeError("extensions")
    if not isinstance(value, x509.UnrecognizedExtension):
        raise DecodeError("extensions")
    return value.value


def _spki(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _pkcs8(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def _certificate(key: Ed25519PrivateKey, entropy: Entropy, statement: TlsStatement | None) -> bytes:
    builder = (
        x509.CertificateBuilder(_NOBODY, _NOBODY, key.public_key())
        .serial_number(int.from_bytes(entropy.token(16), "big") >> 1 | 1)
        .not_valid_before(_NOT_BEFORE)
        .not_valid_after(_NOT_AFTER)
    )
    if statement is not None:
        builder = builder.add_extension(
            x509.UnrecognizedExtension(_EXTENSION, encode(statement)), critical=False
        )
    return builder.sign(key, None).public_bytes(Encoding.DER)
