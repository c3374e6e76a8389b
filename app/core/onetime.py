"""One-time prekeys: issued to one contact over a session, used once for the next one (protocol section 3).

They are no part of the bundle, so strangers cannot use them up. A contact that lacks them still starts sessions,
without the extra secret that ends with its first message.
"""

from typing import Final

from app.core import content as contents
from app.core import limits
from app.core.content import Author, Prekeys
from app.core.ports import PrekeyRow
from app.core.work import Work
from crypto import codec
from crypto.errors import CryptoError
from crypto.ids import DeviceId
from crypto.keys import x25519_public
from crypto.prekeys import OnetimePrekey, PrekeyKind, PrekeySecret

_BATCH: Final = 4
_FEW: Final = 2
"""With fewer left unused, a contact gets new ones."""


def issue(work: Work, device: DeviceId) -> bytes | None:
    """A content with new ones for a contact that has used up most of its own; None if it has enough."""
    unused = [row for row in work.tx.sessions.prekeys(PrekeyKind.ONETIME.value) if row.contact == device]
    if len(unused) >= _FEW:
        return None
    made = [PrekeySecret.create(PrekeyKind.ONETIME, work.entropy) for _ in range(_BATCH)]
    for prekey in made:
        work.tx.sessions.put_prekey(
            PrekeyRow(
                prekey_id=prekey.prekey_id,
                kind=PrekeyKind.ONETIME.value,
                secret=prekey.secret,
                created_ms=work.now.wall_ms,
                replaced_ms=None,
                contact=device,
            )
        )
    return contents.make(
        work.entropy,
        Author(work.home, work.person, work.own_id),
        None,
        Prekeys(tuple(prekey.public for prekey in made)),
        time_ms=work.now.wall_ms,
    )


def on_prekeys(work: Work, device: DeviceId, body: Prekeys) -> None:
    """A contact issued some to us: kept for the next session with it."""
    held = stored(work, device)
    for public in body.keys:
        try:
            x25519_public(public)
        except CryptoError:
            return
        if public not in held:
            held.append(public)
    _keep(work, device, held[-limits.MAX_ONETIME :])


def stored(work: Work, device: DeviceId) -> list[bytes]:
    """Public keys that a contact issued to us and that are unused, oldest first."""
    value = work.tx.values.get(f"onetime/{device.hex()}")
    return codec.decode(list[bytes], value, max_bytes=1 << 12) if value is not None else []


def _keep(work: Work, device: DeviceId, publics: list[bytes]) -> None:
    work.tx.values.put(f"onetime/{device.hex()}", codec.encode(publics) if publics else None)


def take(work: Work, device: DeviceId) -> OnetimePrekey | None:
    """One for a new session; it is not used again."""
    held = stored(work, device)
    if not held:
        return None
    _keep(work, device, held[1:])
    return OnetimePrekey(held[0])


def forget(work: Work, device: DeviceId) -> None:
    """What a contact issued may mean nothing to it any more: it started over, or refused a session."""
    _keep(work, device, [])


def contact_gone(work: Work, device: DeviceId) -> None:
    """A revoked contact starts no session any more: the secrets issued to it go, and what it issued."""
    for row in work.tx.sessions.prekeys(PrekeyKind.ONETIME.value):
        if row.contact == device:
            work.tx.sessions.delete_prekey(row.prekey_id)
    forget(work, device)
