"""What each kind of statement does, and who may make it."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.core.circle import authoring, bodies
from app.core.circle.bodies import Role
from app.core.circle.circle_log import CircleLog
from app.core.circle.errors import LastAdmin, NotAllowed
from app.core.circle.evaluate import OWN_LINKS
from crypto.ids import CircleId
from crypto.kdf import Label
from crypto.statement import (
    DeviceSigner,
    RecoverySigner,
    consent,
    enrolment_proof,
    secret_commitment,
    sign,
)
from tests.core.circle_world import NOW_MS, MemoryStatements, Peer, World, raw_statement


def test_the_founder_stands_alone_and_is_admin() -> None:
    world = World()
    roster = world.founder.roster
    assert roster.circle == world.found.signed.hash
    assert roster.is_active(world.founder.device)
    assert roster.is_admin_device(world.founder.device)
    assert roster.admins() == (world.founder.person,)
    assert roster.heads == (world.circle,) and roster.lamport == 2
    assert roster.persons_of(world.founder.device) == (world.founder.person,)
    assert roster.recovery == world.paper.public
    assert roster.epoch.epoch == world.circle
    assert roster.epoch_of(world.found.secret or b"") == roster.epoch
    assert not roster.is_external(world.founder.person)


def test_admitted_devices_are_active_and_members_are_no_admins() -> None:
    world = World()
    anna = world.member()
    roster = world.founder.roster
    assert roster.is_active(anna.device) and roster.is_member(anna.person)
    assert not roster.is_admin_device(anna.device)
    assert roster.devices_of(anna.person) == (anna.device,)
    assert roster.devices[anna.device].public == anna.identity.public
    assert roster.devices[anna.device].admitted_ms == NOW_MS
    assert not roster.is_active(bytes(32)) and roster.persons_of(bytes(32)) == ()


def test_an_admin_appointed_later_can_admit_and_revoke() -> None:
    world = World()
    anna, berta = world.member(), world.member()
    anna.sync(world.founder)
    assert anna.take(anna.say(bodies.SetRole(anna.person, Role.ADMIN))) == ["refused"]
    world.founder.set_role(anna.person, Role.ADMIN)
    anna.sync(world.founder)
    anna.revoke(berta)
    world.founder.sync(anna)
    assert world.founder.roster.is_revoked(berta.device)
    assert world.founder.roster == anna.roster


MEMBERS_MAY_NOT = [
    lambda w, m, o: bodies.SetRole(m.person, Role.ADMIN),
    lambda w, m, o: bodies.SetRole(o.person, Role.ADMIN),
    lambda w, m, o: bodies.SetRole(w.founder.person, Role.MEMBER),
    lambda w, m, o: bodies.Revoke((o.device,), (), bytes(32), bodies.RevokeReason.LOST),
    lambda w, m, o: bodies.Revoke((), (o.person,), bytes(32), bodies.RevokeReason.LOST),
    lambda w, m, o: bodies.Revoke((m.device,), (m.person,), b"", bodies.RevokeReason.LEFT),
    lambda w, m, o: bodies.Revoke((m.device,), (), bytes(32), bodies.RevokeReason.LEFT),
    lambda w, m, o: bodies.Unlink(o.person, o.device),
    lambda w, m, o: bodies.Rename(bodies.Subject.CIRCLE, b"", bytes(32), b""),
    lambda w, m, o: bodies.Rename(bodies.Subject.PERSON, o.person, bytes(32), b""),
    lambda w, m, o: bodies.Rename(bodies.Subject.DEVICE, o.device, bytes(32), b""),
    lambda w, m, o: bodies.InboxChange(bytes(16), bytes(32), (m.person,), (), False),
    lambda w, m, o: bodies.Policy(((OWN_LINKS, True),)),
    lambda w, m, o: bodies.Recovery(m.identity.public.dik),
    lambda w, m, o: bodies.Enrol(m.identity.public.dik, 5, 1 << 39, ()),
    lambda w, m, o: bodies.Rotate(bytes(32)),
    lambda w, m, o: _admission(w, m, bodies.Admit, Role.MEMBER),
    lambda w, m, o: _admission(w, m, bodies.Admit, Role.ADMIN),
    lambda w, m, o: _admission(w, m, bodies.Link, Role.MEMBER),
]


def _admission(world: World, by: Peer, kind: type, role: Role) -> bodies.Body:
    new = world.newcomer()
    if kind is bodies.Link:
        agreed = consent(new.identity, world.circle, by.person)
        return bodies.Link(by.person, new.identity.public, agreed, bytes(32))
    agreed = consent(new.identity, world.circle, new.person)
    return bodies.Admit(new.person, new.identity.public, agreed, world.circle, role, *[bytes(32)] * 3, None)


@pytest.mark.parametrize("number", range(len(MEMBERS_MAY_NOT)))
def test_members_cannot(number: int) -> None:
    world = World()
    member, other = world.member(), world.member()
    member.sync(world.founder)
    before = member.roster
    said = member.say(MEMBERS_MAY_NOT[number](world, member, other))
    for who in (member, world.founder):
        assert who.take(said) == ["refused"]
        assert not who.log.has(said.hash) and said.hash not in who.store.rows
    assert member.roster == before


def test_everybody_renames_himself_and_his_own_device() -> None:
    world = World()
    anna = world.member()
    anna.rename(anna.person, "Anna Weber")
    made = authoring.rename_device(
        anna.roster, anna.identity, world.entropy, NOW_MS, device=anna.device, name="Zimmer 2"
    )
    assert anna.take(made) == ["added"]
    assert anna.store.openings([anna.roster.devices[anna.device].name])
    name = anna.store.opening(anna.roster.persons[anna.person].name)
    assert name is not None and name.value == "Anna Weber"


def test_of_concurrent_names_the_same_one_wins_everywhere() -> None:
    world = World()
    anna = world.member()
    one = world.founder.rename(anna.person, "A. Weber")
    two = anna.rename(anna.person, "Anna W.")
    world.founder.take(two)
    anna.take(one)
    assert anna.roster == world.founder.roster
    assert len(anna.roster.heads) == 2 and anna.roster.parents == anna.roster.heads


def test_a_person_with_two_devices_and_a_device_with_two_persons() -> None:
    world = World()
    anna, berta = world.member(), world.member()
    laptop = world.newcomer()
    world.founder.link(anna.person, laptop)
    world.founder.link(berta.person, anna)
    roster = world.founder.roster
    assert roster.devices_of(anna.person) == (anna.device, laptop.device)
    assert roster.persons_of(anna.device) == (anna.person, berta.person)
    assert roster.speaks_for(anna.device, berta.person)
    assert not roster.speaks_for(laptop.device, berta.person)
    world.founder.unlink(berta.person, anna.device)
    assert world.founder.roster.persons_of(anna.device) == (anna.person,)
    assert world.founder.roster.devices_of(berta.person) == (berta.device,)


def test_revoking_a_person_unlinks_but_leaves_the_device() -> None:
    world = World()
    anna, berta = world.member(), world.member()
    world.founder.link(berta.person, anna)
    made = world.founder.revoke(persons=[anna.person])
    roster = world.founder.roster
    assert not roster.is_member(anna.person) and roster.devices_of(anna.person) == ()
    assert roster.is_active(anna.device) and roster.persons_of(anna.device) == (berta.person,)
    assert roster.persons[anna.person].revoked == made.signed.hash
    anna.sync(world.founder)
    assert anna.take(anna.say(bodies.Rename(bodies.Subject.PERSON, anna.person, bytes(32), b""))) == [
        "refused"
    ]


def test_a_revoked_person_may_be_admitted_anew_but_a_device_never() -> None:
    world = World()
    anna = world.member(role=Role.ADMIN)
    world.founder.revoke(persons=[anna.person])
    world.founder.admit(anna)
    roster = world.founder.roster
    assert roster.is_member(anna.person) and roster.devices_of(anna.person) == (anna.device,)
    assert not roster.is_admin_person(anna.person)  # the old right does not come back
    world.founder.revoke(anna)
    for body in (_again(world, anna, bodies.Link), _again(world, anna, bodies.Admit)):
        assert world.founder.take(world.founder.say(body)) == ["refused"]
    world.founder.revoke(persons=[anna.person])
    assert world.founder.take(world.founder.say(_again(world, anna, bodies.Admit))) == ["refused"]


def _again(world: World, who: Peer, kind: type) -> bodies.Body:
    agreed = consent(who.identity, world.circle, who.person)
    if kind is bodies.Link:
        return bodies.Link(who.person, who.identity.public, agreed, bytes(32))
    fields = who.person, who.identity.public, agreed, world.circle, Role.MEMBER
    return bodies.Admit(*fields, bytes(32), bytes(32), bytes(32), None)


def test_new_devices_agree_with_their_own_key() -> None:
    world = World()
    new, thief = world.newcomer(), world.newcomer()
    good = _again(world, new, bodies.Admit)
    assert isinstance(good, bodies.Admit)
    wrong = [
        {"consent": consent(thief.identity, world.circle, new.person)},
        {"consent": consent(new.identity, world.circle, thief.person)},
        {"consent": consent(new.identity, CircleId(bytes(32)), new.person)},
        {"device": thief.identity.public},
        {"device": bodies.DevicePublic(new.identity.public.dik, thief.identity.public.ik, bytes(64))},
        {"device": bodies.DevicePublic(bytes(32), new.identity.public.ik, bytes(64))},
    ]
    for change in wrong:
        body = bodies.msgspec.structs.replace(good, **change)
        assert world.founder.take(world.founder.say(body)) == ["refused"]
    assert world.founder.take(world.founder.say(good)) == ["added"]


def test_the_last_admin_stays() -> None:
    world = World()
    founder = world.founder
    with pytest.raises(LastAdmin):
        founder.set_role(founder.person, Role.MEMBER)
    with pytest.raises(LastAdmin):
        founder.revoke(persons=[founder.person])
    with pytest.raises(NotAllowed):
        founder.revoke(founder)
    world.member(role=Role.ADMIN)
    founder.set_role(founder.person, Role.MEMBER)
    assert not founder.roster.is_admin_device(founder.device)


def test_a_device_resigns_without_learning_the_next_secret() -> None:
    world = World()
    anna = world.member()
    made = authoring.resign(anna.roster, anna.identity, NOW_MS)
    assert made.secret is None
    world.founder.take(made)
    assert world.founder.roster.is_revoked(anna.device)
    assert world.founder.roster.epoch.epoch == world.circle
    rotated = authoring.rotate(world.founder.roster, world.founder.identity, world.entropy, NOW_MS)
    world.founder.take(rotated)
    assert world.founder.roster.epoch.epoch == rotated.signed.hash


def test_the_newest_secret_has_the_greatest_lamport_and_hash() -> None:
    world = World()
    anna = world.member(role=Role.ADMIN)
    berta, carla = world.member(), world.member()
    anna.sync(world.founder)
    one, two = world.founder.revoke(berta), anna.revoke(carla)
    world.founder.take(two)
    anna.take(one)
    assert anna.roster == world.founder.roster
    newest = max(one, two, key=lambda made: made.signed.hash)
    assert anna.roster.epoch.epoch == newest.signed.hash
    assert {e.epoch for e in anna.roster.epochs} == {world.circle, one.signed.hash, two.signed.hash}
    for made in (one, two):
        found = anna.roster.epoch_of(made.secret or b"")
        assert found is not None and found.epoch == made.signed.hash
        assert found.commitment == secret_commitment(made.secret or b"")
    assert anna.roster.epoch_of(bytes(32)) is None


def test_the_recovery_key_appoints_and_revokes_after_the_only_admin_is_lost() -> None:
    world = World()
    anna = world.member()
    made = authoring.set_role(anna.roster, world.paper, NOW_MS, person=anna.person, role=Role.ADMIN)
    assert anna.take(made) == ["added"]
    gone = authoring.revoke(anna.roster, world.paper, world.entropy, NOW_MS, devices=[world.founder.device])
    assert anna.take(gone) == ["added"]
    assert anna.roster.is_admin_device(anna.device)
    assert anna.roster.is_revoked(world.founder.device)


def test_the_recovery_key_can_do_no_more_than_that() -> None:
    world = World()
    anna = world.member()
    roster = world.founder.roster
    for body in (
        bodies.Rename(bodies.Subject.CIRCLE, b"", bytes(32), b""),
        bodies.Rotate(bytes(32)),
        bodies.Policy(((OWN_LINKS, True),)),
        bodies.SetRole(anna.person, Role.MEMBER),
        bodies.Unlink(anna.person, anna.device),
    ):
        said = sign(authoring.draft(roster, world.paper.author, body, NOW_MS), world.paper)
        assert world.founder.take(said) == ["refused"]


def test_a_replaced_recovery_key_is_worth_nothing() -> None:
    world = World()
    founder = world.founder
    paper = RecoverySigner(Ed25519PrivateKey.from_private_bytes(world.entropy.token(32)))
    made = authoring.replace_recovery(founder.roster, world.paper, NOW_MS, recovery_public=paper.public)
    assert founder.take(made) == ["added"]
    assert founder.roster.recovery == paper.public
    anna = world.newcomer()
    world.founder.admit(anna)
    for signer, outcome in ((world.paper, "refused"), (paper, "added")):
        body = bodies.SetRole(anna.person, Role.ADMIN)
        said = sign(authoring.draft(founder.roster, signer.author, body, NOW_MS), signer)
        assert founder.take(said) == [outcome]


def test_two_persons_replace_a_lost_paper_but_one_cannot() -> None:
    world = World()
    founder = world.founder
    anna, laptop = world.member(role=Role.ADMIN), world.newcomer()
    founder.link(founder.person, laptop)
    anna.sync(founder)
    paper = RecoverySigner(Ed25519PrivateKey.from_private_bytes(world.entropy.token(32)))
    for cosigners, outcome in (((), "refused"), ((laptop,), "refused"), ((anna,), "added")):
        made = authoring.replace_recovery(
            founder.roster,
            founder.identity,
            NOW_MS,
            recovery_public=paper.public,
            cosigners=[one.identity for one in cosigners],
        )
        assert founder.take(made) == [outcome]
    assert founder.roster.recovery == paper.public


def test_of_two_replacements_of_the_paper_the_paper_itself_wins() -> None:
    world = World()
    founder = world.founder
    anna = world.member(role=Role.ADMIN)
    papers = [RecoverySigner(Ed25519PrivateKey.from_private_bytes(world.entropy.token(32))) for _ in range(2)]
    by_paper = authoring.replace_recovery(
        founder.roster, world.paper, NOW_MS, recovery_public=papers[0].public
    )
    for _ in range(3):
        anna.rename(anna.person, "later, so that it would win by its lamport time")
    by_two = authoring.replace_recovery(
        anna.roster, anna.identity, NOW_MS, recovery_public=papers[1].public, cosigners=[founder.identity]
    )
    anna.take(by_two, by_paper)
    founder.take(by_paper)
    founder.sync(anna)
    assert anna.roster.recovery == founder.roster.recovery == papers[0].public
    assert anna.roster == founder.roster


def test_no_recovery_key_comes_back() -> None:
    world = World()
    founder = world.founder
    paper = RecoverySigner(Ed25519PrivateKey.from_private_bytes(world.entropy.token(32)))
    founder.take(
        authoring.replace_recovery(founder.roster, world.paper, NOW_MS, recovery_public=paper.public)
    )
    for key in (world.paper.public, paper.public):
        made = authoring.replace_recovery(founder.roster, paper, NOW_MS, recovery_public=key)
        assert founder.take(made) == ["refused"]
    assert founder.roster.recovery == paper.public


def test_an_admins_device_that_goes_does_not_choose_the_next_secret() -> None:
    world = World()
    anna = world.member(role=Role.ADMIN)
    body = bodies.Revoke((anna.device,), (), bytes(32), bodies.RevokeReason.LEFT)
    assert anna.take(anna.say(body)) == ["refused"]


def test_a_person_links_devices_of_his_own_where_policy_lets_him() -> None:
    world = World()
    anna = world.member()
    laptop = world.newcomer()
    body = bodies.Link(
        anna.person,
        laptop.identity.public,
        consent(laptop.identity, world.circle, anna.person),
        bytes(32),
    )
    assert anna.take(anna.say(body)) == ["refused"]
    made = authoring.set_policy(
        world.founder.roster, world.founder.identity, NOW_MS, settings=((OWN_LINKS, True),)
    )
    world.founder.take(made)
    anna.sync(world.founder)
    assert anna.take(anna.say(body)) == ["added"]
    berta = world.member()
    anna.sync(world.founder)
    agreed = consent(laptop.identity, world.circle, berta.person)
    other = bodies.Link(berta.person, laptop.identity.public, agreed, bytes(32))
    assert anna.take(anna.say(other)) == ["refused"]


def test_an_enrolment_token_lets_members_in_but_no_admins() -> None:
    world = World()
    founder = world.founder
    token = Ed25519PrivateKey.from_private_bytes(world.entropy.token(32))
    key = token.public_key().public_bytes_raw()
    made = authoring.enrol(
        founder.roster, founder.identity, NOW_MS, key=key, maximum=2, expires_s=NOW_MS // 1000 + 60
    )
    assert founder.take(made) == ["added"]

    def admission(role: Role, signer: Ed25519PrivateKey) -> bodies.Body:
        new = world.newcomer()
        proof = enrolment_proof(signer, world.circle, new.person, new.device)
        body = _again(world, new, bodies.Admit)
        return bodies.msgspec.structs.replace(
            body, role=role, enrolment=bodies.Enrolment(made.signed.hash, proof)
        )

    stranger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert founder.take(founder.say(admission(Role.ADMIN, token))) == ["refused"]
    assert founder.take(founder.say(admission(Role.MEMBER, stranger))) == ["refused"]
    assert founder.take(founder.say(admission(Role.MEMBER, token))) == ["added"]
    late = authoring.draft(founder.roster, founder.device, admission(Role.MEMBER, token), NOW_MS + 61_000)
    assert founder.take(sign(late, DeviceSigner(founder.identity))) == ["refused"]
    founder.take(
        authoring.enrol(founder.roster, founder.identity, NOW_MS, key=key, maximum=0, expires_s=1 << 39)
    )
    assert founder.take(founder.say(admission(Role.MEMBER, token))) == ["refused"]


def test_admins_of_a_home_revoke_only_there() -> None:
    world = World()
    home_a, home_b = CircleId(b"a" * 32), CircleId(b"b" * 32)
    people: dict[str, Peer] = {}
    for name, home in (("a1", home_a), ("a2", home_a), ("b1", home_b)):
        peer = people[name] = world.newcomer()
        made = authoring.admit(
            world.founder.roster,
            world.founder.identity,
            world.entropy,
            NOW_MS,
            person=peer.person,
            device=peer.identity.public,
            consent=consent(peer.identity, world.circle, peer.person),
            person_name="x",
            role_text="",
            device_name="",
            role=Role.HOME_ADMIN if name == "a1" else Role.MEMBER,
            home=home,
        )
        assert world.founder.take(made) == ["added"]
        assert world.founder.roster.is_external(peer.person)
    a1 = people["a1"]
    a1.sync(world.founder)
    for target, outcome in (("b1", "refused"), ("a2", "added")):
        body = bodies.Revoke((people[target].device,), (), bytes(32), bodies.RevokeReason.LOST)
        assert a1.take(a1.say(body)) == [outcome]
    body = bodies.Revoke((world.founder.device,), (), bytes(32), bodies.RevokeReason.LOST)
    assert a1.take(a1.say(body)) == ["refused"]


def test_inboxes_hold_persons() -> None:
    world = World()
    anna, berta = world.member(), world.member()
    founder = world.founder
    inbox = authoring.new_person(world.entropy)
    for changes in (
        {"name": "Empfang", "add": (anna.person, berta.person)},
        {"remove": (anna.person,)},
    ):
        made = authoring.change_inbox(
            founder.roster, founder.identity, world.entropy, NOW_MS, inbox=inbox, **changes
        )
        assert founder.take(made) == ["added"]
    found = founder.roster.inboxes[inbox]
    assert found.persons == (berta.person,)
    name = founder.store.opening(found.name)
    assert name is not None and name.value == "Empfang"


def test_everything_is_there_again_after_a_restart_without_a_signature_check(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    anna = world.member(role=Role.ADMIN)
    berta = world.member()
    anna.sync(world.founder)
    world.founder.revoke(berta)
    anna.rename(anna.person, "Anna")
    world.founder.sync(anna)

    def forbidden(*_: object) -> None:
        raise AssertionError("verified again")

    monkeypatch.setattr("crypto.statement.SignedStatement.verify", forbidden)
    monkeypatch.setattr("app.core.circle.circle_log.check_proofs", forbidden)
    again = CircleLog.load(world.founder.store, world.circle)
    assert again.roster == world.founder.roster
    assert again.heads == world.founder.log.heads


def test_an_empty_log_says_so() -> None:
    log = CircleLog.load(MemoryStatements(), CircleId(bytes(32)))
    assert log.heads == ()
    with pytest.raises(LookupError):
        _ = log.roster


def test_a_foreign_found_is_no_beginning() -> None:
    world, other = World(1), World(2)
    empty = Peer(world, other.founder.identity, other.founder.person)
    assert empty.take(other.found) == ["refused"]
    forged = raw_statement(
        world.found.signed.statement, DeviceSigner(other.founder.identity), time_ms=NOW_MS + 1
    )
    assert empty.take(forged) == ["refused"]
    assert empty.take(world.found) == ["added"]


def test_a_found_names_its_author() -> None:
    world = World(1)
    forged = raw_statement(
        world.found.signed.statement, DeviceSigner(world.founder.identity), author=bytes(32)
    )
    log, store = CircleLog(CircleId(forged.hash)), MemoryStatements()
    assert log.add(store, forged.wire, (), NOW_MS).outcome.value == "refused"


def test_who_is_a_member_is_not_admitted_again() -> None:
    world = World()
    anna = world.member()
    again = bodies.msgspec.structs.replace(_again(world, anna, bodies.Admit), role=Role.ADMIN)
    assert world.founder.take(world.founder.say(again)) == ["refused"]
    with pytest.raises(NotAllowed):
        world.founder.admit(anna)


def test_labels_keep_statements_apart_from_other_signatures() -> None:
    world = World()
    statement = world.founder.say(bodies.Rotate(bytes(32)))
    wrong = world.founder.identity.sign(Label.BUNDLE, statement.raw)
    forged = type(statement).from_parts(statement.raw, (wrong,))
    assert world.founder.take(forged) == ["refused"]
