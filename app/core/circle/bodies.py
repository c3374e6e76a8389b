"""The bodies of every kind of statement, as signed (protocol sections 1, 10.8, 11; formats are fixed).

Personal values (names, role texts, titles) appear only as salted hashes; `b""` where "unchanged" or "none" is
allowed. Bodies are exact: a missing, wrong or additional field makes the statement invalid.
"""

from enum import IntEnum
from typing import Annotated, Final

import msgspec

from crypto.codec import decode
from crypto.errors import DecodeError
from crypto.identity import DevicePublic
from crypto.ids import HASH_BYTES, PERSON_ID_BYTES
from crypto.keys import SIGNATURE_BYTES
from crypto.statement import MAX_PARENTS, MAX_RAW_BYTES, Hash

MAX_NAMED: Final = 64
"""Persons or devices that one statement may name in a list."""
MAX_SETTINGS: Final = 32

_Person = Annotated[bytes, msgspec.Meta(min_length=PERSON_ID_BYTES, max_length=PERSON_ID_BYTES)]
_Signature = Annotated[bytes, msgspec.Meta(min_length=SIGNATURE_BYTES, max_length=SIGNATURE_BYTES)]
_Optional = Annotated[bytes, msgspec.Meta(max_length=HASH_BYTES)]  # a hash, or b""
_Persons = Annotated[tuple[_Person, ...], msgspec.Meta(max_length=MAX_NAMED)]
_Hashes = Annotated[tuple[Hash, ...], msgspec.Meta(max_length=MAX_NAMED)]
_Heads = Annotated[tuple[Hash, ...], msgspec.Meta(min_length=1, max_length=MAX_PARENTS)]
_Word = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
_Value = (
    bool | Annotated[int, msgspec.Meta(ge=0, le=(1 << 53) - 1)] | Annotated[str, msgspec.Meta(max_length=128)]
)


class Role(IntEnum):
    """What a person may do in a circle."""

    MEMBER = 0
    HOME_ADMIN = 1  # in a cooperation: may revoke what has the same home (section 11.12)
    ADMIN = 2


class Body(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Base of all bodies."""


# --- the circle -----------------------------------------------------------------------------------------


class Found(Body, frozen=True, gc=False):
    """The first statement; its hash is the circle's id. The founder is the first admin."""

    person: _Person
    device: DevicePublic
    recovery: Hash  # Ed25519 public key whose secret is on paper
    secret: Hash  # commitment to the first tag secret
    circle_name: Hash
    person_name: Hash
    role_text: Hash
    device_name: Hash


class Enrolment(Body, frozen=True, gc=False):
    """Shows that an enrolment token let this device in (section 11.15)."""

    enrol: Hash  # the `enrol` statement
    proof: _Signature  # by the token's key over (circle, person, device)


class Admit(Body, frozen=True, gc=False):
    """A person, new or not a member now, with a first device."""

    person: _Person
    device: DevicePublic
    consent: _Signature  # by the device over (circle, person)
    home: Hash  # the circle from whose admins this person comes; this circle's id for its own people
    role: Role
    person_name: Hash
    role_text: Hash
    device_name: Hash
    enrolment: Enrolment | None


class Link(Body, frozen=True, gc=False):
    """A further device for a person, or a further person for a device."""

    person: _Person
    device: DevicePublic
    consent: _Signature
    device_name: Hash


class Unlink(Body, frozen=True, gc=False):
    """This device no longer stands for this person."""

    person: _Person
    device: Hash


class RevokeReason(IntEnum):
    """Shown, without further meaning."""

    OTHER = 0
    LEFT = 1
    LOST = 2
    REPLACED = 3


class Revoke(Body, frozen=True, gc=False):
    """Devices for good; persons until they are admitted anew. Their devices stay unless they are named too."""

    devices: _Hashes
    persons: _Persons
    secret: _Optional  # commitment to the next tag secret; b"" only where a device resigns itself
    reason: RevokeReason


class Subject(IntEnum):
    """Whose name changes."""

    CIRCLE = 0
    PERSON = 1
    DEVICE = 2


class Rename(Body, frozen=True, gc=False):
    """A new name, and for persons a new role text. `b""`: unchanged."""

    subject: Subject
    id: Annotated[bytes, msgspec.Meta(max_length=HASH_BYTES)]  # b"" for the circle
    name: _Optional
    role_text: _Optional


class SetRole(Body, frozen=True, gc=False):
    """What a person may do from now on."""

    person: _Person
    role: Role


class InboxChange(Body, frozen=True, gc=False):
    """A role inbox ("Empfang") is a set of persons (section 11.2)."""

    inbox: _Person
    name: _Optional
    add: _Persons
    remove: _Persons
    closed: bool


class Policy(Body, frozen=True, gc=False):
    """Settings of the whole circle; the newest of each key counts."""

    settings: Annotated[tuple[tuple[_Word, _Value], ...], msgspec.Meta(max_length=MAX_SETTINGS)]


class Recovery(Body, frozen=True, gc=False):
    """Another recovery key (sections 10.1, 11.1)."""

    key: Hash


class Enrol(Body, frozen=True, gc=False):
    """A token for mass roll-out; `max` 0 ends it. Never for admins (section 11.15)."""

    key: Hash  # Ed25519 public key derived from the token
    max: Annotated[int, msgspec.Meta(ge=0, le=10_000)]
    expires_s: Annotated[int, msgspec.Meta(ge=0, le=(1 << 40) - 1)]
    inboxes: _Persons


class Rotate(Body, frozen=True, gc=False):
    """Another tag secret without a revocation (section 11.13)."""

    secret: Hash


# --- the group ---------------------------------------------------------------------------------------------


class GroupBody(Body, frozen=True, gc=False):
    """Base: who acts, and the roster heads by which the author's right to act as that person is judged."""

    roster: _Heads  # strictly ascending
    person: _Person


class Create(GroupBody, frozen=True, gc=False):
    """The first statement; its hash is the group's id. The author's person is the first group admin."""

    circle: Hash
    nonce: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    members: _Persons  # without the creator
    title: _Optional


class Add(GroupBody, frozen=True, gc=False):
    """New members."""

    members: _Persons


class Remove(GroupBody, frozen=True, gc=False):
    """Members, and devices that may no longer speak in this chain (because the circle revoked them)."""

    members: _Persons
    devices: _Hashes


class Leave(GroupBody, frozen=True, gc=False):
    """The acting person goes."""


class RenameGroup(GroupBody, frozen=True, gc=False):
    """A new title; the title itself is ordinary content (section 11.10)."""

    title: Hash


class Roles(GroupBody, frozen=True, gc=False):
    """Whether a member may add, remove and appoint."""

    member: _Person
    admin: bool


class Kind(msgspec.Struct, frozen=True):
    """A known kind: its body, and the value of `crit` that it must carry."""

    body: type[Body]
    crit: bool


CIRCLE_KINDS: Final[dict[str, Kind]] = {
    "found": Kind(Found, True),
    "admit": Kind(Admit, True),
    "link": Kind(Link, True),
    "unlink": Kind(Unlink, True),
    "revoke": Kind(Revoke, True),
    "rename": Kind(Rename, False),
    "set_role": Kind(SetRole, True),
    "inbox": Kind(InboxChange, False),
    "policy": Kind(Policy, True),
    "recovery": Kind(Recovery, True),
    "enrol": Kind(Enrol, True),
    "rotate": Kind(Rotate, True),
}
GROUP_KINDS: Final[dict[str, Kind]] = {
    "create": Kind(Create, True),
    "add": Kind(Add, True),
    "remove": Kind(Remove, True),
    "leave": Kind(Leave, True),
    "rename": Kind(RenameGroup, False),
    "roles": Kind(Roles, True),
}
CIRCLE_KIND_OF: Final = {kind.body: name for name, kind in CIRCLE_KINDS.items()}
GROUP_KIND_OF: Final = {kind.body: name for name, kind in GROUP_KINDS.items()}


def parse_body(kinds: dict[str, Kind], kind: str, crit: bool, data: bytes) -> Body | None:
    """The typed body of a known kind, None for an unknown kind. Raises `DecodeError`."""
    known = kinds.get(kind)
    if known is None:
        return None
    if crit != known.crit:
        raise DecodeError("crit")
    return decode(known.body, data, max_bytes=MAX_RAW_BYTES)
