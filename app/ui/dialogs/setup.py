"""First start: found a practice on this device, or join one by a typed code."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core import events
from app.core.limits import MAX_NAME_CHARS
from app.core.requests import CancelJoin, FoundCircle, Join, StartSearching, StopSearching
from app.core.views import AnyView, Failure, Founded, Phase, Status
from app.ui import error_text
from app.ui.backend import Backend
from app.ui.controls import Button, Kind, Panel, Text
from app.ui.dialogs.parts import Notice, Scroll, Steps, announce
from app.ui.dialogs.setup_pages import CodePage, DonePage, JoiningPage, RecoveryPage
from app.ui.dialogs.setup_who import WhoPage
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import name, one_line

_C: Final = "Setup"
_TO_FIRST: Final = ("unreachable", "bad_address", "no_practice", "not_ready", "already_set_up")
_NEW_CODE: Final = ("code_expired", "no_tries_left", "pairing_closed", "rejected", "pairing_failed")


class SetupPage(Panel):
    """`finished`: founded or joined, and the recovery code is kept. `quit_wanted`: the person cancelled.

    Until `finished` the page stays, even when the profile is ready already: the recovery code is shown only once.
    """

    finished = Signal()
    quit_wanted = Signal()

    def __init__(
        self, look: Look, backend: Backend, language: Callable[[], str], status: Status | None = None
    ) -> None:
        super().__init__(look, "window")
        self._look, self._backend, self._language = look, backend, language
        self._busy = self._searching = False
        self.steps = Steps(look)
        self.title = Text(look, "", Size.PAGE, strong=True, wrap=True)
        self.detail = Text(look, "", tone="secondary", wrap=True)
        self.notice = Notice(look)
        self.who, self.code, self.joining = WhoPage(look), CodePage(look), JoiningPage(look)
        self.recovery, self.done = RecoveryPage(look), DonePage(look)
        self._pages: tuple[QWidget, ...] = (self.who, self.code, self.joining, self.recovery, self.done)
        self.page: QWidget = self.who
        self._joined_name = ""
        self._build()
        if status is not None and status.device_name:
            self.who.device.setText(one_line(status.device_name, MAX_NAME_CHARS))
        self.who.entered.connect(self._next)
        self.who.chosen.connect(self._chosen)
        self.code.code.returnPressed.connect(self._next)
        self.code.code.textChanged.connect(self._typed)
        self.recovery.kept.connect(lambda: self._enable())
        self._show(self.who)

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(40, 32, 40, 0)
        column.setSpacing(0)
        column.addWidget(self.steps)
        column.addSpacing(16)
        column.addWidget(self.title)
        column.addSpacing(4)
        column.addWidget(self.detail)
        column.addSpacing(16)
        column.addWidget(self.notice)
        column.addSpacing(8)
        for page in self._pages:
            page.hide()
            column.addWidget(page, 1)
        content.setMaximumWidth(self._look.line(680))
        middle = QWidget()
        row = QHBoxLayout(middle)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(content, 1000)
        row.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._scroll = Scroll(middle)
        outer.addWidget(self._scroll, 1)
        outer.addWidget(self._foot())

    def _foot(self) -> QWidget:
        look = self._look
        foot = Panel(look, "panel", edges="t")
        foot.setMinimumHeight(68)
        row = QHBoxLayout(foot)
        row.setContentsMargins(40, 16, 40, 16)
        row.setSpacing(8)
        self.back = Button(look, translate(_C, "Back"), "arrow-left", click=self._back)
        self.cancel = Button(look, translate(_C, "Quit"), click=self.quit_wanted.emit)
        self.next = Button(
            look, translate(_C, "Next"), "arrow-right", kind=Kind.FILLED, icon_after=True, click=self._next
        )
        row.addWidget(self.back)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.next)
        return foot

    # --- which page -----------------------------------------------------------------------------------------

    def _show(self, page: QWidget) -> None:
        person, _, device = self.who.names
        title, detail, step = self._words(page)
        self.title.setText(title)
        self.detail.setText(detail)
        self.detail.setVisible(bool(detail))
        self.steps.show_step(step, 2 if page is self.recovery or self.who.founding else 3)
        self.code.set_names(person, device)
        self.done.show_names(person, device)
        self.page = page
        for other in self._pages:
            other.setVisible(other is page)
        self.back.setVisible(page in (self.code, self.joining))
        self.cancel.setVisible(page is self.who)
        self.next.setVisible(page is not self.joining)
        self.back.setText(translate(_C, "Cancel") if page is self.joining else translate(_C, "Back"))
        self.back.set_icon("" if page is self.joining else "arrow-left")
        self._name_next()
        self.next.set_icon("" if page is self.code else "arrow-right")
        self._scroll.verticalScrollBar().setValue(0)
        self._enable()
        announce(self, title)
        {
            self.who: self.who.person, self.code: self.code.code, self.joining: self.back,
            self.recovery: self.recovery.board, self.done: self.next,
        }[page].setFocus(Qt.FocusReason.OtherFocusReason)  # fmt: skip

    def _name_next(self) -> None:
        founding = self.page is self.who and self.who.founding
        text = translate(_C, "Found the practice") if founding else translate(_C, "Next")
        if self.page is self.code:
            text = translate(_C, "Join")
        elif self.page in (self.recovery, self.done):
            text = translate(_C, "Start")
        self.next.setText(text)

    def _chosen(self) -> None:
        if self.page is self.who:
            self.steps.show_step(1, 2 if self.who.founding else 3)
            self._name_next()

    def _words(self, page: QWidget) -> tuple[str, str, int]:
        """Title, sentence below it, step."""
        practice = self.who.practice_name
        if page is self.code:
            text = translate(_C, "An admin of the practice chose “Add device” and now sees the code.")
            if practice is not None:
                text = translate(
                    _C, "It stands on the PC in “{practice}” where “Add device” was chosen."
                ).format(practice=practice)
            return translate(_C, "Type the code"), text, 2
        if page is self.joining:
            return translate(_C, "Joining"), translate(_C, "This takes a few seconds."), 3
        if page is self.recovery:
            text = translate(_C, "Please print it or write it down now.")
            return translate(_C, "Recovery code"), text, 2
        if page is self.done:
            title = translate(_C, "Welcome to {practice}").format(practice=self._joined_name)
            return title, translate(_C, "This device now belongs to the practice."), 3
        text = translate(_C, "Messages stay on the devices of the practice. No account, no server.")
        return translate(_C, "Welcome to Praxisfunk"), text, 1

    def _enable(self) -> None:
        page = self.page
        ready = {self.code: self.code.code.complete, self.recovery: self.recovery.confirm.isChecked()}
        self.next.setEnabled(ready.get(page, True) and not self._busy)
        self.who.setEnabled(not self._busy)
        self.cancel.setEnabled(not self._busy)

    def _typed(self) -> None:
        if self.notice.text() and self.code.code.text():
            self.notice.say("")
        self._enable()

    @property
    def founding(self) -> bool:
        """The practice is being founded just now."""
        return self._busy

    @property
    def showing_recovery(self) -> bool:
        """The window stays on this page until the code was confirmed."""
        return self.page is self.recovery

    # --- moving ---------------------------------------------------------------------------------------------

    def _next(self) -> None:
        if self._busy or not self.next.isEnabled():
            return
        page = self.page
        if page is self.who:
            self.notice.say("")
            if not self.who.check():
                return
            if self.who.founding:
                self._found()
            else:
                self._show(self.code)
        elif page is self.code:
            self._join()
        else:
            self.recovery.clear()
            self._search(False)
            self.finished.emit()

    def _back(self) -> None:
        if self.page is self.joining:
            self._backend.ask(CancelJoin())
            self.notice.say("")
            self._show(self.code)
        else:
            self.notice.say("")
            self._show(self.who)

    def _found(self) -> None:
        person, role, device = self.who.names
        self._busy = True
        self._enable()
        request = FoundCircle(
            circle_name=self.who.circle_name, person_name=person, role=role, device_name=device
        )
        self._backend.ask(request, self._founded)

    def _founded(self, view: AnyView) -> None:
        self._busy = False
        if isinstance(view, Founded):
            self.recovery.show_code(view.recovery_code, self.who.circle_name)
            self._show(self.recovery)
        else:
            self._enable()
            self._complain(view if isinstance(view, Failure) else Failure(code=error_text.GENERIC))

    def _join(self) -> None:
        person, role, device = self.who.names
        self.notice.say("")
        self.joining.show_step("connecting")
        self._show(self.joining)
        request = Join(
            code=self.code.code.text(), person_name=person, role=role, device_name=device,
            practice=self.who.practice, address=self.who.typed_address or None,
        )  # fmt: skip
        self._backend.ask(request, self._started)

    def _started(self, view: AnyView) -> None:
        if isinstance(view, Failure):
            self._failed(view)

    # --- events ---------------------------------------------------------------------------------------------

    def handle(self, event: events.AnyEvent) -> None:
        """Practices, progress, the end of joining."""
        match event:
            case events.PracticeSeen(key=key, name=title):
                self.who.seen(key, title)
            case events.PracticeGone(key=key):
                self.who.gone(key)
            case events.JoinProgress(step=step) if self.page is self.joining:
                self.joining.show_step(step)
            case events.StatusChanged(status=status) if status.phase is Phase.READY:
                if self.page in (self.who, self.code) and not self._busy:
                    self._search(False)
                    self.finished.emit()  # founded or joined by the command line meanwhile
            case events.Joined(circle_name=circle) if self.page is self.joining:
                self._joined_name = name(circle, translate(_C, "the practice"))
                self.code.code.clear()
                self.notice.say("")
                self._show(self.done)
            case events.JoinFailed(failure=failure) if self.page is self.joining:
                self._failed(failure)
            case _:
                pass

    def _failed(self, failure: Failure) -> None:
        """Back to the input that can be put right, with the sentence above it."""
        if failure.code in _TO_FIRST:
            self._show(self.who)
            if failure.code in ("bad_address", "unreachable"):
                self.who.show_address()
        else:
            if failure.code in _NEW_CODE:
                self.code.code.clear()
            self._show(self.code)
            self.code.code.selectAll()
        if failure.code != "cancelled":
            self._complain(failure)

    def _complain(self, failure: Failure) -> None:
        self.notice.say(error_text.sentence(failure.code, failure.detail, self._language()))

    # --- searching ------------------------------------------------------------------------------------------

    def _search(self, on: bool) -> None:
        if on != self._searching:
            self._searching = on
            self._backend.ask(StartSearching() if on else StopSearching())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._search(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._search(False)
