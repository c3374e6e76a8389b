"""Where messages are written: text, reply, photos and files; Enter sends, Shift+Enter is a new line."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import (
    QBuffer,
    QIODevice,
    QMimeData,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage, QKeyEvent, QTextOption
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QTextEdit, QVBoxLayout, QWidget

from app.core.views import MessageRow
from app.ui import words
from app.ui.controls import Button, Elided, Kind, Panel, Picture, Text
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import one_line
from crypto.ids import ContentId

_C: Final = "Composer"
_MOST_LINES: Final = 6
_MARGIN_PX: Final = 9
_DRAFT_AFTER_MS: Final = 600
_PHOTO_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif")
_MOST_ATTACHMENTS: Final = 10


@dataclass(frozen=True)
class Attachment:
    """A photo or file that waits for "Send". Pasted pictures have no path, but PNG bytes."""

    photo: bool
    name: str
    path: str | None = None
    data: bytes | None = None


def is_photo(path: str) -> bool:
    return path.lower().endswith(_PHOTO_SUFFIXES)


def png_of(image: QImage) -> bytes:
    """A pasted picture as PNG; the core strips and re-encodes it like any other."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def attachments_of(mime: QMimeData) -> list[Attachment]:
    """Local files and pictures of a drop or paste."""
    found = []
    for url in mime.urls():
        path = url.toLocalFile()
        if path and Path(path).is_file():
            found.append(Attachment(is_photo(path), Path(path).name, path=path))
    if not found and mime.hasImage():
        image = mime.imageData()
        if isinstance(image, QImage) and not image.isNull():
            found.append(Attachment(True, translate(_C, "Pasted picture"), data=png_of(image)))
    return found


class Editor(QTextEdit):
    """Plain text that grows to six lines."""

    send = Signal()
    dropped = Signal(object)
    escaped = Signal()
    page = Signal(int)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setProperty("look", "composer")
        self.setAcceptRichText(False)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(_MARGIN_PX)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        line = self._look.metrics(Size.BODY).lineSpacing()
        frame = 4
        wanted = round(self.document().size().height()) + frame
        most = line * _MOST_LINES + 2 * _MARGIN_PX + frame
        self.setFixedHeight(min(max(40, wanted), most))
        policy = (
            Qt.ScrollBarPolicy.ScrollBarAsNeeded if wanted > most else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        self.setVerticalScrollBarPolicy(policy)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & (
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
        ):
            self.send.emit()
        elif enter:
            self.textCursor().insertText("\n")
            self.ensureCursorVisible()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown) and not event.modifiers():
            self.page.emit(-1 if event.key() == Qt.Key.Key_PageUp else 1)
        else:
            super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasImage() or source.hasUrls() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        found = attachments_of(source) if source.hasUrls() or source.hasImage() else []
        if found:
            self.dropped.emit(found)
        elif source.hasText():
            self.textCursor().insertText(source.text().replace("\r\n", "\n").replace("\x00", ""))
            self.ensureCursorVisible()

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 40)


class Chip(Panel):
    """One attachment that waits, with a button to take it out."""

    def __init__(self, look: Look, attachment: Attachment) -> None:
        super().__init__(look, "sub", radius=8)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 4, 4)
        row.setSpacing(8)
        row.addWidget(Picture(look, "image" if attachment.photo else "file-text", 16))
        label = Elided(look, Size.SMALL)
        label.set_text(one_line(attachment.name, 60))
        label.setMinimumWidth(min(180, label.sizeHint().width() + 4))
        row.addWidget(label, 1)
        self.remove = Button(look, "", "x", kind=Kind.FLAT, small=True, tip=translate(_C, "Remove"))
        row.addWidget(self.remove)


class Composer(Panel):
    """`sent` carries (text, attachments, reply id); the owner clears with `accept` or puts back with `restore`."""

    sent = Signal(str, object, object)
    draft_changed = Signal(str)
    page = Signal(int)

    def __init__(self, look: Look) -> None:
        super().__init__(look, "panel", edges="t")
        self._look = look
        self._reply: ContentId | None = None
        self._attachments: list[Attachment] = []
        self._compact = False
        self.setAcceptDrops(True)
        self.editor = Editor(look)
        self.photo = Button(look, translate(_C, "Photo"), "camera", kind=Kind.FLAT, click=self._choose_photo)
        self.file = Button(look, translate(_C, "File"), "paperclip", kind=Kind.FLAT, click=self._choose_file)
        self.photo.setToolTip(translate(_C, "Choose a photo"))
        self.file.setToolTip(translate(_C, "Choose a file"))
        self._hint = Text(look, translate(_C, "Enter sends"), Size.SMALL, tone="secondary")
        self.button = Button(
            look, translate(_C, "Send"), "send-horizontal", kind=Kind.FILLED, click=self._send
        )
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_DRAFT_AFTER_MS)
        self._timer.timeout.connect(lambda: self.draft_changed.emit(self.text()))
        self._build()
        self.editor.send.connect(self._send)
        self.editor.textChanged.connect(self._edited)
        self.editor.dropped.connect(self.attach)
        self.editor.escaped.connect(lambda: self.reply_to(None))
        self.editor.page.connect(self.page)
        self._edited()
        self._timer.stop()

    def _build(self) -> None:
        self._column = QVBoxLayout(self)
        self._column.setSpacing(8)
        self._reply_bar = Panel(self._look, "sub", radius=4)
        bar = QHBoxLayout(self._reply_bar)
        bar.setContentsMargins(12, 4, 4, 4)
        bar.setSpacing(8)
        bar.addWidget(Picture(self._look, "reply", 16, "accent"))
        lines = QVBoxLayout()
        lines.setSpacing(0)
        self._reply_name = Elided(self._look, Size.SMALL, strong=True, tone="secondary")
        self._reply_text = Elided(self._look, Size.SMALL, tone="secondary")
        lines.addWidget(self._reply_name)
        lines.addWidget(self._reply_text)
        bar.addLayout(lines, 1)
        bar.addWidget(
            Button(
                self._look, "", "x", kind=Kind.FLAT, small=True, tip=translate(_C, "Do not reply"),
                click=lambda: self.reply_to(None),
            )
        )  # fmt: skip
        self._reply_bar.hide()
        self._chips = QWidget()
        self._chip_row = QHBoxLayout(self._chips)
        self._chip_row.setContentsMargins(0, 0, 0, 0)
        self._chip_row.setSpacing(8)
        self._chip_row.addStretch(1)
        self._chips.hide()
        self._notice = Text(self._look, "", Size.SMALL, tone="warning", wrap=True)
        self._notice.hide()
        self._line = QHBoxLayout()
        self._tools = QHBoxLayout()
        self._column.addWidget(self._reply_bar)
        self._column.addWidget(self._chips)
        self._column.addWidget(self._notice)
        self._column.addLayout(self._line)
        self._column.addLayout(self._tools)
        self._arrange()

    def _arrange(self) -> None:
        """Wide: input, below it text buttons. Compact: icons, input and button in one row."""
        for layout in (self._line, self._tools):
            while layout.count():
                layout.takeAt(0)
        self.photo.setText("" if self._compact else translate(_C, "Photo"))
        self.file.setText("" if self._compact else translate(_C, "File"))
        for button, name in ((self.photo, translate(_C, "Photo")), (self.file, translate(_C, "File"))):
            button.setAccessibleName(name)
            button.updateGeometry()
        self._hint.setVisible(not self._compact)
        if self._compact:
            self._column.setContentsMargins(12, 8, 8, 8)
            self._line.setSpacing(4)
            for widget in (self.photo, self.file):
                self._line.addWidget(widget, 0, Qt.AlignmentFlag.AlignBottom)
            self._line.addWidget(self.editor, 1)
            self._line.addSpacing(4)
            self._line.addWidget(self.button, 0, Qt.AlignmentFlag.AlignBottom)
            return
        self._column.setContentsMargins(24, 12, 24, 12)
        self._line.addWidget(self.editor, 1)
        self._tools.setSpacing(4)
        self._tools.setContentsMargins(0, 0, 0, 0)
        self._tools.addWidget(self.photo)
        self._tools.addWidget(self.file)
        self._tools.addStretch(1)
        self._tools.addWidget(self._hint)
        self._tools.addSpacing(12)
        self._tools.addWidget(self.button)

    def set_compact(self, compact: bool) -> None:
        if compact != self._compact:
            self._compact = compact
            self._arrange()

    # --- content --------------------------------------------------------------------------------------------

    def text(self) -> str:
        return self.editor.toPlainText()

    def open(self, title: str, draft: str) -> None:
        """Another conversation is shown: its name and its draft."""
        self._timer.stop()
        self.reply_to(None)
        self._attachments.clear()
        self._show_chips()
        self.notice("")
        self.editor.setPlaceholderText(translate(_C, "Message to {name}").format(name=one_line(title, 60)))
        self.editor.setAccessibleName(self.editor.placeholderText())
        self._set_text(draft)

    def _set_text(self, text: str) -> None:
        self.editor.blockSignals(True)
        self.editor.setPlainText(text)
        self.editor.document().clearUndoRedoStacks()
        self.editor.blockSignals(False)
        self.editor.moveCursor(self.editor.textCursor().MoveOperation.End)
        self._enable()

    def pending_draft(self) -> str | None:
        """A draft that was not told yet; it is told now by whoever asks."""
        if not self._timer.isActive():
            return None
        self._timer.stop()
        return self.text()

    def clear(self) -> None:
        """Nothing of what was written stays in this widget (lock)."""
        self.open("", "")
        self.editor.setPlaceholderText("")

    def insert(self, text: str) -> None:
        """A key was typed in the timeline: go on writing here."""
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        self.editor.textCursor().insertText(text)

    def reply_to(self, row: MessageRow | None) -> None:
        self._reply = row.message if row is not None else None
        self._reply_bar.setVisible(row is not None)
        if row is not None:
            name = translate(_C, "You") if row.own else words.shown_name(row.author_name)
            self._reply_name.set_text(translate(_C, "Reply to {name}").format(name=name))
            body = ": ".join(part for part in (words.kind_word(row.kind), one_line(row.text)) if part)
            self._reply_text.set_text(body)
            self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def notice(self, text: str) -> None:
        """A sentence above the input, for example why something could not be sent."""
        self._notice.setText(text)
        self._notice.setVisible(bool(text))

    # --- attachments ------------------------------------------------------------------------------------------

    def attach(self, found: list[Attachment]) -> None:
        room = _MOST_ATTACHMENTS - len(self._attachments)
        self._attachments += found[:room]
        if len(found) > room:
            self.notice(
                translate(_C, "At most {number} attachments at once.").format(number=_MOST_ATTACHMENTS)
            )
        self._show_chips()
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_chips(self) -> None:
        while self._chip_row.count() > 1:
            item = self._chip_row.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        for attachment in self._attachments:
            chip = Chip(self._look, attachment)
            chip.remove.clicked.connect(lambda _=False, attachment=attachment: self._remove(attachment))
            self._chip_row.insertWidget(self._chip_row.count() - 1, chip)
        self._chips.setVisible(bool(self._attachments))
        self._enable()

    def _remove(self, attachment: Attachment) -> None:
        self._attachments.remove(attachment)
        self._show_chips()

    def _choose_photo(self) -> None:
        pattern = " ".join(f"*{suffix}" for suffix in _PHOTO_SUFFIXES)
        paths, _ = QFileDialog.getOpenFileNames(
            self, translate(_C, "Choose photos"), "", f"{translate(_C, 'Photos')} ({pattern})"
        )
        self.attach([Attachment(True, Path(path).name, path=path) for path in paths])

    def _choose_file(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self, translate(_C, "Choose files"))
        self.attach([Attachment(False, Path(path).name, path=path) for path in paths])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        found = attachments_of(event.mimeData())
        if found:
            self.attach(found)
            event.acceptProposedAction()

    # --- sending -----------------------------------------------------------------------------------------------

    def _edited(self) -> None:
        self._enable()
        self._timer.start()

    def _enable(self) -> None:
        self.button.setEnabled(bool(self.text().strip()) or bool(self._attachments))

    def _send(self) -> None:
        text = self.text().strip()
        if not text and not self._attachments:
            return
        attachments, reply = list(self._attachments), self._reply
        self._timer.stop()
        self._attachments.clear()
        self._show_chips()
        self._set_text("")
        self.reply_to(None)
        self.notice("")
        self.sent.emit(text, attachments, reply)

    def restore(self, text: str, attachments: list[Attachment], why: str) -> None:
        """It could not be sent: everything is back, with the reason."""
        if text and not self.text().strip():
            self._set_text(text)
        self._attachments = attachments + self._attachments
        self._show_chips()
        self.notice(why)
