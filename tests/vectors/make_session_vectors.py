"""Writes handshake.json, ratchet.json, ratchet_mlkem.json and blob.json anew.

    python -m tests.vectors.make_session_vectors

Everything but the ML-KEM encapsulations follows from fixed seeds. The library has no derandomised
encapsulation, so those recorded in existing files are used again: as long as the format stays, the files do
not change. They are frozen: a difference means another protocol version.
"""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey

from crypto.blob import BlobSealer, blob_id, chunk_hash
from crypto.envelope import parse
from crypto.identity import DeviceIdentity
from crypto.prekeys import Bundle, OnetimePrekey, PrekeyKind, PrekeySecret
from crypto.ratchet import Ratchet
from crypto.session import Session

FOLDER = Path(__file__).parent
NOW_MS = 1_790_000_000_000
DAY_MS = 24 * 3600 * 1000
Json = dict[str, Any]


def seeded(name: str, size: int = 32) -> bytes:
    """Fixed bytes for a name."""
    return b"".join(sha256(f"{name} {part}".encode()).digest() for part in range(-(-size // 32)))[:size]


class Recorder:
    """Fixed tokens, written down with their kind; encapsulations from an older file where there is one."""

    def __init__(self, name: str, known: list[list[str]]) -> None:
        self._name = name
        self._known = {bytes.fromhex(key): pair for key, *pair in known}
        self.tokens: list[str] = []
        self.encapsulations: list[list[str]] = []

    def token(self, size_bytes: int) -> bytes:
        value = seeded(f"{self._name} token {len(self.tokens)}", size_bytes)
        self.tokens.append(value.hex())
        return value

    def encapsulate(self, public_key: MLKEM768PublicKey) -> tuple[bytes, bytes]:
        raw = public_key.public_bytes_raw()
        if raw in self._known:
            shared, ciphertext = (bytes.fromhex(part) for part in self._known[raw])
        else:
            shared, ciphertext = public_key.encapsulate()
        self.encapsulations.append([raw.hex(), shared.hex(), ciphertext.hex()])
        return shared, ciphertext


def recorded(name: str) -> list[list[str]]:
    """Encapsulations [public key, secret, ciphertext] of the existing file."""
    path = FOLDER / name
    if not path.exists():
        return []
    content = json.loads(path.read_text())
    return [entry for case in content["cases"] for entry in case["encapsulations"]]


def handshake_case(onetime: bool, known: list[list[str]]) -> Json:
    name = "handshake one-time" if onetime else "handshake"
    alice, bob = Recorder(f"{name} alice", known), Recorder(f"{name} bob", known)
    own, peer = DeviceIdentity.create(alice), DeviceIdentity.create(bob)
    keys = {kind: PrekeySecret.create(kind, bob) for kind in PrekeyKind}
    bundle = Bundle.make(
        peer,
        inc=1_700_000_500,
        version=3,
        issued_s=NOW_MS // 1000,
        signed=keys[PrekeyKind.SIGNED],
        kem=keys[PrekeyKind.KEM],
    )
    session = Session.start(
        own,
        bundle,
        OnetimePrekey(keys[PrekeyKind.ONETIME].public) if onetime else None,
        own_inc=1_700_000_000,
        peer_inc=1_700_000_500,
        gen=2,
        entropy=alice,
        now_ms=NOW_MS,
    )
    root = session._ratchet.state().root
    plaintext = b"Bitte in Zimmer 2 ansehen"
    envelope = session.encrypt(plaintext, now_ms=NOW_MS, entropy=alice)
    header = parse(envelope).handshake
    assert header is not None
    return {
        "name": name,
        "initiator_identity": own.to_secret().hex(),
        "responder_identity": peer.to_secret().hex(),
        "signed_prekey": keys[PrekeyKind.SIGNED].secret.hex(),
        "kem_prekey_seed": keys[PrekeyKind.KEM].secret.hex(),
        "onetime_prekey": keys[PrekeyKind.ONETIME].secret.hex() if onetime else None,
        "bundle": bundle.wire.hex(),
        "own_inc": 1_700_000_000,
        "peer_inc": 1_700_000_500,
        "gen": 2,
        "now_ms": NOW_MS,
        "tokens": alice.tokens[2:],
        "encapsulations": alice.encapsulations,
        "header": header.raw.hex(),
        "root": root.hex(),
        "session_id": session.session_id.hex(),
        "rank": session.rank.hex(),
        "plaintext": plaintext.hex(),
        "envelope": envelope.hex(),
    }


def ratchet_case(name: str, rounds: int, day: int, known: list[list[str]]) -> Json:
    """Messages in the order of sending; Bob gets each second one late. `day` moves the clock per round."""
    root, own = seeded(name + " root"), seeded(name + " prekey")
    peer = PrekeySecret.from_secret(PrekeyKind.SIGNED, own).public
    one, two = seeded(name + " alice to bob", 160), seeded(name + " bob to alice", 160)
    alice, bob = Recorder(name + " alice", known), Recorder(name + " bob", known)
    a = Ratchet.initiator(root, peer, ad_send=one, ad_receive=two, now_ms=NOW_MS)
    b = Ratchet.responder(root, own, ad_send=two, ad_receive=one, now_ms=NOW_MS)
    messages: list[Json] = []
    for number in range(rounds):
        now_ms = NOW_MS + number * day
        late: list[bytes] = []
        for count in range(3):
            plaintext = f"{name} {number} {count}".encode()
            message = a.encrypt(plaintext, 2, entropy=alice, now_ms=now_ms)
            messages.append(entry("alice", plaintext, message, now_ms, a))
            if count == 1:
                late.append(message)
            else:
                b.decrypt(message, 2, now_ms=now_ms)
        for message in late:
            b.decrypt(message, 2, now_ms=now_ms)
        plaintext = f"{name} answer {number}".encode()
        message = b.encrypt(plaintext, 2, entropy=bob, now_ms=now_ms)
        messages.append(entry("bob", plaintext, message, now_ms, b))
        a.decrypt(message, 2, now_ms=now_ms)
    return {
        "name": name,
        "root": root.hex(),
        "responder_prekey": own.hex(),
        "associated_alice_to_bob": one.hex(),
        "associated_bob_to_alice": two.hex(),
        "type": 2,
        "created_ms": NOW_MS,
        "tokens_alice": alice.tokens,
        "tokens_bob": bob.tokens,
        "encapsulations": alice.encapsulations + bob.encapsulations,
        "messages": messages,
    }


def entry(sender: str, plaintext: bytes, message: bytes, now_ms: int, ratchet: Ratchet) -> Json:
    return {
        "from": sender,
        "now_ms": now_ms,
        "plaintext": plaintext.hex(),
        "message": message.hex(),
        "root_after": ratchet.state().root.hex(),
    }


def pattern(size: int) -> bytes:
    """Byte i is i mod 251."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def blob_case(name: str, size: int) -> Json:
    key, data, chunk = seeded(name + " key"), pattern(size), 256 * 1024
    sealer = BlobSealer(key)
    count = max(1, -(-size // chunk))
    sealed = [
        sealer.seal(index, data[index * chunk : (index + 1) * chunk], index == count - 1)
        for index in range(count)
    ]
    return {
        "name": name,
        "key": key.hex(),
        "size_bytes": size,
        "plaintext_sha256": sha256(data).hexdigest(),
        "chunk_hashes": [chunk_hash(part).hex() for part in sealed],
        "last_chunk": sealed[-1].hex() if len(sealed[-1]) < 2000 else None,
        "blob_id": blob_id(map(chunk_hash, sealed)).hex(),
    }


def contents() -> dict[str, Json]:
    """File name -> content."""
    known = recorded("handshake.json")
    handshake = [handshake_case(onetime, known) for onetime in (False, True)]
    plain = [ratchet_case("ratchet", 5, 0, [])]
    known = recorded("ratchet_mlkem.json")
    stepped = [
        ratchet_case("ratchet mlkem by time", 4, DAY_MS, known),
        ratchet_case("ratchet mlkem by count", 18, 0, known),
    ]
    blobs = [blob_case("blob empty", 0), blob_case("blob small", 1000), blob_case("blob three", 524_289)]
    about = "PX1 known-answer vectors; bytes as hexadecimal digits, times in Unix milliseconds"
    return {
        "handshake.json": {"about": about, "version": 1, "cases": handshake},
        "ratchet.json": {"about": about, "version": 1, "cases": plain},
        "ratchet_mlkem.json": {"about": about, "version": 1, "cases": stepped},
        "blob.json": {
            "about": about + "; plaintext byte i is i mod 251",
            "version": 1,
            "cases": blobs,
        },
    }


def main() -> None:
    for name, content in contents().items():
        (FOLDER / name).write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
