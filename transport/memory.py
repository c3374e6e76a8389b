"""`MemoryTransport`: the `Transport` protocol on a `MemoryNetwork`, for simulations without sockets and clock.

Same dial plan, certificate checks of both sides, one link per pair and credit as over QUIC.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any, Final

from transport.base import ALPN_MAIN, MAX_BULK_BYTES, Certificate, EventSink, LinkSecurity
from transport.dialling import DialPlan, Try
from transport.errors import FrameError, PeerRefused
from transport.events import (
    Address,
    DownReason,
    LinkDown,
    LinkId,
    LinkUp,
    PeerId,
    TransportEvent,
)
from transport.link import LIMITS, MAX_GENERATION, CloseCode, Rank, encode_frame, replaces
from transport.memory_network import End, MemoryNetwork, Trouble, Wire

__all__ = ["MemoryNetwork", "MemoryTransport", "Trouble", "run_now"]

HANDSHAKE_TIMEOUT_S: Final = 5.0
HIGH_WATER_BYTES: Final = 1 << 20


@dataclass(slots=True)
class _Attempt:
    start: Try
    certificate: Certificate
    server_name: str
    given_up: bool = False


class MemoryTransport:
    """A `Transport` on a `MemoryNetwork`. Every method returns at once; `start` and `stop` never wait."""

    def __init__(self, network: MemoryNetwork, *, host: str | None = None, port: int = 4711) -> None:
        self.network = network
        self.host = host or network.new_host()
        self._port = port
        self._plan = DialPlan(Random(network.random.random()))  # noqa: S311
        self._run = network.random.randbytes(8)
        self._attempts: dict[int, _Attempt] = {}
        self._wires: dict[LinkId, tuple[Wire, End]] = {}
        self._main: dict[PeerId, LinkId] = {}
        self._generations: dict[PeerId, int] = {}
        self._last_link = 0
        self._wake_at: float | None = None
        self.alive = False

    # --- Transport ----------------------------------------------------------------------------------------

    async def start(self, sink: EventSink, security: LinkSecurity) -> None:
        """See `Transport.start`."""
        self.start_now(sink, security)

    def start_now(self, sink: EventSink, security: LinkSecurity) -> None:
        """`start` for simulations without an event loop."""
        self._sink = sink
        self.security = security
        self.network.listen(self, self.address)
        self.alive = True

    async def stop(self) -> None:
        """See `Transport.stop`."""
        self.stop_now()

    def stop_now(self) -> None:
        """`stop` for simulations without an event loop."""
        for wire, end in list(self._wires.values()):
            wire.close(end, CloseCode.STOPPING, DownReason.LOCAL)
        self.alive = False
        self.network.unlisten(self.address)

    def kill(self) -> None:
        """The process dies: no goodbye, no event. Start a new `MemoryTransport` at the same host to restart."""
        self.alive = False
        self.network.unlisten(self.address)
        wires, self._wires = self._wires, {}
        for wire, end in wires.values():
            end.up = False
            wire.die()

    @property
    def port(self) -> int:
        """See `Transport.port`."""
        return self._port

    @property
    def address(self) -> Address:
        """Where it listens."""
        return Address(self.host, self._port)

    def want(self, peer: PeerId, addresses: Sequence[Address]) -> None:
        """See `Transport.want`."""
        self._plan.want(peer, addresses, self.network.now)
        self._wake()

    def unwant(self, peer: PeerId) -> None:
        """See `Transport.unwant`."""
        self._give_up(self._plan.unwant(peer))

    def dial_once(self, peer: PeerId, addresses: Sequence[Address], alpn: str) -> None:
        """See `Transport.dial_once`."""
        failure = self._plan.once(peer, alpn, addresses, self.network.now)
        if failure is not None:
            self.network.at(self.network.now, lambda: self.tell(failure))
        self._wake()

    def send(self, link: LinkId, frame: bytes) -> bool:
        """See `Transport.send`."""
        found = self._wires.get(link)
        if found is None:
            return True
        wire, end = found
        encode_frame(frame, LIMITS[wire.alpn].frame_bytes)
        end.frames.append(frame)
        end.queued_bytes += len(frame)
        end.full = end.full or end.queued_bytes > HIGH_WATER_BYTES
        wire.pump(end)
        return not end.full

    def send_bulk(self, link: LinkId, payload: bytes, token: int) -> None:
        """See `Transport.send_bulk`."""
        if not 0 < len(payload) <= MAX_BULK_BYTES:
            raise FrameError(f"bulk payload of {len(payload)} bytes")
        found = self._wires.get(link)
        if found is not None:
            wire, end = found
            end.bulk.append((payload, token))
            wire.pump(end)

    def consumed(self, link: LinkId, size_bytes: int) -> None:
        """See `Transport.consumed`."""
        found = self._wires.get(link)
        if found is not None:
            wire, end = found
            wire.consumed(end, size_bytes)

    def close(self, link: LinkId, error_code: int = 0) -> None:
        """See `Transport.close`."""
        found = self._wires.get(link)
        if found is not None:
            wire, end = found
            wire.close(end, error_code, DownReason.LOCAL)

    def network_changed(self) -> None:
        """See `Transport.network_changed`."""
        for peer, link in self._main.items():
            wire, end = self._wires[link]
            if end.host != self.host:
                self._plan.again(peer, wire.other(end).owner.address, self.network.now)
        self._plan.network_changed(self.network.now)
        self._wake()

    def move(self, host: str | None = None) -> None:
        """This device gets another address. Its links fall silent; `network_changed` is the caller's to call."""
        self.network.unlisten(self.address)
        self.host = host or self.network.new_host()
        self.network.listen(self, self.address)
        for wire, _ in list(self._wires.values()):
            wire.path_changed()

    # --- dialling -----------------------------------------------------------------------------------------

    def _wake(self) -> None:
        at = self._plan.next_at
        if at is None or (self._wake_at is not None and self._wake_at <= at):
            return
        self._wake_at = at
        self.network.at(at, self._dial)

    def _dial(self) -> None:
        if self._wake_at is None or self.network.now < self._wake_at or not self.alive:
            return
        self._wake_at = None
        for start in self._plan.tick(self.network.now):
            attempt = _Attempt(
                start,
                self.security.certificate(start.alpn),
                self.security.server_name(start.peer, start.alpn),
            )
            self._attempts[start.attempt] = attempt
            # Hello and address proof, then certificates: two round trips before the peer is proven.
            self._later(3, partial(self._arrive, attempt))
            self.network.at(
                self.network.now + HANDSHAKE_TIMEOUT_S,
                partial(self._fail, attempt, DownReason.UNREACHABLE),
            )
        self._wake()

    def _later(self, trips: int, action: Callable[[], None]) -> None:
        delay = sum(self.network.delay_s() for _ in range(trips))
        self.network.at(self.network.now + delay, action)

    def _arrive(self, attempt: _Attempt) -> None:
        """The hello reaches whoever listens at the address; he answers with his certificate, or not at all."""
        start = attempt.start
        if attempt.given_up or not self.alive or not self.network.reachable(self.host, start.address.host):
            return
        far = self.network.find(start.address)
        if far is None or far is self or not far.security.accepts_alpn(start.alpn):
            return
        if not far.security.accepts_server_name(attempt.server_name, start.alpn):
            return
        shown = far.security.certificate(start.alpn)
        try:
            peer = self.security.identify(shown.certificate_der, start.alpn, start.peer)
        except PeerRefused:
            self._fail(attempt, DownReason.REFUSED)
            return
        if peer != start.peer:
            self._fail(attempt, DownReason.REFUSED)
            return
        losers = self._plan.proven(start.attempt)
        if losers is None:
            attempt.given_up = True
            return
        self._give_up(losers)
        generation = 0
        if start.alpn == ALPN_MAIN:
            generation = min(self._generations.get(peer, 0) + 1, MAX_GENERATION)
            self._generations[peer] = generation
        self._later(1, lambda: self._accept(attempt, far, shown, generation))

    def _accept(self, attempt: _Attempt, far: "MemoryTransport", shown: Certificate, generation: int) -> None:
        """Our certificate and greeting reach the far side, which decides and greets back."""
        alpn = attempt.start.alpn
        if attempt.given_up or not self.alive or not far.alive:
            return
        if not self.network.reachable(self.host, far.host):
            return
        try:
            peer = far.security.identify(attempt.certificate.certificate_der, alpn, None)
        except PeerRefused:
            self._later(1, lambda: self._fail(attempt, DownReason.REFUSED))
            return
        rank = far.next_rank(generation, False, self._run)
        if alpn == ALPN_MAIN and not far.takes(peer, rank):
            self._later(1, lambda: self._fail(attempt, DownReason.REPLACED))
            return
        self._connect(attempt, far, shown, peer, rank)

    def _connect(
        self, attempt: _Attempt, far: "MemoryTransport", shown: Certificate, peer: PeerId, far_rank: Rank
    ) -> None:
        """Both ends at once: simpler than half a round trip apart, and what owners see is the same."""
        start = attempt.start
        rank = self.next_rank(far_rank.generation, True, far._run)
        if start.alpn == ALPN_MAIN and not self.takes(start.peer, rank):
            attempt.given_up = True
            self._plan.ended(start.attempt, DownReason.REPLACED, self.network.now)
            return
        attempt.given_up = True
        self._attempts.pop(start.attempt, None)
        self._plan.finished(start.attempt)
        near_end = End(self, self.host, LinkId(rank.order), start.peer, rank)
        far_end = End(far, far.host, LinkId(far_rank.order), peer, far_rank)
        wire = Wire(self.network, start.alpn, (near_end, far_end))
        for end, mine, theirs in (
            (near_end, attempt.certificate, shown),
            (far_end, shown, attempt.certificate),
        ):
            end.owner.up(wire, end, mine.certificate_der, theirs.certificate_der)

    def _fail(self, attempt: _Attempt, reason: DownReason) -> None:
        if attempt.given_up or not self.alive:
            return
        attempt.given_up = True
        self._attempts.pop(attempt.start.attempt, None)
        failure = self._plan.ended(attempt.start.attempt, reason, self.network.now)
        if failure is not None:
            self.tell(failure)
        self._wake()

    def _give_up(self, attempts: list[int]) -> None:
        for number in attempts:
            attempt = self._attempts.pop(number, None)
            if attempt is not None:
                attempt.given_up = True

    # --- links --------------------------------------------------------------------------------------------

    def next_rank(self, generation: int, dialled: bool, peer_run: bytes) -> Rank:
        """Rank of a link that is about to come up; its order is its id."""
        self._last_link += 1
        return Rank(generation, dialled, peer_run, self._last_link)

    def takes(self, peer: PeerId, rank: Rank) -> bool:
        """Whether a new main link of this rank may stand."""
        self._generations[peer] = max(self._generations.get(peer, 0), rank.generation)
        old = self._main.get(peer)
        return old is None or replaces(rank, self._wires[old][1].rank, self.security.own_id, peer)

    def up(self, wire: Wire, end: End, own_certificate: bytes, peer_certificate: bytes) -> None:
        """A link stands: tell, and let go of the one it replaces."""
        self._wires[end.link] = (wire, end)
        old = None
        if wire.alpn == ALPN_MAIN:
            old = self._main.get(end.peer)
            self._main[end.peer] = end.link
            self._give_up(self._plan.up(end.peer, self.network.now))
        address = wire.other(end).owner.address
        self.tell(
            LinkUp(
                end.link, end.peer, wire.alpn, address, end.rank.dialled, own_certificate, peer_certificate
            )
        )
        if old is not None and old in self._wires:
            old_wire, old_end = self._wires[old]
            old_wire.close(old_end, CloseCode.REPLACED, DownReason.REPLACED)

    def doubt(self, end: End, far: End) -> None:
        """A link has been silent: dial anew beside it."""
        if self.alive:
            self._plan.again(end.peer, far.owner.address, self.network.now)
            self._wake()

    def ended(self, wire: Wire, end: End, reason: DownReason, code: int) -> None:
        """One side of a link learns of its end."""
        if not end.up:
            return
        end.up = False
        self._wires.pop(end.link, None)
        if self._main.get(end.peer) == end.link:
            del self._main[end.peer]
            self._plan.down(end.peer, reason, self.network.now)
        self.tell(LinkDown(end.link, end.peer, wire.alpn, reason, code))
        self._wake()

    def tell(self, event: TransportEvent) -> None:
        """Hand one event to the owner."""
        if self.alive:
            self._sink([event])


def run_now(coroutine: Coroutine[Any, Any, None]) -> None:
    """Drive a coroutine that never waits (`start`, `stop`) without an event loop."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise RuntimeError("it waits")
