"""The time from which expiry counts (protocol 11.3): a clock that is set back opens nothing.

The latest time seen is kept in the store. A clock that runs ahead by mistake must not lock a device out for good, so
one start moves it by at most `STEP_S`.
"""

import calendar
import time
from collections.abc import Callable
from typing import Final

from app import BUILD_DATE
from app.core.ports import Values
from crypto.certificate import trusted_now_s

_KEY: Final = "time.latest_s"
STEP_S: Final = 30 * 86_400
BUILD_S: Final = calendar.timegm(time.strptime(BUILD_DATE, "%Y-%m-%d"))


class TrustedTime:
    """Unix seconds: the latest of clock, build date and what earlier starts saw."""

    def __init__(self, clock_s: Callable[[], int]) -> None:
        self._clock_s = clock_s
        self._latest_s = BUILD_S

    def now_s(self) -> int:
        """For expiry; the day of tags and server names follows the clock unless that is older than the program."""
        return trusted_now_s(self._clock_s(), BUILD_S, self._latest_s)

    def load(self, values: Values) -> None:
        """At start: take up and move on what was kept."""
        kept = values.get(_KEY)
        if kept is not None and len(kept) == 8:
            self._latest_s = max(BUILD_S, int.from_bytes(kept, "big"))
        seen_s = min(self._clock_s(), self._latest_s + STEP_S)
        if seen_s > self._latest_s or kept is None:
            values.put(_KEY, max(seen_s, self._latest_s).to_bytes(8, "big"))
