"""The middle: header, network bar, timeline, composer of one conversation, and what they ask of the backend."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.core.requests import (
    CancelTransfer,
    DiscardMessage,
    FetchBlob,
    MarkRead,
    Request,
    RetryMessage,
    SaveDraft,
    SaveFile,
    SendFile,
    SendPhoto,
    SendText,
)
from app.core.views import AnyView, ConversationRow, Failure, NetworkState, Saved, Section
from app.ui import error_text, words
from app.ui.backend import Backend
from app.ui.composer import Attachment, Composer
from app.ui.controls import Button, Elided, Face, Kind, Panel, Picture, Text
from app.ui.empty import Empty
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import one_line
from app.ui.timeline.actions import Action
from app.ui.timeline.delegate import BubbleDelegate
from app.ui.timeline.feed import TimelineFeed
from app.ui.timeline.model import TimelineModel
from app.ui.timeline.pictures import Thumbnails
from app.ui.timeline.view import TimelineView
from crypto.ids import ContentId, ConversationId

_C: Final = "Conversation"


class Notice(Panel):
    """A bar with icon and sentence: the network, or what went wrong just now."""

    def __init__(self, look: Look, icon: str, *, fill: str = "sub", tone: str = "secondary") -> None:
        super().__init__(look, fill, edges="b")
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 8, 8, 8)
        row.setSpacing(12)
        self.picture = Picture(look, icon, 18, tone)
        self.label = Text(look, "", Size.SMALL, wrap=True)
        row.addWidget(self.picture)
        row.addWidget(self.label, 1)
        self.action = Button(look, "", small=True)
        self.action.hide()
        row.addWidget(self.action)
        self.close_button = Button(
            look, "", "x", kind=Kind.FLAT, small=True, tip=translate(_C, "Close"), click=self.hide
        )
        row.addWidget(self.close_button)
        self.hide()


class Header(Panel):
    """Who this is, and the two buttons at the right."""

    details_toggled = Signal(bool)
    search_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "panel", edges="b")
        self._look = look
        row = QHBoxLayout(self)
        row.setSpacing(10)
        self._row = row
        self.face = Face(look, 36)
        self.title = Elided(look, Size.TITLE, strong=True)
        self.detail = Elided(look, Size.SMALL, tone="secondary")
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addStretch(1)
        lines.addWidget(self.title)
        lines.addWidget(self.detail)
        lines.addStretch(1)
        row.addWidget(self.face)
        row.addLayout(lines, 1)
        tools = QHBoxLayout()
        tools.setSpacing(8)
        self.search = Button(
            look, "", "search", kind=Kind.FLAT, tip=translate(_C, "Search in this conversation"),
            click=self.search_wanted.emit,
        )  # fmt: skip
        self.details = Button(look, "", "panel-right", kind=Kind.FLAT, tip=translate(_C, "Details"))
        self.details.setCheckable(True)
        self.details.toggled.connect(self.details_toggled)
        tools.addWidget(self.search)
        tools.addWidget(self.details)
        row.addLayout(tools)
        self.set_compact(False)

    def set_compact(self, compact: bool) -> None:
        self.setFixedHeight(max(52 if compact else 60, self._look.line(36) + 16))
        self._row.setContentsMargins(16 if compact else 24, 0, 8 if compact else 16, 0)

    def show_row(self, row: ConversationRow) -> None:
        if row.section is Section.GROUP:
            self.face.show_icon("users")
        elif row.section is Section.INBOX:
            self.face.show_icon("inbox")
        else:
            self.face.show_person(words.shown_name(row.title), row.avatar, None if row.revoked else row.reach)
        self.title.set_text(words.shown_name(row.title))
        if row.left:
            detail = translate(_C, "You are no longer a member")
        elif row.revoked:
            detail = translate(_C, "Removed from the practice")
        elif row.person is None:
            detail = translate(_C, "%n people", "", row.members)
        else:
            detail = ", ".join(part for part in (one_line(row.role or ""), words.reach(row.reach)) if part)
        self.detail.set_text(detail)


class ConversationPane(QWidget):
    """One conversation at a time. `photo_wanted` and `delivery_wanted` name a message."""

    photo_wanted = Signal(object)
    delivery_wanted = Signal(object)
    action_wanted = Signal()
    invite_wanted = Signal()

    def __init__(self, look: Look, backend: Backend, language: Callable[[], str]) -> None:
        super().__init__()
        self._look, self._backend, self._language = look, backend, language
        self._row: ConversationRow | None = None
        self._marked: ContentId | None = None
        self._compact = False
        self.header = Header(look)
        self.network = Notice(look, "wifi-off")
        self.network.close_button.hide()
        self.problem = Notice(look, "circle-alert", fill="warning_soft", tone="warning")
        self.model = TimelineModel(language, self)
        self.composer = Composer(look)
        self._build_timeline()
        self.feed = TimelineFeed(backend, self.model, self.view)
        self._build()
        self._seen = QTimer(self)
        self._seen.setSingleShot(True)
        self._seen.setInterval(250)
        self._seen.timeout.connect(self.mark_read)
        self._connect()
        self.close_conversation()

    def _build_timeline(self) -> None:
        self.stage = Panel(self._look, "window")
        column = QVBoxLayout(self.stage)
        column.setContentsMargins(0, 0, 0, 0)
        self.delegate = BubbleDelegate(self._look, Thumbnails(), self._language, self.model, self.stage)
        self.view = TimelineView(self._look, self.delegate, self.model, self.stage)
        self.delegate.setParent(self.view)
        column.addWidget(self.view)
        self.jump = Button(self._look, "", "arrow-down", kind=Kind.FILLED, small=True)
        self.jump.setParent(self.stage)
        self.jump.hide()
        invite = Button(self._look, translate(_C, "Add device"), "monitor", kind=Kind.FILLED)
        invite.clicked.connect(self.invite_wanted)
        self.quiet = Empty(self._look, "message-square", "", "", invite)
        self.quiet.setParent(self.stage)
        self.quiet.hide()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.header, self.network, self.problem):
            column.addWidget(widget)
        column.addWidget(self.stage, 1)
        column.addWidget(self.composer)

    def _connect(self) -> None:
        self.feed.new_below.connect(self._show_jump)
        self.feed.loaded.connect(self._loaded)
        self.feed.failed.connect(self.show_problem)
        self.jump.clicked.connect(self.feed.to_newest)
        self.view.moved.connect(self._seen.start)
        self.view.moved.connect(self._show_far)
        self.view.acted.connect(self._act)
        self.view.typed.connect(self.composer.insert)
        self.composer.sent.connect(self._send)
        self.composer.draft_changed.connect(self._save_draft)
        self.composer.page.connect(self._scroll_page)
        self.problem.action.clicked.connect(self.action_wanted)
        self.problem.action.clicked.connect(self.problem.hide)

    # --- which conversation ---------------------------------------------------------------------------------------

    @property
    def conversation(self) -> ConversationId | None:
        return self._row.conversation if self._row is not None else None

    def open(self, row: ConversationRow, at: ContentId | None = None) -> None:
        """Show a conversation; with `at`, that message."""
        if self._row is not None and self._row.conversation == row.conversation:
            if at is not None:
                self.feed.jump(at)
            self.show_row(row)
            return
        self.keep_draft()
        self._row, self._marked = row, None
        self.delegate.forget()
        self.delegate.direct = row.section in (Section.PERSON, Section.EXTERNAL)
        self.problem.hide()
        self.quiet.hide()
        self.composer.open(words.shown_name(row.title), row.draft)
        self.header.show()
        self.show_row(row)
        self.feed.open(row.conversation, at)

    def show_row(self, row: ConversationRow) -> None:
        """Name, state or membership changed."""
        self._row = row
        self.header.show_row(row)
        closed = row.left or row.revoked
        self.composer.setVisible(not closed)

    def close_conversation(self) -> None:
        """Nothing is open: an invitation instead."""
        self._row = None
        self.feed.open(None)
        self.delegate.forget()
        self.composer.clear()
        self.composer.hide()
        self.header.hide()
        self.problem.hide()
        self.quiet.set_content(
            "message-square", translate(_C, "No conversation is open"),
            translate(_C, "Choose a colleague or a group on the left."),
        )  # fmt: skip
        self.quiet.show()
        self._place()

    def show_alone(self, *, admin: bool) -> None:
        """There is nobody to write to yet."""
        if self._row is not None:
            return
        if admin:
            detail = translate(_C, "Bring in the second PC: this one shows a code that is typed there.")
        else:
            detail = translate(_C, "As soon as a colleague joins, she appears on the left.")
        self.quiet.set_content("users", translate(_C, "Nobody else is here yet"), detail, action=admin)
        self._place()

    def keep_draft(self) -> None:
        """Tell a draft that waits for its timer."""
        draft = self.composer.pending_draft()
        if draft is not None:
            self._save_draft(draft)

    def _save_draft(self, text: str) -> None:
        if self._row is not None:
            self._backend.ask(SaveDraft(conversation=self._row.conversation, text=text))

    def _loaded(self) -> None:
        empty = not self.feed.rows()
        if empty and self._row is not None:
            name = words.shown_name(self._row.title)
            self.quiet.set_content(
                "message-square", translate(_C, "No messages yet"),
                translate(_C, "What you write goes encrypted to the devices of {name} only.").format(name=name),
            )  # fmt: skip
        self.quiet.setVisible(empty)
        self._place()

    # --- reading --------------------------------------------------------------------------------------------------

    def mark_read(self) -> None:
        """What is in view of the active window has been seen."""
        if self._row is None or not self.isVisible() or not self.window().isActiveWindow():
            return
        last = self.view.last_visible()
        if last is None or last == self._marked:
            return
        old = self.model.place_of(self._marked) if self._marked is not None else None
        new = self.model.place_of(last)
        if old is not None and new is not None and new < old:
            return
        self._marked = last
        self._backend.ask(MarkRead(conversation=self._row.conversation, up_to=last))

    def stored(self, *, own: bool) -> None:
        self.quiet.hide()
        self.feed.stored(own=own)

    def _show_jump(self, count: int) -> None:
        self.jump.setText(translate(_C, "%n new messages", "", count) if count else "")
        self.jump.setToolTip(translate(_C, "To the newest message"))
        self.jump.setAccessibleName(self.jump.text() or self.jump.toolTip())
        self._show_far()

    def _show_far(self) -> None:
        bar = self.view.verticalScrollBar()
        far = bar.maximum() - bar.value() > 2 * self.view.height() or not self.feed.at_newest
        self.jump.setVisible(bool(self.jump.text()) or (far and self._row is not None))
        self._place()

    def _place(self) -> None:
        self.jump.resize(self.jump.sizeHint())
        if self.jump.text():
            left = (self.stage.width() - self.jump.width()) // 2
        else:
            left = self.stage.width() - self.jump.width() - 28
        self.jump.move(QPoint(left, self.stage.height() - self.jump.height() - 16))
        self.jump.raise_()
        size = self.quiet.sizeHint().boundedTo(self.stage.size() - QSize(32, 0))
        self.quiet.resize(size)
        self.quiet.move((self.stage.width() - size.width()) // 2, (self.stage.height() - size.height()) // 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._place)

    def _scroll_page(self, direction: int) -> None:
        bar = self.view.verticalScrollBar()
        bar.setValue(bar.value() + direction * (self.view.viewport().height() - 60))

    def set_compact(self, compact: bool, *, narrow: bool) -> None:
        """`narrow`: the composer takes one row."""
        self.header.set_compact(compact)
        self.composer.set_compact(narrow)

    # --- network and problems -----------------------------------------------------------------------------------

    def show_network(self, network: NetworkState, waiting: int, others: bool) -> None:
        if network is NetworkState.OK or (network is NetworkState.ALONE and not others):
            self.network.hide()
            return
        if network is NetworkState.NO_NETWORK:
            text = translate(_C, "No network.")
        else:
            text = translate(_C, "Nobody is reachable just now.")
        if waiting:
            text += " " + translate(_C, "%n messages wait here.", "", waiting)
        self.network.label.setText(text)
        self.network.show()

    def show_problem(self, failure: Failure) -> None:
        self.warn(error_text.sentence(failure.code, failure.detail, self._language()))

    def warn(self, text: str, action: str = "", icon: str = "circle-alert") -> None:
        """A bar in warning until it is closed; with `action`, a button that emits `action_wanted`."""
        self.problem.label.setText(text)
        self.problem.picture.set_icon(icon, "warning")
        self.problem.action.setText(action)
        self.problem.action.setVisible(bool(action))
        self.problem.show()

    # --- acting ---------------------------------------------------------------------------------------------------

    def _ask(self, request: Request) -> None:
        self._backend.ask(request, self._checked)  # type: ignore[arg-type]

    def _checked(self, view: AnyView) -> None:
        if isinstance(view, Failure):
            self.show_problem(view)

    def _act(self, action: Action, message: ContentId) -> None:
        row = self.model.row_of(message)
        if row is None:
            return
        if action is Action.OPEN_PHOTO:
            self.photo_wanted.emit(message)
        elif action is Action.DELIVERY:
            self.delivery_wanted.emit(message)
        elif action is Action.QUOTE and row.quote is not None and row.quote.kind is not None:
            self.feed.jump(row.quote.message)
        elif action is Action.REPLY:
            self.composer.reply_to(row)
        elif action is Action.FETCH:
            self._ask(FetchBlob(message=message))
        elif action is Action.CANCEL:
            self._ask(CancelTransfer(message=message))
        elif action is Action.RETRY:
            self._ask(RetryMessage(message=message))
        elif action is Action.DISCARD:
            self._ask(DiscardMessage(message=message))
        elif action is Action.SAVE:
            name = row.file.name if row.file is not None else f"foto-{row.message.hex()[:8]}.jpg"
            self.save(message, name)

    def save(self, message: ContentId, name: str) -> None:
        """Ask where to, then let the core write the copy."""
        path, _ = QFileDialog.getSaveFileName(self, translate(_C, "Save a copy"), name)
        if path:
            self._backend.ask(SaveFile(message=message, path=path), self._saved)

    def _saved(self, view: AnyView) -> None:
        self._checked(view)
        if isinstance(view, Saved):
            text = translate(_C, "Saved as {path}. This copy is not encrypted.").format(
                path=one_line(view.path)
            )
            self.warn(text, icon="download")

    # --- sending --------------------------------------------------------------------------------------------------

    def _send(self, text: str, attachments: list[Attachment], reply: ContentId | None) -> None:
        row = self._row
        if row is None:
            return
        self.feed.leave_unread_line()
        self._backend.ask(MarkRead(conversation=row.conversation))  # who answers has read
        self._backend.ask(SaveDraft(conversation=row.conversation, text=""))
        captioned = text if attachments and attachments[0].photo else ""
        for at, attachment in enumerate(attachments):
            self._send_attachment(row, attachment, captioned if at == 0 else "", reply if at == 0 else None)
        if text and not captioned:
            request = SendText(
                conversation=row.conversation, text=text, reply_to=None if attachments else reply
            )
            self._backend.ask(request, lambda view: self._sent(view, row, text, []))

    def _send_attachment(
        self, row: ConversationRow, attachment: Attachment, caption: str, reply: ContentId | None
    ) -> None:
        request: SendPhoto | SendFile
        if attachment.photo:
            request = SendPhoto(
                conversation=row.conversation, path=attachment.path, data=attachment.data, caption=caption,
                reply_to=reply,
            )  # fmt: skip
        else:
            request = SendFile(conversation=row.conversation, path=attachment.path or "")
        self._backend.ask(request, lambda view: self._sent(view, row, caption, [attachment]))

    def _sent(self, view: AnyView, row: ConversationRow, text: str, attachments: list[Attachment]) -> None:
        if not isinstance(view, Failure):
            return
        if self._row is not None and self._row.conversation == row.conversation:
            why = error_text.sentence(view.code, view.detail, self._language())
            self.composer.restore(text, attachments, why)
        elif text:
            self._backend.ask(SaveDraft(conversation=row.conversation, text=text))

    def focus_composer(self) -> None:
        if self.composer.isVisible():
            self.composer.editor.setFocus(Qt.FocusReason.OtherFocusReason)
