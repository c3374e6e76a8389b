"""What the messenger answers and shows: plain frozen values, ready to paint, without database or keys.

Times are Unix milliseconds. `None` for a name means that it is unknown or was deleted.
"""

from enum import Enum

import msgspec

from crypto.ids import CircleId, ContentId, ConversationId, DeviceId, PersonId


class View(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Base of all replies."""


class Done(View, frozen=True):
    """It is done (committed)."""


class Failure(View, frozen=True):
    """It was refused. `code` is a key of `app/ui/error_text.py`; `detail` fills its placeholders (never content)."""

    code: str
    detail: dict[str, str | int] = {}


class Phase(Enum):
    """Where a profile stands."""

    OPENING = "opening"  # the store is being opened; takes a moment
    PASSPHRASE = "passphrase"  # noqa: S105  the store is closed: no usable keyring, a passphrase is needed
    SETUP = "setup"  # neither founded nor joined yet
    READY = "ready"
    REVOKED = "revoked"  # this device was removed from its practice
    FAILED = "failed"  # the store cannot be opened; `problem` says why


class NetworkState(Enum):
    """What the bar above the conversation says."""

    OK = "ok"
    NO_NETWORK = "no_network"  # no usable interface
    ALONE = "alone"  # a network, but nobody reachable


class Status(View, frozen=True):
    """The state of the running instance."""

    phase: Phase
    locked: bool
    has_pin: bool
    problem: Failure | None = None
    new_profile: bool = False  # in phase PASSPHRASE: the passphrase is chosen, not checked
    circle: CircleId | None = None
    circle_name: str | None = None
    person: PersonId | None = None
    person_name: str | None = None
    role: str | None = None
    device: DeviceId | None = None
    device_name: str | None = None
    admin: bool = False
    admins: int = 0
    devices: int = 0
    network: NetworkState = NetworkState.OK
    links: int = 0
    waiting: int = 0  # messages that still wait on this device
    unread: int = 0
    port: int = 0
    version: str = ""
    roster_needs_update: bool = False
    managed: tuple[str, ...] = ()  # names of the policies that the practice's IT has set on this machine


class Founded(View, frozen=True):
    """The practice exists. The recovery code is not kept anywhere."""

    circle: CircleId
    recovery_code: str


class PairingOpened(View, frozen=True):
    """Show this code; it ends by itself."""

    code: str  # 12 characters, "K7QM-4TXH-9R2B"
    valid_until_ms: int
    tries_left: int
    addresses: tuple[str, ...]  # "192.168.1.20:47110", to be typed where mDNS does not reach


class Reach(Enum):
    """Whether a device or person can be reached now."""

    REACHABLE = "reachable"
    AWAY = "away"  # was here a moment ago (link lost less than a minute ago, or lid closed)
    OFFLINE = "offline"


class DeviceRow(View, frozen=True):
    """One device of a person."""

    device: DeviceId
    name: str | None
    reach: Reach
    last_seen_ms: int | None
    own: bool  # this very device
    verified: bool
    revoked: bool
    admitted_ms: int


class PersonRow(View, frozen=True):
    """A colleague."""

    person: PersonId
    name: str | None
    role: str | None
    own: bool
    admin: bool
    external: bool
    inbox: bool
    revoked: bool
    reach: Reach
    devices: tuple[DeviceRow, ...]
    avatar: int  # index into the eight avatar colours, from the person id


class People(View, frozen=True):
    """Everybody in the roster, own person first, then by name."""

    rows: tuple[PersonRow, ...]


class SafetyNumberView(View, frozen=True):
    """60 digits in 12 groups of 5; both sides see the same."""

    device: DeviceId
    digits: str


class Section(Enum):
    """Where a conversation stands in the left column."""

    INBOX = "inbox"
    GROUP = "group"
    PERSON = "person"
    EXTERNAL = "external"


class MessageKind(Enum):
    """How a row is drawn."""

    TEXT = "text"
    PHOTO = "photo"
    FILE = "file"
    NOTICE = "notice"  # joined, left, renamed, new device: no bubble
    UNKNOWN = "unknown"  # needs a newer version
    DELETED = "deleted"


class Mark(Enum):
    """Delivery mark of an own message; in groups the weakest state."""

    NONE = "none"  # not own, or nobody to deliver to
    WAITING = "waiting"
    COURIER = "courier"
    SOME = "some"  # on a device (of every person, but not on every device)
    ALL = "all"
    READ = "read"
    FAILED = "failed"


class ConversationRow(View, frozen=True):
    """One row of the left column. Every active colleague has one, also before the first message."""

    conversation: ConversationId
    section: Section
    title: str
    person: PersonId | None  # the other side of a direct conversation
    avatar: int
    reach: Reach
    role: str | None
    preview: str  # first line of the last message, "" if none
    preview_author: str | None  # short name in groups, None for own or direct
    preview_kind: MessageKind | None
    preview_own: bool
    preview_mark: Mark
    last_ms: int | None
    unread: int
    draft: str
    external: bool
    left: bool  # a group that we left or were removed from
    revoked: bool
    members: int


class Conversations(View, frozen=True):
    """Left column, in the order to show within each section: newest first, then by name."""

    rows: tuple[ConversationRow, ...]
    unread: int


class Quote(View, frozen=True):
    """What a message answers."""

    message: ContentId
    author_name: str | None
    text: str  # first line, "" if not known here
    kind: MessageKind | None  # None: not known here


class TransferState(Enum):
    """Where the bytes of a photo or file are."""

    ABSENT = "absent"  # not asked for yet
    RUNNING = "running"
    PAUSED = "paused"  # cancelled, or nobody who has it is reachable
    COMPLETE = "complete"
    BROKEN = "broken"  # what arrived is not what was announced
    GONE = "gone"  # deleted


class BlobView(View, frozen=True):
    """Progress of a photo or file."""

    state: TransferState
    size_bytes: int
    done_bytes: int


class PhotoView(View, frozen=True):
    """A photo in the timeline."""

    thumbnail: bytes  # JPEG, at most 64 KiB
    width_px: int
    height_px: int
    captured_ms: int | None
    blob: BlobView


class FileView(View, frozen=True):
    """A file in the timeline. The name is already made safe to show and to save."""

    name: str
    media_type: str
    blob: BlobView


class NoticeKind(Enum):
    """What a notice row says."""

    GROUP_CREATED = "group_created"
    MEMBER_ADDED = "member_added"
    MEMBER_REMOVED = "member_removed"
    MEMBER_LEFT = "member_left"
    RENAMED = "renamed"
    NEW_DEVICE = "new_device"
    KEY_CHANGED = "key_changed"
    DEVICE_REVOKED = "device_revoked"
    LOST = "lost"  # messages that cannot be read any more and will not come


class NoticeView(View, frozen=True):
    """Facts of a notice; the window makes the sentence."""

    kind: NoticeKind
    actor: str | None
    subjects: tuple[str, ...]  # names of people or devices, or the new title


class MessageRow(View, frozen=True):
    """One message of a timeline."""

    message: ContentId
    conversation: ConversationId
    kind: MessageKind
    author: PersonId
    author_name: str | None
    author_avatar: int
    own: bool
    text: str  # body or caption; plain text, never markup
    sent_ms: int  # as shown: clamped
    clock_wrong: bool  # the sender's clock was off by more than five minutes
    mark: Mark
    mark_reason: str | None  # a key of error_text for WAITING and FAILED, None when obvious
    waiting_for: tuple[str, ...]  # names of people who do not have it yet, at most 5
    quote: Quote | None = None
    photo: PhotoView | None = None
    file: FileView | None = None
    notice: NoticeView | None = None
    external: bool = False


class TimelinePage(View, frozen=True):
    """A stretch of a conversation in shown order."""

    conversation: ConversationId
    rows: tuple[MessageRow, ...]
    has_older: bool
    has_newer: bool
    first_unread: ContentId | None
    unread: int


class SearchHit(View, frozen=True):
    """One message found. `snippet` alternates plain and matched parts, plain first."""

    message: ContentId
    conversation: ConversationId
    title: str
    author_name: str | None
    snippet: tuple[str, ...]
    sent_ms: int
    kind: MessageKind


class SearchHits(View, frozen=True):
    """`total` is None when there are more than were counted."""

    hits: tuple[SearchHit, ...]
    more: bool


class DeliveryRow(View, frozen=True):
    """Where one person stands with one message."""

    person: PersonId
    name: str | None
    avatar: int
    mark: Mark
    devices_total: int
    devices_reached: int
    at_ms: int | None
    reason: str | None


class Delivery(View, frozen=True):
    """Per person, for the right column."""

    message: ContentId
    rows: tuple[DeliveryRow, ...]


class Member(View, frozen=True):
    """A member of a group."""

    person: PersonId
    name: str | None
    role: str | None
    avatar: int
    own: bool
    admin: bool
    reach: Reach


class PhotoRef(View, frozen=True):
    """A photo of a conversation, newest first, for the right column."""

    message: ContentId
    thumbnail: bytes
    sent_ms: int


class ConversationDetails(View, frozen=True):
    """The right column."""

    conversation: ConversationId
    section: Section
    title: str
    members: tuple[Member, ...]
    own_admin: bool
    photos: tuple[PhotoRef, ...]  # at most 12
    photo_count: int


class Sent(View, frozen=True):
    """It is stored here and goes out by itself."""

    message: ContentId
    conversation: ConversationId


class PhotoData(View, frozen=True):
    """A picture, re-encoded by us on the way in: JPEG or PNG without metadata."""

    message: ContentId
    data: bytes
    media_type: str


class Saved(View, frozen=True):
    """Where a file was written."""

    path: str


class Settings(View, frozen=True):
    """Key -> value."""

    values: dict[str, bytes]


AnyView = (
    Done | Failure | Status | Founded | PairingOpened | People | SafetyNumberView | ConversationRow | Conversations
    | TimelinePage | SearchHits | Delivery | ConversationDetails | Sent | PhotoData | Saved | Settings
)  # fmt: skip
