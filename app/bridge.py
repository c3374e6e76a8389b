"""The one file that knows both the engine and Qt: requests go down thread-safe, events come up as one signal."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from app.core.events import AnyEvent
from app.core.requests import AnyRequest
from app.core.views import AnyView

Reply = Callable[[AnyView], None]


class EnginePort(Protocol):
    """What the bridge needs of `app.engine.Engine`."""

    def submit(self, request: AnyRequest, reply: Reply) -> None:
        """Thread-safe; `reply` is called once, on the engine's thread."""

    def subscribe(self, listener: Callable[[AnyEvent], None]) -> None:
        """`listener` is called on the engine's thread."""


class Bridge(QObject):
    """Lives on the window's thread.

    `event` carries `app.core.events` values; Qt queues it across threads. Replies travel the same way, so `then`
    always runs on the window's thread, after every event that the engine told before it replied.
    """

    event = Signal(object)
    _answered = Signal(object, object)

    def __init__(self, engine: EnginePort, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._answered.connect(self._run_reply)
        engine.subscribe(self.event.emit)

    def ask(self, request: AnyRequest, then: Reply | None = None) -> None:
        """Hand `request` to the engine; `then` gets the answer on the window's thread."""
        self._engine.submit(request, lambda view: self._answered.emit(then, view))

    @staticmethod
    def _run_reply(then: Reply | None, view: AnyView) -> None:
        if then is not None:
            then(view)
