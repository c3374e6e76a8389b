"""Buttons, boxes and small labels that paint themselves from the theme, with one focus ring for all."""

from collections.abc import Callable
from enum import Enum

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from app.core.views import Reach
from app.ui.look import Look, Size
from app.ui.shapes import avatar, fill_round, line_text, polish, ring, square, state_dot

_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class Kind(Enum):
    """How much a button asks for. One FILLED button per area."""

    FILLED = "filled"
    PLAIN = "plain"
    FLAT = "flat"
    LINK = "link"


class Button(QPushButton):
    """A text or icon button, 36 px high (28 when `small`)."""

    def __init__(
        self,
        look: Look,
        text: str = "",
        icon: str = "",
        *,
        kind: Kind = Kind.PLAIN,
        small: bool = False,
        icon_after: bool = False,
        tip: str = "",
        click: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(text)
        self._look, self._icon, self._kind, self._small, self._after = look, icon, kind, small, icon_after
        self._ring = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        if tip:
            self.setToolTip(tip)
            self.setAccessibleName(text or tip)
        if click is not None:
            self.clicked.connect(lambda: click())

    def set_icon(self, icon: str) -> None:
        self._icon = icon
        self.update()

    @property
    def _text_size(self) -> Size:
        return Size.SMALL if self._small or self._kind is Kind.LINK else Size.BODY

    def sizeHint(self) -> QSize:
        height = max(28 if self._small else 36, self._look.metrics(self._text_size).height() + 8)
        if not self.text():
            return QSize(height, height)
        padding = {Kind.LINK: 2, Kind.FLAT: 10}.get(self._kind, 10 if self._small else 14)
        strong = self._kind is not Kind.FLAT
        width = (
            self._look.metrics(self._text_size, strong=strong).horizontalAdvance(self.text()) + 2 * padding
        )
        if self._icon:
            width += self._icon_size + 8
        return QSize(width, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    @property
    def _icon_size(self) -> int:
        return 16 if self._small else 18 if self.text() else 20

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = event.reason() in _KEYBOARD
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._ring = False
        super().focusOutEvent(event)

    def _colors(self) -> tuple[str | None, str | None, str]:
        """Fill, border and text for the present state."""
        theme = self._look.theme
        hover, down = self.underMouse() and self.isEnabled(), self.isDown()
        if self._kind is Kind.FILLED:
            return (theme.accent_hover if hover or down else theme.accent), None, theme.on_accent
        if self._kind is Kind.LINK:
            return None, None, theme.accent_hover if hover else theme.accent
        if self.isChecked():
            return theme.accent_soft, theme.text if theme.outlined else None, theme.accent
        fill = theme.sub if down else theme.hover if hover else None
        if self._kind is Kind.FLAT:
            return fill, None, theme.text
        return fill or theme.button, theme.line, theme.text

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        polish(painter)
        rect, radius = QRectF(self.rect()), 6.0 if self._small else 8.0
        fill, border, text = self._colors()
        theme = self._look.theme
        if self._ring:
            ring(painter, rect, radius, self._look.color(theme.accent))
            rect, radius = rect.adjusted(4, 4, -4, -4), radius - 3
        if not self.isEnabled():
            painter.setOpacity(0.45)
        if fill is not None:
            fill_round(
                painter, rect, radius, self._look.color(fill), self._look.color(border) if border else None
            )
        self._paint_content(painter, QRectF(self.rect()), text)

    def _paint_content(self, painter: QPainter, rect: QRectF, color: str) -> None:
        strong = self._kind is not Kind.FLAT
        metrics = self._look.metrics(self._text_size, strong=strong)
        icon = self._icon_size if self._icon else 0
        gap = 8 if icon and self.text() else 0
        space = max(0, int(rect.width()) - icon - gap - 2)
        shown = metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, space)
        width = metrics.horizontalAdvance(shown)
        left = rect.left() + (rect.width() - icon - gap - width) / 2
        icon_left, text_left = (left + width + gap, left) if self._after else (left, left + icon + gap)
        if icon:
            self._look.draw_icon(
                painter, self._icon, round(icon_left), round(rect.center().y() - icon / 2), icon, color
            )
        painter.setFont(self._look.font(self._text_size, strong=strong))
        painter.setPen(self._look.color(color))
        painter.drawText(
            QRectF(text_left, rect.top(), width + 2, rect.height()), Qt.AlignmentFlag.AlignVCenter, shown
        )


class Card(QAbstractButton):
    """A large choice with icon, title and one line below; exclusive within its button group."""

    def __init__(self, look: Look, icon: str, title: str, detail: str) -> None:
        super().__init__()
        self._look, self._icon, self._detail = look, icon, detail
        self.setText(title)
        self.setCheckable(True)
        self.setAccessibleName(f"{title}. {detail}")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(240, 16 + 24 + 8 + self._look.line(18) + self._look.line(16) + 16)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look, theme = QPainter(self), self._look, self._look.theme
        polish(painter)
        rect, chosen = QRectF(self.rect()), self.isChecked()
        fill = theme.accent_soft if chosen else theme.hover if self.underMouse() else theme.panel
        fill_round(painter, rect, 12, look.color(fill), look.color(theme.line))
        if chosen or self.hasFocus():
            ring(painter, rect, 12, look.color(theme.accent), 2)
        look.draw_icon(painter, self._icon, 16, 16, 24, theme.accent)
        dot = QRectF(rect.right() - 34, 19, 18, 18)
        if chosen:
            painter.setPen(QPen(look.color(theme.accent), 5))
            painter.setBrush(look.color(theme.panel))
            painter.drawEllipse(dot.adjusted(2.5, 2.5, -2.5, -2.5))
        else:
            painter.setPen(QPen(look.color(theme.control), 1))
            painter.setBrush(look.color(theme.panel))
            painter.drawEllipse(dot.adjusted(0.5, 0.5, -0.5, -0.5))
        width = rect.width() - 32
        line_text(
            painter,
            look,
            QRectF(16, 48, width, look.line(18)),
            self.text(),
            Size.BODY,
            theme.text,
            strong=True,
        )
        below = QRectF(16, 48 + look.line(18), width, look.line(16))
        line_text(painter, look, below, self._detail, Size.SMALL, theme.secondary)


class Check(QCheckBox):
    """A check box with an 18 px indicator."""

    def __init__(self, look: Look, text: str) -> None:
        super().__init__(text)
        self._look = look
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        metrics = self._look.metrics(Size.BODY)
        return QSize(18 + 10 + metrics.horizontalAdvance(self.text()) + 4, max(28, metrics.height() + 8))

    def hitButton(self, pos: QPoint) -> bool:
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look, theme = QPainter(self), self._look, self._look.theme
        polish(painter)
        if not self.isEnabled():
            painter.setOpacity(0.45)
        box = QRectF(2, (self.height() - 18) / 2, 18, 18)
        on = self.isChecked()
        fill_round(
            painter, box, 4, look.color(theme.accent if on else theme.panel),
            look.color(theme.accent if on else theme.control),
        )  # fmt: skip
        if on:
            look.draw_icon(painter, "check", box.left() + 2, box.top() + 2, 14, theme.on_accent)
        if self.hasFocus():
            ring(painter, box.adjusted(-2, -2, 2, 2), 5, look.color(theme.accent), 2)
        rect = QRectF(30, 0, self.width() - 30, self.height())
        line_text(painter, look, rect, self.text(), Size.BODY, theme.text)


class Combo(QComboBox):
    """A combo box with the border of an input and Lucide's chevron."""

    def __init__(self, look: Look, *, editable: bool = False) -> None:
        super().__init__()
        self._look = look
        self.setEditable(editable)
        self.setMinimumHeight(max(36, look.metrics(Size.BODY).height() + 16))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look, theme = QStylePainter(self), self._look, self._look.theme
        polish(painter)
        rect = QRectF(self.rect())
        fill_round(painter, rect, 8, look.color(theme.panel), look.color(theme.control))
        if self.hasFocus():
            ring(painter, rect, 8, look.color(theme.accent), 2)
        look.draw_icon(painter, "chevron-down", rect.right() - 28, rect.center().y() - 8, 16, theme.secondary)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        text = QRectF(11, 0, rect.width() - 44, rect.height())
        if not self.isEditable():
            line_text(painter, look, text, option.currentText, Size.BODY, theme.text)


class Text(QLabel):
    """A label that never shows markup. `tone` is "", "secondary", "accent", "warning" or "good"."""

    def __init__(
        self, look: Look, text: str = "", size: Size = Size.BODY, *, strong: bool = False, tone: str = "",
        wrap: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(look.font(size, strong=strong))
        self.setText(text)
        self.setWordWrap(wrap)
        if tone:
            self.setProperty("tone", tone)

    def set_tone(self, tone: str) -> None:
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)


class Elided(QWidget):
    """One line that ends in an ellipsis where it does not fit; the whole text is in the tooltip then."""

    def __init__(
        self, look: Look, size: Size = Size.BODY, *, strong: bool = False, tone: str = "text"
    ) -> None:
        super().__init__()
        self._look, self._size, self._strong, self._tone, self._text = look, size, strong, tone, ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_text(self, text: str, tone: str | None = None) -> None:
        self._text, self._tone = text, tone or self._tone
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        return self._text

    def sizeHint(self) -> QSize:
        metrics = self._look.metrics(self._size, strong=self._strong)
        return QSize(metrics.horizontalAdvance(self._text) + 2, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        color = str(getattr(self._look.theme, self._tone))
        line_text(
            painter, self._look, QRectF(self.rect()), self._text, self._size, color, strong=self._strong
        )
        fits = self.sizeHint().width() <= self.width() + 2
        self.setToolTip("" if fits else self._text)


class Face(QWidget):
    """An avatar of a person (initials) or a thing (icon), with an optional state dot."""

    def __init__(self, look: Look, side_px: int = 36) -> None:
        super().__init__()
        self._look, self._side = look, side_px
        self._name, self._color, self._icon = "", 0, ""
        self._reach: Reach | None = None
        self.set_side(side_px)

    def set_side(self, side_px: int) -> None:
        self._side = side_px
        self.setFixedSize(side_px + 2, side_px + 2)
        self.update()

    def show_person(self, name: str, color: int, reach: Reach | None = None) -> None:
        self._name, self._color, self._icon, self._reach = name, color, "", reach
        self.update()

    def show_icon(self, icon: str) -> None:
        self._icon, self._reach = icon, None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        polish(painter)
        rect = QRectF(0, 0, self._side, self._side)
        if self._icon:
            square(painter, self._look, rect, self._icon)
            return
        avatar(painter, self._look, rect, self._name, self._color)
        if self._reach is not None:
            state_dot(painter, self._look, rect, self._reach, self._look.theme.panel)


class Picture(QWidget):
    """An icon as a widget."""

    def __init__(self, look: Look, icon: str, side_px: int = 16, tone: str = "secondary") -> None:
        super().__init__()
        self._look, self._icon, self._side, self._tone = look, icon, side_px, tone
        self.setFixedSize(side_px, side_px)

    def set_icon(self, icon: str, tone: str | None = None) -> None:
        self._icon, self._tone = icon, tone or self._tone
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        color = str(getattr(self._look.theme, self._tone))
        self._look.draw_icon(painter, self._icon, 0, 0, self._side, color)


class Line(QWidget):
    """A separator of one pixel."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), self._look.color(self._look.theme.line))


class Bar(QWidget):
    """A thin progress bar, 0 to 1."""

    def __init__(self, look: Look, height_px: int = 6) -> None:
        super().__init__()
        self._look, self._value = look, 0.0
        self.setFixedHeight(height_px)

    def set_value(self, value: float) -> None:
        self._value = min(1.0, max(0.0, value))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._look.theme
        polish(painter)
        rect = QRectF(self.rect())
        radius = rect.height() / 2
        fill_round(painter, rect, radius, self._look.color(theme.line))
        if self._value > 0:
            rect.setWidth(max(rect.height(), rect.width() * self._value))
            fill_round(painter, rect, radius, self._look.color(theme.accent))


class Panel(QWidget):
    """A surface in a theme colour, with an optional border, radius and separator lines."""

    def __init__(
        self, look: Look, fill: str = "panel", *, radius: int = 0, border: bool = False, edges: str = ""
    ) -> None:
        super().__init__()
        self._look, self._fill, self._radius, self._border, self._edges = look, fill, radius, border, edges

    def set_fill(self, fill: str) -> None:
        self._fill = fill
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), self._look
        fill = look.color(str(getattr(look.theme, self._fill)))
        line = look.color(look.theme.line)
        if self._radius:
            polish(painter)
            outlined = self._border or look.theme.outlined
            fill_round(painter, QRectF(self.rect()), self._radius, fill, line if outlined else None)
            return
        painter.fillRect(self.rect(), fill)
        if "t" in self._edges:
            painter.fillRect(0, 0, self.width(), 1, line)
        if "b" in self._edges:
            painter.fillRect(0, self.height() - 1, self.width(), 1, line)
