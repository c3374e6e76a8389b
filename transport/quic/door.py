"""Who may start a handshake: proof of address by retry token, bounded numbers, silence for all others."""

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from aioquic._buffer import Buffer
from aioquic.quic.packet import (
    QuicPacketType,
    QuicProtocolVersion,
    encode_quic_retry,
    pull_quic_header,
)
from aioquic.quic.retry import QuicRetryTokenHandler

from transport.addresses import source_prefix
from transport.quic.connection import CID_BYTES
from transport.udp import Datagram, SocketAddress

MAX_HALF_OPEN: Final = 128
MAX_HALF_OPEN_PER_SOURCE: Final = 16
_RETRIES_PER_S: Final = 500.0
_RETRY_BURST: Final = 200.0
_MIN_INITIAL_BYTES: Final = 1200
_MAX_TOKEN_BYTES: Final = 256


@dataclass(frozen=True, slots=True)
class Admitted:
    """A stranger who receives at the address he names may try a handshake."""

    original_destination_cid: bytes
    retry_source_cid: bytes


class Door:
    """First packets of unknown connections."""

    def __init__(self) -> None:
        self._tokens = QuicRetryTokenHandler()
        self._half_open: Counter[str] = Counter()
        self._retries_left = _RETRY_BURST
        self._retries_at = 0.0

    def knock(self, data: bytes, address: SocketAddress, now: float) -> Admitted | bytes | None:
        """What a datagram for no known connection gets: a handshake, a Retry packet, or nothing at all.

        Nothing: also for other versions and foreign tokens. Who asks correctly gets an answer.
        """
        if len(data) < _MIN_INITIAL_BYTES:
            return None
        try:
            header = pull_quic_header(Buffer(data=data), host_cid_length=CID_BYTES)
        except ValueError:
            return None
        if header.packet_type != QuicPacketType.INITIAL or header.version != QuicProtocolVersion.VERSION_1:
            return None
        if len(header.destination_cid) < CID_BYTES or len(header.token) > _MAX_TOKEN_BYTES:
            return None
        if not header.token:
            return self._retry(header.destination_cid, header.source_cid, address, now)
        try:
            original = self._tokens.validate_token(
                address=address, destination_cid=header.destination_cid, token=header.token, now=now
            )
        except ValueError:
            return None
        if self._half_open.total() >= MAX_HALF_OPEN:
            return None
        if self._half_open[source_prefix(address[0])] >= MAX_HALF_OPEN_PER_SOURCE:
            return None
        return Admitted(original, header.destination_cid)

    def _retry(self, destination: bytes, source: bytes, address: SocketAddress, now: float) -> bytes | None:
        """Keeps no state. Smaller than what it answers, so useless to amplify a flood."""
        self._retries_left = min(_RETRY_BURST, self._retries_left + (now - self._retries_at) * _RETRIES_PER_S)
        self._retries_at = now
        if self._retries_left < 1:
            return None
        self._retries_left -= 1
        own_cid = os.urandom(CID_BYTES)
        token = self._tokens.create_token(
            address=address,
            original_destination_connection_id=destination,
            retry_source_connection_id=own_cid,
            now=now,
        )
        return encode_quic_retry(
            version=QuicProtocolVersion.VERSION_1,
            source_cid=own_cid,
            destination_cid=source,
            original_destination_cid=destination,
            retry_token=token,
        )

    def entered(self, address: SocketAddress) -> None:
        """A handshake began."""
        self._half_open[source_prefix(address[0])] += 1

    def left(self, address: SocketAddress) -> None:
        """It became a link or ended."""
        source = source_prefix(address[0])
        self._half_open[source] -= 1
        if self._half_open[source] <= 0:
            del self._half_open[source]

    @property
    def half_open(self) -> int:
        """Handshakes that strangers have running."""
        return self._half_open.total()


class Farewells:
    """Repeats a goodbye that got lost, when its peer goes on talking. Bounded and short-lived."""

    _LIFE_S: Final = 3.0
    _REPEATS: Final = 3
    _MOST: Final = 256

    def __init__(self) -> None:
        self._said: dict[bytes, tuple[list[Datagram], float]] = {}
        self._left: Counter[bytes] = Counter()

    def add(self, cids: Iterable[bytes], goodbye: list[Datagram], now: float) -> None:
        """Remember what ended the connection known by `cids`."""
        for cid in [cid for cid, (_, until) in self._said.items() if until <= now]:
            del self._said[cid]
            del self._left[cid]
        for cid in cids:
            if len(self._said) < self._MOST:
                self._said[cid] = (goodbye, now + self._LIFE_S)
                self._left[cid] = self._REPEATS

    def answer(self, cid: bytes, now: float) -> list[Datagram]:
        """What to send to somebody who still uses `cid`."""
        goodbye, until = self._said.get(cid, ([], 0.0))
        if now >= until or self._left[cid] <= 0:
            return []
        self._left[cid] -= 1
        return goodbye
