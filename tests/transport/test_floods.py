"""Hostile members and strangers on the wire: bounded memory, honest ends, others unaffected (attack 44)."""

import asyncio
import os
import socket
from typing import Any

import pytest
from aioquic import tls
from aioquic._buffer import Buffer
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.packet import QuicPacketType, encode_long_header_first_byte

from tests.transport.identities import Device
from tests.transport.intruder import configuration, intruding, with_certificate
from tests.transport.nodes import Node, linked_pair, running
from transport.base import ALPN_ROSTER, MAX_BULK_BYTES
from transport.events import BulkReceived, DialFailed, DownReason, FrameReceived, LinkDown, LinkUp
from transport.link import LIMITS
from transport.quic import channel as quic_channel
from transport.quic import door
from transport.quic.channel import Channel

HELD_LIMIT_BYTES = 8 << 20


def channel_of(node: Node, other: Node) -> Channel:
    """The far end of the rope, for tests that misbehave below the API."""
    channel = node.transport._links[node.links[other.peer]]
    assert isinstance(channel, Channel)
    return channel


def transmit(node: Node, channel: Channel) -> None:
    node.transport._touch(channel)


async def frame_through(a: Node, b: Node, text: bytes) -> None:
    a.transport.send(a.links[b.peer], text)
    await b.until(lambda: text in b.frames())


def test_bytes_at_far_offsets_do_not_make_us_allocate() -> None:
    """The nine-frame attack: single bytes just below every limit that the receiver grants."""

    async def scenario() -> None:
        async with linked_pair() as (a, b):
            attacker, victim = channel_of(a, b), channel_of(b, a).connection
            connection = attacker.connection
            for step in range(40):
                if step < LIMITS["praxisfunk/1"].bulk_streams:
                    stream = connection.open_bulk(b"z")
                else:
                    stream = connection._streams[0]
                sender: Any = stream.sender
                offset = stream.max_stream_data_remote - 1
                sender._buffer = bytearray(b"z")
                sender._buffer_start, sender._buffer_stop = offset, offset + 1
                sender._buffer_fin = None
                sender._pending_eof = False
                sender._pending._RangeSet__ranges = [range(offset, offset + 1)]
                sender.highest_offset = offset
                sender.buffer_is_empty = False
                connection._remote_max_data_used = 0
                pings = attacker._pings
                attacker._ping()
                transmit(a, attacker)
                await b.until_quiet(a, attacker, pings + 1)
                assert victim.held_bytes() <= HELD_LIMIT_BYTES
            assert victim.held_bytes() <= LIMITS["praxisfunk/1"].total_window_bytes
            assert victim._local_max_data.value <= LIMITS["praxisfunk/1"].total_window_bytes + 1024

    asyncio.run(scenario())


def test_slow_reader_bounds_the_sender_and_then_goes_on() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            b.consume = False
            payload = os.urandom(MAX_BULK_BYTES)
            for token in range(40):
                a.transport.send_bulk(a.links[b.peer], payload, token)
            frame = os.urandom(1 << 20)
            for _ in range(10):
                a.transport.send(a.links[b.peer], frame)
            limits = LIMITS["praxisfunk/1"]
            await b.until(lambda: len(b.payloads()) == limits.bulk_streams and len(b.frames()) == 2)
            await frames_stop(a, b)
            held = sum(map(len, b.payloads())) + sum(map(len, b.frames()))
            assert held <= limits.total_window_bytes
            assert held + channel_of(b, a).connection.held_bytes() <= HELD_LIMIT_BYTES
            b.consume = True
            b.transport.consumed(b.links[a.peer], held)
            await b.until(lambda: len(b.payloads()) == 40 and len(b.frames()) == 10)

    asyncio.run(scenario())


async def frames_stop(a: Node, b: Node) -> None:
    """Two answered pings later, what could still come has come."""
    channel = channel_of(a, b)
    for _ in range(2):
        number = channel._pings + 1
        channel._ping()
        transmit(a, channel)
        await b.until_quiet(a, channel, number)


def test_unconsumed_photos_do_not_stop_messages() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            b.consume = False
            for token in range(20):
                a.transport.send_bulk(a.links[b.peer], os.urandom(MAX_BULK_BYTES), token)
            await b.until(lambda: len(b.payloads()) == LIMITS["praxisfunk/1"].bulk_streams)
            for number in range(20):
                await frame_through(a, b, b"message %d" % number)

    asyncio.run(scenario())


def test_messages_overtake_photos() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            for token in range(40):
                a.transport.send_bulk(a.links[b.peer], os.urandom(MAX_BULK_BYTES), token)
            await b.first(BulkReceived)
            a.transport.send(a.links[b.peer], b"urgent")
            await b.until(lambda: len(b.payloads()) == 40)
            kinds = [type(event) for event in b.events]
            assert kinds.index(FrameReceived) < len(kinds) - 15

    asyncio.run(scenario())


@pytest.mark.parametrize("limit", ["data", "streams"])
def test_ignoring_our_limits_ends_the_link(limit: str) -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            b.consume = False
            a.transport.unwant(b.peer)
            connection = channel_of(a, b).connection
            if limit == "data":
                connection._remote_max_data = 1 << 40
                connection._streams[0].max_stream_data_remote = 1 << 40
                for _ in range(8):
                    a.transport.send(a.links[b.peer], bytes(1 << 20))
            else:
                connection._remote_max_streams_uni = 1 << 20
                for _ in range(30):
                    connection.open_bulk(b"x")
                transmit(a, channel_of(a, b))
            down = await b.first(LinkDown)
            assert down.reason is DownReason.PROTOCOL
            assert (await a.first(LinkDown)).reason is DownReason.PROTOCOL
            assert connection.close_event is not None and connection.close_event.reason_phrase == ""

    asyncio.run(scenario())


@pytest.mark.expect_log("link .*frame|link .*bulk|link .*stream")
@pytest.mark.parametrize(
    "data",
    [b"\x00\x00\x00\x00", b"\x00\x10\x00\x01", b"\xff\xff\xff\xff", b"fin", b"empty bulk"],
    ids=["empty frame", "too long", "4 GiB", "control stream ended", "empty bulk"],
)
def test_broken_framing_ends_the_link(data: bytes) -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            a.transport.unwant(b.peer)
            channel = channel_of(a, b)
            if data == b"fin":
                channel.connection.send_stream_data(0, b"", end_stream=True)
            elif data == b"empty bulk":
                channel.connection.open_bulk(b"")
            else:
                channel.connection.send_control(data)
            transmit(a, channel)
            assert (await b.first(LinkDown)).reason is DownReason.PROTOCOL
            assert (await a.first(LinkDown)).reason is DownReason.PROTOCOL

    asyncio.run(scenario())


def test_bulk_on_a_roster_link_ends_it() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            a.transport.dial_once(b.peer, [b.address], ALPN_ROSTER)
            await b.until(lambda: any(up.alpn == ALPN_ROSTER for up in b.of(LinkUp)))
            await a.until(lambda: any(up.alpn == ALPN_ROSTER for up in a.of(LinkUp)))
            roster = next(up for up in a.of(LinkUp) if up.alpn == ALPN_ROSTER)
            channel = a.transport._links[roster.link]
            channel.connection._remote_max_streams_uni = 1
            channel.connection._remote_max_stream_data_uni = 1000
            channel.connection.open_bulk(b"x")
            transmit(a, channel)
            down = await b.first(LinkDown)
            assert (down.alpn, down.reason) == (ALPN_ROSTER, DownReason.PROTOCOL)
            await frame_through(a, b, b"the main link stays")

    asyncio.run(scenario())


@pytest.mark.expect_log("link None")
def test_something_else_than_a_greeting_never_becomes_a_link() -> None:
    async def scenario() -> None:
        device, friend = Device(1), Device(11)
        device.befriend(friend)
        async with running(device) as (node,):
            config = with_certificate(configuration(), friend.key, friend.certificate_der)
            async with intruding(config) as liar:
                liar.on_event = lambda event: None
                liar.dial(node.transport.port)
                assert liar.connection is not None
                await liar.until(lambda: liar.connection is not None and liar.connection._handshake_complete)
                liar.connection.send_stream_data(0, b"GET / HTTP/1.1\r\n\r\n")
                liar.transmit()
                await liar.until(lambda: liar.refusal is not None)
                assert node.events == []

    asyncio.run(scenario())


# --- strangers before any handshake -------------------------------------------------------------------------


def initial_packet(version: int, size: int) -> bytes:
    """A header that looks like a first packet; the rest is noise."""
    buffer = Buffer(capacity=2048)
    buffer.push_uint8(encode_long_header_first_byte(1, QuicPacketType.INITIAL, 1))
    buffer.push_uint32(version)
    buffer.push_uint8(8)
    buffer.push_bytes(os.urandom(8))
    buffer.push_uint8(8)
    buffer.push_bytes(os.urandom(8))
    buffer.push_uint_var(0)
    buffer.push_uint16((size - buffer.tell() - 2) | 0x4000)
    buffer.push_bytes(os.urandom(size - buffer.tell()))
    return buffer.data


def test_first_packets_leave_no_state_and_bad_ones_get_no_answer() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            known = len(b.transport._by_cid)
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
                stranger.bind(("127.0.0.1", 0))
                stranger.setblocking(False)
                silent = [
                    b"",
                    b"\x00" * 30,
                    os.urandom(1350),
                    initial_packet(1, 1199),
                    initial_packet(0xFACEB00C, 1200),
                    initial_packet(0x6B3343CF, 1200),
                    b"\xc0\x00\x00\x00\x01\xff",
                ]
                for data in silent:
                    stranger.sendto(data, ("127.0.0.1", b.transport.port))
                await frame_through(a, b, b"after the noise")
                with pytest.raises(BlockingIOError):
                    stranger.recv(2048)
                for _ in range(20):
                    stranger.sendto(initial_packet(1, 1200), ("127.0.0.1", b.transport.port))
                await frame_through(a, b, b"after the knocks")
                answer = stranger.recv(2048)
                assert answer[0] & 0xF0 == 0xF0  # Retry
                assert len(answer) < 300
            assert len(b.transport._by_cid) == known
            assert b.transport._door.half_open == 0

    asyncio.run(scenario())


@pytest.mark.parametrize("bound", ["MAX_HALF_OPEN_PER_SOURCE", "MAX_HALF_OPEN"])
def test_half_open_handshakes_are_bounded(monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    """Members' hellos without an end: beyond the bound nobody is answered, existing links work on."""

    async def scenario() -> None:
        async with linked_pair() as (a, b):
            friend = Device(11)
            b.device.befriend(friend)

            def hello() -> QuicConfiguration:
                return with_certificate(configuration(), friend.key, friend.certificate_der)

            async with intruding(hello()) as first, intruding(hello()) as second:
                first.mute = second.mute = True
                first.dial(b.transport.port)
                await first.until(lambda: "INITIAL" in first.packet_types())
                assert b.transport._door.half_open == 1
                second.dial(b.transport.port)
                await second.until(lambda: "RETRY" in second.packet_types())
                await frame_through(a, b, b"still here")
                assert b.transport._door.half_open == 1
                assert "INITIAL" not in second.packet_types()

    monkeypatch.setattr(door, bound, 1)
    asyncio.run(scenario())


@pytest.mark.parametrize("offset", [0, 40_000], ids=["long message", "far offset"])
def test_crypto_stream_of_a_stranger_is_bounded(offset: int) -> None:
    """A hello that never ends, or bytes far behind a gap: neither kept nor answered."""

    async def scenario() -> None:
        device, honest = Device(1), Device(11)
        device.befriend(honest)

        def endless(context: tls.Context) -> None:
            """Begin a hello of 16 MiB."""
            context._client_send_hello = lambda output: output.push_bytes(b"\x01\xff\xff\xff")  # type: ignore[method-assign]

        async with running(device) as (node,), intruding(configuration(), endless) as stranger:
            stranger.mute = True
            stranger.dial(node.transport.port)
            await stranger.until(lambda: "RETRY" in stranger.packet_types())
            assert stranger.connection is not None
            sender: Any = stranger.connection._crypto_streams[tls.Epoch.INITIAL].sender
            sender._buffer = bytearray(b"\x01\xff\xff\xff" + bytes(60_000))
            sender._buffer_start, sender._buffer_stop = offset, offset + 60_004
            sender._pending._RangeSet__ranges = [range(offset, offset + 60_004)]
            sender.buffer_is_empty = False
            stranger.connection._loss._cc.congestion_window = 1 << 20
            stranger.transmit()
            config = with_certificate(configuration(), honest.key, honest.certificate_der)
            async with intruding(config) as friend:
                friend.dial(node.transport.port)
                await friend.until(
                    lambda: friend.connection is not None and friend.connection._handshake_complete
                )
            assert stranger.packet_types() == {"RETRY"}
            for channel in set(node.transport._by_cid.values()):
                pieces = channel.connection._crypto_streams[tls.Epoch.INITIAL].receiver._buffer
                assert len(pieces) + len(channel.connection.tls._receive_buffer) <= 16 << 10

    asyncio.run(scenario())


def test_dial_that_reaches_a_silent_host_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        a, b = Device(1), Device(2)
        a.befriend(b)
        async with running(a) as (one,):
            # It listens, but as somebody else who does not even know the name: silence.
            one.device.names_seen = {"all"}
            one.device.accepts_server_name = lambda name, alpn: False  # type: ignore[method-assign]
            one.transport.dial_once(b.own_id, [one.address], ALPN_ROSTER)
            failed = await one.first(DialFailed)
            assert (failed.alpn, failed.reason) == (ALPN_ROSTER, DownReason.UNREACHABLE)

    monkeypatch.setattr(quic_channel, "HANDSHAKE_TIMEOUT_S", 0.5)
    asyncio.run(scenario())
