"""What the window, the command line and scripts may ask of the running messenger.

Every request is a frozen, typed struct with a stable tag, so the same types travel the bridge and the local
channel. Each names its reply in the docstring; any of them may be answered with `Failure` instead.
Lengths are checked where a request is handled, not here: limits stand in `app/core/limits.py`.
"""

import msgspec

from crypto.ids import CircleId, ContentId, ConversationId, DeviceId, PersonId


class Request(msgspec.Struct, frozen=True, tag=True, kw_only=True):
    """Base of all requests."""


# --- profile, first start, lock -------------------------------------------------------------------


class GetStatus(Request, frozen=True):
    """Reply: `views.Status`. Answered also while locked and before set-up."""


class OpenProfile(Request, frozen=True):
    """Open the store with a passphrase (phase PASSPHRASE); for a new profile this sets the passphrase.

    Reply: `Done`, or Failure "wrong_passphrase".
    """

    passphrase: str


class FoundCircle(Request, frozen=True):
    """Found a practice on this device. Reply: `views.Founded` (with the recovery code, shown once)."""

    circle_name: str
    person_name: str
    role: str
    device_name: str


class StartSearching(Request, frozen=True):
    """Look for practices open for joining; `PracticeSeen`/`PracticeGone` events follow. Reply: `Done`."""


class StopSearching(Request, frozen=True):
    """Reply: `Done`."""


class Join(Request, frozen=True):
    """Join a practice by typed code. Reply at once: `Done`; then `JoinProgress`, `Joined` or `JoinFailed` events.

    `practice` is `PracticeSeen.key`, or `address` is typed by hand ("host:port") where mDNS does not reach.
    """

    code: str
    person_name: str
    role: str
    device_name: str
    practice: str | None = None
    address: str | None = None


class CancelJoin(Request, frozen=True):
    """Reply: `Done`."""


class OpenPairing(Request, frozen=True):
    """Open the practice for one new device. Reply: `views.PairingOpened`. Needs an admin."""

    person: PersonId | None = None  # a further device of this person; None: a new person


class ClosePairing(Request, frozen=True):
    """Reply: `Done`."""


class ConfirmPairing(Request, frozen=True):
    """Admit the device that proved the code (`PairingAsked` event). Reply: `Done`, then `PairingFinished`."""

    person_name: str
    role: str
    device_name: str
    admin: bool = False


class RejectPairing(Request, frozen=True):
    """Reply: `Done`."""


class SetPin(Request, frozen=True):
    """Set, change or (new_pin None) remove the window's PIN. Reply: `Done`."""

    current_pin: str | None
    new_pin: str | None


class Lock(Request, frozen=True):
    """Lock the window: content leaves the models; the engine goes on receiving. Reply: `Done`."""


class Unlock(Request, frozen=True):
    """Reply: `Done`, or Failure "wrong_pin" with `tries_left`/`wait_s`."""

    pin: str


# --- people -----------------------------------------------------------------------------------------


class ListPeople(Request, frozen=True):
    """Reply: `views.People`."""


class RevokeDevice(Request, frozen=True):
    """Reply: `Done`. Needs an admin."""

    device: DeviceId


class RevokePerson(Request, frozen=True):
    """Reply: `Done`. Needs an admin."""

    person: PersonId


class SetRole(Request, frozen=True):
    """Give or take the right to admit and revoke. Reply: `Done`. Needs an admin."""

    person: PersonId
    admin: bool


class RenamePerson(Request, frozen=True):
    """Change a person's shown name or role text. Reply: `Done`. Own person, or an admin."""

    person: PersonId
    name: str
    role: str


class SafetyNumber(Request, frozen=True):
    """60 digits to compare by phone. Reply: `views.SafetyNumberView`."""

    device: DeviceId


class MarkVerified(Request, frozen=True):
    """Reply: `Done`."""

    device: DeviceId
    verified: bool


# --- conversations ------------------------------------------------------------------------------------


class ListConversations(Request, frozen=True):
    """Reply: `views.Conversations`."""


class OpenDirect(Request, frozen=True):
    """The 1:1 conversation with a person, made on first use. Reply: `views.ConversationRow`."""

    person: PersonId


class CreateGroup(Request, frozen=True):
    """Reply: `views.ConversationRow`."""

    circle: CircleId | None  # None: the only circle
    title: str
    members: tuple[PersonId, ...]


class AddGroupMembers(Request, frozen=True):
    """Reply: `Done`."""

    conversation: ConversationId
    members: tuple[PersonId, ...]


class RemoveGroupMember(Request, frozen=True):
    """Reply: `Done`. Needs a group admin."""

    conversation: ConversationId
    member: PersonId


class LeaveGroup(Request, frozen=True):
    """Reply: `Done`."""

    conversation: ConversationId


class RenameGroup(Request, frozen=True):
    """Reply: `Done`."""

    conversation: ConversationId
    title: str


class GetConversation(Request, frozen=True):
    """Members, admins and photos of one conversation. Reply: `views.ConversationDetails`."""

    conversation: ConversationId


class LoadTimeline(Request, frozen=True):
    """A stretch of a conversation in shown order. Reply: `views.TimelinePage`.

    anchor None: the newest `before` rows. Else `before` rows before it, the row itself, and `after` rows after it.
    `day_ms`, if set, replaces the anchor by the first row at or after that moment.
    """

    conversation: ConversationId
    anchor: ContentId | None = None
    day_ms: int | None = None
    before: int = 100
    after: int = 0


class SearchMessages(Request, frozen=True):
    """Full text, German-aware. Reply: `views.SearchHits`, best and newest first."""

    text: str
    conversation: ConversationId | None = None
    limit: int = 50
    offset: int = 0


class MarkRead(Request, frozen=True):
    """Everything in this conversation up to and including `up_to` (None: all) was seen. Reply: `Done`."""

    conversation: ConversationId
    up_to: ContentId | None = None


class SaveDraft(Request, frozen=True):
    """Reply: `Done`."""

    conversation: ConversationId
    text: str


# --- messages ---------------------------------------------------------------------------------------------


class SendText(Request, frozen=True):
    """Reply: `views.Sent`."""

    conversation: ConversationId
    text: str
    reply_to: ContentId | None = None


class SendPhoto(Request, frozen=True):
    """A picture from a path, or its bytes (pasted). Reply: `views.Sent` when it is stored and on its way.

    `photo.*` failures say what is wrong with the picture.
    """

    conversation: ConversationId
    path: str | None = None
    data: bytes | None = None
    caption: str = ""
    reply_to: ContentId | None = None


class SendFile(Request, frozen=True):
    """Reply: `views.Sent`. At most 100 MB."""

    conversation: ConversationId
    path: str


class RetryMessage(Request, frozen=True):
    """Try again now what waits or failed. Reply: `Done`."""

    message: ContentId


class DiscardMessage(Request, frozen=True):
    """Take back what nobody received yet. Reply: `Done`; Failure "already_delivered" if somebody has it."""

    message: ContentId


class GetDelivery(Request, frozen=True):
    """Reply: `views.Delivery`."""

    message: ContentId


class FetchBlob(Request, frozen=True):
    """Start or resume fetching a photo or file now. Reply: `Done`; `TransferProgress` events follow."""

    message: ContentId


class CancelTransfer(Request, frozen=True):
    """Reply: `Done`."""

    message: ContentId


class LoadPhoto(Request, frozen=True):
    """The whole decrypted picture. Reply: `views.PhotoData`; Failure "not_here_yet" while chunks are missing."""

    message: ContentId


class SaveFile(Request, frozen=True):
    """Write a received file or photo out of the encrypted store, never executable, never overwriting.

    Reply: `views.Saved`.
    """

    message: ContentId
    path: str


# --- settings -----------------------------------------------------------------------------------------------


class GetSettings(Request, frozen=True):
    """Window state and preferences kept in the encrypted store. Reply: `views.Settings`."""

    prefix: str = ""


class PutSetting(Request, frozen=True):
    """Reply: `Done`. `value` None deletes."""

    key: str
    value: bytes | None


class Quit(Request, frozen=True):
    """End the running instance cleanly. Reply: `Done` before it goes."""


class ShowWindow(Request, frozen=True):
    """Raise the window of the running instance (second start). Reply: `Done`."""


AnyRequest = (
    GetStatus | OpenProfile | FoundCircle | StartSearching | StopSearching | Join | CancelJoin | OpenPairing
    | ClosePairing | ConfirmPairing | RejectPairing | SetPin | Lock | Unlock | ListPeople | RevokeDevice
    | RevokePerson | SetRole | RenamePerson | SafetyNumber | MarkVerified | ListConversations | OpenDirect
    | CreateGroup | AddGroupMembers | RemoveGroupMember | LeaveGroup | RenameGroup | GetConversation | LoadTimeline
    | SearchMessages | MarkRead | SaveDraft | SendText | SendPhoto | SendFile | RetryMessage | DiscardMessage
    | GetDelivery | FetchBlob | CancelTransfer | LoadPhoto | SaveFile | GetSettings | PutSetting | Quit | ShowWindow
)  # fmt: skip
