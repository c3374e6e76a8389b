"""The demo is no show: three processes, three files, three keys, and it fails when the network alters a byte."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.core.views import Reach
from app.demo.main import make_play, result
from app.demo.play import Play
from app.demo.stage import DemoDevice
from app.paths import ProfilePaths
from app.profile import Profile
from app.store.db import Store
from app.store.errors import WrongKey, WrongPassphrase

if sys.platform != "linux":
    pytest.skip("looks into /proc and sends signals", allow_module_level=True)

pytestmark = pytest.mark.slow

PROGRAM = Path(__file__).with_name("demo_program.py")
FIELDS = {
    "ok",
    "discovered_s",
    "paired_s",
    "delivered_ms_p50",
    "delivered_ms_p99",
    "messages",
    "photo_mb_s",
    "photo_bytes",
    "photo_metadata_left",
    "plaintext_hits",
    "offline_delivered",
    "killed_and_recovered",
}
PATIENCE_S = 60
SHORT_PATIENCE_S = 12
"""Still enough for pairing on a busy machine."""
END_S = 180


# --- three processes, three files, three keys ---------------------------------------------------------------


def test_the_devices_are_processes_with_files_and_keys_of_their_own(tmp_path: Path) -> None:
    progress = io.StringIO()
    play = make_play(
        tmp_path, window=False, output=progress, practice=f"Praxis {os.getpid()} {tmp_path.name}"
    )
    try:
        play.found_practice()
        play.join(play.room)
        play.join(play.doctor)
        pids = [device.pid for device in play.devices]
        assert len({*pids, os.getpid()}) == 4
        for device in play.devices:
            arguments = Path(f"/proc/{device.pid}/cmdline").read_bytes().split(b"\0")
            assert os.fsencode(device.profile) in arguments
            assert device.passphrase.encode() not in arguments
            assert f"process {device.pid}" in progress.getvalue()
        play.talk()
        away_when_stopped(play)
    finally:
        for device in play.devices:
            device.stop()
    own_keys(play.devices)
    hits_mean_something(play)


def away_when_stopped(play: Play) -> None:
    """A peer is shown as there because it is there."""
    for device in (play.front, play.doctor):
        assert play.reach(device, play.room) is Reach.REACHABLE
    play.room.stop()
    for device in (play.front, play.doctor):
        play.until(lambda device=device: play.reach(device, play.room) is Reach.AWAY, "shown away")
        assert play.reach(device, play.front if device is play.doctor else play.doctor) is Reach.REACHABLE


def hits_mean_something(play: Play) -> None:
    """A text that does lie in the folder is found, and then not all is well."""
    play.search_files()
    assert play.found.plaintext_hits == 0
    assert play.found.plaintext_files >= 6  # key and database of each
    (play.scratch / "weber" / "leak.txt").write_text("… Danke, ich komme gleich. …", encoding="utf-16-le")
    play.search_files()
    assert play.found.plaintext_hits == 1
    assert result(play.found, None)["ok"] is False


def own_keys(devices: tuple[DemoDevice, ...]) -> None:
    """Each profile opens by its own passphrase only, each file by its own key only."""
    keys: dict[str, bytes] = {}
    for device in devices:
        profile = Profile.open(device.profile, passphrase=lambda device=device: device.passphrase)
        assert profile.start_mismatch is None
        keys[device.name] = profile._key
        profile.close()
    assert len(set(keys.values())) == 3
    files = {device.name: ProfilePaths(device.profile).database for device in devices}
    assert len({path.stat().st_ino for path in files.values()}) == 3
    for device in devices:
        for other in devices:
            if other is device:
                Store.open(files[device.name], keys[device.name], create=False).close()
                continue
            with pytest.raises(WrongKey):
                Store.open(files[device.name], keys[other.name], create=False)
            with pytest.raises(WrongPassphrase):
                Profile.open(device.profile, passphrase=lambda other=other: other.passphrase)


# --- the program -----------------------------------------------------------------------------------------------


class Run:
    """The demo as a program of its own, with its temporary files in a folder of its own."""

    def __init__(self, folder: Path, patience_s: float, alter: str, *arguments: str) -> None:
        self.temporary = folder / "tmp"
        self.temporary.mkdir()
        environment = {name: value for name, value in os.environ.items() if "DISPLAY" not in name}
        environment["TMPDIR"] = str(self.temporary)
        practice = f"Praxis {os.getpid()} {folder.name}"
        self.process = subprocess.Popen(
            [sys.executable, "-P", str(PROGRAM), practice, str(patience_s), alter, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            start_new_session=True,
        )
        self.progress = ""

    def read_until(self, pattern: str) -> None:
        """Read progress up to a line that matches."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.progress += line
            if re.search(pattern, line):
                return
        raise AssertionError(f"{pattern} did not come: {self.progress}")

    def end(self) -> tuple[int, str]:
        """Exit code and standard output."""
        output, errors = self.process.communicate(timeout=END_S)
        self.progress += errors
        return self.process.returncode, output

    @property
    def pids(self) -> list[int]:
        """The process ids that it told."""
        return [int(pid) for pid in re.findall(r"process (\d+)", self.progress)]


@contextmanager
def running(
    folder: Path, *arguments: str, patience_s: float = PATIENCE_S, alter: str = "nothing"
) -> Iterator[Run]:
    """Ended in any case."""
    run = Run(folder, patience_s, alter, *arguments)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            run.process.kill()
            run.process.communicate()
        for stream in (run.process.stdout, run.process.stderr):
            assert stream is not None
            stream.close()


def is_running(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def left_behind(run: Run) -> list[str]:
    """Files of the demo in the temporary folder, processes of it that still run."""
    files = [str(path) for path in run.temporary.rglob("*")]
    return files + [f"process {pid}" for pid in run.pids if is_running(pid)]


def test_prints_one_json_object_with_everything_measured(tmp_path: Path) -> None:
    with running(tmp_path, "--headless", "--json") as run:
        code, output = run.end()
        told = json.loads(output)  # a second object or a stray line would be an error
        assert output.count("\n") == 1
        assert set(told) >= FIELDS
        assert code == 0 and told["ok"] is True, (told, run.progress)
        assert all(told[name] is not None for name in FIELDS)
        assert told["messages"] >= 240 and told["photo_bytes"] > 1_000_000
        assert len(set(run.pids)) == 3
        assert "Danke, ich komme gleich" not in run.progress
        assert left_behind(run) == []


@pytest.mark.parametrize(
    ("alter", "reached"),
    [("datagrams", "paired_s"), ("envelopes", "paired_s"), ("chunks", "delivered_ms_p50")],
)
def test_a_byte_altered_on_the_way_makes_it_fail(tmp_path: Path, alter: str, reached: str) -> None:
    with running(tmp_path, "--headless", "--json", patience_s=SHORT_PATIENCE_S, alter=alter) as run:
        code, output = run.end()
        told: dict[str, Any] = json.loads(output)
        assert code == 1
        assert told["ok"] is False
        assert told["error"]
        assert told[reached] is not None, "it failed before anything was altered"
        assert told["photo_bytes"] == 0 and told["killed_and_recovered"] is False
        assert set(told) >= FIELDS
        assert left_behind(run) == []


@pytest.mark.parametrize(
    ("number", "after"),
    [
        (signal.SIGINT, r"founded"),  # the second device is just being started
        (signal.SIGINT, r"Weber.* joined"),
        (signal.SIGTERM, r"Meier.* joined"),
        (signal.SIGHUP, r"Meier.* joined"),  # its terminal was closed
    ],
)
def test_ctrl_c_ends_all_processes_and_leaves_no_file(
    tmp_path: Path, number: signal.Signals, after: str
) -> None:
    with running(tmp_path, "--headless", "--json") as run:
        run.read_until(after)
        children = children_of(run.process.pid)
        assert children
        run.process.send_signal(number)
        run.process.send_signal(number)  # impatient people press it twice
        code, output = run.end()
        assert code == 130
        assert output == ""
        assert not [pid for pid in children if is_running(pid)]
        assert left_behind(run) == []


def children_of(pid: int) -> list[int]:
    """Process ids, also of those that it has not told of yet."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
