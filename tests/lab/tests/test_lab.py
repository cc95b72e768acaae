# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab itself: real kernels, devices that work in the guest, qrexec between guests."""

from __future__ import annotations

import hashlib
import threading
import time
from pathlib import Path

from labkit import EV_ABS, EV_KEY, EV_REL, KINDS, MIB, LabError, wait_for
from labkit.lab import kernels_of
from labkit.testing import LabTest

# linux/input-event-codes.h
KEY_A, KEY_ENTER = 30, 28
REL_X, ABS_X = 0, 0


class Machines(LabTest):
    def test_kernel_is_the_one_asked_for(self) -> None:
        for qube, kernel in zip((self.backend, self.frontend), kernels_of(self.kernel)):
            release = qube.check("uname -r")
            self.assertTrue(release.startswith(kernel + "."), release)
            self.assertEqual(qube.check("hostname"), qube.name + "\n")

    def test_clock_is_no_faster_than_time(self) -> None:
        for qube in (self.backend, self.frontend):
            begin = time.monotonic()
            out = qube.check("cut -d' ' -f1 /proc/uptime; sleep 2; cut -d' ' -f1 /proc/uptime")
            took = time.monotonic() - begin
            before, after = map(float, out.split())
            self.assertLess(after - before, took * 1.1, qube.name)

    def test_usbip_is_there(self) -> None:
        self.backend.check("modprobe usbip-host && test -d /sys/bus/usb/drivers/usbip-host")
        self.frontend.check("modprobe vhci-hcd && test -w /sys/devices/platform/vhci_hcd.0/attach")

    def test_only_the_backend_has_controllers(self) -> None:
        buses = {self.backend: 4, self.frontend: 0}
        for qube, count in buses.items():
            found = qube.check("ls /sys/bus/pci/devices/*/ | grep '^usb[0-9]' | wc -l")
            self.assertEqual(int(found), count, qube.name)

    def test_call_from_guest_to_guest(self) -> None:
        self.backend.write_file(
            "/etc/qubes-rpc/lab.Echo", "#!/bin/sh\necho $QREXEC_REMOTE_DOMAIN $1\ncat\n", 0o755
        )
        self.lab.policy("lab.Echo * work-usb sys-usb allow\nqubes.USB * @anyvm @anyvm allow\n")
        result = self.frontend.run("qrexec-client-vm sys-usb lab.Echo+x_1", b"bytes\0\xff")
        self.assertEqual((result.rc, result.raw), (0, b"work-usb x_1\nbytes\0\xff"))
        self.lab.policy("qubes.USB * @anyvm @anyvm allow\n")
        self.assertEqual(self.frontend.run("qrexec-client-vm sys-usb lab.Echo+x_1").rc, 126)

    def test_qubesdb_of_a_guest_is_seen_from_dom0(self) -> None:
        self.backend.check("qubesdb-write /lab/key value")
        self.assertEqual(self.lab.dom0("qubesdb-read -d sys-usb /lab/key").out.strip(), "value")
        self.backend.check("qubesdb-rm /lab/key")
        self.assertNotEqual(self.lab.dom0("qubesdb-read -d sys-usb /lab/key").rc, 0)

    def test_log_is_readable(self) -> None:
        self.backend.check("logger -t lab-test 'a line of its own'")
        wait_for(lambda: self.backend.syslog("a line of its own"), 120, "the line in the log")

    def test_files_travel_unchanged(self) -> None:
        content = bytes(range(256)) * 1000
        self.frontend.write_file("/tmp/a folder/a file", content, 0o640)
        self.assertEqual(self.frontend.read_file("/tmp/a folder/a file"), content)
        self.assertEqual(self.frontend.check("stat -c %a '/tmp/a folder/a file'"), "640\n")

    def test_killed_guest_is_gone_and_comes_back(self) -> None:
        self.frontend.write_file("/root/before", "")
        self.frontend.kill()
        self.assertFalse(self.frontend.running)
        self.assertNotEqual(self.frontend.run("true").rc, 0)
        self.frontend.restart()
        self.assertFalse(self.frontend.exists("/root/before"))

    def test_paused_guest_is_silent_and_goes_on(self) -> None:
        self.frontend.check("true")
        self.frontend.pause()
        try:
            with self.assertRaises(LabError):
                self.frontend.run("true", timeout=3)
        finally:
            self.frontend.resume()
        self.frontend.check("true")

    def test_third_guest_starts_later(self) -> None:
        late = self.lab["personal-usb"]
        late.start()
        try:
            self.assertEqual(late.check("hostname"), "personal-usb\n")
        finally:
            late.kill()

    def test_tree_is_laid_over_the_root(self) -> None:
        """A package that still names /lib must not replace the link of a merged /usr."""
        tree = self.lab.folder / "test-tree"
        for name in ("lib/lab-test", "etc/qubes-rpc/lab.Test", "usr/bin/lab-test"):
            path = tree / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("#!/bin/sh\necho here\n", encoding="ascii")
            path.chmod(0o755)
        self.frontend.restart(engine=False, trees=(tree,))
        try:
            self.assertEqual(self.frontend.check("lab-test; /usr/lib/lab-test"), "here\nhere\n")
            self.assertEqual(self.frontend.check("readlink /lib"), "usr/lib\n")
            self.assertFalse(self.frontend.exists("/usr/bin/qubes-usb-engine"))
        finally:
            self.frontend.restart(engine=True, trees=())


class Devices(LabTest):
    def test_every_kind_gets_its_driver_and_goes(self) -> None:
        for kind, expected in KINDS.items():
            with self.subTest(kind=kind):
                device = self.plug(kind, bus="ehci" if kind == "wacom" else "xhci")
                folder = self.backend.sysfs(device)
                found = self.backend.check(f"cd {folder} && cat idVendor idProduct speed").split()
                self.assertEqual(f"{found[0]}:{found[1]}", expected.vid_pid)
                self.assertEqual(found[2], expected.speed)
                names = [n for n in self.backend.drivers() if n.startswith(device.busid + ":")]
                drivers = {self.backend.driver(name) for name in names}
                if expected.binds:
                    self.assertIn(expected.binds, drivers)
                else:
                    self.assertEqual(drivers, {""})
                self.backend.unplug(device)
                self.assertFalse(self.backend.exists(folder))

    def test_devices_behind_a_hub(self) -> None:
        hub = self.plug("hub", port=1)
        stick = self.plug("stick", port="1.4")
        keyboard = self.plug("kbd", port="1.2")
        self.assertEqual([hub.busid, stick.busid, keyboard.busid], ["1-1", "1-1.4", "1-1.2"])
        self.assertEqual(self.backend.driver("1-1.4:1.0"), "usb-storage")
        self.assertEqual(self.backend.check("cat /sys/bus/usb/devices/1-1.4/speed"), "12\n")

    def test_hub_goes_with_all_behind_it(self) -> None:
        hub = self.plug("hub", port=1)
        self.plug("stick", port="1.4")
        self.plug("kbd", port="1.2")
        self.backend.unplug(hub)
        self.assertEqual(self.backend.devices, [])
        self.backend.wait("! ls -d /sys/bus/usb/devices/1-1.*")
        self.plug("stick", port=1)

    def test_high_speed_stick_on_ehci(self) -> None:
        stick = self.plug("stick", bus="ehci")
        self.assertEqual((stick.busid, stick.speed), ("3-1", "480"))
        self.assertEqual(self.backend.driver("3-1:1.0"), "usb-storage")

    def test_identical_sticks(self) -> None:
        same = [self.plug("stick", serial="SAME", seed=seed) for seed in (1, 2)]
        other = self.plug("stick", serial="OTHER", seed=3)
        serials = [
            self.backend.check(f"cat {self.backend.sysfs(device)}/serial").strip()
            for device in (*same, other)
        ]
        self.assertEqual(serials, ["SAME", "SAME", "OTHER"])

    def test_ten_sticks_at_once(self) -> None:
        threads = [
            threading.Thread(target=self.plug, args=("stick",), kwargs={"seed": seed, "size": MIB})
            for seed in range(10)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(
            sorted(device.busid for device in self.backend.devices),
            sorted(f"2-{port}" for port in range(1, 11)),
        )

    def test_taken_port_is_refused(self) -> None:
        self.plug("stick", port=1)
        with self.assertRaisesRegex(ValueError, "taken"):
            self.plug("kbd", port=1)
        with self.assertRaisesRegex(ValueError, "no port 16"):
            self.plug("kbd", port=16)
        self.assertEqual(len(self.backend.devices), 1)

    def test_stick_holds_its_content(self) -> None:
        stick = self.plug("stick", seed=7)
        disk = self.disk(stick.busid)
        found = self.backend.check(f"sha256sum {disk}", timeout=120).split()[0]
        self.assertEqual(found, hashlib.sha256(Path(stick.image).read_bytes()).hexdigest())
        self.assertEqual(Path(stick.image).stat().st_size, 64 * MIB)

    def test_what_is_written_is_on_the_stick(self) -> None:
        stick = self.plug("stick", filesystem="ext4")
        disk = self.disk(stick.busid)
        self.backend.check(f"mkdir -p /mnt/stick && mount {disk} /mnt/stick")
        self.backend.write_file("/mnt/stick/file", "kept by the stick")
        self.backend.check("umount /mnt/stick")
        self.assertIn(b"kept by the stick", Path(stick.image).read_bytes())

    def test_serial_device_echoes(self) -> None:
        self.plug("serial")
        self.backend.wait("[ -c /dev/ttyUSB0 ]")
        # --foreground: the line becomes the shell's terminal, which stops readers in the background.
        found = self.backend.check(
            "stty -F /dev/ttyUSB0 raw -echo 115200 && exec 3<>/dev/ttyUSB0 "
            "&& printf 'twelve bytes' >&3 && timeout --foreground 20 head -c 12 <&3"
        )
        self.assertEqual(found, "twelve bytes")

    def test_sound_and_network_device_are_usable(self) -> None:
        self.plug("audio")
        self.assertIn("USB-Audio", self.backend.check("cat /proc/asound/cards"))
        network = self.plug("net")
        self.backend.check(f"ls -d {self.backend.sysfs(network)}:*/net/*")

    def test_keys_arrive(self) -> None:
        keyboard = self.plug("kbd")
        with self.backend.input_events(self.node(keyboard.busid)) as events:
            for name, code in (("a", KEY_A), ("ret", KEY_ENTER)):
                self.backend.send_key(name, keyboard)
                self.assertEqual(events.wait(EV_KEY), (EV_KEY, code, 1))
                self.assertEqual(events.wait(EV_KEY), (EV_KEY, code, 0))

    def test_pointers_move(self) -> None:
        mouse = self.plug("mouse")
        with self.backend.input_events(self.node(mouse.busid)) as events:
            self.backend.move_pointer(5, 0)
            self.assertEqual(events.wait(EV_REL), (EV_REL, REL_X, 5))
        self.backend.unplug(mouse)
        tablet = self.plug("tablet")
        with self.backend.input_events(self.node(tablet.busid)) as events:
            self.backend.move_pointer(1234, 0, absolute=True)
            self.assertEqual(events.wait(EV_ABS), (EV_ABS, ABS_X, 1234))

    def disk(self, busid: str) -> str:
        """The block device of a stick."""
        pattern = f"/sys/bus/usb/devices/{busid}/{busid}:1.0/host*/target*/*/block/*"
        self.backend.wait(f"ls -d {pattern} >/dev/null 2>&1")
        return "/dev/" + Path(self.backend.check(f"ls -d {pattern}").strip()).name

    def node(self, busid: str) -> str:
        path = f"/sys/bus/usb/devices/{busid}/"
        self.backend.wait(f"find {path} -name 'event*' | grep -q event")
        node = self.backend.input_node(busid)
        self.backend.wait(f"[ -c {node} ]")
        return node
