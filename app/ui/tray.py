"""Tray icon and notifications. While locked nothing is said but that something came."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.core.events import MessageArrived
from app.ui import words
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import one_line
from app.ui.shapes import badge_text
from crypto.ids import ConversationId

_C: Final = "Tray"
_SIZES: Final = (16, 22, 24, 32, 48, 64)


def app_icon(look: Look, unread: int = 0) -> QIcon:
    """The program's icon; with a count in its corner while something is unread."""
    icon = QIcon()
    for size in _SIZES:
        pixmap = QPixmap(look.pixmap("praxisfunk", size, "#000000"))
        if unread:
            painter = QPainter(pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            side = size * 0.62
            rect = QRectF(size - side, size - side, side, side)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor("#FFFFFF"))
            painter.drawEllipse(rect)
            font = QFont(look.font(Size.TIME, strong=True))
            text = badge_text(unread)
            font.setPixelSize(
                max(5, round(side * (0.75 if len(text) == 1 else 0.55 if len(text) == 2 else 0.4)))
            )
            painter.setFont(font)
            painter.setPen(QColor("#0B6E75"))
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)
            painter.end()
        icon.addPixmap(pixmap)
    return icon


class Tray(QObject):
    """`opened` carries the conversation of a clicked notification, or None."""

    opened = Signal(object)
    lock_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._look = look
        self._last: ConversationId | None = None
        self._icon = QSystemTrayIcon(app_icon(look), self)
        self._menu = QMenu()
        self._unread = -1
        self._lock = self._entry(translate(_C, "Lock"), self.lock_wanted.emit)
        self._menu.clear()
        self._menu.addAction(self._entry(translate(_C, "Open Praxisfunk"), lambda: self.opened.emit(None)))
        self._menu.addAction(self._lock)
        self._menu.addSeparator()
        self._menu.addAction(self._entry(translate(_C, "Quit"), self.quit_wanted.emit))
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activated)
        self._icon.messageClicked.connect(lambda: self.opened.emit(self._last))
        self.set_unread(0)
        if self.available:
            self._icon.show()

    def _entry(self, text: str, action: Callable[[], None]) -> QAction:
        entry = QAction(text, self._menu)
        entry.triggered.connect(lambda: action())
        return entry

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick):
            self.opened.emit(None)

    @property
    def available(self) -> bool:
        """Whether this desktop has a tray at all."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def set_unread(self, count: int) -> None:
        if count == self._unread:
            return
        self._unread = count
        self._icon.setIcon(app_icon(self._look, count))
        tip = translate(_C, "Praxisfunk, %n unread messages", "", count) if count else "Praxisfunk"
        self._icon.setToolTip(tip)

    def set_lockable(self, on: bool) -> None:
        self._lock.setVisible(on)

    def notify(self, event: MessageArrived, *, content: bool) -> None:
        """Tell of a message. Without `content` neither names nor text are shown."""
        self._last = event.conversation
        if not self.available:
            return
        title, text = notification(event, content=content)
        self._icon.showMessage(title, text, app_icon(self._look), 8_000)

    def hide(self) -> None:
        self._icon.hide()


def notification(event: MessageArrived, *, content: bool) -> tuple[str, str]:
    """Title and text of a notification. Some desktops read markup in it: signs of it are replaced."""
    if not content:
        return "Praxisfunk", translate(_C, "New message")
    body = ": ".join(part for part in (words.kind_word(event.kind), one_line(event.text, 120)) if part)
    title = words.shown_name(event.title)
    author = words.shown_name(event.author_name) if event.author_name else ""
    if author and author != title:
        body = f"{author}: {body}"
    return _plain(title), _plain(body)


def _plain(text: str) -> str:
    return text.replace("<", "\u2039").replace(">", "\u203a").replace("&", "+")
