"""The small EXIF reader: tolerant of cameras, indifferent to hostility."""

import struct
from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.photo.exif import ExifFacts, read_exif
from tests.app.photo import pictures

BERLIN_WINTER = timezone(timedelta(hours=1))


def block(
    date: str, offset: str = "", fraction: str = "", tags: tuple[int, int, int] = (0x9003, 0x9011, 0x9291)
) -> bytes:
    exif = Image.Exif()
    details = exif.get_ifd(0x8769)
    for tag, value in zip(tags, (date, offset, fraction), strict=True):
        if value:
            details[tag] = value
    return exif.tobytes()


@pytest.mark.parametrize(
    ("date", "offset", "fraction", "expected"),
    [
        ("2026:03:01 10:15:00", "+01:00", "", 1772356500000),
        ("2026:03:01 10:15:00", "", "", 1772356500000),
        ("2026:03:01 09:15:00", "+00:00", "5", 1772356500500),
        ("2026:03:01 04:15:00", "-05:00", "123456", 1772356500123),
        ("2026-03-01T10:15:00", "+01:00", "", 1772356500000),
        ("2026/03/01 10:15", "+0100", "", 1772356500000),
        ("2026.03.01  10:15:00", "nonsense", "x", 1772356500000),
        ("2026:03:01 10:15:60", "+01:00", "", 1772356559000),
        ("0000:00:00 00:00:00", "", "", None),
        ("    :  :     :  :  ", "", "", None),
        ("2026:13:01 10:15:00", "", "", None),
        ("2026:02:30 10:15:00", "", "", None),
        ("1904:01:01 00:00:00", "", "", None),
        ("9999:12:31 23:59:59", "-14:00", "", None),
        ("yesterday", "", "", None),
    ],
)
def test_capture_time(date: str, offset: str, fraction: str, expected: int | None) -> None:
    assert read_exif(block(date, offset, fraction), BERLIN_WINTER).captured_ms == expected


def test_without_a_zone_this_computers_is_taken() -> None:
    found = read_exif(block("2026:03:01 10:15:00")).captured_ms
    assert found is not None and abs(found - 1772356500000) <= 14 * 3_600_000


def test_time_of_digitising_stands_in_but_not_time_of_change() -> None:
    assert (
        read_exif(block("2026:03:01 10:15:00", "+01:00", tags=(0x9004, 0x9012, 0x9292))).captured_ms
        == 1772356500000
    )
    changed = Image.Exif()
    changed[0x0132] = "2026:03:01 10:15:00"
    assert read_exif(changed.tobytes()) == ExifFacts()


@pytest.mark.parametrize("orientation", [0, 1, 6, 8, 9, 65535])
def test_orientation(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert read_exif(exif.tobytes()).orientation == (orientation if 1 <= orientation <= 8 else 1)


def test_both_byte_orders() -> None:
    for mark, order in ((b"II*\x00", "<"), (b"MM\x00*", ">")):
        tiff = mark + struct.pack(order + "IHHHIHHI", 8, 1, 0x0112, 3, 1, 6, 0, 0)
        assert read_exif(tiff).orientation == 6
        assert read_exif(b"Exif\x00\x00" + tiff).orientation == 6


def test_a_directory_that_points_to_itself_ends() -> None:
    tiff = b"II*\x00" + struct.pack("<IHHHIII", 8, 1, 0x8769, 4, 1, 8, 8)
    assert read_exif(tiff) == ExifFacts()


def test_a_directory_of_65535_entries_is_cut() -> None:
    entry = struct.pack("<HHIHH", 0x0100, 3, 1, 6, 0)
    tiff = b"II*\x00" + struct.pack("<IH", 8, 65535) + entry * 600 + struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0)
    assert read_exif(tiff).orientation == 1


@given(st.binary(max_size=200))
def test_bytes_never_raise(data: bytes) -> None:
    read_exif(b"MM\x00*" + data)
    read_exif(data)


@given(at=st.integers(0, len(pictures.exif()) - 1), value=st.integers(0, 255))
def test_a_changed_byte_never_raises(at: int, value: int) -> None:
    data = bytearray(pictures.exif())
    data[at] = value
    read_exif(bytes(data))
