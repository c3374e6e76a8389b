"""Parts that several dialogs are made of: labelled inputs, notices, pages that scroll, big codes, announcements."""

from typing import Final

from PySide6.QtCore import QMimeData, QObject, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFocusEvent,
    QFont,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.core.limits import MAX_NAME_CHARS
from app.ui.controls import Combo, Panel, Picture, Text
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.shapes import fill_round, polish, ring, tag, tag_width

_C: Final = "Dialogs"
_FORGET_AFTER_MS: Final = 60_000


def announce(widget: QWidget, text: str) -> None:
    """Let a screen reader say what changed; the focus stays where it is."""
    if text:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


def line_edit(look: Look, text: str = "", limit: int = MAX_NAME_CHARS) -> QLineEdit:
    """An input of the usual height."""
    edit = QLineEdit(text)
    edit.setMaxLength(limit)
    edit.setMinimumHeight(max(36, look.metrics(Size.BODY).height() + 16))
    return edit


def fit(window: QWidget, width_px: int, height_px: int) -> None:
    """Give a window its size, as far as the screen has room for it."""
    room = window.screen().availableGeometry()
    width = max(window.minimumWidth(), width_px)
    window.resize(min(width, room.width() - 40), min(height_px, room.height() - 80))


class Field(QWidget):
    """A label above an input, a hint or a complaint below it."""

    def __init__(self, look: Look, label: str, control: QWidget, hint: str = "") -> None:
        super().__init__()
        self._hint, self.control = hint, control
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self._label = Text(look, label, Size.SMALL, strong=True)
        self._label.setBuddy(control)
        control.setAccessibleName(label)
        column.addWidget(self._label)
        column.addWidget(control)
        self._below = Text(look, hint, Size.SMALL, tone="secondary", wrap=True)
        self._below.setVisible(bool(hint))
        column.addWidget(self._below)

    def complain(self, text: str) -> None:
        """Say what is wrong with the input; "" brings the hint back."""
        self._below.setText(text or self._hint)
        self._below.set_tone("warning" if text else "secondary")
        self._below.setVisible(bool(text or self._hint))
        self.control.setAccessibleDescription(text or self._hint)
        announce(self.control, text)


class EditableCombo(Combo):
    """A combo whose text can also be typed; the inner input has no border of its own."""

    def __init__(self, look: Look, values: list[str]) -> None:
        super().__init__(look, editable=True)
        self.addItems(values)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        edit = self.lineEdit()
        assert edit is not None
        edit.setProperty("look", "code")
        edit.setFrame(False)
        edit.setMaxLength(MAX_NAME_CHARS)
        self.setCurrentIndex(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        edit = self.lineEdit()
        if edit is not None:
            edit.setGeometry(9, 2, self.width() - 44, self.height() - 4)


class Notice(Panel):
    """A sentence with an icon on a soft fill, hidden while there is nothing to say."""

    def __init__(self, look: Look, text: str = "", tone: str = "warning", icon: str = "circle-alert") -> None:
        super().__init__(look, "warning_soft", radius=8)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(10)
        self._picture = Picture(look, icon, 18, tone)
        column = QVBoxLayout()
        column.addWidget(self._picture)
        column.addStretch(1)
        row.addLayout(column)
        self._text = Text(look, "", Size.BODY, wrap=True)
        row.addWidget(self._text, 1)
        self.say(text, tone, icon)

    def text(self) -> str:
        return self._text.text()

    def say(self, text: str, tone: str = "warning", icon: str = "circle-alert") -> None:
        """`tone`: "warning", "good" or "secondary"."""
        self._text.setText(text)
        self._picture.set_icon(icon, tone)
        self.set_fill({"warning": "warning_soft", "good": "good_soft"}.get(tone, "sub"))
        self.setVisible(bool(text))
        if self.isVisible():
            announce(self, text)


class Scroll(QScrollArea):
    """A page taller than its window scrolls; the focused input is always brought into view."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.exchange(content)

    def exchange(self, content: QWidget) -> None:
        """Show other content, from its beginning; the old one is deleted."""
        old = self.takeWidget()
        if old is not None:
            old.hide()
            old.deleteLater()
        content.setProperty("look", "plain")
        self.setWidget(content)
        content.setAutoFillBackground(False)
        content.show()


class Steps(QWidget):
    """Short bars and "Step 1 of 3"."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look, self._at, self._of = look, 1, 3
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_step(self, at: int, of: int) -> None:
        self._at, self._of = at, of
        self.setAccessibleName(self._words())
        self.update()

    def _words(self) -> str:
        return translate(_C, "Step {at} of {of}").format(at=self._at, of=self._of)

    def sizeHint(self) -> QSize:
        return QSize(260, self._look.metrics(Size.SMALL).height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look, theme = QPainter(self), self._look, self._look.theme
        polish(painter)
        left = 0.0
        for step in range(self._of):
            rect = QRectF(left, self.height() / 2 - 2, 24, 4)
            fill_round(painter, rect, 2, look.color(theme.accent if step < self._at else theme.line))
            left += 32
        painter.setFont(look.font(Size.SMALL))
        painter.setPen(look.color(theme.secondary))
        painter.drawText(
            QRectF(left + 4, 0, 400, self.height()), Qt.AlignmentFlag.AlignVCenter, self._words()
        )


class Hint(QWidget):
    """An icon and a sentence."""

    def __init__(self, look: Look, icon: str, text: str, tone: str = "accent") -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self._picture = Picture(look, icon, 20, tone)
        column = QVBoxLayout()
        column.addWidget(self._picture)
        column.addStretch(1)
        row.addLayout(column)
        self.label = Text(look, text, Size.BODY, wrap=True)
        self.label.setMinimumHeight(20)
        row.addWidget(self.label, 1)


class Tag(QWidget):
    """A small word on a soft fill. `tone`: "accent", "warning", "good" or "secondary"."""

    def __init__(self, look: Look, text: str, tone: str = "accent") -> None:
        super().__init__()
        self._look, self._text, self._tone = look, text, tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        return QSize(tag_width(self._look, self._text) + 1, self._look.line(18) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._look.theme
        polish(painter)
        soft = {
            "accent": theme.accent_soft, "warning": theme.warning_soft, "good": theme.good_soft,
        }.get(self._tone, theme.sub)  # fmt: skip
        color = str(getattr(theme, self._tone))
        tag(painter, self._look, self.width() - 1, self.height() / 2, self._text, color, soft)


class CodeBoard(Panel):
    """A code in groups, large, to read aloud or to write down. `copy_wanted` on Ctrl+C."""

    copy_wanted = Signal()

    def __init__(
        self, look: Look, code: str = "", *, per_row: int = 4, size: Size = Size.KEY, plain: bool = False
    ) -> None:
        super().__init__(look, "panel", radius=12, border=not plain)
        self._look, self._per_row, self._size, self._code = look, per_row, size, ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._ring = False
        self.show_code(code)

    def show_code(self, code: str) -> None:
        """Groups are separated by "-" or a space."""
        self._code = code
        self.setAccessibleName(", ".join(" ".join(group) for group in self._groups()))
        self.updateGeometry()
        self.update()

    @property
    def code(self) -> str:
        return self._code

    def _groups(self) -> list[str]:
        return self._code.replace("-", " ").split()

    def _row_px(self) -> int:
        return round(self._look.metrics(self._size, strong=True).height() * 1.35)

    def sizeHint(self) -> QSize:
        rows = -(-len(self._groups()) // self._per_row)
        return QSize(360, 2 * 16 + max(1, rows) * self._row_px())

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter, look, theme = QPainter(self), self._look, self._look.theme
        polish(painter)
        groups = self._groups()
        if not groups:
            return
        font, metrics = QFont(look.font(self._size, strong=True)), look.metrics(self._size, strong=True)
        column = min((self.width() - 32) / self._per_row, metrics.horizontalAdvance("0") * 7.2)
        wide = max(metrics.horizontalAdvance(group) for group in groups)
        if wide > column - 8:
            font.setPointSizeF(font.pointSizeF() * max(0.4, (column - 8) / wide))
        left = (self.width() - column * min(self._per_row, len(groups))) / 2
        painter.setFont(font)
        painter.setPen(look.color(theme.text))
        for at, group in enumerate(groups):
            row, place = divmod(at, self._per_row)
            rect = QRectF(left + place * column, 16 + row * self._row_px(), column, self._row_px())
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, group)
        if self._ring:
            ring(painter, QRectF(self.rect()), 12, look.color(theme.accent))

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._ring = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._ring = False
        super().focusOutEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)


class SecretCopy(QObject):
    """Puts a secret on the clipboard for a minute, marked for clipboard histories to leave it alone."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._text = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_FORGET_AFTER_MS)
        self._timer.timeout.connect(self.forget)

    def copy(self, text: str) -> None:
        data = QMimeData()
        data.setText(text)
        data.setData("x-kde-passwordManagerHint", b"secret")
        windows = 'application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"'
        data.setData(windows, b"\0\0\0\0")
        QGuiApplication.clipboard().setMimeData(data)
        self._text = text
        self._timer.start()

    def forget(self) -> None:
        """Empty the clipboard if the secret is still in it."""
        clipboard = QGuiApplication.clipboard()
        if self._text and clipboard.text() == self._text:
            clipboard.clear()
        self._text = ""
        self._timer.stop()


def plain_column(parent: QWidget, spacing: int = 0) -> QVBoxLayout:
    """A column without margins."""
    column = QVBoxLayout(parent)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(spacing)
    return column
