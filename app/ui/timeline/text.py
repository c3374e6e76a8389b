"""One laid-out piece of plain text: lines of a fixed height, hit-testing and selection."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QTextCharFormat, QTextLayout, QTextOption

_UNFOLDED_CHARS = 20_000
_FOLDED_CHARS = 2_400


class TextBlock:
    """Text broken into lines of at most `width_px`. More than `max_lines` (0: no limit) are folded away."""

    def __init__(self, text: str, font: QFont, width_px: float, line_px: int, max_lines: int = 0) -> None:
        self.text = text[: _FOLDED_CHARS if max_lines else _UNFOLDED_CHARS]
        self.folded = len(self.text) < len(text)
        self.line_px = line_px
        self._layout = QTextLayout(self.text.replace("\n", "\u2028"), font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._layout.setTextOption(option)
        self._layout.setCacheEnabled(True)
        self.width, self.last_width, count = 0.0, 0.0, 0
        lift = (line_px - QFontMetrics(font).height()) / 2
        self._layout.beginLayout()
        while True:
            line = self._layout.createLine()
            if not line.isValid():
                break
            if max_lines and count == max_lines:
                self.folded = True
                line.setNumColumns(0)
                line.setPosition(QPointF(0, count * line_px + lift))
                break
            line.setLineWidth(max(1.0, width_px))
            line.setPosition(QPointF(0, count * line_px + lift))
            self.last_width = line.naturalTextWidth()
            self.width = max(self.width, self.last_width)
            count += 1
        self._layout.endLayout()
        self.lines = max(1, count)
        self.height = self.lines * line_px

    def draw(self, painter: QPainter, x: float, y: float, selection: "Marking | None" = None) -> None:
        """With the painter's pen, upper left corner at (x, y)."""
        if selection is None or selection.start == selection.end:
            self._layout.draw(painter, QPointF(x, y))
            return
        marked = QTextLayout.FormatRange()
        marked.start = selection.start
        marked.length = selection.end - selection.start
        style = QTextCharFormat()
        style.setBackground(selection.fill)
        style.setForeground(selection.ink)
        marked.format = style
        self._layout.draw(painter, QPointF(x, y), [marked])

    def cursor_at(self, x: float, y: float) -> int:
        """The character position nearest to a point relative to the upper left corner."""
        place = min(self.lines - 1, max(0, int(y // self.line_px)))
        line = self._layout.lineAt(place)
        return line.xToCursor(x)

    def word_at(self, position: int) -> tuple[int, int]:
        """Start and end of the word around a position."""
        start = end = min(position, len(self.text))
        while start > 0 and (self.text[start - 1].isalnum() or self.text[start - 1] in "-_"):
            start -= 1
        while end < len(self.text) and (self.text[end].isalnum() or self.text[end] in "-_"):
            end += 1
        return start, end


class Marking:
    """A selected stretch with its colours."""

    def __init__(self, start: int, end: int, fill: QColor, ink: QColor) -> None:
        self.start, self.end, self.fill, self.ink = min(start, end), max(start, end), fill, ink
