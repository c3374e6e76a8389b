"""Makes the frozen database of the newest schema, once, when that schema is released:

    python -m tests.store.freeze_schema

A frozen file is never made again: it shows that files written by that release still open.
"""

from pathlib import Path

from app.core import ports
from app.store.db import Store
from app.store.migrations import LATEST
from crypto.ids import BlobId, EnvelopeId, PersonId, SessionId, StatementHash
from tests.store import kit

FOLDER = Path(__file__).parents[1] / "fixtures"
TEST_KEY = bytes(reversed(range(32)))
"""Of the frozen files only; known to everybody."""


def frozen(schema: int) -> Path:
    return FOLDER / f"store-schema-{schema}.db"


def fill(tx: ports.Transaction) -> None:
    """One row or more of every kind, the same in every run."""
    tx.values.put("frozen", b"value")
    tx.statements.add(
        ports.StatementRow(
            hash=StatementHash(kit.id32("statement")),
            chain=kit.CIRCLE,
            raw=b"raw",
            signatures=b"sig",
            lamport=1,
        )
    )
    tx.statements.add_pending(kit.CIRCLE, StatementHash(kit.id32("pending")), b"wire", 2)
    tx.statements.put_opening(
        ports.Opening(commitment=kit.id32("opening"), salt=b"s" * 16, value="Anna Muster")
    )
    tx.secrets.put(
        ports.CircleSecretRow(
            circle=kit.CIRCLE, epoch=kit.id32("epoch"), secret=b"t" * 32, lamport=1, received_ms=3
        )
    )
    session = SessionId(kit.id32("session"))
    tx.sessions.put_bundle(ports.BundleRow(device=kit.DESK, inc=1, version=2, raw=b"bundle"))
    tx.sessions.put_prekey(
        ports.PrekeyRow(prekey_id=b"prekey", kind="kem", secret=b"secret", created_ms=4, replaced_ms=None)
    )
    tx.sessions.put(
        ports.SessionRow(
            session=session,
            peer=kit.DESK,
            rank=b"rank",
            gen=1,
            state=b"state",
            created_ms=5,
            used_ms=6,
            sending=True,
        )
    )
    tx.sessions.put_skipped(
        session, [ports.SkippedKey(chain=b"c" * 32, number=7, key=b"k" * 32, created_ms=8)]
    )
    tx.sessions.put_initial(
        ports.InitialRow(header_hash=kit.id32("header"), session=session, prekey_id=b"prekey")
    )
    _fill_history(tx)
    tx.queues.put_content(kit.content(1), b"content", 9)
    tx.queues.put_outbox(kit.outbox(tx.queues.next_number()))
    tx.queues.remember_envelope(EnvelopeId(kit.id32("seen")[:16]), 10)
    tx.queues.hold(
        ports.HeldEnvelope(
            envelope=EnvelopeId(kit.id32("held")[:16]), peer=kit.LAPTOP, wire=b"held", received_ms=11
        )
    )
    tx.addresses.put(
        ports.AddressRow(
            device=kit.DESK, host="192.0.2.7", port=47110, scope_id=0, source="worked", seen_ms=12
        )
    )


def _fill_history(tx: ports.Transaction) -> None:
    tx.history.put_conversation(
        kit.conversation(last_order=30, last_message=kit.content(3), unread=1, draft="Ent")
    )
    tx.history.add_message(kit.message(1, "Die Wunden heilen gut", 10))
    tx.history.add_message(kit.message(2, "Über die Straße", 20, reply_to=kit.content(1)))
    picture = kit.blob("picture", 2)
    tx.history.add_message(
        kit.message(3, "", 30, kind="photo", blob=picture.blob, own=False, author_person=PersonId(b"p" * 16))
    )
    tx.history.add_references(kit.content(2), [kit.content(1)])
    tx.history.put_delivery(kit.delivery(1, kit.DESK, kit.BERND, "courier", reason="away"))
    tx.blobs.put(picture)
    tx.blobs.put_chunk(picture.blob, 1, b"chunk")
    gone = kit.blob("gone", 1)
    tx.blobs.put(gone)
    tx.blobs.put_chunk(BlobId(gone.blob), 0, b"gone")
    tx.blobs.queue_deletion(gone.blob)


def main() -> None:
    path = frozen(LATEST)
    if path.exists():
        raise SystemExit(f"{path.name} is frozen; it is not made again")
    store = Store.open(path, TEST_KEY)
    with store.write() as tx:
        fill(tx)
    store.close()


if __name__ == "__main__":
    main()
