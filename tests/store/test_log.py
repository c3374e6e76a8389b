"""Log lines tell ids and sizes, never what people wrote."""

import logging
import stat
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import log

SECRET = "Frau Müller hat eine Wunde"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Logging set up into a folder, and everything as before afterwards."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, threading.excepthook, sys.unraisablehook)
    levels = {name: logging.getLogger(name).level for name in log.OWN_PACKAGES}
    raising = logging.raiseExceptions
    log.set_up(tmp_path / "log")
    yield tmp_path / "log"
    for handler in root.handlers[:]:
        if handler not in before[0]:
            root.removeHandler(handler)
            handler.close()
    root.setLevel(before[1])
    sys.excepthook, threading.excepthook, sys.unraisablehook = before[2], before[3], before[4]
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    logging.raiseExceptions = raising
    logging.captureWarnings(False)


def lines(folder: Path) -> str:
    return "".join(path.read_text("utf-8") for path in sorted(folder.iterdir()))


def test_numbers_and_short_ids_show(folder: Path) -> None:
    own = logging.getLogger("app.test")
    own.info("link %s up, %d bytes, %.1f s, %s", bytes(range(32)), 1200, 0.5, "closed")
    assert "INFO app.test link 00010203 up, 1200 bytes, 0.5 s, closed" in lines(folder)


@pytest.mark.expect_log("told")
def test_texts_names_and_exceptions_do_not(folder: Path) -> None:
    own = logging.getLogger("app.test")
    own.info("told %s", SECRET)
    own.info("told %(what)s", {"what": SECRET})
    own.info("told %s", Path("/home/anna/Wunde Müller.jpg"))
    own.info("told %s %r", ["Müller"], {"Müller": "Wunde"})
    own.info("told %d", SECRET)
    own.info("told %s", ValueError(SECRET))
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as exc:
            raise ValueError(SECRET) from exc
    except ValueError:
        own.exception("told %s", SECRET)
    text = lines(folder)
    for word in ("Müller", "Wunde", "anna", "Frau"):
        assert word not in text
    assert "<text 26>" in text
    assert "ValueError at test_log.py" in text
    assert "KeyError at test_log.py" in text


def test_other_packages_show_templates_only(folder: Path) -> None:
    other = logging.getLogger("somelibrary")
    other.warning("lost %s", SECRET)
    other.warning(f"lost {SECRET}")
    other.info("chatter")
    text = lines(folder)
    assert "WARNING somelibrary lost %s" in text
    assert "<message withheld>" in text
    assert "Müller" not in text
    assert "chatter" not in text


def test_a_line_break_cannot_forge_a_line(folder: Path) -> None:
    logging.getLogger("app.test").info("one\n2026-01-01T00:00:00 INFO app.test two")
    assert len(lines(folder).splitlines()) == 1


@pytest.mark.expect_log("uncaught")
def test_uncaught_exceptions_end_here_without_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ValueError(SECRET)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    try:
        fail()
    except ValueError as exc:
        sys.excepthook(ValueError, exc, exc.__traceback__)
    text = lines(folder)
    assert text.count("ValueError at test_log.py") == 2
    assert "Müller" not in text
    assert "Müller" not in capsys.readouterr().err


def test_warnings_are_caught_without_text(folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(SECRET, UserWarning, stacklevel=1)
    assert "Müller" not in lines(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX rights")
def test_files_are_private_and_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MAX_FILE_BYTES", 2000)
    log.set_up(folder)
    own = logging.getLogger("app.test")
    for number in range(300):
        own.info("line %d", number)
    found = sorted(folder.iterdir())
    assert len(found) == 1 + log.OLD_FILES
    assert all(path.stat().st_size <= 2000 for path in found)
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in found)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_without_a_folder_it_goes_to_standard_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log.set_up(None)
    logging.getLogger("app.test").info("hello %s", SECRET)
    assert "hello <text 26>" in capsys.readouterr().err
    assert "hello" not in lines(folder)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (b"\xab" * 32, "abababab"),
        ("timed_out", "timed_out"),
        ("ab" * 4, "abababab"),
        ("192.168.1.20:47110", "192.168.1.20:47110"),
        ("fe80::1%2", "fe80::1%2"),
        ("Anna", "<text 4>"),
        ("anna müller", "<text 11>"),
        ("wunde.jpg", "<text 9>"),
        (ValueError("x"), "ValueError"),
        (KeyError, "KeyError"),
        ([1], "<list>"),
    ],
)
def test_redact(value: object, shown: object) -> None:
    assert log.redact(value) == shown
