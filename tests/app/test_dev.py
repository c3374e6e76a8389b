"""`packaging/dev.py`: what it decides without a network, and what it says when it cannot."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
REQUIREMENTS = sorted((PACKAGING / "requirements").glob("*.txt"))


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PACKAGING))
    return importlib.import_module("environment")


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PACKAGING))
    return importlib.import_module("system")


def test_it_imports_nothing_but_the_standard_library() -> None:
    own = {path.stem for path in PACKAGING.iterdir()}
    for path in PACKAGING.glob("*.py"):
        found = re.findall(
            r"^\s*(?:from|import) ([a-z_0-9]+)", path.read_text(encoding="utf-8"), re.MULTILINE
        )
        assert set(found) <= own | set(sys.stdlib_module_names), path.name


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_every_dependency_is_pinned_and_hashed_and_no_index_is_named(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "http" not in text and "index-url" not in text and "find-links" not in text
    for block in re.split(r"\n(?=\S)", text.strip()):
        if not block.startswith(("#", "-r ")):
            assert re.match(r"[a-z0-9-]+==[0-9][^ ]*( ; .+?)? \\\n", block), block.splitlines()[0]
            assert "--hash=sha256:" in block


def test_the_requirement_files_hold_what_the_project_file_pins() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    locked = "\n".join(path.read_text(encoding="utf-8") for path in REQUIREMENTS).lower()
    pins = re.findall(r'"([A-Za-z0-9-]+==[0-9][^"]*)"', project)
    assert len(pins) > 15
    for pin in pins:
        assert f"\n{pin.lower()} " in locked, f"{pin}: run `packaging/dev.py lock`"


def test_a_changed_requirement_is_noticed(
    environment: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in REQUIREMENTS:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(environment, "REQUIREMENTS", tmp_path)
    before = environment.wanted_marks("test")
    assert before == environment.wanted_marks("test")
    (tmp_path / "test.txt").write_text("changed")
    after = environment.wanted_marks("test")
    assert after["test"] != before["test"] and after["runtime"] == before["runtime"]


@pytest.fixture
def made(environment: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment as `prepare` leaves it, without the packages."""
    venv = tmp_path / "env"
    monkeypatch.setenv("PRAXISFUNK_VENV", str(venv))
    python: Path = environment.venv_python(venv)
    python.parent.mkdir(parents=True)
    python.write_bytes(b"")
    (venv / "pyvenv.cfg").write_text("version = 3.11.2")
    environment.write_marks(
        venv, {"python": environment.python_mark(venv), **environment.wanted_marks("runtime")}
    )
    return venv


class Started(Exception):
    """A process was started."""


@pytest.fixture
def nothing_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Started

    monkeypatch.setattr(subprocess, "run", refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)


@pytest.mark.usefixtures("nothing_starts")
def test_what_fits_is_left_alone(environment: ModuleType, made: Path) -> None:
    assert environment.prepare("runtime", qt=False).is_relative_to(made)


@pytest.mark.usefixtures("nothing_starts")
def test_another_set_a_changed_python_and_a_lost_one_are_noticed(environment: ModuleType, made: Path) -> None:
    with pytest.raises(Started):
        environment.prepare("test", qt=False)
    (made / "pyvenv.cfg").write_text("version = 3.13.1")
    with pytest.raises(Started):
        environment.prepare("runtime", qt=False)
    assert not made.exists() or not environment.read_marks(made)


def test_a_folder_that_cannot_be_written_to_is_a_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    told = subprocess.run(
        [sys.executable, str(PACKAGING / "dev.py"), "run"],
        env={**os.environ, "PRAXISFUNK_VENV": str(blocked / "env")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 2 and told.stdout == ""
    assert "cannot be written to" in told.stderr and "PRAXISFUNK_VENV" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("WARNING: Retrying after connection broken by 'NewConnectionError'", "online?"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not the one"),
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", "full"),
        ("ERROR: No matching distribution found for x==1", "not to be had"),
    ],
)
def test_a_failed_download_is_a_sentence(environment: ModuleType, line: str, words: str) -> None:
    text = environment.why_pip_failed(["Collecting x", line])
    assert words in text.splitlines()[0] + text.splitlines()[1] and line in text


@pytest.mark.skipif(sys.platform != "linux", reason="apt is a Linux matter")
def test_missing_libraries_are_told_in_one_line_where_they_may_not_be_installed(
    system: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system, "is_root", lambda: False)
    monkeypatch.setattr(system, "missing_libraries", lambda venv: ["libEGL.so.1", "libxcb-cursor.so.0"])
    monkeypatch.setattr(system, "has_font", lambda: False)
    monkeypatch.setattr(system.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert not system.ensure_qt(tmp_path)
    told = capsys.readouterr()
    assert told.out == ""
    assert "sudo apt-get install -y libegl1 libxcb-cursor0 fonts-dejavu-core" in told.err


def test_an_old_python_gets_a_sentence(tmp_path: Path) -> None:
    """The check stands before the first import of our own, so it also speaks where those would not parse."""
    source = (PACKAGING / "dev.py").read_text(encoding="utf-8")
    check, own_import = source.index("sys.version_info < (3, 11)"), source.index("from environment import")
    assert check < own_import
    faked = tmp_path / "dev.py"
    faked.write_text(source.replace("sys.version_info <", "(3, 9) <"), encoding="utf-8")
    told = subprocess.run([sys.executable, str(faked), "test"], capture_output=True, text=True, check=False)
    assert told.returncode == 2 and "needs Python 3.11 or newer" in told.stderr
