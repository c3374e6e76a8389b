"""The `Transport` protocol: what the engine needs of links, whatever carries them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from transport.events import Address, LinkId, PeerId, TransportEvent

ALPN_MAIN: Final = "praxisfunk/1"
ALPN_ROSTER: Final = "praxisfunk-roster/1"
ALPN_PAIR: Final = "praxisfunk-pair/1"

MAX_FRAME_BYTES: Final = 1 << 20
"""Longest control frame on a main link."""
MAX_BULK_BYTES: Final = (256 << 10) + 512
"""Longest bulk payload: one chunk with its header."""
MAX_BULK_IN_FLIGHT: Final = 8
"""Bulk payloads of one link on the wire at once, per direction."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """One certificate and its key, as this device shows it on a link."""

    certificate_der: bytes
    private_key_pkcs8: bytes

    def __repr__(self) -> str:
        return "Certificate(<redacted>)"


class LinkSecurity(Protocol):
    """The checks that make an anonymous wire into a link with a known device. Injected by the app.

    Every method may be called for every stranger's packet: bounded work, no exceptions but those named.
    """

    @property
    def own_id(self) -> PeerId:
        """This device, as its peers' `identify` names it. Decides which of two simultaneous links stays."""

    def certificate(self, alpn: str) -> Certificate:
        """The one Ed25519 certificate that this device shows under `alpn`."""

    def accepts_alpn(self, alpn: str) -> bool:
        """Whether a dialler may ask for `alpn` now (the pairing one only while the dialog is open)."""

    def server_name(self, peer: PeerId, alpn: str) -> str:
        """What to send as SNI when dialling: nonce and MAC (protocol 11.3); a lower-case DNS label string."""

    def accepts_server_name(self, server_name: str | None, alpn: str) -> bool:
        """Whether the SNI proves a member, each nonce once. False: nothing is sent, and no certificate."""

    def identify(self, certificate_der: bytes, alpn: str, dialled: PeerId | None) -> PeerId:
        """The device behind a verified-possession certificate.

        `dialled` is whom we meant to reach, None on the accepting side.
        Raises `PeerRefused` for anybody who may not have this ALPN.
        """


EventSink = Callable[[Sequence[TransportEvent]], None]
"""Called on the loop's thread with everything that one batch of datagrams brought, in order."""


class Transport(Protocol):
    """Links to other devices. All methods are called on the loop's thread."""

    async def start(self, sink: EventSink, security: LinkSecurity) -> None:
        """Open the socket. Raises `TransportError` (port taken, no network stack)."""

    async def stop(self) -> None:
        """Say goodbye on every link and close. Returns after the goodbyes left."""

    @property
    def port(self) -> int:
        """UDP port in use, valid after `start`."""

    def want(self, peer: PeerId, addresses: Sequence[Address]) -> None:
        """Keep an `ALPN_MAIN` link to `peer`: dial now, with back-off while it is down. Repeat to update."""

    def unwant(self, peer: PeerId) -> None:
        """Stop dialling `peer`; an existing link stays until `close`."""

    def dial_once(self, peer: PeerId, addresses: Sequence[Address], alpn: str) -> None:
        """One attempt at another ALPN (roster, pairing): `LinkUp` or `DialFailed` follows."""

    def send(self, link: LinkId, frame: bytes) -> bool:
        """Queue a control frame (at most `MAX_FRAME_BYTES`); False: it is now full, wait for `SendReady`.

        A frame for a link that is gone is dropped: `LinkDown` has said or will say so.
        """

    def send_bulk(self, link: LinkId, payload: bytes, token: int) -> None:
        """Queue one bulk payload, lower priority than frames; `BulkDone(token)` follows."""

    def consumed(self, link: LinkId, size_bytes: int) -> None:
        """Give the peer room for `size_bytes` more of received frames or bulk payloads."""

    def close(self, link: LinkId, error_code: int = 0) -> None:
        """End one link with a goodbye, after the frames sent before; nothing more is delivered of it.

        A peer that does not acknowledge them within two seconds gets the goodbye alone.
        """

    def network_changed(self) -> None:
        """Interfaces changed or the machine woke: probe every link and dial every wanted peer at once."""
