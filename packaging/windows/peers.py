"""The two sides of the test: the installed Windows program under Wine, and the program from source on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from environment import ROOT, SetupError

from windows.wine import Program, Wine, windows_path

Check = Callable[[object, str], None]
LOOPBACK = "127.0.0.1"


def _json_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def until(what: str, question: Callable[[], Any], timeout_s: float) -> Any:
    """Ask until the answer is true. Raises `SetupError`."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        found = question()
        if found:
            return found
        time.sleep(0.5)
    raise SetupError(f"{what}: not within {timeout_s:g} s")


class LinuxPeer:
    """From source, headless, with a passphrase."""

    def __init__(self, python: Path, profile: Path) -> None:
        self._base = [str(python), "-P", "-m", "app"]
        self._profile = profile
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}

    def start(self) -> None:
        self._process = subprocess.Popen(
            [*self._base, "--profile", str(self._profile), "--headless", "--interface", LOOPBACK],
            env={**self._environment, "PRAXISFUNK_PASSPHRASE": "Wine-Probe-4711-Kastanie"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        until("Linux program", lambda: self.ask("status", may_fail=True).get("phase") == "setup", 60)

    def command(self, *words: str) -> list[str]:
        return [*self._base, words[0], "--profile", str(self._profile), "--json", *words[1:]]

    def ask(self, *words: str, may_fail: bool = False) -> dict[str, Any]:
        done = subprocess.run(
            self.command(*words),
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode != 0 and not may_fail:
            raise SetupError(
                f"Linux: {words[0]}: exit code {done.returncode}: {done.stdout}{done.stderr[-500:]}"
            )
        lines = _json_lines(done.stdout)
        return lines[-1] if lines else {}

    def admit(self, name: str) -> tuple[subprocess.Popen[str], str]:
        """Open for one device; returns the waiting command and the code."""
        waiting = subprocess.Popen(
            self.command("pair", "--accept", name), env=self._environment, stdout=subprocess.PIPE, text=True
        )
        assert waiting.stdout is not None
        return waiting, str(json.loads(waiting.stdout.readline())["code"])

    def end(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


class WindowsPeer:
    """The installed program, its window under Xvfb; spoken to by its own command line over the named pipe."""

    def __init__(self, wine: Wine, folder: str, out: Path) -> None:
        self._wine = wine
        self._folder = folder
        self._out = out
        self._process: Program | None = None
        self.profile = r"C:\users\root\AppData\Local\Praxisfunk"

    @property
    def folder(self) -> Path:
        return self._wine.drive_c / Path(*self.profile.split("\\")[1:])

    def _program(self, *arguments: str) -> Program:
        program = self._folder + r"\Praxisfunk.exe"
        return self._wine.start(program, "--profile", self.profile, "--interface", LOOPBACK, *arguments)

    def start_window(self) -> None:
        self._process = self._program()
        until("Windows program", lambda: self.ask("status", may_fail=True).get("phase") == "setup", 120)

    def start_headless(self) -> None:
        self._process = self._program("--headless")
        until("Windows program", lambda: self.ask("status", may_fail=True).get("phase") == "ready", 120)

    def start_again(self) -> int:
        """A second start; its exit code."""
        return self._program().wait(60)

    def ask(self, *words: str, may_fail: bool = False) -> dict[str, Any]:
        code, told = self._wine.run(
            self._folder + r"\praxisfunk-cli.exe", words[0], "--profile", self.profile, "--json", *words[1:]
        )
        if code != 0 and not may_fail:
            raise SetupError(f"Windows: {words[0]}: exit code {code}: {told[-800:]}")
        lines = _json_lines(told)
        return lines[-1] if lines else {}

    def history(self, name: str) -> str:
        return json.dumps(self.ask("history", name), ensure_ascii=False)

    def last_photo(self, name: str) -> str:
        """Id of the newest message with a photo."""
        return str([row["message"] for row in self.ask("history", name)["rows"] if row["photo"]][-1])

    def quit(self) -> None:
        self.ask("quit")
        assert self._process is not None
        self._process.wait(90)

    def ended(self) -> bool:
        """Whether the program that was started last has ended."""
        return self._process is not None and self._process.poll() is not None

    def screenshot(self, name: str) -> int:
        """A picture of the whole screen in `out`; returns how many colours are in it."""
        target = self._out / name
        environment = {**os.environ, "DISPLAY": str(self._wine.display)}
        subprocess.run(["import", "-window", "root", str(target)], env=environment, check=True, timeout=60)
        told = subprocess.run(
            ["identify", "-format", "%k", str(target)], capture_output=True, text=True, check=True, timeout=60
        )
        return int(told.stdout)


def talk(check: Check, windows: WindowsPeer, linux: LinuxPeer, out: Path) -> None:
    """Window, pairing, text and photo in both directions, encrypted store, second start."""
    windows.start_window()
    colours = until("a painted window", lambda: _painted(windows, "window.png"), 30)
    check(True, f"window painted ({colours} colours: window.png)")
    linux.start()
    linux.ask("found", "--practice", "Praxis am Markt", "--name", "Anna", "--device", "Linux")
    port = linux.ask("status")["port"]
    waiting, code = linux.admit("Bernd")
    windows.ask(
        "join", "--code", code, "--address", f"{LOOPBACK}:{port}", "--name", "Bernd", "--device", "Windows"
    )
    waiting.communicate(timeout=60)
    check(waiting.returncode == 0 and windows.ask("status")["phase"] == "ready", "paired over QUIC")
    check(
        windows.ask("send", "--to", "Anna", "--wait", "Hallo von Windows, Grüße")["delivered"],
        "text Windows to Linux",
    )
    check(
        "Hallo von Windows, Grüße" in json.dumps(linux.ask("history", "Bernd"), ensure_ascii=False),
        "text arrived",
    )
    check(
        linux.ask("send", "--to", "Bernd", "--wait", "Hallo von Linux")["delivered"], "text Linux to Windows"
    )
    check("Hallo von Linux" in windows.history("Anna"), "text arrived on Windows")
    photo = out / "photo.jpg"
    photo.write_bytes(sample_photo(linux))
    sent = windows.ask("send", "--to", "Anna", "--wait", "--photo", windows_path(photo), "Foto")
    check(sent["delivered"], "photo Windows to Linux")
    saved = out / "saved-on-linux.jpg"
    until(
        "the photo", lambda: "path" in linux.ask("save", sent["messages"][0], str(saved), may_fail=True), 60
    )
    check(_pixels(saved) == _pixels(photo), "the photo can be saved on Linux")
    sent = linux.ask("send", "--to", "Bernd", "--wait", "--photo", str(photo), "Foto zurück")
    saved = out / "saved-on-windows.jpg"
    target = windows_path(saved)
    until("the photo", lambda: "path" in windows.ask("save", sent["messages"][0], target, may_fail=True), 60)
    check(_pixels(saved) == _pixels(photo), "photo Linux to Windows, saved there")
    head = (windows.folder / "praxisfunk.db").read_bytes()
    check(b"SQLite format 3" not in head and b"Hallo" not in head, "the store on the disk is encrypted")
    check(windows.start_again() == 0 and not windows.ended(), "a second start shows the first")
    colours = until("the conversation", lambda: _painted(windows, "conversation.png"), 30)
    check(True, f"the main window after pairing ({colours} colours: conversation.png)")


def _painted(windows: WindowsPeer, name: str) -> int:
    colours = windows.screenshot(name)
    return colours if colours > 300 else 0


def sample_photo(linux: LinuxPeer) -> bytes:
    program = "import sys; from app.photo.sample import sample_photo; sys.stdout.buffer.write(sample_photo())"
    done = subprocess.run(
        [linux._base[0], "-c", program], env=linux._environment, cwd=ROOT, capture_output=True, check=True
    )
    return done.stdout


def _pixels(path: Path) -> str:
    told = subprocess.run(
        ["identify", "-format", "%w x %h", str(path)], capture_output=True, text=True, check=True
    )
    return told.stdout
