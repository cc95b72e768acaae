#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# An old-style qubes.USBDetach, both forms.
read -r domain busid
if [ -n "$busid" ]; then
    state=/run/qubes/usb-import-$domain-$busid.state
    read -r port <"$state"
    echo "$port" >/sys/devices/platform/vhci_hcd.0/detach
    rm -f "$state"
else
    echo -1 >"/sys/bus/usb/devices/$domain/usbip_sockfd"
fi
