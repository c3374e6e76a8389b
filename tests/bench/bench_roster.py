"""Rosters: 500 members and 10,000 statements, loaded cold, and growing by one statement."""

import statistics
import time

from app.core.circle import authoring, gossip
from app.core.circle.bodies import Role
from app.core.circle.circle_log import CircleLog
from tests.core.circle_world import NOW_MS, MemoryStatements, Peer, World

MEMBERS = 500
ORDINARY = 9_500
"""The last 500 of 10,000 are kept for statements that take something away."""


def _grow(world: World) -> Peer:
    """A founder's log with a practice's long life: admissions, renames, appointments, revocations."""
    founder = world.founder
    members = []
    for _ in range(MEMBERS - 1):
        peer = world.newcomer()
        founder.admit(peer)
        members.append(peer)
    for number in range(ORDINARY - MEMBERS - 400):
        founder.rename(members[number % 400].person, f"Name {number}")
    for number in range(400):
        person = members[400 + number % 90].person
        founder.set_role(person, Role.MEMBER if founder.roster.is_admin_person(person) else Role.ADMIN)
    for number in range(500):
        founder.set_role(members[number % 490].person, Role.MEMBER)
    return founder


def run() -> dict[str, object]:
    world = World()
    founder = _grow(world)
    figures: dict[str, object] = {
        "statements": len(founder.log),
        "persons": len(founder.roster.persons),
    }

    cold, cold_cpu = [], []
    for _ in range(3):
        start, start_cpu = time.perf_counter(), time.process_time()
        log = CircleLog.load(founder.store, world.circle)
        snapshot = log.roster
        cold.append(time.perf_counter() - start)
        cold_cpu.append(time.process_time() - start_cpu)
        assert snapshot == founder.roster
    figures["cold_load_s"] = statistics.median(cold)
    figures["cold_load_cpu_s"] = statistics.median(cold_cpu)

    other = MemoryStatements()
    wires = [signed.wire for signed in founder.log.dag.statements]
    start = time.perf_counter()
    fresh = CircleLog(world.circle)
    for wire in wires:
        fresh.add(other, wire, (), NOW_MS)
    assert fresh.roster == founder.roster
    figures["first_sync_s"] = time.perf_counter() - start

    some = World(1)
    for _ in range(MEMBERS - 1):
        some.founder.admit(some.newcomer())
    person = next(iter(some.founder.roster.persons.values())).person
    added, removed = [], []
    for _ in range(50):
        made = authoring.rename_person(
            some.founder.roster, some.founder.identity, some.entropy, NOW_MS, person=person, name="x"
        )
        start = time.perf_counter()
        some.founder.take(made)
        _ = some.founder.roster
        added.append(time.perf_counter() - start)
    for number in range(20):
        device = list(some.founder.roster.devices.values())[number + 1].device
        made = authoring.revoke(
            some.founder.roster, some.founder.identity, some.entropy, NOW_MS, devices=[device]
        )
        start = time.perf_counter()
        some.founder.take(made)
        _ = some.founder.roster
        removed.append(time.perf_counter() - start)
    figures["add_ms_p50"] = statistics.median(added) * 1000
    figures["add_ms_max"] = max(added) * 1000
    figures["revoke_ms_p50"] = statistics.median(removed) * 1000

    start = time.perf_counter()
    gossip.summary(founder.log)
    figures["summary_ms"] = (time.perf_counter() - start) * 1000
    start = time.perf_counter()
    gossip.give(founder.log, gossip.summary(fresh))
    figures["give_nothing_ms"] = (time.perf_counter() - start) * 1000

    device = founder.device
    roster = founder.roster
    start = time.perf_counter()
    for _ in range(100_000):
        roster.is_active(device)
    figures["is_active_ns"] = (time.perf_counter() - start) * 10_000
    return figures
