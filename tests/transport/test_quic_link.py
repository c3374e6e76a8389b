"""Links over real UDP on loopback: frames, bulk, closing, simultaneous dialling, replacement."""

import asyncio
import os

from tests.transport.identities import Device, all_friends
from tests.transport.nodes import linked_pair, running
from transport.base import ALPN_MAIN, MAX_BULK_BYTES, MAX_FRAME_BYTES
from transport.events import (
    BulkDone,
    DialFailed,
    DownReason,
    LinkDown,
    LinkUp,
)


def test_link_comes_up_on_both_sides_with_both_certificates() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            up_a, up_b = a.of(LinkUp)[0], b.of(LinkUp)[0]
            assert (up_a.peer, up_a.alpn, up_a.dialled) == (b.peer, ALPN_MAIN, True)
            assert (up_b.peer, up_b.alpn, up_b.dialled) == (a.peer, ALPN_MAIN, False)
            assert up_a.own_certificate == up_b.peer_certificate == a.device.certificate_der
            assert up_b.own_certificate == up_a.peer_certificate == b.device.certificate_der
            assert up_b.address == a.address

    asyncio.run(scenario())


def test_frames_of_every_size_arrive_whole_and_in_order() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            frames = [os.urandom(size) for size in (1, 2, 1000, 65_536, MAX_FRAME_BYTES, 3)]
            for frame in frames:
                a.transport.send(a.links[b.peer], frame)
                b.transport.send(b.links[a.peer], frame[::-1])
            await b.until(lambda: len(b.frames()) == len(frames))
            await a.until(lambda: len(a.frames()) == len(frames))
            assert b.frames() == frames
            assert a.frames() == [frame[::-1] for frame in frames]

    asyncio.run(scenario())


def test_bulk_payloads_arrive_whole_and_are_reported_done() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            payloads = [os.urandom(MAX_BULK_BYTES) for _ in range(20)] + [b"x"]
            for token, payload in enumerate(payloads):
                a.transport.send_bulk(a.links[b.peer], payload, token)
            await b.until(lambda: len(b.payloads()) == len(payloads))
            await a.until(lambda: len(a.of(BulkDone)) == len(payloads))
            assert sorted(b.payloads()) == sorted(payloads)
            assert {done.token for done in a.of(BulkDone)} == set(range(len(payloads)))

    asyncio.run(scenario())


def test_close_tells_the_peer_the_code_and_us_that_we_did_it() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            a.transport.unwant(b.peer)
            a.transport.close(a.links[b.peer], 21)
            down_a, down_b = await a.first(LinkDown), await b.first(LinkDown)
            assert (down_a.reason, down_b.reason, down_b.error_code) == (
                DownReason.LOCAL,
                DownReason.PEER,
                21,
            )

    asyncio.run(scenario())


def test_both_dial_at_once_and_one_link_stays() -> None:
    async def scenario() -> None:
        devices = Device(1), Device(2)
        all_friends(devices)
        async with running(*devices) as (a, b):
            a.want(b)
            b.want(a)
            await a.first(LinkUp)
            await b.first(LinkUp)

            # A frame each way proves the links that stayed to be one and the same.
            def settled() -> bool:
                ups = len(a.of(LinkUp)) - len(a.of(LinkDown)), len(b.of(LinkUp)) - len(b.of(LinkDown))
                return ups == (1, 1)

            await a.until(settled)
            await b.until(settled)
            a.transport.send(a.links[b.peer], b"ping")
            await b.until(lambda: b"ping" in b.frames())
            b.transport.send(b.links[a.peer], b"pong")
            await a.until(lambda: b"pong" in a.frames())
            assert all(down.reason is DownReason.REPLACED for down in a.of(LinkDown) + b.of(LinkDown))
            assert not a.of(DialFailed) and not b.of(DialFailed)

    asyncio.run(scenario())


def test_dual_stack_socket_reaches_ipv4_and_ipv6() -> None:
    async def scenario() -> None:
        devices = Device(1), Device(2)
        all_friends(devices)
        async with running(*devices, host=None) as (a, b):
            a.want(b)
            up = await b.first(LinkUp)
            assert up.address.host == "127.0.0.1"

    asyncio.run(scenario())
