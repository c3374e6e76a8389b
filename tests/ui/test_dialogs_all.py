"""What holds for every dialog: plain text only, names for screen readers, no clipped words in large text."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.core import events
from app.ui.controls import Button
from app.ui.dialogs.add_device import AddDevice
from app.ui.dialogs.group import ManageGroup, NewGroup
from app.ui.dialogs.people import PeopleDialog
from app.ui.dialogs.settings import SettingsDialog
from app.ui.dialogs.setup import SetupPage
from app.ui.i18n import Translations
from app.ui.look import Look
from app.ui.preferences import Preferences
from tests.ui.backend import ScriptedBackend
from tests.ui.conftest import settle

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
ASKED = events.PairingAsked(person_name="Tarik Sahin", role="MFA", device_name="Labor 1")


def german_language() -> str:
    return "de"


def make(name: str, look: Look, backend: ScriptedBackend, parent: QWidget) -> QWidget:
    people = list(backend.script.people.values())
    weber = backend.script.people["Dr. Karin Weber"].person
    here = backend.talk("Wundsprechstunde").conversation
    makers: dict[str, Callable[[], QWidget]] = {
        "setup": lambda: SetupPage(look, backend, german_language, backend.status),
        "add_device": lambda: AddDevice(look, backend, german_language, parent),
        "confirm": lambda: AddDevice(look, backend, german_language, parent, asked=ASKED),
        "people": lambda: PeopleDialog(look, backend, german_language, parent, weber),
        "new_group": lambda: NewGroup(look, backend, people, german_language, parent),
        "manage_group": lambda: ManageGroup(look, backend, here, people, german_language, parent),
        "settings": lambda: SettingsDialog(
            look, backend, Preferences(backend), german_language, backend.status, parent
        ),
    }
    return makers[name]()


NAMES = ("setup", "add_device", "confirm", "people", "new_group", "manage_group", "settings")


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def shown(widget: QWidget, kind: type[QWidget]) -> list[QWidget]:
    return [one for one in widget.findChildren(kind) if one.isVisible()]


@pytest.mark.parametrize("name", NAMES)
def test_labels_never_show_markup(
    qtbot: QtBot, look: Look, german: Translations, backend: ScriptedBackend, parent: QWidget, name: str
) -> None:
    dialog = make(name, look, backend, parent)
    qtbot.addWidget(dialog)
    dialog.show()
    settle(qtbot, backend)
    labels = dialog.findChildren(QLabel)
    assert labels
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}


@pytest.mark.parametrize("name", NAMES)
def test_everything_that_takes_the_focus_has_a_name(
    qtbot: QtBot, look: Look, german: Translations, backend: ScriptedBackend, parent: QWidget, name: str
) -> None:
    dialog = make(name, look, backend, parent)
    qtbot.addWidget(dialog)
    dialog.show()
    settle(qtbot, backend)
    controls = [
        one
        for one in dialog.findChildren(QWidget)
        if one.isVisible() and one.focusPolicy() & Qt.FocusPolicy.TabFocus and not _inner(one)
    ]
    assert controls
    nameless = [
        one
        for one in controls
        if not one.accessibleName() and not (isinstance(one, QAbstractButton) and one.text())
    ]
    assert not nameless


def _inner(widget: QWidget) -> bool:
    """Scroll areas and the input inside a combo are not stops of their own."""
    if widget.metaObject().className() in ("Scroll", "QScrollArea"):
        return True
    return isinstance(widget, QLineEdit) and widget.parent().inherits("QComboBox")


@pytest.mark.parametrize("percent", [100, 200])
@pytest.mark.parametrize("name", NAMES)
def test_buttons_and_single_lines_have_room_for_their_words(
    qtbot: QtBot, look: Look, german: Translations, backend: ScriptedBackend, parent: QWidget, name: str,
    percent: int,
) -> None:  # fmt: skip
    look.choose(theme="light", text_percent=percent)
    dialog = make(name, look, backend, parent)
    qtbot.addWidget(dialog)
    dialog.show()
    settle(qtbot, backend)
    for button in shown(dialog, Button):
        assert button.width() >= button.sizeHint().width(), button
    for label in shown(dialog, QLabel):
        assert isinstance(label, QLabel)
        if label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width()) - 1, label.text()
        else:
            assert label.width() >= label.sizeHint().width() - 1, label.text()
