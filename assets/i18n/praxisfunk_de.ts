<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
    <context>
        <name>AddDevice</name>
        <message numerus="yes">
            <source>%n tries left</source>
            <translation>
                <numerusform>Noch %n Versuch</numerusform>
                <numerusform>Noch %n Versuche</numerusform>
            </translation>
        </message>
        <message>
            <source>A code is being made.</source>
            <translation>Ein Code wird erzeugt.</translation>
        </message>
        <message>
            <source>A device asks to be added: {name}</source>
            <translation>Ein Gerät bittet um Aufnahme: {name}</translation>
        </message>
        <message>
            <source>A further device of {name}</source>
            <translation>Ein weiteres Gerät von {name}</translation>
        </message>
        <message>
            <source>A wrong code was typed.</source>
            <translation>Ein falscher Code wurde eingegeben.</translation>
        </message>
        <message>
            <source>Add another device</source>
            <translation>Weiteres Gerät hinzufügen</translation>
        </message>
        <message>
            <source>Add device</source>
            <translation>Gerät hinzufügen</translation>
        </message>
        <message>
            <source>Add to the practice</source>
            <translation>In die Praxis aufnehmen</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Copied. The clipboard is emptied in a minute.</source>
            <translation>Kopiert. Die Zwischenablage wird in einer Minute geleert.</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>Kopieren</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>Fertig</translation>
        </message>
        <message>
            <source>For a further device of {name}. Everybody sees it at once.</source>
            <translation>Für ein weiteres Gerät von {name}. Alle sehen es sofort.</translation>
        </message>
        <message>
            <source>For a new colleague or a new PC. Everybody sees the new device at once.</source>
            <translation>Für neue Kolleginnen und Kollegen oder einen neuen PC. Alle sehen das neue Gerät sofort.</translation>
        </message>
        <message>
            <source>Is the practice not shown there? Then choose “Type an address instead”:</source>
            <translation>Erscheint die Praxis dort nicht? Dann „Stattdessen Adresse eingeben“ wählen:</translation>
        </message>
        <message>
            <source>May add and remove devices too (admin)</source>
            <translation>Darf auch Geräte aufnehmen und entfernen (Admin)</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <source>Name of the device</source>
            <translation>Name des Geräts</translation>
        </message>
        <message>
            <source>New code</source>
            <translation>Neuer Code</translation>
        </message>
        <message>
            <source>On the new device start Praxisfunk and choose “Join a practice”.</source>
            <translation>Auf dem neuen Gerät Praxisfunk starten und „Praxis beitreten“ wählen.</translation>
        </message>
        <message>
            <source>Please check the names, then confirm.</source>
            <translation>Bitte die Namen prüfen, dann bestätigen.</translation>
        </message>
        <message>
            <source>Please enter a name for the device.</source>
            <translation>Bitte einen Namen für das Gerät eingeben.</translation>
        </message>
        <message>
            <source>Please enter a name.</source>
            <translation>Bitte einen Namen eingeben.</translation>
        </message>
        <message>
            <source>Refuse</source>
            <translation>Ablehnen</translation>
        </message>
        <message>
            <source>Refused. The device was not added.</source>
            <translation>Abgelehnt. Das Gerät wurde nicht aufgenommen.</translation>
        </message>
        <message>
            <source>Role</source>
            <translation>Rolle</translation>
        </message>
        <message>
            <source>The code has run out after five minutes. A new one takes a second.</source>
            <translation>Der Code ist nach fünf Minuten abgelaufen. Ein neuer ist sofort da.</translation>
        </message>
        <message>
            <source>The code was right: it is the device on which it was typed.</source>
            <translation>Der Code stimmt. Es ist das Gerät, auf dem er eingegeben wurde.</translation>
        </message>
        <message>
            <source>The code was typed wrongly too often and is used up. Is somebody guessing?</source>
            <translation>Der Code wurde zu oft falsch eingegeben und gilt nicht mehr. Vielleicht rät jemand.</translation>
        </message>
        <message>
            <source>Type the code there. It is for one device only.</source>
            <translation>Dort den Code eingeben. Er gilt nur für ein Gerät.</translation>
        </message>
        <message>
            <source>Valid for {time}</source>
            <translation>Gültig noch {time}</translation>
        </message>
        <message>
            <source>{name} now belongs to the practice with the device {device}.</source>
            <translation>{name} gehört jetzt mit dem Gerät {device} zur Praxis.</translation>
        </message>
    </context>
    <context>
        <name>CodeField</name>
        <message>
            <source>Code, twelve characters</source>
            <translation>Code, zwölf Zeichen</translation>
        </message>
    </context>
    <context>
        <name>Composer</name>
        <message>
            <source>At most {number} attachments at once.</source>
            <translation>Höchstens {number} Anhänge auf einmal.</translation>
        </message>
        <message>
            <source>Choose a file</source>
            <translation>Datei auswählen</translation>
        </message>
        <message>
            <source>Choose a photo</source>
            <translation>Foto auswählen</translation>
        </message>
        <message>
            <source>Choose files</source>
            <translation>Dateien auswählen</translation>
        </message>
        <message>
            <source>Choose photos</source>
            <translation>Fotos auswählen</translation>
        </message>
        <message>
            <source>Do not reply</source>
            <translation>Nicht antworten</translation>
        </message>
        <message>
            <source>Enter sends</source>
            <translation>Eingabetaste sendet</translation>
        </message>
        <message>
            <source>File</source>
            <translation>Datei</translation>
        </message>
        <message>
            <source>Message to {name}</source>
            <translation>Nachricht an {name}</translation>
        </message>
        <message>
            <source>Pasted picture</source>
            <translation>Eingefügtes Bild</translation>
        </message>
        <message>
            <source>Photo</source>
            <translation>Foto</translation>
        </message>
        <message>
            <source>Photos</source>
            <translation>Fotos</translation>
        </message>
        <message>
            <source>Remove</source>
            <translation>Entfernen</translation>
        </message>
        <message>
            <source>Reply to {name}</source>
            <translation>Antwort an {name}</translation>
        </message>
        <message>
            <source>Send</source>
            <translation>Senden</translation>
        </message>
        <message>
            <source>You</source>
            <translation>Du</translation>
        </message>
    </context>
    <context>
        <name>Conversation</name>
        <message numerus="yes">
            <source>%n messages wait here.</source>
            <translation>
                <numerusform>%n Nachricht wartet hier.</numerusform>
                <numerusform>%n Nachrichten warten hier.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n new messages</source>
            <translation>
                <numerusform>%n neue Nachricht</numerusform>
                <numerusform>%n neue Nachrichten</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n people</source>
            <translation>
                <numerusform>%n Person</numerusform>
                <numerusform>%n Personen</numerusform>
            </translation>
        </message>
        <message>
            <source>Add device</source>
            <translation>Gerät hinzufügen</translation>
        </message>
        <message>
            <source>As soon as a colleague joins, she appears on the left.</source>
            <translation>Sobald jemand beitritt, erscheint die Person links.</translation>
        </message>
        <message>
            <source>Bring in the second PC: this one shows a code that is typed there.</source>
            <translation>Den zweiten PC hereinholen: Dieser hier zeigt einen Code, der dort eingegeben wird.</translation>
        </message>
        <message>
            <source>Choose a colleague or a group on the left.</source>
            <translation>Links eine Person oder eine Gruppe auswählen.</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Schließen</translation>
        </message>
        <message>
            <source>Details</source>
            <translation>Details</translation>
        </message>
        <message>
            <source>No conversation is open</source>
            <translation>Keine Unterhaltung geöffnet</translation>
        </message>
        <message>
            <source>No messages yet</source>
            <translation>Noch keine Nachrichten</translation>
        </message>
        <message>
            <source>No network.</source>
            <translation>Kein Netz.</translation>
        </message>
        <message>
            <source>Nobody else is here yet</source>
            <translation>Noch ist sonst niemand hier</translation>
        </message>
        <message>
            <source>Nobody is reachable just now.</source>
            <translation>Gerade ist niemand erreichbar.</translation>
        </message>
        <message>
            <source>Removed from the practice</source>
            <translation>Aus der Praxis entfernt</translation>
        </message>
        <message>
            <source>Save a copy</source>
            <translation>Kopie speichern</translation>
        </message>
        <message>
            <source>Saved as {path}. This copy is not encrypted.</source>
            <translation>Gespeichert unter {path}. Diese Kopie ist nicht verschlüsselt.</translation>
        </message>
        <message>
            <source>Search in this conversation</source>
            <translation>In dieser Unterhaltung suchen</translation>
        </message>
        <message>
            <source>To the newest message</source>
            <translation>Zur neuesten Nachricht</translation>
        </message>
        <message>
            <source>What you write goes encrypted to the devices of {name} only.</source>
            <translation>Was du schreibst, geht verschlüsselt nur an die Geräte von {name}.</translation>
        </message>
        <message>
            <source>You are no longer a member</source>
            <translation>Du bist nicht mehr dabei</translation>
        </message>
    </context>
    <context>
        <name>Details</name>
        <message numerus="yes">
            <source>%n more</source>
            <translation>
                <numerusform>%n weitere</numerusform>
                <numerusform>%n weitere</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n people</source>
            <translation>
                <numerusform>%n Person</numerusform>
                <numerusform>%n Personen</numerusform>
            </translation>
        </message>
        <message>
            <source>Admin of this group</source>
            <translation>Admin dieser Gruppe</translation>
        </message>
        <message>
            <source>Close details</source>
            <translation>Details schließen</translation>
        </message>
        <message>
            <source>Delivery of the message of {time}</source>
            <translation>Zustellung der Nachricht von {time}</translation>
        </message>
        <message>
            <source>Details</source>
            <translation>Details</translation>
        </message>
        <message>
            <source>Device</source>
            <translation>Gerät</translation>
        </message>
        <message>
            <source>Devices and safety number</source>
            <translation>Geräte und Sicherheitsnummer</translation>
        </message>
        <message>
            <source>Hide</source>
            <translation>Ausblenden</translation>
        </message>
        <message>
            <source>Manage</source>
            <translation>Verwalten</translation>
        </message>
        <message>
            <source>Nobody else is in this conversation.</source>
            <translation>Sonst ist niemand in dieser Unterhaltung.</translation>
        </message>
        <message>
            <source>None yet. Drop a photo into the conversation.</source>
            <translation>Noch keine. Ein Foto einfach in die Unterhaltung ziehen.</translation>
        </message>
        <message>
            <source>Photo of {time}</source>
            <translation>Foto von {time}</translation>
        </message>
        <message>
            <source>Photos of this conversation</source>
            <translation>Fotos in dieser Unterhaltung</translation>
        </message>
        <message>
            <source>Safety number compared</source>
            <translation>Sicherheitsnummer verglichen</translation>
        </message>
        <message>
            <source>{name} (you)</source>
            <translation>{name} (du)</translation>
        </message>
    </context>
    <context>
        <name>Dialogs</name>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Step {at} of {of}</source>
            <translation>Schritt {at} von {of}</translation>
        </message>
    </context>
    <context>
        <name>Group</name>
        <message numerus="yes">
            <source>%n members</source>
            <translation>
                <numerusform>%n Mitglied</numerusform>
                <numerusform>%n Mitglieder</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n people chosen</source>
            <translation>
                <numerusform>%n Person gewählt</numerusform>
                <numerusform>%n Personen gewählt</numerusform>
            </translation>
        </message>
        <message>
            <source>Add</source>
            <translation>Hinzufügen</translation>
        </message>
        <message>
            <source>Add members</source>
            <translation>Mitglieder hinzufügen</translation>
        </message>
        <message>
            <source>Back</source>
            <translation>Zurück</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Create group</source>
            <translation>Gruppe anlegen</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>Fertig</translation>
        </message>
        <message>
            <source>Everybody of the practice is in this group already.</source>
            <translation>Alle aus der Praxis sind schon in dieser Gruppe.</translation>
        </message>
        <message>
            <source>Filter by name or role</source>
            <translation>Nach Name oder Rolle filtern</translation>
        </message>
        <message>
            <source>Group</source>
            <translation>Gruppe</translation>
        </message>
        <message>
            <source>Leave group</source>
            <translation>Gruppe verlassen</translation>
        </message>
        <message>
            <source>Members</source>
            <translation>Mitglieder</translation>
        </message>
        <message>
            <source>Name of the group</source>
            <translation>Name der Gruppe</translation>
        </message>
        <message>
            <source>New group</source>
            <translation>Neue Gruppe</translation>
        </message>
        <message>
            <source>No further messages of this group arrive here. What arrived before stays.</source>
            <translation>Hier kommen keine Nachrichten dieser Gruppe mehr an. Was schon da ist, bleibt.</translation>
        </message>
        <message>
            <source>No further messages of this group go to {name}.</source>
            <translation>{name} bekommt keine Nachrichten dieser Gruppe mehr.</translation>
        </message>
        <message>
            <source>Nobody else is an admin of it: afterwards nobody can change it.</source>
            <translation>Niemand sonst ist Admin der Gruppe: Danach kann sie niemand mehr ändern.</translation>
        </message>
        <message>
            <source>Nobody else is in the practice yet. “Add device” lets colleagues in.</source>
            <translation>Noch ist niemand sonst in der Praxis. Mit „Gerät hinzufügen“ kommen andere dazu.</translation>
        </message>
        <message>
            <source>Nobody fits this filter.</source>
            <translation>Niemand passt zu diesem Filter.</translation>
        </message>
        <message>
            <source>Only admins of the group can rename it, add or remove members.</source>
            <translation>Nur Admins der Gruppe können sie umbenennen und Mitglieder hinzufügen oder entfernen.</translation>
        </message>
        <message>
            <source>Please choose at least one member.</source>
            <translation>Bitte mindestens ein Mitglied wählen.</translation>
        </message>
        <message>
            <source>Please give the group a name.</source>
            <translation>Bitte der Gruppe einen Namen geben.</translation>
        </message>
        <message>
            <source>Remove</source>
            <translation>Entfernen</translation>
        </message>
        <message>
            <source>Remove {name} from the group</source>
            <translation>{name} aus der Gruppe entfernen</translation>
        </message>
        <message>
            <source>Rename</source>
            <translation>Umbenennen</translation>
        </message>
        <message>
            <source>admin of the group</source>
            <translation>Admin der Gruppe</translation>
        </message>
        <message>
            <source>{name} (you)</source>
            <translation>{name} (du)</translation>
        </message>
    </context>
    <context>
        <name>Lock</name>
        <message numerus="yes">
            <source>%n new messages</source>
            <translation>
                <numerusform>%n neue Nachricht</numerusform>
                <numerusform>%n neue Nachrichten</numerusform>
            </translation>
        </message>
        <message>
            <source>Locked</source>
            <translation>Gesperrt</translation>
        </message>
        <message>
            <source>Messages and names stay covered</source>
            <translation>Nachrichten und Namen bleiben verdeckt</translation>
        </message>
        <message>
            <source>PIN</source>
            <translation>PIN</translation>
        </message>
        <message>
            <source>Since {time}. Messages keep arriving.</source>
            <translation>Seit {time}. Nachrichten kommen weiter an.</translation>
        </message>
        <message>
            <source>Unlock</source>
            <translation>Entsperren</translation>
        </message>
    </context>
    <context>
        <name>MainPage</name>
        <message>
            <source>Compare</source>
            <translation>Vergleichen</translation>
        </message>
        <message>
            <source>{name} uses a new device. Compare the safety number before you send.</source>
            <translation>{name} benutzt ein neues Gerät. Vor dem Senden bitte die Sicherheitsnummer vergleichen.</translation>
        </message>
    </context>
    <context>
        <name>Pages</name>
        <message>
            <source>Choose a passphrase</source>
            <translation>Kennwort festlegen</translation>
        </message>
        <message>
            <source>It opens the encrypted store on this device.</source>
            <translation>Es öffnet den verschlüsselten Speicher auf diesem Gerät.</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>Öffnen</translation>
        </message>
        <message>
            <source>Opening …</source>
            <translation>Wird geöffnet …</translation>
        </message>
        <message>
            <source>Passphrase</source>
            <translation>Kennwort</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>Beenden</translation>
        </message>
        <message>
            <source>Repeat passphrase</source>
            <translation>Kennwort wiederholen</translation>
        </message>
        <message>
            <source>The two do not match yet.</source>
            <translation>Die beiden stimmen noch nicht überein.</translation>
        </message>
        <message>
            <source>This system has no keyring. A passphrase protects the messages on this device. It cannot be recovered: write it down and keep it safe.</source>
            <translation>Dieses System hat keinen Schlüsselbund. Ein Kennwort schützt die Nachrichten auf diesem Gerät. Es lässt sich nicht wiederherstellen: aufschreiben und sicher verwahren.</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>Noch einmal versuchen</translation>
        </message>
    </context>
    <context>
        <name>Paper</name>
        <message>
            <source>It restores the practice if every admin device is lost or broken.</source>
            <translation>Er rettet die Praxis, wenn alle Admin-Geräte verloren oder kaputt sind.</translation>
        </message>
        <message>
            <source>Recovery code</source>
            <translation>Wiederherstellungscode</translation>
        </message>
        <message>
            <source>There is no O, I, L or U in it: a round sign is a zero, a straight one is a one.</source>
            <translation>O, I, L und U kommen darin nicht vor: Rund ist eine Null, gerade ist eine Eins.</translation>
        </message>
        <message>
            <source>Whoever has it can take over the practice. Lock it away, and do not photograph or scan it.</source>
            <translation>Wer ihn hat, kann die Praxis übernehmen. Wegschließen, nicht fotografieren und nicht scannen.</translation>
        </message>
        <message>
            <source>{practice}, made on {time}</source>
            <translation>{practice}, angelegt am {time}</translation>
        </message>
    </context>
    <context>
        <name>People</name>
        <message numerus="yes">
            <source>%n devices</source>
            <translation>
                <numerusform>%n Gerät</numerusform>
                <numerusform>%n Geräte</numerusform>
            </translation>
        </message>
        <message>
            <source>Add device</source>
            <translation>Gerät hinzufügen</translation>
        </message>
        <message>
            <source>Admin</source>
            <translation>Admin</translation>
        </message>
        <message>
            <source>Admins add and remove devices and people.</source>
            <translation>Admins nehmen Geräte und Personen auf und entfernen sie.</translation>
        </message>
        <message>
            <source>All devices of {name} lose access at once and on every PC. Earlier messages stay readable here. Coming back needs a new code.</source>
            <translation>Alle Geräte von {name} verlieren sofort den Zugang. Frühere Nachrichten bleiben hier lesbar. Für die Rückkehr ist ein neuer Code nötig.</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Compared</source>
            <translation>Verglichen</translation>
        </message>
        <message>
            <source>Device without a name</source>
            <translation>Gerät ohne Namen</translation>
        </message>
        <message>
            <source>Devices</source>
            <translation>Geräte</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>Fertig</translation>
        </message>
        <message>
            <source>External</source>
            <translation>Extern</translation>
        </message>
        <message>
            <source>For a lost, stolen or old device of {name}. It loses access at once; what is on it stays on it. Coming back needs a new code.</source>
            <translation>Für ein verlorenes, gestohlenes oder altes Gerät von {name}. Es verliert sofort den Zugang; was darauf liegt, bleibt darauf. Für die Rückkehr ist ein neuer Code nötig.</translation>
        </message>
        <message>
            <source>Make admin</source>
            <translation>Zum Admin machen</translation>
        </message>
        <message>
            <source>Make {name} an admin?</source>
            <translation>{name} zum Admin machen?</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <source>No device yet.</source>
            <translation>Noch kein Gerät.</translation>
        </message>
        <message>
            <source>Only you can add and remove devices. Make a second person admin in case this device fails.</source>
            <translation>Nur du kannst Geräte aufnehmen und entfernen. Mach eine zweite Person zum Admin, falls dieses Gerät ausfällt.</translation>
        </message>
        <message>
            <source>People</source>
            <translation>Personen</translation>
        </message>
        <message>
            <source>People and devices</source>
            <translation>Personen und Geräte</translation>
        </message>
        <message>
            <source>Please enter a name.</source>
            <translation>Bitte einen Namen eingeben.</translation>
        </message>
        <message>
            <source>Remove device</source>
            <translation>Gerät entfernen</translation>
        </message>
        <message>
            <source>Remove person</source>
            <translation>Person entfernen</translation>
        </message>
        <message>
            <source>Remove the device {device}</source>
            <translation>Gerät {device} entfernen</translation>
        </message>
        <message>
            <source>Remove the device {device}?</source>
            <translation>Gerät {device} entfernen?</translation>
        </message>
        <message>
            <source>Remove {name} from the practice?</source>
            <translation>{name} aus der Praxis entfernen?</translation>
        </message>
        <message>
            <source>Removed</source>
            <translation>Entfernt</translation>
        </message>
        <message>
            <source>Removed from the practice</source>
            <translation>Aus der Praxis entfernt</translation>
        </message>
        <message>
            <source>Rename</source>
            <translation>Umbenennen</translation>
        </message>
        <message>
            <source>Rights</source>
            <translation>Rechte</translation>
        </message>
        <message>
            <source>Role</source>
            <translation>Rolle</translation>
        </message>
        <message>
            <source>Safety number</source>
            <translation>Sicherheitsnummer</translation>
        </message>
        <message>
            <source>Safety number of {device}</source>
            <translation>Sicherheitsnummer von {device}</translation>
        </message>
        <message>
            <source>Save</source>
            <translation>Speichern</translation>
        </message>
        <message>
            <source>Take admin right</source>
            <translation>Admin-Recht nehmen</translation>
        </message>
        <message>
            <source>Take the admin right from {name}?</source>
            <translation>{name} das Admin-Recht nehmen?</translation>
        </message>
        <message>
            <source>Takes all devices of this person out of the practice.</source>
            <translation>Nimmt alle Geräte dieser Person aus der Praxis.</translation>
        </message>
        <message>
            <source>This device</source>
            <translation>Dieses Gerät</translation>
        </message>
        <message>
            <source>Write</source>
            <translation>Schreiben</translation>
        </message>
        <message>
            <source>You</source>
            <translation>Du</translation>
        </message>
        <message>
            <source>added {day}</source>
            <translation>aufgenommen {day}</translation>
        </message>
        <message>
            <source>{name} can then add and remove devices and people, also yours.</source>
            <translation>{name} kann dann Geräte und Personen aufnehmen und entfernen, auch deine.</translation>
        </message>
        <message>
            <source>{name} can then no longer add or remove devices and people.</source>
            <translation>{name} kann dann keine Geräte und Personen mehr aufnehmen oder entfernen.</translation>
        </message>
    </context>
    <context>
        <name>Picker</name>
        <message>
            <source>Colleagues</source>
            <translation>Kolleginnen und Kollegen</translation>
        </message>
    </context>
    <context>
        <name>Safety</name>
        <message>
            <source>All digits are the same</source>
            <translation>Alle Ziffern gleich</translation>
        </message>
        <message>
            <source>Back</source>
            <translation>Zurück</translation>
        </message>
        <message>
            <source>Compared before: the digits were the same.</source>
            <translation>Schon verglichen: Die Ziffern waren gleich.</translation>
        </message>
        <message>
            <source>Device</source>
            <translation>Gerät</translation>
        </message>
        <message>
            <source>Meet or call, so that you know the voice. Read the digits to each other.</source>
            <translation>Nebeneinander oder am Telefon, wenn die Stimme bekannt ist: die Ziffern einander vorlesen.</translation>
        </message>
        <message>
            <source>Remove device</source>
            <translation>Gerät entfernen</translation>
        </message>
        <message>
            <source>Safety number with {person}, {device}</source>
            <translation>Sicherheitsnummer mit {person}, {device}</translation>
        </message>
        <message>
            <source>Take the mark back</source>
            <translation>Vermerk zurücknehmen</translation>
        </message>
        <message>
            <source>Then it is not {person} alone who reads there. Send nothing to this device. An admin removes it and adds it again with a new code.</source>
            <translation>Dann liest dort vielleicht nicht nur {person}. Bitte nichts an dieses Gerät senden. Ein Admin entfernt es und nimmt es mit einem neuen Code wieder auf.</translation>
        </message>
        <message>
            <source>There it stands under “People and devices”, with your name and this device.</source>
            <translation>Dort steht sie unter „Personen und Geräte“ bei deinem Namen und diesem Gerät.</translation>
        </message>
        <message>
            <source>They differ</source>
            <translation>Ziffern verschieden</translation>
        </message>
    </context>
    <context>
        <name>Settings</name>
        <message>
            <source>A PIN is set. Ctrl+L locks the window; messages keep arriving.</source>
            <translation>Eine PIN ist gesetzt. Strg+L sperrt das Fenster; Nachrichten kommen weiter an.</translation>
        </message>
        <message>
            <source>A short notice of the system while the window is not in front.</source>
            <translation>Ein kurzer Hinweis des Systems, wenn das Fenster nicht vorn ist.</translation>
        </message>
        <message>
            <source>Appearance</source>
            <translation>Darstellung</translation>
        </message>
        <message>
            <source>As the system</source>
            <translation>Wie das System</translation>
        </message>
        <message>
            <source>At least four characters, no row like 1234.</source>
            <translation>Mindestens vier Zeichen, keine Reihe wie 1234.</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Change PIN</source>
            <translation>PIN ändern</translation>
        </message>
        <message>
            <source>Colours</source>
            <translation>Farben</translation>
        </message>
        <message>
            <source>Current PIN</source>
            <translation>Bisherige PIN</translation>
        </message>
        <message>
            <source>Dark</source>
            <translation>Dunkel</translation>
        </message>
        <message>
            <source>Device</source>
            <translation>Gerät</translation>
        </message>
        <message>
            <source>Done</source>
            <translation>Fertig</translation>
        </message>
        <message>
            <source>Keep running when the window is closed</source>
            <translation>Beim Schließen weiterlaufen</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>Sprache</translation>
        </message>
        <message>
            <source>Light</source>
            <translation>Hell</translation>
        </message>
        <message>
            <source>Lock</source>
            <translation>Sperre</translation>
        </message>
        <message>
            <source>Messages keep arriving; the icon beside the clock opens the window again.</source>
            <translation>Nachrichten kommen weiter an. Das Symbol neben der Uhr öffnet das Fenster wieder.</translation>
        </message>
        <message>
            <source>Network port</source>
            <translation>Netzwerkport</translation>
        </message>
        <message>
            <source>New PIN</source>
            <translation>Neue PIN</translation>
        </message>
        <message>
            <source>New PIN again</source>
            <translation>Neue PIN noch einmal</translation>
        </message>
        <message>
            <source>Notifications</source>
            <translation>Benachrichtigungen</translation>
        </message>
        <message>
            <source>Off is safer where patients can see the screen. While locked there is never any.</source>
            <translation>Aus ist sicherer, wo andere den Bildschirm sehen. Gesperrt erscheint nie ein Inhalt.</translation>
        </message>
        <message>
            <source>Please enter a new PIN.</source>
            <translation>Bitte eine neue PIN eingeben.</translation>
        </message>
        <message>
            <source>Please enter the current PIN.</source>
            <translation>Bitte die bisherige PIN eingeben.</translation>
        </message>
        <message>
            <source>Practice</source>
            <translation>Praxis</translation>
        </message>
        <message>
            <source>Remove PIN</source>
            <translation>PIN entfernen</translation>
        </message>
        <message>
            <source>Save PIN</source>
            <translation>PIN speichern</translation>
        </message>
        <message>
            <source>Set a PIN</source>
            <translation>PIN festlegen</translation>
        </message>
        <message>
            <source>Set by the practice's IT</source>
            <translation>Von der IT der Praxis vorgegeben</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>Einstellungen</translation>
        </message>
        <message>
            <source>Tell me about new messages</source>
            <translation>Neue Nachrichten anzeigen</translation>
        </message>
        <message>
            <source>Text size</source>
            <translation>Textgröße</translation>
        </message>
        <message>
            <source>The PIN is removed.</source>
            <translation>Die PIN ist entfernt.</translation>
        </message>
        <message>
            <source>The PIN is set.</source>
            <translation>Die PIN ist gesetzt.</translation>
        </message>
        <message>
            <source>The two do not match.</source>
            <translation>Die beiden stimmen nicht überein.</translation>
        </message>
        <message>
            <source>This device</source>
            <translation>Dieses Gerät</translation>
        </message>
        <message>
            <source>Version</source>
            <translation>Version</translation>
        </message>
        <message>
            <source>Window</source>
            <translation>Fenster</translation>
        </message>
        <message>
            <source>With name and text</source>
            <translation>Mit Name und Text</translation>
        </message>
        <message>
            <source>Without a PIN everybody at this PC can read along. With one, Ctrl+L locks.</source>
            <translation>Ohne PIN kann jeder an diesem PC mitlesen. Mit PIN sperrt Strg+L das Fenster.</translation>
        </message>
    </context>
    <context>
        <name>Setup</name>
        <message>
            <source>Address</source>
            <translation>Adresse</translation>
        </message>
        <message>
            <source>An admin of the practice chose “Add device” and now sees the code.</source>
            <translation>Er steht auf dem PC der Praxis, auf dem „Gerät hinzufügen“ gewählt wurde.</translation>
        </message>
        <message>
            <source>Back</source>
            <translation>Zurück</translation>
        </message>
        <message>
            <source>Both devices prove that they know it.</source>
            <translation>Beide Geräte zeigen einander, dass sie ihn kennen.</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Abbrechen</translation>
        </message>
        <message>
            <source>Capitals or not does not matter. The dashes come by themselves.</source>
            <translation>Groß- und Kleinschreibung ist egal. Striche setzt das Programm.</translation>
        </message>
        <message>
            <source>Care</source>
            <translation>Pflege</translation>
        </message>
        <message>
            <source>Checking the code</source>
            <translation>Code prüfen</translation>
        </message>
        <message>
            <source>Confirmation on the other PC</source>
            <translation>Bestätigung am anderen PC</translation>
        </message>
        <message>
            <source>Connecting</source>
            <translation>Verbinden</translation>
        </message>
        <message>
            <source>Copied. The clipboard is emptied in a minute.</source>
            <translation>Kopiert. Die Zwischenablage wird in einer Minute geleert.</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>Kopieren</translation>
        </message>
        <message>
            <source>Ctrl+K finds people and messages.</source>
            <translation>Strg+K findet Personen und Nachrichten.</translation>
        </message>
        <message>
            <source>Doctor (he)</source>
            <translation>Arzt</translation>
        </message>
        <message>
            <source>Doctor (she)</source>
            <translation>Ärztin</translation>
        </message>
        <message>
            <source>Drop a photo into a conversation to send it.</source>
            <translation>Ein Foto in die Unterhaltung ziehen, um es zu senden.</translation>
        </message>
        <message>
            <source>Everybody in the practice now sees: {person}, device {device}.</source>
            <translation>Alle in der Praxis sehen jetzt: {person}, Gerät {device}.</translation>
        </message>
        <message>
            <source>Everybody in the practice then sees: {person}, device {device}.</source>
            <translation>Alle in der Praxis sehen danach: {person}, Gerät {device}.</translation>
        </message>
        <message>
            <source>Fetching colleagues and groups</source>
            <translation>Kolleginnen, Kollegen und Gruppen holen</translation>
        </message>
        <message>
            <source>For example “Dr. Weber, family practice”. Colleagues see it when they join.</source>
            <translation>Zum Beispiel „Praxis Dr. Weber“. Andere sehen ihn beim Beitreten.</translation>
        </message>
        <message>
            <source>Found a new practice</source>
            <translation>Neue Praxis anlegen</translation>
        </message>
        <message>
            <source>Found in this network</source>
            <translation>Im Netz gefunden</translation>
        </message>
        <message>
            <source>Found the practice</source>
            <translation>Praxis anlegen</translation>
        </message>
        <message>
            <source>I have printed or written down the code</source>
            <translation>Der Code ist gedruckt oder aufgeschrieben</translation>
        </message>
        <message>
            <source>Is adding devices right now</source>
            <translation>Nimmt gerade neue Geräte auf</translation>
        </message>
        <message>
            <source>It is shown only now and stored nowhere. Nobody can look it up later.</source>
            <translation>Er erscheint nur jetzt und wird nirgends gespeichert. Später kann ihn niemand nachsehen.</translation>
        </message>
        <message>
            <source>It restores the practice if every admin device is lost or broken.</source>
            <translation>Er rettet die Praxis, wenn alle Admin-Geräte verloren oder kaputt sind.</translation>
        </message>
        <message>
            <source>It stands on the PC in “{practice}” where “Add device” was chosen.</source>
            <translation>Er steht jetzt in „{practice}“ auf dem PC mit „Gerät hinzufügen“.</translation>
        </message>
        <message>
            <source>Join</source>
            <translation>Beitreten</translation>
        </message>
        <message>
            <source>Join a practice</source>
            <translation>Praxis beitreten</translation>
        </message>
        <message>
            <source>Joining</source>
            <translation>Praxis beitreten</translation>
        </message>
        <message>
            <source>Keep it like the key of the practice: on paper, locked away, not on a PC.</source>
            <translation>Aufbewahren wie den Praxisschlüssel: auf Papier, weggeschlossen, nicht auf einem PC.</translation>
        </message>
        <message>
            <source>Laboratory</source>
            <translation>Labor</translation>
        </message>
        <message>
            <source>Medical assistant</source>
            <translation>MFA</translation>
        </message>
        <message>
            <source>Messages stay on the devices of the practice. No account, no server.</source>
            <translation>Nachrichten bleiben auf den Geräten der Praxis. Kein Konto, kein Server.</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <source>Name of the practice</source>
            <translation>Name der Praxis</translation>
        </message>
        <message>
            <source>Name of this device</source>
            <translation>Name dieses Geräts</translation>
        </message>
        <message>
            <source>Next</source>
            <translation>Weiter</translation>
        </message>
        <message>
            <source>No practice is chosen yet. Please choose one or type its address.</source>
            <translation>Noch ist keine Praxis gewählt. Bitte eine wählen oder ihre Adresse eingeben.</translation>
        </message>
        <message>
            <source>Please enter a name for this device.</source>
            <translation>Bitte einen Namen für dieses Gerät eingeben.</translation>
        </message>
        <message>
            <source>Please enter the name of the practice.</source>
            <translation>Bitte den Namen der Praxis eingeben.</translation>
        </message>
        <message>
            <source>Please enter your name.</source>
            <translation>Bitte den eigenen Namen eingeben.</translation>
        </message>
        <message>
            <source>Please print it or write it down now.</source>
            <translation>Bitte jetzt drucken oder aufschreiben.</translation>
        </message>
        <message>
            <source>Practice management</source>
            <translation>Praxismanagement</translation>
        </message>
        <message>
            <source>Practice without a name</source>
            <translation>Praxis ohne Namen</translation>
        </message>
        <message>
            <source>Praxisfunk is used here already</source>
            <translation>Es gibt schon Praxisfunk hier</translation>
        </message>
        <message>
            <source>Print</source>
            <translation>Drucken</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>Beenden</translation>
        </message>
        <message>
            <source>Reception</source>
            <translation>Empfang</translation>
        </message>
        <message>
            <source>Recovery code</source>
            <translation>Wiederherstellungscode</translation>
        </message>
        <message>
            <source>Role</source>
            <translation>Rolle</translation>
        </message>
        <message>
            <source>Somebody there now has to press “Add to the practice”.</source>
            <translation>Dort muss jetzt jemand „In die Praxis aufnehmen“ drücken.</translation>
        </message>
        <message>
            <source>Start</source>
            <translation>Loslegen</translation>
        </message>
        <message>
            <source>Still looking. On a PC of the practice choose “Add device”, then the practice appears here by itself.</source>
            <translation>Es wird gesucht. Auf einem PC der Praxis „Gerät hinzufügen“ wählen, dann erscheint sie hier von selbst.</translation>
        </message>
        <message>
            <source>The code checks both sides. No other comparison is needed.</source>
            <translation>Der Code prüft beide Seiten. Danach ist kein weiterer Vergleich nötig.</translation>
        </message>
        <message>
            <source>The code is valid for five minutes and three tries.</source>
            <translation>Der Code gilt fünf Minuten und drei Versuche.</translation>
        </message>
        <message>
            <source>The other PC is being called.</source>
            <translation>Der andere PC wird angesprochen.</translation>
        </message>
        <message>
            <source>The other PC shows it below the code.</source>
            <translation>Der andere PC zeigt sie unter dem Code.</translation>
        </message>
        <message>
            <source>The printer did not take it. Please write the code down.</source>
            <translation>Der Drucker hat es nicht angenommen. Bitte den Code aufschreiben.</translation>
        </message>
        <message>
            <source>This device is the first one</source>
            <translation>Dieses Gerät ist das erste</translation>
        </message>
        <message>
            <source>This device now belongs to the practice.</source>
            <translation>Dieses Gerät gehört jetzt zur Praxis.</translation>
        </message>
        <message>
            <source>This is how colleagues see it, for example “Reception 1”.</source>
            <translation>So sehen es die anderen, zum Beispiel „Empfang 1“.</translation>
        </message>
        <message>
            <source>This takes a few seconds.</source>
            <translation>Das dauert einige Sekunden.</translation>
        </message>
        <message>
            <source>Trainee</source>
            <translation>Auszubildende</translation>
        </message>
        <message>
            <source>Type an address instead</source>
            <translation>Stattdessen Adresse eingeben</translation>
        </message>
        <message>
            <source>Type the code</source>
            <translation>Code eingeben</translation>
        </message>
        <message>
            <source>Welcome to Praxisfunk</source>
            <translation>Willkommen bei Praxisfunk</translation>
        </message>
        <message>
            <source>Welcome to {practice}</source>
            <translation>Willkommen: {practice}</translation>
        </message>
        <message>
            <source>Write to anybody in the left column, or to a group.</source>
            <translation>Links an Personen oder Gruppen schreiben.</translation>
        </message>
        <message>
            <source>done</source>
            <translation>erledigt</translation>
        </message>
        <message>
            <source>running</source>
            <translation>läuft</translation>
        </message>
        <message>
            <source>the practice</source>
            <translation>die Praxis</translation>
        </message>
        <message>
            <source>to come</source>
            <translation>kommt noch</translation>
        </message>
    </context>
    <context>
        <name>Sidebar</name>
        <message numerus="yes">
            <source>%n devices</source>
            <translation>
                <numerusform>%n Gerät</numerusform>
                <numerusform>%n Geräte</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n unread messages</source>
            <translation>
                <numerusform>%n ungelesene Nachricht</numerusform>
                <numerusform>%n ungelesene Nachrichten</numerusform>
            </translation>
        </message>
        <message>
            <source>Add device</source>
            <translation>Gerät hinzufügen</translation>
        </message>
        <message>
            <source>Colleagues</source>
            <translation>Kolleginnen und Kollegen</translation>
        </message>
        <message>
            <source>Conversations</source>
            <translation>Unterhaltungen</translation>
        </message>
        <message>
            <source>Draft:</source>
            <translation>Entwurf:</translation>
        </message>
        <message>
            <source>Draft: {text}</source>
            <translation>Entwurf: {text}</translation>
        </message>
        <message>
            <source>External</source>
            <translation>Extern</translation>
        </message>
        <message>
            <source>Groups</source>
            <translation>Gruppen</translation>
        </message>
        <message>
            <source>Inboxes</source>
            <translation>Eingänge</translation>
        </message>
        <message>
            <source>Lock (Ctrl+L)</source>
            <translation>Sperren (Strg+L)</translation>
        </message>
        <message>
            <source>Messages</source>
            <translation>Nachrichten</translation>
        </message>
        <message>
            <source>New group</source>
            <translation>Neue Gruppe</translation>
        </message>
        <message>
            <source>New group or device</source>
            <translation>Neue Gruppe oder neues Gerät</translation>
        </message>
        <message>
            <source>No longer a member</source>
            <translation>Nicht mehr dabei</translation>
        </message>
        <message>
            <source>Nobody else is here yet.</source>
            <translation>Noch ist sonst niemand hier.</translation>
        </message>
        <message>
            <source>Nothing found.</source>
            <translation>Nichts gefunden.</translation>
        </message>
        <message>
            <source>People and devices</source>
            <translation>Personen und Geräte</translation>
        </message>
        <message>
            <source>People and groups</source>
            <translation>Personen und Gruppen</translation>
        </message>
        <message>
            <source>Removed from the practice</source>
            <translation>Aus der Praxis entfernt</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>Suchen</translation>
        </message>
        <message>
            <source>Search in “{title}”</source>
            <translation>In „{title}“ suchen</translation>
        </message>
        <message>
            <source>Search people, groups and messages</source>
            <translation>Personen, Gruppen und Nachrichten suchen</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>Einstellungen</translation>
        </message>
        <message>
            <source>There are more. A further word narrows the search.</source>
            <translation>Es gibt noch mehr. Ein weiteres Wort grenzt ein.</translation>
        </message>
        <message>
            <source>external</source>
            <translation>extern</translation>
        </message>
        <message>
            <source>removed</source>
            <translation>entfernt</translation>
        </message>
    </context>
    <context>
        <name>Timeline</name>
        <message numerus="yes">
            <source>%n new messages</source>
            <translation>
                <numerusform>%n neue Nachricht</numerusform>
                <numerusform>%n neue Nachrichten</numerusform>
            </translation>
        </message>
        <message>
            <source>A saved copy leaves the encrypted store.</source>
            <translation>Eine Kopie verlässt den verschlüsselten Speicher.</translation>
        </message>
        <message>
            <source>Copy selection</source>
            <translation>Auswahl kopieren</translation>
        </message>
        <message>
            <source>Copy text</source>
            <translation>Text kopieren</translation>
        </message>
        <message>
            <source>Deleted by {name}</source>
            <translation>Von {name} gelöscht</translation>
        </message>
        <message>
            <source>Discard</source>
            <translation>Verwerfen</translation>
        </message>
        <message>
            <source>External</source>
            <translation>Extern</translation>
        </message>
        <message>
            <source>Load now</source>
            <translation>Jetzt laden</translation>
        </message>
        <message>
            <source>Messages</source>
            <translation>Nachrichten</translation>
        </message>
        <message>
            <source>Reply</source>
            <translation>Antworten</translation>
        </message>
        <message>
            <source>Save as</source>
            <translation>Speichern unter</translation>
        </message>
        <message>
            <source>Save as …</source>
            <translation>Speichern unter …</translation>
        </message>
        <message>
            <source>Send again</source>
            <translation>Noch einmal senden</translation>
        </message>
        <message>
            <source>Show all</source>
            <translation>Alles zeigen</translation>
        </message>
        <message>
            <source>Show delivery</source>
            <translation>Zustellung zeigen</translation>
        </message>
        <message>
            <source>Show large</source>
            <translation>Groß zeigen</translation>
        </message>
        <message>
            <source>Show this message</source>
            <translation>Diese Nachricht zeigen</translation>
        </message>
        <message>
            <source>Stop transfer</source>
            <translation>Übertragung anhalten</translation>
        </message>
        <message>
            <source>Taken {time}</source>
            <translation>Aufgenommen {time}</translation>
        </message>
        <message>
            <source>This message is not here</source>
            <translation>Diese Nachricht ist nicht hier</translation>
        </message>
        <message>
            <source>This message needs a newer version of Praxisfunk.</source>
            <translation>Diese Nachricht braucht eine neuere Version von Praxisfunk.</translation>
        </message>
        <message>
            <source>Try now</source>
            <translation>Jetzt versuchen</translation>
        </message>
        <message>
            <source>clock wrong, {time}</source>
            <translation>Uhr falsch, {time}</translation>
        </message>
    </context>
    <context>
        <name>Tray</name>
        <message>
            <source>Lock</source>
            <translation>Sperren</translation>
        </message>
        <message>
            <source>New message</source>
            <translation>Neue Nachricht</translation>
        </message>
        <message>
            <source>Open Praxisfunk</source>
            <translation>Praxisfunk öffnen</translation>
        </message>
        <message numerus="yes">
            <source>Praxisfunk, %n unread messages</source>
            <translation>
                <numerusform>Praxisfunk, %n ungelesene Nachricht</numerusform>
                <numerusform>Praxisfunk, %n ungelesene Nachrichten</numerusform>
            </translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>Beenden</translation>
        </message>
    </context>
    <context>
        <name>Viewer</name>
        <message>
            <source>Fit (0)</source>
            <translation>Einpassen (0)</translation>
        </message>
        <message>
            <source>Larger (+)</source>
            <translation>Größer (+)</translation>
        </message>
        <message>
            <source>Loading …</source>
            <translation>Wird geladen …</translation>
        </message>
        <message>
            <source>Loading, {done} of {size}</source>
            <translation>Wird geladen, {done} von {size}</translation>
        </message>
        <message>
            <source>Next photo (Right)</source>
            <translation>Nächstes Foto (Rechts)</translation>
        </message>
        <message>
            <source>Photo</source>
            <translation>Foto</translation>
        </message>
        <message>
            <source>Photo {at} of {of}</source>
            <translation>Foto {at} von {of}</translation>
        </message>
        <message>
            <source>Previous photo (Left)</source>
            <translation>Voriges Foto (Links)</translation>
        </message>
        <message>
            <source>Save a copy</source>
            <translation>Kopie speichern</translation>
        </message>
        <message>
            <source>Smaller (-)</source>
            <translation>Kleiner (-)</translation>
        </message>
    </context>
    <context>
        <name>Window</name>
        <message>
            <source>Messages still arrive. The icon beside the clock opens the window again and ends the program.</source>
            <translation>Nachrichten kommen weiter an. Das Symbol neben der Uhr öffnet das Fenster wieder und beendet das Programm.</translation>
        </message>
        <message>
            <source>Praxisfunk cannot open</source>
            <translation>Praxisfunk lässt sich nicht öffnen</translation>
        </message>
        <message>
            <source>Praxisfunk keeps running</source>
            <translation>Praxisfunk läuft weiter</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>Beenden</translation>
        </message>
        <message>
            <source>This device was removed</source>
            <translation>Dieses Gerät wurde entfernt</translation>
        </message>
        <message>
            <source>Understood</source>
            <translation>Verstanden</translation>
        </message>
    </context>
    <context>
        <name>Words</name>
        <message numerus="yes">
            <source>%n bytes</source>
            <translation>
                <numerusform>%n Byte</numerusform>
                <numerusform>%n Byte</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n people</source>
            <translation>
                <numerusform>%n Person</numerusform>
                <numerusform>%n Personen</numerusform>
            </translation>
        </message>
        <message>
            <source>A device of {actor} was removed: {whom}</source>
            <translation>Ein Gerät von {actor} wurde entfernt: {whom}</translation>
        </message>
        <message>
            <source>Arrived on a device</source>
            <translation>Auf einem Gerät angekommen</translation>
        </message>
        <message>
            <source>Arrived on all devices</source>
            <translation>Auf allen Geräten angekommen</translation>
        </message>
        <message>
            <source>Deleted</source>
            <translation>Gelöscht</translation>
        </message>
        <message>
            <source>Deleted message</source>
            <translation>Gelöschte Nachricht</translation>
        </message>
        <message>
            <source>Did not arrive intact</source>
            <translation>Nicht unversehrt angekommen</translation>
        </message>
        <message>
            <source>File</source>
            <translation>Datei</translation>
        </message>
        <message>
            <source>Loading, {done} of {size}</source>
            <translation>Wird geladen, {done} von {size}</translation>
        </message>
        <message>
            <source>Message from a newer version</source>
            <translation>Nachricht einer neueren Version</translation>
        </message>
        <message>
            <source>Messages of {actor} could not be read and will not come again</source>
            <translation>Nachrichten von {actor} waren nicht lesbar und kommen nicht mehr</translation>
        </message>
        <message>
            <source>Not delivered</source>
            <translation>Nicht zugestellt</translation>
        </message>
        <message>
            <source>Not delivered to {names}.</source>
            <translation>Nicht zugestellt an {names}.</translation>
        </message>
        <message>
            <source>Not delivered.</source>
            <translation>Nicht zugestellt.</translation>
        </message>
        <message>
            <source>Not loaded yet</source>
            <translation>Noch nicht geladen</translation>
        </message>
        <message numerus="yes">
            <source>On %n devices</source>
            <translation>
                <numerusform>Auf %n Gerät</numerusform>
                <numerusform>Auf %n Geräten</numerusform>
            </translation>
        </message>
        <message>
            <source>On a colleague's PC, waits for the recipient</source>
            <translation>Auf einem Kollegen-PC, wartet dort</translation>
        </message>
        <message>
            <source>On {reached} of {total} devices</source>
            <translation>Auf {reached} von {total} Geräten</translation>
        </message>
        <message>
            <source>Paused at {done} of {size}</source>
            <translation>Angehalten bei {done} von {size}</translation>
        </message>
        <message>
            <source>Photo</source>
            <translation>Foto</translation>
        </message>
        <message>
            <source>Read</source>
            <translation>Gelesen</translation>
        </message>
        <message>
            <source>Sending, {done} of {size}</source>
            <translation>Wird gesendet, {done} von {size}</translation>
        </message>
        <message>
            <source>The key of {actor} is new. Please compare before you send.</source>
            <translation>Der Schlüssel von {actor} ist neu. Bitte vor dem Senden vergleichen.</translation>
        </message>
        <message>
            <source>Today, {day}</source>
            <translation>Heute, {day}</translation>
        </message>
        <message>
            <source>Unknown person</source>
            <translation>Unbekannte Person</translation>
        </message>
        <message>
            <source>Waits for {names}. Goes out by itself.</source>
            <translation>Wartet auf {names}. Geht von selbst hinaus.</translation>
        </message>
        <message>
            <source>Waits on this device</source>
            <translation>Wartet auf diesem Gerät</translation>
        </message>
        <message>
            <source>Waits on this device. Goes out by itself.</source>
            <translation>Wartet auf diesem Gerät. Geht von selbst hinaus.</translation>
        </message>
        <message>
            <source>Waits until somebody who has it is reachable</source>
            <translation>Wartet, bis jemand erreichbar ist, der es hat</translation>
        </message>
        <message>
            <source>Yesterday</source>
            <translation>Gestern</translation>
        </message>
        <message>
            <source>Yesterday, {day}</source>
            <translation>Gestern, {day}</translation>
        </message>
        <message>
            <source>You</source>
            <translation>Du</translation>
        </message>
        <message>
            <source>You: {text}</source>
            <translation>Du: {text}</translation>
        </message>
        <message>
            <source>away</source>
            <translation>abwesend</translation>
        </message>
        <message>
            <source>last seen {time}</source>
            <translation>zuletzt {time}</translation>
        </message>
        <message>
            <source>not connected</source>
            <translation>nicht verbunden</translation>
        </message>
        <message>
            <source>not seen yet</source>
            <translation>noch nicht gesehen</translation>
        </message>
        <message>
            <source>reachable</source>
            <translation>erreichbar</translation>
        </message>
        <message>
            <source>{actor} added {whom}</source>
            <translation>{actor} hat {whom} hinzugefügt</translation>
        </message>
        <message>
            <source>{actor} created the group</source>
            <translation>{actor} hat die Gruppe angelegt</translation>
        </message>
        <message>
            <source>{actor} has a new device: {whom}</source>
            <translation>{actor} hat ein neues Gerät: {whom}</translation>
        </message>
        <message>
            <source>{actor} left the group</source>
            <translation>{actor} hat die Gruppe verlassen</translation>
        </message>
        <message>
            <source>{actor} removed {whom}</source>
            <translation>{actor} hat {whom} entfernt</translation>
        </message>
        <message>
            <source>{actor} renamed the group to “{whom}”</source>
            <translation>{actor} hat die Gruppe in „{whom}“ umbenannt</translation>
        </message>
        <message>
            <source>{first} and {last}</source>
            <translation>{first} und {last}</translation>
        </message>
    </context>
</TS>
