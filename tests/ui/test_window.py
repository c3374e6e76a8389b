"""The window as a whole: sending, drafts, lock, tray, notifications, search, widths, what is remembered."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.core import events, requests
from app.core.views import Failure, NetworkState, Phase
from app.ui.composer import Composer
from app.ui.lock_page import LockPage
from app.ui.main_page import MainPage
from app.ui.plain_pages import PassphrasePage, ProblemPage
from app.ui.sidebar.model import Hit, Remark, Talk
from app.ui.tray import Tray, notification
from app.ui.window import AppWindow
from tests.ui import pictures
from tests.ui.backend import PIN, ScriptedBackend
from tests.ui.conftest import Open, settle

# The offscreen platform cannot raise windows and has no tray, and says so.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", "systemTrayWindowChanged")


def _main(window: AppWindow) -> MainPage:
    assert window.main is not None
    return window.main


def _composer(window: AppWindow) -> Composer:
    return _main(window).pane.composer


def _talk(qtbot: QtBot, window: AppWindow, backend: ScriptedBackend, title: str) -> MainPage:
    main = _main(window)
    main.open(backend.talk(title).conversation)
    settle(qtbot, backend)
    return main


# --- writing ----------------------------------------------------------------------------------------------------


def test_enter_sends_and_shift_enter_does_not(
    qtbot: QtBot, open_window: Open, backend: ScriptedBackend
) -> None:
    window = open_window(backend)
    main = _talk(qtbot, window, backend, "Jana Meier")
    editor = main.pane.composer.editor
    assert editor.toPlainText() == "Bitte noch die Werte von"
    QTest.keyClicks(editor, " gestern")
    QTest.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(editor, "eintragen")
    assert backend.count(requests.SendText) == 0
    QTest.keyClick(editor, Qt.Key.Key_Return)
    settle(qtbot, backend)
    assert backend.last(requests.SendText).text == "Bitte noch die Werte von gestern\neintragen"
    assert editor.toPlainText() == "" and backend.talk("Jana Meier").draft == ""
    assert main.pane.model.items[-1].row.text.endswith("eintragen")


def test_who_answers_has_read(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    main = _talk(qtbot, window, backend, "Wundsprechstunde")
    backend.talk("Wundsprechstunde").unread = 2
    main.pane.feed.open(main.pane.conversation)
    settle(qtbot, backend)
    assert any(item.unread for item in main.pane.model.items)
    QTest.keyClicks(main.pane.composer.editor, "Ja")
    QTest.keyClick(main.pane.composer.editor, Qt.Key.Key_Return)
    settle(qtbot, backend)
    assert not any(item.unread for item in main.pane.model.items)
    assert any(request.up_to is None for request in backend.asked if isinstance(request, requests.MarkRead))


def test_what_could_not_be_sent_comes_back(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    main = _talk(qtbot, window, backend, "Dr. Karin Weber")
    backend.refuse[requests.SendText] = Failure(code="disk_full")
    QTest.keyClicks(main.pane.composer.editor, "Wichtig")
    QTest.keyClick(main.pane.composer.editor, Qt.Key.Key_Return)
    settle(qtbot, backend)
    assert main.pane.composer.text() == "Wichtig"
    assert "Datenträger ist voll" in main.pane.composer._notice.text()


def test_drafts_are_kept_when_the_conversation_changes(
    qtbot: QtBot, open_window: Open, backend: ScriptedBackend
) -> None:
    window = open_window(backend)
    main = _talk(qtbot, window, backend, "Dr. Karin Weber")
    QTest.keyClicks(main.pane.composer.editor, "halb fertig")
    main = _talk(qtbot, window, backend, "Jana Meier")
    assert backend.talk("Dr. Karin Weber").draft == "halb fertig"
    main = _talk(qtbot, window, backend, "Dr. Karin Weber")
    assert main.pane.composer.text() == "halb fertig"


def test_the_input_grows_to_six_lines(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    editor = _talk(qtbot, window, backend, "Dr. Karin Weber").pane.composer.editor
    one = editor.height()
    editor.setPlainText("\n".join("x" * 3))
    three = editor.height()
    editor.setPlainText("\n".join("x" * 6))
    six = editor.height()
    editor.setPlainText("\n".join("x" * 30))
    assert 40 <= one < three < six <= editor.height() + 1
    assert editor.height() <= six + 8


def test_a_pasted_picture_waits_as_an_attachment_and_goes_with_its_text(
    qtbot: QtBot, open_window: Open, backend: ScriptedBackend
) -> None:
    window = open_window(backend)
    main = _talk(qtbot, window, backend, "Dr. Karin Weber")
    mime = QMimeData()
    mime.setImageData(pictures.wound(64, 48))
    main.pane.composer.editor.insertFromMimeData(mime)
    assert backend.count(requests.SendPhoto) == 0 and main.pane.composer.button.isEnabled()
    QTest.keyClicks(main.pane.composer.editor, "Bitte ansehen")
    QTest.keyClick(main.pane.composer.editor, Qt.Key.Key_Return)
    settle(qtbot, backend)
    sent = backend.last(requests.SendPhoto)
    assert sent.caption == "Bitte ansehen" and sent.path is None
    assert not QImage.fromData(sent.data, "PNG").isNull()
    assert backend.count(requests.SendText) == 0


def test_dropped_files_become_photos_and_files(
    qtbot: QtBot, open_window: Open, backend: ScriptedBackend, tmp_path: Path
) -> None:
    window = open_window(backend)
    main = _talk(qtbot, window, backend, "Dr. Karin Weber")
    for name in ("wunde.JPG", "befund.pdf"):
        (tmp_path / name).write_bytes(b"x")
    mime = QMimeData()
    mime.setUrls(
        [QUrl.fromLocalFile(str(tmp_path / name)) for name in ("wunde.JPG", "befund.pdf", "gibtsnicht")]
    )
    main.pane.composer.editor.insertFromMimeData(mime)
    main.pane.composer.button.click()
    settle(qtbot, backend)
    assert backend.last(requests.SendPhoto).path == str(tmp_path / "wunde.JPG")
    assert backend.last(requests.SendFile).path == str(tmp_path / "befund.pdf")


def test_reply_carries_the_quoted_message(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    main = _talk(qtbot, window, backend, "Wundsprechstunde")
    row = main.pane.model.items[-1].row
    main.pane.composer.reply_to(row)
    QTest.keyClicks(main.pane.composer.editor, "Ja")
    QTest.keyClick(main.pane.composer.editor, Qt.Key.Key_Return)
    settle(qtbot, backend)
    assert backend.last(requests.SendText).reply_to == row.message
    assert main.pane.model.items[-1].row.quote is not None


# --- lock -------------------------------------------------------------------------------------------------------


def test_locking_empties_models_and_caches(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    main = _talk(qtbot, window, backend, "Wundsprechstunde")
    window.grab()
    QTest.keyClicks(main.pane.composer.editor, "geheim")
    assert main.pane.delegate._layouts and len(main.pane.delegate._thumbnails)
    QTest.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, backend)
    page = window._stack.currentWidget()
    assert isinstance(page, LockPage)
    assert main.pane.model.rowCount() == 0 and main.sidebar.model.rowCount() == 0
    assert not main.pane.delegate._layouts and not len(main.pane.delegate._thumbnails)
    assert not len(main.details._thumbnails) and not main._rows and not main._people
    assert main.pane.composer.text() == "" and not main.pane.composer.editor.document().isUndoAvailable()
    assert backend.talk("Wundsprechstunde").draft == "geheim"
    assert "Wund" not in window.windowTitle()
    assert page._news_text.text() == "1 neue Nachricht"


def test_unlocking(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    _talk(qtbot, window, backend, "Wundsprechstunde")
    window._lock()
    settle(qtbot, backend)
    page = window._stack.currentWidget()
    assert isinstance(page, LockPage)
    assert isinstance(window.focusWidget(), QLineEdit)
    QTest.keyClicks(page.field, "1111")
    QTest.keyClick(page.field, Qt.Key.Key_Return)
    settle(qtbot, backend)
    assert "Verbleibende Versuche: 4" in page._answer.text()
    QTest.keyClicks(page.field, PIN)
    QTest.keyClick(page.field, Qt.Key.Key_Return)
    settle(qtbot, backend)
    assert window._stack.currentWidget() is window.main
    assert _main(window).pane.model.rowCount() > 0 and page.field.text() == ""


def test_after_too_many_pins_there_is_a_wait(
    qtbot: QtBot, open_window: Open, backend: ScriptedBackend
) -> None:
    window = open_window(backend)
    window._lock()
    settle(qtbot, backend)
    page = window._stack.currentWidget()
    assert isinstance(page, LockPage)
    backend.refuse[requests.Unlock] = Failure(code="pin_wait", detail={"wait_s": 30})
    QTest.keyClicks(page.field, "1")
    QTest.keyClick(page.field, Qt.Key.Key_Return)
    settle(qtbot, backend)
    assert (not page.field.isEnabled() and "30" in page._answer.text()) or "29" in page._answer.text()
    page._wait.stop()


def test_no_pin_no_lock(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    backend.change(has_pin=False)
    assert not _main(window).sidebar.lock.isVisible()
    window._lock()
    assert backend.count(requests.Lock) == 0


# --- notifications, tray, title -----------------------------------------------------------------------------------


def test_notifications_hide_content_unless_it_is_wanted(
    qtbot: QtBot, open_window: Open, backend: ScriptedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[events.MessageArrived, bool]] = []
    monkeypatch.setattr(Tray, "notify", lambda self, event, content: told.append((event, content)))
    window = open_window(backend)
    _talk(qtbot, window, backend, "Wundsprechstunde")
    backend.arrive(backend.talk("Jana Meier"), "Jana Meier", "geheim")
    assert told[-1][1] is False
    assert notification(told[-1][0], content=False) == ("Praxisfunk", "Neue Nachricht")
    window._prefs.put("ui.notify_content", "on")
    backend.arrive(backend.talk("Jana Meier"), "Jana Meier", "<b>offen</b>")
    assert told[-1][1] is True
    assert notification(told[-1][0], content=True) == ("Jana Meier", "\u2039b\u203aoffen\u2039/b\u203a")
    window._lock()
    settle(qtbot, backend)
    backend.arrive(backend.talk("Jana Meier"), "Jana Meier", "gesperrt")
    assert told[-1][1] is False
    count = len(told)
    window._prefs.put("ui.notify", "off")
    backend.arrive(backend.talk("Jana Meier"), "Jana Meier", "still")
    assert len(told) == count


def test_no_notification_for_what_is_being_read(
    qtbot: QtBot, open_window: Open, backend: ScriptedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    monkeypatch.setattr(Tray, "notify", lambda self, event, content: told.append(event))
    window = open_window(backend)
    _talk(qtbot, window, backend, "Jana Meier")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    backend.arrive(backend.talk("Jana Meier"), "Jana Meier", "x")
    assert not told


def test_a_click_on_a_notification_opens_the_conversation(
    qtbot: QtBot, open_window: Open, backend: ScriptedBackend
) -> None:
    window = open_window(backend)
    _talk(qtbot, window, backend, "Jana Meier")
    backend.arrive(backend.talk("Tarik Sahin"), "Tarik Sahin", "x")
    settle(qtbot, backend)
    window.hide()
    window.tray._icon.messageClicked.emit()
    settle(qtbot, backend)
    assert window.isVisible() and _main(window).pane.conversation == backend.talk("Tarik Sahin").conversation


def test_unread_counts_in_title_and_tray(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    _talk(qtbot, window, backend, "Jana Meier")
    backend.arrive(backend.talk("Tarik Sahin"), "Tarik Sahin", "x")
    settle(qtbot, backend)
    unread = sum(talk.unread for talk in backend.script.talks)
    assert unread >= 2
    assert window.windowTitle() == f"({unread}) Praxis am Musterplatz – Praxisfunk"
    assert str(unread) in window.tray._icon.toolTip()


def test_closing_goes_to_the_tray_with_one_explanation(
    qtbot: QtBot, open_window: Open, backend: ScriptedBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.ui.dialogs.message import Message

    monkeypatch.setattr(Tray, "available", property(lambda self: True))
    window = open_window(backend)
    window.close()
    message = window.findChild(Message)
    assert window.isVisible() and message is not None
    message.accept()
    settle(qtbot, backend)
    assert not window.isVisible() and backend.settings["ui.tray_explained"] == b"yes"
    window.show()
    window.close()
    assert not window.isVisible()
    assert len([found for found in window.findChildren(Message) if found.isVisible()]) == 0


def test_without_a_tray_closing_ends_the_program(
    qtbot: QtBot, open_window: Open, backend: ScriptedBackend
) -> None:
    window = open_window(backend)
    with qtbot.waitSignal(window.quit_wanted):
        window.close()
    settle(qtbot, backend)
    assert "ui.geometry" in backend.settings


def test_a_second_start_raises_the_window(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    window.hide()
    backend.event.emit(events.WindowRequested())
    assert window.isVisible()


# --- left column ----------------------------------------------------------------------------------------------------


def test_search_finds_people_and_messages(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    main = _talk(qtbot, window, backend, "Jana Meier")
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.focusWidget() is main.sidebar.search
    QTest.keyClicks(main.sidebar.search, "muster")
    settle(qtbot, backend)
    entries = main.sidebar.model.entries
    assert [entry.row.title for entry in entries if isinstance(entry, Talk)] == ["Apotheke am Musterplatz"]
    hits = [entry for entry in entries if isinstance(entry, Hit)]
    assert hits and any("Muster" in "".join(hit.hit.snippet) for hit in hits)
    place = entries.index(hits[0])
    main.sidebar.list.opened.emit(main.sidebar.model.index(place))
    settle(qtbot, backend)
    assert main.pane.conversation == hits[0].hit.conversation
    assert main.pane.model.place_of(hits[0].hit.message) is not None
    QTest.keyClick(main.sidebar.search, Qt.Key.Key_Escape)
    assert main.sidebar.search.text() == ""


def test_search_without_a_result_says_so(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    main = _main(window)
    QTest.keyClicks(main.sidebar.search, "xyzzy")
    settle(qtbot, backend)
    assert main.sidebar.model.entries == [Remark("Nichts gefunden.")]


def test_search_in_one_conversation(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    main = _talk(qtbot, window, backend, "Wundsprechstunde")
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(main.sidebar.search, "zimmer")
    settle(qtbot, backend)
    assert backend.last(requests.SearchMessages).conversation == backend.talk("Wundsprechstunde").conversation
    hits = [entry for entry in main.sidebar.model.entries if isinstance(entry, Hit)]
    assert {hit.hit.title for hit in hits} == {"Wundsprechstunde"}


def test_keys_walk_through_the_conversations(
    qtbot: QtBot, open_window: Open, backend: ScriptedBackend
) -> None:
    window = open_window(backend)
    main = _talk(qtbot, window, backend, "Wundsprechstunde")
    QTest.keyClick(window, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, backend)
    assert main.pane.conversation == backend.talk("Praxisteam").conversation
    QTest.keyClick(window, Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    settle(qtbot, backend)
    assert main.pane.conversation == backend.talk("Wundsprechstunde").conversation


# --- widths, network, pages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "left", "right", "compact"),
    [(1440, True, True, False), (1000, True, False, False), (720, True, False, True)],
)
def test_three_widths(
    qtbot: QtBot,
    open_window: Open,
    backend: ScriptedBackend,
    width: int,
    left: bool,
    right: bool,
    compact: bool,
) -> None:
    window = open_window(backend, width, 450 if compact else 800)
    main = _talk(qtbot, window, backend, "Wundsprechstunde")
    assert main.sidebar.isVisible() is left and main.details.isVisible() is right
    assert main.sidebar.delegate.compact is compact and main.pane.composer._compact is compact
    assert main.pane.width() >= 420
    if not right:
        main.pane.header.details.click()
        settle(qtbot, backend)
        assert main.details.isVisible() and main.pane.width() >= 400


def test_no_network_is_said_in_a_bar(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    main = _talk(qtbot, window, backend, "Jana Meier")
    backend.event.emit(events.ReachChanged(network=NetworkState.NO_NETWORK, waiting=3))
    assert main.pane.network.label.text() == "Kein Netz. 3 Nachrichten warten hier."
    assert main.pane.network.isVisible()
    backend.event.emit(events.ReachChanged(network=NetworkState.OK, waiting=0))
    assert not main.pane.network.isVisible()


def test_geometry_and_conversation_are_remembered(
    qtbot: QtBot, open_window: Open, backend: ScriptedBackend
) -> None:
    window = open_window(backend, 1100, 700)
    _talk(qtbot, window, backend, "Jana Meier")
    window.remember()
    settle(qtbot, backend)
    assert backend.settings["ui.conversation"] == bytes(backend.talk("Jana Meier").conversation)
    assert backend.settings["ui.geometry"]
    again = open_window(backend)
    assert _main(again).pane.conversation == backend.talk("Jana Meier").conversation


def test_passphrase(qtbot: QtBot, open_window: Open, qapp: object) -> None:
    backend = ScriptedBackend(phase=Phase.PASSPHRASE)
    window = open_window(backend)
    page = window._stack.currentWidget()
    assert isinstance(page, PassphrasePage)
    QTest.keyClicks(page.field, "falsch")
    QTest.keyClick(page.field, Qt.Key.Key_Return)
    settle(qtbot, backend)
    assert "Kennwort" in page._answer.text()
    page.field.setText("korrektes Pferd")
    page.button.click()
    settle(qtbot, backend)
    assert window._stack.currentWidget() is window.main


def test_a_new_passphrase_is_typed_twice(qtbot: QtBot, open_window: Open, qapp: object) -> None:
    backend = ScriptedBackend(phase=Phase.PASSPHRASE)
    backend.change(new_profile=True)
    window = open_window(backend)
    page = window._stack.currentWidget()
    assert isinstance(page, PassphrasePage)
    page.field.setText("korrektes Pferd")
    assert not page.button.isEnabled()
    page.repeat.setText("korrektes Pferd")
    assert page.button.isEnabled()


@pytest.mark.parametrize(
    ("phase", "problem", "part"),
    [(Phase.FAILED, Failure(code="store.too_new"), "neueren Version"), (Phase.REVOKED, None, "entfernt")],
)
def test_what_stands_in_the_way_is_said(
    qtbot: QtBot, open_window: Open, qapp: object, phase: Phase, problem: Failure | None, part: str
) -> None:
    backend = ScriptedBackend(phase=phase)
    backend.change(problem=problem)
    window = open_window(backend)
    page = window._stack.currentWidget()
    assert isinstance(page, ProblemPage) and part in page.detail.text()


def test_delivery_in_the_right_column(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend, 1440, 900)
    main = _talk(qtbot, window, backend, "Wundsprechstunde")
    row = next(item.row for item in main.pane.model.items if item.row.text.startswith("Rezept"))
    main.show_delivery(row.message)
    settle(qtbot, backend)
    assert main.details.delivery_of is not None and main.details.delivery_of.message == row.message


def test_the_window_never_waits_for_an_answer(
    qtbot: QtBot, open_window: Open, backend: ScriptedBackend
) -> None:
    window = open_window(backend)
    main = _main(window)
    backend.hold = True
    main.open(backend.talk("Wundsprechstunde").conversation)
    main.open(backend.talk("Jana Meier").conversation)
    QTest.keyClicks(main.pane.composer.editor, "tippe weiter")
    backend.release()
    settle(qtbot, backend)
    assert main.pane.feed.conversation == backend.talk("Jana Meier").conversation
    assert main.pane.model.items[-1].row.conversation == backend.talk("Jana Meier").conversation


def test_photo_viewer(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    from app.ui.viewer import PhotoViewer

    window = open_window(backend)
    main = _talk(qtbot, window, backend, "Wundsprechstunde")
    photos = [item.row.message for item in main.pane.model.items if item.row.photo]
    main.show_photo(photos[-1])
    viewer = window.findChild(PhotoViewer)
    assert viewer is not None
    qtbot.waitUntil(lambda: viewer.canvas._pixmap is not None)
    fitted = viewer.canvas.percent
    QTest.keyClick(viewer, Qt.Key.Key_Plus)
    assert viewer.canvas.percent > fitted
    QTest.keyClick(viewer, Qt.Key.Key_0)
    assert viewer.canvas.percent == fitted
    QTest.keyClick(viewer, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: viewer._message == photos[-2] and viewer.canvas._pixmap is not None)
    window._lock()
    settle(qtbot, backend)
    assert not window.findChildren(PhotoViewer) or not window.findChild(PhotoViewer).isVisible()
