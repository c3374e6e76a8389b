"""`QuicTransport`: one UDP socket, all connections, all dials. Moves bytes and time between the parts."""

import asyncio
import logging
import os
from collections.abc import Sequence
from random import Random, SystemRandom
from typing import Final

from transport.base import ALPN_MAIN, EventSink, LinkSecurity
from transport.dialling import DialPlan, Try
from transport.events import (
    Address,
    BulkDone,
    BulkReceived,
    DownReason,
    FrameReceived,
    LinkDown,
    LinkId,
    LinkUp,
    PeerId,
    SendReady,
    TransportEvent,
)
from transport.link import MAX_GENERATION, CloseCode, Greeting, Rank, replaces
from transport.quic.channel import (
    Bulk,
    Channel,
    ChannelEvent,
    Ended,
    Frame,
    Greeted,
    Proven,
    Sent,
    Stage,
    Writable,
)
from transport.quic.connection import CID_BYTES, PinnedConnection
from transport.quic.door import Admitted, Door, Farewells
from transport.udp import Datagram, SocketAddress, UdpSocket

logger = logging.getLogger(__name__)

MAX_OTHER_LINKS: Final = 32
"""Accepted links of other ALPNs than the main one (roster, pairing) at once."""


class QuicTransport:
    """The `Transport` of the product."""

    def __init__(self, *, port: int = 0, host: str | None = None, random: Random | None = None) -> None:
        """`port` 0: any free one. `host` None: every interface, IPv6 and IPv4."""
        self._port = port
        self._host = host
        self._plan = DialPlan(random or SystemRandom())
        self._door = Door()
        self._farewells = Farewells()
        self._run = os.urandom(8)
        self._by_cid: dict[bytes, Channel] = {}
        self._links: dict[LinkId, Channel] = {}
        self._main: dict[PeerId, Channel] = {}
        self._generations: dict[PeerId, int] = {}
        self._attempts: dict[int, Channel] = {}
        self._last_link = 0
        self._events: list[TransportEvent] = []
        self._dirty: dict[Channel, None] = {}
        self._settling = False
        self._flush_planned = False
        self._plan_timer: asyncio.TimerHandle | None = None
        self._started = False
        self._stopped = False

    # --- Transport ----------------------------------------------------------------------------------------

    async def start(self, sink: EventSink, security: LinkSecurity) -> None:
        """See `Transport.start`."""
        self._loop = asyncio.get_running_loop()
        self._sink = sink
        self._security = security
        self._socket = UdpSocket(self._on_batch)
        self._socket.open(self._host, self._port)
        self._started = True

    async def stop(self) -> None:
        """See `Transport.stop`."""
        if self._stopped or not self._started:
            return
        self._stopped = True
        if self._plan_timer is not None:
            self._plan_timer.cancel()
        for channel in set(self._by_cid.values()):
            channel.close(CloseCode.STOPPING, DownReason.LOCAL)
            self._dirty[channel] = None
        self._settle()
        await self._socket.drain()
        self._socket.close()

    @property
    def port(self) -> int:
        """See `Transport.port`."""
        return self._socket.port

    def want(self, peer: PeerId, addresses: Sequence[Address]) -> None:
        """See `Transport.want`."""
        self._plan.want(peer, addresses, self._loop.time())
        self._plan_flush()

    def unwant(self, peer: PeerId) -> None:
        """See `Transport.unwant`."""
        self._give_up(self._plan.unwant(peer))

    def dial_once(self, peer: PeerId, addresses: Sequence[Address], alpn: str) -> None:
        """See `Transport.dial_once`."""
        failure = self._plan.once(peer, alpn, addresses, self._loop.time())
        if failure is not None:
            self._events.append(failure)
        self._plan_flush()

    def send(self, link: LinkId, frame: bytes) -> bool:
        """See `Transport.send`."""
        channel = self._links.get(link)
        if channel is None or channel.leaving:
            return True
        self._touch(channel)
        return channel.send(frame)

    def send_bulk(self, link: LinkId, payload: bytes, token: int) -> None:
        """See `Transport.send_bulk`."""
        channel = self._links.get(link)
        if channel is not None and not channel.leaving:
            channel.send_bulk(payload, token)
            self._touch(channel)

    def consumed(self, link: LinkId, size_bytes: int) -> None:
        """See `Transport.consumed`."""
        channel = self._links.get(link)
        if channel is not None:
            channel.consumed(size_bytes)
            self._touch(channel)

    def close(self, link: LinkId, error_code: int = 0) -> None:
        """See `Transport.close`."""
        channel = self._links.get(link)
        if channel is not None:
            channel.leave(error_code, self._loop.time())
            self._touch(channel)

    def network_changed(self) -> None:
        """See `Transport.network_changed`."""
        now = self._loop.time()
        for peer, channel in self._main.items():
            own_address = self._socket.local_address_towards(channel.remote_now)
            if own_address is not None and own_address != channel.own_address:
                # A dialled side's new address ends the QUIC link, and ours may be a dialled side's.
                channel.own_address = own_address
                self._plan.again(peer, self._socket.from_socket(channel.remote_now), now)
            channel.probe(now)
            self._touch(channel)
        self._plan.network_changed(now)
        self._plan_flush()

    # --- datagrams in -------------------------------------------------------------------------------------

    def _on_batch(self, batch: list[Datagram]) -> None:
        now = self._loop.time()
        for data, address in batch:
            channel = self._route(data, address, now)
            if channel is not None:
                channel.receive(data, address, now)
                self._dirty[channel] = None
        self._settle()

    def _route(self, data: bytes, address: SocketAddress, now: float) -> Channel | None:
        if len(data) < 1 + CID_BYTES:
            return None
        if not data[0] & 0x80:
            cid = data[1 : 1 + CID_BYTES]
            channel = self._by_cid.get(cid)
            if channel is None:
                self._socket.send(self._farewells.answer(cid, now))
            return channel
        cid = data[6 : 6 + data[5]]
        channel = self._by_cid.get(cid)
        if channel is not None or self._stopped:
            return channel
        answer = self._door.knock(data, address, now)
        if isinstance(answer, bytes):
            self._socket.send([(answer, address)])
            return None
        return None if answer is None else self._accept(answer, address, now)

    def _accept(self, admitted: Admitted, address: SocketAddress, now: float) -> Channel:
        connection = PinnedConnection(
            security=self._security,
            original_destination_cid=admitted.original_destination_cid,
            retry_source_cid=admitted.retry_source_cid,
        )
        channel = Channel(connection, dialled=False, remote=address, now=now)
        self._door.entered(address)
        self._register(channel, admitted.retry_source_cid)
        return channel

    def _register(self, channel: Channel, *cids: bytes) -> None:
        for cid in (*cids, channel.connection.host_cid):
            channel.cids.add(cid)
            self._by_cid[cid] = channel

    # --- one round: read events, tell the owner, send -----------------------------------------------------

    def _touch(self, channel: Channel) -> None:
        self._dirty[channel] = None
        self._plan_flush()

    def _plan_flush(self) -> None:
        if not self._settling and not self._flush_planned:
            self._flush_planned = True
            self._loop.call_soon(self._settle)

    def _settle(self) -> None:
        self._flush_planned = False
        if self._settling:
            return
        self._settling = True
        try:
            while True:
                self._start_dials()
                touched, self._dirty = self._dirty, {}
                for channel in touched:
                    self._handle(channel)
                try:
                    self._tell()
                finally:
                    touched |= self._dirty
                    self._dirty = {}
                    self._transmit(touched)
                if not self._dirty and not self._events:
                    break
        finally:
            self._settling = False
        self._arm_plan()

    def _tell(self) -> None:
        events, self._events = self._events, []
        if events:
            self._sink(events)

    def _transmit(self, channels: dict[Channel, None]) -> None:
        for channel in channels:
            now = self._loop.time()
            datagrams = channel.datagrams(now)
            if datagrams:
                self._socket.send(datagrams)
            if channel.stage is Stage.ENDED:
                self._forget(channel, datagrams, now)
            elif channel.connection.close_event is not None:
                self._dirty[channel] = None
            else:
                self._follow_cids(channel)
                self._arm(channel)

    def _follow_cids(self, channel: Channel) -> None:
        for cid in channel.take_new_cids():
            self._by_cid[cid] = channel
        for cid in channel.take_retired_cids():
            self._by_cid.pop(cid, None)

    def _forget(self, channel: Channel, goodbye: list[Datagram], now: float) -> None:
        if channel.timer is not None:
            channel.timer.cancel()
        self._follow_cids(channel)
        for cid in channel.cids:
            self._by_cid.pop(cid, None)
        if goodbye:
            self._farewells.add(channel.cids, goodbye, now)

    # --- time ---------------------------------------------------------------------------------------------

    def _arm(self, channel: Channel) -> None:
        at = channel.next_at()
        timer = channel.timer
        if timer is not None:
            if at is not None and timer.when() <= at:
                return  # fires early and looks again: cheaper than moving it with every packet
            timer.cancel()
            channel.timer = None
        if at is not None:
            channel.timer = self._loop.call_at(at, self._on_timer, channel)

    def _on_timer(self, channel: Channel) -> None:
        assert channel.timer is not None
        now = max(self._loop.time(), channel.timer.when())
        channel.timer = None
        at = channel.next_at()
        if at is None or at > now:
            self._arm(channel)
            return
        if channel.tick(now) and channel.peer is not None:
            self._plan.again(channel.peer, self._socket.from_socket(channel.remote_now), now)
        self._dirty[channel] = None
        self._settle()

    def _arm_plan(self) -> None:
        if self._plan_timer is not None:
            self._plan_timer.cancel()
            self._plan_timer = None
        at = self._plan.next_at
        if at is not None and not self._stopped:
            self._plan_timer = self._loop.call_at(at, self._settle)

    # --- dials --------------------------------------------------------------------------------------------

    def _start_dials(self) -> None:
        if self._stopped:
            return
        now = self._loop.time()
        for start in self._plan.tick(now):
            self._connect(start, now)

    def _connect(self, start: Try, now: float) -> None:
        remote = self._socket.to_socket(start.address)
        if remote is None:
            self._dial_ended(start.attempt, DownReason.UNREACHABLE, now)
            return
        connection = PinnedConnection(
            security=self._security,
            alpn=start.alpn,
            dialled=start.peer,
            server_name=self._security.server_name(start.peer, start.alpn),
        )
        connection.connect(remote, now)
        channel = Channel(connection, dialled=True, remote=remote, now=now)
        channel.attempt = start.attempt
        self._attempts[start.attempt] = channel
        self._register(channel)
        self._dirty[channel] = None

    def _give_up(self, attempts: list[int]) -> None:
        for attempt in attempts:
            channel = self._attempts.pop(attempt, None)
            if channel is not None:
                channel.attempt = None
                channel.close(CloseCode.GOODBYE, DownReason.LOCAL)
                self._touch(channel)

    def _dial_ended(self, attempt: int, reason: DownReason, now: float) -> None:
        self._attempts.pop(attempt, None)
        failure = self._plan.ended(attempt, reason, now)
        if failure is not None:
            self._events.append(failure)

    # --- what channels report -----------------------------------------------------------------------------

    def _handle(self, channel: Channel) -> None:
        for event in channel.poll():
            self._on_event(channel, event)

    def _on_event(self, channel: Channel, event: ChannelEvent) -> None:
        link, peer = channel.link, channel.peer
        match event:
            case Proven():
                self._on_proven(channel)
                return
            case Greeted(greeting):
                self._on_greeted(channel, greeting)
                return
            case Ended(reason, code):
                self._on_ended(channel, reason, code)
                return
        if link is None or peer is None:
            # A frame before both greeted, or on a link that lost the tie-break.
            if channel.connection.close_event is None:
                channel.fail(DownReason.PROTOCOL)
            return
        match event:
            case Frame(data):
                self._events.append(FrameReceived(link, peer, data))
            case Bulk(data):
                self._events.append(BulkReceived(link, peer, data))
            case Sent(token):
                self._events.append(BulkDone(link, peer, token))
            case Writable():
                self._events.append(SendReady(link, peer))

    def _on_proven(self, channel: Channel) -> None:
        if not channel.dialled:
            return
        losers = None if channel.attempt is None else self._plan.proven(channel.attempt)
        if losers is None:
            channel.close(CloseCode.GOODBYE, DownReason.LOCAL)
            return
        self._give_up(losers)
        peer = channel.peer
        assert peer is not None
        generation = 0
        if channel.alpn == ALPN_MAIN:
            generation = min(self._generations.get(peer, 0) + 1, MAX_GENERATION)
            self._generations[peer] = generation
        channel.generation = generation
        channel.greet(Greeting(generation, self._run))

    def _on_greeted(self, channel: Channel, greeting: Greeting) -> None:
        peer = channel.peer
        assert peer is not None
        now = self._loop.time()
        generation = channel.generation if channel.dialled else greeting.generation
        self._last_link += 1
        rank = Rank(generation, channel.dialled, greeting.run, self._last_link)
        old = None
        if channel.alpn == ALPN_MAIN:
            self._generations[peer] = max(self._generations.get(peer, 0), generation)
            old = self._main.get(peer)
            own_id = self._security.own_id
            if old is not None and old.rank is not None and not replaces(rank, old.rank, own_id, peer):
                channel.close(CloseCode.REPLACED, DownReason.REPLACED)
                return
        elif not channel.dialled and self._other_links() >= MAX_OTHER_LINKS:
            channel.fail(DownReason.PROTOCOL)
            return
        if not channel.dialled:
            self._door.left(channel.remote)
            channel.greet(Greeting(generation, self._run))
        self._link_up(channel, peer, rank, now)
        if old is not None:
            old.close(CloseCode.REPLACED, DownReason.REPLACED)
            self._dirty[old] = None

    def _other_links(self) -> int:
        return sum(channel.alpn != ALPN_MAIN and not channel.dialled for channel in self._links.values())

    def _link_up(self, channel: Channel, peer: PeerId, rank: Rank, now: float) -> None:
        link = LinkId(self._last_link)
        channel.up(link, rank, self._socket.local_address_towards(channel.remote), now)
        self._links[link] = channel
        if channel.attempt is not None:
            self._plan.finished(channel.attempt)
            self._attempts.pop(channel.attempt, None)
            channel.attempt = None
        if channel.alpn == ALPN_MAIN:
            self._main[peer] = channel
            self._give_up(self._plan.up(peer, now))
        context = channel.connection.tls
        address = self._socket.from_socket(channel.remote)
        self._events.append(
            LinkUp(
                link,
                peer,
                channel.alpn,
                address,
                channel.dialled,
                context.own_certificate,
                context.peer_certificate,
            )
        )
        logger.info("link %d up: %s %s", link, peer.hex()[:8], channel.alpn)

    def _on_ended(self, channel: Channel, reason: DownReason, code: int) -> None:
        now = self._loop.time()
        link, peer = channel.link, channel.peer
        if link is None:
            if channel.attempt is not None:
                reason = DownReason.UNREACHABLE if reason is DownReason.TIMEOUT else reason
                self._dial_ended(channel.attempt, reason, now)
            elif not channel.dialled:
                self._door.left(channel.remote)
            return
        assert peer is not None
        del self._links[link]
        if self._main.get(peer) is channel:
            del self._main[peer]
            self._plan.down(peer, reason, now)
        self._events.append(LinkDown(link, peer, channel.alpn, reason, code))
        logger.info("link %d down: %s", link, reason.value)
