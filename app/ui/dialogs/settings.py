"""Settings of this device: look, language, lock, notifications, what closing the window does."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.core import events
from app.core.views import Status
from app.ui import preferences as pref
from app.ui.backend import Backend
from app.ui.controls import Button, Check, Combo, Kind, Line, Panel, Text
from app.ui.dialogs.parts import Scroll, fit, plain_column
from app.ui.dialogs.pin import PinPart
from app.ui.i18n import translate
from app.ui.look import SYSTEM, Look, Size
from app.ui.plain import name, one_line
from app.ui.preferences import Preferences

_C: Final = "Settings"
TEXT_SIZES: Final = (100, 110, 125, 150, 175, 200)


class SettingsDialog(QDialog):
    """`changed` after every preference that the window follows. What is chosen is stored at once."""

    changed = Signal()

    def __init__(
        self, look: Look, backend: Backend, preferences: Preferences, language: Callable[[], str],
        status: Status, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._look, self._backend, self._prefs, self._language = look, backend, preferences, language
        self._status, self._has_pin = status, status.has_pin
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._page: QWidget | None = None
        self._build()
        backend.event.connect(self.handle)

    def handle(self, event: events.AnyEvent) -> None:
        """Close when the window is locked: half-typed PINs do not stay."""
        if isinstance(event, events.StatusChanged):
            self._status, self._has_pin = event.status, event.status.has_pin
            if event.status.locked:
                self.close()

    # --- building -------------------------------------------------------------------------------------------

    def _build(self) -> None:
        """Everything anew, so that language and text size show at once."""
        look = self._look
        self.setWindowTitle(translate(_C, "Settings"))
        page = Panel(look, "window")
        column = plain_column(page)
        content = QWidget()
        self._body = QVBoxLayout(content)
        self._body.setContentsMargins(24, 24, 24, 24)
        self._body.setSpacing(0)
        self._body.addWidget(Text(look, translate(_C, "Settings"), Size.BIG, strong=True))
        self._appearance()
        self._lock()
        self._notifications()
        self._closing()
        self._about()
        self._body.addStretch(1)
        self.area = Scroll(content)
        column.addWidget(self.area, 1)
        foot = Panel(look, "panel", edges="t")
        row = QHBoxLayout(foot)
        row.setContentsMargins(24, 12, 24, 12)
        row.addStretch(1)
        self.done_button = Button(look, translate(_C, "Done"), kind=Kind.FILLED, click=self.accept)
        row.addWidget(self.done_button)
        column.addWidget(foot)
        if self._page is not None:
            self._outer.removeWidget(self._page)
            self._page.hide()
            self._page.deleteLater()
        self._page = page
        self._outer.addWidget(page)
        self.setMinimumWidth(min(look.line(480), 720))
        fit(self, look.line(560), look.line(700))

    def _section(self, title: str) -> QVBoxLayout:
        look = self._look
        self._body.addSpacing(20)
        self._body.addWidget(Text(look, title, Size.SMALL, strong=True, tone="secondary"))
        self._body.addSpacing(8)
        card = Panel(look, "panel", radius=12, border=True)
        column = QVBoxLayout(card)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(12)
        self._body.addWidget(card)
        return column

    def _choice(
        self, label: str, entries: list[tuple[str, str]], now: str, chosen: Callable[[str], None]
    ) -> QWidget:
        widget = QWidget()
        row = QHBoxLayout(widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        words = Text(self._look, label, wrap=True)
        combo = Combo(self._look)
        combo.setAccessibleName(label)
        combo.setMinimumWidth(self._look.line(210))
        words.setBuddy(combo)
        for text, value in entries:
            combo.addItem(text, value)
        combo.setCurrentIndex(max(0, combo.findData(now)))
        combo.activated.connect(lambda at: chosen(str(combo.itemData(at))))
        row.addWidget(words, 1)
        row.addWidget(combo)
        return widget

    def _switch(
        self, text: str, hint: str, on: bool, chosen: Callable[[bool], None]
    ) -> tuple[QWidget, Check]:
        widget = QWidget()
        column = plain_column(widget, 2)
        check = Check(self._look, text)
        check.setChecked(on)
        check.setAccessibleDescription(hint)
        check.toggled.connect(chosen)
        column.addWidget(check)
        below = Text(self._look, hint, Size.SMALL, tone="secondary", wrap=True)
        below.setContentsMargins(30, 0, 0, 0)
        column.addWidget(below)
        return widget, check

    def _appearance(self) -> None:
        column = self._section(translate(_C, "Appearance"))
        languages = [(translate(_C, "As the system"), ""), ("Deutsch", "de"), ("English", "en")]
        column.addWidget(
            self._choice(
                translate(_C, "Language"), languages, self._prefs.text(pref.LANGUAGE),
                lambda value: self._put(pref.LANGUAGE, value or None),
            )
        )  # fmt: skip
        column.addWidget(Line(self._look))
        themes = [
            (translate(_C, "As the system"), SYSTEM),
            (translate(_C, "Light"), "light"),
            (translate(_C, "Dark"), "dark"),
        ]
        column.addWidget(
            self._choice(
                translate(_C, "Colours"), themes, self._prefs.text(pref.THEME, SYSTEM),
                lambda value: self._put(pref.THEME, None if value == SYSTEM else value),
            )
        )  # fmt: skip
        column.addWidget(Line(self._look))
        sizes = [(f"{percent} %", str(percent)) for percent in TEXT_SIZES]
        now = min(TEXT_SIZES, key=lambda size: abs(size - self._prefs.number(pref.TEXT_PERCENT, 100)))
        column.addWidget(
            self._choice(
                translate(_C, "Text size"), sizes, str(now),
                lambda value: self._put(pref.TEXT_PERCENT, None if value == "100" else value),
            )
        )  # fmt: skip

    def _lock(self) -> None:
        column = self._section(translate(_C, "Lock"))
        self.pin = PinPart(self._look, self._backend, self._language, has_pin=self._has_pin)
        self.pin.changed.connect(self._pin_changed)
        column.addWidget(self.pin)

    def _pin_changed(self, has_pin: bool) -> None:
        self._has_pin = has_pin

    def _notifications(self) -> None:
        column = self._section(translate(_C, "Notifications"))
        on = self._prefs.text(pref.NOTIFY) != "off"
        widget, self.notify = self._switch(
            translate(_C, "Tell me about new messages"),
            translate(_C, "A short notice of the system while the window is not in front."),
            on,
            self._notify,
        )
        column.addWidget(widget)
        self._content_part, self.notify_content = self._switch(
            translate(_C, "With name and text"),
            translate(_C, "Off is safer where patients can see the screen. While locked there is never any."),
            self._prefs.text(pref.NOTIFY_CONTENT) == "on",
            lambda value: self._put(pref.NOTIFY_CONTENT, "on" if value else None),
        )
        self._content_part.setEnabled(on)
        column.addWidget(self._content_part)

    def _notify(self, on: bool) -> None:
        self._content_part.setEnabled(on)
        self._put(pref.NOTIFY, None if on else "off")

    def _closing(self) -> None:
        column = self._section(translate(_C, "Window"))
        widget, self.close_to_tray = self._switch(
            translate(_C, "Keep running when the window is closed"),
            translate(_C, "Messages keep arriving; the icon beside the clock opens the window again."),
            self._prefs.text(pref.CLOSE_TO_TRAY) != "off",
            lambda value: self._put(pref.CLOSE_TO_TRAY, None if value else "off"),
        )
        column.addWidget(widget)

    def _about(self) -> None:
        look, status = self._look, self._status
        column = self._section(translate(_C, "This device"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        facts = (
            (translate(_C, "Practice"), name(status.circle_name, "–")),
            (translate(_C, "Device"), one_line(status.device_name or "–")),
            (translate(_C, "Network port"), str(status.port) if status.port else "–"),
            (translate(_C, "Version"), status.version or "–"),
            *(((translate(_C, "Set by the practice's IT"), ", ".join(status.managed)),) if status.managed else ()),
        )
        for at, (label, value) in enumerate(facts):
            grid.addWidget(Text(look, label, Size.SMALL, tone="secondary"), at, 0)
            shown = Text(look, value, Size.SMALL, wrap=True)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            grid.addWidget(shown, at, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)

    # --- storing --------------------------------------------------------------------------------------------

    def _put(self, key: str, value: str | None) -> None:
        self._prefs.put(key, value)
        # Later: the control that was used is still in its own signal, and it may be built anew.
        QTimer.singleShot(0, self, lambda: self._follow(key))

    def _follow(self, key: str) -> None:
        self.changed.emit()
        if key in (pref.LANGUAGE, pref.TEXT_PERCENT) and not self.pin.open:
            place = self.area.verticalScrollBar().value()
            self._build()
            self.area.verticalScrollBar().setValue(place)
