"""A device whose network alters one byte of what it sends, from the moment on when a marker file is there.

`python -P tests/scenarios/altering.py WHAT MARKER ARGUMENTS...`. "datagrams": every QUIC packet with payload, as a bad
switch would. "envelopes" and "chunks": above QUIC, as only somebody could who broke it.
"""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from app.__main__ import main
from app.core.wire import EnvelopeFrame, decode_frame, encode_frame
from transport.quic import QuicTransport
from transport.udp import UdpSocket

LONG_HEADER = 0x80
"""Set in the first byte of a handshake's packets, which are left alone."""


def altered(data: bytes) -> bytes:
    """One bit of the last byte."""
    return data[:-1] + bytes([data[-1] ^ 1])


def alter_datagrams(active: Callable[[], bool]) -> None:
    """Patch the only place where datagrams leave."""
    send = UdpSocket.send

    def patched(self: UdpSocket, datagrams: Iterable[Any]) -> None:
        if active():
            datagrams = [
                (data if data[0] & LONG_HEADER else altered(data), address) for data, address in datagrams
            ]
        send(self, datagrams)

    UdpSocket.send = patched  # type: ignore[method-assign]


def alter_envelopes(active: Callable[[], bool]) -> None:
    """The last byte of an envelope belongs to its tag."""
    send = QuicTransport.send

    def patched(self: QuicTransport, link: Any, frame: bytes) -> bool:
        if active():
            parsed = decode_frame(frame)
            if isinstance(parsed, EnvelopeFrame):
                frame = encode_frame(EnvelopeFrame(parsed.age_ms, altered(parsed.wire)))
        return send(self, link, frame)

    QuicTransport.send = patched  # type: ignore[method-assign]


def alter_chunks(active: Callable[[], bool]) -> None:
    """The last byte of a chunk belongs to its tag, and its hash is in the message."""
    send_bulk = QuicTransport.send_bulk

    def patched(self: QuicTransport, link: Any, payload: bytes, token: int) -> None:
        send_bulk(self, link, altered(payload) if active() else payload, token)

    QuicTransport.send_bulk = patched  # type: ignore[method-assign]


ALTER = {"datagrams": alter_datagrams, "envelopes": alter_envelopes, "chunks": alter_chunks}

if __name__ == "__main__":
    what, marker = sys.argv[1], Path(sys.argv[2])
    ALTER[what](marker.exists)
    raise SystemExit(main(sys.argv[3:]))
