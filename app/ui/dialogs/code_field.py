"""The 12-character code: one line edit that paints twelve boxes, so that paste and screen readers work."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QValidator
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.shapes import fill_round, polish, ring

_C: Final = "CodeField"
LENGTH: Final = 12
_GROUP: Final = 4
_SYMBOLS: Final = frozenset("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_READ_AS: Final = str.maketrans("OIL", "011")
_BOX_W, _BOX_H, _GAP, _DASH = 38, 52, 4, 16


def symbols(typed: str) -> str:
    """What of a typed or pasted text belongs to a code: capitals and figures, O as 0, I and L as 1."""
    return "".join(char for char in typed.upper().translate(_READ_AS) if char in _SYMBOLS)


class _Symbols(QValidator):
    """Brings every change into form; more than twelve symbols are not taken at all."""

    def validate(self, typed: str, position: int) -> object:
        found = symbols(typed)
        if len(found) > LENGTH:
            return QValidator.State.Invalid, typed, position
        state = QValidator.State.Acceptable if len(found) == LENGTH else QValidator.State.Intermediate
        return state, found, len(symbols(typed[:position]))


class CodeField(QLineEdit):
    """`text()` is the bare code. `completed` when the twelfth character was typed or pasted."""

    completed = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setProperty("look", "code")
        self.setFrame(False)
        self.setValidator(_Symbols(self))
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhUppercaseOnly
            | Qt.InputMethodHint.ImhNoPredictiveText
            | Qt.InputMethodHint.ImhSensitiveData
        )
        self.setAccessibleName(translate(_C, "Code, twelve characters"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.textChanged.connect(self._changed)
        self.cursorPositionChanged.connect(self.update)
        self.selectionChanged.connect(self.update)

    @property
    def complete(self) -> bool:
        return len(self.text()) == LENGTH

    def _changed(self) -> None:
        self.update()
        if self.complete:
            self.completed.emit()

    # --- typing ---------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        place = self.cursorPosition()
        if not self.hasSelectedText() and place < len(self.text()) and symbols(event.text()):
            self.setSelection(place, 1)  # typed over, like the boxes suggest
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.setCursorPosition(min(self._box_at(event.position().x()), len(self.text())))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the base would select by the width of unpainted text

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.selectAll()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # --- boxes ----------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        wide = LENGTH * self._look.line(_BOX_W) + 9 * _GAP + 2 * _DASH
        return QSize(wide, self._look.line(_BOX_H))

    def minimumSizeHint(self) -> QSize:
        return QSize(LENGTH * 22, self._look.line(_BOX_H))

    def _boxes(self) -> list[QRectF]:
        wide = (self.width() - 9 * _GAP - 2 * _DASH) / LENGTH
        box = max(16.0, min(wide, self._look.line(_BOX_W) * 1.25))
        used = LENGTH * box + 9 * _GAP + 2 * _DASH
        left, boxes = max(0.0, (self.width() - used) / 2), []
        for at in range(LENGTH):
            boxes.append(QRectF(left, 0, box, self.height()))
            left += box + (_DASH if at % _GROUP == _GROUP - 1 else _GAP)
        return boxes

    def _box_at(self, x: float) -> int:
        return next((at for at, box in enumerate(self._boxes()) if x < box.right() + _GAP / 2), LENGTH)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look, theme = QPainter(self), self._look, self._look.theme
        polish(painter)
        if not self.isEnabled():
            painter.setOpacity(0.45)
        boxes, text = self._boxes(), self.text()
        start = self.selectionStart()
        chosen = range(start, start + len(self.selectedText())) if start >= 0 else range(0)
        here = min(self.cursorPosition(), LENGTH - 1) if self.hasFocus() and self.isEnabled() else -1
        font = look.font(Size.PAGE, strong=True)
        for at, box in enumerate(boxes):
            fill = theme.accent_soft if at in chosen else theme.panel
            fill_round(painter, box, 8, look.color(fill), look.color(theme.control))
            if at == here:
                ring(painter, box, 8, look.color(theme.accent))
            if at < len(text):
                painter.setFont(font)
                painter.setPen(look.color(theme.text))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text[at])
            elif at == here:
                middle = round(box.center().x())
                painter.setPen(QPen(look.color(theme.accent), 2))
                painter.drawLine(middle, round(box.height() / 4), middle, round(box.height() * 3 / 4))
            if at in (3, 7):
                dash = QPen(look.color(theme.secondary), 1.5)
                painter.setPen(dash)
                middle_y = box.center().y()
                painter.drawLine(
                    round(box.right() + _DASH / 2 - 3), round(middle_y),
                    round(box.right() + _DASH / 2 + 3), round(middle_y),
                )  # fmt: skip
