"""Pairing and what pairing stands on: Argon2id, certificates, safety number, tags."""

import statistics
import threading
import time
from collections.abc import Callable

from crypto import certificate, tags
from crypto.entropy import SystemEntropy
from crypto.identity import DeviceIdentity, safety_number
from crypto.ids import CircleId, DeviceId, PersonId
from crypto.kdf import argon2id
from crypto.keys import ed25519_public
from crypto.pairing import AdminPairing, JoinerPairing, new_code, parse_code

ENTROPY = SystemEntropy()


def times_ms(work: Callable[[], object], rounds: int) -> list[float]:
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def figures(name: str, work: Callable[[], object], rounds: int) -> dict[str, object]:
    taken = times_ms(work, rounds)
    spread = statistics.quantiles(taken, n=10)
    return {
        f"{name}_ms_p50": statistics.median(taken),
        f"{name}_ms_p10_p90": f"{spread[0]:.3g}-{spread[-1]:.3g}",
    }


def pair() -> None:
    """Both sides of a pairing, one after the other, in one process: two Argon2id."""
    admin_id, joiner_id = DeviceIdentity.create(ENTROPY), DeviceIdentity.create(ENTROPY)
    keys = [certificate.read_anonymous(certificate.anonymous(ENTROPY).certificate_der) for _ in range(2)]
    code = parse_code(new_code(ENTROPY))
    joiner = JoinerPairing(joiner_id, code, own_tls_key=keys[0], peer_tls_key=keys[1], entropy=ENTROPY)
    admin = AdminPairing(
        admin_id,
        code,
        circle=CircleId(bytes(32)),
        person=PersonId(bytes(16)),
        own_tls_key=keys[1],
        peer_tls_key=keys[0],
        entropy=ENTROPY,
    )
    secret = joiner.receive_m2(admin.receive_m1(joiner.m1))()
    m3 = joiner.prove(secret, person_name="Anna Weber", role="", device_name="Zimmer 2")
    admin.check(admin.receive_m3(m3)())
    joiner.receive_m4(admin.admit(bytes(600)))


def longest_stall_ms() -> float:
    """How long another thread (the engine's loop) stood still while Argon2id ran in a worker."""
    worker = threading.Thread(target=lambda: argon2id(b"K7QM4TXH9R2B", salt=bytes(32)))
    worst, last = 0.0, time.perf_counter()
    worker.start()
    while worker.is_alive():
        time.sleep(0.0005)
        now = time.perf_counter()
        worst, last = max(worst, now - last), now
    return worst * 1000


def run() -> dict[str, object]:
    identity, other = DeviceIdentity.create(ENTROPY), DeviceIdentity.create(ENTROPY)
    issued = certificate.issue(identity, ENTROPY, 1_790_000_000)
    devices = [DeviceId(ENTROPY.token(32)) for _ in range(50)]
    secrets = [ENTROPY.token(32) for _ in range(20)]
    fresh = ed25519_public.__wrapped__
    return {
        **figures("argon2id", lambda: argon2id(b"K7QM4TXH9R2B", salt=bytes(32)), 9),
        "argon2id_loop_stall_ms_max": max(longest_stall_ms() for _ in range(3)),
        **figures("pairing_both_sides", pair, 7),
        **figures("certificate_issue", lambda: certificate.issue(identity, ENTROPY, 1_790_000_000), 50),
        **figures("certificate_read", lambda: certificate.read(issued.certificate_der), 100),
        **figures("ed25519_key_first_seen", lambda: fresh(identity.public.dik), 50),
        **figures("safety_number", lambda: safety_number(identity.public, other.public), 9),
        **figures(
            "tag_dictionary_50_devices_20_secrets", lambda: tags.dictionary(secrets, 20_000, devices), 9
        ),
    }
