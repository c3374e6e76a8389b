"""`dev.py msi-test`: installs the MSI under Wine in a fresh prefix and tries what a practice's IT would.

Needs what `dev.py msi` built. Every check says what was seen; the first failure of a step ends that step only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from environment import SetupError
from system import say
from wheel import BUILD, DIST, version

from windows import inputs
from windows.build import STAGE
from windows.installer import build_msi, product_code
from windows.peers import LinuxPeer, WindowsPeer, talk
from windows.sign_test import check_signing
from windows.wine import Wine, compile_c, windows_path

HERE = Path(__file__).parent
FOLDER = r"C:\Program Files\Praxisfunk"
KEY = r"HKLM\SOFTWARE\Praxisfunk"
POLICIES = r"HKLM\SOFTWARE\Policies\Praxisfunk"
RUN = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run"
UNINSTALL = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
SHORTCUT = "Praxisfunk.lnk"
"""Wine puts the start menu entry of all users into that of the user; which folder it is, Windows has to show."""
REFUSED = 1603 % 256
"""Exit code of msiexec for a failed installation, as Wine hands it on."""
PORT = "47123"
RULE = '"Praxisfunk (UDP-In)"'


class Checks:
    """Counts what holds."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed: list[str] = []

    def __call__(self, holds: object, what: str) -> None:
        if holds:
            self.passed += 1
            say(f"  ok      {what}")
        else:
            self.failed.append(what)
            say(f"  FAILED  {what}")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        say(name)
        try:
            yield
        except (SetupError, OSError, subprocess.SubprocessError, ValueError, KeyError) as error:
            self(False, f"{name}: {type(error).__name__}: {error}")
        say(f"  ({time.monotonic() - began:.0f} s)")


class Machine:
    """A Windows PC, as far as Wine is one."""

    def __init__(self, wine: Wine) -> None:
        self.wine = wine
        self.netsh_log = wine.drive_c / "netsh.log"

    def boot(self) -> None:
        self.wine.boot(shims=True)
        system = self.wine.drive_c / "windows" / "system32"
        (system / "netsh.exe").unlink(missing_ok=True)
        compile_c(HERE / "shims" / "netsh_stand_in" / "netsh.c", system / "netsh.exe", "-municode")

    def msiexec(self, *arguments: str) -> int:
        code, _ = self.wine.run("msiexec", *arguments, "/qn", "/norestart", timeout_s=300)
        return code

    def values(self, key: str) -> dict[str, str]:
        """The values of a registry key; empty if it is not there."""
        _, told = self.wine.run("reg", "query", key)
        found = {}
        for line in told.splitlines():
            parts = line.strip().split("    ", 2)
            if len(parts) == 3 and parts[1].startswith("REG_"):
                found[parts[0]] = parts[2].strip()
        return found

    def folder(self, name: str = "Praxisfunk") -> Path:
        return self.wine.drive_c / "Program Files" / name

    def shortcuts(self) -> list[str]:
        return [str(path.relative_to(self.wine.drive_c)) for path in self.wine.drive_c.rglob(SHORTCUT)]

    def firewall(self) -> list[str]:
        """The lines that netsh was called with since the last question."""
        lines = self.netsh_log.read_text(encoding="utf-8").splitlines() if self.netsh_log.exists() else []
        self.netsh_log.unlink(missing_ok=True)
        return lines


def next_version(number: str) -> str:
    major, minor, patch = number.split(".")
    return f"{major}.{minor}.{int(patch) + 1}"


def build_next(number: str) -> Path:
    """A following version with one file more and one file less."""
    stage = BUILD / "windows" / "stage-next"
    shutil.rmtree(stage, ignore_errors=True)
    shutil.copytree(STAGE, stage, copy_function=os.link)
    (stage / "licenses" / "next.txt").write_text("new in this version\n", encoding="utf-8")
    (stage / "winsound.pyd").unlink()
    target = BUILD / "windows" / f"Praxisfunk-{number}.msi"
    build_msi(stage, BUILD / "windows" / "msi-next", number, target)
    return target


def check(python: Path) -> int:
    """Returns how many checks failed."""
    inputs.ensure_tools()
    number = version()
    msi = DIST / f"Praxisfunk-{number}.msi"
    if not msi.exists() or not STAGE.exists():
        raise SetupError("There is no MSI yet:  python3 packaging/dev.py msi")
    out = BUILD / "windows" / "test"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    checks = Checks()
    with display() as shown:
        machine = Machine(Wine(out / "prefix", display=shown))
        try:
            _all(checks, machine, msi, build_next(next_version(number)), python, out)
        finally:
            machine.wine.end()
    with checks.step("signing"):
        check_signing(checks, msi, STAGE, out)
    say(f"{checks.passed} passed, {len(checks.failed)} failed")
    return len(checks.failed)


def _all(checks: Checks, machine: Machine, msi: Path, following: Path, python: Path, out: Path) -> None:
    with checks.step("fresh Windows (Wine)"):
        machine.boot()
    with checks.step("silent installation with properties"):
        code = machine.msiexec("/i", windows_path(msi), "PRACTICE_NAME=Praxis am Markt", f"UDP_PORT={PORT}")
        checks(code == 0, f"msiexec /i: exit code {code}")
        _installed(checks, machine)
    windows = WindowsPeer(machine.wine, FOLDER, out)
    linux = LinuxPeer(python, out / "linux")
    try:
        with checks.step("the installed program runs and talks with a Linux one"):
            talk(checks, windows, linux, out)
        with checks.step("policies"):
            _policies(checks, machine, windows)
        with checks.step("upgrade of the running program"):
            _upgrade(checks, machine, following, windows)
        with checks.step("after the upgrade"):
            windows.start_headless()
            checks("Hallo von Windows" in windows.history("Anna"), "the messages are still there")
            windows.quit()
    finally:
        linux.end()
    with checks.step("downgrade"):
        code = machine.msiexec("/i", windows_path(msi))
        checks(code == REFUSED, f"refused: exit code {code}")
        checks(machine.values(KEY).get("Version") == next_version(version()), "the newer version stays")
    with checks.step("removal"):
        code = machine.msiexec("/x", windows_path(following))
        _removed(checks, machine, code, windows)
    with checks.step("the other choices: no autostart, no firewall rule, another folder"):
        machine.msiexec(
            "/i", windows_path(msi), "AUTOSTART=0", "FIREWALL_RULE=0", r"INSTALLDIR=C:\Praxis\Funk"
        )
        checks(
            (machine.wine.drive_c / "Praxis" / "Funk" / "Praxisfunk.exe").exists(),
            "installed where it was told",
        )
        checks("Praxisfunk" not in machine.values(RUN), "no autostart")
        checks(not machine.firewall(), "the firewall is not touched")
        machine.msiexec("/x", product_code(version()))
        checks(not (machine.wine.drive_c / "Praxis" / "Funk").exists(), "removed from there")


def _installed(checks: Checks, machine: Machine) -> None:
    shipped = {path.relative_to(STAGE) for path in STAGE.rglob("*") if path.is_file()}
    found = {path.relative_to(machine.folder()) for path in machine.folder().rglob("*") if path.is_file()}
    checks(found == shipped, f"{len(found)} of {len(shipped)} files")
    values = machine.values(KEY)
    wanted = {"PracticeName": "Praxis am Markt", "UdpPort": PORT, "Autostart": "1", "Version": version()}
    checks(wanted.items() <= values.items(), f"registry: {values}")
    checks(values.get("InstallDir") == FOLDER + "\\", "InstallDir")
    run = machine.values(RUN).get("Praxisfunk")
    checks(run == f'"{FOLDER}\\Praxisfunk.exe" --hidden', f"autostart: {run}")
    checks(len(machine.shortcuts()) == 1, f"one start menu entry: {machine.shortcuts()}")
    shown = machine.values(f"{UNINSTALL}\\{product_code(version())}")
    checks(
        shown.get("DisplayName") == "Praxisfunk" and shown.get("DisplayVersion") == version(),
        "listed as program",
    )
    checks(shown.get("InstallLocation") == FOLDER + "\\", f"InstallLocation: {shown.get('InstallLocation')}")
    program = f'program="{FOLDER}\\Praxisfunk.exe"'
    wanted_line = (
        f"advfirewall firewall add rule name={RULE} dir=in action=allow protocol=UDP "
        f"localport={PORT},5353 {program} profile=domain,private enable=yes"
    )
    lines = machine.firewall()
    checks(lines[-1:] == [wanted_line], f"firewall: {lines}")


def _policies(checks: Checks, machine: Machine, windows: WindowsPeer) -> None:
    """Set as group policy would, seen by the program from its next start; the program runs again afterwards."""
    checks(windows.ask("status")["port"] == int(PORT), "the port that the installer was given is used")
    windows.quit()
    for name, kind, value in (("UdpPort", "REG_DWORD", "47555"), ("SaveToDisk", "REG_DWORD", "0")):
        machine.wine.run("reg", "add", POLICIES, "/v", name, "/t", kind, "/d", value, "/f")
    windows.start_headless()
    status = windows.ask("status")
    checks(status["port"] == 47555, "the policy's port wins")
    checks(status["managed"] == ["UdpPort", "SaveToDisk"], "the program tells what is managed")
    answer = windows.ask("save", windows.last_photo("Anna"), r"C:\forbidden.jpg", may_fail=True)
    checks(answer.get("code") == "save_forbidden", "saving to disk is refused")
    checks(not (machine.wine.drive_c / "forbidden.jpg").exists(), "nothing was saved")
    machine.wine.run("reg", "delete", POLICIES, "/f")


def _upgrade(checks: Checks, machine: Machine, following: Path, windows: WindowsPeer) -> None:
    before = machine.values(KEY)
    code = machine.msiexec("/i", windows_path(following))
    checks(code == 0, f"msiexec /i: exit code {code}")
    after = machine.values(KEY)
    checks(after == {**before, "Version": next_version(version())}, f"properties kept: {after}")
    checks(windows.ended(), "the running program was closed first")
    checks((machine.folder() / "licenses" / "next.txt").exists(), "the new file came")
    checks(not (machine.folder() / "winsound.pyd").exists(), "the old file went")
    checks((machine.folder() / "python313.dll").exists(), "unchanged files are still there")
    checks("Praxisfunk" in machine.values(RUN), "autostart still on")
    checks(machine.values(f"{UNINSTALL}\\{product_code(version())}") == {}, "listed once")
    lines = machine.firewall()
    checks(lines[-1:] and " add rule " in lines[-1], "firewall rule made anew")


def _removed(checks: Checks, machine: Machine, code: int, windows: WindowsPeer) -> None:
    checks(code == 0, f"msiexec /x: exit code {code}")
    left = list(machine.folder().rglob("*")) if machine.folder().exists() else []
    checks(not machine.folder().exists(), f"program folder gone ({len(left)} left: {left[:3]})")
    checks(machine.values(KEY) == {}, "registry gone")
    checks("Praxisfunk" not in machine.values(RUN), "autostart gone")
    checks(not machine.shortcuts(), "start menu entry gone")
    checks(machine.firewall()[-1:] == [f"advfirewall firewall delete rule name={RULE}"], "firewall rule gone")
    checks((windows.folder / "praxisfunk.db").exists(), "user data kept")


@contextmanager
def display() -> Iterator[str]:
    """An X server of our own, on a number that it picks itself."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x860x24"],
        pass_fds=(write,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as told:
            number = told.readline().strip()
        if not number:
            raise SetupError("Xvfb did not start.")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()
