"""What a transport tells its owner. Frozen values, delivered in batches on the owner's loop."""

from dataclasses import dataclass
from enum import Enum
from typing import NewType

PeerId = NewType("PeerId", bytes)
"""Opaque name of a device, given by the injected certificate check."""
LinkId = NewType("LinkId", int)
"""Names one link for as long as the process runs; never reused."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a device listens. `scope_id` is set for fe80:: addresses only."""

    host: str
    port: int
    scope_id: int = 0


class DownReason(Enum):
    """Why a link ended or a dial failed, as far as this side knows. Peers are never told more."""

    LOCAL = "local"  # we closed it
    PEER = "peer"  # the peer said goodbye
    TIMEOUT = "timeout"  # silence
    REFUSED = "refused"  # a certificate, server name or protocol was not accepted, by either side
    REPLACED = "replaced"  # both sides dialled; the other link of the pair stays
    PROTOCOL = "protocol"  # the peer broke the link protocol or a limit
    UNREACHABLE = "unreachable"  # nothing answered the dial


@dataclass(frozen=True, slots=True)
class LinkUp:
    """The peer's certificate is verified; frames may flow."""

    link: LinkId
    peer: PeerId
    alpn: str
    address: Address
    dialled: bool
    own_certificate: bytes  # DER, as shown on this link
    peer_certificate: bytes  # DER, as seen on this link


@dataclass(frozen=True, slots=True)
class LinkDown:
    """A link that was up ended."""

    link: LinkId
    peer: PeerId
    alpn: str
    reason: DownReason
    error_code: int = 0  # application code the peer closed with, 0 if none


@dataclass(frozen=True, slots=True)
class DialFailed:
    """A wanted or one-off dial did not come up. Wanted peers are dialled again by the transport."""

    peer: PeerId
    alpn: str
    addresses: tuple[Address, ...]
    reason: DownReason


@dataclass(frozen=True, slots=True)
class FrameReceived:
    """One whole control frame. Call `Transport.consumed` once it has been dealt with."""

    link: LinkId
    peer: PeerId
    frame: bytes


@dataclass(frozen=True, slots=True)
class BulkReceived:
    """One whole bulk payload (a blob chunk). Call `Transport.consumed` once it has been dealt with."""

    link: LinkId
    peer: PeerId
    payload: bytes


@dataclass(frozen=True, slots=True)
class BulkDone:
    """A payload given to `send_bulk` was acknowledged whole by the peer's transport."""

    link: LinkId
    peer: PeerId
    token: int


@dataclass(frozen=True, slots=True)
class SendReady:
    """The control queue of this link fell below its low-water mark after `send` had said it was full."""

    link: LinkId
    peer: PeerId


TransportEvent = LinkUp | LinkDown | DialFailed | FrameReceived | BulkReceived | BulkDone | SendReady


@dataclass(frozen=True, slots=True)
class Sighting:
    """An mDNS announcement seen, changed or gone (`addresses` empty). Everything in it is hostile input."""

    instance: str
    addresses: tuple[Address, ...]
    txt: dict[str, bytes]
