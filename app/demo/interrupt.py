"""Ctrl+C during the demo: raised once, never in between a process being started and our knowing of it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

_SIGNALS: Final = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")


class Interrupt:
    """Turns the signals that end a program into one `KeyboardInterrupt` on the main thread.

    A closed terminal counts too: the devices are in sessions of their own and would go on without the demo.
    """

    def __init__(self) -> None:
        self._held = 0
        self._asked = False
        self._raised = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Handle the signals inside. Elsewhere than on the main thread Python allows no handlers: nothing is done."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
        old: dict[int, Any] = {number: signal.signal(number, self._handle) for number in numbers}
        try:
            yield
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """A signal inside takes effect at the end of the block."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
            self._raise()

    def spent(self) -> None:
        """From now on everything is being ended anyway: further signals change nothing."""
        self._raised = True

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
        self._raise()

    def _raise(self) -> None:
        if self._asked and not self._held and not self._raised:
            self._raised = True
            raise KeyboardInterrupt
