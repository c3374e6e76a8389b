"""The admin's desk: how often, from where, one at a time (protocol 11.14; attacks 34 and 53)."""

import pytest

from app.core.pairing import (
    MAX_LINKS,
    MAX_LINKS_PER_HOST,
    PROOF_WITHIN_MS,
    TRIES_PER_ADDRESS,
    TRIES_PER_CODE,
    VALID_MS,
    PairingDesk,
    Verdict,
)
from crypto.ids import DeviceId

NOW_MS = 1_790_000_000_000
JOINER = DeviceId(b"j" * 32)
OTHER = DeviceId(b"o" * 32)


@pytest.fixture
def desk() -> PairingDesk:
    return PairingDesk(NOW_MS)


def wrong_try(desk: PairingDesk, link: int, host: str) -> None:
    assert desk.link_up(link, host, NOW_MS) is Verdict.GO_ON
    assert desk.begin_derive(link, NOW_MS) is Verdict.GO_ON
    assert not desk.end_derive(link, None)
    desk.link_down(link)


def test_a_right_proof_uses_the_code(desk: PairingDesk) -> None:
    desk.link_up(1, "10.0.0.1", NOW_MS)
    assert desk.begin_derive(1, NOW_MS) is Verdict.GO_ON
    assert desk.end_derive(1, JOINER)
    assert desk.used_by == JOINER
    assert desk.tries == 0


def test_attack_34_the_code_serves_one_device_only(desk: PairingDesk) -> None:
    desk.link_up(1, "10.0.0.1", NOW_MS)
    desk.begin_derive(1, NOW_MS)
    desk.end_derive(1, JOINER)
    desk.link_up(2, "10.0.0.2", NOW_MS)
    desk.begin_derive(2, NOW_MS)
    assert not desk.end_derive(2, OTHER)
    assert desk.used_by == JOINER


def test_the_same_device_may_prove_again_when_m4_got_lost(desk: PairingDesk) -> None:
    for link in (1, 2, 3, 4, 5):
        assert desk.link_up(link, "10.0.0.1", NOW_MS) is Verdict.GO_ON
        assert desk.begin_derive(link, NOW_MS) is Verdict.GO_ON
        assert desk.end_derive(link, JOINER)
        desk.link_down(link)


def test_attack_34_three_tries_per_address(desk: PairingDesk) -> None:
    for link in range(TRIES_PER_ADDRESS):
        assert desk.host_tries_left("10.0.0.1") == TRIES_PER_ADDRESS - link
        wrong_try(desk, link, "10.0.0.1")
    assert desk.tries_left == 0
    assert desk.link_up(9, "10.0.0.1", NOW_MS) is Verdict.REFUSE


def test_attack_34_links_opened_before_do_not_bring_more_tries(desk: PairingDesk) -> None:
    """The tries belong to the address, not to the link."""
    for link in (1, 2):
        wrong_try(desk, link, "10.0.0.1")
    for link in (3, 4, 5):
        assert desk.link_up(link, "10.0.0.1", NOW_MS) is Verdict.GO_ON
    assert desk.begin_derive(3, NOW_MS) is Verdict.GO_ON
    assert desk.begin_derive(4, NOW_MS) is Verdict.REFUSE
    desk.end_derive(3, None)
    assert desk.begin_derive(5, NOW_MS) is Verdict.REFUSE


def test_attack_53_a_stranger_does_not_use_up_the_colleagues_tries(desk: PairingDesk) -> None:
    for link in range(TRIES_PER_ADDRESS):
        wrong_try(desk, link, "10.0.0.66")
    assert desk.link_up(9, "10.0.0.66", NOW_MS) is Verdict.REFUSE
    assert desk.link_up(10, "10.0.0.1", NOW_MS) is Verdict.GO_ON
    assert desk.begin_derive(10, NOW_MS) is Verdict.GO_ON
    assert desk.end_derive(10, JOINER)


def test_attack_53_a_flood_of_proofs_delays_but_does_not_shut_out(desk: PairingDesk) -> None:
    """One Argon2id at a time; who comes meanwhile waits for his turn."""
    desk.link_up(1, "10.0.0.66", NOW_MS)
    desk.link_up(2, "10.0.0.67", NOW_MS)
    desk.link_up(3, "10.0.0.1", NOW_MS)
    assert desk.begin_derive(1, NOW_MS) is Verdict.GO_ON
    assert desk.begin_derive(2, NOW_MS) is Verdict.WAIT
    assert desk.begin_derive(3, NOW_MS) is Verdict.WAIT
    assert desk.next_derive() is None  # the first is still at work
    desk.end_derive(1, None)
    desk.link_down(2)  # gave up
    assert desk.next_derive() == 3
    assert desk.end_derive(3, JOINER)
    assert desk.next_derive() is None


def test_attack_53_all_strangers_together_end_the_code(desk: PairingDesk) -> None:
    for number in range(TRIES_PER_CODE):
        assert not desk.ended
        wrong_try(desk, number, f"10.0.{number // 3}.1")
    assert desk.ended
    assert desk.tries_left == 0
    assert desk.link_up(1000, "10.9.9.9", NOW_MS) is Verdict.REFUSE


def test_attack_53_links_are_bounded_per_address_and_in_all(desk: PairingDesk) -> None:
    for link in range(MAX_LINKS_PER_HOST):
        assert desk.link_up(link, "10.0.0.66", NOW_MS) is Verdict.GO_ON
    assert desk.link_up(50, "10.0.0.66", NOW_MS) is Verdict.REFUSE
    for link in range(MAX_LINKS_PER_HOST, MAX_LINKS):
        assert desk.link_up(link, f"10.0.1.{link}", NOW_MS) is Verdict.GO_ON
    assert desk.link_up(51, "10.0.0.1", NOW_MS) is Verdict.REFUSE


def test_attack_53_idle_links_make_room(desk: PairingDesk) -> None:
    for link in range(MAX_LINKS):
        desk.link_up(link, f"10.0.1.{link}", NOW_MS)
    assert desk.begin_derive(0, NOW_MS) is Verdict.GO_ON
    assert desk.drop_stale(NOW_MS + PROOF_WITHIN_MS - 1) == []
    assert desk.drop_stale(NOW_MS + PROOF_WITHIN_MS) == list(range(1, MAX_LINKS))
    assert desk.link_up(51, "10.0.0.1", NOW_MS + PROOF_WITHIN_MS) is Verdict.GO_ON


def test_the_proven_link_is_never_stale(desk: PairingDesk) -> None:
    desk.link_up(1, "10.0.0.1", NOW_MS)
    desk.begin_derive(1, NOW_MS)
    desk.end_derive(1, JOINER)
    assert desk.drop_stale(NOW_MS + VALID_MS) == []


def test_attack_34_a_code_ends_after_five_minutes(desk: PairingDesk) -> None:
    desk.link_up(1, "10.0.0.1", NOW_MS)
    late = NOW_MS + VALID_MS
    assert desk.valid_until_ms == late
    assert desk.is_open(late - 1)
    assert desk.begin_derive(1, late) is Verdict.REFUSE
    assert desk.link_up(2, "10.0.0.2", late) is Verdict.REFUSE


def test_a_clock_set_back_does_not_lengthen_a_code(desk: PairingDesk) -> None:
    assert not desk.is_open(NOW_MS - 1)


def test_a_closed_dialog_refuses(desk: PairingDesk) -> None:
    desk.link_up(1, "10.0.0.1", NOW_MS)
    desk.close()
    assert desk.begin_derive(1, NOW_MS) is Verdict.REFUSE
    assert desk.link_up(2, "10.0.0.2", NOW_MS) is Verdict.REFUSE
    assert desk.tries_left == 0


def test_one_link_brings_one_proof(desk: PairingDesk) -> None:
    desk.link_up(1, "10.0.0.1", NOW_MS)
    assert desk.begin_derive(1, NOW_MS) is Verdict.GO_ON
    assert desk.begin_derive(1, NOW_MS) is Verdict.REFUSE
    assert desk.tries == 1


def test_an_unknown_link_proves_nothing(desk: PairingDesk) -> None:
    assert desk.begin_derive(7, NOW_MS) is Verdict.REFUSE
    assert desk.tries == 0


def test_attack_53_proofs_that_nobody_waits_for_count_too(desk: PairingDesk) -> None:
    """Links that go before their proof is looked at cost no Argon2id and are no wrong try, but they are tries."""
    desk.link_up(0, "10.0.0.1", NOW_MS)
    assert desk.begin_derive(0, NOW_MS) is Verdict.GO_ON
    for number in range(1, TRIES_PER_CODE):
        assert desk.link_up(number, f"10.0.1.{number}", NOW_MS) is Verdict.GO_ON
        assert desk.begin_derive(number, NOW_MS) is Verdict.WAIT
        desk.link_down(number)
    assert desk.link_up(1000, "10.0.2.1", NOW_MS) is Verdict.GO_ON
    assert desk.begin_derive(1000, NOW_MS) is Verdict.REFUSE
    assert desk.wrong == 0
