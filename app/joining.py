"""Pairing over real links, both sides (protocol sections 2, 10.4, 11.14).

`crypto.pairing` proves, `app.core.pairing` counts, the messenger admits and adopts; this file moves their messages
over links of `ALPN_PAIR`, runs Argon2id in a worker and tells the window what happens.
"""

import asyncio
import ipaddress
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final, Protocol

from app.core import requests, views
from app.core.admission import Admission, Adoption, Newcomer
from app.core.effects import Now, Outcome
from app.core.events import (
    AnyEvent,
    Joined,
    JoinFailed,
    JoinProgress,
    PairingAsked,
    PairingFinished,
    PairingTried,
    PracticeGone,
    PracticeSeen,
)
from app.core.messenger import Messenger
from app.core.pairing import PairingDesk, Verdict
from app.core.ports import Transaction
from app.handover import MAX_PIECE_BYTES, Collector, pieces
from app.security import DeviceSecurity
from crypto import certificate
from crypto.entropy import Entropy
from crypto.errors import CryptoError
from crypto.identity import DeviceIdentity
from crypto.ids import CircleId, PersonId
from crypto.pairing import Accepted, AdminPairing, Asked, Derive, JoinerPairing, new_code, parse_code
from transport.base import ALPN_PAIR, Transport
from transport.events import (
    Address,
    DialFailed,
    DownReason,
    FrameReceived,
    LinkDown,
    LinkId,
    LinkUp,
    PeerId,
    Sighting,
    TransportEvent,
)

log = logging.getLogger(__name__)

CLOSE_REFUSED: Final = 0x20
"""The code was wrong; the low four bits are the tries that this address has left."""
CLOSE_ENDED: Final = 0x10
"""The code is used up or its time is over, or the admin said no."""
JOIN_TIMEOUT_S: Final = 300.0
MAX_PRACTICE_NAME_BYTES: Final = 120
MAX_PRACTICES: Final = 32


class Runner(Protocol):
    """What pairing needs of the runtime."""

    def now(self) -> Now: ...

    async def run(self, work: Callable[[Transaction], Outcome]) -> Outcome: ...


@dataclass(slots=True)
class _Guest:
    """A joiner's link on the admin's side."""

    link: LinkId
    address: Address
    pairing: AdminPairing
    greeted: bool = False
    derive: Derive | None = None  # a proof that waits for its turn


@dataclass(slots=True)
class _Hosting:
    """The admin's open dialog."""

    desk: PairingDesk
    code: str
    identity: DeviceIdentity
    circle: CircleId
    person: PersonId
    timer: asyncio.TimerHandle
    asked: Asked | None = None
    asking: LinkId | None = None
    admission: Admission | None = None


@dataclass(slots=True)
class _Attempt:
    """The joiner's attempt."""

    request: requests.Join
    identity: DeviceIdentity
    peer: PeerId
    addresses: tuple[Address, ...]
    timer: asyncio.TimerHandle
    link: LinkId | None = None
    pairing: JoinerPairing | None = None
    proven: bool = False
    accepted: Accepted | None = None
    collector: Collector | None = None


class Joining:
    """Both sides of pairing on one device. Lives on the engine's loop."""

    def __init__(
        self,
        *,
        messenger: Messenger,
        runner: Runner,
        transport: Transport,
        security: DeviceSecurity,
        workers: Executor,
        entropy: Entropy,
        publish: Callable[[AnyEvent], None],
        show_open: Callable[[str | None], None],
        own_addresses: Callable[[], tuple[str, ...]],
    ) -> None:
        self._messenger = messenger
        self._runner = runner
        self._transport = transport
        self._security = security
        self._workers = workers
        self._entropy = entropy
        self._publish = publish
        self._show_open = show_open
        self._own_addresses = own_addresses
        self._loop = asyncio.get_running_loop()
        self._hosting: _Hosting | None = None
        self._guests: dict[LinkId, _Guest] = {}
        self._attempt: _Attempt | None = None
        self._searching = False
        self._practices: dict[str, tuple[str, tuple[Address, ...]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def _spawn(self, work: Awaitable[None]) -> None:
        async def guarded() -> None:
            try:
                await work
            except Exception as error:  # a bug or a failing disk: told, never lost
                log.error("pairing step failed: %s", type(error).__name__)
                self._fail_join(views.Failure(code=getattr(error, "code", "internal")))

        task = self._loop.create_task(guarded())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _derive(self, derive: Derive) -> bytes:
        return await self._loop.run_in_executor(self._workers, derive)

    # --- the admin's side -------------------------------------------------------------------------------------

    async def open(self, request: requests.OpenPairing) -> views.AnyView:
        """Show a fresh code; ends an earlier one."""
        outcome = await self._runner.run(
            lambda tx: self._messenger.request(tx, self._runner.now(), requests.GetStatus())
        )
        status = outcome.reply
        if not isinstance(status, views.Status) or status.circle is None:
            return views.Failure(code="not_ready")
        if not status.admin:
            return views.Failure(code="not_admin")
        membership = self._messenger.membership()
        if membership is None:
            return views.Failure(code="not_ready")
        self._end_hosting(hide=False)  # shown again at once: no blinking where others search
        now_ms = self._runner.now().wall_ms
        desk = PairingDesk(now_ms)
        code = new_code(self._entropy)
        self._hosting = _Hosting(
            desk=desk,
            code=parse_code(code),
            identity=membership.own,
            circle=status.circle,
            person=request.person or PersonId(self._entropy.token(16)),
            timer=self._loop.call_later((desk.valid_until_ms - now_ms) / 1000, self._expired),
        )
        self._security.open_pairing()
        self._show_open(status.circle_name)
        return views.PairingOpened(
            code=code,
            valid_until_ms=desk.valid_until_ms,
            tries_left=desk.tries_left,
            addresses=self._own_addresses(),
        )

    def close_hosting(self) -> None:
        """The dialog was closed: the code ends. A joiner whose M4 got lost may still repeat until its time."""
        hosting = self._hosting
        if hosting is None:
            return
        self._show_open(None)
        if hosting.admission is None:
            self._end_hosting()

    def _end_hosting(self, *, hide: bool = True) -> None:
        if self._hosting is not None:
            self._hosting.timer.cancel()
            self._hosting.desk.close()
            self._hosting = None
        self._security.close_pairing()
        if hide:
            self._show_open(None)
        for link in list(self._guests):
            self._transport.close(link, CLOSE_ENDED)

    def _expired(self) -> None:
        hosting = self._hosting
        self._end_hosting()
        if hosting is not None and hosting.admission is None:
            self._publish(PairingFinished(person=None, failure=views.Failure(code="code_expired")))

    async def confirm(self, request: requests.ConfirmPairing) -> views.AnyView:
        """The admin said yes: sign, hand over."""
        hosting = self._hosting
        if hosting is None or hosting.asked is None or hosting.asking is None:
            return views.Failure(code="pairing_closed")
        asked = hosting.asked
        newcomer = Newcomer(
            device=asked.device,
            person=hosting.person,
            consent=asked.wish.consent,
            person_name=request.person_name,
            role=request.role,
            device_name=request.device_name,
            admin=request.admin,
        )
        admission: list[Admission | None] = []

        def admit(tx: Transaction) -> Outcome:
            admission.clear()
            granted, outcome = self._messenger.admit(tx, self._runner.now(), newcomer)
            admission.append(granted)
            return outcome

        outcome = await self._runner.run(admit)
        granted = admission[0]
        if granted is None:
            failure = outcome.reply if isinstance(outcome.reply, views.Failure) else None
            return failure or views.Failure(code="refused")
        hosting.admission = granted
        guest = self._guests.get(hosting.asking)
        hosting.asked = None
        if guest is not None:
            self._hand_over(guest, granted)
        self._publish(PairingFinished(person=hosting.person, failure=None))
        return views.Done()

    def reject(self) -> views.AnyView:
        """The admin said no."""
        hosting = self._hosting
        if hosting is None or hosting.asking is None:
            return views.Failure(code="pairing_closed")
        self._end_hosting()
        self._publish(PairingFinished(person=None, failure=views.Failure(code="rejected")))
        return views.Done()

    def _hand_over(self, guest: _Guest, admission: Admission) -> None:
        self._transport.send(guest.link, guest.pairing.admit(admission.admit))
        for piece in pieces(admission.handover):
            self._transport.send(guest.link, piece)

    def _guest_up(self, up: LinkUp) -> None:
        hosting = self._hosting
        now_ms = self._runner.now().wall_ms
        for stale in hosting.desk.drop_stale(now_ms) if hosting is not None else ():
            self._transport.close(LinkId(stale), CLOSE_ENDED)
        if hosting is None or hosting.desk.link_up(up.link, up.address.host, now_ms) is Verdict.REFUSE:
            self._transport.close(up.link, CLOSE_ENDED)
            return
        pairing = AdminPairing(
            hosting.identity,
            hosting.code,
            circle=hosting.circle,
            person=hosting.person,
            own_tls_key=certificate.read_anonymous(up.own_certificate),
            peer_tls_key=certificate.read_anonymous(up.peer_certificate),
            entropy=self._entropy,
        )
        self._guests[up.link] = _Guest(up.link, up.address, pairing)

    def _guest_frame(self, guest: _Guest, frame: bytes) -> None:
        hosting = self._hosting
        repeated = guest.pairing.again(frame)
        if repeated is not None:
            self._transport.send(guest.link, repeated)
            return
        try:
            if not guest.greeted:
                reply = guest.pairing.receive_m1(frame)
                guest.greeted = True
                self._transport.send(guest.link, reply)
                return
            derive = guest.pairing.receive_m3(frame)
        except CryptoError:
            self._transport.close(guest.link, CLOSE_ENDED)
            return
        now_ms = self._runner.now().wall_ms
        verdict = hosting.desk.begin_derive(guest.link, now_ms) if hosting is not None else Verdict.REFUSE
        if hosting is None or verdict is Verdict.REFUSE:
            self._transport.close(guest.link, CLOSE_ENDED)
        elif verdict is Verdict.WAIT:
            guest.derive = derive
        else:
            self._spawn(self._check_in_turn(hosting, guest, derive))

    async def _check_in_turn(self, hosting: _Hosting, guest: _Guest | None, derive: Derive | None) -> None:
        """Look at this proof, then at those that came meanwhile: one Argon2id at a time (section 11.14)."""
        while guest is not None and derive is not None:
            await self._check(hosting, guest, derive)
            waiting = hosting.desk.next_derive()
            guest = self._guests.get(LinkId(waiting)) if waiting is not None else None
            derive = guest.derive if guest is not None else None

    async def _check(self, hosting: _Hosting, guest: _Guest, derive: Derive) -> None:
        try:
            secret = await self._derive(derive)
        except MemoryError:
            hosting.desk.end_derive(guest.link, None)
            raise
        if hosting is not self._hosting:
            return  # the dialog was closed meanwhile, and every link with it
        try:
            asked = guest.pairing.check(secret)
        except CryptoError:
            hosting.desk.end_derive(guest.link, None)
            self._publish(PairingTried(tries_left=hosting.desk.tries_left))
            left = hosting.desk.host_tries_left(guest.address.host)
            self._transport.close(guest.link, CLOSE_REFUSED | left)
            if hosting.desk.ended:
                self._end_hosting()
                self._publish(PairingFinished(person=None, failure=views.Failure(code="pairing_closed")))
            return
        if not hosting.desk.end_derive(guest.link, asked.device.device_id):
            self._transport.close(guest.link, CLOSE_ENDED)
            return
        if hosting.admission is not None:
            # The same device again, because M4 did not arrive: the same admit (section 11.14).
            self._hand_over(guest, hosting.admission)
            return
        hosting.asked, hosting.asking = asked, guest.link
        self._show_open(None)
        self._publish(
            PairingAsked(
                person_name=asked.wish.person_name, role=asked.wish.role, device_name=asked.wish.device_name
            )
        )

    # --- the joiner's side ------------------------------------------------------------------------------------

    def start_searching(self) -> views.AnyView:
        """Tell of practices that are open, those already seen first."""
        self._searching = True
        for key, (name, _) in self._practices.items():
            self._publish(PracticeSeen(key=key, name=name))
        return views.Done()

    def stop_searching(self) -> views.AnyView:
        """No more events; what is announced is still remembered, bounded."""
        self._searching = False
        return views.Done()

    def sighted(self, seen: Sighting) -> None:
        """An mDNS announcement. TXT key "n" is the practice's name, there only while it is open (section 8)."""
        name = _practice_name(seen.txt.get("n", b""))
        if name is None or not seen.addresses:
            if self._practices.pop(seen.instance, None) is not None and self._searching:
                self._publish(PracticeGone(key=seen.instance))
            return
        known = self._practices.get(seen.instance)
        if known is None and len(self._practices) >= MAX_PRACTICES:
            return
        self._practices[seen.instance] = (name, seen.addresses)
        if self._searching and (known is None or known[0] != name):
            self._publish(PracticeSeen(key=seen.instance, name=name))

    async def join(self, request: requests.Join) -> views.AnyView:
        """Check what was typed and start; the rest is told by events."""
        if self._messenger.membership() is not None:
            # Else the other practice would admit a device that then refuses.
            return views.Failure(code="already_set_up")
        try:
            parse_code(request.code)
        except CryptoError:
            return views.Failure(code="bad_code")
        addresses = self._addresses_of(request)
        if not addresses:
            return views.Failure(code="bad_address" if request.address else "no_practice")
        identities: list[DeviceIdentity] = []

        def load(tx: Transaction) -> Outcome:
            identities[:] = [self._messenger.identity(tx)]
            return Outcome()

        await self._runner.run(load)
        self._cancel_attempt()
        peer = PeerId(b"practice:" + self._entropy.token(16))
        self._attempt = _Attempt(
            request=request,
            identity=identities[0],
            peer=peer,
            addresses=addresses,
            timer=self._loop.call_later(
                JOIN_TIMEOUT_S, lambda: self._fail_join(views.Failure(code="timed_out"))
            ),
        )
        self._security.prepare_joining()
        self._publish(JoinProgress(step="connecting"))
        self._transport.dial_once(peer, addresses, ALPN_PAIR)
        return views.Done()

    def cancel_join(self) -> views.AnyView:
        """The person went back."""
        self._cancel_attempt()
        return views.Done()

    def _addresses_of(self, request: requests.Join) -> tuple[Address, ...]:
        if request.address:
            parsed = parse_address(request.address)
            return (parsed,) if parsed else ()
        if request.practice is not None:
            return self._practices.get(request.practice, ("", ()))[1]
        return ()

    def _cancel_attempt(self) -> None:
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            attempt.timer.cancel()
            if attempt.link is not None:
                self._transport.close(attempt.link)

    def _fail_join(self, failure: views.Failure) -> None:
        if self._attempt is not None:
            self._cancel_attempt()
            self._publish(JoinFailed(failure=failure))

    def _host_up(self, attempt: _Attempt, up: LinkUp) -> None:
        attempt.link = up.link
        attempt.addresses = (up.address, *(a for a in attempt.addresses if a != up.address))
        attempt.pairing = JoinerPairing(
            attempt.identity,
            parse_code(attempt.request.code),
            own_tls_key=certificate.read_anonymous(up.own_certificate),
            peer_tls_key=certificate.read_anonymous(up.peer_certificate),
            entropy=self._entropy,
        )
        self._publish(JoinProgress(step="proving"))
        self._transport.send(up.link, attempt.pairing.m1)

    def _host_frame(self, attempt: _Attempt, frame: bytes) -> None:
        pairing = attempt.pairing
        if pairing is None:
            return
        try:
            if not attempt.proven:
                attempt.proven = True
                self._spawn(self._prove(attempt, pairing, pairing.receive_m2(frame)))
            elif attempt.accepted is None:
                attempt.accepted = pairing.receive_m4(frame)
                attempt.collector = Collector()
                self._publish(JoinProgress(step="receiving"))
            elif attempt.collector is not None and attempt.collector.add(frame):
                self._spawn(self._adopt(attempt, attempt.accepted, attempt.collector))
                attempt.collector = None
        except CryptoError:
            self._fail_join(views.Failure(code="pairing_failed"))

    async def _prove(self, attempt: _Attempt, pairing: JoinerPairing, derive: Derive) -> None:
        secret = await self._derive(derive)
        if attempt is not self._attempt or attempt.link is None:
            return
        request = attempt.request
        m3 = pairing.prove(
            secret, person_name=request.person_name, role=request.role, device_name=request.device_name
        )
        self._publish(JoinProgress(step="waiting_for_admin"))
        self._transport.send(attempt.link, m3)

    async def _adopt(self, attempt: _Attempt, accepted: Accepted, collector: Collector) -> None:
        adoption = Adoption(
            circle=accepted.circle,
            person=accepted.person,
            admin=accepted.admin,
            admin_addresses=attempt.addresses,
            admit=accepted.admit,
            handover=collector.frames(),
        )
        outcome = await self._runner.run(lambda tx: self._messenger.adopt(tx, self._runner.now(), adoption))
        if attempt is not self._attempt:
            return
        if isinstance(outcome.reply, views.Failure):
            self._fail_join(outcome.reply)
            return
        self._cancel_attempt()
        self._security.close_pairing()
        name = outcome.reply.circle_name if isinstance(outcome.reply, views.Status) else None
        self._publish(Joined(circle_name=name))

    # --- links --------------------------------------------------------------------------------------------------

    def on_event(self, event: TransportEvent) -> bool:
        """Whether the event belonged to a pairing link."""
        attempt = self._attempt
        match event:
            case LinkUp(alpn=alpn) if alpn == ALPN_PAIR:
                if event.dialled:
                    if attempt is not None and event.peer == attempt.peer:
                        self._host_up(attempt, event)
                    else:
                        self._transport.close(event.link)
                else:
                    self._guest_up(event)
            case FrameReceived(link=link) if link in self._guests:
                self._transport.consumed(link, len(event.frame))
                self._guest_frame(self._guests[link], event.frame)
            case FrameReceived(link=link) if attempt is not None and link == attempt.link:
                self._transport.consumed(link, len(event.frame))
                self._host_frame(attempt, event.frame)
            case LinkDown(alpn=alpn) if alpn == ALPN_PAIR:
                self._down(event)
            case DialFailed(alpn=alpn) if alpn == ALPN_PAIR:
                if attempt is not None and event.peer == attempt.peer:
                    # Somebody answered but wants no pairing now: the goodbye can come before the link is up.
                    closed = event.reason in (DownReason.REFUSED, DownReason.PEER)
                    self._fail_join(views.Failure(code="pairing_closed" if closed else "unreachable"))
            case _:
                return False
        return True

    def _down(self, down: LinkDown) -> None:
        if self._guests.pop(down.link, None) is not None:
            hosting = self._hosting
            if hosting is not None:
                hosting.desk.link_down(down.link)
                if hosting.asking == down.link and hosting.admission is None and hosting.asked is not None:
                    # The joiner went away while the admin was looking at the names: the code stays its own.
                    hosting.asked = hosting.asking = None
                    self._publish(PairingFinished(person=None, failure=views.Failure(code="connection_lost")))
            return
        attempt = self._attempt
        if attempt is None or attempt.link != down.link or (attempt.accepted and attempt.collector is None):
            return
        attempt.link = None
        if down.error_code & 0xF0 == CLOSE_REFUSED:
            left = down.error_code & 0x0F
            self._fail_join(views.Failure(code="wrong_code", detail={"tries_left": left}))
        elif down.error_code == CLOSE_ENDED:
            self._fail_join(views.Failure(code="pairing_closed"))
        else:
            self._fail_join(views.Failure(code="connection_lost"))

    def stop(self) -> None:
        """The engine ends."""
        self._cancel_attempt()
        self._end_hosting()
        for task in self._tasks:
            task.cancel()


def _practice_name(raw: bytes) -> str | None:
    """A name from mDNS: anybody in the network can write it, so only printable text of bounded length."""
    if not raw or len(raw) > MAX_PRACTICE_NAME_BYTES:
        return None
    try:
        name = raw.decode()
    except UnicodeDecodeError:
        return None
    return name.strip() if name.isprintable() and name.strip() else None


def parse_address(typed: str) -> Address | None:
    """`192.168.1.20:47110` or `[fe80::1]:47110`. No names: to look one up would ask others and hold up the loop."""
    host, _, port = typed.strip().rpartition(":")
    if len(port) > 5 or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        return None
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    if address.is_multicast or address.is_unspecified:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None:
        scope = address.scope_id
        if not scope.isascii() or not scope.isdigit():
            return None
        return Address(str(address).partition("%")[0], int(port), int(scope))
    return Address(str(address), int(port))


__all__ = ["CLOSE_ENDED", "CLOSE_REFUSED", "MAX_PIECE_BYTES", "Joining", "parse_address"]
