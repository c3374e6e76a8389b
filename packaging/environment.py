"""The project's virtual environment: made, filled with pinned and hashed packages, left alone if it fits."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from pathlib import Path

from system import apt_install, apt_line, ensure_qt, say

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "packaging" / "requirements"
WINDOWS = sys.platform == "win32"
NOT_WRITABLE = (
    "The folder {folder} cannot be written to ({why}).\n"
    "Copy the project to a folder of your own, or set PRAXISFUNK_VENV to one where the environment may go."
)


class SetupError(Exception):
    """Something a person has to see to; the text says what."""


def venv_folder() -> Path:
    """`.venv` beside the sources, or where PRAXISFUNK_VENV says."""
    return Path(os.environ.get("PRAXISFUNK_VENV") or ROOT / ".venv").absolute()


def venv_python(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if WINDOWS else "bin/python")


def base_python() -> str:
    """The interpreter outside any environment: the new one must not hang on a folder that may go."""
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def python_mark(venv: Path) -> str:
    """Which Python the environment hangs on. Another Python that starts this program may use it all the same; an
    upgrade of the system's under it is noticed."""
    try:
        config = (venv / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "none"
    return f"{os.path.realpath(venv_python(venv))} {hashlib.sha256(config.encode()).hexdigest()[:16]}"


def wanted_marks(set_name: str) -> dict[str, str]:
    """Set -> hash of everything that decides what is installed for it."""
    marks = {}
    for name in dict.fromkeys(("runtime", set_name)):
        digest = hashlib.sha256()
        for part in dict.fromkeys(("runtime", name)):
            digest.update((REQUIREMENTS / f"{part}.txt").read_bytes())
        marks[name] = digest.hexdigest()
    return marks


def read_marks(venv: Path) -> dict[str, str]:
    try:
        found = json.loads((venv / "praxisfunk-installed.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_marks(venv: Path, marks: dict[str, str]) -> None:
    target = venv / "praxisfunk-installed.json"
    fresh = target.with_suffix(".new")
    fresh.write_text(json.dumps(marks, indent=1), encoding="utf-8")
    fresh.replace(target)


@contextlib.contextmanager
def only_one(venv: Path) -> Iterator[None]:
    """Hold a lock file while the environment is changed: `demo` and `test` may be started together."""
    path = venv.with_name(venv.name + ".lock")
    with path.open("a+b") as lock:
        if WINDOWS:
            import msvcrt

            while True:
                try:
                    lock.seek(0)
                    msvcrt.locking(lock.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined,unused-ignore]
                    break
                except OSError:  # LK_LOCK gives up after ten seconds
                    say("Waiting for another setup of this folder to finish …")
        else:
            import fcntl

            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                say("Waiting for another setup of this folder to finish …")
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure_venv_module() -> None:
    """Debian ships `venv` without `ensurepip` unless python3-venv is installed."""
    if importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"):
        return
    if not apt_install(["python3-venv"], "Python's venv module"):
        raise SetupError(
            "This Python cannot make virtual environments: its venv module is missing.\n"
            f"Type this once and start again:  {apt_line(['python3-venv'])}"
        )


def make_venv(venv: Path) -> None:
    say(f"Making the environment {venv} (once) …")
    ensure_venv_module()
    try:
        if venv.exists():
            shutil.rmtree(venv)
        venv.mkdir(parents=True)
    except OSError as error:
        raise SetupError(NOT_WRITABLE.format(folder=venv.parent, why=error.strerror)) from error
    command = [base_python(), "-m", "venv", str(venv)]
    made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if made.returncode != 0:
        shutil.rmtree(venv, ignore_errors=True)
        raise SetupError(
            "The environment could not be made. Python said:\n" + made.stdout.decode(errors="replace").strip()
        )


def works(venv: Path) -> bool:
    """Whether the environment's interpreter still starts (a moved folder or an upgraded Python breaks it)."""
    python = venv_python(venv)
    if not python.exists():
        return False
    try:
        done = subprocess.run([str(python), "-c", "import pip"], capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def install(venv: Path, set_name: str) -> None:
    """Install one requirement set: exact versions, checked against their hashes, wheels only."""
    say(f"Installing the pinned dependencies ({set_name}) …")
    command = [
        *(str(venv_python(venv)), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"),
        *("--require-hashes", "--only-binary=:all:", "--progress-bar=off"),
        *("-r", str(REQUIREMENTS / f"{set_name}.txt")),
    ]
    tail: list[str] = []
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as pip:
        assert pip.stdout is not None
        for line in pip.stdout:
            tail = [*tail[-30:], line.rstrip()]
            word = line.split(maxsplit=2)
            if line.startswith("Collecting") and len(word) > 1:
                say(f"  {word[1]}")
            elif line.startswith("Installing collected"):
                say("  unpacking …")
    if pip.returncode != 0:
        raise SetupError(why_pip_failed(tail))


def why_pip_failed(tail: list[str]) -> str:
    """A sentence for what a person can do, then what pip said."""
    text = "\n".join(tail)
    offline = ("NewConnectionError", "ConnectTimeout", "Name or service", "Temporary failure", "ProxyError")
    if "DO NOT MATCH THE HASHES" in text or "not match the hashes" in text.lower():
        reason = "A downloaded file is not the one this project was tested with. Nothing of it was installed."
    elif any(word in text for word in ("No space left", "Errno 28")):
        reason = "The disk is full: the environment needs about 700 MB."
    elif any(word in text for word in offline):
        reason = (
            "The dependencies could not be downloaded: the package index does not answer.\n"
            "Is this computer online?"
        )
    elif "No matching distribution" in text:
        reason = (
            "A dependency is not to be had for this Python and system "
            f"(Python {sys.version_info[0]}.{sys.version_info[1]}, {sysconfig.get_platform()}), "
            "or the package index does not answer."
        )
    else:
        reason = "The dependencies could not be installed."
    return reason + "\npip said:\n" + "\n".join("  " + line for line in tail[-8:])


def link_sources(venv: Path) -> None:
    """Put the project on the environment's path, and a `praxisfunk` command into it."""
    pattern = "Lib/site-packages" if WINDOWS else "lib/python*/site-packages"
    for site in venv.glob(pattern):
        write_if_other(site / "praxisfunk.pth", f"{ROOT}\n")
    python = venv_python(venv)
    if WINDOWS:
        write_if_other(venv / "Scripts" / "praxisfunk.cmd", f'@"{python}" -P -m app %*\r\n')
    else:
        script = venv / "bin" / "praxisfunk"
        write_if_other(script, f'#!/bin/sh\nexec "{python}" -P -m app "$@"\n')
        script.chmod(0o755)


def write_if_other(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8", newline="")


def prepare(set_name: str, *, qt: bool) -> Path:
    """Everything `set_name` needs is there afterwards. Returns the environment's interpreter.

    Fast the second time: one small file is read and compared, nothing is started.
    """
    venv = venv_folder()
    wanted = wanted_marks(set_name)
    marks = read_marks(venv)
    began = time.monotonic()
    fits = marks.get("python") == python_mark(venv) and venv_python(venv).exists()
    if not fits or any(marks.get(name) != mark for name, mark in wanted.items()):
        try:
            venv.parent.mkdir(parents=True, exist_ok=True)
            with only_one(venv):
                marks = bring_up_to_date(venv, set_name, wanted)
        except OSError as error:
            raise SetupError(NOT_WRITABLE.format(folder=venv.parent, why=error.strerror)) from error
        say(f"The environment is ready ({time.monotonic() - began:.0f} s).")
    if qt and sys.platform == "linux" and marks.get("qt") != wanted["runtime"] and ensure_qt(venv):
        with only_one(venv):
            write_marks(venv, {**read_marks(venv), "qt": wanted["runtime"]})
    return venv_python(venv)


def bring_up_to_date(venv: Path, set_name: str, wanted: dict[str, str]) -> dict[str, str]:
    marks = read_marks(venv)
    if marks.get("python") != python_mark(venv) or not works(venv):
        make_venv(venv)
        marks = {"python": python_mark(venv)}
    if marks.get(set_name) != wanted[set_name]:
        install(venv, set_name)
    link_sources(venv)
    marks.update(wanted)
    write_marks(venv, marks)
    return marks
