"""The outer form of one ciphertext for one device (protocol sections 4, 11.5, 11.8).

    version u8 | type u8 | session id 32 | [type 1: length u16 | handshake header] | ratchet message

Type 1 ("initial") is every envelope of an initiator who has not decrypted a reply yet, type 2 any other. The
ratchet message repeats version and type in its authenticated header, the session id is part of its associated
data, and the handshake header is what the session id was derived from: nothing can be exchanged unnoticed.
"""

import struct
from hashlib import sha256
from typing import Final, NamedTuple

from crypto.errors import DecodeError, DecryptionFailed
from crypto.handshake import MAX_HEADER_BYTES, HandshakeHeader, parse_header
from crypto.ids import ENVELOPE_ID_BYTES, EnvelopeId, SessionId

VERSION: Final = 1
INITIAL: Final = 1
MESSAGE: Final = 2
MAX_ENVELOPE_BYTES: Final = 768 * 1024

_PREFIX: Final = struct.Struct(">BB32s")
_LENGTH: Final = struct.Struct(">H")
PREFIX_BYTES: Final = _PREFIX.size


class Envelope(NamedTuple):
    """A parsed envelope; nothing in it is verified. `handshake` is None for type 2."""

    version: int
    type: int
    session_id: SessionId
    handshake: HandshakeHeader | None
    message: bytes

    @property
    def handshake_hash(self) -> bytes | None:
        """What the receiver looks an initial message up by (11.5)."""
        return self.handshake.hash if self.handshake else None


def envelope_id(wire: bytes) -> EnvelopeId:
    """SHA-256(envelope)[:16]."""
    return EnvelopeId(sha256(wire).digest()[:ENVELOPE_ID_BYTES])


def prefix(kind: int, session_id: SessionId) -> bytes:
    """The first 34 bytes of every envelope of one type in one session."""
    return _PREFIX.pack(VERSION, kind, session_id)


def initial_prefix(session_id: SessionId, header: bytes) -> bytes:
    """All that stands before the ratchet message of an initial envelope."""
    return prefix(INITIAL, session_id) + _LENGTH.pack(len(header)) + header


def parse(wire: bytes) -> Envelope:
    """Raises `DecodeError` for anything that is no envelope of this version, by size and form only."""
    if not PREFIX_BYTES < len(wire) <= MAX_ENVELOPE_BYTES:
        raise DecodeError("no envelope")
    version, kind, session_id = _PREFIX.unpack_from(wire)
    if version != VERSION or kind not in (INITIAL, MESSAGE):
        raise DecodeError("no envelope")
    if kind == MESSAGE:
        return Envelope(version, kind, SessionId(session_id), None, wire[PREFIX_BYTES:])
    start = PREFIX_BYTES + _LENGTH.size
    if len(wire) < start:
        raise DecodeError("no envelope")
    (length,) = _LENGTH.unpack_from(wire, PREFIX_BYTES)
    if length > MAX_HEADER_BYTES or len(wire) <= start + length:
        raise DecodeError("no envelope")
    try:
        header = parse_header(wire[start : start + length])
    except DecryptionFailed:
        raise DecodeError("no envelope") from None
    return Envelope(version, kind, SessionId(session_id), header, wire[start + length :])
