"""Full-text search: what goes into the index, how a question is put, how a hit is shown.

The index holds our own folded words (`german.py`), not the text, so the question is built from words that we
folded too: nothing a user types reaches FTS5 as syntax. All words must occur; the last one may be unfinished.
Newest first: people look for what was said lately, and a relevance score would have to visit every hit.
"""

from typing import Final

from app.core.ports import FoundText
from app.store.access import Access
from app.store.german import WORD, fold, stem, words
from app.store.idents import known_number
from crypto.ids import ContentId, ConversationId

MAX_QUERY_CHARS: Final = 400
MAX_TERMS: Final = 12
MAX_INDEXED_CHARS: Final = 100_000
_WINDOW: Final = 300
_LEAD_CHARS: Final = 40
_SNIPPET_CHARS: Final = 160


def add_words(access: Access, number: int, place: int, text: str) -> None:
    """Index the text of message row `number`. A stem that equals its word is stored once."""
    found = dict.fromkeys(words(text[:MAX_INDEXED_CHARS]))
    if not found:
        return
    stems = dict.fromkeys(stemmed for word in found if (stemmed := stem(word)) not in found)
    access.run(
        "insert into search (rowid, words, stems, place) values (?, ?, ?, ?)",
        number,
        " ".join(found),
        " ".join(stems),
        _place_word(place),
    )


def delete_words(access: Access, number: int) -> None:
    access.run("delete from search where rowid = ?", number)


class Question:
    """What somebody typed, as folded words. `unfinished` is the one still being typed, if any."""

    def __init__(self, text: str) -> None:
        text = text[:MAX_QUERY_CHARS]
        found = [(match.end(), fold(match[0])) for match in WORD.finditer(text)]
        found = [(end, word) for end, word in found if word][:MAX_TERMS]
        self.unfinished = found[-1][1] if found and found[-1][0] == len(text) else None
        self.stems = [stem(word) for _, word in found]

    def __bool__(self) -> bool:
        return bool(self.stems)

    def fts(self, place: int | None) -> str:
        """The FTS5 expression. Every string in it is a folded word: letters and digits only."""
        terms = [f'({{words stems}} : "{word}")' for word in self.stems]
        if self.unfinished is not None:
            terms[-1] = f'({{words stems}} : "{self.stems[-1]}" OR words : "{self.unfinished}" *)'
        if place is not None:
            terms.append(f'(place : "{_place_word(place)}")')
        return " AND ".join(terms)

    def matches(self, word: str) -> bool:
        """Whether a word of a hit is to be marked."""
        folded = fold(word)
        if folded in self.stems or stem(folded) in self.stems:
            return True
        return self.unfinished is not None and folded.startswith(self.unfinished)


def snippet(text: str, question: Question) -> tuple[str, ...]:
    """Stretches of the original text around the first match: plain, matched, plain, ... (plain may be "")."""
    spans = [match.span() for match in WORD.finditer(text[:MAX_INDEXED_CHARS]) if question.matches(match[0])]
    first = spans[0][0] if spans else 0
    fits = len(text) <= _SNIPPET_CHARS
    start = 0 if fits or first <= _LEAD_CHARS else _word_start(text, first - _LEAD_CHARS)
    stop = len(text) if len(text) - start <= _SNIPPET_CHARS else _word_end(text, start + _SNIPPET_CHARS)
    parts: list[str] = []
    at = start
    for begin, end in spans:
        if begin >= stop:
            break
        parts += [text[at:begin], text[begin:end]]
        at = end
    parts.append(text[at:stop] if at < stop else "")
    if start > 0:
        parts[0] = "…" + parts[0]
    if max(at, stop) < len(text):
        parts[-1] += "…"
    return tuple(parts)


class StoredSearch:
    """The search part of `ports.History`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def search(
        self, text: str, conversation: ConversationId | None, limit: int, offset: int
    ) -> list[FoundText]:
        """Newest first, withheld and discarded messages left out.

        Row numbers follow arrival. Within the newest `_WINDOW` hits the order is by t'; further ones come in
        order of arrival, so that a common word does not make us read all of the history.
        """
        question = Question(text)
        place = known_number(self._access, conversation) if conversation is not None else None
        if not question or (conversation is not None and place is None):
            return []
        expression = question.fts(place)
        found: list[FoundText] = []
        while len(found) < limit:
            window_start = offset // _WINDOW * _WINDOW
            rows = self._window(expression, window_start)
            page = rows[offset - window_start :][: limit - len(found)]
            found += [
                FoundText(
                    message=ContentId(row[0]),
                    conversation=ConversationId(row[1]),
                    snippet=snippet(row[3], question),
                    order=row[2],
                )
                for row in page
            ]
            if len(rows) < _WINDOW:
                break
            offset = window_start + _WINDOW
        return found

    def _window(self, expression: str, start: int) -> list[tuple[bytes, bytes, int, str]]:
        rows = self._access.rows(
            "select m.message, c.id, m.ord, m.text from"
            " (select s.rowid as n from search s cross join message f on f.n = s.rowid"
            "  where s.search match ? and f.state in ('live', 'failed')"
            "  order by s.rowid desc limit ? offset ?) hit"
            " cross join message m on m.n = hit.n cross join ident c on c.n = m.place"
            " order by m.ord desc, m.message desc",
            expression,
            _WINDOW,
            start,
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]


def _place_word(place: int) -> str:
    return f"c{place}"


def _word_start(text: str, near: int) -> int:
    """The beginning of the word at or after `near`."""
    space = text.find(" ", near, near + 20)
    return space + 1 if space >= 0 else near


def _word_end(text: str, near: int) -> int:
    """The end of the word at or before `near`."""
    space = text.rfind(" ", near - 20, near)
    return space if space >= 0 else near
