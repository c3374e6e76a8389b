"""The far side of the transport benchmark, in a process of its own.

    python -m tests.bench.transport_peer [LINKS]

Prints one JSON line with its ports, then serves until its standard input closes. QUIC: consumes bulk, returns
every frame. TLS over TCP: the same by kind byte and length. `LINKS` more devices dial back on demand
(one line "PORT" on input) and stay idle.
"""

import asyncio
import json
import ssl
import struct
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_der_x509_certificate

from tests.transport.identities import Device
from transport.events import Address, BulkReceived, FrameReceived, LinkUp, TransportEvent
from transport.quic import QuicTransport

HEADER = struct.Struct(">BI")
BULK, FRAME = 0, 1
NEAR, FAR, FIRST_IDLE = Device(1), Device(2), 100


def tls_context(own: Device, peer: Device, *, server: bool) -> ssl.SSLContext:
    """Mutual TLS 1.3 with exactly these two certificates."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    with tempfile.TemporaryDirectory() as folder:
        pem = Path(folder) / "own.pem"
        certificate = load_der_x509_certificate(own.certificate_der)
        key = own.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        pem.write_bytes(key + certificate.public_bytes(Encoding.PEM))
        context.load_cert_chain(pem)
    context.verify_mode = ssl.CERT_NONE  # self-signed by chance of the run; the handshake costs are the same
    return context


async def serve_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Count bulk, return frames."""
    try:
        while True:
            kind, size = HEADER.unpack(await reader.readexactly(HEADER.size))
            data = await reader.readexactly(size)
            if kind == FRAME:
                writer.write(HEADER.pack(FRAME, size) + data)
            else:
                writer.write(HEADER.pack(BULK, 0))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


class Far:
    """The QUIC side."""

    def __init__(self) -> None:
        self.transport = QuicTransport(host="127.0.0.1")

    def sink(self, events: Sequence[TransportEvent]) -> None:
        for event in events:
            if isinstance(event, FrameReceived):
                self.transport.consumed(event.link, len(event.frame))
                self.transport.send(event.link, event.frame)
            elif isinstance(event, BulkReceived):
                self.transport.consumed(event.link, len(event.payload))


async def dial_back(devices: list[Device], port: int, tls_port: int) -> list[object]:
    """Idle links from many devices, first QUIC, then TLS; returns what keeps them alive."""
    kept: list[object] = []
    for device in devices:
        done = asyncio.get_running_loop().create_future()

        def sink(events: Sequence[TransportEvent], done: asyncio.Future[None] = done) -> None:
            if any(isinstance(event, LinkUp) for event in events) and not done.done():
                done.set_result(None)

        transport = QuicTransport(host="127.0.0.1")
        await transport.start(sink, device)
        transport.want(NEAR.own_id, [Address("127.0.0.1", port)])
        await done
        kept.append(transport)
    print(json.dumps({"linked": len(kept)}), flush=True)
    for device in devices:
        context = tls_context(device, NEAR, server=False)
        kept.append(await asyncio.open_connection("127.0.0.1", tls_port, ssl=context))
    print(json.dumps({"linked": len(kept)}), flush=True)
    return kept


async def main(links: int) -> None:
    """Until the input closes."""
    FAR.befriend(NEAR)
    idle = [Device(FIRST_IDLE + number) for number in range(links)]
    NEAR.befriend(*idle)
    far = Far()
    await far.transport.start(far.sink, FAR)
    server = await asyncio.start_server(
        serve_tls, "127.0.0.1", 0, ssl=tls_context(FAR, NEAR, server=True), limit=1 << 20
    )
    tls_port = server.sockets[0].getsockname()[1]
    print(json.dumps({"quic": far.transport.port, "tls": tls_port}), flush=True)
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin, lambda: lines.put_nowait(sys.stdin.readline()))
    kept: list[object] = []
    while line := await lines.get():
        kept += await dial_back(idle, *json.loads(line))
    loop.remove_reader(sys.stdin)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 0))
