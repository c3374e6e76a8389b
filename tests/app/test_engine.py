"""The engine as the window sees it: first start, pairing, talk, photos, lock, trouble. Real parts throughout."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core import requests, views
from app.core.events import (
    Joined,
    JoinFailed,
    MessageArrived,
    MessageStored,
    PairingTried,
    ProblemRaised,
    TransferProgress,
)
from app.photo.residue import metadata_left
from app.photo.sample import sample_photo
from tests.app.engines import RunningEngine

Start = Callable[[str], RunningEngine]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts engines by name; all are stopped at the end."""
    running: list[RunningEngine] = []

    def make(name: str) -> RunningEngine:
        engine = RunningEngine(tmp_path / name)
        running.append(engine)
        return engine

    yield make
    for engine in running:
        engine.stop()


@pytest.fixture
def pair(start: Start) -> tuple[RunningEngine, RunningEngine]:
    """Anna's and Berta's devices, in one practice."""
    anna, berta = start("anna"), start("berta")
    anna.found("Anna Lindner")
    assert isinstance(berta.join(anna, "Berta Kurz"), Joined)
    return anna, berta


def test_found_pair_and_talk_both_ways(pair: tuple[RunningEngine, RunningEngine]) -> None:
    anna, berta = pair
    for here, there, text in ((anna, berta, "Zimmer 2 ist frei"), (berta, anna, "Danke, ich komme")):
        name = "Berta Kurz" if here is anna else "Anna Lindner"
        place = there.place
        conversation = here.direct(name).conversation
        sent = here.ask(requests.SendText(conversation=conversation, text=text), views.Sent)
        there.wait(MessageStored, since=place, where=lambda event, sent=sent: event.message == sent.message)
    for engine in pair:
        other = "Berta Kurz" if engine is anna else "Anna Lindner"
        page = engine.ask(
            requests.LoadTimeline(conversation=engine.direct(other).conversation), views.TimelinePage
        )
        texts = [row.text for row in page.rows if row.kind is views.MessageKind.TEXT]
        assert texts == ["Zimmer 2 ist frei", "Danke, ich komme"]


def test_a_wrong_code_is_told_with_the_tries_left_and_the_right_one_still_works(start: Start) -> None:
    anna, berta = start("anna"), start("berta")
    anna.found()
    failed = berta.join(anna, "Berta Kurz", code="0000-0000-0000")
    assert isinstance(failed, JoinFailed)
    assert failed.failure == views.Failure(code="wrong_code", detail={"tries_left": 2})
    assert anna.wait(PairingTried).tries_left >= 1
    assert isinstance(berta.join(anna, "Berta Kurz"), Joined)


def test_three_wrong_codes_end_the_tries_of_this_address(start: Start) -> None:
    anna, berta = start("anna"), start("berta")
    anna.found()
    opened = anna.ask(requests.OpenPairing(), views.PairingOpened)
    codes = []
    for _ in range(4):
        place = berta.place
        berta.settled()
        berta.ask(
            requests.Join(
                code="0000-0000-0000",
                address=opened.addresses[0],
                person_name="Berta Kurz",
                role="MFA",
                device_name="PC",
            ),
            views.Done,
        )
        codes.append(berta.wait(JoinFailed, since=place).failure)
    assert [failure.code for failure in codes[:3]] == ["wrong_code"] * 3
    assert [failure.detail["tries_left"] for failure in codes[:3]] == [2, 1, 0]
    assert codes[3].code == "pairing_closed"


def test_something_that_is_no_code_is_refused_before_anything_is_sent(start: Start) -> None:
    berta = start("berta")
    berta.settled()
    view = berta.answer(
        requests.Join(code="hallo", address="127.0.0.1:9", person_name="B", role="MFA", device_name="PC")
    )
    assert view == views.Failure(code="bad_code")


def test_a_photo_arrives_whole_and_without_metadata(pair: tuple[RunningEngine, RunningEngine]) -> None:
    anna, berta = pair
    original = sample_photo(width_px=1200, height_px=900)
    assert metadata_left(original)
    place = berta.place
    sent = anna.ask(
        requests.SendPhoto(conversation=anna.direct("Berta Kurz").conversation, data=original), views.Sent
    )
    berta.wait(
        TransferProgress,
        since=place,
        where=lambda event: event.message == sent.message and event.done_bytes >= event.size_bytes,
    )
    here = anna.ask(requests.LoadPhoto(message=sent.message), views.PhotoData)
    there = berta.ask(requests.LoadPhoto(message=sent.message), views.PhotoData)
    assert here.data == there.data
    assert metadata_left(there.data) == ()


def test_a_file_goes_out_of_the_store_only_by_saving(
    pair: tuple[RunningEngine, RunningEngine], tmp_path: Path
) -> None:
    anna, berta = pair
    source = tmp_path / "befund.txt"
    source.write_bytes(b"Laborwerte unauff\xc3\xa4llig\n" * 40_000)
    place = berta.place
    sent = anna.ask(
        requests.SendFile(conversation=anna.direct("Berta Kurz").conversation, path=str(source)), views.Sent
    )
    berta.wait(MessageStored, since=place, where=lambda event: event.message == sent.message)
    berta.ask(requests.FetchBlob(message=sent.message), views.Done)
    berta.wait(
        TransferProgress,
        since=place,
        where=lambda event: event.message == sent.message and event.done_bytes >= event.size_bytes,
    )
    saved = berta.ask(
        requests.SaveFile(message=sent.message, path=str(tmp_path / "out" / "befund.txt")), views.Failure
    )
    assert saved.code == "file.cannot_save"
    target = berta.ask(requests.SaveFile(message=sent.message, path=str(source)), views.Saved).path
    assert target != str(source)
    assert Path(target).read_bytes() == source.read_bytes()
    assert Path(target).stat().st_mode & 0o111 == 0


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo.svg"),
        (b"\xff\xd8\xff\xe0 broken", "photo.damaged"),
        (b"", "photo.empty"),
    ],
)
def test_what_is_no_photo_is_refused_with_its_reason(
    pair: tuple[RunningEngine, RunningEngine], data: bytes, code: str
) -> None:
    anna, _ = pair
    conversation = anna.direct("Berta Kurz").conversation
    assert anna.ask(requests.SendPhoto(conversation=conversation, data=data), views.Failure).code == code
    page = anna.ask(requests.LoadTimeline(conversation=conversation), views.TimelinePage)
    assert [row for row in page.rows if row.own] == []


def test_the_lock_keeps_content_from_every_door_and_the_engine_goes_on_receiving(
    pair: tuple[RunningEngine, RunningEngine],
) -> None:
    anna, berta = pair
    conversation = anna.direct("Berta Kurz").conversation
    assert berta.ask(requests.SetPin(current_pin=None, new_pin="1234"), views.Failure).code == "pin_simple"
    assert berta.ask(requests.SetPin(current_pin=None, new_pin="12"), views.Failure).code == "pin_short"
    berta.ask(requests.SetPin(current_pin=None, new_pin="2580"), views.Done)
    berta.ask(requests.Lock(), views.Done)
    place = berta.place
    anna.ask(requests.SendText(conversation=conversation, text="Geheimer Befund"), views.Sent)
    arrived = berta.wait(MessageArrived, since=place)
    assert (arrived.text, arrived.title, arrived.author_name) == ("", "", None)
    for request in (requests.ListConversations(), requests.GetSettings(), requests.ListPeople()):
        assert berta.answer(request) == views.Failure(code="locked")
    assert berta.ask(requests.Unlock(pin="0000"), views.Failure).code == "wrong_pin"
    berta.ask(requests.Unlock(pin="2580"), views.Done)
    rows = berta.ask(requests.ListConversations(), views.Conversations).rows
    assert any(row.preview == "Geheimer Befund" for row in rows)


def test_wrong_pins_are_counted_across_a_restart(start: Start) -> None:
    anna = start("anna")
    anna.found()
    anna.ask(requests.SetPin(current_pin=None, new_pin="2580"), views.Done)
    anna.ask(requests.Lock(), views.Done)
    codes = [anna.ask(requests.Unlock(pin="9999"), views.Failure).code for _ in range(3)]
    assert codes == ["wrong_pin"] * 3
    anna.stop()
    again = start("anna")
    assert again.settled().locked
    codes = [again.ask(requests.Unlock(pin="9999"), views.Failure).code for _ in range(3)]
    assert codes == ["wrong_pin", "pin_wait", "pin_wait"]
    # Not even the right one while the waiting time runs.
    assert again.ask(requests.Unlock(pin="2580"), views.Failure).code == "pin_wait"


def test_a_second_engine_on_one_profile_is_told_so_and_touches_nothing(start: Start) -> None:
    anna = start("anna")
    anna.found()
    second = start("anna")
    status = second.settled()
    assert status.phase is views.Phase.FAILED
    assert status.problem is not None
    assert status.problem.code == "store.profile_busy"
    assert anna.ask(requests.GetStatus(), views.Status).phase is views.Phase.READY


def test_a_wrong_passphrase_can_be_corrected(tmp_path: Path) -> None:
    first = RunningEngine(tmp_path / "p", passphrase="the right passphrase")
    first.found()
    first.stop()
    second = RunningEngine(tmp_path / "p", passphrase=None)
    try:
        assert second.settled().phase is views.Phase.PASSPHRASE
        wrong = second.ask(requests.OpenProfile(passphrase="the wrong passphrase"), views.Failure)
        assert wrong.code == "store.wrong_passphrase"
        second.ask(requests.OpenProfile(passphrase="the right passphrase"), views.Done)
        assert second.ask(requests.GetStatus(), views.Status).phase is views.Phase.READY
    finally:
        second.stop()


@pytest.mark.expect_log("transaction failed: DiskFull")
def test_a_full_disk_is_told_and_loses_nothing(
    pair: tuple[RunningEngine, RunningEngine],
) -> None:
    anna, berta = pair
    conversation = anna.direct("Berta Kurz").conversation
    store = anna.engine._device._profile.store  # type: ignore[union-attr]
    writer = store._writer.raw  # type: ignore[union-attr]
    anna.ask(requests.SendText(conversation=conversation, text="vorher"), views.Sent)
    pages = int(writer.pragma("page_count"))
    writer.pragma("max_page_count", pages)
    place = anna.place
    big = "x" * 15_000
    answers = [anna.answer(requests.SendText(conversation=conversation, text=big)) for _ in range(8)]
    assert answers[-1] == views.Failure(code="store.disk_full")
    assert anna.wait(ProblemRaised, since=place).failure.code == "store.disk_full"
    writer.pragma("max_page_count", 1 << 30)
    there = berta.place
    sent = anna.ask(requests.SendText(conversation=conversation, text="nachher"), views.Sent)
    berta.wait(MessageStored, since=there, where=lambda event: event.message == sent.message)
    page = anna.ask(requests.LoadTimeline(conversation=conversation), views.TimelinePage)
    kept = [answer for answer in answers if isinstance(answer, views.Sent)]
    texts = [row.text for row in page.rows if row.kind is views.MessageKind.TEXT]
    assert texts == ["vorher", *([big] * len(kept)), "nachher"]


def test_locking_ends_an_open_code(start: Start) -> None:
    anna, berta = start("anna"), start("berta")
    anna.found()
    anna.ask(requests.SetPin(current_pin=None, new_pin="2580"), views.Done)
    opened = anna.ask(requests.OpenPairing(), views.PairingOpened)
    anna.ask(requests.Lock(), views.Done)
    berta.settled()
    place = berta.place
    berta.ask(
        requests.Join(
            code=opened.code, address=opened.addresses[0], person_name="B", role="MFA", device_name="PC"
        ),
        views.Done,
    )
    assert berta.wait(JoinFailed, since=place).failure.code in ("pairing_closed", "unreachable")
