"""Starts Qt, theme and language, makes the window, runs until it is quit."""

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from app.ui.backend import Backend
from app.ui.i18n import Translations
from app.ui.look import SYSTEM, Look
from app.ui.tray import app_icon
from app.ui.window import AppWindow

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """How the window starts. `hidden`: into the tray (only where there is one)."""

    hidden: bool = False
    language: str = ""
    theme: str = SYSTEM


def prepare(argv: list[str] | None = None) -> QApplication:
    """The one QApplication with what must be set before any widget."""
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(argv if argv is not None else sys.argv[:1])
    app.setApplicationName("Praxisfunk")
    app.setApplicationDisplayName("Praxisfunk")
    app.setDesktopFileName("praxisfunk")
    app.setStyle("Fusion")
    app.setQuitOnLastWindowClosed(False)
    return app


def _log_qt(kind: QtMsgType, context: object, message: str) -> None:
    """Qt's own remarks go into our log, without content: Qt never gets message text to log."""
    level = logging.DEBUG if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) else logging.WARNING
    _log.log(level, "Qt: %s", message)


def run(make_backend: Callable[[], Backend], *, options: Options | None = None) -> int:
    """Show the window until it is quit. `make_backend` is called once a QApplication exists.

    Returns the exit code of the event loop; the caller ends the engine afterwards.
    """
    options = options or Options()
    app = prepare()
    qInstallMessageHandler(_log_qt)
    look = Look(app, theme=options.theme)
    translations = Translations(app)
    translations.use(options.language)
    app.setWindowIcon(app_icon(look))
    backend = make_backend()
    window = AppWindow(look, translations, backend)
    window.quit_wanted.connect(lambda: app.exit(0))  # quit() would ask the window, which stays in the tray

    def ready() -> None:
        if not (options.hidden and window.tray.available):
            window.show()

    window.start(ready)
    code = app.exec()
    window.tray.hide()
    return code
