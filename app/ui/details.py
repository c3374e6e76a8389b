"""The right column: who is here, the photos of the conversation, where one message stands."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.core.views import (
    ConversationDetails,
    ConversationRow,
    Delivery,
    Mark,
    Member,
    PersonRow,
    PhotoRef,
    Section,
)
from app.ui import words
from app.ui.controls import Button, Elided, Face, Kind, Line, Panel, Picture, Text
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import one_line
from app.ui.shapes import fill_round, polish, ring
from app.ui.timeline.pictures import Thumbnails

_C: Final = "Details"
_MOST_MEMBERS: Final = 8


class PhotoTile(QWidget):
    """A small picture that opens the viewer."""

    clicked = Signal()

    def __init__(self, look: Look, photo: PhotoRef, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._look, self._photo, self._thumbnails = look, photo, thumbnails
        self.setFixedHeight(60)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        when = words.date_and_time(photo.sent_ms)
        self.setToolTip(when)
        self.setAccessibleName(translate(_C, "Photo of {time}").format(time=when))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), self._look
        polish(painter)
        pixmap = self._thumbnails.get(
            self._photo.message,
            self._photo.thumbnail,
            self.width(),
            self.height(),
            self.devicePixelRatioF(),
            6,
        )
        if pixmap is None:
            fill_round(painter, QRectF(self.rect()), 6, look.color(look.theme.sub))
        else:
            painter.drawPixmap(0, 0, pixmap)
        if self.hasFocus():
            ring(painter, QRectF(self.rect()), 6, look.color(look.theme.accent))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.clicked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)


class DetailsPanel(Panel):
    """Plain widgets in a scroll area, built anew when the facts change."""

    photo_opened = Signal(object)
    group_wanted = Signal()
    person_wanted = Signal(object)
    write_wanted = Signal(object)
    closed = Signal()

    def __init__(self, look: Look, language: Callable[[], str]) -> None:
        super().__init__(look, "panel")
        self._look, self._language = look, language
        self._thumbnails = Thumbnails()
        self._row: ConversationRow | None = None
        self._details: ConversationDetails | None = None
        self._person: PersonRow | None = None
        self._delivery: tuple[Delivery, int] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = Panel(look, "panel", edges="b")
        head.setFixedHeight(max(60, look.line(36) + 16))
        row = QHBoxLayout(head)
        row.setContentsMargins(16, 0, 8, 0)
        row.addWidget(Text(look, translate(_C, "Details"), Size.TITLE, strong=True), 1)
        self._close = Button(
            look, "", "x", kind=Kind.FLAT, tip=translate(_C, "Close details"), click=self.closed.emit
        )
        row.addWidget(self._close)
        self._head = head
        column.addWidget(head)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column.addWidget(self._area, 1)
        self._rebuild()

    def set_height(self, height_px: int) -> None:
        """The same height as the conversation's header."""
        self._head.setFixedHeight(height_px)

    def show_conversation(self, row: ConversationRow | None, person: PersonRow | None) -> None:
        other = row is None or self._row is None or row.conversation != self._row.conversation
        if other:
            self._details, self._delivery = None, None
        same = not other and person == self._person
        self._row, self._person = row, person
        if not same:
            self._rebuild()

    def show_details(self, details: ConversationDetails) -> None:
        if (
            self._row is not None
            and details.conversation == self._row.conversation
            and details != self._details
        ):
            self._details = details
            self._rebuild()

    def show_delivery(self, delivery: Delivery | None, sent_ms: int = 0) -> None:
        shown = (delivery, sent_ms) if delivery is not None else None
        if shown != self._delivery:
            self._delivery = shown
            self._rebuild()

    @property
    def delivery_of(self) -> Delivery | None:
        return self._delivery[0] if self._delivery is not None else None

    def clear(self) -> None:
        """Nothing of a conversation stays (lock)."""
        self._row, self._details, self._person, self._delivery = None, None, None, None
        self._thumbnails.clear()
        self._rebuild()

    # --- building -----------------------------------------------------------------------------------------------

    def _rebuild(self) -> None:
        page = QWidget()
        page.setProperty("look", "plain")
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        sections: list[QWidget] = []
        if self._delivery is not None:
            sections.append(self._delivery_section(*self._delivery))
        if self._person is not None:
            sections.append(self._person_section(self._person))
        if self._details is not None:
            if self._details.section is Section.GROUP:
                sections.append(self._members_section(self._details))
            sections.append(self._photos_section(self._details))
        for at, section in enumerate(sections):
            if at:
                column.addWidget(Line(self._look))
            column.addWidget(section)
        column.addStretch(1)
        old = self._area.takeWidget()
        if old is not None:
            old.deleteLater()
        self._area.setWidget(page)

    def _section(self, title: str, extra: QWidget | str = "") -> tuple[QWidget, QVBoxLayout]:
        widget = QWidget()
        column = QVBoxLayout(widget)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(0)
        row = QHBoxLayout()
        head = Elided(self._look, Size.SMALL, strong=True, tone="secondary")
        head.set_text(title)
        row.addWidget(head, 1)
        if isinstance(extra, str):
            row.addWidget(Text(self._look, extra, Size.SMALL, strong=True, tone="secondary"))
        else:
            row.addWidget(extra)
        column.addLayout(row)
        column.addSpacing(8)
        return widget, column

    def _line(self, face: QWidget, first: str, second: str, mark: QWidget | None = None) -> QWidget:
        """24 px face, two lines, a mark at the right."""
        widget = QWidget()
        row = QHBoxLayout(widget)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(8)
        row.addWidget(face)
        lines = QVBoxLayout()
        lines.setSpacing(0)
        top = Elided(self._look, Size.SMALL)
        top.set_text(first)
        low = Elided(self._look, Size.TIME, tone="secondary")
        low.set_text(second)
        lines.addWidget(top)
        lines.addWidget(low)
        row.addLayout(lines, 1)
        if mark is not None:
            row.addWidget(mark)
        return widget

    def _delivery_section(self, delivery: Delivery, sent_ms: int) -> QWidget:
        hide = Button(
            self._look, "", "x", kind=Kind.FLAT, small=True, tip=translate(_C, "Hide"),
            click=lambda: self.show_delivery(None),
        )  # fmt: skip
        title = translate(_C, "Delivery of the message of {time}").format(time=words.clock(sent_ms))
        widget, column = self._section(title, hide)
        for row in delivery.rows:
            face = Face(self._look, 24)
            face.show_person(words.shown_name(row.name), row.avatar)
            tone = {Mark.FAILED: "warning", Mark.READ: "accent"}.get(row.mark, "secondary")
            icon = words.mark_icon(row.mark)
            mark = Picture(self._look, icon, 16, tone) if icon else None
            text = words.delivery(row, self._language())
            if row.at_ms is not None and row.mark in (Mark.SOME, Mark.ALL, Mark.READ):
                text = f"{text}, {words.clock(row.at_ms)}"
            column.addWidget(self._line(face, words.shown_name(row.name), text, mark))
        if not delivery.rows:
            nobody = translate(_C, "Nobody else is in this conversation.")
            column.addWidget(Text(self._look, nobody, Size.SMALL, tone="secondary", wrap=True))
        return widget

    def _person_section(self, person: PersonRow) -> QWidget:
        widget = QWidget()
        column = QVBoxLayout(widget)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(0)
        face = Face(self._look, 56)
        face.show_person(
            words.shown_name(person.name), person.avatar, None if person.revoked else person.reach
        )
        column.addWidget(face, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(8)
        for text, size, strong, tone in (
            (words.shown_name(person.name), Size.TITLE, True, ""),
            (one_line(person.role or ""), Size.SMALL, False, "secondary"),
        ):
            if text:
                label = Text(self._look, text, size, strong=strong, tone=tone, wrap=True)
                label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
                column.addWidget(label)
        column.addSpacing(12)
        devices = [device for device in person.devices if not device.revoked]
        for device in devices:
            state = words.reach(device.reach)
            if device.reach.value == "offline" and device.last_seen_ms:
                state = words.last_seen(device.last_seen_ms)
            mark = Picture(self._look, "shield-check", 16, "good") if device.verified else None
            if mark is not None:
                mark.setToolTip(translate(_C, "Safety number compared"))
            icon = Picture(self._look, "monitor", 18)
            column.addWidget(self._line(icon, one_line(device.name or translate(_C, "Device")), state, mark))
        column.addSpacing(8)
        more = Button(
            self._look, translate(_C, "Devices and safety number"), "shield-check", small=True,
            click=lambda: self.person_wanted.emit(person.person),
        )  # fmt: skip
        more.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        more.setMinimumWidth(80)  # in large text it is cut with an ellipsis instead of widening the column
        more.setToolTip(more.text())
        column.addWidget(more)
        return widget

    def _members_section(self, details: ConversationDetails) -> QWidget:
        edit = Button(
            self._look, translate(_C, "Manage"), kind=Kind.LINK, small=True, click=self.group_wanted.emit
        )
        widget, column = self._section(translate(_C, "%n people", "", len(details.members)), edit)
        for member in details.members[:_MOST_MEMBERS]:
            column.addWidget(self._member(member))
        rest = len(details.members) - _MOST_MEMBERS
        if rest > 0:
            more = Button(
                self._look, translate(_C, "%n more", "", rest), kind=Kind.LINK, click=self.group_wanted.emit
            )
            column.addSpacing(4)
            column.addWidget(more)
        return widget

    def _member(self, member: Member) -> QWidget:
        face = Face(self._look, 24)
        face.show_person(words.shown_name(member.name), member.avatar)
        name = words.shown_name(member.name)
        if member.own:
            name = translate(_C, "{name} (you)").format(name=name)
        state = "" if member.own else words.reach(member.reach)
        detail = ", ".join(part for part in (one_line(member.role or ""), state) if part)
        mark = None
        if member.admin:
            mark = Picture(self._look, "crown", 16)
            mark.setToolTip(translate(_C, "Admin of this group"))
        return self._line(face, name, detail, mark)

    def _photos_section(self, details: ConversationDetails) -> QWidget:
        widget, column = self._section(
            translate(_C, "Photos of this conversation"),
            str(details.photo_count) if details.photo_count else "",
        )
        if not details.photos:
            none = translate(_C, "None yet. Drop a photo into the conversation.")
            column.addWidget(Text(self._look, none, Size.SMALL, tone="secondary", wrap=True))
            return widget
        grid = QGridLayout()
        grid.setSpacing(8)
        for at, photo in enumerate(details.photos[:12]):
            tile = PhotoTile(self._look, photo, self._thumbnails)
            tile.clicked.connect(lambda photo=photo: self.photo_opened.emit(photo.message))
            grid.addWidget(tile, at // 3, at % 3)
        for at in range(3):
            grid.setColumnStretch(at, 1)
        column.addLayout(grid)
        return widget

    def sizeHint(self) -> QSize:
        return QSize(288, 600)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 200)
