"""Deleted means gone: from the rows, the search index, the free pages and the write-ahead log (attack 47)."""

from pathlib import Path

from app.core.ports import Opening
from app.store.db import Store
from tests.store.kit import BERND, DESK, KEY, blob, content, delivery, id32, message, plain_bytes

SECRET = "Dekubitusverdacht am Steissbein Zimmer4711"
WORDS = [b"Dekubitus", b"dekubitusverdacht", b"dekubit", b"steissbein", b"Zimmer4711", b"zimmer4711"]


def log_of(database: Path) -> Path:
    return database.with_name(database.name + "-wal")


def fill(store: Store, count: int = 300) -> None:
    """Many other messages, some with similar words, so that index pages are shared and split."""
    for start in range(0, count, 50):
        with store.write() as tx:
            for number in range(start, start + 50):
                tx.history.add_message(
                    message(("other", number), f"Verband Nummer {number} gewechselt", number)
                )


def test_control_the_text_is_found_in_decrypted_pages_before_deletion(store: Store, database: Path) -> None:
    with store.write() as tx:
        tx.history.add_message(message("secret", SECRET))
    assert store.checkpoint().emptied
    data = plain_bytes(database)
    assert [word for word in WORDS if word not in data] == []
    encrypted = database.read_bytes()
    assert [word for word in WORDS if word in encrypted] == []


def test_a_deleted_message_leaves_nothing_in_pages_or_log(store: Store, database: Path) -> None:
    fill(store)
    with store.write() as tx:
        tx.history.add_message(message("secret", SECRET, 1000))
        tx.history.add_references(content("secret"), [content(("other", 1))])
        tx.history.put_delivery(delivery("secret", DESK, BERND, "waiting", reason="Zimmer4711"))
    fill(store, 0)
    assert store.checkpoint().emptied
    with store.write() as tx:
        tx.history.delete_message(content("secret"))
    assert store.erasure_due()
    done = store.checkpoint()
    assert done.emptied and done.erased
    assert not store.erasure_due()
    data = plain_bytes(database)
    assert [word for word in WORDS if word in data] == []
    # Only the note that the erasure was done came after the log was emptied.
    assert log_of(database).stat().st_size < 3 * 4200
    with store.read() as tx:
        assert tx.history.message(content("secret")) is None
        assert tx.history.search("Dekubitusverdacht", None, 10, 0) == []
        assert tx.history.deliveries(content("secret")) == []
        assert tx.history.referring(content(("other", 1))) == []
    assert store.check() == []


def test_deletion_also_leaves_nothing_after_all_messages_went_one_by_one(
    store: Store, database: Path
) -> None:
    texts = [f"Befund{number}xyz Patient{number}abc Wunden" for number in range(120)]
    with store.write() as tx:
        for number, text in enumerate(texts):
            tx.history.add_message(message(number, text, number))
    for number in range(120):
        with store.write() as tx:
            tx.history.delete_message(content(number))
    assert store.checkpoint().erased
    data = plain_bytes(database)
    assert b"Befund" not in data
    assert b"befund" not in data
    assert b"patient" not in data
    assert b"wund" not in data


def test_a_deleted_blob_goes_in_steps_and_survives_a_restart(store: Store, database: Path) -> None:
    picture = blob("picture", 10)
    with store.write() as tx:
        tx.blobs.put(picture)
        for index in range(10):
            assert tx.blobs.put_chunk(picture.blob, index, b"Bilddaten" * 1000)
        tx.history.add_message(message("photo", kind="photo", blob=picture.blob))
        tx.history.delete_message(content("photo"))
        assert tx.blobs.get(picture.blob) is None
        assert tx.blobs.chunk(picture.blob, 0) is None
    with store.write() as tx:
        assert tx.blobs.delete_step()
    store.close()
    again = Store.open(database, KEY)
    steps = 0
    more = True
    while more:
        with again.write() as tx:
            more = tx.blobs.delete_step()
        steps += 1
    assert steps == 3  # 4 more, the last 2, and the one that finds nothing
    assert again.checkpoint().erased
    assert b"Bilddaten" not in plain_bytes(database)
    again.close()


def test_one_step_deletes_four_chunks_at_most(store: Store) -> None:
    picture = blob("picture", 6)
    with store.write() as tx:
        tx.blobs.put(picture)
        for index in range(6):
            tx.blobs.put_chunk(picture.blob, index, b"x")
        tx.blobs.queue_deletion(picture.blob)
        tx.blobs.delete_step()
        left = tx.blobs._access.number("select count(*) from chunk")  # type: ignore[attr-defined]
    assert left == 2


def test_a_blob_that_another_message_shows_stays(store: Store) -> None:
    picture = blob("picture", 1)
    with store.write() as tx:
        tx.blobs.put(picture)
        tx.blobs.put_chunk(picture.blob, 0, b"x")
        tx.history.add_message(message("one", kind="photo", blob=picture.blob))
        tx.history.add_message(message("two", kind="photo", blob=picture.blob))
        tx.history.delete_message(content("one"))
        assert tx.blobs.chunk(picture.blob, 0) == b"x"
        assert not tx.blobs.delete_step()
        tx.history.delete_message(content("two"))
        assert tx.blobs.chunk(picture.blob, 0) is None


def test_a_new_blob_of_the_same_id_is_not_hit_by_the_old_deletion(store: Store) -> None:
    picture = blob("picture", 1)
    with store.write() as tx:
        tx.blobs.put(picture)
        tx.blobs.put_chunk(picture.blob, 0, b"old")
        tx.blobs.queue_deletion(picture.blob)
        tx.blobs.put(picture)
        assert tx.blobs.put_chunk(picture.blob, 0, b"new")
        while tx.blobs.delete_step():
            pass
        assert tx.blobs.chunk(picture.blob, 0) == b"new"


def test_a_reader_in_the_way_leaves_a_flag_that_survives_a_restart(store: Store, database: Path) -> None:
    with store.write() as tx:
        tx.history.add_message(message("secret", SECRET))
    with store.read() as old:
        assert old.history.has_message(content("secret"))
        with store.write() as tx:
            tx.history.delete_message(content("secret"))
        blocked = store.checkpoint()
        assert not blocked.emptied and not blocked.erased
        assert store.erasure_due()
    # Killed here: the connections are left open, a copy of the files is what the next start sees.
    elsewhere = database.parent / "next"
    elsewhere.mkdir()
    for name in (database, log_of(database)):
        (elsewhere / name.name).write_bytes(name.read_bytes())
    again = Store.open(elsewhere / database.name, KEY)
    assert again.log_pages > 0
    assert again.erasure_due()
    assert again.checkpoint().erased
    assert not again.erasure_due()
    assert SECRET.encode() not in plain_bytes(elsewhere / database.name)
    again.close()


def test_a_deletion_during_the_checkpoint_is_not_marked_as_erased(store: Store) -> None:
    """The mark names the request that was in the database before the log was emptied, not the newest one."""
    with store.write() as tx:
        tx.history.add_message(message("a", SECRET))
        tx.history.add_message(message("b", SECRET))
    with store.write() as tx:
        tx.history.delete_message(content("a"))
    connection = store._checkpoint_connection()
    asked = store._asked(connection)
    with store.write() as tx:
        tx.history.delete_message(content("b"))
    assert not store._mark_erased(connection, asked)
    assert store.erasure_due()
    assert store.checkpoint().erased


def test_a_deleted_opening_is_gone(store: Store, database: Path) -> None:
    commitment = id32("commitment")
    with store.write() as tx:
        tx.statements.put_opening(Opening(commitment=commitment, salt=b"s" * 16, value="Frau Dr. Musterfrau"))
    assert store.checkpoint().emptied
    assert b"Musterfrau" in plain_bytes(database)
    with store.write() as tx:
        tx.statements.delete_opening(commitment)
    assert store.checkpoint().erased
    assert b"Musterfrau" not in plain_bytes(database)


def test_free_pages_are_given_back(store: Store, database: Path) -> None:
    picture = blob("picture", 8)
    with store.write() as tx:
        tx.blobs.put(picture)
        for index in range(8):
            tx.blobs.put_chunk(picture.blob, index, bytes(262_144))
    store.checkpoint()
    large = database.stat().st_size
    with store.write() as tx:
        tx.blobs.queue_deletion(picture.blob)
        while tx.blobs.delete_step():
            pass
    left = store.release_pages(100)
    assert left > 0
    while store.release_pages(100):
        pass
    store.checkpoint()
    assert database.stat().st_size < large - 2_000_000
    assert store.check() == []
