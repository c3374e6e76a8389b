"""What happened, told to every window and script. Frozen; past tense; tells what to load anew, not how to draw."""

import msgspec

from app.core.views import Failure, MessageKind, NetworkState, Status
from crypto.ids import ContentId, ConversationId, DeviceId, PersonId


class Event(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Base of all events."""


class StatusChanged(Event, frozen=True):
    """Phase, lock, names, counts or network changed."""

    status: Status


class ConversationsChanged(Event, frozen=True):
    """Rows of the left column to load anew (empty: all)."""

    conversations: tuple[ConversationId, ...] = ()


class PeopleChanged(Event, frozen=True):
    """Roster, names, reachability."""


class MessageStored(Event, frozen=True):
    """A message was added, by us or a colleague. Load its neighbourhood if the conversation is shown."""

    conversation: ConversationId
    message: ContentId
    own: bool


class MessagesChanged(Event, frozen=True):
    """Rows to load anew: delivery, edit, photo state. At most 100 ids, then `TimelineChanged`."""

    conversation: ConversationId
    messages: tuple[ContentId, ...]


class TimelineChanged(Event, frozen=True):
    """The order or many rows of a conversation changed: load what is shown anew."""

    conversation: ConversationId


class MessageArrived(Event, frozen=True):
    """For notifications: a colleague's message, committed here. Content only while unlocked."""

    conversation: ConversationId
    message: ContentId
    title: str
    author_name: str | None
    text: str
    kind: MessageKind


class TransferProgress(Event, frozen=True):
    """Bytes of a photo or file that are committed here (incoming) or acknowledged (outgoing)."""

    conversation: ConversationId
    message: ContentId
    done_bytes: int
    size_bytes: int
    outgoing: bool


class PracticeSeen(Event, frozen=True):
    """A practice in this network is open for joining. Its name is not verified before the code is."""

    key: str
    name: str


class PracticeGone(Event, frozen=True):
    """It is no longer open."""

    key: str


class JoinProgress(Event, frozen=True):
    """Steps: connecting, proving, waiting_for_admin, receiving."""

    step: str


class Joined(Event, frozen=True):
    """This device belongs to the practice."""

    circle_name: str | None


class JoinFailed(Event, frozen=True):
    """The reason and, for a wrong code, how many tries remain."""

    failure: Failure


class PairingAsked(Event, frozen=True):
    """On the admin's side: a device proved the code and asks to be admitted under these names."""

    person_name: str
    role: str
    device_name: str


class PairingTried(Event, frozen=True):
    """On the admin's side: a wrong code was tried."""

    tries_left: int


class PairingFinished(Event, frozen=True):
    """On the admin's side: admitted (failure None), refused or run out."""

    person: PersonId | None
    failure: Failure | None


class NewDeviceSeen(Event, frozen=True):
    """A further device of a known person, or a changed one: shown loudly."""

    person: PersonId
    device: DeviceId


class ReachChanged(Event, frozen=True):
    """The network bar."""

    network: NetworkState
    waiting: int


class ProblemRaised(Event, frozen=True):
    """Something needs a person: disk full, clone detected, store damaged."""

    failure: Failure


class WindowRequested(Event, frozen=True):
    """A second start asks this instance to show itself."""


AnyEvent = (
    StatusChanged | ConversationsChanged | PeopleChanged | MessageStored | MessagesChanged | TimelineChanged
    | MessageArrived | TransferProgress | PracticeSeen | PracticeGone | JoinProgress | Joined | JoinFailed
    | PairingAsked | PairingTried | PairingFinished | NewDeviceSeen | ReachChanged | ProblemRaised | WindowRequested
)  # fmt: skip
