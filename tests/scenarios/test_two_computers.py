"""Two computers on a cable: the whole product between two network namespaces joined by veth.

Found by mDNS, paired by a typed code, talked; then addresses change, one is switched off, the cable is pulled.
"""

import time
from collections.abc import Iterator

import pytest

from app.core.events import MessageStored
from app.core.views import Reach
from app.demo.stage import DemoDevice
from crypto.ids import ConversationId
from tests.namespaces import Lan, lan, require_namespaces
from tests.scenarios.processes import COMMAND, TIMEOUT_S, Crew, direct, linked, reach, say, texts

pytestmark = pytest.mark.namespaces

SILENCE_S = 150.0
"""A dead link is noticed by QUIC's idle time-out, after a ping that nobody answered."""


@pytest.fixture
def computers() -> Iterator[Lan]:
    """Two computers and a cable."""
    require_namespaces()
    with lan("s") as made:
        yield made


@pytest.fixture
def pair(computers: Lan, crew: Crew) -> tuple[DemoDevice, DemoDevice]:
    """Two devices, one on each computer, paired over the cable. No interface is named: they use what there is."""
    here, there = (
        crew.device(name, person, command=computers.command(side, *COMMAND), interface=None)
        for side, (name, person) in enumerate((("empfang", "Anna Lindner"), ("zimmer", "Berta Kurz")))
    )
    crew.found(here)
    found_s = crew.join(there, here)
    print(f"found {found_s * 1000:.0f} ms after the process was started")
    return here, there


def told(sender: DemoDevice, receiver: DemoDevice, conversation: ConversationId, text: str) -> float:
    """Send, wait until it is stored over there. Returns the seconds it took."""
    place = receiver.events.count
    begun = time.perf_counter()
    message = say(sender, conversation, text)
    _, at_s = receiver.events.wait(
        MessageStored, since=place, where=lambda event: event.message == message, timeout_s=TIMEOUT_S
    )
    return at_s - begun


def test_found_paired_and_the_talk_goes_on_when_addresses_change(
    computers: Lan, crew: Crew, pair: tuple[DemoDevice, DemoDevice]
) -> None:
    here, there = pair
    place = direct(here, there)
    said = []
    for number, (moved, host) in enumerate(
        ((None, ""), (1, "10.77.0.12"), (0, "10.77.0.11"), (1, "10.77.0.22"))
    ):
        if moved is not None:
            computers.change_address(moved, host)
        for sender, receiver in ((here, there), (there, here)):
            said.append(f"{sender.name} nach Umzug {number}")
            took_s = told(sender, receiver, place, said[-1])
            print(
                f"after change {number} at side {moved}: {sender.name} was heard after {took_s * 1000:.0f} ms"
            )
    for device in pair:
        assert texts(device, place) == said


def test_switched_off_killed_and_unplugged_computers_get_everything_later(
    computers: Lan, crew: Crew, pair: tuple[DemoDevice, DemoDevice]
) -> None:
    here, there = pair
    place = direct(here, there)
    said = ["vorher"]
    told(here, there, place, said[-1])

    def write(device: DemoDevice, what: str) -> None:
        for number in range(3):
            said.append(f"{what} {number}")
            say(device, place, said[-1])

    def arrived() -> bool:
        return all(texts(device, place) == said for device in pair)

    there.stop()
    crew.until(lambda: reach(here, there) is not Reach.REACHABLE, "shown away after its goodbye")
    write(here, "ausgeschaltet")
    there.start()
    crew.until(arrived, "what was written while it was off")

    there.kill()
    write(here, "abgestürzt")
    there.start()
    crew.until(arrived, "what was written after it was killed")

    crew.until(lambda: linked(here, there), "linked again")
    computers.cable(plugged=False)
    write(here, "ohne Kabel")
    computers.cable(plugged=True)
    begun = time.perf_counter()
    crew.until(arrived, "what was written without a cable")
    print(f"back {time.perf_counter() - begun:.1f} s after the cable")

    computers.cable(plugged=False)
    begun = time.perf_counter()
    crew.until(
        lambda: all(reach(one, other) is not Reach.REACHABLE for one, other in (pair, pair[::-1])),
        "both shown away without a cable",
        SILENCE_S,
    )
    print(f"shown away {time.perf_counter() - begun:.1f} s after the cable was pulled")
    write(here, "lange ohne Kabel")
    computers.cable(plugged=True)
    begun = time.perf_counter()
    crew.until(arrived, "what was written long without a cable")
    print(f"back {time.perf_counter() - begun:.1f} s after the cable")
    assert there.ready_s > there.started_s
