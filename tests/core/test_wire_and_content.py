"""Frames, chunk headers and contents: any bytes are understood or refused with the one error."""

import contextlib
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import content as contents
from app.core import limits
from app.core import wire as w
from app.core.content import Author, BlobRef, File, Kind, Photo, Text
from crypto import codec
from crypto.entropy import SystemEntropy
from crypto.errors import DecodeError
from crypto.ids import BlobId, CircleId, ConversationId, DeviceId, PersonId
from transport.base import MAX_BULK_BYTES

AUTHOR = Author(CircleId(bytes(32)), PersonId(bytes(16)), DeviceId(b"d" * 32))
PLACE = ConversationId(b"c" * 32)


def text(body: contents.AnyBody = Text("Hallo")) -> bytes:  # noqa: B008 - frozen
    return contents.make(SystemEntropy(), AUTHOR, PLACE, body, time_ms=5)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_frame_a_content_and_a_chunk_or_refused(data: bytes) -> None:
    parsers: list[Callable[[bytes], object]] = [w.decode_frame, contents.parse, w.decode_chunk]
    for parse in parsers:
        with contextlib.suppress(DecodeError):
            parse(data)


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_changed_byte_of_a_content_is_another_content_or_refused(at: int, value: int) -> None:
    raw = bytearray(text())
    at %= len(raw)
    if raw[at] == value:
        return
    before = contents.content_id(bytes(raw))
    raw[at] = value
    assert contents.content_id(bytes(raw)) != before
    with contextlib.suppress(DecodeError):
        contents.body_of(contents.parse(bytes(raw)))


def test_frames_survive_the_way() -> None:
    frames: list[w.AnyFrame] = [
        w.Hello(1, 1, w.BundleVersion(1, 2), None, (w.CircleHeads(bytes(32), (b"h" * 32,), bytes(32)),)),
        w.RosterWant(bytes(32), (b"a" * 32,), ()),
        w.RosterGive(bytes(32), (b"statement",), (w.OpeningPart(bytes(16), "Anna"),)),
        w.BundleHeads((w.BundleHead(bytes(32), w.BundleVersion(0, 0)),)),
        w.BundleGive((b"bundle",)),
        w.EnvelopeFrame(7, b"envelope"),
        w.Ack((bytes(16),)),
        w.Nack(bytes(16)),
        w.BlobWant(bytes(32), (w.Range(0, 3),)),
        w.BlobAbsent(bytes(32)),
        w.BlobStop(bytes(32)),
        w.Gossip((w.GossipAddress(bytes(32), "10.0.0.1", 47110),)),
        w.Goodbye(3),
    ]
    for frame in frames:
        assert w.decode_frame(w.encode_frame(frame)) == frame


def test_a_later_hello_with_more_fields_is_understood_other_frames_are_exact() -> None:
    hello = w.Hello(1, 3, w.BundleVersion(1, 1), None, ())
    fields = msgspec.msgpack.decode(w.encode_frame(hello))
    assert w.decode_frame(codec.encode([*fields, "more"])) == hello
    ack = msgspec.msgpack.decode(w.encode_frame(w.Ack((bytes(16),))))
    with pytest.raises(DecodeError):
        w.decode_frame(codec.encode([*ack, "more"]))


@pytest.mark.parametrize(
    "frame",
    [
        w.Ack((bytes(15),)),
        w.Ack(tuple([bytes(16)] * (limits.MAX_ACKS + 1))),
        w.BlobWant(bytes(32), ()),
        w.BlobWant(bytes(32), (w.Range(0, limits.MAX_CHUNKS + 1),)),
        w.Gossip((w.GossipAddress(bytes(32), "10.0.0.1", 0),)),
        w.BundleGive((bytes(limits.MAX_BUNDLE_BYTES + 1),)),
        w.EnvelopeFrame(-1, b""),
    ],
)
def test_frames_beyond_a_limit_are_refused(frame: w.AnyFrame) -> None:
    with pytest.raises(DecodeError):
        w.decode_frame(w.encode_frame(frame))


def test_chunk_header() -> None:
    payload = w.encode_chunk(BlobId(b"b" * 32), 5, b"sealed")
    assert w.decode_chunk(payload) == (b"b" * 32, 5, b"sealed")
    for bad in (payload[:37], b"\x02" + payload[1:], w.encode_chunk(BlobId(bytes(32)), 512, b"x")):
        with pytest.raises(DecodeError):
            w.decode_chunk(bad)
    with pytest.raises(DecodeError):
        w.decode_chunk(payload + bytes(MAX_BULK_BYTES))


def test_contents_are_unique_and_keep_their_bytes() -> None:
    one, other = text(), text()
    assert contents.content_id(one) != contents.content_id(other)
    assert contents.body_of(contents.parse(one)) == Text("Hallo")


def test_every_kind_has_a_body_and_a_number() -> None:
    ref = BlobRef(1, bytes(32), bytes(32))
    assert contents.kind_of(Photo(ref, "image/jpeg", 1, 1, None, b"")) == Kind.PHOTO
    assert contents.kind_of(File(ref, "text/plain", "a.txt")) == Kind.FILE
    assert {kind < contents.SILENT_FROM for kind in (Kind.TEXT, Kind.PHOTO, Kind.FILE)} == {True}


def test_trailing_fields_of_a_later_version_are_ignored_in_content_and_body() -> None:
    fields = msgspec.msgpack.decode(text())
    fields[-1] = ["Hallo", None, "new field"]
    later = codec.encode([*fields, {"new": 1}])
    assert contents.body_of(contents.parse(later)) == Text("Hallo")


@pytest.mark.parametrize("body", [[""], ["x" * (limits.MAX_TEXT_CHARS + 1)], [5], [], ["x", bytes(31)]])
def test_a_bad_body_is_unknown_not_an_error(body: list[object]) -> None:
    fields = msgspec.msgpack.decode(text())
    fields[-1] = body
    assert contents.body_of(contents.parse(codec.encode(fields))) is None


def test_secrets_do_not_show_in_repr() -> None:
    secret = contents.Secret(bytes(32), b"s" * 32)
    assert "redacted" in repr(secret) and "sss" not in repr(secret)
