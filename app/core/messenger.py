"""The messenger of one device, deterministic: inputs with `Now` and an open transaction in, `Outcome` out.

No clock, thread, socket or file in here. The engine calls one method per input, may put several inputs into
one transaction, commits, and only then carries the effects out and tells the events. After a failed commit it
calls `rolled_back`, which drops every cache; the next call loads them anew. Bugs raise; peers cannot make it
raise.
"""

from collections.abc import Callable

from app.core import (
    changes,
    clone,
    delivery,
    dispatch,
    founding,
    hello,
    housekeeping,
    people,
    queries,
    reach,
    requests,
    sessions,
    views,
)
from app.core.actions import attach
from app.core.admission import Admission, Adoption, Attachment, Membership, Newcomer
from app.core.directory import Directory
from app.core.effects import CloseLink, Now, Outcome
from app.core.events import StatusChanged
from app.core.handled import HANDLED, QUERIES
from app.core.ports import Transaction
from app.core.refused import Refused
from app.core.views import AnyView
from app.core.work import State, Work
from crypto.entropy import Entropy
from crypto.identity import DeviceIdentity
from transport.events import DialFailed, LinkDown, LinkId, LinkUp, SendReady, Sighting

__all__ = ["HANDLED", "QUERIES", "Messenger"]


class Messenger:
    """One device. Every method may be called with any open write transaction of its store."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._state = State()
        self._membership: Membership | None = None

    # --- life -------------------------------------------------------------------------------------

    def open(self, tx: Transaction, now: Now) -> Outcome:
        """First call after start: announce, dial wishes and timer. Reply: `views.Status`."""

        def run(work: Work) -> AnyView:
            if work.cache.home is not None:
                if clone.resume(work):
                    _start_over(work)
                changes.started(work)
            return people.status(work)

        return self._ask(tx, now, run)

    def restored(self, tx: Transaction, now: Now) -> Outcome:
        """This profile's file was set back (backup, copy, start counter): new sessions with everybody.

        Call it before `open`, in the same or an earlier transaction.
        """

        def run(work: Work) -> None:
            clone.resume(work)
            _start_over(work)

        return self._run(tx, now, run)

    def identity(self, tx: Transaction) -> DeviceIdentity:
        """This device's identity, made on first use (pairing needs it before there is a circle)."""
        return founding.identity(self._work(tx, Now(0, 0)))

    def membership(self) -> Membership | None:
        """Whom to let in, as of the last input; None before there is a circle."""
        return self._membership

    def directory(self) -> Directory | None:
        """Frozen, for `queries.answer` on another thread; None before there is a circle."""
        return self._state.cache.directory

    def rolled_back(self) -> None:
        """The transaction did not commit: forget everything that was read or computed in it.

        Links that were up are closed by the next input: both sides start anew with what is in the store.
        """
        old = self._state
        self._state = State(
            condemned=old.condemned | set(old.links),
            sighted=old.sighted,
            away=old.away,
            network_usable=old.network_usable,
            token=old.token,
        )
        self._membership = None

    def tick(self, tx: Transaction, now: Now) -> Outcome:
        """The time of the last `WakeAt` has come. Harmless at any other time."""
        return self._run(tx, now, housekeeping.tick)

    def network(self, tx: Transaction, now: Now, *, usable: bool) -> Outcome:
        """Whether this computer has a usable interface, from the engine."""

        def run(work: Work) -> None:
            if work.state.network_usable != usable:
                work.state.network_usable = usable
                work.status_changed = True

        return self._run(tx, now, run)

    # --- the window's side ------------------------------------------------------------------------

    def request(self, tx: Transaction, now: Now, request: requests.Request) -> Outcome:
        """Answer one of `HANDLED`; `Outcome.reply` is the view or a `Failure`."""
        return self._ask(tx, now, lambda work: dispatch.request(work, request))

    def query(self, tx: Transaction, now: Now, request: requests.Request) -> AnyView:
        """Answer one of `QUERIES` on this thread."""
        work = self._work(tx, now)
        if work.cache.directory is None:
            return views.Failure(code="not_ready")
        return queries.answer(tx, people.snapshot(work), request)

    def attach(self, tx: Transaction, now: Now, attachment: Attachment) -> Outcome:
        """Send a photo or file that is already in the store. Reply: `views.Sent` or `Failure`."""
        return self._ask(tx, now, lambda work: attach(people.ready(work), attachment))

    # --- pairing ----------------------------------------------------------------------------------

    def admit(self, tx: Transaction, now: Now, newcomer: Newcomer) -> tuple[Admission | None, Outcome]:
        """Admin's side: sign `admit` (or `link` for a further device). Refused: None and a `Failure`."""
        granted: list[Admission] = []

        def run(work: Work) -> AnyView:
            granted.append(founding.admit(people.ready(work), newcomer))
            return views.Done()

        outcome = self._ask(tx, now, run)
        return (granted[0] if granted else None), outcome

    def adopt(self, tx: Transaction, now: Now, adoption: Adoption) -> Outcome:
        """Newcomer's side: become a member. Reply: `views.Status`, or `Failure` with nothing changed."""

        def run(work: Work) -> AnyView:
            founding.adopt(work, adoption)
            return people.status(work)

        return self._ask(tx, now, run)

    # --- the network's side -----------------------------------------------------------------------

    def link_up(self, tx: Transaction, now: Now, up: LinkUp) -> Outcome:
        """A link of `ALPN_MAIN` or `ALPN_ROSTER` came up."""
        return self._run(tx, now, lambda work: dispatch.link_up(work, up))

    def link_down(self, tx: Transaction, now: Now, down: LinkDown) -> Outcome:
        """A link ended."""
        return self._run(tx, now, lambda work: dispatch.link_down(work, down))

    def dial_failed(self, tx: Transaction, now: Now, failed: DialFailed) -> Outcome:
        """A dial did not come up; a refused one may need the roster link."""
        return self._run(tx, now, lambda work: dispatch.dial_failed(work, failed))

    def frame(self, tx: Transaction, now: Now, link: LinkId, frame: bytes) -> Outcome:
        """One control frame of a peer."""
        return self._run(tx, now, lambda work: dispatch.frame(work, link, frame))

    def bulk(self, tx: Transaction, now: Now, link: LinkId, payload: bytes) -> Outcome:
        """One chunk of a photo or file."""
        return self._run(tx, now, lambda work: dispatch.bulk(work, link, payload))

    def bulk_done(self, tx: Transaction, now: Now, link: LinkId, token: int) -> Outcome:
        """A chunk of ours arrived."""
        return self._run(tx, now, lambda work: dispatch.bulk_done(work, link, token))

    def send_ready(self, tx: Transaction, now: Now, ready: SendReady) -> Outcome:
        """The control queue of a link has room again. What is on the way per link is bounded anyway."""
        return self._run(tx, now, lambda work: dispatch.send_ready(work, ready.link))

    def sighting(self, tx: Transaction, now: Now, seen: Sighting) -> Outcome:
        """An mDNS announcement. TXT key "t" holds the concatenated 12-byte tags."""
        return self._run(tx, now, lambda work: reach.on_sighting(work, seen))

    # --- one input --------------------------------------------------------------------------------

    def _work(self, tx: Transaction, now: Now) -> Work:
        work = Work(self._state, self._entropy, tx, now)
        people.load(work)
        return work

    def _run(self, tx: Transaction, now: Now, handle: Callable[[Work], None]) -> Outcome:
        """An input without reply; before there is a circle it means nothing."""
        work = self._work(tx, now)
        self._end_condemned(work)
        if work.cache.home is not None:
            handle(work)
        return self._finish(work)

    def _ask(self, tx: Transaction, now: Now, handle: Callable[[Work], AnyView]) -> Outcome:
        """An input with a reply. Refusals come before anything is written."""
        work = self._work(tx, now)
        self._end_condemned(work)
        try:
            work.reply = handle(work)
        except Refused as refused:
            work.reply = views.Failure(code=refused.code, detail=refused.detail)
        return self._finish(work)

    def _end_condemned(self, work: Work) -> None:
        for link in sorted(self._state.condemned):
            work.emit(CloseLink(link=link))
        self._state.condemned = set()

    def _finish(self, work: Work) -> Outcome:
        if work.cache.home is None:
            return work.outcome()
        changes.settle(work)
        if work.membership_changed or self._membership is None:
            work.membership_changed = True
            self._membership = people.membership(work)
        if work.people_changed and work.cache.directory is not None:
            work.cache.directory = people.snapshot(work)
        housekeeping.schedule(work)
        if work.status_changed:
            work.tell(StatusChanged(status=people.status(work)))
        return work.outcome()


def _start_over(work: Work) -> None:
    """New sessions with everybody; what waits is encrypted under them."""
    hello.broadcast(work, sessions.start_over(work))
    for device in work.tx.queues.outbox_devices():
        delivery.renew(work, device)
