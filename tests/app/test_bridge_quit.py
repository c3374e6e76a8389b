"""Quitting from outside the window ends the program, even where closing the window only hides it in the tray."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.bridge import Bridge
from app.core.events import AnyEvent
from app.core.requests import AnyRequest
from app.core.views import AnyView

GAVE_UP = 7


class Silent:
    """An engine that says nothing."""

    def submit(self, request: AnyRequest, reply: Callable[[AnyView], None]) -> None:
        raise AssertionError

    def subscribe(self, listener: Callable[[AnyEvent], None]) -> None:
        pass


class InTheTray(QWidget):
    """Closing it hides it, as with an icon beside the clock."""

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()


def test_quitting_does_not_ask_the_window_to_close(qtbot: QtBot) -> None:
    window = InTheTray()
    window.show()
    bridge = Bridge(Silent())
    guard = QTimer()
    guard.setSingleShot(True)
    guard.timeout.connect(lambda: QCoreApplication.exit(GAVE_UP))
    guard.start(10_000)
    QTimer.singleShot(0, bridge.quit)
    assert QCoreApplication.exec() == 0
    guard.stop()
    window.hide()
    window.deleteLater()
