"""A transport in a process of its own, steered by JSON lines: `python -m tests.transport.peer_program SEED`.

Devices are made from seeds, all of seeds 1 to 8 are friends. Commands: want {seed, host, port}, send {seed, text},
bulk {seed, size_bytes, count}, network_changed, announce {instance}, quit. Each event is one line.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from tests.transport.identities import Device, all_friends
from transport.discovery import Announcement, MdnsDiscovery
from transport.events import (
    Address,
    BulkReceived,
    FrameReceived,
    LinkDown,
    LinkId,
    LinkUp,
    PeerId,
    Sighting,
    TransportEvent,
)
from transport.quic import QuicTransport


def say(event: str, **facts: Any) -> None:
    """One line out."""
    print(json.dumps({"event": event, **facts}), flush=True)


class Peer:
    """One device."""

    def __init__(self, seed: int) -> None:
        self.devices = {number: Device(number) for number in range(1, 9)}
        all_friends(self.devices.values())
        self.own = self.devices[seed]
        self.seeds = {device.own_id: number for number, device in self.devices.items()}
        self.links: dict[PeerId, LinkId] = {}
        self.transport = QuicTransport()
        self.discovery = MdnsDiscovery(self.sighted, self.changed)
        self.bulk_bytes = 0
        self.began = time.monotonic()

    def sink(self, events: Sequence[TransportEvent]) -> None:
        for event in events:
            match event:
                case LinkUp():
                    self.links[event.peer] = event.link
                    say("up", seed=self.seeds[event.peer], host=event.address.host, dialled=event.dialled)
                case LinkDown():
                    if self.links.get(event.peer) == event.link:
                        del self.links[event.peer]
                    say("down", seed=self.seeds[event.peer], reason=event.reason.value)
                case FrameReceived():
                    self.transport.consumed(event.link, len(event.frame))
                    say("frame", seed=self.seeds[event.peer], text=event.frame.decode())
                case BulkReceived():
                    self.transport.consumed(event.link, len(event.payload))
                    self.bulk_bytes += len(event.payload)
                    say("bulk", total_bytes=self.bulk_bytes)

    def sighted(self, sighting: Sighting) -> None:
        say(
            "sighting",
            instance=sighting.instance,
            addresses=[address.host for address in sighting.addresses],
            seed=sighting.txt.get("s", b"").decode(),
            after_s=time.monotonic() - self.began,
        )
        seed = sighting.txt.get("s", b"")
        if seed and sighting.addresses:
            self.transport.want(self.devices[int(seed)].own_id, sighting.addresses)

    def changed(self) -> None:
        say("interfaces")
        self.transport.network_changed()

    async def obey(self, command: dict[str, Any]) -> None:
        match command["do"]:
            case "want":
                peer = self.devices[command["seed"]].own_id
                self.transport.want(peer, [Address(command["host"], command["port"])])
            case "send":
                link = self.links[self.devices[command["seed"]].own_id]
                self.transport.send(link, command["text"].encode())
            case "bulk":
                link = self.links[self.devices[command["seed"]].own_id]
                for token in range(command["count"]):
                    self.transport.send_bulk(link, bytes(command["size_bytes"]), token)
            case "network_changed":
                self.transport.network_changed()
            case "announce":
                self.began = time.monotonic()
                await self.discovery.start()
                txt = {"s": b"%d" % self.seeds[self.own.own_id], "v": b"1"}
                await self.discovery.announce(
                    Announcement(command["instance"], command["instance"], self.transport.port, txt)
                )
                say("announced", after_s=time.monotonic() - self.began)

    async def run(self) -> None:
        await self.transport.start(self.sink, self.own)
        say("started", port=self.transport.port)
        lines: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        loop.add_reader(sys.stdin, lambda: lines.put_nowait(sys.stdin.readline()))
        while line := await lines.get():
            await self.obey(json.loads(line))
        loop.remove_reader(sys.stdin)
        await self.discovery.stop()
        await self.transport.stop()


if __name__ == "__main__":
    asyncio.run(Peer(int(sys.argv[1])).run())
