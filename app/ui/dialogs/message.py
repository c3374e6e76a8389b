"""One question or explanation with one or two buttons."""

from typing import Final

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.ui.controls import Button, Kind, Panel, Picture, Text
from app.ui.look import Look, Size


class Message(QDialog):
    """`finished` carries QDialog.Accepted, QDialog.Rejected or OTHER."""

    OTHER: Final = 7

    def __init__(
        self, look: Look, title: str, text: str, icon: str, *, accept: str, other: str = "", cancel: str = "",
        parent: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setWindowTitle("Praxisfunk")
        self.setModal(True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        ground = Panel(look, "panel")
        row = QHBoxLayout(ground)
        row.setContentsMargins(24, 24, 24, 24)
        row.setSpacing(16)
        column = QVBoxLayout()
        column.addWidget(Picture(look, icon, 24, "accent"))
        column.addStretch(1)
        row.addLayout(column)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(Text(look, title, Size.TITLE, strong=True, wrap=True))
        words.addWidget(Text(look, text, Size.BODY, tone="secondary", wrap=True))
        row.addLayout(words, 1)
        outer.addWidget(ground, 1)
        foot = Panel(look, "panel", edges="t")
        buttons = QHBoxLayout(foot)
        buttons.setContentsMargins(24, 12, 24, 12)
        buttons.setSpacing(8)
        buttons.addStretch(1)
        if cancel:
            buttons.addWidget(Button(look, cancel, click=self.reject))
        if other:
            buttons.addWidget(Button(look, other, click=lambda: self.done(self.OTHER)))
        self.accept_button = Button(look, accept, kind=Kind.FILLED, click=self.accept)
        buttons.addWidget(self.accept_button)
        outer.addWidget(foot)
        self.setFixedWidth(look.line(440))
        self.accept_button.setFocus()
