"""Pictures for the tests: made here, with marked secrets in every place that a format has for metadata."""

import struct
import zlib
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "photo"
SECRET = "Erika-Muster-Geheim"
CAPTURED_MS = 1772356500000  # 2026-03-01 10:15 +01:00
RED, BLUE, WHITE = (200, 30, 40), (30, 40, 200), (255, 255, 255)


def picture(width: int = 96, height: int = 64) -> Image.Image:
    """Left half red, right half blue, white top left corner: turning and colours can be told from pixels."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(BLUE, (width // 2, 0, width, height))
    image.paste(WHITE, (0, 0, width // 4, height // 4))
    return image


def exif(orientation: int = 1) -> bytes:
    """Camera, owner, maker note, comment, place, capture time, and an orientation."""
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010E] = block[0x010F] = block[0x013B] = SECRET
    block[0x9C9B] = SECRET.encode("utf-16-le")
    details = block.get_ifd(0x8769)
    details[0x9003], details[0x9011] = "2026:03:01 10:15:00", "+01:00"
    details[0x927C] = details[0x9286] = SECRET.encode()
    details[0xA431] = SECRET
    place = block.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (52.0, 30.0, 59.0), "E", (13.0, 22.0, 39.0)
    place[29] = "2026:03:01"
    return block.tobytes()


def xmp() -> bytes:
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>{SECRET}</rdf:RDF></x:xmpmeta>'.encode()


def profile(*, swapped: bool) -> bytes:
    """An sRGB profile; `swapped` has red and blue exchanged, so colours are right only if it was used."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from(">I", data, 128)
    places = {bytes(data[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    if swapped:
        red, blue = places[b"rXYZ"], places[b"bXYZ"]
        data[red : red + 4], data[blue : blue + 4] = b"bXYZ", b"rXYZ"
        while (at := data.find("sRGB".encode("utf-16-be"))) >= 0:
            data[at : at + 8] = "test".encode("utf-16-be")
    return bytes(data)


def save(image: Image.Image, form: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def jpeg_segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def loaded_jpeg(orientation: int = 1) -> bytes:
    """Every place of a JPEG that can hold something, a thumbnail, an index of further pictures, bytes after the end."""
    plain = save(picture(), "JPEG", quality=95)
    thumbnail = save(picture(32, 24), "JPEG", comment=SECRET.encode())
    secret = SECRET.encode()
    segments = [
        jpeg_segment(0xE0, b"JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x01\x01" + b"\x01\x02\x03"),
        jpeg_segment(0xE0, b"JFXX\x00\x10" + thumbnail),
        jpeg_segment(0xE1, exif(orientation)),
        jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + xmp()),
        jpeg_segment(0xE1, b"http://ns.adobe.com/xmp/extension/\x00" + secret),
        jpeg_segment(0xE2, b"ICC_PROFILE\x00\x01\x01" + profile(swapped=False)),
        jpeg_segment(0xE2, b"MPF\x00II*\x00\x08\x00\x00\x00" + secret),
        jpeg_segment(0xE2, b"FPXR\x00" + secret),
        jpeg_segment(0xEB, b"JP\x01\x00" + secret),
        jpeg_segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x13" + secret),
        jpeg_segment(0xEE, b"Ducky" + secret),
        jpeg_segment(0xEF, secret),
        jpeg_segment(0xFE, secret),
    ]
    further = save(picture(), "JPEG", comment=secret)
    return plain[:2] + b"".join(segments) + plain[2:] + further + b"ftypmp42" + secret


def loaded_png() -> bytes:
    info = PngInfo()
    info.add_text("Author", SECRET)
    info.add_text("Comment", SECRET, zip=True)
    info.add_itxt("XML:com.adobe.xmp", xmp().decode())
    info.add(b"tIME", struct.pack(">HBBBBB", 2026, 3, 1, 10, 15, 0))
    info.add(b"prVt", SECRET.encode(), after_idat=True)
    made = save(picture(), "PNG", pnginfo=info, exif=exif(), icc_profile=profile(swapped=False), dpi=(72, 72))
    return made + SECRET.encode()


def loaded_webp(*, lossless: bool = False) -> bytes:
    made = save(
        picture(),
        "WEBP",
        exif=exif(),
        xmp=xmp(),
        icc_profile=profile(swapped=False),
        lossless=lossless,
        quality=95,
    )
    return made + SECRET.encode()


def heic(name: str = "plain") -> bytes:
    return (FIXTURES / f"{name}.heic").read_bytes()


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_bomb(width: int, height: int) -> bytes:
    """Black pixels without end: a megabyte for every gigabyte of them."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9)
    line = b"\x00" * (1 + 3 * width)
    body = b"".join(packer.compress(line) for _ in range(min(height, 2000))) + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", body) + png_chunk(b"IEND", b"")
    )


def jpeg_of_claimed_size(width: int, height: int) -> bytes:
    """A small JPEG whose header says otherwise."""
    made = bytearray(save(picture(), "JPEG"))
    at = made.find(b"\xff\xc0")
    struct.pack_into(">HH", made, at + 5, height, width)
    return bytes(made)


def webp_of_claimed_canvas(width: int, height: int) -> bytes:
    """An extended WebP whose canvas is said to be huge: libwebp would allocate it when asked for the size."""
    made = bytearray(loaded_webp())
    at = made.find(b"VP8X") + 8
    made[at + 4 : at + 7] = (width - 1).to_bytes(3, "little")
    made[at + 7 : at + 10] = (height - 1).to_bytes(3, "little")
    return bytes(made)


def jpeg_of_many_scans(count: int) -> bytes:
    """A progressive JPEG that repeats its last scan: hardly a byte each, a pass over all pixels each."""
    made = save(picture(640, 480), "JPEG", progressive=True)
    last = made.rfind(b"\xff\xda")
    return made[:-2] + made[last:-2] * count + made[-2:]
