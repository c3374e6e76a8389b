"""Where profiles live on each platform."""

from pathlib import Path, PurePath

import pytest

from app.paths import ProfilePaths, default_profile

HOME = Path("/home/anna")


@pytest.mark.parametrize(
    ("platform", "environment", "expected"),
    [
        ("linux", {}, "/home/anna/.local/share/praxisfunk"),
        ("linux", {"XDG_DATA_HOME": "/data"}, "/data/praxisfunk"),
        ("linux", {"XDG_DATA_HOME": "relative"}, "/home/anna/.local/share/praxisfunk"),
        ("darwin", {}, "/home/anna/Library/Application Support/Praxisfunk"),
        ("win32", {"LOCALAPPDATA": "/local", "APPDATA": "/roaming"}, "/local/Praxisfunk"),
        ("win32", {"APPDATA": "/roaming"}, "/home/anna/AppData/Local/Praxisfunk"),
    ],
)
def test_default_profile(platform: str, environment: dict[str, str], expected: str) -> None:
    assert default_profile(environment, platform, HOME) == PurePath(expected)


def test_all_files_lie_in_the_profile() -> None:
    paths = ProfilePaths(HOME)
    found = [paths.database, paths.key, paths.start, paths.lock, paths.log, paths.channel]
    assert len(set(found)) == len(found)
    assert all(path.parent == HOME for path in found)
