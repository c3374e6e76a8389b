"""A practice of real devices: each a process of its own, real stores, real QUIC, real mDNS, real `kill -9`.

They are spoken to over the local channel, as any script does (`app.demo.stage`). Nothing here waits for time to
pass: a condition is looked at again after everything that any of the devices tells.
"""

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.core import requests, views
from app.core.events import Joined, JoinFailed, PairingAsked, PracticeSeen
from app.demo.stage import DemoDevice, Patience, Pulse, until
from crypto.ids import ContentId, ConversationId, DeviceId, PersonId

COMMAND = (sys.executable, "-P", "-m", "app")
TIMEOUT_S = 60.0
_TROUBLE = re.compile(r"^\S+ (ERROR|CRITICAL) |^Traceback ", re.MULTILINE)


class Crew:
    """The devices of one practice. What they write to standard error is kept beside their profiles."""

    def __init__(self, folder: Path, practice: str | None = None) -> None:
        self.folder = folder
        # Other practices in this network must not be mistaken for ours.
        self.practice = practice or f"Praxis {os.getpid()} {folder.name}"
        self.pulse = Pulse()
        self.devices: list[DemoDevice] = []
        self._outputs: list[Any] = []

    def device(
        self,
        name: str,
        person: str,
        *,
        command: Sequence[str] = COMMAND,
        interface: str | None = "127.0.0.1",
        environment: Mapping[str, str] | None = None,
        window: bool = False,
    ) -> DemoDevice:
        """A device that is not started yet. `name` is also the name of its folder."""
        errors = (self.folder / f"{name}.err").open("ab", buffering=0)
        output = (self.folder / f"{name}.out").open("ab", buffering=0)
        self._outputs += [errors, output]
        made = DemoDevice(
            name=name,
            person=person,
            role="MFA",
            profile=self.folder / name,
            command=command,
            window=window,
            interface=interface,
            patience=Patience(TIMEOUT_S, TIMEOUT_S, 20.0),
            pulse=self.pulse,
            environment=environment or {},
            errors=errors,
            output=output,
        )
        self.devices.append(made)
        return made

    def close(self) -> None:
        """End what runs. Raises `AssertionError` if a device logged an error."""
        for device in self.devices:
            device.stop()
        for output in self._outputs:
            output.close()
        for device in self.devices:
            said = self.said(device)
            assert not _TROUBLE.search(said), f"{device.name} logged an error:\n{said[-4000:]}"

    def said(self, device: DemoDevice) -> str:
        """What a device wrote to standard error, over all its starts."""
        return (self.folder / f"{device.name}.err").read_text(encoding="utf-8", errors="replace")

    def until(self, condition: Callable[[], bool], what: str, timeout_s: float = TIMEOUT_S) -> None:
        """Look again after everything that happens, until it holds."""
        until(self.pulse, condition, timeout_s, what)

    # --- a practice ---------------------------------------------------------------------------------------

    def found(self, device: DemoDevice) -> views.Founded:
        """Started, and the first of the practice."""
        device.start()
        return device.ask(
            requests.FoundCircle(
                circle_name=self.practice,
                person_name=device.person,
                role=device.role,
                device_name=device.name,
            ),
            views.Founded,
        )

    def join(self, device: DemoDevice, host: DemoDevice, *, address: bool = False) -> float:
        """Started, found by mDNS (or by typed address), paired. Returns after how many seconds it was found."""
        device.start()
        place, there = device.events.count, host.events.count
        opened = host.ask(requests.OpenPairing(), views.PairingOpened)
        device.ask(requests.StartSearching(), views.Done)
        key, found_s = None, 0.0
        if not address:
            seen, seen_s = device.events.wait(
                PracticeSeen, since=place, where=lambda seen: seen.name == self.practice, timeout_s=TIMEOUT_S
            )
            key, found_s = seen.key, seen_s - device.started_s
        device.ask(
            requests.Join(
                code=opened.code,
                practice=key,
                address=opened.addresses[0] if address else None,
                person_name=device.person,
                role=device.role,
                device_name=device.name,
            ),
            views.Done,
        )
        asked, _ = host.events.wait(PairingAsked, since=there, timeout_s=TIMEOUT_S)
        confirmation = requests.ConfirmPairing(
            person_name=asked.person_name, role=asked.role, device_name=asked.device_name
        )
        host.ask(confirmation, views.Done)
        ended, _ = device.events.wait(Joined, JoinFailed, since=place, timeout_s=TIMEOUT_S)
        assert isinstance(ended, Joined), ended
        host.ask(requests.ClosePairing(), views.Done)
        device.ask(requests.StopSearching(), views.Done)
        self.until(lambda: linked(device, host), f"{device.name} and {host.name} linked")
        return found_s


# --- questions -------------------------------------------------------------------------------------------------


def status(device: DemoDevice) -> views.Status:
    """Of the running device."""
    return device.ask(requests.GetStatus(), views.Status)


def person_row(device: DemoDevice, other: DemoDevice) -> views.PersonRow:
    """How `device` shows the person of `other`."""
    rows = device.ask(requests.ListPeople(), views.People).rows
    return next(row for row in rows if row.name == other.person)


def person_of(device: DemoDevice, other: DemoDevice) -> PersonId:
    """The id of the person of `other`."""
    return person_row(device, other).person


def device_of(device: DemoDevice, other: DemoDevice) -> DeviceId:
    """The id of `other`'s device."""
    return person_row(device, other).devices[0].device


def reach(device: DemoDevice, other: DemoDevice) -> views.Reach:
    """Whether `device` shows `other` as there."""
    return person_row(device, other).reach


def linked(one: DemoDevice, other: DemoDevice) -> bool:
    """Whether both show each other as there."""
    names = {row.name for row in one.ask(requests.ListPeople(), views.People).rows}
    if other.person not in names:
        return False
    return reach(one, other) is reach(other, one) is views.Reach.REACHABLE


def direct(device: DemoDevice, other: DemoDevice) -> ConversationId:
    """Their 1:1 conversation; its id is the same on both sides."""
    request = requests.OpenDirect(person=person_of(device, other))
    return device.ask(request, views.ConversationRow).conversation


def say(device: DemoDevice, conversation: ConversationId, text: str) -> ContentId:
    """Stored there, on its way."""
    return device.ask(requests.SendText(conversation=conversation, text=text), views.Sent).message


def rows(device: DemoDevice, conversation: ConversationId) -> list[views.MessageRow]:
    """The whole timeline in shown order, page by page."""
    found: list[views.MessageRow] = []
    anchor: ContentId | None = None
    while True:
        request = requests.LoadTimeline(conversation=conversation, anchor=anchor, before=400)
        page = device.ask(request, views.TimelinePage)
        older = [row for row in page.rows if row.message != anchor]
        found = older + found
        if not page.has_older or not older:
            return found
        anchor = older[0].message


def texts(device: DemoDevice, conversation: ConversationId) -> list[str]:
    """All texts in shown order."""
    return [row.text for row in rows(device, conversation) if row.kind is views.MessageKind.TEXT]
