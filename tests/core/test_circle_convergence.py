"""Any order and any partition lead to one roster; nobody without a right ever gains one (hypothesis)."""

from dataclasses import dataclass
from random import Random

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from app.core.circle import authoring, bodies, gossip
from app.core.circle.bodies import RevokeReason, Role
from app.core.circle.circle_log import CircleLog
from app.core.circle.log import Outcome
from app.core.circle.roster import Roster
from app.core.circle.standing import Verdict
from crypto.statement import DeviceSigner, RecoverySigner, SignedStatement, consent
from tests.core.circle_world import NOW_MS, MemoryStatements, Peer, World, raw_statement

STEPS = st.lists(st.tuples(*[st.integers(0, 1 << 16)] * 4), min_size=4, max_size=30)


def meaning(roster: Roster) -> Roster:
    """Without what only tells who saw which copies."""
    return msgspec.structs.replace(roster, forked=frozenset())


@dataclass
class Story:
    """A practice whose devices act and meet by chance."""

    world: World
    peers: list[Peer]
    papers: list[RecoverySigner]

    @classmethod
    def begin(cls, admins: int = 3, members: int = 2) -> "Story":
        world = World()
        people = [world.member(role=Role.ADMIN) for _ in range(admins)]
        people += [world.member() for _ in range(members)]
        for one in people:
            one.sync(world.founder)
        return cls(world, [world.founder, *people], [world.paper])

    def step(self, what: int, who: int, whom: int, how: int) -> None:
        peer, other = self.peers[who % len(self.peers)], self.peers[whom % len(self.peers)]
        body = self.body(what, peer, other, how)
        if body is None:
            peer.sync(other)
            return
        cosigners: list[DeviceSigner] = []
        signer = DeviceSigner(peer.identity)
        statement = authoring.draft(peer.roster, peer.device, body, NOW_MS)
        if isinstance(body, bodies.Revoke | bodies.Recovery) and how % 2:
            admins = [p for p in self.peers if p is not peer and peer.roster.is_admin_device(p.device)]
            if admins:
                third = admins[how % len(admins)]
                cosigners = [DeviceSigner(third.identity)]
                statement = msgspec.structs.replace(statement, cosigners=(third.device,))
        if how % 7 == 0:
            paper = self.papers[how % len(self.papers)]
            by_paper = msgspec.structs.replace(statement, author=paper.author, cosigners=())
            signed = raw_statement(by_paper, paper)
        else:
            signed = raw_statement(statement, signer, cosigners=cosigners)
        peer.take(signed)

    def body(self, what: int, peer: Peer, other: Peer, how: int) -> bodies.Body | None:
        match what % 11:
            case 0:
                return bodies.Rename(bodies.Subject.PERSON, other.person, how.to_bytes(32, "big"), b"")
            case 1:
                new = self.world.newcomer(peer)
                self.peers.append(new)
                agreed = consent(new.identity, self.world.circle, new.person)
                role = Role(how % 3)
                fields = new.person, new.identity.public, agreed, self.world.circle, role
                return bodies.Admit(*fields, bytes(32), bytes(32), bytes(32), None)
            case 2 | 3:
                return bodies.Revoke((other.device,), (), how.to_bytes(32, "big"), RevokeReason.OTHER)
            case 4:
                return bodies.Revoke((), (other.person,), how.to_bytes(32, "big"), RevokeReason.OTHER)
            case 5:
                return bodies.SetRole(other.person, Role(how % 3))
            case 6:
                if how % 2:
                    return bodies.Unlink(other.person, other.device)
                agreed = consent(other.identity, self.world.circle, peer.person)
                return bodies.Link(peer.person, other.identity.public, agreed, bytes(32))
            case 7 if how % 3 == 0:
                paper = RecoverySigner(Ed25519PrivateKey.from_private_bytes(self.world.entropy.token(32)))
                self.papers.append(paper)
                return bodies.Recovery(paper.public)
            case _:
                return None

    def everything(self) -> list[SignedStatement]:
        found: dict[bytes, SignedStatement] = {}
        for peer in self.peers:
            found.update({signed.hash: signed for signed in peer.log.dag.statements})
        return list(found.values())


def naive_verdict(log: CircleLog, part: int) -> Verdict:
    """The rules of `standing.py` word by word, without any index."""
    dag, standing = log.dag, log.standing
    inside = [i for i in range(len(dag)) if part >> i & 1]
    effective: list[int] = []

    def hit(subject: tuple[object, ...], ground: int, by: int) -> bool:
        return any(
            subject in standing.acts[r].removes
            and r != by
            and not dag.is_before(by, r)
            and not dag.is_before(r, ground)
            for r in effective
        )

    def voids() -> set[int]:
        void: set[int] = set()
        while True:
            more = {
                i
                for i in inside
                if i not in void
                and i not in effective
                and not all(
                    any(
                        all(c.ground not in void and not hit(c.subject, c.ground, i) for c in alternative)
                        for alternative in requirement
                    )
                    for requirement in standing.acts[i].requirements
                )
            }
            if not more:
                return void
            void |= more

    removals = [i for i in inside if standing.acts[i].removes]
    removals.sort(key=lambda i: (standing.acts[i].rank, standing.acts[i].seniority, dag.order[i]))
    for removal in removals:
        if removal not in voids():
            effective.append(removal)
    return Verdict(sum(1 << i for i in effective), sum(1 << i for i in voids()))


@given(STEPS, st.randoms(use_true_random=False))
def test_any_order_and_any_partition_lead_to_one_roster(steps: list[tuple[int, ...]], random: Random) -> None:
    story = Story.begin()
    for step in steps:
        story.step(*step)
    everything = story.everything()
    rosters = []
    for _ in range(3):
        random.shuffle(everything)
        store, log = MemoryStatements(), CircleLog(story.world.circle)
        for signed in everything:
            assert log.add(store, signed.wire, (), NOW_MS).outcome is not Outcome.REFUSED
            if len(log) and random.random() < 0.3:
                _ = log.roster  # so that later snapshots are made from earlier ones
        assert not store.waiting and len(log) == len(everything)
        rosters.append(log.roster)
        assert CircleLog.load(store, story.world.circle).roster == log.roster
    assert rosters[0] == rosters[1] == rosters[2]
    # By gossip, from whatever each of them holds.
    for peer in story.peers:
        for _ in range(20):
            batch = gossip.give(log, gossip.summary(peer.log))
            peer.log.add_batch(peer.store, batch.wires, (), NOW_MS)
            if not batch.wires:
                break
        assert meaning(peer.roster) == meaning(rosters[0])


@given(STEPS)
def test_verdicts_are_those_of_the_rules_word_by_word(steps: list[tuple[int, ...]]) -> None:
    story = Story.begin()
    for step in steps:
        story.step(*step)
    store, log = MemoryStatements(), CircleLog(story.world.circle)
    for signed in story.everything():
        log.add(store, signed.wire, (), NOW_MS)
        assert log.standing.total == naive_verdict(log, log.dag.everything)
    for index, signed in enumerate(log.dag.statements):
        tips = [log.dag.index[parent] for parent in signed.statement.parents]
        part = log.dag.past[index]
        assert log.standing.verdict(part, tips) == naive_verdict(log, part)


@given(STEPS, st.data())
def test_no_sequence_of_statements_lets_a_member_gain_a_right(
    steps: list[tuple[int, ...]], data: st.DataObject
) -> None:
    """Members and whoever they try to bring in say what they like, on top of whatever they like."""
    story = Story.begin(admins=1, members=2)
    world, honest = story.world, story.peers[:2]
    for one in honest:
        one.sync(world.founder)
    rivals = story.peers[2:]
    before = meaning(world.founder.roster)
    said = list(world.founder.log.dag.statements)
    judge = Peer(world, world.founder.identity, world.founder.person)
    judge.take(*said)
    for what, who, whom, how in steps:
        author = rivals[who % len(rivals)]
        target = (rivals + honest)[whom % (len(rivals) + 2)]
        body = story.body(what, author, target, how)
        if body is None or (isinstance(body, bodies.Rename) and body.id == author.person):
            continue
        if isinstance(body, bodies.Admit):
            rivals = [*rivals, story.peers[-1]]
        parents = data.draw(st.lists(st.sampled_from(said), min_size=1, max_size=3, unique_by=id))
        statement = authoring.draft(judge.roster, author.device, body, NOW_MS)
        signed = raw_statement(
            statement,
            DeviceSigner(author.identity),
            parents=tuple(sorted(one.hash for one in parents)),
            lamport=1 + max(one.statement.lamport for one in parents),
        )
        said.append(signed)
        judge.take(signed)
    after = meaning(judge.roster)
    own = {
        peer.person: [d for d in judge.roster.devices_of(peer.person) if d in before.devices]
        for peer in story.peers[2:4]
    }
    assert set(after.persons) == set(before.persons) and set(after.devices) == set(before.devices)
    for person, one in before.persons.items():
        now = after.persons[person]
        assert (now.role, now.revoked, now.name) == (one.role, one.revoked, one.name)
        if person not in own:  # members may take away their own devices, nothing else
            assert now == one
        assert set(now.devices) <= set(one.devices)
    assert all(not device.revoked for device in after.devices.values())
    assert after.epoch == before.epoch and after.recovery == before.recovery


@given(STEPS, st.data())
def test_whoever_the_recovery_key_revoked_changes_nothing_any_more(
    steps: list[tuple[int, ...]], data: st.DataObject
) -> None:
    """Attack 49 in general: the founder's stolen PC and all its friends, with any statements on top of any
    that do not know of the revocation."""
    story = Story.begin(admins=2, members=1)
    world, thief = story.world, story.peers[0]
    anna = story.peers[1]
    said = list(anna.log.dag.statements)
    made = authoring.revoke(
        anna.roster,
        world.paper,
        world.entropy,
        NOW_MS,
        devices=[thief.device],
        persons=[thief.person],
    )
    assert anna.take(made) == ["added"]
    before = meaning(anna.roster)
    gang = [thief]
    scratch = Peer(world, thief.identity, thief.person)
    scratch.take(*said)
    for what, who, whom, how in steps:
        author = gang[who % len(gang)]
        target = story.peers[whom % len(story.peers)]
        body = story.body(what, author, target, how)
        if body is None:
            continue
        if isinstance(body, bodies.Admit):
            gang.append(story.peers[-1])
        parents = data.draw(st.lists(st.sampled_from(said), min_size=1, max_size=3, unique_by=id))
        statement = authoring.draft(scratch.roster, author.device, body, NOW_MS)
        signed = raw_statement(
            statement,
            DeviceSigner(author.identity),
            parents=tuple(sorted(one.hash for one in parents)),
            lamport=1 + max(one.statement.lamport for one in parents),
        )
        if scratch.take(signed) == ["added"]:
            said.append(signed)
        anna.take(signed)
    assert meaning(anna.roster) == before


def test_the_story_really_tells_everything() -> None:
    """Guards the tests above: their statements are accepted, take effect and conflict."""
    kinds: set[str] = set()
    ranks: set[int] = set()
    conflicts = 0
    for seed in range(12):
        story = Story.begin()
        chance = Random(seed)
        for _ in range(40):
            story.step(*(chance.randrange(1 << 16) for _ in range(4)))
        store, log = MemoryStatements(), CircleLog(story.world.circle)
        for signed in story.everything():
            log.add(store, signed.wire, (), NOW_MS)
        kinds |= {signed.statement.kind for signed in log.dag.statements}
        ranks |= {act.rank for act in log.standing.acts if act.removes}
        conflicts += bool(log.standing.total.void & log.standing.removals)
    assert {"admit", "revoke", "set_role", "rename", "link", "unlink", "recovery"} <= kinds
    assert ranks == {0, 1, 2} and conflicts > 3
