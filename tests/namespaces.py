"""Two network namespaces joined by a virtual cable (veth): two computers on one LAN, for real.

Needs root, `ip` and a kernel with network namespaces. Tests carry `@pytest.mark.namespaces` and begin with
`require_namespaces()`, which skips where that is missing; under CI=true a skip is a failure (conftest).
"""

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT_S = 30.0


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def why_not() -> str | None:
    """The reason why there are no namespaces here, None if there are."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "the `ip` program (iproute2) is missing"
    name = f"pf{os.getpid()}probe"
    try:
        _ip("netns", "add", name)
        _ip("netns", "delete", name)
    except subprocess.CalledProcessError as exc:
        return f"no network namespaces here: {exc.stderr.strip()}"
    return None


def require_namespaces() -> None:
    """Skip the calling test with the reason, unless there are namespaces."""
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)


class Program:
    """A Python program that speaks one JSON object per line on standard output and hears such on input."""

    def __init__(self, command: Sequence[str], environment: dict[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env={**os.environ, **(environment or {})},
        )
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.seen: list[dict[str, Any]] = []
        self._waiting: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def tell(self, **command: Any) -> None:
        """Send one command."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def expect(
        self, matches: Callable[[dict[str, Any]], bool], timeout_s: float = TIMEOUT_S
    ) -> dict[str, Any]:
        """The first line that matches and was not taken yet; all lines are in `seen`."""
        for index, line in enumerate(self._waiting):
            if matches(line):
                return self._waiting.pop(index)
        end = time.monotonic() + timeout_s
        while True:
            try:
                got = self._lines.get(timeout=max(end - time.monotonic(), 0.001))
            except queue.Empty:
                raise AssertionError(f"it did not come; seen: {self.seen[-10:]}") from None
            if got is None:
                raise AssertionError(f"the program ended; seen: {self.seen[-10:]}")
            self.seen.append(got)
            if matches(got):
                return got
            self._waiting.append(got)

    def event(self, name: str, timeout_s: float = TIMEOUT_S) -> dict[str, Any]:
        """The first line not taken yet whose "event" is `name`."""
        return self.expect(lambda line: line.get("event") == name, timeout_s)

    def kill(self) -> None:
        """At once, without goodbye."""
        self._process.kill()

    def close(self) -> None:
        """End it: closed input is the sign to go, then by force."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with suppress(BrokenPipeError):  # it was gone already
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        self._reader.join(10)
        self._process.stdout.close()


class Lan:
    """Sides 0 and 1, each a namespace with one end of the cable."""

    def __init__(self, tag: str) -> None:
        self._names = tuple(f"pf{os.getpid()}{tag}{side}" for side in "ab")
        self._programs: list[Program] = []
        self.hosts = ["10.77.0.1", "10.77.0.2"]

    def open(self) -> None:
        """Make both namespaces and the cable."""
        one, two = self._names
        for name in self._names:
            _ip("netns", "add", name)
        _ip("link", "add", "v0", "netns", one, "type", "veth", "peer", "name", "v0", "netns", two)
        for name, host in zip(self._names, self.hosts, strict=True):
            _ip("-n", name, "address", "add", f"{host}/24", "dev", "v0")
            _ip("-n", name, "link", "set", "lo", "up")
            _ip("-n", name, "link", "set", "v0", "up")
            _ip("-n", name, "route", "add", "224.0.0.0/4", "dev", "v0")

    def close(self) -> None:
        """End the programs, remove everything."""
        for program in self._programs:
            program.close()
        for name in self._names:
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)

    def run(
        self,
        side: int,
        module: str,
        *arguments: str,
        python: str = sys.executable,
        environment: dict[str, str] | None = None,
    ) -> Program:
        """`python -m module arguments` in a side's namespace; ended when the LAN is closed."""
        command = ["ip", "netns", "exec", self._names[side], python, "-m", module, *arguments]
        program = Program(command, environment)
        self._programs.append(program)
        return program

    def command(self, side: int, *command: str) -> list[str]:
        """A command line that runs inside a side's namespace, for callers who start processes themselves."""
        return ["ip", "netns", "exec", self._names[side], *command]

    def change_address(self, side: int, host: str) -> None:
        """The side gets another IPv4 address, as after a new DHCP lease."""
        name = self._names[side]
        # In this order: a first address takes later ones of its network along when it goes.
        _ip("-n", name, "address", "delete", f"{self.hosts[side]}/24", "dev", "v0")
        _ip("-n", name, "address", "add", f"{host}/24", "dev", "v0")
        # Removing the last address of the interface takes its routes along.
        _ip("-n", name, "route", "replace", "224.0.0.0/4", "dev", "v0")
        self.hosts[side] = host

    def cable(self, *, plugged: bool) -> None:
        """Pull or plug the cable."""
        _ip("-n", self._names[0], "link", "set", "v0", "up" if plugged else "down")
        if plugged:
            _ip("-n", self._names[0], "route", "replace", "224.0.0.0/4", "dev", "v0")


@contextmanager
def lan(tag: str = "n") -> Iterator[Lan]:
    """A LAN of two computers, removed at the end whatever happens."""
    made = Lan(tag)
    try:
        made.open()
        yield made
    finally:
        made.close()
