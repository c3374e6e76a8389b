"""The one style sheet of a theme: what palette and Fusion cannot say (radius, padding, focus borders)."""

from app.ui.theme import Theme


def _soft(color: str) -> str:
    """A scroll bar's handle: the colour at 55 %."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 55%)"


def sheet_of(theme: Theme) -> str:
    """Set once on the application, never per widget. Buttons, boxes and combos paint themselves."""
    outline = f"border: 1px solid {theme.text};" if theme.outlined else ""
    return f"""
QLineEdit, QPlainTextEdit, QTextEdit {{
  border: 1px solid {theme.control}; border-radius: 8px; background: {theme.panel}; color: {theme.text};
  padding: 7px 10px; placeholder-text-color: {theme.secondary};
  selection-background-color: {theme.accent}; selection-color: {theme.on_accent};
}}
QLineEdit:focus, QPlainTextEdit:focus, QTextEdit:focus {{ border: 2px solid {theme.accent}; padding: 6px 9px; }}
QLineEdit:disabled, QTextEdit:disabled {{ border-color: {theme.line}; color: {theme.secondary}; }}
QLineEdit[look="search"] {{ border: 1px solid {theme.text if theme.outlined else theme.line};
  background: {theme.sub}; padding-left: 34px; }}
QLineEdit[look="search"]:focus {{ border: 2px solid {theme.accent}; padding-left: 33px; }}
QLineEdit[look="code"] {{ border: none; background: transparent; padding: 0; }}
QTextEdit[look="composer"] {{ padding: 1px 3px; }}
QTextEdit[look="composer"]:focus {{ padding: 0 2px; }}
QLabel[tone="secondary"] {{ color: {theme.secondary}; }}
QLabel[tone="accent"] {{ color: {theme.accent}; }}
QLabel[tone="warning"] {{ color: {theme.warning}; }}
QLabel[tone="good"] {{ color: {theme.good}; }}
QScrollArea, QAbstractScrollArea[look="plain"] {{ border: none; background: transparent; }}
QScrollArea > QWidget > QWidget[look="plain"] {{ background: transparent; }}
QListView {{ border: none; background: {theme.panel}; outline: none; }}
QListView[look="timeline"] {{ background: {theme.window}; }}
QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
QScrollBar::handle {{ background: {_soft(theme.control)}; border-radius: 3px; margin: 3px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QSplitter::handle {{ background: {theme.line}; }}
QMenu {{ background: {theme.panel}; border: 1px solid {theme.line}; padding: 4px; color: {theme.text}; }}
QMenu::item {{ padding: 7px 24px 7px 12px; border-radius: 6px; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::item:selected {{ background: {theme.accent_soft}; {outline} }}
QMenu::item:disabled {{ color: {theme.secondary}; }}
QMenu::separator {{ height: 1px; background: {theme.line}; margin: 4px 8px; }}
QToolTip {{ background: {theme.text}; color: {theme.panel}; border: none; padding: 4px 8px; }}
"""
