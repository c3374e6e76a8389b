"""The Qt version that we pinned does not lose references to None (PySide6 6.12.0 on CPython 3.11 does)."""

import sys

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QApplication, QWidget


def test_a_thousand_void_calls_keep_none_alive(qapp: QApplication) -> None:
    widget = QWidget()
    widget.update()
    before = sys.getrefcount(None)
    for _ in range(1_000):
        widget.update()
    assert abs(sys.getrefcount(None) - before) < 100


def test_not_the_version_that_does() -> None:
    assert not (qVersion().startswith("6.12.0") and sys.version_info[:2] == (3, 11))
