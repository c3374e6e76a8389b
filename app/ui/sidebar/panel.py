"""The left column as a widget: search, list, own name with lock and settings."""

from typing import Final

from PySide6.QtCore import QModelIndex, QPoint, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QListView, QMenu, QVBoxLayout

from app.core.requests import SearchMessages
from app.core.views import AnyView, ConversationRow, SearchHits, Status
from app.ui import words
from app.ui.backend import Backend
from app.ui.controls import Button, Elided, Face, Kind, Panel
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import one_line
from app.ui.shapes import fill_round, line_text, polish
from app.ui.sidebar.delegate import SidebarDelegate
from app.ui.sidebar.model import ENTRY_ROLE, Entry, Head, Hit, Remark, SidebarModel, Talk, by_section
from crypto.ids import ContentId, ConversationId

_C: Final = "Sidebar"
_SEARCH_AFTER_MS: Final = 120
_LEAST_CHARS: Final = 2


class SearchField(QLineEdit):
    """With a magnifier and the shortcut shown while it is empty."""

    moved = Signal(int)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setProperty("look", "search")
        self.setPlaceholderText(translate(_C, "Search"))
        self.setAccessibleName(translate(_C, "Search people, groups and messages"))
        self.setMinimumHeight(36)
        self.setMaxLength(200)
        self.setClearButtonEnabled(False)
        self.show_hint = True

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter, look, theme = QPainter(self), self._look, self._look.theme
        polish(painter)
        look.draw_icon(painter, "search", 10, (self.height() - 18) / 2, 18, theme.secondary)
        if self.text() or self.hasFocus() or not self.show_hint:
            return
        keys = QKeySequence("Ctrl+K").toString(QKeySequence.SequenceFormat.NativeText).replace("+", " ")
        wide = look.metrics(Size.TIME).horizontalAdvance(keys) + 12
        if wide > self.width() / 2:
            return
        rect = QRectF(self.width() - wide - 10, (self.height() - look.line(18)) / 2, wide, look.line(18))
        fill_round(painter, rect, 4, look.color(theme.panel), look.color(theme.line))
        line_text(painter, look, rect, keys, Size.TIME, theme.secondary, align=Qt.AlignmentFlag.AlignHCenter)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.moved.emit(1 if event.key() == Qt.Key.Key_Down else -1)
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class ConversationList(QListView):
    """Enter or a click opens; arrows move."""

    opened = Signal(QModelIndex)
    menu_wanted = Signal(QModelIndex, QPoint)

    def __init__(self, model: SidebarModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setMouseTracking(True)
        self.setUniformItemSizes(False)
        self.setTabKeyNavigation(False)
        self.verticalScrollBar().setSingleStep(26)
        self.setAccessibleName(translate(_C, "Conversations"))
        self.clicked.connect(self.opened.emit)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def _menu(self, pos: QPoint) -> None:
        index = self.indexAt(pos) if self.viewport().underMouse() else self.currentIndex()
        if index.isValid():
            self.menu_wanted.emit(index, self.viewport().mapToGlobal(pos))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.opened.emit(self.currentIndex())
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.currentIndex().isValid():
            self.go(1)

    def go(self, step: int) -> None:
        """Go to the next entry that can be opened."""
        model, at = self.model(), self.currentIndex().row()
        while True:
            at += step
            if not 0 <= at < model.rowCount():
                return
            index = model.index(at, 0)
            if index.flags() & Qt.ItemFlag.ItemIsSelectable:
                self.setCurrentIndex(index)
                return


class Sidebar(Panel):
    """`picked` names a conversation to open, `found` also a message in it."""

    picked = Signal(object)
    found = Signal(object, object)
    lock_wanted = Signal()
    settings_wanted = Signal()
    group_wanted = Signal()
    device_wanted = Signal()
    people_wanted = Signal()

    def __init__(self, look: Look, backend: Backend) -> None:
        super().__init__(look, "panel")
        self._look, self._backend = look, backend
        self._rows: tuple[ConversationRow, ...] = ()
        self._hits: SearchHits | None = None
        self._scope: tuple[ConversationId, str] | None = None
        self._turn = 0
        self._admin = False
        self.model = SidebarModel(self)
        self.list = ConversationList(self.model)
        self.delegate = SidebarDelegate(look, self.list, lambda: words.moment(words.now_ms()).date())
        self.list.setItemDelegate(self.delegate)
        self.search = SearchField(look)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SEARCH_AFTER_MS)
        self._timer.timeout.connect(self._search)
        self._build()
        self.search.textChanged.connect(self._typed)
        self.search.moved.connect(self.list.go)
        self.search.returnPressed.connect(self._enter)
        self.list.opened.connect(self._open)
        look.changed.connect(self.list.doItemsLayout)

    def _build(self) -> None:
        look = self._look
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._head = QHBoxLayout()
        self._head.setContentsMargins(12, 12, 12, 12)
        self._head.setSpacing(8)
        self._head.addWidget(self.search, 1)
        self.new = Button(look, "", "plus", tip=translate(_C, "New group or device"), click=self._new_menu)
        self._head.addWidget(self.new)
        column.addLayout(self._head)
        column.addWidget(self.list, 1)
        foot = Panel(look, "panel", edges="t")
        row = QHBoxLayout(foot)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(10)
        self._face = Face(look, 36)
        self._name = Elided(look, strong=True)
        self._device = Elided(look, Size.SMALL, tone="secondary")
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addStretch(1)
        lines.addWidget(self._name)
        lines.addWidget(self._device)
        lines.addStretch(1)
        row.addWidget(self._face)
        row.addLayout(lines, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        self.lock = Button(
            look, "", "lock", kind=Kind.FLAT, tip=translate(_C, "Lock (Ctrl+L)"), click=self.lock_wanted.emit
        )
        self.settings = Button(
            look,
            "",
            "settings",
            kind=Kind.FLAT,
            tip=translate(_C, "Settings"),
            click=self.settings_wanted.emit,
        )
        buttons.addWidget(self.lock)
        buttons.addWidget(self.settings)
        row.addLayout(buttons)
        self._foot, self._foot_row = foot, row
        column.addWidget(foot)
        self.set_compact(False)

    def set_compact(self, compact: bool) -> None:
        """Denser rows and foot, without times."""
        self.delegate.compact = compact
        margin = 8 if compact else 12
        self._head.setContentsMargins(margin, margin, margin, margin)
        self._foot.setFixedHeight(max(48 if compact else 60, self._look.line(34) + 12))
        self._device.setVisible(not compact)
        self._face.set_side(28 if compact else 36)
        self._foot_row.setContentsMargins(16, 0, 4 if compact else 12, 0)
        self._foot_row.setSpacing(6 if compact else 10)
        self.search.show_hint = not compact
        self.list.doItemsLayout()

    # --- what is shown --------------------------------------------------------------------------------------

    def show_status(self, status: Status, avatar: int) -> None:
        name = words.shown_name(status.person_name)
        self._face.show_person(name, avatar)
        self._name.set_text(name)
        device = one_line(status.device_name or "")
        count = translate(_C, "%n devices", "", status.devices) if status.devices else ""
        self._device.set_text(" · ".join(part for part in (device, count) if part))
        self.lock.setVisible(status.has_pin)
        self._admin = status.admin

    def show_rows(self, rows: tuple[ConversationRow, ...]) -> None:
        self._rows = rows
        self._show()

    def clear(self) -> None:
        """Nothing of any conversation stays (lock)."""
        self._turn += 1
        self._rows, self._hits, self._scope = (), None, None
        self.search.clear()
        self.model.show([])

    def set_active(self, conversation: ConversationId | None) -> None:
        self.delegate.active = conversation
        place = self.model.place_of(conversation) if conversation is not None else None
        if place is not None:
            self.list.setCurrentIndex(self.model.index(place))
        self.list.viewport().update()

    def _show(self) -> None:
        needle = self.search.text().strip().casefold()
        if not needle:
            self.model.show(by_section(self._rows) or [Remark(translate(_C, "Nobody else is here yet."))])
            if self.delegate.active is not None:
                self.set_active(self.delegate.active)
            return
        entries: list[Entry] = []
        if self._scope is None:
            rows = [row for row in self._rows if needle in f"{row.title} {row.role or ''}".casefold()]
            if rows:
                entries.append(Head(translate(_C, "People and groups")))
                entries += [Talk(row) for row in rows]
        if self._hits is not None and self._hits.hits:
            entries.append(Head(translate(_C, "Messages")))
            entries += [Hit(hit) for hit in self._hits.hits]
            if self._hits.more:
                entries.append(Remark(translate(_C, "There are more. A further word narrows the search.")))
        if not entries and (self._hits is not None or len(needle) < _LEAST_CHARS):
            entries.append(Remark(translate(_C, "Nothing found.")))
        self.model.show(entries)

    # --- searching --------------------------------------------------------------------------------------------

    def focus_search(self, scope: ConversationId | None = None, title: str = "") -> None:
        """Put the cursor into the search; with a scope only that conversation is searched."""
        self._scope = (scope, title) if scope is not None else None
        text = translate(_C, "Search")
        if scope is not None:
            text = translate(_C, "Search in “{title}”").format(title=one_line(title, 30))
        self.search.setPlaceholderText(text)
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _typed(self, text: str) -> None:
        self._turn += 1
        if len(text.strip()) >= _LEAST_CHARS:
            self._timer.start()
        else:
            self._timer.stop()
            self._hits = None
        if not text:
            self._scope = None
            self.search.setPlaceholderText(translate(_C, "Search"))
        self._show()

    def _search(self) -> None:
        turn = self._turn
        scope = self._scope[0] if self._scope is not None else None

        def answered(view: AnyView) -> None:
            if turn == self._turn and isinstance(view, SearchHits):
                self._hits = view
                self._show()

        self._backend.ask(SearchMessages(text=self.search.text().strip(), conversation=scope), answered)

    # --- opening ----------------------------------------------------------------------------------------------

    def _enter(self) -> None:
        if not self.list.currentIndex().isValid():
            self.list.go(1)
        if self.list.currentIndex().isValid():
            self._open(self.list.currentIndex())

    def _open(self, index: QModelIndex) -> None:
        entry = index.data(ENTRY_ROLE)
        if isinstance(entry, Talk):
            self.picked.emit(entry.row.conversation)
        elif isinstance(entry, Hit):
            self._jump(entry.hit.conversation, entry.hit.message)

    def _jump(self, conversation: ConversationId, message: ContentId) -> None:
        self.found.emit(conversation, message)

    def step(self, by: int) -> None:
        """Open the next or previous conversation of the list (Ctrl+PgDown, Ctrl+PgUp)."""
        self.list.go(by)
        if self.list.currentIndex().isValid():
            self._open(self.list.currentIndex())

    def _new_menu(self) -> None:
        menu = QMenu(self)
        for icon, text, signal in (
            ("users", translate(_C, "New group"), self.group_wanted),
            ("monitor", translate(_C, "Add device"), self.device_wanted),
            ("shield-check", translate(_C, "People and devices"), self.people_wanted),
        ):
            if signal is self.device_wanted and not self._admin:
                continue
            entry = QAction(self._look.icon(icon, 16), text, menu)
            entry.triggered.connect(signal.emit)
            menu.addAction(entry)
        menu.exec(self.new.mapToGlobal(QPoint(0, self.new.height() + 4)))
        menu.deleteLater()

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 240)
