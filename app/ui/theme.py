"""The colours of the window in one frozen table, light and dark (design: visual.md), and the palette from it.

Roles that Qt knows go into the palette; the rest is read by delegates and own widgets. With high contrast
switched on in the system its palette wins: `of_palette` derives everything from it and soft fills become
outlines.
"""

from dataclasses import dataclass
from typing import Final

from PySide6.QtGui import QColor, QPalette


@dataclass(frozen=True)
class Theme:
    """Colours as "#rrggbb". `outlined`: no soft fills, draw an outline in `text` instead (high contrast)."""

    name: str
    window: str
    panel: str
    sub: str
    hover: str
    line: str
    control: str
    text: str
    secondary: str
    accent: str
    accent_hover: str
    on_accent: str
    accent_soft: str
    own: str
    peer: str
    own_quote: str
    warning: str
    warning_soft: str
    good: str
    good_soft: str
    good_dot: str
    button: str
    outlined: bool = False

    @property
    def dark(self) -> bool:
        return QColor(self.window).lightness() < 128


LIGHT: Final = Theme(
    name="light", window="#F4F6F8", panel="#FFFFFF", sub="#EEF2F5", hover="#F0F3F6", line="#E1E6EB",
    control="#7F8D9B", text="#1B2733", secondary="#566573", accent="#0B6E75", accent_hover="#095B61",
    on_accent="#FFFFFF", accent_soft="#E3F1F1", own="#DCEEEE", peer="#FFFFFF", own_quote="#ECF6F6",
    warning="#855600", warning_soft="#FFF4DC", good="#27704A", good_soft="#E6F3EB", good_dot="#2E8B57",
    button="#FFFFFF",
)  # fmt: skip

DARK: Final = Theme(
    name="dark", window="#12181E", panel="#182028", sub="#212B34", hover="#1F2932", line="#2A343E",
    control="#687988", text="#E7EDF2", secondary="#9DADBB", accent="#4FB6BC", accent_hover="#6CC6CB",
    on_accent="#06282B", accent_soft="#173237", own="#1B3D41", peer="#212B34", own_quote="#173337",
    warning="#F2C063", warning_soft="#3A2F18", good="#6CC08B", good_soft="#1B3327", good_dot="#6CC08B",
    button="#212B34",
)  # fmt: skip

AVATARS: Final = (
    "#5B5EA6", "#9A5B13", "#2F6F4E", "#8C3F63", "#3D6B8E", "#0B6E75", "#7A4B2A", "#5A5F6B",
)  # fmt: skip
"""White initials reach at least 5:1 on each. A person's place in it is her `avatar` index."""


def avatar_place(person: bytes) -> int:
    """The rule of `app.core.directory.avatar_of`, without its imports; a test holds them together."""
    return person[0] % len(AVATARS) if person else 0


def of_palette(palette: QPalette) -> Theme:
    """A theme of nothing but the system's high-contrast colours."""

    def color(role: QPalette.ColorRole) -> str:
        return palette.color(QPalette.ColorGroup.Active, role).name()

    window, base = color(QPalette.ColorRole.Window), color(QPalette.ColorRole.Base)
    text, mark = color(QPalette.ColorRole.WindowText), color(QPalette.ColorRole.Highlight)
    return Theme(
        name="contrast", window=window, panel=base, sub=base, hover=base, line=text, control=text, text=text,
        secondary=text, accent=mark, accent_hover=mark, on_accent=color(QPalette.ColorRole.HighlightedText),
        accent_soft=base, own=base, peer=base, own_quote=base, warning=text, warning_soft=base, good=text,
        good_soft=base, good_dot=mark, button=color(QPalette.ColorRole.Button), outlined=True,
    )  # fmt: skip


def palette_of(theme: Theme) -> QPalette:
    """The theme as Qt's palette; everything that Qt draws itself follows it."""
    roles = QPalette.ColorRole
    table = {
        roles.Window: theme.window, roles.Base: theme.panel, roles.Button: theme.button,
        roles.AlternateBase: theme.sub, roles.Text: theme.text, roles.WindowText: theme.text,
        roles.ButtonText: theme.text, roles.BrightText: theme.on_accent, roles.PlaceholderText: theme.secondary,
        roles.Highlight: theme.accent_soft, roles.HighlightedText: theme.text, roles.Accent: theme.accent,
        roles.Link: theme.accent, roles.LinkVisited: theme.accent, roles.Mid: theme.line,
        roles.Midlight: theme.sub, roles.Light: theme.panel, roles.Dark: theme.control,
        roles.Shadow: theme.control, roles.ToolTipBase: theme.text, roles.ToolTipText: theme.panel,
    }  # fmt: skip
    palette = QPalette()
    for role, value in table.items():
        palette.setColor(role, QColor(value))
    dim = QColor(theme.text)
    dim.setAlphaF(0.45)
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, dim)
    return palette
