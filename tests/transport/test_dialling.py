"""The dial plan: whom, when, where; with a clock in the test's hand."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from transport.base import ALPN_MAIN, ALPN_ROSTER
from transport.dialling import MAX_PARALLEL, STAGGER_S, DialPlan
from transport.events import Address, DownReason, PeerId

PEER, OTHER = PeerId(b"p" * 32), PeerId(b"q" * 32)
HOSTS = [Address(f"10.0.0.{number}", 4711) for number in range(1, 9)]


def plan() -> DialPlan:
    return DialPlan(Random(1))


def test_wanted_peer_is_dialled_at_once_and_addresses_follow_each_other() -> None:
    made = plan()
    made.want(PEER, HOSTS, 0.0)
    assert made.next_at == 0.0
    first = made.tick(0.0)
    assert [start.address for start in first] == HOSTS[:1]
    assert made.tick(STAGGER_S / 2) == []
    now = 0.0
    for expected in HOSTS[1:MAX_PARALLEL]:
        now += STAGGER_S
        assert [start.address for start in made.tick(now)] == [expected]
    assert made.tick(now + 1) == []  # four at once are enough


def test_failure_starts_the_next_address_without_waiting() -> None:
    made = plan()
    made.want(PEER, HOSTS[:2], 0.0)
    (first,) = made.tick(0.0)
    assert made.ended(first.attempt, DownReason.UNREACHABLE, 0.01) is None
    assert [start.address for start in made.tick(0.01)] == [HOSTS[1]]


def test_last_failure_is_told_and_refused_outweighs_silence() -> None:
    made = plan()
    made.want(PEER, HOSTS[:2], 0.0)
    (first,) = made.tick(0.0)
    (second,) = made.tick(STAGGER_S)
    assert made.ended(first.attempt, DownReason.REFUSED, 1.0) is None
    failed = made.ended(second.attempt, DownReason.UNREACHABLE, 5.0)
    assert failed is not None and failed.reason is DownReason.REFUSED
    assert failed.addresses == tuple(HOSTS[:2])


def test_wanted_peers_are_dialled_for_ever_with_growing_pauses() -> None:
    made = plan()
    made.want(PEER, HOSTS[:1], 0.0)
    now, pauses = 0.0, []
    for _ in range(12):
        (start,) = made.tick(now)
        assert made.ended(start.attempt, DownReason.UNREACHABLE, now) is not None
        assert made.next_at is not None
        pauses.append(made.next_at - now)
        now = made.next_at
    assert pauses[0] <= 0.5 and 15 <= pauses[-1] <= 30


def test_proven_attempt_wins_and_later_ones_come_too_late() -> None:
    made = plan()
    made.want(PEER, HOSTS[:3], 0.0)
    (first,) = made.tick(0.0)
    (second,) = made.tick(STAGGER_S)
    assert made.proven(second.attempt) == [first.attempt]
    assert made.proven(first.attempt) is None
    made.finished(second.attempt)
    assert made.up(PEER, 1.0) == []
    assert made.next_at is None


def test_accepted_link_gives_up_dials_that_have_not_greeted() -> None:
    made = plan()
    made.want(PEER, HOSTS[:2], 0.0)
    (first,) = made.tick(0.0)
    assert made.up(PEER, 0.1) == [first.attempt]
    assert made.tick(10.0) == []


def test_greeted_dial_is_left_to_the_tie_break() -> None:
    made = plan()
    made.want(PEER, HOSTS[:1], 0.0)
    (first,) = made.tick(0.0)
    made.proven(first.attempt)
    assert made.up(PEER, 0.1) == []
    assert made.ended(first.attempt, DownReason.REPLACED, 0.2) is None


def test_lost_link_is_dialled_again_at_once_after_silence() -> None:
    made = plan()
    made.want(PEER, HOSTS[:1], 0.0)
    (first,) = made.tick(0.0)
    made.proven(first.attempt)
    made.finished(first.attempt)
    made.up(PEER, 0.0)
    made.down(PEER, DownReason.TIMEOUT, 100.0)
    assert made.next_at == 100.0


def test_link_that_ends_at_once_again_and_again_does_not_make_a_storm() -> None:
    made = plan()
    made.want(PEER, HOSTS[:1], 0.0)
    now, dials = 0.0, 0
    while now < 60.0 and made.next_at is not None:
        now = max(now, made.next_at)
        for start in made.tick(now):
            dials += 1
            made.proven(start.attempt)
            made.finished(start.attempt)
            made.up(PEER, now)
            made.down(PEER, DownReason.PEER, now + 0.01)
    assert dials < 15


def test_network_change_dials_at_once_also_where_an_attempt_hangs() -> None:
    made = plan()
    made.want(PEER, HOSTS[:1], 0.0)
    made.want(OTHER, HOSTS[1:2], 0.0)
    starts = made.tick(0.0)
    hanging, failed = starts
    assert made.ended(failed.attempt, DownReason.UNREACHABLE, 1.0) is not None
    made.network_changed(1.1)
    assert {start.peer for start in made.tick(1.1)} == {PEER, OTHER}
    assert hanging.peer == PEER


def test_dial_beside_a_link_tells_no_failure_and_starts_at_the_known_place() -> None:
    made = plan()
    made.want(PEER, HOSTS[:1], 0.0)
    (first,) = made.tick(0.0)
    made.proven(first.attempt)
    made.finished(first.attempt)
    made.up(PEER, 0.0)
    made.again(PEER, HOSTS[5], 10.0)
    (start,) = made.tick(10.0)
    assert start.address == HOSTS[5]
    (other,) = made.tick(10.0 + STAGGER_S)
    assert made.ended(start.attempt, DownReason.UNREACHABLE, 11.0) is None
    assert made.ended(other.attempt, DownReason.UNREACHABLE, 11.0) is None
    made.again(OTHER, HOSTS[5], 12.0)
    assert made.tick(12.0) == []  # not wanted: not ours to restore


def test_new_addresses_are_tried_at_once_known_ones_are_not() -> None:
    made = plan()
    made.want(PEER, HOSTS[:1], 0.0)
    (start,) = made.tick(0.0)
    made.ended(start.attempt, DownReason.UNREACHABLE, 0.0)
    made.want(PEER, HOSTS[:1], 0.01)
    assert made.tick(0.01) == []
    made.want(PEER, HOSTS[:2], 0.02)
    assert made.tick(0.02) != []


def test_once_is_once() -> None:
    made = plan()
    assert made.once(PEER, ALPN_ROSTER, [Address("224.0.0.1", 1)], 0.0) is not None
    assert made.once(PEER, ALPN_ROSTER, HOSTS[:1], 0.0) is None
    (start,) = made.tick(0.0)
    assert start.alpn == ALPN_ROSTER
    failed = made.ended(start.attempt, DownReason.UNREACHABLE, 5.0)
    assert failed is not None and failed.alpn == ALPN_ROSTER
    assert made.next_at is None and made.tick(100.0) == []


def test_unwanted_peer_is_left_alone() -> None:
    made = plan()
    made.want(PEER, HOSTS[:2], 0.0)
    (start,) = made.tick(0.0)
    assert made.unwant(PEER) == [start.attempt]
    assert made.tick(100.0) == [] and made.next_at is None


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 3), st.integers(0, 7)), max_size=80))
def test_any_order_of_events_keeps_the_plan_sound(steps: list[tuple[int, int, int]]) -> None:  # noqa: C901
    """Few attempts at once, no attempt twice, and a wanted peer without link always has a next dial."""
    made = plan()
    now = 0.0
    running: dict[int, PeerId] = {}
    linked: set[PeerId] = set()
    seen: set[int] = set()
    made.want(PEER, HOSTS[:3], now)
    for action, which, number in steps:
        now += 0.1
        attempt = list(running)[which % len(running)] if running else 0
        if action == 0:
            made.want(PEER, HOSTS[: 1 + number], now)
        elif action == 1:
            made.network_changed(now)
        elif action == 2 and running:
            running.pop(attempt)
            made.ended(attempt, list(DownReason)[number % len(DownReason)], now)
        elif action == 3 and running:
            losers = made.proven(attempt)
            for loser in losers or []:
                running.pop(loser)
            running.pop(attempt)
            if losers is not None:
                made.finished(attempt)
                for loser in made.up(PEER, now):
                    running.pop(loser, None)
                linked.add(PEER)
        elif action == 4 and PEER in linked:
            linked.discard(PEER)
            made.down(PEER, DownReason.PEER, now)
        elif action == 5:
            made.again(PEER, HOSTS[number], now)
        elif action == 6:
            now += number * 10
        for start in made.tick(now):
            assert start.attempt not in seen and start.alpn == ALPN_MAIN
            seen.add(start.attempt)
            running[start.attempt] = start.peer
        assert len(running) <= MAX_PARALLEL
        if not linked and not running:
            assert made.next_at is not None
