"""Everything that cryptography refuses, one tree. A peer never learns which."""


class CryptoError(Exception):
    """Refused. Nothing changed."""


class DecodeError(CryptoError):
    """Bytes from outside that are not of the expected form or size."""


class InvalidKey(CryptoError):
    """A public key that must not be used: wrong length, low order, not canonical, wrong type."""


class InvalidSignature(CryptoError):
    """A signature that does not hold."""


class DecryptionFailed(CryptoError):
    """A message that cannot be opened, for whatever reason: the one uniform failure."""


class ExpiredKey(CryptoError):
    """A prekey, bundle, TLS statement or token past its time."""


class PairingFailed(CryptoError):
    """The code was not proven, or the pairing order was broken."""


class LimitReached(CryptoError):
    """A bound of the protocol was hit by our own use (for example 2^32 - 1 messages in a chain)."""


class WeakPassphrase(CryptoError):
    """A passphrase that is to protect a database alone, and can be found by trying."""
