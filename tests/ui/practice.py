"""A made-up practice: people, groups and conversations for the scripted backend."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.core.views import (
    BlobView,
    DeviceRow,
    FileView,
    Mark,
    MessageKind,
    MessageRow,
    NoticeKind,
    NoticeView,
    PersonRow,
    PhotoView,
    Quote,
    Reach,
    Section,
    TransferState,
)
from crypto.ids import CircleId, ContentId, ConversationId, DeviceId, PersonId
from tests.ui import pictures


def ident(text: str, length: int = 32) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:length]


CIRCLE = CircleId(ident("circle"))
ANNA = PersonId(bytes([5]) + ident("Anna Lindner", 15))
NOW_MS = int(datetime(2026, 3, 2, 9, 52).astimezone().timestamp() * 1000)
"""The script's own clock."""


@dataclass
class Talk:
    """A conversation of the script."""

    conversation: ConversationId
    section: Section
    title: str
    person: PersonId | None
    members: list[PersonId]
    admins: list[PersonId] = field(default_factory=list)
    messages: list[MessageRow] = field(default_factory=list)
    unread: int = 0
    draft: str = ""
    left: bool = False


def person(
    name: str, role: str, reach: Reach, avatar: int, devices: tuple[str, ...], **more: bool
) -> PersonRow:
    now_ms = at(0, "08:00")
    rows = tuple(
        DeviceRow(
            device=DeviceId(ident(f"{name}/{device}")), name=device,
            reach=reach if place == 0 else Reach.OFFLINE,
            last_seen_ms=None if reach is Reach.REACHABLE and place == 0 else now_ms - 3_600_000 * (place + 1),
            own=more.get("own", False) and place == 0, verified=place == 0, revoked=more.get("revoked", False),
            admitted_ms=now_ms - 40 * 86_400_000,
        )
        for place, device in enumerate(devices)
    )  # fmt: skip
    return PersonRow(
        person=PersonId(bytes([avatar]) + ident(name, 15)), name=name, role=role, own=more.get("own", False),
        admin=more.get("admin", False), external=more.get("external", False), inbox=False,
        revoked=more.get("revoked", False), reach=reach, devices=rows, avatar=avatar,
    )  # fmt: skip


TODAY = datetime(2026, 3, 2).astimezone()


def at(days_ago: int, clock: str) -> int:
    """Unix ms of a time of day, counted back from the script's today."""
    hour, minute = (int(part) for part in clock.split(":"))
    day = TODAY - timedelta(days=days_ago)
    return int(day.replace(hour=hour, minute=minute).timestamp() * 1000)


def people() -> list[PersonRow]:
    here, away, gone = Reach.REACHABLE, Reach.AWAY, Reach.OFFLINE
    return [
        person("Anna Lindner", "Empfang", here, 5, ("Empfang 1",), own=True, admin=True),
        person("Dr. Karin Weber", "Ärztin", here, 0, ("Zimmer 2", "Laptop Weber"), admin=True),
        person("Jana Meier", "MFA, Labor", here, 1, ("Labor 1",)),
        person("Tarik Sahin", "MFA", away, 2, ("Zimmer 1",)),
        person("Dr. Paul Brandt", "Arzt, Hausbesuche", gone, 3, ("Laptop Brandt",)),
        person("Maximiliane Freifrau von Hohenlohe-Langenburg", "Auszubildende im zweiten Lehrjahr", here, 4,
               ("Empfang 2",)),
        person("Apotheke am Musterplatz", "Apotheke", gone, 7, ("Offizin",), external=True),
        person("Kim Morgen", "MFA", gone, 6, ("Empfang 3",), revoked=True),
    ]  # fmt: skip


class Script:
    """Builds conversations with growing times."""

    def __init__(self) -> None:
        self.people = {row.name: row for row in people()}
        self.picture = pictures.thumbnail(pictures.wound())
        self.form = pictures.thumbnail(pictures.paper())
        self.talks: list[Talk] = []
        self._count = 0

    def talk(self, title: str, section: Section, members: list[str], **more: object) -> Talk:
        rows = [self.people[name] for name in ["Anna Lindner", *members]]
        only = rows[1].person if section in (Section.PERSON, Section.EXTERNAL) else None
        talk = Talk(
            ConversationId(ident(f"talk/{title}")), section, title, only, [row.person for row in rows],
            admins=[row.person for row in rows[:2]],
        )  # fmt: skip
        for key, value in more.items():
            setattr(talk, key, value)
        self.talks.append(talk)
        return talk

    def say(self, talk: Talk, who: str, when: int, text: str = "", **more: object) -> MessageRow:
        self._count += 1
        author = self.people[who]
        values: dict[str, object] = {
            "message": ContentId(ident(f"message/{self._count}")), "conversation": talk.conversation,
            "kind": MessageKind.TEXT, "author": author.person, "author_name": author.name,
            "author_avatar": author.avatar, "own": author.own, "text": text, "sent_ms": when,
            "clock_wrong": False, "mark": Mark.ALL if author.own else Mark.NONE, "mark_reason": None,
            "waiting_for": (), "external": author.external,
        }  # fmt: skip
        row = MessageRow(**{**values, **more})  # type: ignore[arg-type]
        talk.messages.append(row)
        return row

    def photo(
        self, state: TransferState = TransferState.COMPLETE, done: float = 1.0, form: bool = False
    ) -> PhotoView:
        size = 2_412_000
        return PhotoView(
            thumbnail=self.form if form else self.picture, width_px=3024 if form else 4032,
            height_px=4032 if form else 3024, captured_ms=at(0, "09:41"),
            blob=BlobView(state=state, size_bytes=size, done_bytes=int(size * done)),
        )  # fmt: skip


def quote(row: MessageRow) -> Quote:
    return Quote(message=row.message, author_name=row.author_name, text=row.text, kind=row.kind)


def build() -> Script:
    """The conversations of one morning."""
    script = Script()
    _wounds(script)
    team = script.talk(
        "Praxisteam", Section.GROUP, ["Dr. Karin Weber", "Jana Meier", "Tarik Sahin", "Dr. Paul Brandt"]
    )
    script.say(team, "Jana Meier", at(0, "09:20"), "Besprechung um 13:00")
    _weber(script)
    jana = script.talk("Jana Meier", Section.PERSON, ["Jana Meier"], draft="Bitte noch die Werte von")
    script.say(jana, "Jana Meier", at(0, "09:31"), "Danke, ist eingetragen")
    tarik = script.talk("Tarik Sahin", Section.PERSON, ["Tarik Sahin"], unread=1)
    script.say(tarik, "Tarik Sahin", at(0, "08:12"), "Probe ist unterwegs")
    _brandt(script)
    long = "Maximiliane Freifrau von Hohenlohe-Langenburg"
    script.talk(long, Section.PERSON, [long])
    script.talk("Kim Morgen", Section.PERSON, ["Kim Morgen"])
    pharmacy = script.talk("Apotheke am Musterplatz", Section.EXTERNAL, ["Apotheke am Musterplatz"])
    script.say(pharmacy, "Apotheke am Musterplatz", at(1, "16:40"), "Rezept liegt bereit")
    return script


def _wounds(script: Script) -> None:
    talk = script.talk(
        "Wundsprechstunde", Section.GROUP, ["Dr. Karin Weber", "Tarik Sahin", "Dr. Paul Brandt"], unread=2
    )
    notice = NoticeView(kind=NoticeKind.GROUP_CREATED, actor="Anna Lindner", subjects=())
    script.say(talk, "Anna Lindner", at(8, "07:55"), kind=MessageKind.NOTICE, notice=notice, mark=Mark.NONE)
    script.say(
        talk,
        "Dr. Karin Weber",
        at(7, "09:02"),
        "Ab heute bitte alle Wundfotos hier hinein, immer mit Lineal.",
    )
    script.say(talk, "Tarik Sahin", at(7, "09:04"), "Alles klar")
    script.say(talk, "Tarik Sahin", at(7, "10:30"), kind=MessageKind.PHOTO, photo=script.photo())
    script.say(talk, "Anna Lindner", at(1, "15:12"), "Morgen kommt Frau Muster um halb zehn.")
    script.say(talk, "Dr. Paul Brandt", at(1, "15:20"), "Bin auf Hausbesuch, Foto reicht mir.")
    first = script.say(talk, "Anna Lindner", at(0, "09:32"), "Frau Muster ist da, Verbandwechsel.")
    script.say(talk, "Anna Lindner", at(0, "09:32"), "Zimmer 2 ist vorbereitet.")
    script.say(talk, "Dr. Karin Weber", at(0, "09:33"), "Danke, ich komme gleich.")
    script.say(
        talk, "Anna Lindner", at(0, "09:36"), "Rezept für Herrn Beispiel liegt zum Unterschreiben bereit.",
        mark=Mark.COURIER, waiting_for=("Dr. Paul Brandt",),
    )  # fmt: skip
    script.say(
        talk, "Dr. Karin Weber", at(0, "09:44"), "Rand ruhiger als letzte Woche. Bitte ansehen.",
        kind=MessageKind.PHOTO, photo=script.photo(), quote=quote(first),
    )  # fmt: skip
    script.say(talk, "Dr. Karin Weber", at(0, "09:45"), "Nächster Wechsel am Donnerstag, bitte eintragen.")


def _weber(script: Script) -> None:
    talk = script.talk("Dr. Karin Weber", Section.PERSON, ["Dr. Karin Weber"])
    script.say(talk, "Anna Lindner", at(1, "11:03"), "Der Laborbefund von Zimmer 3 ist da.", mark=Mark.READ)
    script.say(
        talk,
        "Dr. Karin Weber",
        at(1, "11:05"),
        "Danke. " + "Bitte den Patienten anrufen und einen Termin "
        "für nächste Woche vereinbaren, am besten vormittags, nüchtern, Blutabnahme und EKG. " * 3,
    )
    file = FileView(
        name="Befund_Labor_2026-03-02_Muster_Erika_Blutbild_gross.pdf", media_type="application/pdf",
        blob=BlobView(state=TransferState.COMPLETE, size_bytes=318_000, done_bytes=318_000),
    )  # fmt: skip
    script.say(talk, "Dr. Karin Weber", at(0, "09:10"), kind=MessageKind.FILE, file=file)
    script.say(
        talk, "Anna Lindner", at(0, "09:12"), kind=MessageKind.FILE,
        file=FileView(name="Dienstplan.xlsx", media_type="application/x",
                      blob=BlobView(state=TransferState.RUNNING, size_bytes=24_000_000, done_bytes=9_000_000)),
        mark=Mark.SOME,
    )  # fmt: skip
    script.say(talk, "Dr. Karin Weber", at(0, "09:33"), kind=MessageKind.DELETED)
    script.say(talk, "Dr. Karin Weber", at(0, "09:33"), "Zimmer 2, erreichbar")


def _brandt(script: Script) -> None:
    talk = script.talk("Dr. Paul Brandt", Section.PERSON, ["Dr. Paul Brandt"])
    loud = NoticeView(kind=NoticeKind.NEW_DEVICE, actor="Dr. Paul Brandt", subjects=("Laptop Brandt",))
    script.say(talk, "Dr. Paul Brandt", at(2, "08:00"), kind=MessageKind.NOTICE, notice=loud)
    script.say(
        talk, "Dr. Paul Brandt", at(1, "17:40"), "Verband sieht gut aus.", kind=MessageKind.PHOTO,
        photo=script.photo(TransferState.RUNNING, 0.4),
    )  # fmt: skip
    script.say(
        talk, "Dr. Paul Brandt", at(1, "17:42"), kind=MessageKind.PHOTO,
        photo=script.photo(TransferState.PAUSED, 0.1, form=True),
    )  # fmt: skip
    script.say(
        talk, "Anna Lindner", at(1, "18:02"), "Kommst du morgen noch bei Frau Beispiel vorbei?",
        mark=Mark.FAILED, mark_reason="expired", waiting_for=("Dr. Paul Brandt",),
    )  # fmt: skip
    script.say(
        talk, "Anna Lindner", at(0, "08:47"), "Die Unterlagen liegen im Fach.",
        mark=Mark.WAITING, waiting_for=("Dr. Paul Brandt",),
    )  # fmt: skip


def many(count: int) -> Script:
    """One conversation with `count` short messages, for the benchmark."""
    script = build()
    talk = script.talks[0]
    talk.messages.clear()
    talk.unread = 0
    start = at(0, "09:45") - count * 60_000
    names = ("Dr. Karin Weber", "Anna Lindner", "Tarik Sahin", "Dr. Paul Brandt")
    texts = (
        "Zimmer 2 ist vorbereitet.", "Danke, ich komme gleich.", "Bitte Rückruf bei Frau Muster, nur vormittags.",
        "Der Befund ist eingetragen. Bitte vor der Sprechstunde ansehen und unterschreiben, danach in die Akte.",
        "Ja", "Die Probe ist unterwegs, der Fahrer kommt um elf.",
    )  # fmt: skip
    photo = script.photo()
    for step in range(count):
        who = names[(step // 3) % 4]
        if step % 50 == 49:
            script.say(talk, who, start + step * 60_000, "Verlauf", kind=MessageKind.PHOTO, photo=photo)
        else:
            script.say(talk, who, start + step * 60_000, texts[step % 6])
    return script
