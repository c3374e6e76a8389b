"""Writes a picture of every page and state: `python -m tests.ui.screens OUT [NAME ...]`.

Runs with any Qt platform; sizes are logical pixels. Not a test: people look at the pictures.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from app.core.views import Phase
from app.ui import words
from app.ui.application import prepare
from app.ui.i18n import Translations
from app.ui.look import Look
from app.ui.window import AppWindow
from tests.ui import practice
from tests.ui.backend import ScriptedBackend


class Stage:
    """One window over a scripted backend."""

    def __init__(self, app: QApplication, out: Path, *, theme: str, language: str, suffix: str) -> None:
        self.app, self.out, self.suffix = app, out, suffix
        self.look = Look(app, theme=theme)
        self.translations = Translations(app)
        self.translations.use(language)
        self.backend = ScriptedBackend()
        self.theme, self.language = theme, language
        self.window: AppWindow | None = None

    def open(self, backend: ScriptedBackend, width: int, height: int, percent: int = 100) -> AppWindow:
        self.close()
        self.backend = backend
        backend.settings.update({"ui.theme": self.theme.encode(), "ui.language": self.language.encode()})
        if percent != 100:
            backend.settings["ui.text_percent"] = str(percent).encode()
        self.window = AppWindow(self.look, self.translations, backend)
        self.window.start()
        self.window.resize(width, height)
        self.window.show()
        self.wait()
        self.window.resize(width, height)
        self.wait()
        return self.window

    def close(self) -> None:
        if self.window is not None:
            self.window.hide()
            self.window.deleteLater()
            self.window = None
            self.wait(20)

    def wait(self, milliseconds: int = 180) -> None:
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def take(self, name: str, widget: QWidget | None = None) -> None:
        shown = widget if widget is not None else self.window
        assert shown is not None
        path = self.out / f"{name}{self.suffix}.png"
        shown.grab().save(str(path))
        print(path)


SCENES: dict[str, Callable[[Stage], None]] = {}


def scene(make: Callable[[Stage], None]) -> Callable[[Stage], None]:
    SCENES[make.__name__] = make
    return make


@scene
def main(stage: Stage) -> None:
    window = stage.open(ScriptedBackend(), 1440, 900)
    page = window.main
    assert page is not None
    page.open(stage.backend.talk("Wundsprechstunde").conversation)
    stage.wait()
    waiting = next(
        row for row in stage.backend.talk("Wundsprechstunde").messages if row.text.startswith("Rezept")
    )
    page.show_delivery(waiting.message)
    stage.wait()
    stage.take("main")


def _talk(stage: Stage, title: str, name: str, width: int = 1280, height: int = 820) -> None:
    window = stage.open(ScriptedBackend(), width, height)
    assert window.main is not None
    window.main.open(stage.backend.talk(title).conversation)
    stage.wait(300)
    stage.take(name)


@scene
def direct(stage: Stage) -> None:
    _talk(stage, "Dr. Karin Weber", "direct")


@scene
def failed(stage: Stage) -> None:
    _talk(stage, "Dr. Paul Brandt", "failed")


@scene
def compact(stage: Stage) -> None:
    _talk(stage, "Wundsprechstunde", "compact", 720, 450)


@scene
def medium(stage: Stage) -> None:
    _talk(stage, "Wundsprechstunde", "medium", 1000, 700)


@scene
def empty(stage: Stage) -> None:
    _talk(stage, "Maximiliane Freifrau von Hohenlohe-Langenburg", "empty", 1000, 700)


@scene
def lock(stage: Stage) -> None:
    window = stage.open(ScriptedBackend(), 1280, 820)
    stage.wait()
    window._lock()
    stage.wait()
    stage.take("lock")


@scene
def passphrase(stage: Stage) -> None:
    backend = ScriptedBackend(phase=Phase.PASSPHRASE)
    backend.change(new_profile=True)
    stage.open(backend, 900, 640)
    stage.take("passphrase")


def run() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--theme", default="light")
    parser.add_argument("--language", default="de")
    parser.add_argument("--suffix", default="")
    args = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    args.out.mkdir(parents=True, exist_ok=True)
    words.now_ms = lambda: practice.NOW_MS  # type: ignore[assignment]
    app = prepare(["screens"])
    stage = Stage(app, args.out, theme=args.theme, language=args.language, suffix=args.suffix)
    for name in args.names or list(SCENES):
        SCENES[name](stage)
    stage.close()
    return 0


if __name__ == "__main__":
    sys.exit(run())
