"""What the core wants done after the commit. The engine carries these out in order, none before it."""

import msgspec

from app.core.events import AnyEvent
from app.core.views import AnyView
from transport.events import Address, LinkId, PeerId


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all effects."""


class SendFrame(Effect, frozen=True):
    """`Transport.send`. The core bounds what it has on the way per link, so a full queue needs no answer."""

    link: LinkId
    frame: bytes


class SendBulk(Effect, frozen=True):
    """`Transport.send_bulk`; `Messenger.bulk_done` follows with the token. At most eight per link at once."""

    link: LinkId
    payload: bytes
    token: int


class CloseLink(Effect, frozen=True):
    """`Transport.close`, after every frame before it in this list."""

    link: LinkId
    error_code: int = 0


class Want(Effect, frozen=True):
    """`Transport.want`: keep a main link to this device. Repeated when the addresses change."""

    peer: PeerId
    addresses: tuple[Address, ...]


class Unwant(Effect, frozen=True):
    """`Transport.unwant`."""

    peer: PeerId


class DialOnce(Effect, frozen=True):
    """`Transport.dial_once`."""

    peer: PeerId
    addresses: tuple[Address, ...]
    alpn: str


class Announce(Effect, frozen=True):
    """What to show in mDNS from now on: blinded tags, already padded. Empty: announce nothing."""

    tags: tuple[bytes, ...]


class MembershipChanged(Effect, frozen=True):
    """Take `Messenger.membership()` anew for the certificate checks: devices or secrets changed."""


class WakeAt(Effect, frozen=True):
    """Call `Messenger.tick` at this monotonic time (ms). Replaces every earlier one; None: no timer."""

    mono_ms: int | None


class DeleteBlobs(Effect, frozen=True):
    """The blob deletion queue is not empty: run `Blobs.delete_step` until it is, in small commits."""


AnyEffect = (
    SendFrame | SendBulk | CloseLink | Want | Unwant | DialOnce | Announce | MembershipChanged | WakeAt
    | DeleteBlobs
)  # fmt: skip


class Now(msgspec.Struct, frozen=True):
    """Both clocks, read by the engine: Unix milliseconds, and a monotonic clock in milliseconds."""

    wall_ms: int
    mono_ms: int


class Outcome(msgspec.Struct, frozen=True):
    """What one input led to. Effects and events count only once the transaction is committed."""

    effects: tuple[AnyEffect, ...] = ()
    events: tuple[AnyEvent, ...] = ()
    reply: AnyView | None = None
