"""The simulated transport keeps the rules of the real one, and repeats exactly."""

from collections.abc import Sequence

from tests.transport.identities import Device, all_friends
from transport.base import ALPN_PAIR, ALPN_ROSTER
from transport.events import (
    BulkDone,
    BulkReceived,
    DialFailed,
    DownReason,
    FrameReceived,
    LinkDown,
    LinkId,
    LinkUp,
    SendReady,
    TransportEvent,
)
from transport.memory import MemoryNetwork, MemoryTransport, Trouble


class Sim:
    """One simulated device."""

    def __init__(self, network: MemoryNetwork, device: Device, host: str | None = None) -> None:
        self.device = device
        self.consume = True
        self.events: list[TransportEvent] = []
        self.link: LinkId | None = None
        self.transport = MemoryTransport(network, host=host)
        self.transport.start_now(self.sink, device)

    def sink(self, events: Sequence[TransportEvent]) -> None:
        for event in events:
            self.events.append(event)
            if isinstance(event, LinkUp):
                self.link = event.link
            elif isinstance(event, LinkDown) and event.link == self.link:
                self.link = None
            elif isinstance(event, FrameReceived) and self.consume:
                self.transport.consumed(event.link, len(event.frame))
            elif isinstance(event, BulkReceived) and self.consume:
                self.transport.consumed(event.link, len(event.payload))

    def want(self, other: "Sim") -> None:
        self.transport.want(other.device.own_id, [other.transport.address])

    def frames(self) -> list[bytes]:
        return [event.frame for event in self.events if isinstance(event, FrameReceived)]

    def reasons(self) -> list[DownReason]:
        return [event.reason for event in self.events if isinstance(event, LinkDown)]


def pair(
    network: MemoryNetwork, *, both_dial: bool = False, seeds: tuple[int, int] = (1, 2)
) -> tuple[Sim, Sim]:
    devices = Device(seeds[0]), Device(seeds[1])
    all_friends(devices)
    a, b = Sim(network, devices[0]), Sim(network, devices[1])
    a.want(b)
    if both_dial:
        b.want(a)
    assert network.until(lambda: a.link is not None and b.link is not None)
    return a, b


def test_frames_in_order_and_bulk_done() -> None:
    network = MemoryNetwork(1, Trouble(delay_s=0.01, jitter_s=0.05))
    a, b = pair(network)
    assert a.link is not None
    frames = [b"%d" % number for number in range(200)]
    for frame in frames:
        a.transport.send(a.link, frame)
    for token in range(20):
        a.transport.send_bulk(a.link, b"x" * 1000, token)
    network.advance(30)
    assert b.frames() == frames
    assert sorted(event.token for event in a.events if isinstance(event, BulkDone)) == list(range(20))


def test_simultaneous_dialling_ends_with_one_link() -> None:
    for seeds in ((1, 2), (2, 1), (3, 4), (5, 6)):
        network = MemoryNetwork(3, Trouble(jitter_s=0.02))
        a, b = pair(network, both_dial=True, seeds=seeds)
        network.advance(120)
        assert a.link is not None and b.link is not None
        a.transport.send(a.link, b"one")
        b.transport.send(b.link, b"two")
        network.advance(1)
        assert (b.frames(), a.frames()) == ([b"one"], [b"two"])
        assert set(a.reasons() + b.reasons()) <= {DownReason.REPLACED}


def test_slow_reader_stops_the_sender_and_release_lets_it_go_on() -> None:
    network = MemoryNetwork(1)
    a, b = pair(network)
    b.consume = False
    assert a.link is not None and b.link is not None
    frame = b"f" * (1 << 19)
    results = [a.transport.send(a.link, frame) for _ in range(20)]
    network.advance(10)
    assert results[0] and not results[-1]
    assert len(b.frames()) == 5  # the control window of 2.5 MiB
    held = len(b.frames())
    b.consume = True
    b.transport.consumed(b.link, held * len(frame))
    network.advance(10)
    assert len(b.frames()) == 20
    assert any(isinstance(event, SendReady) for event in a.events)


def test_partition_ends_links_by_silence_and_healing_brings_them_back() -> None:
    network = MemoryNetwork(1)
    a, b = pair(network)
    network.partition([a.transport], [b.transport])
    network.advance(50)
    assert (a.link, b.link, a.reasons(), b.reasons()) == (
        None,
        None,
        [DownReason.TIMEOUT],
        [DownReason.TIMEOUT],
    )
    network.heal()
    a.transport.network_changed()
    network.advance(1)
    assert a.link is not None and b.link is not None


def test_short_silence_keeps_the_link_and_delivers_what_waited() -> None:
    network = MemoryNetwork(1)
    a, b = pair(network)
    network.isolate(b.transport)
    assert a.link is not None
    a.transport.send(a.link, b"late")
    network.advance(2)
    assert b.frames() == []
    network.heal()
    network.advance(1)
    assert b.frames() == [b"late"]
    assert a.reasons() == []


def test_moved_device_dials_anew_and_the_link_is_replaced_without_gap() -> None:
    network = MemoryNetwork(1)
    a, b = pair(network, both_dial=True)
    network.advance(60)
    for mover, other in ((a, b), (b, a)):
        before = len(other.events)
        mover.transport.move()
        mover.transport.network_changed()
        network.advance(1)
        news = [type(event) for event in other.events[before:]]
        assert news == [LinkUp, LinkDown]
        assert other.reasons()[-1] is DownReason.REPLACED
        assert mover.link is not None and other.link is not None


def test_killed_process_is_replaced_at_once_by_its_next_run() -> None:
    network = MemoryNetwork(1)
    a, b = pair(network)
    host = a.transport.host
    a.transport.kill()
    again = Sim(network, a.device, host)
    again.want(b)
    network.advance(1)
    assert b.reasons() == [DownReason.REPLACED]
    assert b.link is not None and again.link is not None


def test_loss_breaks_the_link_and_a_new_one_follows() -> None:
    network = MemoryNetwork(5, Trouble(loss=0.05))
    a, b = pair(network)
    for _ in range(100):
        if a.link is not None:
            a.transport.send(a.link, b"x")
        network.advance(1)
    assert len([event for event in b.events if isinstance(event, LinkUp)]) > 1


def test_strangers_and_wrong_alpns_are_refused() -> None:
    network = MemoryNetwork(1)
    known, stranger = Device(1), Device(9)
    stranger.friends.add(known.own_id)
    a, s = Sim(network, known), Sim(network, stranger)
    s.want(a)
    network.advance(1)
    failed = [event for event in s.events if isinstance(event, DialFailed)]
    assert failed[0].reason is DownReason.REFUSED
    assert not any(isinstance(event, LinkUp) for event in a.events + s.events)
    known.befriend(stranger)
    s.transport.unwant(known.own_id)
    s.transport.dial_once(known.own_id, [a.transport.address], ALPN_PAIR)
    network.advance(10)
    assert [event for event in s.events if isinstance(event, DialFailed)][-1].alpn == ALPN_PAIR
    s.transport.dial_once(known.own_id, [a.transport.address], ALPN_ROSTER)
    network.advance(10)
    assert [event.alpn for event in a.events if isinstance(event, LinkUp)] == [ALPN_ROSTER]


def test_same_seed_same_run() -> None:
    def run() -> list[tuple[float, str]]:
        network = MemoryNetwork(42, Trouble(jitter_s=0.05, loss=0.01, duplicate=0.05, reorder=0.1))
        a, b = pair(network, both_dial=True)
        trace: list[tuple[float, str]] = []
        for number in range(200):
            if a.link is not None:
                a.transport.send(a.link, b"%d" % number)
            network.advance(0.5)
            trace.append((network.now, repr([type(event).__name__ for event in b.events])))
        return trace

    assert run() == run()
