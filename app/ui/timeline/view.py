"""The list of messages: keeps the reader's place, selects text, turns clicks and keys into actions."""

from typing import Final

from PySide6.QtCore import QItemSelectionModel, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QListView, QMenu, QWidget

from app.ui.i18n import translate
from app.ui.look import Look
from app.ui.plain import harmless
from app.ui.timeline.actions import Action, actions_of
from app.ui.timeline.delegate import TAIL_PX, BubbleDelegate, Selection
from app.ui.timeline.items import Item
from app.ui.timeline.layout import Layout
from app.ui.timeline.model import ITEM_ROLE, TimelineModel
from crypto.ids import ContentId

_C: Final = "Timeline"
_EDGE_PX: Final = 700
_PINNED_PX: Final = 12


class TimelineView(QListView):
    """`near_top` and `near_bottom` ask for more rows; `moved` says that what is visible changed; `widened` comes
    before rows are laid out for another width."""

    acted = Signal(object, object)  # Action, ContentId
    near_top = Signal()
    near_bottom = Signal()
    moved = Signal()
    widened = Signal()
    typed = Signal(str)

    def __init__(self, look: Look, delegate: BubbleDelegate, model: TimelineModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._look, self._delegate, self._rows = look, delegate, model
        self._anchor: tuple[ContentId, int] | None = None
        self._pinned = True
        self.newest_here = True
        """Whether the rows reach the conversation's end; only there the view sticks to it."""
        self._quiet = False
        self._pressed: Action | None = None
        self._selecting = False
        self.setProperty("look", "timeline")  # an opaque ground: scrolling then paints only what is new
        self.setModel(model)
        self.setItemDelegate(delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.verticalScrollBar().setSingleStep(28)
        self.setAccessibleName(translate(_C, "Messages"))
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self._look.changed.connect(self._relayout)

    # --- the reader's place -------------------------------------------------------------------------------

    @property
    def pinned(self) -> bool:
        """Whether the newest row is in view."""
        return self._pinned

    def show_items(self, items: list[Item]) -> None:
        """Exchange the rows. Who reads further up keeps her place; who is at the end stays there."""
        self._quiet = True
        self._rows.show(items)
        self.doItemsLayout()
        self._quiet = False
        self._restore()

    def _restore(self) -> None:
        bar = self.verticalScrollBar()
        self._quiet = True
        self._settle()
        if self._pinned:
            self._to_end()
        elif self._anchor is not None:
            message, offset = self._anchor
            place = self._rows.place_of(message)
            if place is not None:
                bar.setValue(bar.value() + self.visualRect(self._rows.index(place)).top() - offset)
        self._quiet = False
        self._note_place()

    def _to_end(self) -> None:
        """The end, but never so far that the unread line leaves the view."""
        bar = self.verticalScrollBar()
        target = bar.maximum()
        for place, item in enumerate(self._rows.items):
            if item.unread:
                top = self.visualRect(self._rows.index(place)).top() + bar.value()
                target = min(target, top)
                break
        bar.setValue(target)

    def to_newest(self) -> None:
        """The very end, also past the unread line."""
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        self._note_place()

    def open_at_end(self) -> None:
        """A conversation was opened: show its end or its unread line."""
        self._pinned, self._anchor = True, None
        self._restore()

    def open_at(self, message: ContentId) -> None:
        """Bring a message into the middle and mark it as the current one."""
        place = self._rows.place_of(message)
        if place is None:
            return
        index = self._rows.index(place)
        self._pinned = False
        self.scrollTo(index, QListView.ScrollHint.PositionAtCenter)
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        self._delegate.highlighted = message
        self.viewport().update()
        QTimer.singleShot(2_000, self, self._fade)
        self._note_place()

    def _fade(self) -> None:
        self._delegate.highlighted = None
        self.viewport().update()

    def last_visible(self) -> ContentId | None:
        """The lowest message of which at least the beginning is in view."""
        items = self._rows.items
        if not items:
            return None
        index = self.indexAt(QPoint(8, self.viewport().height() - 12))
        place = index.row() if index.isValid() else len(items) - 1
        return items[min(place, len(items) - 1)].row.message

    def visible_span(self) -> tuple[int, int]:
        """First and last place in view."""
        top = self.indexAt(QPoint(8, 2))
        low = self.indexAt(QPoint(8, self.viewport().height() - 2))
        last = low.row() if low.isValid() else self._rows.rowCount() - 1
        return (top.row() if top.isValid() else 0), last

    def _scrolled(self) -> None:
        if self._quiet:
            return
        self._note_place()
        bar = self.verticalScrollBar()
        if bar.value() < _EDGE_PX:
            self.near_top.emit()
        if bar.maximum() - bar.value() < _EDGE_PX:
            self.near_bottom.emit()

    def _note_place(self) -> None:
        bar = self.verticalScrollBar()
        self._pinned = self.newest_here and bar.maximum() - bar.value() <= _PINNED_PX
        index = self.indexAt(QPoint(8, 1))
        if not index.isValid():
            index = self.indexAt(QPoint(8, self.viewportMargins().top() + 1))
        item = index.data(ITEM_ROLE)
        self._anchor = (item.row.message, self.visualRect(index).top()) if isinstance(item, Item) else None
        self.moved.emit()

    def _settle(self) -> None:
        """Few messages stand at the bottom: the room above them is a margin of the viewport."""
        content = TAIL_PX
        for item in self._rows.items[:60]:
            content += round(self._delegate.layout_of(item).height)
            if content > self.height():
                break
        space = max(0, self.height() - content)
        if self.viewportMargins().top() != space:
            self.setViewportMargins(0, space, 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._quiet = True
        width = self.width()
        changed = width != self._delegate.width
        if changed:
            self.widened.emit()
        self._delegate.width = width
        super().resizeEvent(event)
        if changed:
            self.doItemsLayout()
        else:  # QListView puts its geometry off while a layout is pending; the end must be known now
            self.executeDelayedItemsLayout()
            self.updateGeometries()
        self._quiet = False
        self._restore()

    def _relayout(self) -> None:
        self.doItemsLayout()
        self._restore()

    # --- mouse --------------------------------------------------------------------------------------------

    def _under(self, pos: QPoint) -> tuple[Item, Layout, QPointF] | None:
        index = self.indexAt(pos)
        item = index.data(ITEM_ROLE)
        if not isinstance(item, Item):
            return None
        return item, self._delegate.layout_of(item), QPointF(pos - self.visualRect(index).topLeft())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._pressed, self._selecting = None, False
        under = self._under(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or under is None:
            return
        item, layout, point = under
        spot = layout.spot_at(point)
        if spot is not None:
            self._pressed = spot.action
            self._select(None)
        elif layout.over_text(point) and layout.text is not None:
            at = layout.text.cursor_at(point.x() - layout.text_at.x(), point.y() - layout.text_at.y())
            self._select(Selection(item.row.message, at, at))
            self._selecting = True
        else:
            self._select(None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        under = self._under(event.position().toPoint())
        chosen = self._delegate.selection
        if self._selecting and chosen is not None:
            place = self._rows.place_of(chosen.message)
            if place is not None:
                index = self._rows.index(place)
                layout = self._delegate.layout_of(self._rows.items[place])
                point = event.position() - QPointF(self.visualRect(index).topLeft())
                if layout.text is not None:
                    chosen.end = layout.text.cursor_at(
                        point.x() - layout.text_at.x(), point.y() - layout.text_at.y()
                    )
                    self.viewport().update()
            return
        shape = Qt.CursorShape.ArrowCursor
        if under is not None:
            if under[1].spot_at(under[2]) is not None:
                shape = Qt.CursorShape.PointingHandCursor
            elif under[1].over_text(under[2]):
                shape = Qt.CursorShape.IBeamCursor
        self.viewport().setCursor(shape)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        under = self._under(event.position().toPoint())
        pressed, self._pressed, self._selecting = self._pressed, None, False
        if under is None or pressed is None:
            return
        spot = under[1].spot_at(under[2])
        if spot is not None and spot.action is pressed:
            self._act(spot.action, under[0])

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        under = self._under(event.position().toPoint())
        if under is None:
            return
        item, layout, point = under
        if layout.text is not None and layout.over_text(point):
            at = layout.text.cursor_at(point.x() - layout.text_at.x(), point.y() - layout.text_at.y())
            start, end = layout.text.word_at(at)
            self._select(Selection(item.row.message, start, end))

    def _select(self, selection: Selection | None) -> None:
        self._delegate.selection = selection
        self.viewport().update()

    def selected_text(self) -> str:
        """The marked stretch of a message, without anything invisible."""
        chosen = self._delegate.selection
        row = self._rows.row_of(chosen.message) if chosen is not None else None
        if chosen is None or row is None:
            return ""
        start, end = sorted((chosen.start, chosen.end))
        return harmless(row.text)[start:end]

    # --- keys and menu --------------------------------------------------------------------------------------

    def _act(self, action: Action, item: Item) -> None:
        if action is Action.UNFOLD:
            self._delegate.unfold(item.row.message)
            self._pinned = False
            self.doItemsLayout()
            self._restore()
        elif action is Action.COPY:
            QGuiApplication.clipboard().setText(harmless(item.row.text))
        else:
            self.acted.emit(action, item.row.message)

    def _current(self) -> Item | None:
        item = self.currentIndex().data(ITEM_ROLE)
        return item if isinstance(item, Item) else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self._current()
        if event.matches(QKeySequence.StandardKey.Copy):
            text = self.selected_text() or (harmless(item.row.text) if item is not None else "")
            if text:
                QGuiApplication.clipboard().setText(text)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            actions = actions_of(item)
            if actions:
                self._act(actions[0], item)
        elif event.key() == Qt.Key.Key_Escape:
            self._select(None)
            event.ignore()
        elif (
            event.text().isprintable()
            and event.text().strip()
            and not event.modifiers()
            & (
                Qt.KeyboardModifier.ControlModifier
                | Qt.KeyboardModifier.AltModifier
                | Qt.KeyboardModifier.MetaModifier
            )
        ):
            self.typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            item, where = self._current(), self.mapToGlobal(self.visualRect(self.currentIndex()).center())
        else:
            under = self._under(event.pos())
            item, where = (under[0] if under else None), event.globalPos()
        if item is None:
            return
        menu = self.menu_for(item)
        if not menu.isEmpty():
            menu.exec(where)
        menu.deleteLater()

    def menu_for(self, item: Item) -> QMenu:
        """Every painted button of a message is here too, since painted areas get no focus."""
        menu = QMenu(self)
        table = {
            Action.OPEN_PHOTO: ("image", translate(_C, "Show large")),
            Action.FETCH: ("download", translate(_C, "Load now")),
            Action.CANCEL: ("x", translate(_C, "Stop transfer")),
            Action.SAVE: ("download", translate(_C, "Save as …")),
            Action.RETRY: ("refresh-cw", translate(_C, "Send again")),
            Action.DISCARD: ("trash-2", translate(_C, "Discard")),
            Action.REPLY: ("reply", translate(_C, "Reply")),
            Action.COPY: ("copy", translate(_C, "Copy text")),
            Action.DELIVERY: ("check-check", translate(_C, "Show delivery")),
        }
        if self.selected_text():
            entry = QAction(self._look.icon("copy", 16), translate(_C, "Copy selection"), menu)
            text = self.selected_text()
            entry.triggered.connect(lambda: QGuiApplication.clipboard().setText(text))
            menu.addAction(entry)
        for action in actions_of(item):
            icon, label = table[action]
            entry = QAction(self._look.icon(icon, 16), label, menu)
            entry.triggered.connect(lambda _=False, action=action: self._act(action, item))
            menu.addAction(entry)
        return menu
