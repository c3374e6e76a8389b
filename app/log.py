"""Logging that cannot tell what people write: ids and sizes only.

Our own lines go through a formatter that shows numbers, the first 8 hex digits of ids, class names and single
lower-case words; any other text argument becomes its length. Of an exception only classes and places in the
code are shown, never its text. Of other packages' lines only the template is shown, never what is filled in.
"""

import logging
import logging.handlers
import os
import re
import sys
import threading
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any, Final

MAX_FILE_BYTES: Final = 1 << 20
OLD_FILES: Final = 3
OWN_PACKAGES: Final = ("app", "crypto", "transport")
_FILE: Final = "praxisfunk.log"
_HARMLESS: Final = re.compile(r"(?:[a-z0-9_-]{1,32}|[0-9a-f.:%]{1,64}(?::\d{1,5})?)\Z")

logger = logging.getLogger(__name__)


def redact(value: object) -> object:
    """What a log line may show of an argument."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value[:4]).hex()
    if isinstance(value, BaseException):
        return type(value).__name__
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, str):
        return value if _HARMLESS.match(value) else f"<text {len(value)}>"
    return f"<{type(value).__name__}>"


class RedactingFormatter(logging.Formatter):
    """UTC time, level, logger, redacted message, and the places an exception went through."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        shown = logging.makeLogRecord(record.__dict__)
        shown.msg, shown.args = _message(record), None
        shown.exc_info, shown.exc_text, shown.stack_info = None, None, None
        line = super().format(shown).replace("\n", " ").replace("\r", " ")
        if record.exc_info and record.exc_info[1] is not None:
            line += "\n" + places(record.exc_info[1])
        return line


def _message(record: logging.LogRecord) -> str:
    template = str(record.msg)
    if record.name.partition(".")[0] not in OWN_PACKAGES:
        # Without arguments the text was put together before; it may hold anything.
        return template if record.args else "<message withheld>"
    if not record.args:
        return template
    try:
        if isinstance(record.args, dict):
            return template % {key: redact(value) for key, value in record.args.items()}
        return template % tuple(redact(value) for value in record.args)
    except (TypeError, ValueError, KeyError):
        return template  # %d given a text: rather no argument at all


def places(error: BaseException) -> str:
    """Class and code places of an exception and its causes, innermost last; never its text."""
    lines: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)
        where = " < ".join(f"{Path(f.filename).name}:{f.lineno}({f.name})" for f in reversed(frames[-12:]))
        lines.append(f"  {type(current).__name__} at {where or 'unknown'}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n".join(lines)


def set_up(folder: Path | None, level: int = logging.INFO) -> None:
    """Send all log lines to `folder`/praxisfunk.log (4 files of 1 MiB at most, 0600), or to standard error.

    Also takes over the hooks for uncaught exceptions, whose texts would end in crash output otherwise.
    Raises OSError if the folder cannot be written.
    """
    handler: logging.Handler
    if folder is None:
        handler = logging.StreamHandler(sys.stderr)
    else:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _PrivateFile(
            folder / _FILE, maxBytes=MAX_FILE_BYTES, backupCount=OLD_FILES, encoding="utf-8", delay=True
        )
    handler.setFormatter(RedactingFormatter())
    root = logging.getLogger()
    for old in root.handlers[:]:
        if isinstance(old.formatter, RedactingFormatter):
            root.removeHandler(old)
            old.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    for package in OWN_PACKAGES:
        logging.getLogger(package).setLevel(level)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # a failing handler would print the unredacted arguments
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """A rotating file that only its owner can read, from its first byte on."""

    def _open(self) -> Any:
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if sys.platform != "win32":  # there the folder's rights count
            os.fchmod(descriptor, 0o600)
        return os.fdopen(descriptor, "a", encoding=self.encoding)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logger.critical("uncaught %s", kind, exc_info=(kind, error, trace))


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        logger.critical(
            "uncaught %s in a thread",
            args.exc_type,
            exc_info=(args.exc_type, args.exc_value, args.exc_traceback),
        )


def _unraisable(args: "sys.UnraisableHookArgs") -> None:
    if args.exc_value is not None:
        logger.error(
            "unraisable %s", args.exc_type, exc_info=(args.exc_type, args.exc_value, args.exc_traceback)
        )
