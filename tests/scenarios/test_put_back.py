"""A profile that was put back to an earlier state talks again, under new sessions (protocol 4, 11.4, 11.20).

Its ratchets have moved on since the copy was made: to continue them would lose messages and repeat keys.
"""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from app.demo.stage import DemoDevice
from app.paths import ProfilePaths
from app.profile import Profile
from tests.scenarios.processes import Crew, direct, linked, say, texts

pytestmark = pytest.mark.slow


def database(profile: Path) -> list[Path]:
    """The database with its log: what a person copies who knows where the messages are."""
    path = ProfilePaths(profile).database
    return sorted(path.parent.glob(path.name + "*"))


def everything(profile: Path) -> list[Path]:
    """The whole folder, as a backup program copies it: the mark beside the database comes along."""
    return sorted(path for path in profile.iterdir() if path.is_file())


def copy(files: Iterable[Path], target: Path) -> None:
    target.mkdir()
    for path in files:
        shutil.copy2(path, target)


def incarnation(device: DemoDevice) -> int:
    """Of a stopped device, which must also be one that no longer waits for the restore path."""
    profile = Profile.open(device.profile, passphrase=lambda: device.passphrase)
    assert profile.start_mismatch is None
    with profile.store.read() as tx:
        found = int(tx.values.get("inc") or b"0")
    profile.close()
    return found


@pytest.mark.parametrize(
    ("files", "noticed"), [(database, True), (everything, False)], ids=["database alone", "whole folder"]
)
def test_a_device_put_back_talks_again_and_nothing_shows_twice(
    crew: Crew, tmp_path: Path, files: Callable[[Path], list[Path]], noticed: bool
) -> None:
    """`noticed`: at the start, by the mark beside the database. A whole folder put back is healed by its peers:
    what one side cannot open any more is encrypted anew under a new session.
    """
    here, there = crew.device("eins", "Anna Lindner"), crew.device("zwei", "Berta Kurz")
    crew.found(here)
    crew.join(there, here)
    place = direct(here, there)
    say(here, place, "vor der Kopie")
    say(there, place, "auch davor")
    crew.until(lambda: len(texts(here, place)) == len(texts(there, place)) == 2, "both there")
    here.stop()
    first = incarnation(here)
    copy(files(here.profile), tmp_path / "copy")

    here.start()
    crew.until(lambda: linked(here, there), "linked")
    for number in range(3):
        say(here, place, f"nach der Kopie {number}")
        say(there, place, f"Antwort {number}")
    crew.until(lambda: len(texts(here, place)) == len(texts(there, place)) == 8, "all there")
    here.stop()
    for path in database(here.profile):
        path.unlink()
    for path in (tmp_path / "copy").iterdir():
        shutil.copy2(path, here.profile)

    here.start()
    assert len(texts(here, place)) == 2
    crew.until(lambda: linked(here, there), "linked again")
    say(there, place, "hörst du mich?")
    say(here, place, "ja, wieder da")
    new = ["hörst du mich?", "ja, wieder da"]
    crew.until(lambda: all(set(new) <= set(texts(device, place)) for device in (here, there)), "they talk")
    say(here, place, "und weiter")
    crew.until(lambda: texts(there, place)[-1] == "und weiter", "on and on")
    for device, count in ((here, 5), (there, 11)):
        shown = texts(device, place)
        assert len(shown) == len(set(shown)) == count
    here.stop()
    second = incarnation(here)
    assert (second > first) is noticed
    here.start()
    crew.until(lambda: linked(here, there), "an ordinary start")
    here.stop()
    assert incarnation(here) == second
