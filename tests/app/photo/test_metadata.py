"""Nothing but pixels leaves: every place of every format is filled with a marked secret, and looked for afterwards."""

from io import BytesIO

import pytest
from PIL import Image

from app.photo import metadata_left, prepare
from tests.app.photo import pictures
from tests.app.photo.pictures import SECRET

LOADED = {
    "jpeg": pictures.loaded_jpeg(),
    "jpeg-turned": pictures.loaded_jpeg(6),
    "png": pictures.loaded_png(),
    "webp": pictures.loaded_webp(),
    "webp-lossless": pictures.loaded_webp(lossless=True),
    "heic": pictures.heic("plain"),
    "heic-turned": pictures.heic("turned"),
}
IN_HEIC = b"Erika Muster 52.5163"


@pytest.mark.parametrize("name", sorted(LOADED))
def test_no_metadata_is_left(name: str) -> None:
    data = LOADED[name]
    assert SECRET.encode() in data or IN_HEIC in data
    photo = prepare(data)
    for made in (photo.data, photo.thumbnail):
        assert metadata_left(made) == ()
        image = Image.open(BytesIO(made))
        image.load()
        assert not image.getexif() and not image.info.get("comment") and not getattr(image, "text", {})
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        for needle in (b"Erika", b"Exif", b"xmp", b"ICC", b"JFXX", b"MPF", b"8BIM", b"GPS", b"2026:03:01"):
            assert needle not in made


def test_the_search_finds_what_was_put_in() -> None:
    """The test above means something only if the search sees each of these."""
    found = " ".join(metadata_left(pictures.loaded_jpeg()))
    for word in (
        "Exif",
        "http://ns",
        "ICC_PROFIL",
        "MPF",
        "FPXR",
        "JFXX",
        "Photoshop",
        "Ducky",
        "0xfe",
        "after the",
    ):
        assert word in found, word
    found = " ".join(metadata_left(pictures.loaded_png()))
    for word in ("tEXt", "zTXt", "iTXt", "eXIf", "iCCP", "pHYs", "tIME", "prVt", "after the"):
        assert word in found, word
    assert metadata_left(pictures.loaded_webp()) and metadata_left(pictures.heic())
    assert metadata_left(b"\xff\xd8\xff\xd9junk") and metadata_left(b"\xff\xd8") == ("no end",)


def test_an_encoder_that_adds_something_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Image.Image.save

    def chatty(self: Image.Image, fp: BytesIO, form: str, **options: object) -> None:
        real(self, fp, form, **{**options, "comment": b"made by"})

    monkeypatch.setattr(Image.Image, "save", chatty)
    with pytest.raises(RuntimeError, match="encoder left"):
        prepare(pictures.save(pictures.picture(), "JPEG", quality=95))
