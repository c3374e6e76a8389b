"""Discovery against hostile announcements (attack 43), without a network: records go straight into the cache."""

import asyncio
import socket
from types import SimpleNamespace
from typing import Any

import pytest
from zeroconf import (
    DNSAddress,
    DNSCache,
    DNSService,
    DNSText,
    ServiceStateChange,
    Zeroconf,
    current_time_millis,
)
from zeroconf.asyncio import AsyncServiceInfo

from transport import discovery as discovery_module
from transport.discovery import MAX_RESOLVING, MAX_SERVICES, SERVICE, Announcement, MdnsDiscovery
from transport.events import Address, Sighting
from transport.interfaces import OwnAddress, own_addresses, to_advertise

CLASS_IN = 1
A, TXT, AAAA, SRV = 1, 16, 28, 33


class Network:
    """What zeroconf's browser and cache would have seen."""

    def __init__(self) -> None:
        self.seen: list[Sighting] = []
        self.discovery = MdnsDiscovery(self.seen.append)
        self.zeroconf: Any = SimpleNamespace(cache=DNSCache())

    def announce(
        self,
        instance: str,
        hosts: list[str],
        *,
        port: int = 4711,
        txt: bytes = b"\x03v=1",
        scope: int | None = None,
        change: ServiceStateChange = ServiceStateChange.Added,
    ) -> None:
        name, server, now = f"{instance}.{SERVICE}", f"h-{instance}.local.", current_time_millis()
        records: list[Any] = [
            DNSService(name, SRV, CLASS_IN, 120, 0, 0, port, server, now),
            DNSText(name, TXT, CLASS_IN, 120, txt, now),
        ]
        for host in hosts:
            family, kind = (socket.AF_INET6, AAAA) if ":" in host else (socket.AF_INET, A)
            packed = socket.inet_pton(family, host)
            records.append(DNSAddress(server, kind, CLASS_IN, 120, packed, scope_id=scope, created=now))
        self.zeroconf.cache.async_add_records(records)
        self.change(name, change)

    def change(self, name: str, change: ServiceStateChange) -> None:
        self.discovery._on_change(self.zeroconf, SERVICE, name, change)


def test_sighting_carries_addresses_and_txt() -> None:
    async def scenario() -> None:
        network = Network()
        network.announce("abc-1", ["10.0.0.1", "fd00::1"], txt=b"\x03v=1\x06c=\x00\xff\x80\x0a\x04flag")
        assert network.seen == [
            Sighting(
                "abc-1",
                (Address("10.0.0.1", 4711), Address("fd00::1", 4711)),
                {"v": b"1", "c": b"\x00\xff\x80\x0a", "flag": b""},
            )
        ]

    asyncio.run(scenario())


def test_link_local_addresses_keep_their_scope() -> None:
    async def scenario() -> None:
        network = Network()
        network.announce("abc", ["fe80::1"], scope=3)
        assert network.seen[0].addresses == (Address("fe80::1", 4711, 3),)

    asyncio.run(scenario())


def test_repeated_announcements_are_told_once_and_changes_again() -> None:
    async def scenario() -> None:
        network = Network()
        for _ in range(100):
            network.announce("abc", ["10.0.0.1"], change=ServiceStateChange.Updated)
        assert len(network.seen) == 1
        network.announce("abc", ["10.0.0.1", "10.0.0.2"], change=ServiceStateChange.Updated)
        assert len(network.seen) == 2
        network.change(f"abc.{SERVICE}", ServiceStateChange.Removed)
        assert network.seen[-1] == Sighting("abc", (), {})
        network.change(f"abc.{SERVICE}", ServiceStateChange.Removed)
        assert len(network.seen) == 3

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "instance",
    ["a\x00b", "a\nb", "ä", "A", "a b", "a.b", "", "x" * 64, "\u202eabc", "a\x1b[2J"],
)
def test_names_with_control_characters_and_such_are_ignored(instance: str) -> None:
    async def scenario() -> None:
        network = Network()
        network.change(f"{instance}.{SERVICE}", ServiceStateChange.Added)
        assert network.seen == [] and network.discovery._seen == {} and network.discovery._resolving == {}

    asyncio.run(scenario())


@pytest.mark.parametrize("hosts", [["224.0.0.251"], ["0.0.0.0"], ["255.255.255.255"], ["ff02::1"], ["::"]])
def test_addresses_that_would_aim_us_at_others_are_dropped(hosts: list[str]) -> None:
    async def scenario() -> None:
        network = Network()
        network.announce("abc", hosts)
        network.announce("port0", ["10.0.0.1"], port=0)
        assert network.seen == []

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "txt",
    [
        b"".join(b"\xff" + b"k%02d=" % number + b"x" * 251 for number in range(20)),
        b"".join(b"\x05k%02d=x" % number for number in range(70)),
        b"\x05\x00\x01=\x02x",
        b"\x04\xc3\xa4=x",
    ],
    ids=["too long", "too many keys", "control characters", "not ASCII"],
)
def test_bad_txt_is_dropped_whole(txt: bytes) -> None:
    async def scenario() -> None:
        network = Network()
        network.announce("abc", ["10.0.0.1"], txt=txt)
        assert network.seen[0].txt == {}

    asyncio.run(scenario())


def test_thousands_of_services_stay_bounded() -> None:
    async def scenario() -> None:
        network = Network()
        for number in range(3000):
            network.announce(f"fake-{number}", ["10.0.0.1"])
        assert len(network.discovery._seen) == MAX_SERVICES
        # The flood hides nobody.
        network.announce("real", ["10.0.0.2"])
        assert network.seen[-1].instance == "real"

    asyncio.run(scenario())


def test_services_that_never_answer_take_bounded_effort(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        network = Network()
        never = asyncio.Event()

        async def silent(self: AsyncServiceInfo, zeroconf: Any, timeout_ms: float, **_: Any) -> bool:
            await never.wait()
            return False

        monkeypatch.setattr(AsyncServiceInfo, "async_request", silent)
        for number in range(1000):
            network.change(f"ghost-{number}.{SERVICE}", ServiceStateChange.Added)
        assert len(network.discovery._resolving) == MAX_RESOLVING
        tasks = list(network.discovery._resolving.values())
        never.set()
        await asyncio.gather(*tasks)
        assert network.discovery._resolving == {} and network.discovery._seen == {}

    asyncio.run(scenario())


def test_own_announcement_is_not_sighted() -> None:
    async def scenario() -> None:
        network = Network()
        await network.discovery.announce(Announcement("me", "me", 1, {}))
        network.announce("me", ["10.0.0.1"])
        assert network.seen == []

    asyncio.run(scenario())


@pytest.mark.parametrize("name", ["", "Praxis Müller", "a.b", "x" * 64])
def test_own_names_must_be_plain_labels(name: str) -> None:
    with pytest.raises(ValueError, match="labels"):
        Announcement(name, "host", 1, {})
    with pytest.raises(ValueError, match="labels"):
        Announcement("instance", name, 1, {})


def test_change_of_interfaces_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        told: list[None] = []
        discovery = MdnsDiscovery(lambda sighting: None, lambda: told.append(None))
        own = frozenset({OwnAddress("10.0.0.1", 2)})
        monkeypatch.setattr(discovery_module, "own_addresses", lambda: own)
        await discovery.check()
        await discovery.check()
        assert len(told) == 1 and discovery.has_network and discovery.addresses == ("10.0.0.1",)
        await discovery.check(woke=True)
        assert len(told) == 2

    asyncio.run(scenario())


def test_questions_ask_for_answers_that_every_program_on_this_computer_hears(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A unicast answer reaches only one of the sockets on port 5353, perhaps another program's."""

    async def scenario() -> None:
        asked: asyncio.Queue[bool] = asyncio.Queue()
        send = Zeroconf.async_send

        def async_send(self: Zeroconf, out: Any, *more: Any) -> None:
            for question in out.questions:
                asked.put_nowait(question.unicast)
            send(self, out, *more)

        monkeypatch.setattr(Zeroconf, "async_send", async_send)
        discovery = MdnsDiscovery(lambda _: None, only=frozenset({"127.0.0.1"}))
        await discovery.start()
        try:
            assert await asyncio.wait_for(asked.get(), 10) is False
        finally:
            await discovery.stop()

    asyncio.run(scenario())


def test_loopback_is_told_only_where_there_is_nothing_else() -> None:
    loopback, outside = OwnAddress("127.0.0.1", 1), OwnAddress("192.168.1.5", 2)
    assert to_advertise(frozenset({loopback, outside})) == ("192.168.1.5",)
    assert to_advertise(frozenset({loopback})) == ("127.0.0.1",)
    assert all(isinstance(address, OwnAddress) for address in own_addresses())
