"""`DoubleRatchet` 1.3.0 configured as PX1 without the ML-KEM step: the independent second implementation.

Its keys and nonces come from the same stream as ours, so that both must produce the same bytes. The nonce is
the last field of our header; the library knows none, so it travels in front of its ciphertext and its AEAD
appends it to the associated data.
"""

import struct
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from doubleratchet import AuthenticationFailedException, DoubleRatchet, EncryptedMessage, Header, aead
from doubleratchet.recommended import (
    HashFunction,
    kdf_hkdf,
    kdf_separate_hmacs,
)
from doubleratchet.recommended import (
    diffie_hellman_ratchet_curve25519 as curve25519,
)

from crypto.aead import pad, unpad

KIND = 2
HEADER = struct.Struct(">BBB32sII")
T = TypeVar("T")


class RootKdf(kdf_hkdf.KDF):
    @staticmethod
    def _get_hash_function() -> HashFunction:
        return HashFunction.SHA_256

    @staticmethod
    def _get_info() -> bytes:
        return b"PX1/root"


class ChainKdf(kdf_separate_hmacs.KDF):
    @staticmethod
    def _get_hash_function() -> HashFunction:
        return HashFunction.SHA_256


class Ratchet(DoubleRatchet):
    @staticmethod
    def _build_associated_data(associated_data: bytes, header: Header) -> bytes:
        return associated_data + HEADER.pack(
            1,
            KIND,
            0,
            header.ratchet_pub,
            header.previous_sending_chain_length,
            header.sending_chain_length,
        )


def now(coroutine: Coroutine[Any, Any, T]) -> T:
    """The library is async without ever waiting: run a coroutine to its end."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("the library waited")


def to_library(message: bytes) -> EncryptedMessage:
    """Our ratchet message in the library's form."""
    _, _, _, public, previous, number = HEADER.unpack_from(message)
    header = Header(ratchet_pub=public, previous_sending_chain_length=previous, sending_chain_length=number)
    return EncryptedMessage(header=header, ciphertext=message[HEADER.size :])


def from_library(message: EncryptedMessage) -> bytes:
    header = message.header
    return (
        HEADER.pack(
            1,
            KIND,
            0,
            header.ratchet_pub,
            header.previous_sending_chain_length,
            header.sending_chain_length,
        )
        + message.ciphertext
    )


class Reference:
    """One side. `token` gives private keys (32) and nonces (12)."""

    def __init__(self, root: bytes, ad_send: bytes, ad_receive: bytes, token: Callable[[int], bytes]) -> None:
        self._root, self._ad_send, self._ad_receive = root, ad_send, ad_receive
        self._ratchet: DoubleRatchet | None = None
        self._privates: list[bytes] = []
        self._used = 0

        def private() -> bytes:
            while len(self._privates) <= self._used:
                self._privates.append(token(32))
            self._used += 1
            return self._privates[self._used - 1]

        class Curve(curve25519.DiffieHellmanRatchet):
            _generate_priv = staticmethod(private)

        class Aead(aead.AEAD):
            @staticmethod
            async def encrypt(plaintext: bytes, key: bytes, associated_data: bytes) -> bytes:
                nonce = token(12)
                return nonce + AESGCM(key).encrypt(nonce, pad(plaintext), associated_data + nonce)

            @staticmethod
            async def decrypt(ciphertext: bytes, key: bytes, associated_data: bytes) -> bytes:
                nonce = ciphertext[:12]
                try:
                    opened = AESGCM(key).decrypt(nonce, ciphertext[12:], associated_data + nonce)
                except InvalidTag:
                    raise AuthenticationFailedException from None
                return unpad(opened)

        self._settings: dict[str, Any] = {
            "diffie_hellman_ratchet_class": Curve,
            "root_chain_kdf": RootKdf,
            "message_chain_kdf": ChainKdf,
            "message_chain_constant": b"\x02\x01",
            "dos_protection_threshold": 1000,
            "max_num_skipped_message_keys": 2000,
            "aead": Aead,
        }

    def start(self, peer: bytes, plaintext: bytes) -> bytes:
        """The initiator's first message."""
        self._ratchet, message = now(
            Ratchet.encrypt_initial_message(
                shared_secret=self._root,
                recipient_ratchet_pub=peer,
                message=plaintext,
                associated_data=self._ad_send,
                **self._settings,
            )
        )
        return from_library(message)

    def accept(self, own: bytes, message: bytes) -> bytes:
        """The responder's first received message."""
        self._ratchet, plaintext = now(
            Ratchet.decrypt_initial_message(
                shared_secret=self._root,
                own_ratchet_priv=own,
                message=to_library(message),
                associated_data=self._ad_receive,
                **self._settings,
            )
        )
        return plaintext

    def encrypt(self, plaintext: bytes) -> bytes:
        assert self._ratchet is not None
        return from_library(now(self._ratchet.encrypt_message(plaintext, self._ad_send)))

    def decrypt(self, message: bytes) -> bytes:
        assert self._ratchet is not None
        used = self._used
        try:
            return now(self._ratchet.decrypt_message(to_library(message), self._ad_receive))
        except Exception:
            self._used = used  # a refused message must not use up a private key
            raise
