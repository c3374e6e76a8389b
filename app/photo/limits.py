"""How large pictures may be, and what is made of them."""

from typing import Final

from app.core.limits import MAX_FILE_BYTES as MAX_FILE_BYTES
from app.core.limits import MAX_THUMBNAIL_BYTES as THUMBNAIL_MAX_BYTES

MAX_INPUT_BYTES: Final = 60_000_000
"""Of a picture as it comes, and as it is sent."""
MAX_PIXELS: Final = 120_000_000
JPEG_QUALITY: Final = 92
THUMBNAIL_PX: Final = (528, 416)
"""Twice the 264 x 208 at which the timeline shows it."""
LOSSLESS_MAX_BYTES: Final = 4 << 20
"""A screenshot or drawing stays PNG up to this size."""
LOSSLESS_MAX_PIXELS: Final = 16_000_000
"""Above this PNG is not even tried: it takes seconds and never comes out small."""

__all__ = [
    "JPEG_QUALITY",
    "LOSSLESS_MAX_BYTES",
    "LOSSLESS_MAX_PIXELS",
    "MAX_FILE_BYTES",
    "MAX_INPUT_BYTES",
    "MAX_PIXELS",
    "THUMBNAIL_MAX_BYTES",
    "THUMBNAIL_PX",
]
