"""What the command line decides: exit codes, how to start, and the errors that end a command."""

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from app.core.views import Failure


class Code(IntEnum):
    """Exit codes; `praxisfunk --help` lists them."""

    OK = 0
    REFUSED = 1  # the instance said no, or a message failed
    USAGE = 2  # the command was not understood
    NOT_RUNNING = 3  # no instance of this profile, or it went away
    NO_SUCH_NAME = 4  # nobody, or more than one, is meant by a name
    LOCKED = 5  # the instance is locked by a PIN
    TIMEOUT = 6  # it did not happen in time
    INTERRUPTED = 130  # Ctrl+C


@dataclass(frozen=True, slots=True)
class StartOptions:
    """How to run an instance. The passphrase itself is read by whoever starts it."""

    profile: Path
    headless: bool
    passphrase_fd: int | None = None
    port: int = 0
    interfaces: tuple[str, ...] | None = None
    hidden: bool = False  # window in the tray (autostart)


class CommandEnded(Exception):
    """A command cannot go on. The failure has its sentence in `app/ui/error_text.py` or `app/cli/texts.py`."""

    def __init__(self, exit_code: Code, failure: Failure) -> None:
        super().__init__(failure.code)
        self.exit_code = exit_code
        self.failure = failure
