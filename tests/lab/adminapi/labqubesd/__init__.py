# SPDX-License-Identifier: GPL-2.0-or-later
"""A stand-in for qubesd, the server of the Qubes Admin API, for the qubes of the lab.

What it says on the wire was written after qubes-core-admin (releases 4.1 to 4.3 and main) and the
usb extension of qubes-app-linux-usb-proxy, and is compared with recorded answers of these.
"""
