"""Sessions over whole devices: lost, replaced, rotated, restored; rows that end (protocol 3, 11.4-11.8)."""

import shutil

import pytest

from app.core import limits, requests, views
from app.core import wire as w
from app.core.events import ProblemRaised
from app.core.messenger import Messenger
from app.core.ports import BundleRow
from app.core.views import Mark
from app.store.db import Store
from crypto.prekeys import Bundle
from tests.scenarios.practice import MAIN, Node, Practice, Side, Wire
from tests.scenarios.test_groups import three
from tests.scenarios.test_hostile_peer import inject
from transport.events import LinkId, LinkUp, PeerId


def sessions_of(node: Node, other: Node) -> list[bytes]:
    with node.store.write() as tx:
        return [row.session for row in tx.sessions.of_peer(other.device)]


def lose_sessions(node: Node, other: Node) -> None:
    """As if one side's sessions had gone for good."""
    with node.store.write() as tx:
        for row in tx.sessions.of_peer(other.device):
            tx.sessions.delete(row.session)
    node.restart()


def envelopes(practice: Practice, sender: Node, since: int) -> int:
    frames = [w.decode_frame(frame) for name, _, frame in practice.frames[since:] if name == sender.name]
    return sum(isinstance(frame, w.EnvelopeFrame) for frame in frames)


def test_a_lost_session_is_replaced_after_a_nack_and_nothing_is_lost(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    place = anna.direct(bert)
    anna.say(place, "vorher")
    practice.settle()
    bert.say(place, "zurück")
    practice.settle()
    lose_sessions(bert, anna)
    sent = [anna.say(place, f"nachher {number}") for number in range(3)]
    practice.settle()
    assert bert.texts(place) == ["vorher", "zurück", "nachher 0", "nachher 1", "nachher 2"]
    assert [anna.mark(one) for one in sent] == [Mark.ALL] * 3
    assert anna.status.waiting == 0


def test_at_most_one_reset_per_peer_and_hour(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    place = anna.direct(bert)
    anna.say(place, "eins")
    practice.settle()
    for _ in range(2):
        lose_sessions(bert, anna)
        anna.say(place, "wieder")
        practice.settle()
    assert bert.texts(place).count("wieder") == 1
    assert anna.status.waiting == 1
    practice.pass_time(limits.HOUR_MS + limits.MINUTE_MS)
    practice.settle()
    practice.pass_time(limits.HOUR_MS)
    practice.settle()
    assert bert.texts(place).count("wieder") == 2
    assert anna.status.waiting == 0


def test_a_retry_sends_the_same_bytes_and_a_duplicate_is_acknowledged_again(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    place = anna.direct(bert)
    practice.lose_envelopes = 1.0
    anna.say(place, "verschluckt")
    with anna.store.write() as tx:
        before = tx.queues.outbox_of_device(bert.device, 0, 1)[0]
    practice.settle()
    practice.lose_envelopes = 0.0
    assert bert.texts(place) == []
    practice.pass_time(limits.RESEND_AFTER_MS + 1)
    practice.settle()
    assert bert.texts(place) == ["verschluckt"]
    since = len(practice.frames)
    inject(practice, bert, anna, w.encode_frame(w.EnvelopeFrame(0, before.wire)))
    again = [w.decode_frame(frame) for _, _, frame in practice.frames[since:]]
    assert again == [w.Ack((before.envelope,))]
    assert bert.texts(place) == ["verschluckt"]


def test_rows_end_after_ninety_days_as_not_delivered(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    practice.separate("Bert")
    sent = anna.say(anna.direct(bert), "zu spät")
    practice.leap(89 * limits.DAY_MS)
    assert anna.mark(sent) is Mark.WAITING
    practice.leap(2 * limits.DAY_MS)
    assert anna.mark(sent) is Mark.FAILED
    row = anna.rows(anna.direct(bert))[-1]
    assert row.mark_reason == "expired" and row.waiting_for == ("Bert",)
    with anna.store.write() as tx:
        assert tx.queues.outbox_counts() == (0, 0)


def test_prekeys_rotate_weekly_and_old_ones_serve_late_first_messages(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    practice.separate("Bert")
    with bert.store.write() as tx:
        first = tx.sessions.bundle(bert.device)
    anna.say(anna.direct(bert), "unter dem alten Schlüssel")
    for _ in range(4):
        practice.leap(8 * limits.DAY_MS)
    with bert.store.write() as tx:
        later = tx.sessions.bundle(bert.device)
        assert first is not None and later is not None and later.version >= first.version + 3
    practice.heal()
    practice.settle()
    assert bert.texts(bert.direct(anna)) == ["unter dem alten Schlüssel"]
    with anna.store.write() as tx:
        held = tx.sessions.bundle(bert.device)
    assert held is not None and held.version == later.version
    for _ in range(8):
        practice.leap(8 * limits.DAY_MS)
    with bert.store.write() as tx:
        rows = tx.sessions.prekeys("signed")
    assert all(row.created_ms > practice.now.wall_ms - 70 * limits.DAY_MS for row in rows)


def test_a_bundle_that_may_still_start_a_session_can_be_answered(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    practice.separate("Bert")
    days = 59
    for _ in range(days):
        practice.leap(limits.DAY_MS)
    anna.say(anna.direct(bert), "am letzten Tag")
    with anna.store.write() as tx:
        held = tx.sessions.bundle(bert.device)
        assert held is not None and tx.sessions.of_peer(bert.device)
    used = Bundle.from_wire(held.raw)
    assert used.issued_s * 1000 == practice.now.wall_ms - days * limits.DAY_MS
    practice.heal()
    start = len(practice.frames)
    practice.settle()
    assert bert.texts(bert.direct(anna)) == ["am letzten Tag"]
    assert not any(isinstance(w.decode_frame(frame), w.Nack) for _, _, frame in practice.frames[start:])
    for _ in range(10):
        practice.leap(limits.DAY_MS)
    with bert.store.write() as tx:
        assert tx.sessions.prekey(used.signed.prekey_id) is None
        assert tx.sessions.prekey(used.kem.prekey_id) is None


def test_a_message_without_a_usable_bundle_waits_for_one(practice: Practice) -> None:
    anna = practice.found("Anna")
    bert = practice.join("Bert", anna)
    practice.apart.add(frozenset(("Anna", "Bert")))
    carl = practice.join("Carl", anna)
    sent = [anna.say(anna.direct(carl), f"{number}") for number in range(3)]
    with anna.store.write() as tx:
        assert all(not row.wire for row in tx.queues.outbox_of_device(carl.device, 0, 9))
    practice.settle()
    assert carl.texts(carl.direct(anna)) == ["0", "1", "2"]
    assert anna.mark(sent[0]) is Mark.ALL
    assert bert.status.devices >= 2


def test_a_device_set_back_to_an_old_file_gets_new_sessions(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    place = anna.direct(bert)
    anna.say(place, "eins")
    practice.settle()
    bert.say(place, "zwei")
    practice.settle()
    practice.cut(anna)
    anna.store.close()
    copy = anna.path.with_suffix(".backup")
    shutil.copy(anna.path, copy)
    anna.store = Store.open(anna.path, anna.key)
    anna.messenger = Messenger(anna.entropy)
    anna.run(lambda tx, now: anna.messenger.open(tx, now))
    for number in range(5):
        anna.say(place, f"nach der Sicherung {number}")
        practice.settle()
    practice.cut(anna)
    anna.store.close()
    for suffix in ("-wal", "-shm"):
        anna.path.with_name(anna.path.name + suffix).unlink(missing_ok=True)
    shutil.copy(copy, anna.path)
    anna.store = Store.open(anna.path, anna.key)
    anna.messenger = Messenger(anna.entropy)
    practice.pass_time(5_000)
    before = set(sessions_of(bert, anna))
    anna.run(lambda tx, now: anna.messenger.restored(tx, now))
    anna.run(lambda tx, now: anna.messenger.open(tx, now))
    bert.say(place, "noch da?")
    anna.say(place, "wieder da")
    practice.settle()
    anna.say(place, "und weiter")
    practice.settle()
    assert set(bert.texts(place)[-3:]) == {"noch da?", "wieder da", "und weiter"}
    assert anna.texts(place)[:2] == ["eins", "zwei"]
    assert "noch da?" in anna.texts(place)
    assert sessions_of(bert, anna)[0] not in before
    assert sessions_of(bert, anna)[0] == sessions_of(anna, bert)[0]


def test_discard_and_retry(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    place = anna.direct(bert)
    practice.separate("Bert")
    mistaken = anna.say(place, "an den Falschen")
    assert anna.ask(requests.DiscardMessage(message=mistaken.message)) == views.Done()
    assert anna.texts(place) == []
    late = anna.say(place, "bleibt")
    practice.leap(91 * limits.DAY_MS)
    assert anna.mark(late) is Mark.FAILED
    assert anna.ask(requests.RetryMessage(message=late.message)) == views.Done()
    assert anna.mark(late) is Mark.WAITING
    practice.heal()
    practice.settle()
    assert bert.texts(place) == ["bleibt"]
    refused = anna.ask(requests.DiscardMessage(message=late.message))
    assert refused == views.Failure(code="already_delivered")


def test_many_abandoned_messages_lead_to_a_new_session(
    practice: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_ABANDONED", 40)
    anna, bert, _ = three(practice)
    place = anna.direct(bert)
    anna.say(place, "start")
    practice.settle()
    practice.separate("Bert")
    before = sessions_of(anna, bert)
    limit = limits.MAX_ABANDONED
    for number in range(limit + 5):
        sent = anna.say(place, str(number))
        anna.ask(requests.DiscardMessage(message=sent.message))
    anna.say(place, "kommt an")
    practice.heal()
    practice.settle()
    assert bert.texts(place) == ["start", "kommt an"]
    assert set(sessions_of(anna, bert)) - set(before)


def test_an_idle_practice_sends_nothing(practice: Practice) -> None:
    three(practice)
    practice.settle()
    since = len(practice.frames)
    practice.pass_time(20 * limits.HOUR_MS)
    practice.settle()
    assert envelopes(practice, practice.nodes[0], since) == 0
    assert len(practice.frames) == since


@pytest.mark.expect_log("incarnation raised")
def test_a_file_set_back_unnoticed_is_noticed_by_what_others_hold(practice: Practice) -> None:
    """No start counter told: the peer's hello holds a newer bundle of ours than we do (11.4)."""
    anna, bert, _ = three(practice)
    place = anna.direct(bert)
    anna.say(place, "eins")
    practice.settle()
    practice.cut(anna)
    anna.store.close()
    copy = anna.path.with_suffix(".backup")
    shutil.copy(anna.path, copy)
    anna.restart()
    practice.leap(8 * limits.DAY_MS)  # a new bundle, which Bert gets
    practice.settle()
    anna.say(place, "verloren gegangen")
    practice.settle()
    practice.cut(anna)
    anna.store.close()
    for suffix in ("-wal", "-shm"):
        anna.path.with_name(anna.path.name + suffix).unlink(missing_ok=True)
    shutil.copy(copy, anna.path)
    anna.store = Store.open(anna.path, anna.key)
    anna.messenger = Messenger(anna.entropy)
    with anna.store.write() as tx:
        old = tx.sessions.bundle(anna.device)
    anna.run(lambda tx, now: anna.messenger.open(tx, now))
    before = set(sessions_of(bert, anna))
    practice.settle()
    anna.say(place, "neu")
    bert.say(place, "auch neu")
    practice.settle()
    with bert.store.write() as tx:
        held = tx.sessions.bundle(anna.device)
    assert old is not None and held is not None and held.inc > old.inc
    assert anna.texts(place)[-2:] and set(anna.texts(place)[-2:]) == {"neu", "auch neu"}
    assert {"neu", "auch neu"} <= set(bert.texts(place))
    assert sessions_of(bert, anna)[0] not in before


def test_envelopes_of_a_device_not_known_yet_are_held_bounded_and_opened_later(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    anna.ask(requests.SetRole(person=bert.person, admin=True))
    practice.settle()
    practice.separate("Anna")
    dora = practice.join("Dora", bert)
    place = dora.direct(anna)
    for number in range(limits.MAX_HELD + 6):
        dora.say(place, str(number))
    # As if Anna's certificate check knew Dora already and her roster did not.
    practice.apart.clear()
    practice._links += 2
    a, b = Side(dora, LinkId(practice._links)), Side(anna, LinkId(practice._links + 1))
    practice.wires.append(Wire(a, b, MAIN))
    up_a = LinkUp(a.link, PeerId(anna.device), MAIN, anna.address, True, b"", b"")
    up_b = LinkUp(b.link, PeerId(dora.device), MAIN, dora.address, False, b"", b"")
    dora.run(lambda tx, now: dora.messenger.link_up(tx, now, up_a))
    anna.run(lambda tx, now: anna.messenger.link_up(tx, now, up_b))
    while practice.step():
        pass
    with anna.store.write() as tx:
        assert len(tx.queues.held(None)) == limits.MAX_HELD
    assert dora.status.waiting == limits.MAX_HELD + 6  # nothing was acknowledged
    practice.settle()
    practice.pass_time(limits.RESEND_AFTER_MS + 1)
    practice.settle()
    assert anna.texts(anna.direct(dora)) == [str(number) for number in range(limits.MAX_HELD + 6)]
    with anna.store.write() as tx:
        assert tx.queues.held(None) == []


def test_onetime_prekeys_are_issued_used_once_and_bound_to_their_contact(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    place = anna.direct(bert)
    anna.say(place, "eins")
    practice.settle()
    bert.say(place, "zwei")
    practice.settle()
    with bert.store.write() as tx:
        issued = {row.prekey_id for row in tx.sessions.prekeys("onetime") if row.contact == anna.device}
        assert issued and not any(row.contact == carl.device for row in tx.sessions.prekeys("onetime"))
    with anna.store.write() as tx:
        for row in tx.sessions.of_peer(bert.device):
            tx.sessions.delete(row.session)
    anna.restart()
    anna.say(place, "drei")
    practice.settle()
    assert bert.texts(place) == ["eins", "zwei", "drei"]
    with bert.store.write() as tx:
        left = {row.prekey_id for row in tx.sessions.prekeys("onetime") if row.contact == anna.device}
    assert len(issued - left) == 1


def test_onetime_prekeys_of_a_revoked_contact_are_deleted(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    for other in (bert, carl):
        anna.say(anna.direct(other), "eins")
    practice.settle()
    anna.restart()
    practice.settle()  # both sides see at the hello what the other lacks
    with anna.store.write() as tx:
        assert {row.contact for row in tx.sessions.prekeys("onetime")} == {bert.device, carl.device}
        assert len(tx.values.all("onetime/")) == 2
    anna.ask(requests.RevokeDevice(device=carl.device))
    with anna.store.write() as tx:
        assert {row.contact for row in tx.sessions.prekeys("onetime")} == {bert.device}
        assert list(tx.values.all("onetime/")) == [f"onetime/{bert.device.hex()}"]


def test_onetime_prekeys_that_mean_nothing_any_more_do_not_stop_a_session(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    place = anna.direct(bert)
    anna.say(place, "eins")
    practice.settle()
    bert.say(place, "zwei")
    practice.settle()
    with bert.store.write() as tx:
        for row in tx.sessions.prekeys("onetime"):
            tx.sessions.delete_prekey(row.prekey_id)
        for one in tx.sessions.of_peer(anna.device):
            tx.sessions.delete(one.session)
    bert.restart()
    with anna.store.write() as tx:
        for one in tx.sessions.of_peer(bert.device):
            tx.sessions.delete(one.session)
    anna.restart()
    anna.say(place, "drei")
    practice.settle()
    assert bert.texts(place) == ["eins", "zwei", "drei"]


@pytest.mark.expect_log("another copy of this device")
def test_a_copy_that_meets_a_later_incarnation_of_itself_stops_until_it_is_started_again(
    practice: Practice,
) -> None:
    anna, bert, _ = three(practice)
    place = anna.direct(bert)
    anna.say(place, "eins")
    practice.settle()
    practice.cut(anna)
    anna.store.close()
    copy = anna.path.with_suffix(".copy")
    shutil.copy(anna.path, copy)
    anna.store = Store.open(anna.path, anna.key)
    anna.messenger = Messenger(anna.entropy)
    practice.pass_time(5_000)
    anna.run(lambda tx, now: anna.messenger.restored(tx, now))  # the other copy, with its own life from here on
    anna.run(lambda tx, now: anna.messenger.open(tx, now))
    anna.say(place, "von der anderen")
    practice.settle()
    practice.cut(anna)
    anna.store.close()
    for suffix in ("-wal", "-shm"):
        anna.path.with_name(anna.path.name + suffix).unlink(missing_ok=True)
    shutil.copy(copy, anna.path)
    anna.wants, anna.tags = {}, ()
    anna.store = Store.open(anna.path, anna.key)
    anna.messenger = Messenger(anna.entropy)
    anna.run(lambda tx, now: anna.messenger.open(tx, now))
    since = len(practice.frames)
    anna.say(place, "wartet")
    practice.settle()
    practice.sight()
    practice.settle()

    problems = [one for one in anna.told(ProblemRaised) if isinstance(one, ProblemRaised)]
    assert [one.failure.code for one in problems] == ["clone_detected"]
    assert anna.status.problem == views.Failure(code="clone_detected")
    assert anna.status.waiting == 1
    assert envelopes(practice, anna, since) == 0
    assert not anna.wants and not anna.tags and anna.wake_mono_ms is None
    membership = anna.messenger.membership()
    assert membership is not None and not membership.active
    assert bert.texts(place) == ["eins", "von der anderen"]

    anna.restart()
    assert anna.status.problem is None
    practice.settle()
    assert bert.texts(place) == ["eins", "von der anderen", "wartet"]


def test_a_colleague_who_only_claims_a_later_incarnation_stops_nobody(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    practice.separate("Anna")
    with bert.store.write() as tx:
        held = tx.sessions.bundle(anna.device)
        assert held is not None
        tx.sessions.put_bundle(
            BundleRow(device=anna.device, inc=held.inc + 9, version=held.version, raw=held.raw)
        )
    bert.restart()
    practice.heal()
    practice.settle()
    assert anna.status.problem is None
    anna.say(anna.direct(carl), "geht weiter")
    practice.settle()
    assert carl.texts(carl.direct(anna)) == ["geht weiter"]
