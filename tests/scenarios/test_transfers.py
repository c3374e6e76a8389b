"""Photos and files between whole devices: resumed, checked, served to members only."""

import random

import pytest

from app.core import requests, views
from app.core.events import TransferProgress
from app.core.views import TransferState
from app.core.wire import BlobWant, Range, encode_chunk, encode_frame
from crypto.blob import CHUNK_BYTES
from tests.scenarios.practice import Node, Practice
from tests.scenarios.test_groups import make, three


def picture(size_bytes: int) -> bytes:
    return random.Random(7).randbytes(size_bytes)


def state(node: Node, sent: views.Sent) -> TransferState:
    row = next(row for row in node.rows(sent.conversation) if row.message == sent.message)
    blob = row.photo.blob if row.photo else row.file.blob if row.file else None
    assert blob is not None
    return blob.state


def test_photo_arrives_whole_with_progress(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    data = picture(20 * CHUNK_BYTES + 77)
    sent = anna.attach(anna.direct(bert), data)
    practice.settle()
    assert bert.plain(sent.message) == data
    assert state(bert, sent) is TransferState.COMPLETE
    progress = [event for event in bert.events if isinstance(event, TransferProgress)]
    assert len(progress) == 21 and progress[-1].done_bytes == len(data)
    assert any(isinstance(event, TransferProgress) and event.outgoing for event in anna.events)
    row = bert.rows(bert.direct(anna))[-1]
    assert row.photo is not None and row.photo.thumbnail == b"thumbnail"


def test_a_cut_transfer_resumes_at_the_first_missing_chunk(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    data = picture(24 * CHUNK_BYTES)
    sent = anna.attach(anna.direct(bert), data)
    delivered = 0
    while delivered < 10:
        assert practice.step()
        delivered = len([event for event in bert.events if isinstance(event, TransferProgress)])
    bert.restart()
    practice.settle()
    assert bert.plain(sent.message) == data
    total = len([event for event in bert.events if isinstance(event, TransferProgress)])
    assert total == 24  # nothing came twice


def test_any_member_that_has_it_may_serve(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    group = make(anna, "Wunden", bert, carl)
    practice.settle()
    practice.separate("Carl")
    data = picture(5 * CHUNK_BYTES + 1)
    sent = anna.attach(group, data, "Befund.pdf")
    practice.settle()
    assert bert.plain(sent.message) == data
    # The message reaches Carl, but Anna goes before the file does.
    practice.heal()
    practice.connect()
    while not any(row.file for row in carl.rows(group)):
        assert practice.step()
    practice.separate("Anna")
    practice.settle()
    assert carl.plain(sent.message) == data


def test_strangers_to_the_conversation_get_nothing(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    sent = anna.attach(anna.direct(bert), picture(3 * CHUNK_BYTES))
    practice.settle()
    with anna.store.write() as tx:
        record = tx.history.message(sent.message)
    assert record is not None and record.blob is not None
    wire = next(one for one in practice.wires if {one.a.node, one.b.node} == {anna, carl})
    side = wire.a if wire.a.node is anna else wire.b
    want = encode_frame(BlobWant(record.blob, (Range(0, 3),)))
    before = len(practice.frames)
    anna.run(lambda tx, now: anna.messenger.frame(tx, now, side.link, want))
    assert not wire.other(side).bulks
    assert len(practice.frames) == before + 1  # "absent"


@pytest.mark.expect_log("is not what was announced")
def test_a_forged_chunk_costs_the_link_and_changes_nothing(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    sent = anna.attach(anna.direct(bert), picture(4 * CHUNK_BYTES))
    while not any(row.photo for row in bert.rows(bert.direct(anna))):
        assert practice.step()
    with bert.store.write() as tx:
        record = tx.history.message(sent.message)
    assert record is not None and record.blob is not None
    wire = next(one for one in practice.wires if {one.a.node, one.b.node} == {anna, bert})
    side = wire.a if wire.a.node is bert else wire.b
    forged = encode_chunk(record.blob, 0, bytes(CHUNK_BYTES + 48))
    bert.run(lambda tx, now: bert.messenger.bulk(tx, now, side.link, forged))
    assert wire.closing
    assert state(bert, sent) is TransferState.BROKEN
    assert bert.ask(requests.FetchBlob(message=sent.message)) == views.Done()
    practice.settle()
    assert bert.plain(sent.message) == picture(4 * CHUNK_BYTES)


def test_cancel_and_fetch_again(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    data = picture(30 * CHUNK_BYTES)
    sent = anna.attach(anna.direct(bert), data)
    while not any(isinstance(event, TransferProgress) for event in bert.events):
        assert practice.step()
    bert.ask(requests.CancelTransfer(message=sent.message))
    practice.settle()
    assert state(bert, sent) is TransferState.PAUSED
    assert bert.plain(sent.message) is None
    bert.ask(requests.FetchBlob(message=sent.message))
    practice.settle()
    assert bert.plain(sent.message) == data


def test_a_silent_source_is_given_up(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    sent = anna.attach(anna.direct(bert), picture(2 * CHUNK_BYTES))
    while not any(row.photo for row in bert.rows(bert.direct(anna))):
        assert practice.step()
    wire = next(one for one in practice.wires if {one.a.node, one.b.node} == {anna, bert})
    side = wire.a if wire.a.node is anna else wire.b
    side.frames.clear()  # the wish never arrives
    practice.pass_time(40_000)
    assert state(bert, sent) is TransferState.RUNNING
    practice.pass_time(3_600_000)
    practice.settle()
    assert state(bert, sent) is TransferState.COMPLETE
