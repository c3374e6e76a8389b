"""Attack 36: bombs, broken and disguised files. Each is refused by its own class, quickly and within little memory."""

import contextlib
import random
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.photo import errors, prepare
from app.photo.decode import decode
from app.photo.errors import PhotoError
from app.photo.header import Header
from app.photo.limits import MAX_INPUT_BYTES
from tests.app.photo import pictures
from tests.app.photo.pictures import save

GIF = save(pictures.picture(), "GIF", save_all=True, append_images=[pictures.picture(96, 64).rotate(180)])
APNG = save(pictures.picture(), "PNG", save_all=True, append_images=[pictures.picture().rotate(180)])
MOVING_WEBP = save(pictures.picture(), "WEBP", save_all=True, append_images=[pictures.picture().rotate(180)])
SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

REFUSED = [
    ("nothing", b"", errors.PhotoEmpty),
    ("svg", SVG, errors.PhotoIsSvg),
    (
        "svg-with-doctype",
        b"\xef\xbb\xbf <!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' ''><svg/>",
        errors.PhotoIsSvg,
    ),
    ("svg-utf16", SVG.decode().encode("utf-16"), errors.PhotoIsSvg),
    ("html", b"\n<!doctype html><img src=x onerror=alert(1)>", errors.PhotoIsHtml),
    ("html-bare", b"<script>alert(1)</script>", errors.PhotoIsHtml),
    ("pdf", b"%PDF-1.7\n1 0 obj", errors.PhotoIsPdf),
    ("pdf-with-junk", b"\x00junk\n%PDF-1.4", errors.PhotoIsPdf),
    ("gif", GIF, errors.PhotoUnsupported),
    ("moving-png", APNG, errors.PhotoAnimated),
    ("moving-webp", MOVING_WEBP, errors.PhotoAnimated),
    ("tiff", save(pictures.picture(), "TIFF"), errors.PhotoUnsupported),
    ("bmp", save(pictures.picture(), "BMP"), errors.PhotoUnsupported),
    ("avif", b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf", errors.PhotoUnsupported),
    ("avif-as-mif1", b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", errors.PhotoUnsupported),
    ("film", b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", errors.NotAPicture),
    ("program", b"MZ\x90\x00" + b"\x00" * 100, errors.NotAPicture),
    ("zip", b"PK\x03\x04" + b"\x00" * 100, errors.NotAPicture),
    ("text", b"Guten Tag, Frau Muster", errors.NotAPicture),
    ("noise", random.Random(1).randbytes(5000), errors.NotAPicture),
    ("jpeg-start-only", b"\xff\xd8\xff\xe0", errors.PhotoDamaged),
    ("jpeg-without-picture", b"\xff\xd8\xff\xd9", errors.PhotoDamaged),
    ("jpeg-zero-high", pictures.jpeg_of_claimed_size(96, 0), errors.PhotoDamaged),
    ("jpeg-cut", save(pictures.picture(400, 300), "JPEG")[:-900], errors.PhotoDamaged),
    ("png-cut", save(pictures.picture(400, 300), "PNG")[:-60], errors.PhotoDamaged),
    ("png-head-only", save(pictures.picture(), "PNG")[:40], errors.PhotoDamaged),
    ("webp-cut", save(pictures.picture(400, 300), "WEBP")[:-60], errors.PhotoDamaged),
    ("heic-cut", pictures.heic()[:-60], errors.PhotoDamaged),
    ("heic-head-only", pictures.heic()[:60], errors.PhotoDamaged),
    ("png-bomb", pictures.png_bomb(50_000, 50_000), errors.PhotoTooManyPixels),
    ("jpeg-bomb", pictures.jpeg_of_claimed_size(65_500, 65_500), errors.PhotoTooManyPixels),
    ("webp-bomb", pictures.webp_of_claimed_canvas(1 << 14, 1 << 14), errors.PhotoTooManyPixels),
    ("jpeg-of-scans", pictures.jpeg_of_many_scans(5000), errors.PhotoTooComplex),
]


@pytest.mark.parametrize(("data", "error"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_refused_by_its_own_cause(data: bytes, error: type[PhotoError]) -> None:
    with pytest.raises(PhotoError) as caught:
        prepare(data)
    assert type(caught.value) is error
    assert caught.value.code == error.code


@pytest.mark.parametrize(
    "data",
    [
        pictures.png_bomb(50_000, 50_000),
        pictures.jpeg_of_claimed_size(65_500, 65_500),
        pictures.webp_of_claimed_canvas(1 << 24, 1 << 8),
        pictures.webp_of_claimed_canvas(1 << 14, 1 << 14),
    ],
    ids=["png", "jpeg", "webp-long", "webp"],
)
def test_a_bomb_is_refused_before_any_decoder_sees_it(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    for plugin in ("JpegImageFile", "PngImageFile", "WebPImageFile"):
        monkeypatch.setattr(f"app.photo.decode.{plugin}", lambda _: pytest.fail("a decoder was called"))
    tracemalloc.start()
    try:
        with pytest.raises(errors.PhotoTooManyPixels) as caught:
            prepare(data)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    assert caught.value.detail == {"limit_mp": 120}


def test_a_heic_is_measured_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.photo.decode.MAX_PIXELS", 96 * 64 - 1)
    monkeypatch.setattr("pi_heif.HeifImage.to_pillow", lambda _: pytest.fail("it was decoded"))
    with pytest.raises(errors.PhotoTooManyPixels):
        prepare(pictures.heic())


def test_too_many_bytes_are_refused_before_they_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.photo.decode.sniff", lambda _: pytest.fail("it was looked at"))
    with pytest.raises(errors.PhotoTooLarge) as caught:
        prepare(bytes(MAX_INPUT_BYTES + 1))
    assert caught.value.detail == {"limit_mb": 60}


def test_a_png_of_text_bombs_is_refused() -> None:
    bomb = pictures.zlib.compress(bytes(50_000_000), 9)
    made = save(pictures.picture(), "PNG")
    with pytest.raises(errors.PhotoDamaged):
        prepare(made[:33] + pictures.png_chunk(b"zTXt", b"a\x00\x00" + bomb) + made[33:])


def test_a_png_of_chunks_without_end_is_refused() -> None:
    made = save(pictures.picture(), "PNG")
    with pytest.raises(errors.PhotoTooComplex):
        prepare(made[:33] + pictures.png_chunk(b"tEXt", b"a\x00b") * 5000 + made[33:])


def test_a_picture_whose_decoder_disagrees_with_its_header_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.photo.decode.jpeg_header", lambda _: Header(10, 10))
    with pytest.raises(errors.PhotoDamaged):
        prepare(save(pictures.picture(), "JPEG"))


def test_too_little_memory_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    data = save(pictures.picture(), "JPEG")

    def exhausted(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Image.Image, "paste", exhausted)
    with pytest.raises(errors.PhotoNoMemory):
        prepare(data)


def test_pillow_is_left_as_it_was() -> None:
    before = (Image.MAX_IMAGE_PIXELS, dict(Image.OPEN))
    prepare(pictures.heic())
    prepare(save(pictures.picture(), "JPEG"))
    assert (Image.MAX_IMAGE_PIXELS, "HEIF" in Image.OPEN) == (before[0], False)


def test_several_at_once_in_workers() -> None:
    with ThreadPoolExecutor(4) as workers:
        photos = list(
            workers.map(prepare, [pictures.loaded_jpeg(), pictures.loaded_png(), pictures.heic()] * 4)
        )
    assert {photo.captured_ms for photo in photos} == {pictures.CAPTURED_MS}


def test_codes_are_one_per_cause() -> None:
    classes = [value for value in vars(errors).values() if isinstance(value, type) and hasattr(value, "code")]
    codes = [cls.code for cls in classes]
    assert len(codes) == len(set(codes)) and all(code.startswith(("photo.", "file.")) for code in codes)


SEEDS = {
    "jpeg": pictures.loaded_jpeg(),
    "png": pictures.loaded_png(),
    "webp": pictures.loaded_webp(),
    "heic": pictures.heic(),
    "heic-alpha": pictures.heic("alpha"),
}


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # Pillow warns of what it will refuse a moment later
@given(
    name=st.sampled_from(sorted(SEEDS)),
    edits=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=6)), max_size=6),
    cut=st.floats(0.2, 1),
)
def test_broken_pictures_are_taken_or_refused_and_nothing_else(
    name: str, edits: list[tuple[float, bytes]], cut: float
) -> None:
    data = bytearray(SEEDS[name])
    for place, fresh in edits:
        at = int(place * (len(data) - 1))
        data[at : at + len(fresh)] = fresh
    with contextlib.suppress(PhotoError):
        prepare(bytes(data[: int(cut * len(data))]))


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(
    head=st.sampled_from(
        [
            b"\xff\xd8\xff",
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\x00\x01\x00\x00WEBPVP8X",
            b"\x00\x00\x00\x14ftypheic",
            b"",
        ]
    ),
    tail=st.binary(max_size=400),
)
def test_arbitrary_bytes_are_taken_or_refused_and_nothing_else(head: bytes, tail: bytes) -> None:
    with contextlib.suppress(PhotoError):
        decode(head + tail)
