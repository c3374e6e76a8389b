"""Who is meant by a name on the command line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.cli.names import Named, folded, pick
from app.cli.options import Code, CommandEnded

WEBER = Named("Dr. Karin Weber", ("aabbcc11" + "0" * 24,))
WEBERIN = Named("Jana Weberin", ("aabbcc22" + "0" * 24,))
MULLER = Named("Anna Müller", ("11223344" + "0" * 24,))
LABOR = Named("Labor", ("55667788" + "0" * 56, "99" * 32))
ALL = [WEBER, WEBERIN, MULLER, LABOR]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Dr. Karin Weber", WEBER),
        ("dr. karin weber", WEBER),
        ("karin", WEBER),
        ("dr web", WEBER),
        ("weberin", WEBERIN),
        ("müller", MULLER),
        ("mueller", MULLER),
        ("Mu\u0308ller", MULLER),
        ("ANNA", MULLER),
        ("labor", LABOR),
        ("aabbcc1", WEBER),
        ("99999999", LABOR),
        ("112233", MULLER),
    ],
)
def test_one_is_meant(typed: str, meant: Named) -> None:
    assert pick(typed, ALL) is meant


@pytest.mark.parametrize("typed", ["Schulz", "", "   ", "eber", "ffffff", "1122"])
def test_nobody_is_meant(typed: str) -> None:
    with pytest.raises(CommandEnded) as ended:
        pick(typed, ALL)
    assert ended.value.exit_code is Code.NO_SUCH_NAME
    assert ended.value.failure.code == "cli.no_such_name"


@pytest.mark.parametrize("typed", ["weber", "aabbcc"])
def test_several_are_meant(typed: str) -> None:
    with pytest.raises(CommandEnded) as ended:
        pick(typed, ALL)
    assert ended.value.failure.code == "cli.ambiguous_name"
    assert "Dr. Karin Weber (aabbcc11), Jana Weberin (aabbcc22)" in str(
        ended.value.failure.detail["candidates"]
    )


def test_two_of_one_name_are_told_apart_by_id_only() -> None:
    twins = [Named("Anna Meier", ("aaaaaaaa",)), Named("Anna Meier", ("bbbbbbbb",))]
    with pytest.raises(CommandEnded):
        pick("Anna Meier", twins)
    assert pick("bbbbbb", twins) is twins[1]


def test_a_whole_name_wins_over_a_part_of_another() -> None:
    short = Named("Weber", ("cc" * 16,))
    assert pick("weber", [WEBER, short]) is short


def test_many_candidates_are_cut() -> None:
    many = [Named(f"Anna {number}", (f"{number:08x}",)) for number in range(100)]
    with pytest.raises(CommandEnded) as ended:
        pick("anna", many)
    assert str(ended.value.failure.detail["candidates"]).endswith(", …")


@given(st.text(max_size=60))
def test_any_text_is_dealt_with(text: str) -> None:
    try:
        assert pick(text, ALL) in ALL
    except CommandEnded as ended:
        assert ended.exit_code is Code.NO_SUCH_NAME
    assert folded(folded(text)) == folded(text)
