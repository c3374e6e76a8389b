"""The recovery key comes before every admin, however early the other's removal is dated (protocol 11.1; attack 49)."""

from app.core.circle import authoring
from app.core.circle.bodies import Role
from tests.core.circle_world import NOW_MS, Peer, World


def test_attack_49_a_removal_by_the_recovery_key_that_is_later_in_everything_else() -> None:
    """The founder is the most senior and his removal has the smaller lamport: by these alone he would win."""
    world = World()
    anna = world.member(role=Role.ADMIN)
    thief = Peer(world, world.founder.identity, world.founder.person)
    thief.sync(anna)
    for _ in range(3):
        anna.rename(anna.person, "Anna")
    made = authoring.revoke(anna.roster, world.paper, world.entropy, NOW_MS, devices=[world.founder.device])
    assert anna.take(made) == ["added"]
    backdated = thief.revoke(anna)
    assert backdated.signed.statement.lamport < made.signed.statement.lamport
    anna.sync(thief)
    thief.sync(anna)
    for who in (anna, thief):
        assert who.roster.is_active(anna.device) and who.roster.is_admin_device(anna.device)
        assert who.roster.is_revoked(thief.device)
