"""What goes in comes out: pixels, colours, orientation, capture time, thumbnail, format."""

from io import BytesIO

import pytest
from PIL import Image, ImageCms

from app.photo import PreparedPhoto, metadata_left, prepare
from app.photo.limits import LOSSLESS_MAX_BYTES, THUMBNAIL_MAX_BYTES, THUMBNAIL_PX
from tests.app.photo import pictures
from tests.app.photo.pictures import BLUE, CAPTURED_MS, RED, WHITE, save

Colour = tuple[int, ...]


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def near(found: object, wanted: Colour, within: int = 6) -> bool:
    assert isinstance(found, tuple) and len(found) == len(wanted)
    return all(abs(a - b) <= within for a, b in zip(found, wanted, strict=True))


def corners(image: Image.Image) -> list[Colour]:
    """Top left, top right, bottom right, bottom left, each a little inside."""
    right, bottom = image.width - 5, image.height - 5
    return [image.getpixel(place) for place in ((5, 5), (right, 5), (right, bottom), (5, bottom))]  # type: ignore[misc]


def assert_picture(photo: PreparedPhoto, wanted: list[Colour]) -> None:
    image = opened(photo.data).convert("RGB")
    assert image.size == (photo.width_px, photo.height_px)
    for found, colour in zip(corners(image), wanted, strict=True):
        assert near(found, colour), (corners(image), wanted)


UPRIGHT = [WHITE, BLUE, BLUE, RED]


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (save(pictures.picture(), "JPEG", quality=95), "image/jpeg"),
        (save(pictures.picture(), "JPEG", quality=95, progressive=True), "image/jpeg"),
        (save(pictures.picture(), "PNG"), "image/png"),
        (save(pictures.picture(), "WEBP", quality=95), "image/jpeg"),
        (save(pictures.picture(), "WEBP", lossless=True), "image/png"),
        (pictures.heic(), "image/jpeg"),
    ],
    ids=["jpeg", "progressive", "png", "webp", "webp-lossless", "heic"],
)
def test_each_format_keeps_its_pixels_at_full_size(data: bytes, media_type: str) -> None:
    photo = prepare(data)
    assert photo.media_type == media_type
    assert (photo.width_px, photo.height_px) == (96, 64)
    assert_picture(photo, UPRIGHT)


def test_a_screenshot_stays_lossless() -> None:
    original = pictures.picture(640, 400)
    photo = prepare(save(original, "PNG"))
    assert photo.media_type == "image/png"
    assert opened(photo.data).tobytes() == original.tobytes()


def test_a_large_lossless_picture_becomes_a_jpeg() -> None:
    noise = Image.merge("RGB", [Image.effect_noise((1400, 1200), 120) for _ in range(3)])
    data = save(noise, "PNG")
    assert len(data) > LOSSLESS_MAX_BYTES
    photo = prepare(data)
    assert photo.media_type == "image/jpeg" and (photo.width_px, photo.height_px) == noise.size


# A photo's corners after EXIF orientation 1 to 8 was applied.
TURNED = {
    1: [WHITE, BLUE, BLUE, RED],
    2: [BLUE, WHITE, RED, BLUE],
    3: [BLUE, RED, WHITE, BLUE],
    4: [RED, BLUE, BLUE, WHITE],
    5: [WHITE, RED, BLUE, BLUE],
    6: [RED, WHITE, BLUE, BLUE],
    7: [BLUE, BLUE, WHITE, RED],
    8: [BLUE, BLUE, RED, WHITE],
}


@pytest.mark.parametrize("orientation", sorted(TURNED))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_orientation_is_applied_to_the_pixels(form: str, orientation: int) -> None:
    options = {"lossless": True} if form == "WEBP" else {"quality": 95}
    photo = prepare(save(pictures.picture(), form, exif=pictures.exif(orientation), **options))
    assert (photo.width_px, photo.height_px) == ((96, 64) if orientation < 5 else (64, 96))
    assert_picture(photo, TURNED[orientation])
    small = opened(photo.thumbnail)
    assert (small.width > small.height) == (orientation < 5)


def test_heic_is_turned_once_by_its_own_property_and_not_again_by_exif() -> None:
    photo = prepare(pictures.heic("turned"))
    assert (photo.width_px, photo.height_px) == (96, 64)
    assert_picture(photo, TURNED[3])


@pytest.mark.parametrize(
    "data",
    [
        save(pictures.picture(), "JPEG", quality=95, icc_profile=pictures.profile(swapped=True)),
        save(pictures.picture(), "PNG", icc_profile=pictures.profile(swapped=True)),
        save(pictures.picture(), "WEBP", lossless=True, icc_profile=pictures.profile(swapped=True)),
        save(pictures.picture().quantize(8), "PNG", icc_profile=pictures.profile(swapped=True)),
        pictures.heic("profile"),
    ],
    ids=["jpeg", "png", "webp", "palette", "heic"],
)
def test_colours_are_converted_by_the_embedded_profile(data: bytes) -> None:
    blue, red = (RED[2], RED[1], RED[0]), (BLUE[2], BLUE[1], BLUE[0])
    image = opened(prepare(data).data).convert("RGB")
    assert near(corners(image)[1], red, 12) and near(corners(image)[3], blue, 12)
    assert "icc_profile" not in image.info


def test_a_profile_is_applied_beside_alpha() -> None:
    image = pictures.picture().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 128))
    found = opened(prepare(save(image, "PNG", icc_profile=pictures.profile(swapped=True))).data)
    assert found.mode == "RGBA"
    assert near(corners(found)[3], (RED[2], RED[1], RED[0], 128), 12)


@pytest.mark.parametrize("icc", [b"nonsense", pictures.profile(swapped=True)[:200], b"\x00" * 400], ids=len)
def test_a_broken_profile_costs_the_colours_at_most(icc: bytes) -> None:
    assert_picture(prepare(save(pictures.picture(), "JPEG", quality=95, icc_profile=icc)), UPRIGHT)


def test_a_profile_for_another_colour_space_is_not_used() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert_picture(prepare(save(pictures.picture(), "JPEG", quality=95, icc_profile=lab)), UPRIGHT)


def test_cmyk_becomes_rgb() -> None:
    photo = prepare(save(pictures.picture().convert("CMYK"), "JPEG", quality=95))
    assert_picture(photo, UPRIGHT)
    assert opened(photo.data).mode == "RGB"


def test_sixteen_bit_grey_is_scaled_and_not_clipped() -> None:
    grey = Image.new("I;16", (64, 64), 0x8080)
    assert near(opened(prepare(save(grey, "PNG")).data).convert("RGB").getpixel((5, 5)), (128, 128, 128), 1)


def test_sixteen_bit_colour_and_twelve_bit_heic_are_reduced() -> None:
    header = pictures.struct.pack(">IIBBBBB", 2, 1, 16, 2, 0, 0, 0)
    line = b"\x00" + bytes.fromhex("c8001e002800") * 2
    data = b"\x89PNG\r\n\x1a\n" + pictures.png_chunk(b"IHDR", header)
    data += pictures.png_chunk(b"IDAT", pictures.zlib.compress(line)) + pictures.png_chunk(b"IEND", b"")
    assert opened(prepare(data).data).getpixel((0, 0)) == RED
    assert near(
        opened(prepare(pictures.heic("twelve_bit")).data).convert("RGB").getpixel((9, 9)), (156,) * 3, 2
    )


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_every_png_mode_is_taken(mode: str) -> None:
    image = pictures.picture().convert("RGBA" if mode in ("LA", "RGBA") else "RGB").convert(mode)
    photo = prepare(save(image, "PNG"))
    assert opened(photo.data).convert("RGB").size == (96, 64)
    assert opened(photo.data).mode == "RGB"  # an alpha channel without anything transparent is dropped


def test_transparency_is_kept_where_it_is_used() -> None:
    image = pictures.picture().convert("RGBA")
    image.putalpha(Image.new("L", image.size, 100))
    for data in (save(image, "PNG"), save(image, "WEBP", lossless=True), pictures.heic("alpha")):
        photo = prepare(data)
        assert photo.media_type == "image/png" and opened(photo.data).mode == "RGBA"
    palette = pictures.picture().quantize(8)
    assert opened(prepare(save(palette, "PNG", transparency=0)).data).mode == "RGBA"


def test_the_first_picture_of_several_is_taken() -> None:
    assert_picture(prepare(pictures.heic("two")), UPRIGHT)
    assert_picture(prepare(pictures.loaded_jpeg()), UPRIGHT)


@pytest.mark.parametrize(
    "data", [pictures.loaded_jpeg(), pictures.loaded_png(), pictures.loaded_webp(), pictures.heic()]
)
def test_capture_time_is_kept_as_a_field(data: bytes) -> None:
    assert prepare(data).captured_ms == CAPTURED_MS


@pytest.mark.parametrize("size", [(96, 64), (1, 1), (4000, 10), (10, 4000), (1600, 1200), (300, 2000)])
def test_the_thumbnail_fits(size: tuple[int, int]) -> None:
    photo = prepare(save(pictures.picture(max(size[0], 4), max(size[1], 4)).resize(size), "JPEG"))
    small = opened(photo.thumbnail)
    assert small.format == "JPEG" and len(photo.thumbnail) <= THUMBNAIL_MAX_BYTES
    assert small.width <= min(size[0], THUMBNAIL_PX[0]) and small.height <= min(size[1], THUMBNAIL_PX[1])
    assert not metadata_left(photo.thumbnail)


def test_a_thumbnail_of_noise_still_fits() -> None:
    noise = Image.merge("RGB", [Image.effect_noise((1056, 832), 250) for _ in range(3)])
    assert len(prepare(save(noise, "JPEG", quality=95)).thumbnail) <= THUMBNAIL_MAX_BYTES


def test_repr_holds_no_bytes() -> None:
    assert repr(prepare(save(pictures.picture(), "JPEG"))).startswith("PreparedPhoto(96x64, ")
