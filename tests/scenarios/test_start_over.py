"""A restored device keeps nothing that could continue an old ratchet (protocol section 4, 11.4; attack 18)."""

from tests.scenarios.practice import Practice
from tests.scenarios.test_groups import three


def test_attack_18_sessions_and_prekeys_of_before_are_gone(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    for other in (bert, carl):
        place = anna.direct(other)
        anna.say(place, "eins")
        practice.settle()
        other.say(place, "zwei")
        practice.settle()
    with anna.store.write() as tx:
        sessions = [row.session for other in (bert, carl) for row in tx.sessions.of_peer(other.device)]
        kinds = ("signed", "kem", "onetime")
        prekeys = {row.prekey_id for kind in kinds for row in tx.sessions.prekeys(kind)}
    assert len(sessions) >= 2 and len(prekeys) >= 2
    anna.run(lambda tx, now: anna.messenger.restored(tx, now))
    with anna.store.write() as tx:
        assert [session for session in sessions if tx.sessions.get(session) is not None] == []
        assert not prekeys & {row.prekey_id for kind in kinds for row in tx.sessions.prekeys(kind)}
    practice.settle()
    anna.say(anna.direct(bert), "drei")
    practice.settle()
    assert bert.texts(bert.direct(anna)) == ["eins", "zwei", "drei"]
