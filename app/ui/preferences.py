"""What the window remembers, kept in the encrypted store through `PutSetting` and `GetSettings`."""

from typing import Final

from app.core.requests import PutSetting
from app.ui.backend import Backend

PREFIX: Final = "ui."
LANGUAGE: Final = "ui.language"  # "de", "en", absent: the system's
THEME: Final = "ui.theme"  # "light", "dark", absent: the system's
TEXT_PERCENT: Final = "ui.text_percent"
NOTIFY: Final = "ui.notify"  # "off", absent: on
NOTIFY_CONTENT: Final = "ui.notify_content"  # "on", absent: off (a screen is seen by patients)
GEOMETRY: Final = "ui.geometry"
SPLITTER: Final = "ui.splitter"
DETAILS: Final = "ui.details"  # "off", absent: on
CONVERSATION: Final = "ui.conversation"
CLOSE_TO_TRAY: Final = "ui.close_to_tray"  # "off", absent: on
TRAY_EXPLAINED: Final = "ui.tray_explained"


class Preferences:
    """A copy of the settings; a change is told to the store at once."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._values: dict[str, bytes] = {}

    def load(self, values: dict[str, bytes]) -> None:
        self._values = dict(values)

    def raw(self, key: str) -> bytes | None:
        return self._values.get(key)

    def text(self, key: str, default: str = "") -> str:
        value = self._values.get(key)
        return default if value is None else value.decode("utf-8", "replace")

    def number(self, key: str, default: int) -> int:
        text = self.text(key)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else default

    def put(self, key: str, value: bytes | str | None) -> None:
        """None deletes. Nothing is written that was so already."""
        data = value.encode() if isinstance(value, str) else value
        if self._values.get(key) == data:
            return
        if data is None:
            self._values.pop(key, None)
        else:
            self._values[key] = data
        self._backend.ask(PutSetting(key=key, value=data))
