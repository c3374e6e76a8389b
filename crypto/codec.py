"""MessagePack in and out: size-limited before parsing, typed while parsing, one error (architecture, "encoding")."""

from typing import Any, TypeVar

import msgspec

from crypto.errors import DecodeError

T = TypeVar("T")

_encoder = msgspec.msgpack.Encoder()
_decoders: dict[Any, msgspec.msgpack.Decoder[Any]] = {}


def encode(value: object) -> bytes:
    """MessagePack of a msgspec struct or plain value."""
    return _encoder.encode(value)


def decode(type_: type[T], data: bytes, *, max_bytes: int) -> T:
    """`data` as a `type_`. Raises `DecodeError` for anything that is too long, malformed or of another type."""
    if len(data) > max_bytes:
        raise DecodeError("too long")
    decoder = _decoders.get(type_)
    if decoder is None:
        decoder = _decoders.setdefault(type_, msgspec.msgpack.Decoder(type_))
    try:
        value: T = decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as exc:
        raise DecodeError("malformed") from exc
    return value
