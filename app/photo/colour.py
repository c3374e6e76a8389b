"""Every picture becomes 8-bit sRGB, with alpha only where something is really transparent."""

import logging
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms

log = logging.getLogger(__name__)

MAX_ICC_BYTES: Final = 4 << 20

_SPACES: Final = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""Colour space of a profile (ICC.1) -> the Pillow mode that it describes."""
_WITH_ALPHA: Final = frozenset({"RGBA", "LA", "PA", "La", "RGBa"})


def to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """Mode "RGB" or "RGBA". A broken or foreign profile is as good as none: colours may be off, nothing is lost."""
    image = _eight_bit(image)
    alpha = _alpha(image)
    colours = _through_profile(image, icc) if icc else None
    if colours is None:
        colours = _plain(image, alpha is not None)
    if alpha is not None:
        colours.putalpha(alpha)
    return colours


def _plain(image: Image.Image, transparent: bool) -> Image.Image:
    """Mode "RGB" without a profile; no copy where it is that already."""
    if image.mode == "RGB" and not transparent:
        return image
    return image.convert("RGBA").convert("RGB") if transparent else image.convert("RGB")


def flat(image: Image.Image) -> Image.Image:
    """On white, without alpha."""
    if image.mode != "RGBA":
        return image
    paper = Image.new("RGB", image.size, "white")
    paper.paste(image, mask=image.getchannel("A"))
    return paper


def _eight_bit(image: Image.Image) -> Image.Image:
    """16-bit greys to 8: Pillow would clip them. (16-bit colours are reduced while decoding.)"""
    if image.mode == "F" or not image.mode.startswith("I"):
        return image
    return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")


def _alpha(image: Image.Image) -> Image.Image | None:
    """The alpha channel, None if there is none or nothing is transparent."""
    if image.mode in _WITH_ALPHA or "transparency" in image.info:
        alpha = image.convert("RGBA").getchannel("A")
    else:
        return None
    return None if alpha.getextrema() == (255, 255) else alpha


def _through_profile(image: Image.Image, icc: bytes) -> Image.Image | None:
    """Colours converted by the embedded profile, None where that cannot or need not be."""
    if len(icc) > MAX_ICC_BYTES:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(BytesIO(icc))
        if "sRGB" in ImageCms.getProfileDescription(profile):
            return None
        mode = _SPACES.get(profile.profile.xcolor_space.strip())
        if mode is None or (mode == "CMYK") != (image.mode == "CMYK"):
            return None
        if mode == "L" and image.mode not in ("L", "LA", "1"):
            return None
        source = image if image.mode == mode else image.convert(mode)
        return ImageCms.profileToProfile(
            source,
            profile,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as exc:
        log.info("a colour profile of %d bytes was not used: %s", len(icc), type(exc).__name__)
        return None
