"""Who is meant: a person or group by name or id, unambiguously or not at all."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.cli.options import Code, CommandEnded
from app.core.views import Failure

MIN_ID_CHARS: Final = 6
MAX_CANDIDATES: Final = 5
_GERMAN: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_HEX: Final = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a name and ids (hex) that may be typed."""

    name: str
    ids: tuple[str, ...]


def folded(text: str) -> str:
    """For comparing: case, accents, umlauts and their spellings, and spaces do not count."""
    lower = unicodedata.normalize("NFC", text).casefold().translate(_GERMAN)
    plain = "".join(char for char in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(char))
    return " ".join(plain.split())


def pick(wanted: str, among: Iterable[Named]) -> Named:
    """The one that is meant. An id or its beginning wins, then the whole name, then a part of it.

    Raises `CommandEnded` (NO_SUCH_NAME) if that is nobody or more than one.
    """
    rows = list(among)
    for matches in (_by_id(wanted, rows), _by_name(wanted, rows), _by_part(wanted, rows)):
        if len(matches) == 1:
            return matches[0]
        if matches:
            told = ", ".join(f"{row.name} ({row.ids[0][:8]})" for row in matches[:MAX_CANDIDATES])
            more = ", …" if len(matches) > MAX_CANDIDATES else ""
            detail: dict[str, str | int] = {"name": wanted, "candidates": told + more}
            raise CommandEnded(Code.NO_SUCH_NAME, Failure(code="cli.ambiguous_name", detail=detail))
    raise CommandEnded(Code.NO_SUCH_NAME, Failure(code="cli.no_such_name", detail={"name": wanted}))


def _by_id(wanted: str, rows: list[Named]) -> list[Named]:
    text = wanted.lower()
    if len(text) < MIN_ID_CHARS or not _HEX.fullmatch(text):
        return []
    return [row for row in rows if any(id_.startswith(text) for id_ in row.ids)]


def _by_name(wanted: str, rows: list[Named]) -> list[Named]:
    return [row for row in rows if folded(row.name) == folded(wanted)]


def _by_part(wanted: str, rows: list[Named]) -> list[Named]:
    """Every word typed begins a word of the name: "weber", "dr web", "karin"."""
    words = folded(wanted).split()
    if not words:
        return []
    return [row for row in rows if all(_begins_a_word(word, row.name) for word in words)]


def _begins_a_word(word: str, name: str) -> bool:
    return any(part.startswith(word) for part in re.split(r"[\s\-]+", folded(name)))
