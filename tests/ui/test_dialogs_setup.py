"""First start: the code's twelve boxes, founding, joining, every way it can fail."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.core import events, requests
from app.core.views import Failure, Phase
from app.ui.dialogs.code_field import CodeField, symbols
from app.ui.dialogs.paper import draw_recovery
from app.ui.dialogs.setup import SetupPage
from app.ui.i18n import Translations
from app.ui.look import Look
from tests.ui.backend import ScriptedBackend

# The offscreen platform cannot raise windows, and says so.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
CODE = "K7QM4TXH9R2B"


@pytest.fixture
def field(qtbot: QtBot, look: Look) -> CodeField:
    field = CodeField(look)
    qtbot.addWidget(field)
    field.resize(field.sizeHint())
    field.show()
    return field


@pytest.fixture
def backend() -> ScriptedBackend:
    return ScriptedBackend(phase=Phase.SETUP)


@pytest.fixture
def page(qtbot: QtBot, look: Look, german: Translations, backend: ScriptedBackend) -> Iterator[SetupPage]:
    page = SetupPage(look, backend, lambda: "de", backend.status)
    backend.event.connect(page.handle)
    qtbot.addWidget(page)
    page.resize(656, 660)
    page.show()
    QTest.qWaitForWindowExposed(page)
    yield page
    backend.event.disconnect(page.handle)


def fill(page: SetupPage) -> None:
    page.who.person.setText("Tarik Sahin")
    page.who.role.setEditText("MFA")
    page.who.device.setText("Labor 1")


def to_code(qtbot: QtBot, page: SetupPage) -> None:
    qtbot.waitUntil(lambda: page.who.practice is not None)
    fill(page)
    page.next.click()
    assert page.page is page.code


def joining(qtbot: QtBot, page: SetupPage) -> None:
    to_code(qtbot, page)
    page.code.code.setText(CODE)
    page.next.click()
    assert page.page is page.joining


# --- the code ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["k7qm-4txh-9r2b", "K7QM 4TXH 9R2B", "k7qm4txh9r2b"])
def test_case_and_dashes_do_not_matter(field: CodeField, typed: str) -> None:
    QTest.keyClicks(field, typed)
    assert field.text() == CODE
    assert field.complete


def test_letters_that_look_like_figures_become_figures(field: CodeField) -> None:
    QTest.keyClicks(field, "oil")
    assert field.text() == "011"
    assert symbols("u!?") == ""


@pytest.mark.parametrize("pasted", [" K7QM-4TXH-9R2B\n", "K7QM–4TXH–9R2B", "k7qm 4txh 9r2b"])
def test_a_pasted_code_is_taken_with_its_dashes(field: CodeField, pasted: str) -> None:
    QGuiApplication.clipboard().setText(pasted)
    done: list[bool] = []
    field.completed.connect(lambda: done.append(True))
    field.paste()
    assert field.text() == CODE
    assert done == [True]


def test_a_pasted_text_that_is_longer_than_a_code_is_not_cut_to_one(field: CodeField) -> None:
    QGuiApplication.clipboard().setText("K7QM-4TXH-9R2B-9999")
    field.paste()
    assert field.text() == ""


def test_typing_inside_replaces_like_boxes_suggest(field: CodeField) -> None:
    field.setText(CODE)
    field.setCursorPosition(2)
    QTest.keyClicks(field, "zz")
    assert field.text() == "K7ZZ4TXH9R2B"


def test_a_click_goes_to_its_box(field: CodeField) -> None:
    field.setText("K7QM4T")
    box = field._boxes()[2].center().toPoint()
    QTest.mouseClick(field, Qt.MouseButton.LeftButton, pos=box)
    assert field.cursorPosition() == 2
    QTest.mouseClick(field, Qt.MouseButton.LeftButton, pos=field._boxes()[11].center().toPoint())
    assert field.cursorPosition() == 6


def test_the_boxes_stay_one_line_edit_for_screen_readers(field: CodeField) -> None:
    assert isinstance(field, QLineEdit)
    assert field.accessibleName()
    assert field.grab().width() >= 12 * 22


# --- founding ---------------------------------------------------------------------------------------------


def test_founding_shows_the_recovery_code_until_it_is_confirmed(
    qtbot: QtBot, page: SetupPage, backend: ScriptedBackend
) -> None:
    fill(page)
    page.who.found_card.click()
    page.who.circle.setText("Praxis am Musterplatz")
    page.next.click()
    qtbot.waitUntil(lambda: page.page is page.recovery)
    asked = backend.last(requests.FoundCircle)
    assert asked == requests.FoundCircle(
        circle_name="Praxis am Musterplatz", person_name="Tarik Sahin", role="MFA", device_name="Labor 1"
    )
    assert page.recovery.board.code.count("-") == 7
    assert page.showing_recovery
    assert not page.next.isEnabled()
    page.recovery.confirm.click()
    with qtbot.waitSignal(page.finished):
        page.next.click()
    assert page.recovery.board.code == ""


def test_the_recovery_code_leaves_the_clipboard_again(
    qtbot: QtBot, page: SetupPage, backend: ScriptedBackend
) -> None:
    page.recovery.show_code("AAAA-BBBB", "Praxis")
    page.recovery._copy()
    assert QGuiApplication.clipboard().text() == "AAAA-BBBB"
    page.recovery.clear()
    assert QGuiApplication.clipboard().text() == ""
    page.recovery.show_code("AAAA-BBBB", "Praxis")
    page.recovery._copy()
    QGuiApplication.clipboard().setText("something else")
    page.recovery.clear()
    assert QGuiApplication.clipboard().text() == "something else"


def test_the_paper_holds_the_whole_code(qtbot: QtBot, look: Look, german: Translations) -> None:
    image = QImage(1240, 1754, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    draw_recovery(painter, look, 150, "Praxis am Musterplatz", "-".join(["K7QM"] * 8))
    painter.end()
    dark = sum(image.pixelColor(x, y).lightness() < 128 for x in range(0, 1240, 4) for y in range(0, 1754, 4))
    assert dark > 500


def test_a_failed_founding_says_why_and_stays(
    qtbot: QtBot, page: SetupPage, backend: ScriptedBackend
) -> None:
    backend.refuse[requests.FoundCircle] = Failure(code="disk_full")
    fill(page)
    page.who.found_card.click()
    page.who.circle.setText("Praxis")
    page.next.click()
    qtbot.waitUntil(lambda: "Datenträger" in page.notice.text())
    assert page.page is page.who
    assert page.next.isEnabled()


def test_what_is_missing_is_said_where_it_is_missing(page: SetupPage, backend: ScriptedBackend) -> None:
    page.who.found_card.click()
    page.who.device.clear()
    page.next.click()
    assert backend.count(requests.FoundCircle) == 0
    assert page.who.circle.hasFocus()
    for control in (page.who.circle, page.who.person, page.who.device):
        assert control.accessibleDescription().startswith("Bitte")
    QTest.keyClicks(page.who.circle, "P")
    assert not page.who.circle.accessibleDescription().startswith("Bitte")


# --- joining ----------------------------------------------------------------------------------------------


def test_practices_appear_and_go_by_themselves(
    qtbot: QtBot, page: SetupPage, backend: ScriptedBackend
) -> None:
    assert backend.count(requests.StartSearching) == 1
    qtbot.waitUntil(lambda: page.who.practice == "a1")
    backend.event.emit(events.PracticeSeen(key="b2", name="Zweite"))
    assert page.who.practice == "a1"
    backend.event.emit(events.PracticeGone(key="a1"))
    assert page.who.practice == "b2"
    backend.event.emit(events.PracticeGone(key="b2"))
    assert page.who.practice is None
    page.next.click()
    assert page.page is page.who
    page.hide()
    assert backend.count(requests.StopSearching) == 1


def test_a_practice_name_from_the_network_is_only_text(page: SetupPage, backend: ScriptedBackend) -> None:
    backend.event.emit(events.PracticeSeen(key="x", name="<b>Praxis</b>\u202e evil\nzwei"))
    shown = page.who._practices["x"].text()
    assert "\u202e" not in shown and "\n" not in shown and "<b>" in shown


def test_joining_asks_with_what_was_typed(qtbot: QtBot, page: SetupPage, backend: ScriptedBackend) -> None:
    joining(qtbot, page)
    assert backend.last(requests.Join) == requests.Join(
        code=CODE, person_name="Tarik Sahin", role="MFA", device_name="Labor 1", practice="a1", address=None
    )
    backend.event.emit(events.JoinProgress(step="waiting_for_admin"))
    backend.joined()
    assert page.page is page.done
    with qtbot.waitSignal(page.finished):
        page.next.click()


def test_an_address_can_be_typed_instead(qtbot: QtBot, page: SetupPage, backend: ScriptedBackend) -> None:
    fill(page)
    page.who.show_address()
    page.who.address.setText(" 192.168.1.20:47110 ")
    page.next.click()
    page.code.code.setText(CODE)
    QTest.keyClick(page.code.code, Qt.Key.Key_Return)
    asked = backend.last(requests.Join)
    assert (asked.practice, asked.address) == (None, "192.168.1.20:47110")


def test_join_needs_the_whole_code(qtbot: QtBot, page: SetupPage, backend: ScriptedBackend) -> None:
    to_code(qtbot, page)
    page.code.code.setText(CODE[:11])
    assert not page.next.isEnabled()
    QTest.keyClick(page.code.code, Qt.Key.Key_Return)
    assert backend.count(requests.Join) == 0


def test_a_wrong_code_can_be_typed_again(qtbot: QtBot, page: SetupPage, backend: ScriptedBackend) -> None:
    joining(qtbot, page)
    backend.event.emit(events.JoinFailed(failure=Failure(code="wrong_code", detail={"tries_left": 2})))
    assert page.page is page.code
    assert "2" in page.notice.text()
    assert page.code.code.hasFocus() and page.code.code.selectedText() == CODE
    QTest.keyClicks(page.code.code, "a")
    assert page.code.code.text() == "A"
    assert not page.notice.text()


@pytest.mark.parametrize("code", ["code_expired", "no_tries_left", "pairing_closed", "rejected"])
def test_a_used_up_code_is_cleared(
    qtbot: QtBot, page: SetupPage, backend: ScriptedBackend, code: str
) -> None:
    joining(qtbot, page)
    backend.event.emit(events.JoinFailed(failure=Failure(code=code)))
    assert page.page is page.code
    assert page.code.code.text() == ""
    assert page.notice.text()


def test_an_unreachable_practice_offers_the_address(
    qtbot: QtBot, page: SetupPage, backend: ScriptedBackend
) -> None:
    joining(qtbot, page)
    backend.event.emit(events.JoinFailed(failure=Failure(code="unreachable")))
    assert page.page is page.who
    assert page.who.address.isVisible()
    assert page.notice.text()


def test_a_refused_request_is_shown_like_a_failed_one(
    qtbot: QtBot, page: SetupPage, backend: ScriptedBackend
) -> None:
    backend.refuse[requests.Join] = Failure(code="bad_code")
    joining(qtbot, page)
    qtbot.waitUntil(lambda: page.page is page.code)
    assert "zwölf" in page.notice.text()


def test_going_back_while_joining_ends_the_attempt(
    qtbot: QtBot, page: SetupPage, backend: ScriptedBackend
) -> None:
    joining(qtbot, page)
    page.back.click()
    assert page.page is page.code
    assert backend.count(requests.CancelJoin) == 1
    backend.event.emit(events.JoinFailed(failure=Failure(code="cancelled")))
    assert not page.notice.text()


def test_quitting_is_offered_only_at_the_beginning(qtbot: QtBot, page: SetupPage) -> None:
    with qtbot.waitSignal(page.quit_wanted):
        page.cancel.click()
    to_code(qtbot, page)
    assert not page.cancel.isVisible()
