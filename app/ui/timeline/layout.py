"""Where everything of one message stands: computed once per (message, width, theme generation), used by both
`sizeHint` and `paint`; what can be clicked comes from here too."""

from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QPointF, QRectF

from app.core.views import Mark, MessageKind, MessageRow, TransferState
from app.ui import words
from app.ui.i18n import translate
from app.ui.look import Look, Size
from app.ui.plain import harmless, one_line
from app.ui.timeline.actions import Action
from app.ui.timeline.items import Item
from app.ui.timeline.text import TextBlock

_C = "Timeline"
_AVATAR: Final = 32
_FOLD_LINES: Final = 24
_BUBBLE_SHARE: Final = 0.72


@dataclass(frozen=True)
class Spot:
    """A clickable area. A `label` makes it a painted small button, else it is invisible over its content."""

    rect: QRectF
    action: Action
    label: str = ""
    tip: str = ""
    filled: bool = False


@dataclass
class Fact:
    """A line with an icon beside a photo."""

    icon: str
    text: str
    tone: str
    rect: QRectF


@dataclass
class Layout:
    """All rectangles relative to the row's upper left corner. None where a part is absent."""

    height: float = 0.0
    day: tuple[QRectF, str] | None = None
    unread: tuple[QRectF, str] | None = None
    bubble: QRectF | None = None
    avatar: QRectF | None = None
    name: QRectF | None = None
    quote: QRectF | None = None
    quote_lines: tuple[str, str] = ("", "")
    text: TextBlock | None = None
    text_at: QPointF = field(default_factory=QPointF)
    meta: QRectF | None = None
    meta_text: str = ""
    picture: QRectF | None = None
    facts: list[Fact] = field(default_factory=list)
    bar: QRectF | None = None
    status: QRectF | None = None
    file_icon: QRectF | None = None
    file_name: QRectF | None = None
    file_detail: QRectF | None = None
    warning: QRectF | None = None
    notice: TextBlock | None = None
    notice_box: QRectF | None = None
    why: TextBlock | None = None
    why_at: QPointF = field(default_factory=QPointF)
    spots: list[Spot] = field(default_factory=list)

    def spot_at(self, point: QPointF) -> Spot | None:
        return next((spot for spot in self.spots if spot.rect.contains(point)), None)

    def over_text(self, point: QPointF) -> bool:
        if self.text is None:
            return False
        rect = QRectF(self.text_at.x() - 4, self.text_at.y(), self.text.width + 8, self.text.height)
        return rect.contains(point)


@dataclass(frozen=True)
class Frame:
    """What a layout depends on besides its item."""

    width: int
    direct: bool
    unfolded: bool
    language: str


class Builder:
    """Lays out one item. `Builder(...).build()` once; nothing is kept."""

    def __init__(self, item: Item, frame: Frame, look: Look) -> None:
        self._item, self._row, self._frame, self._look = item, item.row, frame, look
        self._side = 24.0 if frame.width >= 520 else 16.0
        self._out = Layout()

    def build(self) -> Layout:
        top = self._above(0.0)
        row = self._row
        if row.kind is MessageKind.NOTICE:
            self._out.height = self._notice(top)
            return self._out
        headed = self._item.day is not None or bool(self._item.unread)
        top += 4.0 if not self._item.first else 0.0 if headed else 12.0
        if row.kind is MessageKind.PHOTO and row.photo is not None:
            bottom = self._photo(top)
        elif row.kind is MessageKind.FILE and row.file is not None:
            bottom = self._file(top)
        else:
            bottom = self._text_bubble(top)
        bottom = self._below(bottom)
        if self._out.bubble is not None and self._item.last and not row.own:
            self._out.avatar = QRectF(self._side, self._out.bubble.bottom() - _AVATAR, _AVATAR, _AVATAR)
        self._out.height = bottom
        return self._out

    # --- above and below the bubble -------------------------------------------------------------------

    def _above(self, top: float) -> float:
        width, item, look = self._frame.width, self._item, self._look
        if item.day is not None:
            text = words.day_label(item.day, words.moment(words.now_ms()).date())
            wide = look.metrics(Size.TIME).horizontalAdvance(text) + 24
            height = look.line(16) + 8
            self._out.day = (QRectF((width - wide) / 2, top + 12, wide, height), text)
            top += height + 24
        if item.unread:
            text = translate(_C, "%n new messages", "", item.unread)
            height = look.line(16)
            self._out.unread = (QRectF(self._side, top + 12, width - 2 * self._side, height), text)
            top += height + 24
        return top

    def _below(self, bottom: float) -> float:
        """Why a message waits or failed, with what can be done about it."""
        row, item = self._row, self._item
        if not row.own or row.mark not in (Mark.WAITING, Mark.FAILED):
            return bottom
        if row.mark is Mark.WAITING and not item.slow and row.mark_reason is None:
            return bottom
        look, bubble = self._look, self._out.bubble
        assert bubble is not None
        space = min(420.0, self._frame.width - 2 * self._side)
        why = TextBlock(
            words.why_not_delivered(row, self._frame.language),
            look.font(Size.SMALL),
            space - 20,
            look.line(16),
        )
        right = bubble.right()
        self._out.why = why
        self._out.why_at = QPointF(right - why.width, bottom + 4)
        top = bottom + 4 + why.height + 4
        again = translate(_C, "Send again") if row.mark is Mark.FAILED else translate(_C, "Try now")
        right = self._button(right, top, translate(_C, "Discard"), Action.DISCARD) - 8
        self._button(right, top, again, Action.RETRY)
        return top + self._button_height()

    def _button_height(self) -> float:
        return max(28.0, self._look.metrics(Size.SMALL).height() + 8.0)

    def _button(self, right: float, top: float, label: str, action: Action, *, filled: bool = False) -> float:
        width = self._look.metrics(Size.SMALL, strong=True).horizontalAdvance(label) + 20.0
        rect = QRectF(right - width, top, width, self._button_height())
        self._out.spots.append(Spot(rect, action, label, filled=filled))
        return rect.left()

    # --- parts of a bubble ------------------------------------------------------------------------------

    def _room(self) -> tuple[float, float]:
        """Left edge and greatest width of a bubble."""
        left = self._side if self._row.own else self._side + _AVATAR + 8
        column = self._frame.width - self._side - left
        share = _BUBBLE_SHARE if self._frame.width >= 520 else 0.88
        return left, column * share

    def _meta_width(self) -> float:
        row = self._row
        self._out.meta_text = words.clock(row.sent_ms)
        if row.clock_wrong:
            self._out.meta_text = translate(_C, "clock wrong, {time}").format(time=self._out.meta_text)
        width = float(self._look.metrics(Size.TIME).horizontalAdvance(self._out.meta_text))
        return width + (20.0 if row.own and row.mark is not Mark.NONE else 0.0)

    def _shows_name(self) -> bool:
        return self._item.first and not self._row.own and not self._frame.direct

    def _place(self, left: float, top: float, width: float, height: float) -> QRectF:
        if self._row.own:
            left = self._frame.width - self._side - width
        self._out.bubble = QRectF(left, top, width, height)
        return self._out.bubble

    def _quote(self, left: float, top: float, width: float) -> float:
        quote = self._row.quote
        if quote is None:
            return top
        height = 2 * self._look.line(16) + 8.0
        self._out.quote = QRectF(left, top, width, height)
        if quote.kind is None:
            body = translate(_C, "This message is not here")
        else:
            word, text = words.kind_word(quote.kind), one_line(quote.text, 200)
            body = ": ".join(part for part in (word, text) if part)
        self._out.quote_lines = (words.shown_name(quote.author_name), body)
        self._out.spots.append(Spot(self._out.quote, Action.QUOTE, tip=translate(_C, "Show this message")))
        return top + height

    def _mark_spot(self) -> None:
        meta = self._out.meta
        if self._row.own and self._row.mark is not Mark.NONE and meta is not None:
            rect = QRectF(meta.right() - 20, meta.top() - 4, 24, meta.height() + 8)
            tip = words.why_not_delivered(self._row, self._frame.language) or words.mark_word(self._row.mark)
            self._out.spots.append(Spot(rect, Action.DELIVERY, tip=tip))

    # --- text ---------------------------------------------------------------------------------------------

    def _body(self) -> str:
        row = self._row
        if row.kind in (MessageKind.DELETED, MessageKind.UNKNOWN):
            if row.kind is MessageKind.DELETED:
                return translate(_C, "Deleted by {name}").format(name=words.shown_name(row.author_name))
            return translate(_C, "This message needs a newer version of Praxisfunk.")
        return harmless(row.text)

    def _text_bubble(self, top: float) -> float:
        look, row, out = self._look, self._row, self._out
        left, most = self._room()
        icon = 24.0 if row.kind in (MessageKind.DELETED, MessageKind.UNKNOWN) else 0.0
        fold = 0 if self._frame.unfolded else _FOLD_LINES
        block = TextBlock(self._body(), look.font(Size.BODY), most - 24 - icon, look.line(20), fold)
        meta = self._meta_width()
        inline = not block.folded and block.last_width + 12 + meta <= most - 24 - icon
        inner = max(block.width, block.last_width + 12 + meta if inline else meta)
        name_width = 0.0
        if self._shows_name():
            name_width = float(
                look.metrics(Size.SMALL, strong=True).horizontalAdvance(words.shown_name(row.author_name))
            )
        if row.external and self._shows_name():
            name_width += (
                look.metrics(Size.TIME, strong=True).horizontalAdvance(translate(_C, "External")) + 24
            )
        inner = min(most - 24, max(inner + icon, name_width, 220.0 if row.quote else 0.0))
        y = top + 8
        x = left + 12 if not row.own else self._frame.width - self._side - inner - 12
        if self._shows_name():
            out.name = QRectF(x, y, inner, look.line(16))
            y += look.line(16) + 2
        if row.quote is not None:
            y = self._quote(x, y, inner) + 4
        out.text, out.text_at = block, QPointF(x + icon, y)
        y += block.height
        if block.folded:
            rect = QRectF(x, y + 2, inner, look.line(20))
            out.spots.append(Spot(rect, Action.UNFOLD, tip=translate(_C, "Show all")))
            out.facts.append(Fact("chevron-down", translate(_C, "Show all"), "accent", rect))
            y += look.line(20) + 4
        if inline:
            out.meta = QRectF(x + inner - meta, y - look.line(18), meta, look.line(16))
        else:
            out.meta = QRectF(x + inner - meta, y, meta, look.line(16))
            y += look.line(16)
        bubble = self._place(left, top, inner + 24, y + 8 - top)
        self._mark_spot()
        return bubble.bottom()

    # --- photo ------------------------------------------------------------------------------------------

    def _photo(self, top: float) -> float:
        left, most = self._room()
        column = self._frame.width
        if column < 420:
            return self._photo_tall(top, left, min(most + 40, column - left - self._side))
        if column < 600:
            return self._photo_wide(top, left, min(412.0, column - left - self._side), 144.0, 128.0, 12.0)
        return self._photo_wide(top, left, min(568.0, column - left - self._side), 264.0, 204.0, 16.0)

    def _photo_wide(
        self, top: float, left: float, width: float, wide: float, high: float, gap: float
    ) -> float:
        """Picture left, what is known about it right."""
        out = self._out
        x = left if not self._row.own else self._frame.width - self._side - width
        fact_left = x + 8 + wide + gap
        bottom = self._photo_facts(fact_left, top + 8, x + width - 8 - fact_left)
        meta = self._meta_width()
        bottom = max(bottom + 4, top + 8 + high - self._look.line(16))
        out.meta = QRectF(x + width - 8 - meta, bottom, meta, self._look.line(16))
        height = max(high, bottom + self._look.line(16) - top - 8)
        out.picture = QRectF(x + 8, top + 8, wide, height)
        return self._photo_end(left, top, width, height + 16)

    def _photo_tall(self, top: float, left: float, width: float) -> float:
        """Picture on top, facts below."""
        out = self._out
        x = left if not self._row.own else self._frame.width - self._side - width
        high = round((width - 16) * 0.72)
        out.picture = QRectF(x + 8, top + 8, width - 16, high)
        bottom = self._photo_facts(x + 8, top + 8 + high + 8, width - 16)
        meta = self._meta_width()
        out.meta = QRectF(x + width - 8 - meta, bottom + 4, meta, self._look.line(16))
        return self._photo_end(left, top, width, bottom + 4 + self._look.line(16) + 8 - top)

    def _photo_end(self, left: float, top: float, width: float, height: float) -> float:
        out, photo = self._out, self._row.photo
        assert out.picture is not None and photo is not None
        tip = translate(_C, "Show large")
        out.spots.append(Spot(out.picture, Action.OPEN_PHOTO, tip=tip))
        self._mark_spot()
        return self._place(left, top, width, height).bottom()

    def _photo_facts(self, x: float, y: float, width: float) -> float:
        look, row, out = self._look, self._row, self._out
        photo = row.photo
        assert photo is not None
        if not row.own and not self._frame.direct:
            out.name = QRectF(x, y, width, look.line(16))
            y += look.line(16) + 4
        if row.quote is not None:
            y = self._quote(x, y, width) + 8
        if row.text.strip():
            fold = 0 if self._frame.unfolded else 8
            out.text = TextBlock(harmless(row.text), look.font(Size.BODY), width, look.line(20), fold)
            out.text_at = QPointF(x, y)
            y += out.text.height
            if out.text.folded:
                rect = QRectF(x, y, width, look.line(18))
                out.spots.append(Spot(rect, Action.UNFOLD, tip=translate(_C, "Show all")))
                out.facts.append(Fact("chevron-down", translate(_C, "Show all"), "accent", rect))
                y += look.line(18)
            y += 8
        for icon, text, tone in self._photo_lines(row):
            out.facts.append(Fact(icon, text, tone, QRectF(x, y, width, look.line(18))))
            y += look.line(18) + 4
        return self._transfer(x, y, width)

    @staticmethod
    def _photo_lines(row: MessageRow) -> list[tuple[str, str, str]]:
        photo = row.photo
        assert photo is not None
        lines = []
        if photo.captured_ms is not None:
            taken = translate(_C, "Taken {time}").format(time=words.date_and_time(photo.captured_ms))
            lines.append(("camera", taken, "text"))
        size = words.data_size(photo.blob.size_bytes)
        lines.append(("image", f"{photo.width_px} × {photo.height_px}, {size}", "secondary"))
        return lines

    def _transfer(self, x: float, y: float, width: float) -> float:
        """Progress bar and words while the bytes are not complete."""
        look, row, out = self._look, self._row, self._out
        blob = row.photo.blob if row.photo else row.file.blob if row.file else None
        if blob is None or blob.state is TransferState.COMPLETE:
            return y
        if blob.state in (TransferState.RUNNING, TransferState.PAUSED):
            out.bar = QRectF(x, y + 4, width, 4)
            y += 12
        out.status = QRectF(x, y, width, look.line(16))
        y += look.line(16)
        if not row.own and blob.state in (TransferState.ABSENT, TransferState.PAUSED):
            label = translate(_C, "Load now")
            self._button(
                x + look.metrics(Size.SMALL, strong=True).horizontalAdvance(label) + 20.0,
                y + 4,
                label,
                Action.FETCH,
            )
            y += self._button_height() + 8
        return y

    # --- file -------------------------------------------------------------------------------------------

    def _file(self, top: float) -> float:
        look, row, out = self._look, self._row, self._out
        left, most = self._room()
        file = row.file
        assert file is not None
        width = min(320.0, max(most, 240.0))
        x = (left if not row.own else self._frame.width - self._side - width) + 12
        inner, y = width - 24, top + 12
        if self._shows_name():
            out.name = QRectF(x, y - 4, inner, look.line(16))
            y += look.line(16)
        if row.quote is not None:
            y = self._quote(x, y, inner) + 8
        out.file_icon = QRectF(x, y, 40, 40)
        out.file_name = QRectF(x + 52, y + 1, inner - 52, look.line(18))
        out.file_detail = QRectF(x + 52, y + 1 + look.line(18), inner - 52, look.line(18))
        y += max(40, 2 * look.line(18) + 2) + 8
        if row.text.strip():
            out.text = TextBlock(harmless(row.text), look.font(Size.BODY), inner, look.line(20), 8)
            out.text_at = QPointF(x, y)
            y += out.text.height + 8
        y = self._transfer(x, y, inner)
        complete = file.blob.state is TransferState.COMPLETE
        meta = self._meta_width()
        if complete:
            out.warning = QRectF(x, y, inner, look.line(16))
            y += look.line(16) + 8
            label = translate(_C, "Save as")
            right = x + look.metrics(Size.SMALL, strong=True).horizontalAdvance(label) + 20.0
            self._button(right, y, label, Action.SAVE)
            y += self._button_height()
        else:
            y += look.line(16) + 4
        out.meta = QRectF(x + inner - meta, y - look.line(16), meta, look.line(16))
        self._mark_spot()
        return self._place(left, top, width, y + 12 - top).bottom()

    # --- notice -----------------------------------------------------------------------------------------

    def _notice(self, top: float) -> float:
        look, row, out = self._look, self._row, self._out
        assert row.notice is not None
        space = min(520.0, self._frame.width - 2 * self._side - 48)
        text = f"{words.notice(row.notice)} · {words.clock(row.sent_ms)}"
        out.notice = TextBlock(text, look.font(Size.SMALL), space, look.line(16), 6)
        width = out.notice.width + 24 + 24
        left = (self._frame.width - width) / 2
        height = out.notice.height + 12
        out.notice_box = QRectF(left, top + 8, width, height)
        return top + 8 + height
