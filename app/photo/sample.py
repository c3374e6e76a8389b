"""A drawn picture for the demo: no patient, but everything a telephone writes into a photo, to be stripped."""

import io
import random
from typing import Final

from PIL import ExifTags, Image, ImageDraw, ImageFilter

WIDTH_PX: Final = 4032
HEIGHT_PX: Final = 3024
_SKIN: Final = (226, 178, 148)
_CLOTH: Final = (141, 176, 190)


def sample_photo(seed: int = 1, *, width_px: int = WIDTH_PX, height_px: int = HEIGHT_PX) -> bytes:
    """A JPEG of about 4 MB at full size, with camera, date, place, comment and an embedded thumbnail."""
    small = (width_px // 4, height_px // 4)
    picture = _draw(small, random.Random(seed))  # noqa: S311  a picture, no secret
    picture = picture.resize((width_px, height_px), Image.Resampling.BICUBIC)
    # A sensor's noise: without it the file would be far smaller than a real photo.
    noise = Image.effect_noise((width_px, height_px), 40).convert("RGB")
    picture = Image.blend(picture, noise, 0.14)
    output = io.BytesIO()
    picture.save(output, "JPEG", quality=90, exif=_exif(), comment=b"Erika Muster, Zimmer 2")
    return output.getvalue()


def _draw(size: tuple[int, int], rng: random.Random) -> Image.Image:
    width, height = size
    image = Image.new("RGB", size, _CLOTH)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle(
        (-width // 8, height // 7, width + width // 8, height - height // 6), height // 4, fill=_SKIN
    )
    for radius, colour in ((0.30, (221, 150, 128)), (0.22, (196, 92, 84)), (0.16, (160, 48, 48))):
        centre_x, centre_y = width * 0.48, height * 0.46
        box = (
            centre_x - width * radius,
            centre_y - height * radius * 0.8,
            centre_x + width * radius,
            centre_y + height * radius * 0.8,
        )
        draw.ellipse(box, fill=colour)
        image = image.filter(ImageFilter.GaussianBlur(width / 90))
        draw = ImageDraw.Draw(image)
    for _ in range(60):
        x, y = rng.gauss(width * 0.48, width * 0.05), rng.gauss(height * 0.46, height * 0.05)
        size_px = rng.uniform(2, width / 60)
        draw.ellipse((x, y, x + size_px, y + size_px), fill=rng.choice([(205, 150, 90), (176, 60, 56)]))
    image = image.filter(ImageFilter.GaussianBlur(width / 250))
    _ruler(ImageDraw.Draw(image), width, height)
    return image


def _ruler(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    left, top, right, bottom = width * 0.2, height * 0.74, width * 0.8, height * 0.82
    draw.rectangle((left, top, right, bottom), fill=(250, 250, 248))
    step = (right - left) / 60
    for mark in range(61):
        long = mark % 10 == 0
        x = left + mark * step
        draw.line((x, top, x, top + (bottom - top) * (0.6 if long else 0.3)), fill=(40, 40, 40), width=2)


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Beispiel"
    exif[ExifTags.Base.Model] = "Telefon 1"
    exif[ExifTags.Base.Artist] = "Erika Muster"
    exif[ExifTags.Base.DateTime] = "2026:03:02 09:44:10"
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = "2026:03:02 09:44:10"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef] = "N"
    place[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 12.0)
    place[ExifTags.GPS.GPSLongitudeRef] = "E"
    place[ExifTags.GPS.GPSLongitude] = (13.0, 24.0, 18.0)
    return exif
