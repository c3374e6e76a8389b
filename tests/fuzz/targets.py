"""Every decoder of `crypto/` as a function of bytes that must end normally or with `CryptoError`, never otherwise.

Each target comes with seeds: valid inputs, which a fuzzer alters. What a target accepts it checks as well: one
encoding per meaning, and no change of state by what was refused.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from crypto import certificate, crockford, recovery, tags, vault
from crypto.aead import open_sealed, pad, seal, unpad
from crypto.blob import BlobOpener, BlobSealer, blob_id_of_list, chunk_hash
from crypto.codec import decode, encode
from crypto.envelope import INITIAL, initial_prefix, parse, prefix
from crypto.errors import CryptoError
from crypto.handshake import parse_header
from crypto.identity import DeviceIdentity, DevicePublic, verify
from crypto.ids import CircleId, DeviceId, PersonId
from crypto.invitation import EnrolmentToken, Invitation, Place
from crypto.kdf import Label
from crypto.keys import ed25519_public, mlkem_public, x25519_public
from crypto.pairing import AdminPairing, JoinerPairing, parse_code
from crypto.prekeys import Bundle
from crypto.ratchet_header import parse as parse_ratchet_header
from crypto.session import Session
from crypto.statement import VERSION, DeviceSigner, SignedStatement, Statement, sign
from tests.crypto.session_kit import (
    DAY_MS,
    NOW_MS,
    Device,
    Pair,
    SeededEntropy,
    fresh_pair,
    settled_pair,
    snapshot,
)

KEY = bytes(range(32))
TLS_KEYS = bytes(44), bytes(43) + b"\1"
CIRCLE, PERSON = CircleId(b"c" * 32), PersonId(b"p" * 16)


class Target(NamedTuple):
    """`run` raises nothing but `CryptoError`; `seeds` are made when they are needed."""

    run: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]


def entropy() -> SeededEntropy:
    return SeededEntropy(b"fuzz")


@cache
def alice() -> Device:
    return Device.create("fuzz alice")


@cache
def fresh() -> Pair:
    return fresh_pair("fuzz")


@cache
def settled() -> Pair:
    pair = settled_pair("fuzz")
    pair.now_ms += DAY_MS
    return pair


# --- keys, identities ----------------------------------------------------------------------------------------


def one_encoding(parser: Callable[[bytes], object]) -> Callable[[bytes], object]:
    def run(data: bytes) -> None:
        key = parser(data)
        assert key.public_bytes_raw() == data  # type: ignore[attr-defined]

    return run


def device_public(data: bytes) -> None:
    device = decode(DevicePublic, data, max_bytes=512)
    device.check()
    assert encode(device) == data


def signature(data: bytes) -> None:
    verify(data[:32], data[32:96], Label.BUNDLE, data[96:])


def identity_secret(data: bytes) -> None:
    assert DeviceIdentity.from_secret(data).to_secret() == data


# --- handshake, envelope, ratchet ------------------------------------------------------------------------------


def bundle(data: bytes) -> None:
    assert Bundle.from_wire(data).wire == data


def header(data: bytes) -> None:
    assert parse_header(data).raw == data


def accept(data: bytes) -> None:
    assert fresh().bob.accept(data).header is not None


def envelope(data: bytes) -> None:
    found = parse(data)
    first = prefix(found.type, found.session_id)
    if found.type == INITIAL:
        assert found.handshake is not None
        first = initial_prefix(found.session_id, found.handshake.raw)
    assert first + found.message == data


def ratchet_header(data: bytes) -> None:
    assert parse_ratchet_header(data, data[1] if len(data) > 1 else 0).size <= len(data)


def decrypting(pair: Callable[[], Pair]) -> Callable[[bytes], object]:
    """On a session from its rows, so that one input does not help the next."""

    @cache
    def stored() -> bytes:
        return pair().b.dump()

    def run(data: bytes) -> None:
        session = Session.load(pair().bob.identity, stored(), ())
        before = snapshot(session)
        session.skips_too_far(data)
        try:
            session.decrypt(data, now_ms=pair().now_ms)
        except CryptoError:
            assert snapshot(session) == before
            raise

    return run


def session_state(data: bytes) -> None:
    Session.load(settled().bob.identity, data, ())


# --- pairing -----------------------------------------------------------------------------------------------------


def joiner() -> JoinerPairing:
    own, peer = TLS_KEYS
    return JoinerPairing(
        alice().identity, "K7QM4TXH9R2B", own_tls_key=own, peer_tls_key=peer, entropy=entropy()
    )


def admin() -> AdminPairing:
    peer, own = TLS_KEYS
    identity = fresh().bob.identity
    code = "K7QM4TXH9R2B"
    return AdminPairing(
        identity, code, circle=CIRCLE, person=PERSON, own_tls_key=own, peer_tls_key=peer, entropy=entropy()
    )


@cache
def pairing_messages() -> tuple[bytes, bytes, bytes, bytes]:
    """M1 to M4 of one run, with a made-up secret in place of Argon2id."""
    one, other = joiner(), admin()
    m2 = other.receive_m1(one.m1)
    one.receive_m2(m2)
    m3 = one.prove(KEY, person_name="A", role="B", device_name="C")
    other.receive_m3(m3)
    other.check(KEY)
    return one.m1, m2, m3, other.admit(b"admit")


def m1(data: bytes) -> None:
    admin().receive_m1(data)


def m2(data: bytes) -> None:
    joiner().receive_m2(data)


def m3(data: bytes) -> None:
    machine = admin()
    machine.receive_m1(pairing_messages()[0])
    machine.receive_m3(data)
    machine.check(KEY)


def m4(data: bytes) -> None:
    machine = joiner()
    machine.receive_m2(pairing_messages()[1])
    machine.prove(KEY, person_name="A", role="B", device_name="C")
    machine.receive_m4(data)


# --- what people type and scan -----------------------------------------------------------------------------------


def typed(parser: Callable[[str], object]) -> Callable[[bytes], object]:
    return lambda data: parser(data.decode("utf-8", "surrogateescape"))


def token(text: str) -> None:
    found = EnrolmentToken.parse(text)
    assert EnrolmentToken.parse(found.text) == found


def invitation(text: str) -> None:
    found = Invitation.parse(text)
    assert Invitation.parse(found.link) == found


def server_name(text: str) -> None:
    tags.server_name_nonce(text, [KEY], 20_000, DeviceId(KEY))


# --- certificates, statements, blobs, vault ------------------------------------------------------------------------


def statement(data: bytes) -> None:
    found = SignedStatement.from_wire(data)
    assert SignedStatement.from_wire(found.wire).hash == found.hash
    assert SignedStatement.from_stored(found.raw, found.stored_signatures) == found


def stored_statement(data: bytes) -> None:
    cut = data[0] if data else 0
    SignedStatement.from_stored(data[cut + 1 :], data[1 : cut + 1])


@cache
def blob() -> tuple[BlobOpener, list[bytes]]:
    sealer = BlobSealer(KEY)
    chunk = sealer.seal(0, b"blob", True)
    return BlobOpener(KEY, chunk_hash(chunk), 4), [chunk]


def blob_chunk(data: bytes) -> None:
    """With a list that names these very bytes: only the cipher is left to refuse them."""
    blob()[0].matches(0, data)
    size = len(data) - 48
    if 0 <= size <= 256 * 1024:
        BlobOpener(KEY, chunk_hash(data), size).open(0, data)


def wrapped(data: bytes) -> None:
    vault.describe(data)
    assert vault.unwrap(data, profile=b"profile", keyring_secret=KEY) == KEY


def signed_statements() -> list[bytes]:
    signer = DeviceSigner(alice().identity)
    other = DeviceSigner(fresh().bob.identity)
    first = Statement(VERSION, b"", (), signer.author, (), 1, 0, "found", True, b"body")
    one = sign(first, signer)
    second = Statement(
        VERSION, one.hash, (one.hash,), signer.author, (other.author,), 2, 1, "set_role", True, b"\x92\1\2"
    )
    return [one.wire, sign(second, signer, [other]).wire]


def both_wires() -> list[bytes]:
    return [fresh().to_bob(), settled().to_bob(), settled().to_alice()]


def handshake_headers() -> list[bytes]:
    headers = [alice().start(fresh().bob, onetime=onetime).header for onetime in (False, True)]
    return [found.raw for found in headers if found is not None]


TARGETS: dict[str, Target] = {
    "accept": Target(accept, handshake_headers),
    "blob_chunk": Target(blob_chunk, lambda: blob()[1]),
    "blob_list": Target(blob_id_of_list, lambda: [bytes(32), bytes(64)]),
    "bundle": Target(bundle, lambda: [alice().bundle.wire]),
    "certificate": Target(
        certificate.read,
        lambda: [certificate.issue(alice().identity, entropy(), NOW_MS // 1000).certificate_der],
    ),
    "certificate_anonymous": Target(
        certificate.read_anonymous, lambda: [certificate.anonymous(entropy()).certificate_der]
    ),
    "code": Target(typed(parse_code), lambda: [b"K7QM-4TXH-9R2B", "k7qm‐4txh 9r2b".encode()]),
    "crockford": Target(
        lambda data: crockford.to_bytes(crockford.normalise(data.decode("latin-1"), 26), 16),
        lambda: [b"0" * 26],
    ),
    "decrypt_initial": Target(decrypting(fresh), lambda: [fresh().to_bob()]),
    "decrypt_settled": Target(decrypting(settled), lambda: [settled().to_bob()]),
    "device_public": Target(device_public, lambda: [encode(alice().identity.public)]),
    "ed25519": Target(one_encoding(ed25519_public.__wrapped__), lambda: [alice().identity.public.dik]),
    "envelope": Target(envelope, both_wires),
    "handshake_header": Target(header, handshake_headers),
    "identity_secret": Target(identity_secret, lambda: [alice().identity.to_secret()]),
    "invitation": Target(
        typed(invitation),
        lambda: [
            Invitation(
                "K7QM4TXH9R2B", DeviceId(KEY), (Place("10.0.0.1", 443), Place("fe80::1", 1))
            ).link.encode(),
            Invitation(EnrolmentToken(KEY[:16], KEY[16:]), DeviceId(KEY)).link.encode(),
        ],
    ),
    "mlkem": Target(one_encoding(mlkem_public), lambda: [alice().kem.public]),
    "pairing_m1": Target(m1, lambda: [pairing_messages()[0]]),
    "pairing_m2": Target(m2, lambda: [pairing_messages()[1]]),
    "pairing_m3": Target(m3, lambda: [pairing_messages()[2]]),
    "pairing_m4": Target(m4, lambda: [pairing_messages()[3]]),
    "ratchet_header": Target(ratchet_header, lambda: [parse(wire).message for wire in both_wires()]),
    "recovery": Target(typed(recovery.keys_of), lambda: [recovery.new_code(entropy()).encode()]),
    "sealed": Target(lambda data: open_sealed(KEY, data, b""), lambda: [seal(KEY, b"text", b"", entropy())]),
    "server_name": Target(
        typed(server_name), lambda: [tags.server_name(KEY, 20_000, DeviceId(KEY), entropy()).encode()]
    ),
    "session_state": Target(session_state, lambda: [settled().a.dump(), fresh().a.dump(), fresh().b.dump()]),
    "signature": Target(
        signature,
        lambda: [alice().identity.public.dik + alice().identity.sign(Label.BUNDLE, b"text") + b"text"],
    ),
    "statement": Target(statement, signed_statements),
    "statement_stored": Target(
        stored_statement,
        lambda: [
            bytes([len(one.stored_signatures)]) + one.stored_signatures + one.raw
            for one in map(SignedStatement.from_wire, signed_statements())
        ],
    ),
    "token": Target(typed(token), lambda: [EnrolmentToken(KEY[:16], KEY[16:]).text.encode()]),
    "unpad": Target(unpad, lambda: [pad(b"text"), b"\x80"]),
    "wrapped_key": Target(
        wrapped, lambda: [vault.wrap(KEY, profile=b"profile", entropy=entropy(), keyring_secret=KEY)]
    ),
    "x25519": Target(one_encoding(x25519_public), lambda: [alice().identity.public.ik]),
}


def feed(name: str, data: bytes) -> bool:
    """Whether a target took the bytes. Anything but `CryptoError` comes out as it is: a finding."""
    try:
        TARGETS[name].run(data)
    except CryptoError:
        return False
    return True
