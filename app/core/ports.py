"""What the core sees of the store: one open transaction, as typed ports by subject.

`app.store` implements them over SQLite; nothing here knows how. All times are Unix milliseconds, all ids raw
bytes. Rows are plain frozen structs. Nothing in here commits: the engine does, before any effect leaves.
Reading ports used from worker threads (search, export) get their own read-only implementation.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from crypto.ids import (
    BlobId,
    CircleId,
    ContentId,
    ConversationId,
    DeviceId,
    EnvelopeId,
    PersonId,
    SessionId,
    StatementHash,
)


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all rows."""


# --- small values -------------------------------------------------------------------------------------


class Values(Protocol):
    """Named small values of this profile (identity secrets, own names, counters, settings)."""

    def get(self, key: str) -> bytes | None: ...

    def put(self, key: str, value: bytes | None) -> None:
        """None deletes."""

    def all(self, prefix: str) -> dict[str, bytes]: ...


# --- statements: the rosters of circles and the chains of groups ----------------------------------------


class StatementRow(Row, frozen=True):
    """One verified statement, exact bytes. `chain` is the circle or group id."""

    hash: StatementHash
    chain: bytes
    raw: bytes  # the signed bytes
    signatures: bytes  # encoded signature list: author's and co-signers'
    lamport: int


class Opening(Row, frozen=True):
    """The value behind a salted hash in a statement (protocol 11.10); can be deleted."""

    commitment: bytes  # 32
    salt: bytes  # 16
    value: str


class Statements(Protocol):
    """Append-only, but for openings."""

    def add(self, row: StatementRow) -> bool:
        """False if it was there."""

    def has(self, hash: StatementHash) -> bool: ...

    def get(self, hash: StatementHash) -> StatementRow | None: ...

    def of_chain(self, chain: bytes) -> list[StatementRow]:
        """In order of arrival, which is a causal order: parents come first."""

    def chains(self) -> list[bytes]: ...

    def count(self, chain: bytes) -> int: ...

    def add_pending(self, chain: bytes, hash: StatementHash, wire: bytes, now_ms: int) -> None:
        """Keep a statement whose parents are unknown. The caller bounds the number."""

    def pending(self, chain: bytes) -> list[bytes]: ...

    def remove_pending(self, hash: StatementHash) -> None: ...

    def put_opening(self, opening: Opening) -> None: ...

    def opening(self, commitment: bytes) -> Opening | None: ...

    def openings(self, commitments: Iterable[bytes]) -> dict[bytes, Opening]: ...

    def delete_opening(self, commitment: bytes) -> None: ...


class CircleSecretRow(Row, frozen=True):
    """A tag secret of a circle. `epoch` is the hash of the statement that committed to it."""

    circle: CircleId
    epoch: bytes
    secret: bytes
    lamport: int
    received_ms: int


class CircleSecrets(Protocol):
    def put(self, row: CircleSecretRow) -> None: ...

    def all(self, circle: CircleId) -> list[CircleSecretRow]:
        """Newest epoch, greatest (lamport, epoch), first."""

    def delete_before(self, circle: CircleId, received_before_ms: int) -> None: ...


# --- sessions ---------------------------------------------------------------------------------------------


class BundleRow(Row, frozen=True):
    """The newest accepted bundle of a device; order is (inc, version)."""

    device: DeviceId
    inc: int
    version: int
    raw: bytes


class PrekeyRow(Row, frozen=True):
    """Own prekey secret, X25519, ML-KEM or one-time."""

    prekey_id: bytes
    kind: str  # "signed", "kem", "onetime"
    secret: bytes
    created_ms: int
    replaced_ms: int | None  # when its replacement was published
    contact: DeviceId | None = None  # one-time keys are issued per contact


class SessionRow(Row, frozen=True):
    """A session's whole live state but its skipped keys."""

    session: SessionId
    peer: DeviceId
    rank: bytes  # sorts as (inc_A + inc_B, gen, session id); the greatest of a peer is the sending one
    gen: int
    state: bytes
    created_ms: int
    used_ms: int
    sending: bool  # may send (not lost the race, not closed)


class SkippedKey(Row, frozen=True):
    """A message key kept for a message that has not come yet."""

    chain: bytes  # peer's DH public key
    number: int
    key: bytes
    created_ms: int


class InitialRow(Row, frozen=True):
    """An initial message handled once; kept until the signed prekey it used is deleted."""

    header_hash: bytes
    session: SessionId
    prekey_id: bytes


class Sessions(Protocol):
    def put_bundle(self, row: BundleRow) -> None: ...

    def bundle(self, device: DeviceId) -> BundleRow | None: ...

    def bundles(self) -> list[BundleRow]: ...

    def put_prekey(self, row: PrekeyRow) -> None: ...

    def prekey(self, prekey_id: bytes) -> PrekeyRow | None: ...

    def prekeys(self, kind: str) -> list[PrekeyRow]:
        """Newest first."""

    def delete_prekey(self, prekey_id: bytes) -> None: ...

    def put(self, row: SessionRow) -> None: ...

    def get(self, session: SessionId) -> SessionRow | None: ...

    def of_peer(self, peer: DeviceId) -> list[SessionRow]:
        """Greatest rank first."""

    def delete(self, session: SessionId) -> None:
        """With its skipped keys."""

    def put_skipped(self, session: SessionId, keys: Sequence[SkippedKey]) -> None: ...

    def delete_skipped(self, session: SessionId, keys: Sequence[tuple[bytes, int]]) -> None: ...

    def skipped(self, session: SessionId) -> list[SkippedKey]:
        """In order of storing."""

    def put_initial(self, row: InitialRow) -> None: ...

    def initial(self, header_hash: bytes) -> InitialRow | None: ...

    def delete_initials(self, prekey_id: bytes) -> None: ...


# --- conversations and messages -------------------------------------------------------------------------


class ConversationRecord(Row, frozen=True):
    """A conversation as the core keeps it."""

    conversation: ConversationId
    circle: CircleId
    kind: str  # "direct" or "group"
    peer: PersonId | None  # of a direct one
    title: str  # of a group
    created_ms: int
    last_order: int  # t' of the newest message, 0 if none
    last_message: ContentId | None
    unread: int
    read_order: int  # t' up to which it was read
    draft: str
    left: bool


class MessageRecord(Row, frozen=True):
    """A message of the history."""

    message: ContentId
    conversation: ConversationId
    order: int  # t' in milliseconds (protocol 11.17); ties are broken by `message`
    kind: str
    author_person: PersonId
    author_device: DeviceId
    own: bool
    sent_ms: int  # as claimed by the sender
    received_ms: int
    text: str  # searchable body or caption, "" for others
    raw: bytes  # content bytes as received
    blob: BlobId | None = None
    reply_to: ContentId | None = None
    state: str = "live"  # live, failed, discarded, withheld


class DeliveryRecord(Row, frozen=True):
    """One message for one recipient device."""

    message: ContentId
    device: DeviceId
    person: PersonId
    state: str  # waiting, courier, delivered, read, failed
    at_ms: int
    reason: str | None = None


class FoundText(Row, frozen=True):
    """A search result; `snippet` alternates plain and matched parts, plain first."""

    message: ContentId
    conversation: ConversationId
    snippet: tuple[str, ...]
    order: int


class History(Protocol):
    """Conversations, messages, full-text index and deliveries."""

    def put_conversation(self, row: ConversationRecord) -> None: ...

    def conversation(self, conversation: ConversationId) -> ConversationRecord | None: ...

    def conversations(self) -> list[ConversationRecord]: ...

    def add_message(self, row: MessageRecord) -> bool:
        """Stores, indexes the text. False if the content id was there (nothing changes)."""

    def message(self, message: ContentId) -> MessageRecord | None: ...

    def messages(self, messages: Sequence[ContentId]) -> dict[ContentId, MessageRecord]: ...

    def has_message(self, message: ContentId) -> bool: ...

    def set_order(self, message: ContentId, order: int) -> None: ...

    def set_state(self, message: ContentId, state: str) -> None: ...

    def delete_message(self, message: ContentId) -> None:
        """Row, index, deliveries; its blob goes to the deletion queue if nothing else refers to it."""

    def page(
        self, conversation: ConversationId, anchor: tuple[int, ContentId] | None, before: int, after: int
    ) -> list[MessageRecord]:
        """Ascending by (order, id). anchor None: the newest `before`. Else `before` below it, the anchor row
        itself if it exists, `after` above it."""

    def first_at(self, conversation: ConversationId, order: int) -> MessageRecord | None:
        """The first message at or after `order`."""

    def newest(self, conversation: ConversationId, limit: int) -> list[MessageRecord]: ...

    def count_after(self, conversation: ConversationId, order: int, *, own: bool) -> int: ...

    def referring(self, message: ContentId) -> list[ContentId]:
        """Messages whose "seen" list or reply names this one."""

    def add_references(self, message: ContentId, refers_to: Sequence[ContentId]) -> None: ...

    def with_blob(self, conversation: ConversationId, kind: str, limit: int) -> list[MessageRecord]:
        """Newest first."""

    def count_kind(self, conversation: ConversationId, kind: str) -> int: ...

    def messages_of_blob(self, blob: BlobId) -> list[MessageRecord]: ...

    def search(
        self, text: str, conversation: ConversationId | None, limit: int, offset: int
    ) -> list[FoundText]: ...

    def put_delivery(self, row: DeliveryRecord) -> None: ...

    def deliveries(self, message: ContentId) -> list[DeliveryRecord]: ...

    def deliveries_of(self, messages: Sequence[ContentId]) -> dict[ContentId, list[DeliveryRecord]]: ...

    def undelivered_of_person(self, person: PersonId, since_ms: int) -> list[ContentId]:
        """Content that no device of this person has yet (protocol 11.9)."""


# --- outbox and inbox -------------------------------------------------------------------------------------


class OutboxRow(Row, frozen=True):
    """One ciphertext for one device, final bytes. Sent again unchanged until it ends."""

    envelope: EnvelopeId
    content: ContentId
    device: DeviceId
    session: SessionId
    number: int  # rows of a device go out in this order; unique, growing
    wire: bytes  # envelope bytes
    kind: str  # "message", "receipt", "control"
    created_ms: int
    tries: int
    next_ms: int


class HeldEnvelope(Row, frozen=True):
    """An envelope of an author who is not known yet; at most 64 of them."""

    envelope: EnvelopeId
    peer: DeviceId
    wire: bytes
    received_ms: int


class Queues(Protocol):
    def put_content(self, content: ContentId, raw: bytes, created_ms: int) -> None:
        """Content bytes are kept while any outbox row needs them for a new encryption."""

    def content(self, content: ContentId) -> bytes | None: ...

    def drop_unused_content(self) -> None: ...

    def put_outbox(self, row: OutboxRow) -> None: ...

    def outbox(self, envelope: EnvelopeId) -> OutboxRow | None: ...

    def outbox_of_device(self, device: DeviceId, after_number: int, limit: int) -> list[OutboxRow]:
        """In order of number."""

    def outbox_of_content(self, content: ContentId) -> list[OutboxRow]: ...

    def outbox_devices(self) -> list[DeviceId]: ...

    def delete_outbox(self, envelope: EnvelopeId) -> None: ...

    def delete_outbox_of_device(self, device: DeviceId) -> list[ContentId]:
        """Returns the contents that were waiting for it."""

    def next_number(self) -> int: ...

    def outbox_counts(self) -> tuple[int, int]:
        """(rows, distinct contents of kind "message")."""

    def outbox_before(self, created_before_ms: int) -> list[OutboxRow]: ...

    def seen_envelope(self, envelope: EnvelopeId) -> bool: ...

    def remember_envelope(self, envelope: EnvelopeId, now_ms: int) -> None: ...

    def forget_envelopes(self, before_ms: int) -> None: ...

    def hold(self, row: HeldEnvelope) -> None: ...

    def held(self, peer: DeviceId | None) -> list[HeldEnvelope]: ...

    def drop_held(self, envelope: EnvelopeId) -> None: ...


# --- blobs ----------------------------------------------------------------------------------------------------


class BlobRow(Row, frozen=True):
    """An encrypted photo or file. Chunk hashes as one string of 32-byte hashes."""

    blob: BlobId
    size_bytes: int
    chunk_hashes: bytes
    key: bytes
    have: int  # chunks present
    state: str  # absent, wanted, complete, paused, broken
    created_ms: int


class Blobs(Protocol):
    def put(self, row: BlobRow) -> None: ...

    def get(self, blob: BlobId) -> BlobRow | None: ...

    def set_state(self, blob: BlobId, state: str) -> None: ...

    def wanted(self) -> list[BlobRow]:
        """State "wanted", oldest first."""

    def put_chunk(self, blob: BlobId, index: int, data: bytes) -> bool:
        """False if it was there. Counts `have`."""

    def chunk(self, blob: BlobId, index: int) -> bytes | None: ...

    def missing(self, blob: BlobId, limit: int) -> list[int]:
        """Indices of absent chunks, ascending."""

    def queue_deletion(self, blob: BlobId) -> None:
        """Deleted in steps of at most four chunks by `delete_step`, also after a restart."""

    def delete_step(self) -> bool:
        """Delete at most four chunks of the queue. False when the queue is empty."""


# --- addresses ----------------------------------------------------------------------------------------------


class AddressRow(Row, frozen=True):
    """Where a device was reached."""

    device: DeviceId
    host: str
    port: int
    scope_id: int
    source: str  # "worked", "mdns", "gossip", "policy", "typed"
    seen_ms: int


class Addresses(Protocol):
    def put(self, row: AddressRow) -> None: ...

    def of_device(self, device: DeviceId) -> list[AddressRow]:
        """Those that worked first, newest first, at most 16."""

    def delete_device(self, device: DeviceId) -> None: ...


class Transaction(Protocol):
    """One open write transaction."""

    @property
    def values(self) -> Values: ...

    @property
    def statements(self) -> Statements: ...

    @property
    def secrets(self) -> CircleSecrets: ...

    @property
    def sessions(self) -> Sessions: ...

    @property
    def history(self) -> History: ...

    @property
    def queues(self) -> Queues: ...

    @property
    def blobs(self) -> Blobs: ...

    @property
    def addresses(self) -> Addresses: ...
