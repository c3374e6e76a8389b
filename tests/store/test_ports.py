"""What the core asks of the store, subject by subject."""

import pytest

from app.core import ports
from app.core.ports import (
    AddressRow,
    BundleRow,
    CircleSecretRow,
    HeldEnvelope,
    InitialRow,
    Opening,
    PrekeyRow,
    SessionRow,
    SkippedKey,
    StatementRow,
)
from app.store.db import Store
from app.store.errors import RowRefused
from crypto.ids import BlobId, CircleId, ContentId, DeviceId, EnvelopeId, SessionId, StatementHash
from tests.store.kit import (
    ANNA,
    BERND,
    CIRCLE,
    DESK,
    LAPTOP,
    OTHER_TALK,
    TALK,
    blob,
    content,
    conversation,
    delivery,
    id32,
    message,
    outbox,
)


def as_port(transaction: ports.Transaction) -> ports.Transaction:
    """mypy checks here that every port is implemented with the right types."""
    return transaction


def test_the_transaction_is_the_port(store: Store) -> None:
    with store.write() as tx:
        assert as_port(tx) is tx


# --- values --------------------------------------------------------------------------------------------------


def test_values(store: Store) -> None:
    with store.write() as tx:
        for key, value in {"ui.a": b"1", "ui.b": b"", "ui.b\U0010ffff": b"2", "uj": b"3", "u": b"4"}.items():
            tx.values.put(key, value)
        tx.values.put("ui.a", b"new")
        assert tx.values.get("ui.a") == b"new"
        assert tx.values.get("ui.b") == b""
        assert tx.values.get("none") is None
        assert tx.values.all("ui.") == {"ui.a": b"new", "ui.b": b"", "ui.b\U0010ffff": b"2"}
        assert len(tx.values.all("")) == 5
        assert tx.values.all("ui.%") == {}
        tx.values.put("ui.a", None)
        tx.values.put("ui.a", None)
        assert tx.values.get("ui.a") is None


def test_values_of_wrong_type_are_refused(store: Store) -> None:
    with store.write() as tx, pytest.raises(RowRefused):
        tx.values.put("a", "text")  # type: ignore[arg-type]


# --- statements ------------------------------------------------------------------------------------------------


def statement(name: str, chain: bytes, lamport: int = 1) -> StatementRow:
    return StatementRow(
        hash=StatementHash(id32(name)), chain=chain, raw=name.encode(), signatures=b"s", lamport=lamport
    )


def test_statements_come_back_in_order_of_arrival(store: Store) -> None:
    one, two = id32("chain one"), id32("chain two")
    rows = [statement("c", one, 3), statement("a", one, 1), statement("z", two), statement("b", one, 2)]
    with store.write() as tx:
        assert [tx.statements.add(row) for row in rows] == [True] * 4
        assert not tx.statements.add(rows[0])
        assert tx.statements.of_chain(one) == [rows[0], rows[1], rows[3]]
        assert tx.statements.chains() == [one, two]
        assert tx.statements.count(one) == 3
        assert tx.statements.count(id32("none")) == 0
        assert tx.statements.get(rows[2].hash) == rows[2]
        assert tx.statements.has(rows[2].hash)
        assert not tx.statements.has(StatementHash(bytes(32)))
        assert tx.statements.get(StatementHash(bytes(32))) is None


def test_pending_statements(store: Store) -> None:
    chain = id32("chain")
    with store.write() as tx:
        for name in ("b", "a", "b"):
            tx.statements.add_pending(chain, StatementHash(id32(name)), name.encode(), 1)
        assert tx.statements.pending(chain) == [b"b", b"a"]
        tx.statements.remove_pending(StatementHash(id32("b")))
        assert tx.statements.pending(chain) == [b"a"]
        assert tx.statements.pending(id32("other")) == []


def test_openings(store: Store) -> None:
    rows = [Opening(commitment=id32(name), salt=b"s" * 16, value=name) for name in ("Anna", "Bernd")]
    with store.write() as tx:
        for row in rows:
            tx.statements.put_opening(row)
        assert tx.statements.opening(id32("Anna")) == rows[0]
        wanted = [row.commitment for row in rows] + [bytes(32)]
        assert tx.statements.openings(iter(wanted)) == {row.commitment: row for row in rows}
        assert tx.statements.openings([]) == {}
        tx.statements.delete_opening(id32("Anna"))
        assert tx.statements.opening(id32("Anna")) is None


def test_circle_secrets_newest_epoch_first(store: Store) -> None:
    def row(epoch: bytes, lamport: int, received_ms: int) -> CircleSecretRow:
        return CircleSecretRow(
            circle=CIRCLE, epoch=epoch, secret=b"x" * 32, lamport=lamport, received_ms=received_ms
        )

    low, high = b"\x01" * 32, b"\x02" * 32
    rows = [row(low, 5, 10), row(high, 5, 20), row(id32("old"), 4, 30)]
    with store.write() as tx:
        for one in rows:
            tx.secrets.put(one)
        assert tx.secrets.all(CIRCLE) == [rows[1], rows[0], rows[2]]
        tx.secrets.delete_before(CIRCLE, 20)
        assert tx.secrets.all(CIRCLE) == [rows[1], rows[2]]
        assert tx.secrets.all(CircleId(bytes(32))) == []


# --- sessions ---------------------------------------------------------------------------------------------------


def test_bundles_are_replaced(store: Store) -> None:
    old = BundleRow(device=DESK, inc=1, version=2, raw=b"old")
    new = BundleRow(device=DESK, inc=2**40, version=1, raw=b"new")
    with store.write() as tx:
        tx.sessions.put_bundle(old)
        tx.sessions.put_bundle(new)
        assert tx.sessions.bundle(DESK) == new
        assert tx.sessions.bundle(LAPTOP) is None
        assert tx.sessions.bundles() == [new]


def test_prekeys_newest_first(store: Store) -> None:
    def row(name: bytes, kind: str, created_ms: int, replaced_ms: int | None = None) -> PrekeyRow:
        return PrekeyRow(
            prekey_id=name,
            kind=kind,
            secret=b"secret",
            created_ms=created_ms,
            replaced_ms=replaced_ms,
            contact=DESK if kind == "onetime" else None,
        )

    rows = [
        row(b"1", "signed", 1, 5),
        row(b"2", "signed", 5),
        row(b"3", "onetime", 2),
        row(b"4", "signed", 5),
    ]
    with store.write() as tx:
        for one in rows:
            tx.sessions.put_prekey(one)
        assert tx.sessions.prekeys("signed") == [rows[3], rows[1], rows[0]]
        assert tx.sessions.prekeys("kem") == []
        assert tx.sessions.prekey(b"3") == rows[2]
        tx.sessions.put_prekey(row(b"2", "signed", 5, 9))
        found = tx.sessions.prekey(b"2")
        assert found is not None and found.replaced_ms == 9
        tx.sessions.delete_prekey(b"2")
        assert tx.sessions.prekey(b"2") is None


def session(name: str, rank: bytes, **fields: object) -> SessionRow:
    values: dict[str, object] = {
        "session": SessionId(id32(name)),
        "peer": DESK,
        "rank": rank,
        "gen": 1,
        "state": name.encode(),
        "created_ms": 1,
        "used_ms": 1,
        "sending": True,
    }
    return SessionRow(**(values | fields))  # type: ignore[arg-type]


def test_sessions_greatest_rank_first(store: Store) -> None:
    rows = [session("a", b"\x00\x02"), session("b", b"\x01"), session("c", b"\x00\x02\x01")]
    with store.write() as tx:
        for row in rows:
            tx.sessions.put(row)
        assert tx.sessions.of_peer(DESK) == [rows[1], rows[2], rows[0]]
        changed = session("a", b"\x00\x02", state=b"later", used_ms=7, sending=False)
        tx.sessions.put(changed)
        assert tx.sessions.get(changed.session) == changed
        assert tx.sessions.of_peer(LAPTOP) == []
        assert tx.sessions.get(SessionId(bytes(32))) is None


def test_skipped_keys_leave_with_their_session(store: Store) -> None:
    one, two = SessionId(id32("one")), SessionId(id32("two"))
    keys = [
        SkippedKey(chain=b"c" * 32, number=number, key=b"k", created_ms=1) for number in (2**32 - 1, 1, 2)
    ]
    with store.write() as tx:
        tx.sessions.put(session("one", b"1"))
        tx.sessions.put_skipped(one, keys)
        tx.sessions.put_skipped(two, keys[:1])
        assert tx.sessions.skipped(one) == keys
        tx.sessions.delete_skipped(one, [(b"c" * 32, 1), (b"d" * 32, 2)])
        assert tx.sessions.skipped(one) == [keys[0], keys[2]]
        tx.sessions.delete(one)
        assert tx.sessions.skipped(one) == []
        assert tx.sessions.get(one) is None
        assert tx.sessions.skipped(two) == keys[:1]


def test_initial_messages_are_remembered_until_their_prekey_goes(store: Store) -> None:
    rows = [
        InitialRow(header_hash=id32(n), session=SessionId(id32("s")), prekey_id=b"p%d" % n) for n in (1, 2)
    ]
    with store.write() as tx:
        for row in rows:
            tx.sessions.put_initial(row)
        assert tx.sessions.initial(id32(1)) == rows[0]
        tx.sessions.delete_initials(b"p1")
        assert tx.sessions.initial(id32(1)) is None
        assert tx.sessions.initial(id32(2)) == rows[1]


# --- history ---------------------------------------------------------------------------------------------------


def test_conversations(store: Store) -> None:
    first = conversation()
    second = conversation(
        conversation=OTHER_TALK, kind="group", peer=None, title="Labor", last_order=9, left=True
    )
    with store.write() as tx:
        tx.history.put_conversation(first)
        tx.history.put_conversation(second)
        assert tx.history.conversation(TALK) == first
        assert tx.history.conversations() == [second, first]
        changed = conversation(last_order=20, last_message=content(1), unread=3, read_order=5, draft="Hallo")
        tx.history.put_conversation(changed)
        assert tx.history.conversations() == [changed, second]
        assert tx.history.conversation(OTHER_TALK) == second


def test_a_message_is_stored_once(store: Store) -> None:
    row = message(
        1, "Text", 5, kind="photo", blob=BlobId(id32("b")), reply_to=content(0), state="failed", own=False
    )
    with store.write() as tx:
        assert tx.history.add_message(row)
        assert not tx.history.add_message(message(1, "anderer Text", 6))
        assert tx.history.message(content(1)) == row
        assert tx.history.messages([content(1), content(2)]) == {content(1): row}
        assert tx.history.messages([]) == {}
        assert tx.history.has_message(content(1))
        assert not tx.history.has_message(content(2))
        assert tx.history.message(content(2)) is None
        assert [hit.message for hit in tx.history.search("Text", None, 5, 0)] == [content(1)]
        assert tx.history.search("anderer", None, 5, 0) == []


def test_state_and_order_change(store: Store) -> None:
    with store.write() as tx:
        tx.history.add_message(message(1, order=5))
        tx.history.set_order(content(1), 9)
        tx.history.set_state(content(1), "withheld")
        row = tx.history.message(content(1))
        assert row is not None
        assert (row.order, row.state) == (9, "withheld")
        with pytest.raises(RowRefused):
            tx.history.set_state(content(1), "unheard of")


def test_pages_are_sorted_by_time_then_id_and_meet_without_gap(store: Store) -> None:
    rows = [message(number, order=number // 3) for number in range(30)]
    with store.write() as tx:
        for row in rows:
            tx.history.add_message(row)
        tx.history.add_message(message("elsewhere", order=5, conversation=OTHER_TALK))
        ordered = sorted(rows, key=lambda row: (row.order, row.message))
        assert tx.history.page(TALK, None, 7, 99) == ordered[-7:]
        assert tx.history.newest(TALK, 4) == ordered[:-5:-1]
        middle = ordered[13]
        assert tx.history.page(TALK, (middle.order, middle.message), 4, 3) == ordered[9:17]
        assert tx.history.page(TALK, (4, ContentId(b"")), 2, 2) == ordered[10:14]
        assert tx.history.page(TALK, (ordered[0].order, ordered[0].message), 5, 0) == ordered[:1]
        assert tx.history.page(TALK, (10**15, content(1)), 2, 5) == ordered[-2:]
        assert tx.history.first_at(TALK, 4) == ordered[12]
        assert tx.history.first_at(TALK, 99) is None
        unknown = tx.history.page(type(TALK)(bytes(32)), None, 5, 5)
        assert unknown == []


def test_counts(store: Store) -> None:
    with store.write() as tx:
        for number in range(6):
            tx.history.add_message(message(number, order=number, own=number % 2 == 0))
        tx.history.set_state(content(5), "withheld")
        assert tx.history.count_after(TALK, 1, own=False) == 1
        assert tx.history.count_after(TALK, 1, own=True) == 2
        assert tx.history.count_kind(TALK, "text") == 6
        assert tx.history.count_kind(OTHER_TALK, "text") == 0


def test_references(store: Store) -> None:
    with store.write() as tx:
        for number in range(3):
            tx.history.add_message(message(number))
        tx.history.add_message(message(3, reply_to=content("later")))
        tx.history.add_references(content(1), [content("later"), content(0)])
        tx.history.add_references(content(1), [content("later")])
        tx.history.add_references(content(2), [content("later")])
        tx.history.add_references(content("not stored"), [content("later")])
        assert set(tx.history.referring(content("later"))) == {content(1), content(2), content(3)}
        assert tx.history.referring(content(0)) == [content(1)]
        tx.history.delete_message(content(1))
        assert set(tx.history.referring(content("later"))) == {content(2), content(3)}
        assert tx.history.referring(content(0)) == []
        tx.history.delete_message(content(1))


def test_photos_of_a_conversation(store: Store) -> None:
    one, two = BlobId(id32("one")), BlobId(id32("two"))
    with store.write() as tx:
        tx.history.add_message(message(1, order=3, kind="photo", blob=one))
        tx.history.add_message(message(2, order=1, kind="photo", blob=two))
        tx.history.add_message(message(3, order=2, kind="file", blob=one))
        tx.history.add_message(message(4, order=9, kind="photo"))
        assert [row.message for row in tx.history.with_blob(TALK, "photo", 9)] == [content(1), content(2)]
        assert len(tx.history.with_blob(TALK, "photo", 1)) == 1
        assert [row.message for row in tx.history.messages_of_blob(one)] == [content(1), content(3)]
        assert tx.history.messages_of_blob(BlobId(bytes(32))) == []


def test_deliveries(store: Store) -> None:
    rows = [delivery(1, DESK, BERND, "waiting"), delivery(1, LAPTOP, ANNA, "failed", reason="expired")]
    with store.write() as tx:
        tx.history.add_message(message(1))
        tx.history.add_message(message(2))
        for row in rows:
            tx.history.put_delivery(row)
        tx.history.put_delivery(delivery("not stored", DESK, BERND, "read"))
        assert {row.device: row for row in tx.history.deliveries(content(1))} == {r.device: r for r in rows}
        tx.history.put_delivery(delivery(1, DESK, BERND, "read", at_ms=8))
        both = tx.history.deliveries_of([content(1), content(2)])
        assert {row.state for row in both[content(1)]} == {"read", "failed"}
        assert both[content(2)] == []
        assert tx.history.deliveries_of([]) == {}


def test_what_a_person_has_not_got_on_any_device(store: Store) -> None:
    third = DeviceId(id32("third"))
    with store.write() as tx:
        for number in range(6):
            tx.history.add_message(message(number, order=number * 10))
        tx.history.put_delivery(delivery(1, DESK, BERND, "waiting"))
        tx.history.put_delivery(delivery(1, third, BERND, "courier"))
        tx.history.put_delivery(delivery(2, DESK, BERND, "waiting"))
        tx.history.put_delivery(delivery(2, third, BERND, "delivered"))
        tx.history.put_delivery(delivery(3, DESK, BERND, "failed"))
        tx.history.put_delivery(delivery(4, DESK, BERND, "waiting"))
        tx.history.put_delivery(delivery(5, LAPTOP, ANNA, "waiting"))
        tx.history.set_state(content(4), "discarded")
        assert tx.history.undelivered_of_person(BERND, 0) == [content(1), content(3)]
        assert tx.history.undelivered_of_person(BERND, 20) == [content(3)]
        assert tx.history.undelivered_of_person(type(ANNA)(b"\x00" * 16), 0) == []


def test_ids_of_wrong_length_are_refused(store: Store) -> None:
    with pytest.raises(RowRefused), store.write() as tx:
        tx.history.add_message(message(1, message=ContentId(b"short")))


# --- queues ------------------------------------------------------------------------------------------------------


def test_outbox_rows_go_in_order_of_number(store: Store) -> None:
    rows = [outbox(3), outbox(1), outbox(2, device=LAPTOP), outbox(4, content=content(1), kind="control")]
    with store.write() as tx:
        for row in rows:
            tx.queues.put_outbox(row)
        assert tx.queues.outbox_of_device(DESK, 0, 9) == [rows[1], rows[0], rows[3]]
        assert tx.queues.outbox_of_device(DESK, 1, 1) == [rows[0]]
        assert tx.queues.outbox_of_content(content(1)) == [rows[1], rows[3]]
        assert set(tx.queues.outbox_devices()) == {DESK, LAPTOP}
        assert tx.queues.outbox_counts() == (4, 3)
        assert tx.queues.outbox_before(3) == [rows[1], rows[2]]
        tx.queues.put_outbox(outbox(3, tries=2, next_ms=77))
        assert tx.queues.outbox(rows[0].envelope) == outbox(3, tries=2, next_ms=77)
        tx.queues.delete_outbox(rows[0].envelope)
        assert tx.queues.outbox(rows[0].envelope) is None
        assert tx.queues.delete_outbox_of_device(DESK) == [content(1)]
        assert tx.queues.outbox_devices() == [LAPTOP]


def test_numbers_grow_also_when_the_queue_was_empty(store: Store) -> None:
    with store.write() as tx:
        assert [tx.queues.next_number() for _ in range(3)] == [1, 2, 3]
    with store.write() as tx:
        assert tx.queues.next_number() == 4


def test_content_is_kept_while_a_row_needs_it(store: Store) -> None:
    with store.write() as tx:
        tx.queues.put_content(content(1), b"one", 1)
        tx.queues.put_content(content(1), b"other", 1)
        tx.queues.put_content(content(2), b"two", 1)
        tx.queues.put_outbox(outbox(1))
        tx.queues.drop_unused_content()
        assert tx.queues.content(content(1)) == b"one"
        assert tx.queues.content(content(2)) is None


def test_seen_envelopes_are_forgotten_by_age(store: Store) -> None:
    one, two = (EnvelopeId(id32(n)[:16]) for n in (1, 2))
    with store.write() as tx:
        tx.queues.remember_envelope(one, 10)
        tx.queues.remember_envelope(one, 99)
        tx.queues.remember_envelope(two, 20)
        tx.queues.forget_envelopes(20)
        assert not tx.queues.seen_envelope(one)
        assert tx.queues.seen_envelope(two)


def test_held_envelopes(store: Store) -> None:
    rows = [
        HeldEnvelope(envelope=EnvelopeId(id32(n)[:16]), peer=peer, wire=b"w%d" % n, received_ms=n)
        for n, peer in enumerate((DESK, LAPTOP, DESK))
    ]
    with store.write() as tx:
        for row in [*rows, rows[0]]:
            tx.queues.hold(row)
        assert tx.queues.held(None) == rows
        assert tx.queues.held(DESK) == [rows[0], rows[2]]
        tx.queues.drop_held(rows[0].envelope)
        assert tx.queues.held(None) == rows[1:]


# --- blobs -------------------------------------------------------------------------------------------------------


def test_chunks_arrive_in_any_order(store: Store) -> None:
    row = blob("picture", 5)
    with store.write() as tx:
        tx.blobs.put(row)
        assert tx.blobs.get(row.blob) == row
        assert tx.blobs.missing(row.blob, 9) == [0, 1, 2, 3, 4]
        assert tx.blobs.put_chunk(row.blob, 3, b"three")
        assert tx.blobs.put_chunk(row.blob, 0, b"zero")
        assert not tx.blobs.put_chunk(row.blob, 3, b"again")
        assert tx.blobs.missing(row.blob, 2) == [1, 2]
        assert tx.blobs.chunk(row.blob, 3) == b"three"
        assert tx.blobs.chunk(row.blob, 1) is None
        found = tx.blobs.get(row.blob)
        assert found is not None and found.have == 2


def test_putting_a_blob_again_keeps_its_chunks(store: Store) -> None:
    with store.write() as tx:
        tx.blobs.put(blob("picture", 2))
        tx.blobs.put_chunk(blob("picture", 2).blob, 0, b"x")
        tx.blobs.put(blob("picture", 2, state="paused"))
        assert tx.blobs.get(blob("picture", 2).blob) == blob("picture", 2, state="paused", have=1)
        tx.blobs.set_state(blob("picture", 2).blob, "broken")
        assert tx.blobs.get(blob("picture", 2).blob) == blob("picture", 2, state="broken", have=1)


def test_wanted_blobs_oldest_first(store: Store) -> None:
    rows = [
        blob("a", 1, created_ms=9),
        blob("b", 1, created_ms=3),
        blob("c", 1, state="complete", created_ms=1),
    ]
    with store.write() as tx:
        for row in rows:
            tx.blobs.put(row)
        assert tx.blobs.wanted() == [rows[1], rows[0]]


def test_chunks_of_two_blobs_do_not_mix(store: Store) -> None:
    one, two = blob("one", 2), blob("two", 2)
    with store.write() as tx:
        tx.blobs.put(one)
        tx.blobs.put(two)
        tx.blobs.put_chunk(one.blob, 1, b"one")
        tx.blobs.put_chunk(two.blob, 0, b"two")
        assert tx.blobs.missing(one.blob, 9) == [0]
        assert tx.blobs.missing(two.blob, 9) == [1]


@pytest.mark.parametrize("index", [-1, 1 << 20, 1 << 62])
def test_an_index_outside_of_the_blob_touches_no_other(store: Store, index: int) -> None:
    """Chunk ids are numbers in one row of all blobs: an index must not reach the neighbour's."""
    with store.write() as tx:
        tx.blobs.put(blob("one", 1))
        tx.blobs.put(blob("two", 1))
        assert not tx.blobs.put_chunk(blob("two", 1).blob, index, b"x")
        assert tx.blobs.chunk(blob("two", 1).blob, index) is None
        assert tx.blobs.missing(blob("one", 1).blob, 9) == [0]


def test_an_unknown_blob(store: Store) -> None:
    nothing = BlobId(bytes(32))
    with store.write() as tx:
        assert tx.blobs.get(nothing) is None
        assert not tx.blobs.put_chunk(nothing, 0, b"x")
        assert tx.blobs.chunk(nothing, 0) is None
        assert tx.blobs.missing(nothing, 5) == []
        tx.blobs.queue_deletion(nothing)
        assert not tx.blobs.delete_step()


# --- addresses -----------------------------------------------------------------------------------------------------


def address(host: str, source: str, seen_ms: int) -> AddressRow:
    return AddressRow(device=DESK, host=host, port=47110, scope_id=0, source=source, seen_ms=seen_ms)


def test_addresses_that_worked_come_first(store: Store) -> None:
    rows = [
        address("a", "mdns", 9),
        address("b", "worked", 1),
        address("c", "worked", 5),
        address("d", "typed", 3),
    ]
    with store.write() as tx:
        for row in rows:
            tx.addresses.put(row)
        assert [row.host for row in tx.addresses.of_device(DESK)] == ["c", "b", "a", "d"]
        tx.addresses.put(address("b", "gossip", 7))
        assert tx.addresses.of_device(DESK)[0] == address("b", "worked", 7)
        tx.addresses.put(address("a", "worked", 8))
        assert tx.addresses.of_device(DESK)[0] == address("a", "worked", 9)
        tx.addresses.delete_device(DESK)
        assert tx.addresses.of_device(DESK) == []


def test_gossip_cannot_fill_the_table_nor_push_out_what_worked(store: Store) -> None:
    with store.write() as tx:
        tx.addresses.put(address("good", "worked", 1))
        for number in range(200):
            tx.addresses.put(address(f"h{number}", "gossip", 100 + number))
        found = tx.addresses.of_device(DESK)
        assert len(found) == 16
        assert found[0].host == "good"
        assert tx.addresses._access.number("select count(*) from address") == 16  # type: ignore[attr-defined]
