"""Statements packed into frames: no frame and no roster link gets more than its protocol takes (11.3)."""

from types import SimpleNamespace
from typing import Any

import pytest

from app.core import limits, rosters
from app.core.wire import Goodbye, RosterGive, encode_frame
from crypto.statement import DeviceSigner, SignedStatement
from tests.core.circle_world import Peer, World, raw_statement
from transport.base import ALPN_MAIN, ALPN_ROSTER
from transport.link import LIMITS


def work_of(peer: Peer) -> Any:
    """What `gives` needs of a `Work`."""
    return SimpleNamespace(tx=SimpleNamespace(statements=peer.store))


def large(peer: Peer, body_bytes: int) -> SignedStatement:
    """A statement of a kind that only later versions know."""
    parents, lamport = peer.log.parents()
    last = peer.log.get(parents[0])
    assert last is not None
    made = raw_statement(
        last.statement,
        DeviceSigner(peer.identity),
        bytes(body_bytes),
        chain=peer.world.circle,
        parents=parents,
        lamport=lamport,
        author=peer.device,
        kind="later",
        crit=False,
    )
    assert peer.take(made) == ["added"]
    return made


def sizes(frames: list[RosterGive]) -> list[int]:
    return [len(encode_frame(frame)) for frame in frames]


def hashes(frames: list[RosterGive]) -> list[bytes]:
    return [SignedStatement.from_wire(wire).hash for frame in frames for wire in frame.statements]


def test_a_roster_link_never_gets_more_than_it_takes_encoding_included() -> None:
    peer = World().founder
    allowed = limits.MAX_ROSTER_LINK_BYTES
    body = 3_800
    made = [large(peer, body)]
    body += allowed // limits.MAX_GIVE_STATEMENTS - len(made[0].wire)  # one full frame is all that is allowed
    made += [large(peer, body) for _ in range(limits.MAX_GIVE_STATEMENTS)]
    frames = rosters.gives(work_of(peer), peer.log, peer.log.dag.everything, allowed)
    assert max(sizes(frames)) <= LIMITS[ALPN_ROSTER].frame_bytes
    assert sum(sizes(frames)) + len(encode_frame(Goodbye(3))) <= allowed
    given = hashes(frames)
    assert given == [one.hash for one in made][-len(given) :]  # the newest, in causal order
    assert len(given) >= 60


@pytest.mark.parametrize("body_bytes", [10, 3_800])
def test_every_frame_fits_both_protocols_and_nothing_is_left_out(body_bytes: int) -> None:
    world = World()
    peer = world.founder
    made = [world.found.signed.hash]
    for number in range(70):
        made.append(large(peer, body_bytes).hash)
        if number % 10 == 0:
            newcomer = world.newcomer()
            made.append(peer.admit(newcomer).signed.hash)
            made.append(peer.rename(newcomer.person, "\N{GRINNING FACE}" * 120).signed.hash)
    frames = rosters.gives(work_of(peer), peer.log, peer.log.dag.everything)
    assert hashes(frames) == made
    smallest = min(LIMITS[alpn].frame_bytes for alpn in (ALPN_MAIN, ALPN_ROSTER))
    assert max(sizes(frames)) <= limits.MAX_GIVE_BYTES < smallest
    assert {len(frame.statements) for frame in frames} <= set(range(1, limits.MAX_GIVE_STATEMENTS + 1))
    values = {part.value for frame in frames for part in frame.openings}
    assert values >= {"\N{GRINNING FACE}" * 120, "Praxis", "MFA", "PC"}
