"""First start, step 1: found or join, which practice, name, role, device name."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, QSysInfo, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QBoxLayout,
    QButtonGroup,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.core.limits import MAX_NAME_CHARS
from app.ui.controls import Button, Card, Kind, Picture, Text
from app.ui.dialogs.parts import EditableCombo, Field, line_edit, plain_column
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import name, one_line
from app.ui.shapes import fill_round, line_text, polish, ring, square

_C: Final = "Setup"
_BESIDE, _DOWN = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom


def roles() -> list[str]:
    """Usual roles of a practice; anything else may be typed."""
    return [
        translate(_C, "Medical assistant"),
        translate(_C, "Doctor (she)"),
        translate(_C, "Doctor (he)"),
        translate(_C, "Practice management"),
        translate(_C, "Reception"),
        translate(_C, "Laboratory"),
        translate(_C, "Trainee"),
        translate(_C, "Care"),
    ]


def device_name() -> str:
    """The host's name without its domain, as a start for the device name."""
    return one_line(QSysInfo.machineHostName().partition(".")[0], MAX_NAME_CHARS)


class PracticeChoice(QAbstractButton):
    """One practice that is open for joining. Its name is not verified yet, so it is only text."""

    def __init__(self, look: Look, key: str, title: str) -> None:
        super().__init__()
        self._look, self.key = look, key
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._detail = translate(_C, "Is adding devices right now")
        self.rename(title)

    def rename(self, title: str) -> None:
        self.setText(name(title, translate(_C, "Practice without a name")))
        self.setAccessibleName(f"{self.text()}. {self._detail}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, max(64, self._look.line(18) + self._look.line(16) + 28))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look, theme = QPainter(self), self._look, self._look.theme
        polish(painter)
        rect = QRectF(self.rect())
        chosen, middle = self.isChecked(), self.height() / 2
        fill = theme.hover if self.underMouse() and not chosen else theme.panel
        border = theme.accent if chosen and theme.outlined else theme.line
        fill_round(painter, rect, 12, look.color(fill), look.color(border))
        if self.hasFocus():
            ring(painter, rect, 12, look.color(theme.accent))
        square(painter, look, QRectF(16, middle - 20, 40, 40), "building-2")
        first, second = look.line(18), look.line(16)
        top, width = middle - (first + second) / 2, rect.width() - 68 - 52
        line_text(
            painter, look, QRectF(68, top, width, first), self.text(), Size.BODY, theme.text, strong=True
        )
        line_text(
            painter, look, QRectF(68, top + first, width, second), self._detail, Size.SMALL, theme.secondary
        )
        if chosen:
            look.draw_icon(painter, "circle-check", rect.right() - 36, round(middle - 10), 20, theme.accent)
        else:
            painter.setPen(look.color(theme.control))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QRectF(rect.right() - 34.5, middle - 8.5, 17, 17))


class WhoPage(QWidget):
    """`entered` when Enter was pressed in an input, `chosen` when founding or joining was chosen."""

    entered = Signal()
    chosen = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._practices: dict[str, PracticeChoice] = {}
        column = plain_column(self)
        column.addLayout(self._choices())
        column.addSpacing(24)
        self._join = self._join_part()
        self._found = self._found_part()
        column.addWidget(self._join)
        column.addWidget(self._found)
        column.addSpacing(24)
        column.addLayout(self._names())
        column.addSpacing(16)
        column.addStretch(1)
        self._choose()

    # --- building -------------------------------------------------------------------------------------------

    def _choices(self) -> QBoxLayout:
        self.found_card = Card(
            self._look, "building-2", translate(_C, "Found a new practice"),
            translate(_C, "This device is the first one"),
        )  # fmt: skip
        self.join_card = Card(
            self._look, "log-in", translate(_C, "Join a practice"),
            translate(_C, "Praxisfunk is used here already"),
        )  # fmt: skip
        self._cards = QButtonGroup(self)
        row = QBoxLayout(_DOWN if self._look.text_percent > 140 else _BESIDE)
        row.setSpacing(12)
        for card in (self.found_card, self.join_card):
            self._cards.addButton(card)
            row.addWidget(card, 1)
        self.join_card.setChecked(True)
        self._cards.buttonToggled.connect(self._choose)
        return row

    def _join_part(self) -> QWidget:
        look, part = self._look, QWidget()
        column = plain_column(part)
        head = Text(look, translate(_C, "Found in this network"), Size.SMALL, strong=True, tone="secondary")
        column.addWidget(head)
        column.addSpacing(8)
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        column.addLayout(self._list)
        self._group = QButtonGroup(self)
        self._searching = QWidget()
        row = QHBoxLayout(self._searching)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        icon = QVBoxLayout()
        icon.addWidget(Picture(look, "search", 20, "accent"))
        icon.addStretch(1)
        row.addLayout(icon)
        row.addWidget(
            Text(
                look,
                translate(
                    _C,
                    "Still looking. On a PC of the practice choose “Add device”, "
                    "then the practice appears here by itself.",
                ),
                wrap=True,
            ),
            1,
        )
        column.addWidget(self._searching)
        column.addSpacing(8)
        self.address_link = Button(
            look,
            translate(_C, "Type an address instead"),
            kind=Kind.LINK,
            small=True,
            click=self.show_address,
        )
        column.addWidget(self.address_link)
        self.address = line_edit(look, limit=80)
        self.address.setPlaceholderText("192.168.1.20:47110")
        self.address_field = Field(
            look, translate(_C, "Address"), self.address,
            translate(_C, "The other PC shows it below the code."),
        )  # fmt: skip
        self.address_field.hide()
        self.address.textChanged.connect(lambda: self.address_field.complain(""))
        column.addWidget(self.address_field)
        self._practice_missing = Text(look, "", Size.SMALL, tone="warning", wrap=True)
        self._practice_missing.hide()
        column.addWidget(self._practice_missing)
        return part

    def _found_part(self) -> QWidget:
        part = QWidget()
        column = plain_column(part)
        self.circle = line_edit(self._look)
        self.circle_field = Field(
            self._look, translate(_C, "Name of the practice"), self.circle,
            translate(_C, "For example “Dr. Weber, family practice”. Colleagues see it when they join."),
        )  # fmt: skip
        self.circle.textEdited.connect(lambda: self.circle_field.complain(""))
        column.addWidget(self.circle_field)
        return part

    def _names(self) -> QGridLayout:
        look = self._look
        self.person = line_edit(look)
        self.role = EditableCombo(look, roles())
        self.device = line_edit(look, device_name())
        self.person_field = Field(look, translate(_C, "Name"), self.person)
        self.role_field = Field(look, translate(_C, "Role"), self.role)
        self.device_field = Field(
            look, translate(_C, "Name of this device"), self.device,
            translate(_C, "This is how colleagues see it, for example “Reception 1”."),
        )  # fmt: skip
        self.person.textEdited.connect(lambda: self.person_field.complain(""))
        self.device.textEdited.connect(lambda: self.device_field.complain(""))
        for input_ in (self.person, self.device, self.circle, self.address):
            input_.returnPressed.connect(self.entered)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(16)
        grid.addWidget(self.person_field, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.role_field, 0, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.device_field, 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        return grid

    # --- what is chosen -------------------------------------------------------------------------------------

    @property
    def founding(self) -> bool:
        return self.found_card.isChecked()

    @property
    def practice(self) -> str | None:
        """The key of the chosen practice; None when an address is typed instead."""
        if self.typed_address:
            return None
        chosen = self._group.checkedButton()
        return chosen.key if isinstance(chosen, PracticeChoice) else None

    @property
    def practice_name(self) -> str | None:
        key = self.practice
        return self._practices[key].text() if key is not None else None

    @property
    def typed_address(self) -> str:
        return self.address.text().strip() if self.address_field.isVisibleTo(self) else ""

    @property
    def names(self) -> tuple[str, str, str]:
        """Person, role, device."""
        return self.person.text().strip(), self.role.currentText().strip(), self.device.text().strip()

    @property
    def circle_name(self) -> str:
        return self.circle.text().strip()

    def _choose(self) -> None:
        self._found.setVisible(self.founding)
        self._join.setVisible(not self.founding)
        self.chosen.emit()

    def show_address(self) -> None:
        """The input for an address, where the other PC cannot be found by itself."""
        self.address_link.hide()
        self.address_field.show()
        self.address.setFocus(Qt.FocusReason.OtherFocusReason)
        self._practice_missing.hide()

    # --- practices ------------------------------------------------------------------------------------------

    def seen(self, key: str, title: str) -> None:
        """A practice is open for joining; the first one is chosen."""
        known = self._practices.get(key)
        if known is not None:
            known.rename(title)
            return
        choice = PracticeChoice(self._look, key, title)
        self._practices[key] = choice
        self._group.addButton(choice)
        self._list.addWidget(choice)
        if len(self._practices) == 1:
            choice.setChecked(True)
        self._searching.hide()
        self._practice_missing.hide()

    def gone(self, key: str) -> None:
        choice = self._practices.pop(key, None)
        if choice is None:
            return
        self._group.removeButton(choice)
        self._list.removeWidget(choice)
        choice.hide()
        choice.deleteLater()
        self._searching.setVisible(not self._practices)
        if len(self._practices) == 1:
            next(iter(self._practices.values())).setChecked(True)

    # --- checking -------------------------------------------------------------------------------------------

    def check(self) -> bool:
        """Whether everything is there; else the first missing input says so and has the focus."""
        missing: list[tuple[Field, str]] = []
        person, _, device = self.names
        if self.founding and not self.circle_name:
            missing.append((self.circle_field, translate(_C, "Please enter the name of the practice.")))
        if not person:
            missing.append((self.person_field, translate(_C, "Please enter your name.")))
        if not device:
            missing.append((self.device_field, translate(_C, "Please enter a name for this device.")))
        nowhere = not self.founding and self.practice is None and not self.typed_address
        self._practice_missing.setVisible(nowhere)
        if nowhere:
            words = translate(_C, "No practice is chosen yet. Please choose one or type its address.")
            if self.address_field.isVisibleTo(self):
                self._practice_missing.hide()
                missing.insert(0, (self.address_field, words))
            else:
                self._practice_missing.setText(words)
        for field, text in missing:
            field.complain(text)
        if missing:
            missing[0][0].control.setFocus(Qt.FocusReason.OtherFocusReason)
        elif nowhere:
            self.address_link.setFocus(Qt.FocusReason.OtherFocusReason)
        return not missing and not nowhere
