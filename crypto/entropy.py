"""Where randomness comes from: injected, so that one seed reproduces a whole simulated practice."""

import os
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey


class Entropy(Protocol):
    """The only source of randomness of `crypto` and `app.core`."""

    def token(self, size_bytes: int) -> bytes:
        """`size_bytes` unpredictable bytes."""

    def encapsulate(self, public_key: MLKEM768PublicKey) -> tuple[bytes, bytes]:
        """ML-KEM-768 (FIPS 203): (shared secret of 32 bytes, ciphertext of 1088 bytes)."""


class SystemEntropy:
    """The operating system's generator."""

    def token(self, size_bytes: int) -> bytes:
        """See `Entropy.token`."""
        return os.urandom(size_bytes)

    def encapsulate(self, public_key: MLKEM768PublicKey) -> tuple[bytes, bytes]:
        """See `Entropy.encapsulate`."""
        return public_key.encapsulate()
