"""One QUIC connection as a link: greeting, frames, bulk payloads, liveness. Sans-IO; takes `now`."""

import logging
from asyncio import TimerHandle
from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import Final

from aioquic.quic import events as quic
from aioquic.quic.packet import QuicErrorCode
from aioquic.quic.stream import QuicStream

from transport.base import MAX_BULK_BYTES, MAX_BULK_IN_FLIGHT
from transport.errors import FrameError
from transport.events import DownReason, LinkId, PeerId
from transport.link import (
    FRAME_HEADER_BYTES,
    LIMITS,
    Alarm,
    CloseCode,
    CreditLedger,
    FrameSplitter,
    Greeting,
    KeepAlive,
    Kind,
    Rank,
    encode_frame,
)
from transport.quic.connection import CONTROL_STREAM, PinnedConnection
from transport.udp import Datagram, SocketAddress

logger = logging.getLogger(__name__)

HIGH_WATER_BYTES: Final = 1 << 20
LOW_WATER_BYTES: Final = 256 << 10
HANDSHAKE_TIMEOUT_S: Final = 5.0
LEAVE_TIMEOUT_S: Final = 2.0
"""A link that is being closed waits so long for the acknowledgement of what was sent before."""
_PEER_CODES: Final[dict[int, DownReason]] = {
    CloseCode.REPLACED: DownReason.REPLACED,
    CloseCode.PROTOCOL: DownReason.PROTOCOL,
}


@dataclass(frozen=True, slots=True)
class Proven:
    """The handshake is done, the peer's certificate accepted by us. On the dialling side: greet or close."""


@dataclass(frozen=True, slots=True)
class Greeted:
    """The peer's greeting came: it accepted us, too."""

    greeting: Greeting


@dataclass(frozen=True, slots=True)
class Frame:
    """One control frame."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Bulk:
    """One bulk payload."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    """A bulk payload arrived whole."""

    token: int


@dataclass(frozen=True, slots=True)
class Writable:
    """The queue of control frames is short again."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The last event."""

    reason: DownReason
    error_code: int


ChannelEvent = Proven | Greeted | Frame | Bulk | Sent | Writable | Ended


class Stage(Enum):
    """How far a channel is."""

    HANDSHAKE = "handshake"
    GREETING = "greeting"
    UP = "up"
    ENDED = "ended"


class Channel:
    """Owned by the endpoint, which moves datagrams and time; everything else is in here."""

    def __init__(
        self, connection: PinnedConnection, *, dialled: bool, remote: SocketAddress, now: float
    ) -> None:
        self.connection = connection
        self.dialled = dialled
        self.remote = remote
        self._give_up_at = now + HANDSHAKE_TIMEOUT_S
        self.stage = Stage.HANDSHAKE
        self.link: LinkId | None = None
        self.rank: Rank | None = None
        self.own_address: str | None = None
        self.attempt: int | None = None  # of the dial plan, until the link is up
        self.generation = 0
        self.timer: TimerHandle | None = None  # the endpoint's
        self.cids: set[bytes] = set()
        self._new_cids: list[bytes] = []
        self._retired_cids: list[bytes] = []
        self._splitter: FrameSplitter | None = None
        self._greeting = bytearray()
        self._greeted = False
        self._ledger = CreditLedger()
        self._incoming: dict[int, list[bytes]] = {}
        self._queue: deque[tuple[bytes, int]] = deque()
        self._in_flight: list[tuple[QuicStream, int]] = []
        self._full = False
        self._keep_alive = KeepAlive(now)
        self._pings = 0
        self._reason: DownReason | None = None
        self._leaving: int | None = None  # the code of a close that waits for what was sent before

    @property
    def alpn(self) -> str:
        """Known from the hello on."""
        return self.connection.tls.alpn or ""

    @property
    def peer(self) -> PeerId | None:
        """Known from the proof of the certificate on."""
        return self.connection.peer

    # --- input ------------------------------------------------------------------------------------------

    def receive(self, data: bytes, address: SocketAddress, now: float) -> None:
        """One datagram. Whatever is in it, this returns."""
        try:
            self.connection.receive_datagram(data, address, now)
        except Exception as exc:
            # A bug of the library that a peer may have found: this link ends, the others go on.
            logger.warning("link %s: %s while reading a datagram", self.link, type(exc).__name__)
            self.fail(DownReason.PROTOCOL)

    def tick(self, now: float) -> bool:
        """Timers. Returns whether the link is in doubt: the endpoint may dial anew."""
        timer = self.connection.get_timer()
        if timer is not None and now >= timer:
            self.connection.handle_timer(now)
        if self._leaving is not None:
            if now >= self._give_up_at:
                self.close(self._leaving, DownReason.LOCAL)
            return False
        if self.stage is not Stage.UP:
            if self.stage is not Stage.ENDED and now >= self._give_up_at:
                self.close(CloseCode.GOODBYE, DownReason.TIMEOUT)
            return False
        alarm = self._keep_alive.tick(now)
        if alarm is Alarm.PING:
            self._ping()
        return alarm is Alarm.DOUBT

    def probe(self, now: float) -> None:
        """Something changed: ask the peer at once."""
        self._keep_alive.probe(now)
        self.tick(now)

    def _ping(self) -> None:
        self._pings += 1
        self.connection.probe(self._pings)

    def next_at(self) -> float | None:
        """When `tick` is due."""
        timer = self.connection.get_timer()
        alive = self.stage is Stage.UP and self._leaving is None
        ours = self._keep_alive.next_at if alive else self._give_up_at
        return ours if timer is None else min(timer, ours)

    @property
    def remote_now(self) -> SocketAddress:
        """Where the peer is now: it may have moved."""
        address: SocketAddress | None = self.connection.get_peer_address()
        return address or self.remote

    def take_new_cids(self) -> list[bytes]:
        """Connection ids issued since the last call."""
        cids, self._new_cids = self._new_cids, []
        return cids

    def take_retired_cids(self) -> list[bytes]:
        """Connection ids retired since the last call."""
        cids, self._retired_cids = self._retired_cids, []
        return cids

    # --- output -----------------------------------------------------------------------------------------

    def datagrams(self, now: float) -> list[Datagram]:
        """What should leave now: one burst."""
        if self.connection.silent:
            return []
        self._start_bulk()
        return self.connection.datagrams_to_send(now)

    def poll(self) -> list[ChannelEvent]:
        """What happened since the last call, in order."""
        found: list[ChannelEvent] = []
        while self.stage is not Stage.ENDED:
            event = self.connection.next_event()
            if event is None:
                break
            self._translate(event, found)
        if self.stage is Stage.ENDED:
            return found
        self._acknowledged(found)
        if self._leaving is not None and not self.connection.control_backlog_bytes:
            self.close(self._leaving, DownReason.LOCAL)
        if self.connection.close_event is not None:
            self.stage = Stage.ENDED
            found.append(self._ended(self.connection.close_event))
        return found

    def _translate(self, event: quic.QuicEvent, found: list[ChannelEvent]) -> None:
        match event:
            case quic.StreamDataReceived():
                self._on_stream(event, found)
            case quic.PingAcknowledged():
                self._keep_alive.answered()
            case quic.HandshakeCompleted():
                self._splitter = FrameSplitter(LIMITS[self.alpn].frame_bytes)
                self.stage = Stage.GREETING
                found.append(Proven())
            case quic.ConnectionIdIssued():
                self.cids.add(event.connection_id)
                self._new_cids.append(event.connection_id)
            case quic.ConnectionIdRetired():
                self.cids.discard(event.connection_id)
                self._retired_cids.append(event.connection_id)
            case quic.StreamReset() | quic.StopSendingReceived():
                self.fail(DownReason.PROTOCOL)  # this protocol never takes back what it began

    def _on_stream(self, event: quic.StreamDataReceived, found: list[ChannelEvent]) -> None:
        if self.connection.close_event is not None or self._leaving is not None:
            return
        try:
            if event.stream_id == CONTROL_STREAM:
                if event.end_stream:
                    raise FrameError("control stream ended")
                self._on_control(event.data, found)
            else:
                self._on_bulk(event, found)
        except FrameError as exc:
            logger.warning("link %s: %s", self.link, exc)
            self.fail(DownReason.PROTOCOL)

    def _on_control(self, data: bytes, found: list[ChannelEvent]) -> None:
        assert self._splitter is not None
        if not self._greeted:
            missing = Greeting.SIZE_BYTES - len(self._greeting)
            self._greeting += data[:missing]
            data = data[missing:]
            if len(self._greeting) < Greeting.SIZE_BYTES:
                return
            self._greeted = True
            self.connection.grant(
                data_bytes=Greeting.SIZE_BYTES, control_bytes=Greeting.SIZE_BYTES, bulk_streams=0
            )
            found.append(Greeted(Greeting.decode(bytes(self._greeting))))
        if not data:
            return
        for frame in self._splitter.feed(data):
            self._ledger.delivered(Kind.FRAME, len(frame))
            # Nobody consumes the header: it is room again at once.
            self.connection.grant(
                data_bytes=FRAME_HEADER_BYTES, control_bytes=FRAME_HEADER_BYTES, bulk_streams=0
            )
            found.append(Frame(frame))

    def _on_bulk(self, event: quic.StreamDataReceived, found: list[ChannelEvent]) -> None:
        parts = self._incoming.setdefault(event.stream_id, [])
        parts.append(event.data)
        if not event.end_stream:
            return
        payload = b"".join(self._incoming.pop(event.stream_id))
        if not payload:
            raise FrameError("empty bulk payload")
        self._ledger.delivered(Kind.BULK, len(payload))
        found.append(Bulk(payload))

    def _acknowledged(self, found: list[ChannelEvent]) -> None:
        if self._in_flight:
            done = [token for stream, token in self._in_flight if stream.sender.is_finished]
            if done:
                self._in_flight = [item for item in self._in_flight if not item[0].sender.is_finished]
                found.extend(Sent(token) for token in done)
        if self._full and self.connection.control_backlog_bytes <= LOW_WATER_BYTES:
            self._full = False
            found.append(Writable())

    # --- orders of the endpoint -------------------------------------------------------------------------

    def greet(self, greeting: Greeting) -> None:
        """Send our greeting. On the accepting side only after the peer's: it opens the stream."""
        self.connection.send_control(greeting.encode())

    def up(self, link: LinkId, rank: Rank, own_address: str | None, now: float) -> None:
        """Both greeted, and the endpoint keeps this link."""
        self.stage = Stage.UP
        self.link = link
        self.rank = rank
        self.own_address = own_address
        # The first ping goes out at once: it measures the path before a silence can hide behind back-off.
        self._keep_alive = KeepAlive(now)

    def send(self, frame: bytes) -> bool:
        """False: more than 1 MiB waits."""
        data = encode_frame(frame, LIMITS[self.alpn].frame_bytes)
        self.connection.send_control(data)
        if self.connection.control_backlog_bytes > HIGH_WATER_BYTES:
            self._full = True
        return not self._full

    def send_bulk(self, payload: bytes, token: int) -> None:
        """Queue behind everything else. Raises `FrameError` for what the peer would refuse: the caller's bug."""
        if not 0 < len(payload) <= MAX_BULK_BYTES or not LIMITS[self.alpn].bulk_streams:
            raise FrameError(f"bulk payload of {len(payload)} bytes")
        self._queue.append((payload, token))

    def _start_bulk(self) -> None:
        if self.connection.close_event is not None:
            return
        while self._queue and len(self._in_flight) < MAX_BULK_IN_FLIGHT and self.connection.may_open_bulk:
            payload, token = self._queue.popleft()
            self._in_flight.append((self.connection.open_bulk(payload), token))

    def consumed(self, size_bytes: int) -> None:
        """The owner has dealt with that much."""
        frame_bytes, bulks = self._ledger.consumed(size_bytes)
        self.connection.grant(data_bytes=size_bytes, control_bytes=frame_bytes, bulk_streams=bulks)

    @property
    def leaving(self) -> bool:
        """The owner has closed it: nothing goes in or out any more but what was sent before."""
        return self._leaving is not None or self.connection.close_event is not None

    def leave(self, code: int, now: float) -> None:
        """End it once the peer has every frame sent before: QUIC itself would throw away what still waits."""
        if self.leaving:
            return
        if self.stage is Stage.UP and self.connection.control_backlog_bytes:
            self._leaving = code
            self._give_up_at = now + LEAVE_TIMEOUT_S
            self._queue.clear()
        else:
            self.close(code, DownReason.LOCAL)

    def fail(self, reason: DownReason) -> None:
        """End it because the peer broke a rule."""
        self.close(CloseCode.PROTOCOL, reason)

    def close(self, code: int, reason: DownReason) -> None:
        """End it with an application code. `poll` reports the end."""
        if self.connection.close_event is None:
            self._reason = reason
        self.connection.close(error_code=code)

    def _ended(self, event: quic.ConnectionTerminated) -> Ended:
        if self._reason is not None:
            return Ended(self._reason, 0)
        code = event.error_code
        if (
            QuicErrorCode.CRYPTO_ERROR <= code < QuicErrorCode.CRYPTO_ERROR + 0x100
            and event.frame_type is not None
        ):
            return Ended(DownReason.REFUSED, 0)
        if self.connection.closed_by_us:
            return Ended(DownReason.PROTOCOL, 0)  # aioquic found a violation
        if event.frame_type is None:
            return Ended(_PEER_CODES.get(code, DownReason.PEER), code)
        if self.connection.timed_out:
            return Ended(DownReason.TIMEOUT, 0)
        return Ended(DownReason.PROTOCOL, 0)
