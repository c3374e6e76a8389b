"""Where a profile lives and what its files are called. Nothing here opens anything."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

APPLICATION: Final = "Praxisfunk"


class ProfilePaths(msgspec.Struct, frozen=True):
    """The files of one profile directory."""

    directory: Path

    @property
    def database(self) -> Path:
        """The encrypted SQLite file; its `-wal` and `-shm` files lie beside it."""
        return self.directory / "praxisfunk.db"

    @property
    def key(self) -> Path:
        """The wrapped database key."""
        return self.directory / "profile.key"

    @property
    def start(self) -> Path:
        """The start mark of a profile without a keyring."""
        return self.directory / "profile.start"

    @property
    def lock(self) -> Path:
        """Locked by the running instance."""
        return self.directory / "profile.lock"

    @property
    def log(self) -> Path:
        """Folder of the log files."""
        return self.directory / "log"

    @property
    def channel(self) -> Path:
        """Unix socket of the local channel."""
        return self.directory / "channel"


def default_profile(
    environment: Mapping[str, str] = os.environ, platform: str = sys.platform, home: Path | None = None
) -> Path:
    """The profile directory used when none is named.

    On Windows the local application data, which do not roam with the user (protocol 11.20).
    """
    home = home if home is not None else Path.home()
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / APPLICATION
    if platform == "darwin":
        return home / "Library" / "Application Support" / APPLICATION
    data = environment.get("XDG_DATA_HOME", "")
    # The XDG base directory specification: a relative path is to be ignored.
    return (Path(data) if data.startswith("/") else home / ".local" / "share") / APPLICATION.lower()
