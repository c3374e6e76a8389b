"""Congestion control on a simulated bottleneck: real connections, fake clock, one seed."""

from collections import deque
from dataclasses import dataclass, field
from random import Random

import pytest
from aioquic._buffer import Buffer
from aioquic.quic.congestion.reno import RenoCongestionControl
from aioquic.quic.packet import pull_quic_header
from aioquic.quic.recovery import QuicPacketPacer

from tests.transport.identities import Device
from transport.base import ALPN_MAIN
from transport.congestion import Pacer, Phase, RateControl
from transport.events import LinkId
from transport.link import Greeting, Rank
from transport.quic import connection as connection_module
from transport.quic.channel import Bulk, Channel, Frame, Greeted, Proven
from transport.quic.connection import PinnedConnection
from transport.udp import Datagram

STEP_S = 0.0005
NEAR, FAR = ("::ffff:10.0.0.1", 1, 0, 0), ("::ffff:10.0.0.2", 2, 0, 0)


@dataclass
class Wire:
    """One direction: a queue before a bottleneck, then the way."""

    rate: float  # bytes/s
    delay_s: float
    queue_bytes: int
    loss: float
    random: Random
    free_at: float = 0.0
    on_way: deque[tuple[float, bytes]] = field(default_factory=deque)

    def push(self, datagrams: list[Datagram], now: float) -> None:
        for data, _ in datagrams:
            start = max(now, self.free_at)
            if (start - now) * self.rate > self.queue_bytes or self.random.random() < self.loss:
                continue
            self.free_at = start + len(data) / self.rate
            self.on_way.append((self.free_at + self.delay_s, data))

    def pull(self, now: float) -> list[bytes]:
        found = []
        while self.on_way and self.on_way[0][0] <= now:
            found.append(self.on_way.popleft()[1])
        return found


class Path:
    """Two linked channels over two wires."""

    def __init__(self, *, mbit: float, rtt_s: float, queue_bytes: int = 1 << 20, loss: float = 0.0) -> None:
        random = Random(7)
        rate = mbit * 125_000
        self.there = Wire(rate, rtt_s / 2, queue_bytes, loss, random)
        self.back = Wire(rate, rtt_s / 2, queue_bytes, loss, random)
        self.now = 1.0
        self.received = 0
        self.echoes: list[float] = []
        one, two = Device(1), Device(2)
        one.befriend(two)
        near = PinnedConnection(
            security=one,
            alpn=ALPN_MAIN,
            dialled=two.own_id,
            server_name=one.server_name(two.own_id, ALPN_MAIN),
        )
        near.connect(FAR, self.now)
        self.near = Channel(near, dialled=True, remote=FAR, now=self.now)
        first = self.near.datagrams(self.now)
        header = pull_quic_header(Buffer(data=first[0][0]), host_cid_length=8)
        far = PinnedConnection(security=two, original_destination_cid=header.destination_cid)
        self.far = Channel(far, dialled=False, remote=NEAR, now=self.now)
        self.there.push(first, self.now)
        self.until(lambda: self.near.link is not None)

    @property
    def control(self) -> RateControl:
        control = self.near.connection._loss._cc
        assert isinstance(control, RateControl)
        return control

    def until(self, condition, limit_s: float = 60.0) -> None:  # type: ignore[no-untyped-def]
        end = self.now + limit_s
        while not condition():
            assert self.now < end, "too slow"
            self.step()

    def run(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.step()

    def step(self) -> None:
        self.now += STEP_S
        for data in self.there.pull(self.now):
            self.far.receive(data, NEAR, self.now)
        for data in self.back.pull(self.now):
            self.near.receive(data, FAR, self.now)
        for channel, wire in ((self.near, self.there), (self.far, self.back)):
            channel.tick(self.now)
            for event in channel.poll():
                self.on_event(channel, event)
            wire.push(channel.datagrams(self.now), self.now)

    def on_event(self, channel: Channel, event: object) -> None:
        match event:
            case Proven() if channel.dialled:
                channel.greet(Greeting(1, b"r" * 8))
            case Greeted():
                if not channel.dialled:
                    channel.greet(Greeting(1, b"r" * 8))
                channel.up(LinkId(1), Rank(1, channel.dialled, b"r", 1), None, self.now)
            case Bulk(data):
                self.received += len(data)
                channel.consumed(len(data))
            case Frame(data):
                channel.consumed(len(data))
                if channel is self.far:
                    channel.send(data)
                else:
                    self.echoes.append(self.now)

    def goodput(self, seconds: float) -> float:
        """Bytes/s of bulk that arrived, after 1 s to get going."""
        for token in range(400):
            self.near.send_bulk(bytes(64 << 10), token)
        self.run(1.0)
        before = self.received
        self.run(seconds)
        return (self.received - before) / seconds


@pytest.mark.parametrize(
    ("mbit", "rtt_s", "loss", "share"),
    [(40, 0.002, 0.0, 0.8), (40, 0.02, 0.01, 0.6), (20, 0.05, 0.0, 0.8), (20, 0.05, 0.02, 0.5)],
    ids=["LAN", "Wi-Fi with 1 % loss", "WAN", "WAN with 2 % loss"],
)
def test_random_loss_does_not_collapse_the_rate(mbit: float, rtt_s: float, loss: float, share: float) -> None:
    path = Path(mbit=mbit, rtt_s=rtt_s, loss=loss)
    assert path.goodput(2.0) >= share * mbit * 125_000


def test_queue_stays_short_for_messages() -> None:
    """A deep buffer is not filled: a message sent meanwhile is back soon, not after the whole queue of 800 ms."""
    path = Path(mbit=20, rtt_s=0.01, queue_bytes=2_000_000)
    path.goodput(1.0)
    for _ in range(5):
        sent = path.now
        count = len(path.echoes)
        path.near.send(b"m" * 200)
        path.until(lambda count=count: len(path.echoes) > count)
        assert path.now - sent < 0.15


def test_shallow_buffer_is_not_flooded() -> None:
    path = Path(mbit=20, rtt_s=0.02, queue_bytes=15_000)
    lost = 0
    control = path.control
    original = control.on_packets_lost

    def count(**facts):  # type: ignore[no-untyped-def]
        nonlocal lost
        facts["packets"] = list(facts["packets"])
        lost += len(facts["packets"])
        original(**facts)

    control.on_packets_lost = count  # type: ignore[method-assign]
    goodput = path.goodput(3.0)
    assert goodput >= 0.5 * 20 * 125_000
    assert lost * 1350 < 0.15 * path.received


def share(path: Path, wire: Wire) -> None:
    """Send this path's packets through another path's bottleneck."""
    own = path.there

    def push(datagrams: list[Datagram], now: float) -> None:
        before = len(wire.on_way)
        wire.push(datagrams, now)
        while len(wire.on_way) > before:
            arrival, data = wire.on_way.pop()
            moved.appendleft((arrival, data))
        own.on_way.extend(moved)
        moved.clear()

    moved: deque[tuple[float, bytes]] = deque()
    own.push = push  # type: ignore[method-assign]


@pytest.mark.parametrize("queue_bytes", [15_000, 50_000, 200_000], ids=["shallow", "one BDP", "deep"])
def test_leaves_room_for_tcp(monkeypatch: pytest.MonkeyPatch, queue_bytes: int) -> None:
    """20 Mbit, 20 ms, shared with a reno flow (the library's own): neither starves."""
    ours = Path(mbit=20, rtt_s=0.02, queue_bytes=queue_bytes)
    with monkeypatch.context() as patch:
        patch.setattr(connection_module, "RateControl", RenoCongestionControl)
        patch.setattr(
            connection_module, "Pacer", lambda control, size: QuicPacketPacer(max_datagram_size=size)
        )
        patch.setattr(connection_module, "_CONTROL_NAME", "reno")
        theirs = Path(mbit=1000, rtt_s=0.02)
    share(theirs, ours.there)
    theirs.now = ours.now = max(ours.now, theirs.now)
    for path in (ours, theirs):
        for token in range(200):
            path.near.send_bulk(bytes(64 << 10), token)
    for _ in range(int(4.0 / STEP_S)):
        ours.step()
        theirs.step()
    total = ours.received + theirs.received
    assert 0.15 < ours.received / total < 0.85
    assert total > 0.75 * 4.0 * 20 * 125_000


def test_small_talk_does_not_open_the_window_or_forget_the_rate() -> None:
    path = Path(mbit=40, rtt_s=0.01)
    path.goodput(1.0)
    path.near._queue.clear()
    path.run(1.0)
    known = path.control.bandwidth
    window = path.control.congestion_window
    for _ in range(200):
        path.near.send(b"m" * 100)
        path.run(0.01)
    assert path.control.bandwidth >= 0.5 * known
    assert path.control.congestion_window <= 2 * window


def test_outage_starts_afresh() -> None:
    control = RateControl(max_datagram_size=1350)
    control.on_rtt_measurement(now=1.0, rtt=0.01)
    control.on_persistent_congestion()
    assert (control.phase, control.bandwidth, control.congestion_window) == (Phase.STARTUP, 0.0, 4 * 1350)


def test_pacer_spreads_and_catches_up_within_its_burst() -> None:
    control = RateControl(max_datagram_size=1350)
    control.bandwidth = 1_350_000.0
    control._bandwidths.append((0, control.bandwidth))
    control._phase = Phase.PROBE
    control._probe_index = 2
    pacer = Pacer(control, 1350)

    def burst(now: float) -> int:
        sent = 0
        while pacer.next_send_time(now) is None:
            pacer.update_after_send(now)
            sent += 1
        return sent

    burst(10.0)
    assert burst(10.01) in (9, 10, 11)  # 1,000 packets/s
    assert burst(20.0) <= 21  # a late timer does not turn into a flood
    at = pacer.next_send_time(20.0)
    assert at is not None and at > 20.0
