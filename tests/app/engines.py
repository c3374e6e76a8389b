"""Whole engines for tests: real store, real QUIC on loopback, real mDNS on loopback; spoken to as the window does."""

import queue
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from app.core import requests, views
from app.core.events import (
    AnyEvent,
    Joined,
    JoinFailed,
    PairingAsked,
    PracticeSeen,
    StatusChanged,
)
from app.engine import Engine, EngineOptions

TIMEOUT_S = 30.0
V = TypeVar("V", bound=views.View)
E = TypeVar("E")


class RunningEngine:
    """One engine, with everything it told."""

    def __init__(self, profile: Path, passphrase: str | None = "an eight word passphrase") -> None:
        self.engine = Engine(
            EngineOptions(profile=profile, passphrase=passphrase, interfaces=("127.0.0.1",), host="127.0.0.1")
        )
        self.practice = ""
        self._told: list[AnyEvent] = []
        self._changed = threading.Condition()
        self.engine.subscribe(self._hear)
        self.engine.start()

    def _hear(self, event: AnyEvent) -> None:
        with self._changed:
            self._told.append(event)
            self._changed.notify_all()

    @property
    def place(self) -> int:
        """Where to start waiting from."""
        with self._changed:
            return len(self._told)

    def told(self, kind: type[E], since: int = 0) -> list[E]:
        """What was told so far."""
        with self._changed:
            return [event for event in self._told[since:] if isinstance(event, kind)]

    def wait(self, *kinds: type[E], since: int = 0, where: Callable[[E], bool] = lambda _: True) -> E:
        """The first such event at or after `since`."""
        deadline = time.monotonic() + TIMEOUT_S
        at = since
        with self._changed:
            while True:
                while at < len(self._told):
                    event = self._told[at]
                    at += 1
                    if isinstance(event, kinds) and where(event):
                        return event
                left = deadline - time.monotonic()
                assert left > 0, f"{kinds} did not come; told: {[type(e).__name__ for e in self._told]}"
                self._changed.wait(left)

    def answer(self, request: requests.AnyRequest) -> views.AnyView:
        """Whatever it answers."""
        answers: queue.SimpleQueue[views.AnyView] = queue.SimpleQueue()
        self.engine.submit(request, answers.put)
        return answers.get(timeout=TIMEOUT_S)

    def ask(self, request: requests.AnyRequest, kind: type[V]) -> V:
        """The answer, which must be a `kind`."""
        view = self.answer(request)
        assert isinstance(view, kind), view
        return view

    def settled(self) -> views.Status:
        """The status once the profile is open, or cannot be."""
        status = self.ask(requests.GetStatus(), views.Status)
        if status.phase is views.Phase.OPENING:
            opened = self.wait(
                StatusChanged, where=lambda event: event.status.phase is not views.Phase.OPENING
            )
            status = opened.status
        return status

    def found(self, person: str = "Anna Lindner") -> views.Founded:
        """A practice with this device as its first."""
        self.settled()
        # mDNS on loopback is one for all programs of this computer, other test runs included.
        self.practice = f"Praxis {uuid.uuid4().hex[:12]}"
        return self.ask(
            requests.FoundCircle(
                circle_name=self.practice, person_name=person, role="MFA", device_name="Empfang 1"
            ),
            views.Founded,
        )

    def join(self, host: "RunningEngine", person: str, code: str | None = None) -> Joined | JoinFailed:
        """Find `host` by mDNS and pair; `code` None: the right one."""
        self.settled()
        opened = host.ask(requests.OpenPairing(), views.PairingOpened)
        self.ask(requests.StartSearching(), views.Done)
        there = host.place
        here = self._begin_joining(host.practice, person, code or opened.code)
        if code is None:
            asked = host.wait(PairingAsked, since=there)
            host.ask(
                requests.ConfirmPairing(
                    person_name=asked.person_name, role=asked.role, device_name=asked.device_name
                ),
                views.Done,
            )
        return self.wait(Joined, JoinFailed, since=here)

    def _begin_joining(self, practice: str, person: str, code: str) -> int:
        """Pick the practice as a person would: if it has just gone from the list, when it is there again."""
        since = 0
        while True:
            seen = self.wait(PracticeSeen, since=since, where=lambda event: event.name == practice)
            since = self.place
            request = requests.Join(
                code=code, practice=seen.key, person_name=person, role="MFA", device_name=f"PC {person}"
            )
            answer = self.answer(request)
            if answer == views.Done():
                return since
            assert answer == views.Failure(code="no_practice"), answer

    def direct(self, person: str) -> views.ConversationRow:
        """The 1:1 conversation with a colleague."""
        rows = self.ask(requests.ListPeople(), views.People).rows
        return self.ask(
            requests.OpenDirect(person=next(row.person for row in rows if row.name == person)),
            views.ConversationRow,
        )

    def stop(self) -> None:
        """End it; everything is closed afterwards."""
        self.engine.stop()
