"""What happens in the demo, step by step, each measured in this very run."""

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.core import requests, views
from app.core.events import (
    Joined,
    JoinFailed,
    MessageStored,
    PairingAsked,
    PairingFinished,
    PracticeSeen,
    TransferProgress,
)
from app.demo.stage import DemoDevice, DemoFailed, until
from app.photo.residue import metadata_left
from app.photo.sample import sample_photo
from crypto.ids import ContentId, ConversationId

PRACTICE: Final = "Praxis am Musterplatz"
LATENCY_MESSAGES: Final = 200
OFFLINE_MESSAGES: Final = 5
KILL_MESSAGES: Final = 40


@dataclass(slots=True)
class Findings:
    """Everything measured. `None` means that the step was not reached."""

    discovered_s: list[float] = field(default_factory=list)
    paired_s: list[float] = field(default_factory=list)
    delivered_ms: list[float] = field(default_factory=list)
    photo_s: float | None = None
    photo_bytes: int = 0
    photo_original_bytes: int = 0
    photo_metadata: int | None = None
    photo_identical: bool = False
    offline_delivered: bool = False
    killed_and_recovered: bool = False
    texts: list[str] = field(default_factory=list)
    plaintext_hits: int | None = None
    plaintext_files: int = 0
    plaintext_bytes: int = 0


Tell = Callable[[str], None]


class Play:
    """The conversation of `front` (Empfang), `room` (Zimmer 2) and `doctor` (Dr. Weber)."""

    def __init__(
        self,
        front: DemoDevice,
        room: DemoDevice,
        doctor: DemoDevice,
        scratch: Path,
        tell: Tell,
        practice: str = PRACTICE,
    ) -> None:
        """All devices share one pulse."""
        self.front, self.room, self.doctor = front, room, doctor
        self.scratch = scratch
        self.tell = tell
        self.practice = practice
        self._pulse = front.pulse
        self._step_s = front.patience.step_s
        self.found = Findings()

    @property
    def devices(self) -> tuple[DemoDevice, DemoDevice, DemoDevice]:
        """In order of joining."""
        return self.front, self.room, self.doctor

    # --- a practice ---------------------------------------------------------------------------------------------

    def found_practice(self) -> None:
        """The first device makes the practice."""
        self.front.start()
        self.front.ask(
            requests.FoundCircle(
                circle_name=self.practice,
                person_name=self.front.person,
                role=self.front.role,
                device_name=self.front.name,
            ),
            views.Founded,
        )
        self.tell(
            f"{self.front.person} ({self.front.name}) founded „{self.practice}“, process {self.front.pid}"
        )

    def join(self, device: DemoDevice) -> None:
        """Found by mDNS, paired by a typed code."""
        opened = self.front.ask(requests.OpenPairing(), views.PairingOpened)
        device.start()
        begun = time.perf_counter()
        place = device.events.count
        device.ask(requests.StartSearching(), views.Done)
        seen, seen_s = device.events.wait(
            PracticeSeen,
            since=place,
            where=lambda event: event.name == self.practice,
            timeout_s=self._step_s,
        )
        self.found.discovered_s.append(max(0.0, seen_s - begun))
        self._pair(device, seen.key, opened.code)
        device.ask(requests.StopSearching(), views.Done)
        self.tell(
            f"{device.person} ({device.name}) joined, process {device.pid}: "
            f"found in {self.found.discovered_s[-1]:.2f} s, paired in {self.found.paired_s[-1]:.2f} s"
        )

    def _pair(self, device: DemoDevice, practice: str, code: str) -> None:
        joiner_place, admin_place = device.events.count, self.front.events.count
        begun = time.perf_counter()
        device.ask(
            requests.Join(
                code=code,
                practice=practice,
                person_name=device.person,
                role=device.role,
                device_name=device.name,
            ),
            views.Done,
        )
        asked, _ = self.front.events.wait(PairingAsked, since=admin_place, timeout_s=self._step_s)
        self.front.ask(
            requests.ConfirmPairing(
                person_name=asked.person_name, role=asked.role, device_name=asked.device_name
            ),
            views.Done,
        )
        finished, _ = self.front.events.wait(PairingFinished, since=admin_place, timeout_s=self._step_s)
        if finished.failure is not None:
            raise DemoFailed(f"pairing: {finished.failure.code}")
        ended, ended_s = device.events.wait(Joined, JoinFailed, since=joiner_place, timeout_s=self._step_s)
        if isinstance(ended, JoinFailed):
            raise DemoFailed(f"pairing: {ended.failure.code}")
        self.found.paired_s.append(ended_s - begun)
        self.front.ask(requests.ClosePairing(), views.Done)
        self.until(
            lambda: self._reaches(device, self.front) and self._reaches(self.front, device),
            f"a link between {device.name} and {self.front.name}",
        )

    # --- helpers ------------------------------------------------------------------------------------------------

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Look again after everything that happens until it holds. Raises `DemoFailed`."""
        until(self._pulse, condition, self._step_s, what)

    def reach(self, here: DemoDevice, other: DemoDevice) -> views.Reach | None:
        """How `here` shows the person of `other`."""
        people = here.ask(requests.ListPeople(), views.People)
        return next((row.reach for row in people.rows if row.name == other.person), None)

    def _reaches(self, here: DemoDevice, other: DemoDevice) -> bool:
        return self.reach(here, other) is views.Reach.REACHABLE

    def direct(self, here: DemoDevice, other: DemoDevice) -> ConversationId:
        """The 1:1 conversation."""
        people = here.ask(requests.ListPeople(), views.People)
        person = next(row.person for row in people.rows if row.name == other.person)
        return here.ask(requests.OpenDirect(person=person), views.ConversationRow).conversation

    def send(self, here: DemoDevice, conversation: ConversationId, text: str) -> ContentId:
        """Store and send a text; remembered for the search in the files."""
        self.found.texts.append(text)
        return here.ask(requests.SendText(conversation=conversation, text=text), views.Sent).message

    def texts_at(self, here: DemoDevice, conversation: ConversationId) -> list[str]:
        """All texts of a conversation, in shown order."""
        return [row.text for row in self._rows(here, conversation) if row.kind is views.MessageKind.TEXT]

    def _rows(self, here: DemoDevice, conversation: ConversationId) -> Iterator[views.MessageRow]:
        page = here.ask(requests.LoadTimeline(conversation=conversation, before=500), views.TimelinePage)
        yield from page.rows

    # --- talk ---------------------------------------------------------------------------------------------------

    def talk(self) -> None:
        """A short real conversation in a group and face to face."""
        self.until(
            lambda: self._reaches(self.room, self.doctor) and self._reaches(self.doctor, self.room),
            f"a link between {self.room.name} and {self.doctor.name}",
        )
        people = self.front.ask(requests.ListPeople(), views.People)
        members = tuple(row.person for row in people.rows if not row.own)
        group = self.front.ask(
            requests.CreateGroup(circle=None, title="Wundsprechstunde", members=members),
            views.ConversationRow,
        ).conversation
        lines = (
            (self.front, "Frau Muster ist da, Verbandwechsel."),
            (self.room, "Zimmer 2 ist vorbereitet."),
            (self.doctor, "Danke, ich komme gleich."),
        )
        for author, text in lines:
            places = {device.name: device.events.count for device in self.devices}
            self._until_known(author, group)
            message = self.send(author, group, text)
            for device in self.devices:
                if device is not author:
                    self._wait_stored(device, places[device.name], message)
        self.tell("group „Wundsprechstunde“: three messages, each at both colleagues")

    def _until_known(self, device: DemoDevice, conversation: ConversationId) -> None:
        def knows() -> bool:
            rows = device.ask(requests.ListConversations(), views.Conversations).rows
            return any(row.conversation == conversation for row in rows)

        self.until(knows, f"the group at {device.name}")

    def _wait_stored(self, device: DemoDevice, place: int, message: ContentId) -> float:
        _, at_s = device.events.wait(
            MessageStored,
            since=place,
            where=lambda event: event.message == message,
            timeout_s=self._step_s,
        )
        return at_s

    def measure_latency(self) -> None:
        """Send to shown: from the request here to the event there, both over local channels."""
        conversation = self.direct(self.front, self.doctor)
        for number in range(LATENCY_MESSAGES):
            place = self.doctor.events.count
            begun = time.perf_counter()
            message = self.send(
                self.front, conversation, f"Messung {number}: Rückruf Frau Muster, Laborwerte"
            )
            self.found.delivered_ms.append((self._wait_stored(self.doctor, place, message) - begun) * 1000)
        self.tell(
            f"{LATENCY_MESSAGES} messages: delivered in {statistics.median(self.found.delivered_ms):.1f} ms (median)"
        )

    def send_photo(self) -> None:
        """A photo with everything a telephone writes into it; it must arrive whole and with none of that."""
        original = sample_photo()
        path = self.scratch / "wunde.jpg"
        path.write_bytes(original)
        conversation = self.direct(self.doctor, self.front)
        place = self.front.events.count
        begun = time.perf_counter()
        sent = self.doctor.ask(
            requests.SendPhoto(conversation=conversation, path=str(path), caption="Bitte ansehen"), views.Sent
        ).message
        self.found.texts.append("Bitte ansehen")
        done, at_s = self.front.events.wait(
            TransferProgress,
            since=place,
            where=lambda event: event.message == sent and event.done_bytes >= event.size_bytes,
            timeout_s=self._step_s,
        )
        path.unlink()
        self.found.photo_s = at_s - begun
        here = self.front.ask(requests.LoadPhoto(message=sent), views.PhotoData)
        there = self.doctor.ask(requests.LoadPhoto(message=sent), views.PhotoData)
        self.found.photo_bytes = done.size_bytes
        self.found.photo_original_bytes = len(original)
        self.found.photo_identical = here.data == there.data and len(here.data) == done.size_bytes
        self.found.photo_metadata = len(metadata_left(here.data))
        self.tell(
            f"photo: {done.size_bytes / 1e6:.1f} MB in {self.found.photo_s:.2f} s from file to committed there, "
            f"{self.found.photo_metadata} metadata entries left"
        )

    # --- away and back ------------------------------------------------------------------------------------------

    def offline(self) -> None:
        """Messages to a device that is off arrive in order when it is back."""
        conversation = self.direct(self.front, self.room)
        self.room.stop()
        self.until(lambda: not self._reaches(self.front, self.room), f"{self.room.name} shown away")
        texts = [f"Während du weg warst, {number}" for number in range(OFFLINE_MESSAGES)]
        for text in texts:
            self.send(self.front, conversation, text)
        self.room.start()
        self.until(
            lambda: self.texts_at(self.room, conversation)[-len(texts) :] == texts,
            f"what was written meanwhile at {self.room.name}",
        )
        self.found.offline_delivered = True
        self.tell(f"{self.room.person} was away: {len(texts)} messages came later, in order")

    def kill(self) -> None:
        """A power cut in the middle of receiving loses nothing and shows nothing twice."""
        conversation = self.direct(self.front, self.doctor)
        before = self.texts_at(self.doctor, conversation)
        texts = [f"Vor und nach dem Stromausfall, {number}" for number in range(KILL_MESSAGES)]
        for number, text in enumerate(texts):
            self.send(self.front, conversation, text)
            if number == KILL_MESSAGES // 2:
                self.doctor.kill()
        self.doctor.start()
        wanted = (before + texts)[-400:]
        self.until(
            lambda: self.texts_at(self.doctor, conversation)[-len(wanted) :] == wanted,
            f"everything once and in order at {self.doctor.name}",
        )
        self.found.killed_and_recovered = True
        self.tell(f"{self.doctor.person}: process killed while receiving, all {len(texts)} there, none twice")

    def wait_for_windows(self) -> None:
        """Until the last one is closed."""
        while any(device.process is not None and device.process.poll() is None for device in self.devices):
            # A listener beats when its process ends. Windows delivers Ctrl+C only between waits.
            self._pulse.wait(self._pulse.count, 0.5)

    def search_files(self) -> None:
        """No text that was sent, and no name, may stand in any file of the profiles."""
        needles = set(self.found.texts)
        needles |= {self.practice, "Wundsprechstunde", "Erika Muster"} | {
            device.person for device in self.devices
        }
        patterns = [needle.encode(code) for needle in needles for code in ("utf-8", "utf-16-le")]
        hits = 0
        for path in sorted(self.scratch.rglob("*")):
            if path.is_file():
                data = path.read_bytes()
                self.found.plaintext_files += 1
                self.found.plaintext_bytes += len(data)
                hits += sum(pattern in data for pattern in patterns)
        self.found.plaintext_hits = hits
        self.tell(
            f"on disk: {self.found.plaintext_files} files, {self.found.plaintext_bytes / 1e6:.1f} MB, "
            f"{hits} of {len(needles)} texts and names found in them"
        )
