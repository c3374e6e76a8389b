"""The messenger of one device, deterministic: inputs with `Now` and an open transaction in, `Outcome` out.

No clock, thread, socket or file in here. The engine calls one method per input, may put several inputs into
one transaction, commits, and only then carries the effects out and tells the events. After a failed commit it
calls `rolled_back`, which drops every cache; the next call loads them anew. Bugs raise; peers cannot make it
raise.
"""

from typing import Final

from crypto.entropy import Entropy
from crypto.identity import DeviceIdentity

from app.core import requests
from app.core.admission import Admission, Adoption, Attachment, Membership, Newcomer
from app.core.effects import Now, Outcome
from app.core.ports import Transaction
from transport.events import (
    BulkDone,
    BulkReceived,
    DialFailed,
    FrameReceived,
    LinkDown,
    LinkUp,
    SendReady,
    Sighting,
)

HANDLED: Final[frozenset[type[requests.Request]]] = frozenset(
    {
        requests.GetStatus, requests.FoundCircle, requests.ListPeople, requests.RevokeDevice,
        requests.RevokePerson, requests.SetRole, requests.RenamePerson, requests.SafetyNumber,
        requests.MarkVerified,
        requests.ListConversations, requests.OpenDirect, requests.CreateGroup, requests.AddGroupMembers,
        requests.RemoveGroupMember, requests.LeaveGroup, requests.RenameGroup, requests.GetConversation,
        requests.LoadTimeline, requests.SearchMessages, requests.MarkRead, requests.SaveDraft,
        requests.SendText, requests.RetryMessage, requests.DiscardMessage, requests.GetDelivery,
        requests.FetchBlob,
        requests.CancelTransfer, requests.GetSettings, requests.PutSetting,
    }
)  # fmt: skip
"""What `Messenger.request` answers. The rest is the engine's: lock, pairing, photos, files, window."""

QUERIES: Final[frozenset[type[requests.Request]]] = frozenset(
    {
        requests.ListPeople, requests.SafetyNumber, requests.ListConversations, requests.GetConversation,
        requests.LoadTimeline, requests.SearchMessages, requests.GetDelivery, requests.GetSettings,
    }
)  # fmt: skip
"""Those of them that only read: `queries.answer(tx, people, request)` runs them on a read transaction, on any
thread, with the frozen `Messenger.directory()`."""


class Messenger:
    """One device. Every method may be called with any open write transaction of its store."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy

    # --- life -------------------------------------------------------------------------------------

    def open(self, tx: Transaction, now: Now) -> Outcome:
        """First call after start: announce, dial wishes and timer. Reply: `views.Status`."""
        return Outcome()

    def identity(self, tx: Transaction) -> DeviceIdentity:
        """This device's identity, made on first use (pairing needs it before there is a circle)."""
        raise LookupError

    def membership(self) -> Membership | None:
        """Whom to let in, as of the last input; None before there is a circle."""
        return None

    def rolled_back(self) -> None:
        """The transaction did not commit: forget everything that was read or computed in it."""

    def tick(self, tx: Transaction, now: Now) -> Outcome:
        """The time of the last `WakeAt` has come. Harmless at any other time."""
        return Outcome()

    def network(self, tx: Transaction, now: Now, *, usable: bool) -> Outcome:
        """Whether this computer has a usable interface, from the engine."""
        return Outcome()

    # --- the window's side ------------------------------------------------------------------------

    def request(self, tx: Transaction, now: Now, request: requests.Request) -> Outcome:
        """Answer one of `HANDLED`; `Outcome.reply` is the view or a `Failure`."""
        return Outcome()

    def attach(self, tx: Transaction, now: Now, attachment: Attachment) -> Outcome:
        """Send a photo or file that is already in the store. Reply: `views.Sent` or `Failure`."""
        return Outcome()

    # --- pairing ----------------------------------------------------------------------------------

    def admit(self, tx: Transaction, now: Now, newcomer: Newcomer) -> tuple[Admission | None, Outcome]:
        """Admin's side: sign `admit` (or `link` for a further device). Refused: None and a `Failure`."""
        return None, Outcome()

    def adopt(self, tx: Transaction, now: Now, adoption: Adoption) -> Outcome:
        """Newcomer's side: become a member. Reply: `views.Status`, or `Failure` with nothing changed."""
        return Outcome()

    # --- the network's side -----------------------------------------------------------------------

    def link_up(self, tx: Transaction, now: Now, up: LinkUp) -> Outcome:
        """A link of `ALPN_MAIN` or `ALPN_ROSTER` came up."""
        return Outcome()

    def link_down(self, tx: Transaction, now: Now, down: LinkDown) -> Outcome:
        """A link ended."""
        return Outcome()

    def dial_failed(self, tx: Transaction, now: Now, failed: DialFailed) -> Outcome:
        """A dial did not come up; a refused one may need the roster link."""
        return Outcome()

    def frame(self, tx: Transaction, now: Now, received: FrameReceived) -> Outcome:
        """One control frame of a peer."""
        return Outcome()

    def bulk(self, tx: Transaction, now: Now, received: BulkReceived) -> Outcome:
        """One chunk of a photo or file."""
        return Outcome()

    def bulk_done(self, tx: Transaction, now: Now, done: BulkDone) -> Outcome:
        """A chunk of ours arrived."""
        return Outcome()

    def send_ready(self, tx: Transaction, now: Now, ready: SendReady) -> Outcome:
        """The control queue of a link has room again."""
        return Outcome()

    def sighting(self, tx: Transaction, now: Now, seen: Sighting) -> Outcome:
        """An mDNS announcement. TXT key "t" holds the concatenated 12-byte tags."""
        return Outcome()
