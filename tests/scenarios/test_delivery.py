"""Direct messages between whole devices."""

from app.core import requests, views
from tests.scenarios.practice import Practice


def test_found_join_and_talk(practice: Practice) -> None:
    anna = practice.found("Anna")
    bert = practice.join("Bert", anna)
    practice.settle()
    assert practice.linked(anna, bert)
    sent = anna.say(anna.direct(bert), "Hallo Bert")
    assert anna.mark(sent) is views.Mark.WAITING
    practice.settle()
    assert bert.texts(bert.direct(anna)) == ["Hallo Bert"]
    assert anna.mark(sent) is views.Mark.ALL
    assert bert.conversation(bert.direct(anna)).unread == 1
    bert.say(bert.direct(anna), "Hallo Anna")
    practice.settle()
    assert anna.texts(anna.direct(bert)) == ["Hallo Bert", "Hallo Anna"]
    assert anna.status.waiting == 0 and bert.status.waiting == 0


def test_offline_recipient_gets_everything_later_in_order(practice: Practice) -> None:
    anna = practice.found("Anna")
    bert = practice.join("Bert", anna)
    sent = [anna.say(anna.direct(bert), f"Nummer {number}") for number in range(150)]
    assert anna.status.waiting == 150
    practice.settle()
    assert bert.texts(bert.direct(anna)) == [f"Nummer {number}" for number in range(150)]
    assert {anna.mark(one) for one in sent[-5:]} == {views.Mark.ALL}


def test_two_members_who_never_met_start_sessions_from_gossiped_bundles(practice: Practice) -> None:
    anna = practice.found("Anna")
    bert = practice.join("Bert", anna)
    practice.settle()
    practice.separate("Bert")
    carl = practice.join("Carl", anna)
    practice.settle()
    carl.say(carl.direct(bert), "Wir kennen uns nicht")
    practice.heal()
    practice.sight()
    practice.settle()
    assert bert.texts(bert.direct(carl)) == ["Wir kennen uns nicht"]


def test_simultaneous_first_messages_arrive_and_one_session_wins(practice: Practice) -> None:
    anna = practice.found("Anna")
    bert = practice.join("Bert", anna)
    practice.connect()
    a, b = anna.direct(bert), bert.direct(anna)
    practice.settle()
    practice.cut(anna)
    anna.say(a, "von Anna")
    bert.say(b, "von Bert")
    practice.settle()
    for _ in range(3):
        anna.say(a, "weiter A")
        bert.say(b, "weiter B")
        practice.settle()
    assert sorted(anna.texts(a)) == sorted(bert.texts(b))
    assert len(anna.texts(a)) == 8
    with anna.store.write() as tx, bert.store.write() as ty:
        mine = tx.sessions.of_peer(bert.messenger.identity(ty).device_id)[0].session
        theirs = ty.sessions.of_peer(anna.messenger.identity(tx).device_id)[0].session
    assert mine == theirs


def test_drafts_reading_and_search(practice: Practice) -> None:
    anna = practice.found("Anna")
    bert = practice.join("Bert", anna)
    practice.settle()
    a, b = anna.direct(bert), bert.direct(anna)
    anna.ask(requests.SaveDraft(conversation=a, text="halb fertig"))
    assert anna.conversation(a).draft == "halb fertig"
    first = anna.say(a, "Die Wunde von Herrn Müller heilt")
    anna.say(a, "Zweite")
    practice.settle()
    assert bert.status.unread == 2
    bert.ask(requests.MarkRead(conversation=b, up_to=first.message))
    assert bert.status.unread == 1
    page = bert.ask(requests.LoadTimeline(conversation=b))
    assert isinstance(page, views.TimelinePage)
    assert page.first_unread == page.rows[-1].message
    bert.ask(requests.MarkRead(conversation=b))
    assert bert.status.unread == 0
    hits = bert.ask(requests.SearchMessages(text="wunden"))
    assert isinstance(hits, views.SearchHits)
    assert [hit.message for hit in hits.hits] == [first.message]
