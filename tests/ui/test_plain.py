"""Text of other people cannot disturb what is around it (attacks 35 and 37)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.plain import harmless, initials, name, one_line


@pytest.mark.parametrize(
    "sign",
    ["\u202e", "\u202d", "\u2066", "\u2069", "\u200f", "\u061c", "\u200b", "\ufeff", "\u0000", "\u001b", "\u009f",
     "\U000e0041", "\u00ad", "\u180e", "\ufff9", "\u2060"],
)  # fmt: skip
def test_signs_that_disturb_are_taken_out(sign: str) -> None:
    assert harmless(f"rechnung{sign}fdp.exe") == "rechnungfdp.exe"
    assert name(f"Anna{sign} Lindner", "?") == "Anna Lindner"


def test_what_people_write_stays() -> None:
    text = "Größe 4,1 cm², „gut“ – naïve 👩‍⚕️ Привет\nzweite Zeile"
    assert harmless(text) == text


def test_lines() -> None:
    assert harmless("eins\r\nzwei\u2028drei\rvier") == "eins\nzwei\ndrei\nvier"
    assert one_line("eins\n\n  zwei\tdrei ") == "eins zwei drei"
    assert one_line("x" * 500, 10) == "x" * 9 + "…"


def test_towers_of_marks_are_cut() -> None:
    assert harmless("a" + "\u0301" * 200) == "a" + "\u0301" * 3


def test_names() -> None:
    assert name(None, "Unbekannt") == "Unbekannt"
    assert name(" \u202e ", "Unbekannt") == "Unbekannt"
    assert name("דוד", "?") == "\u2068דוד\u2069"
    assert len(name("n" * 10_000, "?")) == 80


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Dr. Karin Weber", "KW"), ("Anna", "A"), ("Prof. Dr. med. Brandt", "B"), ("", "?"), ("Dr.", "D"),
     ("anna-lena von meier", "AM"), ("👩‍⚕️", "?")],
)  # fmt: skip
def test_initials(text: str, expected: str) -> None:
    assert initials(text) == expected


@given(st.text(max_size=300))
def test_any_text_becomes_harmless_and_stays_so(text: str) -> None:
    once = harmless(text)
    assert harmless(once) == once
    assert "\n" not in one_line(text) and len(one_line(text, 40)) <= 40
    assert 1 <= len(initials(text)) <= 2
