"""Thumbnails of photo bubbles: decoded once, cropped to fill, with round corners."""

from collections import OrderedDict
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QImage, QImageReader, QPainter, QPixmap

from crypto.ids import ContentId

_KEPT: Final = 96
_GREATEST_PX: Final = 2_048


def decode_thumbnail(data: bytes) -> QImage | None:
    """A JPEG thumbnail of a colleague. None for anything else or anything larger than a thumbnail is."""
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(b"jpeg"))
    size: QSize = reader.size()
    if not size.isValid() or max(size.width(), size.height()) > _GREATEST_PX:
        return None
    image = reader.read()
    return None if image.isNull() else image


class Thumbnails:
    """Pixmaps by (message, size, device pixel ratio). Emptied when the window is locked."""

    def __init__(self) -> None:
        self._pixmaps: OrderedDict[tuple[ContentId, int, int, float, int], QPixmap | None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pixmaps)

    def clear(self) -> None:
        self._pixmaps.clear()

    def get(
        self, message: ContentId, data: bytes, width: int, height: int, ratio: float, radius: int = 8
    ) -> QPixmap | None:
        """Filled, cropped from the middle; None when the bytes are no picture."""
        key = (message, width, height, ratio, radius)
        if key in self._pixmaps:
            self._pixmaps.move_to_end(key)
            return self._pixmaps[key]
        image = decode_thumbnail(data)
        pixmap = None if image is None else _rounded(image, width, height, ratio, radius)
        self._pixmaps[key] = pixmap
        if len(self._pixmaps) > _KEPT:
            self._pixmaps.popitem(last=False)
        return pixmap


def _rounded(image: QImage, width: int, height: int, ratio: float, radius: int) -> QPixmap:
    wide, high = max(1, round(width * ratio)), max(1, round(height * ratio))
    scaled = image.scaled(
        wide, high, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
    )
    cropped = scaled.copy((scaled.width() - wide) // 2, (scaled.height() - high) // 2, wide, high)
    pixmap = QPixmap(wide, high)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(cropped))
    painter.drawRoundedRect(QRectF(0, 0, wide, high), radius * ratio, radius * ratio)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
