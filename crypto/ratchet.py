"""The double ratchet with its post-quantum step (protocol sections 4, 10.5 and 11.19).

Signal's Double Ratchet with three choices of ours: the sending DH step is taken lazily with the first message
after a new peer chain, the nonce is random (a restored backup must not reuse one), and the whole header is
associated data. On every 16th own DH step, or 24 h after the last offer, all headers of the sending chain
offer an ML-KEM-768 key; all headers of the answering chain carry the ciphertext, and its secret enters the
root together with the DH output that starts that chain.

Sending chains of both sides strictly alternate, so there is never more than one offer open, and a new peer
chain while an own offer is open must be its answer.

`decrypt` computes on local values and commits after the tag verified. Every refusal is `DecryptionFailed`
without a reason.
"""

from collections.abc import Iterable
from typing import Final, NoReturn

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto.aead import NONCE_BYTES, pad, unpad
from crypto.entropy import Entropy
from crypto.errors import DecryptionFailed, InvalidKey, LimitReached
from crypto.kdf import Label, hmac_pads, mac
from crypto.keys import (
    MLKEM_SEED_BYTES,
    X25519_BYTES,
    exchange,
    mlkem_public,
    x25519_public,
)
from crypto.ratchet_header import (
    ANSWER,
    MAX_NUMBER,
    OFFER,
    RatchetHeader,
    answer,
    extra_hash,
    offered_key,
    pack,
    parse,
)
from crypto.skipped import SkippedKey, SkippedKeys, StoredKey

MAX_SKIP: Final = 1_000
"""Message keys derived for one message, over both chains."""
OFFER_STEPS: Final = 16
OFFER_AGE_MS: Final = 24 * 3600 * 1000


class RatchetState(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """All but the skipped keys, as stored. Sizes in bytes: keys 32, `kem_seed` 64, `peer_kem` 1184."""

    root: bytes
    own: bytes | None
    peer: bytes | None
    send_chain: bytes | None
    send_number: int
    previous: int
    send_flags: int
    send_extra: bytes
    receive_chain: bytes | None
    receive_number: int
    receive_previous: int
    receive_extra: bytes
    kem_seed: bytes | None
    peer_kem: bytes | None
    steps: int
    offered_ms: int

    def __repr__(self) -> str:
        return "RatchetState(<redacted>)"


def _refuse() -> NoReturn:
    raise DecryptionFailed from None


def root_step(root: bytes, secret: bytes) -> tuple[bytes, bytes]:
    """(RK, CK) = HKDF(salt=RK, ikm=DH [|| SS], "PX1/root", 64).

    HKDF's two steps written out, as `chain_step`: half the time of the library's, once per message at worst.
    """
    pads = hmac_pads(mac(hmac_pads(root), secret))
    first = mac(pads, Label.ROOT.value + b"\x01")
    return first, mac(pads, first + Label.ROOT.value + b"\x02")


def chain_step(chain: bytes) -> tuple[bytes, bytes]:
    """(CK', MK) = (HMAC(CK, 0x02), HMAC(CK, 0x01)). Both share their key: this is the ratchet's inner loop."""
    pads = hmac_pads(chain)
    return mac(pads, b"\x02"), mac(pads, b"\x01")


class Ratchet:
    """One side of a session's ratchet. Not thread-safe; `associated` data is fixed per direction."""

    __slots__ = (
        "_ad_receive",
        "_ad_send",
        "_kem",
        "_kem_seed",
        "_offered_ms",
        "_own",
        "_own_public",
        "_own_raw",
        "_peer",
        "_peer_kem",
        "_peer_raw",
        "_previous",
        "_receive_chain",
        "_receive_extra",
        "_receive_number",
        "_receive_previous",
        "_root",
        "_send_chain",
        "_send_extra",
        "_send_flags",
        "_send_number",
        "_steps",
        "skipped",
    )

    def __init__(
        self,
        state: RatchetState,
        *,
        ad_send: bytes,
        ad_receive: bytes,
        skipped: SkippedKeys,
    ) -> None:
        """Raises `InvalidKey` if the stored keys are none."""
        self._ad_send, self._ad_receive = ad_send, ad_receive
        self.skipped = skipped
        self._root = state.root
        self._own_raw: bytes | None = state.own
        self._own = X25519PrivateKey.from_private_bytes(state.own) if state.own else None
        self._own_public = self._own.public_key().public_bytes_raw() if self._own else b""
        self._peer_raw = state.peer
        self._peer: X25519PublicKey | None = x25519_public(state.peer) if state.peer else None
        self._send_chain, self._send_number = state.send_chain, state.send_number
        self._previous = state.previous
        self._send_flags, self._send_extra = state.send_flags, state.send_extra
        self._receive_chain, self._receive_number = state.receive_chain, state.receive_number
        self._receive_previous, self._receive_extra = state.receive_previous, state.receive_extra
        self._kem_seed = state.kem_seed
        self._kem = MLKEM768PrivateKey.from_seed_bytes(state.kem_seed) if state.kem_seed else None
        self._peer_kem = MLKEM768PublicKey.from_public_bytes(state.peer_kem) if state.peer_kem else None
        self._steps, self._offered_ms = state.steps, state.offered_ms

    @classmethod
    def initiator(
        cls, root: bytes, peer: bytes, *, ad_send: bytes, ad_receive: bytes, now_ms: int
    ) -> "Ratchet":
        """The side that wrote the handshake. `peer` is the other's signed prekey; it can send at once."""
        state = _fresh(root, None, peer, now_ms)
        return cls(state, ad_send=ad_send, ad_receive=ad_receive, skipped=SkippedKeys())

    @classmethod
    def responder(
        cls, root: bytes, own: bytes, *, ad_send: bytes, ad_receive: bytes, now_ms: int
    ) -> "Ratchet":
        """The side whose signed prekey (secret `own`, 32 bytes) was used; it can send once it received."""
        state = _fresh(root, own, None, now_ms)
        return cls(state, ad_send=ad_send, ad_receive=ad_receive, skipped=SkippedKeys())

    def __repr__(self) -> str:
        return f"Ratchet(sent={self._send_number}, received={self._receive_number}, keys=<redacted>)"

    @property
    def can_send(self) -> bool:
        return self._peer is not None

    def state(self) -> RatchetState:
        """The live state without the skipped keys."""
        return RatchetState(
            self._root,
            self._own_raw,
            self._peer_raw,
            self._send_chain,
            self._send_number,
            self._previous,
            self._send_flags,
            self._send_extra,
            self._receive_chain,
            self._receive_number,
            self._receive_previous,
            self._receive_extra,
            self._kem_seed,
            self._peer_kem.public_bytes_raw() if self._peer_kem else None,
            self._steps,
            self._offered_ms,
        )

    # --- sending ------------------------------------------------------------------------------------------

    def encrypt(self, plaintext: bytes, kind: int, *, entropy: Entropy, now_ms: int) -> bytes:
        """Header and ciphertext of the next message. `kind` is the header's type byte.

        Raises `LimitReached` after 2^32 - 1 messages in one chain, and before a first message was received on
        the responder's side.
        """
        if self._send_chain is None:
            self._start_chain(entropy, now_ms)
        chain, number = self._send_chain, self._send_number
        if chain is None or number > MAX_NUMBER:
            raise LimitReached("no further message in this chain")
        nonce = entropy.token(NONCE_BYTES)
        header = pack(kind, self._send_flags, self._own_public, self._previous, number, nonce)
        header += self._send_extra
        chain, key = chain_step(chain)
        sealed = AESGCM(key).encrypt(nonce, pad(plaintext), self._ad_send + header)
        self._send_chain, self._send_number = chain, number + 1
        return header + sealed

    def _start_chain(self, entropy: Entropy, now_ms: int) -> None:
        """The own DH step: new key, the answer to an open offer of the peer, an own offer when it is due."""
        if self._peer is None:
            raise LimitReached("nothing received yet, so there is no key to send to")
        raw = entropy.token(X25519_BYTES)
        own = X25519PrivateKey.from_private_bytes(raw)
        secret, ciphertext = exchange(own, self._peer), b""
        if self._peer_kem is not None:
            shared, ciphertext = entropy.encapsulate(self._peer_kem)
            secret += shared
        root, chain = root_step(self._root, secret)
        steps, offered_ms, seed, offer = self._steps + 1, self._offered_ms, None, b""
        kem: MLKEM768PrivateKey | None = None
        if steps >= OFFER_STEPS or now_ms - self._offered_ms >= OFFER_AGE_MS:
            seed = entropy.token(MLKEM_SEED_BYTES)
            kem = MLKEM768PrivateKey.from_seed_bytes(seed)
            offer = kem.public_key().public_bytes_raw()
            steps, offered_ms = 0, now_ms
        self._own, self._own_raw, self._own_public = own, raw, own.public_key().public_bytes_raw()
        self._root, self._send_chain = root, chain
        self._previous, self._send_number = self._send_number, 0
        self._send_flags = (OFFER if offer else 0) | (ANSWER if ciphertext else 0)
        self._send_extra = offer + ciphertext
        self._kem, self._kem_seed, self._peer_kem = kem, seed, None
        self._steps, self._offered_ms = steps, offered_ms

    # --- receiving ----------------------------------------------------------------------------------------

    def decrypt(self, message: bytes, kind: int, *, now_ms: int) -> bytes:
        """The plaintext of one message of type `kind`.

        Raises `DecryptionFailed`, with nothing changed, for every flaw.
        """
        header, chain = parse(message, kind), self._receive_chain
        if chain is not None and header.dh == self._peer_raw:
            if header.previous != self._receive_previous:
                _refuse()
            if extra_hash(message, header) != self._receive_extra:
                _refuse()
            if header.number >= self._receive_number:
                return self._decrypt_current(chain, message, header, now_ms)
            return self._decrypt_skipped(message, header, now_ms)
        if self.skipped.has_chain(header.dh):
            return self._decrypt_skipped(message, header, now_ms)
        try:
            return self._decrypt_new_chain(message, header, now_ms)
        except InvalidKey:
            _refuse()

    def skip_of(self, message: bytes, kind: int) -> int:
        """How many messages lie before this one that have not come, judging by its unverified header."""
        header = parse(message, kind)
        if header.dh == self._peer_raw and self._receive_chain is not None:
            return max(0, header.number - self._receive_number)
        if self.skipped.has_chain(header.dh):
            return 0
        return max(0, header.previous - self._receive_number) + header.number

    def _decrypt_current(self, chain: bytes, message: bytes, header: RatchetHeader, now_ms: int) -> bytes:
        if header.number - self._receive_number > MAX_SKIP:
            _refuse()
        skipped: list[SkippedKey] = []
        if header.number != self._receive_number:
            chain = _walk(chain, header.dh, range(self._receive_number, header.number), now_ms, skipped)
        chain, key = chain_step(chain)
        plaintext = self._open(key, message, header)
        self._receive_chain, self._receive_number = chain, header.number + 1
        self._keep(skipped, now_ms)
        return plaintext

    def _decrypt_skipped(self, message: bytes, header: RatchetHeader, now_ms: int) -> bytes:
        key = self.skipped.find(header.dh, header.number, now_ms)
        if key is None:
            _refuse()
        plaintext = self._open(key, message, header)
        self.skipped.remove(header.dh, header.number)
        self.skipped.expire(now_ms)
        return plaintext

    def _decrypt_new_chain(self, message: bytes, header: RatchetHeader, now_ms: int) -> bytes:
        """The receiving DH step. The keys the old chain still owes are derived only after the tag held."""
        lost = header.previous - self._receive_number
        # Chains alternate: after its last chain the peer cannot start another before ours has begun.
        own_turn = self._send_chain is None and self._receive_chain is not None
        if self._own is None or own_turn or lost < 0 or lost + header.number > MAX_SKIP:
            _refuse()
        if lost and self._receive_chain is None:
            _refuse()
        secret, peer_kem = self._new_secret(message, header)
        peer = x25519_public(header.dh)
        root, chain = root_step(self._root, exchange(self._own, peer) + secret)
        skipped: list[SkippedKey] = []
        chain = _walk(chain, header.dh, range(header.number), now_ms, skipped)
        chain, key = chain_step(chain)
        plaintext = self._open(key, message, header)
        self._keep([*self._owed(lost, now_ms), *skipped], now_ms)
        self._root, self._peer, self._peer_raw = root, peer, header.dh
        self._receive_chain, self._receive_number = chain, header.number + 1
        self._receive_previous, self._receive_extra = header.previous, extra_hash(message, header)
        self._kem = self._kem_seed = None
        self._peer_kem, self._send_chain = peer_kem, None
        return plaintext

    def _new_secret(self, message: bytes, header: RatchetHeader) -> tuple[bytes, MLKEM768PublicKey | None]:
        """The secret of the answer to our offer (empty without offer) and the peer's valid offer.

        An altered ciphertext raises nothing (implicit rejection): it gives another secret and the tag fails.
        """
        if bool(header.flags & ANSWER) != (self._kem is not None):
            _refuse()
        secret, peer_kem = b"", None
        if header.flags & OFFER:
            peer_kem = mlkem_public(offered_key(message))
        if self._kem is not None:
            secret = self._kem.decapsulate(answer(message, header))
        return secret, peer_kem

    def _owed(self, lost: int, now_ms: int) -> Iterable[SkippedKey]:
        """Keys of the messages of the ending receiving chain that have not come."""
        owed: list[SkippedKey] = []
        if lost and self._receive_chain is not None and self._peer_raw is not None:
            numbers = range(self._receive_number, self._receive_number + lost)
            _walk(self._receive_chain, self._peer_raw, numbers, now_ms, owed)
        return owed

    def _open(self, key: bytes, message: bytes, header: RatchetHeader) -> bytes:
        associated = self._ad_receive + message[: header.size]
        try:
            return unpad(AESGCM(key).decrypt(header.nonce, message[header.size :], associated))
        except InvalidTag:
            _refuse()

    def _keep(self, skipped: list[SkippedKey], now_ms: int) -> None:
        if skipped:
            self.skipped.store(skipped)
        self.skipped.expire(now_ms)


def restore(
    state: RatchetState, stored: Iterable[StoredKey], *, ad_send: bytes, ad_receive: bytes
) -> Ratchet:
    """A ratchet from `Ratchet.state()` and the stored skipped keys in order of storing."""
    return Ratchet(state, ad_send=ad_send, ad_receive=ad_receive, skipped=SkippedKeys(stored))


def _fresh(root: bytes, own: bytes | None, peer: bytes | None, now_ms: int) -> RatchetState:
    return RatchetState(
        root, own, peer, None, 0, 0, 0, b"", None, 0, 0, b"", None, None, steps=0, offered_ms=now_ms
    )


def _walk(chain: bytes, dh: bytes, numbers: range, now_ms: int, into: list[SkippedKey]) -> bytes:
    """Derive and collect the keys of `numbers`; the chain key after them."""
    for number in numbers:
        chain, key = chain_step(chain)
        into.append(SkippedKey(dh, number, key, now_ms))
    return chain
