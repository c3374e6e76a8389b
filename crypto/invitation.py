"""What else than a typed code lets a device in (protocol sections 2, 11.15): links and enrolment tokens.

A link, also shown as a QR code, holds the code together with what the code alone cannot say: which device to expect
and where it listens. A token is the longer-lived secret for a roll-out by IT: 128 bits, from which an Ed25519 key
comes whose public half stands in an `enrol` statement. The joiner signs with that key and knows the practice by the
first half of its `found` hash, so that a token holder cannot play the practice.

Everything in a link is typed or scanned, so hostile until the pairing held.
"""

import base64
import ipaddress
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto import crockford
from crypto.codec import decode, encode
from crypto.entropy import Entropy
from crypto.errors import DecodeError
from crypto.ids import CircleId, DeviceId
from crypto.kdf import Label, hkdf
from crypto.pairing import parse_code

TOKEN_SECRET_BYTES: Final = 16
CIRCLE_PREFIX_BYTES: Final = 16
_TOKEN_SYMBOLS: Final = 52  # 256 bits; the last symbol's four spare bits are zero
SCHEME: Final = "praxisfunk:"
MAX_LINK_CHARS: Final = 1024
MAX_ADDRESSES: Final = 8
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class EnrolmentToken:
    """`secret` (16 bytes) and the first 16 bytes of the `found` hash of the practice that it opens."""

    secret: bytes
    circle_prefix: bytes

    def __repr__(self) -> str:
        return "EnrolmentToken(<redacted>)"

    @classmethod
    def create(cls, circle: CircleId, entropy: Entropy) -> "EnrolmentToken":
        """A fresh token for this practice."""
        return cls(entropy.token(TOKEN_SECRET_BYTES), circle[:CIRCLE_PREFIX_BYTES])

    @classmethod
    def parse(cls, typed: str) -> "EnrolmentToken":
        """Undo `text`. Raises `DecodeError`, for a mistyped one too."""
        symbols = crockford.normalise(typed, _TOKEN_SYMBOLS + 2)
        body, checks = symbols[:-2], symbols[-2:]
        if checks != _checks(body):
            raise DecodeError("token mistyped")
        raw = crockford.to_bytes(body, TOKEN_SECRET_BYTES + CIRCLE_PREFIX_BYTES)
        return cls(raw[:TOKEN_SECRET_BYTES], raw[TOKEN_SECRET_BYTES:])

    @property
    def text(self) -> str:
        """For a configuration file or a letter: 54 symbols in groups, two of them check symbols."""
        body = crockford.from_bytes(self.secret + self.circle_prefix)
        return crockford.grouped(body + _checks(body), 6)

    @property
    def key(self) -> Ed25519PrivateKey:
        """Signs the joiner's proof; its public half stands in `enrol`."""
        seed = hkdf(self.secret, salt=self.circle_prefix, info=Label.ENROLMENT_TOKEN, size_bytes=32)
        return Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public(self) -> bytes:
        """32 bytes, for `enrol`."""
        return self.key.public_key().public_bytes_raw()

    def opens(self, circle: CircleId) -> bool:
        """Whether `circle` is the practice that this token is for."""
        return circle[:CIRCLE_PREFIX_BYTES] == self.circle_prefix


def _checks(body: str) -> str:
    """One check symbol per half: each covers at most 31 symbols."""
    half = len(body) // 2
    return crockford.check_symbol(body[:half]) + crockford.check_symbol(body[half:])


class Place(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """An IP address and UDP port at which the practice's device listens."""

    host: Annotated[str, msgspec.Meta(min_length=2, max_length=45)]
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)]


class _LinkBody(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    version: Annotated[int, msgspec.Meta(ge=_VERSION, le=_VERSION)]
    code: Annotated[str, msgspec.Meta(max_length=12)]
    token: Annotated[bytes, msgspec.Meta(max_length=TOKEN_SECRET_BYTES + CIRCLE_PREFIX_BYTES)]
    device: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    places: Annotated[tuple[Place, ...], msgspec.Meta(max_length=MAX_ADDRESSES)]


@dataclass(frozen=True, slots=True)
class Invitation:
    """Content of a link: a code or a token, the device to expect, and where it may be."""

    secret: str | EnrolmentToken
    device: DeviceId
    places: tuple[Place, ...] = ()

    def __repr__(self) -> str:
        return f"Invitation(<redacted>, {self.device[:4].hex()}, {len(self.places)} places)"

    @property
    def link(self) -> str:
        """`praxisfunk:` and base64url: what the QR code holds. Raises `DecodeError` if it would not be read."""
        code, token = (self.secret, b"") if isinstance(self.secret, str) else ("", _raw(self.secret))
        body = encode(_LinkBody(_VERSION, code, token, self.device, self.places))
        link = SCHEME + base64.urlsafe_b64encode(body).decode().rstrip("=")
        Invitation.parse(link)
        return link

    @classmethod
    def parse(cls, link: str) -> "Invitation":
        """Read a scanned or clicked link. Raises `DecodeError`."""
        text = link.strip()
        if len(text) > MAX_LINK_CHARS or not text.isascii() or not text.lower().startswith(SCHEME):
            raise DecodeError("not an invitation")
        try:
            raw = base64.b64decode(_unescaped(text[len(SCHEME) :]), altchars=b"-_", validate=True)
        except ValueError as exc:
            raise DecodeError("not an invitation") from exc
        body = decode(_LinkBody, raw, max_bytes=MAX_LINK_CHARS)
        for place in body.places:
            _check_host(place.host)
        return cls(_secret(body), DeviceId(body.device), body.places)


def _unescaped(encoded: str) -> str:
    return encoded + "=" * (-len(encoded) % 4)


def _raw(token: EnrolmentToken) -> bytes:
    return token.secret + token.circle_prefix


def _secret(body: _LinkBody) -> str | EnrolmentToken:
    if body.code and not body.token:
        return parse_code(body.code)
    if len(body.token) == TOKEN_SECRET_BYTES + CIRCLE_PREFIX_BYTES and not body.code:
        return EnrolmentToken(body.token[:TOKEN_SECRET_BYTES], body.token[TOKEN_SECRET_BYTES:])
    raise DecodeError("neither code nor token")


def _check_host(host: str) -> None:
    """Addresses only: a name would send a look-up to whoever wrote the link. A zone means nothing elsewhere."""
    try:
        if "%" in host:
            raise ValueError("zone")
        ipaddress.ip_address(host)
    except ValueError as exc:
        raise DecodeError("not an address") from exc
