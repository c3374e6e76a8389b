"""One-time prekeys belong to the contact they were issued to (protocol section 3; attack 7)."""

from tests.scenarios.practice import Practice
from tests.scenarios.test_groups import three


def test_attack_07_a_prekey_issued_to_another_contact_opens_nothing(practice: Practice) -> None:
    """Carl got hold of one that Bert issued to Anna: no session with it, and it stays for Anna."""
    anna, bert, carl = three(practice)
    for other in (anna, carl):
        place = other.direct(bert)
        other.say(place, "eins")
        practice.settle()
        bert.say(place, "zwei")
        practice.settle()
    with anna.store.write() as tx:
        stolen = tx.values.get(f"onetime/{bert.device.hex()}")
    assert stolen is not None
    with bert.store.write() as tx:
        before = {row.prekey_id for row in tx.sessions.prekeys("onetime") if row.contact == anna.device}
    with carl.store.write() as tx:
        for row in tx.sessions.of_peer(bert.device):
            tx.sessions.delete(row.session)
        tx.values.put(f"onetime/{bert.device.hex()}", stolen)
    carl.restart()
    carl.say(carl.direct(bert), "drei")
    practice.settle()
    with bert.store.write() as tx:
        after = {row.prekey_id for row in tx.sessions.prekeys("onetime") if row.contact == anna.device}
    assert after == before
    assert bert.texts(carl.direct(bert)) == ["eins", "zwei", "drei"]  # under a session without one
