"""The primitives that PX1 stands on, through our own parsers and helpers, against public vectors.

The files come from the package `cryptography-vectors` (RFC 7748, RFC 8032's reference set, the known answers of
ML-KEM from BoringSSL, NIST's CAVP for GCM, RFC 5869). Where a vector uses what PX1 refuses on purpose, the test
says so: the library must compute it as the standard wants, and our parser must not let it that far.
"""

from collections.abc import Iterator
from itertools import islice

import cryptography_vectors
import pytest
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.aead import open_sealed, seal
from crypto.errors import DecryptionFailed, InvalidKey
from crypto.kdf import hkdf
from crypto.keys import (
    MLKEM_CIPHERTEXT_BYTES,
    ed25519_public,
    exchange,
    mlkem_public,
    x25519_public,
)
from tests.crypto.session_kit import SeededEntropy

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
"""Order of the base point of Ed25519."""


def lines(path: str) -> Iterator[str]:
    with cryptography_vectors.open_vector_file(path, "r") as file:
        yield from (line.strip() for line in file)


def records(path: str, first: str, wanted: dict[str, str] | None = None) -> Iterator[dict[str, str]]:
    """Groups of `NAME = VALUE`, each begun by the name `first`; only those whose `[section]` is as wanted."""
    section: dict[str, str] = {}
    record: dict[str, str] = {}
    keep = wanted is None

    def whole() -> Iterator[dict[str, str]]:
        if record and keep:
            yield dict(record)

    for line in lines(path):
        name, mark, value = (part.strip() for part in line.strip("[]").partition("="))
        if line.startswith("["):
            yield from whole()
            record.clear()
            section[name] = value
            keep = wanted is None or all(section.get(key) == value for key, value in wanted.items())
            continue
        if not mark and not record:
            continue
        if name == first:
            yield from whole()
            record.clear()
        if name and not name.startswith("#"):
            record[name] = value
    yield from whole()


def le(value: int) -> bytes:
    return value.to_bytes(32, "little")


# --- X25519 ---------------------------------------------------------------------------------------------------


def test_x25519_of_rfc_7748() -> None:
    """One of the three has the high bit set: the standard masks it, we refuse it (attack 2)."""
    aliases = 0
    vectors = list(records("asymmetric/X25519/rfc7748.txt", "COUNT"))
    for vector in vectors:
        scalar, u, out = (bytes.fromhex(vector[k]) for k in ("INPUT_SCALAR", "INPUT_U", "OUTPUT_U"))
        private = X25519PrivateKey.from_private_bytes(scalar)
        assert private.exchange(X25519PublicKey.from_public_bytes(u)) == out
        if u[31] & 0x80:
            aliases += 1
            with pytest.raises(InvalidKey):
                x25519_public(u)
            u = u[:31] + bytes([u[31] & 0x7F])
        assert exchange(private, x25519_public(u)) == out
    assert (len(vectors), aliases) == (3, 1)


def test_x25519_iterated_a_thousand_times() -> None:
    """RFC 7748 section 5.2: k and u start as 9; the outputs that are no canonical key do not occur."""
    k = u = le(9)
    for _ in range(1000):
        k, u = exchange(X25519PrivateKey.from_private_bytes(k), X25519PublicKey.from_public_bytes(u)), k
    assert k.hex() == "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"


ORDER_8 = (
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)
BERNSTEIN = [0, 1, *ORDER_8, P - 1, P, P + 1, *(P + u for u in ORDER_8), 2 * P - 1, 2 * P, 2 * P + 1]
"""https://cr.yp.to/ecdh.html, "How do I validate Curve25519 public keys?": the twelve strings that give zero."""


@pytest.mark.parametrize("u", BERNSTEIN)
def test_attack_01_the_public_list_of_bad_x25519_keys(u: int) -> None:
    data = le(u)
    with pytest.raises(InvalidKey):
        x25519_public(data)
    private = X25519PrivateKey.from_private_bytes(bytes(range(32)))
    if u < 2**255:  # above, the library masks bit 255 and computes with another number
        with pytest.raises(InvalidKey):
            exchange(private, X25519PublicKey.from_public_bytes(data))


def test_attack_01_every_low_order_point_with_every_encoding() -> None:
    """Curve and twist, reduced or not, high bit or not: none of them gets past the parser."""
    for u in (0, 1, P - 1, *ORDER_8):
        for value in (u, u + P):
            for high in (0, 1 << 255):
                if value < 1 << 255:
                    with pytest.raises(InvalidKey):
                        x25519_public(le(value | high))


# --- Ed25519 --------------------------------------------------------------------------------------------------


def test_ed25519_reference_set() -> None:
    """The 1,024 vectors of the reference implementation: keys taken, signatures made and checked."""
    count = 0
    for line in lines("asymmetric/Ed25519/sign.input"):
        if not line:
            continue
        secret, public, message, signed = (bytes.fromhex(part) for part in line.split(":")[:4])
        private = Ed25519PrivateKey.from_private_bytes(secret[:32])
        key = ed25519_public(public)
        assert private.public_key().public_bytes_raw() == public == secret[32:]
        assert private.sign(message) + message == signed
        key.verify(signed[:64], message)
        if count % 16 == 0:
            with pytest.raises(InvalidSignature):
                key.verify(signed[:64], message + b"\0")
        count += 1
    assert count == 1024


def test_ed25519_signatures_have_one_form() -> None:
    """RFC 8032 section 5.1.7: S below L. An S plus L would be a second signature of the same bytes."""
    line = next(lines("asymmetric/Ed25519/sign.input"))
    _, public, message, signed = (bytes.fromhex(part) for part in line.split(":")[:4])
    key, r, s = ed25519_public(public), signed[:32], int.from_bytes(signed[32:64], "little")
    key.verify(r + le(s), message)
    for other in (s + L, s + 2 * L):
        with pytest.raises(InvalidSignature):
            key.verify(r + le(other), message)


# --- ML-KEM-768 -----------------------------------------------------------------------------------------------


def kem_records(count: int) -> list[dict[str, bytes]]:
    found = islice(records("asymmetric/MLKEM/kat_MLKEM_768.rsp", "count"), count)
    return [{name: bytes.fromhex(v) for name, v in one.items() if name != "count"} for one in found]


def test_mlkem_768_known_answers() -> None:
    """Key from seed, decapsulation, and implicit rejection of a ciphertext that is none (attack 22)."""
    vectors = kem_records(60)
    assert len(vectors) == 60
    for vector in vectors:
        private = MLKEM768PrivateKey.from_seed_bytes(vector["d"] + vector["z"])
        public = private.public_key().public_bytes_raw()
        assert public == vector["pk"]
        assert mlkem_public(vector["pk"]).public_bytes_raw() == vector["pk"]
        assert len(vector["ct"]) == MLKEM_CIPHERTEXT_BYTES
        assert private.decapsulate(vector["ct"]) == vector["ss"]
        assert private.decapsulate(vector["ct_n"]) == vector["ss_n"]


def test_mlkem_768_goes_round_and_binds_the_key() -> None:
    one, two = (MLKEM768PrivateKey.from_seed_bytes(v["d"] + v["z"]) for v in kem_records(2))
    secret, ciphertext = SeededEntropy(b"k").encapsulate(mlkem_public(one.public_key().public_bytes_raw()))
    assert one.decapsulate(ciphertext) == secret
    assert two.decapsulate(ciphertext) != secret
    altered = ciphertext[:-1] + bytes([ciphertext[-1] ^ 1])
    assert one.decapsulate(altered) != secret


# --- AES-256-GCM ----------------------------------------------------------------------------------------------

OUR_FORM = {"Keylen": "256", "IVlen": "96", "Taglen": "128"}
"""PX1 uses no other nonce and no shorter tag."""


class FixedNonce(SeededEntropy):
    def __init__(self, nonce: bytes) -> None:
        self.nonce = nonce

    def token(self, size_bytes: int) -> bytes:
        assert size_bytes == len(self.nonce)
        return self.nonce


def test_aes_256_gcm_encrypt_of_cavp() -> None:
    count = 0
    for vector in records("ciphers/AES/GCM/gcmEncryptExtIV256.rsp", "Count", OUR_FORM):
        key, iv, pt, aad, ct, tag = (
            bytes.fromhex(vector[k]) for k in ("Key", "IV", "PT", "AAD", "CT", "Tag")
        )
        box = seal(key, pt, aad, FixedNonce(iv))
        assert box == iv + ct + tag
        assert open_sealed(key, box, aad) == pt
        count += 1
    assert count == 375


def test_aes_256_gcm_decrypt_of_cavp() -> None:
    """With the vectors that must fail: one error, whatever is wrong."""
    good = bad = 0
    for vector in records("ciphers/AES/GCM/gcmDecrypt256.rsp", "Count", OUR_FORM):
        key, iv, aad, ct, tag = (bytes.fromhex(vector[name]) for name in ("Key", "IV", "AAD", "CT", "Tag"))
        if "FAIL" in vector:
            bad += 1
            with pytest.raises(DecryptionFailed):
                open_sealed(key, iv + ct + tag, aad)
            with pytest.raises(InvalidTag):
                AESGCM(key).decrypt(iv, ct + tag, aad)
        else:
            good += 1
            assert open_sealed(key, iv + ct + tag, aad).hex() == vector["PT"]
            for short in (tag[:15], tag[:12], b""):
                with pytest.raises(DecryptionFailed):
                    open_sealed(key, iv + ct + short, aad)
    assert (good + bad, good > 150, bad > 150) == (375, True, True)


# --- HKDF-SHA256 ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "expected"), [("KDF/rfc-5869-HKDF-SHA256.txt", 3), ("KDF/hkdf-generated.txt", 1)]
)
def test_hkdf_sha256(path: str, expected: int) -> None:
    vectors = [one for one in records(path, "COUNT") if one.get("Hash", "SHA-256") == "SHA-256"]
    assert len(vectors) == expected
    for vector in vectors:
        secret, salt, info = (bytes.fromhex(vector[name]) for name in ("IKM", "salt", "info"))
        okm = hkdf(secret, salt=salt, info=info, size_bytes=int(vector["L"]))
        assert okm.hex() == vector["OKM"]


def test_the_library_takes_what_our_parsers_refuse() -> None:
    """Why they exist: were one of them left out, these would be accepted silently."""
    X25519PublicKey.from_public_bytes(le(P + 2))
    X25519PublicKey.from_public_bytes(bytes(32))
    Ed25519PublicKey.from_public_bytes(le(1))
