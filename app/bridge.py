"""The one file that knows engine and Qt: requests go down thread-safe, events come up as one signal."""

import signal
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal, SignalInstance
from shiboken6 import isValid

from app.core.events import AnyEvent
from app.core.requests import AnyRequest
from app.core.views import AnyView

Reply = Callable[[AnyView], None]

_SIGNAL_CHECK_MS: Final = 500


class EnginePort(Protocol):
    """What the bridge needs of `app.engine.Engine`."""

    def submit(self, request: AnyRequest, reply: Reply) -> None:
        """Thread-safe; `reply` is called once, on the engine's thread."""

    def subscribe(self, listener: Callable[[AnyEvent], None]) -> None:
        """`listener` is called on the engine's thread."""


class _Carrier(QObject):
    """Lives on the window's thread; Qt queues what other threads emit."""

    told = Signal(object)
    answered = Signal(object, object)
    ended = Signal()


class Bridge:
    """`app.ui.backend.Backend` over an engine. Made on the window's thread.

    Replies travel as signals too, so `then` always runs on the window's thread, after every event that the engine
    told before it replied.
    """

    def __init__(self, engine: EnginePort) -> None:
        # Not a QObject itself: `event` would shadow the virtual function by which Qt delivers everything.
        self._engine = engine
        self._carrier = _Carrier()
        self._carrier.answered.connect(self._run_reply)
        # Not quit(): that asks the windows to close, and a window that stays in the tray says no.
        self._carrier.ended.connect(lambda: QCoreApplication.exit(0))
        engine.subscribe(self._carrier.told.emit)

    @property
    def event(self) -> SignalInstance:
        """Carries `app.core.events` values."""
        return self._carrier.told

    def ask(self, request: AnyRequest, then: Reply | None = None) -> None:
        """Hand `request` to the engine; `then` gets the answer on the window's thread."""
        self._engine.submit(request, lambda view: self._carrier.answered.emit(then, view))

    def quit(self) -> None:
        """End the window. From any thread."""
        self._carrier.ended.emit()

    def quit_on_signals(self, numbers: Sequence[signal.Signals]) -> None:
        """Ctrl+C and SIGTERM end the window. Python runs handlers between bytecodes: a timer gives it a chance."""
        for number in numbers:
            signal.signal(number, lambda *_: self.quit())
        timer = QTimer(self._carrier)
        timer.timeout.connect(lambda: None)
        timer.start(_SIGNAL_CHECK_MS)

    @staticmethod
    def _run_reply(then: Reply | None, view: AnyView) -> None:
        owner = getattr(then, "__self__", None)
        if isinstance(owner, QObject) and not isValid(owner):
            return  # the page that asked is gone (locked, language changed): nobody waits for this answer
        if then is not None:
            then(view)
