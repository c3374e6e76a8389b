"""The main page: left column, conversation, right column; three widths; reacts to events."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSplitter, QWidget

from app.core import events
from app.core.requests import GetConversation, GetDelivery, ListConversations, ListPeople, OpenDirect
from app.core.views import (
    AnyView,
    ConversationDetails,
    ConversationRow,
    Conversations,
    Delivery,
    Failure,
    NetworkState,
    People,
    PersonRow,
    Section,
    Status,
)
from app.ui import preferences as pref
from app.ui import words
from app.ui.backend import Backend
from app.ui.conversation import ConversationPane
from app.ui.details import DetailsPanel
from app.ui.i18n import translate
from app.ui.look import Look
from app.ui.preferences import Preferences
from app.ui.sidebar.panel import Sidebar
from app.ui.theme import avatar_place
from crypto.ids import ContentId, ConversationId, PersonId

_C: Final = "MainPage"
WIDE_PX: Final = 1180
MEDIUM_PX: Final = 900
_MIDDLE_LEAST_PX: Final = 420
_LEFT_PX: Final = 300
_LEFT_COMPACT_PX: Final = 232
_RIGHT_PX: Final = 288


class MainPage(QWidget):
    """`unread_changed` carries the number of unread messages."""

    unread_changed = Signal(int)
    lock_wanted = Signal()
    settings_wanted = Signal()

    def __init__(
        self, look: Look, backend: Backend, preferences: Preferences, language: Callable[[], str]
    ) -> None:
        super().__init__()
        self._look, self._backend, self._prefs, self._language = look, backend, preferences, language
        self._status: Status | None = None
        self._rows: dict[ConversationId, ConversationRow] = {}
        self._people: dict[PersonId, PersonRow] = {}
        self._wanted: tuple[ConversationId, ContentId | None] | None = None
        self._first = True
        self._closed = False
        self._details_on = preferences.text(pref.DETAILS) != "off"
        self._details_narrow = self._compact = False
        self._dialogs: list[QDialog] = []
        self.sidebar = Sidebar(look, backend)
        self.pane = ConversationPane(look, backend, language)
        self.details = DetailsPanel(look, language)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        for widget in (self.sidebar, self.pane, self.details):
            self._splitter.addWidget(widget)
        self._splitter.setStretchFactor(0, 0)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setStretchFactor(2, 0)
        self._splitter.setSizes([_LEFT_PX, 800, _RIGHT_PX])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._splitter)
        self._reload_list = self._later(self._ask_list, 20)
        self._reload_people = self._later(self._ask_people, 60)
        self._reload_details = self._later(self._ask_details, 120)
        self._connect()
        self._shortcuts()

    def _later(self, action: Callable[[], None], delay_ms: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(delay_ms)
        timer.timeout.connect(action)
        return timer

    def _connect(self) -> None:
        self.sidebar.picked.connect(self.open)
        self.sidebar.found.connect(self.open)
        self.sidebar.lock_wanted.connect(self.lock_wanted)
        self.sidebar.settings_wanted.connect(self.settings_wanted)
        self.sidebar.group_wanted.connect(self.new_group)
        self.sidebar.device_wanted.connect(lambda: self.add_device())
        self.sidebar.people_wanted.connect(lambda: self.people())
        self.pane.header.details_toggled.connect(self._toggle_details)
        self.pane.header.search_wanted.connect(self._search_here)
        self.pane.photo_wanted.connect(self.show_photo)
        self.pane.delivery_wanted.connect(self.show_delivery)
        self.pane.action_wanted.connect(lambda: self.people())
        self.pane.invite_wanted.connect(lambda: self.add_device())
        self.details.photo_opened.connect(self.show_photo)
        self.details.group_wanted.connect(self.manage_group)
        self.details.person_wanted.connect(self.people)
        self.details.closed.connect(lambda: self._toggle_details(False))
        self._splitter.splitterMoved.connect(self._later(self._keep_splitter, 800).start)

    def _shortcuts(self) -> None:
        for keys, action in (
            ("Ctrl+K", lambda: self.sidebar.focus_search()),
            ("Ctrl+F", self._search_here),
            ("Ctrl+L", self._lock_by_key),
            ("Ctrl+N", self.new_group),
            ("Ctrl+I", lambda: self._toggle_details(not self._details_shown)),
            ("Ctrl+PgDown", lambda: self.sidebar.step(1)),
            ("Ctrl+PgUp", lambda: self.sidebar.step(-1)),
            ("Ctrl+,", self.settings_wanted.emit),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.activated.connect(action)

    def _lock_by_key(self) -> None:
        if self._status is not None and self._status.has_pin:
            self.lock_wanted.emit()

    # --- loading ----------------------------------------------------------------------------------------------------

    def show_status(self, status: Status) -> None:
        """Names, counts, network; loads everything the first time."""
        self._status, self._closed = status, False
        self.sidebar.show_status(status, avatar_place(status.person) if status.person is not None else 5)
        self._show_network(status.network, status.waiting)
        if self._first:
            self._first = False
            self._ask_list()
            self._ask_people()

    def _show_network(self, network: NetworkState, waiting: int) -> None:
        others = self._status is not None and self._status.devices > 1
        self.pane.show_network(network, waiting, others)

    def _ask_list(self) -> None:
        self._backend.ask(ListConversations(), self._listed)

    def _listed(self, view: AnyView) -> None:
        if self._closed or not isinstance(view, Conversations):
            return
        self._rows = {row.conversation: row for row in view.rows}
        self.sidebar.show_rows(view.rows)
        self.unread_changed.emit(view.unread)
        here = self.pane.conversation
        if self._wanted is not None and self._wanted[0] in self._rows:
            wanted, self._wanted = self._wanted, None
            self.open(*wanted)
        elif here is not None and here in self._rows:
            self.pane.show_row(self._rows[here])
            self._show_details_row(self._rows[here])
        elif here is None and view.rows:
            self._open_remembered(view.rows)
        elif here is None:
            self.pane.show_alone(admin=self._status is not None and self._status.admin)

    def _open_remembered(self, rows: tuple[ConversationRow, ...]) -> None:
        last = self._prefs.raw(pref.CONVERSATION)
        if last is not None and ConversationId(last) in self._rows:
            self.open(ConversationId(last))
        elif any(row.last_ms is not None for row in rows):
            newest = max(rows, key=lambda row: row.last_ms or 0)
            self.open(newest.conversation)

    def _ask_people(self) -> None:
        self._backend.ask(ListPeople(), self._listed_people)

    def _listed_people(self, view: AnyView) -> None:
        if self._closed or not isinstance(view, People):
            return
        self._people = {row.person: row for row in view.rows}
        if self._status is not None:
            self.show_status(self._status)
        here = self.pane.conversation
        if here is not None and here in self._rows:
            self._show_details_row(self._rows[here])

    def _ask_details(self) -> None:
        here = self.pane.conversation
        if here is not None and self.details.isVisible():
            self._backend.ask(GetConversation(conversation=here), self._got_details)

    def _got_details(self, view: AnyView) -> None:
        if isinstance(view, ConversationDetails) and not self._closed:
            self.details.show_details(view)

    def _show_details_row(self, row: ConversationRow) -> None:
        direct = row.section in (Section.PERSON, Section.EXTERNAL)
        person = self._people.get(row.person) if row.person is not None and direct else None
        self.details.show_conversation(row, person)

    # --- opening ----------------------------------------------------------------------------------------------------

    def open(self, conversation: ConversationId, at: ContentId | None = None) -> None:
        """Show a conversation; one that is not listed yet is shown as soon as it is."""
        if self._closed:
            return
        row = self._rows.get(conversation)
        if row is None:
            self._wanted = (conversation, at)
            self._ask_list()
            return
        self.pane.open(row, at)
        self.sidebar.set_active(conversation)
        self._show_details_row(row)
        self._reload_details.start()
        self._prefs.put(pref.CONVERSATION, bytes(conversation))
        if self.sidebar.search.text() and at is None:
            self.sidebar.search.clear()
        if at is None:
            self.pane.focus_composer()
        self._fold()

    def open_person(self, person: PersonId) -> None:
        """The conversation with a person, made on first use."""

        def opened(view: AnyView) -> None:
            if self._closed:
                return
            if isinstance(view, ConversationRow):
                self._rows[view.conversation] = view
                self.open(view.conversation)
            elif isinstance(view, Failure):
                self.pane.show_problem(view)

        self._backend.ask(OpenDirect(person=person), opened)

    def _search_here(self) -> None:
        here = self.pane.conversation
        row = self._rows.get(here) if here is not None else None
        if row is not None:
            self.sidebar.focus_search(row.conversation, words.shown_name(row.title))
        else:
            self.sidebar.focus_search()
        if not self.sidebar.isVisible():
            self._toggle_details(False)
            self.sidebar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_delivery(self, message: ContentId) -> None:
        """Open the right column with where a message stands."""
        row = self.pane.model.row_of(message)
        if row is None:
            return

        def answered(view: AnyView) -> None:
            if isinstance(view, Delivery) and not self._closed:
                if not self._details_shown:
                    self._toggle_details(True)
                self.details.show_delivery(view, row.sent_ms)

        self._backend.ask(GetDelivery(message=message), answered)

    # --- events -----------------------------------------------------------------------------------------------------

    def handle(self, event: events.AnyEvent) -> None:
        """What happened; loads anew what is shown of it."""
        if not self._handle_message(event):
            self._handle_other(event)
        for dialog in list(self._dialogs):
            handle = getattr(dialog, "handle", None)
            if handle is not None:
                handle(event)

    def _handle_message(self, event: events.AnyEvent) -> bool:
        """Events of one conversation's messages. False for any other event."""
        here, feed = self.pane.conversation, self.pane.feed
        match event:
            case events.MessageStored(conversation=conversation, own=own):
                if conversation == here:
                    self.pane.stored(own=own)
                self._reload_list.start()
            case events.MessagesChanged(conversation=conversation, messages=messages):
                if conversation == here:
                    feed.changed(messages)
                    self._renew_delivery(messages)
                self._reload_list.start()
            case events.TimelineChanged(conversation=conversation):
                if conversation == here:
                    feed.refresh()
            case events.TransferProgress(conversation=conversation):
                if conversation == here:
                    feed.progress(event.message, event.done_bytes, event.size_bytes)
            case _:
                return False
        return True

    def _handle_other(self, event: events.AnyEvent) -> None:
        match event:
            case events.ConversationsChanged(conversations=changed):
                self._reload_list.start()
                if not changed or self.pane.conversation in changed:
                    self._reload_details.start()
            case events.PeopleChanged():
                self._reload_people.start()
                self._reload_list.start()
                self._reload_details.start()
            case events.ReachChanged(network=network, waiting=waiting):
                self._show_network(network, waiting)
            case events.ProblemRaised(failure=failure):
                self.pane.show_problem(failure)
            case events.NewDeviceSeen(person=person):
                self._warn_device(person)
            case events.PairingAsked():
                if not any(dialog.isVisible() for dialog in self._dialogs):
                    self.add_device(asked=event)
            case _:
                pass

    def _renew_delivery(self, messages: tuple[ContentId, ...]) -> None:
        shown = self.details.delivery_of
        if shown is not None and shown.message in messages:
            self.show_delivery(shown.message)

    def _warn_device(self, person: PersonId) -> None:
        row = self._people.get(person)
        name = words.shown_name(row.name if row is not None else None)
        self.pane.warn(
            translate(_C, "{name} uses a new device. Compare the safety number before you send.").format(
                name=name
            ),
            translate(_C, "Compare"),
        )

    # --- dialogs ----------------------------------------------------------------------------------------------------

    def show_dialog(self, dialog: QDialog) -> None:
        """Dialogs get events and are closed when the window is locked."""
        self._dialogs.append(dialog)
        dialog.finished.connect(lambda: self._dialog_closed(dialog))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def _dialog_closed(self, dialog: QDialog) -> None:
        if dialog in self._dialogs:
            self._dialogs.remove(dialog)

    def new_group(self) -> None:
        from app.ui.dialogs.group import NewGroup

        dialog = NewGroup(self._look, self._backend, list(self._people.values()), self._language, self)
        dialog.created.connect(self.open)
        self.show_dialog(dialog)

    def manage_group(self) -> None:
        from app.ui.dialogs.group import ManageGroup

        here = self.pane.conversation
        if here is not None and self._rows[here].section is Section.GROUP:
            people = list(self._people.values())
            self.show_dialog(ManageGroup(self._look, self._backend, here, people, self._language, self))

    def add_device(self, person: PersonId | None = None, asked: events.PairingAsked | None = None) -> None:
        from app.ui.dialogs.add_device import AddDevice

        row = self._people.get(person) if person is not None else None
        self.show_dialog(AddDevice(self._look, self._backend, self._language, self, person=row, asked=asked))

    def people(self, person: PersonId | None = None) -> None:
        from app.ui.dialogs.people import PeopleDialog

        dialog = PeopleDialog(self._look, self._backend, self._language, self, person)
        dialog.write_wanted.connect(self.open_person)
        dialog.device_wanted.connect(self.add_device)
        self.show_dialog(dialog)

    def show_photo(self, message: ContentId) -> None:
        from app.ui.viewer import PhotoViewer

        others = [row.message for row in self.pane.feed.rows() if row.photo is not None]
        viewer = PhotoViewer(self._look, self._backend, self._language, self, message, others)
        viewer.save_wanted.connect(self.pane.save)
        self.show_dialog(viewer)

    # --- locking ----------------------------------------------------------------------------------------------------

    def clear(self) -> None:
        """Empty every model, cache and field: a locked window holds no content, and late answers bring none."""
        self._closed = True
        self.pane.keep_draft()
        for dialog in list(self._dialogs):
            dialog.close()
        self._dialogs.clear()
        self.pane.close_conversation()
        self.details.clear()
        self.sidebar.clear()
        self._rows.clear()
        self._people.clear()
        self._wanted = None
        self._first = True

    # --- widths -----------------------------------------------------------------------------------------------------

    def _toggle_details(self, on: bool) -> None:
        if self.width() < WIDE_PX:
            self._details_narrow = on
        elif on != self._details_on:
            self._details_on = on
            self._prefs.put(pref.DETAILS, None if on else "off")
        self._fold()
        if on:
            self._reload_details.start()

    def _keep_splitter(self) -> None:
        if self.width() >= WIDE_PX and self.details.isVisible():
            self._prefs.put(pref.SPLITTER, bytes(self._splitter.saveState().data()))

    def restore_splitter(self) -> None:
        state = self._prefs.raw(pref.SPLITTER)
        if state is not None:
            self._splitter.restoreState(state)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() >= WIDE_PX > self.width():
            self._details_narrow = False
        self._fold()

    @property
    def _details_shown(self) -> bool:
        """Wide windows remember the choice; narrower ones begin without the right column."""
        return self._details_on if self.width() >= WIDE_PX else self._details_narrow

    def _fold(self) -> None:
        """Wide: three columns. Medium: the right one covers the left. Compact: dense rows, one-row composer."""
        width, compact = self.width(), self.width() < MEDIUM_PX
        left = _LEFT_COMPACT_PX if compact else _LEFT_PX
        show = self._details_shown and self.pane.conversation is not None
        room = width - left - _RIGHT_PX >= _MIDDLE_LEAST_PX
        self.details.setVisible(show)
        self.sidebar.setVisible(not show or room)
        self.sidebar.set_compact(compact)
        self.sidebar.setMinimumWidth(200 if compact else 240)
        self.sidebar.setMaximumWidth(left if compact else 420)
        self.details.setMaximumWidth(420)
        if compact != self._compact:
            self._compact = compact
            self._splitter.setSizes([left, max(1, width - left - _RIGHT_PX), _RIGHT_PX])
        self.pane.setMinimumWidth(min(_MIDDLE_LEAST_PX, max(280, width - left - 2)))
        narrow = self.pane.width() < 500 or self.height() < 500
        self.pane.set_compact(compact, narrow=narrow)
        self.details.set_height(self.pane.header.height())
        button = self.pane.header.details
        button.blockSignals(True)
        button.setChecked(show)
        button.blockSignals(False)
        button.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(560, 360)
