"""From hostile bytes to pixels: sniffed, measured, limited, and only then decoded.

The plugin classes of Pillow are used directly: the format is chosen by our own sniffing and never guessed, no other
decoder is reachable, and no global limit or registry is touched. HEIC goes through libheif (decode only).
"""

import logging
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import pi_heif
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile, get_sampling
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from app.photo.errors import (
    NotAPicture,
    PhotoAnimated,
    PhotoDamaged,
    PhotoEmpty,
    PhotoError,
    PhotoIsHtml,
    PhotoIsPdf,
    PhotoIsSvg,
    PhotoNoMemory,
    PhotoTooLarge,
    PhotoTooManyPixels,
    PhotoUnsupported,
)
from app.photo.header import Header, jpeg_header, png_header, webp_header
from app.photo.limits import MAX_INPUT_BYTES, MAX_PIXELS
from app.photo.sniff import OTHER_PICTURES, Kind, sniff

log = logging.getLogger(__name__)

_DECODER_ERRORS: Final = (
    *(OSError, SyntaxError, ValueError, TypeError, LookupError, EOFError, ArithmeticError, RuntimeError),
    *(AttributeError, struct.error, zlib.error, Image.DecompressionBombError),
)
"""Everything that Pillow and libheif were seen to raise on broken input."""

_REFUSED: Final[dict[Kind, type[PhotoError]]] = {
    Kind.SVG: PhotoIsSvg,
    Kind.HTML: PhotoIsHtml,
    Kind.PDF: PhotoIsPdf,
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """Pixels as the file has them, and what was beside them."""

    image: Image.Image
    exif: bytes | None
    icc: bytes | None
    lossless: bool  # the file keeps every pixel as it was
    subsampled: bool  # its colours have half the resolution already
    upright: bool  # orientation was applied while decoding


def decode(data: bytes) -> Decoded:
    """Raises `PhotoError`; every check that needs no decoding comes before it."""
    if not data:
        raise PhotoEmpty
    if len(data) > MAX_INPUT_BYTES:
        raise PhotoTooLarge(limit_mb=MAX_INPUT_BYTES // 1_000_000)
    kind = sniff(data)
    decoder = _DECODERS.get(kind)
    if decoder is None:
        if kind in OTHER_PICTURES:
            raise PhotoUnsupported(format=kind.name)
        raise _REFUSED.get(kind, NotAPicture)
    try:
        return decoder(data)
    except MemoryError as exc:
        raise PhotoNoMemory from exc
    except _DECODER_ERRORS as exc:
        log.info("a picture of %d bytes could not be decoded: %s", len(data), type(exc).__name__)
        raise PhotoDamaged from exc


def check_pixels(width_px: int, height_px: int) -> None:
    """Raises `PhotoTooManyPixels`."""
    if width_px * height_px > MAX_PIXELS:
        raise PhotoTooManyPixels(limit_mp=MAX_PIXELS // 1_000_000)


def _admit(header: Header) -> Header:
    if header.animated:
        raise PhotoAnimated
    check_pixels(header.width_px, header.height_px)
    return header


def _load(image: Image.Image, header: Header) -> Image.Image:
    """Decode, after the decoder was seen to agree with the header that was checked."""
    if image.size != (header.width_px, header.height_px):
        raise PhotoDamaged
    image.load()
    return image


def _jpeg(data: bytes) -> Decoded:
    header = _admit(jpeg_header(data))
    image = JpegImageFile(BytesIO(data))
    _load(image, header)
    subsampled = get_sampling(image) in (1, 2)
    return Decoded(image, *_beside(image), lossless=False, subsampled=subsampled, upright=False)


def _png(data: bytes) -> Decoded:
    header = _admit(png_header(data))
    image = PngImageFile(BytesIO(data))
    _load(image, header)
    return Decoded(image, *_beside(image), lossless=True, subsampled=False, upright=False)


def _webp(data: bytes) -> Decoded:
    header = _admit(webp_header(data))
    image = WebPImageFile(BytesIO(data))
    _load(image, header)
    return Decoded(
        image, *_beside(image), lossless=header.lossless, subsampled=not header.lossless, upright=False
    )


def _heic(data: bytes) -> Decoded:
    """The primary picture; further ones (bursts, depth, thumbnails) are left behind."""
    heif = pi_heif.open_heif(BytesIO(data), convert_hdr_to_8bit=True)
    primary = heif[heif.primary_index]
    check_pixels(*primary.size)
    exif = primary.info.get("exif")
    icc = primary.info.get("icc_profile")
    image = primary.to_pillow()
    check_pixels(*image.size)
    return Decoded(image, exif, icc, lossless=False, subsampled=True, upright=True)


def _beside(image: Image.Image) -> tuple[bytes | None, bytes | None]:
    found = (image.info.get("exif"), image.info.get("icc_profile"))
    exif, icc = (value if isinstance(value, bytes) else None for value in found)
    return exif, icc


_DECODERS: Final[dict[Kind, Callable[[bytes], Decoded]]] = {
    Kind.JPEG: _jpeg,
    Kind.PNG: _png,
    Kind.WEBP: _webp,
    Kind.HEIC: _heic,
}
