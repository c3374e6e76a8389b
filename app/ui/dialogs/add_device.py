"""Adding a device: the code on this PC, who asks, confirming, done."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.core import events
from app.core.requests import ClosePairing, ConfirmPairing, OpenPairing, RejectPairing
from app.core.views import AnyView, Failure, PairingOpened, PersonRow
from app.ui import error_text, words
from app.ui.backend import Backend
from app.ui.controls import Bar, Button, Check, Face, Kind, Panel, Picture, Text
from app.ui.dialogs.base import BaseDialog
from app.ui.dialogs.parts import (
    CodeBoard,
    Field,
    Hint,
    Notice,
    Scroll,
    SecretCopy,
    announce,
    fit,
    line_edit,
    plain_column,
)
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import one_line

_C: Final = "AddDevice"
_TICK_MS: Final = 500
_LIFE_MS: Final = 300_000
_COPIED_MS: Final = 4_000


class CodeView(QWidget):
    """The code large, how long it is valid, how many tries are left, where to type it."""

    def __init__(self, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self._until_ms = self._life_ms = 0
        self._secret = SecretCopy(self)
        column = plain_column(self, 12)
        card = Panel(look, "panel", radius=12, border=True)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(16, 8, 16, 16)
        inside.setSpacing(8)
        self.board = CodeBoard(look, per_row=3, size=Size.KEY, plain=True)
        self.board.copy_wanted.connect(self.copy)
        inside.addWidget(self.board)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Picture(look, "timer", 16))
        self.left = Text(look, "", Size.SMALL, tone="secondary")
        row.addWidget(self.left, 1)
        row.addWidget(Picture(look, "rotate-cw", 16))
        self.tries = Text(look, "", Size.SMALL, tone="secondary")
        row.addWidget(self.tries)
        inside.addLayout(row)
        self.bar = Bar(look)
        inside.addWidget(self.bar)
        column.addWidget(card)
        column.addSpacing(4)
        for icon, text in (
            ("log-in", translate(_C, "On the new device start Praxisfunk and choose “Join a practice”.")),
            ("keyboard", translate(_C, "Type the code there. It is for one device only.")),
        ):
            column.addWidget(Hint(look, icon, text))
        self._where = Hint(look, "wifi", "")
        column.addWidget(self._where)
        self.copied = Text(look, "", Size.SMALL, tone="secondary", wrap=True)
        column.addWidget(self.copied)
        column.addStretch(1)

    def show_code(self, opened: PairingOpened) -> None:
        self.board.show_code(opened.code)
        self._until_ms = opened.valid_until_ms
        self._life_ms = max(1, min(_LIFE_MS, opened.valid_until_ms - words.now_ms()))
        self.show_tries(opened.tries_left)
        lines = "\n".join(one_line(address, 80) for address in opened.addresses[:4])
        text = translate(_C, "Is the practice not shown there? Then choose “Type an address instead”:")
        self._where.label.setText(f"{text}\n{lines}")
        self._where.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._where.setVisible(bool(lines))
        self.count_down()

    def show_tries(self, tries: int) -> None:
        self.tries.setText(translate(_C, "%n tries left", "", tries))

    def count_down(self) -> bool:
        """Paint the time that is left; False when it is over."""
        left_s = max(0, -(-(self._until_ms - words.now_ms()) // 1000))
        self.left.setText(translate(_C, "Valid for {time}").format(time=f"{left_s // 60}:{left_s % 60:02d}"))
        self.bar.set_value((self._until_ms - words.now_ms()) / self._life_ms if self._life_ms else 0)
        return left_s > 0

    def copy(self) -> None:
        self._secret.copy(self.board.code)
        self.copied.setText(translate(_C, "Copied. The clipboard is emptied in a minute."))
        announce(self, self.copied.text())
        QTimer.singleShot(_COPIED_MS, self, lambda: self.copied.setText(""))


class ConfirmView(QWidget):
    """Who asks: names can be put right before they are signed."""

    def __init__(self, look: Look, asked: events.PairingAsked, person: PersonRow | None) -> None:
        super().__init__()
        self.known = person
        column = plain_column(self, 16)
        column.addWidget(
            Notice(
                look, translate(_C, "The code was right: it is the device on which it was typed."), "good",
                "shield-check",
            )
        )  # fmt: skip
        # What the other device says about itself is shown as plain text in inputs, never believed unseen.
        self.name = line_edit(look, one_line(asked.person_name))
        self.role = line_edit(look, one_line(asked.role))
        self.device = line_edit(look, one_line(asked.device_name))
        self.name_field = Field(look, translate(_C, "Name"), self.name)
        self.device_field = Field(look, translate(_C, "Name of the device"), self.device)
        if person is None:
            row = QHBoxLayout()
            row.setSpacing(16)
            row.addWidget(self.name_field, 1, Qt.AlignmentFlag.AlignTop)
            row.addWidget(Field(look, translate(_C, "Role"), self.role), 1, Qt.AlignmentFlag.AlignTop)
            column.addLayout(row)
        else:
            self.name.setText(one_line(person.name or asked.person_name))
            self.role.setText(one_line(person.role or asked.role))
            column.addWidget(self._person_card(look, person))
        column.addWidget(self.device_field)
        self.admin = Check(look, translate(_C, "May add and remove devices too (admin)"))
        self.admin.setChecked(person is not None and person.admin)
        self.admin.setVisible(person is None)
        column.addWidget(self.admin)
        column.addStretch(1)
        self.name.textEdited.connect(lambda: self.name_field.complain(""))
        self.device.textEdited.connect(lambda: self.device_field.complain(""))

    @staticmethod
    def _person_card(look: Look, person: PersonRow) -> QWidget:
        card = Panel(look, "panel", radius=12, border=True)
        row = QHBoxLayout(card)
        row.setContentsMargins(14, 12, 14, 12)
        row.setSpacing(12)
        face = Face(look, 36)
        shown = words.shown_name(person.name)
        face.show_person(shown, person.avatar)
        row.addWidget(face)
        lines = QVBoxLayout()
        lines.setSpacing(0)
        text = translate(_C, "A further device of {name}").format(name=shown)
        lines.addWidget(Text(look, text, strong=True, wrap=True))
        if person.role:
            lines.addWidget(Text(look, one_line(person.role), Size.SMALL, tone="secondary", wrap=True))
        row.addLayout(lines, 1)
        return card

    def request(self) -> ConfirmPairing | None:
        """None when something is missing; the input then says so."""
        title, device = self.name.text().strip(), self.device.text().strip()
        for text, field, words_ in (
            (title, self.name_field, translate(_C, "Please enter a name.")),
            (device, self.device_field, translate(_C, "Please enter a name for the device.")),
        ):
            if not text:
                field.complain(words_)
                field.control.setFocus(Qt.FocusReason.OtherFocusReason)
                return None
        return ConfirmPairing(
            person_name=title, role=self.role.text().strip(), device_name=device,
            admin=self.admin.isChecked(),
        )  # fmt: skip


class ResultView(QWidget):
    """An icon and a sentence in the middle."""

    def __init__(self, look: Look, icon: str, tone: str, text: str) -> None:
        super().__init__()
        column = plain_column(self, 12)
        column.setContentsMargins(24, 0, 24, 24)
        column.addStretch(1)
        column.addWidget(Picture(look, icon, 40, tone), 0, Qt.AlignmentFlag.AlignHCenter)
        self.label = Text(look, text, Size.TITLE, strong=True, wrap=True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self.label)
        column.addStretch(1)
        announce(self, text)


class AddDevice(BaseDialog):
    """Opens the practice for one device while it is shown; closing it ends the code."""

    def __init__(
        self, look: Look, backend: Backend, language: Callable[[], str], parent: QWidget,
        *, person: PersonRow | None = None, asked: events.PairingAsked | None = None,
    ) -> None:  # fmt: skip
        super().__init__(look, language, parent, translate(_C, "Add device"), 520)
        self._backend, self._person = backend, person
        self._open = self._waiting = False
        self._view: QWidget | None = None
        self.detail = Text(look, "", tone="secondary", wrap=True)
        self.body.addWidget(self.detail)
        self.body.addSpacing(8)
        self.notice = Notice(look)
        self.body.addWidget(self.notice)
        self._scroll = Scroll(QWidget())
        self.body.addWidget(self._scroll, 1)
        self.copy = Button(look, translate(_C, "Copy"), "copy", click=self._copy)
        self.reject_button = Button(look, translate(_C, "Refuse"), click=self._refuse)
        self.fresh = Button(look, translate(_C, "New code"), "refresh-cw", click=self.open_pairing)
        self.close_button = Button(look, translate(_C, "Cancel"), click=self.reject)
        self.confirm = Button(
            look, translate(_C, "Add to the practice"), "user-plus", kind=Kind.FILLED, click=self._confirm
        )
        self.another = Button(look, translate(_C, "Add another device"), click=self.open_pairing)
        self.finish = Button(look, translate(_C, "Done"), kind=Kind.FILLED, click=self.accept)
        self.foot.insertWidget(0, self.copy)
        for button in (
            self.another, self.fresh, self.close_button, self.reject_button, self.confirm, self.finish,
        ):  # fmt: skip
            self.foot.addWidget(button)
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.finished.connect(self._end)
        fit(self, 0, look.line(540))
        if asked is not None:
            self._ask(asked)
        else:
            self.open_pairing()

    # --- views ----------------------------------------------------------------------------------------------

    def _put(self, view: QWidget | None, detail: str, *buttons: Button) -> None:
        self._view = view if view is not None else QWidget()
        self._scroll.exchange(self._view)
        self.detail.setText(detail)
        self.detail.setVisible(bool(detail))
        self.say("")
        for button in (
            self.copy, self.another, self.fresh, self.close_button, self.reject_button, self.confirm,
            self.finish,
        ):  # fmt: skip
            button.setVisible(button in buttons)

    def open_pairing(self) -> None:
        """Ask for a fresh code; an earlier one ends."""
        self._timer.stop()
        self.notice.say("")
        self._put(None, translate(_C, "A code is being made."), self.close_button)
        self._waiting = True
        person = self._person.person if self._person is not None else None
        self._backend.ask(OpenPairing(person=person), self._opened)

    def _opened(self, view: AnyView) -> None:
        self._waiting = False
        if isinstance(view, Failure):
            self._stop(view)
        elif isinstance(view, PairingOpened):
            self._open = True
            shown = CodeView(self._look, self)
            shown.show_code(view)
            detail = translate(_C, "For a new colleague or a new PC. Everybody sees the new device at once.")
            if self._person is not None:
                detail = translate(_C, "For a further device of {name}. Everybody sees it at once.").format(
                    name=words.shown_name(self._person.name)
                )
            self._put(shown, detail, self.copy, self.fresh, self.close_button)
            shown.board.setFocus(Qt.FocusReason.OtherFocusReason)
            self._timer.start()

    def _tick(self) -> None:
        if isinstance(self._view, CodeView) and not self._view.count_down():
            self._stop(Failure(code="code_expired"))

    def _copy(self) -> None:
        if isinstance(self._view, CodeView):
            self._view.copy()

    def _ask(self, asked: events.PairingAsked) -> None:
        self._timer.stop()
        self._open = True
        self.notice.say("")
        view = ConfirmView(self._look, asked, self._person)
        self._put(
            view, translate(_C, "Please check the names, then confirm."), self.reject_button, self.confirm
        )
        self.confirm.setEnabled(True)
        (view.name if self._person is None else view.device).setFocus(Qt.FocusReason.OtherFocusReason)
        announce(self, translate(_C, "A device asks to be added: {name}").format(name=view.name.text()))

    def _stop(self, failure: Failure) -> None:
        """No code is valid any more: say why, offer a new one."""
        self._timer.stop()
        self._open = False
        if failure.code == "code_expired":
            text = translate(_C, "The code has run out after five minutes. A new one takes a second.")
        elif failure.code in ("pairing_closed", "no_tries_left"):
            text = translate(_C, "The code was typed wrongly too often and is used up. Is somebody guessing?")
        elif failure.code == "rejected":
            text = translate(_C, "Refused. The device was not added.")
        else:
            text = error_text.sentence(failure.code, failure.detail, self._language())
        again = failure.code not in ("not_admin", "not_ready", "locked")
        buttons = (self.close_button, self.fresh) if again else (self.close_button,)
        self.notice.say("")
        self._put(ResultView(self._look, "circle-alert", "warning", text), "", *buttons)
        (self.fresh if again else self.close_button).setFocus(Qt.FocusReason.OtherFocusReason)

    # --- answers --------------------------------------------------------------------------------------------

    def _confirm(self) -> None:
        if not isinstance(self._view, ConfirmView):
            return
        request = self._view.request()
        if request is None:
            return
        self.confirm.setEnabled(False)
        self._backend.ask(request, self._confirmed)

    def _confirmed(self, view: AnyView) -> None:
        self.confirm.setEnabled(True)
        if isinstance(view, Failure):
            self.fail(view)
            if view.code == "pairing_closed":
                self._stop(Failure(code="code_expired"))

    def _refuse(self) -> None:
        self._open = False
        self._backend.ask(RejectPairing())
        self._stop(Failure(code="rejected"))

    def _added(self) -> None:
        title, device = "", ""
        if isinstance(self._view, ConfirmView):
            title, device = self._view.name.text().strip(), self._view.device.text().strip()
        self._timer.stop()
        text = translate(_C, "{name} now belongs to the practice with the device {device}.").format(
            name=title, device=device
        )
        self._put(ResultView(self._look, "circle-check", "good", text), "", self.another, self.finish)
        self.finish.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- events ---------------------------------------------------------------------------------------------

    def handle(self, event: events.AnyEvent) -> None:
        """Tries, the request, the end."""
        match event:
            case events.PairingTried(tries_left=tries) if isinstance(self._view, CodeView):
                self._view.show_tries(tries)
                self.notice.say(translate(_C, "A wrong code was typed.") if tries else "")
            case events.PairingAsked() if not isinstance(self._view, ConfirmView):
                self._ask(event)
            case events.PairingFinished(failure=None) if isinstance(self._view, ConfirmView):
                self._added()
            case events.PairingFinished(failure=Failure() as failure) if self._open and not self._waiting:
                self._stop(failure)
            case _:
                pass

    def _end(self) -> None:
        """However it was closed: the practice is open no longer."""
        self._timer.stop()
        if isinstance(self._view, ConfirmView):
            self._backend.ask(RejectPairing())
        else:
            self._backend.ask(ClosePairing())
