"""What bytes are, told by the bytes. A name or extension is never asked."""

import re
from enum import Enum
from typing import Final

SNIFF_BYTES: Final = 4096
"""How much of the beginning is looked at."""


class Kind(Enum):
    """What the beginning of a file shows. Values are media types."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"
    GIF = "image/gif"
    TIFF = "image/tiff"
    BMP = "image/bmp"
    ICO = "image/x-icon"
    AVIF = "image/avif"
    JXL = "image/jxl"
    JP2 = "image/jp2"
    PSD = "image/vnd.adobe.photoshop"
    SVG = "image/svg+xml"
    HTML = "text/html"
    PDF = "application/pdf"
    VIDEO = "video/mp4"
    WEBM = "video/webm"
    AUDIO = "audio/mpeg"
    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    ODT = "application/vnd.oasis.opendocument.text"
    ODS = "application/vnd.oasis.opendocument.spreadsheet"
    ODP = "application/vnd.oasis.opendocument.presentation"
    OLE = "application/x-ole-storage"
    RTF = "application/rtf"
    ZIP = "application/zip"
    GZIP = "application/gzip"
    SEVEN_ZIP = "application/x-7z-compressed"
    PROGRAM = "application/x-executable"
    SCRIPT = "text/x-script"
    XML = "text/xml"
    TEXT = "text/plain"
    UNKNOWN = "application/octet-stream"


PICTURES: Final = frozenset({Kind.JPEG, Kind.PNG, Kind.WEBP, Kind.HEIC})
"""What `prepare` decodes."""
OTHER_PICTURES: Final = frozenset(
    {Kind.GIF, Kind.TIFF, Kind.BMP, Kind.ICO, Kind.AVIF, Kind.JXL, Kind.JP2, Kind.PSD}
)
"""Real pictures in formats that are not decoded here."""

_MAGIC: Final = (
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"II*\x00", Kind.TIFF),
    (b"MM\x00*", Kind.TIFF),
    (b"BM", Kind.BMP),
    (b"\x00\x00\x01\x00", Kind.ICO),
    (b"\xff\x0a", Kind.JXL),
    (b"\x00\x00\x00\x0cJXL ", Kind.JXL),
    (b"\x00\x00\x00\x0cjP  ", Kind.JP2),
    (b"8BPS", Kind.PSD),
    (b"\x1aE\xdf\xa3", Kind.WEBM),
    (b"ID3", Kind.AUDIO),
    (b"{\\rtf", Kind.RTF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OLE),
    (b"\x1f\x8b", Kind.GZIP),
    (b"7z\xbc\xaf\x27\x1c", Kind.SEVEN_ZIP),
    (b"\x7fELF", Kind.PROGRAM),
    (b"MZ", Kind.PROGRAM),
    (b"\xca\xfe\xba\xbe", Kind.PROGRAM),
    (b"\xcf\xfa\xed\xfe", Kind.PROGRAM),
    (b"L\x00\x00\x00\x01\x14\x02\x00", Kind.PROGRAM),  # Windows shortcut
    (b"#!", Kind.SCRIPT),
)
_BRANDS: Final = {
    b"avif": Kind.AVIF,
    b"avis": Kind.AVIF,
    **dict.fromkeys((b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"), Kind.HEIC),
    **dict.fromkeys((b"mif1", b"msf1"), Kind.HEIC),
}
_ZIP_PARTS: Final = (
    (b"application/vnd.oasis.opendocument.text", Kind.ODT),
    (b"application/vnd.oasis.opendocument.spreadsheet", Kind.ODS),
    (b"application/vnd.oasis.opendocument.presentation", Kind.ODP),
    (b"word/", Kind.DOCX),
    (b"xl/", Kind.XLSX),
    (b"ppt/", Kind.PPTX),
)
_HTML: Final = re.compile(rb"<(!doctype html|html|head|body|script|iframe|meta|title)\b", re.IGNORECASE)
_SVG: Final = re.compile(rb"<(!doctype )?([a-z]+:)?svg\b", re.IGNORECASE)


def sniff(data: bytes) -> Kind:
    """The kind of a whole file, or of at least its first `SNIFF_BYTES`. Total: never raises."""
    head = bytes(data[:SNIFF_BYTES])
    if head[:4] == b"RIFF":
        return Kind.WEBP if head[8:12] == b"WEBP" else Kind.UNKNOWN
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(b"PK\x03\x04"):
        return next((kind for part, kind in _ZIP_PARTS if part in head), Kind.ZIP)
    if b"%PDF-" in head[:1024]:  # readers accept junk before it
        return Kind.PDF
    return _text(head)


def _iso_media(head: bytes) -> Kind:
    """HEIC, AVIF or a film: by the major brand, else by the first known compatible one."""
    size = min(int.from_bytes(head[:4], "big"), len(head), 256)
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))]
    # A major brand mif1 only says "pictures"; what they are coded with is said by the others.
    ordered = sorted(brands, key=lambda brand: brand in (b"mif1", b"msf1"))
    return next((_BRANDS[brand] for brand in ordered if brand in _BRANDS), Kind.VIDEO)


def _text(head: bytes) -> Kind:
    plain = head.removeprefix(b"\xef\xbb\xbf")
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        plain = head[2:].replace(b"\x00", b"")
    if not plain or b"\x00" in plain:
        return Kind.UNKNOWN
    if _SVG.search(plain):
        return Kind.SVG
    if _HTML.search(plain):
        return Kind.HTML
    if plain.lstrip().startswith(b"<?xml"):
        return Kind.XML
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in plain)
    return Kind.TEXT if controls == 0 else Kind.UNKNOWN
