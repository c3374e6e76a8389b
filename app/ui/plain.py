"""Text of other people made harmless before it is painted (attacks 35 and 37). No Qt.

Nothing here is ever parsed as markup. What is taken out are characters that change how *other* characters
are shown: direction overrides, invisible marks, control characters, towers of combining marks.
"""

import re
import unicodedata
from typing import Final

_HARMFUL: Final = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f"  # C0 but tab and newline, DEL, C1
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f\ud800-\udfff]"
)
_BREAKS: Final = re.compile("\r\n|[\r\u2028\u2029\u0085\u000b\u000c]")
_MARKS: Final = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4,}")
_RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff]")
_SPACES: Final = re.compile(r"\s+")

NAME_CHARS: Final = 80
LINE_CHARS: Final = 400


def harmless(text: str) -> str:
    """Several lines stay several lines; everything that could disturb its surroundings is gone."""
    if text.isascii() and text.isprintable():
        return text
    text = _BREAKS.sub("\n", text)
    text = _HARMFUL.sub("", text).replace("\t", "    ")
    return _MARKS.sub(lambda found: found.group()[:3], text)


def one_line(text: str, limit: int = LINE_CHARS) -> str:
    """One line for lists, quotes and titles; cut after `limit` characters with an ellipsis."""
    text = _SPACES.sub(" ", harmless(text[: limit * 4])).strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def name(text: str | None, unknown: str) -> str:
    """A person's, device's or group's name. Right-to-left names are isolated so that they cannot reorder
    the sentence around them; an empty name is shown as `unknown`."""
    if text is None:
        return unknown
    line = one_line(text, NAME_CHARS)
    if not line:
        return unknown
    if _RIGHT_TO_LEFT.search(line):
        return f"\u2068{line}\u2069"
    return line


def initials(text: str) -> str:
    """One or two capital letters for an avatar; titles such as "Dr." do not count."""
    words = [word for word in re.split(r"[\s\-]+", one_line(text, NAME_CHARS)) if word[:1].isalnum()]
    words = [word for word in words if not word.endswith(".")] or words
    if not words:
        return "?"
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return unicodedata.normalize("NFC", letters.upper())[:2]
