"""`praxisfunk demo`: run the play, tell it, and say in one JSON object whether all of it held."""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, TextIO

from app.channel import ChannelError
from app.demo.interrupt import Interrupt
from app.demo.play import PRACTICE, Findings, Play
from app.demo.stage import DemoDevice, DemoFailed, Patience, Pulse

CAST: Final = (
    ("empfang", "Empfang 1", "Anna Lindner", "MFA"),
    ("zimmer2", "Zimmer 2", "Jana Meier", "MFA"),
    ("weber", "Laptop Weber", "Dr. Karin Weber", "Ärztin"),
)


def has_display() -> bool:
    """Whether windows can be shown."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def make_play(
    scratch: Path,
    *,
    window: bool,
    output: TextIO,
    command: Sequence[str] | None = None,
    patience: Patience | None = None,
    practice: str = PRACTICE,
    interrupt: Interrupt | None = None,
) -> Play:
    """Three devices under `scratch`. `command` starts one (tests wrap it), `patience` is for each step."""
    command = command or [sys.executable, "-P", "-m", "app"]
    patience, interrupt, pulse = patience or Patience(), interrupt or Interrupt(), Pulse()
    devices = [
        DemoDevice(
            name=name,
            person=person,
            role=role,
            profile=scratch / folder,
            command=command,
            window=window,
            patience=patience,
            pulse=pulse,
            shield=interrupt.held,
        )
        for folder, name, person, role in CAST
    ]

    def tell(line: str) -> None:
        output.write(line + "\n")
        output.flush()

    return Play(devices[0], devices[1], devices[2], scratch, tell, practice)


def perform(play: Play) -> None:
    """The whole play. Raises `DemoFailed`."""
    play.found_practice()
    play.join(play.room)
    play.join(play.doctor)
    play.talk()
    play.measure_latency()
    play.send_photo()
    play.offline()
    play.kill()


def result(found: Findings, error: str | None) -> dict[str, object]:
    """What `--json` prints. `ok` only if every step was reached and held."""
    ordered = sorted(found.delivered_ms)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] if ordered else None
    ok = (
        error is None
        and found.photo_metadata == 0
        and found.photo_identical
        and found.plaintext_hits == 0
        and found.offline_delivered
        and found.killed_and_recovered
    )
    return {
        "ok": ok,
        "error": error,
        "discovered_s": round(statistics.median(found.discovered_s), 3) if found.discovered_s else None,
        "paired_s": round(statistics.median(found.paired_s), 3) if found.paired_s else None,
        "delivered_ms_p50": round(statistics.median(ordered), 2) if ordered else None,
        "delivered_ms_p99": round(p99, 2) if p99 is not None else None,
        "messages": len(found.texts),
        "photo_mb_s": round(found.photo_bytes / found.photo_s / 1e6, 2) if found.photo_s else None,
        "photo_bytes": found.photo_bytes,
        "photo_metadata_left": found.photo_metadata,
        "plaintext_hits": found.plaintext_hits,
        "offline_delivered": found.offline_delivered,
        "killed_and_recovered": found.killed_and_recovered,
    }


def main(
    arguments: Sequence[str],
    *,
    command: Sequence[str] | None = None,
    patience: Patience | None = None,
    practice: str = PRACTICE,
) -> int:
    """Exit code 0 if all held, 1 if something failed, 130 after Ctrl+C. The rest is as for `make_play`."""
    options = _parser().parse_args(arguments)
    window = not options.headless and has_display()
    interrupt = Interrupt()
    # The folder holds three encrypted profiles under passphrases that nobody keeps; it goes with the demo.
    with (
        interrupt.watching(),
        tempfile.TemporaryDirectory(prefix="praxisfunk-demo-", ignore_cleanup_errors=True) as folder,
    ):
        play = make_play(
            Path(folder),
            window=window,
            output=sys.stderr,
            command=command,
            patience=patience,
            practice=practice,
            interrupt=interrupt,
        )
        try:
            error = _run(play, interrupt, stay=window and not options.once)
        except KeyboardInterrupt:
            play.tell("Stopped.")
            return 130
        told = result(play.found, error)
        if options.json:
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()
        else:
            play.tell(_summary(told))
        return 0 if told["ok"] else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="praxisfunk demo", description="Three devices on this machine pair, talk and send a photo."
    )
    parser.add_argument("--headless", action="store_true", help="no windows, told in the terminal")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.add_argument("--once", action="store_true", help="with windows: end after the play")
    return parser


def _run(play: Play, interrupt: Interrupt, *, stay: bool) -> str | None:
    """The play and the search of what it left. Returns why it failed; all processes have ended then."""
    try:
        perform(play)
        if stay:
            play.tell("The windows stay open. Ctrl+C ends all.")
            play.wait_for_windows()
    except (DemoFailed, ChannelError, OSError) as failed:
        return str(failed) or type(failed).__name__
    finally:
        with interrupt.held():
            for device in play.devices:
                device.stop()
    play.search_files()
    return None


def _summary(told: dict[str, object]) -> str:
    lines = ["", "All held." if told["ok"] else f"Something failed: {told['error'] or 'see above'}"]
    lines += [f"  {key:22} {value}" for key, value in told.items() if key not in ("ok", "error")]
    return "\n".join(lines)
