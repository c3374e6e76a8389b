"""Groups on their own chain (protocol 10.8): rights, removal, the circle behind them, convergence."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.circle import bodies, group_authoring
from app.core.circle.authoring import Made
from app.core.circle.bodies import GROUP_KIND_OF, GROUP_KINDS, GroupBody, Role
from app.core.circle.errors import NotAllowed
from app.core.circle.group import GroupState
from app.core.circle.group_log import GroupLog
from crypto.codec import encode
from crypto.ids import GroupId, PersonId
from crypto.statement import VERSION, DeviceSigner, SignedStatement, Statement, sign
from tests.core.circle_world import NOW_MS, Peer, World


class Room:
    """A group as each of some peers has it."""

    def __init__(self, world: World, creator: Peer, members: list[Peer], title: str | None = None) -> None:
        self.world = world
        self.made = group_authoring.create(
            creator.roster,
            creator.identity,
            world.entropy,
            NOW_MS,
            person=creator.person,
            members=[one.person for one in members],
            title=title,
        )
        self.id = GroupId(self.made.signed.hash)
        self.logs: dict[bytes, GroupLog] = {}
        for one in (creator, *members):
            assert self.take(one, self.made) == ["added"]

    def log(self, who: Peer) -> GroupLog:
        if who.device not in self.logs:
            self.logs[who.device] = GroupLog(self.id, who.log)
        return self.logs[who.device]

    def state(self, who: Peer) -> GroupState:
        return self.log(who).group

    def take(self, who: Peer, *made: Made | SignedStatement) -> list[str]:
        results = self.log(who).add_batch(who.store, [one.wire for one in made], (), NOW_MS)
        return [result.outcome.value for result in results]

    def sync(self, who: Peer, other: Peer) -> None:
        self.take(who, *self.log(other).dag.statements)

    def add(self, who: Peer, *members: Peer) -> Made:
        persons = [one.person for one in members]
        return self._own(
            who,
            group_authoring.add(
                self.state(who), who.roster, who.identity, NOW_MS, person=who.person, members=persons
            ),
        )

    def remove(self, who: Peer, *members: Peer, devices: tuple[Peer, ...] = ()) -> Made:
        made = group_authoring.remove(
            self.state(who),
            who.roster,
            who.identity,
            NOW_MS,
            person=who.person,
            members=[one.person for one in members],
            devices=[one.device for one in devices],
        )
        return self._own(who, made)

    def leave(self, who: Peer) -> Made:
        return self._own(
            who,
            group_authoring.leave(self.state(who), who.roster, who.identity, NOW_MS, person=who.person),
        )

    def set_admin(self, who: Peer, member: Peer, admin: bool) -> Made:
        made = group_authoring.set_admin(
            self.state(who),
            who.roster,
            who.identity,
            NOW_MS,
            person=who.person,
            member=member.person,
            admin=admin,
        )
        return self._own(who, made)

    def say(self, who: Peer, body: GroupBody) -> SignedStatement:
        """Without the checks of `group_authoring`, not yet taken by anybody."""
        state = self.state(who)
        kind = GROUP_KIND_OF[type(body)]
        statement = Statement(
            VERSION, self.id, state.parents, who.device, (), state.lamport, NOW_MS, kind,
            GROUP_KINDS[kind].crit, encode(body),
        )  # fmt: skip
        return sign(statement, DeviceSigner(who.identity))

    def _own(self, who: Peer, made: Made) -> Made:
        assert self.take(who, made) == ["added"]
        return made


def practice(count: int = 4, seed: int = 0) -> tuple[World, list[Peer]]:
    world = World(seed)
    people = [world.member() for _ in range(count)]
    for one in people:
        one.sync(world.founder)
    return world, people


def persons(*peers: Peer) -> tuple[PersonId, ...]:
    return tuple(one.person for one in peers)


def test_the_creator_is_admin_and_the_members_are_named() -> None:
    world, (anna, berta, carla, _) = practice()
    room = Room(world, anna, [berta, carla], title="Labor")
    state = room.state(berta)
    assert state.members == persons(anna, berta, carla)  # as they were named
    assert state.admins == {anna.person} and state.creator == anna.person
    assert state.group == room.id and state.circle == world.circle
    assert state == room.state(anna) and state.former == frozenset()
    assert room.log(berta).accept_openings(berta.store, room.made.openings) == 1
    opening = berta.store.opening(state.title)
    assert opening is not None and opening.value == "Labor"
    assert b"Labor" not in room.made.wire


def test_two_groups_of_the_same_people_are_two() -> None:
    world, (anna, berta, *_) = practice()
    assert Room(world, anna, [berta]).id != Room(world, anna, [berta]).id


def test_admins_add_remove_and_appoint_and_members_leave() -> None:
    world, (anna, berta, carla, doris) = practice()
    room = Room(world, anna, [berta])
    room.add(anna, carla, doris)
    assert room.state(anna).members == persons(anna, berta, carla, doris)
    room.set_admin(anna, carla, True)
    room.sync(carla, anna)
    room.remove(carla, doris)
    room.leave(carla)
    room.sync(anna, carla)
    assert set(room.state(anna).members) == set(persons(anna, berta))
    assert room.state(anna).former == set(persons(carla, doris))
    assert room.state(anna).admins == {anna.person}
    room.add(anna, doris)  # and back again
    assert room.state(anna).members[-1] == doris.person


MEMBERS_MAY_NOT = [
    lambda p, o, s: bodies.Add(p.roster.parents, p.person, (s.person,)),
    lambda p, o, s: bodies.Remove(p.roster.parents, p.person, (o.person,), ()),
    lambda p, o, s: bodies.Roles(p.roster.parents, p.person, p.person, True),
    lambda p, o, s: bodies.Roles(p.roster.parents, p.person, o.person, False),
    lambda p, o, s: bodies.Leave(p.roster.parents, o.person),  # for somebody else
    lambda p, o, s: bodies.Add(p.roster.parents, o.person, (s.person,)),  # as somebody else
    lambda p, o, s: bodies.RenameGroup(p.roster.parents, o.person, bytes(32)),
    lambda p, o, s: bodies.Remove(p.roster.parents, p.person, (), (o.device,)),  # not revoked
]


@pytest.mark.parametrize("number", range(len(MEMBERS_MAY_NOT)))
def test_members_cannot(number: int) -> None:
    """Attack 25."""
    world, (anna, berta, carla, _) = practice()
    room = Room(world, anna, [berta])
    said = room.say(berta, MEMBERS_MAY_NOT[number](berta, anna, carla))
    assert room.take(berta, said) == room.take(anna, said) == ["refused"]
    assert not room.log(anna).has(said.hash)


def test_outsiders_say_nothing_even_if_they_know_the_chain() -> None:
    world, (anna, berta, carla, _) = practice()
    room = Room(world, anna, [berta])
    room.take(carla, room.made)
    for body in (
        bodies.RenameGroup(carla.roster.parents, carla.person, bytes(32)),
        bodies.Add(carla.roster.parents, carla.person, (carla.person,)),
        bodies.Leave(carla.roster.parents, carla.person),
    ):
        assert room.take(anna, room.say(carla, body)) == ["refused"]


def test_the_authoring_functions_refuse_what_others_would() -> None:
    world, (anna, berta, carla, doris) = practice()
    room = Room(world, anna, [berta])
    with pytest.raises(NotAllowed):
        room.add(berta, carla)
    with pytest.raises(NotAllowed):
        room.remove(berta, anna)
    with pytest.raises(NotAllowed):
        room.set_admin(berta, berta, True)
    room.take(doris, room.made)
    with pytest.raises(NotAllowed):
        room.leave(doris)


def test_only_members_of_the_circle_can_be_members() -> None:
    world, (anna, berta, *_) = practice()
    room = Room(world, anna, [berta])
    stranger = PersonId(bytes(16))
    said = room.say(anna, bodies.Add(anna.roster.parents, anna.person, (stranger,)))
    assert room.take(anna, said) == ["refused"]
    with pytest.raises(NotAllowed):
        group_authoring.create(
            anna.roster, anna.identity, world.entropy, NOW_MS, person=anna.person, members=[stranger]
        )


def test_if_no_admin_is_left_the_longest_standing_member_is_one() -> None:
    world, (anna, berta, carla, doris) = practice()
    room = Room(world, anna, [carla])
    room.add(anna, berta)
    room.leave(anna)
    room.sync(carla, anna)
    assert room.state(carla).admins == {carla.person}
    room.add(carla, doris)
    assert doris.person in room.state(carla).members


def test_concurrent_acts_of_a_removed_admin_have_no_effect() -> None:
    world, (anna, berta, carla, doris) = practice()
    room = Room(world, anna, [berta, carla])
    room.set_admin(anna, berta, True)
    room.sync(berta, anna)
    room.remove(anna, berta)
    room.add(berta, doris)
    room.sync(anna, berta)
    room.sync(berta, anna)
    for who in (anna, berta):
        assert set(room.state(who).members) == set(persons(anna, carla))
        assert room.state(who).heads == room.state(anna).heads


def test_of_two_admins_removing_each_other_the_longer_standing_stays() -> None:
    world, (anna, berta, carla, _) = practice()
    room = Room(world, anna, [carla])
    room.add(anna, berta)
    room.set_admin(anna, berta, True)
    room.sync(berta, anna)
    room.remove(berta, anna)
    room.remove(anna, berta)
    room.sync(anna, berta)
    room.sync(berta, anna)
    for who in (anna, berta):
        assert set(room.state(who).members) == set(persons(anna, carla))


def test_the_creator_stands_longer_than_those_named_with_him() -> None:
    for seed in range(4):  # hashes fall either way
        world, (anna, berta, carla, _) = practice(seed=seed)
        room = Room(world, anna, [carla, berta])
        room.set_admin(anna, berta, True)
        room.sync(berta, anna)
        room.remove(berta, anna)
        room.remove(anna, berta)
        room.sync(anna, berta)
        assert room.state(anna).members == persons(anna, carla)


def test_a_chain_waits_for_the_roster_that_it_knows() -> None:
    world, (anna, berta, *_) = practice()
    new = world.newcomer()
    world.founder.admit(new)
    anna.sync(world.founder)
    room = Room(world, anna, [])
    made = room.add(anna, new)
    assert room.take(berta, room.made, made) == ["pending", "pending"]
    assert not room.log(berta).heads
    berta.sync(world.founder)
    released = room.log(berta).retry(berta.store, NOW_MS)
    assert set(released) == {room.id, made.signed.hash}
    assert room.state(berta) == room.state(anna)


def test_what_waits_for_the_roster_survives_a_restart() -> None:
    world, (anna, berta, *_) = practice()
    new = world.newcomer()
    world.founder.admit(new)
    for one in (anna, new):
        one.sync(world.founder)
    room = Room(world, anna, [new])
    assert room.take(berta, room.made) == ["pending"]
    berta.sync(world.founder)
    log = GroupLog.load(berta.store, room.id, berta.log)
    assert log.retry(berta.store, NOW_MS) == (room.id,)
    assert GroupLog.load(berta.store, room.id, berta.log).group == room.state(anna)


def test_a_revoked_device_cannot_speak_once_the_chain_knows_of_the_revocation() -> None:
    world, (anna, berta, carla, doris) = practice()
    room = Room(world, anna, [berta])
    world.founder.revoke(anna)
    berta.sync(world.founder)
    state = room.state(berta)
    who, devices = state.overdue(berta.roster, room.log(berta).authors)
    assert who == [] and devices == [anna.device]  # the person is still one of us, the device is not
    room.remove(berta, devices=(anna,))
    # On the stolen device, with its old roster: added concurrently to the cut.
    late = room.add(anna, carla)
    assert room.take(berta, late) == ["added"]
    assert carla.person not in room.state(berta).members
    assert room.state(berta).silenced == {anna.device}
    anna.sync(world.founder)
    room.sync(anna, berta)
    assert room.state(anna).members == room.state(berta).members
    # And knowing of the cut, or of the revocation, it can say nothing at all.
    said = room.say(anna, bodies.Add(anna.roster.parents, anna.person, (doris.person,)))
    assert room.take(berta, said) == ["refused"]


def test_carrying_out_what_the_circle_decided_wins_over_a_stolen_admins_device() -> None:
    world, (anna, berta, carla, _) = practice()
    room = Room(world, anna, [carla])
    room.add(anna, berta)  # so that she stands less long than the thief
    room.sync(berta, anna)
    world.founder.revoke(anna, persons=[anna.person])
    berta.sync(world.founder)
    state = room.state(berta)
    who, devices = state.overdue(berta.roster, room.log(berta).authors)
    assert who == [anna.person] and devices == [anna.device]
    room.remove(berta, anna, devices=(anna,))
    room.remove(anna, berta, carla)  # backdated, by the one who stands longest
    room.sync(berta, anna)
    assert set(room.state(berta).members) == set(persons(berta, carla))
    assert anna.person not in room.state(berta).admins


def test_a_person_acts_from_each_of_his_devices() -> None:
    world, (anna, berta, carla, _) = practice()
    laptop = world.newcomer()
    world.founder.link(anna.person, laptop)
    for one in (anna, berta, laptop):
        one.sync(world.founder)
    laptop.person = anna.person
    room = Room(world, anna, [berta])
    room.take(laptop, room.made)
    room.add(laptop, carla)
    room.sync(berta, laptop)
    assert carla.person in room.state(berta).members


def test_unknown_kinds_are_kept_and_critical_ones_freeze_if_an_admin_said_so() -> None:
    world, (anna, berta, carla, _) = practice()
    room = Room(world, anna, [berta])

    def unknown(who: Peer, crit: bool) -> SignedStatement:
        state = room.state(who)
        statement = Statement(
            VERSION, room.id, state.parents, who.device, (), state.lamport, NOW_MS, "poll", crit, b"?"
        )
        return sign(statement, DeviceSigner(who.identity))

    assert room.take(berta, unknown(berta, True)) == ["refused"]
    kept = unknown(berta, False)
    assert room.take(berta, kept) == room.take(anna, kept) == ["added"]
    assert room.state(anna).heads == (kept.hash,) and not room.state(anna).needs_update
    assert room.take(anna, unknown(anna, True)) == ["added"]
    assert room.state(anna).needs_update
    said = room.say(anna, bodies.Add(anna.roster.parents, anna.person, (carla.person,)))
    assert room.take(anna, said) == ["added"]
    assert carla.person not in room.state(anna).members
    assert room.log(anna).group == GroupLog.load(anna.store, room.id, anna.log).group


def test_a_statement_of_another_group_is_refused() -> None:
    world, (anna, berta, carla, _) = practice()
    one, two = Room(world, anna, [berta]), Room(world, anna, [berta])
    made = one.add(anna, carla)
    assert two.take(anna, made, one.made) == ["refused", "refused"]


def chance_body(peer: Peer, other: Peer, what: int, how: int) -> GroupBody | None:
    roster = peer.roster.parents
    match what % 7:
        case 0:
            return bodies.Add(roster, peer.person, (other.person,))
        case 1:
            return bodies.Remove(roster, peer.person, (other.person,), ())
        case 2:
            return bodies.Roles(roster, peer.person, other.person, bool(how % 3))
        case 3:
            return bodies.Leave(roster, peer.person)
        case 5:
            return bodies.Remove(roster, peer.person, (), (other.device,))
        case _:
            return None


@given(st.lists(st.tuples(*[st.integers(0, 1 << 10)] * 4), max_size=25), st.integers(0, 1 << 20))
def test_any_order_leads_to_the_same_members(steps: list[tuple[int, ...]], seed: int) -> None:
    world, people = practice(5)
    room = Room(world, people[0], people[1:4])
    for what, who, whom, how in steps:
        peer, other = people[who % 5], people[whom % 5]
        if not len(room.log(peer)):
            room.take(peer, room.made)
        body = chance_body(peer, other, what, how)
        if body is not None:
            room.take(peer, room.say(peer, body))
            continue
        if how % 4 == 0:
            revoked = bodies.Revoke((other.device,), (), bytes(32), bodies.RevokeReason.LOST)
            world.founder.take(world.founder.say(revoked))
            peer.sync(world.founder)
        if len(room.log(other)):
            peer.sync(other)
            room.sync(peer, other)
    everything: dict[bytes, SignedStatement] = {}
    for one in people:
        everything.update({s.hash: s for s in room.log(one).dag.statements})
        one.sync(world.founder)
    states = []
    for number in range(3):
        order = list(everything.values())
        Random(seed + number).shuffle(order)
        judge = people[number]
        log = GroupLog(room.id, judge.log)
        for signed in order:
            assert log.add(judge.store, signed.wire, (), NOW_MS).outcome.value in ("added", "pending")
        assert len(log) == len(order)
        states.append(log.group)
    assert states[0] == states[1] == states[2]
    assert not states[0].members or states[0].admins


def test_the_creator_may_be_demoted_by_another_admin() -> None:
    world, (anna, berta, *_) = practice()
    room = Room(world, anna, [berta])
    room.set_admin(anna, berta, True)
    room.sync(berta, anna)
    room.set_admin(berta, anna, False)
    room.sync(anna, berta)
    assert room.state(anna).admins == {berta.person}
    assert world.founder.roster.persons[anna.person].role == Role.MEMBER
