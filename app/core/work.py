"""One input being handled: the open transaction, the clocks, the caches, and what it leads to.

`State` holds what can be read again from the store, and the links. `Work` collects effects and events of one
input and joins what belongs together: acknowledgements of a link into one frame, changed rows into one event.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.core import events, limits
from app.core.effects import AnyEffect, CloseLink, DeleteBlobs, MembershipChanged, Now, Outcome, SendFrame
from app.core.ports import Transaction
from app.core.views import AnyView
from app.core.wire import Ack, AnyFrame, CloseCode, Goodbye, encode_frame
from crypto.entropy import Entropy
from crypto.identity import DeviceIdentity
from crypto.ids import (
    BlobId,
    CircleId,
    ContentId,
    ConversationId,
    DeviceId,
    EnvelopeId,
    GroupId,
    PersonId,
    SessionId,
)
from transport.events import Address, LinkId

if TYPE_CHECKING:
    from app.core.circle.circle_log import CircleLog
    from app.core.circle.group_log import GroupLog
    from app.core.directory import Directory
    from crypto.session import Session


@dataclass(slots=True)
class InFlight:
    """An envelope that left and was not acknowledged."""

    number: int
    size_bytes: int
    sent_mono_ms: int


@dataclass(slots=True)
class Fetch:
    """A blob that we asked this link's peer for."""

    last_mono_ms: int  # when it was asked or its last chunk came
    outstanding: int  # chunks asked for that have not come


@dataclass(slots=True)
class Link:
    """A link that is up."""

    link: LinkId
    peer: DeviceId
    alpn: str
    dialled: bool
    address: Address
    greeted: bool = False  # the peer's hello came
    in_flight: dict[EnvelopeId, InFlight] = field(default_factory=dict)
    in_flight_bytes: int = 0
    cursor: int = 0  # rows up to this number have left on this link
    serving: dict[BlobId, deque[int]] = field(default_factory=dict)
    partial: set[BlobId] = field(default_factory=set)  # served, but not all that was asked for
    tokens: dict[int, tuple[BlobId, int]] = field(default_factory=dict)
    fetching: dict[BlobId, Fetch] = field(default_factory=dict)
    absent: set[BlobId] = field(default_factory=set)
    taken_bytes: int = 0  # on a roster link
    asked_heads: set[bytes] = field(default_factory=set)


@dataclass(slots=True)
class Seen:
    """An mDNS instance that belongs to a known device."""

    device: DeviceId
    addresses: tuple[Address, ...]


@dataclass(slots=True)
class Cache:
    """Everything that the store can give again; dropped when a commit failed."""

    own: DeviceIdentity | None = None
    home: CircleId | None = None
    person: PersonId | None = None
    circles: "dict[CircleId, CircleLog]" = field(default_factory=dict)
    groups: "dict[GroupId, GroupLog]" = field(default_factory=dict)
    sessions: "dict[SessionId, Session]" = field(default_factory=dict)
    directory: "Directory | None" = None
    inc: int = 0
    unplaced: int = 0
    loaded: bool = False
    stopped: bool = False  # another copy of this device is at work: see `clone.py`


@dataclass(slots=True)
class State:
    """What one `Messenger` keeps between inputs."""

    cache: Cache = field(default_factory=Cache)
    links: dict[LinkId, Link] = field(default_factory=dict)
    condemned: set[LinkId] = field(default_factory=set)  # up when a commit failed
    by_peer: dict[DeviceId, LinkId] = field(default_factory=dict)  # main links only, the newest of each
    away: dict[DeviceId, int] = field(default_factory=dict)  # lost lately, at this monotonic time
    sighted: dict[str, Seen] = field(default_factory=dict)
    wanted: dict[DeviceId, tuple[Address, ...]] = field(default_factory=dict)
    refused: dict[DeviceId, int] = field(default_factory=dict)  # roster link tried, at this monotonic time
    announced: tuple[int, tuple[bytes, ...]] | None = None  # day, secrets
    tag_devices: dict[bytes, DeviceId] = field(default_factory=dict)
    bad_sources: set[tuple[DeviceId, BlobId]] = field(default_factory=set)
    offered: set[tuple[DeviceId, bytes]] = field(default_factory=set)  # circle secrets, by epoch
    asked_groups: set[tuple[DeviceId, bytes]] = field(default_factory=set)
    token: int = 0
    wake_mono_ms: int | None = None
    network_usable: bool = True
    housekeeping_mono_ms: int = 0
    contents_dirty: bool = False
    contents_dirty_mono_ms: int | None = None


class Work:
    """The handling of one input."""

    def __init__(self, state: State, entropy: Entropy, tx: Transaction, now: Now) -> None:
        self.state = state
        self.cache = state.cache
        self.entropy = entropy
        self.tx = tx
        self.now = now
        self.reply: AnyView | None = None
        self._effects: list[AnyEffect] = []
        self._events: list[events.AnyEvent] = []
        self._acks: dict[LinkId, list[EnvelopeId]] = {}
        self._changed: dict[ConversationId, dict[ContentId, None]] = {}
        self._conversations: dict[ConversationId, None] = {}
        self.timelines: set[ConversationId] = set()
        self._deletes = False
        self.moved: dict[CircleId, Link | None] = {}  # rosters, and the link that moved them
        self.groups_moved = False
        self.names_moved = False
        self.people_changed = False
        self.status_changed = False
        self.membership_changed = False

    # --- who we are -------------------------------------------------------------------------------

    @property
    def own(self) -> DeviceIdentity:
        """This device. Only after `people.load`."""
        if self.cache.own is None:
            raise LookupError("no identity yet")
        return self.cache.own

    @property
    def own_id(self) -> DeviceId:
        return self.own.device_id

    @property
    def home(self) -> CircleId:
        """The practice of this device."""
        if self.cache.home is None:
            raise LookupError("no circle yet")
        return self.cache.home

    @property
    def person(self) -> PersonId:
        """Who writes on this device."""
        if self.cache.person is None:
            raise LookupError("no person yet")
        return self.cache.person

    @property
    def directory(self) -> "Directory":
        """Everybody in our circles, as of the statements known now."""
        if self.cache.directory is None:
            raise LookupError("no circle yet")
        return self.cache.directory

    # --- effects ----------------------------------------------------------------------------------

    def emit(self, effect: AnyEffect) -> None:
        self._effects.append(effect)

    def send(self, link: Link, frame: AnyFrame) -> int:
        """Send after the commit. Returns the frame's size in bytes."""
        data = encode_frame(frame)
        self._effects.append(SendFrame(link=link.link, frame=data))
        return len(data)

    def ack(self, link: Link, envelope: EnvelopeId) -> None:
        """Acknowledge after the commit."""
        self._acks.setdefault(link.link, []).append(envelope)

    def close(self, link: Link, code: CloseCode) -> None:
        """End a link and forget it; acknowledgements that are due leave first."""
        self._flush_acks(link.link)
        self.send(link, Goodbye(int(code)))
        self._effects.append(CloseLink(link=link.link, error_code=int(code)))
        self.forget(link)

    def forget(self, link: Link) -> None:
        """Take a link out of the tables."""
        self.state.links.pop(link.link, None)
        self._acks.pop(link.link, None)
        if self.state.by_peer.get(link.peer) == link.link:
            del self.state.by_peer[link.peer]
            self.state.away[link.peer] = self.now.mono_ms
            self.tx.values.put(f"seen/{link.peer.hex()}", str(self.now.wall_ms).encode())
            self.people_changed = True
            self.status_changed = True

    def link_to(self, device: DeviceId) -> Link | None:
        """The main link to a device, once both said hello."""
        link = self.state.links.get(self.state.by_peer.get(device, LinkId(-1)))
        return link if link is not None and link.greeted else None

    def delete_blobs(self) -> None:
        """Something was put into the blob deletion queue."""
        self._deletes = True

    # --- what moved -------------------------------------------------------------------------------

    def roster_moved(self, circle: CircleId, but: Link | None = None) -> None:
        """Statements were added; `but` is the link they came on."""
        self.moved[circle] = but

    # --- events -----------------------------------------------------------------------------------

    def tell(self, event: events.AnyEvent) -> None:
        self._events.append(event)

    def message_changed(self, conversation: ConversationId, message: ContentId) -> None:
        self._changed.setdefault(conversation, {})[message] = None

    def conversation_changed(self, conversation: ConversationId) -> None:
        self._conversations[conversation] = None

    # --- the end ----------------------------------------------------------------------------------

    def _flush_acks(self, link: LinkId) -> None:
        ids = self._acks.pop(link, [])
        for start in range(0, len(ids), limits.MAX_ACKS):
            frame = encode_frame(Ack(tuple(ids[start : start + limits.MAX_ACKS])))
            self._effects.append(SendFrame(link=link, frame=frame))

    def outcome(self) -> Outcome:
        """Everything that this input led to."""
        for link in list(self._acks):
            self._flush_acks(link)
        for conversation, messages in self._changed.items():
            if conversation in self.timelines:
                continue
            if len(messages) > 100:
                self.timelines.add(conversation)
            else:
                self.tell(events.MessagesChanged(conversation=conversation, messages=tuple(messages)))
        for conversation in sorted(self.timelines):
            self.tell(events.TimelineChanged(conversation=conversation))
        if self._conversations:
            self.tell(events.ConversationsChanged(conversations=tuple(self._conversations)))
        if self.people_changed:
            self.tell(events.PeopleChanged())
        if self._deletes:
            self.emit(DeleteBlobs())
        if self.membership_changed:
            self._effects.insert(0, MembershipChanged())
        return Outcome(effects=tuple(self._effects), events=tuple(self._events), reply=self.reply)
