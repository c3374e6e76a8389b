"""Devices for transport tests: real Ed25519 certificates pinned by key, and a checked server name."""

import datetime
import hashlib
import os
from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID

from transport.base import ALPN_MAIN, ALPN_ROSTER, Certificate
from transport.errors import PeerRefused
from transport.events import PeerId

CIRCLE = "c0ffee"


def make_certificate(key: CertificateIssuerPrivateKeyTypes, *, padding: int = 0) -> bytes:
    """A self-signed DER certificate; Ed25519 and Ed448 take no hash."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "p")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=3650))
    )
    if padding:
        oid = x509.ObjectIdentifier("1.3.6.1.4.1.55555.1")
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, os.urandom(padding)), critical=False)
    algorithm = hashes.SHA256() if isinstance(key, ec.EllipticCurvePrivateKey) else None
    return builder.sign(key, algorithm).public_bytes(Encoding.DER)


def peer_of(certificate_der: bytes) -> PeerId:
    """How these tests name a device: hash of its public key."""
    key = x509.load_der_x509_certificate(certificate_der).public_key()
    return PeerId(hashlib.sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest())


class Device:
    """One device's `LinkSecurity`, with knobs to turn."""

    def __init__(self, seed: int | None = None, *, padding: int = 0) -> None:
        if seed is None:
            self.key = ed25519.Ed25519PrivateKey.generate()
        else:
            self.key = ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"%d" % seed).digest())
        self.certificate_der = make_certificate(self.key, padding=padding)
        self.own_id = peer_of(self.certificate_der)
        self.friends: set[PeerId] = set()
        self.alpns = {ALPN_MAIN, ALPN_ROSTER}
        self.names_seen: set[str] = set()
        self.identified: list[PeerId] = []
        self.asked_certificates = 0

    def befriend(self, *others: "Device") -> None:
        for other in others:
            self.friends.add(other.own_id)
            other.friends.add(self.own_id)

    def certificate(self, alpn: str) -> Certificate:
        self.asked_certificates += 1
        return Certificate(
            self.certificate_der,
            self.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        )

    def accepts_alpn(self, alpn: str) -> bool:
        return alpn in self.alpns

    def server_name(self, peer: PeerId, alpn: str) -> str:
        return f"{os.urandom(8).hex()}.{CIRCLE}"

    def accepts_server_name(self, server_name: str | None, alpn: str) -> bool:
        if server_name is None or not server_name.endswith("." + CIRCLE) or server_name in self.names_seen:
            return False
        self.names_seen.add(server_name)
        return True

    def identify(self, certificate_der: bytes, alpn: str, dialled: PeerId | None) -> PeerId:
        peer = peer_of(certificate_der)
        self.identified.append(peer)
        if peer not in self.friends:
            raise PeerRefused("no friend")
        return peer


def all_friends(devices: Iterable[Device]) -> None:
    """Everybody pins everybody."""
    listed = list(devices)
    for device in listed:
        device.befriend(*(other for other in listed if other is not device))
