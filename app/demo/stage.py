"""One device of the demo: a process of its own with a profile of its own, spoken to over the local channel."""

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from app.channel import ChannelClient, ChannelError
from app.core import requests, views
from app.core.events import AnyEvent

START_TIMEOUT_S: Final = 60.0
STEP_TIMEOUT_S: Final = 60.0
STOP_TIMEOUT_S: Final = 20.0
_RETRY_S: Final = 0.05

V = TypeVar("V", bound=views.View)
E = TypeVar("E", bound=AnyEvent)


class DemoFailed(Exception):
    """A step of the demo did not end as it should. The text is for the terminal."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event and when it reached us."""

    at_s: float
    event: AnyEvent


class Listener:
    """Everything that one device tells, in order, with the time it came. Read in a thread of its own."""

    def __init__(self, client: ChannelClient) -> None:
        self._client = client
        self._told: list[Told] = []
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._read, name="demo-events", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        try:
            for event in self._client.events():
                with self._changed:
                    self._told.append(Told(time.perf_counter(), event))
                    self._changed.notify_all()
        except ChannelError:
            pass  # the process ended, which the stage notices itself
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    @property
    def count(self) -> int:
        """How many events came so far: a place to start waiting from."""
        with self._changed:
            return len(self._told)

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
                left = deadline - time.perf_counter()
                if left <= 0 or self._ended:
                    raise DemoFailed(f"{kinds[0].__name__} did not come within {timeout_s:.0f} s")
                self._changed.wait(left)

    def close(self) -> None:
        """No more events."""
        self._client.close()
        self._thread.join(STOP_TIMEOUT_S)


@dataclass(slots=True)
class DemoDevice:
    """A device: who sits there, where its profile is, its running process."""

    name: str
    person: str
    role: str
    profile: Path
    command: Sequence[str]
    window: bool
    passphrase: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    process: "subprocess.Popen[bytes] | None" = None
    listener: Listener | None = None
    started_s: float = 0.0
    _client: ChannelClient | None = None

    def start(self) -> None:
        """Start the process, hand it its passphrase, wait until it answers."""
        command = [*self.command, "--profile", str(self.profile), "--passphrase-fd", "0"]
        command += ["--interface", "127.0.0.1"]
        if not self.window:
            command.append("--headless")
        environment = dict(os.environ)
        root = str(Path(__file__).resolve().parents[2])
        environment["PYTHONPATH"] = os.pathsep.join(
            part for part in (root, environment.get("PYTHONPATH")) if part
        )
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP
        self.started_s = time.perf_counter()
        self.process = subprocess.Popen(  # noqa: S603  our own program, arguments made here
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env=environment,
            creationflags=flags,
            # Ctrl+C in the terminal reaches the demo only, which then ends the devices in order.
            start_new_session=sys.platform != "win32",
        )
        assert self.process.stdin is not None
        self.process.stdin.write(self.passphrase.encode() + b"\n")
        self.process.stdin.close()
        self._connect()

    def _connect(self) -> None:
        deadline = time.perf_counter() + START_TIMEOUT_S
        while True:
            self._check_alive()
            try:
                self._client = ChannelClient.connect(self.profile)
                status = self._client.ask(requests.GetStatus())
            except ChannelError:
                status = None
            if isinstance(status, views.Status) and status.phase in (views.Phase.SETUP, views.Phase.READY):
                break
            if isinstance(status, views.Status) and status.phase is views.Phase.FAILED:
                raise DemoFailed(f"{self.name}: {status.problem.code if status.problem else 'failed'}")
            if time.perf_counter() > deadline:
                raise DemoFailed(f"{self.name} did not start within {START_TIMEOUT_S:.0f} s")
            time.sleep(_RETRY_S)
        self.listener = Listener(ChannelClient.connect(self.profile))

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

    def ask(self, request: requests.AnyRequest, kind: type[V]) -> V:
        """The answer, which must be a `kind`. Raises `DemoFailed`."""
        assert self._client is not None
        try:
            view = self._client.ask(request)
        except ChannelError as error:
            raise DemoFailed(f"{self.name} does not answer: {type(error).__name__}") from error
        if isinstance(view, kind):
            return view
        said = view.code if isinstance(view, views.Failure) else type(view).__name__
        raise DemoFailed(f"{self.name}: {type(request).__name__} was answered with {said}")

    def stop(self) -> None:
        """Ask it to quit, and wait."""
        if self.process is None:
            return
        if self.process.poll() is None:
            try:
                if self._client is not None:
                    self._client.ask(requests.Quit())
                else:
                    self.process.terminate()
                self.process.wait(STOP_TIMEOUT_S)
            except (ChannelError, subprocess.TimeoutExpired):
                self.process.kill()
                self.process.wait()
        self._disconnect()

    def kill(self) -> None:
        """As a power cut does."""
        assert self.process is not None
        if sys.platform == "win32":
            self.process.kill()
        else:
            os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._disconnect()

    def _disconnect(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
        if self.listener is not None:
            self.listener.close()
            self.listener = None
        self.process = None
