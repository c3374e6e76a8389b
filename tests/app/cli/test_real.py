"""The command line against real engines: founded, paired, talked, grouped, searched, ended by commands alone.

The engines run in this process; every command is a process of its own, as at a terminal.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.channel.server import ChannelServer
from app.cli import Code
from app.core import views
from app.core.events import StatusChanged
from app.engine import Engine, EngineOptions, Service
from app.photo import metadata_left
from app.photo.sample import sample_photo

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the pipe of Windows is tried on Windows")

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = "import sys; from app.cli import main; sys.exit(main(sys.argv[1:], start=lambda options: 99))"
TIMEOUT_S = 60

Told = dict[str, Any]


class Channel(Service):
    """The local channel as a service of an engine."""

    def __init__(self, engine: Engine, profile: Path) -> None:
        self._server = ChannelServer(profile, engine.ask, locked=lambda: engine.locked)
        engine.subscribe(self._server.publish)

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()


class Device:
    """An engine with a channel, and the command line of its profile."""

    def __init__(self, profile: Path) -> None:
        self.profile = profile
        options = EngineOptions(
            profile=profile,
            passphrase="an eight word passphrase",
            interfaces=("127.0.0.1",),
            host="127.0.0.1",
        )
        self.engine = Engine(options)
        self.engine.add_service(lambda engine: Channel(engine, profile))
        self.engine.start()
        self._begun: list[subprocess.Popen[str]] = []

    def stop(self) -> None:
        """With every command that a failed test left running."""
        for running in self._begun:
            if running.returncode is None:
                running.kill()
                running.communicate(timeout=TIMEOUT_S)
        self.engine.stop()

    def begin(self, *arguments: str) -> "subprocess.Popen[str]":
        """A command that runs on."""
        running = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments, "--profile", str(self.profile), "--json"],
            cwd=ROOT,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._begun.append(running)
        return running

    def run(self, *arguments: str, code: int = Code.OK) -> Told:
        """A command to its end; the last JSON object that it printed."""
        return finish(self.begin(*arguments), code)


def finish(running: "subprocess.Popen[str]", code: int = Code.OK) -> Told:
    out, err = running.communicate(timeout=TIMEOUT_S)
    assert running.returncode == code, (running.args, out, err)
    told: Told = json.loads(out.splitlines()[-1])
    return told


def read_until(running: "subprocess.Popen[str]", kind: str) -> Told:
    """The first object of this type."""
    assert running.stdout is not None
    for line in running.stdout:
        told: Told = json.loads(line)
        if told["type"] == kind:
            return told
    raise AssertionError(f"{kind} did not come: {running.communicate()}")


@pytest.fixture
def devices(tmp_path: Path) -> Iterator[tuple[Device, Device]]:
    made = Device(tmp_path / "anna"), Device(tmp_path / "weber")
    yield made
    for device in made:
        device.stop()


def open_and_empty(device: Device) -> None:
    """Wait until the profile was made."""
    watching = device.begin("watch")
    read_until(watching, "Watching")
    while device.run("status")["phase"] == views.Phase.OPENING.value:
        read_until(watching, StatusChanged.__name__)
    watching.terminate()
    watching.communicate(timeout=TIMEOUT_S)
    assert device.run("status")["phase"] == views.Phase.SETUP.value


def test_a_conversation_by_commands_alone(devices: tuple[Device, Device], tmp_path: Path) -> None:
    anna, weber = devices
    for device in devices:
        open_and_empty(device)
    # Other tests may be open on this machine's loopback at the same time.
    practice = f"Praxis {os.getpid()}"
    founded = anna.run("found", "--practice", practice, "--name", "Anna Lindner", "--role", "MFA")
    assert founded["recovery_code"]

    pairing = anna.begin("pair", "--accept", "Dr. Karin Weber", "--admin")
    opened = read_until(pairing, "PairingOpened")
    how = ("--practice", practice, "--code", opened["code"])
    joined = weber.run("join", *how, "--name", "Dr. Karin Weber", "--role", "Ärztin")
    assert joined == {"type": "Joined", "circle_name": practice}
    assert finish(pairing)["type"] == "PairingFinished"
    assert [row["name"] for row in weber.run("people")["rows"]] == ["Dr. Karin Weber", "Anna Lindner"]

    picture = tmp_path / "wound.jpg"
    picture.write_bytes(sample_photo(width_px=640, height_px=480))
    sent = anna.run("send", "--to", "weber", "--photo", str(picture), "--wait", "Bitte ansehen")
    assert sent["delivered"] is True
    report = tmp_path / "Befund.pdf"
    report.write_bytes(b"%PDF-1.7\nBefund")
    anna.run("send", "--to", "weber", "--file", str(report), "--wait")
    weber.run("send", "--to", "anna", "--wait", "Sieht gut aus, die Wunden heilen")
    rows = anna.run("history", "weber")["rows"]
    talk = [row for row in rows if row["kind"] != "notice"]
    assert [row["kind"] for row in talk] == ["photo", "file", "text"]
    assert [row["text"] for row in talk] == ["Bitte ansehen", "", "Sieht gut aus, die Wunden heilen"]
    assert len(anna.run("search", "Wunde")["hits"]) == 1

    saved = weber.run("save", talk[0]["message"], str(tmp_path / "saved.jpg"))
    assert metadata_left(Path(saved["path"]).read_bytes()) == ()
    saved = weber.run("save", talk[1]["message"], str(tmp_path / "Befund.pdf"))
    assert Path(saved["path"]).name == "Befund (2).pdf"
    assert Path(saved["path"]).read_bytes() == report.read_bytes()

    anna.run("group", "create", "Labor", "weber")
    anna.run("send", "--to", "labor", "--wait", "Werte sind da")
    assert weber.run("groups")["rows"][0]["title"] == "Labor"
    anna.run("group", "rename", "labor", "Labor 2")
    assert anna.run("send", "--to", "Niemand", "x", code=Code.NO_SUCH_NAME)["code"] == "cli.no_such_name"
    text = tmp_path / "text.jpg"
    text.write_text("kein Bild")
    refused = anna.run("send", "--to", "weber", "--photo", str(text), code=Code.REFUSED)
    assert refused["code"] == "photo.not_a_picture"
    assert anna.run("quit") == {"type": "Done"}
