"""How large pictures may be, and what is made of them."""

from typing import Final

MAX_INPUT_BYTES: Final = 60_000_000
"""Of a picture as it comes, and as it is sent."""
MAX_PIXELS: Final = 120_000_000
JPEG_QUALITY: Final = 92
THUMBNAIL_PX: Final = (528, 416)
"""Twice the 264 x 208 at which the timeline shows it."""
THUMBNAIL_MAX_BYTES: Final = 64 << 10
LOSSLESS_MAX_BYTES: Final = 4 << 20
"""A screenshot or drawing stays PNG up to this size."""
LOSSLESS_MAX_PIXELS: Final = 16_000_000
"""Above this PNG is not even tried: it takes seconds and never comes out small."""
MAX_FILE_BYTES: Final = 100_000_000
"""Of any other file."""
