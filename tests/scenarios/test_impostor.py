"""A member who speaks for another in everything a content says (protocol 11.7; attacks 40 and 50)."""

import pytest

from tests.scenarios.practice import Practice
from tests.scenarios.test_groups import three
from tests.scenarios.test_hostile_peer import craft, push


@pytest.mark.expect_log("names another author")
def test_attack_40_device_person_and_conversation_of_a_colleague(practice: Practice) -> None:
    """Each field fits the others; only the session it came through is Bert's."""
    anna, bert, carl = three(practice)
    place = anna.direct(carl)
    anna.say(place, "echt")
    practice.settle()
    push(practice, bert, anna, craft(bert, device=carl.device, person=carl.person, conversation=place))
    assert anna.texts(place) == ["echt"]
    carl.say(carl.direct(anna), "wirklich Carl")
    practice.settle()
    assert anna.texts(place) == ["echt", "wirklich Carl"]
