"""Somebody who speaks QUIC with the library's own, unguarded connection: strangers, thieves, liars."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aioquic import tls
from aioquic._buffer import Buffer
from aioquic.quic import events as quic
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import QuicConnection
from aioquic.quic.packet import pull_quic_header
from cryptography.x509 import load_der_x509_certificate

from tests.transport.identities import CIRCLE
from transport.base import ALPN_MAIN

TIMEOUT_S = 30.0
_counter = 0


def fresh_name() -> str:
    """A server name that the tests' devices accept once."""
    global _counter
    _counter += 1
    return f"i{_counter:015x}.{CIRCLE}"


class Intruder(asyncio.DatagramProtocol):
    """One connection on a socket of its own. Records what it is told."""

    def __init__(self, make: Callable[[bytes], QuicConnection]) -> None:
        self._make = make  # given the first datagram, for the accepting side
        self.connection: QuicConnection | None = None
        self.packets: list[bytes] = []
        self.events: list[quic.QuicEvent] = []
        self.on_event: Callable[[quic.QuicEvent], None] = lambda event: None
        self.mute = False  # answers Retry packets only: its handshakes never end
        self._timer: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.loop = asyncio.get_running_loop()

    def dial(self, port: int) -> None:
        self.connection = self._make(b"")
        self.connection.connect(("127.0.0.1", port), now=self.loop.time())
        self.transmit()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.packets.append(data)
        if self.mute and "RETRY" not in self.packet_types(data):
            self._changed.set()
            return
        if self.connection is None:
            self.connection = self._make(data)
        self.connection.receive_datagram(data, addr, now=self.loop.time())
        self.transmit()

    def transmit(self) -> None:
        """Events, then datagrams, then the timer."""
        assert self.connection is not None
        while (event := self.connection.next_event()) is not None:
            self.events.append(event)
            self.on_event(event)
        for data, addr in self.connection.datagrams_to_send(self.loop.time()):
            self.transport.sendto(data, addr)
        if self._timer is not None:
            self._timer.cancel()
        at = self.connection.get_timer()
        self._timer = None if at is None else self.loop.call_at(at, self._fire)
        self._changed.set()

    def _fire(self) -> None:
        assert self.connection is not None
        self.connection.handle_timer(self.loop.time())
        self.transmit()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Returns when something that arrived made `condition` true."""
        async with asyncio.timeout(TIMEOUT_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    @property
    def refusal(self) -> tuple[int, int | None, str] | None:
        """Code, frame type and reason of the close that the other side sent."""
        event = None if self.connection is None else self.connection._close_event
        return None if event is None else (event.error_code, event.frame_type, event.reason_phrase)

    def packet_types(self, *packets: bytes) -> set[str]:
        """What kinds of packets came in, or these are."""
        return {
            pull_quic_header(Buffer(data=data), host_cid_length=8).packet_type.name
            for data in packets or self.packets
        }


def configuration(**changes: Any) -> QuicConfiguration:
    """A client's, or with `is_client=False` a server's."""
    settings: dict[str, Any] = {
        "alpn_protocols": [ALPN_MAIN],
        "verify_mode": ssl.CERT_NONE,
        "server_name": fresh_name(),
    }
    settings.update(changes)
    if not settings.get("is_client", True):
        settings.pop("server_name")
    return QuicConfiguration(**settings)


def with_certificate(config: QuicConfiguration, key: Any, *certificates: bytes) -> QuicConfiguration:
    """Show these certificates, prove with this key."""
    config.private_key = key
    config.certificate = load_der_x509_certificate(certificates[0])
    config.certificate_chain = [load_der_x509_certificate(der) for der in certificates[1:]]
    return config


class Tampered(QuicConnection):
    """Calls `tamper` with each new TLS context."""

    tamper: Callable[[tls.Context], None] = staticmethod(lambda context: None)

    def _initialize(self, peer_cid: bytes) -> None:
        super()._initialize(peer_cid)
        self.tls._request_client_certificate = not self._is_client
        type(self).tamper(self.tls)


@asynccontextmanager
async def intruding(
    config: QuicConfiguration, tamper: Callable[[tls.Context], None] = lambda context: None
) -> AsyncIterator[Intruder]:
    """An intruder at a port of his own; he dials with `dial`, or waits to be dialled."""

    class Connection(Tampered):
        pass

    Connection.tamper = staticmethod(tamper)

    def make(first: bytes) -> QuicConnection:
        if config.is_client:
            return Connection(configuration=config)
        header = pull_quic_header(Buffer(data=first), host_cid_length=8)
        return Connection(configuration=config, original_destination_connection_id=header.destination_cid)

    loop = asyncio.get_running_loop()
    transport, intruder = await loop.create_datagram_endpoint(
        lambda: Intruder(make), local_addr=("127.0.0.1", 0)
    )
    try:
        yield intruder
    finally:
        if intruder._timer is not None:
            intruder._timer.cancel()
        transport.close()


def port_of(intruder: Intruder) -> int:
    """Where he listens."""
    return int(intruder.transport.get_extra_info("sockname")[1])
