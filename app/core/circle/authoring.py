"""Making statements of a circle: each function returns the signed statement and what travels beside it.

They need the current `Roster` (what to cite), a `Signer` (device or recovery key) and `Entropy`, and refuse what
everybody else would refuse. The result goes through `CircleLog.add` like anybody else's.
"""

from collections.abc import Iterable, Sequence

import msgspec

from app.core.circle import bodies
from app.core.circle.bodies import CIRCLE_KIND_OF, CIRCLE_KINDS, Body, RevokeReason, Role, Subject
from app.core.circle.errors import LastAdmin, NotAllowed
from app.core.circle.roster import Roster
from app.core.ports import Opening
from crypto.codec import encode
from crypto.entropy import Entropy
from crypto.identity import DeviceIdentity, DevicePublic
from crypto.ids import PERSON_ID_BYTES, CircleId, DeviceId, PersonId
from crypto.statement import (
    VERSION,
    DeviceSigner,
    SignedStatement,
    Signer,
    Statement,
    commit,
    secret_commitment,
    sign,
)

SECRET_BYTES = 32


class Made(msgspec.Struct, frozen=True):
    """A new statement. `secret`: the circle's new tag secret, to be handed to the others over sessions."""

    signed: SignedStatement
    openings: tuple[Opening, ...] = ()
    secret: bytes | None = None

    def __repr__(self) -> str:
        return f"Made({self.signed.statement.kind} {self.signed.hash.hex()[:8]})"

    @property
    def wire(self) -> bytes:
        """For `ChainLog.add`, for peers, for M4 of the pairing."""
        return self.signed.wire


class Names:
    """Commits to personal values and keeps their openings."""

    def __init__(self, entropy: Entropy) -> None:
        self._entropy = entropy
        self._openings: list[Opening] = []

    def commit(self, value: str) -> bytes:
        """The commitment to a value."""
        commitment, salt = commit(self._entropy, value)
        self._openings.append(Opening(commitment=commitment, salt=salt, value=value))
        return commitment

    @property
    def openings(self) -> tuple[Opening, ...]:
        """All values so far."""
        return tuple(self._openings)


def as_signer(who: DeviceIdentity | Signer) -> Signer:
    """A device identity signs as a device."""
    return DeviceSigner(who) if isinstance(who, DeviceIdentity) else who


def new_person(entropy: Entropy) -> PersonId:
    """16 random bytes (section 11.2)."""
    return PersonId(entropy.token(PERSON_ID_BYTES))


# --- the circle begins -------------------------------------------------------------------------------------


def found(
    identity: DeviceIdentity,
    entropy: Entropy,
    now_ms: int,
    *,
    circle_name: str,
    person_name: str,
    role_text: str,
    device_name: str,
    recovery_public: bytes,
    person: PersonId | None = None,
) -> Made:
    """A new circle; `Made.signed.hash` is its id, `Made.secret` its first tag secret."""
    names = Names(entropy)
    secret = entropy.token(SECRET_BYTES)
    body = bodies.Found(
        person=person if person is not None else new_person(entropy),
        device=identity.public,
        recovery=recovery_public,
        secret=secret_commitment(secret),
        circle_name=names.commit(circle_name),
        person_name=names.commit(person_name),
        role_text=names.commit(role_text),
        device_name=names.commit(device_name),
    )
    statement = Statement(
        version=VERSION,
        chain=b"",
        parents=(),
        author=identity.device_id,
        cosigners=(),
        lamport=1,
        time_ms=now_ms,
        kind="found",
        crit=True,
        body=encode(body),
    )
    return Made(sign(statement, DeviceSigner(identity)), names.openings, secret)


# --- people and devices ------------------------------------------------------------------------------------


def admit(
    roster: Roster,
    who: DeviceIdentity | Signer,
    entropy: Entropy,
    now_ms: int,
    *,
    person: PersonId,
    device: DevicePublic,
    consent: bytes,
    person_name: str,
    role_text: str,
    device_name: str,
    role: Role = Role.MEMBER,
    home: CircleId | None = None,
    enrolment: bodies.Enrolment | None = None,
) -> Made:
    """A new member with a first device. `consent`: the device's signature over (circle, person)."""
    if roster.is_member(person):
        raise NotAllowed("already a member: link the device instead")
    names = Names(entropy)
    body = bodies.Admit(
        person=person,
        device=device,
        consent=consent,
        home=home if home is not None else roster.circle,
        role=role,
        person_name=names.commit(person_name),
        role_text=names.commit(role_text),
        device_name=names.commit(device_name),
        enrolment=enrolment,
    )
    return Made(_signed(roster, who, body, now_ms), names.openings)


def link(
    roster: Roster,
    who: DeviceIdentity | Signer,
    entropy: Entropy,
    now_ms: int,
    *,
    person: PersonId,
    device: DevicePublic,
    consent: bytes,
    device_name: str,
) -> Made:
    """A further device for a member, or a member for a device that others use too."""
    if not roster.is_member(person):
        raise NotAllowed("not a member")
    names = Names(entropy)
    body = bodies.Link(person, device, consent, names.commit(device_name))
    return Made(_signed(roster, who, body, now_ms), names.openings)


def unlink(
    roster: Roster,
    who: DeviceIdentity | Signer,
    now_ms: int,
    *,
    person: PersonId,
    device: DeviceId,
    cosigners: Sequence[DeviceIdentity] = (),
) -> Made:
    """This device no longer stands for this person."""
    return Made(_signed(roster, who, bodies.Unlink(person, device), now_ms, cosigners))


def revoke(
    roster: Roster,
    who: DeviceIdentity | Signer,
    entropy: Entropy,
    now_ms: int,
    *,
    devices: Iterable[DeviceId] = (),
    persons: Iterable[PersonId] = (),
    reason: RevokeReason = RevokeReason.OTHER,
    cosigners: Sequence[DeviceIdentity] = (),
) -> Made:
    """End devices for good, persons until admitted anew; brings a new tag secret.

    A co-signature of an admin of another person makes it win over a single stolen admin's device, and the
    recovery key wins over everybody (section 11.1). Raises `LastAdmin` if nobody could admit any more.
    """
    signer = as_signer(who)
    gone, left = tuple(dict.fromkeys(devices)), tuple(dict.fromkeys(persons))
    if signer.author in gone:
        raise NotAllowed("a device resigns with `resign`")
    _keep_an_admin(roster, signer, gone, left)
    secret = entropy.token(SECRET_BYTES)
    body = bodies.Revoke(gone, left, secret_commitment(secret), reason)
    return Made(_signed(roster, signer, body, now_ms, cosigners), secret=secret)


def resign(roster: Roster, identity: DeviceIdentity, now_ms: int) -> Made:
    """This very device gives up for good; an admin should `rotate` afterwards."""
    body = bodies.Revoke((identity.device_id,), (), b"", RevokeReason.LEFT)
    return Made(_signed(roster, identity, body, now_ms))


def _keep_an_admin(
    roster: Roster, signer: Signer, gone: tuple[DeviceId, ...], left: tuple[PersonId, ...]
) -> None:
    if signer.author not in roster.devices:
        return  # the recovery key can appoint another
    for admin in roster.admins():
        if admin not in left and any(device not in gone for device in roster.devices_of(admin)):
            return
    raise LastAdmin


# --- names, rights, the circle itself ----------------------------------------------------------------------


def rename_circle(
    roster: Roster, who: DeviceIdentity | Signer, entropy: Entropy, now_ms: int, *, name: str
) -> Made:
    """Another name of the practice."""
    names = Names(entropy)
    body = bodies.Rename(Subject.CIRCLE, b"", names.commit(name), b"")
    return Made(_signed(roster, who, body, now_ms), names.openings)


def rename_person(
    roster: Roster,
    who: DeviceIdentity | Signer,
    entropy: Entropy,
    now_ms: int,
    *,
    person: PersonId,
    name: str | None = None,
    role_text: str | None = None,
) -> Made:
    """Another name or role text; None: unchanged."""
    names = Names(entropy)
    body = bodies.Rename(
        subject=Subject.PERSON,
        id=person,
        name=b"" if name is None else names.commit(name),
        role_text=b"" if role_text is None else names.commit(role_text),
    )
    return Made(_signed(roster, who, body, now_ms), names.openings)


def rename_device(
    roster: Roster,
    who: DeviceIdentity | Signer,
    entropy: Entropy,
    now_ms: int,
    *,
    device: DeviceId,
    name: str,
) -> Made:
    """Another name of a device."""
    names = Names(entropy)
    body = bodies.Rename(Subject.DEVICE, device, names.commit(name), b"")
    return Made(_signed(roster, who, body, now_ms), names.openings)


def set_role(
    roster: Roster,
    who: DeviceIdentity | Signer,
    now_ms: int,
    *,
    person: PersonId,
    role: Role,
    cosigners: Sequence[DeviceIdentity] = (),
) -> Made:
    """What a member may do. Raises `LastAdmin` if nobody could admit any more."""
    if role != Role.ADMIN and set(roster.admins()) <= {person}:
        raise LastAdmin
    return Made(_signed(roster, who, bodies.SetRole(person, role), now_ms, cosigners))


def rotate(roster: Roster, who: DeviceIdentity | Signer, entropy: Entropy, now_ms: int) -> Made:
    """Another tag secret (section 11.13)."""
    secret = entropy.token(SECRET_BYTES)
    return Made(_signed(roster, who, bodies.Rotate(secret_commitment(secret)), now_ms), secret=secret)


def replace_recovery(
    roster: Roster,
    who: DeviceIdentity | Signer,
    now_ms: int,
    *,
    recovery_public: bytes,
    cosigners: Sequence[DeviceIdentity] = (),
) -> Made:
    """Another recovery key: by the present one, or by admins of two persons where the paper is lost."""
    return Made(_signed(roster, who, bodies.Recovery(recovery_public), now_ms, cosigners))


def enrol(
    roster: Roster,
    who: DeviceIdentity | Signer,
    now_ms: int,
    *,
    key: bytes,
    maximum: int,
    expires_s: int,
    inboxes: tuple[PersonId, ...] = (),
) -> Made:
    """Publish an enrolment token's public key; `maximum` 0 ends the token (section 11.15)."""
    return Made(_signed(roster, who, bodies.Enrol(key, maximum, expires_s, inboxes), now_ms))


def set_policy(
    roster: Roster,
    who: DeviceIdentity | Signer,
    now_ms: int,
    *,
    settings: tuple[tuple[str, bool | int | str], ...],
) -> Made:
    """Circle-wide settings."""
    return Made(_signed(roster, who, bodies.Policy(settings), now_ms))


def change_inbox(
    roster: Roster,
    who: DeviceIdentity | Signer,
    entropy: Entropy,
    now_ms: int,
    *,
    inbox: PersonId,
    name: str | None = None,
    add: tuple[PersonId, ...] = (),
    remove: tuple[PersonId, ...] = (),
    closed: bool = False,
) -> Made:
    """Make, fill, rename or close a role inbox."""
    names = Names(entropy)
    commitment = b"" if name is None else names.commit(name)
    body = bodies.InboxChange(inbox, commitment, add, remove, closed)
    return Made(_signed(roster, who, body, now_ms), names.openings)


# --- signing -------------------------------------------------------------------------------------------------


def draft(
    roster: Roster, author: bytes, body: Body, now_ms: int, cosigners: Sequence[bytes] = ()
) -> Statement:
    """An unsigned statement, for co-signers on other devices: each signs its encoded bytes."""
    kind = CIRCLE_KIND_OF[type(body)]
    return Statement(
        version=VERSION,
        chain=roster.circle,
        parents=roster.parents,
        author=author,
        cosigners=tuple(sorted(cosigners)),
        lamport=roster.lamport,
        time_ms=now_ms,
        kind=kind,
        crit=CIRCLE_KINDS[kind].crit,
        body=encode(body),
    )


def _signed(
    roster: Roster,
    who: DeviceIdentity | Signer,
    body: Body,
    now_ms: int,
    cosigners: Sequence[DeviceIdentity] = (),
) -> SignedStatement:
    signer = as_signer(who)
    others = [DeviceSigner(identity) for identity in cosigners]
    statement = draft(roster, signer.author, body, now_ms, [other.author for other in others])
    return sign(statement, signer, others)
