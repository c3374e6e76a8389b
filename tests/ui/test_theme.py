"""Colours can be read, follow the system, and give way to high contrast."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from app.core.directory import avatar_of
from app.ui.look import Look
from app.ui.theme import AVATARS, DARK, LIGHT, Theme, avatar_place, of_palette


def _light(value: str) -> float:
    def part(channel: float) -> float:
        return channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4

    color = QColor(value)
    return 0.2126 * part(color.redF()) + 0.7152 * part(color.greenF()) + 0.0722 * part(color.blueF())


def contrast(one: str, other: str) -> float:
    high, low = sorted((_light(one), _light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_text_reaches_four_and_a_half_to_one(theme: Theme) -> None:
    grounds = (theme.window, theme.panel, theme.sub, theme.hover, theme.own, theme.peer, theme.accent_soft)
    for ground in grounds:
        assert contrast(theme.text, ground) >= 4.5
        assert contrast(theme.secondary, ground) >= 4.5
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.accent, theme.panel) >= 4.5
    assert contrast(theme.warning, theme.warning_soft) >= 4.5
    assert contrast(theme.warning, theme.window) >= 4.5
    assert contrast(theme.good, theme.panel) >= 4.5
    for ground in (theme.window, theme.panel):
        assert contrast(theme.control, ground) >= 3


@pytest.mark.parametrize("color", AVATARS)
def test_initials_can_be_read(color: str) -> None:
    assert contrast("#FFFFFF", color) >= 5


def test_avatar_rule_is_the_cores() -> None:
    assert all(avatar_place(bytes([value, 1])) == avatar_of(bytes([value, 1])) for value in range(256))


def test_the_users_choice(qapp: QApplication, look: Look) -> None:
    generation = look.generation
    look.choose(theme="dark", text_percent=150)
    assert look.theme is DARK and look.generation > generation
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == DARK.window.lower()
    assert look.line(20) == 30
    look.choose(theme="light", text_percent=100)
    assert look.theme is LIGHT


def test_high_contrast_has_outlines_and_the_systems_colours() -> None:
    palette = QPalette(Qt.GlobalColor.black)
    palette.setColor(QPalette.ColorRole.Window, QColor("#000000"))
    palette.setColor(QPalette.ColorRole.WindowText, QColor("#FFFF00"))
    theme = of_palette(palette)
    assert theme.outlined and theme.text == "#ffff00" and theme.window == "#000000" and theme.dark
