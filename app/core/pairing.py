"""The admin's side of pairing around `crypto.pairing`: who may try, how often, one at a time (protocol 11.14).

Pure bookkeeping: no link, no clock, no thread. A stranger on the LAN can use up the tries of his own address, not
those of the colleague who types the code; all strangers together can use up the code, which is then shown as ended.
Proofs are looked at in the order of their coming, so that a flood delays the colleague but does not shut him out.
"""

from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from crypto.ids import DeviceId

TRIES_PER_ADDRESS: Final = 3
TRIES_PER_CODE: Final = 100
VALID_MS: Final = 5 * 60_000
MAX_LINKS: Final = 8
"""Pairing links open at once; each may hold one message."""
MAX_LINKS_PER_HOST: Final = 3
PROOF_WITHIN_MS: Final = 30_000
"""A link that brought no proof for so long makes room."""


class Verdict(Enum):
    """What to do with a link or a proof."""

    GO_ON = "go_on"
    WAIT = "wait"
    REFUSE = "refuse"


@dataclass(slots=True)
class _Link:
    host: str
    since_ms: int
    proving: bool = False  # its one proof came; a right one keeps the link, however long the admin looks


@dataclass(slots=True)
class PairingDesk:
    """One opened code. `host` is the address a link comes from."""

    opened_ms: int
    ended: bool = False
    used_by: DeviceId | None = None
    tries: int = 0
    wrong: int = 0
    _by_host: dict[str, int] = field(default_factory=dict)
    _links: dict[int, _Link] = field(default_factory=dict)
    _deriving: bool = False
    _waiting: deque[int] = field(default_factory=deque)

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
        if not self.is_open(now_ms) or self.host_tries_left(host) == 0 or len(self._links) >= MAX_LINKS:
            return Verdict.REFUSE
        if sum(known.host == host for known in self._links.values()) >= MAX_LINKS_PER_HOST:
            return Verdict.REFUSE
        self._links[link] = _Link(host, now_ms)
        return Verdict.GO_ON

    def drop_stale(self, now_ms: int) -> list[int]:
        """Links that brought no proof in time, forgotten here and to be closed: they must not keep others out."""
        stale = [
            link
            for link, known in self._links.items()
            if not known.proving and now_ms - known.since_ms >= PROOF_WITHIN_MS
        ]
        for link in stale:
            del self._links[link]
        return stale

    def link_down(self, link: int) -> None:
        """It ended."""
        self._links.pop(link, None)

    def begin_derive(self, link: int, now_ms: int) -> Verdict:
        """A proof came: counted as a try before the work is done. WAIT: `next_derive` will name this link."""
        known = self._links.get(link)
        if (
            known is None
            or known.proving
            or not self.is_open(now_ms)
            or self.host_tries_left(known.host) == 0
        ):
            return Verdict.REFUSE
        if self.tries >= TRIES_PER_CODE:
            return Verdict.REFUSE
        known.proving = True
        self._by_host[known.host] = self._by_host.get(known.host, 0) + 1
        self.tries += 1
        if self._deriving:
            self._waiting.append(link)
            return Verdict.WAIT
        self._deriving = True
        return Verdict.GO_ON

    def next_derive(self) -> int | None:
        """After `end_derive`: the link whose proof is to be looked at now, if one waits and is still there."""
        while self._waiting and not self.ended and not self._deriving:
            link = self._waiting.popleft()
            if link in self._links:
                self._deriving = True
                return link
        return None

    def end_derive(self, link: int, device: DeviceId | None) -> bool:
        """`device` proved the code; None: a wrong code. A right one ends the code for everybody else.

        False: the code was right, but another device has used it.
        """
        self._deriving = False
        known = self._links.get(link)
        if device is None:
            self.wrong += 1
            self.ended = self.ended or self.wrong >= TRIES_PER_CODE
            return False
        if self.used_by not in (None, device):
            return False
        if known is not None:
            self._by_host[known.host] -= 1
        self.tries -= 1
        self.used_by = device
        return True

    def close(self) -> None:
        """The dialog was closed."""
        self.ended = True
