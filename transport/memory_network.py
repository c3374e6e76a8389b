"""Time and wires of simulated links: one fake clock, one seed, every run repeats exactly.

Frames travel with the rules of QUIC links: in order, bulk beside them, credit by `consumed`. Trouble is what a
QUIC link shows its owner: delay, silence, and a link that breaks with frames on the way. Two knobs are harsher
than QUIC, which never does it within one link: `duplicate` and `reorder`.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Final

from transport.base import MAX_BULK_IN_FLIGHT
from transport.errors import PortInUse
from transport.events import (
    Address,
    BulkDone,
    BulkReceived,
    DownReason,
    FrameReceived,
    LinkId,
    PeerId,
    SendReady,
)
from transport.link import LIMITS, CloseCode, CreditLedger, KeepAlive, Kind, Rank

if TYPE_CHECKING:
    from transport.memory import MemoryTransport

IDLE_S: Final = 45.0
LOW_WATER_BYTES: Final = 256 << 10


@dataclass(slots=True)
class Trouble:
    """What goes wrong, by chance. Probabilities are per frame or payload."""

    delay_s: float = 0.001
    jitter_s: float = 0.0
    loss: float = 0.0  # the link breaks: the frame is gone, both sides notice after `IDLE_S` or on a new link
    duplicate: float = 0.0
    reorder: float = 0.0  # the frame comes up to 10 delays later, others overtake it


class MemoryNetwork:
    """Time and wires."""

    def __init__(self, seed: int = 0, trouble: Trouble | None = None) -> None:
        self.random = Random(seed)  # noqa: S311
        self.trouble = trouble or Trouble()
        self.now = 0.0
        self._order = 0
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._listening: dict[Address, MemoryTransport] = {}
        self._cut: set[frozenset[str]] = set()
        self._isolated: set[str] = set()
        self._links: list[Wire] = []
        self._next_host = 0

    # --- time ---------------------------------------------------------------------------------------------

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Run `action` at `when`; equal times in the order of calls."""
        self._order += 1
        heapq.heappush(self._agenda, (max(when, self.now), self._order, action))

    @property
    def next_at(self) -> float | None:
        """Time of the next planned action."""
        return self._agenda[0][0] if self._agenda else None

    def step(self) -> bool:
        """Run the next action and move the clock to it; False if nothing is planned."""
        if not self._agenda:
            return False
        self.now, _, action = heapq.heappop(self._agenda)
        action()
        return True

    def advance(self, seconds: float) -> None:
        """Run everything of the next `seconds`."""
        end = self.now + seconds
        while self._agenda and self._agenda[0][0] <= end:
            self.step()
        self.now = end

    def until(self, condition: Callable[[], bool], limit_s: float = 600.0) -> bool:
        """Run until `condition` holds; False if it does not within `limit_s` of simulated time."""
        end = self.now + limit_s
        while not condition():
            if not self._agenda or self._agenda[0][0] > end:
                return False
            self.step()
        return True

    # --- places -------------------------------------------------------------------------------------------

    def new_host(self) -> str:
        """A fresh address for a device."""
        self._next_host += 1
        return f"10.0.{self._next_host >> 8}.{self._next_host & 255}"

    def reachable(self, one: str, other: str) -> bool:
        """Whether packets pass between two hosts now."""
        if one in self._isolated or other in self._isolated:
            return False
        return frozenset((one, other)) not in self._cut

    def cut(self, one: MemoryTransport, other: MemoryTransport) -> None:
        """Nothing passes between the two any more."""
        self._cut.add(frozenset((one.host, other.host)))
        self._recheck()

    def isolate(self, one: MemoryTransport) -> None:
        """Pull its cable."""
        self._isolated.add(one.host)
        self._recheck()

    def partition(self, *groups: Sequence[MemoryTransport]) -> None:
        """Members of different groups do not reach each other."""
        for index, group in enumerate(groups):
            for other_group in groups[index + 1 :]:
                self._cut.update(frozenset((a.host, b.host)) for a in group for b in other_group)
        self._recheck()

    def heal(self) -> None:
        """Everything passes again. Transports notice by their back-off or `network_changed`."""
        self._cut.clear()
        self._isolated.clear()
        self._recheck()

    def _recheck(self) -> None:
        for wire in list(self._links):
            wire.path_changed()

    def listen(self, transport: MemoryTransport, address: Address) -> None:
        """Raises `PortInUse`."""
        if address in self._listening:
            raise PortInUse(f"port {address.port} is taken")
        self._listening[address] = transport

    def unlisten(self, address: Address) -> None:
        """The port is free again."""
        self._listening.pop(address, None)

    def find(self, address: Address) -> MemoryTransport | None:
        """Who listens there."""
        return self._listening.get(address)

    def delay_s(self) -> float:
        """Of one packet, by chance."""
        return self.trouble.delay_s + self.trouble.jitter_s * self.random.random()

    def happens(self, probability: float) -> bool:
        """Throw the dice only where something may happen: other knobs then do not shift a run."""
        return probability > 0 and self.random.random() < probability

    def add_wire(self, wire: Wire) -> None:
        """A link stands."""
        self._links.append(wire)

    def drop_wire(self, wire: Wire) -> None:
        """It is gone."""
        if wire in self._links:
            self._links.remove(wire)


@dataclass(slots=True)
class End:
    """One side of a link: what it sends and what it has not consumed."""

    owner: MemoryTransport
    host: str
    link: LinkId
    peer: PeerId
    rank: Rank
    up: bool = True
    full: bool = False
    frames: deque[bytes] = field(default_factory=deque)
    bulk: deque[tuple[bytes, int]] = field(default_factory=deque)
    queued_bytes: int = 0
    frames_room: int = 0
    bulk_room: int = 0
    bulk_in_flight: int = 0
    last_arrival: float = 0.0
    ledger: CreditLedger = field(default_factory=CreditLedger)


class Wire:
    """A link between two transports."""

    def __init__(self, network: MemoryNetwork, alpn: str, ends: tuple[End, End]) -> None:
        self._network = network
        self.alpn = alpn
        self.ends = ends
        self._dead = False
        self._silent_since: float | None = None
        for end in ends:
            end.frames_room = LIMITS[alpn].control_window_bytes
            end.bulk_room = LIMITS[alpn].bulk_streams
        network.add_wire(self)
        self.path_changed()

    def other(self, end: End) -> End:
        """The far side."""
        return self.ends[1] if end is self.ends[0] else self.ends[0]

    @property
    def _passes(self) -> bool:
        one, two = self.ends
        moved = one.host != one.owner.host or two.host != two.owner.host
        return not self._dead and not moved and self._network.reachable(one.host, two.host)

    def die(self) -> None:
        """Nothing passes any more, nobody knows yet."""
        self._dead = True
        self.path_changed()

    def path_changed(self) -> None:
        """Silence begins or ends."""
        if self._passes:
            self._silent_since = None
            for end in self.ends:
                self.pump(end)
        elif self._silent_since is None:
            since = self._silent_since = self._network.now
            self._network.at(since + IDLE_S, lambda: self._idle_out(since))
            doubt_s = KeepAlive.DOUBT_S + KeepAlive.INTERVAL_S * self._network.random.random()
            self._network.at(since + doubt_s, lambda: self._doubt(since))

    def _doubt(self, since: float) -> None:
        if self._silent_since == since:
            for end in self.ends:
                end.owner.doubt(end, self.other(end))

    def _idle_out(self, since: float) -> None:
        if self._silent_since == since:
            for end in self.ends:
                end.owner.ended(self, end, DownReason.TIMEOUT, 0)
            self._network.drop_wire(self)

    def pump(self, end: End) -> None:
        """Put on the wire what the far side has room for: frames first."""
        if not end.up or not self._passes:
            return
        while end.frames and end.frames_room >= len(end.frames[0]):
            frame = end.frames.popleft()
            end.frames_room -= len(frame)
            self._carry(end, frame, None)
        while end.bulk and end.bulk_room > 0 and end.bulk_in_flight < MAX_BULK_IN_FLIGHT:
            payload, token = end.bulk.popleft()
            end.bulk_room -= 1
            end.bulk_in_flight += 1
            self._carry(end, payload, token)

    def _carry(self, end: End, data: bytes, token: int | None) -> None:
        network = self._network
        if network.happens(network.trouble.loss):
            self.die()
            return
        arrival = network.now + network.delay_s()
        if network.happens(network.trouble.reorder):
            arrival += network.delay_s() * (1 + 9 * network.random.random())
        elif token is None:
            arrival = end.last_arrival = max(arrival, end.last_arrival)
        network.at(arrival, lambda: self._arrive(end, data, token, False))
        if network.happens(network.trouble.duplicate):
            network.at(arrival + network.delay_s(), lambda: self._arrive(end, data, token, True))

    def _arrive(self, end: End, data: bytes, token: int | None, again: bool) -> None:
        far = self.other(end)
        if not far.up or not self._passes:
            return
        kind = Kind.FRAME if token is None else Kind.BULK
        far.ledger.delivered(kind, len(data))
        if not again:
            self._network.at(
                self._network.now + self._network.delay_s(), lambda: self._acked(end, data, token)
            )
        if token is None:
            far.owner.tell(FrameReceived(far.link, far.peer, data))
        else:
            far.owner.tell(BulkReceived(far.link, far.peer, data))

    def _acked(self, end: End, data: bytes, token: int | None) -> None:
        if not end.up or not self._passes:
            return
        if token is not None:
            end.bulk_in_flight -= 1
            end.owner.tell(BulkDone(end.link, end.peer, token))
        else:
            end.queued_bytes -= len(data)
            if end.full and end.queued_bytes <= LOW_WATER_BYTES:
                end.full = False
                end.owner.tell(SendReady(end.link, end.peer))
        self.pump(end)

    def consumed(self, end: End, size_bytes: int) -> None:
        """Give the far side room again."""
        frame_bytes, bulks = end.ledger.consumed(size_bytes)
        far = self.other(end)
        far.frames_room += frame_bytes
        far.bulk_room += bulks
        self._network.at(self._network.now + self._network.delay_s(), lambda: self.pump(far))

    def close(self, end: End, code: int, reason: DownReason) -> None:
        """Goodbye of one side; the other hears it if the path passes."""
        end.owner.ended(self, end, reason, 0)
        far = self.other(end)
        known = {CloseCode.REPLACED: DownReason.REPLACED, CloseCode.PROTOCOL: DownReason.PROTOCOL}
        heard = known.get(CloseCode(code), DownReason.PEER) if code in set(CloseCode) else DownReason.PEER

        def hear() -> None:
            if self._passes:
                far.owner.ended(self, far, heard, code)
                self._network.drop_wire(self)

        self._network.at(max(self._network.now + self._network.delay_s(), end.last_arrival), hear)
