"""mDNS tags and server names (protocol 8, 10.10, 11.3, 11.13; attack 56)."""

import base64
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.ids import DeviceId
from crypto.tags import (
    MAX_FAR_SECRETS,
    MAX_TAGS,
    SERVER_NAME_DAYS,
    TAG_BYTES,
    TAG_MULTIPLE,
    announcement,
    day_of,
    dictionary,
    server_name,
    server_name_nonce,
    tag,
)
from tests.crypto.session_kit import SeededEntropy

SECRET, OTHER = b"s" * 32, b"o" * 32
ANNA, BERTA = DeviceId(b"a" * 32), DeviceId(b"b" * 32)
DAY = 20_000
ENTROPY = SeededEntropy(b"tags")


def test_a_tag_is_recognised_yesterday_today_and_tomorrow() -> None:
    book = dictionary([OTHER, SECRET], DAY, [BERTA, ANNA])
    for day, known in ((DAY - 2, False), (DAY - 1, True), (DAY, True), (DAY + 1, True), (DAY + 2, False)):
        assert (book.get(tag(SECRET, day, ANNA)) == ANNA) is known


def test_only_members_recognise_a_tag() -> None:
    assert tag(SECRET, DAY, ANNA) not in dictionary([OTHER], DAY, [ANNA])
    assert tag(SECRET, DAY, ANNA) not in dictionary([SECRET], DAY, [BERTA])


def test_a_tag_shares_nothing_with_the_next_day() -> None:
    tags = {tag(secret, day, who) for secret in (SECRET, OTHER) for day in (1, 2) for who in (ANNA, BERTA)}
    assert len(tags) == 8
    assert {len(one) for one in tags} == {TAG_BYTES}


@pytest.mark.parametrize("count", range(10))
def test_the_number_of_circles_does_not_show(count: int) -> None:
    secrets = [bytes([number]) * 32 for number in range(count)]
    shown = announcement(secrets, DAY, ANNA, ENTROPY)
    assert len(shown) == max(-(-count // TAG_MULTIPLE), 1) * TAG_MULTIPLE
    assert len(set(shown)) == len(shown)
    assert {tag(secret, DAY, ANNA) for secret in secrets} <= set(shown)
    assert list(shown) == sorted(shown)


def test_a_second_announcement_does_not_tell_padding_from_tags() -> None:
    assert announcement([SECRET], DAY, ANNA, ENTROPY) == announcement([SECRET], DAY, ANNA, ENTROPY)
    assert not set(announcement([SECRET], DAY, ANNA, ENTROPY)) & set(
        announcement([SECRET], DAY + 1, ANNA, ENTROPY)
    )


def test_padding_is_nobodys_tag() -> None:
    book = dictionary([SECRET], DAY, [ANNA, BERTA])
    assert [book.get(one) for one in announcement([SECRET], DAY, ANNA, ENTROPY)].count(ANNA) == 1


def test_announcements_are_bounded() -> None:
    secrets = [number.to_bytes(32, "big") for number in range(MAX_TAGS + 9)]
    assert len(announcement(secrets, DAY, ANNA, ENTROPY)) == MAX_TAGS


@pytest.mark.parametrize("unix_s", [-1, 0, 5, 86_399])
def test_a_clock_without_battery_works(unix_s: int) -> None:
    day = day_of(unix_s)
    assert day == 0
    assert dictionary([SECRET], day, [ANNA])[tag(SECRET, day, ANNA)] == ANNA
    assert server_name_nonce(server_name(SECRET, day, ANNA, ENTROPY), [SECRET], day, ANNA) is not None


# --- server names ------------------------------------------------------------------------------------------


def test_a_server_name_is_one_dns_label() -> None:
    name = server_name(SECRET, DAY, ANNA, ENTROPY)
    assert len(name) <= 63
    assert name == name.lower()
    assert name.isalnum()


def test_a_server_name_holds_as_long_as_clocks_may_be_wrong_for_its_target() -> None:
    name = server_name(SECRET, DAY, ANNA, ENTROPY)
    for away, holds in (
        (0, True),
        (1, True),
        (2, True),
        (SERVER_NAME_DAYS, True),
        (SERVER_NAME_DAYS + 1, False),
    ):
        for day in (DAY - away, DAY + away):
            assert (server_name_nonce(name, [OTHER, SECRET], day, ANNA) is not None) is holds


def test_a_forged_server_name_costs_a_bounded_number_of_macs(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0
    compare = hmac.compare_digest

    def counted(a: bytes, b: bytes) -> bool:
        nonlocal count
        count += 1
        return compare(a, b)

    secrets = [number.to_bytes(32, "big") for number in range(40)]
    monkeypatch.setattr(hmac, "compare_digest", counted)
    assert server_name_nonce(server_name(SECRET, DAY, ANNA, ENTROPY), secrets, DAY, ANNA) is None
    assert count == 3 * 40 + (2 * SERVER_NAME_DAYS - 2) * MAX_FAR_SECRETS
    old = server_name(secrets[-1], DAY + 1, ANNA, ENTROPY)
    assert server_name_nonce(old, secrets, DAY, ANNA) is not None  # every known secret within a day


def test_attack_56_only_members_and_only_the_target() -> None:
    name = server_name(SECRET, DAY, ANNA, ENTROPY)
    assert server_name_nonce(name, [OTHER], DAY, ANNA) is None
    assert server_name_nonce(name, [], DAY, ANNA) is None
    assert server_name_nonce(name, [SECRET], DAY, BERTA) is None


def test_attack_56_a_name_used_again_has_the_same_nonce_in_every_spelling() -> None:
    """Upper case and the four unused bits at the end must not make a fresh nonce of an old one."""
    name = server_name(SECRET, DAY, ANNA, ENTROPY)
    nonce = server_name_nonce(name, [SECRET], DAY, ANNA)
    assert nonce is not None
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    for spelling in (name.upper(), *(name[:-1] + last for last in alphabet)):
        assert server_name_nonce(spelling, [SECRET], DAY, ANNA) in (nonce, None)
    assert server_name(SECRET, DAY, ANNA, ENTROPY) != name


def test_every_changed_character_is_refused() -> None:
    name = server_name(SECRET, DAY, ANNA, ENTROPY)
    for place in range(len(name) - 1):
        other = "b" if name[place] != "b" else "c"
        assert server_name_nonce(name[:place] + other + name[place + 1 :], [SECRET], DAY, ANNA) is None


@given(st.text(max_size=80))
def test_any_text_is_no_server_name(name: str) -> None:
    assert server_name_nonce(name, [SECRET], DAY, ANNA) is None


def test_tags_and_server_names_do_not_serve_each_other() -> None:
    name = server_name(SECRET, DAY, ANNA, ENTROPY)
    raw = base64.b32decode(name.upper() + "====")
    assert tag(SECRET, DAY, ANNA) not in raw
