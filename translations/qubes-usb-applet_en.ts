<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US" sourcelanguage="en_US">
<context>
    <name>ui::NoticeText</name>
    <message numerus="yes">
        <source>%n USB device(s) plugged in</source>
        <translation>
            <numerusform>%n USB device plugged in</numerusform>
            <numerusform>%n USB devices plugged in</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n USB device(s) removed while attached</source>
        <translation>
            <numerusform>%n USB device removed while attached</numerusform>
            <numerusform>%n USB devices removed while attached</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>and %n more</numerusform>
            <numerusform>and %n more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ui::TrayIcon</name>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n more</numerusform>
            <numerusform>%n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n USB device(s), none attached</source>
        <translation>
            <numerusform>%n USB device, not attached</numerusform>
            <numerusform>%n USB devices, none attached</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ui::Wording</name>
    <message numerus="yes">
        <source>%n more</source>
        <translation>
            <numerusform>%n more</numerusform>
            <numerusform>%n more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n device(s) cannot be read</source>
        <translation>
            <numerusform>%n device cannot be read</numerusform>
            <numerusform>%n devices cannot be read</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more device(s), not shown</source>
        <translation>
            <numerusform>%n more device, not shown</numerusform>
            <numerusform>%n more devices, not shown</numerusform>
        </translation>
    </message>
</context>
</TS>
