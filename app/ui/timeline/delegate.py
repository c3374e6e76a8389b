"""Paints one message from its layout. Layouts are cached per (message, width, generation)."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from app.core.views import Mark, MessageKind, NoticeKind, TransferState
from app.ui import words
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import one_line
from app.ui.shapes import avatar, corners, fill_round, line_text, polish, ring, tag
from app.ui.timeline.items import Item
from app.ui.timeline.layout import Builder, Frame, Layout, Spot
from app.ui.timeline.model import ITEM_ROLE, TimelineModel
from app.ui.timeline.pictures import Thumbnails
from app.ui.timeline.text import Marking
from crypto.ids import ContentId

_C = "Timeline"
_CACHED: Final = 1_200
SCROLL_BAR_PX: Final = 12
TAIL_PX: Final = 16
"""Room below the last row."""
_LOUD: Final = (NoticeKind.KEY_CHANGED, NoticeKind.NEW_DEVICE, NoticeKind.LOST)
_AnyIndex = QModelIndex | QPersistentModelIndex


class Selection:
    """The stretch of one message's text that is marked."""

    def __init__(self, message: ContentId, start: int, end: int) -> None:
        self.message, self.start, self.end = message, start, end


class BubbleDelegate(QStyledItemDelegate):
    """`width` is the view's width with its scroll bar; `direct`: a conversation of two, names are not repeated."""

    def __init__(
        self,
        look: Look,
        thumbnails: Thumbnails,
        language: Callable[[], str],
        model: TimelineModel,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._look, self._thumbnails, self._language = look, thumbnails, language
        self._model = model
        self._layouts: OrderedDict[ContentId, tuple[Item, Layout]] = OrderedDict()
        self._made_for: tuple[int, int, bool, str] | None = None
        self.width = 600
        self.direct = False
        self.unfolded: set[ContentId] = set()
        self.selection: Selection | None = None
        self.highlighted: ContentId | None = None

    def forget(self) -> None:
        """Empty every cache (lock, other conversation)."""
        self._layouts.clear()
        self._thumbnails.clear()
        self.unfolded.clear()
        self.selection = None
        self.highlighted = None

    def layout_of(self, item: Item) -> Layout:
        """The one layout object of an item at the present width, theme and text size."""
        made_for = (self.width, self._look.generation, self.direct, self._language())
        if made_for != self._made_for:
            self._layouts.clear()
            self._made_for = made_for
        message = item.row.message
        found = self._layouts.get(message)
        if found is not None and (found[0] is item or found[0] == item):
            return found[1]
        frame = Frame(self.width, self.direct, message in self.unfolded, self._language())
        layout = Builder(item, frame, self._look).build()
        self._layouts[message] = (item, layout)
        if len(self._layouts) > _CACHED:
            self._layouts.popitem(last=False)
        return layout

    def unfold(self, message: ContentId) -> None:
        """Show a long text whole from now on."""
        self.unfolded.add(message)
        self._layouts.pop(message, None)

    def sizeHint(self, option: QStyleOptionViewItem, index: _AnyIndex) -> QSize:
        items, at = self._model.items, index.row()  # not through data(): asked for every row on every change
        if not 0 <= at < len(items):
            return QSize(self.width - SCROLL_BAR_PX, 0)
        tail = TAIL_PX if at == len(items) - 1 else 0
        return QSize(self.width - SCROLL_BAR_PX, round(self.layout_of(items[at]).height) + tail)

    # --- painting -----------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _AnyIndex) -> None:
        item = index.data(ITEM_ROLE)
        if not isinstance(item, Item):
            return
        layout = self.layout_of(item)
        painter.save()
        polish(painter)
        rect = option.rect
        painter.translate(rect.topLeft())
        self._paint_above(painter, layout)
        if layout.notice is not None:
            self._paint_notice(painter, item, layout)
        elif layout.bubble is not None:
            state = option.state
            self._paint_bubble(painter, item, layout, focused=bool(state & QStyle.StateFlag.State_HasFocus))
        painter.restore()

    def _paint_above(self, painter: QPainter, layout: Layout) -> None:
        look, theme = self._look, self._look.theme
        if layout.day is not None:
            rect, text = layout.day
            border = look.color(theme.line) if theme.outlined else None
            fill_round(painter, rect, min(12.0, rect.height() / 2), look.color(theme.sub), border)
            line_text(
                painter, look, rect, text, Size.TIME, theme.secondary, align=Qt.AlignmentFlag.AlignHCenter
            )
        if layout.unread is not None:
            rect, text = layout.unread
            wide = look.metrics(Size.SMALL, strong=True).horizontalAdvance(text) + 24
            painter.setPen(QPen(look.color(theme.accent, 0.55), 1))
            middle, gap = round(rect.center().y()) + 0.5, wide / 2
            painter.drawLine(QPointF(rect.left(), middle), QPointF(rect.center().x() - gap, middle))
            painter.drawLine(QPointF(rect.center().x() + gap, middle), QPointF(rect.right(), middle))
            line_text(
                painter, look, rect, text, Size.SMALL, theme.accent, strong=True,
                align=Qt.AlignmentFlag.AlignHCenter,
            )  # fmt: skip

    def _paint_notice(self, painter: QPainter, item: Item, layout: Layout) -> None:
        look, theme, box, block = self._look, self._look.theme, layout.notice_box, layout.notice
        assert box is not None and block is not None and item.row.notice is not None
        kind = item.row.notice.kind
        loud = kind in _LOUD
        ink = theme.warning if loud else theme.secondary
        fill_round(
            painter, box, 8, look.color(theme.warning_soft if loud else theme.sub),
            look.color(ink) if theme.outlined else None,
        )  # fmt: skip
        icon = {
            NoticeKind.GROUP_CREATED: "users", NoticeKind.MEMBER_ADDED: "user-plus",
            NoticeKind.MEMBER_REMOVED: "user-minus", NoticeKind.MEMBER_LEFT: "log-out",
            NoticeKind.RENAMED: "pencil", NoticeKind.NEW_DEVICE: "shield-alert",
            NoticeKind.KEY_CHANGED: "shield-alert", NoticeKind.DEVICE_REVOKED: "user-x",
            NoticeKind.LOST: "circle-alert",
        }[kind]  # fmt: skip
        look.draw_icon(painter, icon, box.left() + 12, box.top() + 6 + (look.line(16) - 14) / 2, 14, ink)
        painter.setPen(look.color(theme.text if loud else ink))
        block.draw(painter, box.left() + 34, box.top() + 6)

    def _paint_bubble(self, painter: QPainter, item: Item, layout: Layout, *, focused: bool) -> None:
        look, theme, row, bubble = self._look, self._look.theme, item.row, layout.bubble
        assert bubble is not None
        inside = bubble.adjusted(0.5, 0.5, -0.5, -0.5)
        small = 4.0 if item.last else 12.0
        shape = corners(inside, 12, 12, small if row.own else 12, 12 if row.own else small)
        hollow = row.kind in (MessageKind.DELETED, MessageKind.UNKNOWN)
        fill = theme.own if row.own else theme.peer
        border = theme.line if hollow or not row.own or theme.outlined else theme.own
        painter.setPen(QPen(look.color(border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush if hollow else look.color(fill))
        painter.drawPath(shape)
        if focused or row.message == self.highlighted:
            ring(painter, bubble.adjusted(-1, -1, 1, 1), 13, look.color(theme.accent))
        if layout.avatar is not None:
            avatar(painter, look, layout.avatar, words.shown_name(row.author_name), row.author_avatar)
        self._paint_head(painter, item, layout)
        if layout.picture is not None:
            self._paint_picture(painter, item, layout)
        if layout.file_icon is not None:
            self._paint_file(painter, item, layout)
        self._paint_text(painter, item, layout)
        self._paint_transfer(painter, item, layout)
        self._paint_meta(painter, item, layout)
        if layout.why is not None:
            painter.setPen(look.color(theme.warning if row.mark is Mark.FAILED else theme.secondary))
            layout.why.draw(painter, layout.why_at.x(), layout.why_at.y())
        for spot in layout.spots:
            if spot.label:
                self._paint_button(painter, spot)

    def _paint_head(self, painter: QPainter, item: Item, layout: Layout) -> None:
        look, theme, row = self._look, self._look.theme, item.row
        if layout.name is not None:
            room = QRectF(layout.name)
            if row.external:
                word = translate(_C, "External")
                tag(painter, look, room.right(), room.center().y(), word, theme.warning, theme.warning_soft)
                room.setRight(
                    room.right() - look.metrics(Size.TIME, strong=True).horizontalAdvance(word) - 20
                )
            line_text(
                painter, look, room, words.shown_name(row.author_name), Size.SMALL, theme.accent, strong=True
            )
        if layout.quote is None:
            return
        rect, line = layout.quote, look.line(16)
        fill_round(painter, rect, 4, look.color(theme.own_quote if row.own else theme.sub))
        painter.fillRect(QRectF(rect.left(), rect.top(), 3, rect.height()), look.color(theme.accent))
        first = QRectF(rect.left() + 11, rect.top() + 4, rect.width() - 19, line)
        line_text(painter, look, first, layout.quote_lines[0], Size.SMALL, theme.secondary, strong=True)
        line_text(
            painter, look, first.translated(0, line), layout.quote_lines[1], Size.SMALL, theme.secondary
        )

    def _paint_text(self, painter: QPainter, item: Item, layout: Layout) -> None:
        look, theme, row = self._look, self._look.theme, item.row
        if layout.text is not None:
            hollow = row.kind in (MessageKind.DELETED, MessageKind.UNKNOWN)
            painter.setPen(look.color(theme.secondary if hollow else theme.text))
            marking = None
            if self.selection is not None and self.selection.message == row.message:
                marking = Marking(
                    self.selection.start,
                    self.selection.end,
                    look.color(theme.accent),
                    look.color(theme.on_accent),
                )
            at = layout.text_at
            layout.text.draw(painter, at.x(), at.y(), marking)
            if hollow:
                icon = "trash-2" if row.kind is MessageKind.DELETED else "info"
                look.draw_icon(
                    painter, icon, at.x() - 24, at.y() + (look.line(20) - 16) / 2, 16, theme.secondary
                )
        for fact in layout.facts:
            middle = fact.rect.center().y()
            icon_color = theme.accent if fact.tone == "accent" else theme.secondary
            look.draw_icon(painter, fact.icon, fact.rect.left(), middle - 8, 16, icon_color)
            line_text(
                painter, look, fact.rect.adjusted(26, 0, 0, 0), fact.text, Size.SMALL,
                str(getattr(theme, fact.tone)),
            )  # fmt: skip

    def _paint_picture(self, painter: QPainter, item: Item, layout: Layout) -> None:
        look, theme, rect, photo = self._look, self._look.theme, layout.picture, item.row.photo
        assert rect is not None and photo is not None
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        pixmap = self._thumbnails.get(
            item.row.message, photo.thumbnail, int(rect.width()), int(rect.height()), ratio
        )
        if pixmap is None:
            fill_round(painter, rect, 8, look.color(theme.sub))
            look.draw_icon(
                painter, "image", rect.center().x() - 12, rect.center().y() - 12, 24, theme.secondary
            )
            return
        painter.drawPixmap(rect.topLeft(), pixmap)

    def _paint_file(self, painter: QPainter, item: Item, layout: Layout) -> None:
        look, theme, file = self._look, self._look.theme, item.row.file
        assert layout.file_icon is not None and layout.file_name is not None and file is not None
        assert layout.file_detail is not None
        fill_round(
            painter, layout.file_icon, 8, look.color(theme.panel if item.row.own else theme.accent_soft)
        )
        look.draw_icon(
            painter, "file-text", layout.file_icon.left() + 8, layout.file_icon.top() + 8, 24, theme.accent
        )
        line_text(
            painter, look, layout.file_name, one_line(file.name), Size.BODY, theme.text, strong=True,
            elide=Qt.TextElideMode.ElideMiddle,
        )  # fmt: skip
        extension = file.name.rpartition(".")[2].upper() if "." in file.name else ""
        kind = f"{one_line(extension, 8)}, " if extension else ""
        detail = kind + words.data_size(file.blob.size_bytes)
        line_text(painter, look, layout.file_detail, detail, Size.SMALL, theme.secondary)
        if layout.warning is not None:
            text = translate(_C, "A saved copy leaves the encrypted store.")
            line_text(painter, look, layout.warning, text, Size.SMALL, theme.warning)

    def _paint_transfer(self, painter: QPainter, item: Item, layout: Layout) -> None:
        look, theme, row = self._look, self._look.theme, item.row
        blob = row.photo.blob if row.photo else row.file.blob if row.file else None
        if blob is None or layout.status is None:
            return
        done, size, state = blob.done_bytes, max(1, blob.size_bytes), blob.state
        progress = self._model.progress
        if row.message in progress and state is not TransferState.COMPLETE:
            done, size = progress[row.message]
            state = TransferState.RUNNING
        if layout.bar is not None:
            fill_round(painter, layout.bar, 2, look.color(theme.line))
            rect = QRectF(layout.bar)
            rect.setWidth(max(4.0, rect.width() * min(1.0, done / max(1, size))))
            fill_round(painter, rect, 2, look.color(theme.accent))
        tone = theme.warning if state in (TransferState.BROKEN, TransferState.GONE) else theme.secondary
        line_text(
            painter, look, layout.status, words.transfer(state, done, size, own=row.own), Size.SMALL, tone
        )

    def _paint_meta(self, painter: QPainter, item: Item, layout: Layout) -> None:
        look, theme, row, meta = self._look, self._look.theme, item.row, layout.meta
        assert meta is not None
        line_text(
            painter,
            look,
            meta,
            layout.meta_text,
            Size.TIME,
            theme.warning if row.clock_wrong else theme.secondary,
        )
        icon = words.mark_icon(row.mark) if row.own else ""
        if icon:
            color = {Mark.READ: theme.accent, Mark.FAILED: theme.warning}.get(row.mark, theme.secondary)
            look.draw_icon(painter, icon, meta.right() - 16, meta.center().y() - 8, 16, color)

    def _paint_button(self, painter: QPainter, spot: Spot) -> None:
        look, theme = self._look, self._look.theme
        fill_round(painter, spot.rect, 6, look.color(theme.button), look.color(theme.line))
        line_text(
            painter, look, spot.rect, spot.label, Size.SMALL, theme.text, strong=True,
            align=Qt.AlignmentFlag.AlignHCenter,
        )  # fmt: skip

    # --- tooltips -----------------------------------------------------------------------------------------

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: _AnyIndex
    ) -> bool:
        item = index.data(ITEM_ROLE)
        if event.type() != QEvent.Type.ToolTip or not isinstance(item, Item):
            return False
        layout = self.layout_of(item)
        point = QPointF(event.pos() - option.rect.topLeft())
        spot = layout.spot_at(point)
        if spot is not None and spot.tip:
            text = spot.tip
        elif layout.meta is not None and layout.meta.contains(point):
            text = words.date_and_time(item.row.sent_ms)
        elif layout.file_name is not None and layout.file_name.contains(point) and item.row.file is not None:
            text = one_line(item.row.file.name)
        else:
            text = ""
        QToolTip.showText(event.globalPos(), _unmarked(text), view)
        return True


def _unmarked(text: str) -> str:
    """Tooltips guess whether their text is rich text; without a "<" it never is."""
    return text.replace("<", "\u2039")
