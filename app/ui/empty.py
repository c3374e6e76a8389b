"""Empty states: an icon, one sentence, one line, at most one action."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.controls import Button, Picture, Text
from app.ui.look import Look, Size


class Empty(QWidget):
    """Centred in whatever it is put into."""

    def __init__(self, look: Look, icon: str, title: str, detail: str, action: Button | None = None) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(4)
        self._picture = Picture(look, icon, 24, "accent")
        self._title = Text(look, title, Size.BODY, strong=True, wrap=True)
        self._detail = Text(look, detail, Size.SMALL, tone="secondary", wrap=True)
        self._detail.setMinimumWidth(min(280, 40 * look.metrics(Size.SMALL).averageCharWidth()))
        column.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(8)
        for label in (self._title, self._detail):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        self._action = action
        if action is not None:
            column.addSpacing(12)
            column.addWidget(action, 0, Qt.AlignmentFlag.AlignHCenter)
            action.hide()

    def set_content(self, icon: str, title: str, detail: str, *, action: bool = False) -> None:
        """`action`: show the button too."""
        if self._action is not None:
            self._action.setVisible(action)
        self._picture.set_icon(icon)
        self._title.setText(title)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self.updateGeometry()
