"""Paints the left column: 52 px rows with avatar, state dot, two lines, time, badge or tag."""

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from app.core.views import ConversationRow, Mark, MessageKind, Section
from app.ui import words
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import one_line
from app.ui.shapes import (
    avatar,
    badge,
    badge_width,
    fill_round,
    line_text,
    polish,
    ring,
    square,
    state_dot,
    tag,
    tag_width,
)
from app.ui.sidebar.model import ENTRY_ROLE, Head, Hit, Remark, Talk
from crypto.ids import ConversationId

_C = "Sidebar"
_AnyIndex = QModelIndex | QPersistentModelIndex


class SidebarDelegate(QStyledItemDelegate):
    """`compact` rows are 44 px high and show no time. `active` is the conversation that is open."""

    def __init__(self, look: Look, parent: QObject, today: Callable[[], date]) -> None:
        super().__init__(parent)
        self._look, self._today = look, today
        self.compact = False
        self.active: ConversationId | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: _AnyIndex) -> QSize:
        look, entry = self._look, index.data(ENTRY_ROLE)
        if isinstance(entry, Head):
            return QSize(100, look.line(16) + (12 if self.compact else 16))
        if isinstance(entry, Remark):
            return QSize(100, look.line(18) + 16)
        if isinstance(entry, Hit):
            return QSize(100, 2 * look.line(18) + look.line(16) + 12)
        return QSize(100, 2 * look.line(18) + (8 if self.compact else 16))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        look, theme, entry = self._look, self._look.theme, index.data(ENTRY_ROLE)
        painter.save()
        polish(painter)
        rect = QRectF(option.rect)
        if isinstance(entry, Head):
            line = look.line(16)
            room = QRectF(16, rect.bottom() - line - (6 if self.compact else 4), rect.width() - 32, line)
            line_text(painter, look, room, entry.title, Size.SMALL, theme.secondary, strong=True)
        elif isinstance(entry, Remark):
            line_text(painter, look, rect.adjusted(16, 0, -16, 0), entry.text, Size.SMALL, theme.secondary)
        elif isinstance(entry, Talk):
            chosen = entry.row.conversation == self.active
            self._ground(painter, option, rect, chosen=chosen)
            self._talk(painter, rect.adjusted(16, 0, -16, 0), entry.row, chosen=chosen)
        elif isinstance(entry, Hit):
            self._ground(painter, option, rect, chosen=False)
            self._hit(painter, rect.adjusted(16, 6, -16, -6), entry)
        painter.restore()

    def _ground(self, painter: QPainter, option: QStyleOptionViewItem, rect: QRectF, *, chosen: bool) -> None:
        look, theme, state = self._look, self._look.theme, option.state
        body = rect.adjusted(8, 0, -8, 0)
        self._fill = theme.panel
        if chosen:
            self._fill = theme.accent_soft
            fill_round(
                painter, body, 8, look.color(self._fill), look.color(theme.text) if theme.outlined else None
            )
            bar = QRectF(body.left(), body.center().y() - 14, 3, 28)
            fill_round(painter, bar, 1.5, look.color(theme.accent))
        elif state & QStyle.StateFlag.State_MouseOver:
            self._fill = theme.hover
            fill_round(painter, body, 8, look.color(self._fill))
        if state & QStyle.StateFlag.State_HasFocus:
            ring(painter, body, 8, look.color(theme.accent))

    def _face(self, painter: QPainter, rect: QRectF, row: ConversationRow) -> None:
        side = QRectF(rect.left(), rect.center().y() - 18, 36, 36)
        if row.section is Section.GROUP:
            square(painter, self._look, side, "users")
        elif row.section is Section.INBOX:
            square(painter, self._look, side, "inbox")
        else:
            avatar(painter, self._look, side, words.shown_name(row.title), row.avatar)
            if not row.revoked:
                state_dot(painter, self._look, side, row.reach, self._fill)

    def _talk(self, painter: QPainter, rect: QRectF, row: ConversationRow, *, chosen: bool) -> None:
        look, theme, line = self._look, self._look.theme, self._look.line(18)
        if row.revoked or row.left:
            painter.setOpacity(0.45)
        self._face(painter, rect, row)
        top = rect.center().y() - line
        first = QRectF(rect.left() + 48, top, rect.width() - 48, line)
        second = first.translated(0, line)
        strong = bool(row.unread) or chosen
        if not self.compact:
            when = words.list_time(row.last_ms, self._today())
            wide = look.metrics(Size.TIME).horizontalAdvance(when)
            line_text(
                painter,
                look,
                QRectF(first.right() - wide, top, wide + 2, line),
                when,
                Size.TIME,
                theme.secondary,
            )
            first.setRight(first.right() - wide - 8)
        line_text(painter, look, first, words.shown_name(row.title), Size.BODY, theme.text, strong=strong)
        if row.external:
            word, edge = translate(_C, "External"), second.right()
            tag(painter, look, edge, second.center().y(), word, theme.warning, theme.warning_soft)
            second.setRight(edge - tag_width(look, word) - 8)
        if row.unread:
            badge(painter, look, second.right(), second.center().y(), row.unread)
            second.setRight(second.right() - badge_width(look, row.unread) - 8)
        self._second_line(painter, second, row, chosen=chosen)

    def _second_line(self, painter: QPainter, rect: QRectF, row: ConversationRow, *, chosen: bool) -> None:
        look, theme = self._look, self._look.theme
        if row.revoked:
            text = translate(_C, "Removed from the practice")
            line_text(painter, look, rect, text, Size.SMALL, theme.secondary)
            return
        if row.left:
            line_text(painter, look, rect, translate(_C, "No longer a member"), Size.SMALL, theme.secondary)
            return
        if row.draft.strip() and not chosen:
            word = translate(_C, "Draft:") + " "
            used = line_text(painter, look, rect, word, Size.SMALL, theme.accent, strong=True)
            rect.setLeft(rect.left() + used)
            line_text(painter, look, rect, one_line(row.draft, 120), Size.SMALL, theme.secondary)
            return
        if row.preview_own and row.preview_mark in (Mark.FAILED, Mark.WAITING):
            tone = theme.warning if row.preview_mark is Mark.FAILED else theme.secondary
            icon = words.mark_icon(row.preview_mark)
            look.draw_icon(painter, icon, rect.left(), rect.center().y() - 7, 14, tone)
            rect.setLeft(rect.left() + 18)
        elif row.preview_kind in (MessageKind.PHOTO, MessageKind.FILE):
            icon = "camera" if row.preview_kind is MessageKind.PHOTO else "paperclip"
            look.draw_icon(painter, icon, rect.left(), rect.center().y() - 7, 14, theme.secondary)
            rect.setLeft(rect.left() + 18)
        tone = theme.text if row.unread else theme.secondary
        line_text(painter, look, rect, words.preview(row), Size.SMALL, tone)

    def _hit(self, painter: QPainter, rect: QRectF, entry: Hit) -> None:
        look, theme, hit = self._look, self._look.theme, entry.hit
        line = look.line(18)
        first = QRectF(rect.left(), rect.top(), rect.width(), line)
        when = words.list_time(hit.sent_ms, self._today())
        wide = look.metrics(Size.TIME).horizontalAdvance(when)
        line_text(
            painter, look, QRectF(first.right() - wide, first.top(), wide + 2, line), when, Size.TIME, theme.secondary
        )  # fmt: skip
        first.setRight(first.right() - wide - 8)
        line_text(painter, look, first, words.shown_name(hit.title), Size.BODY, theme.text)
        second = QRectF(rect.left(), rect.top() + line, rect.width(), look.line(16))
        line_text(painter, look, second, words.shown_name(hit.author_name), Size.SMALL, theme.secondary)
        self._snippet(painter, second.translated(0, look.line(17)), hit.snippet)

    def _snippet(self, painter: QPainter, rect: QRectF, snippet: tuple[str, ...]) -> None:
        """Plain and matched parts by turns; the matched ones in semibold accent."""
        look, theme = self._look, self._look.theme
        left = rect.left()
        for at, part in enumerate(snippet):
            matched = bool(at % 2)
            text = one_line(f"·{part}·", 200)[1:-1]
            room = QRectF(left, rect.top(), rect.right() - left, rect.height())
            if room.width() < 8 or not text:
                continue
            left += line_text(
                painter, look, room, text, Size.SMALL, theme.accent if matched else theme.text, strong=matched
            )

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: _AnyIndex
    ) -> bool:
        entry = index.data(ENTRY_ROLE)
        if event.type() != QEvent.Type.ToolTip or not isinstance(entry, Talk):
            return False
        row = entry.row
        text = words.shown_name(row.title)
        if row.person is not None and not row.revoked:
            text = ", ".join(
                part for part in (text, one_line(row.role or ""), words.reach(row.reach)) if part
            )
        QToolTip.showText(event.globalPos(), text.replace("<", "\u2039"), view)
        return True
