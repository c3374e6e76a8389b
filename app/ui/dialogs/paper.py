"""The recovery code on paper. Printing is offered where Qt's print support is installed."""

import importlib.util
from collections.abc import Callable
from datetime import datetime
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QDialog, QWidget

from app.ui import words
from app.ui.i18n import translate
from app.ui.look import Look, Size

_C: Final = "Paper"
_MM: Final = 1 / 25.4


def can_print() -> bool:
    return importlib.util.find_spec("PySide6.QtPrintSupport") is not None


def print_recovery(
    parent: QWidget, look: Look, circle_name: str, code: str, then: Callable[[bool], None]
) -> None:
    """Ask for a printer and print one page; `then` is told whether it failed. A cancelled dialog says nothing."""
    from PySide6.QtPrintSupport import QPrintDialog, QPrinter

    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setDocName(translate(_C, "Recovery code"))
    dialog = QPrintDialog(printer, parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)

    def chosen() -> None:
        painter = QPainter()
        if not painter.begin(printer):
            then(True)
            return
        draw_recovery(painter, look, printer.resolution(), circle_name, code)
        then(not painter.end())

    dialog.accepted.connect(chosen)
    QDialog.open(dialog)  # QPrintDialog's own overload wants a slot by name


def draw_recovery(painter: QPainter, look: Look, dpi: int, circle_name: str, code: str) -> None:
    """One page: practice, code in large groups, what it is for. Sizes in millimetres and points, black on white."""
    mm = dpi * _MM
    font = QFont(look.font(Size.BODY))
    y = 10 * mm

    def write(text: str, points: float, gap_mm: float, *, strong: bool = False) -> None:
        nonlocal y
        font.setPointSizeF(points)
        font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
        painter.setFont(font)
        flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)
        area = QRectF(10 * mm, y, 160 * mm, 100 * mm)
        y = painter.boundingRect(area, flags, text).bottom() + gap_mm * mm
        painter.drawText(area, flags, text)

    groups = code.replace("-", " ").split()
    write("Praxisfunk", 11, 2)
    write(translate(_C, "Recovery code"), 22, 2, strong=True)
    made = words.date_and_time(round(datetime.now().timestamp() * 1000))
    write(translate(_C, "{practice}, made on {time}").format(practice=circle_name, time=made), 11, 14)
    for start in range(0, len(groups), 4):
        write("    ".join(groups[start : start + 4]), 24, 4, strong=True)
    y += 10 * mm
    for text in (
        translate(_C, "It restores the practice if every admin device is lost or broken."),
        translate(
            _C, "Whoever has it can take over the practice. Lock it away, and do not photograph or scan it."
        ),
        translate(_C, "There is no O, I, L or U in it: a round sign is a zero, a straight one is a one."),
    ):
        write(text, 11, 3)
