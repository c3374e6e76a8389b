"""What travels inside the ciphertext (protocol sections 5 and 11.7).

A content is one MessagePack array. Its raw bytes are kept and hashed as they came; trailing fields of a later
version are ignored. Kinds below `SILENT_FROM` show in the timeline, unknown ones as "needs a newer version";
kinds from there on work in the background, and unknown ones are dropped.
"""

from enum import IntEnum
from typing import Annotated, Final

import msgspec

from app.core import limits
from app.core.wire import Blob, Counter, Hash, Heads, OpeningPart, Short
from crypto import codec
from crypto.entropy import Entropy
from crypto.errors import DecodeError
from crypto.ids import CircleId, ContentId, ConversationId, DeviceId, PersonId, StatementHash
from crypto.kdf import Label, hash_labelled

VERSION: Final = 1
SILENT_FROM: Final = 128


class Kind(IntEnum):
    """Numbers of the kinds known here. 4 to 15 are reserved for edit, tombstone, reaction and their like."""

    TEXT = 1
    PHOTO = 2
    FILE = 3
    RECEIPT = 128
    GROUP = 129
    GROUP_ASK = 130
    SECRET = 131
    READ_POSITION = 132
    PREKEYS = 133


class Body(msgspec.Struct, frozen=True, array_like=True):
    """Base of all bodies; trailing fields of later versions are ignored."""


class BlobRef(Body, frozen=True):
    """An encrypted photo or file: the blob id is the hash of `chunk_hashes`."""

    size_bytes: Annotated[int, msgspec.Meta(ge=1, le=limits.MAX_FILE_BYTES)]
    key: Hash
    chunk_hashes: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32 * limits.MAX_CHUNKS)]


class Text(Body, frozen=True):
    """Plain text, never markup."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=limits.MAX_TEXT_CHARS)]
    reply_to: Hash | None = None


class Photo(Body, frozen=True):
    """A picture without metadata; the thumbnail rides along."""

    blob: BlobRef
    media_type: Annotated[str, msgspec.Meta(max_length=64)]
    width_px: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    height_px: Annotated[int, msgspec.Meta(ge=1, le=65535)]
    captured_ms: int | None
    thumbnail: Annotated[bytes, msgspec.Meta(max_length=limits.MAX_THUMBNAIL_BYTES)]
    caption: Annotated[str, msgspec.Meta(max_length=limits.MAX_CAPTION_CHARS)] = ""
    reply_to: Hash | None = None


class File(Body, frozen=True):
    """Any file. The name is as the sender had it: made safe before it is shown."""

    blob: BlobRef
    media_type: Annotated[str, msgspec.Meta(max_length=128)]
    name: Annotated[str, msgspec.Meta(max_length=limits.MAX_FILE_NAME_CHARS)]
    caption: Annotated[str, msgspec.Meta(max_length=limits.MAX_CAPTION_CHARS)] = ""
    reply_to: Hash | None = None


Ids = Annotated[tuple[Hash, ...], msgspec.Meta(max_length=limits.MAX_RECEIPT_IDS)]


class Receipt(Body, frozen=True):
    """Cumulative; goes to the author's device, causes no receipt itself (protocol 10.7, 11.8)."""

    delivered: Ids
    read: Ids


class Group(Body, frozen=True):
    """Statements of the group chain that is this content's conversation, in causal order."""

    statements: Annotated[tuple[Blob, ...], msgspec.Meta(max_length=limits.MAX_GIVE_STATEMENTS)]
    openings: Annotated[tuple[OpeningPart, ...], msgspec.Meta(max_length=limits.MAX_OPENINGS)] = ()


class GroupAsk(Body, frozen=True):
    """Asks a member for what leads to `want` and is not behind `have`."""

    want: Heads
    have: Heads


class Secret(Body, frozen=True):
    """A circle's tag secret, checked against the commitment in statement `epoch` (protocol 11.13)."""

    epoch: Hash
    secret: Hash

    def __repr__(self) -> str:
        return "Secret(<redacted>)"


class ReadPosition(Body, frozen=True):
    """For own other devices only: read up to and including this message."""

    message: Hash


class Prekeys(Body, frozen=True):
    """One-time prekeys for the receiving device alone (protocol section 3)."""

    keys: Annotated[tuple[Hash, ...], msgspec.Meta(min_length=1, max_length=limits.MAX_ONETIME)]


AnyBody = Text | Photo | File | Receipt | Group | GroupAsk | Secret | ReadPosition | Prekeys

_BODIES: Final[dict[int, type[AnyBody]]] = {
    Kind.TEXT: Text,
    Kind.PHOTO: Photo,
    Kind.FILE: File,
    Kind.RECEIPT: Receipt,
    Kind.GROUP: Group,
    Kind.GROUP_ASK: GroupAsk,
    Kind.SECRET: Secret,
    Kind.READ_POSITION: ReadPosition,
    Kind.PREKEYS: Prekeys,
}


class Content(msgspec.Struct, frozen=True, array_like=True):
    """The frame around every body. `conversation` is empty where a content belongs to none."""

    version: Annotated[int, msgspec.Meta(ge=1, le=255)]
    kind: Annotated[int, msgspec.Meta(ge=1, le=255)]
    nonce: Short
    circle: Hash
    conversation: Annotated[bytes, msgspec.Meta(max_length=32)]
    author_person: Short
    author_device: Hash
    time_ms: Counter  # hybrid: the sender's clock, but after what it had seen
    seen: Annotated[tuple[Hash, ...], msgspec.Meta(max_length=limits.MAX_SEEN)]
    roster_heads: Heads  # sorted
    group_heads: Heads  # sorted, empty outside groups
    body: msgspec.Raw


class Author(msgspec.Struct, frozen=True):
    """Who writes, where."""

    circle: CircleId
    person: PersonId
    device: DeviceId


def content_id(raw: bytes) -> ContentId:
    """SHA-256 under PX1/content of the content bytes."""
    return ContentId(hash_labelled(Label.CONTENT, raw))


def make(
    entropy: Entropy,
    author: Author,
    conversation: ConversationId | None,
    body: AnyBody,
    *,
    time_ms: int,
    seen: tuple[ContentId, ...] = (),
    roster_heads: tuple[StatementHash, ...] = (),
    group_heads: tuple[StatementHash, ...] = (),
) -> bytes:
    """The bytes of a new content; 16 random bytes make every one unique."""
    return codec.encode(
        Content(
            version=VERSION,
            kind=kind_of(body),
            nonce=entropy.token(16),
            circle=author.circle,
            conversation=conversation or b"",
            author_person=author.person,
            author_device=author.device,
            time_ms=time_ms,
            seen=seen[: limits.MAX_SEEN],
            roster_heads=roster_heads[: limits.MAX_HEADS],
            group_heads=group_heads[: limits.MAX_HEADS],
            body=msgspec.Raw(codec.encode(body)),
        )
    )


def kind_of(body: AnyBody) -> int:
    """The number of a body's kind."""
    return next(kind for kind, type_ in _BODIES.items() if type(body) is type_)


def parse(raw: bytes) -> Content:
    """Raises `DecodeError`. The body is looked at by `body_of` only."""
    return codec.decode(Content, raw, max_bytes=limits.MAX_CONTENT_BYTES)


def body_of(content: Content) -> AnyBody | None:
    """The typed body; None for a kind or form that is not known here."""
    type_ = _BODIES.get(content.kind)
    if type_ is None:
        return None
    try:
        body: AnyBody = codec.decode(type_, bytes(content.body), max_bytes=limits.MAX_CONTENT_BYTES)
    except DecodeError:
        return None
    return body
