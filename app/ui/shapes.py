"""What several painters share: avatars, state dots, badges, tags, rounded shapes."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen

from app.core.views import Reach
from app.ui.look import Look, Size
from app.ui.plain import initials
from app.ui.theme import AVATARS


def fill_round(
    painter: QPainter, rect: QRectF, radius: float, fill: QColor, border: QColor | None = None
) -> None:
    """A filled rounded rectangle; the 1 px border lies inside of `rect`."""
    if border is None:
        painter.setPen(Qt.PenStyle.NoPen)
    else:
        painter.setPen(QPen(border, 1))
        rect = rect.adjusted(0.5, 0.5, -0.5, -0.5)
    painter.setBrush(fill)
    painter.drawRoundedRect(rect, radius, radius)


def ring(painter: QPainter, rect: QRectF, radius: float, color: QColor, width: float = 2.0) -> None:
    """A focus ring of `width` px just inside of `rect`."""
    painter.setPen(QPen(color, width))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    half = width / 2
    painter.drawRoundedRect(rect.adjusted(half, half, -half, -half), radius, radius)


def corners(
    rect: QRectF, top_left: float, top_right: float, bottom_right: float, bottom_left: float
) -> QPainterPath:
    """A rectangle with four radii."""
    path = QPainterPath()
    left, top, right, bottom = rect.left(), rect.top(), rect.right(), rect.bottom()
    path.moveTo(left + top_left, top)
    path.lineTo(right - top_right, top)
    path.quadTo(right, top, right, top + top_right)
    path.lineTo(right, bottom - bottom_right)
    path.quadTo(right, bottom, right - bottom_right, bottom)
    path.lineTo(left + bottom_left, bottom)
    path.quadTo(left, bottom, left, bottom - bottom_left)
    path.lineTo(left, top + top_left)
    path.quadTo(left, top, left + top_left, top)
    path.closeSubpath()
    return path


def avatar(painter: QPainter, look: Look, rect: QRectF, name: str, color_index: int) -> None:
    """Initials on the person's own colour."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(AVATARS[color_index % len(AVATARS)]))
    painter.drawEllipse(rect)
    font = QFont(look.font(Size.TIME, strong=True))
    font.setPixelSize(max(7, round(rect.width() * 0.345)))
    painter.setFont(font)
    painter.setPen(QColor("#FFFFFF"))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, initials(name))


def square(painter: QPainter, look: Look, rect: QRectF, icon: str) -> None:
    """The avatar of a group or an inbox: an icon on soft accent."""
    theme = look.theme
    border = look.color(theme.text) if theme.outlined else None
    fill_round(painter, rect, 8, look.color(theme.accent_soft), border)
    size = 18 if rect.width() <= 40 else 24
    look.draw_icon(
        painter, icon, rect.center().x() - size / 2, rect.center().y() - size / 2, size, theme.accent
    )


def state_dot(painter: QPainter, look: Look, avatar_rect: QRectF, reach: Reach, background: str) -> None:
    """Full: reachable; ring in warning: away; ring in grey: not connected. The words stand beside it."""
    rect = QRectF(avatar_rect.right() - 10, avatar_rect.bottom() - 10, 12, 12)
    theme = look.theme
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.color(background))
    painter.drawEllipse(rect)
    inner = rect.adjusted(2, 2, -2, -2)
    if reach is Reach.REACHABLE:
        painter.setBrush(look.color(theme.good_dot))
        painter.drawEllipse(inner)
        return
    color = theme.warning if reach is Reach.AWAY else theme.control
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look.color(color), 2))
    painter.drawEllipse(inner.adjusted(1, 1, -1, -1))


def badge_text(count: int) -> str:
    return "99+" if count > 99 else str(count)


def badge_width(look: Look, count: int) -> int:
    least = max(20, look.line(18) + 2)
    return max(least, look.metrics(Size.TIME, strong=True).horizontalAdvance(badge_text(count)) + 12)


def badge(painter: QPainter, look: Look, right: float, center_y: float, count: int) -> None:
    """The unread count, its right edge at `right`."""
    width, height = badge_width(look, count), look.line(18)
    rect = QRectF(right - width, center_y - height / 2, width, height)
    fill_round(painter, rect, height / 2, look.color(look.theme.accent))
    painter.setFont(look.font(Size.TIME, strong=True))
    painter.setPen(look.color(look.theme.on_accent))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, badge_text(count))


def tag_width(look: Look, text: str) -> int:
    return look.metrics(Size.TIME, strong=True).horizontalAdvance(text) + 12


def tag(
    painter: QPainter, look: Look, right: float, center_y: float, text: str, color: str, soft: str
) -> None:
    """A small word on a soft fill, its right edge at `right`."""
    width, height = tag_width(look, text), look.line(18)
    rect = QRectF(right - width, center_y - height / 2, width, height)
    border = look.color(color) if look.theme.outlined else None
    fill_round(painter, rect, 4, look.color(soft), border)
    painter.setFont(look.font(Size.TIME, strong=True))
    painter.setPen(look.color(color))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


def line_text(
    painter: QPainter,
    look: Look,
    rect: QRectF,
    text: str,
    size: Size,
    color: str,
    *,
    strong: bool = False,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> float:
    """One elided line, vertically centred in `rect`. Returns the width that was used."""
    metrics = look.metrics(size, strong=strong)
    shown = metrics.elidedText(text, elide, max(0, int(rect.width())))
    painter.setFont(look.font(size, strong=strong))
    painter.setPen(look.color(color))
    painter.drawText(rect, int(align | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), shown)
    return metrics.horizontalAdvance(shown)


def polish(painter: QPainter) -> None:
    painter.setRenderHints(
        QPainter.RenderHint.Antialiasing
        | QPainter.RenderHint.TextAntialiasing
        | QPainter.RenderHint.SmoothPixmapTransform
    )
