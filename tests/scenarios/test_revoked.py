"""A device that was revoked while it was off: it comes back, learns it, and gets nothing new. Real processes."""

from pathlib import Path

import pytest

from app.core import requests, views
from app.core.views import Phase, Reach
from app.demo.stage import DemoDevice
from app.profile import Profile
from app.store.db import Store
from crypto.ids import ContentId, DeviceId
from tests.scenarios.processes import (
    Crew,
    device_of,
    direct,
    linked,
    person_of,
    person_row,
    reach,
    say,
    status,
    texts,
)

pytestmark = pytest.mark.slow


def opened(device: DemoDevice) -> Profile:
    """Its profile, after its process ended."""
    return Profile.open(device.profile, passphrase=lambda: device.passphrase)


def test_a_device_revoked_while_off_is_told_so_and_gets_nothing_new(crew: Crew, tmp_path: Path) -> None:
    front, room = crew.device("empfang", "Anna Lindner"), crew.device("zimmer", "Jana Meier")
    laptop = crew.device("laptop", "Karin Weber")
    crew.found(front)
    crew.join(room, front)
    crew.join(laptop, front)
    crew.until(lambda: linked(room, laptop), "all linked")
    group = front.ask(
        requests.CreateGroup(
            circle=None, title="Alle", members=(person_of(front, room), person_of(front, laptop))
        ),
        views.ConversationRow,
    ).conversation
    say(front, group, "an alle")
    crew.until(
        lambda: all(has(device, "an alle") for device in (room, laptop)), "the first message everywhere"
    )
    to_laptop, lost = direct(front, laptop), device_of(front, laptop)

    laptop.stop()
    crew.until(
        lambda: all(reach(device, laptop) is not Reach.REACHABLE for device in (front, room)), "shown away"
    )
    late = [say(front, to_laptop, "liegt noch hier"), say(room, group, "auch das liegt noch")]
    assert status(front).waiting > 0 and status(room).waiting > 0
    front.ask(requests.RevokeDevice(device=lost), views.Done)
    crew.until(lambda: not person_row(room, laptop).devices, "the revocation at the colleague's")
    say(front, group, "danach vom Empfang")
    say(room, group, "danach aus dem Zimmer")
    crew.until(
        lambda: has(front, "danach aus dem Zimmer") and has(room, "danach vom Empfang"), "the talk goes on"
    )
    crew.until(lambda: all(status(device).waiting == 0 for device in (front, room)), "nothing waits any more")

    laptop.start()
    crew.until(lambda: status(laptop).phase is Phase.REVOKED, "it is shown that it was revoked")
    assert laptop.answer(requests.SendText(conversation=group, text="hallo?")) == views.Failure(
        code="revoked"
    )
    say(front, to_laptop, "an die Person, nicht an dieses Gerät")  # she may get another one
    laptop.stop()
    laptop.start()
    assert status(laptop).phase is Phase.REVOKED and status(laptop).links == 0
    assert seen_by(laptop) == ["an alle"]
    for device in crew.devices:
        device.stop()
    rows_are_gone(front, room, lost, late)
    secret_is_new(front, laptop)


def has(device: DemoDevice, text: str) -> bool:
    """Whether a text stands in any of its conversations."""
    return text in seen_by(device)


def seen_by(device: DemoDevice) -> list[str]:
    """Every text in every conversation."""
    rows = device.ask(requests.ListConversations(), views.Conversations).rows
    return [text for row in rows for text in texts(device, row.conversation)]


def rows_are_gone(front: DemoDevice, room: DemoDevice, lost: DeviceId, late: list[ContentId]) -> None:
    """Nothing is kept for it or about it, and its messages are marked as not delivered."""
    for device in (front, room):
        profile = opened(device)
        with profile.store.read() as tx:
            assert tx.queues.outbox_of_device(lost, 0, 10) == []
            assert tx.sessions.of_peer(lost) == []
            assert tx.addresses.of_device(lost) == []
            found = [one for content in late for one in tx.history.deliveries(content) if one.device == lost]
            assert [(one.state, one.reason) for one in found] == [("failed", "device_revoked")]
        profile.close()


def secret_is_new(front: DemoDevice, laptop: DemoDevice) -> None:
    """The revoked device cannot recognise the others' announcements any more."""

    def secrets(store: Store) -> list[bytes]:
        with store.read() as tx:
            home = tx.values.get("circle")
            return [row.secret for row in tx.secrets.all(home)]  # type: ignore[arg-type]

    mine, theirs = opened(front), opened(laptop)
    assert len(secrets(mine.store)) == 2
    assert secrets(theirs.store) == secrets(mine.store)[1:]
    mine.close()
    theirs.close()
