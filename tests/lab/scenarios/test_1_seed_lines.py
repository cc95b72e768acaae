# SPDX-License-Identifier: GPL-2.0-or-later
"""The command lines of the protocol document, word for word, and the data that goes through."""

from __future__ import annotations

from enginecase import EngineCase
from labkit import MIB, sha256
from pathlib import Path


class SeedLines(EngineCase):
    def test_attach_and_both_detaches(self) -> None:
        stick = self.backend.plug("stick", port=1)
        self.assertEqual(stick.busid, "2-1")
        for detach in (
            "echo sys-usb 2-1 | qvm-run -p -u root work-usb 'QUBESRPC qubes.USBDetach dom0'",
            "echo 2-1 | qvm-run -p -u root sys-usb 'QUBESRPC qubes.USBDetach dom0'",
        ):
            self.assert_ok(
                self.lab.dom0(
                    "echo sys-usb 2-1 | qvm-run -p -u root work-usb 'QUBESRPC qubes.USBAttach dom0'"
                )
            )
            local = self.local_busid(stick)
            self.assertEqual(self.frontend.driver(local), "usb")
            # udev loads its module when the kernel has told of the interface: the first time that takes a moment.
            driver = f"/sys/bus/usb/devices/{local}:1.0/driver"
            self.frontend.wait(f'test "$(basename "$(readlink {driver})")" = usb-storage')
            self.assertEqual(self.backend.driver("2-1"), "usbip-host")
            self.assertEqual(self.connected_to(stick), "work-usb")
            self.assert_ok(self.lab.dom0(detach))
            self.assert_clean()
            self.assert_own_driver(stick)

    def test_python_api_has_no_line_end(self) -> None:
        stick = self.backend.plug("stick", port=1)
        self.assert_ok(self.frontend.service("qubes.USBAttach", "sys-usb 2-1"))
        self.assert_ok(self.frontend.service("qubes.USBDetach", "sys-usb 2-1"))
        self.assert_own_driver(stick)

    def test_detach_of_what_is_not_attached_is_no_error(self) -> None:
        stick = self.backend.plug("stick", port=1)
        self.assert_ok(self.detach(stick))
        self.assert_ok(self.detach_in_backend(stick))
        self.assert_ok(self.detach("9-9"))
        self.assert_ok(self.detach_in_backend("9-9"))
        self.assert_own_driver(stick)

    def test_published_in_qubesdb(self) -> None:
        stick = self.backend.plug("stick", port=1, serial="S1")
        read = lambda key: self.backend.run(
            f"qubesdb-read /qubes-usb-devices/2-1/{key}"
        ).out.strip()
        self.assertEqual(read("desc"), r"46f4:0001 QEMU QEMU\x20USB\x20HARDDRIVE S1")
        self.assertEqual(read("interfaces"), ":080650:")
        self.assertEqual(read("usb-ver"), "3")
        self.backend.unplug(stick)
        self.backend.wait("! qubesdb-read /qubes-usb-devices/2-1/desc >/dev/null 2>&1")

    def test_imported_device_is_not_published(self) -> None:
        stick = self.backend.plug("stick", port=1)
        self.assert_ok(self.attach(stick))
        self.frontend.check("udevadm settle")
        self.assertEqual(self.frontend.run("qubesdb-list /qubes-usb-devices/").out, "")
        self.assert_ok(self.detach(stick))


class Data(EngineCase):
    def test_64_mib_read_the_same(self) -> None:
        stick = self.backend.plug("stick", port=1, seed=7, size=64 * MIB)
        self.backend.wait("test -b /dev/sda")
        here = self.backend.check("sha256sum </dev/sda", timeout=300).split()[0]
        self.assertEqual(here, sha256(Path(stick.image)))
        self.assert_ok(self.attach(stick))
        self.frontend.wait("test -b /dev/sda")
        size = self.frontend.check("blockdev --getsize64 /dev/sda").strip()
        self.assertEqual(size, str(64 * MIB))
        there = self.frontend.check("sha256sum </dev/sda", timeout=300).split()[0]
        self.assertEqual(there, here)
        self.assert_ok(self.detach(stick))

    def test_a_file_written_there_is_here_after_detach(self) -> None:
        stick = self.backend.plug("stick", port=1, filesystem="ext4")
        self.assert_ok(self.attach(stick))
        self.frontend.wait("test -b /dev/sda")
        self.frontend.check("mount /dev/sda /mnt && echo from work-usb >/mnt/letter && umount /mnt")
        self.assert_ok(self.detach(stick))
        self.assert_own_driver(stick)
        self.backend.wait("test -b /dev/sda")
        letter = self.backend.check("mount -o ro /dev/sda /mnt && cat /mnt/letter; umount /mnt")
        self.assertEqual(letter, "from work-usb\n")
