"""Parts of the Windows package that need no tools: properties, parts list, file versions, harvest."""

import json
import re
import struct
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"
WXS = (PACKAGING / "windows" / "main.wxs").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def _path(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """dev.py starts with its folder on the path."""
    monkeypatch.syspath_prepend(str(PACKAGING))
    yield
    for name in [name for name in sys.modules if name == "windows" or name.startswith("windows.")]:
        del sys.modules[name]


def test_every_property_is_searched_remembered_and_written() -> None:
    from windows import installer

    for name in installer.PROPERTIES:
        assert f'<Property Id="{name}"><RegistrySearch' in WXS
        assert f'Value="[{name}]"' in WXS
        for action in ("Keep", "Use"):
            assert f'<Custom Action="{action}{name}"' in installer._remembered()


def test_every_value_that_the_program_reads_is_written_by_the_installer() -> None:
    from app import policy

    written = set(re.findall(r'<RegistryValue Root="HKLM" Key="SOFTWARE\\Praxisfunk" Name="(\w+)"', WXS))
    assert set(policy.INSTALLER) <= written


def test_the_product_code_follows_from_the_version() -> None:
    from windows.installer import product_code

    assert product_code("1.2.3") == product_code("1.2.3") != product_code("1.2.4")
    assert re.fullmatch(r"\{[0-9A-F-]{36}\}", product_code("1.2.3"))


def test_a_file_keeps_its_component_from_version_to_version(tmp_path: Path) -> None:
    from windows.installer import harvest

    def components(names: list[str], stage: Path) -> dict[str, str]:
        for name in names:
            path = stage / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x", encoding="ascii")
        target = stage.with_suffix(".wxs")
        harvest(stage, target)
        space = "{http://schemas.microsoft.com/wix/2006/wi}"
        return {
            str(one.find(f"{space}File").get("Source")).partition("/")[2]: str(one.get("Guid"))  # type: ignore[union-attr]
            for one in ET.parse(target).iter(f"{space}Component")
        }

    first = components(["Praxisfunk.exe", "a.dll", "Lib/b & c.pyc"], tmp_path / "one")
    second = components(["Praxisfunk.exe", "a.dll", "Lib/b & c.pyc", "Lib/new.pyc"], tmp_path / "two")
    assert set(first) == {"a.dll", "Lib/b & c.pyc"}
    assert {name: second[name] for name in first} == first
    assert len(set(second.values())) == 3


def test_file_version(tmp_path: Path) -> None:
    from windows.pe import file_version

    path = tmp_path / "a.dll"
    path.write_bytes(
        b"MZ" + bytes(40) + b"\xbd\x04\xef\xfe\x00\x00\x01\x00" + struct.pack("<HHHH", 13, 3, 7, 11)
    )
    assert file_version(path) == "3.13.11.7"
    path.write_bytes(b"MZ" + bytes(40))
    assert file_version(path) is None
    assert file_version(tmp_path / "a.pyc") is None


def test_the_parts_list_is_the_same_for_the_same_parts(tmp_path: Path) -> None:
    from windows.sbom import write_sbom

    parts = [
        {"name": "attrs", "version": "1", "licence": "MIT", "kind": "pypi"},
        {"name": "Praxisfunk", "version": "0.1.0", "licence": "Apache-2.0", "kind": "pypi"},
        {"name": "cryptography", "version": "2", "licence": "Apache-2.0 OR BSD-3-Clause", "kind": "pypi"},
    ]
    write_sbom(parts, "0.1.0", tmp_path / "a")
    write_sbom(parts[::-1], "0.1.0", tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    document = json.loads((tmp_path / "a").read_bytes())
    assert [one["purl"] for one in document["components"]] == ["pkg:pypi/attrs@1", "pkg:pypi/cryptography@2"]
    assert document["components"][1]["licenses"] == [{"expression": "Apache-2.0 OR BSD-3-Clause"}]


def test_every_module_of_qt_that_the_window_imports_is_kept() -> None:
    from windows.stage import qt_modules

    assert {"QtCore", "QtGui", "QtWidgets", "QtSvg"} <= qt_modules()
