"""tests/vectors/README.md names every file and every field, so that nobody has to guess."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent.parent / "vectors"
FILES = sorted(FOLDER.glob("*.json"))


def fields(value: Any) -> Iterator[str]:
    """Names of fields; keys that are ids (hexadecimal) or labels are none."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if not re.fullmatch(r"[0-9a-f]{32,}|[A-Z0-9_]+", name):
                yield name
            yield from fields(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from fields(inner)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_page_explains_every_field(path: Path) -> None:
    page = (FOLDER / "README.md").read_text(encoding="utf-8")
    (chapter,) = re.findall(
        rf"^## [^\n]*{re.escape(path.name)}.*?(?=^## |\Z)", page, re.MULTILINE | re.DOTALL
    )
    intro = page.split("## labels.json")[0]
    named = set(re.findall(r"`(\w+)`", chapter)) | set(re.findall(r"`(\w+)`", intro))
    content = json.loads(path.read_text(encoding="utf-8"))
    assert sorted(set(fields(content)) - named) == []


def test_every_file_follows_the_page() -> None:
    for path in FILES:
        content = json.loads(path.read_text(encoding="utf-8"))
        assert content["version"] == 1
        assert path.name == "roster.json" or all(case["name"] for case in content["cases"])
