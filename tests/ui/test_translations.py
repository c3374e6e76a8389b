"""German and English are complete, up to date and compiled."""

import importlib.util
import string
import sys
from pathlib import Path
from types import ModuleType

import pytest

from app.ui.i18n import Translations, translate

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("translations", ROOT / "packaging" / "translations.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["translations"] = module
    spec.loader.exec_module(module)
    return module


def test_complete_and_up_to_date(tool: ModuleType) -> None:
    assert tool.problems() == []


def test_placeholders_survive_translation(tool: ModuleType) -> None:
    for language in tool.LANGUAGES:
        for key, entry in tool.merged(language).items():
            wanted = {part[1] for part in string.Formatter().parse(key.source) if part[1]}
            for form in entry.forms:
                found = {part[1] for part in string.Formatter().parse(form) if part[1]}
                assert found == wanted, key
                assert ("%n" in form) == ("%n" in key.source), key


def test_plural_forms(german: Translations) -> None:
    assert translate("Words", "On %n devices", "", 1) == "Auf 1 Gerät"
    assert translate("Words", "On %n devices", "", 3) == "Auf 3 Geräten"
    german.use("en")
    assert translate("Words", "On %n devices", "", 1) == "On 1 device"


def test_a_text_that_is_no_plain_string_is_refused(tool: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text('translate("A", f"x{1}")\n', encoding="utf-8")
    tool.ROOT = tmp_path
    try:
        with pytest.raises(SystemExit):
            tool.collect(tmp_path)
    finally:
        tool.ROOT = ROOT
