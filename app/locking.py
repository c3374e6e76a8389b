"""The window's PIN (protocol 10.13, 11.20): guards the window, not the key; the engine goes on receiving.

The PIN is stored as an Argon2id hash inside the encrypted database. Wrong tries are counted there too, so that
quitting does not reset them: after five the waiting time starts and doubles up to an hour.
"""

import hmac
from itertools import pairwise
from typing import Final

import msgspec

from app.core.ports import Values
from app.core.views import Failure
from crypto.codec import decode, encode
from crypto.entropy import Entropy
from crypto.kdf import argon2id

_KEY: Final = "lock.pin"
FREE_TRIES: Final = 5
FIRST_WAIT_MS: Final = 30_000
LONGEST_WAIT_MS: Final = 3_600_000
MIN_PIN: Final = 4
MAX_PIN: Final = 64


class PinRecord(msgspec.Struct, frozen=True, array_like=True):
    """Salt (16 bytes), Argon2id hash (32 bytes), wrong tries since the last right one, time of the last."""

    salt: bytes
    digest: bytes
    failures: int = 0
    last_ms: int = 0

    def __repr__(self) -> str:
        return "PinRecord(<redacted>)"


def load(values: Values) -> PinRecord | None:
    """None: no PIN is set."""
    raw = values.get(_KEY)
    return None if raw is None else decode(PinRecord, raw, max_bytes=256)


def save(values: Values, record: PinRecord | None) -> None:
    """None removes the PIN."""
    values.put(_KEY, None if record is None else encode(record))


def weakness(pin: str) -> str | None:
    """The failure code for a PIN that will not do, else None."""
    if len(pin) < MIN_PIN:
        return "pin_short"
    if len(pin) > MAX_PIN:
        return "bad_request"
    steps = {ord(b) - ord(a) for a, b in pairwise(pin)}
    if len(steps) == 1 and steps <= {-1, 0, 1}:
        return "pin_simple"  # 1111, 1234, 4321, abcd
    return None


def make(pin: str, entropy: Entropy) -> PinRecord:
    """Hash a new PIN. Takes Argon2id's time: in a worker."""
    salt = entropy.token(16)
    return PinRecord(salt, argon2id(pin.encode(), salt=salt))


def waiting_ms(record: PinRecord, now_ms: int) -> int:
    """How long until the next try is looked at; 0: now. A clock set back does not shorten it."""
    over = record.failures - FREE_TRIES
    if over < 0:
        return 0
    wait = min(FIRST_WAIT_MS << min(over, 20), LONGEST_WAIT_MS)
    return min(wait, max(0, record.last_ms + wait - now_ms))


def matches(record: PinRecord, pin: str) -> bool:
    """Takes Argon2id's time: in a worker."""
    return hmac.compare_digest(record.digest, argon2id(pin[:MAX_PIN].encode(), salt=record.salt))


def failed(record: PinRecord, now_ms: int) -> PinRecord:
    """One more wrong try."""
    return PinRecord(record.salt, record.digest, record.failures + 1, now_ms)


def succeeded(record: PinRecord) -> PinRecord:
    """The count starts anew."""
    return PinRecord(record.salt, record.digest)


def refusal(record: PinRecord, now_ms: int) -> Failure:
    """What the lock page says after a wrong try."""
    wait_s = -(-waiting_ms(record, now_ms) // 1000)
    if wait_s:
        return Failure(code="pin_wait", detail={"wait_s": wait_s})
    return Failure(code="wrong_pin", detail={"tries_left": max(0, FREE_TRIES - record.failures)})
