"""`praxisfunk-X.Y.Z-py3-none-any.whl`: the program with its icons and compiled translations.

Built from a copy, so that nothing is left among the sources. The MSI takes its program files out of this wheel:
what is installed on Windows and what `pipx install` brings are the same files.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from environment import ROOT, SetupError
from system import say

BUILD = ROOT / "build"
DIST = ROOT / "dist"
PARTS = ("app", "crypto", "transport", "assets", "packaging/linux")
FILES = ("pyproject.toml", "README.md", "LICENSE")
EPOCH = "1767225600"
"""2026-01-01: the date of every file in a package, so that equal sources give equal packages."""


def version() -> str:
    """X.Y.Z of `app/__init__.py`; Windows Installer compares three numbers and no more."""
    text = (ROOT / "app" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(\d+\.\d+\.\d+)"$', text, re.MULTILINE)
    if found is None:
        raise SetupError("app/__init__.py names no version of three numbers.")
    return found[1]


def build_wheel(python: Path, out: Path = DIST) -> Path:
    """Copy, compile the translations, pack. `python` has the requirement set `package`."""
    copy = BUILD / "wheel"
    shutil.rmtree(copy, ignore_errors=True)
    for part in PARTS:
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", "*.qm", "*.png"))
    for name in FILES:
        shutil.copy(ROOT / name, copy / name)
    compile_translations(python, copy / "assets" / "i18n")
    out.mkdir(parents=True, exist_ok=True)
    command = [
        *(str(python), "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index"),
        *("--disable-pip-version-check", "--quiet", "--wheel-dir", str(out), str(copy)),
    ]
    done = subprocess.run(
        command,
        env={**os.environ, "SOURCE_DATE_EPOCH": EPOCH},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SetupError("The wheel could not be built:\n" + done.stdout[-2000:])
    wheel = out / f"praxisfunk-{version()}-py3-none-any.whl"
    say(f"{wheel} ({wheel.stat().st_size / 1e6:.1f} MB)")
    return wheel


def compile_translations(python: Path, folder: Path) -> None:
    """Every .ts becomes a .qm beside it, and goes: the program reads .qm alone."""
    for source in sorted(folder.glob("*.ts")):
        compiler = python.with_name("pyside6-lrelease" + python.suffix)
        command = [str(compiler), "-silent", str(source), "-qm", str(source.with_suffix(".qm"))]
        if subprocess.run(command, check=False).returncode != 0:
            raise SetupError(f"{source.name} could not be compiled.")
        source.unlink()
