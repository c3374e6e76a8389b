"""Names and texts of others (attacks 35 and 37)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.names import clean_name, clean_text, first_line, safe_file_name


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("Befund.pdf", "Befund.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\cmd.exe", "cmd.exe"),
        ("/absolute/Bild.jpg", "Bild.jpg"),
        ("con.txt", "_con.txt"),
        ("NUL", "_NUL"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("..", "Datei"),
        ("   ", "Datei"),
        ("a\u202egpj.exe", "a gpj.exe"),
        ("x:y|z?.pdf", "x_y_z_.pdf"),
        ("Ende. . .", "Ende"),
        ("a\x00b\n.txt", "a b.txt"),
    ],
)
def test_file_names_are_one_plain_file(given_name: str, safe: str) -> None:
    assert safe_file_name(given_name) == safe


@given(st.text(max_size=400))
def test_any_file_name_is_safe(name: str) -> None:
    safe = safe_file_name(name)
    assert 0 < len(safe) <= 140
    assert not set(safe) & set('<>:"/\\|?*\x00\n\r\u202e')
    assert safe not in (".", "..") and not safe.endswith((" ", "."))


def test_ten_thousand_characters_keep_their_extension() -> None:
    assert safe_file_name("x" * 200 + ".pdf").endswith(".pdf")
    assert len(safe_file_name("x" * 10_000)) <= 140


def test_names_are_one_line_without_direction_marks() -> None:
    assert clean_name("  Dr.\n\tWeber\u202e ") == "Dr. Weber"
    assert clean_name("x" * 500) == "x" * 80


def test_text_keeps_lines_but_no_control_or_override() -> None:
    assert clean_text("a\r\nb\x07\u202ec\td") == "a\nbc\td"
    assert first_line("\n\n  Erste \nZweite") == "Erste"
