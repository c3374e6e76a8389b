"""Every failure as one sentence that says what to do, in German and English. No Qt: window and command line share it.

Keys are the `code` of `views.Failure` and of `MessageRow.mark_reason`. Placeholders in braces are filled from the
failure's `detail`. Exceptions have the key "<tree>.<class in snake case>", found by `code_of`. A test walks every
`Failure(code=...)` of the project and every class of the error trees. Sentences never hold content.
"""

import re
from collections.abc import Mapping
from typing import Final

GENERIC: Final = "internal"

Sentence = tuple[str, str]
"""(German, English)"""

_PROFILE: Final[dict[str, Sentence]] = {
    "internal": (
        "Das hat nicht geklappt. Bitte noch einmal versuchen; wenn es wieder passiert, Praxisfunk neu starten.",
        "That did not work. Please try again; if it happens again, restart Praxisfunk.",
    ),
    "bad_request": (
        "Diese Angaben passen so nicht. Bitte prüfen und noch einmal versuchen.",
        "These details do not fit. Please check them and try again.",
    ),
    "not_ready": (
        "Praxisfunk ist auf diesem Gerät noch nicht eingerichtet. Zuerst eine Praxis anlegen oder beitreten.",
        "Praxisfunk is not set up on this device yet. Found or join a practice first.",
    ),
    "save_forbidden": (
        "Auf diesem Rechner ist das Herausspeichern abgeschaltet. Das hat die IT der Praxis so festgelegt.",
        "Saving copies is switched off on this computer. The practice's IT has decided so.",
    ),
    "already_set_up": (
        "Dieses Gerät gehört schon zu einer Praxis.",
        "This device belongs to a practice already.",
    ),
    "locked": (
        "Praxisfunk ist gesperrt. Bitte zuerst entsperren.",
        "Praxisfunk is locked. Please unlock it first.",
    ),
    "not_running": (
        "Praxisfunk läuft nicht. Bitte zuerst starten.",
        "Praxisfunk is not running. Please start it first.",
    ),
    "stopping": ("Praxisfunk wird gerade beendet.", "Praxisfunk is closing."),
    "revoked": (
        "Dieses Gerät wurde aus der Praxis entfernt. Um wieder dabei zu sein: den Profilordner umbenennen "
        "lassen, Praxisfunk starten und mit einem neuen Code beitreten.",
        "This device was removed from the practice. To be part of it again: have the profile folder renamed, "
        "start Praxisfunk and join with a new code.",
    ),
    "wrong_pin": (
        "Die PIN stimmt nicht. Verbleibende Versuche: {tries_left}.",
        "The PIN is not right. Tries left: {tries_left}.",
    ),
    "pin_wait": (
        "Zu viele falsche PINs. Bitte {wait_s} Sekunden warten.",
        "Too many wrong PINs. Please wait {wait_s} seconds.",
    ),
    "no_pin": ("Es ist keine PIN gesetzt.", "No PIN is set."),
    "pin_short": (
        "Die PIN braucht mindestens {minimum} Zeichen.",
        "The PIN needs at least {minimum} characters.",
    ),
    "no_display": (
        "Hier gibt es keinen Bildschirm für das Fenster. Ohne Fenster starten: praxisfunk --headless",
        "There is no display for the window here. Start without one: praxisfunk --headless",
    ),
    "roster_full": (
        "Hier wurden schon zu viele Änderungen gemacht. Bitte an den Hersteller wenden.",
        "Too many changes were made here already. Please contact the makers.",
    ),
    "pin_simple": (
        "Diese PIN ist zu leicht zu erraten. Bitte eine andere wählen.",
        "This PIN is too easy to guess. Please choose another one.",
    ),
    "wrong_passphrase": (
        "Das Kennwort öffnet dieses Profil nicht. Bitte noch einmal eingeben.",
        "The passphrase does not open this profile. Please enter it again.",
    ),
    "passphrase_short": (
        "Das Kennwort ist zu kurz: mindestens {minimum} Zeichen.",
        "The passphrase is too short: at least {minimum} characters.",
    ),
    "not_passphrase": (
        "Dieses Profil wird nicht mit einem Kennwort geöffnet.",
        "This profile is not opened with a passphrase.",
    ),
    "disk_full": (
        "Der Datenträger ist voll. Bitte Platz schaffen; bis dahin wird nichts mehr gespeichert.",
        "The disk is full. Please free some space; nothing more is stored until then.",
    ),
    "profile_put_back": (
        "Dieses Profil steht auf einem früheren Stand. Was danach geschrieben wurde, fehlt hier vielleicht.",
        "This profile is as it was earlier. What was written since may be missing here.",
    ),
    "clone_detected": (
        "Dieses Profil läuft auch auf einem anderen PC. Hier wird nichts mehr gesendet, bis das Programm neu"
        " gestartet wird. Bitte vorher das andere entfernen.",
        "This profile runs on another PC too. Nothing more is sent from here until the program is started again."
        " Please remove the other one first.",
    ),
}

_JOIN: Final[dict[str, Sentence]] = {
    "wrong_code": (
        "Der Code stimmt nicht. Verbleibende Versuche: {tries_left}.",
        "The code is not right. Tries left: {tries_left}.",
    ),
    "bad_code": (
        "Der Code hat zwölf Zeichen. Bitte noch einmal ablesen.",
        "The code has twelve characters. Please read it again.",
    ),
    "code_expired": (
        "Der Code gilt nicht mehr. Bitte auf dem anderen PC einen neuen anzeigen lassen.",
        "The code has expired. Please have the other PC show a new one.",
    ),
    "no_tries_left": (
        "Zu viele falsche Versuche. Bitte auf dem anderen PC einen neuen Code anzeigen lassen.",
        "Too many wrong tries. Please have the other PC show a new code.",
    ),
    "pairing_busy": (
        "Gerade versucht es schon ein anderes Gerät. Bitte in einigen Sekunden noch einmal.",
        "Another device is trying just now. Please try again in some seconds.",
    ),
    "pairing_closed": (
        "Die Praxis nimmt gerade keine Geräte auf. Dort zuerst „Gerät hinzufügen“ wählen.",
        "The practice is not open for devices now. Choose “Add device” there first.",
    ),
    "pairing_open": (
        "Es wird schon ein Gerät aufgenommen. Bitte erst abschließen oder abbrechen.",
        "A device is being added already. Please finish or cancel that first.",
    ),
    "rejected": (
        "Die Aufnahme wurde auf dem anderen PC abgelehnt.",
        "The other PC refused to admit this device.",
    ),
    "unreachable": (
        "Der andere PC antwortet nicht. Sind beide im selben Netz? Sonst hilft die Adresse von Hand.",
        "The other PC does not answer. Are both in the same network? Else type the address by hand.",
    ),
    "bad_address": (
        "Diese Adresse ist nicht lesbar. Sie sieht aus wie 192.168.1.20:47110.",
        "This address cannot be read. It looks like 192.168.1.20:47110.",
    ),
    "no_practice": (
        "Bitte eine Praxis auswählen oder ihre Adresse eintippen.",
        "Please choose a practice or type its address.",
    ),
    "connection_lost": (
        "Die Verbindung ist abgebrochen. Bitte noch einmal versuchen.",
        "The connection was lost. Please try again.",
    ),
    "pairing_failed": (
        "Die Geräte konnten sich nicht verbinden. Bitte mit einem neuen Code noch einmal versuchen.",
        "The devices could not be paired. Please try again with a new code.",
    ),
    "cancelled": ("Abgebrochen.", "Cancelled."),
    "timed_out": (
        "Der andere PC hat nicht rechtzeitig geantwortet. Bitte noch einmal versuchen.",
        "The other PC did not answer in time. Please try again.",
    ),
}

_PEOPLE: Final[dict[str, Sentence]] = {
    "not_admin": ("Das dürfen nur Admins der Praxis.", "Only admins of the practice may do that."),
    "not_group_admin": ("Das dürfen nur Admins der Gruppe.", "Only admins of the group may do that."),
    "last_admin": (
        "Die Praxis braucht mindestens einen Admin. Bitte zuerst jemand anderen dazu machen.",
        "The practice needs at least one admin. Please make somebody else one first.",
    ),
    "unknown_person": ("Diese Person gibt es hier nicht.", "There is no such person here."),
    "unknown_device": ("Dieses Gerät gibt es hier nicht.", "There is no such device here."),
    "unknown_conversation": ("Diese Unterhaltung gibt es hier nicht.", "There is no such conversation here."),
    "unknown_message": ("Diese Nachricht gibt es hier nicht mehr.", "This message is not here any more."),
    "ambiguous_name": (
        "Der Name passt auf mehrere. Bitte genauer angeben.",
        "The name fits several. Please be more precise.",
    ),
    "not_member": (
        "Dieses Gerät gehört nicht zu dieser Gruppe.",
        "This device is not a member of this group.",
    ),
    "left_group": (
        "Du bist nicht mehr in dieser Gruppe und kannst hier nicht schreiben.",
        "You are not in this group any more and cannot write here.",
    ),
    "too_many_members": (
        "Eine Gruppe hat höchstens {limit} Mitglieder.",
        "A group has at most {limit} members.",
    ),
    "name_empty": ("Bitte einen Namen eingeben.", "Please enter a name."),
    "name_too_long": (
        "Der Name ist zu lang: höchstens {limit} Zeichen.",
        "The name is too long: at most {limit} characters.",
    ),
}

_MESSAGES: Final[dict[str, Sentence]] = {
    "text_empty": ("Die Nachricht ist leer.", "The message is empty."),
    "text_too_long": (
        "Die Nachricht ist zu lang: höchstens {limit} Zeichen. Bitte aufteilen oder als Datei senden.",
        "The message is too long: at most {limit} characters. Please split it or send it as a file.",
    ),
    "already_delivered": (
        "Die Nachricht ist schon angekommen und kann nicht mehr zurückgenommen werden.",
        "The message has arrived already and cannot be taken back.",
    ),
    "not_here_yet": (
        "Das ist noch nicht ganz angekommen. Bitte etwas warten.",
        "This has not arrived completely. Please wait a moment.",
    ),
    "gone": ("Das wurde gelöscht.", "This was deleted."),
    "not_own": ("Das geht nur mit eigenen Nachrichten.", "That works with your own messages only."),
    "broken_blob": (
        "Die Daten sind nicht so angekommen, wie sie abgeschickt wurden. Bitte noch einmal senden lassen.",
        "The data did not arrive as it was sent. Please ask for it to be sent again.",
    ),
    "no_file": (
        "Die Datei gibt es nicht oder sie ist nicht lesbar.",
        "The file does not exist or cannot be read.",
    ),
    "file_too_large": (
        "Die Datei ist zu groß: höchstens 100 MB.",
        "The file is too large: at most 100 MB.",
    ),
    "file_empty": ("Die Datei ist leer.", "The file is empty."),
    "file_exists": (
        "Dort liegt schon eine Datei mit diesem Namen. Bitte einen anderen wählen.",
        "There is a file with that name already. Please choose another name.",
    ),
    "cannot_write": (
        "Dort kann nicht gespeichert werden. Bitte einen anderen Ordner wählen.",
        "It cannot be saved there. Please choose another folder.",
    ),
}

_REASONS: Final[dict[str, Sentence]] = {
    "not_reachable": (
        "Gerade nicht erreichbar. Geht von selbst hinaus, sobald eine Verbindung besteht.",
        "Not reachable now. Goes out by itself as soon as there is a connection.",
    ),
    "no_network": (
        "Dieser PC hat kein Netz. Geht von selbst hinaus, sobald es wieder da ist.",
        "This PC has no network. Goes out by itself when it is back.",
    ),
    "no_bundle": (
        "Der erste Kontakt mit diesem Gerät steht noch aus. Geht von selbst hinaus.",
        "The first contact with this device is still to come. Goes out by itself.",
    ),
    "expired": (
        "90 Tage lang nicht zustellbar. Bitte noch einmal senden, wenn es noch wichtig ist.",
        "Not deliverable for 90 days. Please send it again if it still matters.",
    ),
    "device_revoked": (
        "Das Gerät wurde aus der Praxis entfernt.",
        "The device was removed from the practice.",
    ),
    "refused": (
        "Das andere Gerät nimmt die Nachricht nicht an.",
        "The other device does not accept the message.",
    ),
    "needs_update": (
        "Das andere Gerät braucht eine neuere Version von Praxisfunk.",
        "The other device needs a newer version of Praxisfunk.",
    ),
    "no_devices": (
        "Diese Person hat kein Gerät in der Praxis.",
        "This person has no device in the practice.",
    ),
}

_ERRORS: Final[dict[str, Sentence]] = {
    "store.store_error": (
        "Der verschlüsselte Speicher meldet einen Fehler. Bitte Praxisfunk neu starten.",
        "The encrypted store reports an error. Please restart Praxisfunk.",
    ),
    "store.no_such_store": (
        "Die Datei mit den Nachrichten fehlt. Die IT kann den ganzen Profilordner aus der Sicherung des PCs "
        "holen; sonst neu einrichten.",
        "The file with the messages is missing. IT can bring the whole profile folder back from the PC's "
        "backup; else set up anew.",
    ),
    "store.not_a_database": (
        "Diese Datei ist kein Speicher von Praxisfunk. Sie wurde nicht verändert.",
        "This file is no Praxisfunk store. It was not changed.",
    ),
    "store.foreign_file": (
        "Diese Datei gehört einem anderen Programm. Sie wurde nicht verändert.",
        "This file belongs to another program. It was not changed.",
    ),
    "store.wrong_key": (
        "Der Schlüssel passt nicht zu diesem Speicher, der nicht verändert wurde. Bitte den ganzen "
        "Profilordner zurückholen, nicht einzelne Dateien.",
        "The key does not fit this store, which was not changed. Please bring back the whole profile folder, "
        "not single files.",
    ),
    "store.too_new": (
        "Diese Daten wurden mit einer neueren Version geschrieben. Bitte Praxisfunk aktualisieren.",
        "These data were written by a newer version. Please update Praxisfunk.",
    ),
    "store.damaged": (
        "Die Datei mit den Nachrichten ist beschädigt. Die IT kann den ganzen Profilordner aus der Sicherung "
        "des PCs holen.",
        "The file with the messages is damaged. IT can bring the whole profile folder back from the PC's backup.",
    ),
    "store.read_only_store": (
        "Der Ordner mit den Daten ist schreibgeschützt. Bitte die Rechte prüfen.",
        "The data folder is write-protected. Please check its permissions.",
    ),
    "store.store_busy": (
        "Ein anderes Programm hält die Daten fest. Bitte schließen und noch einmal versuchen.",
        "Another program holds the data. Please close it and try again.",
    ),
    "store.disk_full": (
        "Der Datenträger ist voll. Bitte Platz schaffen; bis dahin wird nichts mehr gespeichert.",
        "The disk is full. Please free some space; nothing more is stored until then.",
    ),
    "store.disk_trouble": (
        "Der Datenträger meldet einen Fehler. Bitte prüfen, ob er noch in Ordnung ist.",
        "The disk reports an error. Please check whether it is still sound.",
    ),
    "store.store_closed": (
        "Der Speicher ist geschlossen. Bitte Praxisfunk neu starten.",
        "The store is closed. Please restart Praxisfunk.",
    ),
    "store.read_too_long": (
        "Die Suche dauerte zu lange. Bitte enger suchen.",
        "The search took too long. Please narrow it.",
    ),
    "store.row_refused": (
        "Diese Angabe passt nicht in den Speicher. Nichts wurde geändert.",
        "This value does not fit the store. Nothing was changed.",
    ),
    "store.profile_error": (
        "Mit dem Profil stimmt etwas nicht. Bitte Praxisfunk neu starten.",
        "Something is wrong with the profile. Please restart Praxisfunk.",
    ),
    "store.profile_busy": (
        "Praxisfunk läuft mit diesem Profil schon.",
        "Praxisfunk is running with this profile already.",
    ),
    "store.profile_missing": (
        "In diesem Ordner liegt kein Profil.",
        "There is no profile in this folder.",
    ),
    "store.profile_exists": (
        "In diesem Ordner liegt schon ein Profil.",
        "There is a profile in this folder already.",
    ),
    "store.profile_damaged": (
        "Im Profil fehlt eine Datei oder sie ist beschädigt. Die IT kann den ganzen Profilordner aus der "
        "Sicherung des PCs holen.",
        "A file of the profile is missing or damaged. IT can bring the whole profile folder back from the "
        "PC's backup.",
    ),
    "store.profile_unusable": (
        "Der Ordner für das Profil ist nicht benutzbar. Bitte Rechte und Besitzer prüfen.",
        "The folder for the profile cannot be used. Please check permissions and owner.",
    ),
    "store.passphrase_needed": (
        "Dieses Profil wird mit einem Kennwort geöffnet. Bitte eingeben.",
        "This profile is opened with a passphrase. Please enter it.",
    ),
    "store.passphrase_too_short": (
        "Das Kennwort ist zu kurz. Bitte ein längeres wählen.",
        "The passphrase is too short. Please choose a longer one.",
    ),
    "store.passphrase_too_long": (
        "Das Kennwort ist zu lang. Bitte ein kürzeres wählen.",
        "The passphrase is too long. Please choose a shorter one.",
    ),
    "store.wrong_passphrase": (
        "Das Kennwort öffnet dieses Profil nicht. Bitte noch einmal eingeben.",
        "The passphrase does not open this profile. Please enter it again.",
    ),
    "store.keyring_unavailable": (
        "Der Schlüsselbund des Systems ist nicht erreichbar. Bitte entsperren oder ein Kennwort verwenden.",
        "The system's keyring cannot be reached. Please unlock it or use a passphrase.",
    ),
    "store.keyring_secret_missing": (
        "Der Schlüssel zu diesem Profil liegt nicht in diesem Schlüsselbund: Es gehört zu einem anderen PC "
        "oder Benutzer. Hier neu einrichten.",
        "The key of this profile is not in this keyring: it belongs to another PC or user. Set up anew here.",
    ),
    "transport.transport_error": (
        "Das Netz meldet einen Fehler. Praxisfunk versucht es weiter.",
        "The network reports an error. Praxisfunk keeps trying.",
    ),
    "transport.port_in_use": (
        "Ein anderes Programm benutzt den Netzwerkanschluss. Bitte schließen und Praxisfunk neu starten.",
        "Another program uses the network port. Please close it and restart Praxisfunk.",
    ),
    "transport.network_unavailable": (
        "Dieser PC hat kein Netz. Bitte Kabel oder WLAN prüfen.",
        "This PC has no network. Please check cable or Wi-Fi.",
    ),
    "transport.peer_refused": (
        "Mit diesem Gerät darf nicht gesprochen werden.",
        "This device may not be spoken to.",
    ),
    "transport.frame_error": (
        "Ein anderes Gerät hat etwas Unlesbares geschickt. Es wurde verworfen.",
        "Another device sent something unreadable. It was dropped.",
    ),
    "transport.discovery_error": (
        "Die Suche im Netz geht nicht. Adressen von Hand gehen weiter; die Firewall prüfen.",
        "Looking around in the network does not work. Typed addresses still do; check the firewall.",
    ),
    "crypto.crypto_error": (
        "Die Verschlüsselung hat etwas abgelehnt. Nichts wurde geändert.",
        "The encryption refused something. Nothing was changed.",
    ),
    "crypto.decode_error": (
        "Etwas war nicht lesbar. Nichts wurde geändert.",
        "Something could not be read. Nothing was changed.",
    ),
    "crypto.invalid_key": (
        "Ein Schlüssel ist ungültig. Bitte das Gerät neu aufnehmen.",
        "A key is not valid. Please admit the device anew.",
    ),
    "crypto.invalid_signature": (
        "Eine Unterschrift stimmt nicht. Nichts wurde geändert.",
        "A signature does not hold. Nothing was changed.",
    ),
    "crypto.decryption_failed": (
        "Eine Nachricht ließ sich nicht öffnen. Nichts wurde geändert.",
        "A message could not be opened. Nothing was changed.",
    ),
    "crypto.expired_key": (
        "Ein Schlüssel ist abgelaufen. Bitte Datum und Uhrzeit beider Geräte prüfen.",
        "A key has expired. Please check date and time of both devices.",
    ),
    "crypto.pairing_failed": (
        "Der Code wurde nicht bestätigt. Bitte mit einem neuen Code noch einmal versuchen.",
        "The code was not proven. Please try again with a new code.",
    ),
    "crypto.weak_passphrase": (
        "Das Kennwort ist zu leicht zu erraten. Bitte ein längeres wählen.",
        "The passphrase is too easy to guess. Please choose a longer one.",
    ),
    "crypto.limit_reached": (
        "Eine Grenze der Verschlüsselung ist erreicht. Bitte Praxisfunk neu starten.",
        "A limit of the encryption was reached. Please restart Praxisfunk.",
    ),
    "photo.photo_error": (
        "Mit diesem Bild stimmt etwas nicht. Bitte ein anderes wählen.",
        "Something is wrong with this picture. Please choose another.",
    ),
}

_PICTURES_AND_FILES: Final[dict[str, Sentence]] = {
    "photo.refused": (
        "Mit diesem Bild stimmt etwas nicht. Bitte ein anderes wählen.",
        "Something is wrong with this picture. Please choose another.",
    ),
    "photo.empty": ("Diese Datei ist leer.", "This file is empty."),
    "photo.not_a_picture": (
        "Diese Datei ist kein Bild, das Praxisfunk kennt. Möglich sind JPEG, PNG, WebP und HEIC.",
        "This file is no picture that Praxisfunk knows. JPEG, PNG, WebP and HEIC are possible.",
    ),
    "photo.unsupported": (
        "Bilder im Format {format} nimmt Praxisfunk nicht an. Bitte als JPEG, PNG, WebP oder HEIC speichern.",
        "Praxisfunk does not take {format} pictures. Please save it as JPEG, PNG, WebP or HEIC.",
    ),
    "photo.svg": (
        "Das ist eine SVG-Zeichnung und kein Foto. Bitte als PNG speichern oder als Datei senden.",
        "This is an SVG drawing and no photo. Please save it as PNG or send it as a file.",
    ),
    "photo.html": (
        "Das ist eine Webseite und kein Foto. Bitte das Bild selbst speichern.",
        "This is a web page and no photo. Please save the picture itself.",
    ),
    "photo.pdf": (
        "Das ist ein PDF und kein Foto. Bitte als Datei senden.",
        "This is a PDF and no photo. Please send it as a file.",
    ),
    "photo.animated": (
        "Bewegte Bilder nimmt Praxisfunk nicht an. Bitte ein einzelnes Bild daraus senden.",
        "Praxisfunk does not take moving pictures. Please send a single picture of it.",
    ),
    "photo.too_large": (
        "Das Bild ist zu groß: höchstens 60 MB.",
        "The picture is too large: at most 60 MB.",
    ),
    "photo.too_many_pixels": (
        "Das Bild ist zu groß: höchstens 120 Megapixel.",
        "The picture is too large: at most 120 megapixels.",
    ),
    "photo.too_complex": (
        "Dieses Bild ist ungewöhnlich aufgebaut und wird nicht geöffnet. Bitte neu aufnehmen oder neu speichern.",
        "This picture is built in an unusual way and is not opened. Please take or save it again.",
    ),
    "photo.damaged": (
        "Das Bild ist beschädigt und lässt sich nicht lesen. Bitte neu aufnehmen.",
        "The picture is damaged and cannot be read. Please take it again.",
    ),
    "photo.no_memory": (
        "Für dieses Bild ist gerade zu wenig Arbeitsspeicher frei. Bitte andere Programme schließen.",
        "There is too little free memory for this picture. Please close other programs.",
    ),
    "file.refused": (
        "Diese Datei kann nicht gesendet werden. Bitte eine andere wählen.",
        "This file cannot be sent. Please choose another.",
    ),
    "file.empty": ("Diese Datei ist leer.", "This file is empty."),
    "file.too_large": (
        "Die Datei ist zu groß: höchstens 100 MB.",
        "The file is too large: at most 100 MB.",
    ),
    "file.is_folder": (
        "Das ist ein Ordner. Bitte die Dateien darin einzeln senden.",
        "This is a folder. Please send the files in it one by one.",
    ),
    "file.unreadable": (
        "Die Datei lässt sich nicht lesen. Gibt es sie noch, und darf man sie öffnen?",
        "The file cannot be read. Is it still there, and may it be opened?",
    ),
    "file.cannot_save": (
        "Dort lässt sich nichts speichern. Bitte einen anderen Ordner wählen.",
        "Nothing can be saved there. Please choose another folder.",
    ),
    "file.disk_full": (
        "Dort ist kein Platz mehr. Bitte aufräumen oder einen anderen Ordner wählen.",
        "There is no room left. Please tidy up or choose another folder.",
    ),
}

_CHANNEL: Final[dict[str, Sentence]] = {
    "channel.failed": (
        "Mit dem laufenden Praxisfunk kann nicht gesprochen werden.",
        "The running Praxisfunk cannot be talked to.",
    ),
    "channel.in_use": (
        "Für dieses Profil läuft Praxisfunk schon.",
        "Praxisfunk is running for this profile already.",
    ),
    "channel.refused": (
        "Das Praxisfunk dieses Profils gehört einem anderen Benutzer.",
        "The Praxisfunk of this profile belongs to another user.",
    ),
    "channel.busy": (
        "Praxisfunk hat aufgelegt oder ist zu beschäftigt. Bitte noch einmal versuchen.",
        "Praxisfunk hung up or is too busy. Please try again.",
    ),
    "channel.broken": (
        "Es läuft eine andere Version von Praxisfunk. Bitte Praxisfunk neu starten.",
        "Another version of Praxisfunk is running. Please restart Praxisfunk.",
    ),
    "channel.timeout": ("Praxisfunk antwortet nicht.", "Praxisfunk does not answer."),
    "channel.too_large": ("Die Antwort ist zu groß.", "The answer is too large."),
}

_COMMAND_LINE: Final[dict[str, Sentence]] = {
    "cli.no_such_name": ("Niemand heißt »{name}«.", "Nobody is called “{name}”."),
    "cli.ambiguous_name": (
        "»{name}« ist nicht eindeutig: {candidates}. Bitte genauer, oder die Kennung angeben.",
        "“{name}” is ambiguous: {candidates}. Please be more exact, or give the id.",
    ),
    "cli.not_a_group": ("»{name}« ist keine Gruppe.", "“{name}” is no group."),
    "cli.bad_id": ("»{name}« ist keine Kennung einer Nachricht.", "“{name}” is no message id."),
    "cli.nothing_to_send": ("Es gibt nichts zu senden.", "There is nothing to send."),
    "cli.timeout": ("Das ist nicht rechtzeitig geschehen.", "That did not happen in time."),
    "cli.not_delivered": ("Das kommt nicht an.", "That will not be delivered."),
    "cli.no_practice": (
        "In diesem Netz ist keine Praxis offen. Am anderen Gerät »Gerät hinzufügen« wählen oder --address angeben.",
        "No practice is open in this network. Choose “add device” on the other device, or give --address.",
    ),
    "cli.several_practices": (
        "Mehrere Praxen sind offen: {candidates}. Bitte --practice angeben.",
        "Several practices are open: {candidates}. Please give --practice.",
    ),
    "cli.not_accepted": (
        "{name} wurde nicht aufgenommen: anders als --accept sagt.",
        "{name} was not admitted: not whom --accept says.",
    ),
    "cli.needs_accept": (
        "Ohne Terminal kann niemand bestätigen: --accept NAME angeben.",
        "Nobody can confirm without a terminal: give --accept NAME.",
    ),
    "cli.rejected": ("Nicht aufgenommen.", "Not admitted."),
    "cli.unexpected": ("Eine unerwartete Antwort: {what}", "An unexpected answer: {what}"),
}

CATALOGUE: Final[dict[str, Sentence]] = {
    **_PROFILE,
    **_JOIN,
    **_PEOPLE,
    **_MESSAGES,
    **_REASONS,
    **_ERRORS,
    **_PICTURES_AND_FILES,
    **_CHANNEL,
    **_COMMAND_LINE,
}


class _Gaps(dict[str, str | int]):
    """A placeholder that the failure did not fill shows as a dash, never as a crash."""

    def __missing__(self, key: str) -> str:
        return "–"


def sentence(code: str, detail: Mapping[str, str | int], language: str) -> str:
    """The sentence of `code` in "de" or (anything else) English. An unknown code gives the generic one."""
    german, english = CATALOGUE.get(code, CATALOGUE[GENERIC])
    return (german if language == "de" else english).format_map(_Gaps(detail))


def code_of(error: type[BaseException]) -> str:
    """The key of an exception class of our error trees: its own `code`, its name, else its nearest base's, else the
    generic one."""
    for base in error.__mro__:
        own = base.__dict__.get("code")
        if isinstance(own, str) and own in CATALOGUE:
            return own
        package = base.__module__.removeprefix("app.").split(".")[0]
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", base.__name__).lower()
        code = f"{package}.{snake}"
        if code in CATALOGUE:
            return code
    return GENERIC
