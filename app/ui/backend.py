"""What the window needs of the running messenger. `app/bridge.py` implements it, tests script it."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import SignalInstance

from app.core.requests import AnyRequest
from app.core.views import AnyView

Then = Callable[[AnyView], None]


class Backend(Protocol):
    """Requests down, answers and events up; everything on the window's thread, nothing ever blocks."""

    @property
    def event(self) -> SignalInstance:
        """Carries one `app.core.events.AnyEvent` at a time."""

    def ask(self, request: AnyRequest, then: Then | None = None) -> None:
        """Hand a request on and return at once; `then` gets the answer later, never inside this call."""
