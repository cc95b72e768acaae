#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# An old-style frontend, written after the protocol document: the first free port of the first controller, a state file
# with nothing but the port, a look once in a while.
set -eu
vhci=/sys/devices/platform/vhci_hcd.0
modprobe vhci-hcd
read -r devid speed _
case $speed in
1.5) code=1 ;; 12) code=2 ;; 480) code=3 ;; *) code=5 ;;
esac
hub=hs
if [ "$code" -ge 5 ]; then hub=ss; fi
port=$(sed -n "s/^$hub *\([0-9]*\) 004 .*/\1/p" $vhci/status | head -n 1)
kill -USR1 "$QREXEC_AGENT_PID"
printf '%s 0 %u %u' "$port" "$devid" "$code" >$vhci/attach
echo "$port" >"$1"
busid=0-0
tries=0
while [ ! -e "/sys/bus/usb/devices/$busid/driver" ]; do
    sleep 0.2
    tries=$((tries + 1))
    if [ $tries -gt 100 ]; then exit 1; fi
    busid=$(sed -n "s/^$hub *$port .* //p" $vhci/status)
done
kill -HUP "$SERVICE_ATTACH_PID"
exec </dev/null >/dev/null 2>&1
while [ -e "/sys/bus/usb/devices/$busid" ]; do sleep 1; done
