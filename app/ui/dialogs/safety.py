"""Comparing a device's safety number: 60 digits that both sides see alike."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.core.requests import MarkVerified, SafetyNumber
from app.core.views import AnyView, DeviceRow, Failure, SafetyNumberView
from app.ui import error_text
from app.ui.backend import Backend
from app.ui.controls import Button, Kind, Text
from app.ui.dialogs.parts import CodeBoard, Hint, Notice, plain_column
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import name
from crypto.ids import DeviceId

_C: Final = "Safety"


def groups_of(digits: str) -> str:
    """60 digits as 12 groups of five."""
    return " ".join(digits[at : at + 5] for at in range(0, len(digits), 5))


class SafetyPage(QWidget):
    """`left`: the comparison is over or was given up. `revoke_wanted`: the numbers differ."""

    left = Signal()
    revoke_wanted = Signal()

    def __init__(
        self, look: Look, backend: Backend, language: Callable[[], str], person: str, device: DeviceRow,
        *, can_revoke: bool,
    ) -> None:  # fmt: skip
        super().__init__()
        self._look, self._backend, self._language = look, backend, language
        self._device, self._can_revoke = device, can_revoke
        self._person = person
        column = plain_column(self, 8)
        self.back = Button(look, translate(_C, "Back"), "arrow-left", small=True, click=self.left.emit)
        column.addWidget(self.back)
        column.addSpacing(4)
        device_name = name(device.name, translate(_C, "Device"))
        title = translate(_C, "Safety number with {person}, {device}").format(
            person=person, device=device_name
        )
        column.addWidget(Text(look, title, Size.TITLE, strong=True, wrap=True))
        self.board = CodeBoard(look, size=Size.PAGE)
        self.board.setMinimumHeight(look.line(32) * 3 + 32)
        column.addWidget(self.board)
        column.addSpacing(4)
        for icon, text in (
            (
                "users",
                translate(_C, "Meet or call, so that you know the voice. Read the digits to each other."),
            ),
            (
                "monitor",
                translate(_C, "There it stands under “People and devices”, with your name and this device."),
            ),
        ):
            column.addWidget(Hint(look, icon, text))
        self.notice = Notice(look)
        column.addWidget(self.notice)
        column.addSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.same = Button(
            look, translate(_C, "All digits are the same"), "shield-check", kind=Kind.FILLED,
            click=lambda: self._mark(True),
        )  # fmt: skip
        self.undo = Button(look, translate(_C, "Take the mark back"), click=lambda: self._mark(False))
        self.differ = Button(look, translate(_C, "They differ"), click=self._differ)
        self.revoke = Button(
            look, translate(_C, "Remove device"), kind=Kind.FILLED, click=self.revoke_wanted.emit
        )
        for button in (self.same, self.undo, self.differ, self.revoke):
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(1)
        self.same.setEnabled(False)
        self.same.setVisible(not device.verified)
        self.undo.setVisible(device.verified)
        self.revoke.hide()
        if device.verified:
            self.notice.say(
                translate(_C, "Compared before: the digits were the same."), "good", "shield-check"
            )
        backend.ask(SafetyNumber(device=device.device), self._got)

    @property
    def device(self) -> DeviceId:
        return self._device.device

    def _got(self, view: AnyView) -> None:
        if isinstance(view, SafetyNumberView):
            self.board.show_code(groups_of(view.digits))
            self.same.setEnabled(True)
        elif isinstance(view, Failure):
            self.notice.say(error_text.sentence(view.code, view.detail, self._language()))

    def _mark(self, verified: bool) -> None:
        self.same.setEnabled(False)
        self._backend.ask(MarkVerified(device=self._device.device, verified=verified), self._marked)

    def _marked(self, view: AnyView) -> None:
        self.same.setEnabled(True)
        if isinstance(view, Failure):
            self.notice.say(error_text.sentence(view.code, view.detail, self._language()))
        else:
            self.left.emit()

    def _differ(self) -> None:
        self.notice.say(
            translate(
                _C,
                "Then it is not {person} alone who reads there. Send nothing to this device. "
                "An admin removes it and adds it again with a new code.",
            ).format(person=self._person),
            "warning",
            "shield-alert",
        )
        self.differ.hide()
        self.same.hide()
        self.revoke.setVisible(self._can_revoke)
