"""A photo large: zoom, drag, next and previous of the conversation, save a copy. Decoded in a worker."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QObject,
    QPoint,
    QPointF,
    QRectF,
    QSize,
    Qt,
    QThreadPool,
    Signal,
)
from PySide6.QtGui import (
    QImage,
    QImageReader,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.core import events
from app.core.requests import FetchBlob, LoadPhoto
from app.core.views import AnyView, Failure, PhotoData
from app.ui import error_text, words
from app.ui.backend import Backend
from app.ui.controls import Button, Kind, Panel, Text
from app.ui.i18n import translate
from app.ui.look import Look, Size
from crypto.ids import ContentId

_C: Final = "Viewer"
_FORMATS: Final = {"image/jpeg": b"jpeg", "image/png": b"png"}
_ALLOCATION_MB: Final = 768
"""120 megapixels at four bytes, and room for one copy."""
_STEP: Final = 1.25
_GREATEST: Final = 8.0


class _Result(QObject):
    done = Signal(object, object)  # ContentId, QImage


def _decode(photo: PhotoData, result: _Result) -> None:
    """In a worker. Only the announced format is tried; an empty image says that it was none."""
    image = QImage()
    kind = _FORMATS.get(photo.media_type)
    if kind is not None:
        buffer = QBuffer()
        buffer.setData(QByteArray(photo.data))
        buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        image = QImageReader(buffer, QByteArray(kind)).read()
    result.done.emit(photo.message, image)


class Canvas(QWidget):
    """Shows a picture fitted or zoomed around the pointer; drag moves it."""

    zoomed = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._pixmap: QPixmap | None = None
        self._scale = 1.0
        self._fit = True
        self._offset = QPointF()
        self._grip: QPoint | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(translate(_C, "Photo"))

    def show_image(self, image: QImage | None) -> None:
        self._pixmap = None if image is None or image.isNull() else QPixmap.fromImage(image)
        self.fit()

    @property
    def percent(self) -> int:
        return round(self._scale * self._ratio * 100)

    @property
    def _ratio(self) -> float:
        return self.devicePixelRatioF()

    def _size(self) -> QSize:
        return self._pixmap.size() if self._pixmap is not None else QSize(1, 1)

    def _fitting(self) -> float:
        size = self._size()
        return min(self.width() / size.width(), self.height() / size.height(), 1 / self._ratio)

    def fit(self) -> None:
        self._fit, self._scale, self._offset = True, self._fitting(), QPointF()
        self._changed()

    def full(self) -> None:
        """One picture pixel on one screen pixel."""
        self.zoom_to(1 / self._ratio, QPointF(self.width() / 2, self.height() / 2))

    def zoom(self, factor: float, around: QPointF | None = None) -> None:
        self.zoom_to(self._scale * factor, around or QPointF(self.width() / 2, self.height() / 2))

    def zoom_to(self, scale: float, around: QPointF) -> None:
        """Zoom so that the picture's point under `around` stays there."""
        scale = max(self._fitting(), min(_GREATEST, scale))
        middle = QPointF(self.width() / 2, self.height() / 2)
        self._offset = (self._offset + middle - around) * (scale / self._scale) + around - middle
        self._fit = scale <= self._fitting()
        self._scale = scale
        self._changed()

    def _changed(self) -> None:
        size = self._size()
        for axis, room, length in (("x", self.width(), size.width()), ("y", self.height(), size.height())):
            reach = max(0.0, (length * self._scale - room) / 2)
            value = self._offset.x() if axis == "x" else self._offset.y()
            value = max(-reach, min(reach, value))
            if axis == "x":
                self._offset.setX(value)
            else:
                self._offset.setY(value)
        self.setCursor(Qt.CursorShape.ArrowCursor if self._fit else Qt.CursorShape.OpenHandCursor)
        self.zoomed.emit()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._pixmap is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._scale < 2)
        size = self._size()
        wide, high = size.width() * self._scale, size.height() * self._scale
        left = (self.width() - wide) / 2 + self._offset.x()
        top = (self.height() - high) / 2 + self._offset.y()
        painter.drawPixmap(QRectF(left, top, wide, high), self._pixmap, QRectF(self._pixmap.rect()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fit:
            self.fit()
        else:
            self._changed()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom(_STEP ** (event.angleDelta().y() / 120), event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self._fit:
            self._grip = event.position().toPoint()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            now = event.position().toPoint()
            self._offset += QPointF(now - self._grip)
            self._grip = now
            self._changed()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self._changed()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._fit:
            self.zoom_to(1 / self._ratio, event.position())
        else:
            self.fit()


class PhotoViewer(QDialog):
    """`save_wanted` carries (message, proposed name). Closed and emptied when the window is locked."""

    save_wanted = Signal(object, str)

    def __init__(
        self, look: Look, backend: Backend, language: Callable[[], str], parent: QWidget, message: ContentId,
        others: list[ContentId],
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._look, self._backend, self._language = look, backend, language
        self._message = message
        self._others = others if message in others else [message]
        self._media = "image/jpeg"
        self._result = _Result()
        self._result.done.connect(self._decoded)
        self.setWindowTitle(translate(_C, "Photo"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint, True)
        QImageReader.setAllocationLimit(_ALLOCATION_MB)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.canvas = Canvas(look)
        stage = Panel(look, "window")
        inside = QVBoxLayout(stage)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.canvas)
        column.addWidget(stage, 1)
        column.addWidget(self._foot())
        self.canvas.zoomed.connect(self._show_zoom)
        parent_size = parent.window().size()
        self.resize(max(560, parent_size.width() - 120), max(420, parent_size.height() - 100))
        self._load(message)
        self.canvas.setFocus(Qt.FocusReason.OtherFocusReason)

    def _foot(self) -> QWidget:
        look = self._look
        foot = Panel(look, "panel", edges="t")
        row = QHBoxLayout(foot)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(4)

        def tool(icon: str, tip: str, action: Callable[[], object]) -> Button:
            return Button(look, "", icon, kind=Kind.FLAT, tip=tip, click=action)

        self._previous = tool("arrow-left", translate(_C, "Previous photo (Left)"), lambda: self._step(-1))
        self._next = tool("arrow-right", translate(_C, "Next photo (Right)"), lambda: self._step(1))
        self._text = Text(look, "", Size.SMALL, tone="secondary")
        self._zoom = Text(look, "", Size.SMALL, tone="secondary")
        self._zoom.setMinimumWidth(look.metrics(Size.SMALL).horizontalAdvance("1000 %"))
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row.addWidget(self._previous)
        row.addWidget(self._next)
        row.addWidget(self._text, 1)
        row.addWidget(tool("zoom-out", translate(_C, "Smaller (-)"), lambda: self.canvas.zoom(1 / _STEP)))
        row.addWidget(self._zoom)
        row.addWidget(tool("zoom-in", translate(_C, "Larger (+)"), lambda: self.canvas.zoom(_STEP)))
        row.addWidget(tool("maximize", translate(_C, "Fit (0)"), self.canvas.fit))
        row.addSpacing(8)
        self._save = Button(look, translate(_C, "Save a copy"), "download", click=self._save_copy)
        row.addWidget(self._save)
        return foot

    # --- loading ------------------------------------------------------------------------------------------------

    def _load(self, message: ContentId) -> None:
        self._message = message
        self.canvas.show_image(None)
        self._save.setEnabled(False)
        place = self._others.index(message)
        self._previous.setEnabled(place > 0)
        self._next.setEnabled(place + 1 < len(self._others))
        self._say(translate(_C, "Loading …"))
        self._backend.ask(LoadPhoto(message=message), lambda view: self._got(message, view))

    def _got(self, message: ContentId, view: AnyView) -> None:
        if message != self._message:
            return
        if isinstance(view, Failure):
            self._say(error_text.sentence(view.code, view.detail, self._language()))
            if view.code == "not_here_yet":
                self._backend.ask(FetchBlob(message=message))
        elif isinstance(view, PhotoData):
            self._media = view.media_type
            result = self._result
            QThreadPool.globalInstance().start(lambda: _decode(view, result))

    def _decoded(self, message: ContentId, image: QImage) -> None:
        if message != self._message:
            return
        if image.isNull():
            self._say(error_text.sentence("photo.damaged", {}, self._language()))
            return
        self.canvas.show_image(image)
        self._save.setEnabled(True)
        count = ""
        if len(self._others) > 1:
            place = self._others.index(message) + 1
            count = translate(_C, "Photo {at} of {of}").format(at=place, of=len(self._others)) + " · "
        self._say(f"{count}{image.width()} × {image.height()}")

    def _say(self, text: str) -> None:
        self._text.setText(text)

    def handle(self, event: events.AnyEvent) -> None:
        """The rest of a picture that was not here yet arrived."""
        if isinstance(event, events.TransferProgress) and event.message == self._message:
            if event.done_bytes >= event.size_bytes:
                self._load(self._message)
            else:
                self._say(
                    translate(_C, "Loading, {done} of {size}").format(
                        done=words.data_size(event.done_bytes), size=words.data_size(event.size_bytes)
                    )
                )

    # --- acting -------------------------------------------------------------------------------------------------

    def _show_zoom(self) -> None:
        self._zoom.setText(f"{self.canvas.percent} %")

    def _step(self, by: int) -> None:
        place = self._others.index(self._message) + by
        if 0 <= place < len(self._others):
            self._load(self._others[place])

    def _save_copy(self) -> None:
        ending = "png" if self._media == "image/png" else "jpg"
        self.save_wanted.emit(self._message, f"foto-{self._message.hex()[:8]}.{ending}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        actions: dict[int, Callable[[], object]] = {
            int(Qt.Key.Key_Left): lambda: self._step(-1),
            int(Qt.Key.Key_Right): lambda: self._step(1),
            int(Qt.Key.Key_Plus): lambda: self.canvas.zoom(_STEP),
            int(Qt.Key.Key_Minus): lambda: self.canvas.zoom(1 / _STEP),
            int(Qt.Key.Key_0): self.canvas.fit,
            int(Qt.Key.Key_1): self.canvas.full,
        }
        action = actions.get(event.key())
        if action is not None:
            action()
        else:
            super().keyPressEvent(event)

    def done(self, result: int) -> None:
        """The picture leaves memory with the dialog."""
        self.canvas.show_image(None)
        super().done(result)
