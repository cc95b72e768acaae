#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# An old-style backend, written after the protocol document and what is known of the scripts that today's packages have:
# the signal at once, the line before the kernel has the socket, no word more than two, a look once a second, nothing
# given back at the end.
set -eu
busid=$1
device=/sys/bus/usb/devices/$busid
host=/sys/bus/usb/drivers/usbip-host
modprobe usbip-host
kill -USR1 "$QREXEC_AGENT_PID"
if [ -d "$device/driver" ]; then printf %s "$busid" >"$device/driver/unbind"; fi
printf 'add %s' "$busid" >$host/match_busid
echo "$busid" >$host/bind
read -r status <"$device/usbip_status"
if [ "$status" -ne 1 ]; then
    echo "Device $device not available!" >&2
    exit 1
fi
read -r busnum <"$device/busnum"
read -r devnum <"$device/devnum"
read -r speed <"$device/speed"
echo "$(((busnum << 16) | devnum)) $speed" >&0
echo 0 >"$device/usbip_sockfd"
exec </dev/null
key=/qubes-usb-devices/$(echo "$busid" | tr . _)
qubesdb-write "$key/connected-to" "${QREXEC_REMOTE_DOMAIN%-dm}" "$key/x-pid" $$ /qubes-usb-devices ''
while sleep 1; do
    read -r status <"$device/usbip_status" || break
    if [ "$status" -ne 2 ]; then break; fi
done
qubesdb-rm "$key/connected-to" "$key/x-pid"
qubesdb-write /qubes-usb-devices ''
