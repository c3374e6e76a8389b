"""The published vectors of labels, pairing, safety number and discovery, computed a second time step by step.

Nothing of `crypto` takes part in the second computation: only hashlib, hmac, MessagePack and the primitives.
"""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.vectors import make_base_vectors

FOLDER = Path(__file__).parent.parent / "vectors"
FILES = ("labels.json", "pairing.json", "safety_number.json", "discovery.json")
Case = dict[str, Any]


def load(name: str) -> Case:
    content: Case = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    assert content["version"] == 1
    return content


def cases(name: str) -> list[Any]:
    return [pytest.param(case, id=case["name"]) for case in load(name)["cases"]]


def line(label: str, *fields: bytes) -> bytes:
    return label.encode() + b"\0" + b"".join(len(field).to_bytes(4, "big") + field for field in fields)


def sign(device: Case, label: str, *fields: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(device["dik_seed"])).sign(line(label, *fields))


def public(device: Case) -> list[bytes]:
    return [bytes.fromhex(device[name]) for name in ("dik", "ik", "ik_signature")]


@pytest.fixture(scope="module")
def made() -> dict[str, Case]:
    return make_base_vectors.contents()


@pytest.mark.parametrize("name", FILES)
def test_our_code_makes_the_same_files(name: str, made: dict[str, Case]) -> None:
    ours, frozen = json.loads(json.dumps(made[name])), load(name)
    # A new label may come; one that was published never changes.
    assert frozen.pop("labels", {}).items() <= ours.pop("labels", {}).items()
    assert ours == frozen


@pytest.mark.parametrize("case", cases("labels.json"))
def test_labelled(case: Case) -> None:
    fields = [bytes.fromhex(field) for field in case["fields"]]
    assert line(case["label"], *fields).hex() == case["labelled"]
    assert hashlib.sha256(line(case["label"], *fields)).hexdigest() == case["sha256"]


@pytest.mark.parametrize("case", cases("safety_number.json"))
def test_safety_number(case: Case) -> None:
    halves = []
    for device in (case["one"], case["two"]):
        dik = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(device["dik_seed"])).public_key()
        ik = X25519PrivateKey.from_private_bytes(bytes.fromhex(device["ik_private"])).public_key()
        keys = dik.public_bytes_raw() + ik.public_bytes_raw()
        assert keys.hex() == device["dik"] + device["ik"]
        assert hashlib.sha256(keys).hexdigest() == device["device_id"]
        assert sign(device, "PX1/identity/ik", ik.public_bytes_raw()).hex() == device["ik_signature"]
        digest = hashlib.sha256(line("PX1/safety-number", keys)).digest()
        for _ in range(5200):
            digest = hashlib.sha512(digest + keys).digest()
        halves.append(f"{int.from_bytes(digest[:32], 'big') % 10**30:030d}")
    assert "".join(sorted(halves)) == case["digits"]


def padded(content: bytes) -> bytes:
    size = len(content) + 1
    step = 1 << max((size - 1).bit_length() - 4, 0)
    bucket = 256 if size <= 256 else -(-size // step) * step
    return content + b"\x80" + bytes(bucket - size)


def proof(
    device: Case, side: str, keys: tuple[bytes, bytes], bound: list[bytes], nonce: bytes, content: bytes
) -> bytes:
    sealed = nonce + AESGCM(keys[1]).encrypt(nonce, padded(content), b"".join(bound))
    signature = sign(device, f"PX1/pair/{side}/signature", *bound, sealed)
    mac = hmac.digest(keys[0], line(f"PX1/pair/{side}", *bound, signature, sealed), "sha256")
    return msgspec.msgpack.encode([signature, mac, sealed])


@pytest.mark.parametrize("case", cases("pairing.json"))
def test_pairing(case: Case) -> None:
    joiner_nonce, joiner_box = (bytes.fromhex(token) for token in case["joiner_tokens"])
    admin_nonce, admin_box = (bytes.fromhex(token) for token in case["admin_tokens"])
    tls = [bytes.fromhex(case[name]) for name in ("joiner_tls_key", "admin_tls_key")]
    circle, person = bytes.fromhex(case["circle"]), bytes.fromhex(case["person"])
    m1 = msgspec.msgpack.encode([1, joiner_nonce, public(case["joiner"]), tls[0]])
    m2 = msgspec.msgpack.encode([1, admin_nonce, public(case["admin"]), tls[1], circle, person])
    assert (m1.hex(), m2.hex()) == (case["m1"], case["m2"])

    transcript = hashlib.sha256(line("PX1/pair/transcript", m1, m2, *tls)).digest()
    secret = Argon2id(salt=transcript, length=32, iterations=3, lanes=1, memory_cost=65_536).derive(
        case["code"].encode()
    )
    assert secret.hex() == case["argon2id"]
    keys = HKDF(hashes.SHA256(), 128, transcript, b"PX1/pair/keys").derive(secret)

    consent = sign(case["joiner"], "PX1/consent", circle, person)
    assert consent.hex() == case["consent"]
    wish = msgspec.msgpack.encode([case["person_name"], case["role"], case["device_name"], consent])
    m3 = proof(case["joiner"], "j", (keys[:32], keys[64:96]), [transcript], joiner_box, wish)
    assert m3.hex() == case["m3"]

    bound = [transcript, hashlib.sha256(m3).digest()]
    admit = bytes.fromhex(case["admit"])
    m4 = proof(case["admin"], "a", (keys[32:64], keys[96:]), bound, admin_box, admit)
    assert m4.hex() == case["m4"]


@pytest.mark.parametrize("case", cases("discovery.json"))
def test_discovery(case: Case) -> None:
    device, day = bytes.fromhex(case["device"]), case["day"].to_bytes(4, "big")
    secrets = [bytes.fromhex(secret) for secret in case["secrets"]]
    tags = [hmac.digest(secret, line("PX1/mdns/tag", day, device), "sha256")[:12] for secret in secrets]
    assert [tag.hex() for tag in tags] == case["tags"]
    filler = hashlib.sha256(line("PX1/mdns/padding", *secrets)).digest()
    while len(tags) % 4:
        message = line("PX1/mdns/padding", day, device, bytes([len(tags)]))
        tags.append(hmac.digest(filler, message, "sha256")[:12])
    assert [tag.hex() for tag in sorted(tags)] == case["announcement"]

    nonce = bytes.fromhex(case["nonce"])
    mac = hmac.digest(secrets[0], line("PX1/sni", day, device, nonce), "sha256")[:20]
    assert base64.b32encode(nonce + mac).decode().rstrip("=").lower() == case["server_name"]


def test_certificate() -> None:
    case = load("discovery.json")["certificate"]
    parsed = x509.load_der_x509_certificate(bytes.fromhex(case["certificate"]))
    extension = next(iter(parsed.extensions)).value
    assert isinstance(extension, x509.UnrecognizedExtension)
    dik, expires_s, signature = msgspec.msgpack.decode(extension.value)
    assert (dik.hex(), expires_s) == (case["device"]["dik"], case["expires_s"])
    statement = line("PX1/tls", bytes.fromhex(case["spki"]), expires_s.to_bytes(8, "big"))
    Ed25519PublicKey.from_public_bytes(dik).verify(signature, statement)
