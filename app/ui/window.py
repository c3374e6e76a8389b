"""The one top-level window: which page is shown, tray, title, geometry, shortcuts of the whole window."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QByteArray, QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QStackedWidget, QVBoxLayout, QWidget

from app.core import events
from app.core.requests import GetSettings, GetStatus, Lock
from app.core.views import AnyView, Failure, Phase, Settings, Status
from app.ui import error_text
from app.ui import preferences as pref
from app.ui.backend import Backend
from app.ui.controls import Panel
from app.ui.i18n import Translations, translate
from app.ui.lock_page import LockPage
from app.ui.look import SYSTEM, Look
from app.ui.main_page import MainPage
from app.ui.plain import name
from app.ui.plain_pages import PassphrasePage, ProblemPage
from app.ui.preferences import Preferences
from app.ui.theme import avatar_place
from app.ui.tray import Tray, app_icon
from crypto.ids import ConversationId

_C: Final = "Window"
_MAIN_SIZE: Final = QSize(1280, 820)
_SETUP_SIZE: Final = QSize(656, 700)
_PATIENCE_MS: Final = 250
"""A store that takes longer to open than this gets an empty window meanwhile."""


class AppWindow(QWidget):
    """`quit_wanted` ends the program; `hide()` leaves it in the tray."""

    quit_wanted = Signal()

    def __init__(self, look: Look, translations: Translations, backend: Backend) -> None:
        super().__init__()
        self._look, self._translations, self._backend = look, translations, backend
        self._prefs = Preferences(backend)
        self._status: Status | None = None
        self._settled = False
        self._unread = 0
        self._ready: Callable[[], None] | None = None
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self._pages: dict[str, QWidget] = {}
        self._stack.addWidget(Panel(look, "window"))
        self.setWindowIcon(app_icon(look))
        self.setWindowTitle("Praxisfunk")
        self.setMinimumSize(600, 400)
        self.resize(_MAIN_SIZE)
        self.tray = self._make_tray()
        QShortcut(QKeySequence("Ctrl+Q"), self).activated.connect(self.quit)
        backend.event.connect(self._handle)

    def _make_tray(self) -> Tray:
        tray = Tray(self._look, self)
        tray.opened.connect(self._raise_at)
        tray.lock_wanted.connect(self._lock)
        tray.quit_wanted.connect(self.quit)
        return tray

    @property
    def backend(self) -> Backend:
        return self._backend

    @property
    def language(self) -> str:
        return self._translations.language

    def _language(self) -> str:
        return self._translations.language

    # --- start ------------------------------------------------------------------------------------------------------

    def start(self, ready: Callable[[], None] | None = None) -> None:
        """Ask where the profile stands; `ready` is called once, when the first page stands."""
        self._ready = ready
        self._backend.ask(GetStatus(), self._got_status)

    def _got_status(self, view: AnyView) -> None:
        if isinstance(view, Status):
            self._show_status(view)
        elif isinstance(view, Failure):
            self._show_failure(view)

    def _show_status(self, status: Status) -> None:
        before, self._status = self._status, status
        self.tray.set_lockable(status.has_pin)
        open_now = status.phase is Phase.READY and not status.locked
        if open_now and not self._settled:
            self._settled = True
            self._backend.ask(GetSettings(prefix=pref.PREFIX), self._got_settings)
            return
        if status.phase is not Phase.READY:
            self._settled = False
        if not open_now:
            self._set_unread(status.unread)
        self._show_page(before)

    def _got_settings(self, view: AnyView) -> None:
        if isinstance(view, Settings):
            self._prefs.load(view.values)
            self._apply_preferences()
            self._restore_geometry()
        self._show_page(None)

    def _apply_preferences(self) -> None:
        theme = self._prefs.text(pref.THEME, SYSTEM)
        percent = self._prefs.number(pref.TEXT_PERCENT, 100)
        language = self._prefs.text(pref.LANGUAGE)
        before = (self._look.text_percent, self._translations.language)
        if theme != self._look.choice or percent != self._look.text_percent:
            self._look.choose(theme=theme, text_percent=percent)
        if language != self._translations.choice:
            self._translations.use(language)
        if before != (self._look.text_percent, self._translations.language):
            self._drop_pages()

    def _drop_pages(self) -> None:
        """Language or text size changed: every page is made anew."""
        for page in self._pages.values():
            self._stack.removeWidget(page)
            page.deleteLater()
        self._pages.clear()
        self.tray.hide()
        self.tray.deleteLater()
        self.tray = self._make_tray()
        self.tray.set_unread(self._unread)
        self.tray.set_lockable(self._status is not None and self._status.has_pin)

    def settings_changed(self) -> None:
        """The settings dialog wrote something."""
        before = dict(self._pages)
        self._apply_preferences()
        if before and not self._pages:
            self._show_page(None)

    # --- pages ------------------------------------------------------------------------------------------------------

    def _show_page(self, before: Status | None) -> None:
        status = self._status
        if status is None or (status.phase is Phase.READY and "setup" in self._pages):
            return  # set-up stays until it is finished: the recovery code is shown only once
        if status.phase is Phase.READY and status.locked:
            self._show_lock(status)
        elif status.phase is Phase.READY:
            self._show_main(status)
        elif status.phase is Phase.SETUP:
            self._show_setup()
        elif status.phase is Phase.PASSPHRASE:
            page = self._pages.get("passphrase")
            if not isinstance(page, PassphrasePage):
                page = PassphrasePage(self._look, self._backend, self._language)
                self._add("passphrase", page)
            if before is None or before.phase is not Phase.PASSPHRASE:
                page.start(new_profile=status.new_profile)
            self._put(page)
        elif status.phase is Phase.REVOKED:
            title = translate(_C, "This device was removed")
            text = error_text.sentence("revoked", {}, self.language)
            self._show_problem(title, text, "user-x", retry=False)
        elif status.phase is Phase.OPENING:
            self._stack.setCurrentIndex(0)
            QTimer.singleShot(_PATIENCE_MS, self, self._tell_ready)
            return
        else:
            # The store was tried once, at the start: only a new start tries again.
            self._show_failure(status.problem or Failure(code=error_text.GENERIC), retry=False)
        self._title()
        self._tell_ready()

    def _tell_ready(self) -> None:
        if self._ready is not None:
            ready, self._ready = self._ready, None
            ready()

    def _add(self, key: str, page: QWidget) -> None:
        self._pages[key] = page
        self._stack.addWidget(page)

    def _put(self, page: QWidget) -> None:
        if self._stack.currentWidget() is not page:
            self._stack.setCurrentWidget(page)

    @property
    def main(self) -> MainPage | None:
        page = self._pages.get("main")
        return page if isinstance(page, MainPage) else None

    def _show_main(self, status: Status) -> None:
        page = self.main
        if page is None:
            page = MainPage(self._look, self._backend, self._prefs, self._language)
            page.unread_changed.connect(self._set_unread)
            page.lock_wanted.connect(self._lock)
            page.settings_wanted.connect(self.show_settings)
            page.restore_splitter()
            self._add("main", page)
        self._put(page)
        page.show_status(status)

    def _show_lock(self, status: Status) -> None:
        page = self._pages.get("lock")
        if not isinstance(page, LockPage):
            page = LockPage(self._look, self._backend, self._language)
            self._add("lock", page)
        if self.main is not None:
            self.main.clear()
        first = self._stack.currentWidget() is not page
        self._put(page)
        if first:
            page.start()
        page.show_status(status, avatar_place(status.person) if status.person is not None else 5)

    def _show_setup(self) -> None:
        from app.ui.dialogs.setup import SetupPage

        page = self._pages.get("setup")
        if page is None:
            page = SetupPage(self._look, self._backend, self._language, self._status)
            page.quit_wanted.connect(self.quit)
            page.finished.connect(self._setup_finished)
            self._add("setup", page)
            self.resize(_SETUP_SIZE)
            self._center()
        self._put(page)

    def _setup_finished(self) -> None:
        page = self._pages.pop("setup", None)
        if page is not None:
            self._stack.removeWidget(page)
            page.deleteLater()
            self.resize(_MAIN_SIZE)
            self._center()
        self._backend.ask(GetStatus(), self._got_status)

    def _show_failure(self, failure: Failure, *, retry: bool = True) -> None:
        text = error_text.sentence(failure.code, failure.detail, self.language)
        self._show_problem(translate(_C, "Praxisfunk cannot open"), text, "circle-alert", retry=retry)

    def _show_problem(self, title: str, text: str, icon: str, *, retry: bool) -> None:
        page = self._pages.get("problem")
        if not isinstance(page, ProblemPage):
            page = ProblemPage(self._look)
            page.quit_wanted.connect(self.quit)
            page.retry_wanted.connect(lambda: self.start())
            self._add("problem", page)
        page.show_problem(title, text, icon, retry=retry)
        self._put(page)
        self._tell_ready()

    # --- events -----------------------------------------------------------------------------------------------------

    def _handle(self, event: events.AnyEvent) -> None:
        if isinstance(event, events.StatusChanged):
            self._show_status(event.status)
        elif isinstance(event, events.WindowRequested):
            self.raise_now()
        elif isinstance(event, events.MessageArrived):
            self._notify(event)
        setup = self._pages.get("setup")
        if setup is not None:
            handle = getattr(setup, "handle", None)
            if handle is not None:
                handle(event)
        elif self.main is not None and self._open:
            self.main.handle(event)

    @property
    def _open(self) -> bool:
        return self._status is not None and self._status.phase is Phase.READY and not self._status.locked

    def _notify(self, event: events.MessageArrived) -> None:
        main = self.main
        here = main is not None and self._open and main.pane.conversation == event.conversation
        if here and self.isActiveWindow():
            return
        if self._prefs.text(pref.NOTIFY) == "off":
            return
        content = self._open and self._prefs.text(pref.NOTIFY_CONTENT) == "on"
        self.tray.notify(event, content=content)
        QApplication.alert(self)

    def _set_unread(self, count: int) -> None:
        self._unread = count
        self.tray.set_unread(count)
        self._title()

    def _title(self) -> None:
        status = self._status
        title = "Praxisfunk"
        if status is not None and status.circle_name:
            title = f"{name(status.circle_name, '')} – Praxisfunk"
        self.setWindowTitle(f"({self._unread}) {title}" if self._unread else title)

    # --- lock, settings, quit ------------------------------------------------------------------------------------

    def _lock(self) -> None:
        if self._status is None or not self._status.has_pin or not self._open:
            return
        if self.main is not None:
            self.main.pane.keep_draft()
        self._backend.ask(Lock())

    def show_settings(self) -> None:
        from app.ui.dialogs.settings import SettingsDialog

        if self._status is None:
            return
        dialog = SettingsDialog(self._look, self._backend, self._prefs, self._language, self._status, self)
        dialog.changed.connect(self.settings_changed)
        if self.main is not None:
            self.main.show_dialog(dialog)

    def quit(self) -> None:
        """End the program, with draft and geometry kept."""
        self.remember()
        self.tray.hide()
        self.quit_wanted.emit()

    def remember(self) -> None:
        """Tell draft and geometry to the store."""
        if not self._open or self.main is None:
            return
        self.main.pane.keep_draft()
        self._prefs.put(pref.GEOMETRY, bytes(self.saveGeometry().data()))

    def _restore_geometry(self) -> None:
        state = self._prefs.raw(pref.GEOMETRY)
        if state is not None:
            self.restoreGeometry(QByteArray(state))

    def _center(self) -> None:
        screen = self.screen().availableGeometry()
        self.resize(self.size().boundedTo(screen.size()))
        frame = self.frameGeometry()
        frame.moveCenter(screen.center())
        self.move(frame.topLeft())

    def closeEvent(self, event: QCloseEvent) -> None:
        self.remember()
        if not self.tray.available or self._prefs.text(pref.CLOSE_TO_TRAY) == "off":
            event.accept()
            self.quit()
            return
        event.ignore()
        if self._prefs.text(pref.TRAY_EXPLAINED) or not self._open:
            self.hide()
            return
        self._explain_tray()

    def _explain_tray(self) -> None:
        from app.ui.dialogs.message import Message

        message = Message(
            self._look,
            translate(_C, "Praxisfunk keeps running"),
            translate(
                _C,
                "Messages still arrive. The icon beside the clock opens the window again and ends the program.",
            ),
            "info",
            accept=translate(_C, "Understood"),
            other=translate(_C, "Quit"),
            parent=self,
        )

        def closed(result: int) -> None:
            self._prefs.put(pref.TRAY_EXPLAINED, "yes")
            if result == Message.OTHER:
                self.quit()
            else:
                self.hide()

        message.finished.connect(closed)
        message.open()

    def _raise_at(self, conversation: ConversationId | None) -> None:
        self.raise_now()
        if conversation is not None and self.main is not None and self._open:
            self.main.open(conversation)

    def raise_now(self) -> None:
        """Show the window in front."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self.main is not None:
            QTimer.singleShot(0, self, self._seen)

    def _seen(self) -> None:
        if self.main is not None and self._open:
            self.main.pane.mark_read()
