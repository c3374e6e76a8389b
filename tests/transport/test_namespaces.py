"""Two computers on a cable: found by mDNS, linked, talking; then addresses and the cable change."""

import pytest

from tests.namespaces import Lan, Program, lan, require_namespaces

pytestmark = pytest.mark.namespaces
PEER = "tests.transport.peer_program"


def start(computers: Lan, side: int) -> tuple[Program, int]:
    program = computers.run(side, PEER, str(side + 1))
    return program, program.event("started")["port"]


def talk(sender: Program, seed: int, receiver: Program, text: str) -> None:
    sender.tell(do="send", seed=seed, text=text)
    receiver.expect(lambda line: line.get("event") == "frame" and line["text"] == text)


def test_found_by_mdns_and_linked() -> None:
    require_namespaces()
    with lan("d") as computers:
        a, _ = start(computers, 0)
        b, _ = start(computers, 1)
        a.tell(do="announce", instance="x1")
        a.event("announced")
        b.tell(do="announce", instance="x2")
        found = b.event("sighting")
        assert (found["instance"], found["seed"]) == ("x1", "1")
        assert "10.77.0.1" in found["addresses"]
        b.event("up")
        a.event("up")
        print(f"found after {found['after_s'] * 1000:.0f} ms")
        talk(b, 1, a, "hallo")


def test_goodbye_is_heard() -> None:
    require_namespaces()
    with lan("g") as computers:
        a, _ = start(computers, 0)
        b, _ = start(computers, 1)
        b.tell(do="announce", instance="x2")
        b.event("announced")
        a.tell(do="announce", instance="x1")
        b.event("sighting")
        a.close()
        gone = b.expect(lambda line: line.get("event") == "sighting" and line["addresses"] == [])
        assert gone["instance"] == "x1"


@pytest.mark.parametrize("side", [0, 1])
def test_one_side_gets_another_address_and_the_talk_goes_on(side: int) -> None:
    """Whichever side moves, dialler or dialled, it dials anew and the old link is replaced."""
    require_namespaces()
    with lan("m") as computers:
        a, _ = start(computers, 0)
        b, port = start(computers, 1)
        a.tell(do="want", seed=2, host=computers.hosts[1], port=port)
        up = a.event("up")
        b.event("up")
        b.tell(do="want", seed=1, host=computers.hosts[0], port=0)
        talk(a, 2, b, "before")
        computers.change_address(side, "10.77.0.9")
        mover, other = ((a, b), (b, a))[side]
        mover.tell(do="network_changed")
        fresh = other.event("up")
        assert fresh["host"] == "10.77.0.9"
        assert up["host"] == "10.77.0.2"
        mover.event("up")
        assert other.event("down")["reason"] == "replaced"
        talk(a, 2, b, "after")
        talk(b, 1, a, "after, too")


def test_pulled_and_plugged_cable_keeps_the_link() -> None:
    """A short silence ends nothing: the probe on `network_changed` brings the bytes on their way at once."""
    require_namespaces()
    with lan("c") as computers:
        a, _ = start(computers, 0)
        b, port = start(computers, 1)
        a.tell(do="want", seed=2, host=computers.hosts[1], port=port)
        a.event("up")
        b.event("up")
        computers.cable(plugged=False)
        a.tell(do="send", seed=2, text="waits")
        computers.cable(plugged=True)
        a.tell(do="network_changed")
        b.expect(lambda line: line.get("event") == "frame" and line["text"] == "waits")
        assert not any(line.get("event") == "down" for line in a.seen + b.seen)
