"""Messages as a practice writes them, the same in every run: for benchmarks that need a full store."""

import random

from app.core.ports import DeliveryRecord, MessageRecord, OutboxRow, SessionRow
from app.store.db import Store
from crypto.ids import ContentId, ConversationId, DeviceId, EnvelopeId, PersonId, SessionId

PEERS = 4
PHRASES = (
    "Die Wunde am linken Bein sieht heute besser aus, Verband gewechselt.",
    "Können Sie bitte zurückrufen? Frau {name} wartet auf das Rezept.",
    "Zimmer {n} ist frei, der nächste Patient kann kommen.",
    "Laborwerte von Herrn {name}: Kalium {n},2 und Kreatinin erhöht.",
    "Überweisung zur Röntgenuntersuchung ist geschrieben und liegt am Empfang.",
    "Der Pflegedienst fragt nach den Medikamenten für Frau {name}.",
    "ok, mache ich gleich",
    "Dekubitus Grad {n} am Steiß, bitte morgen ansehen. Danke!",
    "Hausbesuch in der Lindenstraße {n} verschoben auf Donnerstag.",
    "Bitte die Wunden von {name} fotografieren, bevor der Verband darauf kommt.",
)
NAMES = ("Müller", "Schmidt", "Yılmaz", "Weber", "Schröder", "Groß", "Nowak", "Öztürk", "Hofmann", "Jäger")
PARTS = (
    *(
        "blut",
        "zucker",
        "druck",
        "wund",
        "ver",
        "band",
        "wechsel",
        "kontroll",
        "termin",
        "haus",
        "arzt",
        "pflege",
    ),
    *(
        "dienst",
        "labor",
        "wert",
        "rezept",
        "schein",
        "über",
        "weisung",
        "röntgen",
        "unter",
        "suchung",
        "medika",
    ),
    *("ment", "dosis", "insulin", "spritz", "kanül", "tupf", "fieber", "husten", "schmerz"),
)
"""Joined at random into compounds, so that the vocabulary grows as it does in life."""


def random_id(random_: random.Random, size: int = 32) -> bytes:
    return random_.randbytes(size)


class Practice:
    """Rows with fixed random ids."""

    def __init__(self) -> None:
        self.random = random.Random(1)
        self.talks = [ConversationId(random_id(self.random)) for _ in range(20)]
        self.persons = [PersonId(random_id(self.random, 16)) for _ in range(12)]
        self.devices = [DeviceId(random_id(self.random)) for _ in range(12)]
        self.sessions = [SessionId(random_id(self.random)) for _ in range(PEERS)]

    def message(self, number: int) -> MessageRecord:
        pick = self.random
        text = pick.choice(PHRASES).format(name=pick.choice(NAMES), n=pick.randrange(100))
        if pick.random() < 0.3:
            text += " " + "".join(pick.choice(PARTS) for _ in range(pick.randrange(2, 5))).capitalize()
        author = pick.randrange(12)
        return MessageRecord(
            message=ContentId(random_id(pick)),
            conversation=self.talks[int(pick.random() ** 2 * 20)],
            order=1_700_000_000_000 + number * 60_000,
            kind="text",
            author_person=self.persons[author],
            author_device=self.devices[author],
            own=author == 0,
            sent_ms=1_700_000_000_000 + number * 60_000,
            received_ms=1_700_000_000_000 + number * 60_000,
            text=text,
            raw=random_id(pick, 120) + text.encode(),
        )


def send(store: Store, practice: Practice, number: int) -> None:
    """What sending one message to four devices writes."""
    row = practice.message(number)
    with store.write() as tx:
        tx.history.add_message(row)
        tx.queues.put_content(row.message, row.raw, 1)
        for peer in range(PEERS):
            device, session = practice.devices[peer], practice.sessions[peer]
            tx.sessions.put(
                SessionRow(
                    session=session,
                    peer=device,
                    rank=b"rank",
                    gen=1,
                    state=random_id(practice.random, 700),
                    created_ms=1,
                    used_ms=number,
                    sending=True,
                )
            )
            tx.queues.put_outbox(
                OutboxRow(
                    envelope=EnvelopeId(random_id(practice.random, 16)),
                    content=row.message,
                    device=device,
                    session=session,
                    number=tx.queues.next_number(),
                    wire=random_id(practice.random, 500),
                    kind="message",
                    created_ms=1,
                    tries=0,
                    next_ms=0,
                )
            )
            tx.history.put_delivery(
                DeliveryRecord(
                    message=row.message,
                    device=device,
                    person=practice.persons[peer],
                    state="waiting",
                    at_ms=1,
                )
            )
