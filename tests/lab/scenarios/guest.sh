#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs in the lab's guests. Finds the engine's processes, and looks for what must not be left behind.

# The engine's process with this command, not its keeper, which has the same command line.
engine() {
    for pid in $(pgrep -f "^(/usr/bin/)?qubes-usb-engine $1"); do
        # It may have ended since it was listed.
        if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = qubes-usb-engin ]; then echo "$pid"; fi
    done
}

# The keeper of the process with this command.
keeper() {
    for pid in $(pgrep -x usb-keeper); do
        if tr '\0' ' ' <"/proc/$pid/cmdline" | grep -Eq "^(/usr/bin/)?qubes-usb-engine $1"; then echo "$pid"; fi
    done
}

# qrexec's process that serves the engine's process with this command.
relay() {
    for pid in $(engine "$1"); do
        tr '\0' '\n' <"/proc/$pid/environ" | sed -n 's/^QREXEC_AGENT_PID=//p'
    done
}

find_process() {
    case $1 in
    attach | import | export | detach) engine "$1" ;;
    import-keeper | export-keeper) keeper "${1%-keeper}" ;;
    import-relay | export-relay | attach-relay) relay "${1%-relay}" ;;
    esac
}

# Each line of $2 with the word $1 before it.
say_each() {
    if [ -n "$2" ]; then echo "$2" | sed "s/^/$1 /"; fi
}

# leftovers: one line for each thing that must not be there when nothing is attached. It is asked for often, and each
# process that it starts is dear where all is emulated.
leftovers() {
    # The kernel keeps 15 characters of a name. -s: a process may have ended since it was listed.
    say_each process "$(grep -sE '^(qubes-usb-engin|usb-keeper|usb-helper|qrexec-client-v)$' /proc/[0-9]*/comm | tr : ' ')"
    for file in /run/qubes/usb-import-* /run/qubes-usb/*.export* /run/qubes-usb/*.import*; do
        if [ -e "$file" ]; then echo "file $file"; fi
    done
    # Without a process of its own for each device: they are dear where all is emulated.
    for device in /sys/bus/usb/devices/[0-9]*-*; do
        case $device in *:* | *'*'*) continue ;; esac
        if [ ! -e "$device/driver" ] && [ -e "$device" ]; then echo "no driver: $device"; fi
    done
    for device in /sys/bus/usb/drivers/usbip-host/[0-9]*-*; do
        if [ -e "$device" ]; then echo "still exported: /sys/bus/usb/devices/${device##*/}"; fi
    done
    for device in /sys/devices/platform/vhci_hcd.*/usb*/[0-9]*-*; do
        case $device in *:* | *'*'*) continue ;; esac
        echo "still imported: $device"
    done
    say_each port "$(grep -shE '^.s +[0-9]+ 00[567]' /sys/devices/platform/vhci_hcd.0/status*)"
    say_each key "$(qubesdb-list /qubes-usb-devices/ | grep -E 'connected-to|x-pid')"
}

case $1 in
leftovers)
    leftovers
    ;;
# clean SECONDS: succeeds as soon as nothing is left; prints what is otherwise.
clean)
    end=$(($(date +%s) + $2))
    while left=$(leftovers) && [ -n "$left" ]; do
        if [ "$(date +%s)" -ge "$end" ]; then
            echo "$left"
            exit 1
        fi
        sleep 0.05
    done
    ;;
# find PROCESS: its process id.
find)
    find_process "$2"
    ;;
esac
