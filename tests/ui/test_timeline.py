"""The conversation: window of rows, the reader's place, groups, unread line, selection, actions."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core import events, requests
from app.core.views import Failure, Mark, MessageKind, TransferState
from app.ui.main_page import MainPage
from app.ui.timeline.actions import Action, actions_of
from app.ui.timeline.feed import WINDOW_ROWS
from app.ui.timeline.items import place
from app.ui.timeline.model import ITEM_ROLE
from app.ui.window import AppWindow
from tests.ui import practice
from tests.ui.backend import ScriptedBackend
from tests.ui.conftest import Open, settle


def _main(window: AppWindow) -> MainPage:
    assert window.main is not None
    return window.main


def _open(qtbot: QtBot, window: AppWindow, backend: ScriptedBackend, title: str) -> MainPage:
    main = _main(window)
    main.open(backend.talk(title).conversation)
    settle(qtbot, backend)
    return main


def test_groups_days_and_the_unread_line(backend: ScriptedBackend) -> None:
    talk = backend.talk("Wundsprechstunde")
    unread = talk.messages[-2]
    items = place(talk.messages, unread.message, 2, practice.NOW_MS)
    assert sum(item.day is not None for item in items) == 4
    assert [item.unread for item in items if item.unread] == [2]
    own = [
        item
        for item in items
        if item.row.text in ("Frau Muster ist da, Verbandwechsel.", "Zimmer 2 ist vorbereitet.")
    ]
    assert [(item.first, item.last) for item in own] == [(True, False), (False, True)]
    assert items[-2].first and not items[-2].last and items[-1].last


def test_opens_at_the_end_and_loads_older_rows_without_moving(
    qtbot: QtBot, open_window: Open, qapp: object
) -> None:
    backend = ScriptedBackend(practice.many(2_000))
    window = open_window(backend)
    main = _open(qtbot, window, backend, "Wundsprechstunde")
    view, bar = main.pane.view, main.pane.view.verticalScrollBar()
    assert bar.value() == bar.maximum() and view.pinned
    newest = backend.talk("Wundsprechstunde").messages[-1]
    assert main.pane.model.items[-1].row.message == newest.message
    bar.setValue(400)
    anchor = view.indexAt(QPoint(8, 1)).data(ITEM_ROLE).row.message
    top = view.visualRect(view.indexAt(QPoint(8, 1))).top()
    settle(qtbot, backend)
    place_now = main.pane.model.place_of(anchor)
    assert place_now is not None and place_now > 30
    assert view.visualRect(main.pane.model.index(place_now)).top() == top


def test_the_window_of_rows_is_bounded_both_ways(qtbot: QtBot, open_window: Open) -> None:
    backend = ScriptedBackend(practice.many(2_000))
    window = open_window(backend)
    main = _open(qtbot, window, backend, "Wundsprechstunde")
    bar, feed = main.pane.view.verticalScrollBar(), main.pane.feed
    for _ in range(14):
        bar.setValue(0)
        settle(qtbot, backend)
    assert main.pane.model.rowCount() == WINDOW_ROWS and not feed.at_newest
    assert main.pane.jump.isVisible()
    for _ in range(18):
        bar.setValue(bar.maximum())
        settle(qtbot, backend)
    assert feed.at_newest and main.pane.model.rowCount() <= WINDOW_ROWS


def test_another_width_keeps_the_place_and_few_rows(qtbot: QtBot, open_window: Open) -> None:
    backend = ScriptedBackend(practice.many(1_000))
    window = open_window(backend)
    main = _open(qtbot, window, backend, "Wundsprechstunde")
    bar, view = main.pane.view.verticalScrollBar(), main.pane.view
    for _ in range(5):
        bar.setValue(0)
        settle(qtbot, backend)
    bar.setValue(3_000)
    settle(qtbot, backend)
    before = view.indexAt(QPoint(8, 3)).data(ITEM_ROLE).row.message
    assert main.pane.model.rowCount() > 200
    window.resize(1200, 820)
    settle(qtbot, backend)
    after = view.indexAt(QPoint(8, 3)).data(ITEM_ROLE).row.message
    assert after == before and main.pane.model.rowCount() < 160
    assert not main.pane.feed.at_newest


def test_a_new_message_does_not_move_a_reader_further_up(qtbot: QtBot, open_window: Open) -> None:
    backend = ScriptedBackend(practice.many(300))
    window = open_window(backend)
    main = _open(qtbot, window, backend, "Wundsprechstunde")
    bar = main.pane.view.verticalScrollBar()
    bar.setValue(bar.maximum() - 1_200)
    settle(qtbot, backend)
    before = bar.maximum() - bar.value()
    item = main.pane.view.indexAt(QPoint(8, 5)).data(ITEM_ROLE)
    backend.arrive(backend.talk("Wundsprechstunde"), "Tarik Sahin", "Neu")
    settle(qtbot, backend)
    assert main.pane.view.indexAt(QPoint(8, 5)).data(ITEM_ROLE).row.message == item.row.message
    assert bar.maximum() - bar.value() > before
    assert main.pane.jump.isVisible() and main.pane.jump.text() == "1 neue Nachricht"
    main.pane.jump.click()
    settle(qtbot, backend)
    assert bar.value() == bar.maximum() and not main.pane.jump.text()


def test_at_the_end_a_new_message_is_shown_and_read(qtbot: QtBot, open_window: Open) -> None:
    backend = ScriptedBackend(practice.many(300))
    window = open_window(backend)
    main = _open(qtbot, window, backend, "Wundsprechstunde")
    row = backend.arrive(backend.talk("Wundsprechstunde"), "Tarik Sahin", "Neu")
    settle(qtbot, backend)
    assert main.pane.model.items[-1].row.message == row.message
    assert main.pane.view.pinned
    assert backend.last(requests.MarkRead).up_to == row.message


def test_text_can_be_marked_and_copied(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    main = _open(qtbot, window, backend, "Wundsprechstunde")
    view, model = main.pane.view, main.pane.model
    place_of = next(at for at, item in enumerate(model.items) if item.row.text.startswith("Nächster Wechsel"))
    layout = main.pane.delegate.layout_of(model.items[place_of])
    corner = view.visualRect(model.index(place_of)).topLeft()
    start = corner + (layout.text_at + QPointF(1, 8)).toPoint()
    end = corner + (layout.text_at + QPointF(layout.text.width if layout.text else 0, 8)).toPoint()
    port = view.viewport()
    QTest.mousePress(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(port, end)
    QTest.mouseRelease(port, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, end)
    assert view.selected_text() == model.items[place_of].row.text
    QTest.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == model.items[place_of].row.text


def test_what_can_be_done_with_a_message(backend: ScriptedBackend) -> None:
    rows = backend.talk("Dr. Paul Brandt").messages
    items = place(rows, None, 0, practice.NOW_MS)
    assert actions_of(items[0]) == []
    assert Action.CANCEL in actions_of(items[1]) and Action.SAVE not in actions_of(items[1])
    assert Action.FETCH in actions_of(items[2])
    assert actions_of(items[3])[:2] == [Action.RETRY, Action.DISCARD]


def test_failed_and_waiting_messages_say_why_and_can_be_tried_again(
    qtbot: QtBot, open_window: Open, backend: ScriptedBackend
) -> None:
    window = open_window(backend)
    main = _open(qtbot, window, backend, "Dr. Paul Brandt")
    view, model = main.pane.view, main.pane.model
    failed = next(at for at, item in enumerate(model.items) if item.row.mark is Mark.FAILED)
    layout = main.pane.delegate.layout_of(model.items[failed])
    assert layout.why is not None and "Dr. Paul Brandt" in layout.why.text and "90 Tage" in layout.why.text
    for action, kind in ((Action.RETRY, requests.RetryMessage), (Action.DISCARD, requests.DiscardMessage)):
        spot = next(spot for spot in layout.spots if spot.action is action)
        point = view.visualRect(model.index(failed)).topLeft() + spot.rect.center().toPoint()
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
        assert backend.last(kind).message == model.items[failed].row.message
    settle(qtbot, backend)
    assert not any(item.row.mark is Mark.FAILED for item in model.items)


def test_a_message_that_just_left_does_not_complain(backend: ScriptedBackend) -> None:
    row = backend.script.say(
        backend.talk("Jana Meier"), "Anna Lindner", practice.NOW_MS - 500, "x", mark=Mark.WAITING
    )
    assert not place([row], None, 0, practice.NOW_MS)[0].slow
    assert place([row], None, 0, practice.NOW_MS + 60_000)[0].slow


def test_transfer_progress_repaints_without_loading(
    qtbot: QtBot, open_window: Open, backend: ScriptedBackend
) -> None:
    window = open_window(backend)
    main = _open(qtbot, window, backend, "Dr. Paul Brandt")
    running = next(item.row for item in main.pane.model.items
                   if item.row.photo and item.row.photo.blob.state is TransferState.RUNNING)  # fmt: skip
    loads = backend.count(requests.LoadTimeline)
    backend.event.emit(
        events.TransferProgress(
            conversation=running.conversation, message=running.message, done_bytes=2_000_000,
            size_bytes=2_412_000, outgoing=False,
        )
    )  # fmt: skip
    settle(qtbot, backend)
    assert main.pane.model.progress[running.message] == (2_000_000, 2_412_000)
    assert backend.count(requests.LoadTimeline) == loads


def test_delivery_marks_change_in_place(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    main = _open(qtbot, window, backend, "Dr. Paul Brandt")
    row = main.pane.model.items[-1].row
    assert row.mark is Mark.WAITING
    backend.mark(row, Mark.ALL)
    settle(qtbot, backend)
    assert main.pane.model.items[-1].row.mark is Mark.ALL
    assert main.pane.delegate.layout_of(main.pane.model.items[-1]).why is None


def test_one_layout_serves_size_and_paint(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    main = _open(qtbot, window, backend, "Wundsprechstunde")
    delegate, item = main.pane.delegate, main.pane.model.items[-1]
    assert delegate.layout_of(item) is delegate.layout_of(item)
    kept = delegate.layout_of(item)
    delegate.width -= 100
    assert delegate.layout_of(item) is not kept


def test_nothing_is_markup(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    talk = backend.talk("Dr. Karin Weber")
    evil = "<b>fett</b><img src=x> <a href='http://example.org'>link</a>"
    backend.arrive(talk, "Dr. Karin Weber", evil)
    window = open_window(backend)
    main = _open(qtbot, window, backend, "Dr. Karin Weber")
    layout = main.pane.delegate.layout_of(main.pane.model.items[-1])
    assert layout.text is not None and layout.text.text == evil
    from PySide6.QtWidgets import QLabel

    formats = {label.textFormat() for label in window.findChildren(QLabel)}
    assert formats == {Qt.TextFormat.PlainText}


def test_long_texts_are_folded_until_asked_for(
    qtbot: QtBot, open_window: Open, backend: ScriptedBackend
) -> None:
    backend.arrive(backend.talk("Jana Meier"), "Jana Meier", "Sehr langer Text. " * 1_000)
    window = open_window(backend)
    main = _open(qtbot, window, backend, "Jana Meier")
    item = main.pane.model.items[-1]
    folded = main.pane.delegate.layout_of(item)
    assert any(spot.action is Action.UNFOLD for spot in folded.spots)
    main.pane.delegate.unfold(item.row.message)
    assert main.pane.delegate.layout_of(item).height > 4 * folded.height


def test_screen_readers_get_sentences(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    main = _open(qtbot, window, backend, "Dr. Paul Brandt")
    model = main.pane.model
    spoken = [model.index(at).data(Qt.ItemDataRole.AccessibleTextRole) for at in range(model.rowCount())]
    assert "Dr. Paul Brandt, 17:40, Foto, Verband sieht gut aus., Wird geladen, 965 kB von 2,4 MB" in spoken
    assert spoken[-1].startswith("Du, 08:47, Die Unterlagen liegen im Fach., Wartet auf Dr. Paul Brandt")
    entries = main.sidebar.model
    texts = [entries.index(at).data(Qt.ItemDataRole.AccessibleTextRole) for at in range(entries.rowCount())]
    assert "Tarik Sahin, abwesend, 1 ungelesene Nachricht, Probe ist unterwegs" in texts


def test_a_refused_load_is_said(qtbot: QtBot, open_window: Open, backend: ScriptedBackend) -> None:
    window = open_window(backend)
    main = _main(window)
    backend.refuse[requests.LoadTimeline] = Failure(code="store.disk_trouble")
    main.open(backend.talk("Jana Meier").conversation)
    settle(qtbot, backend)
    assert main.pane.problem.isVisible() and "Datenträger" in main.pane.problem.label.text()


def test_jump_to_a_quoted_message_that_is_not_loaded(qtbot: QtBot, open_window: Open) -> None:
    backend = ScriptedBackend(practice.many(1_000))
    window = open_window(backend)
    main = _open(qtbot, window, backend, "Wundsprechstunde")
    old = backend.talk("Wundsprechstunde").messages[100]
    assert main.pane.model.place_of(old.message) is None
    main.pane.feed.jump(old.message)
    settle(qtbot, backend)
    at = main.pane.model.place_of(old.message)
    assert at is not None
    assert (
        main.pane.view.viewport()
        .rect()
        .contains(main.pane.view.visualRect(main.pane.model.index(at)).center())
    )
    assert main.pane.model.items[at].row.kind in (MessageKind.TEXT, MessageKind.PHOTO)
