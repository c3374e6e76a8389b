"""Whom to dial when, and at which address. Sans-IO; takes `now` in seconds.

Addresses of one device are tried in turn, a new one every 150 ms while earlier ones are still silent; the one
that proves itself first wins. Wanted devices without a link are dialled for ever, with growing pauses.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from transport.addresses import candidates
from transport.base import ALPN_MAIN
from transport.events import Address, DialFailed, DownReason, PeerId
from transport.link import Backoff

STAGGER_S: Final = 0.15
MAX_PARALLEL: Final = 4
STABLE_S: Final = 10.0
"""A link that lasted this long was a good one: the next dial after it does not wait."""


@dataclass(frozen=True, slots=True)
class Try:
    """Connect now. `attempt` names it in `proven` and `ended`."""

    attempt: int
    peer: PeerId
    alpn: str
    address: Address


@dataclass(slots=True)
class _Dial:
    peer: PeerId
    alpn: str
    addresses: tuple[Address, ...]
    pending: deque[Address]
    beside_link: bool
    next_start_at: float
    running: set[int] = field(default_factory=set)
    chosen: int | None = None
    reason: DownReason = DownReason.UNREACHABLE


@dataclass(slots=True)
class _Wanted:
    addresses: tuple[Address, ...]
    backoff: Backoff
    next_at: float
    linked: bool = False
    up_at: float = 0.0


class DialPlan:
    """All dials of one transport."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._wanted: dict[PeerId, _Wanted] = {}
        self._dials: dict[tuple[PeerId, str], _Dial] = {}
        self._by_attempt: dict[int, _Dial] = {}
        self._attempts = 0
        self._linked: set[PeerId] = set()

    # --- orders ------------------------------------------------------------------------------------------

    def want(self, peer: PeerId, addresses: Sequence[Address], now: float) -> None:
        """Keep a link to `peer`. New addresses are tried at once."""
        found = candidates(addresses)
        wanted = self._wanted.get(peer)
        if wanted is None:
            wanted = self._wanted[peer] = _Wanted(found, Backoff(self._random), now, peer in self._linked)
            return
        fresh = [address for address in found if address not in wanted.addresses]
        wanted.addresses = found
        dial = self._dials.get((peer, ALPN_MAIN))
        if not fresh or wanted.linked:
            return
        wanted.backoff.reset()
        wanted.next_at = now
        if dial is not None:
            dial.addresses = found
            dial.pending.extendleft(reversed(fresh))
            dial.next_start_at = min(dial.next_start_at, now)

    def unwant(self, peer: PeerId) -> list[int]:
        """Returns the attempts to give up."""
        self._wanted.pop(peer, None)
        return self._cancel(peer)

    def is_wanted(self, peer: PeerId) -> bool:
        """Whether a lost link to `peer` is ours to restore."""
        return peer in self._wanted

    def once(self, peer: PeerId, alpn: str, addresses: Sequence[Address], now: float) -> DialFailed | None:
        """One dial of another ALPN. Returns the failure if no address is worth trying."""
        found = candidates(addresses)
        if not found:
            return DialFailed(peer, alpn, (), DownReason.UNREACHABLE)
        running = self._dials.get((peer, alpn))
        if running is not None:
            running.pending.extend(a for a in found if a not in running.addresses)
            running.addresses = tuple(dict.fromkeys((*running.addresses, *found)))
        else:
            self._dials[peer, alpn] = _Dial(peer, alpn, found, deque(found), False, now)
        return None

    def again(self, peer: PeerId, last: Address, now: float) -> None:
        """Dial a wanted peer beside its link, which may be dead: `last` first, then what is known."""
        wanted = self._wanted.get(peer)
        if wanted is None or (peer, ALPN_MAIN) in self._dials:
            return
        found = tuple(dict.fromkeys((*candidates([last]), *wanted.addresses)))
        if found:
            self._dials[peer, ALPN_MAIN] = _Dial(peer, ALPN_MAIN, found, deque(found), True, now)

    def network_changed(self, now: float) -> None:
        """Dial everybody who has no link at once, also where an attempt is hanging."""
        for peer, wanted in self._wanted.items():
            if wanted.linked:
                continue
            wanted.backoff.reset()
            wanted.next_at = now
            dial = self._dials.get((peer, ALPN_MAIN))
            if dial is not None and dial.chosen is None:
                dial.pending = deque(dial.addresses)
                dial.next_start_at = now

    # --- what became of it -------------------------------------------------------------------------------

    def up(self, peer: PeerId, now: float) -> list[int]:
        """A main link stands. Returns attempts to give up; one that greeted is left to the tie-break."""
        self._linked.add(peer)
        wanted = self._wanted.get(peer)
        if wanted is not None:
            wanted.linked = True
            wanted.up_at = now
        dial = self._dials.get((peer, ALPN_MAIN))
        if dial is not None and dial.chosen is not None:
            dial.pending.clear()
            dial.beside_link = True
            return []
        return self._cancel(peer)

    def down(self, peer: PeerId, reason: DownReason, now: float) -> None:
        """The last main link of `peer` ended."""
        self._linked.discard(peer)
        wanted = self._wanted.get(peer)
        if wanted is None:
            return
        wanted.linked = False
        if now - wanted.up_at >= STABLE_S and reason is not DownReason.REFUSED:
            wanted.backoff.reset()
        if reason is DownReason.TIMEOUT:
            wanted.next_at = now
        else:
            wanted.next_at = now + wanted.backoff.next_s()

    def proven(self, attempt: int) -> list[int] | None:
        """An attempt's peer is proven: returns the losers to give up, or None if this one came too late."""
        dial = self._by_attempt.get(attempt)
        if dial is None or dial.chosen is not None:
            return None
        dial.chosen = attempt
        dial.pending.clear()
        losers = [other for other in dial.running if other != attempt]
        for loser in losers:
            self._drop(dial, loser)
        return losers

    def finished(self, attempt: int) -> None:
        """The attempt became a link."""
        dial = self._by_attempt.get(attempt)
        if dial is not None:
            self._close(dial)

    def ended(self, attempt: int, reason: DownReason, now: float) -> DialFailed | None:
        """An attempt ended without becoming a link. Returns the failure if it was the last hope."""
        dial = self._by_attempt.get(attempt)
        if dial is None:
            return None
        self._drop(dial, attempt)
        if dial.chosen == attempt:
            dial.chosen = None
        if reason is DownReason.REPLACED:
            self._close(dial)
            self._later(dial.peer, now)
            return None
        if reason is not DownReason.UNREACHABLE and dial.reason is not DownReason.REFUSED:
            dial.reason = reason
        dial.next_start_at = min(dial.next_start_at, now)
        if dial.running or dial.pending:
            return None
        self._close(dial)
        if dial.beside_link and dial.peer in self._linked:
            return None
        if dial.alpn == ALPN_MAIN:
            self._later(dial.peer, now)
        return DialFailed(dial.peer, dial.alpn, dial.addresses, dial.reason)

    # --- time --------------------------------------------------------------------------------------------

    @property
    def next_at(self) -> float | None:
        """When `tick` has something to do; None: nothing planned."""
        times = [
            wanted.next_at
            for peer, wanted in self._wanted.items()
            if wanted.addresses and not wanted.linked and (peer, ALPN_MAIN) not in self._dials
        ]
        times += [
            dial.next_start_at
            for dial in self._dials.values()
            if dial.pending and dial.chosen is None and len(dial.running) < MAX_PARALLEL
        ]
        return min(times, default=None)

    def tick(self, now: float) -> list[Try]:
        """The connections to start now."""
        for peer, wanted in self._wanted.items():
            if (
                wanted.addresses
                and not wanted.linked
                and wanted.next_at <= now
                and (peer, ALPN_MAIN) not in self._dials
            ):
                found = wanted.addresses
                self._dials[peer, ALPN_MAIN] = _Dial(peer, ALPN_MAIN, found, deque(found), False, now)
        tries = []
        for dial in self._dials.values():
            while (
                dial.pending
                and dial.chosen is None
                and dial.next_start_at <= now
                and len(dial.running) < MAX_PARALLEL
            ):
                tries.append(self._start(dial, dial.pending.popleft()))
                dial.next_start_at = now + STAGGER_S
        return tries

    def _start(self, dial: _Dial, address: Address) -> Try:
        self._attempts += 1
        dial.running.add(self._attempts)
        self._by_attempt[self._attempts] = dial
        return Try(self._attempts, dial.peer, dial.alpn, address)

    def _later(self, peer: PeerId, now: float) -> None:
        wanted = self._wanted.get(peer)
        if wanted is not None:
            wanted.next_at = now + wanted.backoff.next_s()

    def _drop(self, dial: _Dial, attempt: int) -> None:
        dial.running.discard(attempt)
        self._by_attempt.pop(attempt, None)

    def _close(self, dial: _Dial) -> None:
        for attempt in list(dial.running):
            self._drop(dial, attempt)
        if self._dials.get((dial.peer, dial.alpn)) is dial:
            del self._dials[dial.peer, dial.alpn]

    def _cancel(self, peer: PeerId) -> list[int]:
        dial = self._dials.get((peer, ALPN_MAIN))
        if dial is None:
            return []
        attempts = list(dial.running)
        self._close(dial)
        return attempts
