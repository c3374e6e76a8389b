"""One device of the demo: a process of its own with a profile of its own, spoken to over the local channel."""

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final, TypeVar

from app.channel import ChannelClient, ChannelError
from app.channel.errors import ChannelTimeout
from app.core import requests, views
from app.core.events import AnyEvent, StatusChanged

_RETRY_S: Final = 0.02

V = TypeVar("V", bound=views.View)
E = TypeVar("E", bound=AnyEvent)


class DemoFailed(Exception):
    """A step of the demo did not end as it should. The text is for the terminal."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait before something counts as failed, in seconds."""

    start_s: float = 60.0
    step_s: float = 60.0
    stop_s: float = 20.0


class Pulse:
    """Beats with everything that any of several devices tells, so that nobody has to ask again and again."""

    def __init__(self) -> None:
        self._beaten = threading.Condition()
        self._count = 0

    @property
    def count(self) -> int:
        """A place to start waiting from."""
        with self._beaten:
            return self._count

    def beat(self) -> None:
        """Something happened."""
        with self._beaten:
            self._count += 1
            self._beaten.notify_all()

    def wait(self, since: int, timeout_s: float) -> bool:
        """Whether anything happened after place `since` within this time."""
        with self._beaten:
            return self._beaten.wait_for(lambda: self._count > since, max(timeout_s, 0.0))


def until(pulse: Pulse, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
    """Look now, and again after everything that happens, until it holds. Raises `DemoFailed`."""
    deadline = time.perf_counter() + timeout_s
    while True:
        place = pulse.count
        if condition():
            return
        if not pulse.wait(place, deadline - time.perf_counter()):
            raise DemoFailed(f"{what}: not within {timeout_s:.0f} s")


@dataclass(frozen=True, slots=True)
class Told:
    """An event and when it reached us."""

    at_s: float
    event: AnyEvent


class Listener:
    """Everything that one device tells, in order, with the time it came. Read in a thread of its own."""

    def __init__(self, client: ChannelClient, pulse: Pulse) -> None:
        """Subscribed when this returns. Raises `ChannelError`."""
        self._client = client
        self._events = client.events()
        self._pulse = pulse
        self._told: list[Told] = []
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._read, name="demo-events", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        # The end of the process ends it too; the stage notices that itself.
        with suppress(ChannelError):
            for event in self._events:
                with self._changed:
                    self._told.append(Told(time.perf_counter(), event))
                    self._changed.notify_all()
                self._pulse.beat()
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        self._pulse.beat()

    @property
    def count(self) -> int:
        """How many events came so far: a place to start waiting from."""
        with self._changed:
            return len(self._told)

    def told(self, since: int = 0) -> list[AnyEvent]:
        """What came so far."""
        with self._changed:
            return [told.event for told in self._told[since:]]

    def wait(
        self, *kinds: type[E], since: int = 0, where: Callable[[E], bool] = lambda _: True, timeout_s: float
    ) -> tuple[E, float]:
        """The first event of these kinds at or after place `since`, and its time. Raises `DemoFailed`."""
        deadline = time.perf_counter() + timeout_s
        place = since
        with self._changed:
            while True:
                while place < len(self._told):
                    told = self._told[place]
                    place += 1
                    if isinstance(told.event, kinds) and where(told.event):
                        return told.event, told.at_s
                if self._ended:
                    raise DemoFailed(f"the process ended before {kinds[0].__name__} came")
                left = deadline - time.perf_counter()
                if left <= 0:
                    raise DemoFailed(f"{kinds[0].__name__} did not come within {timeout_s:.0f} s")
                self._changed.wait(left)

    def close(self) -> None:
        """No more events."""
        self._client.close()
        self._thread.join()


@dataclass(slots=True)
class DemoDevice:
    """A device: who sits there, where its profile is, its running process."""

    name: str
    person: str
    role: str
    profile: Path
    command: Sequence[str]
    window: bool = False
    interface: str | None = "127.0.0.1"
    passphrase: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    patience: Patience = Patience()
    pulse: Pulse = field(default_factory=Pulse)
    environment: Mapping[str, str] = field(default_factory=dict)
    output: int | IO[bytes] = subprocess.DEVNULL
    errors: int | IO[bytes] | None = None
    shield: Callable[[], AbstractContextManager[object]] = nullcontext
    """Entered while a process is being started, so that nothing can come between it and our knowing of it."""
    process: "subprocess.Popen[bytes] | None" = None
    listener: Listener | None = None
    started_s: float = 0.0
    ready_s: float = 0.0
    _client: ChannelClient | None = None

    def start(self) -> None:
        """Start the process, hand it its passphrase, wait until it can be talked to. Raises `DemoFailed`."""
        self.launch()
        self.connect()

    def launch(self) -> None:
        """Only start the process and hand it its passphrase."""
        command = [*self.command, "--profile", str(self.profile), "--passphrase-fd", "0"]
        if self.interface is not None:
            command += ["--interface", self.interface]
        if not self.window:
            command.append("--headless")
        environment = {**os.environ, **self.environment}
        root = str(Path(__file__).resolve().parents[2])
        environment["PYTHONPATH"] = os.pathsep.join(
            part for part in (root, environment.get("PYTHONPATH")) if part
        )
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP
        self.started_s = time.perf_counter()
        with self.shield():
            self.process = subprocess.Popen(  # noqa: S603  our own program, arguments made here
                command,
                stdin=subprocess.PIPE,
                stdout=self.output,
                stderr=self.errors,
                env=environment,
                creationflags=flags,
                # Ctrl+C in the terminal reaches the demo only, which then ends the devices in order.
                start_new_session=sys.platform != "win32",
            )
        assert self.process.stdin is not None
        with suppress(BrokenPipeError):  # it ended at once, which `connect` tells
            self.process.stdin.write(self.passphrase.encode() + b"\n")
            self.process.stdin.close()

    def connect(self) -> None:
        """Wait until the profile is open, and listen. Raises `DemoFailed`."""
        deadline = time.perf_counter() + self.patience.start_s
        self.listener = self._reach(deadline)
        status = self._status(deadline)
        if status.phase is views.Phase.OPENING:
            told, _ = self.listener.wait(
                StatusChanged,
                where=lambda event: event.status.phase is not views.Phase.OPENING,
                timeout_s=deadline - time.perf_counter(),
            )
            status = told.status
        if status.phase not in (views.Phase.SETUP, views.Phase.READY, views.Phase.REVOKED):
            raise DemoFailed(f"{self.name}: {status.problem.code if status.problem else status.phase.value}")
        self.ready_s = time.perf_counter()

    def _reach(self, deadline: float) -> Listener:
        """Its socket is the first sign of a starting process: look until it is there."""
        while True:
            self._check_alive()
            client: ChannelClient | None = None
            try:
                client = ChannelClient.connect(self.profile)
                self._client = ChannelClient.connect(self.profile)
                return Listener(client, self.pulse)
            except ChannelError:
                if client is not None:
                    client.close()
                if self._client is not None:
                    self._client.close()
                    self._client = None
            if time.perf_counter() > deadline:
                raise DemoFailed(f"{self.name} did not start within {self.patience.start_s:.0f} s")
            time.sleep(_RETRY_S)

    def _status(self, deadline: float) -> views.Status:
        assert self._client is not None
        try:
            status = self._client.ask(requests.GetStatus(), max(deadline - time.perf_counter(), 0.1))
        except ChannelError as error:
            self._check_alive()
            raise DemoFailed(f"{self.name} does not answer: {type(error).__name__}") from error
        if not isinstance(status, views.Status):
            raise DemoFailed(f"{self.name}: no status")
        return status

    def _check_alive(self) -> None:
        if self.process is None or self.process.poll() is not None:
            code = None if self.process is None else self.process.returncode
            raise DemoFailed(f"{self.name} ended by itself (exit code {code})")

    @property
    def pid(self) -> int:
        """Process id of the running device."""
        assert self.process is not None
        return self.process.pid

    @property
    def events(self) -> Listener:
        """What it tells."""
        assert self.listener is not None
        return self.listener

    def answer(self, request: requests.AnyRequest) -> views.AnyView:
        """Whatever it answers. Raises `DemoFailed` if it does not."""
        if self._client is None:
            raise DemoFailed(f"{self.name} is not running")
        try:
            return self._client.ask(request, self.patience.step_s)
        except ChannelTimeout as error:
            raise DemoFailed(f"{self.name} gave no answer within {self.patience.step_s:.0f} s") from error
        except ChannelError as error:
            raise DemoFailed(f"{self.name} does not answer: {type(error).__name__}") from error

    def ask(self, request: requests.AnyRequest, kind: type[V]) -> V:
        """The answer, which must be a `kind`. Raises `DemoFailed`."""
        view = self.answer(request)
        if isinstance(view, kind):
            return view
        said = view.code if isinstance(view, views.Failure) else type(view).__name__
        raise DemoFailed(f"{self.name}: {type(request).__name__} was answered with {said}")

    def stop(self) -> int | None:
        """Ask it to quit, and wait. Its exit code, None if it was not running; force has one below zero."""
        if self.process is None:
            return None
        process = self.process
        if process.poll() is None:
            try:
                if self._client is not None:
                    self._client.ask(requests.Quit(), self.patience.stop_s)
                else:
                    process.terminate()
                process.wait(self.patience.stop_s)
            except (ChannelError, subprocess.TimeoutExpired):
                process.kill()
                process.wait()
        self._disconnect()
        return process.returncode

    def kill(self) -> None:
        """As a power cut does."""
        assert self.process is not None
        if sys.platform == "win32":
            self.process.kill()
        else:
            os.kill(self.process.pid, signal.SIGKILL)
        self.died()

    def died(self) -> None:
        """Take note that the process was ended by somebody else."""
        assert self.process is not None
        self.process.wait()
        self._disconnect()

    def _disconnect(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
        if self.listener is not None:
            self.listener.close()
            self.listener = None
        if self.process is not None and self.process.stdin is not None:
            with suppress(OSError):
                self.process.stdin.close()
        self.process = None
