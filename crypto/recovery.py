"""The recovery code on paper (protocol 10.1, 10.11): 155 random bits from which two keys come.

The founder prints it once. Its signing half is named in `found` and can admit or appoint an admin when every admin's
PC is lost; its backup half opens backups. Neither key is stored on any device.
"""

from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto.crockford import check_symbol, grouped, normalise, random_symbols
from crypto.entropy import Entropy
from crypto.errors import DecodeError
from crypto.kdf import Label, hkdf

_SYMBOLS: Final = 31
"""Of 5 bits each; a check symbol makes 32, eight groups of four."""


@dataclass(frozen=True, slots=True)
class RecoveryKeys:
    """What the paper opens."""

    signing: Ed25519PrivateKey
    backup: bytes  # 32 bytes

    def __repr__(self) -> str:
        return "RecoveryKeys(<redacted>)"

    @property
    def public(self) -> bytes:
        """32 bytes: the Ed25519 key that `found` names."""
        return self.signing.public_key().public_bytes_raw()


def new_code(entropy: Entropy) -> str:
    """A fresh code as printed: `XXXX-XXXX-...`, eight groups."""
    symbols = random_symbols(_SYMBOLS, entropy)
    return grouped(symbols + check_symbol(symbols))


def keys_of(typed: str) -> RecoveryKeys:
    """The keys behind a typed code. Raises `DecodeError` for a typing mistake."""
    symbols = normalise(typed, _SYMBOLS + 1)
    if check_symbol(symbols[:-1]) != symbols[-1]:
        raise DecodeError("code mistyped")
    secret = symbols[:-1].encode()
    return RecoveryKeys(
        Ed25519PrivateKey.from_private_bytes(_derive(secret, Label.RECOVERY_SIGNING)),
        _derive(secret, Label.RECOVERY_BACKUP),
    )


def _derive(secret: bytes, label: Label) -> bytes:
    return hkdf(secret, salt=bytes(32), info=label, size_bytes=32)
