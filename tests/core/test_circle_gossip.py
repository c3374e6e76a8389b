"""Statements on their way: summaries, gives, paths, openings."""

from random import Random

from app.core.circle import authoring, gossip
from app.core.circle.bodies import Role
from app.core.circle.circle_log import CircleLog
from tests.core.circle_world import NOW_MS, MemoryStatements, Peer, World


def empty(world: World) -> Peer:
    return Peer(world, world.founder.identity, world.founder.person)


def rounds_until_equal(giver: Peer, taker: Peer, limit: int = 500) -> int:
    """One-way gossip as two devices do it; how many answers it took."""
    for number in range(limit):
        batch = gossip.give(giver.log, gossip.summary(taker.log))
        if not batch.wires:
            return number
        assert sum(map(len, batch.wires)) <= gossip.MAX_BATCH_BYTES
        results = taker.log.add_batch(taker.store, batch.wires, (), NOW_MS)
        assert {result.outcome.value for result in results} <= {"added"}  # causal order: nothing waits
    raise AssertionError("no end")


def test_a_newcomer_gets_everything_in_batches_of_causal_order() -> None:
    world = World()
    for number in range(150):
        world.founder.rename(world.founder.person, str(number))
    new = empty(world)
    assert rounds_until_equal(world.founder, new) == 3
    assert new.roster == world.founder.roster


def test_small_batches_end_too() -> None:
    world = World()
    anna = world.member()
    for number in range(20):
        anna.rename(anna.person, str(number))
    new = empty(world)
    for _ in range(100):
        batch = gossip.give(anna.log, gossip.summary(new.log), max_bytes=700)
        assert len(batch.wires) <= 2
        new.log.add_batch(new.store, batch.wires, (), NOW_MS)
        if not batch.more:
            break
    assert new.roster == anna.roster


def test_who_went_far_apart_does_not_get_everything_again() -> None:
    world = World()
    anna = world.member()
    for number in range(100):
        world.founder.rename(world.founder.person, str(number))
    anna.sync(world.founder)
    for number in range(40):
        world.founder.rename(world.founder.person, str(number))
        anna.rename(anna.person, str(number))
    batch = gossip.give(world.founder.log, gossip.summary(anna.log))
    assert len(batch.wires) < 110  # both heads are unknown to the other side, but not what lies behind
    anna.log.add_batch(anna.store, batch.wires, (), NOW_MS)
    batch = gossip.give(anna.log, gossip.summary(world.founder.log))
    assert len(batch.wires) == 40
    world.founder.log.add_batch(world.founder.store, batch.wires, (), NOW_MS)
    assert anna.roster == world.founder.roster
    assert not gossip.give(anna.log, gossip.summary(world.founder.log)).wires


def test_any_order_of_arrival_ends_the_same() -> None:
    world = World()
    anna = world.member(role=Role.ADMIN)
    for number in range(30):
        anna.rename(anna.person, str(number))
    statements = list(anna.log.dag.statements)
    Random(1).shuffle(statements)
    new = empty(world)
    new.take(*statements)
    assert new.roster == anna.roster and not new.store.waiting and not new.log.missing()


def test_the_way_to_ones_own_admission_is_all_that_a_stranger_needs() -> None:
    """11.3: the acceptor does not know the dialler yet."""
    world = World()
    acceptor = world.member()
    known = acceptor.roster.heads
    late = world.member()
    for _ in range(5):
        world.founder.rename(world.founder.person, "x")
    late.sync(world.founder)
    admitted = late.roster.devices[late.device].admitted
    path = gossip.path_to(late.log, admitted, known)
    assert path.hashes == (admitted,) and not path.more
    acceptor.log.add_batch(acceptor.store, path.wires, (), NOW_MS)
    assert acceptor.roster.is_active(late.device)
    assert gossip.path_to(late.log, bytes(32), known).wires == ()
    whole = gossip.path_to(late.log, admitted, ())
    assert len(whole.wires) == 3


def test_a_revoked_device_is_shown_its_revocation_with_the_way_to_it() -> None:
    world = World()
    anna = world.member()
    world.member()
    world.founder.revoke(anna)
    world.founder.rename(world.founder.person, "x")
    entry = world.founder.roster.devices[anna.device]
    assert entry.revoked is not None
    path = gossip.path_to(world.founder.log, entry.revoked, anna.roster.heads)
    anna.log.add_batch(anna.store, path.wires, (), NOW_MS)
    assert anna.roster.is_revoked(anna.device)


def test_what_has_no_effect_is_not_passed_on() -> None:
    world = World()
    anna = world.member()
    world.founder.revoke(anna)
    void = anna.rename(anna.person, "x")
    assert world.founder.take(void) == ["added"]
    new = empty(world)
    rounds_until_equal(world.founder, new)
    assert not new.log.has(void.signed.hash)
    assert new.roster.heads == world.founder.roster.heads


def test_openings_travel_beside_the_statements() -> None:
    world = World()
    anna = world.member()
    renamed = world.founder.rename(anna.person, "Anna")
    new = empty(world)
    batch = gossip.give(world.founder.log, ())
    openings = gossip.openings_for(world.founder.log, world.founder.store, batch.hashes)
    assert {opening.value for opening in openings} >= {"Anna", "Praxis", "Gründerin"}
    new.log.add_batch(new.store, batch.wires, openings, NOW_MS)
    assert gossip.missing_openings(new.log, new.store) == []
    only = gossip.openings_for(world.founder.log, world.founder.store, [renamed.signed.hash])
    assert [opening.value for opening in only] == ["Anna"]


def test_openings_before_their_statement_are_not_kept() -> None:
    world = World()
    store, log = MemoryStatements(), CircleLog(world.circle)
    assert log.accept_openings(store, world.found.openings) == 0
    log.add(store, world.found.wire, world.found.openings, NOW_MS)
    assert len(store.opened) == 4


def test_unknown_heads_are_named() -> None:
    world = World()
    anna = world.member()
    made = authoring.rotate(world.founder.roster, world.founder.identity, world.entropy, NOW_MS)
    world.founder.take(made)
    assert gossip.unknown(anna.log, world.founder.roster.heads) == [made.signed.hash]
    assert gossip.unknown(world.founder.log, anna.roster.heads) == []
