"""A transport with its events in a list and awaitable conditions: tests wait for events, never for time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import TypeVar

from tests.transport.identities import Device, all_friends
from transport.base import ALPN_MAIN
from transport.events import (
    Address,
    BulkReceived,
    FrameReceived,
    LinkDown,
    LinkId,
    LinkUp,
    PeerId,
    TransportEvent,
)
from transport.quic import QuicTransport
from transport.quic.channel import Channel

TIMEOUT_S = 30.0
LOOPBACK = "127.0.0.1"
E = TypeVar("E", bound=TransportEvent)


class Node:
    """One device at one UDP port."""

    def __init__(self, device: Device, transport: QuicTransport, *, consume: bool = True) -> None:
        self.device = device
        self.transport = transport
        self.consume = consume
        self.events: list[TransportEvent] = []
        self.links: dict[PeerId, LinkId] = {}
        self.on_event: Callable[[TransportEvent], None] = lambda event: None
        self._waiters: list[tuple[Callable[[], bool], asyncio.Future[None]]] = []

    @property
    def peer(self) -> PeerId:
        return self.device.own_id

    @property
    def address(self) -> Address:
        return Address(LOOPBACK, self.transport.port)

    def sink(self, events: Sequence[TransportEvent]) -> None:
        for event in events:
            self.events.append(event)
            if isinstance(event, LinkUp) and event.alpn == ALPN_MAIN:
                self.links[event.peer] = event.link
            elif isinstance(event, LinkDown) and self.links.get(event.peer) == event.link:
                del self.links[event.peer]
            elif isinstance(event, FrameReceived) and self.consume:
                self.transport.consumed(event.link, len(event.frame))
            elif isinstance(event, BulkReceived) and self.consume:
                self.transport.consumed(event.link, len(event.payload))
            self.on_event(event)
        for condition, future in self._waiters:
            if not future.done() and condition():
                future.set_result(None)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Returns when events made `condition` true."""
        if condition():
            return
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append((condition, future))
        try:
            await asyncio.wait_for(future, TIMEOUT_S)
        except TimeoutError:
            raise AssertionError(f"not reached; events: {self.events[-20:]}") from None

    async def until_quiet(self, sender: "Node", channel: Channel, ping: int) -> None:
        """Returns when `sender`'s ping of that number was acknowledged, so what it sent before is here."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        original = channel._keep_alive.answered

        def answered() -> None:
            original()
            if not done.done():
                done.set_result(None)

        channel._keep_alive.answered = answered  # type: ignore[method-assign]
        try:
            await asyncio.wait_for(done, TIMEOUT_S)
        finally:
            channel._keep_alive.answered = original  # type: ignore[method-assign]

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    async def first(self, kind: type[E], count: int = 1) -> E:
        """The `count`-th event of a kind, waiting for it."""
        await self.until(lambda: len(self.of(kind)) >= count)
        return self.of(kind)[count - 1]

    def want(self, other: "Node") -> None:
        self.transport.want(other.peer, [other.address])

    def frames(self) -> list[bytes]:
        return [event.frame for event in self.of(FrameReceived)]

    def payloads(self) -> list[bytes]:
        return [event.payload for event in self.of(BulkReceived)]


@asynccontextmanager
async def running(*devices: Device, host: str | None = LOOPBACK) -> AsyncIterator[list[Node]]:
    """Transports of devices, stopped at the end whatever happens."""
    nodes = [Node(device, QuicTransport(host=host, random=Random(7))) for device in devices]
    for node in nodes:
        await node.transport.start(node.sink, node.device)
    try:
        yield nodes
    finally:
        for node in nodes:
            await node.transport.stop()


@asynccontextmanager
async def linked_pair() -> AsyncIterator[tuple[Node, Node]]:
    """Two friends with a link that the first dialled."""
    devices = Device(1), Device(2)
    all_friends(devices)
    async with running(*devices) as (a, b):
        a.want(b)
        await a.first(LinkUp)
        await b.first(LinkUp)
        yield a, b
