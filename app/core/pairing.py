"""The admin's side of pairing around `crypto.pairing`: who may try, how often, one at a time (protocol 11.14).

Pure bookkeeping: no link, no clock, no thread. A stranger on the LAN can use up the tries of his own address, not
those of the colleague who types the code; all strangers together can use up the code, which is then shown as ended.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from crypto.ids import DeviceId

TRIES_PER_ADDRESS: Final = 3
TRIES_PER_CODE: Final = 100
VALID_MS: Final = 5 * 60_000
MAX_LINKS: Final = 8
"""Pairing links open at once; each may hold one message."""
ADDRESSES_KEPT: Final = 256


class Verdict(Enum):
    """What to do with a link or a proof."""

    GO_ON = "go_on"
    REFUSE = "refuse"


@dataclass(slots=True)
class PairingDesk:
    """One opened code. `host` is the address a link comes from."""

    opened_ms: int
    ended: bool = False
    used_by: DeviceId | None = None
    tries: int = 0
    _by_host: dict[str, int] = field(default_factory=dict)
    _links: dict[int, str] = field(default_factory=dict)
    _deriving: bool = False

    @property
    def valid_until_ms(self) -> int:
        """When the code ends by itself."""
        return self.opened_ms + VALID_MS

    @property
    def tries_left(self) -> int:
        """For the dialog: what the whole code has left, never more than one address has."""
        if self.ended:
            return 0
        worst = max(self._by_host.values(), default=0)
        return max(0, min(TRIES_PER_ADDRESS - min(worst, TRIES_PER_ADDRESS), TRIES_PER_CODE - self.tries))

    def host_tries_left(self, host: str) -> int:
        """For the joiner's dialog."""
        return max(0, TRIES_PER_ADDRESS - self._by_host.get(host, 0))

    def is_open(self, now_ms: int) -> bool:
        """Whether proofs are looked at. After a right one only its own device's, whose M4 may have got lost."""
        return not self.ended and self.opened_ms <= now_ms < self.valid_until_ms

    def link_up(self, link: int, host: str, now_ms: int) -> Verdict:
        """A joiner's link came up."""
        spent = self._by_host.get(host, 0) >= TRIES_PER_ADDRESS
        if not self.is_open(now_ms) or spent or len(self._links) >= MAX_LINKS:
            return Verdict.REFUSE
        self._links[link] = host
        return Verdict.GO_ON

    def link_down(self, link: int) -> None:
        """It ended."""
        self._links.pop(link, None)

    def begin_derive(self, link: int, now_ms: int) -> Verdict:
        """A proof came: counted as a try before the work is done, and only one at a time."""
        host = self._links.get(link)
        if host is None or self._deriving or not self.is_open(now_ms):
            return Verdict.REFUSE
        if host not in self._by_host and len(self._by_host) >= ADDRESSES_KEPT:
            return Verdict.REFUSE
        self._by_host[host] = self._by_host.get(host, 0) + 1
        self.tries += 1
        self._deriving = True
        return Verdict.GO_ON

    def end_derive(self, link: int, device: DeviceId | None) -> bool:
        """`device` proved the code; None: a wrong code. A right one ends the code for everybody else.

        False: the code was right, but another device has used it.
        """
        self._deriving = False
        if device is None:
            self.ended = self.tries >= TRIES_PER_CODE
            return False
        if self.used_by not in (None, device):
            return False
        host = self._links.get(link)
        if host is not None:
            self._by_host[host] -= 1
        self.tries -= 1
        self.used_by = device
        return True

    def close(self) -> None:
        """The dialog was closed."""
        self.ended = True
