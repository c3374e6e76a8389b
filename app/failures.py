"""From an exception to the `Failure` that a window or a script gets: a code, never content."""

import logging

from app.core.views import Failure
from app.photo.errors import FileError, PhotoError
from app.store.errors import TooNew
from app.ui import error_text

log = logging.getLogger(__name__)


def code_of(error: BaseException) -> str:
    """The key of `error_text`: an error's own `code`, else that of its class in our trees; a bug is "internal"."""
    own = getattr(error, "code", None)
    return own if isinstance(own, str) else error_text.code_of(type(error))


def failure_of(error: BaseException) -> Failure:
    """What to tell. A bug is logged with its kind, so that it is never silent."""
    code = code_of(error)
    detail: dict[str, str | int] = {}
    if code == error_text.GENERIC:
        detail["kind"] = type(error).__name__
        log.error(
            "unexpected %s", type(error).__name__, exc_info=error if log.isEnabledFor(logging.DEBUG) else None
        )
    own = getattr(error, "detail", None)
    if isinstance(error, PhotoError | FileError) and isinstance(own, dict):
        detail.update(own)
    if isinstance(error, PhotoError):
        detail.update(error.detail)
    if isinstance(error, TooNew):
        detail.update(found=error.found, known=error.known)
    return Failure(code=code, detail=detail)
