"""Loads a conversation by key in both directions and keeps the shown window of rows up to date."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.requests import LoadTimeline
from app.core.views import AnyView, Failure, MessageRow, TimelinePage, TransferState
from app.ui import words
from app.ui.backend import Backend
from app.ui.timeline.items import place
from app.ui.timeline.model import TimelineModel
from app.ui.timeline.view import TimelineView
from crypto.ids import ContentId, ConversationId

FIRST_ROWS: Final = 60
STEP_ROWS: Final = 40
"""Loaded at once while scrolling: laid out within one frame."""
CHANGED_ROWS: Final = 100
WINDOW_ROWS: Final = 400
AROUND_ROWS: Final = 30
"""Rows kept on both sides of the visible ones when the width changes."""


class TimelineFeed(QObject):
    """One conversation at a time. Late answers for another one are dropped."""

    loaded = Signal()
    failed = Signal(object)
    new_below = Signal(int)

    def __init__(self, backend: Backend, model: TimelineModel, view: TimelineView) -> None:
        super().__init__(view)
        self._backend, self._model, self._view = backend, model, view
        self._conversation: ConversationId | None = None
        self._turn = 0
        self._rows: list[MessageRow] = []
        self._has_older = self._has_newer = False
        self._busy = self._again = False
        self._first_unread: ContentId | None = None
        self._unread = 0
        self._below = 0
        view.near_top.connect(self.older)
        view.near_bottom.connect(self.newer)
        view.moved.connect(self._moved)
        view.widened.connect(self._trim)
        self._clock = QTimer(self)
        self._clock.setInterval(5_000)
        self._clock.timeout.connect(self._show)

    @property
    def conversation(self) -> ConversationId | None:
        return self._conversation

    @property
    def at_newest(self) -> bool:
        """Whether the window of rows reaches the newest message."""
        return not self._has_newer

    def open(self, conversation: ConversationId | None, at: ContentId | None = None) -> None:
        """Show a conversation's end (or its unread line, or a given message)."""
        self._turn += 1
        self._conversation = conversation
        self._rows, self._has_older, self._has_newer = [], False, False
        self._first_unread, self._unread, self._below = None, 0, 0
        self._busy = self._again = False
        self._model.clear()
        self._clock.stop()
        self.new_below.emit(0)
        if conversation is None:
            return
        if at is not None:
            self._ask(at, FIRST_ROWS // 2, FIRST_ROWS // 2, lambda page: self._opened(page, at))
        else:
            self._ask(None, FIRST_ROWS, 0, lambda page: self._opened(page, None))

    def _opened(self, page: TimelinePage, at: ContentId | None) -> None:
        self._first_unread, self._unread = page.first_unread, page.unread
        known = {row.message for row in page.rows}
        if at is None and page.first_unread is not None and page.first_unread not in known:
            first = page.first_unread
            self._ask(first, FIRST_ROWS // 2, FIRST_ROWS, lambda again: self._opened(again, None))
            return
        self._take(page.rows, older=page.has_older, newer=page.has_newer)
        if at is not None:
            self._view.open_at(at)
        else:
            self._view.open_at_end()
        self._clock.start()
        self.loaded.emit()
        if at is None and self._view.verticalScrollBar().maximum() < 200:
            self.older()

    def _ask(
        self, anchor: ContentId | None, before: int, after: int, then: Callable[[TimelinePage], None]
    ) -> None:
        turn, conversation = self._turn, self._conversation
        assert conversation is not None
        self._busy = True

        def answered(view: AnyView) -> None:
            if turn != self._turn:
                return
            self._busy = False
            if isinstance(view, TimelinePage):
                then(view)
            elif isinstance(view, Failure):
                self.failed.emit(view)
            if self._again and not self._busy:
                self._again = False
                self.refresh()

        request = LoadTimeline(conversation=conversation, anchor=anchor, before=before, after=after)
        self._backend.ask(request, answered)

    # --- scrolling --------------------------------------------------------------------------------------------

    def older(self) -> None:
        if self._busy or not self._has_older or not self._rows:
            return
        self._ask(self._rows[0].message, STEP_ROWS, 0, self._prepend)

    def newer(self) -> None:
        if self._busy or not self._has_newer or not self._rows:
            return
        self._ask(self._rows[-1].message, 0, STEP_ROWS, self._append)

    def _prepend(self, page: TimelinePage) -> None:
        known = {row.message for row in self._rows}
        rows = [row for row in page.rows if row.message not in known] + self._rows
        newer = self._has_newer or len(rows) > WINDOW_ROWS
        self._take(rows[:WINDOW_ROWS], older=page.has_older, newer=newer)

    def _append(self, page: TimelinePage) -> None:
        known = {row.message for row in self._rows}
        rows = self._rows + [row for row in page.rows if row.message not in known]
        older = self._has_older or len(rows) > WINDOW_ROWS
        self._take(rows[-WINDOW_ROWS:], older=older, newer=page.has_newer)

    def _trim(self) -> None:
        """Another width lays out every row anew: hold only those around the reader, more come when scrolled to."""
        if len(self._rows) <= 3 * AROUND_ROWS:
            return
        first, last = self._view.visible_span()
        low, high = max(0, first - AROUND_ROWS), min(len(self._rows), last + 1 + AROUND_ROWS)
        if high - low > len(self._rows) - AROUND_ROWS:
            return
        older, newer = self._has_older or low > 0, self._has_newer or high < len(self._rows)
        self._turn += 1  # an answer under way belongs to rows that are gone
        again, self._busy, self._again = self._again or self._busy, False, False
        self._take(self._rows[low:high], older=older, newer=newer)
        if again:
            self.refresh()

    def to_newest(self) -> None:
        """Replace the window by the newest rows, or just scroll when they are here."""
        self._below = 0
        self.new_below.emit(0)
        if not self._has_newer:
            self._view.to_newest()
        elif self._conversation is not None:
            self.open(self._conversation)

    def jump(self, message: ContentId) -> None:
        """Show a message of this conversation, loading its neighbourhood when it is not here."""
        if self._model.place_of(message) is not None:
            self._view.open_at(message)
        elif self._conversation is not None:
            self.open(self._conversation, message)

    # --- changes -----------------------------------------------------------------------------------------------

    def stored(self, *, own: bool) -> None:
        """A message was added. Own ones are shown at once, others only when the reader is at the end."""
        if own and self._has_newer and self._conversation is not None:
            self.open(self._conversation)
            return
        if own:
            self._first_unread, self._unread = None, 0
        elif not self._view.pinned:
            self._below += 1
            self.new_below.emit(self._below)
        if own:
            self._view.to_newest()
        self.refresh()

    def refresh(self) -> None:
        """Load what is shown anew; several wishes while one is under way become one."""
        if self._conversation is None:
            return
        if self._busy:
            self._again = True
            return
        if not self._rows:
            self._ask(None, FIRST_ROWS, 0, self._refreshed)
        elif not self._has_newer:
            self._ask(None, max(FIRST_ROWS, min(WINDOW_ROWS, len(self._rows) + 20)), 0, self._refreshed)
        else:
            middle = len(self._rows) // 2
            self._ask(self._rows[middle].message, middle, len(self._rows) - middle - 1, self._refreshed)

    def _refreshed(self, page: TimelinePage) -> None:
        if self._first_unread is None and page.first_unread is not None and not self._view.isActiveWindow():
            self._first_unread, self._unread = page.first_unread, page.unread
        elif self._first_unread is not None and self._first_unread == page.first_unread:
            self._unread = page.unread
        self._take(page.rows, older=page.has_older, newer=page.has_newer)

    def changed(self, messages: tuple[ContentId, ...]) -> None:
        """Rows to load anew: only the stretch they lie in."""
        places = [at for at in (self._model.place_of(message) for message in messages) if at is not None]
        if not places:
            return
        low, high = min(places), max(places)
        if self._busy or high - low > CHANGED_ROWS:
            self.refresh()
            return
        self._ask(self._rows[low].message, 0, high - low, self._patch)

    def _patch(self, page: TimelinePage) -> None:
        fresh = {row.message: row for row in page.rows}
        self._rows = [fresh.get(row.message, row) for row in self._rows]
        self._show()

    def progress(self, message: ContentId, done_bytes: int, size_bytes: int) -> None:
        """Bytes of a running transfer: the row is repainted, not loaded."""
        at = self._model.place_of(message)
        if at is None:
            return
        self._model.progress[message] = (done_bytes, size_bytes)
        self._view.update(self._model.index(at))

    # --- showing ------------------------------------------------------------------------------------------------

    def _take(self, rows: "list[MessageRow] | tuple[MessageRow, ...]", *, older: bool, newer: bool) -> None:
        self._rows, self._has_older, self._has_newer = list(rows), older, newer
        self._view.newest_here = not newer
        for row in self._rows:
            blob = row.photo.blob if row.photo else row.file.blob if row.file else None
            if blob is not None and blob.state is not TransferState.RUNNING:
                self._model.progress.pop(row.message, None)
        self._show()

    def _show(self) -> None:
        self._view.show_items(place(self._rows, self._first_unread, self._unread, words.now_ms()))

    def _moved(self) -> None:
        if self._below and self._view.pinned and not self._has_newer:
            self._below = 0
            self.new_below.emit(0)

    def leave_unread_line(self) -> None:
        """The unread line stays until the conversation is left or written in."""
        if self._first_unread is not None:
            self._first_unread, self._unread = None, 0
            self._show()

    def rows(self) -> list[MessageRow]:
        return self._rows
