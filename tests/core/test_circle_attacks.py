"""Rosters under attack (attacks 25, 26, 27, 29, 30, 33, 49, 58, 59)."""

import msgspec
import pytest

from app.core.circle import authoring, bodies, gossip
from app.core.circle import log as log_module
from app.core.circle.bodies import RevokeReason, Role
from app.core.circle.circle_log import CircleLog
from app.core.circle.roster import Roster
from crypto.codec import encode
from crypto.identity import DeviceIdentity
from crypto.kdf import Label
from crypto.statement import DeviceSigner, SignedStatement, Statement, consent, recovery_author
from tests.core.circle_world import NOW_MS, Peer, World, raw_statement


def revoke_of(*devices: Peer) -> bodies.Revoke:
    return bodies.Revoke(tuple(d.device for d in devices), (), bytes(32), RevokeReason.OTHER)


# --- removal wins -------------------------------------------------------------------------------------


def test_concurrent_acts_of_a_removed_admin_have_no_effect() -> None:
    world = World()
    thief = world.member(role=Role.ADMIN)
    friend = world.newcomer()
    gone = world.founder.revoke(thief)
    thief.admit(friend, Role.ADMIN)
    friend.sync(thief)
    acts = [friend.rename(friend.person, "me"), friend.admit(world.newcomer())]
    for signed in thief.log.dag.statements[-1:]:
        acts.append(authoring.Made(signed))
    world.founder.sync(friend)
    roster = world.founder.roster
    assert not roster.is_active(friend.device) and not roster.is_member(friend.person)
    assert set(roster.persons) == {world.founder.person, thief.person}
    assert roster.heads == (gone.signed.hash,)  # nothing of it is cited or passed on
    friend.take(gone)
    assert friend.roster.persons == roster.persons and friend.roster.devices == roster.devices
    assert friend.roster.heads == roster.heads


def test_what_was_done_before_the_removal_stays() -> None:
    world = World()
    anna = world.member(role=Role.ADMIN)
    berta = world.newcomer()
    anna.admit(berta)
    world.founder.sync(anna)
    world.founder.revoke(anna)
    assert world.founder.roster.is_active(berta.device)


def test_a_removed_device_cannot_say_anything_after_its_removal() -> None:
    world = World()
    anna = world.member()
    world.founder.revoke(anna)
    anna.sync(world.founder)
    said = anna.say(bodies.Rename(bodies.Subject.PERSON, anna.person, bytes(32), b""))
    for who in (anna, world.founder):
        assert who.take(said) == ["refused"]


def test_admits_voided_by_concurrency_may_be_repeated() -> None:
    world = World()
    anna = world.member(role=Role.ADMIN)
    new = world.newcomer()
    world.founder.revoke(anna)
    anna.admit(new)
    world.founder.sync(anna)
    assert not world.founder.roster.is_active(new.device)
    world.founder.admit(new)
    roster = world.founder.roster
    assert roster.is_active(new.device) and roster.devices_of(new.person) == (new.device,)
    new.sync(world.founder)
    new.rename(new.person, "Neu")


def test_a_demoted_admin_cannot_go_on_from_before_his_demotion() -> None:
    world = World()
    anna = world.member(role=Role.ADMIN)
    world.founder.set_role(anna.person, Role.MEMBER)
    mine = anna.set_role(anna.person, Role.ADMIN)
    new = world.newcomer()
    anna.admit(new, Role.ADMIN)
    world.founder.sync(anna)
    roster = world.founder.roster
    assert not roster.is_admin_person(anna.person) and not roster.is_member(new.person)
    anna.take(*world.founder.log.dag.statements)
    assert anna.roster == roster
    # With the demotion in its past, a new appointment counts.
    world.founder.set_role(anna.person, Role.ADMIN)
    anna.sync(world.founder)
    anna.admit(world.newcomer())
    assert world.founder.log.has(mine.signed.hash)


def test_an_unlinked_device_cannot_go_on_from_before() -> None:
    world = World()
    anna = world.member(role=Role.ADMIN)
    laptop = world.newcomer()
    world.founder.link(anna.person, laptop)
    laptop.sync(world.founder)
    world.founder.unlink(anna.person, laptop.device)
    new = world.newcomer()
    laptop.admit(new)
    world.founder.sync(laptop)
    assert not world.founder.roster.is_member(new.person)


def test_rights_given_anew_count_whatever_else_is_removed_meanwhile() -> None:
    """Acts under a right that was taken and given again rest on the second gift, not on the first."""
    world = World()
    anna, berta, carla, doris = (world.member(role=Role.ADMIN) for _ in range(4))
    new = [world.newcomer() for _ in range(3)]
    founder = world.founder
    founder.set_role(anna.person, Role.MEMBER)
    founder.set_role(anna.person, Role.ADMIN)
    founder.unlink(berta.person, berta.device)
    founder.link(berta.person, berta)
    founder.revoke(persons=[carla.person])
    founder.admit(carla, Role.ADMIN)
    for one, whom in zip((anna, berta, carla), new, strict=True):
        one.sync(founder)
        one.admit(whom)
        founder.sync(one)
    doris.sync(founder)
    rivals = world.member(role=Role.ADMIN), world.member(role=Role.ADMIN)
    doris.sync(founder)
    founder.revoke(rivals[0])
    doris.revoke(rivals[1])
    founder.sync(doris)  # two removals side by side: everything is computed anew
    assert all(founder.roster.is_active(one.device) for one in (anna, berta, carla, *new))


# --- who wins: 11.1 -----------------------------------------------------------------------------------


def both(world: World, a: Peer, b: Peer) -> None:
    """Each gets what the other has."""
    a.sync(b)
    b.sync(a)


def test_of_two_admins_removing_each_other_the_one_admitted_earlier_stays() -> None:
    world = World()
    anna = world.member(role=Role.ADMIN)
    berta = world.member(role=Role.ADMIN)
    anna.sync(world.founder)
    berta.revoke(anna)
    anna.revoke(berta)
    both(world, anna, berta)
    world.founder.sync(anna)
    for who in (anna, berta, world.founder):
        assert who.roster.is_active(anna.device) and who.roster.is_revoked(berta.device)
    assert anna.roster.heads == berta.roster.heads == world.founder.roster.heads


def test_removals_in_a_ring_have_one_outcome() -> None:
    world = World()
    ring = [world.member(role=Role.ADMIN) for _ in range(4)]
    for one in ring:
        one.sync(world.founder)
    for one, next_ in zip(ring, [*ring[1:], ring[0]], strict=True):
        one.revoke(next_)
    for one in ring:
        world.founder.sync(one)
    # The first removes the second, so the second's removal of the third is skipped, and so on.
    assert [world.founder.roster.is_active(one.device) for one in ring] == [True, False, True, False]
    for one in ring:
        one.sync(world.founder)
        assert one.roster.devices == world.founder.roster.devices


@pytest.mark.parametrize("late", [False, True])
def test_a_stolen_founder_pc_backdating_a_revoke_loses_to_the_recovery_key(late: bool) -> None:
    """Attack 49."""
    world = World()
    anna = world.member(role=Role.ADMIN)
    thief = Peer(world, world.founder.identity, world.founder.person)
    thief.sync(anna)
    made = authoring.revoke(anna.roster, world.paper, world.entropy, NOW_MS, devices=[world.founder.device])
    assert anna.take(made) == ["added"]
    if late:
        for _ in range(3):
            anna.rename(anna.person, "Anna")
    backdated = thief.revoke(anna)
    friend = world.newcomer()
    thief.admit(friend, Role.ADMIN)
    anna.sync(thief)
    assert anna.roster.is_active(anna.device) and anna.roster.is_admin_device(anna.device)
    assert anna.roster.is_revoked(thief.device) and not anna.roster.is_active(friend.device)
    assert backdated.signed.hash not in {epoch.epoch for epoch in anna.roster.epochs}
    thief.sync(anna)
    assert thief.roster.devices == anna.roster.devices


def test_a_stolen_founder_pc_loses_to_admins_of_two_persons_but_not_to_one() -> None:
    for cosigned in (True, False):
        world = World()
        anna = world.member(role=Role.ADMIN)
        berta = world.member(role=Role.ADMIN)
        anna.sync(world.founder)
        thief = Peer(world, world.founder.identity, world.founder.person)
        thief.sync(anna)
        anna.revoke(world.founder, cosigners=[berta] if cosigned else [])
        thief.revoke(anna, berta)
        both(world, anna, thief)
        for who in (anna, thief):
            assert who.roster.is_active(anna.device) == cosigned
            assert who.roster.is_active(thief.device) != cosigned


def test_a_cosigner_must_be_another_admin() -> None:
    world = World()
    anna, berta, carla = (world.member(role=Role.ADMIN) for _ in range(3))
    laptop, member = world.newcomer(), world.member()
    world.founder.link(anna.person, laptop)
    anna.sync(world.founder)
    draft = authoring.draft(anna.roster, anna.device, revoke_of(carla), NOW_MS)
    for cosigner, outcome in ((laptop, "refused"), (member, "refused"), (berta, "added")):
        signer, other = DeviceSigner(anna.identity), DeviceSigner(cosigner.identity)
        signed = raw_statement(cosigned(draft, cosigner), signer, cosigners=[other])
        assert anna.take(signed) == [outcome]


def cosigned(draft: Statement, cosigner: Peer) -> Statement:
    return msgspec.structs.replace(draft, cosigners=(cosigner.device,))


def test_a_forged_cosignature_counts_for_nothing() -> None:
    world = World()
    anna, berta = world.member(role=Role.ADMIN), world.member(role=Role.ADMIN)
    anna.sync(world.founder)
    draft = cosigned(authoring.draft(anna.roster, anna.device, revoke_of(berta), NOW_MS), world.founder)
    raw = encode(draft)
    signer = DeviceSigner(anna.identity)
    signatures = signer.sign(Label.STATEMENT, raw), signer.sign(Label.COSIGN, raw)
    assert anna.take(SignedStatement.from_parts(raw, signatures)) == ["refused"]


# --- equivocation, roll-back, withholding ----------------------------------------------------------------


def test_two_statements_of_one_author_side_by_side_are_noticed() -> None:
    """Attack 27, 30: a device that tells different people different things shows itself when they compare."""
    world = World()
    liar = world.member(role=Role.ADMIN)
    anna, berta = world.member(), world.member()
    for who in (liar, anna):
        who.sync(world.founder)
    one = liar.say(bodies.SetRole(anna.person, Role.ADMIN))
    two = liar.say(bodies.SetRole(berta.person, Role.ADMIN))
    anna.take(one)
    berta.take(two)
    assert gossip.unknown(anna.log, berta.roster.heads) == [two.hash]
    assert gossip.unknown(berta.log, anna.roster.heads) == [one.hash]
    both(world, anna, berta)
    assert anna.roster.forked == berta.roster.forked == {liar.device}
    assert anna.roster == berta.roster


def test_a_device_that_goes_on_after_a_roll_back_shows_itself() -> None:
    world = World()
    anna = world.member()
    backup = Peer(world, anna.identity, anna.person)
    backup.sync(anna)
    anna.rename(anna.person, "Anna W.")
    world.founder.sync(anna)
    assert gossip.unknown(backup.log, world.founder.roster.heads)  # told by the first content of anybody
    backup.rename(backup.person, "A. W.")
    world.founder.sync(backup)
    assert world.founder.roster.forked == {anna.device}


def test_an_older_roster_never_replaces_a_newer_one() -> None:
    world = World()
    anna = world.member()
    old = [signed.wire for signed in world.founder.log.dag.statements]
    world.founder.revoke(anna)
    before = world.founder.roster
    results = world.founder.log.add_batch(world.founder.store, old, (), NOW_MS)
    assert {result.outcome.value for result in results} == {"known"}
    assert world.founder.roster is before


# --- form and fields -----------------------------------------------------------------------------------


def test_invalid_ones_and_what_builds_on_them_are_never_stored() -> None:
    world = World()
    anna = world.member()
    bad = anna.say(bodies.SetRole(anna.person, Role.ADMIN))
    on_top = raw_statement(
        world.founder.say(bodies.Rotate(bytes(32))).statement,
        DeviceSigner(world.founder.identity),
        parents=(bad.hash,),
        lamport=bad.statement.lamport + 1,
    )
    for order in ([bad, on_top], [on_top, bad]):
        peer = Peer(world, world.founder.identity, world.founder.person)
        peer.sync(anna)
        rows = dict(peer.store.rows)
        peer.take(*order)
        assert peer.store.rows == rows and not peer.store.waiting
        assert peer.take(on_top) == ["refused"]


@pytest.mark.parametrize(
    "changes",
    [
        {"lamport": 1},
        {"lamport": 99},
        {"chain": bytes(32)},
        {"crit": False},
        {"kind": "rotates"},
        {"author": bytes(32)},
        {"body": b"\x90"},
        {"body": encode((bytes(32), 1))},
        {"body": encode({"secret": bytes(32)})},
        {"body": encode(("x" * 32,))},
    ],
)
def test_wrong_fields_have_no_effect(changes: dict[str, object]) -> None:
    world = World()
    before = world.founder.roster.epoch
    good = world.founder.say(bodies.Rotate(bytes(32))).statement
    outcome = world.founder.take(raw_statement(good, DeviceSigner(world.founder.identity), **changes))
    # A look-alike kind of an admin is a critical statement of a later version; everything else is refused.
    assert outcome == (["added"] if "kind" in changes else ["refused"])
    assert world.founder.roster.epoch == before


def test_parents_that_other_parents_imply_are_refused() -> None:
    world = World()
    world.member()
    parents = tuple(sorted((world.circle, world.founder.roster.heads[0])))
    said = raw_statement(
        world.founder.say(bodies.Rotate(bytes(32))).statement,
        DeviceSigner(world.founder.identity),
        parents=parents,
    )
    assert world.founder.take(said) == ["refused"]


def test_a_recovery_authors_name_is_no_device_and_a_device_no_recovery_key() -> None:
    """Attack 33."""
    world = World()
    new = world.newcomer()
    statement = authoring.draft(
        world.founder.roster, recovery_author(new.identity.public.dik), bodies.Rotate(bytes(32)), NOW_MS
    )
    signed = raw_statement(statement, DeviceSigner(new.identity))
    assert world.founder.take(signed) == ["refused"]


def test_a_device_id_with_another_agreement_key_is_another_device() -> None:
    world = World()
    anna, thief = world.member(), world.newcomer()
    mixed = DeviceIdentity(anna.identity._dik, thief.identity.ik_private)
    assert mixed.device_id != anna.device
    peer = Peer(world, mixed, anna.person)
    peer.sync(anna)
    said = peer.say(bodies.Rename(bodies.Subject.PERSON, anna.person, bytes(32), b""))
    assert world.founder.take(said) == ["refused"]


# --- later versions --------------------------------------------------------------------------------------


def unknown(world: World, by: Peer, crit: bool, kind: str = "hologram") -> SignedStatement:
    like = by.say(bodies.Rotate(bytes(32))).statement
    return raw_statement(like, DeviceSigner(by.identity), b"\xc1?", kind=kind, crit=crit)


def test_an_unknown_kind_is_kept_and_has_no_effect() -> None:
    world = World()
    anna = world.member()
    before = world.founder.roster
    said = unknown(world, anna, crit=False)
    assert anna.take(said) == world.founder.take(said) == ["added"]
    assert world.founder.roster.persons == before.persons and not world.founder.roster.needs_update
    assert world.founder.roster.heads == (said.hash,)
    world.founder.rename(world.founder.person, "x")
    assert gossip.give(world.founder.log, before.heads).hashes[0] == said.hash


def test_an_unknown_critical_kind_freezes_but_revoking_still_works() -> None:
    world = World()
    anna, berta = world.member(role=Role.ADMIN), world.member()
    anna.sync(world.founder)
    world.founder.take(unknown(world, world.founder, crit=True))
    assert world.founder.roster.needs_update
    new = world.newcomer()
    anna_before = anna.roster
    body = bodies.Admit(
        new.person,
        new.identity.public,
        consent(new.identity, world.circle, new.person),
        world.circle,
        Role.ADMIN,
        bytes(32),
        bytes(32),
        bytes(32),
        None,
    )
    assert world.founder.take(world.founder.say(body)) == ["added"]
    assert not world.founder.roster.is_active(new.device)
    assert world.founder.roster.persons == anna_before.persons
    gone = world.founder.revoke(berta)
    assert world.founder.roster.is_revoked(berta.device)
    assert world.founder.roster.epoch.epoch == gone.signed.hash
    late = berta.say(bodies.Rename(bodies.Subject.PERSON, berta.person, bytes(32), b"")).statement
    parents, lamport = world.founder.roster.parents, world.founder.roster.lamport
    said = raw_statement(late, DeviceSigner(berta.identity), parents=parents, lamport=lamport)
    assert world.founder.take(said) == ["refused"]
    again = CircleLog.load(world.founder.store, world.circle)
    assert again.roster == world.founder.roster


def test_members_cannot_freeze_the_practice() -> None:
    world = World()
    anna = world.member()
    assert anna.take(unknown(world, anna, crit=True)) == ["refused"]
    admin = world.member(role=Role.ADMIN)
    world.founder.revoke(admin)
    said = unknown(world, admin, crit=True)
    assert admin.take(said) == ["added"] and admin.roster.needs_update
    world.founder.take(said)
    assert not world.founder.roster.needs_update


# --- floods and deep or wide graphs: attack 58 -------------------------------------------------------------


def test_a_members_flood_ends_and_admins_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "MAX_OF_MEMBER", 20)
    world = World()
    anna = world.member()
    outcomes = []
    for number in range(25):
        rename = authoring.rename_person(
            anna.roster, anna.identity, world.entropy, NOW_MS, person=anna.person, name=str(number)
        )
        outcomes += anna.take(rename)
    assert outcomes.count("added") == 20 and outcomes[-1] == "limit"
    world.founder.sync(anna)
    world.founder.rename(anna.person, "Anna")
    assert len(anna.store.rows) == 22


def test_a_flood_of_a_revoked_device_counts_only_as_ancestors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "MAX_VOID_OF_AUTHOR", 5)
    world = World()
    anna, berta = world.member(), world.member()
    anna.sync(world.founder)
    gone = world.founder.revoke(anna)
    flood = [anna.rename(anna.person, str(number)).signed for number in range(10)]
    outcomes = world.founder.take(*flood)
    assert outcomes[:5] == ["added"] * 5 and "added" not in outcomes[5:]
    assert world.founder.roster.heads == (gone.signed.hash,)
    # An honest device that had not heard of the removal built on all of it: then it has to be taken.
    berta.sync(anna)
    name = berta.rename(berta.person, "Berta")
    for _ in range(12):
        world.founder.take(name, *flood)
    assert world.founder.log.has(name.signed.hash)
    berta.sync(world.founder)
    assert berta.roster.persons == world.founder.roster.persons


def test_revoked_devices_do_not_vouch_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "MAX_VOID_OF_AUTHOR", 2)
    world = World()
    anna, berta = world.member(), world.member()
    anna.sync(world.founder)
    world.founder.revoke(anna, berta)
    flood = [anna.rename(anna.person, str(number)).signed for number in range(6)]
    berta.sync(anna)
    flood.append(berta.rename(berta.person, "x").signed)
    for _ in range(8):
        world.founder.take(*flood[::-1], *flood)
    assert sum(world.founder.log.has(one.hash) for one in flood) <= 2


def test_a_full_roster_can_still_revoke(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module, "MAX_STATEMENTS", 30)
    monkeypatch.setattr(log_module, "RESERVED", 10)
    world = World()
    anna = world.member()
    while len(world.founder.log) < 20:
        world.founder.rename(anna.person, "x")
    more = world.founder.say(bodies.Rename(bodies.Subject.PERSON, anna.person, bytes(32), b""))
    assert world.founder.take(more) == ["limit"]
    world.founder.revoke(anna)
    demotion = bodies.SetRole(anna.person, Role.MEMBER)
    while len(world.founder.log) < 30:
        assert world.founder.take(world.founder.say(demotion)) == ["added"]
    assert world.founder.take(world.founder.say(demotion)) == ["limit"]


def test_a_very_deep_chain_of_appointments_needs_no_deep_stack() -> None:
    world = World()
    last = world.founder
    for _ in range(1200):
        new = world.newcomer()
        last.admit(new, Role.ADMIN)
        new.log, new.store = last.log, last.store
        last = new
    assert last.roster.is_admin_device(last.device)
    first = next(d for d in last.log.facts.devices if d != world.founder.device)
    paper = authoring.draft(
        _roster_at_found(world), world.paper.author, bodies.SetRole(world.founder.person, Role.ADMIN), NOW_MS
    )
    assert last.take(raw_statement(paper, world.paper)) == ["added"]
    # Whoever was admitted first is removed from the beginning: everything that hangs on him falls.
    early = Peer(world, world.founder.identity, world.founder.person)
    early.take(world.found, last.log.dag.statements[1])
    assert first in early.roster.devices
    made = authoring.revoke(early.roster, early.identity, world.entropy, NOW_MS, devices=[first])
    last.take(made)
    assert set(last.roster.persons) == {
        world.founder.person,
        early.roster.persons_of(first)[0],
    }


def _roster_at_found(world: World) -> Roster:
    peer = Peer(world, world.founder.identity, world.founder.person)
    peer.take(world.found)
    return peer.roster


def test_a_very_wide_graph_is_merged_sixteen_at_a_time() -> None:
    world = World()
    members = [world.member() for _ in range(40)]
    for one in members:
        one.sync(world.founder)
        one.rename(one.person, "x")
    for one in members:
        world.founder.sync(one)
    assert len(world.founder.roster.heads) == 40
    assert len(world.founder.roster.parents) == 16
    assert len(gossip.summary(world.founder.log)) <= gossip.MAX_SUMMARY
    for _ in range(3):
        world.founder.rename(world.founder.person, "y")
    assert len(world.founder.roster.heads) == 1


def test_what_waits_is_bounded_and_survives_a_restart() -> None:
    world = World()
    anna = world.member()
    chain = [anna.rename(anna.person, str(number)).signed for number in range(200)]
    for _ in range(80):
        other = world.member()
        other.sync(world.founder)
    late = Peer(world, world.founder.identity, world.founder.person)
    late.take(world.found)
    outcomes = late.take(*chain)
    assert outcomes == ["pending"] * 200
    strangers = [
        raw_statement(chain[5].statement, DeviceSigner(anna.identity), parents=(bytes([n]) * 32,))
        for n in range(1, 120)
    ]
    late.take(*strangers)
    assert len(late.store.waiting) == 256
    late.log = CircleLog.load(late.store, world.circle)
    assert len(late.log.missing()) > 1
    late.sync(anna)
    assert late.roster.persons[anna.person] == anna.roster.persons[anna.person]


# --- personal data: attack 59 ------------------------------------------------------------------------------


def test_no_name_stands_in_a_statement_and_a_deleted_one_stays_deleted() -> None:
    world = World()
    anna = world.member()
    named = anna.rename(anna.person, "Annabella Weber")
    world.founder.take(named)
    for signed in world.founder.log.dag.statements:
        for name in (b"Annabella", b"Weber", b"Praxis", b"MFA"):
            assert name not in signed.wire
    commitment = world.founder.roster.persons[anna.person].name
    opening = world.founder.store.opening(commitment)
    assert opening is not None and opening.value == "Annabella Weber"
    world.founder.revoke(persons=[anna.person])
    world.founder.store.delete_opening(commitment)
    before = world.founder.roster
    assert world.founder.log.accept_openings(world.founder.store, [opening]) == 0
    again = CircleLog.load(world.founder.store, world.circle)
    assert again.roster == before
    assert gossip.openings_of(again, world.founder.store)
    assert commitment not in gossip.missing_openings(again, world.founder.store)


def test_replaced_names_are_not_taken_again_and_false_ones_never() -> None:
    world = World()
    anna = world.member()
    old = anna.rename(anna.person, "Alt")
    new = anna.rename(anna.person, "Neu")
    world.founder.take(old.signed, new.signed)
    store, log = world.founder.store, world.founder.log
    false = msgspec.structs.replace(new.openings[0], value="Falsch")
    long = msgspec.structs.replace(new.openings[0], value="x" * 5000)
    assert gossip.missing_openings(log, store) == [new.openings[0].commitment]
    assert log.accept_openings(store, [*old.openings, false, long]) == 0
    assert log.accept_openings(store, new.openings) == 1
    assert gossip.missing_openings(log, store) == []
