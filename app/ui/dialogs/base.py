"""What the dialogs share: title, a sentence, a body, buttons at the foot, one line for failures."""

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.core.views import AnyView, Failure
from app.ui import error_text
from app.ui.controls import Panel, Text
from app.ui.look import Look, Size


class BaseDialog(QDialog):
    """Body on the window colour, a foot in the panel colour with the buttons."""

    def __init__(
        self, look: Look, language: Callable[[], str], parent: QWidget, title: str, width_px: int = 480
    ) -> None:
        super().__init__(parent)
        self._look, self._language = look, language
        self.setWindowTitle(title)
        self.setModal(True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._ground = Panel(look, "window")
        self.body = QVBoxLayout(self._ground)
        self.body.setContentsMargins(24, 24, 24, 16)
        self.body.setSpacing(8)
        self.heading = Text(look, title, Size.BIG, strong=True)
        self.body.addWidget(self.heading)
        outer.addWidget(self._ground, 1)
        foot = Panel(look, "panel", edges="t")
        column = QVBoxLayout(foot)
        column.setContentsMargins(24, 12, 24, 12)
        column.setSpacing(8)
        self.answer = Text(look, "", Size.SMALL, tone="warning", wrap=True)
        self.answer.hide()
        column.addWidget(self.answer)
        self.foot = QHBoxLayout()
        self.foot.setSpacing(8)
        self.foot.addStretch(1)
        column.addLayout(self.foot)
        outer.addWidget(foot)
        self.setMinimumWidth(min(look.line(width_px), 900))

    def say(self, text: str, tone: str = "warning") -> None:
        """A sentence above the buttons; "" hides it."""
        self.answer.setText(text)
        self.answer.set_tone(tone)
        self.answer.setVisible(bool(text))

    def fail(self, failure: Failure) -> None:
        self.say(error_text.sentence(failure.code, failure.detail, self._language()))

    def checked(self, then: Callable[[AnyView], object]) -> Callable[[AnyView], None]:
        """A reply handler that shows failures and passes the rest on."""

        def handle(view: AnyView) -> None:
            if isinstance(view, Failure):
                self.fail(view)
            else:
                self.say("")
                then(view)

        return handle
