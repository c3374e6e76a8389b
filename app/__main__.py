"""Composition root: `praxisfunk`, `python -m app`. Puts engine, channel and window together; decides nothing else."""

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from app import cli, log, policy
from app.cli import Code, StartOptions
from app.engine import EngineOptions
from app.instance import make_engine, run_headless
from app.paths import ProfilePaths
from app.profile import passphrase_from_descriptor, passphrase_from_environment
from app.ui import error_text


def main(argv: Sequence[str] | None = None) -> int:
    """The program. Returns its exit code."""
    if sys.stderr is None:  # a Windows program without a console
        sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    return cli.main(list(sys.argv[1:] if argv is None else argv), _start, {"demo": _demo})


def _demo(arguments: list[str]) -> int:
    from app.demo.main import main as demo  # Pillow's drawing is not needed to start the messenger

    return demo(arguments)


def _start(options: StartOptions) -> int:
    managed = policy.read()
    try:
        if options.headless:
            log.set_up(None, managed.log_level or logging.WARNING)
        else:
            log.set_up(ProfilePaths(options.profile).log, managed.log_level or logging.INFO)
    except OSError:
        # The profile's folder cannot be written: opening it will say so in a sentence.
        log.set_up(None, logging.WARNING)
    policy.report(managed)
    engine = EngineOptions(
        profile=options.profile,
        passphrase=_passphrase(options.passphrase_fd),
        port=options.port if managed.udp_port is None else managed.udp_port,
        interfaces=options.interfaces,
        host=options.interfaces[0] if options.interfaces and len(options.interfaces) == 1 else None,
        managed=managed,
    )
    if options.headless:
        return run_headless(engine)
    if not _has_display():
        return _refuse("no_display")
    return _run_window(engine, hidden=options.hidden)


def _passphrase(descriptor: int | None) -> str | None:
    """From a file descriptor or the environment; never from the command line, where everybody can read it."""
    if descriptor is not None:
        return passphrase_from_descriptor(descriptor)
    return passphrase_from_environment()


def _has_display() -> bool:
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _refuse(code: str) -> int:
    from app.cli.texts import language_of

    sys.stderr.write(error_text.sentence(code, {}, language_of()) + "\n")
    return Code.REFUSED


def _run_window(options: EngineOptions, *, hidden: bool) -> int:
    from app.window_start import run  # Qt is loaded only where a window is wanted

    engine = make_engine(options)
    return run(engine, hidden=hidden)


if __name__ == "__main__":
    raise SystemExit(main())
