"""Every failure has a sentence in both languages."""

import ast
import importlib
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.refused import CODES, REASONS
from app.ui import error_text
from app.ui.error_text import CATALOGUE, GENERIC, code_of, sentence

ROOT = Path(__file__).resolve().parents[2]
TREES = ("crypto.errors", "transport.errors", "app.store.errors", "app.photo.errors", "app.channel.errors")


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for folder in ("app", "crypto", "transport"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def _strings(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, ast.IfExp):
        return _strings(node.body) + _strings(node.orelse)
    return []


def _raised() -> Iterator[tuple[str, str]]:
    """(where, code) of every `Failure(code=...)`, `Failed(...)`-like refusal and delivery reason with a literal."""
    for path, tree in _sources():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            function = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            for word in node.keywords:
                if (function == "Failure" and word.arg == "code") or word.arg == "mark_reason":
                    for code in _strings(word.value):
                        yield f"{path.relative_to(ROOT)}:{node.lineno}", code
            circle = "circle" in path.parts  # there a reason for the log, never shown
            if function == "Refused" and node.args and not circle:
                for code in _strings(node.args[0]):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", code


def test_every_failure_of_the_project_has_a_sentence() -> None:
    raised = list(_raised())
    assert len(raised) > 10
    missing = [f"{where}: {code}" for where, code in raised if code not in CATALOGUE]
    assert not missing, "\n".join(missing)


def test_every_code_that_the_core_may_use_has_a_sentence() -> None:
    assert not (CODES | REASONS) - CATALOGUE.keys()


def _classes() -> Iterator[type[Exception]]:
    for module in TREES:
        for value in vars(importlib.import_module(module)).values():
            if isinstance(value, type) and issubclass(value, Exception) and value.__module__ == module:
                yield value


def test_every_error_class_has_its_own_sentence() -> None:
    classes = list(_classes())
    assert len(classes) > 30
    for error in classes:
        if isinstance(getattr(error, "code", None), str):
            assert error.code in CATALOGUE, error  # type: ignore[attr-defined]
            continue
        package = error.__module__.removeprefix("app.").split(".")[0]
        code = code_of(error)
        assert code.startswith(f"{package}."), error
        own = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", error.__name__).lower()
        assert code == f"{package}.{own}", f"{error.__name__} has no sentence of its own"


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_sentences_are_sentences(code: str) -> None:
    german, english = CATALOGUE[code]
    fields = [{part[1] for part in string.Formatter().parse(text) if part[1]} for text in (german, english)]
    assert fields[0] == fields[1]
    for text in (german, english):
        assert text[0].isupper() or text[0] in "„“»{0123456789"
        assert text.endswith((".", "?")) or ": " in text
        assert "!" not in text and "  " not in text
    assert german != english


def test_placeholders_are_filled_and_gaps_do_not_crash() -> None:
    assert sentence("wrong_pin", {"tries_left": 2}, "de") == "Die PIN stimmt nicht. Verbleibende Versuche: 2."
    assert "–" in sentence("wrong_pin", {}, "en")
    assert sentence("nobody_knows_this", {}, "de") == CATALOGUE[GENERIC][0]


def test_no_qt_is_needed() -> None:
    tree = ast.parse(Path(error_text.__file__).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not any(module.startswith(("PySide6", "app")) for module in imported)
