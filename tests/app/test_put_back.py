"""A database that was put back to an earlier state takes the restore path at its next start (protocol 11.20)."""

import shutil
from pathlib import Path

import pytest

from app.core.events import ProblemRaised
from app.core.views import Failure, Phase
from app.paths import ProfilePaths
from app.profile import Profile
from tests.app.engines import RunningEngine

PASSPHRASE = "an eight word passphrase"


def incarnation(folder: Path) -> int:
    """Of a closed profile."""
    profile = Profile.open(folder, passphrase=lambda: PASSPHRASE)
    assert profile.start_mismatch is None
    with profile.store.read() as tx:
        found = int(tx.values.get("inc") or b"0")
    profile.close()
    return found


@pytest.mark.expect_log("start mark mismatch")
def test_it_starts_over_once_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "anna"
    database = ProfilePaths(folder).database
    anna = RunningEngine(folder, PASSPHRASE)
    anna.found()
    anna.stop()
    first = incarnation(folder)
    shutil.copy(database, tmp_path / "copy")
    for _ in range(2):
        anna = RunningEngine(folder, PASSPHRASE)
        assert anna.settled().phase is Phase.READY
        anna.stop()
        assert anna.told(ProblemRaised) == []
    shutil.copy(tmp_path / "copy", database)
    anna = RunningEngine(folder, PASSPHRASE)
    assert anna.settled().phase is Phase.READY
    anna.stop()
    assert [told.failure for told in anna.told(ProblemRaised)] == [Failure(code="profile_put_back")]
    second = incarnation(folder)
    assert second > first
    anna = RunningEngine(folder, PASSPHRASE)
    assert anna.settled().phase is Phase.READY
    anna.stop()
    assert anna.told(ProblemRaised) == []
    assert incarnation(folder) == second
