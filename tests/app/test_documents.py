"""The documents name things of the code: each must be there."""

import re
from pathlib import Path

import pytest

from crypto.kdf import Label

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("crypto/*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("packaging/*.md")]
)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_test_that_the_threat_model_names_exists() -> None:
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", text_of("crypto/THREAT_MODEL.md"))
    assert len(named) > 80
    missing = [f"{file}::{name}" for file, name in named if f"def {name}(" not in text_of(f"tests/{file}")]
    assert missing == []


def test_every_label_stands_in_the_protocol() -> None:
    protocol = text_of("crypto/PROTOCOL.md")
    short = {"PX1/prekey/mlkem768", "PX1/prekey/onetime", "PX1/vault/passphrase", "PX1/vault/both"}
    missing = [
        name
        for name in (label.value.decode() for label in Label)
        if f"`{name}`" not in protocol and not (name in short and f"`/{name.rsplit('/', 1)[1]}`" in protocol)
    ]
    assert missing == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (path.parent / link).exists() and not link.endswith(".png")] == []


def test_the_readme_begins_with_the_two_commands() -> None:
    first, second = text_of("README.md").splitlines()[:2]
    assert first.split("#")[0].strip() == "python3 packaging/dev.py demo"
    assert second.split("#")[0].strip() == "python3 packaging/dev.py test"
