"""Drawn pictures for tests and screenshots: nothing photographed, no person."""

import random

from PySide6.QtCore import QBuffer, QIODevice, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPen,
    QRadialGradient,
)


def wound(width: int = 1600, height: int = 1200, *, seed: int = 1, size: float = 1.0) -> QImage:
    """A lower leg with a wound and a paper ruler, painted."""
    rng = random.Random(seed)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(width / 320, height / 240)
    cloth = QLinearGradient(0, 0, 320, 240)
    cloth.setColorAt(0, QColor("#A9C3CC"))
    cloth.setColorAt(1, QColor("#8FADB8"))
    painter.fillRect(QRectF(0, 0, 320, 240), cloth)
    leg = QPainterPath(QPointF(-10, 24))
    leg.cubicTo(70, 6, 190, 4, 330, 26)
    leg.lineTo(330, 202)
    leg.cubicTo(220, 218, 90, 218, -10, 202)
    leg.closeSubpath()
    skin = QLinearGradient(0, 0, 0, 220)
    for at, color in ((0, "#D7AE8F"), (0.3, "#EBC9AC"), (0.62, "#E6C0A1"), (1, "#C4967A")):
        skin.setColorAt(at, QColor(color))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(skin)
    painter.drawPath(leg)
    glow = QRadialGradient(QPointF(160, 104), 74 * size)
    glow.setColorAt(0, QColor(214, 120, 104, 200))
    glow.setColorAt(1, QColor(220, 143, 124, 0))
    painter.setBrush(glow)
    painter.drawEllipse(QPointF(160, 104), 74 * size, 56 * size)
    for radius_x, radius_y, color in ((50, 36, "#CE7F70"), (44, 30, "#B65A53"), (22, 13, "#CF8A63")):
        painter.setBrush(QColor(color))
        painter.drawPath(_blob(rng, 160, 104, radius_x * size, radius_y * size))
    _ruler(painter)
    painter.end()
    return image


def _blob(rng: random.Random, x: float, y: float, wide: float, high: float) -> QPainterPath:
    from math import cos, pi, sin

    points = []
    for step in range(16):
        angle, reach = 2 * pi * step / 16, 1 + rng.uniform(-0.07, 0.07)
        points.append(QPointF(x + cos(angle) * wide * reach, y + sin(angle) * high * reach))
    path = QPainterPath((points[0] + points[-1]) / 2)
    for at, point in enumerate(points):
        path.quadTo(point, (point + points[(at + 1) % 16]) / 2)
    return path


def _ruler(painter: QPainter) -> None:
    painter.setBrush(QColor("#FBFBF7"))
    painter.drawRect(QRectF(52, 178, 236, 25))
    painter.setPen(QPen(QColor("#2B2B2B"), 0.7))
    font = QFont()
    font.setPixelSize(8)
    painter.setFont(font)
    for millimetre in range(63):
        x = 58 + millimetre * 3.6
        long = 11 if millimetre % 10 == 0 else 8 if millimetre % 5 == 0 else 5
        painter.drawLine(QPointF(x, 178), QPointF(x, 178 + long))
        if millimetre % 10 == 0:
            painter.drawText(QPointF(x - 2, 199), str(millimetre // 10))


def paper(width: int = 1200, height: int = 1600) -> QImage:
    """A form with lines on it."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#F7F5EF"))
    painter = QPainter(image)
    painter.setPen(QPen(QColor("#5A6472"), 6))
    for line in range(12):
        painter.drawLine(120, 260 + line * 100, width - (120 if line % 3 else 420), 260 + line * 100)
    painter.fillRect(120, 100, 420, 60, QColor("#0B6E75"))
    painter.end()
    return image


def jpeg(image: QImage, quality: int = 85) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG", quality)
    return bytes(buffer.data().data())


def thumbnail(image: QImage) -> bytes:
    """As the core makes it: at most 480 px and 64 KiB."""
    small = image.scaled(
        480, 480, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    return jpeg(small, 80)
