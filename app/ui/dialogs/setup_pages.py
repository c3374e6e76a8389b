"""First start, the later steps: the code, joining in progress, the recovery code, done."""

from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.ui.controls import Bar, Button, Check, Kind, Panel, Picture, Text
from app.ui.dialogs.code_field import CodeField
from app.ui.dialogs.paper import can_print, print_recovery
from app.ui.dialogs.parts import CodeBoard, Hint, Notice, SecretCopy, announce, plain_column
from app.ui.i18n import translate
from app.ui.look import Look, Size

_C: Final = "Setup"
_COPIED_MS: Final = 4_000


class CodePage(QWidget):
    """Twelve boxes and what to know about the code."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        column = plain_column(self)
        card = Panel(look, "panel", radius=12, border=True)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(20, 24, 20, 20)
        inside.setSpacing(12)
        self.code = CodeField(look)
        inside.addWidget(self.code)
        self._below = Text(
            look, translate(_C, "The code is valid for five minutes and three tries."), Size.SMALL,
            tone="secondary", wrap=True,
        )  # fmt: skip
        inside.addWidget(self._below)
        column.addWidget(card)
        column.addSpacing(24)
        for icon, text in (
            ("keyboard", translate(_C, "Capitals or not does not matter. The dashes come by themselves.")),
            ("shield-check", translate(_C, "The code checks both sides. No other comparison is needed.")),
        ):
            column.addWidget(Hint(look, icon, text))
            column.addSpacing(12)
        self._who = Hint(look, "users", "")
        column.addWidget(self._who)
        column.addSpacing(16)
        column.addStretch(1)

    def set_names(self, person: str, device: str) -> None:
        text = translate(_C, "Everybody in the practice then sees: {person}, device {device}.")
        self._who.label.setText(text.format(person=person, device=device))


class _Step(QWidget):
    """One step of joining: to come, running, done."""

    def __init__(self, look: Look, title: str, detail: str) -> None:
        super().__init__()
        self._look, self._title, self._detail = look, title, detail
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        icon = QVBoxLayout()
        self._picture = Picture(look, "clock", 20, "control")
        icon.addWidget(self._picture)
        icon.addStretch(1)
        row.addLayout(icon)
        lines = QVBoxLayout()
        lines.setSpacing(0)
        self._head = Text(look, title, wrap=True)
        self._below = Text(look, detail, Size.SMALL, tone="secondary", wrap=True)
        lines.addWidget(self._head)
        lines.addWidget(self._below)
        row.addLayout(lines, 1)
        self.set_state(0)

    def set_state(self, state: int) -> None:
        """0 to come, 1 running, 2 done."""
        icon, tone = (("clock", "control"), ("refresh-cw", "accent"), ("circle-check", "good"))[state]
        self._picture.set_icon(icon, tone)
        self._head.setFont(self._look.font(Size.BODY, strong=state == 1))
        self._head.set_tone("" if state else "secondary")
        self._below.setVisible(state == 1 and bool(self._detail))
        words = (translate(_C, "to come"), translate(_C, "running"), translate(_C, "done"))[state]
        self.setAccessibleName(f"{self._title}: {words}")


class JoiningPage(QWidget):
    """The steps of `JoinProgress`, each a line."""

    STEPS: Final = ("connecting", "proving", "waiting_for_admin", "receiving")

    def __init__(self, look: Look) -> None:
        super().__init__()
        column = plain_column(self)
        card = Panel(look, "panel", radius=12, border=True)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(20, 20, 20, 20)
        inside.setSpacing(16)
        texts = (
            (translate(_C, "Connecting"), translate(_C, "The other PC is being called.")),
            (translate(_C, "Checking the code"), translate(_C, "Both devices prove that they know it.")),
            (
                translate(_C, "Confirmation on the other PC"),
                translate(_C, "Somebody there now has to press “Add to the practice”."),
            ),
            (translate(_C, "Fetching colleagues and groups"), ""),
        )
        self._titles = [title for title, _ in texts]
        self._lines = [_Step(look, title, detail) for title, detail in texts]
        for line in self._lines:
            inside.addWidget(line)
        self._bar = Bar(look)
        inside.addWidget(self._bar)
        column.addWidget(card)
        column.addStretch(1)

    def show_step(self, step: str) -> None:
        """One of `STEPS`; an unknown one changes nothing."""
        if step not in self.STEPS:
            return
        here = self.STEPS.index(step)
        for at, line in enumerate(self._lines):
            line.set_state(2 if at < here else 1 if at == here else 0)
        self._bar.set_value((here + 0.5) / len(self.STEPS))
        announce(self, self._titles[here])


class RecoveryPage(QWidget):
    """The recovery code, shown once: print or write down, then confirm."""

    kept = Signal(bool)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look, self._circle = look, ""
        self._secret = SecretCopy(self)
        column = plain_column(self)
        self.board = CodeBoard(look)
        self.board.copy_wanted.connect(self._copy)
        column.addWidget(self.board)
        column.addSpacing(12)
        row = QHBoxLayout()
        row.setSpacing(8)
        if can_print():
            row.addWidget(Button(look, translate(_C, "Print"), "printer", click=self._print))
        row.addWidget(Button(look, translate(_C, "Copy"), "copy", kind=Kind.PLAIN, click=self._copy))
        self._copied = Text(look, "", Size.SMALL, tone="secondary", wrap=True)
        row.addWidget(self._copied, 1)
        column.addLayout(row)
        column.addSpacing(20)
        for icon, text in (
            ("key-round", translate(_C, "It restores the practice if every admin device is lost or broken.")),
            (
                "lock",
                translate(_C, "Keep it like the key of the practice: on paper, locked away, not on a PC."),
            ),
            (
                "eye-off",
                translate(_C, "It is shown only now and stored nowhere. Nobody can look it up later."),
            ),
        ):
            column.addWidget(Hint(look, icon, text))
            column.addSpacing(12)
        column.addSpacing(4)
        self.confirm = Check(look, translate(_C, "I have printed or written down the code"))
        self.confirm.toggled.connect(self.kept)
        column.addWidget(self.confirm)
        column.addSpacing(16)
        column.addStretch(1)
        self._fade = QTimer(self)
        self._fade.setSingleShot(True)
        self._fade.setInterval(_COPIED_MS)
        self._fade.timeout.connect(lambda: self._copied.setText(""))

    def show_code(self, code: str, circle_name: str) -> None:
        self._circle = circle_name
        self.board.show_code(code)

    def clear(self) -> None:
        """The code leaves the window and the clipboard."""
        self._secret.forget()
        self.board.show_code("")

    def _copy(self) -> None:
        self._secret.copy(self.board.code)
        text = translate(_C, "Copied. The clipboard is emptied in a minute.")
        self._copied.setText(text)
        announce(self, text)
        self._fade.start()

    def _print(self) -> None:
        print_recovery(self, self._look, self._circle, self.board.code, self._printed)

    def _printed(self, failed: bool) -> None:
        text = translate(_C, "The printer did not take it. Please write the code down.") if failed else ""
        self._copied.setText(text)
        announce(self, text)


class DonePage(QWidget):
    """Joined."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        column = plain_column(self)
        self._notice = Notice(look)
        column.addWidget(self._notice)
        column.addSpacing(24)
        for icon, text in (
            ("message-square", translate(_C, "Write to anybody in the left column, or to a group.")),
            ("image", translate(_C, "Drop a photo into a conversation to send it.")),
            ("search", translate(_C, "Ctrl+K finds people and messages.")),
        ):
            column.addWidget(Hint(look, icon, text))
            column.addSpacing(12)
        column.addStretch(1)

    def show_names(self, person: str, device: str) -> None:
        text = translate(_C, "Everybody in the practice now sees: {person}, device {device}.")
        self._notice.say(text.format(person=person, device=device), "good", "circle-check")
