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

# What is attached, counted: the icon for one device, with a digit beside its arrow. Digits are of bars, as a clock's, so
# they need no font and read at 16 pixels.
set(bar_a "M0 0h5v1.6h-5z")
set(bar_b "M3.4 0h1.6v4.8h-1.6z")
set(bar_c "M3.4 3.2h1.6v4.8h-1.6z")
set(bar_d "M0 6.4h5v1.6h-5z")
set(bar_e "M0 3.2h1.6v4.8h-1.6z")
set(bar_f "M0 0h1.6v4.8h-1.6z")
set(bar_g "M0 3.2h5v1.6h-5z")
set(bar_p "M1.7 1.5h1.6v5h-1.6z") # of a plus
set(counted_folder ${PROJECT_BINARY_DIR}/icons/counted)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
    ${CMAKE_CURRENT_LIST_DIR}/apps/org.qubes.UsbApplet-attached.svg
    ${CMAKE_CURRENT_LIST_DIR}/symbolic/org.qubes.UsbApplet-attached-symbolic.svg)
file(READ ${CMAKE_CURRENT_LIST_DIR}/apps/org.qubes.UsbApplet-attached.svg counted_tile)
file(READ ${CMAKE_CURRENT_LIST_DIR}/symbolic/org.qubes.UsbApplet-attached-symbolic.svg counted_symbolic)
foreach(bars IN ITEMS 2=abged 3=abgcd 4=fgbc 5=afgcd 6=afgecd 7=abc 8=abcdefg 9=abcdfg more=gp)
    string(REGEX MATCH "^[^=]+" count ${bars})
    string(REGEX REPLACE "^[^=]+=" "" bars ${bars})
    string(REGEX REPLACE "(.)" "\\1;" bars ${bars})
    set(digit "")
    foreach(bar IN LISTS bars)
        string(APPEND digit "${bar_${bar}}")
    endforeach()
    set(name org.qubes.UsbApplet-attached-${count})
    string(REPLACE "</svg>" "<rect x=\"18\" y=\"0\" width=\"14\" height=\"15\" rx=\"2.5\" fill=\"#12294d\"/>
<path fill=\"#ffffff\" transform=\"translate(21 1) scale(1.6)\" d=\"${digit}\"/>
</svg>" tile "${counted_tile}")
    string(REPLACE "</svg>" "<path fill=\"#2e3436\" transform=\"translate(11 0) scale(0.94)\" d=\"${digit}\"/>
</svg>" symbolic "${counted_symbolic}")
    file(CONFIGURE OUTPUT ${counted_folder}/${name}.svg CONTENT "${tile}" @ONLY)
    file(CONFIGURE OUTPUT ${counted_folder}/${name}-symbolic.svg CONTENT "${symbolic}" @ONLY)
    list(APPEND applet_icons ${counted_folder}/${name}.svg)
    list(APPEND applet_theme_icons ${counted_folder}/${name}.svg)
    list(APPEND applet_symbolic_icons ${counted_folder}/${name}-symbolic.svg)
endforeach()
