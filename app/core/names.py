"""Names and texts of others made safe to show and to save (attacks 35 and 37). Nothing is ever markup."""

import re
import unicodedata
from typing import Final

from app.core import limits

_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the direction of what stands beside them."""
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789\u00b9\u00b2\u00b3"}
)
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*]')
MAX_SAVED_NAME_CHARS: Final = 120
MAX_SUFFIX_CHARS: Final = 16


def _plain(character: str) -> bool:
    return (
        unicodedata.category(character) not in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") and character not in _BIDI
    )


def clean_name(text: str, max_chars: int = limits.MAX_NAME_CHARS) -> str:
    """One line without control or direction characters, outer spaces and repeats of spaces; cut to length."""
    spaced = "".join(
        one if _plain(one) else " " for one in unicodedata.normalize("NFC", text[: 4 * max_chars])
    )
    return " ".join(spaced.split())[:max_chars].rstrip()


def clean_text(text: str) -> str:
    """Lines without control characters but newline and tab; direction characters may stand in running text
    of languages that need them, but overrides, which show letters in another order, may not."""
    return "".join(
        one for one in text.replace("\r\n", "\n").replace("\r", "\n")
        if one in "\n\t" or (unicodedata.category(one) not in ("Cc", "Cs") and one not in "\u202d\u202e")
    )  # fmt: skip


def first_line(text: str, max_chars: int = 160) -> str:
    """For previews and quotes."""
    line = next((line for line in clean_text(text).splitlines() if line.strip()), "")
    return line.strip()[:max_chars]


def safe_file_name(name: str, fallback: str = "Datei") -> str:
    """A name that is one plain file in one folder on Windows, macOS and Linux, its extension kept and visible."""
    last = re.split(r"[/\\]", name[: 4 * limits.MAX_FILE_NAME_CHARS])[-1]
    cleaned = _FORBIDDEN.sub("_", clean_name(last, limits.MAX_FILE_NAME_CHARS)).strip(" .")
    stem, dot, suffix = cleaned.rpartition(".")
    if not dot or not stem.strip(" .") or len(suffix) > MAX_SUFFIX_CHARS or " " in suffix:
        stem, suffix = cleaned, ""
    stem = stem.strip(" .")[: MAX_SAVED_NAME_CHARS - len(suffix) - 1].rstrip(" .") or fallback
    if stem.split(".")[0].strip().lower() in _RESERVED:
        stem = f"_{stem}"
    return f"{stem}.{suffix}" if suffix else stem
