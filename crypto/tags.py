"""What members recognise and nobody else: mDNS tags and server names (protocol sections 8, 11.3, 11.13).

Both are MACs under a circle's tag secret. A tag changes every day and per device, a server name with every dial, so
that two announcements of one device share nothing but the version.
"""

import base64
import hmac
from collections.abc import Iterable
from typing import Final

from crypto.entropy import Entropy
from crypto.ids import DeviceId
from crypto.kdf import Label, labelled

SECRET_BYTES: Final = 32
TAG_BYTES: Final = 12
TAG_MULTIPLE: Final = 4
"""The number of tags announced is padded with random ones to a multiple of this."""
MAX_TAGS: Final = 64
_NONCE_BYTES: Final = 12
_MAC_BYTES: Final = 20
_NAME_CHARS: Final = 52  # base32 of 32 bytes without padding: fits one DNS label of at most 63
_DAY_S: Final = 86_400


def day_of(unix_s: int) -> int:
    """Days since 1970-01-01 UTC."""
    return unix_s // _DAY_S


def tag(secret: bytes, day: int, device: DeviceId) -> bytes:
    """12 bytes: HMAC-SHA256(secret, day || device), truncated."""
    message = labelled(Label.TAG, day.to_bytes(4, "big"), device)
    return hmac.digest(secret, message, "sha256")[:TAG_BYTES]


def announcement(secrets: Iterable[bytes], day: int, own: DeviceId, entropy: Entropy) -> tuple[bytes, ...]:
    """The tags to announce: one per current secret, padded with random ones, in an order that tells nothing."""
    tags = [tag(secret, day, own) for secret in secrets][:MAX_TAGS]
    while len(tags) % TAG_MULTIPLE or not tags:
        tags.append(entropy.token(TAG_BYTES))
    return tuple(sorted(tags))


def dictionary(
    secrets: Iterable[bytes], day: int, devices: Iterable[DeviceId]
) -> dict[bytes, DeviceId]:
    """Tag -> device for yesterday, today and tomorrow (section 10.10): look a sighting up, compute nothing."""
    members = list(devices)
    return {
        tag(secret, when, device): device
        for secret in secrets
        for when in (day - 1, day, day + 1)
        for device in members
    }


def server_name(secret: bytes, day: int, target: DeviceId, entropy: Entropy) -> str:
    """SNI that proves membership to `target`: base32(nonce || HMAC(secret, day || target || nonce)).

    52 lower-case characters, one DNS label.
    """
    nonce = entropy.token(_NONCE_BYTES)
    raw = nonce + _server_mac(secret, day, target, nonce)
    return base64.b32encode(raw).decode().rstrip("=").lower()


def server_name_nonce(name: str, secrets: Iterable[bytes], day: int, own: DeviceId) -> bytes | None:
    """The nonce (12 bytes) of a server name that holds today, yesterday or tomorrow, else None.

    The caller refuses a nonce that it has seen before.
    """
    if len(name) != _NAME_CHARS or not name.isascii():
        return None
    try:
        raw = base64.b32decode(name.upper() + "====")
    except ValueError:
        return None
    nonce, mac = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
    found = False
    for secret in secrets:
        for when in (day - 1, day, day + 1):
            found |= hmac.compare_digest(mac, _server_mac(secret, when, own, nonce))
    return nonce if found else None


def _server_mac(secret: bytes, day: int, target: DeviceId, nonce: bytes) -> bytes:
    message = labelled(Label.SERVER_NAME, day.to_bytes(4, "big"), target, nonce)
    return hmac.digest(secret, message, "sha256")[:_MAC_BYTES]
