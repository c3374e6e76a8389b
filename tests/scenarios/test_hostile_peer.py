"""A member that breaks the protocol: refused, closed, nothing changed, others unaffected (attacks, "Hostile peer")."""

import pytest

from app.core import content as contents
from app.core import limits, views
from app.core import wire as w
from app.core.content import Author, Text
from app.core.effects import CloseLink
from crypto import codec
from crypto.ids import CircleId
from tests.scenarios.practice import Node, Practice, Side, Wire
from tests.scenarios.test_groups import three


def sides(practice: Practice, one: Node, other: Node) -> tuple[Wire, Side]:
    """The link between two devices, and `one`'s end of it."""
    wire = next(wire for wire in practice.wires if {wire.a.node, wire.b.node} == {one, other})
    return wire, wire.a if wire.a.node is one else wire.b


def inject(practice: Practice, victim: Node, sender: Node, frame: bytes) -> Wire:
    """What `sender`'s link would deliver."""
    wire, side = sides(practice, victim, sender)
    victim.run(lambda tx, now: victim.messenger.frame(tx, now, side.link, frame))
    return wire


@pytest.mark.expect_log("bad frame")
@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\xc1",
        b"\x90",
        codec.encode([99, 1]),
        codec.encode([8, []]),
        codec.encode([8, [b"x"]]),
        bytes(1 << 20),
    ],
)
def test_one_bad_frame_closes_the_link(practice: Practice, frame: bytes) -> None:
    anna, bert, carl = three(practice)
    assert inject(practice, anna, bert, frame).closing
    practice.settle()
    anna.say(anna.direct(bert), "danach")
    anna.say(anna.direct(carl), "und Carl")
    practice.settle()
    assert bert.texts(bert.direct(anna)) == ["danach"]
    assert carl.texts(carl.direct(anna)) == ["und Carl"]


def test_frames_before_hello_or_a_second_hello_close_the_link(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    hello = w.encode_frame(w.Hello(1, 1, w.BundleVersion(1, 1), None, ()))
    assert inject(practice, anna, bert, hello).closing
    practice.settle()
    practice.cut(bert)
    practice._dial(bert, anna.device, "praxisfunk/1")
    wire, side = sides(practice, anna, bert)
    ack = w.encode_frame(w.Ack((bytes(16),)))
    outcome = anna.run(lambda tx, now: anna.messenger.frame(tx, now, side.link, ack))
    assert any(isinstance(effect, CloseLink) for effect in outcome.effects)
    assert wire.closing


def test_another_version_only_is_refused(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    practice.cut(bert)
    practice._dial(bert, anna.device, "praxisfunk/1")
    _, side = sides(practice, anna, bert)
    hello = w.encode_frame(w.Hello(2, 9, w.BundleVersion(1, 1), None, ()))
    outcome = anna.run(lambda tx, now: anna.messenger.frame(tx, now, side.link, hello))
    close = [effect for effect in outcome.effects if isinstance(effect, CloseLink)]
    assert close[0].error_code == w.CloseCode.VERSION


def test_acks_and_nacks_for_others_rows_change_nothing(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    practice.separate("Bert")
    anna.say(anna.direct(bert), "für Bert")
    with anna.store.write() as tx:
        row = tx.queues.outbox_of_device(bert.device, 0, 1)[0]
    for frame in (w.Ack((row.envelope,)), w.Nack(row.envelope)):
        inject(practice, anna, carl, w.encode_frame(frame))
        with anna.store.write() as tx:
            assert tx.queues.outbox(row.envelope) == row


@pytest.mark.expect_log("another author")
def test_an_envelope_of_another_author_on_a_link_is_refused(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    practice.cut(bert)
    bert.say(bert.direct(anna), "von Bert")
    with bert.store.write() as tx:
        row = tx.queues.outbox_of_device(anna.device, 0, 1)[0]
    wire = inject(practice, anna, carl, w.encode_frame(w.EnvelopeFrame(0, row.wire)))
    assert wire.closing
    assert anna.texts(anna.direct(bert)) == []
    practice.settle()
    assert anna.texts(anna.direct(bert)) == ["von Bert"]


def test_garbage_envelopes_are_answered_with_a_nack_only(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    start = len(practice.frames)
    inject(practice, anna, bert, w.encode_frame(w.EnvelopeFrame(0, bytes(500))))
    sent = [w.decode_frame(frame) for _, _, frame in practice.frames[start:]]
    assert [type(one) for one in sent] == [w.Nack]


def craft(node: Node, **changes: object) -> bytes:
    """A content as `node` could make it, with lies."""
    status = node.status
    assert status.circle and status.person and status.device
    author = Author(
        changes.get("circle", status.circle),  # type: ignore[arg-type]
        changes.get("person", status.person),  # type: ignore[arg-type]
        changes.get("device", status.device),  # type: ignore[arg-type]
    )
    return contents.make(
        node.entropy,
        author,
        changes.get("conversation"),  # type: ignore[arg-type]
        changes.get("body", Text("gelogen")),  # type: ignore[arg-type]
        time_ms=int(changes.get("time_ms", node.now.wall_ms)),  # type: ignore[call-overload]
        seen=changes.get("seen", ()),  # type: ignore[arg-type]
    )


def push(practice: Practice, sender: Node, victim: Node, raw: bytes) -> None:
    """Send any bytes as the content of a real envelope."""
    from app.core import sessions
    from app.core.people import load
    from app.core.work import Work

    with sender.store.write() as tx:
        work = Work(sender.messenger._state, sender.entropy, tx, sender.now)
        load(work)
        session = sessions.sending(work, victim.device)
        assert session is not None
        wire = sessions.encrypt(work, session, raw)
    inject(practice, victim, sender, w.encode_frame(w.EnvelopeFrame(0, wire)))


@pytest.mark.expect_log("malformed", "names another author")
def test_contents_with_lies_are_acknowledged_and_never_shown(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    place = anna.direct(bert)
    anna.say(place, "echt")
    practice.settle()
    between = anna.direct(carl)
    lies = [
        b"garbage",
        b"",
        craft(bert, device=carl.device, conversation=place),
        craft(bert, person=carl.person, conversation=between),  # not his person
        craft(bert, person=anna.person, conversation=place),  # speaking as the recipient
        craft(bert, conversation=between),  # into a conversation of others
        craft(bert, circle=CircleId(bytes(32)), conversation=place),
    ]
    for raw in lies:
        push(practice, bert, anna, raw)
    assert anna.texts(place) == ["echt"]
    assert anna.texts(between) == []
    bert.say(bert.direct(anna), "geht weiter")
    practice.settle()
    assert anna.texts(place) == ["echt", "geht weiter"]


def test_the_same_content_twice_under_new_envelopes_shows_once(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    raw = craft(bert, conversation=anna.direct(bert))
    for _ in range(3):
        push(practice, bert, anna, raw)
    assert anna.texts(anna.direct(bert)) == ["gelogen"]
    assert anna.status.unread == 1


def test_an_unknown_visible_kind_is_kept_and_shown_as_needing_an_update(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    raw = craft(bert, conversation=anna.direct(bert))
    fields = codec.decode(list, raw, max_bytes=10_000)  # type: ignore[type-arg]
    fields[1] = 77
    later = codec.encode([*fields, "trailing"])
    push(practice, bert, anna, later)
    row = anna.rows(anna.direct(bert))[-1]
    assert row.kind is views.MessageKind.UNKNOWN and row.text == ""
    with anna.store.write() as tx:
        record = tx.history.message(row.message)
    assert record is not None and record.raw == later
    fields[1] = 200  # silent and unknown: nothing to see
    push(practice, bert, anna, codec.encode(fields))
    assert len(anna.rows(anna.direct(bert))) == 1


def test_unplaced_contents_are_bounded(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    base = codec.decode(list, craft(bert, conversation=bytes(31) + b"x"), max_bytes=10_000)  # type: ignore[type-arg]
    base[10] = [bytes(32)]  # group heads that nobody has
    anna.messenger._state.cache.unplaced = limits.MAX_UNPLACED - 2
    for number in range(4):
        base[2] = number.to_bytes(16, "big")
        if number == 2:
            break
        push(practice, bert, anna, codec.encode(base))
    assert anna.messenger._state.cache.unplaced == limits.MAX_UNPLACED
    with anna.store.write() as tx:
        assert len(tx.values.all("unplaced/")) == 2


def test_a_wrong_clock_is_shown_and_not_trusted(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    bert.clock_skew_ms = 3 * limits.HOUR_MS
    bert.say(bert.direct(anna), "aus der Zukunft")
    practice.settle()
    row = anna.rows(anna.direct(bert))[-1]
    assert row.clock_wrong
    assert row.sent_ms == anna.now.wall_ms + limits.CLOCK_AHEAD_MS
    anna.say(anna.direct(bert), "Antwort")
    practice.settle()
    for node, other in ((anna, bert), (bert, anna)):
        assert node.texts(node.direct(other)) == ["aus der Zukunft", "Antwort"]
