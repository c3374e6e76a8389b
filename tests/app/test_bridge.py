"""The bridge between engine and window: answers come on the window's thread, and only to who is still there."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from app.bridge import Bridge
from app.core import requests, views
from app.core.events import AnyEvent, WindowRequested


class ThreadEngine:
    """Answers from a thread of its own, as the engine does."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[AnyEvent], None]] = []

    def subscribe(self, listener: Callable[[AnyEvent], None]) -> None:
        self.listeners.append(listener)

    def submit(self, request: requests.AnyRequest, reply: Callable[[views.AnyView], None]) -> None:
        def answer() -> None:
            for listener in self.listeners:
                listener(WindowRequested())
            reply(views.Done())

        threading.Thread(target=answer).start()


class Page(QObject):
    """Asks, and notes what it is told on which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[tuple[views.AnyView, threading.Thread]] = []

    def answered(self, view: views.AnyView) -> None:
        self.objectName()  # fails for a page that is gone
        self.answers.append((view, threading.current_thread()))


def test_answers_and_events_come_on_the_windows_thread_events_first(qtbot: QtBot) -> None:
    bridge, page, order = Bridge(ThreadEngine()), Page(), []
    bridge.event.connect(lambda event: order.append((type(event), threading.current_thread())))
    bridge.ask(requests.Lock(), page.answered)
    qtbot.waitUntil(lambda: bool(page.answers))
    assert page.answers == [(views.Done(), threading.main_thread())]
    assert order == [(WindowRequested, threading.main_thread())]


def test_an_answer_to_a_page_that_is_gone_is_dropped(qtbot: QtBot) -> None:
    bridge, page, later = Bridge(ThreadEngine()), Page(), Page()
    bridge.ask(requests.Lock(), page.answered)
    delete(page)
    bridge.ask(requests.Lock(), later.answered)
    qtbot.waitUntil(lambda: bool(later.answers))
    assert page.answers == []
