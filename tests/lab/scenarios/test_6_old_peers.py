# SPDX-License-Identifier: GPL-2.0-or-later
"""Templates are upgraded one at a time: an old-style peer works with our engine at the other end."""

from __future__ import annotations

from enginecase import HERE, EngineCase
from labkit import Device, OwnedQube


class OldPeers(EngineCase):
    def replace(self, qube: OwnedQube, service: str, script: str) -> None:
        """Put an old-style script in the place of a service, until the test ends."""
        path = f"/etc/qubes-rpc/{service}"
        qube.check(f"mv {path} /root/{service}")
        qube.write_file(path, (HERE / script).read_text(), 0o755)
        self.addCleanup(lambda: qube.check(f"mv /root/{service} {path}"))

    def works(self, device: Device) -> None:
        self.assert_ok(self.attach(device))
        self.assertEqual(self.connected_to(device), "work-usb")
        if device.kind == "stick":
            self.frontend.wait("test -b /dev/sda")
            self.frontend.check("head -c 1048576 /dev/sda >/dev/null")

    def back_to_its_driver(self, device: Device) -> None:
        """What an old-style export does not do at its end."""
        self.backend.wait('test "$(cat /sys/bus/usb/devices/%s/usbip_status)" = 1' % device.busid)
        self.backend.check(
            f"cd /sys/bus/usb/drivers && printf {device.busid} >usbip-host/unbind && printf {device.busid} >usb/bind"
        )

    def test_old_export(self) -> None:
        self.replace(self.backend, "qubes.USB", "old_export.sh")
        for kind in ("stick", "mouse"):
            with self.subTest(kind=kind):
                device = self.backend.plug(kind)
                self.works(device)
                self.assert_ok(self.detach(device))
                self.back_to_its_driver(device)
                self.assert_clean()
                # Ended from the backend by our detach, which knows no process of its own there.
                self.works(device)
                self.assert_ok(self.detach_in_backend(device))
                self.assert_clean()
                # Ended by a plug that is pulled.
                self.works(device)
                self.backend.unplug(device)
                self.assert_clean()

    def test_old_export_says_why(self) -> None:
        self.replace(self.backend, "qubes.USB", "old_export.sh")
        result = self.attach("2-9")
        self.assert_refused(result, 7, "sys-usb:2-9")
        self.assert_clean()

    def test_old_import(self) -> None:
        self.replace(self.frontend, "qubes.USBAttach", "old_attach.sh")
        self.frontend.write_file("/root/old_import.sh", (HERE / "old_import.sh").read_text(), 0o755)
        for kind in ("stick", "mouse"):
            with self.subTest(kind=kind):
                device = self.backend.plug(kind)
                self.works(device)
                # Our detach in the frontend knows its state file.
                self.assert_ok(self.detach(device))
                self.assert_clean()
                self.assert_own_driver(device)
                # Ended from the backend; an old import leaves its state file then.
                self.works(device)
                self.assert_ok(self.detach_in_backend(device))
                self.frontend.wait("! pgrep -f [o]ld_import.sh >/dev/null")
                self.frontend.check("rm /run/qubes/usb-import-*.state")
                self.assert_clean()
                self.assert_own_driver(device)
                self.backend.unplug(device)

    def test_old_detach(self) -> None:
        stick = self.backend.plug("stick", port=1)
        self.replace(self.frontend, "qubes.USBDetach", "old_detach.sh")
        self.works(stick)
        self.assert_ok(self.detach(stick))
        self.assert_clean()
        self.replace(self.backend, "qubes.USBDetach", "old_detach.sh")
        self.works(stick)
        self.assert_ok(self.detach_in_backend(stick))
        self.assert_clean()
        self.assert_own_driver(stick)

    def test_names_of_todays_package(self) -> None:
        """usb-export, usb-import and the others are there and act by their names."""
        self.backend.write_file(
            "/root/qubes.USB", '#!/bin/sh\nexec /usr/lib/qubes/usb-export "$1"\n', 0o755
        )
        self.backend.check(
            "cp /etc/qubes-rpc/qubes.USB /root/kept && cp /root/qubes.USB /etc/qubes-rpc/"
        )
        try:
            stick = self.backend.plug("stick", port=1)
            self.works(stick)
            self.assert_ok(self.frontend.run("/usr/lib/qubes/usb-detach-all"))
            self.assert_ok(self.frontend.resume_hook())
            self.assert_clean()
            self.assert_ok(self.backend.run("/usr/lib/qubes/usb-reset /sys/bus/usb/devices/2-1"))
        finally:
            self.backend.check("mv /root/kept /etc/qubes-rpc/qubes.USB")
