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


class GetStatus(Request):
    """Reply: `views.Status`. Answered also while locked and before set-up."""


class OpenProfile(Request):
    """Open the store with a passphrase (phase PASSPHRASE); for a new profile this sets the passphrase.

    Reply: `Done`, or Failure "wrong_passphrase".
    """

    passphrase: str


class FoundCircle(Request):
    """Found a practice on this device. Reply: `views.Founded` (with the recovery code, shown once)."""

    circle_name: str
    person_name: str
    role: str
    device_name: str


class StartSearching(Request):
    """Look for practices open for joining; `PracticeSeen`/`PracticeGone` events follow. Reply: `Done`."""


class StopSearching(Request):
    """Reply: `Done`."""


class Join(Request):
    """Join a practice by typed code. Reply at once: `Done`; then `JoinProgress`, `Joined` or `JoinFailed` events.

    `practice` is `PracticeSeen.key`, or `address` is typed by hand ("host:port") where mDNS does not reach.
    """

    code: str
    person_name: str
    role: str
    device_name: str
    practice: str | None = None
    address: str | None = None


class CancelJoin(Request):
    """Reply: `Done`."""


class OpenPairing(Request):
    """Open the practice for one new device. Reply: `views.PairingOpened`. Needs an admin."""

    person: PersonId | None = None  # a further device of this person; None: a new person


class ClosePairing(Request):
    """Reply: `Done`."""


class ConfirmPairing(Request):
    """Admit the device that proved the code (`PairingAsked` event). Reply: `Done`, then `PairingFinished`."""

    person_name: str
    role: str
    device_name: str
    admin: bool = False


class RejectPairing(Request):
    """Reply: `Done`."""


class SetPin(Request):
    """Set, change or (new_pin None) remove the window's PIN. Reply: `Done`."""

    current_pin: str | None
    new_pin: str | None


class Lock(Request):
    """Lock the window: content leaves the models; the engine goes on receiving. Reply: `Done`."""


class Unlock(Request):
    """Reply: `Done`, or Failure "wrong_pin" with `tries_left`/`wait_s`."""

    pin: str


# --- people -----------------------------------------------------------------------------------------


class ListPeople(Request):
    """Reply: `views.People`."""


class RevokeDevice(Request):
    """Reply: `Done`. Needs an admin."""

    device: DeviceId


class RevokePerson(Request):
    """Reply: `Done`. Needs an admin."""

    person: PersonId


class SetRole(Request):
    """Give or take the right to admit and revoke. Reply: `Done`. Needs an admin."""

    person: PersonId
    admin: bool


class RenamePerson(Request):
    """Change a person's shown name or role text. Reply: `Done`. Own person, or an admin."""

    person: PersonId
    name: str
    role: str


class SafetyNumber(Request):
    """60 digits to compare by phone. Reply: `views.SafetyNumberView`."""

    device: DeviceId


class MarkVerified(Request):
    """Reply: `Done`."""

    device: DeviceId
    verified: bool


# --- conversations ------------------------------------------------------------------------------------


class ListConversations(Request):
    """Reply: `views.Conversations`."""


class OpenDirect(Request):
    """The 1:1 conversation with a person, made on first use. Reply: `views.ConversationRow`."""

    person: PersonId


class CreateGroup(Request):
    """Reply: `views.ConversationRow`."""

    circle: CircleId | None  # None: the only circle
    title: str
    members: tuple[PersonId, ...]


class AddGroupMembers(Request):
    """Reply: `Done`."""

    conversation: ConversationId
    members: tuple[PersonId, ...]


class RemoveGroupMember(Request):
    """Reply: `Done`. Needs a group admin."""

    conversation: ConversationId
    member: PersonId


class LeaveGroup(Request):
    """Reply: `Done`."""

    conversation: ConversationId


class RenameGroup(Request):
    """Reply: `Done`."""

    conversation: ConversationId
    title: str


class GetConversation(Request):
    """Members, admins and photos of one conversation. Reply: `views.ConversationDetails`."""

    conversation: ConversationId


class LoadTimeline(Request):
    """A stretch of a conversation in shown order. Reply: `views.TimelinePage`.

    anchor None: the newest `before` rows. Else `before` rows before it, the row itself, and `after` rows after it.
    `day_ms`, if set, replaces the anchor by the first row at or after that moment.
    """

    conversation: ConversationId
    anchor: ContentId | None = None
    day_ms: int | None = None
    before: int = 100
    after: int = 0


class SearchMessages(Request):
    """Full text, German-aware. Reply: `views.SearchHits`, best and newest first."""

    text: str
    conversation: ConversationId | None = None
    limit: int = 50
    offset: int = 0


class MarkRead(Request):
    """Everything in this conversation up to and including `up_to` (None: all) was seen. Reply: `Done`."""

    conversation: ConversationId
    up_to: ContentId | None = None


class SaveDraft(Request):
    """Reply: `Done`."""

    conversation: ConversationId
    text: str


# --- messages ---------------------------------------------------------------------------------------------


class SendText(Request):
    """Reply: `views.Sent`."""

    conversation: ConversationId
    text: str
    reply_to: ContentId | None = None


class SendPhoto(Request):
    """A picture from a path, or its bytes (pasted). Reply: `views.Sent` when it is stored and on its way.

    `photo.*` failures say what is wrong with the picture.
    """

    conversation: ConversationId
    path: str | None = None
    data: bytes | None = None
    caption: str = ""
    reply_to: ContentId | None = None


class SendFile(Request):
    """Reply: `views.Sent`. At most 100 MB."""

    conversation: ConversationId
    path: str


class RetryMessage(Request):
    """Try again now what waits or failed. Reply: `Done`."""

    message: ContentId


class DiscardMessage(Request):
    """Take back what nobody received yet. Reply: `Done`; Failure "already_delivered" if somebody has it."""

    message: ContentId


class GetDelivery(Request):
    """Reply: `views.Delivery`."""

    message: ContentId


class FetchBlob(Request):
    """Start or resume fetching a photo or file now. Reply: `Done`; `TransferProgress` events follow."""

    message: ContentId


class CancelTransfer(Request):
    """Reply: `Done`."""

    message: ContentId


class LoadPhoto(Request):
    """The whole decrypted picture. Reply: `views.PhotoData`; Failure "not_here_yet" while chunks are missing."""

    message: ContentId


class SaveFile(Request):
    """Write a received file or photo out of the encrypted store, never executable, never overwriting.

    Reply: `views.Saved`.
    """

    message: ContentId
    path: str


# --- settings -----------------------------------------------------------------------------------------------


class GetSettings(Request):
    """Window state and preferences kept in the encrypted store. Reply: `views.Settings`."""

    prefix: str = ""


class PutSetting(Request):
    """Reply: `Done`. `value` None deletes."""

    key: str
    value: bytes | None


class Quit(Request):
    """End the running instance cleanly. Reply: `Done` before it goes."""


class ShowWindow(Request):
    """Raise the window of the running instance (second start). Reply: `Done`."""


AnyRequest = (
    GetStatus | OpenProfile | FoundCircle | StartSearching | StopSearching | Join | CancelJoin | OpenPairing | ClosePairing
    | ConfirmPairing | RejectPairing | SetPin | Lock | Unlock | ListPeople | RevokeDevice | RevokePerson | SetRole
    | RenamePerson | SafetyNumber | MarkVerified | ListConversations | OpenDirect | CreateGroup | AddGroupMembers
    | RemoveGroupMember | LeaveGroup | RenameGroup | GetConversation | LoadTimeline | SearchMessages | MarkRead
    | SaveDraft | SendText | SendPhoto | SendFile | RetryMessage | DiscardMessage | GetDelivery | FetchBlob
    | CancelTransfer | LoadPhoto | SaveFile | GetSettings | PutSetting | Quit | ShowWindow
)  # fmt: skip
