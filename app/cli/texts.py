"""What the command line says, in German and English. Sentences for failures come from `app/ui/error_text.py`."""

import os
import sys
from collections.abc import Mapping
from typing import Final

from app.core.views import Failure
from app.ui import error_text

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    # --- help -----------------------------------------------------------------------------------------------
    "help.program": (
        "Verschlüsselter Messenger für die Praxis, ohne Server. Ohne Befehl öffnet sich das Fenster; die Befehle"
        " sprechen mit dem laufenden Praxisfunk dieses Profils.",
        "Encrypted messenger for medical practices, without a server. Without a command the window opens; the"
        " commands talk to the running Praxisfunk of this profile.",
    ),
    "help.epilog": (
        "Ergebnis (Exit-Code): 0 gut, 1 abgelehnt, 2 falscher Aufruf, 3 Praxisfunk läuft nicht, 4 Name unbekannt oder"
        " mehrdeutig, 5 gesperrt, 6 Zeit abgelaufen, 130 abgebrochen. Mit --json schreibt jeder Befehl ein JSON-Objekt"
        " auf die Standardausgabe; pair, join und watch schreiben eines je Zeile.",
        "Exit codes: 0 fine, 1 refused, 2 wrong usage, 3 Praxisfunk is not running, 4 name unknown or ambiguous,"
        " 5 locked, 6 out of time, 130 interrupted. With --json every command writes one JSON object to standard"
        " output; pair, join and watch write one per line.",
    ),
    "help.commands": ("Befehle", "commands"),
    "help.arguments": ("Was", "arguments"),
    "help.options": ("Angaben", "options"),
    "help.usage": ("Aufruf: ", "usage: "),
    "help.help": ("diese Hilfe zeigen", "show this help"),
    "help.profile": ("Ordner des Profils", "folder of the profile"),
    "help.json": ("als JSON ausgeben", "print JSON"),
    "help.headless": ("ohne Fenster laufen", "run without a window"),
    "help.hidden": ("im Infobereich starten", "start in the tray"),
    "help.passphrase_fd": (
        "Kennwort aus diesem Dateideskriptor lesen (oder Umgebungsvariable PRAXISFUNK_PASSPHRASE)",
        "read the passphrase from this file descriptor (or environment variable PRAXISFUNK_PASSPHRASE)",
    ),
    "help.port": ("UDP-Port (sonst ein freier)", "UDP port (else a free one)"),
    "help.interface": (
        "nur diese Netzwerkkarte benutzen (IP-Adresse; mehrfach möglich)",
        "use this network interface only (IP address; may be repeated)",
    ),
    "help.further": ("siehe »praxisfunk {name} --help«", "see `praxisfunk {name} --help`"),
    "help.found": ("eine Praxis anlegen", "found a practice"),
    "help.join": ("einer Praxis beitreten", "join a practice"),
    "help.pair": ("ein neues Gerät aufnehmen", "admit a new device"),
    "help.people": ("wer zur Praxis gehört", "who belongs to the practice"),
    "help.send": ("Text, Foto oder Datei senden", "send text, photo or file"),
    "help.history": ("eine Unterhaltung zeigen", "show a conversation"),
    "help.groups": ("Gruppen zeigen", "list groups"),
    "help.group": ("eine Gruppe anlegen oder ändern", "create or change a group"),
    "help.group.create": ("anlegen", "create"),
    "help.group.add": ("Mitglieder aufnehmen", "add members"),
    "help.group.remove": ("ein Mitglied entfernen", "remove a member"),
    "help.group.leave": ("verlassen", "leave"),
    "help.group.rename": ("umbenennen", "rename"),
    "help.group.members": ("Mitglieder zeigen", "show members"),
    "help.search": ("Nachrichten suchen", "search messages"),
    "help.status": ("Zustand des laufenden Praxisfunk", "state of the running Praxisfunk"),
    "help.retry": ("Wartendes jetzt noch einmal versuchen", "try what waits again now"),
    "help.save": ("ein Foto oder eine Datei herausspeichern", "save a photo or file"),
    "help.lock": ("Fenster sperren", "lock the window"),
    "help.unlock": (
        "Fenster entsperren (PIN von der Standardeingabe)",
        "unlock the window (PIN on standard input)",
    ),
    "help.quit": ("beenden", "quit"),
    "help.watch": ("Ereignisse mitlesen", "watch events"),
    "help.version": ("Version zeigen", "show the version"),
    "help.practice": ("Name der Praxis", "name of the practice"),
    "help.name": ("eigener Name", "own name"),
    "help.role": ("Aufgabe in der Praxis", "role in the practice"),
    "help.device": ("Name dieses Geräts", "name of this device"),
    "help.code": (
        "der 12-stellige Code; fehlt er, wird er erfragt",
        "the code of 12 characters; asked for if absent",
    ),
    "help.address": ("Adresse des anderen Geräts (host:port)", "address of the other device (host:port)"),
    "help.accept": ("diese Person ohne Rückfrage aufnehmen", "admit this person without asking"),
    "help.admin": ("als Admin aufnehmen", "admit as admin"),
    "help.timeout": ("höchstens so viele Sekunden", "at most so many seconds"),
    "help.to": ("Name oder Kennung von Person oder Gruppe", "name or id of a person or group"),
    "help.photo": ("Foto (mehrfach möglich)", "photo (may be repeated)"),
    "help.file": ("Datei (mehrfach möglich)", "file (may be repeated)"),
    "help.wait": ("warten, bis es angekommen ist", "wait until it has arrived"),
    "help.text": ("Text; »-« liest ihn von der Standardeingabe", "text; `-` reads it from standard input"),
    "help.limit": ("höchstens so viele", "at most so many"),
    "help.in": ("nur in dieser Unterhaltung", "in this conversation only"),
    "help.title": ("Name der Gruppe", "name of the group"),
    "help.member": ("Name oder Kennung einer Person", "name or id of a person"),
    "help.message": ("Kennung einer Nachricht", "id of a message"),
    "help.path": ("wohin", "where to"),
    "help.words": ("Suchwörter", "words"),
    # --- what is shown ----------------------------------------------------------------------------------------
    "usage": ("Das war nicht zu verstehen: {what}", "That was not understood: {what}"),
    "version": ("Praxisfunk {version}", "Praxisfunk {version}"),
    "already_running": ("Praxisfunk läuft schon.", "Praxisfunk is running already."),
    "done": ("Erledigt.", "Done."),
    "sent": ("Gespeichert und unterwegs: {message}", "Stored and on its way: {message}"),
    "delivered": ("Angekommen.", "Delivered."),
    "nothing": ("Nichts gefunden.", "Nothing found."),
    "nothing_waits": ("Nichts wartet.", "Nothing waits."),
    "retried": ("{count} noch einmal versucht.", "{count} tried again."),
    "saved": ("Gespeichert: {path}", "Saved: {path}"),
    "founded": (
        "Die Praxis ist angelegt.\n\nWiederherstellungs-Code:\n\n    {code}\n\n"
        "Jetzt aufschreiben und sicher verwahren: er wird nirgends gespeichert und nie wieder gezeigt.",
        "The practice is founded.\n\nRecovery code:\n\n    {code}\n\n"
        "Write it down now and keep it safe: it is stored nowhere and never shown again.",
    ),
    "pair.open": (
        "Code für das neue Gerät (5 Minuten gültig):\n\n    {code}\n\n"
        "Adresse, falls es die Praxis nicht findet: {addresses}",
        "Code for the new device (valid for 5 minutes):\n\n    {code}\n\n"
        "Address, should it not find the practice: {addresses}",
    ),
    "pair.tried": ("Falscher Code. Verbleibende Versuche: {tries}.", "Wrong code. Tries left: {tries}."),
    "pair.asked": (
        "{name} ({role}) möchte mit dem Gerät »{device}« aufgenommen werden.",
        "{name} ({role}) asks to be admitted with the device “{device}”.",
    ),
    "pair.question": ("Aufnehmen? [j/N] ", "Admit? [y/N] "),
    "pair.yes": ("j", "y"),
    "pair.done": ("Aufgenommen.", "Admitted."),
    "join.code": ("Code: ", "Code: "),
    "join.looking": ("Suche Praxen in diesem Netz …", "Looking for practices in this network …"),
    "join.connecting": ("Verbinde …", "Connecting …"),
    "join.proving": ("Code wird geprüft …", "The code is checked …"),
    "join.waiting_for_admin": (
        "Warte auf die Bestätigung am anderen Gerät …",
        "Waiting for the other device …",
    ),
    "join.receiving": ("Empfange die Praxis …", "Receiving the practice …"),
    "join.done": ("Beigetreten: {name}", "Joined: {name}"),
    "unlock.pin": ("PIN: ", "PIN: "),
    "status.phase.opening": ("wird geöffnet", "opening"),
    "status.phase.passphrase": ("wartet auf das Kennwort", "waits for the passphrase"),
    "status.phase.setup": ("noch nicht eingerichtet", "not set up yet"),
    "status.phase.ready": ("bereit", "ready"),
    "status.phase.revoked": ("aus der Praxis entfernt", "removed from the practice"),
    "status.phase.failed": ("kann nicht geöffnet werden", "cannot be opened"),
    "status.locked": ("gesperrt", "locked"),
    "status.practice": ("Praxis", "practice"),
    "status.person": ("Person", "person"),
    "status.device": ("Gerät", "device"),
    "status.state": ("Zustand", "state"),
    "status.links": ("Verbindungen", "links"),
    "status.waiting": ("wartet", "waiting"),
    "status.unread": ("ungelesen", "unread"),
    "status.port": ("UDP-Port", "UDP port"),
    "status.managed": ("IT-Vorgaben", "set by IT"),
    "admin": ("Admin", "admin"),
    "own": ("ich", "me"),
    "revoked": ("entfernt", "removed"),
    "unknown": ("unbekannt", "unknown"),
    "reach.reachable": ("erreichbar", "reachable"),
    "reach.away": ("gerade weg", "just left"),
    "reach.offline": ("nicht da", "offline"),
    "mark.waiting": ("wartet", "waiting"),
    "mark.courier": ("bei einem Boten", "with a courier"),
    "mark.some": ("angekommen", "delivered"),
    "mark.all": ("angekommen", "delivered"),
    "mark.read": ("gelesen", "read"),
    "mark.failed": ("nicht angekommen", "failed"),
    "kind.photo": ("[Foto {width}x{height}]", "[photo {width}x{height}]"),
    "kind.file": ("[Datei {name}, {size} Bytes]", "[file {name}, {size} bytes]"),
    "kind.notice": ("[{kind}: {subjects}]", "[{kind}: {subjects}]"),
    "kind.unknown": ("[braucht eine neuere Version]", "[needs a newer version]"),
    "kind.deleted": ("[gelöscht]", "[deleted]"),
    "members": ("{count} Mitglieder", "{count} members"),
    "missed": ("{count} Ereignisse verpasst", "{count} events missed"),
}


class Texts:
    """The texts of one language."""

    def __init__(self, language: str) -> None:
        """`language` is "de", or anything else for English."""
        self.language = language
        self._column = 0 if language == "de" else 1

    def __call__(self, key: str, **values: object) -> str:
        """The text of `key` with its placeholders filled."""
        return _TEXTS[key][self._column].format_map(values)

    def sentence(self, failure: Failure) -> str:
        """One sentence that says what was refused."""
        return error_text.sentence(failure.code, failure.detail, self.language)


def language_of(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str:
    """Either "de" or "en", by the locale of the terminal."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "de" if value.lower().startswith("de") else "en"
    if platform == "win32":
        return _windows_language()
    return "en"


def _windows_language() -> str:
    if sys.platform == "win32":
        import ctypes

        german = 0x07
        return "de" if ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == german else "en"
    else:
        return "en"
