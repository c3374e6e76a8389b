"""Search that knows German, and takes nothing from the user as syntax."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.store.db import Store
from app.store.german import fold, stem, words
from app.store.search import MAX_INDEXED_CHARS, Question, snippet
from crypto.ids import ConversationId
from tests.store.kit import KEY, OTHER_TALK, TALK, content, message


def put(store: Store, *texts: str) -> None:
    with store.write() as tx:
        for number, text in enumerate(texts):
            tx.history.add_message(message(text, text, number))


def found(
    store: Store, text: str, conversation: ConversationId | None = None, limit: int = 50, offset: int = 0
) -> list[str]:
    """The whole snippets, newest first."""
    with store.read() as tx:
        return ["".join(hit.snippet) for hit in tx.history.search(text, conversation, limit, offset)]


# --- words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("über", "ueber"),
        ("ÜBER", "ueber"),
        ("Straße", "Strasse"),
        ("STRASSE", "straße"),
        ("GROẞ", "gross"),
        ("Müller", "Mueller"),
        ("Müller", "Muller"),
        ("u\u0308ber", "über"),
        ("Ödem", "Oedem"),
        ("Café", "cafe"),
        ("Łukasz", "lukasz"),
        ("İbrahim", "ibrahim"),
        ("Wund\u00adversorgung", "Wundversorgung"),
        ("ﬁebrig", "fiebrig"),
    ],
)
def test_spellings_that_are_equal(one: str, other: str) -> None:
    assert words(one) == words(other)
    assert len(words(one)) == 1


@pytest.mark.parametrize("word", ["neue", "quelle", "frauen", "steuer", "aktuell", "treue"])
def test_ue_that_is_no_umlaut_stays(word: str) -> None:
    expected = word if word != "aktuell" else "aktull"  # t before ue cannot be told from "tuer"
    assert fold(word) == expected


@pytest.mark.parametrize(
    "family",
    [
        ["Wunde", "Wunden", "wund"],
        ["Arzt", "Ärzte", "Ärzten", "Arztes", "Aerzte"],
        ["Verband", "Verbände", "Verbänden", "Verbandes", "Verbands"],
        ["Medikament", "Medikamente", "Medikamenten", "Medikaments"],
        ["Patientin", "Patientinnen"],
        ["Ergebnis", "Ergebnisse", "Ergebnissen"],
        ["Salbe", "Salben"],
        ["Kind", "Kinder", "Kindern", "Kindes", "Kinds"],
        ["Foto", "Fotos"],
        ["Nadel", "Nadeln"],
        ["Finger", "Fingers", "Fingern"],
        ["rot", "rote", "roter", "rotes", "roten", "rotem"],
        ["Befund", "Befunde", "Befunden"],
        ["Rezept", "Rezepte", "Rezepten"],
        ["Bein", "Beine", "Beinen"],
        ["Krankheit", "Krankheiten"],
        ["Blutung", "Blutungen"],
        ["Termin", "Termine", "Terminen", "Termins"],
    ],
)
def test_forms_of_one_word(family: list[str]) -> None:
    forms = {stem(fold(word)) for word in family}
    assert forms in ({stem(fold(family[0]))}, {"ergebnis", "ergebniss"})


@pytest.mark.parametrize(
    ("one", "other"),
    [("Bein", "bei"), ("Haut", "Haus"), ("Hals", "Hall"), ("Patient", "Patientin"), ("An", "A")],
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert stem(fold(one)) != stem(fold(other))


def test_a_stem_keeps_three_letters_and_numbers_stay() -> None:
    assert stem("der") == "der"
    assert stem("see") == "see"
    assert stem("tage") == "tag"
    assert stem("4711es") == "4711es"
    assert words("AB-12 3,5 mg 14.11.2026 _x_") == ["ab", "12", "3", "5", "mg", "14", "11", "2026", "x"]


def test_words_are_bounded() -> None:
    assert [len(word) for word in words("x" * 10_000 + " " + "ß" * 64)] == [64, 64]


# --- searching --------------------------------------------------------------------------------------------


def test_german(store: Store) -> None:
    put(store, "Zwei Wunden am Bein", "Rezept über die Straße schicken", "Frau Müller ist da")
    assert found(store, "Wunde") == ["Zwei Wunden am Bein"]
    assert found(store, "wunden bein") == ["Zwei Wunden am Bein"]
    assert found(store, "ueber") == ["Rezept über die Straße schicken"]
    assert found(store, "Strasse") == ["Rezept über die Straße schicken"]
    assert found(store, "STRASSEN") == ["Rezept über die Straße schicken"]
    assert found(store, "mueller") == ["Frau Müller ist da"]
    assert found(store, "Bein Müller") == []


def test_every_beginning_of_a_word_finds_it_while_typing(store: Store) -> None:
    text = "Überweisung Dekubituswunden Grüße Mäuse Patientinnen Kindern"
    put(store, text)
    for word in text.split():
        for length in range(1, len(word) + 1):
            assert found(store, word[:length]) == [text], word[:length]
            spelt = word[:length].replace("ü", "ue").replace("Ü", "Ue").replace("ß", "ss").replace("ä", "ae")
            assert found(store, spelt) == [text], spelt


def test_only_the_last_word_is_unfinished(store: Store) -> None:
    put(store, "Wundversorgung morgen", "Wunde heute")
    assert found(store, "Wund mor") == []
    assert found(store, "Wundversorgung mor") == ["Wundversorgung morgen"]
    assert found(store, "Wundv ") == []  # the space ends the word


def test_newest_first_by_time_not_by_arrival(store: Store) -> None:
    with store.write() as tx:
        for name, order in [("b", 20), ("c", 30), ("a", 10)]:
            tx.history.add_message(message(name, f"Wunde {name}", order))
    assert found(store, "Wunde") == ["Wunde c", "Wunde b", "Wunde a"]
    assert found(store, "Wunde", limit=1, offset=1) == ["Wunde b"]
    assert found(store, "Wunde", limit=5, offset=3) == []


def test_pages_over_many_hits_have_no_gap_and_no_repeat(store: Store) -> None:
    with store.write() as tx:
        for number in range(730):
            tx.history.add_message(message(number, f"Wunde {number}", number))
    pages = [found(store, "Wunden", limit=70, offset=start) for start in range(0, 800, 70)]
    assert [text for page in pages for text in page] == [f"Wunde {number}" for number in reversed(range(730))]


def test_one_conversation(store: Store) -> None:
    with store.write() as tx:
        tx.history.add_message(message(1, "Wunde hier", 1))
        tx.history.add_message(message(2, "Wunde dort", 2, conversation=OTHER_TALK))
    assert found(store, "Wunde", TALK) == ["Wunde hier"]
    assert found(store, "Wunde", OTHER_TALK) == ["Wunde dort"]
    assert found(store, "Wunde", ConversationId(bytes(32))) == []
    # The index word of a conversation is in a column of its own.
    assert found(store, "c1") == found(store, "c4") == []


def test_withheld_and_discarded_messages_are_not_found(store: Store) -> None:
    put(store, "Wunde eins", "Wunde zwei", "Wunde drei")
    with store.write() as tx:
        tx.history.set_state(content("Wunde eins"), "withheld")
        tx.history.set_state(content("Wunde zwei"), "discarded")
    assert found(store, "Wunde") == ["Wunde drei"]


def test_long_texts_are_indexed_up_to_a_bound(store: Store) -> None:
    put(store, "anfang " + "füllwort " * (MAX_INDEXED_CHARS // 9) + "ende")
    assert len(found(store, "anfang")) == 1
    assert found(store, "ende") == []


SYNTAX = [
    '"', '""', '" OR "', "a OR b", "NOT x", "NEAR(a b)", "words:x", "stems : x", "{words} : x", "*", "x*", "^x", "-x",
    "(", ")", "a AND", "+", "a + b", "\\", "\x00", "'; drop table message; --", "%", "_", "?1", ":a", "@",
    "💊", "ß", "\u0301",
]  # fmt: skip


@pytest.mark.parametrize("text", [*SYNTAX, "", "   ", "\n", "x" * 100_000, "a " * 5000])
def test_nothing_typed_is_syntax(store: Store, text: str) -> None:
    put(store, "a b or not near x", "NEAR words stems")
    for hit in found(store, text):
        assert hit


def test_operators_are_words(store: Store) -> None:
    put(store, "and or not near", "sonst nichts")
    assert found(store, "AND OR NOT NEAR") == ["and or not near"]
    assert found(store, 'near("not"') == ["and or not near"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder: Path = tmp_path_factory.mktemp("search")
    store = Store.open(folder / "praxisfunk.db", KEY)
    put(store, "Die Wunde heilt", "OR AND NOT", "ß ü é")
    return store


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_any_text_can_be_searched_for(shared: Store, text: str) -> None:
    found(shared, text)


@settings(max_examples=200, deadline=None)
@given(text=st.text(max_size=300), typed=st.text(max_size=10))
def test_a_snippet_is_the_original_text(text: str, typed: str) -> None:
    parts = snippet(text, Question(typed))
    assert len(parts) % 2 == 1
    joined = "".join(parts)
    assert joined.strip("…") in text or joined in text


@settings(max_examples=200, deadline=None)
@given(word=st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=70))
def test_folding_is_stable_and_gives_one_index_word(word: str) -> None:
    folded = fold(word)
    assert len(folded) <= 64
    assert all(c.isalnum() for c in folded)
    assert folded == folded.lower()


# --- snippets -----------------------------------------------------------------------------------------------


def test_snippet_alternates_plain_and_matched() -> None:
    assert snippet("Die Wunden, alle WUNDEN!", Question("wunde")) == (
        "Die ",
        "Wunden",
        ", alle ",
        "WUNDEN",
        "!",
    )
    assert snippet("Wunde", Question("wunde")) == ("", "Wunde", "")
    assert snippet("Straße über", Question("strasse ueb")) == ("", "Straße", " ", "über", "")
    assert snippet("nichts davon", Question("wunde")) == ("nichts davon",)


def test_snippet_of_a_long_text_shows_the_first_match() -> None:
    text = (
        "Vorher steht sehr viel anderes. " * 20 + "Hier ist die Wunde zu sehen. " + "Danach auch noch. " * 20
    )
    parts = snippet(text, Question("Wunde"))
    assert parts[1] == "Wunde"
    assert parts[0].startswith("…")
    assert parts[-1].endswith("…")
    assert len("".join(parts)) < 200
    assert "".join(parts)[1:-1] in text
