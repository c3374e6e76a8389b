"""What members recognise and nobody else: mDNS tags and server names (protocol sections 8, 11.3, 11.13).

Both are MACs under a circle's tag secret. A tag changes every day and per device, a server name with every dial, so
that two announcements of one device share nothing but the version.
"""

import base64
import hmac
from collections.abc import Iterable, Sequence
from typing import Final

from crypto.entropy import Entropy
from crypto.ids import DeviceId
from crypto.kdf import Label, hash_labelled, labelled

SECRET_BYTES: Final = 32
TAG_BYTES: Final = 12
TAG_MULTIPLE: Final = 4
"""The number of tags announced is padded with random ones to a multiple of this."""
MAX_TAGS: Final = 64
SERVER_NAME_DAYS: Final = 31
"""A server name holds so many days before and after its own: a wrong clock must not cut a computer off."""
MAX_FAR_SECRETS: Final = 8
"""Beyond yesterday, today and tomorrow only so many secrets are tried: a forged name costs at most 480 MACs
and three for each secret."""
_NONCE_BYTES: Final = 12
_MAC_BYTES: Final = 20
_NAME_CHARS: Final = 52  # base32 of 32 bytes without padding: fits one DNS label of at most 63
_DAY_S: Final = 86_400


def day_of(unix_s: int) -> int:
    """Days since 1970-01-01 UTC. Never below 0, whatever a flat battery did to the clock."""
    return max(unix_s, 0) // _DAY_S


def _days_around(day: int) -> range:
    """Yesterday, today and tomorrow (section 10.10)."""
    return range(max(day - 1, 0), day + 2)


def _days_near(day: int) -> range:
    """As many days as a TLS statement tolerates a wrong clock (section 10.10)."""
    return range(max(day - SERVER_NAME_DAYS, 0), day + SERVER_NAME_DAYS + 1)


def _day_bytes(day: int) -> bytes:
    return day.to_bytes(4, "big")


def tag(secret: bytes, day: int, device: DeviceId) -> bytes:
    """12 bytes: HMAC-SHA256(secret, day || device), truncated."""
    message = labelled(Label.TAG, _day_bytes(day), device)
    return hmac.digest(secret, message, "sha256")[:TAG_BYTES]


def announcement(secrets: Sequence[bytes], day: int, own: DeviceId, entropy: Entropy) -> tuple[bytes, ...]:
    """The tags to announce: one per current secret, padded, in an order that tells nothing.

    The padding is the same all day: fresh padding in a second announcement would tell how many tags are real. Only
    who knows every secret can compute it. Without a secret (no circle) all are random.
    """
    tags = [tag(secret, day, own) for secret in secrets[:MAX_TAGS]]
    filler = hash_labelled(Label.TAG_PADDING, *secrets) if secrets else entropy.token(SECRET_BYTES)
    while len(tags) % TAG_MULTIPLE or not tags:
        message = labelled(Label.TAG_PADDING, _day_bytes(day), own, bytes([len(tags)]))
        tags.append(hmac.digest(filler, message, "sha256")[:TAG_BYTES])
    return tuple(sorted(tags))


def dictionary(secrets: Iterable[bytes], day: int, devices: Iterable[DeviceId]) -> dict[bytes, DeviceId]:
    """Tag -> device for yesterday, today and tomorrow (section 10.10): look a sighting up, compute nothing."""
    members = list(devices)
    return {
        tag(secret, when, device): device
        for secret in secrets
        for when in _days_around(day)
        for device in members
    }


def server_name(secret: bytes, day: int, target: DeviceId, entropy: Entropy) -> str:
    """SNI that proves membership to `target`: base32(nonce || HMAC(secret, day || target || nonce)).

    52 lower-case characters, one DNS label.
    """
    nonce = entropy.token(_NONCE_BYTES)
    raw = nonce + _server_mac(secret, day, target, nonce)
    return base64.b32encode(raw).decode().rstrip("=").lower()


def server_name_nonce(name: str, secrets: Sequence[bytes], day: int, own: DeviceId) -> bytes | None:
    """The nonce (12 bytes) of a server name that holds within `SERVER_NAME_DAYS` of today, else None.

    `secrets`: the most likely first. The caller refuses a nonce that it has seen before.
    """
    if len(name) != _NAME_CHARS or not name.isascii():
        return None
    try:
        raw = base64.b32decode(name.upper() + "====")
    except ValueError:
        return None
    nonce, mac = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
    near = _days_around(day)
    far = [when for when in _days_near(day) if when not in near]
    # Ends at the first that fits: who made the name knows already under which secret and day.
    for tried, days in ((secrets, near), (secrets[:MAX_FAR_SECRETS], far)):
        for when in days:
            for secret in tried:
                if hmac.compare_digest(mac, _server_mac(secret, when, own, nonce)):
                    return nonce
    return None


def _server_mac(secret: bytes, day: int, target: DeviceId, nonce: bytes) -> bytes:
    message = labelled(Label.SERVER_NAME, _day_bytes(day), target, nonce)
    return hmac.digest(secret, message, "sha256")[:_MAC_BYTES]
