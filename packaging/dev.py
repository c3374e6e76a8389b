#!/usr/bin/env python3
"""The one door for developers: `python3 packaging/dev.py demo`, `test`, `run`, `check`, `bench`, `lock`,
`wheel`, `msi`, `msi-test`.

Standard library only. Makes the project's environment (`.venv`), installs the pinned and hashed dependencies
of `packaging/requirements/`, on Debian and its kin also what Qt needs of the system, and does what was asked.
Everything this program says goes to standard error, so that `demo --json` keeps standard output clean.
The file is kept readable for old Pythons on purpose: they get a sentence instead of a syntax error.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036  (the one place where an old Python can be told)
    sys.stderr.write(
        f"Praxisfunk needs Python 3.11 or newer; {sys.executable} is Python {sys.version.split()[0]}.\n"
        "On Debian 12 or newer: apt-get install python3 python3-venv\n"
    )
    raise SystemExit(2)

from environment import ROOT, WINDOWS, SetupError, prepare
from lock import lock
from system import say


def call(command: list[str], *, cwd: Path | None = None) -> int:
    """Run to the end; Ctrl+C goes to the child, which ends itself, and is waited for."""
    with subprocess.Popen(command, cwd=cwd) as child:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                continue


def become(command: list[str], *, cwd: Path | None = None) -> int:
    """Turn into `command`, so that signals reach it directly. On Windows, which cannot, run it."""
    if WINDOWS:
        return call(command, cwd=cwd)
    if cwd is not None:
        os.chdir(cwd)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(command[0], command)


def cmd_demo(arguments: list[str]) -> int:
    """Three devices on this machine, each its own process: they pair, talk, send a photo."""
    python = prepare("runtime", qt=True)
    return become([str(python), "-P", "-m", "app", "demo", *arguments])


def cmd_run(arguments: list[str]) -> int:
    """Start the messenger; ARGS go to it (`run --help` lists them)."""
    python = prepare("runtime", qt=True)
    return become([str(python), "-P", "-m", "app", *strip_dashes(arguments)])


def cmd_test(arguments: list[str]) -> int:
    """Pass the tests; ARGS go to pytest."""
    python = prepare("test", qt=True)
    return become([str(python), "-m", "pytest", *strip_dashes(arguments)], cwd=ROOT)


def cmd_check(arguments: list[str]) -> int:
    """Lint, types, layers."""
    if arguments:
        raise SetupError("check takes no arguments.")
    python = str(prepare("check", qt=False))
    layers = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    steps = (
        ("lint", [python, "-m", "ruff", "check", "."]),
        ("types", [python, "-m", "mypy"]),
        ("layers", [python, "-c", layers, "--no-logo"]),
    )
    failed = []
    for name, command in steps:
        say(f"== {name}")
        if call(command, cwd=ROOT) != 0:
            failed.append(name)
    say("check: " + ("failed: " + ", ".join(failed) if failed else "all clean"))
    return 1 if failed else 0


def cmd_bench(arguments: list[str]) -> int:
    """Benchmarks: `bench [NAME] [--json FILE]`, `bench --list`."""
    python = prepare("test", qt=True)
    if "--json" in arguments[:-1]:  # relative to where the caller stands
        place = arguments.index("--json") + 1
        arguments[place] = str(Path(arguments[place]).absolute())
    return become([str(python), str(ROOT / "tests" / "bench" / "runner.py"), *arguments], cwd=ROOT)


def strip_dashes(arguments: list[str]) -> list[str]:
    return arguments[1:] if arguments[:1] == ["--"] else arguments


def cmd_lock(arguments: list[str]) -> int:
    """Write packaging/requirements/*.txt anew from pyproject.toml. Needs the network; commit the result."""
    if arguments:
        raise SetupError("lock takes no arguments.")
    lock()
    return 0


def cmd_wheel(arguments: list[str]) -> int:
    """dist/praxisfunk-X.Y.Z-py3-none-any.whl, for `pipx install` on Linux."""
    from wheel import build_wheel  # only here and for the MSI

    if arguments:
        raise SetupError("wheel takes no arguments.")
    build_wheel(prepare("package", qt=False))
    return 0


def cmd_msi(arguments: list[str]) -> int:
    """dist/Praxisfunk-X.Y.Z.msi for Windows, with its parts list and sums; on Debian, as root."""
    from windows.build import build  # only here

    if arguments:
        raise SetupError("msi takes no arguments.")
    build(prepare("package", qt=False))
    return 0


def cmd_msi_test(arguments: list[str]) -> int:
    """Install dist/Praxisfunk-X.Y.Z.msi under Wine, run it, let it talk with a Linux one, upgrade, remove."""
    from windows.check_install import check  # only here

    if arguments:
        raise SetupError("msi-test takes no arguments.")
    return 1 if check(prepare("package", qt=False)) else 0


COMMANDS = {
    "demo": cmd_demo,
    "run": cmd_run,
    "test": cmd_test,
    "check": cmd_check,
    "bench": cmd_bench,
    "lock": cmd_lock,
    "wheel": cmd_wheel,
    "msi": cmd_msi,
    "msi-test": cmd_msi_test,
}


def main(argv: list[str]) -> int:
    width = max(map(len, COMMANDS))
    told = {name: (command.__doc__ or "").splitlines()[0] for name, command in COMMANDS.items()}
    listing = "\n".join(f"  {name:{width}}  {text}" for name, text in told.items())
    parser = argparse.ArgumentParser(
        prog="packaging/dev.py",
        description="Sets up what is missing, then does one thing:",
        epilog=listing,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=COMMANDS, metavar="COMMAND")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGS")
    if not argv:
        parser.print_help(sys.stderr)
        return 2
    chosen = parser.parse_args(argv)
    try:
        return COMMANDS[chosen.command](chosen.arguments)
    except SetupError as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        say("Stopped.")
        return 130


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
