"""Marked secrets go through every feature of running devices; then no file, log or output may hold them.

Searched: profiles, logs, temporary and runtime folders, home folders, everything the processes wrote to standard
output and standard error; with everything logged that can be logged; also after `kill -9`.
"""

import base64
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pytest

from app.core import requests, views
from app.core.events import (
    JoinFailed,
    MessageStored,
    PairingAsked,
    PairingFinished,
    PracticeSeen,
    TransferProgress,
)
from app.demo.stage import DemoDevice
from app.photo.sample import sample_photo
from crypto.ids import ContentId, ConversationId
from tests.scenarios.processes import (
    COMMAND,
    TIMEOUT_S,
    Crew,
    device_of,
    direct,
    linked,
    person_of,
    reach,
    say,
    status,
    texts,
)

pytestmark = pytest.mark.slow

DEBUGGING = (*COMMAND[:2], str(Path(__file__).with_name("debugging.py")))
PIN = "826419375"
NOT_ASKED = {
    requests.Quit: "sent when a device is stopped",
    requests.OpenProfile: "the passphrase comes through a descriptor here",
}


@dataclass
class Secrets:
    """Every text that a person typed or chose."""

    all: list[str] = field(default_factory=list)

    def mark(self, text: str) -> str:
        """Note a text that must be found nowhere."""
        self.all.append(text)
        return text

    def patterns(self) -> dict[bytes, str]:
        """How it may stand in a file -> what it is."""
        return {pattern: text for text in self.all for pattern in forms(text)}


def forms(text: str) -> Iterator[bytes]:
    """UTF-8 and UTF-16, raw and in base64 at every alignment; in hex, and escaped as in JSON and in addresses."""
    for code in ("utf-8", "utf-16-le"):
        raw = text.encode(code)
        yield raw
        for shift in range(3):
            whole = base64.b64encode(bytes(shift) + raw)
            # Only the characters that depend on nothing before or after the text.
            yield whole[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6]
    yield text.encode("utf-16-be")
    yield text.encode().hex().encode()
    yield text.lower().encode()
    yield text.encode("unicode_escape")
    yield quote(text).encode()


def found_in(folder: Path, patterns: dict[bytes, str]) -> list[str]:
    """Every secret in every file, as "file: secret"."""
    hits = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            hits += [
                f"{path.relative_to(folder)}: {what}" for pattern, what in patterns.items() if pattern in data
            ]
    return sorted(set(hits))


class Cast:
    """Three devices: as it is, with a window, and two of them logging everything."""

    def __init__(self, folder: Path, secrets: Secrets) -> None:
        self.secrets = secrets
        mark = secrets.mark
        self.crew = Crew(folder, mark(f"Praxis Geheimnisvogel {folder.name[-12:]}"))
        self.front = self._device("eins", mark("Adele Nebelkrähe"), COMMAND)
        self.room = self._device("zwei", mark("Bruno Wasseramsel"), DEBUGGING, window=True)
        self.doctor = self._device("drei", mark("Dr. Clara Zaunkönig"), DEBUGGING)

    def _device(
        self, name: str, person: str, command: tuple[str, ...], *, window: bool = False
    ) -> DemoDevice:
        surroundings = self.crew.folder / f"around-{name}"
        environment = {
            "PYTHONASYNCIODEBUG": "1",
            "QT_LOGGING_RULES": "*.debug=true",
            "PYTHONFAULTHANDLER": "1",
        }
        for variable in (
            "HOME",
            "TMPDIR",
            "XDG_RUNTIME_DIR",
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
            "XDG_CACHE_HOME",
        ):
            place = surroundings / variable.lower()
            place.mkdir(parents=True, mode=0o700)
            environment[variable] = str(place)
        device = self.crew.device(name, person, command=command, environment=environment, window=window)
        device.role = self.secrets.mark(f"Rolle {person.split()[-1]}")
        self.secrets.mark(device.passphrase)
        return device

    @property
    def devices(self) -> tuple[DemoDevice, DemoDevice, DemoDevice]:
        """In order of joining."""
        return self.front, self.room, self.doctor

    def stored(self, device: DemoDevice, place: int, message: ContentId) -> None:
        """Wait until a message is there."""
        device.events.wait(
            MessageStored, since=place, where=lambda event: event.message == message, timeout_s=TIMEOUT_S
        )

    def fetched(self, device: DemoDevice, place: int, message: ContentId) -> None:
        """Wait until a photo or file is there."""
        device.events.wait(
            TransferProgress,
            since=place,
            where=lambda event: event.message == message and event.done_bytes >= event.size_bytes,
            timeout_s=TIMEOUT_S,
        )


def test_nothing_that_people_write_stands_in_any_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = recorded(monkeypatch)
    searched, outside = tmp_path / "searched", tmp_path / "outside"
    searched.mkdir()
    outside.mkdir()
    secrets = Secrets()
    cast = Cast(searched, secrets)
    try:
        join(cast)
        group = talk(cast)
        pictures(cast, group, outside)
        refusals(cast, outside)
        lock(cast)
        away(cast, group)
        missing = set(typing.get_args(requests.AnyRequest)) - asked - set(NOT_ASKED)
        assert not missing, f"features that were not tried: {sorted(kind.__name__ for kind in missing)}"
        patterns = secrets.patterns()
        assert found_in(searched, patterns) == []  # while they run
        for device in cast.devices[:2]:
            device.kill()
        assert found_in(searched, patterns) == []
        for device in cast.devices[:2]:
            device.start()
        cast.room.ask(requests.Unlock(pin=PIN), views.Done)
        assert texts(cast.room, group)
    finally:
        cast.crew.close()
    assert found_in(searched, patterns) == []
    the_search_would_find_it(searched, secrets, patterns)


def recorded(monkeypatch: pytest.MonkeyPatch) -> set[type]:
    """The kinds of requests that were made."""
    asked: set[type] = set()
    answer = DemoDevice.answer

    def noted(self: DemoDevice, request: requests.AnyRequest) -> views.AnyView:
        asked.add(type(request))
        return answer(self, request)

    monkeypatch.setattr(DemoDevice, "answer", noted)
    return asked


def the_search_would_find_it(folder: Path, secrets: Secrets, patterns: dict[bytes, str]) -> None:
    """Every form of every secret, amid other bytes. And there was something to search."""
    assert len([path for path in folder.rglob("*") if path.is_file()]) >= 12
    assert (folder / "drei.err").read_bytes().count(b" DEBUG ") > 10
    assert list((folder / "zwei" / "log").iterdir())
    bait = folder / "bait"
    bait.mkdir()
    for number, text in enumerate(secrets.all):
        raw = text.encode(("utf-8", "utf-16-le")[number % 2])
        (bait / f"raw{number}").write_bytes(b"x" + raw + b"y")
        for shift in range(3):
            (bait / f"base{shift}{number}").write_bytes(base64.b64encode(b"z" * shift + raw + b"y" * 7))
    found = found_in(bait, patterns)
    for number, text in enumerate(secrets.all):
        for name in ("raw", "base0", "base1", "base2"):
            assert f"{name}{number}: {text}" in found


# --- features -------------------------------------------------------------------------------------------------


def join(cast: Cast) -> None:
    """First start, pairing, a refused one and a cancelled one."""
    crew, front, room, doctor = cast.crew, *cast.devices
    founded = crew.found(front)
    cast.secrets.mark(founded.recovery_code)
    crew.join(room, front)
    doctor.start()
    place = doctor.events.count
    opened = front.ask(requests.OpenPairing(), views.PairingOpened)
    cast.secrets.mark(opened.code)
    doctor.ask(requests.StartSearching(), views.Done)
    seen, _ = doctor.events.wait(
        PracticeSeen, since=place, where=lambda event: event.name == crew.practice, timeout_s=TIMEOUT_S
    )
    wish = {
        "practice": seen.key,
        "person_name": doctor.person,
        "role": doctor.role,
        "device_name": doctor.name,
    }
    there = front.events.count
    doctor.ask(requests.Join(code=opened.code, **wish), views.Done)
    front.events.wait(PairingAsked, since=there, timeout_s=TIMEOUT_S)
    front.ask(requests.RejectPairing(), views.Done)
    front.events.wait(PairingFinished, since=there, timeout_s=TIMEOUT_S)
    doctor.events.wait(JoinFailed, since=place, timeout_s=TIMEOUT_S)
    doctor.stop()
    crew.join(doctor, front)
    crew.until(lambda: linked(room, doctor), "all linked")


def talk(cast: Cast) -> ConversationId:
    """Names, groups, texts, answers, drafts, search, settings."""
    crew, front, room, doctor = cast.crew, *cast.devices
    mark = cast.secrets.mark
    place = direct(front, room)
    there = room.events.count
    first = say(front, place, mark("Frau Haubentaucher wartet in Kabine drei"))
    cast.stored(room, there, first)
    here = front.events.count
    answer = room.ask(
        requests.SendText(conversation=place, text=mark("Schwarzstorch kommt gleich"), reply_to=first),
        views.Sent,
    )
    cast.stored(front, here, answer.message)
    group = front.ask(
        requests.CreateGroup(
            circle=None, title=mark("Sprechstunde Eisvogel"), members=(person_of(front, room),)
        ),
        views.ConversationRow,
    ).conversation
    front.ask(requests.AddGroupMembers(conversation=group, members=(person_of(front, doctor),)), views.Done)
    front.ask(requests.RenameGroup(conversation=group, title=mark("Runde Rotkehlchen")), views.Done)
    there = doctor.events.count
    cast.stored(doctor, there, say(front, group, mark("Befund Uferschnepfe ist da")))
    front.ask(
        requests.SaveDraft(conversation=group, text=mark("Entwurf Kiebitz, noch nicht fertig")), views.Done
    )
    hits = doctor.ask(requests.SearchMessages(text=mark("Uferschnepfe")), views.SearchHits).hits
    assert hits
    assert doctor.ask(requests.SearchMessages(text=mark("Steinwälzer")), views.SearchHits).hits == ()
    front.ask(requests.PutSetting(key="test.note", value=mark("Merkzettel Brachvogel").encode()), views.Done)
    assert front.ask(requests.GetSettings(prefix="test."), views.Settings).values
    me = next(row for row in doctor.ask(requests.ListPeople(), views.People).rows if row.own).person
    doctor.person = mark("Dr. Clara Goldregenpfeifer")
    doctor.ask(
        requests.RenamePerson(person=me, name=doctor.person, role=mark("Rolle Austernfischer")), views.Done
    )
    crew.until(lambda: linked(front, doctor), "the new name at the colleague's")
    lost = device_of(front, doctor)
    cast.secrets.mark(front.ask(requests.SafetyNumber(device=lost), views.SafetyNumberView).digits)
    front.ask(requests.MarkVerified(device=lost, verified=True), views.Done)
    front.ask(requests.SetRole(person=person_of(front, room), admin=True), views.Done)
    front.ask(requests.GetConversation(conversation=group), views.ConversationDetails)
    front.ask(requests.GetDelivery(message=first), views.Delivery)
    room.ask(requests.MarkRead(conversation=place), views.Done)
    room.ask(requests.ShowWindow(), views.Done)
    rows_shown = room.ask(requests.ListConversations(), views.Conversations).rows
    assert any(row.preview == "Schwarzstorch kommt gleich" for row in rows_shown)
    assert status(room).circle_name == crew.practice
    return group


def pictures(cast: Cast, group: ConversationId, outside: Path) -> None:
    """A photo and a file, with captions and names; saved, fetched again, cancelled."""
    front, doctor = cast.front, cast.doctor
    mark = cast.secrets.mark
    mark("Erika Muster, Zimmer 2")  # what the telephone wrote into the picture
    photo = outside / mark("Wunde Flussregenpfeifer.jpg")
    photo.write_bytes(sample_photo(width_px=800, height_px=600))
    letter = outside / mark("Arztbrief Seidenschwanz.txt")
    letter.write_bytes((mark("Diagnose Zwergtaucher") + "\n").encode() * 30_000)
    place = doctor.events.count
    sent = front.ask(
        requests.SendPhoto(conversation=group, path=str(photo), caption=mark("Bitte ansehen, Rohrdommel")),
        views.Sent,
    ).message
    cast.fetched(doctor, place, sent)
    assert doctor.ask(requests.LoadPhoto(message=sent), views.PhotoData).data
    place = doctor.events.count
    sent = front.ask(requests.SendFile(conversation=group, path=str(letter)), views.Sent).message
    cast.stored(doctor, place, sent)
    doctor.ask(requests.CancelTransfer(message=sent), views.Done)
    doctor.ask(requests.FetchBlob(message=sent), views.Done)
    cast.fetched(doctor, place, sent)
    target = outside / mark("Gespeichert Blässhuhn.txt")
    saved = doctor.ask(requests.SaveFile(message=sent, path=str(target)), views.Saved)
    assert Path(saved.path).read_bytes() == letter.read_bytes()


def refusals(cast: Cast, outside: Path) -> None:
    """What fails must not tell in a log what it was about."""
    front, room = cast.front, cast.room
    mark = cast.secrets.mark
    place = direct(front, room)
    broken = outside / mark("Kaputt Trauerseeschwalbe.jpg")
    broken.write_bytes(b"\xff\xd8\xff\xe0" + mark("Inhalt Rohrsänger").encode() * 9)
    for request in (
        requests.SendPhoto(conversation=place, path=str(broken)),
        requests.SendPhoto(conversation=place, path=str(outside / mark("Fehlt Wendehals.jpg"))),
        requests.SendFile(conversation=place, path=str(outside / mark("Fehlt Neuntöter.pdf"))),
        requests.SendText(conversation=place, text=mark("Überlang Pirol ") * 4_000),
        requests.CreateGroup(circle=None, title=mark("Titel Bienenfresser ") * 30, members=()),
        requests.Join(
            code="1234-5678-9ABC",
            address=mark("wiedehopf.invalid") + ":99",
            person_name=mark("Niemand Grauspecht"),
            role="",
            device_name="",
        ),
    ):
        assert isinstance(front.answer(request), views.Failure), type(request).__name__
    front.answer(requests.CancelJoin())


def lock(cast: Cast) -> None:
    """A PIN, a wrong one, and a message that comes while it is locked."""
    front, room = cast.front, cast.room
    mark = cast.secrets.mark
    pin = mark(PIN)
    room.ask(requests.SetPin(current_pin=None, new_pin=pin), views.Done)
    room.ask(requests.Lock(), views.Done)
    wrong = room.ask(requests.Unlock(pin=mark("917364285")), views.Failure)
    assert wrong.code == "wrong_pin"
    place = direct(front, room)
    late = mark("Während der Sperre: Kampfläufer")
    say(front, place, late)
    room.ask(requests.Unlock(pin=pin), views.Done)
    cast.crew.until(lambda: late in texts(room, place), "what came while it was locked")


def away(cast: Cast, group: ConversationId) -> None:
    """Waiting, tried again, taken back; removed from the group, left, revoked."""
    crew, front, room, doctor = cast.crew, *cast.devices
    mark = cast.secrets.mark
    to_doctor = direct(front, doctor)
    doctor.kill()
    message = say(front, to_doctor, mark("Wartet noch: Odinshühnchen"))
    mistaken = say(front, to_doctor, mark("Zurückgenommen: Säbelschnäbler"))
    front.ask(requests.RetryMessage(message=message), views.Done)
    front.ask(requests.DiscardMessage(message=mistaken), views.Done)
    doctor.start()
    crew.until(lambda: "Wartet noch: Odinshühnchen" in texts(doctor, to_doctor), "what waited")
    front.ask(requests.RemoveGroupMember(conversation=group, member=person_of(front, doctor)), views.Done)
    room.ask(requests.LeaveGroup(conversation=group), views.Done)
    front.ask(requests.RevokeDevice(device=device_of(front, doctor)), views.Done)
    front.ask(requests.RevokePerson(person=person_of(front, doctor)), views.Done)
    crew.until(lambda: reach(front, room) is views.Reach.REACHABLE, "the others stay linked")
