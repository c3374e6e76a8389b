"""From an exception to the `Failure` that a window or a script gets: a code, never content."""

import logging
import re

from app.core.views import Failure
from app.photo.errors import FileError, PhotoError
from app.store.errors import StoreError, TooNew
from crypto.errors import CryptoError
from transport.errors import TransportError

log = logging.getLogger(__name__)

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def code_of(error: BaseException) -> str:
    """`DiskFull` -> "disk_full"; an error with a `code` of its own keeps it; a bug is "internal"."""
    own = getattr(error, "code", None)
    if isinstance(own, str):
        return own
    if isinstance(error, StoreError | CryptoError | TransportError):
        return _WORD.sub("_", type(error).__name__).lower()
    return "internal"


def failure_of(error: BaseException) -> Failure:
    """What to tell. A bug is logged with its kind, so that it is never silent."""
    code = code_of(error)
    detail: dict[str, str | int] = {}
    if code == "internal":
        detail["kind"] = type(error).__name__
        log.error(
            "unexpected %s", type(error).__name__, exc_info=error if log.isEnabledFor(logging.DEBUG) else None
        )
    own = getattr(error, "detail", None)
    if isinstance(error, PhotoError | FileError) and isinstance(own, dict):
        detail.update(own)
    if isinstance(error, TooNew):
        detail.update(found=error.found, known=error.known)
    return Failure(code=code, detail=detail)
