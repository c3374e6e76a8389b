"""Every certificate case of protocol section 7, over real UDP, against both sides (attacks 38, 39, 41, 42, 56)."""

import asyncio
import datetime
from collections.abc import Callable
from typing import Any

import pytest
from aioquic import tls
from aioquic.quic import events as quic
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.retry import QuicRetryTokenHandler
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519

from tests.transport.identities import Device, make_certificate
from tests.transport.intruder import (
    Intruder,
    configuration,
    fresh_name,
    intruding,
    port_of,
    with_certificate,
)
from tests.transport.nodes import Node, linked_pair, running
from transport.base import ALPN_MAIN, ALPN_PAIR
from transport.events import Address, DialFailed, DownReason, FrameReceived, LinkDown, LinkUp
from transport.quic.handshake import PinnedTls, Refused

HANDSHAKE_FAILURE = 0x100 + 40
FRIEND, OTHER, STRANGER = Device(11), Device(12), Device(13)


def greeting() -> bytes:
    return b"PXL\x01" + bytes(3) + b"\x01" + b"r" * 8


def ecdsa() -> tuple[Any, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    return key, make_certificate(key)


def offer_ecdsa(context: tls.Context) -> None:
    """Send the certificate although the other side did not ask for such a key."""
    original = context._client_handle_finished

    def handle(input_buf: Any, output_buf: Any) -> None:
        if context._certificate_request is not None:
            context._certificate_request.signature_algorithms = [
                tls.SignatureAlgorithm.ECDSA_SECP256R1_SHA256
            ]
        original(input_buf, output_buf)

    context._client_handle_finished = handle  # type: ignore[method-assign]


def no_certificate() -> QuicConfiguration:
    return configuration()


def stranger() -> QuicConfiguration:
    return with_certificate(configuration(), STRANGER.key, STRANGER.certificate_der)


def stolen() -> QuicConfiguration:
    return with_certificate(configuration(), STRANGER.key, FRIEND.certificate_der)


def two() -> QuicConfiguration:
    return with_certificate(configuration(), FRIEND.key, FRIEND.certificate_der, OTHER.certificate_der)


def wrong_key_type() -> QuicConfiguration:
    key, certificate = ecdsa()
    return with_certificate(configuration(), key, certificate)


def oversized() -> QuicConfiguration:
    key = FRIEND.key
    return with_certificate(configuration(), key, make_certificate(key, padding=5000))


async def refused(node: Node, config: QuicConfiguration, tamper: Any = lambda context: None) -> Intruder:
    """Dial with early stream data behind the handshake; returns after the refusal came."""
    async with intruding(config, tamper) as intruder:

        def eager(event: quic.QuicEvent) -> None:
            if isinstance(event, quic.HandshakeCompleted):
                assert intruder.connection is not None
                intruder.connection.send_stream_data(0, greeting() + b"\x00\x00\x00\x05EARLY")

        intruder.on_event = eager
        intruder.dial(node.transport.port)
        await intruder.until(lambda: intruder.refusal is not None)
        return intruder


@pytest.mark.parametrize("show", [no_certificate, stranger, stolen, two, wrong_key_type, oversized])
def test_dialling_intruder_is_refused_before_any_event(show: Callable[[], QuicConfiguration]) -> None:
    async def scenario() -> None:
        device = Device(1)
        device.befriend(FRIEND)
        async with running(device) as (node,):
            tamper = offer_ecdsa if show is wrong_key_type else lambda context: None
            intruder = await refused(node, show(), tamper)
            # One code and no reason, whatever it was: nobody learns why.
            assert intruder.refusal is not None
            assert (intruder.refusal[0], intruder.refusal[2]) == (HANDSHAKE_FAILURE, "")
            assert node.events == []

    asyncio.run(scenario())


def test_the_same_way_with_the_right_certificate_gets_in() -> None:
    """Shows that the refusals above come from the certificates."""

    async def scenario() -> None:
        device = Device(1)
        device.befriend(FRIEND)
        async with running(device) as (node,):
            config = with_certificate(configuration(), FRIEND.key, FRIEND.certificate_der)
            async with intruding(config) as friend:

                def eager(event: quic.QuicEvent) -> None:
                    if isinstance(event, quic.HandshakeCompleted):
                        assert friend.connection is not None
                        friend.connection.send_stream_data(0, greeting())
                    if isinstance(event, quic.StreamDataReceived):
                        assert friend.connection is not None
                        friend.connection.send_stream_data(0, b"\x00\x00\x00\x05EARLY")

                friend.on_event = eager
                friend.dial(node.transport.port)
                up = await node.first(LinkUp)
                frame = await node.first(FrameReceived)
                assert (up.peer, frame.frame) == (FRIEND.own_id, b"EARLY")

    asyncio.run(scenario())


def test_revoked_device_is_refused_again() -> None:
    async def scenario() -> None:
        async with linked_pair() as (a, b):
            b.transport.close(b.links[a.peer])
            await b.first(LinkDown)
            b.device.friends.clear()
            await a.until(lambda: any(e.reason is DownReason.REFUSED for e in a.of(DialFailed)))
            assert len(b.of(LinkUp)) == 1

    asyncio.run(scenario())


# --- the dialled side is an intruder ----------------------------------------------------------------------


def as_server(show: str) -> QuicConfiguration:
    config = configuration(is_client=False)
    if show == "stranger":
        return with_certificate(config, STRANGER.key, STRANGER.certificate_der)
    if show == "other friend":
        return with_certificate(config, OTHER.key, OTHER.certificate_der)
    if show == "stolen":
        return with_certificate(config, STRANGER.key, FRIEND.certificate_der)
    if show == "two":
        return with_certificate(config, FRIEND.key, FRIEND.certificate_der, OTHER.certificate_der)
    return with_certificate(config, FRIEND.key, FRIEND.certificate_der)


def ask_nothing(context: tls.Context) -> None:
    context._request_client_certificate = False


@pytest.mark.parametrize("show", ["stranger", "other friend", "stolen", "two", "does not ask"])
def test_dialled_intruder_is_refused_and_never_sees_our_certificate(show: str) -> None:
    async def scenario() -> None:
        device = Device(1)
        device.befriend(FRIEND, OTHER)
        async with running(device) as (node,):
            tamper = ask_nothing if show == "does not ask" else lambda context: None
            async with intruding(as_server(show), tamper) as intruder:
                address = Address("127.0.0.1", port_of(intruder))
                node.transport.want(FRIEND.own_id, [address])
                failed = await node.first(DialFailed)
                assert failed.reason is DownReason.REFUSED
                assert node.of(LinkUp) == []
                await intruder.until(lambda: intruder.refusal is not None)
                assert intruder.connection is not None
                assert intruder.connection.tls._peer_certificate is None
                assert intruder.refusal is not None and intruder.refusal[0] == HANDSHAKE_FAILURE

    asyncio.run(scenario())


def test_session_ticket_ends_the_connection() -> None:
    async def scenario() -> None:
        device = Device(1)
        device.befriend(FRIEND)
        async with running(device) as (node,), intruding(as_server("honest")) as server:

            def generous(event: quic.QuicEvent) -> None:
                if isinstance(event, quic.HandshakeCompleted):
                    assert server.connection is not None
                    ticket = tls.NewSessionTicket(
                        ticket_lifetime=86400,
                        ticket_nonce=b"",
                        ticket=b"t" * 64,
                        max_early_data_size=2**32 - 1,
                    )
                    buffer = tls.Buffer(capacity=1024)
                    tls.push_new_session_ticket(buffer, ticket)
                    stream = server.connection._crypto_streams[tls.Epoch.ONE_RTT]
                    stream.sender.write(buffer.data)

            server.on_event = generous
            node.transport.want(FRIEND.own_id, [Address("127.0.0.1", port_of(server))])
            failed = await node.first(DialFailed)
            assert failed.reason is DownReason.PROTOCOL

    asyncio.run(scenario())


# --- nothing leaves before name and protocol are accepted ---------------------------------------------------


def fake_ticket() -> tls.SessionTicket:
    now = datetime.datetime.now(datetime.UTC)
    return tls.SessionTicket(
        age_add=1,
        cipher_suite=tls.CipherSuite.AES_256_GCM_SHA384,
        not_valid_after=now + datetime.timedelta(days=1),
        not_valid_before=now - datetime.timedelta(days=1),
        resumption_secret=bytes(48),
        server_name="",
        ticket=b"t" * 64,
        max_early_data_size=2**32 - 1,
    )


def zero_rtt() -> QuicConfiguration:
    ticket = fake_ticket()
    config = configuration(session_ticket=ticket)
    assert config.server_name is not None
    ticket.server_name = config.server_name
    return config


SILENT: dict[str, Callable[[], QuicConfiguration]] = {
    "no server name": lambda: configuration(server_name=None),
    "foreign server name": lambda: configuration(server_name="0123456789abcdef.decaf"),
    "wrong ALPN": lambda: configuration(alpn_protocols=["h3"]),
    "closed ALPN": lambda: configuration(alpn_protocols=[ALPN_PAIR]),
    "several ALPNs": lambda: configuration(alpn_protocols=[ALPN_MAIN, ALPN_PAIR]),
    "no ALPN": lambda: configuration(alpn_protocols=None),
    "0-RTT": zero_rtt,
}


@pytest.mark.parametrize("case", SILENT)
def test_unaccepted_hello_gets_a_retry_packet_and_then_silence(case: str) -> None:
    async def scenario() -> None:
        device = Device(1)
        device.befriend(FRIEND)
        async with running(device) as (node,):
            config = with_certificate(SILENT[case](), FRIEND.key, FRIEND.certificate_der)
            async with intruding(config) as intruder:
                intruder.dial(node.transport.port)
                assert intruder.connection is not None
                intruder.connection.send_stream_data(0, b"EARLY")  # 0-RTT where there is a ticket
                intruder.transmit()
                await intruder.until(lambda: "RETRY" in intruder.packet_types())
                # A second, honest dial afterwards is answered: so the silence before was a decision.
                honest = with_certificate(configuration(), FRIEND.key, FRIEND.certificate_der)
                async with intruding(honest) as friend:
                    friend.dial(node.transport.port)
                    await friend.until(
                        lambda: any(isinstance(e, quic.HandshakeCompleted) for e in friend.events)
                    )
                assert intruder.packet_types() == {"RETRY"}
                assert device.asked_certificates == 1
                assert node.of(LinkUp) == []

    asyncio.run(scenario())


def test_server_name_counts_once() -> None:
    async def scenario() -> None:
        device = Device(1)
        device.befriend(FRIEND)
        name = fresh_name()
        async with running(device) as (node,):
            for expected in ({"RETRY", "INITIAL"}, {"RETRY"}):
                config = with_certificate(configuration(server_name=name), FRIEND.key, FRIEND.certificate_der)
                async with intruding(config) as dialler:
                    dialler.dial(node.transport.port)
                    await dialler.until(lambda d=dialler, e=expected: e <= d.packet_types())
                    assert dialler.packet_types() <= expected | {"HANDSHAKE", "ONE_RTT"}
            # The replay was seen and refused when an honest dial behind it is through.
            honest = with_certificate(configuration(), FRIEND.key, FRIEND.certificate_der)
            async with intruding(honest) as friend:
                friend.dial(node.transport.port)
                await friend.until(lambda: any(isinstance(e, quic.HandshakeCompleted) for e in friend.events))
            assert device.asked_certificates == 2

    asyncio.run(scenario())


def test_foreign_retry_token_gets_nothing() -> None:
    async def scenario() -> None:
        device = Device(1)
        device.befriend(FRIEND)
        async with running(device) as (node,):
            token = QuicRetryTokenHandler().create_token(
                address=("127.0.0.1", 1),
                original_destination_connection_id=bytes(8),
                retry_source_connection_id=bytes(8),
                now=asyncio.get_running_loop().time(),
            )
            config = with_certificate(configuration(token=token), FRIEND.key, FRIEND.certificate_der)
            honest = with_certificate(configuration(), FRIEND.key, FRIEND.certificate_der)
            async with intruding(config) as intruder, intruding(honest) as friend:
                intruder.dial(node.transport.port)
                friend.dial(node.transport.port)
                await friend.until(lambda: any(isinstance(e, quic.HandshakeCompleted) for e in friend.events))
                assert intruder.packets == []

    asyncio.run(scenario())


def test_certificate_key_must_be_fresh_proof_not_a_copied_flight() -> None:
    """A certificate alone opens nothing: without the key the proof fails (same code as every refusal)."""

    async def scenario() -> None:
        device = Device(1)
        device.befriend(FRIEND)
        async with running(device) as (node,):
            thief = ed25519.Ed25519PrivateKey.generate()
            config = with_certificate(configuration(), thief, FRIEND.certificate_der)
            intruder = await refused(node, config)
            assert intruder.refusal is not None and intruder.refusal[0] == HANDSHAKE_FAILURE
            assert device.identified == []  # nobody is asked about an unproven certificate

    asyncio.run(scenario())


def test_only_ed25519_keys_are_taken_before_any_proof() -> None:
    device = Device(1)
    context = PinnedTls(
        security=device, alpn=None, dialled=None, server_name=None, on_hello=lambda alpn: None
    )
    for key in (ec.generate_private_key(ec.SECP256R1()), ed448.Ed448PrivateKey.generate()):
        with pytest.raises(Refused):
            context._set_peer_certificate(tls.Certificate(certificates=[(make_certificate(key), b"")]))
    context._set_peer_certificate(tls.Certificate(certificates=[(FRIEND.certificate_der, b"")]))
