"""The locked window: own name, PIN, how many messages came; nothing else."""

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.core.requests import Unlock
from app.core.views import AnyView, Failure, Status
from app.ui import error_text, words
from app.ui.backend import Backend
from app.ui.controls import Button, Face, Kind, Panel, Picture, Text
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import name, one_line

_C: Final = "Lock"


class LockPage(Panel):
    """Counts without content; the engine goes on receiving."""

    def __init__(self, look: Look, backend: Backend, language: Callable[[], str]) -> None:
        super().__init__(look, "window")
        self._look, self._backend, self._language = look, backend, language
        self._since_ms = 0
        self._wait_until = 0.0
        self._wait = QTimer(self)
        self._wait.setInterval(500)
        self._wait.timeout.connect(self._count_down)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 16, 24, 16)
        column.addLayout(self._head())
        column.addStretch(1)
        column.addWidget(Picture(look, "lock-keyhole", 40, "accent"), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(8)
        title = Text(look, translate(_C, "Locked"), Size.PAGE, strong=True)
        column.addWidget(title, 0, Qt.AlignmentFlag.AlignHCenter)
        self._detail = Text(look, "", Size.BODY, tone="secondary")
        column.addWidget(self._detail, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(16)
        column.addWidget(self._card(), 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(16)
        self._news = Panel(look, "accent_soft", radius=14)
        news = QHBoxLayout(self._news)
        news.setContentsMargins(12, 5, 14, 5)
        news.setSpacing(8)
        news.addWidget(Picture(look, "message-square", 16, "accent"))
        self._news_text = Text(look, "", Size.SMALL, strong=True, tone="accent")
        news.addWidget(self._news_text)
        column.addWidget(self._news, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(Picture(look, "eye-off", 16))
        foot.addWidget(
            Text(look, translate(_C, "Messages and names stay covered"), Size.SMALL, tone="secondary"), 1
        )
        column.addLayout(foot)

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        face = Face(self._look, 36)
        face.show_icon("building-2")
        row.addWidget(face)
        lines = QVBoxLayout()
        lines.setSpacing(0)
        self._circle = Text(self._look, "", Size.BODY, strong=True)
        self._device = Text(self._look, "", Size.SMALL, tone="secondary")
        lines.addWidget(self._circle)
        lines.addWidget(self._device)
        row.addLayout(lines, 1)
        return row

    def _card(self) -> QWidget:
        look = self._look
        card = Panel(look, "panel", radius=16, border=True)
        card.setFixedWidth(look.line(400))
        column = QVBoxLayout(card)
        column.setContentsMargins(24, 24, 24, 20)
        column.setSpacing(4)
        self._face = Face(look, 56)
        column.addWidget(self._face, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(4)
        self._name = Text(look, "", Size.BODY, strong=True)
        column.addWidget(self._name, 0, Qt.AlignmentFlag.AlignHCenter)
        self._role = Text(look, "", Size.TIME, tone="secondary")
        column.addWidget(self._role, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(12)
        label = Text(look, translate(_C, "PIN"), Size.SMALL, strong=True)
        column.addWidget(label)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setMaxLength(64)
        self.field.setMinimumHeight(44)
        self.field.setAccessibleName(translate(_C, "PIN"))
        self.field.returnPressed.connect(self._unlock)
        self.field.textChanged.connect(self._enable)
        label.setBuddy(self.field)
        self.button = Button(look, translate(_C, "Unlock"), kind=Kind.FILLED, click=self._unlock)
        self.button.setFixedHeight(44)
        row.addWidget(self.field, 1)
        row.addWidget(self.button)
        column.addLayout(row)
        self._answer = Text(look, "", Size.SMALL, tone="warning", wrap=True)
        self._answer.setMinimumHeight(look.line(16) + 8)
        column.addWidget(self._answer)
        return card

    def show_status(self, status: Status, avatar: int) -> None:
        if not self._since_ms:
            self._since_ms = words.now_ms()
        self._circle.setText(name(status.circle_name, "Praxisfunk"))
        self._device.setText(one_line(status.device_name or ""))
        person = words.shown_name(status.person_name)
        self._face.show_person(person, avatar)
        self._name.setText(person)
        self._role.setText(one_line(status.role or ""))
        self._role.setVisible(bool(status.role))
        since = translate(_C, "Since {time}. Messages keep arriving.").format(
            time=words.clock(self._since_ms)
        )
        self._detail.setText(since)
        self._news_text.setText(translate(_C, "%n new messages", "", status.unread))
        self._news.setVisible(bool(status.unread))

    def start(self) -> None:
        """The page appears."""
        self._since_ms = 0
        self.field.clear()
        self._answer.setText("")
        self._enable()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _enable(self) -> None:
        waiting = self._wait.isActive()
        self.field.setEnabled(not waiting)
        self.button.setEnabled(bool(self.field.text()) and not waiting)

    def _unlock(self) -> None:
        pin = self.field.text()
        if not pin or self._wait.isActive():
            return
        self.button.setEnabled(False)
        self._backend.ask(Unlock(pin=pin), self._answered)

    def _answered(self, view: AnyView) -> None:
        self.field.clear()
        if not isinstance(view, Failure):
            self._answer.setText("")
            return
        wait_s = view.detail.get("wait_s", 0)
        if isinstance(wait_s, int) and wait_s > 0:
            self._wait_until = time.monotonic() + wait_s
            self._wait.start()
            self._count_down()
        else:
            self._answer.setText(error_text.sentence(view.code, view.detail, self._language()))
        self._enable()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _count_down(self) -> None:
        left = round(self._wait_until - time.monotonic())
        if left <= 0:
            self._wait.stop()
            self._answer.setText("")
            self._enable()
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._answer.setText(error_text.sentence("pin_wait", {"wait_s": left}, self._language()))
