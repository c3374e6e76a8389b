"""A question before something that cannot be undone: "Cancel" has the focus, so Enter alone does no harm."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.ui.controls import Button
from app.ui.dialogs.message import Message
from app.ui.i18n import translate
from app.ui.look import Look


def ask(
    look: Look, parent: QWidget, *, title: str, text: str, icon: str, action: str, then: Callable[[], object]
) -> Message:
    """Show it and return at once; `then` runs when the action was chosen."""
    cancel = translate("Dialogs", "Cancel")
    message = Message(look, title, text, icon, accept=action, cancel=cancel, parent=parent)
    message.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    message.accepted.connect(lambda: then())
    for button in message.findChildren(Button):
        if button.text() == cancel:
            button.setDefault(True)
            button.setFocus(Qt.FocusReason.OtherFocusReason)
    message.open()
    return message
