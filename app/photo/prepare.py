"""A picture made fit to send: upright, sRGB, encoded anew from its pixels at full size, with a thumbnail."""

from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image

from app.photo.colour import flat, to_srgb
from app.photo.decode import decode
from app.photo.errors import PhotoNoMemory, PhotoTooLarge
from app.photo.exif import read_exif
from app.photo.limits import (
    JPEG_QUALITY,
    LOSSLESS_MAX_BYTES,
    LOSSLESS_MAX_PIXELS,
    MAX_INPUT_BYTES,
    THUMBNAIL_MAX_BYTES,
    THUMBNAIL_PX,
)
from app.photo.residue import metadata_left

_THUMBNAIL_QUALITIES: Final = (85, 75, 60, 45, 30)
_FULL_COLOUR, _HALF_COLOUR = 0, 2
"""JPEG chroma subsampling 4:4:4 and 4:2:0."""

_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF orientation -> what makes it upright."""


@dataclass(frozen=True, slots=True)
class PreparedPhoto:
    """JPEG or PNG without any metadata. `thumbnail` is a JPEG of at most 64 KiB. `captured_ms` is Unix ms."""

    data: bytes
    media_type: str  # "image/jpeg" or "image/png"
    width_px: int
    height_px: int
    thumbnail: bytes
    captured_ms: int | None

    def __repr__(self) -> str:
        return f"PreparedPhoto({self.width_px}x{self.height_px}, {len(self.data)} bytes)"


def prepare(data: bytes) -> PreparedPhoto:
    """Raises `PhotoError` alone. Pure, no files, no global state; holds a few times the pixels in memory."""
    try:
        return _prepare(data)
    except MemoryError as exc:
        raise PhotoNoMemory from exc


def _prepare(data: bytes) -> PreparedPhoto:
    image, captured_ms, keep, colour = _pixels(data)
    encoded, media_type = _encode(image, keep, colour)
    if len(encoded) > MAX_INPUT_BYTES:
        raise PhotoTooLarge(limit_mb=MAX_INPUT_BYTES // 1_000_000)
    small = thumbnail(image)
    for made in (encoded, small):
        if left := metadata_left(made):  # a new encoder might add what the old one did not: never send it
            raise RuntimeError(f"the encoder left {left}")
    return PreparedPhoto(encoded, media_type, image.width, image.height, small, captured_ms)


def _pixels(data: bytes) -> tuple[Image.Image, int | None, bool, int]:
    """Bare upright sRGB pixels, when they were taken, whether each of them was kept so far, and the resolution of
    their colours. Whatever else was decoded is given back here: a large picture fills a gigabyte."""
    decoded = decode(data)
    facts = read_exif(decoded.exif)
    image = to_srgb(decoded.image, decoded.icc)
    if not decoded.upright and facts.orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[facts.orientation])
    colour = _HALF_COLOUR if decoded.subsampled else _FULL_COLOUR
    keep = decoded.lossless or image.mode == "RGBA"
    del decoded
    return _bare(image), facts.captured_ms, keep, colour


def _bare(image: Image.Image) -> Image.Image:
    """The same pixels without anything that Pillow carries along and could write (comment, profile, text)."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _encode(image: Image.Image, keep: bool, colour: int) -> tuple[bytes, str]:
    """PNG where every pixel was kept so far or something is transparent, and it stays small; else JPEG."""
    if keep and image.width * image.height <= LOSSLESS_MAX_PIXELS:
        png = BytesIO()
        image.save(png, "PNG", compress_level=6)
        if png.tell() <= LOSSLESS_MAX_BYTES:
            return png.getvalue(), "image/png"
    return _jpeg(flat(image), JPEG_QUALITY, colour), "image/jpeg"


def _jpeg(image: Image.Image, quality: int, subsampling: int) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=quality, subsampling=subsampling)
    return out.getvalue()


def thumbnail(image: Image.Image) -> bytes:
    """A JPEG of at most `THUMBNAIL_MAX_BYTES` within `THUMBNAIL_PX`, never larger than the picture."""
    small = flat(image.copy() if image.width * image.height < 250_000 else _reduced(image))
    small.thumbnail(THUMBNAIL_PX, Image.Resampling.LANCZOS)
    while True:
        for quality in _THUMBNAIL_QUALITIES:
            made = _jpeg(small, quality, _HALF_COLOUR)
            if len(made) <= THUMBNAIL_MAX_BYTES:
                return made
        small = small.reduce(2)


def _reduced(image: Image.Image) -> Image.Image:
    """A whole-number reduction first: fast, and nothing of it is seen after the fine one."""
    factor = min(image.width // (2 * THUMBNAIL_PX[0]), image.height // (2 * THUMBNAIL_PX[1]))
    return image.reduce(factor) if factor > 1 else image.copy()
