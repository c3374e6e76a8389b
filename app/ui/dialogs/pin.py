"""Setting, changing and removing the window's PIN, as a part of the settings."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from app.core.requests import SetPin
from app.core.views import AnyView, Failure
from app.ui import error_text
from app.ui.backend import Backend
from app.ui.controls import Button, Kind, Text
from app.ui.dialogs.parts import Field, Notice, line_edit, plain_column
from app.ui.i18n import translate
from app.ui.look import Look, Size

_C: Final = "Settings"
MAX_PIN_CHARS: Final = 64


def secret_edit(look: Look) -> QLineEdit:
    """An input that shows dots."""
    edit = line_edit(look, limit=MAX_PIN_CHARS)
    edit.setEchoMode(QLineEdit.EchoMode.Password)
    edit.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText)
    return edit


class PinPart(QWidget):
    """`changed` carries whether a PIN is set now."""

    changed = Signal(bool)

    def __init__(self, look: Look, backend: Backend, language: Callable[[], str], *, has_pin: bool) -> None:
        super().__init__()
        self._look, self._backend, self._language = look, backend, language
        self._has, self._removing, self._busy = has_pin, False, False
        column = plain_column(self, 12)
        self._state = Text(look, "", Size.SMALL, tone="secondary", wrap=True)
        column.addWidget(self._state)
        self._actions = QWidget()
        row = QHBoxLayout(self._actions)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.set = Button(look, "", "lock", click=lambda: self._open(removing=False))
        self.remove = Button(look, translate(_C, "Remove PIN"), click=lambda: self._open(removing=True))
        row.addWidget(self.set)
        row.addWidget(self.remove)
        row.addStretch(1)
        column.addWidget(self._actions)
        self._form = self._make_form()
        column.addWidget(self._form)
        self.notice = Notice(look)
        column.addWidget(self.notice)
        self._form.hide()
        self._show()

    def _make_form(self) -> QWidget:
        look, form = self._look, QWidget()
        column = plain_column(form, 12)
        self.current, self.new, self.repeat = (secret_edit(look) for _ in range(3))
        self._current_field = Field(look, translate(_C, "Current PIN"), self.current)
        self._new_field = Field(
            look,
            translate(_C, "New PIN"),
            self.new,
            translate(_C, "At least four characters, no row like 1234."),
        )
        self._repeat_field = Field(look, translate(_C, "New PIN again"), self.repeat)
        for field, edit in (
            (self._current_field, self.current), (self._new_field, self.new), (self._repeat_field, self.repeat),
        ):  # fmt: skip
            column.addWidget(field)
            edit.textEdited.connect(lambda _, field=field: field.complain(""))
            edit.returnPressed.connect(self._save)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.cancel = Button(look, translate(_C, "Cancel"), click=self._close)
        self.save = Button(look, "", kind=Kind.FILLED, click=self._save)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.save)
        column.addLayout(row)
        return form

    @property
    def open(self) -> bool:
        return self._form.isVisibleTo(self)

    def _show(self) -> None:
        self._state.setText(
            translate(_C, "A PIN is set. Ctrl+L locks the window; messages keep arriving.") if self._has
            else translate(_C, "Without a PIN everybody at this PC can read along. With one, Ctrl+L locks.")
        )  # fmt: skip
        self.set.setText(translate(_C, "Change PIN") if self._has else translate(_C, "Set a PIN"))
        self.remove.setVisible(self._has)

    def _open(self, *, removing: bool) -> None:
        self._removing = removing
        self.notice.say("")
        self._current_field.setVisible(self._has)
        self._new_field.setVisible(not removing)
        self._repeat_field.setVisible(not removing)
        self.save.setText(translate(_C, "Remove PIN") if removing else translate(_C, "Save PIN"))
        self._actions.hide()
        self._form.show()
        (self.current if self._has else self.new).setFocus(Qt.FocusReason.OtherFocusReason)

    def _close(self) -> None:
        for edit in (self.current, self.new, self.repeat):
            edit.clear()
        for field in (self._current_field, self._new_field, self._repeat_field):
            field.complain("")
        self._form.hide()
        self._actions.show()
        self.set.setFocus(Qt.FocusReason.OtherFocusReason)

    def _save(self) -> None:
        if self._busy:
            return
        if self._has and not self.current.text():
            self._refuse(self._current_field, translate(_C, "Please enter the current PIN."))
        elif not self._removing and not self.new.text():
            self._refuse(self._new_field, translate(_C, "Please enter a new PIN."))
        elif not self._removing and self.new.text() != self.repeat.text():
            self._refuse(self._repeat_field, translate(_C, "The two do not match."))
        else:
            self._busy = True
            self.save.setEnabled(False)
            new = None if self._removing else self.new.text()
            current = self.current.text() if self._has else None
            self._backend.ask(SetPin(current_pin=current, new_pin=new), self._saved)

    def _refuse(self, field: Field, text: str) -> None:
        field.complain(text)
        field.control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _saved(self, view: AnyView) -> None:
        self._busy = False
        self.save.setEnabled(True)
        if isinstance(view, Failure):
            text = error_text.sentence(view.code, view.detail, self._language())
            if view.code in ("wrong_pin", "pin_wait"):
                self.current.clear()
                self._refuse(self._current_field, text)
            else:
                self._refuse(self._new_field, text)
            return
        self._has = not self._removing
        self._close()
        self._show()
        text = translate(_C, "The PIN is set.") if self._has else translate(_C, "The PIN is removed.")
        self.notice.say(text, "good", "circle-check")
        self.changed.emit(self._has)
