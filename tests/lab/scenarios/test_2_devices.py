# SPDX-License-Identifier: GPL-2.0-or-later
"""Every device of the lab attaches, works, and detaches."""

from __future__ import annotations

from enginecase import EngineCase
from labkit import EV_ABS, EV_KEY, EV_REL, KINDS, Device
from labkit.testing import both_ways


@both_ways
class Devices(EngineCase):
    def attached(self, device: Device, by: str = "") -> str:
        self.assert_ok(self.attach(by or device))
        local = self.local_busid(by or device)
        driver = KINDS[device.kind].binds
        # The virtual host controller has no streams, so the uas driver refuses super speed on it.
        if driver and not (device.kind == "uas" and device.speed == "5000"):
            self.frontend.wait(
                f'test "$(basename "$(readlink /sys/bus/usb/devices/{local}:1.0/driver)")" = {driver}'
            )
        speed = self.frontend.check(f"cat /sys/bus/usb/devices/{local}/speed").strip()
        self.assertEqual(speed, device.speed)
        return local

    def released(self, device: Device, by: str = "") -> None:
        self.assert_ok(self.detach(by or device))
        self.assert_own_driver(device)

    def each(self, bus: str, by_ids: bool) -> None:
        for kind in KINDS:
            if kind == "hub":
                continue
            with self.subTest(kind=kind):
                device = self.backend.plug(kind, bus=bus)
                try:
                    by = device.vid_pid if by_ids else ""
                    self.attached(device, by)
                    self.released(device, by)
                finally:
                    self.detach_in_backend(device)
                    self.backend.unplug(device)

    def test_every_kind_by_port(self) -> None:
        self.each("xhci", by_ids=False)

    def test_every_kind_by_vendor_and_product(self) -> None:
        """On the other controllers, where sticks are high-speed and the rest full-speed devices."""
        self.each("ehci", by_ids=True)

    def test_keys_arrive(self) -> None:
        keyboard = self.backend.plug("kbd")
        local = self.attached(keyboard)
        self.frontend.wait(f"find /sys/bus/usb/devices/{local}/ -name 'event*' | grep -q .")
        with self.frontend.input_events(self.frontend.input_node(local)) as events:
            self.backend.send_key("a")
            self.assertEqual(events.wait(EV_KEY), (EV_KEY, 30, 1))
            self.assertEqual(events.wait(EV_KEY), (EV_KEY, 30, 0))
        self.released(keyboard)

    def test_is_not_suspended_when_idle(self) -> None:
        """systemd has QEMU's keyboard suspended when idle; over USB/IP nothing could wake it."""
        keyboard = self.backend.plug("kbd")
        local = self.attached(keyboard)
        control = f"/sys/bus/usb/devices/{local}/power/control"
        self.assertEqual(self.frontend.check(f"cat {control}"), "on\n")
        self.frontend.check(
            f"udevadm trigger --settle --action=change /sys/bus/usb/devices/{local}"
        )
        self.assertEqual(self.frontend.check(f"cat {control}"), "on\n")
        self.released(keyboard)

    def test_pointer_moves(self) -> None:
        for kind, absolute, wanted in (("mouse", False, EV_REL), ("tablet", True, EV_ABS)):
            with self.subTest(kind=kind):
                pointer = self.backend.plug(kind)
                local = self.attached(pointer)
                self.frontend.wait(f"find /sys/bus/usb/devices/{local}/ -name 'event*' | grep -q .")
                with self.frontend.input_events(self.frontend.input_node(local)) as events:
                    self.backend.move_pointer(200, 100, absolute)
                    self.assertEqual(events.wait(wanted)[0], wanted)
                self.released(pointer)
                self.backend.unplug(pointer)

    def test_serial_echoes(self) -> None:
        serial = self.backend.plug("serial")
        self.attached(serial)
        self.frontend.wait("test -c /dev/ttyUSB0")
        # --foreground: the line becomes the shell's terminal, which stops readers in the background.
        script = (
            "exec 3<>/dev/ttyUSB0 && stty raw -echo 115200 <&3 && "
            "printf 'over and out' >&3 && timeout --foreground 20 head -c 12 <&3"
        )
        self.assertEqual(self.frontend.check(script), "over and out")
        self.released(serial)

    def test_behind_a_hub(self) -> None:
        hub = self.backend.plug("hub", port=1)
        stick = self.backend.plug("stick", port="1.4")
        mouse = self.backend.plug("mouse", port="1.2")
        self.assertEqual((hub.busid, stick.busid), ("1-1", "1-1.4"))
        self.attached(stick)
        self.attached(mouse)
        self.assertEqual(self.connected_to(stick), "work-usb")
        self.released(stick)
        self.released(mouse)

    def test_two_equal_sticks_by_their_ports(self) -> None:
        one = self.backend.plug("stick", port=1, seed=1)
        two = self.backend.plug("stick", port=2, seed=2)
        self.attached(two)
        self.assertEqual(self.backend.driver(one.busid), "usb")
        # Of two equal devices only one is exported: that one is meant in the backend.
        self.assert_ok(self.detach_in_backend(two.vid_pid))
        self.assert_own_driver(two)
