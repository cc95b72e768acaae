<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE" sourcelanguage="en_US">
<context>
    <name>ui::AboutDialog</name>
    <message>
        <source>About the USB applet</source>
        <translation>Über das USB-Applet</translation>
    </message>
    <message>
        <source>Qubes USB applet %1</source>
        <translation>Qubes-USB-Applet %1</translation>
    </message>
    <message>
        <source>Shows the USB devices of all qubes, and attaches and detaches them.</source>
        <translation>Zeigt die USB-Geräte aller Qubes, hängt sie an und löst sie.</translation>
    </message>
    <message>
        <source>Connection: %1</source>
        <translation>Verbindung: %1</translation>
    </message>
    <message>
        <source>Device API: %1</source>
        <translation>Geräte-API: %1</translation>
    </message>
    <message>
        <source>Qt: %1</source>
        <translation>Qt: %1</translation>
    </message>
    <message>
        <source>Free software under the GNU General Public License, version 2 or later.</source>
        <translation>Freie Software unter der GNU General Public License, Version 2 oder neuer.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>ui::ActivityLog</name>
    <message>
        <source>%1 plugged in</source>
        <translation>%1 eingesteckt</translation>
    </message>
    <message>
        <source>%1 removed while attached to %2</source>
        <translation>%1 abgezogen, während an %2 angehängt</translation>
    </message>
    <message>
        <source>%1 removed</source>
        <translation>%1 abgezogen</translation>
    </message>
    <message>
        <source>%1 attached to %2</source>
        <translation>%1 an %2 angehängt</translation>
    </message>
    <message>
        <source>%1 detached from %2</source>
        <translation>%1 von %2 gelöst</translation>
    </message>
</context>
<context>
    <name>ui::AppletMenu</name>
    <message>
        <source>No USB devices</source>
        <translation>Keine USB-Geräte</translation>
    </message>
    <message>
        <source>Show window</source>
        <translation>Fenster zeigen</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Einstellungen …</translation>
    </message>
    <message>
        <source>About</source>
        <translation>Über</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Detach all from</source>
        <translation>Alle lösen von</translation>
    </message>
    <message>
        <source>All qubes</source>
        <translation>Allen Qubes</translation>
    </message>
</context>
<context>
    <name>ui::AppletWindow</name>
    <message>
        <source>USB devices</source>
        <translation>USB-Geräte</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>Details kopieren</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Einstellungen …</translation>
    </message>
    <message>
        <source>About</source>
        <translation>Über</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Search devices</source>
        <translation>Geräte suchen</translation>
    </message>
    <message>
        <source>No USB devices</source>
        <translation>Keine USB-Geräte</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nichts gefunden</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>Aktualisieren</translation>
    </message>
    <message>
        <source>Activity</source>
        <translation>Verlauf</translation>
    </message>
</context>
<context>
    <name>ui::BackendSection</name>
    <message>
        <source>Start %1 to list its devices</source>
        <translation>%1 starten, um seine Geräte zu zeigen</translation>
    </message>
    <message>
        <source>%1 (reading…)</source>
        <translation>%1 (wird gelesen …)</translation>
    </message>
    <message>
        <source>%1 (not running)</source>
        <translation>%1 (läuft nicht)</translation>
    </message>
    <message>
        <source>%1 (cannot be read)</source>
        <translation>%1 (nicht lesbar)</translation>
    </message>
    <message>
        <source>No USB devices</source>
        <translation>Keine USB-Geräte</translation>
    </message>
</context>
<context>
    <name>ui::CommandLine</name>
    <message>
        <source>Not understood: %1. Try --help.</source>
        <translation>Nicht verstanden: %1. Siehe --help.</translation>
    </message>
    <message>
        <source>Usage: qubes-usb-applet [OPTION…]</source>
        <translation>Aufruf: qubes-usb-applet [OPTION …]</translation>
    </message>
    <message>
        <source>Shows the USB devices of all qubes in the tray, and attaches and detaches them.</source>
        <translation>Zeigt die USB-Geräte aller Qubes in der Leiste, hängt sie an und löst sie.</translation>
    </message>
    <message>
        <source>show the window</source>
        <translation>das Fenster zeigen</translation>
    </message>
    <message>
        <source>if it runs already, do not show its window</source>
        <translation>falls es schon läuft, sein Fenster nicht zeigen</translation>
    </message>
    <message>
        <source>how to reach Qubes: qubesd (in dom0) or qrexec (in a GUI domain)</source>
        <translation>Weg zu Qubes: qubesd (in dom0) oder qrexec (in einer GUI-Domäne)</translation>
    </message>
    <message>
        <source>qubesd&apos;s socket</source>
        <translation>der Socket von qubesd</translation>
    </message>
    <message>
        <source>the program that makes calls over qrexec</source>
        <translation>das Programm für Aufrufe über qrexec</translation>
    </message>
    <message>
        <source>show the version</source>
        <translation>die Version zeigen</translation>
    </message>
    <message>
        <source>show this text</source>
        <translation>diesen Text zeigen</translation>
    </message>
</context>
<context>
    <name>ui::Confirmation</name>
    <message>
        <source>Hand over an input device?</source>
        <translation>Ein Eingabegerät übergeben?</translation>
    </message>
    <message>
        <source>Attach %1 to a new disposable of %2?</source>
        <translation>%1 an einen neuen Wegwerf-Qube von %2 anhängen?</translation>
    </message>
    <message>
        <source>Attach %1 to %2?</source>
        <translation>%1 an %2 anhängen?</translation>
    </message>
    <message>
        <source>Attach</source>
        <translation>Anhängen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Hand over an unknown device?</source>
        <translation>Ein unbekanntes Gerät übergeben?</translation>
    </message>
    <message>
        <source>Attach %1 to %2 automatically from now on?</source>
        <translation>%1 ab jetzt automatisch an %2 anhängen?</translation>
    </message>
    <message>
        <source>Make the rule</source>
        <translation>Regel anlegen</translation>
    </message>
</context>
<context>
    <name>ui::DetailsPane</name>
    <message>
        <source>Choose a device to see its details.</source>
        <translation>Ein Gerät wählen, um seine Details zu sehen.</translation>
    </message>
    <message>
        <source>State:</source>
        <translation>Zustand:</translation>
    </message>
    <message>
        <source>Failure:</source>
        <translation>Fehler:</translation>
    </message>
    <message>
        <source>Warning:</source>
        <translation>Warnung:</translation>
    </message>
    <message>
        <source>USB ID:</source>
        <translation>USB-Kennung:</translation>
    </message>
    <message>
        <source>Serial number:</source>
        <translation>Seriennummer:</translation>
    </message>
    <message>
        <source>Interfaces:</source>
        <translation>Schnittstellen:</translation>
    </message>
    <message>
        <source>Automatic:</source>
        <translation>Automatisch:</translation>
    </message>
    <message>
        <source>Before detaching:</source>
        <translation>Vor dem Lösen:</translation>
    </message>
    <message>
        <source>Port:</source>
        <translation>Anschluss:</translation>
    </message>
    <message>
        <source>Automatic…</source>
        <translation>Automatisch …</translation>
    </message>
    <message>
        <source>Move to…</source>
        <translation>Verschieben nach …</translation>
    </message>
    <message>
        <source>Attach to…</source>
        <translation>Anhängen an …</translation>
    </message>
</context>
<context>
    <name>ui::DeviceActions</name>
    <message>
        <source>Detach from %1</source>
        <translation>Von %1 lösen</translation>
    </message>
    <message>
        <source>Detach and shut down %1</source>
        <translation>Lösen und %1 herunterfahren</translation>
    </message>
    <message>
        <source>Move to</source>
        <translation>Verschieben nach</translation>
    </message>
    <message>
        <source>Attach to</source>
        <translation>Anhängen an</translation>
    </message>
    <message>
        <source>Whoever gets it can read and forge your input</source>
        <translation>Wer es bekommt, kann Ihre Eingaben lesen und fälschen</translation>
    </message>
    <message>
        <source>All qubes…</source>
        <translation>Alle Qubes …</translation>
    </message>
    <message>
        <source>Attach automatically…</source>
        <translation>Automatisch anhängen …</translation>
    </message>
    <message>
        <source>%1, after starting it</source>
        <translation>%1, nach dessen Start</translation>
    </message>
    <message>
        <source>New disposable of %1</source>
        <translation>Neuer Wegwerf-Qube von %1</translation>
    </message>
    <message>
        <source>No other running qube can have it</source>
        <translation>Kein anderer laufender Qube kann es bekommen</translation>
    </message>
</context>
<context>
    <name>ui::DeviceList</name>
    <message>
        <source>USB devices</source>
        <translation>USB-Geräte</translation>
    </message>
</context>
<context>
    <name>ui::DeviceMenu</name>
    <message>
        <source>Choose a qube…</source>
        <translation>Qube auswählen …</translation>
    </message>
</context>
<context>
    <name>ui::DeviceRows</name>
    <message>
        <source>reading…</source>
        <translation>wird gelesen …</translation>
    </message>
    <message>
        <source>not running</source>
        <translation>läuft nicht</translation>
    </message>
    <message>
        <source>no USB devices</source>
        <translation>keine USB-Geräte</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Attach…</source>
        <translation>Anhängen …</translation>
    </message>
</context>
<context>
    <name>ui::FailureText</name>
    <message>
        <source>Policy does not allow it.</source>
        <translation>Die Richtlinie erlaubt es nicht.</translation>
    </message>
    <message>
        <source>The qube&apos;s list of denied devices covers it.</source>
        <translation>Die Liste verbotener Geräte des Qubes umfasst es.</translation>
    </message>
    <message>
        <source>Qubes cannot be reached.</source>
        <translation>Qubes ist nicht erreichbar.</translation>
    </message>
    <message>
        <source>There was no answer in time. It may still happen.</source>
        <translation>Es kam rechtzeitig keine Antwort. Es kann noch geschehen.</translation>
    </message>
    <message>
        <source>Qubes refused without a reason. The log of qubesd in dom0 may have one.</source>
        <translation>Qubes lehnte ohne Grund ab. Im Protokoll von qubesd in dom0 steht vielleicht einer.</translation>
    </message>
    <message>
        <source>The answer makes no sense.</source>
        <translation>Die Antwort ergibt keinen Sinn.</translation>
    </message>
    <message>
        <source>Something else is being done with this device. Try again when that has ended.</source>
        <translation>Mit diesem Gerät geschieht gerade etwas anderes. Danach nochmals versuchen.</translation>
    </message>
    <message>
        <source>There is no such qube any more.</source>
        <translation>Diesen Qube gibt es nicht mehr.</translation>
    </message>
    <message>
        <source>The qube is not running. Start it first.</source>
        <translation>Der Qube läuft nicht. Bitte zuerst starten.</translation>
    </message>
    <message>
        <source>The qube is paused. Unpause it first.</source>
        <translation>Der Qube ist angehalten. Bitte zuerst fortsetzen.</translation>
    </message>
    <message>
        <source>That is only possible while the qube is shut down.</source>
        <translation>Das geht nur, solange der Qube heruntergefahren ist.</translation>
    </message>
    <message>
        <source>The device is not there any more.</source>
        <translation>Das Gerät ist nicht mehr da.</translation>
    </message>
    <message>
        <source>Another device is at that port now.</source>
        <translation>An diesem Anschluss ist jetzt ein anderes Gerät.</translation>
    </message>
    <message>
        <source>Another device is at that port now: %1.</source>
        <extracomment>%1: the device&apos;s name</extracomment>
        <translation>An diesem Anschluss ist jetzt ein anderes Gerät: %1.</translation>
    </message>
    <message>
        <source>The device is attached already.</source>
        <translation>Das Gerät ist schon angehängt.</translation>
    </message>
    <message>
        <source>The device is not attached.</source>
        <translation>Das Gerät ist nicht angehängt.</translation>
    </message>
    <message>
        <source>There is such a rule already.</source>
        <translation>Eine solche Regel gibt es schon.</translation>
    </message>
    <message>
        <source>There is no such rule.</source>
        <translation>Eine solche Regel gibt es nicht.</translation>
    </message>
    <message>
        <source>The qube that is to get the device lacks qubes-usb-engine (or qubes-usb-proxy). Install it in its template and restart the qube.</source>
        <translation>Dem Qube, der das Gerät bekommen soll, fehlt qubes-usb-engine (oder qubes-usb-proxy). Bitte in seiner Vorlage installieren und den Qube neu starten.</translation>
    </message>
    <message>
        <source>The two qubes could not hand over the device.</source>
        <translation>Die beiden Qubes konnten das Gerät nicht übergeben.</translation>
    </message>
    <message>
        <source>That qube also has a device of another backend with the same port, and Qubes might detach that one instead. Detach the other one first.</source>
        <translation>Jener Qube hat auch ein Gerät eines anderen Backends mit demselben Anschluss, und Qubes könnte stattdessen dieses lösen. Bitte das andere zuerst lösen.</translation>
    </message>
    <message>
        <source>Qubes reported success, but nothing changed.</source>
        <translation>Qubes meldete Erfolg, aber nichts hat sich geändert.</translation>
    </message>
    <message>
        <source>This release of Qubes cannot do that with this device.</source>
        <translation>Diese Ausgabe von Qubes kann das mit diesem Gerät nicht.</translation>
    </message>
    <message>
        <source>The qube does not have that feature.</source>
        <translation>Der Qube hat diese Eigenschaft nicht.</translation>
    </message>
    <message>
        <source>That is not possible with this device and qube.</source>
        <translation>Das geht mit diesem Gerät und Qube nicht.</translation>
    </message>
    <message>
        <source>The reason is not known.</source>
        <translation>Der Grund ist nicht bekannt.</translation>
    </message>
    <message>
        <source>Qubes says: %1</source>
        <extracomment>%1: words of another program, in English</extracomment>
        <translation>Qubes meldet: %1</translation>
    </message>
    <message>
        <source>Could not attach to %1</source>
        <translation>Anhängen an %1 gescheitert</translation>
    </message>
    <message>
        <source>Could not attach to a new disposable</source>
        <translation>Anhängen an einen neuen Wegwerf-Qube gescheitert</translation>
    </message>
    <message>
        <source>Could not detach</source>
        <translation>Lösen gescheitert</translation>
    </message>
    <message>
        <source>Could not detach from %1</source>
        <translation>Lösen von %1 gescheitert</translation>
    </message>
    <message>
        <source>Could not move to %1</source>
        <translation>Verschieben nach %1 gescheitert</translation>
    </message>
    <message>
        <source>Could not change the rule for %1</source>
        <translation>Ändern der Regel für %1 gescheitert</translation>
    </message>
    <message>
        <source>Could not start %1</source>
        <translation>Starten von %1 gescheitert</translation>
    </message>
    <message>
        <source>It was given back to %1.</source>
        <translation>Es wurde an %1 zurückgegeben.</translation>
    </message>
    <message>
        <source>It could not be given back to %1 and is not attached now. %2</source>
        <translation>Es konnte nicht an %1 zurückgegeben werden und ist jetzt nicht angehängt. %2</translation>
    </message>
    <message>
        <source>The new disposable %1 was removed again.</source>
        <translation>Der neue Wegwerf-Qube %1 wurde wieder entfernt.</translation>
    </message>
    <message>
        <source>The new disposable %1 could not be removed. %2</source>
        <translation>Der neue Wegwerf-Qube %1 konnte nicht entfernt werden. %2</translation>
    </message>
    <message>
        <source>A rule gives the device to the qube for as long as it runs. Remove the rule first.</source>
        <translation>Eine Regel gibt dem Qube das Gerät, solange er läuft. Bitte zuerst die Regel entfernen.</translation>
    </message>
    <message>
        <source>The connection to Qubes was lost before it answered. Try again if the device is not where you want it.</source>
        <translation>Die Verbindung zu Qubes ging vor der Antwort verloren. Versuchen Sie es noch einmal, wenn das Gerät nicht dort ist, wo Sie es haben wollen.</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Abgebrochen.</translation>
    </message>
    <message>
        <source>Qubes cannot be reached (%1).</source>
        <extracomment>%1: words of the system (&quot;Connection refused&quot;), in English</extracomment>
        <translation>Qubes ist nicht erreichbar (%1).</translation>
    </message>
    <message>
        <source>Detached from %1, but could not shut it down</source>
        <translation>Von %1 gelöst, aber Herunterfahren gescheitert</translation>
    </message>
</context>
<context>
    <name>ui::LogView</name>
    <message>
        <source>Activity since the start</source>
        <translation>Verlauf seit dem Start</translation>
    </message>
</context>
<context>
    <name>ui::NoticeText</name>
    <message>
        <source>%1 plugged in</source>
        <extracomment>%1: what it is (&quot;Keyboard&quot;)</extracomment>
        <translation>%1 eingesteckt</translation>
    </message>
    <message>
        <source>Attached to %1</source>
        <translation>An %1 angehängt</translation>
    </message>
    <message>
        <source>Detached from %1</source>
        <translation>Von %1 gelöst</translation>
    </message>
    <message>
        <source>Removed while attached to %1</source>
        <translation>Abgezogen, während an %1 angehängt</translation>
    </message>
    <message>
        <source>Detach devices before you unplug them, or data may be lost.</source>
        <translation>Geräte vor dem Abziehen lösen, sonst können Daten verloren gehen.</translation>
    </message>
    <message numerus="yes">
        <source>%n USB device(s) plugged in</source>
        <translation>
            <numerusform>%n USB-Gerät eingesteckt</numerusform>
            <numerusform>%n USB-Geräte eingesteckt</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n USB device(s) removed while attached</source>
        <translation>
            <numerusform>%n USB-Gerät abgezogen, während angehängt</numerusform>
            <numerusform>%n USB-Geräte abgezogen, während angehängt</numerusform>
        </translation>
    </message>
    <message>
        <source>No connection to Qubes</source>
        <translation>Keine Verbindung zu Qubes</translation>
    </message>
    <message>
        <source>USB devices are shown as they were seen last.</source>
        <translation>USB-Geräte werden so gezeigt, wie sie zuletzt waren.</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>und %n weiteres</numerusform>
            <numerusform>und %n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Auswählen …</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Restarted itself while attached to %1</source>
        <translation>Hat sich neu gestartet, während an %1 angehängt</translation>
    </message>
    <message>
        <source>It was away for a moment and is not attached any more.</source>
        <translation>Es war einen Moment lang weg und ist nicht mehr angehängt.</translation>
    </message>
</context>
<context>
    <name>ui::QubeChooser</name>
    <message>
        <source>denied by policy: %1</source>
        <translation>durch Richtlinie verboten: %1</translation>
    </message>
    <message>
        <source>denied by policy</source>
        <translation>durch Richtlinie verboten</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>angehalten</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>Search qubes</source>
        <translation>Qubes suchen</translation>
    </message>
    <message>
        <source>Qubes</source>
        <translation>Qubes</translation>
    </message>
    <message>
        <source>Attach</source>
        <translation>Anhängen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Move to another qube</source>
        <translation>In einen anderen Qube verschieben</translation>
    </message>
    <message>
        <source>Attach to a qube</source>
        <translation>An einen Qube anhängen</translation>
    </message>
    <message>
        <source>Move %1 from %2 to:</source>
        <translation>%1 von %2 verschieben nach:</translation>
    </message>
    <message>
        <source>Attach %1 to:</source>
        <translation>%1 anhängen an:</translation>
    </message>
    <message>
        <source>Suggested</source>
        <translation>Vorgeschlagen</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Laufen</translation>
    </message>
    <message>
        <source>New disposable of</source>
        <translation>Neuer Wegwerf-Qube von</translation>
    </message>
    <message>
        <source>Started first</source>
        <translation>Werden zuerst gestartet</translation>
    </message>
    <message>
        <source>Move to a new disposable</source>
        <translation>In neuen Wegwerf-Qube verschieben</translation>
    </message>
    <message>
        <source>Attach to a new disposable</source>
        <translation>An neuen Wegwerf-Qube anhängen</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>Verschieben</translation>
    </message>
    <message>
        <source>Start %1 and move</source>
        <translation>%1 starten und verschieben</translation>
    </message>
    <message>
        <source>Start %1 and attach</source>
        <translation>%1 starten und anhängen</translation>
    </message>
    <message>
        <source>Move to %1</source>
        <translation>Nach %1 verschieben</translation>
    </message>
</context>
<context>
    <name>ui::RulesDialog</name>
    <message>
        <source>Attach automatically</source>
        <translation>Automatisch anhängen</translation>
    </message>
    <message>
        <source>Rules</source>
        <translation>Regeln</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>New rule</source>
        <translation>Neue Regel</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Qube</source>
        <translation>Qube</translation>
    </message>
    <message>
        <source>Which device</source>
        <translation>Welches Gerät</translation>
    </message>
    <message>
        <source>How</source>
        <translation>Wie</translation>
    </message>
    <message>
        <source>Add the rule</source>
        <translation>Regel hinzufügen</translation>
    </message>
    <message>
        <source>Qube:</source>
        <translation>Qube:</translation>
    </message>
    <message>
        <source>Which:</source>
        <translation>Welches:</translation>
    </message>
    <message>
        <source>How:</source>
        <translation>Wie:</translation>
    </message>
    <message>
        <source>Where %1 goes by itself:</source>
        <translation>Wohin %1 von selbst geht:</translation>
    </message>
    <message>
        <source>No rules: it stays where it is until somebody attaches it.</source>
        <translation>Keine Regeln: Es bleibt, wo es ist, bis jemand es anhängt.</translation>
    </message>
    <message>
        <source>This version of Qubes makes a rule only for the qube that has the device: attach it first.</source>
        <translation>Diese Version von Qubes legt eine Regel nur für den Qube an, der das Gerät hat: Bitte zuerst anhängen.</translation>
    </message>
    <message>
        <source>Replace the rules of %1</source>
        <translation>Regeln von %1 ersetzen</translation>
    </message>
</context>
<context>
    <name>ui::SettingsDialog</name>
    <message>
        <source>Settings of the USB applet</source>
        <translation>Einstellungen des USB-Applets</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>A device was plugged in</source>
        <translation>Ein Gerät eingesteckt wurde</translation>
    </message>
    <message>
        <source>A device was attached</source>
        <translation>Ein Gerät angehängt wurde</translation>
    </message>
    <message>
        <source>A device was detached</source>
        <translation>Ein Gerät gelöst wurde</translation>
    </message>
    <message>
        <source>A device was removed while attached</source>
        <translation>Ein angehängtes Gerät abgezogen wurde</translation>
    </message>
    <message>
        <source>Something failed</source>
        <translation>Etwas gescheitert ist</translation>
    </message>
    <message>
        <source>The connection to Qubes was lost</source>
        <translation>Die Verbindung zu Qubes abbrach</translation>
    </message>
    <message>
        <source>Notify when</source>
        <translation>Benachrichtigen, wenn</translation>
    </message>
    <message>
        <source>Behaviour</source>
        <translation>Verhalten</translation>
    </message>
    <message>
        <source>A left click on the icon opens the menu, not the window</source>
        <translation>Ein Linksklick auf das Symbol öffnet das Menü, nicht das Fenster</translation>
    </message>
    <message>
        <source>Ask before an input device, or one of unknown kind, is handed over</source>
        <translation>Rückfragen, bevor ein Eingabegerät oder eines unbekannter Art übergeben wird</translation>
    </message>
    <message>
        <source>Start with the session</source>
        <translation>Mit der Sitzung starten</translation>
    </message>
    <message>
        <source>Progress of what takes long</source>
        <translation>Fortschritt, wenn etwas lange dauert</translation>
    </message>
</context>
<context>
    <name>ui::TrayIcon</name>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n weiteres</numerusform>
            <numerusform>%n weitere</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n USB device(s), none attached</source>
        <translation>
            <numerusform>%n USB-Gerät, nicht angehängt</numerusform>
            <numerusform>%n USB-Geräte, keines angehängt</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ui::Wording</name>
    <message>
        <source>Network adapter</source>
        <translation>Netzwerkadapter</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Tastatur</translation>
    </message>
    <message>
        <source>Mouse</source>
        <translation>Maus</translation>
    </message>
    <message>
        <source>Input device</source>
        <translation>Eingabegerät</translation>
    </message>
    <message>
        <source>Printer</source>
        <translation>Drucker</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Audio device</source>
        <translation>Audiogerät</translation>
    </message>
    <message>
        <source>Multimedia device</source>
        <translation>Multimediagerät</translation>
    </message>
    <message>
        <source>USB storage</source>
        <translation>USB-Speicher</translation>
    </message>
    <message>
        <source>Bluetooth adapter</source>
        <translation>Bluetooth-Adapter</translation>
    </message>
    <message>
        <source>USB device</source>
        <translation>USB-Gerät</translation>
    </message>
    <message>
        <source>%1 at port %2</source>
        <extracomment>%1: what it is (&quot;Keyboard&quot;), %2: the port</extracomment>
        <translation>%1 an Anschluss %2</translation>
    </message>
    <message>
        <source>not attached</source>
        <translation>nicht angehängt</translation>
    </message>
    <message>
        <source>attaching to %1…</source>
        <translation>wird an %1 angehängt …</translation>
    </message>
    <message>
        <source>attaching…</source>
        <translation>wird angehängt …</translation>
    </message>
    <message>
        <source>attached to %1</source>
        <translation>an %1 angehängt</translation>
    </message>
    <message>
        <source>detaching from %1…</source>
        <translation>wird von %1 gelöst …</translation>
    </message>
    <message>
        <source>moving to %1…</source>
        <translation>wird nach %1 verschoben …</translation>
    </message>
    <message>
        <source>failed; attached to %1</source>
        <translation>gescheitert; an %1 angehängt</translation>
    </message>
    <message>
        <source>failed; not attached</source>
        <translation>gescheitert; nicht angehängt</translation>
    </message>
    <message>
        <source>Waiting…</source>
        <translation>Warten …</translation>
    </message>
    <message>
        <source>Creating a disposable…</source>
        <translation>Wegwerf-Qube wird angelegt …</translation>
    </message>
    <message>
        <source>Starting %1…</source>
        <translation>%1 wird gestartet …</translation>
    </message>
    <message>
        <source>Detaching from %1…</source>
        <translation>Wird von %1 gelöst …</translation>
    </message>
    <message>
        <source>Attaching to %1…</source>
        <translation>Wird an %1 angehängt …</translation>
    </message>
    <message>
        <source>Giving back to %1…</source>
        <translation>Wird an %1 zurückgegeben …</translation>
    </message>
    <message>
        <source>Removing the disposable…</source>
        <translation>Wegwerf-Qube wird entfernt …</translation>
    </message>
    <message>
        <source>Shutting down %1…</source>
        <translation>%1 wird heruntergefahren …</translation>
    </message>
    <message>
        <source>Changing the rule…</source>
        <translation>Regel wird geändert …</translation>
    </message>
    <message>
        <source>Connecting to Qubes…</source>
        <translation>Verbindung zu Qubes wird aufgebaut …</translation>
    </message>
    <message>
        <source>Connected to Qubes</source>
        <translation>Mit Qubes verbunden</translation>
    </message>
    <message>
        <source>Policy allows no events: changes are seen late</source>
        <translation>Die Richtlinie erlaubt keine Ereignisse: Änderungen erscheinen verspätet</translation>
    </message>
    <message>
        <source>No connection to Qubes; trying again</source>
        <translation>Keine Verbindung zu Qubes; neuer Versuch läuft</translation>
    </message>
    <message>
        <source>Input device: the qube that gets it can read and forge what you type or click with it.</source>
        <translation>Eingabegerät: Der Qube, der es bekommt, kann damit Getipptes und Geklicktes mitlesen und fälschen.</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>by hand</source>
        <translation>von Hand</translation>
    </message>
    <message>
        <source>automatically</source>
        <translation>automatisch</translation>
    </message>
    <message>
        <source>required to start</source>
        <translation>zum Start erforderlich</translation>
    </message>
    <message>
        <source>whenever the qube starts</source>
        <translation>bei jedem Start des Qubes</translation>
    </message>
    <message>
        <source>this device at this port</source>
        <translation>dieses Gerät an diesem Anschluss</translation>
    </message>
    <message>
        <source>any device at this port</source>
        <translation>jedes Gerät an diesem Anschluss</translation>
    </message>
    <message>
        <source>this device at any port</source>
        <translation>dieses Gerät an jedem Anschluss</translation>
    </message>
    <message>
        <source>any device of the backend</source>
        <translation>jedes Gerät des Backends</translation>
    </message>
    <message>
        <source>%1: %2, %3</source>
        <extracomment>%1: qube, %2: how (&quot;automatically&quot;), %3: which (&quot;any device at this port&quot;)</extracomment>
        <translation>%1: %2, %3</translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n weitere</numerusform>
            <numerusform>%n weitere</numerusform>
        </translation>
    </message>
    <message>
        <source>moving…</source>
        <translation>wird verschoben …</translation>
    </message>
    <message>
        <source>Qubes does not say what this device is. If it is a keyboard or a mouse, the qube that gets it can read and forge what you type or click with it.</source>
        <translation>Qubes sagt nicht, was für ein Gerät das ist. Ist es eine Tastatur oder eine Maus, kann der Qube, der es bekommt, damit Getipptes und Geklicktes mitlesen und fälschen.</translation>
    </message>
    <message numerus="yes">
        <source>%n device(s) cannot be read</source>
        <translation>
            <numerusform>%n Gerät ist nicht lesbar</numerusform>
            <numerusform>%n Geräte sind nicht lesbar</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more device(s), not shown</source>
        <translation>
            <numerusform>%n weiteres Gerät, nicht gezeigt</numerusform>
            <numerusform>%n weitere Geräte, nicht gezeigt</numerusform>
        </translation>
    </message>
    <message>
        <source>Smart card or security key</source>
        <translation>Chipkarte oder Sicherheitsschlüssel</translation>
    </message>
    <message>
        <source>Serial port</source>
        <translation>Serielle Schnittstelle</translation>
    </message>
    <message>
        <source>Phone</source>
        <translation>Telefon</translation>
    </message>
    <message>
        <source>Unmount it in %1 first</source>
        <translation>Zuerst in %1 aushängen</translation>
    </message>
    <message>
        <source>ask first</source>
        <translation>vorher fragen</translation>
    </message>
    <message>
        <source>Attach to %1</source>
        <translation>An %1 anhängen</translation>
    </message>
    <message>
        <source>Detach</source>
        <translation>Lösen</translation>
    </message>
    <message>
        <source>Stop waiting</source>
        <translation>Nicht länger warten</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Nochmals versuchen</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Ausblenden</translation>
    </message>
    <message>
        <source>Details…</source>
        <translation>Details …</translation>
    </message>
    <message>
        <source>new</source>
        <extracomment>the mark of a device that was plugged in and not looked at yet</extracomment>
        <translation>neu</translation>
    </message>
</context>
</TS>
