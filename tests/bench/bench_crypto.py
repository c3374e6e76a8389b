"""Handshake and ratchet in memory, next to what the primitives alone take, `DoubleRatchet` and `vodozemac`.

All contenders take turns in short rounds of one run, so that a busy machine slows them alike; figures are
medians over the rounds. Where its clock is fine enough, time is that of this thread, so that other programs on
the machine count less; "clock" says which it was. One message is 200 bytes, encrypted and decrypted.
"pingpong" changes direction after every message (a DH step each), "oneway" never does. The primitive limits
call only what the protocol demands:

- limit_oneway: two chain steps (four HMACs), one random nonce, AES-256-GCM there and back;
- limit_pingpong: that, and one X25519 key generation, two exchanges and two HKDFs;
- limit_dh: the key generation and the two exchanges alone.

    python -m tests.bench.bench_crypto
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import vodozemac
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from crypto.blob import CHUNK_BYTES, BlobOpener, BlobSealer, chunk_hash
from crypto.entropy import SystemEntropy
from crypto.envelope import parse
from crypto.identity import DeviceIdentity
from crypto.ids import DeviceId
from crypto.prekeys import Bundle, PrekeyKind, PrekeySecret
from crypto.ratchet import chain_step, root_step
from crypto.session import Session
from tests.crypto.reference_ratchet import Reference

ROUNDS = 15
PLAINTEXT = bytes(200)
NOW_MS = 1_790_000_000_000
ENTROPY = SystemEntropy()
CLOCK = "thread_time" if time.get_clock_info("thread_time").resolution < 1e-6 else "perf_counter"
clock: Callable[[], float] = getattr(time, CLOCK)


class Devices:
    """Two devices and the responder's prekeys."""

    def __init__(self) -> None:
        self.alice, self.bob = DeviceIdentity.create(ENTROPY), DeviceIdentity.create(ENTROPY)
        keys = [PrekeySecret.create(kind, ENTROPY) for kind in (PrekeyKind.SIGNED, PrekeyKind.KEM)]
        self.secrets = {(key.kind, key.prekey_id): key.secret for key in keys}
        self.bundle = Bundle.make(
            self.bob, inc=1, version=1, issued_s=NOW_MS // 1000, signed=keys[0], kem=keys[1]
        )

    def lookup(self, kind: PrekeyKind, prekey_id: bytes, contact: DeviceId) -> bytes | None:
        return self.secrets.get((kind, prekey_id))

    def pair(self) -> tuple[Session, Session]:
        """Handshake and first message."""
        a = Session.start(
            self.alice, self.bundle, None, own_inc=1, peer_inc=1, gen=1, entropy=ENTROPY, now_ms=NOW_MS
        )
        wire = a.encrypt(b"first", now_ms=NOW_MS, entropy=ENTROPY)
        header = parse(wire).handshake
        assert header is not None
        b = Session.accept(self.bob, self.lookup, header.raw, own_inc=1, now_ms=NOW_MS)
        b.decrypt(wire, now_ms=NOW_MS)
        return a, b


def per_second(work: Callable[[int], None], count: int) -> float:
    began = clock()
    work(count)
    return count / (clock() - began)


def ours(devices: Devices) -> tuple[Callable[[int], None], Callable[[int], None]]:
    a, b = devices.pair()
    a.decrypt(b.encrypt(b"reply", now_ms=NOW_MS, entropy=ENTROPY), now_ms=NOW_MS)

    def oneway(count: int) -> None:
        for _ in range(count):
            b.decrypt(a.encrypt(PLAINTEXT, now_ms=NOW_MS, entropy=ENTROPY), now_ms=NOW_MS)

    def pingpong(count: int) -> None:
        for _ in range(count // 2):
            b.decrypt(a.encrypt(PLAINTEXT, now_ms=NOW_MS, entropy=ENTROPY), now_ms=NOW_MS)
            a.decrypt(b.encrypt(PLAINTEXT, now_ms=NOW_MS, entropy=ENTROPY), now_ms=NOW_MS)

    return oneway, pingpong


def primitives() -> tuple[Callable[[int], None], Callable[[int], None], Callable[[int], None]]:
    peer = X25519PrivateKey.generate()
    peer_public = peer.public_key()
    associated = bytes(215)
    padded = bytes(256)

    def message(chain: bytes) -> None:
        _, key = chain_step(chain)
        nonce = ENTROPY.token(12)
        sealed = AESGCM(key).encrypt(nonce, padded, associated)
        _, key = chain_step(chain)
        AESGCM(key).decrypt(nonce, sealed, associated)

    def oneway(count: int) -> None:
        chain = bytes(32)
        for _ in range(count):
            message(chain)

    def pingpong(count: int) -> None:
        root = bytes(32)
        for _ in range(count):
            own = X25519PrivateKey.generate()
            _, chain = root_step(root, own.exchange(peer_public))
            root_step(root, peer.exchange(own.public_key()))
            message(chain)

    def dh(count: int) -> None:
        for _ in range(count):
            own = X25519PrivateKey.generate()
            own.exchange(peer_public)
            peer.exchange(own.public_key())

    return oneway, pingpong, dh


def double_ratchet() -> tuple[Callable[[int], None], Callable[[int], None]]:
    own = X25519PrivateKey.generate()
    one, two = bytes(160), bytes(159) + b"\x01"
    a, b = Reference(bytes(32), one, two, ENTROPY.token), Reference(bytes(32), two, one, ENTROPY.token)
    b.accept(own.private_bytes_raw(), a.start(own.public_key().public_bytes_raw(), b"first"))
    a.decrypt(b.encrypt(b"reply"))

    def oneway(count: int) -> None:
        for _ in range(count):
            b.decrypt(a.encrypt(PLAINTEXT))

    def pingpong(count: int) -> None:
        for _ in range(count // 2):
            b.decrypt(a.encrypt(PLAINTEXT))
            a.decrypt(b.encrypt(PLAINTEXT))

    return oneway, pingpong


def olm_pair() -> tuple[vodozemac.Session, vodozemac.Session]:
    alice, bob = vodozemac.Account(), vodozemac.Account()
    bob.generate_one_time_keys(1)
    (onetime,) = bob.one_time_keys.values()
    a = alice.create_outbound_session(bob.curve25519_key, onetime)
    first = a.encrypt(b"first").to_pre_key()
    assert first is not None
    b, _ = bob.create_inbound_session(alice.curve25519_key, first)
    return a, b


def olm() -> tuple[Callable[[int], None], Callable[[int], None]]:
    a, b = olm_pair()
    a.decrypt(b.encrypt(b"reply"))

    def oneway(count: int) -> None:
        for _ in range(count):
            b.decrypt(a.encrypt(PLAINTEXT))

    def pingpong(count: int) -> None:
        for _ in range(count // 2):
            b.decrypt(a.encrypt(PLAINTEXT))
            a.decrypt(b.encrypt(PLAINTEXT))

    return oneway, pingpong


def stored(devices: Devices) -> tuple[Callable[[int], None], Callable[[int], None]]:
    a, _ = devices.pair()
    dump = a.dump()

    def dumping(count: int) -> None:
        for _ in range(count):
            a.dump()

    def loading(count: int) -> None:
        for _ in range(count):
            Session.load(devices.alice, dump, ())

    return dumping, loading


def handshakes(devices: Devices) -> tuple[Callable[[int], None], Callable[[int], None]]:
    def our_own(count: int) -> None:
        for _ in range(count):
            devices.pair()

    def of_olm(count: int) -> None:
        for _ in range(count):
            olm_pair()

    return our_own, of_olm


def blob() -> dict[str, float]:
    """MB/s of 8 MiB, hashes included."""
    data = bytes(CHUNK_BYTES)
    count = 32
    sealer = BlobSealer(bytes(range(32)))
    began = clock()
    chunks = [sealer.seal(index, data, index == count - 1) for index in range(count)]
    hashes = b"".join(map(chunk_hash, chunks))
    sealed = clock()
    reader = BlobOpener(bytes(range(32)), hashes, count * CHUNK_BYTES)
    for index, chunk in enumerate(chunks):
        reader.open(index, chunk)
    done = clock()
    size_mb = count * CHUNK_BYTES / 1e6
    return {"blob_seal_mb_s": size_mb / (sealed - began), "blob_open_mb_s": size_mb / (done - sealed)}


def contenders(devices: Devices) -> dict[str, tuple[Callable[[int], None], int]]:
    """Name -> (work, messages per round)."""
    our_oneway, our_pingpong = ours(devices)
    limit_oneway, limit_pingpong, limit_dh = primitives()
    dr_oneway, dr_pingpong = double_ratchet()
    olm_oneway, olm_pingpong = olm()
    our_handshake, olm_handshake = handshakes(devices)
    dumping, loading = stored(devices)
    return {
        "oneway_msgs_s": (our_oneway, 1500),
        "limit_oneway_msgs_s": (limit_oneway, 1500),
        "doubleratchet_oneway_msgs_s": (dr_oneway, 100),
        "vodozemac_oneway_msgs_s": (olm_oneway, 1500),
        "pingpong_msgs_s": (our_pingpong, 320),  # ten ML-KEM steps on each side
        "limit_pingpong_msgs_s": (limit_pingpong, 320),
        "limit_dh_msgs_s": (limit_dh, 320),
        "doubleratchet_pingpong_msgs_s": (dr_pingpong, 60),
        "vodozemac_pingpong_msgs_s": (olm_pingpong, 320),
        "handshakes_s": (our_handshake, 20),
        "vodozemac_handshakes_s": (olm_handshake, 20),
        "session_dumps_s": (dumping, 1000),
        "session_loads_s": (loading, 100),
    }


def run() -> dict[str, object]:
    """Medians in messages (or acts) per second, and how far ours is from the limit."""
    works = contenders(Devices())
    rates: dict[str, list[float]] = {name: [] for name in works}
    for work, count in works.values():
        work(count)  # warm
    for _ in range(ROUNDS):
        for name, (work, count) in works.items():
            rates[name].append(per_second(work, count))
    result: dict[str, object] = {"clock": CLOCK}
    result |= {name: statistics.median(values) for name, values in rates.items()}
    for name in ("oneway", "pingpong"):
        own, limit = rates[f"{name}_msgs_s"], rates[f"limit_{name}_msgs_s"]
        shares = [mine / bound for mine, bound in zip(own, limit, strict=True)]
        result[f"{name}_share_of_limit"] = statistics.median(shares)
        result[f"{name}_msgs_s_best"] = max(own)
        result[f"{name}_msgs_s_worst"] = min(own)
    return result | blob()


def main() -> None:
    print(json.dumps(run(), indent=1))


if __name__ == "__main__":
    main()
