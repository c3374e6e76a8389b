"""Lucide icons as pixmaps: the colour is set in the file's text, the result is cached."""

from collections import OrderedDict
from functools import cache
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

ICONS: Final = Path(__file__).resolve().parents[2] / "assets" / "icons"
_CACHED: Final = 400


@cache
def _source(name: str) -> str:
    return (ICONS / f"{name}.svg").read_text(encoding="utf-8")


class IconCache:
    """Pixmaps by (name, size, colour, device pixel ratio); the least recently used go first."""

    def __init__(self) -> None:
        self._pixmaps: OrderedDict[tuple[str, int, str, float], QPixmap] = OrderedDict()

    def pixmap(self, name: str, size_px: int, color: str, ratio: float = 1.0) -> QPixmap:
        """A square pixmap of `size_px` logical pixels. Raises FileNotFoundError for an unknown name."""
        key = (name, size_px, color, ratio)
        found = self._pixmaps.get(key)
        if found is not None:
            self._pixmaps.move_to_end(key)
            return found
        pixmap = self._draw(name, size_px, color, ratio)
        self._pixmaps[key] = pixmap
        if len(self._pixmaps) > _CACHED:
            self._pixmaps.popitem(last=False)
        return pixmap

    @staticmethod
    def _draw(name: str, size_px: int, color: str, ratio: float) -> QPixmap:
        text = _source(name).replace("currentColor", color).replace('stroke-width="2"', 'stroke-width="1.75"')
        side = max(1, round(size_px * ratio))
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(0, 0, side, side))
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap
