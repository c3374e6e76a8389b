"""Finding each other: tags, addresses that worked, gossip, the roster link, and how reach shows."""

from app.core import limits, requests, views
from app.core import wire as w
from app.core.views import NetworkState, Reach
from crypto import tags
from crypto.ids import DeviceId
from tests.scenarios.practice import Node, Practice
from tests.scenarios.test_groups import three
from tests.scenarios.test_hostile_peer import inject
from transport.events import Address, Sighting


def see(node: Node, instance: str, joined: bytes, *addresses: Address) -> None:
    seen = Sighting(instance, addresses, {"t": joined})
    node.run(lambda tx, now: node.messenger.sighting(tx, now, seen))


def test_members_recognise_each_other_and_strangers_mean_nothing(practice: Practice) -> None:
    anna = practice.found("Anna")
    bert = practice.join("Bert", anna)
    anna.wants.clear()
    assert len(bert.tags) % tags.TAG_MULTIPLE == 0
    see(anna, "x", b"".join(bert.tags), bert.address)
    assert anna.wants == {bert.device: (bert.address,)}
    before = dict(anna.wants)
    for joined in (b"", b"short", anna.entropy.token(12 * 4), anna.entropy.token(12 * (tags.MAX_TAGS + 1))):
        see(anna, "y", joined, Address("10.9.9.9", 1))
    assert anna.wants == before
    assert anna.messenger._state.sighted.keys() == {"x"}


def test_sightings_are_bounded(practice: Practice) -> None:
    anna = practice.found("Anna")
    bert = practice.join("Bert", anna)
    for number in range(limits.MAX_SIGHTINGS + 10):
        see(anna, f"i{number}", b"".join(bert.tags), Address("10.1.1.1", 1 + number))
    assert len(anna.messenger._state.sighted) == limits.MAX_SIGHTINGS
    assert len(anna.wants[bert.device]) <= limits.MAX_ADDRESSES


def test_tags_change_at_midnight_and_yesterdays_are_still_known(practice: Practice) -> None:
    anna = practice.found("Anna")
    bert = practice.join("Bert", anna)
    yesterday = bert.tags
    practice.pass_time(limits.DAY_MS)
    assert set(bert.tags).isdisjoint(yesterday)
    anna.wants.clear()
    anna.messenger._state.wanted.clear()
    see(anna, "x", b"".join(yesterday), bert.address)
    assert bert.device in anna.wants


def test_addresses_that_worked_are_dialled_after_a_restart(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    bert.restart()
    assert bert.wants[anna.device][0] == anna.address
    assert practice.settle() is None and practice.linked(anna, bert)


def test_gossip_brings_members_together_without_multicast(practice: Practice) -> None:
    anna = practice.found("Anna")
    bert = practice.join("Bert", anna)
    practice.settle()
    carl = practice.join("Carl", anna)
    practice.settle()
    practice.cut(bert)
    practice.settle()
    practice.cut(carl)
    practice.settle()
    assert practice.linked(bert, carl)


def test_gossip_of_strangers_and_of_senseless_addresses_is_dropped(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    practice.cut(carl)
    entries = (
        w.GossipAddress(bytes(32), "10.5.5.5", 1),
        w.GossipAddress(carl.device, "127.0.0.1", 1),
        w.GossipAddress(carl.device, "224.0.0.251", 1),
        w.GossipAddress(carl.device, "not an address", 1),
        w.GossipAddress(anna.device, "10.5.5.6", 1),
        w.GossipAddress(carl.device, "10.5.5.7", 7),
    )
    inject(practice, anna, bert, w.encode_frame(w.Gossip(entries)))
    with anna.store.write() as tx:
        hosts = {row.host for row in tx.addresses.of_device(carl.device)}
        assert not tx.addresses.of_device(DeviceId(bytes(32)))
    assert "10.5.5.7" in hosts
    assert not hosts & {"127.0.0.1", "224.0.0.251", "not an address"}


def test_a_newcomer_shows_its_admission_to_who_does_not_know_it_yet(practice: Practice) -> None:
    anna, bert, _ = three(practice)
    practice.separate("Bert")
    dora = practice.join("Dora", anna)
    practice.settle()
    practice.heal()
    practice.separate("Bert", "Dora")  # nobody else can tell Bert
    see(dora, "b", b"".join(bert.tags), bert.address)
    dora.say(dora.direct(bert), "Ich bin neu hier")
    practice.settle()
    assert practice.linked(dora, bert)
    assert bert.status.devices == 4
    assert bert.texts(bert.direct(dora)) == ["Ich bin neu hier"]


def test_reach_goes_from_reachable_to_away_to_offline(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    place = anna.direct(bert)
    assert anna.conversation(place).reach is Reach.REACHABLE
    practice.separate("Bert")
    assert anna.conversation(place).reach is Reach.AWAY
    practice.pass_time(limits.AWAY_MS + 1)
    assert anna.conversation(place).reach is Reach.OFFLINE
    reply = anna.ask(requests.ListPeople())
    assert isinstance(reply, views.People)
    row = next(one for one in reply.rows if one.name == "Bert").devices[0]
    assert row.last_seen_ms is not None
    assert anna.status.links == 1 and anna.status.network is NetworkState.OK
    practice.separate("Carl")
    practice.pass_time(limits.AWAY_MS + 1)
    assert anna.status.network is NetworkState.ALONE
    anna.run(lambda tx, now: anna.messenger.network(tx, now, usable=False))
    assert anna.status.network is NetworkState.NO_NETWORK
    assert carl.status.links == 0


def test_revoked_devices_are_dialled_no_more(practice: Practice) -> None:
    anna, bert, carl = three(practice)
    assert carl.device in anna.wants
    anna.ask(requests.RevokeDevice(device=carl.device))
    practice.settle()
    assert carl.device not in anna.wants and carl.device not in bert.wants
    with anna.store.write() as tx:
        assert tx.addresses.of_device(carl.device) == []
