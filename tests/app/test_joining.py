"""What stands before pairing: typed addresses, and who may join at all."""

from pathlib import Path

import pytest

from app.core import requests, views
from app.joining import parse_address
from tests.app.engines import RunningEngine
from transport.events import Address


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("192.168.1.20:47110", Address("192.168.1.20", 47110)),
        ("  192.168.1.20:1 ", Address("192.168.1.20", 1)),
        ("[fe80::1]:47110", Address("fe80::1", 47110)),
        ("[fe80::1%3]:47110", Address("fe80::1", 47110, 3)),
        ("[2001:db8::7]:65535", Address("2001:db8::7", 65535)),
    ],
)
def test_a_typed_address_is_an_ip_address_and_a_port(typed: str, address: Address) -> None:
    assert parse_address(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "192.168.1.20",
        "192.168.1.20:",
        "192.168.1.20:0",
        "192.168.1.20:65536",
        "192.168.1.20:4711\u0661",
        "192.168.1.20:" + "9" * 5000,
        "empfang.local:47110",  # a name would be looked up by whoever sends to it
        "localhost:47110",
        "224.0.0.251:5353",
        "0.0.0.0:47110",
        "[::]:47110",
        "[fe80::1%eth0]:47110",
        "192.168.001.020:47110",
    ],
)
def test_anything_else_is_refused(typed: str) -> None:
    assert parse_address(typed) is None


def test_a_senseless_address_is_told_at_once(tmp_path: Path) -> None:
    anna = RunningEngine(tmp_path / "anna")
    try:
        anna.settled()
        wish = requests.Join(
            code="0000-0000-0000", address="empfang:4711", person_name="A", role="", device_name="PC"
        )
        assert anna.answer(wish) == views.Failure(code="bad_address")
    finally:
        anna.stop()


def test_a_device_of_a_practice_joins_no_other(tmp_path: Path) -> None:
    anna = RunningEngine(tmp_path / "anna")
    try:
        anna.found()
        wish = requests.Join(
            code="0000-0000-0000", address="127.0.0.1:9", person_name="A", role="", device_name="PC"
        )
        assert anna.answer(wish) == views.Failure(code="already_set_up")
    finally:
        anna.stop()
