"""Writes a picture of every page and state: `python -m tests.ui.screens OUT [NAME ...]`.

Runs with any Qt platform; sizes are logical pixels. Not a test: people look at the pictures.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from app.core import events
from app.core.views import Failure, NetworkState, Phase
from app.ui import words
from app.ui.application import prepare
from app.ui.composer import Attachment
from app.ui.dialogs.message import Message
from app.ui.dialogs.setup import SetupPage
from app.ui.i18n import Translations
from app.ui.look import Look
from app.ui.main_page import MainPage
from app.ui.theme import of_palette
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


def _setup(stage: Stage) -> SetupPage:
    window = stage.open(ScriptedBackend(phase=Phase.SETUP), 656, 700)
    page = window.findChild(SetupPage)
    assert page is not None
    page.who.person.setText("Tarik Sahin")
    page.who.role.setEditText("MFA")
    page.who.device.setText("Labor 1")
    stage.wait()
    return page


@scene
def setup_join(stage: Stage) -> None:
    _setup(stage)
    stage.take("setup_join")


@scene
def setup_found(stage: Stage) -> None:
    page = _setup(stage)
    page.who.found_card.setChecked(True)
    page.who.circle.setText("Praxis am Musterplatz")
    stage.wait()
    stage.take("setup_found")
    page.next.click()
    stage.wait()
    stage.take("setup_recovery")


@scene
def setup_code(stage: Stage) -> None:
    page = _setup(stage)
    page.next.click()
    page.code.code.setText("K7QM4TXH9R")
    page.code.code.setFocus()
    stage.wait()
    stage.take("setup_code")
    page.code.code.setText("K7QM4TXH9R2B")
    page.next.click()
    stage.backend.event.emit(events.JoinProgress(step="waiting_for_admin"))
    stage.wait()
    stage.take("setup_joining")
    failure = Failure(code="wrong_code", detail={"tries_left": 2})
    stage.backend.event.emit(events.JoinFailed(failure=failure))
    stage.wait()
    stage.take("setup_wrong")


def _page(stage: Stage, title: str = "Wundsprechstunde", width: int = 1280, height: int = 820) -> MainPage:
    window = stage.open(ScriptedBackend(), width, height)
    assert window.main is not None
    window.main.open(stage.backend.talk(title).conversation)
    stage.wait()
    return window.main


def _dialog(stage: Stage, page: MainPage, name: str) -> None:
    stage.wait(300)
    stage.take(name, page._dialogs[-1])


@scene
def dialogs(stage: Stage) -> None:
    page = _page(stage)
    for name, show in (
        ("add_device", page.add_device),
        ("people", lambda: page.people(stage.backend.script.people["Dr. Karin Weber"].person)),
        ("new_group", page.new_group),
        ("manage_group", page.manage_group),
        ("settings", lambda: stage.window and stage.window.show_settings()),
        (
            "viewer",
            lambda: page.show_photo(next(i.row.message for i in page.pane.model.items if i.row.photo)),
        ),
    ):
        show()
        _dialog(stage, page, name)
        page._dialogs[-1].close()
        stage.wait(30)
    stage.backend.event.emit(
        events.PairingAsked(person_name="Tarik Sahin", role="MFA", device_name="Labor 1")
    )
    _dialog(stage, page, "confirm_device")


@scene
def search(stage: Stage) -> None:
    page = _page(stage)
    page.sidebar.focus_search()
    page.sidebar.search.setText("muster")
    stage.wait(400)
    stage.take("search")


@scene
def writing(stage: Stage) -> None:
    page = _page(stage)
    composer = page.pane.composer
    composer.reply_to(page.pane.model.items[-1].row)
    composer.attach(
        [
            Attachment(True, "IMG_2041.heic", path="/nowhere/a"),
            Attachment(False, "Befund_Labor.pdf", path="/b"),
        ]
    )
    composer.editor.setPlainText("Bitte ansehen.\nDer Rand ist ruhiger als letzte Woche.\nNächster Wechsel?")
    stage.backend.event.emit(events.ReachChanged(network=NetworkState.NO_NETWORK, waiting=3))
    person = stage.backend.script.people["Dr. Paul Brandt"].person
    page._warn_device(person)
    page.pane.view.verticalScrollBar().setValue(0)
    stage.backend.arrive(stage.backend.talk("Wundsprechstunde"), "Tarik Sahin", "Neu")
    stage.wait(300)
    stage.take("writing")


@scene
def alone(stage: Stage) -> None:
    backend = ScriptedBackend()
    backend.script.talks.clear()
    stage.open(backend, 1000, 700)
    stage.take("alone")


@scene
def problem(stage: Stage) -> None:
    backend = ScriptedBackend(phase=Phase.FAILED)
    backend.change(problem=Failure(code="store.too_new", detail={"found": 3, "known": 1}))
    stage.open(backend, 900, 640)
    stage.take("problem")


@scene
def tray_message(stage: Stage) -> None:
    page = _page(stage)
    window = stage.window
    assert window is not None and page is not None
    window._explain_tray()
    stage.wait()
    message = window.findChild(Message)
    assert message is not None
    stage.take("tray_message", message)


@scene
def large(stage: Stage) -> None:
    window = stage.open(ScriptedBackend(), 1280, 820, percent=150)
    assert window.main is not None
    window.main.open(stage.backend.talk("Dr. Paul Brandt").conversation)
    stage.wait(300)
    stage.take("large")


@scene
def contrast(stage: Stage) -> None:
    page = _page(stage, "Dr. Paul Brandt")
    palette = QPalette()
    for role, color in (
        (QPalette.ColorRole.Window, "#000000"),
        (QPalette.ColorRole.Base, "#000000"),
        (QPalette.ColorRole.Button, "#000000"),
        (QPalette.ColorRole.WindowText, "#FFFFFF"),
        (QPalette.ColorRole.Text, "#FFFFFF"),
        (QPalette.ColorRole.Highlight, "#00FFFF"),
        (QPalette.ColorRole.HighlightedText, "#000000"),
    ):
        palette.setColor(role, QColor(color))
    stage.look.show_theme(of_palette(palette), palette)
    page.update()
    stage.wait(300)
    stage.take("contrast")
    stage.look.choose(theme=stage.theme, text_percent=100)


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
