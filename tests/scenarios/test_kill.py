"""Two devices are killed fifty times at random moments while they talk: nothing lost, nothing twice, in order.

Real processes, real `kill -9`: in the middle of commits, sends, transfers and starts. A seed fixes what is sent,
who is killed and how long after which event; the scheduler adds the rest.
"""

import random
import threading
from dataclasses import dataclass, field

import pytest

from app.core import requests, views
from app.demo.stage import DemoDevice, DemoFailed
from app.photo.sample import sample_photo
from crypto.ids import ContentId, ConversationId
from tests.scenarios.processes import Crew, direct, linked, rows, status

pytestmark = pytest.mark.slow

SEED = 20_261_123
KILLS = 50
LONGEST_S = 0.4
"""A round of talk lasts at most about this long before somebody is killed."""
PHOTO_LONGEST_S = 2.0
AT_START = 0.3
"""Of all kills, how many hit a device that is just starting."""
PHOTO_EVERY = 8


@dataclass
class Record:
    """What one side was told to send. A text without an answer may have been stored or not, but not twice."""

    answered: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    photos: list[ContentId] = field(default_factory=list)


class Killer:
    """Kills one process after a fixed time, from a thread of its own."""

    def __init__(self, victim: DemoDevice, after_s: float) -> None:
        assert victim.process is not None
        self._process = victim.process
        self._timer = threading.Timer(after_s, self._kill)
        self._timer.start()

    def _kill(self) -> None:
        self._process.kill()

    def join(self) -> None:
        """Returns when the process is dead."""
        self._timer.join()
        assert self._process.wait(20) != 0, "it ended by itself"


class Talk:
    """Two sides that keep sending."""

    def __init__(self, crew: Crew, one: DemoDevice, other: DemoDevice) -> None:
        self.crew = crew
        self.sides = (one, other)
        self.conversation: ConversationId = direct(one, other)
        self.records = {one.name: Record(), other.name: Record()}
        self.random = random.Random(SEED)
        self.number = 0

    def send_text(self, side: DemoDevice) -> bool:
        """False if the side did not answer any more."""
        self.number += 1
        text = f"{side.name} schreibt Nummer {self.number}"
        record = self.records[side.name]
        try:
            side.ask(requests.SendText(conversation=self.conversation, text=text), views.Sent)
        except DemoFailed:
            record.unanswered.append(text)
            return False
        record.answered.append(text)
        return True

    def send_photo(self, side: DemoDevice) -> bool:
        """Big enough to be hit on its way. False if the side did not answer."""
        data = sample_photo(width_px=1600, height_px=1200, seed=self.number)
        try:
            sent = side.ask(requests.SendPhoto(conversation=self.conversation, data=data), views.Sent)
        except DemoFailed:
            return False
        self.records[side.name].photos.append(sent.message)
        return True

    def round(self, victim: DemoDevice, *, photo: bool) -> None:
        """Both talk until one is dead; the other goes on for a while; then the dead one comes back.

        `photo`: the one who will be killed is preparing and storing a photo at that time.
        """
        survivor = next(side for side in self.sides if side is not victim)
        killer = Killer(victim, self.random.uniform(0.0, PHOTO_LONGEST_S if photo else LONGEST_S))
        alive = self.send_photo(victim) if photo else True
        while alive and self.send_text(victim):
            self.send_text(survivor)
        killer.join()
        victim.died()
        for _ in range(self.random.randrange(4)):
            self.send_text(survivor)
        victim.launch()

    def killed_at_start(self, victim: DemoDevice) -> None:
        """The process has just been launched: kill it before or soon after it is there."""
        killer = Killer(victim, self.random.uniform(0.0, 1.5))
        killer.join()
        victim.died()
        victim.launch()

    def shown(self, side: DemoDevice) -> list[str]:
        """All texts that a side shows."""
        return [row.text for row in rows(side, self.conversation) if row.kind is views.MessageKind.TEXT]


def test_fifty_kills_lose_nothing_and_show_nothing_twice(crew: Crew) -> None:
    one, other = crew.device("eins", "Anna Lindner"), crew.device("zwei", "Berta Kurz")
    crew.found(one)
    crew.join(other, one)
    talk = Talk(crew, one, other)
    kills = rounds = 0
    while kills < KILLS:
        if rounds % PHOTO_EVERY == 0:
            assert talk.send_photo(talk.random.choice(talk.sides))
        victim = talk.random.choice(talk.sides)
        talk.round(victim, photo=rounds % PHOTO_EVERY == PHOTO_EVERY // 2)
        kills, rounds = kills + 1, rounds + 1
        while kills < KILLS and talk.random.random() < AT_START:
            talk.killed_at_start(victim)
            kills += 1
        victim.connect()
    check(talk)


def check(talk: Talk) -> None:
    """Both sides come to show the same: everything that was answered, once, each author's in the order sent."""
    one, other = talk.sides
    talk.crew.until(lambda: linked(one, other), "both linked")
    talk.crew.until(
        lambda: all(status(side).waiting == 0 for side in talk.sides) and settled(talk),
        "everything delivered",
    )
    shown = [row.message for row in rows(one, talk.conversation)]
    assert shown == [row.message for row in rows(other, talk.conversation)]
    texts = talk.shown(one)
    assert len(texts) == len(set(texts)), "shown twice"
    for side in talk.sides:
        record = talk.records[side.name]
        here = [text for text in texts if text.startswith(side.name)]
        assert set(record.answered) <= set(here), "lost"
        assert set(here) <= set(record.answered) | set(record.unanswered)
        assert here == sorted(here, key=number_of), "not in the order in which it was sent"
    photos = [row.message for row in rows(one, talk.conversation) if row.kind is views.MessageKind.PHOTO]
    assert {photo for record in talk.records.values() for photo in record.photos} <= set(photos), "photo lost"
    for photo in photos:
        data = {side.ask(requests.LoadPhoto(message=photo), views.PhotoData).data for side in talk.sides}
        assert len(data) == 1, "another photo than was sent"
    sent = sum(len(record.answered) for record in talk.records.values())
    open_ended = sum(len(record.unanswered) for record in talk.records.values())
    print(
        f"{KILLS} kills: {sent} texts answered, {open_ended} not, {len(texts)} shown, {len(photos)} photos whole"
    )


def settled(talk: Talk) -> bool:
    """Whether both sides show the same messages, every photo whole."""
    here, there = (rows(side, talk.conversation) for side in talk.sides)
    if [row.message for row in here] != [row.message for row in there]:
        return False
    photos = [row.photo for row in here + there if row.photo is not None]
    return all(photo.blob.state is views.TransferState.COMPLETE for photo in photos)


def number_of(text: str) -> int:
    """The running number at the end of a text."""
    return int(text.rsplit(" ", 1)[1])
