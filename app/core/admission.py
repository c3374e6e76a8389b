"""Values that the engine and the messenger hand each other around pairing, attachments and certificates."""

import msgspec

from crypto.identity import DeviceIdentity, DevicePublic
from crypto.ids import BlobId, CircleId, ContentId, ConversationId, DeviceId, PersonId
from transport.events import Address


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A photo or file whose sealed chunks and blob row are already in the store, complete."""

    conversation: ConversationId
    blob: BlobId
    media_type: str
    caption: str = ""
    reply_to: ContentId | None = None
    file_name: str | None = None  # None: a photo
    width_px: int = 0
    height_px: int = 0
    captured_ms: int | None = None
    thumbnail: bytes = b""


class Newcomer(msgspec.Struct, frozen=True, kw_only=True):
    """On the admin's side: the device that proved the code, and what the admin confirmed."""

    device: DevicePublic
    person: PersonId  # as both sides signed it
    consent: bytes  # the device's own signature over (circle, person)
    person_name: str
    role: str
    device_name: str
    admin: bool = False


class Admission(msgspec.Struct, frozen=True, kw_only=True):
    """What the admin's side hands over: `admit` rides in M4, the frames follow on the pairing link."""

    admit: bytes
    handover: tuple[bytes, ...]  # frames, each at most MAX_FRAME_BYTES; hold the circle secrets


class Adoption(msgspec.Struct, frozen=True, kw_only=True):
    """On the newcomer's side: everything that pairing brought."""

    circle: CircleId  # hash of `found`, from M2
    person: PersonId
    admin: DevicePublic
    admin_addresses: tuple[Address, ...]
    admit: bytes
    handover: tuple[bytes, ...]


class Member(msgspec.Struct, frozen=True):
    """An active device, for the certificate check."""

    device: DeviceId
    dik: bytes


class Membership(msgspec.Struct, frozen=True):
    """Who may have a link, as the certificate and server-name checks need it. Immutable."""

    own: DeviceIdentity
    active: dict[bytes, DeviceId]  # DIK -> device, own device excluded
    revoked: frozenset[bytes]  # DIKs
    secrets: tuple[bytes, ...]  # circle secrets, the current one of every circle first
    shared: dict[DeviceId, bytes] = {}  # the current secret of a circle in which this device is active
