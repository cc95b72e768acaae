<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="pl_PL" sourcelanguage="en_US">
<context>
    <name>ui::AboutDialog</name>
    <message>
        <source>About the USB applet</source>
        <translation>O aplecie USB</translation>
    </message>
    <message>
        <source>Qubes USB applet %1</source>
        <translation>Aplet USB Qubes %1</translation>
    </message>
    <message>
        <source>Shows the USB devices of all qubes, and attaches and detaches them.</source>
        <translation>Pokazuje urządzenia USB wszystkich qube’ów, podłącza je i odłącza.</translation>
    </message>
    <message>
        <source>Connection: %1</source>
        <translation>Połączenie: %1</translation>
    </message>
    <message>
        <source>Device API: %1</source>
        <translation>API urządzeń: %1</translation>
    </message>
    <message>
        <source>Qt: %1</source>
        <translation>Qt: %1</translation>
    </message>
    <message>
        <source>Free software under the GNU General Public License, version 2 or later.</source>
        <translation>Wolne oprogramowanie na licencji GNU General Public License, w wersji 2 lub nowszej.</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Zamknij</translation>
    </message>
</context>
<context>
    <name>ui::ActivityLog</name>
    <message>
        <source>%1 plugged in</source>
        <translation>%1: podłączono do komputera</translation>
    </message>
    <message>
        <source>%1 removed while attached to %2</source>
        <translation>%1: wyjęto, choć było podłączone do %2</translation>
    </message>
    <message>
        <source>%1 removed</source>
        <translation>%1: wyjęto</translation>
    </message>
    <message>
        <source>%1 attached to %2</source>
        <translation>%1: podłączono do %2</translation>
    </message>
    <message>
        <source>%1 detached from %2</source>
        <translation>%1: odłączono od %2</translation>
    </message>
</context>
<context>
    <name>ui::AppletMenu</name>
    <message>
        <source>No USB devices</source>
        <translation>Brak urządzeń USB</translation>
    </message>
    <message>
        <source>Show window</source>
        <translation>Pokaż okno</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Ustawienia…</translation>
    </message>
    <message>
        <source>About</source>
        <translation>O programie</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Zakończ</translation>
    </message>
    <message>
        <source>Detach all from</source>
        <translation>Odłącz wszystkie od</translation>
    </message>
    <message>
        <source>All qubes</source>
        <translation>Wszystkich qube’ów</translation>
    </message>
</context>
<context>
    <name>ui::AppletWindow</name>
    <message>
        <source>USB devices</source>
        <translation>Urządzenia USB</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Więcej</translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation>Kopiuj szczegóły</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Ustawienia…</translation>
    </message>
    <message>
        <source>About</source>
        <translation>O programie</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Zakończ</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Szukaj</translation>
    </message>
    <message>
        <source>Search devices</source>
        <translation>Szukaj urządzeń</translation>
    </message>
    <message>
        <source>No USB devices</source>
        <translation>Brak urządzeń USB</translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation>Nic nie znaleziono</translation>
    </message>
    <message>
        <source>Refresh</source>
        <translation>Odśwież</translation>
    </message>
    <message>
        <source>Activity</source>
        <translation>Aktywność</translation>
    </message>
</context>
<context>
    <name>ui::BackendSection</name>
    <message>
        <source>Start %1 to list its devices</source>
        <translation>Uruchom %1, aby zobaczyć urządzenia</translation>
    </message>
    <message>
        <source>%1 (reading…)</source>
        <translation>%1 (odczytywanie…)</translation>
    </message>
    <message>
        <source>%1 (not running)</source>
        <translation>%1 (nie działa)</translation>
    </message>
    <message>
        <source>%1 (cannot be read)</source>
        <translation>%1 (nie można odczytać)</translation>
    </message>
    <message>
        <source>No USB devices</source>
        <translation>Brak urządzeń USB</translation>
    </message>
</context>
<context>
    <name>ui::CommandLine</name>
    <message>
        <source>Not understood: %1. Try --help.</source>
        <translation>Niezrozumiałe: %1. Zobacz --help.</translation>
    </message>
    <message>
        <source>Usage: qubes-usb-applet [OPTION…]</source>
        <translation>Użycie: qubes-usb-applet [OPCJA…]</translation>
    </message>
    <message>
        <source>Shows the USB devices of all qubes in the tray, and attaches and detaches them.</source>
        <translation>Pokazuje w zasobniku urządzenia USB wszystkich qube’ów, podłącza je i odłącza.</translation>
    </message>
    <message>
        <source>show the window</source>
        <translation>pokaż okno</translation>
    </message>
    <message>
        <source>if it runs already, do not show its window</source>
        <translation>jeśli już działa, nie pokazuj okna</translation>
    </message>
    <message>
        <source>how to reach Qubes: qubesd (in dom0) or qrexec (in a GUI domain)</source>
        <translation>droga do Qubes: qubesd (w dom0) lub qrexec (w domenie graficznej)</translation>
    </message>
    <message>
        <source>qubesd&apos;s socket</source>
        <translation>gniazdo qubesd</translation>
    </message>
    <message>
        <source>the program that makes calls over qrexec</source>
        <translation>program wykonujący wywołania przez qrexec</translation>
    </message>
    <message>
        <source>show the version</source>
        <translation>pokaż wersję</translation>
    </message>
    <message>
        <source>show this text</source>
        <translation>pokaż ten tekst</translation>
    </message>
</context>
<context>
    <name>ui::Confirmation</name>
    <message>
        <source>Hand over an input device?</source>
        <translation>Przekazać urządzenie wejściowe?</translation>
    </message>
    <message>
        <source>Attach %1 to a new disposable of %2?</source>
        <translation>Podłączyć %1 do nowego qube’a jednorazowego z %2?</translation>
    </message>
    <message>
        <source>Attach %1 to %2?</source>
        <translation>Podłączyć %1 do %2?</translation>
    </message>
    <message>
        <source>Attach</source>
        <translation>Podłącz</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Anuluj</translation>
    </message>
    <message>
        <source>Hand over an unknown device?</source>
        <translation>Przekazać nieznane urządzenie?</translation>
    </message>
    <message>
        <source>Attach %1 to %2 automatically from now on?</source>
        <translation>Podłączać odtąd %1 automatycznie do %2?</translation>
    </message>
    <message>
        <source>Make the rule</source>
        <translation>Utwórz regułę</translation>
    </message>
</context>
<context>
    <name>ui::DetailsPane</name>
    <message>
        <source>Choose a device to see its details.</source>
        <translation>Wybierz urządzenie, aby zobaczyć szczegóły.</translation>
    </message>
    <message>
        <source>State:</source>
        <translation>Stan:</translation>
    </message>
    <message>
        <source>Failure:</source>
        <translation>Błąd:</translation>
    </message>
    <message>
        <source>Warning:</source>
        <translation>Ostrzeżenie:</translation>
    </message>
    <message>
        <source>USB ID:</source>
        <translation>Identyfikator USB:</translation>
    </message>
    <message>
        <source>Serial number:</source>
        <translation>Numer seryjny:</translation>
    </message>
    <message>
        <source>Interfaces:</source>
        <translation>Interfejsy:</translation>
    </message>
    <message>
        <source>Automatic:</source>
        <translation>Automatycznie:</translation>
    </message>
    <message>
        <source>Before detaching:</source>
        <translation>Przed odłączeniem:</translation>
    </message>
    <message>
        <source>Port:</source>
        <translation>Port:</translation>
    </message>
    <message>
        <source>Automatic…</source>
        <translation>Automatycznie…</translation>
    </message>
    <message>
        <source>Move to…</source>
        <translation>Przenieś do…</translation>
    </message>
    <message>
        <source>Attach to…</source>
        <translation>Podłącz do…</translation>
    </message>
</context>
<context>
    <name>ui::DeviceActions</name>
    <message>
        <source>Detach from %1</source>
        <translation>Odłącz od %1</translation>
    </message>
    <message>
        <source>Detach and shut down %1</source>
        <translation>Odłącz i wyłącz %1</translation>
    </message>
    <message>
        <source>Move to</source>
        <translation>Przenieś do</translation>
    </message>
    <message>
        <source>Attach to</source>
        <translation>Podłącz do</translation>
    </message>
    <message>
        <source>Whoever gets it can read and forge your input</source>
        <translation>Kto je dostanie, może czytać i fałszować to, co wpisujesz</translation>
    </message>
    <message>
        <source>All qubes…</source>
        <translation>Wszystkie qube’y…</translation>
    </message>
    <message>
        <source>Attach automatically…</source>
        <translation>Podłączaj automatycznie…</translation>
    </message>
    <message>
        <source>%1, after starting it</source>
        <translation>%1, po uruchomieniu</translation>
    </message>
    <message>
        <source>New disposable of %1</source>
        <translation>Nowy qube jednorazowy z %1</translation>
    </message>
    <message>
        <source>No other running qube can have it</source>
        <translation>Żaden inny uruchomiony qube nie może go dostać</translation>
    </message>
</context>
<context>
    <name>ui::DeviceList</name>
    <message>
        <source>USB devices</source>
        <translation>Urządzenia USB</translation>
    </message>
</context>
<context>
    <name>ui::DeviceMenu</name>
    <message>
        <source>Choose a qube…</source>
        <translation>Wybierz qube…</translation>
    </message>
</context>
<context>
    <name>ui::DeviceRows</name>
    <message>
        <source>reading…</source>
        <translation>odczytywanie…</translation>
    </message>
    <message>
        <source>not running</source>
        <translation>nie działa</translation>
    </message>
    <message>
        <source>no USB devices</source>
        <translation>brak urządzeń USB</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Uruchom</translation>
    </message>
    <message>
        <source>Attach…</source>
        <translation>Podłącz…</translation>
    </message>
</context>
<context>
    <name>ui::FailureText</name>
    <message>
        <source>Policy does not allow it.</source>
        <translation>Reguły na to nie pozwalają.</translation>
    </message>
    <message>
        <source>The qube&apos;s list of denied devices covers it.</source>
        <translation>Obejmuje je lista zabronionych urządzeń tego qube’a.</translation>
    </message>
    <message>
        <source>Qubes cannot be reached.</source>
        <translation>Nie można połączyć się z Qubes.</translation>
    </message>
    <message>
        <source>There was no answer in time. It may still happen.</source>
        <translation>Nie było odpowiedzi na czas. Może to jeszcze nastąpić.</translation>
    </message>
    <message>
        <source>Qubes refused without a reason. The log of qubesd in dom0 may have one.</source>
        <translation>Qubes odmówił bez podania przyczyny. Może ją zawierać dziennik qubesd w dom0.</translation>
    </message>
    <message>
        <source>The answer makes no sense.</source>
        <translation>Odpowiedź nie ma sensu.</translation>
    </message>
    <message>
        <source>Something else is being done with this device. Try again when that has ended.</source>
        <translation>Trwa inna operacja na tym urządzeniu. Spróbuj ponownie, gdy się skończy.</translation>
    </message>
    <message>
        <source>There is no such qube any more.</source>
        <translation>Tego qube’a już nie ma.</translation>
    </message>
    <message>
        <source>The qube is not running. Start it first.</source>
        <translation>Qube nie działa. Najpierw go uruchom.</translation>
    </message>
    <message>
        <source>The qube is paused. Unpause it first.</source>
        <translation>Qube jest wstrzymany. Najpierw go wznów.</translation>
    </message>
    <message>
        <source>That is only possible while the qube is shut down.</source>
        <translation>To możliwe tylko przy wyłączonym qubie.</translation>
    </message>
    <message>
        <source>The device is not there any more.</source>
        <translation>Urządzenia już nie ma.</translation>
    </message>
    <message>
        <source>Another device is at that port now.</source>
        <translation>W tym porcie jest teraz inne urządzenie.</translation>
    </message>
    <message>
        <source>Another device is at that port now: %1.</source>
        <extracomment>%1: the device&apos;s name</extracomment>
        <translation>W tym porcie jest teraz inne urządzenie: %1.</translation>
    </message>
    <message>
        <source>The device is attached already.</source>
        <translation>Urządzenie jest już podłączone.</translation>
    </message>
    <message>
        <source>The device is not attached.</source>
        <translation>Urządzenie nie jest podłączone.</translation>
    </message>
    <message>
        <source>There is such a rule already.</source>
        <translation>Taka reguła już istnieje.</translation>
    </message>
    <message>
        <source>There is no such rule.</source>
        <translation>Nie ma takiej reguły.</translation>
    </message>
    <message>
        <source>The qube that is to get the device lacks qubes-usb-engine (or qubes-usb-proxy). Install it in its template and restart the qube.</source>
        <translation>W qubie, który ma otrzymać urządzenie, brakuje qubes-usb-engine (lub qubes-usb-proxy). Zainstaluj go w jego szablonie i uruchom qube ponownie.</translation>
    </message>
    <message>
        <source>The two qubes could not hand over the device.</source>
        <translation>Oba qube’y nie zdołały przekazać urządzenia.</translation>
    </message>
    <message>
        <source>That qube also has a device of another backend with the same port, and Qubes might detach that one instead. Detach the other one first.</source>
        <translation>Ten qube ma też urządzenie z innego backendu o tym samym porcie i Qubes mógłby odłączyć tamto. Najpierw odłącz tamto urządzenie.</translation>
    </message>
    <message>
        <source>Qubes reported success, but nothing changed.</source>
        <translation>Qubes zgłosił powodzenie, ale nic się nie zmieniło.</translation>
    </message>
    <message>
        <source>This release of Qubes cannot do that with this device.</source>
        <translation>To wydanie Qubes nie potrafi tego z tym urządzeniem.</translation>
    </message>
    <message>
        <source>The qube does not have that feature.</source>
        <translation>Qube nie ma tej funkcji.</translation>
    </message>
    <message>
        <source>That is not possible with this device and qube.</source>
        <translation>To niemożliwe z tym urządzeniem i tym qubem.</translation>
    </message>
    <message>
        <source>The reason is not known.</source>
        <translation>Przyczyna nie jest znana.</translation>
    </message>
    <message>
        <source>Qubes says: %1</source>
        <extracomment>%1: words of another program, in English</extracomment>
        <translation>Qubes podaje: %1</translation>
    </message>
    <message>
        <source>Could not attach to %1</source>
        <translation>Nie udało się podłączyć do %1</translation>
    </message>
    <message>
        <source>Could not attach to a new disposable</source>
        <translation>Nie udało się podłączyć do nowego qube’a jednorazowego</translation>
    </message>
    <message>
        <source>Could not detach</source>
        <translation>Nie udało się odłączyć</translation>
    </message>
    <message>
        <source>Could not detach from %1</source>
        <translation>Nie udało się odłączyć od %1</translation>
    </message>
    <message>
        <source>Could not move to %1</source>
        <translation>Nie udało się przenieść do %1</translation>
    </message>
    <message>
        <source>Could not change the rule for %1</source>
        <translation>Nie udało się zmienić reguły dla %1</translation>
    </message>
    <message>
        <source>Could not start %1</source>
        <translation>Nie udało się uruchomić %1</translation>
    </message>
    <message>
        <source>It was given back to %1.</source>
        <translation>Zwrócono je do %1.</translation>
    </message>
    <message>
        <source>It could not be given back to %1 and is not attached now. %2</source>
        <translation>Nie udało się zwrócić go do %1 i nie jest teraz podłączone. %2</translation>
    </message>
    <message>
        <source>The new disposable %1 was removed again.</source>
        <translation>Nowy qube jednorazowy %1 został usunięty.</translation>
    </message>
    <message>
        <source>The new disposable %1 could not be removed. %2</source>
        <translation>Nie udało się usunąć nowego qube’a jednorazowego %1. %2</translation>
    </message>
    <message>
        <source>A rule gives the device to the qube for as long as it runs. Remove the rule first.</source>
        <translation>Reguła przydziela urządzenie temu qube’owi, dopóki działa. Najpierw usuń regułę.</translation>
    </message>
    <message>
        <source>The connection to Qubes was lost before it answered. Try again if the device is not where you want it.</source>
        <translation>Połączenie z Qubes zostało utracone przed odpowiedzią. Spróbuj ponownie, jeśli urządzenie nie jest tam, gdzie ma być.</translation>
    </message>
    <message>
        <source>Cancelled.</source>
        <translation>Anulowano.</translation>
    </message>
    <message>
        <source>Qubes cannot be reached (%1).</source>
        <extracomment>%1: words of the system (&quot;Connection refused&quot;), in English</extracomment>
        <translation>Brak dostępu do Qubes (%1).</translation>
    </message>
    <message>
        <source>Detached from %1, but could not shut it down</source>
        <translation>Odłączono od %1, ale nie udało się go wyłączyć</translation>
    </message>
</context>
<context>
    <name>ui::LogView</name>
    <message>
        <source>Activity since the start</source>
        <translation>Aktywność od uruchomienia</translation>
    </message>
</context>
<context>
    <name>ui::NoticeText</name>
    <message>
        <source>%1 plugged in</source>
        <extracomment>%1: what it is (&quot;Keyboard&quot;)</extracomment>
        <translation>%1: podłączono do komputera</translation>
    </message>
    <message>
        <source>Attached to %1</source>
        <translation>Podłączono do %1</translation>
    </message>
    <message>
        <source>Detached from %1</source>
        <translation>Odłączono od %1</translation>
    </message>
    <message>
        <source>Removed while attached to %1</source>
        <translation>Wyjęto, choć było podłączone do %1</translation>
    </message>
    <message>
        <source>Detach devices before you unplug them, or data may be lost.</source>
        <translation>Odłączaj urządzenia przed wyjęciem, inaczej możesz stracić dane.</translation>
    </message>
    <message numerus="yes">
        <source>%n USB device(s) plugged in</source>
        <translation>
            <numerusform>%n nowe urządzenie USB</numerusform>
            <numerusform>%n nowe urządzenia USB</numerusform>
            <numerusform>%n nowych urządzeń USB</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n USB device(s) removed while attached</source>
        <translation>
            <numerusform>Wyjęto %n podłączone urządzenie USB</numerusform>
            <numerusform>Wyjęto %n podłączone urządzenia USB</numerusform>
            <numerusform>Wyjęto %n podłączonych urządzeń USB</numerusform>
        </translation>
    </message>
    <message>
        <source>No connection to Qubes</source>
        <translation>Brak połączenia z Qubes</translation>
    </message>
    <message>
        <source>USB devices are shown as they were seen last.</source>
        <translation>Urządzenia USB pokazano według ostatniego znanego stanu.</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>i jeszcze %n</numerusform>
            <numerusform>i jeszcze %n</numerusform>
            <numerusform>i jeszcze %n</numerusform>
        </translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wybierz…</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Szczegóły</translation>
    </message>
    <message>
        <source>Restarted itself while attached to %1</source>
        <translation>Uruchomiło się ponownie, gdy było podłączone do %1</translation>
    </message>
    <message>
        <source>It was away for a moment and is not attached any more.</source>
        <translation>Zniknęło na chwilę i nie jest już podłączone.</translation>
    </message>
</context>
<context>
    <name>ui::QubeChooser</name>
    <message>
        <source>denied by policy: %1</source>
        <translation>zabronione przez reguły: %1</translation>
    </message>
    <message>
        <source>denied by policy</source>
        <translation>zabronione przez reguły</translation>
    </message>
    <message>
        <source>paused</source>
        <translation>wstrzymany</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Szukaj</translation>
    </message>
    <message>
        <source>Search qubes</source>
        <translation>Szukaj qube’ów</translation>
    </message>
    <message>
        <source>Qubes</source>
        <translation>Qube’y</translation>
    </message>
    <message>
        <source>Attach</source>
        <translation>Podłącz</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Anuluj</translation>
    </message>
    <message>
        <source>Move to another qube</source>
        <translation>Przenieś do innego qube’a</translation>
    </message>
    <message>
        <source>Attach to a qube</source>
        <translation>Podłącz do qube’a</translation>
    </message>
    <message>
        <source>Move %1 from %2 to:</source>
        <translation>Przenieś %1 z %2 do:</translation>
    </message>
    <message>
        <source>Attach %1 to:</source>
        <translation>Podłącz %1 do:</translation>
    </message>
    <message>
        <source>Suggested</source>
        <translation>Proponowane</translation>
    </message>
    <message>
        <source>Running</source>
        <translation>Uruchomione</translation>
    </message>
    <message>
        <source>New disposable of</source>
        <translation>Nowy qube jednorazowy z</translation>
    </message>
    <message>
        <source>Started first</source>
        <translation>Zostaną najpierw uruchomione</translation>
    </message>
    <message>
        <source>Move to a new disposable</source>
        <translation>Przenieś do nowego qube’a jednorazowego</translation>
    </message>
    <message>
        <source>Attach to a new disposable</source>
        <translation>Podłącz do nowego qube’a jednorazowego</translation>
    </message>
    <message>
        <source>Move</source>
        <translation>Przenieś</translation>
    </message>
    <message>
        <source>Start %1 and move</source>
        <translation>Uruchom %1 i przenieś</translation>
    </message>
    <message>
        <source>Start %1 and attach</source>
        <translation>Uruchom %1 i podłącz</translation>
    </message>
    <message>
        <source>Move to %1</source>
        <translation>Przenieś do %1</translation>
    </message>
</context>
<context>
    <name>ui::RulesDialog</name>
    <message>
        <source>Attach automatically</source>
        <translation>Podłączaj automatycznie</translation>
    </message>
    <message>
        <source>Rules</source>
        <translation>Reguły</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Usuń</translation>
    </message>
    <message>
        <source>New rule</source>
        <translation>Nowa reguła</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Zamknij</translation>
    </message>
    <message>
        <source>Qube</source>
        <translation>Qube</translation>
    </message>
    <message>
        <source>Which device</source>
        <translation>Które urządzenie</translation>
    </message>
    <message>
        <source>How</source>
        <translation>Jak</translation>
    </message>
    <message>
        <source>Add the rule</source>
        <translation>Dodaj regułę</translation>
    </message>
    <message>
        <source>Qube:</source>
        <translation>Qube:</translation>
    </message>
    <message>
        <source>Which:</source>
        <translation>Które:</translation>
    </message>
    <message>
        <source>How:</source>
        <translation>Jak:</translation>
    </message>
    <message>
        <source>Where %1 goes by itself:</source>
        <translation>Dokąd trafia samo %1:</translation>
    </message>
    <message>
        <source>No rules: it stays where it is until somebody attaches it.</source>
        <translation>Brak reguł: zostaje tam, gdzie jest, dopóki ktoś go nie podłączy.</translation>
    </message>
    <message>
        <source>This version of Qubes makes a rule only for the qube that has the device: attach it first.</source>
        <translation>Ta wersja Qubes tworzy regułę tylko dla qube’a, który ma urządzenie: najpierw je podłącz.</translation>
    </message>
    <message>
        <source>Replace the rules of %1</source>
        <translation>Zastąp reguły qube’a %1</translation>
    </message>
</context>
<context>
    <name>ui::SettingsDialog</name>
    <message>
        <source>Settings of the USB applet</source>
        <translation>Ustawienia apletu USB</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Zamknij</translation>
    </message>
    <message>
        <source>A device was plugged in</source>
        <translation>Nowe urządzenie w porcie USB</translation>
    </message>
    <message>
        <source>A device was attached</source>
        <translation>Podłączono urządzenie do qube’a</translation>
    </message>
    <message>
        <source>A device was detached</source>
        <translation>Odłączono urządzenie od qube’a</translation>
    </message>
    <message>
        <source>A device was removed while attached</source>
        <translation>Wyjęto podłączone urządzenie</translation>
    </message>
    <message>
        <source>Something failed</source>
        <translation>Coś się nie udało</translation>
    </message>
    <message>
        <source>The connection to Qubes was lost</source>
        <translation>Utracono połączenie z Qubes</translation>
    </message>
    <message>
        <source>Notify when</source>
        <translation>Powiadamiaj, gdy</translation>
    </message>
    <message>
        <source>Behaviour</source>
        <translation>Zachowanie</translation>
    </message>
    <message>
        <source>A left click on the icon opens the menu, not the window</source>
        <translation>Kliknięcie ikony lewym przyciskiem otwiera menu, a nie okno</translation>
    </message>
    <message>
        <source>Ask before an input device, or one of unknown kind, is handed over</source>
        <translation>Pytaj przed przekazaniem urządzenia wejściowego lub nieznanego rodzaju</translation>
    </message>
    <message>
        <source>Start with the session</source>
        <translation>Uruchamiaj wraz z sesją</translation>
    </message>
    <message>
        <source>Progress of what takes long</source>
        <translation>Postęp tego, co trwa długo</translation>
    </message>
</context>
<context>
    <name>ui::TrayIcon</name>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>jeszcze %n</numerusform>
            <numerusform>jeszcze %n</numerusform>
            <numerusform>jeszcze %n</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n USB device(s), none attached</source>
        <translation>
            <numerusform>%n urządzenie USB, niepodłączone</numerusform>
            <numerusform>%n urządzenia USB, żadne niepodłączone</numerusform>
            <numerusform>%n urządzeń USB, żadne niepodłączone</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ui::Wording</name>
    <message>
        <source>Network adapter</source>
        <translation>Karta sieciowa</translation>
    </message>
    <message>
        <source>Keyboard</source>
        <translation>Klawiatura</translation>
    </message>
    <message>
        <source>Mouse</source>
        <translation>Mysz</translation>
    </message>
    <message>
        <source>Input device</source>
        <translation>Urządzenie wejściowe</translation>
    </message>
    <message>
        <source>Printer</source>
        <translation>Drukarka</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Audio device</source>
        <translation>Urządzenie audio</translation>
    </message>
    <message>
        <source>Multimedia device</source>
        <translation>Urządzenie multimedialne</translation>
    </message>
    <message>
        <source>USB storage</source>
        <translation>Pamięć USB</translation>
    </message>
    <message>
        <source>Bluetooth adapter</source>
        <translation>Adapter Bluetooth</translation>
    </message>
    <message>
        <source>USB device</source>
        <translation>Urządzenie USB</translation>
    </message>
    <message>
        <source>%1 at port %2</source>
        <extracomment>%1: what it is (&quot;Keyboard&quot;), %2: the port</extracomment>
        <translation>%1 w porcie %2</translation>
    </message>
    <message>
        <source>not attached</source>
        <translation>niepodłączone</translation>
    </message>
    <message>
        <source>attaching to %1…</source>
        <translation>podłączanie do %1…</translation>
    </message>
    <message>
        <source>attaching…</source>
        <translation>podłączanie…</translation>
    </message>
    <message>
        <source>attached to %1</source>
        <translation>podłączone do %1</translation>
    </message>
    <message>
        <source>detaching from %1…</source>
        <translation>odłączanie od %1…</translation>
    </message>
    <message>
        <source>moving to %1…</source>
        <translation>przenoszenie do %1…</translation>
    </message>
    <message>
        <source>failed; attached to %1</source>
        <translation>nie udało się; podłączone do %1</translation>
    </message>
    <message>
        <source>failed; not attached</source>
        <translation>nie udało się; niepodłączone</translation>
    </message>
    <message>
        <source>Waiting…</source>
        <translation>Oczekiwanie…</translation>
    </message>
    <message>
        <source>Creating a disposable…</source>
        <translation>Tworzenie qube’a jednorazowego…</translation>
    </message>
    <message>
        <source>Starting %1…</source>
        <translation>Uruchamianie %1…</translation>
    </message>
    <message>
        <source>Detaching from %1…</source>
        <translation>Odłączanie od %1…</translation>
    </message>
    <message>
        <source>Attaching to %1…</source>
        <translation>Podłączanie do %1…</translation>
    </message>
    <message>
        <source>Giving back to %1…</source>
        <translation>Zwracanie do %1…</translation>
    </message>
    <message>
        <source>Removing the disposable…</source>
        <translation>Usuwanie qube’a jednorazowego…</translation>
    </message>
    <message>
        <source>Shutting down %1…</source>
        <translation>Wyłączanie %1…</translation>
    </message>
    <message>
        <source>Changing the rule…</source>
        <translation>Zmienianie reguły…</translation>
    </message>
    <message>
        <source>Connecting to Qubes…</source>
        <translation>Łączenie z Qubes…</translation>
    </message>
    <message>
        <source>Connected to Qubes</source>
        <translation>Połączono z Qubes</translation>
    </message>
    <message>
        <source>Policy allows no events: changes are seen late</source>
        <translation>Reguły nie pozwalają na zdarzenia: zmiany są widoczne z opóźnieniem</translation>
    </message>
    <message>
        <source>No connection to Qubes; trying again</source>
        <translation>Brak połączenia z Qubes; trwa ponawianie</translation>
    </message>
    <message>
        <source>Input device: the qube that gets it can read and forge what you type or click with it.</source>
        <translation>Urządzenie wejściowe: qube, który je otrzyma, może odczytywać i fałszować to, co nim wpisujesz lub klikasz.</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>nieznany</translation>
    </message>
    <message>
        <source>by hand</source>
        <translation>ręcznie</translation>
    </message>
    <message>
        <source>automatically</source>
        <translation>automatycznie</translation>
    </message>
    <message>
        <source>required to start</source>
        <translation>wymagane do uruchomienia</translation>
    </message>
    <message>
        <source>whenever the qube starts</source>
        <translation>przy każdym uruchomieniu qube’a</translation>
    </message>
    <message>
        <source>this device at this port</source>
        <translation>to urządzenie w tym porcie</translation>
    </message>
    <message>
        <source>any device at this port</source>
        <translation>dowolne urządzenie w tym porcie</translation>
    </message>
    <message>
        <source>this device at any port</source>
        <translation>to urządzenie w dowolnym porcie</translation>
    </message>
    <message>
        <source>any device of the backend</source>
        <translation>dowolne urządzenie backendu</translation>
    </message>
    <message>
        <source>%1: %2, %3</source>
        <extracomment>%1: qube, %2: how (&quot;automatically&quot;), %3: which (&quot;any device at this port&quot;)</extracomment>
        <translation>%1: %2, %3</translation>
    </message>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>jeszcze %n</numerusform>
            <numerusform>jeszcze %n</numerusform>
            <numerusform>jeszcze %n</numerusform>
        </translation>
    </message>
    <message>
        <source>moving…</source>
        <translation>przenoszenie…</translation>
    </message>
    <message>
        <source>Qubes does not say what this device is. If it is a keyboard or a mouse, the qube that gets it can read and forge what you type or click with it.</source>
        <translation>Qubes nie podaje, czym jest to urządzenie. Jeśli to klawiatura lub mysz, qube, który je otrzyma, może odczytywać i fałszować to, co nimi wpisujesz lub klikasz.</translation>
    </message>
    <message numerus="yes">
        <source>%n device(s) cannot be read</source>
        <translation>
            <numerusform>Nie można odczytać %n urządzenia</numerusform>
            <numerusform>Nie można odczytać %n urządzeń</numerusform>
            <numerusform>Nie można odczytać %n urządzeń</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more device(s), not shown</source>
        <translation>
            <numerusform>jeszcze %n urządzenie, niepokazane</numerusform>
            <numerusform>jeszcze %n urządzenia, niepokazane</numerusform>
            <numerusform>jeszcze %n urządzeń, niepokazanych</numerusform>
        </translation>
    </message>
    <message>
        <source>Smart card or security key</source>
        <translation>Karta inteligentna lub klucz bezpieczeństwa</translation>
    </message>
    <message>
        <source>Serial port</source>
        <translation>Port szeregowy</translation>
    </message>
    <message>
        <source>Phone</source>
        <translation>Telefon</translation>
    </message>
    <message>
        <source>Unmount it in %1 first</source>
        <translation>Najpierw odmontuj w %1</translation>
    </message>
    <message>
        <source>ask first</source>
        <translation>najpierw zapytaj</translation>
    </message>
    <message>
        <source>Attach to %1</source>
        <translation>Podłącz do %1</translation>
    </message>
    <message>
        <source>Detach</source>
        <translation>Odłącz</translation>
    </message>
    <message>
        <source>Stop waiting</source>
        <translation>Przestań czekać</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Spróbuj ponownie</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Ukryj</translation>
    </message>
    <message>
        <source>Details…</source>
        <translation>Szczegóły…</translation>
    </message>
    <message>
        <source>new</source>
        <extracomment>the mark of a device that was plugged in and not looked at yet</extracomment>
        <translation>nowe</translation>
    </message>
</context>
</TS>
