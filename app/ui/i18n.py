"""Languages: Qt translation files from assets/i18n, German and English.

The sources are English; `praxisfunk_de.qm` holds the German, `praxisfunk_en.qm` only the English plurals.
`packaging/translations.py` collects, checks and compiles them.
"""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

FOLDER: Final = Path(__file__).resolve().parents[2] / "assets" / "i18n"
LANGUAGES: Final = ("de", "en")


def translate(context: str, text: str, comment: str = "", n: int = -1) -> str:
    """The text in the chosen language; `%n` is replaced by `n` in the right plural form."""
    return QCoreApplication.translate(context, text, comment or None, n)


def system_language() -> str:
    """Either "de" or "en", by the system's locale."""
    return "de" if QLocale.system().language() == QLocale.Language.German else "en"


class Translations:
    """Installs and exchanges the translators of one application."""

    def __init__(self, app: QCoreApplication) -> None:
        self._app = app
        self._installed: list[QTranslator] = []
        self.choice = ""
        self.language = "en"

    def use(self, choice: str) -> None:
        """`choice` is "de", "en" or anything else for the system's language."""
        self.choice = choice
        self.language = choice if choice in LANGUAGES else system_language()
        self.remove()
        territory = QLocale.system() if choice not in LANGUAGES else QLocale(self.language)
        QLocale.setDefault(territory)
        qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        for file, folder in (
            (f"qtbase_{self.language}", qt_folder),
            (f"praxisfunk_{self.language}", str(FOLDER)),
        ):
            translator = QTranslator(self._app)
            if translator.load(file, folder):
                self._app.installTranslator(translator)
                self._installed.append(translator)

    def remove(self) -> None:
        """Back to the texts of the sources."""
        for translator in self._installed:
            self._app.removeTranslator(translator)
        self._installed.clear()
