"""Two devices and a session between them, from a seed."""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey

from crypto.envelope import parse
from crypto.errors import DecryptionFailed
from crypto.identity import DeviceIdentity
from crypto.ids import DeviceId
from crypto.prekeys import Bundle, OnetimePrekey, PrekeyKind, PrekeySecret
from crypto.session import Session
from crypto.skipped import SkippedKey

NOW_MS = 1_790_000_000_000
DAY_MS = 24 * 3600 * 1000


class SeededEntropy:
    """Random bytes that a seed repeats. Encapsulation stays random: the library has no derandomised one."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._count = 0

    def token(self, size_bytes: int) -> bytes:
        out = b""
        while len(out) < size_bytes:
            out += sha256(self._seed + self._count.to_bytes(8, "big")).digest()
            self._count += 1
        return out[:size_bytes]

    def encapsulate(self, public_key: MLKEM768PublicKey) -> tuple[bytes, bytes]:
        return public_key.encapsulate()


@dataclass(repr=False)
class Device:
    """One side: identity, prekeys, bundle."""

    identity: DeviceIdentity
    entropy: SeededEntropy
    inc: int
    signed: PrekeySecret
    kem: PrekeySecret
    onetime: PrekeySecret
    issued_s: int = NOW_MS // 1000
    onetime_contact: DeviceId | None = None
    secrets: dict[tuple[PrekeyKind, bytes], bytes] = field(default_factory=dict)

    @classmethod
    def create(cls, name: str, inc: int = 1_700_000_000) -> "Device":
        entropy = SeededEntropy(name.encode())
        identity = DeviceIdentity.create(entropy)
        signed, kem, onetime = (PrekeySecret.create(kind, entropy) for kind in PrekeyKind)
        device = cls(identity, entropy, inc, signed, kem, onetime)
        device.secrets = {(key.kind, key.prekey_id): key.secret for key in (signed, kem, onetime)}
        return device

    @property
    def bundle(self) -> Bundle:
        return Bundle.make(
            self.identity, inc=self.inc, version=1, issued_s=self.issued_s, signed=self.signed, kem=self.kem
        )

    @property
    def onetime_public(self) -> OnetimePrekey:
        return OnetimePrekey(self.onetime.public)

    def lookup(self, kind: PrekeyKind, prekey_id: bytes, contact: DeviceId) -> bytes | None:
        if kind is PrekeyKind.ONETIME and self.onetime_contact not in (None, contact):
            return None
        return self.secrets.get((kind, prekey_id))

    def start(self, peer: "Device", *, onetime: bool = False, gen: int = 1, now_ms: int = NOW_MS) -> Session:
        return Session.start(
            self.identity,
            peer.bundle,
            peer.onetime_public if onetime else None,
            own_inc=self.inc,
            peer_inc=peer.inc,
            gen=gen,
            entropy=self.entropy,
            now_ms=now_ms,
        )

    def accept(self, header: bytes, now_ms: int = NOW_MS) -> Session:
        return Session.accept(self.identity, self.lookup, header, own_inc=self.inc, now_ms=now_ms)

    def receive(self, wire: bytes, now_ms: int = NOW_MS) -> tuple[Session, bytes]:
        """Accept the first envelope of a new session."""
        envelope = parse(wire)
        assert envelope.handshake is not None
        session = self.accept(envelope.handshake.raw, now_ms)
        return session, session.decrypt(wire, now_ms=now_ms)


class Store:
    """A session as rows, kept up to date only by `dump` and `take_skipped_changes`."""

    def __init__(self, owner: Device, session: Session) -> None:
        self.owner = owner
        self.rows: dict[tuple[bytes, int], SkippedKey] = {}
        self.dump = b""
        self.save(session)

    def save(self, session: Session) -> None:
        added, removed = session.take_skipped_changes()
        for row in added:
            assert (row.chain, row.number) not in self.rows
            self.rows[(row.chain, row.number)] = row
        for name in removed:
            del self.rows[name]
        self.dump = session.dump()

    def load(self) -> Session:
        return Session.load(self.owner.identity, self.dump, self.rows.values())


class Snapshot(NamedTuple):
    """Everything a session holds, for "byte-identical afterwards"."""

    dump: bytes
    skipped: tuple[SkippedKey, ...]
    added: tuple[tuple[bytes, int], ...]
    removed: tuple[tuple[bytes, int], ...]


def snapshot(session: Session) -> Snapshot:
    keys = session._ratchet.skipped
    return Snapshot(session.dump(), tuple(keys), tuple(keys._added), tuple(keys._removed))


@dataclass(repr=False)
class Pair:
    """Alice, who initiated, and Bob; both have decrypted something of the other."""

    alice: Device
    bob: Device
    a: Session
    b: Session
    now_ms: int = NOW_MS

    def to_bob(self, plaintext: bytes = b"to bob") -> bytes:
        return self.a.encrypt(plaintext, now_ms=self.now_ms, entropy=self.alice.entropy)

    def to_alice(self, plaintext: bytes = b"to alice") -> bytes:
        return self.b.encrypt(plaintext, now_ms=self.now_ms, entropy=self.bob.entropy)

    def at_bob(self, wire: bytes) -> bytes:
        return self.b.decrypt(wire, now_ms=self.now_ms)

    def at_alice(self, wire: bytes) -> bytes:
        return self.a.decrypt(wire, now_ms=self.now_ms)

    def round(self) -> None:
        """One message each way: one DH step on both sides."""
        self.at_bob(self.to_bob())
        self.at_alice(self.to_alice())


def fresh_pair(seed: str = "") -> Pair:
    """A session whose first message has arrived; Alice has no reply yet."""
    alice, bob = Device.create(seed + "alice"), Device.create(seed + "bob", inc=1_700_000_500)
    session = alice.start(bob)
    wire = session.encrypt(b"first", now_ms=NOW_MS, entropy=alice.entropy)
    accepted, plaintext = bob.receive(wire)
    assert plaintext == b"first"
    return Pair(alice, bob, session, accepted)


def settled_pair(seed: str = "") -> Pair:
    """A session in which both sides have decrypted; Alice's turn to start a chain."""
    pair = fresh_pair(seed)
    assert pair.at_alice(pair.to_alice()) == b"to alice"
    return pair


def refused(session: Session, wire: bytes, now_ms: int) -> None:
    """The envelope is refused uniformly and the session is the same afterwards, to the byte."""
    before = snapshot(session)
    with pytest.raises(DecryptionFailed) as caught:
        session.decrypt(wire, now_ms=now_ms)
    assert type(caught.value) is DecryptionFailed
    assert caught.value.args == ()
    assert caught.value.__cause__ is None
    assert snapshot(session) == before
