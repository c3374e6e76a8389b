#!/usr/bin/env python3
"""Texts of the window: `python packaging/translations.py` collects them into assets/i18n/*.ts and compiles the .qm.

`--check` changes nothing and fails when something is missing, unfinished or not compiled (a test runs it).

Collecting is done here over Python's own syntax tree: Qt's `lupdate` (it comes with PySide6-Essentials) does
not follow the module constant that names a context, nor text joined over several lines. Compiling is done by
Qt's `lrelease` of the same package. The files are plain Qt Linguist files: `pyside6-linguist` opens them.

Source texts are English. German needs every text, English only the ones with a plural (`%n`).
"""

import argparse
import ast
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "app" / "ui"
FOLDER = ROOT / "assets" / "i18n"
LANGUAGES = ("de", "en")


@dataclass(frozen=True, order=True)
class Key:
    """One text of one context."""

    context: str
    source: str
    comment: str = ""


@dataclass
class Entry:
    """Its translations: one form, or two (one, many) for a plural."""

    plural: bool
    forms: list[str] = field(default_factory=list)


def collect(folder: Path = SOURCES) -> dict[Key, bool]:
    """Every `translate(context, text, comment, n)` below `folder`; the value says whether it has a plural."""
    found: dict[Key, bool] = {}
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        constants = _constants(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "translate":
                words = [_text(argument, constants) for argument in node.args[:3]]
                if words[0] is None or len(words) < 2 or words[1] is None:
                    where = f"{path.relative_to(ROOT)}:{node.lineno}"
                    raise SystemExit(f"{where}: context and text of translate() must be plain strings")
                comment = words[2] if len(words) > 2 else ""
                plural = len(node.args) > 3 or any(word.arg == "n" for word in node.keywords)
                key = Key(words[0], words[1], comment or "")
                found[key] = found.get(key, False) or plural
    return found


def _constants(tree: ast.Module) -> dict[str, str]:
    """Module constants that are plain strings."""
    found = {}
    for node in tree.body:
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
            found[target.id] = value.value
    return found


def _text(node: ast.expr, constants: dict[str, str]) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return constants.get(node.id) if isinstance(node, ast.Name) else None


def read(path: Path) -> dict[Key, Entry]:
    """The translations of a .ts file; unfinished ones have no forms."""
    entries: dict[Key, Entry] = {}
    if not path.exists():
        return entries
    for context in ET.parse(path).getroot().iter("context"):
        name = context.findtext("name", "")
        for message in context.iter("message"):
            plural = message.get("numerus") == "yes"
            translation = message.find("translation")
            forms: list[str] = []
            if translation is not None and translation.get("type") != "unfinished":
                texts = [form.text or "" for form in translation.iter("numerusform")]
                forms = texts if plural else [translation.text or ""]
            key = Key(name, message.findtext("source", ""), message.findtext("comment", ""))
            entries[key] = Entry(plural, [form for form in forms if form])
    return entries


def render(entries: dict[Key, Entry], language: str) -> str:
    """A .ts file, sorted, without places in the code: it changes only when a text does."""
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    contexts: dict[str, ET.Element] = {}
    for key in sorted(entries):
        if key.context not in contexts:
            contexts[key.context] = ET.SubElement(root, "context")
            ET.SubElement(contexts[key.context], "name").text = key.context
        entry = entries[key]
        message = ET.SubElement(contexts[key.context], "message", {"numerus": "yes"} if entry.plural else {})
        ET.SubElement(message, "source").text = key.source
        if key.comment:
            ET.SubElement(message, "comment").text = key.comment
        translation = ET.SubElement(message, "translation")
        if not complete(entry):
            translation.set("type", "unfinished")
        if entry.plural:
            for form in [*entry.forms, "", ""][:2]:
                ET.SubElement(translation, "numerusform").text = form
        else:
            translation.text = entry.forms[0] if entry.forms else ""
    ET.indent(root, "    ")
    body = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n'


def complete(entry: Entry) -> bool:
    return len(entry.forms) == (2 if entry.plural else 1)


def merged(language: str) -> dict[Key, Entry]:
    """What the code says now, with the translations that are there."""
    known = read(FOLDER / f"praxisfunk_{language}.ts")
    entries = {}
    for key, plural in collect().items():
        if language == "de" or plural:
            forms = known[key].forms if key in known and known[key].plural == plural else []
            entries[key] = Entry(plural, forms)
    return entries


def compiler() -> Path:
    """Qt's lrelease, which PySide6-Essentials brings along."""
    import PySide6

    folder = Path(PySide6.__file__).parent
    for name in ("lrelease", "lrelease.exe"):
        if (folder / name).exists():
            return folder / name
    raise SystemExit("lrelease is missing: install PySide6-Essentials")


def compiled(text: str) -> bytes:
    """The .qm of a .ts text."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "texts.ts", Path(folder) / "texts.qm"
        source.write_text(text, encoding="utf-8")
        subprocess.run([str(compiler()), "-silent", str(source), "-qm", str(target)], check=True)
        return target.read_bytes()


def problems() -> list[str]:
    """Everything that keeps the committed files from being complete and up to date."""
    found = []
    for language in LANGUAGES:
        entries = merged(language)
        name = f"praxisfunk_{language}"
        found += [f"{name}.ts: not translated: {key.context}: {key.source!r}"
                  for key in sorted(entries) if not complete(entries[key])]  # fmt: skip
        text = render(entries, language)
        path = FOLDER / f"{name}.ts"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            found.append(f"{name}.ts is not up to date")
        binary = FOLDER / f"{name}.qm"
        if not binary.exists() or binary.read_bytes() != compiled(text):
            found.append(f"{name}.qm is not up to date")
    return found


def update() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for language in LANGUAGES:
        text = render(merged(language), language)
        (FOLDER / f"praxisfunk_{language}.ts").write_text(text, encoding="utf-8")
        (FOLDER / f"praxisfunk_{language}.qm").write_bytes(compiled(text))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing, fail when something is missing")
    if not parser.parse_args().check:
        update()
    found = problems()
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
