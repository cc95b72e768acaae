# SPDX-License-Identifier: GPL-2.0-or-later
# All icons, with full paths: those that are built into the program, and those that only themes use.
set(applet_icons
    apps/org.qubes.UsbApplet-attached.svg
    apps/org.qubes.UsbApplet-busy.svg
    apps/org.qubes.UsbApplet-disconnected.svg
    apps/org.qubes.UsbApplet-error.svg
    apps/org.qubes.UsbApplet-idle.svg
    apps/org.qubes.UsbApplet.svg
    devices/device-audio.svg
    devices/device-bluetooth.svg
    devices/device-camera.svg
    devices/device-input.svg
    devices/device-keyboard.svg
    devices/device-mouse.svg
    devices/device-multimedia.svg
    devices/device-network.svg
    devices/device-other.svg
    devices/device-phone.svg
    devices/device-printer.svg
    devices/device-serial.svg
    devices/device-smartcard.svg
    devices/device-storage.svg
    qubes/qube-app.svg
    qubes/qube-disposable.svg
    qubes/qube-standalone.svg
    qubes/qube-template.svg
    symbols/symbol-about.svg
    symbols/symbol-clear.svg
    symbols/symbol-detach.svg
    symbols/symbol-error.svg
    symbols/symbol-log.svg
    symbols/symbol-quit.svg
    symbols/symbol-refresh.svg
    symbols/symbol-rule.svg
    symbols/symbol-settings.svg
    symbols/symbol-shutdown.svg
    symbols/symbol-start.svg
    symbols/symbol-stop.svg
    symbols/symbol-warning.svg
    symbols/symbol-window.svg)
list(TRANSFORM applet_icons PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
set(applet_theme_icons
    apps/org.qubes.UsbApplet-attached.svg
    apps/org.qubes.UsbApplet-busy.svg
    apps/org.qubes.UsbApplet-disconnected.svg
    apps/org.qubes.UsbApplet-error.svg
    apps/org.qubes.UsbApplet-idle.svg
    apps/org.qubes.UsbApplet.svg)
list(TRANSFORM applet_theme_icons PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
set(applet_symbolic_icons
    symbolic/org.qubes.UsbApplet-attached-symbolic.svg
    symbolic/org.qubes.UsbApplet-busy-symbolic.svg
    symbolic/org.qubes.UsbApplet-disconnected-symbolic.svg
    symbolic/org.qubes.UsbApplet-error-symbolic.svg
    symbolic/org.qubes.UsbApplet-idle-symbolic.svg
    symbolic/org.qubes.UsbApplet-symbolic.svg)
list(TRANSFORM applet_symbolic_icons PREPEND ${CMAKE_CURRENT_LIST_DIR}/)
