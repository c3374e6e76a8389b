"""Policies: what holds, what is refused, and that the templates for the practice's IT say the same as the code."""

import logging
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from app import policy
from app.policy import Managed, combine

TEMPLATES = Path(__file__).parents[2] / "packaging" / "windows" / "policies"
NS = "{http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions}"


def test_nothing_set_leaves_everything_to_the_user() -> None:
    assert combine({}, {}) == Managed()


def test_a_policy_wins_over_what_the_installer_was_given() -> None:
    managed = combine({"UdpPort": 50000}, {"UdpPort": "47000", "PracticeName": "Praxis am Markt"})
    assert managed.udp_port == 50000
    assert managed.practice_name == "Praxis am Markt"
    assert managed.keys == ("UdpPort",)


def test_the_installer_alone() -> None:
    assert combine({}, {"UdpPort": "47000", "PracticeName": ""}) == Managed(udp_port=47000)


@pytest.mark.parametrize("value", [0, 80, 65536, -1, True, None, "abc", "²", 4.5, b"47000", [47000]])
def test_an_impossible_port_counts_as_not_set(value: object) -> None:
    managed = combine({"UdpPort": value}, {"UdpPort": "47000"})
    assert managed.udp_port == 47000
    assert managed.refused == ("UdpPort",)


@pytest.mark.parametrize("value", [2, "no", None, b"", "1"])
def test_an_unreadable_save_policy_forbids(value: object) -> None:
    assert combine({"SaveToDisk": value}, {}).save_to_disk is False


@pytest.mark.parametrize(("value", "allowed"), [(0, False), (1, True), (False, False), (True, True)])
def test_saving(value: object, allowed: bool) -> None:
    assert combine({"SaveToDisk": value}, {}).save_to_disk is allowed


def test_log_level_and_unknown_keys() -> None:
    managed = combine({"LogLevel": "Debug", "Whatever": 1}, {})
    assert managed.log_level == logging.DEBUG
    assert managed.refused == ("Whatever",)
    assert combine({"LogLevel": "loud"}, {}).log_level is None


def test_policy_file(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    assert policy.read_file(path) == {}
    path.write_text("UdpPort = 47000\nSaveToDisk = false\n", encoding="utf-8")
    managed = combine(policy.read_file(path), {})
    assert (managed.udp_port, managed.save_to_disk) == (47000, False)
    assert managed.keys == ("UdpPort", "SaveToDisk")


@pytest.mark.parametrize("data", [b"UdpPort = ", b"\xff\xfe", b"# " + b"x" * policy.MAX_FILE_BYTES])
def test_an_unreadable_policy_file_forbids_saving(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "policy.toml"
    path.write_bytes(data)
    assert combine(policy.read_file(path), {}).save_to_disk is False


# --- the templates ----------------------------------------------------------------------------------------------


def _admx() -> ET.Element:
    return ET.parse(TEMPLATES / "praxisfunk.admx").getroot()


def test_each_policy_has_code_and_each_key_in_the_code_has_a_policy() -> None:
    found = set()
    for one in _admx().iter(f"{NS}policy"):
        assert one.get("key") == policy.POLICY_KEY
        assert one.get("class") == "Machine"
        names = {one.get("valueName")} | {part.get("valueName") for part in one.find(f"{NS}elements") or ()}
        assert names - {None} == {one.get("name")}
        found.add(one.get("name"))
    assert found == set(policy.POLICIES)


def test_each_value_that_can_be_chosen_is_understood() -> None:
    for one in _admx().iter(f"{NS}policy"):
        name = str(one.get("name"))
        values: list[object] = [item.text for item in one.iter(f"{NS}string")]
        values += [int(str(item.get("value"))) for item in one.iter(f"{NS}decimal") if item.get("value")]
        for limit in one.iter(f"{NS}decimal"):
            values += [int(str(limit.get(key))) for key in ("minValue", "maxValue") if limit.get(key)]
        assert values
        for value in values:
            assert combine({name: value}, {}).refused == ()


@pytest.mark.parametrize("language", ["de-DE", "en-US"])
def test_the_texts_are_complete(language: str) -> None:
    texts = ET.parse(TEMPLATES / language / "praxisfunk.adml").getroot()
    strings = {one.get("id"): one.text for one in texts.iter(f"{NS}string")}
    presentations = {str(one.get("id")) for one in texts.iter(f"{NS}presentation")}
    source = (TEMPLATES / "praxisfunk.admx").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\(string\.(\w+)\)", source)) == set(strings)
    assert set(re.findall(r"\$\(presentation\.(\w+)\)", source)) == presentations
    assert all(strings.values())
