"""Crockford base32: codes that people read aloud and type (https://www.crockford.com/base32.html)."""

from typing import Final

from crypto.entropy import Entropy
from crypto.errors import DecodeError

_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUE: Final = {char: value for value, char in enumerate(_ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_IGNORED: Final = frozenset(" -\u2010\u2011\u2012\u2013\u2014\u00a0\t\r\n")


def random_symbols(count: int, entropy: Entropy) -> str:
    """`count` symbols of 5 unpredictable bits each."""
    return "".join(_ALPHABET[byte & 31] for byte in entropy.token(count))


def grouped(symbols: str, size: int = 4) -> str:
    """`ABCDEFGH` -> `ABCD-EFGH`."""
    return "-".join(symbols[start : start + size] for start in range(0, len(symbols), size))


def normalise(typed: str, count: int) -> str:
    """Exactly `count` symbols from what a person typed: case, dashes, spaces, O for 0 and I or L for 1 forgiven.

    Raises `DecodeError`.
    """
    if len(typed) > 8 * count:
        raise DecodeError("code too long")
    symbols = [char for char in typed.upper() if char not in _IGNORED]
    if len(symbols) != count or any(char not in _VALUE for char in symbols):
        raise DecodeError("not a code")
    return "".join(_ALPHABET[_VALUE[char]] for char in symbols)


def from_bytes(data: bytes) -> str:
    """All bits of `data`, five per symbol, the last symbol filled up with zeros."""
    count = -(-len(data) * 8 // 5)
    number = int.from_bytes(data, "big") << (count * 5 - len(data) * 8)
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in range(count - 1, -1, -1))


def to_bytes(symbols: str, size_bytes: int) -> bytes:
    """Undo `from_bytes`, of normalised symbols. Raises `DecodeError` for another length or filling."""
    number = 0
    for char in symbols:
        number = number << 5 | _VALUE[char]
    spare = len(symbols) * 5 - size_bytes * 8
    if not 0 <= spare < 5 or number & ((1 << spare) - 1):
        raise DecodeError("not a code")
    return (number >> spare).to_bytes(size_bytes, "big")


def check_symbol(symbols: str) -> str:
    """One symbol that notices every single wrong symbol and every swap of two of up to 31 symbols.

    Sum of value times a^place in the field of 32 elements (a^5 = a^2 + 1): the 31 powers of `a` all differ.
    """
    total = 0
    for char in reversed(symbols):
        total = _times_a(total) ^ _VALUE[char]
    return _ALPHABET[total]


def _times_a(element: int) -> int:
    doubled = element << 1
    return doubled ^ 0b100101 if doubled & 32 else doubled
