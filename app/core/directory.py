"""Everybody in our circles as one frozen snapshot: safe to read on any thread, rebuilt when a roster moves."""

from collections.abc import Iterable

import msgspec

from app.core.views import Reach
from crypto.identity import DevicePublic
from crypto.ids import CircleId, ConversationId, DeviceId, PersonId, StatementHash
from crypto.kdf import Label, hash_labelled

AVATARS = 8


def direct_id(circle: CircleId, one: PersonId, other: PersonId) -> ConversationId:
    """The 1:1 conversation of two persons in a circle (protocol 11.12)."""
    return ConversationId(hash_labelled(Label.DIRECT_CONVERSATION, circle, *sorted((one, other))))


def avatar_of(person: bytes) -> int:
    """Index of the avatar colour."""
    return person[0] % AVATARS if person else 0


class DeviceEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A device of a roster, revoked ones included."""

    device: DeviceId
    public: DevicePublic
    name: str | None
    persons: tuple[PersonId, ...]  # empty when revoked
    revoked: bool
    admitted_ms: int


class PersonEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A person of a roster, revoked ones included."""

    person: PersonId
    circle: CircleId
    name: str | None
    role: str | None
    admin: bool
    external: bool
    inbox: bool
    revoked: bool
    devices: tuple[DeviceId, ...]  # active ones


class CircleEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A circle of ours."""

    circle: CircleId
    name: str | None
    heads: tuple[StatementHash, ...]
    admins: int
    own_admin: bool
    own_active: bool
    needs_update: bool


class GroupEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A group as its chain says."""

    members: tuple[PersonId, ...]  # longest-standing first
    admins: frozenset[PersonId]
    heads: tuple[StatementHash, ...]


class Directory(msgspec.Struct, frozen=True, kw_only=True):
    """All circles of this device in one."""

    own_device: DeviceId
    own_person: PersonId
    home: CircleId
    circles: dict[CircleId, CircleEntry]
    persons: dict[PersonId, PersonEntry]
    devices: dict[DeviceId, DeviceEntry]
    directs: dict[ConversationId, PersonId]  # 1:1 conversations of the own person -> the other
    groups: dict[ConversationId, GroupEntry] = {}
    reach: dict[DeviceId, Reach] = {}  # others count as offline

    def is_active(self, device: DeviceId) -> bool:
        """Known and not revoked in any circle of ours."""
        entry = self.devices.get(device)
        return entry is not None and not entry.revoked

    def is_revoked(self, device: DeviceId) -> bool:
        entry = self.devices.get(device)
        return entry is not None and entry.revoked

    def persons_of(self, device: DeviceId) -> tuple[PersonId, ...]:
        entry = self.devices.get(device)
        return entry.persons if entry is not None and not entry.revoked else ()

    def devices_of(self, person: PersonId) -> tuple[DeviceId, ...]:
        entry = self.persons.get(person)
        return entry.devices if entry is not None else ()

    def devices_of_all(self, persons: Iterable[PersonId]) -> tuple[DeviceId, ...]:
        """The union, each device once, in a stable order."""
        return tuple(dict.fromkeys(device for person in persons for device in self.devices_of(person)))

    def is_linked(self, person: PersonId, device: DeviceId) -> bool:
        """Whether this device may write as this person (protocol 11.2)."""
        return person in self.persons_of(device)

    def name_of(self, person: PersonId) -> str | None:
        entry = self.persons.get(person)
        return entry.name if entry is not None else None

    def reach_of(self, person: PersonId) -> Reach:
        """The best of a person's devices."""
        found = {self.reach.get(device, Reach.OFFLINE) for device in self.devices_of(person)}
        return next((one for one in (Reach.REACHABLE, Reach.AWAY) if one in found), Reach.OFFLINE)
