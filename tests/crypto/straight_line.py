"""PX1 sessions a second time, from the protocol's text: straight lines over primitives, none of our code.

Used on the published vectors and on live sessions. HKDF and HMAC are written out over SHA-256; X25519, ML-KEM
and AES-GCM come from `cryptography`.
"""

import hashlib
import hmac
import struct

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def hkdf(salt: bytes, ikm: bytes, info: bytes, size: int) -> bytes:
    """RFC 5869."""
    prk = hmac.new(salt, ikm, hashlib.sha256).digest()
    out, block = b"", b""
    while len(out) < size:
        block = hmac.new(prk, block + info + bytes([len(out) // 32 + 1]), hashlib.sha256).digest()
        out += block
    return out[:size]


def dh(private: bytes, public: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(public))


def x25519(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def kem_public(seed: bytes) -> bytes:
    return MLKEM768PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()


def decapsulate(seed: bytes, ciphertext: bytes) -> bytes:
    return MLKEM768PrivateKey.from_seed_bytes(seed).decapsulate(ciphertext)


def lengths(label: bytes, *fields: bytes) -> bytes:
    return label + b"\x00" + b"".join(struct.pack(">I", len(field)) + field for field in fields)


def prekey_id(label: bytes, public: bytes) -> bytes:
    return sha256(lengths(label, public))[:16]


def handshake(
    header: bytes,
    *,
    responder_dik: bytes,
    responder_ik: bytes,
    responder_ik_private: bytes,
    signed_private: bytes,
    kem_seed: bytes,
    onetime_private: bytes | None,
) -> tuple[bytes, bytes, bytes]:
    """The responder's view of a header: (transcript hash, root key, session id)."""
    assert header[0:3] == bytes([1, 1, 1 if onetime_private else 0])
    dik, ik = header[3:35], header[35:67]
    own_inc, peer_inc, gen = header[131:139], header[139:147], header[147:155]
    ephemeral, signed_id, kem_id = header[155:187], header[187:203], header[203:219]
    ciphertext, onetime_id = header[219:1307], header[1307:]
    signed, kem = x25519(signed_private), kem_public(kem_seed)
    onetime = x25519(onetime_private) if onetime_private else b""
    assert signed_id == prekey_id(b"PX1/prekey/x25519", signed)
    assert kem_id == prekey_id(b"PX1/prekey/mlkem768", kem)
    assert onetime_id == (prekey_id(b"PX1/prekey/onetime", onetime) if onetime else b"")
    transcript = sha256(
        lengths(
            b"PX1/handshake/transcript",
            *(b"version", b"\x01\x01"),
            *(b"header", header),
            *(b"initiator", dik + ik),
            *(b"responder", responder_dik + responder_ik),
            *(b"inc", own_inc + peer_inc),
            *(b"gen", gen),
            *(b"signed prekey", signed_id),
            *(b"X25519", signed),
            *(b"KEM prekey", kem_id),
            *(b"ML-KEM-768", kem),
            *(b"one-time prekey", onetime_id),
            *(b"X25519", onetime),
            *(b"ephemeral X25519", ephemeral),
            *(b"ML-KEM-768 ciphertext", ciphertext),
        )
    )
    ikm = b"\xff" * 32
    ikm += dh(signed_private, ik)
    ikm += dh(responder_ik_private, ephemeral)
    ikm += dh(signed_private, ephemeral)
    if onetime_private:
        ikm += dh(onetime_private, ephemeral)
    ikm += decapsulate(kem_seed, ciphertext)
    both = hkdf(bytes(32), ikm, b"PX1/handshake/X25519+MLKEM768" + transcript, 64)
    return transcript, both[:32], both[32:]


def root_step(root: bytes, secret: bytes) -> tuple[bytes, bytes]:
    both = hkdf(root, secret, b"PX1/root", 64)
    return both[:32], both[32:]


def message_key(chain: bytes, number: int) -> bytes:
    for _ in range(number):
        chain = hmac.new(chain, b"\x02", hashlib.sha256).digest()
    return hmac.new(chain, b"\x01", hashlib.sha256).digest()


def open_message(key: bytes, message: bytes, associated: bytes) -> bytes:
    """Plaintext of a ratchet message under its key."""
    flags, nonce = message[2], message[43:55]
    size = 55 + (1184 if flags & 1 else 0) + (1088 if flags & 2 else 0)
    padded = AESGCM(key).decrypt(nonce, message[size:], associated + message[:size])
    plain, mark, zeros = padded.rpartition(b"\x80")
    assert mark == b"\x80"
    assert not zeros.strip(b"\x00")
    return plain
