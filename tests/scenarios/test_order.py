"""Places of messages: replies after what they answer, on every device, whatever came first (protocol 11.17)."""

from app.core import requests, views
from crypto.ids import ConversationId
from tests.scenarios.practice import Node, Practice
from tests.scenarios.test_groups import make, three


def place_of(node: Node, conversation: ConversationId, text: str) -> int:
    return node.texts(conversation).index(text)


def test_a_reply_that_comes_first_moves_behind_its_question(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    group = make(anna, "Team", bert, carl)
    practice.settle()
    practice.separate("Carl")
    anna.clock_skew_ms = 4 * 60_000  # Anna's clock is ahead, Bert's is right
    question = anna.say(group, "Frage")
    practice.settle()
    bert.say(group, "Antwort", reply_to=question.message)
    practice.settle()
    practice.apart.clear()
    practice.separate("Anna")
    practice.settle()
    assert carl.texts(group) == ["Antwort"]
    quote = carl.rows(group)[-1].quote
    assert quote is not None and quote.kind is None
    practice.apart.clear()
    practice.settle()
    for node in (anna, bert, carl):
        assert node.texts(group) == ["Frage", "Antwort"]
    quote = carl.rows(group)[-1].quote
    assert quote is not None and quote.text == "Frage" and quote.author_name == "Anna"
    assert carl.conversation(group).preview == "Antwort"


def test_a_reply_must_answer_something_of_this_conversation(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    other = anna.say(anna.direct(carl), "woanders")
    asked = requests.SendText(conversation=anna.direct(bert), text="x", reply_to=other.message)
    assert anna.ask(asked) == views.Failure(code="unknown_message")


def test_pages_go_both_ways_from_an_anchor(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    place = anna.direct(bert)
    sent = [anna.say(place, str(number)) for number in range(30)]
    first = anna.ask(requests.LoadTimeline(conversation=place, before=10))
    assert isinstance(first, views.TimelinePage)
    assert [row.text for row in first.rows] == [str(number) for number in range(20, 30)]
    assert first.has_older and not first.has_newer
    middle = anna.ask(requests.LoadTimeline(conversation=place, anchor=sent[15].message, before=3, after=2))
    assert isinstance(middle, views.TimelinePage)
    assert [row.text for row in middle.rows] == ["12", "13", "14", "15", "16", "17"]
    assert middle.has_older and middle.has_newer
    oldest = anna.ask(requests.LoadTimeline(conversation=place, anchor=sent[0].message, before=5, after=5))
    assert isinstance(oldest, views.TimelinePage)
    assert not oldest.has_older and oldest.rows[0].text == "0"
    day = anna.ask(requests.LoadTimeline(conversation=place, day_ms=1, before=0, after=1))
    assert isinstance(day, views.TimelinePage)
    assert [row.text for row in day.rows] == ["0", "1"]


def test_delivery_per_person(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    group = make(anna, "Team", bert, carl)
    practice.settle()
    practice.separate("Carl")
    sent = anna.say(group, "wer hat es?")
    practice.settle()
    reply = anna.ask(requests.GetDelivery(message=sent.message))
    assert isinstance(reply, views.Delivery)
    found = {row.name: (row.mark, row.devices_reached, row.reason) for row in reply.rows}
    assert found == {"Bert": (views.Mark.ALL, 1, None), "Carl": (views.Mark.WAITING, 0, "not_reachable")}
    assert anna.mark(sent) is views.Mark.WAITING
    assert anna.rows(group)[-1].waiting_for == ("Carl",)


def test_refusals_have_codes_and_change_nothing(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    place = anna.direct(bert)
    asked: list[tuple[requests.Request, str]] = [
        (requests.SendText(conversation=place, text="  \n "), "text_empty"),
        (requests.SendText(conversation=place, text="x" * 20_001), "text_too_long"),
        (requests.SendText(conversation=ConversationId(bytes(32)), text="x"), "unknown_conversation"),
        (requests.OpenDirect(person=anna.person), "unknown_person"),
        (requests.RevokeDevice(device=anna.device), "bad_request"),
        (requests.CreateGroup(circle=None, title="", members=(bert.person,)), "name_empty"),
        (requests.CreateGroup(circle=None, title="x", members=()), "bad_request"),
        (requests.FetchBlob(message=bytes(32)), "gone"),  # type: ignore[arg-type]
        (requests.LoadTimeline(conversation=ConversationId(bytes(32))), "unknown_conversation"),
    ]
    for request, code in asked:
        reply = anna.ask(request)
        assert isinstance(reply, views.Failure) and reply.code == code, request
    assert anna.texts(place) == [] and anna.status.waiting == 0
