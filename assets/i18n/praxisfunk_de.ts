<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
    <context>
        <name>CodeField</name>
        <message>
            <source>Code, twelve characters</source>
            <translation type="unfinished" />
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
            <source>Step {at} of {of}</source>
            <translation type="unfinished" />
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
            <translation type="unfinished" />
        </message>
        <message>
            <source>Recovery code</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>There is no O, I, L or U in it: a round sign is a zero, a straight one is a one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Whoever has it can take over the practice. Lock it away, and do not photograph or scan it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{practice}, made on {time}</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>Settings</name>
        <message>
            <source>A PIN is set. Ctrl+L locks the window; messages keep arriving.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A short notice of the system while the window is not in front.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Appearance</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>As the system</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>At least four characters, no row like 1234.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cancel</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Change PIN</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Colours</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Current PIN</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Dark</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Device</source>
            <translation>Gerät</translation>
        </message>
        <message>
            <source>Done</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Keep running when the window is closed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Language</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Light</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Lock</source>
            <translation>Sperren</translation>
        </message>
        <message>
            <source>Messages keep arriving; the icon beside the clock opens the window again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Network port</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>New PIN</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>New PIN again</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Notifications</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Off is safer where patients can see the screen. While locked there is never any.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Please enter a new PIN.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Please enter the current PIN.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Practice</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Remove PIN</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Save PIN</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Set a PIN</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Settings</source>
            <translation>Einstellungen</translation>
        </message>
        <message>
            <source>Tell me about new messages</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Text size</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The PIN is removed.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The PIN is set.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The two do not match.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This device</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Version</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Window</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>With name and text</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Without a PIN everybody at this PC can read along. With one, Ctrl+L locks.</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>Setup</name>
        <message>
            <source>Address</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>An admin of the practice chose “Add device” and now sees the code.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Back</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Both devices prove that they know it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Cancel</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Capitals or not does not matter. The dashes come by themselves.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Care</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Checking the code</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Confirmation on the other PC</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Connecting</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Copied. The clipboard is emptied in a minute.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Copy</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Ctrl+K finds people and messages.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Doctor (he)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Doctor (she)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Drop a photo into a conversation to send it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Everybody in the practice now sees: {person}, device {device}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Everybody in the practice then sees: {person}, device {device}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Fetching colleagues and groups</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>For example “Dr. Weber, family practice”. Colleagues see it when they join.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Found a new practice</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Found in this network</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>I have printed or written down the code</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Is adding devices right now</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>It is shown only now and stored nowhere. Nobody can look it up later.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>It restores the practice if every admin device is lost or broken.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>It stands on the PC in “{practice}” where “Add device” was chosen.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Join</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Join a practice</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Joining</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Keep it like the key of the practice: on paper, locked away, not on a PC.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Laboratory</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Medical assistant</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Messages stay on the devices of the practice. No account, no server.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Name</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Name of the practice</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Name of this device</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Next</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No practice is chosen yet. Please choose one or type its address.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Please enter a name for this device.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Please enter the name of the practice.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Please enter your name.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Please print it or write it down now.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Practice management</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Practice without a name</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Praxisfunk is used here already</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Print</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Quit</source>
            <translation>Beenden</translation>
        </message>
        <message>
            <source>Reception</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Recovery code</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Role</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Somebody there now has to press “Add to the practice”.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Start</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Still looking. On a PC of the practice choose “Add device”, then the practice appears here by itself.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The code checks both sides. No other comparison is needed.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The code is valid for five minutes and three tries.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The other PC is being called.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The other PC shows it below the code.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The printer did not take it. Please write the code down.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This device is the first one</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This device now belongs to the practice.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This is how colleagues see it, for example “Reception 1”.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This takes a few seconds.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Trainee</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Type an address instead</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Type the code</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Welcome to Praxisfunk</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Welcome to {practice}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Write to anybody in the left column, or to a group.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>done</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>running</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>the practice</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>to come</source>
            <translation type="unfinished" />
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
