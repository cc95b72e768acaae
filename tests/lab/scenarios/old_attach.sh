#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# An old-style qubes.USBAttach: ends with success when its import sends it SIGHUP.
read -r domain busid
export SERVICE_ATTACH_PID=$$
trap 'exit 0' HUP
qrexec-client-vm "$domain" "qubes.USB+$busid" /root/old_import.sh "/run/qubes/usb-import-$domain-$busid.state" </dev/null >/dev/null 2>&1 &
wait $!
code=$?
if [ $code -eq 0 ]; then code=1; fi
exit $code
