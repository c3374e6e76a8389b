"""Pages of one card: the passphrase before the store opens, and what stands in the way of working."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.core.requests import OpenProfile
from app.core.views import AnyView, Failure
from app.ui import error_text
from app.ui.backend import Backend
from app.ui.controls import Button, Kind, Panel, Picture, Text
from app.ui.i18n import translate
from app.ui.look import Look, Size

_C: Final = "Pages"
LEAST_PASSPHRASE: Final = 10


class CardPage(Panel):
    """An icon, a title, a sentence and a card in the middle of the page."""

    def __init__(self, look: Look, icon: str) -> None:
        super().__init__(look, "window")
        self._look = look
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.addStretch(1)
        self._picture = Picture(look, icon, 40, "accent")
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(8)
        self.title = Text(look, "", Size.PAGE, strong=True)
        column.addWidget(self.title, 0, Qt.AlignmentFlag.AlignHCenter)
        self.detail = Text(look, "", Size.BODY, tone="secondary", wrap=True)
        self.detail.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.detail.setFixedWidth(look.line(440))
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.detail)
        middle.addStretch(1)
        column.addLayout(middle)
        column.addSpacing(16)
        self.card = Panel(look, "panel", radius=16, border=True)
        self.card.setFixedWidth(look.line(440))
        self.body = QVBoxLayout(self.card)
        self.body.setContentsMargins(24, 24, 24, 24)
        self.body.setSpacing(4)
        column.addWidget(self.card, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)


def field(look: Look, label: str, edit: QWidget) -> QWidget:
    """A label above its input."""
    widget = QWidget()
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    head = Text(look, label, Size.SMALL, strong=True)
    head.setBuddy(edit)
    edit.setAccessibleName(label)
    edit.setMinimumHeight(36)
    column.addWidget(head)
    column.addWidget(edit)
    return widget


class PassphrasePage(CardPage):
    """Opens the profile where no keyring can; a new profile gets its passphrase here, typed twice."""

    def __init__(self, look: Look, backend: Backend, language: Callable[[], str]) -> None:
        super().__init__(look, "key-round")
        self._backend, self._language, self._new = backend, language, False
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.repeat = QLineEdit()
        self.repeat.setEchoMode(QLineEdit.EchoMode.Password)
        for edit in (self.field, self.repeat):
            edit.setMaxLength(1024)
            edit.textChanged.connect(self._enable)
            edit.returnPressed.connect(self._open)
        self.body.addWidget(field(look, translate(_C, "Passphrase"), self.field))
        self.body.addSpacing(8)
        self._second = field(look, translate(_C, "Repeat passphrase"), self.repeat)
        self.body.addWidget(self._second)
        self._answer = Text(look, "", Size.SMALL, tone="warning", wrap=True)
        self._answer.setMinimumHeight(look.line(16) + 4)
        self.body.addWidget(self._answer)
        row = QHBoxLayout()
        row.addStretch(1)
        self.button = Button(look, translate(_C, "Open"), kind=Kind.FILLED, click=self._open)
        row.addWidget(self.button)
        self.body.addLayout(row)

    def start(self, *, new_profile: bool) -> None:
        self._new = new_profile
        self.title.setText(
            translate(_C, "Choose a passphrase") if new_profile else translate(_C, "Passphrase")
        )
        if new_profile:
            text = translate(
                _C,
                "This system has no keyring. A passphrase protects the messages on this device. "
                "It cannot be recovered: write it down and keep it safe.",
            )
        else:
            text = translate(_C, "It opens the encrypted store on this device.")
        self.detail.setText(text)
        self._second.setVisible(new_profile)
        self.field.clear()
        self.repeat.clear()
        self._answer.setText("")
        self._enable()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _enable(self) -> None:
        text = self.field.text()
        ready = bool(text)
        if self._new:
            ready = len(text) >= LEAST_PASSPHRASE and text == self.repeat.text()
            if text and len(text) < LEAST_PASSPHRASE:
                self._say("passphrase_short", {"minimum": LEAST_PASSPHRASE})
            elif self.repeat.text() and text != self.repeat.text():
                self._answer.setText(translate(_C, "The two do not match yet."))
            else:
                self._answer.setText("")
        self.button.setEnabled(ready)

    def _say(self, code: str, detail: dict[str, str | int]) -> None:
        self._answer.setText(error_text.sentence(code, detail, self._language()))

    def _open(self) -> None:
        if not self.button.isEnabled():
            return
        self.button.setEnabled(False)
        self._answer.setText(translate(_C, "Opening …"))
        self._backend.ask(OpenProfile(passphrase=self.field.text()), self._answered)

    def _answered(self, view: AnyView) -> None:
        self._answer.setText("")
        if isinstance(view, Failure):
            self.field.selectAll()
            self.button.setEnabled(True)
            self._say(view.code, view.detail)
        else:
            self.field.clear()
            self.repeat.clear()


class ProblemPage(CardPage):
    """The store cannot be opened, or this device was removed."""

    quit_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, "circle-alert")
        self.card.hide()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(Button(look, translate(_C, "Quit"), click=self.quit_wanted.emit))
        self._retry = Button(look, translate(_C, "Try again"), kind=Kind.FILLED, click=self.retry_wanted.emit)
        row.addWidget(self._retry)
        row.addStretch(1)
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertLayout(column.count() - 1, row)

    def show_problem(self, title: str, text: str, icon: str, *, retry: bool) -> None:
        self.title.setText(title)
        self.detail.setText(text)
        self._picture.set_icon(icon, "warning")
        self._retry.setVisible(retry)
