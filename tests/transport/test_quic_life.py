"""A link's life over real UDP: back-pressure, goodbyes, restarts, ports, replaced links."""

import asyncio
from random import Random

import pytest

from tests.transport.identities import Device, all_friends
from tests.transport.nodes import LOOPBACK, Node, linked_pair, running
from transport.base import ALPN_ROSTER, Transport
from transport.errors import FrameError, NetworkUnavailable, PortInUse
from transport.events import BulkDone, DownReason, LinkDown, LinkUp, SendReady
from transport.link import LIMITS, CloseCode
from transport.memory import MemoryNetwork, MemoryTransport
from transport.quic import QuicTransport
from transport.quic.door import Farewells


def test_full_queue_says_so_and_tells_when_it_is_short_again() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            frame = bytes(200_000)
            results = [a.transport.send(a.links[b.peer], frame) for _ in range(12)]
            assert results[0] is True and results[-1] is False
            await a.first(SendReady)
            await b.until(lambda: len(b.frames()) == 12)
            assert len(a.of(SendReady)) == 1
            assert a.transport.send(a.links[b.peer], b"again") is True

    asyncio.run(scenario())


def test_stop_says_goodbye() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            await b.transport.stop()
            down = await a.first(LinkDown)
            assert (down.reason, down.error_code) == (DownReason.PEER, CloseCode.STOPPING)
            assert (await b.first(LinkDown)).reason is DownReason.LOCAL

    asyncio.run(scenario())


@pytest.mark.parametrize("size_bytes", [100, 300_000])
def test_frames_sent_before_a_close_arrive_and_nothing_after_it(size_bytes: int) -> None:
    """The last word of a revocation, or of any refusal that has a reason, must not be lost with the link."""

    async def scenario() -> None:
        async with linked_pair() as (a, b):
            link = a.links[b.peer]
            a.transport.unwant(b.peer)
            a.transport.send(link, bytes(size_bytes))
            a.transport.send(link, b"last words")
            a.transport.close(link, 17)
            assert a.transport.send(link, b"too late") is True
            b.transport.send(b.links[a.peer], b"what nobody hears")
            down = await b.first(LinkDown)
            assert (down.reason, down.error_code) == (DownReason.PEER, 17)
            assert b.frames() == [bytes(size_bytes), b"last words"]
            assert (await a.first(LinkDown)).reason is DownReason.LOCAL
            assert a.frames() == []

    asyncio.run(scenario())


def test_a_peer_that_acknowledges_nothing_does_not_keep_a_closed_link() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            link = a.links[b.peer]
            channel = a.transport._links[link]
            a.transport.unwant(b.peer)
            b.transport._socket.close()
            a.transport.send(link, b"nobody reads it")
            a.transport.close(link)
            await asyncio.sleep(0)
            assert a.of(LinkDown) == []
            assert channel.next_at() <= channel._give_up_at
            channel._give_up_at = 0.0
            channel.tick(asyncio.get_running_loop().time())
            a.transport._touch(channel)
            assert (await a.first(LinkDown)).reason is DownReason.LOCAL

    asyncio.run(scenario())


def test_everything_for_a_link_that_is_gone_is_dropped() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            link = a.links[b.peer]
            a.transport.unwant(b.peer)
            a.transport.close(link)
            a.transport.close(link)
            assert a.transport.send(link, b"late") is True
            a.transport.send_bulk(link, b"late", 1)
            await a.first(LinkDown)
            assert a.transport.send(link, b"later") is True
            a.transport.send_bulk(link, b"later", 2)
            a.transport.consumed(link, 10)
            await b.first(LinkDown)
            assert b.frames() == [] and a.of(BulkDone) == []

    asyncio.run(scenario())


def test_oversized_payloads_are_our_own_error() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            link = a.links[b.peer]
            with pytest.raises(FrameError):
                a.transport.send(link, bytes((1 << 20) + 1))
            with pytest.raises(FrameError):
                a.transport.send(link, b"")
            with pytest.raises(FrameError):
                a.transport.send_bulk(link, b"", 1)
            with pytest.raises(FrameError):
                a.transport.send_bulk(link, bytes(300_000), 1)

    asyncio.run(scenario())


def test_restarted_peer_replaces_its_dead_link_at_once() -> None:
    """No goodbye was said (a crash); the new run's greeting is the sign."""

    async def scenario() -> None:
        async with linked_pair() as (a, b):
            port = a.transport.port
            a.transport._socket.close()
            again = Node(a.device, QuicTransport(host=LOOPBACK, port=port, random=Random(1)))
            await again.transport.start(again.sink, again.device)
            again.want(b)
            await again.first(LinkUp)
            down = await b.first(LinkDown)
            assert down.reason is DownReason.REPLACED
            assert [type(event) for event in b.events] == [LinkUp, LinkUp, LinkDown]
            again.transport.send(again.links[b.peer], b"back")
            await b.until(lambda: b"back" in b.frames())
            await again.transport.stop()

    asyncio.run(scenario())


def test_dialling_anew_replaces_without_a_gap() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            plan, now = a.transport._plan, asyncio.get_running_loop().time()
            plan.again(b.peer, b.address, now)
            a.transport._plan_flush()
            await a.first(LinkDown)
            await b.first(LinkDown)
            for node in (a, b):
                assert [type(event) for event in node.events] == [LinkUp, LinkUp, LinkDown]
                assert node.of(LinkDown)[0].reason is DownReason.REPLACED

    asyncio.run(scenario())


def test_roster_link_lives_beside_the_main_one() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            a.transport.dial_once(b.peer, [b.address], ALPN_ROSTER)
            await b.until(lambda: any(up.alpn == ALPN_ROSTER for up in b.of(LinkUp)))
            await a.until(lambda: any(up.alpn == ALPN_ROSTER for up in a.of(LinkUp)))
            link = next(up.link for up in a.of(LinkUp) if up.alpn == ALPN_ROSTER)
            a.transport.send(link, bytes(LIMITS[ALPN_ROSTER].frame_bytes))
            with pytest.raises(FrameError):
                a.transport.send(link, bytes(LIMITS[ALPN_ROSTER].frame_bytes + 1))
            with pytest.raises(FrameError):
                a.transport.send_bulk(link, b"x", 1)
            await b.until(lambda: len(b.frames()) == 1)
            assert not a.of(LinkDown) and not b.of(LinkDown)

    asyncio.run(scenario())


def test_taken_port_and_missing_address_are_told() -> None:
    async def scenario() -> None:
        async with running(Device(1)) as (node,):
            second = QuicTransport(host=LOOPBACK, port=node.transport.port)
            with pytest.raises(PortInUse):
                await second.start(node.sink, node.device)
            await second.stop()
        with pytest.raises(NetworkUnavailable):
            await QuicTransport(host="192.0.2.1").start(node.sink, node.device)

    asyncio.run(scenario())


def test_many_links_at_once() -> None:
    async def scenario() -> None:
        devices = [Device(number) for number in range(1, 9)]
        all_friends(devices)
        async with running(*devices) as nodes:
            for node in nodes:
                for other in nodes:
                    if other is not node:
                        node.want(other)
            for node in nodes:
                await node.until(lambda node=node: len(node.links) == len(nodes) - 1)
            for node in nodes:
                for other in nodes:
                    if other is not node:
                        await node.until(lambda node=node, other=other: other.peer in node.links)
                        node.transport.send(node.links[other.peer], node.peer)
            for node in nodes:
                await node.until(lambda node=node: len(set(node.frames())) >= len(nodes) - 1)

    asyncio.run(scenario())


def test_goodbye_is_repeated_to_those_who_go_on_talking_but_not_for_ever() -> None:
    farewells = Farewells()
    goodbye = [(b"bye", ("127.0.0.1", 1))]
    farewells.add([b"cid"], goodbye, 0.0)
    assert [farewells.answer(b"cid", 1.0) for _ in range(4)] == [goodbye, goodbye, goodbye, []]
    farewells.add([b"old"], goodbye, 1.0)
    assert farewells.answer(b"old", 9.0) == [] == farewells.answer(b"never", 1.0)
    farewells.add([b"%d" % number for number in range(10_000)], goodbye, 10.0)
    assert len(farewells._said) <= 256


def test_both_transports_are_transports() -> None:
    made: list[Transport] = [QuicTransport(), MemoryTransport(MemoryNetwork())]
    assert len(made) == 2
