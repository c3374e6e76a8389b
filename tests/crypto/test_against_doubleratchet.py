"""Byte for byte against the independent `DoubleRatchet` 1.3.0, with the ML-KEM step off (attack 19).

Each side exists twice, ours and theirs, fed with the same private keys and nonces: whatever is sent must be
the same bytes, whatever arrives must give the same plaintext or be refused by both.
"""

import random
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from doubleratchet import AuthenticationFailedException, DuplicateMessageException

import crypto.ratchet
from crypto.errors import DecryptionFailed
from crypto.ratchet import Ratchet
from crypto.skipped import SkippedKeys
from tests.crypto.reference_ratchet import KIND, Reference

NOW_MS = 1_790_000_000_000


class Streams:
    """Private keys and nonces of one side, one stream per size, so that the order of asking does not matter."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._counts: dict[int, int] = {}

    def token(self, size_bytes: int) -> bytes:
        count = self._counts.get(size_bytes, 0)
        self._counts[size_bytes] = count + 1
        return sha256(f"{self._name} {size_bytes} {count}".encode()).digest()[:size_bytes]

    def encapsulate(self, public_key: MLKEM768PublicKey) -> tuple[bytes, bytes]:
        raise AssertionError("the ML-KEM step is off")


class Side:
    """Ours and theirs in lockstep."""

    def __init__(self, name: str, seed: int, ours: Ratchet, theirs: Reference) -> None:
        self.ours, self.theirs = ours, theirs
        self.ours.skipped = SkippedKeys(max_chains=10**6)  # the library has no bound on chains
        self._entropy = Streams(f"{name} {seed}")

    def send(self, plaintext: bytes) -> bytes:
        message = self.ours.encrypt(plaintext, KIND, entropy=self._entropy, now_ms=NOW_MS)
        assert self.theirs.encrypt(plaintext) == message
        return message

    def receive(self, message: bytes) -> bytes:
        plaintext = self.ours.decrypt(message, KIND, now_ms=NOW_MS)
        assert self.theirs.decrypt(message) == plaintext
        return plaintext

    def refuse(self, message: bytes) -> None:
        with pytest.raises(DecryptionFailed):
            self.ours.decrypt(message, KIND, now_ms=NOW_MS)
        with pytest.raises((AuthenticationFailedException, DuplicateMessageException)):
            self.theirs.decrypt(message)


def sides(seed: int) -> tuple[Side, Side]:
    """Alice and Bob after Alice's first message."""
    root, one, two = sha256(b"root %d" % seed).digest(), b"a to b" * 20, b"b to a" * 20
    own = sha256(b"prekey %d" % seed).digest()
    peer = X25519PrivateKey.from_private_bytes(own).public_key().public_bytes_raw()
    alice = Side(
        "alice",
        seed,
        Ratchet.initiator(root, peer, ad_send=one, ad_receive=two, now_ms=NOW_MS),
        Reference(root, one, two, Streams(f"alice {seed}").token),
    )
    bob = Side(
        "bob",
        seed,
        Ratchet.responder(root, own, ad_send=two, ad_receive=one, now_ms=NOW_MS),
        Reference(root, two, one, Streams(f"bob {seed}").token),
    )
    first = alice.ours.encrypt(b"first", KIND, entropy=alice._entropy, now_ms=NOW_MS)
    assert alice.theirs.start(peer, b"first") == first
    assert bob.ours.decrypt(first, KIND, now_ms=NOW_MS) == b"first"
    assert bob.theirs.accept(own, first) == b"first"
    return alice, bob


@pytest.fixture(autouse=True)
def without_kem_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crypto.ratchet, "OFFER_STEPS", 10**9)


@pytest.mark.parametrize("seed", range(24))
def test_random_walk(seed: int) -> None:
    rnd = random.Random(seed)
    alice, bob = sides(seed)
    ways: dict[str, tuple[Side, Side, list[tuple[bytes, bytes]], list[bytes]]] = {
        "to bob": (alice, bob, [], []),
        "to alice": (bob, alice, [], []),
    }
    delivered = 0
    for number in range(220):
        sender, receiver, waiting, done = ways[rnd.choice(["to bob", "to alice"])]
        what = rnd.random()
        if what < 0.45 or not waiting:
            plaintext = rnd.randbytes(rnd.choice([0, 1, 20, 300]))
            waiting.append((plaintext, sender.send(plaintext)))
        elif what < 0.93:
            # mostly in order, sometimes far out of it, some never
            place = 0 if rnd.random() < 0.5 else rnd.randrange(len(waiting))
            plaintext, message = waiting.pop(place)
            assert receiver.receive(message) == plaintext
            done.append(message)
            delivered += 1
        elif done:
            receiver.refuse(rnd.choice(done))
        if number % 50 == 49:
            _, message = waiting[0] if waiting else (b"", done[0])
            receiver.refuse(message[:-1] + bytes((message[-1] ^ 1,)))
    assert delivered > 70


def test_the_global_cap_drops_the_same_keys() -> None:
    """Three chains of 900 lost messages: both keep the newest 2,000 keys."""
    alice, bob = sides(1000)
    lost: list[bytes] = []
    for _ in range(3):
        lost += [alice.send(b"lost") for _ in range(900)]
        bob.receive(alice.send(b"kept"))
        alice.receive(bob.send(b"turn"))
    assert len(bob.ours.skipped) == 2000
    for message in (lost[0], lost[699]):
        bob.refuse(message)
    for message in (lost[700], lost[1800], lost[-1]):
        assert bob.receive(message) == b"lost"
