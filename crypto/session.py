"""A session between two devices: handshake, ratchet and envelope together (protocol 3, 4, 11.4, 11.5).

    session = Session.start(own, bundle, None, own_inc=..., peer_inc=..., gen=..., entropy=..., now_ms=...)
    wire = session.encrypt(b"...", now_ms=..., entropy=...)

    envelope = parse(wire)                      # other side
    session = Session.accept(own, lookup, envelope.handshake.raw, own_inc=..., now_ms=...)
    session.decrypt(wire, now_ms=...)           # only this proves anything; keep the session only after it

State is kept by the caller: `dump` is everything but the skipped keys, which go row by row with
`take_skipped_changes`. Of several sessions of a pair the one with the greatest `rank` sends (11.4); the
others only receive.
"""

import struct
from collections.abc import Iterable
from typing import Final, NoReturn

import msgspec

from crypto.codec import decode, encode
from crypto.entropy import Entropy
from crypto.envelope import (
    INITIAL,
    MAX_ENVELOPE_BYTES,
    MESSAGE,
    PREFIX_BYTES,
    initial_prefix,
    parse,
    prefix,
)
from crypto.errors import DecodeError, DecryptionFailed, ExpiredKey, InvalidKey, LimitReached
from crypto.handshake import Agreement, HandshakeHeader, PrekeyLookup, initiate, respond
from crypto.identity import DeviceIdentity, DevicePublic
from crypto.ids import DeviceId, SessionId
from crypto.prekeys import Bundle, OnetimePrekey
from crypto.ratchet import MAX_SKIP, Ratchet, RatchetState, restore
from crypto.skipped import SkippedKey, StoredKey

FORMAT: Final = 1
MAX_PLAINTEXT_BYTES: Final = 512 * 1024
_MAX_DUMP_BYTES: Final = 16 * 1024
_RANK: Final = struct.Struct(">QQ")


class _Fixed(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """What never changes in a session's life."""

    initiator: bool
    session_id: SessionId
    peer: DevicePublic
    own_inc: int
    peer_inc: int
    gen: int
    created_ms: int
    handshake_hash: bytes


class _Dump(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Stored form. `handshake` is the header still sent along, empty when a reply came."""

    format: int
    fixed: _Fixed
    handshake: bytes
    ratchet: RatchetState

    def __repr__(self) -> str:
        return "_Dump(<redacted>)"


class Session:
    """One live session. Not thread-safe."""

    __slots__ = ("_fixed", "_handshake", "_out", "_ratchet", "_seen", "header")

    def __init__(self, fixed: _Fixed, handshake: bytes, ratchet: Ratchet) -> None:
        """Use `start`, `accept` or `load`."""
        self._fixed = fixed
        self._ratchet = ratchet
        self._seen = prefix(MESSAGE, fixed.session_id)
        self.header: HandshakeHeader | None = None
        """The parsed handshake, right after `start` or `accept`; None in a loaded session."""
        self._handshake = handshake
        self._out = initial_prefix(fixed.session_id, handshake) if handshake else self._seen

    def __repr__(self) -> str:
        return f"Session({self.session_id[:4].hex()}, peer={self.peer_id[:4].hex()}, gen={self.gen})"

    # --- making ---------------------------------------------------------------------------------------------

    @classmethod
    def start(
        cls,
        own: DeviceIdentity,
        bundle: Bundle,
        onetime: OnetimePrekey | None,
        *,
        own_inc: int,
        peer_inc: int,
        gen: int,
        entropy: Entropy,
        now_ms: int,
    ) -> "Session":
        """A session with the device of a verified bundle, ready to encrypt.

        `peer_inc` is the greatest incarnation of the peer known from anywhere; `gen` is 1 + the highest known
        for the pair. Raises `ExpiredKey` if the bundle is older than 60 days or of an earlier incarnation,
        `InvalidKey` for oneself as peer or a bad one-time key, `LimitReached` for numbers out of range.
        """
        if bundle.inc < peer_inc:
            raise ExpiredKey("the bundle is of an earlier incarnation")
        agreement = initiate(
            own, bundle, onetime, own_inc=own_inc, gen=gen, entropy=entropy, now_s=now_ms // 1000
        )
        fixed = _fixed(agreement, bundle.device, True, now_ms)
        ad_send, ad_receive = _associated(fixed, own.public)
        ratchet = Ratchet.initiator(
            agreement.root, agreement.ratchet_key, ad_send=ad_send, ad_receive=ad_receive, now_ms=now_ms
        )
        session = cls(fixed, agreement.header.raw, ratchet)
        session.header = agreement.header
        return session

    @classmethod
    def accept(
        cls, own: DeviceIdentity, lookup: PrekeyLookup, header: bytes, *, own_inc: int, now_ms: int
    ) -> "Session":
        """The responder's session of a handshake header (`Envelope.handshake.raw`).

        The caller has looked the header's hash up first: a handshake handled once is never accepted again.
        Nothing is proven before `decrypt` succeeded; until then keep nothing. Raises `DecryptionFailed`.
        """
        agreement = respond(own, header, lookup, own_inc=own_inc)
        fixed = _fixed(agreement, agreement.header.initiator, False, now_ms)
        ad_send, ad_receive = _associated(fixed, own.public)
        ratchet = Ratchet.responder(
            agreement.root, agreement.ratchet_key, ad_send=ad_send, ad_receive=ad_receive, now_ms=now_ms
        )
        session = cls(fixed, b"", ratchet)
        session.header = agreement.header
        return session

    @classmethod
    def load(cls, own: DeviceIdentity, dump: bytes, skipped: Iterable[StoredKey]) -> "Session":
        """A session from `dump` and its stored skipped keys in order of storing. Raises `DecodeError`."""
        stored = decode(_Dump, dump, max_bytes=_MAX_DUMP_BYTES)
        if stored.format != FORMAT:
            raise DecodeError("unknown format of session state")
        ad_send, ad_receive = _associated(stored.fixed, own.public)
        try:
            ratchet = restore(stored.ratchet, skipped, ad_send=ad_send, ad_receive=ad_receive)
        except (InvalidKey, ValueError) as exc:
            raise DecodeError("session state does not hold") from exc
        return cls(stored.fixed, stored.handshake, ratchet)

    def dump(self) -> bytes:
        """The whole state but the skipped keys. Secret."""
        return encode(_Dump(FORMAT, self._fixed, self._handshake, self._ratchet.state()))

    def take_skipped_changes(self) -> tuple[list[SkippedKey], list[tuple[bytes, int]]]:
        """Skipped keys (added, removed as (chain, number)) since the last call."""
        return self._ratchet.skipped.take_changes()

    def expire(self, now_ms: int) -> None:
        """Drop skipped keys older than 30 days; `take_skipped_changes` tells which."""
        self._ratchet.skipped.expire(now_ms)

    # --- messages -------------------------------------------------------------------------------------------

    def encrypt(self, plaintext: bytes, *, now_ms: int, entropy: Entropy) -> bytes:
        """The next envelope, final bytes.

        Raises `LimitReached` for more than `MAX_PLAINTEXT_BYTES`, a full chain, and a session that was
        accepted but has not decrypted anything.
        """
        if len(plaintext) > MAX_PLAINTEXT_BYTES:
            raise LimitReached("content too large for one envelope")
        kind = INITIAL if self._handshake else MESSAGE
        return self._out + self._ratchet.encrypt(plaintext, kind, entropy=entropy, now_ms=now_ms)

    def decrypt(self, wire: bytes, *, now_ms: int) -> bytes:
        """The plaintext of an envelope. `DecryptionFailed`, and nothing changed, for every cause."""
        if wire[:PREFIX_BYTES] == self._seen and len(wire) <= MAX_ENVELOPE_BYTES:
            plaintext = self._ratchet.decrypt(wire[PREFIX_BYTES:], MESSAGE, now_ms=now_ms)
        else:
            plaintext = self._ratchet.decrypt(self._initial(wire), INITIAL, now_ms=now_ms)
        if self._handshake:
            self._handshake, self._out = b"", self._seen
        return plaintext

    def skips_too_far(self, wire: bytes) -> bool:
        """Whether an envelope that failed lies more than 1,000 messages ahead, by its unverified header.

        Then it is no reason for a `nack` (11.8): what comes before it may still come.
        """
        try:
            if wire[:PREFIX_BYTES] == self._seen and len(wire) <= MAX_ENVELOPE_BYTES:
                return self._ratchet.skip_of(wire[PREFIX_BYTES:], MESSAGE) > MAX_SKIP
            return self._ratchet.skip_of(self._initial(wire), INITIAL) > MAX_SKIP
        except DecryptionFailed:
            return False

    def _initial(self, wire: bytes) -> bytes:
        """The ratchet message of an initial envelope of this very session."""
        try:
            envelope = parse(wire)
        except DecodeError:
            _refuse()
        if self._fixed.initiator or envelope.session_id != self._fixed.session_id:
            _refuse()
        if envelope.handshake_hash != self._fixed.handshake_hash:
            _refuse()
        return envelope.message

    # --- what it is -----------------------------------------------------------------------------------------

    @property
    def session_id(self) -> SessionId:
        return self._fixed.session_id

    @property
    def peer(self) -> DevicePublic:
        return self._fixed.peer

    @property
    def peer_id(self) -> DeviceId:
        return self._fixed.peer.device_id

    @property
    def initiator(self) -> bool:
        return self._fixed.initiator

    @property
    def gen(self) -> int:
        return self._fixed.gen

    @property
    def own_inc(self) -> int:
        return self._fixed.own_inc

    @property
    def peer_inc(self) -> int:
        return self._fixed.peer_inc

    @property
    def created_ms(self) -> int:
        return self._fixed.created_ms

    @property
    def handshake_hash(self) -> bytes:
        """Names the handshake; the responder remembers it (10.14)."""
        return self._fixed.handshake_hash

    @property
    def rank(self) -> bytes:
        """48 bytes that sort as (inc_A + inc_B, gen, session id), equal on both sides."""
        return _RANK.pack(self.own_inc + self.peer_inc, self.gen) + self.session_id

    @property
    def awaits_reply(self) -> bool:
        """True at the initiator until something was decrypted: envelopes still carry the handshake."""
        return bool(self._handshake)

    @property
    def can_send(self) -> bool:
        """False only between `accept` and the first `decrypt`."""
        return self._ratchet.can_send


def _fixed(agreement: Agreement, peer: DevicePublic, initiator: bool, now_ms: int) -> _Fixed:
    header = agreement.header
    own_inc, peer_inc = header.own_inc, header.peer_inc
    if not initiator:
        own_inc, peer_inc = peer_inc, own_inc
    return _Fixed(initiator, agreement.session_id, peer, own_inc, peer_inc, header.gen, now_ms, header.hash)


def _associated(fixed: _Fixed, own: DevicePublic) -> tuple[bytes, bytes]:
    """Associated data for sending and receiving: session id, sender's identity, recipient's identity."""
    ours, theirs = own.dik + own.ik, fixed.peer.dik + fixed.peer.ik
    return fixed.session_id + ours + theirs, fixed.session_id + theirs + ours


def _refuse() -> NoReturn:
    raise DecryptionFailed from None
