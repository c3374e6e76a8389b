"""The transport on loopback between two processes, in turn with asyncio's TLS 1.3 over TCP in the same run.

Both sides of a link are real: QUIC with mutual certificates, 256 KiB payloads; messages of 200 bytes are returned
by the other side. "loaded" is the round trip while bulk runs on the same link. Absolute figures follow the
machine (two processes, one core each): compare within a run. Memory is this process's growth per idle accepted
link, Python allocator included.

    python -m tests.bench.bench_transport
"""

import asyncio
import json
import os
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.transport_peer import BULK, FAR, FIRST_IDLE, FRAME, HEADER, NEAR, tls_context
from tests.transport.identities import Device
from transport.events import Address, BulkDone, FrameReceived, LinkId, LinkUp, TransportEvent
from transport.quic import QuicTransport

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 5
BULK_BYTES = 20 << 20
CHUNK = os.urandom(256 << 10)
MESSAGE = os.urandom(200)
MESSAGES = 300
IDLE_LINKS = 40


def rss_bytes() -> int | None:
    """Resident memory of this process, where the system tells."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


class Quic:
    """Our side of the QUIC link."""

    def __init__(self) -> None:
        self.transport = QuicTransport(host="127.0.0.1")
        self.links: list[LinkId] = []
        self.done = 0
        self.replies = 0
        self._changed = asyncio.Event()

    def sink(self, events: Sequence[TransportEvent]) -> None:
        for event in events:
            if isinstance(event, LinkUp):
                self.links.append(event.link)
            elif isinstance(event, BulkDone):
                self.done += 1
            elif isinstance(event, FrameReceived):
                self.replies += 1
                self.transport.consumed(event.link, len(event.frame))
        self._changed.set()

    async def open(self, port: int) -> None:
        NEAR.befriend(FAR)
        await self.transport.start(self.sink, NEAR)
        began = time.perf_counter()
        self.transport.want(FAR.own_id, [Address("127.0.0.1", port)])
        while not self.links:
            await self.changed()
        self.handshake_s = time.perf_counter() - began

    async def changed(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def bulk(self) -> None:
        count = BULK_BYTES // len(CHUNK)
        target = self.done + count
        for token in range(count):
            self.transport.send_bulk(self.links[0], CHUNK, token)
        while self.done < target:
            await self.changed()

    async def ping(self) -> None:
        target = self.replies + 1
        self.transport.send(self.links[0], MESSAGE)
        while self.replies < target:
            await self.changed()

    async def close(self) -> None:
        await self.transport.stop()


class Tls:
    """The same over asyncio streams."""

    async def open(self, port: int) -> None:
        context = tls_context(NEAR, FAR, server=False)
        began = time.perf_counter()
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=context, limit=1 << 20
        )
        self.handshake_s = time.perf_counter() - began
        self.done = self.replies = 0
        self._changed = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while True:
            kind, size = HEADER.unpack(await self.reader.readexactly(HEADER.size))
            await self.reader.readexactly(size)
            if kind == FRAME:
                self.replies += 1
            else:
                self.done += 1
            self._changed.set()

    async def changed(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    async def bulk(self) -> None:
        count = BULK_BYTES // len(CHUNK)
        target = self.done + count
        for _ in range(count):
            self.writer.write(HEADER.pack(BULK, len(CHUNK)) + CHUNK)
            await self.writer.drain()
        while self.done < target:
            await self.changed()

    async def ping(self) -> None:
        target = self.replies + 1
        self.writer.write(HEADER.pack(FRAME, len(MESSAGE)) + MESSAGE)
        while self.replies < target:
            await self.changed()

    async def close(self) -> None:
        self._reading.cancel()
        self.writer.close()


async def throughput(side: Quic | Tls) -> float:
    """MB/s (10^6) of one round."""
    began = time.perf_counter()
    await side.bulk()
    return BULK_BYTES / (time.perf_counter() - began) / 1e6


async def idle_pings(side: Quic | Tls) -> list[float]:
    """Round trips in ms."""
    found = []
    for _ in range(MESSAGES // ROUNDS):
        began = time.perf_counter()
        await side.ping()
        found.append((time.perf_counter() - began) * 1000)
    return found


async def loaded_pings(side: Quic | Tls) -> list[float]:
    """Round trips in ms while one round of bulk runs."""
    running = asyncio.create_task(side.bulk())
    await asyncio.sleep(0)
    found = []
    while not running.done():
        began = time.perf_counter()
        await side.ping()
        found.append((time.perf_counter() - began) * 1000)
    await running
    return found


def spread(values: list[float]) -> dict[str, float]:
    """Median and range of rounds."""
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def percentiles(values: list[float]) -> dict[str, float]:
    """p50 and p99 of single round trips."""
    ordered = sorted(values)
    return {
        "p50": ordered[len(ordered) // 2],
        "p99": ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)],
        "count": len(ordered),
    }


async def memory(quic: Quic, peer: subprocess.Popen[str]) -> dict[str, float | None]:
    """kB per idle accepted link, QUIC and TLS."""
    NEAR.befriend(*(Device(FIRST_IDLE + number) for number in range(IDLE_LINKS)))
    held: list[asyncio.StreamWriter] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    context: ssl.SSLContext = tls_context(NEAR, FAR, server=True)
    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context)
    loop = asyncio.get_running_loop()
    assert peer.stdin is not None and peer.stdout is not None
    before = rss_bytes()
    peer.stdin.write(json.dumps([quic.transport.port, server.sockets[0].getsockname()[1]]) + "\n")
    peer.stdin.flush()
    result: dict[str, float | None] = {}
    for name in ("quic", "tls"):
        await loop.run_in_executor(None, peer.stdout.readline)
        after = rss_bytes()
        known = before is not None and after is not None
        result[name] = (after - before) / IDLE_LINKS / 1000 if known else None  # type: ignore[operator]
        before = after
    for writer in held:
        writer.close()
    server.close()
    return result


async def measure(peer: subprocess.Popen[str]) -> dict[str, Any]:
    """Everything, contenders in turn."""
    assert peer.stdout is not None
    ports = json.loads(peer.stdout.readline())
    quic, tls = Quic(), Tls()
    sides: dict[str, Quic | Tls] = {"quic": quic, "tls": tls}
    for name, side in sides.items():
        await side.open(ports[name])
        await side.bulk()  # warm up
    rates: dict[str, list[float]] = {name: [] for name in sides}
    idle: dict[str, list[float]] = {name: [] for name in sides}
    loaded: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, side in sides.items():
            rates[name].append(await throughput(side))
            idle[name] += await idle_pings(side)
            loaded[name] += await loaded_pings(side)
    per_link = await memory(quic, peer)
    for side in sides.values():
        await side.close()
    return {
        "bulk_bytes": BULK_BYTES,
        "bulk_mb_s": {name: spread(values) for name, values in rates.items()},
        "round_trip_ms": {name: percentiles(values) for name, values in idle.items()},
        "round_trip_loaded_ms": {name: percentiles(values) for name, values in loaded.items()},
        "handshake_ms": {name: side.handshake_s * 1000 for name, side in sides.items()},
        "idle_link_kb": per_link,
    }


def run() -> dict[str, Any]:
    """All figures; takes some 20 s."""
    peer = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.transport_peer", str(IDLE_LINKS)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        return asyncio.run(measure(peer))
    finally:
        peer.kill()
        peer.wait()


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
