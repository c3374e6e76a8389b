"""One application for all tests of the window, German, on the script's clock."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui import words
from app.ui.i18n import Translations
from app.ui.look import Look
from app.ui.window import AppWindow
from tests.ui import practice
from tests.ui.backend import ScriptedBackend

Open = Callable[..., AppWindow]


@pytest.fixture
def look(qapp: QApplication) -> Look:
    qapp.setStyle("Fusion")
    return Look(qapp, theme="light")


@pytest.fixture
def german(qapp: QApplication) -> Iterator[Translations]:
    translations = Translations(qapp)
    translations.use("de")
    yield translations
    translations.use("en")
    translations.remove()


@pytest.fixture(autouse=True)
def script_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "now_ms", lambda: practice.NOW_MS)


@pytest.fixture
def backend(qapp: QApplication) -> ScriptedBackend:
    return ScriptedBackend()


@pytest.fixture
def open_window(qtbot: QtBot, look: Look, german: Translations) -> Iterator[Open]:
    """Opens a window over a backend and waits until its first page stands."""
    windows: list[AppWindow] = []

    def make(backend: ScriptedBackend, width: int = 1280, height: int = 820) -> AppWindow:
        window = AppWindow(look, german, backend)
        windows.append(window)
        ready: list[bool] = []
        window.start(lambda: ready.append(True))
        qtbot.waitUntil(lambda: bool(ready))
        window.resize(width, height)
        window.show()
        QTest.qWaitForWindowExposed(window)
        qtbot.waitUntil(lambda: window.main is None or not backend.waiting)
        settle(qtbot, backend)
        return window

    yield make
    for backend in {id(window.backend): window.backend for window in windows}.values():
        backend.event.disconnect()
        backend.closed = True  # what is still to be answered belongs to windows that are gone with this test
    for window in windows:
        window.tray.hide()
        window.hide()
        window.deleteLater()


def settle(qtbot: QtBot, backend: ScriptedBackend) -> None:
    """Until every timer of the window has run and every question is answered."""
    quiet = 0
    while quiet < 3:
        before = len(backend.asked)
        done: list[bool] = []
        QTimer.singleShot(70, lambda done=done: done.append(True))
        qtbot.waitUntil(lambda done=done: bool(done))
        quiet = quiet + 1 if len(backend.asked) == before and not backend.waiting else 0
