"""Certificates with TLS statements (protocol 7, 10.10, 11.3; attack 38)."""

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from crypto import certificate
from crypto.certificate import (
    MAX_CERTIFICATE_BYTES,
    RENEW_AFTER_S,
    TOLERATED_S,
    VALID_S,
    TlsStatement,
    check_time,
    issue,
    needs_renewal,
    read,
    read_anonymous,
    trusted_now_s,
)
from crypto.codec import encode
from crypto.errors import CryptoError, DecodeError, ExpiredKey, InvalidKey, InvalidSignature
from crypto.identity import DeviceIdentity
from crypto.kdf import Label
from tests.crypto.session_kit import SeededEntropy

NOW_S = 1_790_000_000
ANNA = DeviceIdentity.create(SeededEntropy(b"anna"))
MALLORY = DeviceIdentity.create(SeededEntropy(b"mallory"))
ISSUED = issue(ANNA, SeededEntropy(b"tls"), NOW_S)
OID = certificate._EXTENSION


def spki_of(key: ed25519.Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def statement(
    key: ed25519.Ed25519PrivateKey, signer: DeviceIdentity = ANNA, expires_s: int = NOW_S + VALID_S
) -> TlsStatement:
    signature = signer.sign(Label.TLS, spki_of(key), expires_s.to_bytes(8, "big"))
    return TlsStatement(signer.public.dik, expires_s, signature)


def build(
    key: CertificateIssuerPrivateKeyTypes,
    *extensions: tuple[x509.ObjectIdentifier, bytes, bool],
    name: str | None = None,
    public: ed25519.Ed25519PrivateKey | None = None,
) -> bytes:
    """A certificate of any form. `public`: the key inside is another than the one that signs."""
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)] if name else [])
    builder = (
        x509.CertificateBuilder(named, named, (public or key).public_key(), 7)
        .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC))
    )
    for oid, value, critical in extensions:
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical)
    digest = hashes.SHA256() if isinstance(key, ec.EllipticCurvePrivateKey) else None
    return builder.sign(key, digest).public_bytes(serialization.Encoding.DER)


def test_a_certificate_speaks_for_its_device() -> None:
    claim = read(ISSUED.certificate_der)
    assert claim.dik == ANNA.public.dik
    assert claim.expires_s == ISSUED.expires_s == NOW_S + VALID_S
    key = serialization.load_der_private_key(ISSUED.private_key_pkcs8, None)
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    assert claim.spki == spki_of(key)


def test_the_tls_key_is_not_the_device_key() -> None:
    assert ANNA.public.dik not in read(ISSUED.certificate_der).spki
    other = issue(ANNA, SeededEntropy(b"next"), NOW_S)
    assert read(other.certificate_der).spki != read(ISSUED.certificate_der).spki


def test_a_certificate_names_nobody() -> None:
    parsed = x509.load_der_x509_certificate(ISSUED.certificate_der)
    assert not parsed.subject.rdns
    assert not parsed.issuer.rdns
    assert [extension.critical for extension in parsed.extensions] == [False]


def test_a_key_is_never_shown() -> None:
    assert repr(ISSUED) == "IssuedCertificate(<redacted>)"


# --- attack 38 --------------------------------------------------------------------------------------------------


def test_attack_38_a_statement_stolen_from_another_certificate() -> None:
    """Anna's certificate is public to members: her statement under another TLS key speaks for nobody."""
    stolen = next(iter(x509.load_der_x509_certificate(ISSUED.certificate_der).extensions)).value
    assert isinstance(stolen, x509.UnrecognizedExtension)
    with pytest.raises(InvalidSignature):
        read(build(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)), (OID, stolen.value, False)))


def test_attack_38_a_stranger_who_names_anna() -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    forged = statement(key, MALLORY)
    named = TlsStatement(ANNA.public.dik, forged.expires_s, forged.signature)
    with pytest.raises(InvalidSignature):
        read(build(key, (OID, encode(named), False)))
    assert read(build(key, (OID, encode(forged), False))).dik == MALLORY.public.dik


def test_attack_38_a_lengthened_statement() -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    real = statement(key)
    longer = TlsStatement(real.dik, real.expires_s + 1, real.signature)
    with pytest.raises(InvalidSignature):
        read(build(key, (OID, encode(longer), False)))


def test_attack_03_a_statement_under_a_key_of_small_order() -> None:
    neutral = (1).to_bytes(32, "little")
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    with pytest.raises(InvalidKey):
        read(build(key, (OID, encode(TlsStatement(neutral, NOW_S, neutral + bytes(32))), False)))


def test_attack_38_a_key_that_is_not_ed25519() -> None:
    for key in (ec.generate_private_key(ec.SECP256R1()), ed448.Ed448PrivateKey.generate()):
        with pytest.raises(InvalidKey):
            read(build(key))
        with pytest.raises(InvalidKey):
            read_anonymous(build(key))


def test_attack_38_not_self_signed() -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    other = ed25519.Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
    with pytest.raises(InvalidSignature):
        read(build(key, (OID, encode(statement(other)), False), public=other))
    with pytest.raises(InvalidSignature):
        read_anonymous(build(key, public=other))


def test_no_statement_is_no_device() -> None:
    anonymous = certificate.anonymous(SeededEntropy(b"a"))
    with pytest.raises(DecodeError):
        read(anonymous.certificate_der)


def test_only_our_form_of_certificate() -> None:
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))
    good = encode(statement(key))
    foreign = x509.ObjectIdentifier("1.2.3.4")
    read(build(key, (OID, good, False)))
    for bad in (
        build(key, (OID, good, True)),
        build(key, (OID, good, False), (foreign, b"x", False)),
        build(key, (foreign, good, False)),
        build(key, (OID, good, False), name="Praxis Dr. Weber"),
        build(key, (OID, b"", False)),
        build(key, (OID, good + b"\0", False)),
        build(key, (OID, encode([ANNA.public.dik, -1, bytes(64)]), False)),
        build(key, (OID, encode([ANNA.public.dik, 1 << 63, bytes(64)]), False)),
        build(key, (OID, encode([ANNA.public.dik, NOW_S]), False)),
    ):
        with pytest.raises(DecodeError):
            read(bad)


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_a_serial_number_below_one_is_refused() -> None:
    """The library takes it with a warning today, and not at all in a later release."""
    key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    good = build(key)
    tbs = x509.load_der_x509_certificate(good).tbs_certificate_bytes
    head, tail = good[: good.index(tbs)], good[good.index(tbs) + len(tbs) : -64]
    place = tbs.index(bytes.fromhex("a003020102")) + 7  # after the serial number's tag and length
    size = tbs[place - 1]
    for serial in (b"\xff" + tbs[place + 1 : place + size], bytes(size)):
        altered = tbs[:place] + serial + tbs[place + size :]
        with pytest.raises(DecodeError):
            read_anonymous(head + altered + tail + key.sign(altered))
    assert read_anonymous(head + tbs + tail + key.sign(tbs)) == spki_of(key)


def test_a_pairing_certificate_tells_nothing() -> None:
    anonymous = certificate.anonymous(SeededEntropy(b"a"))
    spki = read_anonymous(anonymous.certificate_der)
    assert len(spki) == 44
    key = serialization.load_der_private_key(anonymous.private_key_pkcs8, None)
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    assert spki_of(key) == spki
    with pytest.raises(DecodeError):
        read_anonymous(ISSUED.certificate_der)
    with pytest.raises(DecodeError):
        read_anonymous(build(key, name="Praxis Dr. Weber"))


def test_every_flipped_byte_is_refused() -> None:
    """Also those outside of the self-signature: a certificate has one form."""
    good = ISSUED.certificate_der
    for place in range(len(good)):
        with pytest.raises(CryptoError):
            read(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])


@pytest.mark.parametrize(
    "data", [b"", b"\x30\x00", bytes(MAX_CERTIFICATE_BYTES + 1), ISSUED.certificate_der * 8]
)
def test_rubbish_is_refused(data: bytes) -> None:
    for parse in (read, read_anonymous):
        with pytest.raises(DecodeError):
            parse(data)


@given(st.binary(max_size=400), st.integers(0, 331), st.integers(0, 40))
def test_fuzzed_certificates_only_raise_our_errors(data: bytes, start: int, cut: int) -> None:
    good = ISSUED.certificate_der
    for fuzzed in (data, good[:start] + data[:cut] + good[start + cut :]):
        if fuzzed == good:
            continue
        with pytest.raises(CryptoError):
            read(fuzzed)


# --- time (10.10, 11.3) ----------------------------------------------------------------------------------------


def test_valid_ninety_days_tolerated_thirty_more() -> None:
    expires_s = ISSUED.expires_s
    check_time(expires_s, NOW_S)
    check_time(expires_s, expires_s + TOLERATED_S)
    with pytest.raises(ExpiredKey):
        check_time(expires_s, expires_s + TOLERATED_S + 1)
    assert (VALID_S, TOLERATED_S) == (90 * 86_400, 30 * 86_400)


def test_a_statement_from_a_clock_ahead_is_accepted() -> None:
    """What ends trust is revocation; a laptop's wrong clock must not."""
    check_time(NOW_S + 10 * VALID_S, NOW_S)


def test_renewed_after_thirty_days() -> None:
    assert not needs_renewal(ISSUED.expires_s, NOW_S + RENEW_AFTER_S)
    assert needs_renewal(ISSUED.expires_s, NOW_S + RENEW_AFTER_S + 1)
    assert RENEW_AFTER_S == 30 * 86_400


def test_a_clock_set_back_opens_nothing() -> None:
    late = ISSUED.expires_s + TOLERATED_S + 1
    for known in ((0, late, 5), (0, 5, late), (late, 0, 0)):
        with pytest.raises(ExpiredKey):
            check_time(ISSUED.expires_s, trusted_now_s(*known))
