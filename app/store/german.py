"""Words as the search sees them: folded and lightly stemmed, for German first.

Folding makes spellings equal: case, accents, umlauts (also written ae, oe, ue) and sharp s. Umlauts lose
their dots altogether, so that a plural meets its singular (Arzt, Ärzte). `ue` stays after a vowel or q
(neue, Quelle).

Stemming takes off one inflectional ending and never leaves less than three letters. It knows no dictionary
and no suffixes that make new words (Patient, Patientin stay apart), on purpose: it must be predictable and
cheap. Index and question are treated alike, so a wrong but equal result still finds.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

MAX_WORD_CHARS: Final = 64
"""Longer runs are cut: nobody types them, and they would bloat the index."""

# A letter or digit, then letters, digits, combining accents, soft hyphens and joiners inside of the word.
WORD: Final = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u00ad\u200b-\u200d])*")

_BARE: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "a", "œ": "o", "ı": "i"}
)
_SPELT_UMLAUT: Final = re.compile(r"ae|oe|(?<![aeiouyq])ue")
_LETTERS: Final = re.compile(r"[a-z]+\Z")
_ENDING: Final = re.compile(r"(?<=...)(?:ern|ers|em|en|er|es|e|(?<=el)n|(?<=[bdfghklmnrtoay])s)\Z")


@lru_cache(maxsize=4096)
def fold(word: str) -> str:
    """One word (as `WORD` finds it) without case, accents, umlauts and sharp s; at most 64 characters."""
    text = word[:MAX_WORD_CHARS].casefold()
    if not text.isascii():
        # NFKD takes accents and ligatures apart; marks and invisible characters (Mn, Cf) are dropped.
        # Twice, since taking apart can bring capitals out and the other way round (Unicode, D145).
        parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        text = "".join(c for c in parts if unicodedata.category(c) not in {"Mn", "Cf"}).translate(_BARE)
        # What NFKD makes of some signs (fractions) holds separators; they would split the index word.
        text = "".join(c for c in text if c.isalnum())
    return _SPELT_UMLAUT.sub(lambda spelt: spelt[0][0], text)[:MAX_WORD_CHARS]


@lru_cache(maxsize=4096)
def stem(folded: str) -> str:
    """The folded word without its inflectional ending; unchanged if it is not plain Latin letters."""
    if not _LETTERS.match(folded):
        return folded
    if folded.endswith("innen"):
        return folded[:-3]  # Kolleginnen -> kollegin
    if folded.endswith("nisse"):
        return folded[:-2]  # Ergebnisse -> ergebnis
    return _ENDING.sub("", folded)


def words(text: str) -> list[str]:
    """The folded words of a text in order, without those that fold to nothing."""
    return [folded for found in WORD.findall(text) if (folded := fold(found))]
