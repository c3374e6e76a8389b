"""Theme, type and icons as everything that paints sees them, and when they change."""

import sys
from enum import Enum
from typing import Final

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontInfo,
    QFontMetrics,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtWidgets import QApplication

from app.ui.icons import IconCache
from app.ui.sheet import sheet_of
from app.ui.theme import DARK, LIGHT, Theme, of_palette, palette_of

SYSTEM: Final = "system"
_GENERIC: Final = ("DejaVu Sans", "Bitstream Vera Sans", "Sans Serif", "Sans")
_PREFERRED: Final = ("Segoe UI", "Inter", "Cantarell", "Noto Sans", "Open Sans", "Ubuntu")


class Size(Enum):
    """Type sizes in points at a text size of 100 %."""

    TIME = 8.5
    SMALL = 9.0
    BODY = 10.0
    TITLE = 11.5
    BIG = 13.0
    PAGE = 17.0
    KEY = 20.0


def ui_family() -> str:
    """The system's UI font. Where no desktop chose one (fontconfig's bare default), a good installed one."""
    system = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)).family()
    if system not in _GENERIC:
        return system
    installed = set(QFontDatabase.families())
    return next((family for family in _PREFERRED if family in installed), system)


class Look(QObject):
    """One per application. `changed` follows a new theme, `generation` names what layouts were made for."""

    changed = Signal()

    def __init__(self, app: QApplication, *, theme: str = SYSTEM, text_percent: int = 100) -> None:
        super().__init__(app)
        self._app = app
        self.choice = theme
        self._icons = IconCache()
        self._family = ui_family()
        self._fonts: dict[tuple[Size, bool], QFont] = {}
        self._metrics: dict[tuple[Size, bool], QFontMetrics] = {}
        self.text_percent = text_percent
        self.generation = 0
        self.theme = LIGHT
        hints = app.styleHints()
        hints.colorSchemeChanged.connect(self._apply)
        hints.accessibility().contrastPreferenceChanged.connect(self._apply)
        self._apply()

    # --- theme ------------------------------------------------------------------------------------------

    def choose(self, *, theme: str, text_percent: int) -> None:
        """Follow the user's settings: theme "system", "light" or "dark"; text size 100 to 200 per cent."""
        self.choice = theme
        self.text_percent = min(200, max(100, text_percent))
        hints = self._app.styleHints()
        wanted = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(
            theme, Qt.ColorScheme.Unknown
        )
        if wanted is Qt.ColorScheme.Unknown:
            hints.unsetColorScheme()
        else:
            hints.setColorScheme(wanted)
        self._apply()

    def _apply(self) -> None:
        hints = self._app.styleHints()
        if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
            self._app.setPalette(QPalette())
            palette = self._app.palette()
            self.show_theme(of_palette(palette), palette)
            return
        dark = hints.colorScheme() == Qt.ColorScheme.Dark if self.choice == SYSTEM else self.choice == "dark"
        theme = DARK if dark else LIGHT
        self.show_theme(theme, palette_of(theme))

    def show_theme(self, theme: Theme, palette: QPalette) -> None:
        """Paint everything in a theme from now on. `choose` and the system decide which."""
        self.theme = theme
        self._app.setPalette(palette)
        self._fonts.clear()
        self._metrics.clear()
        self._app.setFont(self.font(Size.BODY))
        self._app.setStyleSheet(sheet_of(theme))
        self.generation += 1
        self.changed.emit()

    def color(self, value: str, opacity: float = 1.0) -> QColor:
        """A theme colour for a painter."""
        color = QColor(value)
        if opacity < 1.0:
            color.setAlphaF(opacity)
        return color

    # --- type -------------------------------------------------------------------------------------------

    def font(self, size: Size, *, strong: bool = False) -> QFont:
        """The UI font at `size`, regular or semibold, with figures of equal width."""
        key = (size, strong)
        found = self._fonts.get(key)
        if found is None:
            found = QFont(self._family)
            factor = 96 / 72 if sys.platform == "darwin" else 1.0
            found.setPointSizeF(size.value * factor * self.text_percent / 100)
            found.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
            found.setFeature(QFont.Tag("tnum"), 1)
            self._fonts[key] = found
        return found

    def metrics(self, size: Size, *, strong: bool = False) -> QFontMetrics:
        key = (size, strong)
        found = self._metrics.get(key)
        if found is None:
            found = self._metrics[key] = QFontMetrics(self.font(size, strong=strong))
        return found

    def line(self, height_px: int) -> int:
        """A line height given at 100 %, at the present text size."""
        return round(height_px * self.text_percent / 100)

    # --- icons ------------------------------------------------------------------------------------------

    def pixmap(self, name: str, size_px: int, color: str, ratio: float = 1.0) -> QPixmap:
        return self._icons.pixmap(name, size_px, color, ratio)

    def icon(self, name: str, size_px: int = 18, color: str | None = None) -> QIcon:
        """For menus and windows; own widgets draw with `draw_icon`."""
        return QIcon(
            self._icons.pixmap(name, size_px, color or self.theme.text, self._app.devicePixelRatio())
        )

    def draw_icon(self, painter: QPainter, name: str, x: float, y: float, size_px: int, color: str) -> None:
        """Draw an icon with its upper left corner at (x, y)."""
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        pixmap = self._icons.pixmap(name, size_px, color, ratio)
        painter.drawPixmap(QRectF(x, y, size_px, size_px), pixmap, QRectF(pixmap.rect()))
