"""Attack 35: names from outside, and files to and from the disk."""

import errno
import os
import stat
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.photo import errors
from app.photo.files import (
    MAX_NAME_BYTES,
    MAX_NAME_CHARS,
    check_file_size,
    display_name,
    is_program,
    media_type,
    read_file,
    save_name,
    save_new,
)
from tests.app.photo import pictures

HOSTILE = [
    ("../../etc/passwd", "passwd"),
    ("..\\..\\Windows\\win.ini", "win.ini"),
    ("/etc/shadow", "shadow"),
    ("C:\\Users\\x\\Befund.pdf", "Befund.pdf"),
    ("C:Befund.pdf", "Befund.pdf"),
    ("\\\\server\\share\\Befund.pdf", "Befund.pdf"),
    ("Befund.pdf:stream.exe", "Befund.pdf_stream.exe"),
    ("..", "Datei"),
    ("....", "Datei"),
    ("", "Datei"),
    ("/", "Datei"),
    ("   ", "Datei"),
    ("\x00\x01\x02", "Datei"),
    ("con", "_con"),
    ("CON.txt", "_CON.txt"),
    ("nul.tar.gz", "_nul.tar.gz"),
    ("COM1 .jpg", "_COM1.jpg"),
    ("Lpt9", "_Lpt9"),
    ("COM¹.txt", "_COM¹.txt"),
    ("CONIN$", "_CONIN$"),
    ("Befund.pdf. . .", "Befund.pdf"),
    (".ssh", "ssh"),
    (".bashrc/", "bashrc"),
    ("Wunde\u202egpj.exe", "Wundegpj.exe"),
    ("Wunde\u2066\u200f\u200b.jpg", "Wunde.jpg"),
    ("a\nb\tc\x7f.txt", "abc.txt"),
    ('Wunde<>|?*".jpg', "Wunde______.jpg"),
    ("Mu\u0308ller.pdf", "Müller.pdf"),
    ("Bericht\u2215geheim.pdf", "geheim.pdf"),
    ("\ud800.txt", "txt"),
    ("Überweisung Dr. Weber.pdf", "Überweisung Dr. Weber.pdf"),
]


@pytest.mark.parametrize(("name", "safe"), HOSTILE)
def test_hostile_names_become_harmless_ones(name: str, safe: str) -> None:
    assert save_name(name) == safe


@pytest.mark.parametrize(
    "name",
    ["x" * 10_000, "x" * 10_000 + ".pdf", "ü" * 10_000 + ".pdf", "🩹" * 500 + ".jpg", "a" * 10_000_000],
)
def test_long_names_are_cut_in_the_stem(name: str) -> None:
    for safe in (save_name(name), display_name(name)):
        assert len(safe) <= MAX_NAME_CHARS and len(safe.encode()) <= MAX_NAME_BYTES
        if "." in name:
            assert safe.endswith(name[-4:])


@given(st.text(max_size=300))
def test_any_name_is_a_single_plain_component(name: str) -> None:
    safe = save_name(name)
    assert safe and len(safe) <= MAX_NAME_CHARS and len(safe.encode()) <= MAX_NAME_BYTES
    assert not set(safe) & set('/\\:<>"|?*') and safe not in (".", "..") and safe == safe.strip(" .")
    assert not any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in safe)
    assert save_name(safe) == safe  # a safe name stays as it is
    shown = display_name(name)
    assert (
        shown
        and "\n" not in shown
        and not any(unicodedata.bidirectional(c) in ("RLO", "LRO", "RLE") for c in shown)
    )


def test_type_is_told_by_the_bytes_alone() -> None:
    assert media_type(pictures.loaded_jpeg(), "a.pdf") == "image/jpeg"
    assert media_type(b"%PDF-1.7", "a.jpg") == "application/pdf"
    assert media_type(b"MZ\x90\x00\x00", "Befund.pdf") == "application/x-executable"
    assert media_type(b"<html><script>", "Befund.pdf") == "text/html"
    assert media_type("Größe;4 cm\r\n".encode(), "werte.csv") == "text/csv"
    assert media_type(b"plain", "x.pdf") == "text/plain"
    assert media_type(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Arztbrief.doc") == "application/msword"
    assert media_type(b"PK\x03\x04\x14\x00[Content_Types].xml word/document.xml").endswith(
        "wordprocessingml.document"
    )
    assert media_type(b"\x00\x01\x02") == "application/octet-stream" == media_type(b"")


@given(st.binary(max_size=64))
def test_any_bytes_have_a_type(data: bytes) -> None:
    assert "/" in media_type(data)


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("Rechnung.pdf.exe", b"", True),
        ("a.LNK", b"", True),
        ("Wunde\u202egpj.scr", b"", True),
        ("Befund.pdf", b"MZ\x90", True),
        ("Befund", b"\x7fELF", True),
        ("Befund", b"#!/bin/sh", True),
        ("Befund.pdf", b"%PDF-1.7", False),
        ("Wunde.jpg", b"\xff\xd8\xff", False),
    ],
)
def test_programs_are_known(name: str, head: bytes, expected: bool) -> None:
    assert is_program(name, head) is expected


def test_sizes() -> None:
    check_file_size(1)
    check_file_size(100 << 20)
    with pytest.raises(errors.FileEmpty):
        check_file_size(0)
    with pytest.raises(errors.FileTooLarge) as caught:
        check_file_size((100 << 20) + 1)
    assert caught.value.detail == {"limit_mb": 100}


def test_reading(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_bytes(b"12345")
    assert read_file(file, 5) == b"12345"
    with pytest.raises(errors.FileTooLarge):
        read_file(file, 4)
    file.write_bytes(b"")
    with pytest.raises(errors.FileEmpty):
        read_file(file)
    with pytest.raises(errors.FileUnreadable):
        read_file(tmp_path / "absent")
    with pytest.raises(errors.FileUnreadable):
        read_file(Path("a\x00b"))


@pytest.mark.skipif(sys.platform == "win32", reason="devices and named pipes as files are a Unix matter")
def test_reading_neither_hangs_nor_fills_memory(tmp_path: Path) -> None:
    with pytest.raises((errors.FileIsFolder, errors.FileUnreadable)):
        read_file(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(errors.FileUnreadable):
            read_file(path)


def test_saving_never_overwrites_and_is_never_executable(tmp_path: Path) -> None:
    first = save_new(tmp_path / "Befund.pdf", b"one")
    second = save_new(tmp_path / "Befund.pdf", b"two")
    assert (first.name, second.name) == ("Befund.pdf", "Befund (2).pdf")
    assert (first.read_bytes(), second.read_bytes()) == (b"one", b"two")
    assert save_new(tmp_path / "CON", b"x").name == "_CON"
    if sys.platform != "win32":
        assert stat.S_IMODE(first.stat().st_mode) == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights on Windows")
def test_saving_follows_no_link(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    (tmp_path / "Befund.pdf").symlink_to(target)
    assert save_new(tmp_path / "Befund.pdf", b"x").name == "Befund (2).pdf"
    assert not target.exists()


def test_a_failed_save_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.FileNotSaved):
        save_new(tmp_path / "absent" / "a.pdf", b"x")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(errors.FileDiskFull):
        save_new(tmp_path / "a.pdf", b"x")
    assert list(tmp_path.iterdir()) == []
