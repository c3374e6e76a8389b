"""Runs Windows programs in a Wine prefix of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from pathlib import Path

from environment import SetupError

WINE = "/usr/lib/wine/wine64"
SHIMS = Path(__file__).with_name("shims")
"""Sources of DLLs that Windows 10 has and Wine 8 lacks. For trying only: they are never shipped."""
GRACE_S = 0.5
"""What was written last is in the pipe already when a program has ended; this is for the thread to fetch it."""


def windows_path(path: Path) -> str:
    """How a program in the prefix names a file of this machine."""
    return "Z:" + str(path.absolute()).replace("/", "\\")


class Wine:
    """One prefix."""

    def __init__(self, prefix: Path, display: str | None = None) -> None:
        self.prefix = prefix.absolute()
        self.display = display

    @property
    def drive_c(self) -> Path:
        return self.prefix / "drive_c"

    def environment(self, more: dict[str, str] | None = None) -> dict[str, str]:
        kept = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
        return {
            **kept,
            "WINEPREFIX": str(self.prefix),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            "WINEDLLOVERRIDES": "mscoree,mshtml=;mscms=n;netsh.exe=n,b;winemenubuilder.exe=",
            "LANG": "C.UTF-8",
            **({"DISPLAY": self.display} if self.display else {}),
            **(more or {}),
        }

    def boot(self, *, shims: bool) -> None:
        """A fresh prefix that calls itself Windows 10. Raises `SetupError`."""
        shutil.rmtree(self.prefix, ignore_errors=True)
        self.prefix.mkdir(parents=True)
        code, told = self.run("wineboot", "-i", timeout_s=300)
        if code != 0 or not (self.drive_c / "windows" / "system32").exists():
            raise SetupError(f"Wine could not be set up (exit code {code}): {told[-500:]}")
        self.run(
            "reg",
            "add",
            r"HKCU\Software\Wine\WineDbg",
            "/v",
            "ShowCrashDialog",
            "/t",
            "REG_DWORD",
            "/d",
            "0",
            "/f",
        )
        self.run("reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f")
        if shims:
            for source in sorted(SHIMS.glob("*.c")):
                compile_c(
                    source,
                    self.drive_c / "windows" / "system32" / f"{source.stem}.dll",
                    "-shared",
                    "-ladvapi32",
                )
        self.wait()

    def run(
        self,
        *command: str,
        timeout_s: float = 120,
        cwd: Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> tuple[int, str]:
        """Exit code (modulo 256) and what it wrote; -1 after `timeout_s`."""
        program = self.start(*command, cwd=cwd, environment=environment)
        try:
            code = program.wait(timeout_s)
        except subprocess.TimeoutExpired:
            program.kill()
            return -1, f"{program.told()}\n(ended after {timeout_s:g} s)"
        return code, program.told()

    def start(
        self, *command: str, cwd: Path | None = None, environment: dict[str, str] | None = None
    ) -> Program:
        return Program([WINE, *command], cwd, self.environment(environment))

    def wait(self) -> None:
        """Until the prefix's last program ended, so that the registry is on disk."""
        subprocess.run(["wineserver", "-w"], env=self.environment(), check=False, timeout=60)

    def end(self) -> None:
        """End every program of this prefix."""
        subprocess.run(["wineserver", "-k"], env=self.environment(), check=False, timeout=60)


class Program:
    """A running Windows program. Its output goes through a pipe (Python under Wine starts with nothing else), which
    a thread empties: Wine's services inherit the pipe, so its end says nothing about the program's."""

    def __init__(self, command: list[str], cwd: Path | None, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._pieces: list[bytes] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        while piece := os.read(self._process.stdout.fileno(), 65536):
            self._pieces.append(piece)

    def told(self) -> str:
        """What it has written; everything, once it has ended."""
        self._reader.join(GRACE_S if self._process.poll() is not None else 0)
        return b"".join(self._pieces).decode("utf-8", "replace").replace("\r\n", "\n")

    def wait(self, timeout_s: float) -> int:
        """Its exit code. Raises `subprocess.TimeoutExpired`."""
        return self._process.wait(timeout_s)

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._process.poll()

    def kill(self) -> None:
        """At once."""
        self._process.kill()
        self._process.wait()


def compile_c(source: Path, target: Path, *options: str) -> None:
    """With MinGW. Raises `SetupError`."""
    flags = [option for option in options if not option.startswith("-l")]
    libraries = [option for option in options if option.startswith("-l")]
    command = [
        *("x86_64-w64-mingw32-gcc", "-O2", "-s", "-Wall", "-Wl,--no-insert-timestamp", *flags),
        *("-o", str(target), str(source), *libraries),
    ]
    done = subprocess.run(command, cwd=source.parent, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SetupError(f"{source.name} could not be compiled:\n{done.stderr[-1500:]}")
