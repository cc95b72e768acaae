# SPDX-License-Identifier: GPL-2.0-or-later
"""Unplugged, killed, crashed: in each phase, and nothing is left behind and the next attach works."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from enginecase import EngineCase
from labkit import Device, OwnedQube
from labkit.testing import both_ways


class TheCheck(EngineCase):
    """What says that nothing is left behind must be able to say that something is."""

    def left(self, qube: OwnedQube) -> str:
        return qube.check("/run/lab/guest.sh leftovers")

    def test_sees_all_of_a_connection(self) -> None:
        stick = self.backend.plug("stick", port=1)
        self.assert_ok(self.attach(stick))
        for what in (
            "process .* qubes-usb-engin\n",
            "process .* usb-keeper\n",
            "process .* qrexec-client-v\n",
            "file /run/qubes/usb-import-sys-usb-2-1.state\n",
            "file /run/qubes-usb/sys-usb:2-1.import\n",
            "still imported: ",
            "port ",
        ):
            self.assertRegex(self.left(self.frontend), what)
        for what in (
            "process .* qubes-usb-engin\n",
            "process .* usb-keeper\n",
            "file /run/qubes-usb/2-1.export\n",
            "still exported: /sys/bus/usb/devices/2-1\n",
            "key .*2-1.*",
        ):
            self.assertRegex(self.left(self.backend), what)
        self.assert_ok(self.detach(stick))
        self.assert_clean()

    def test_sees_a_device_without_driver(self) -> None:
        self.backend.plug("stick", port=1)
        self.backend.check("printf 2-1 >/sys/bus/usb/drivers/usb/unbind")
        self.assertIn("no driver: /sys/bus/usb/devices/2-1\n", self.left(self.backend))
        self.backend.check("printf 2-1 >/sys/bus/usb/drivers/usb/bind")
        self.assertEqual(self.left(self.backend), "")


@both_ways
class Unplugged(EngineCase):
    def test_while_attached(self) -> None:
        for kind in ("stick", "kbd"):
            with self.subTest(kind=kind):
                device = self.backend.plug(kind)
                self.assert_ok(self.attach(device))
                self.backend.unplug(device)
                self.assert_clean()

    def test_while_attaching(self) -> None:
        for delay in (0.05, 0.2, 0.4):
            with self.subTest(delay=delay):
                device = self.backend.plug("stick", port=1)
                with ThreadPoolExecutor(1) as pool:
                    attach = pool.submit(self.attach, device)
                    time.sleep(delay)  # the moment that is tested, not a wait
                    self.backend.unplug(device)
                    result = attach.result()
                if result.rc != 0:
                    self.assertIn("sys-usb:2-1", result.err)
                self.assert_clean()

    def test_while_detaching(self) -> None:
        for delay in (0.02, 0.1, 0.2):
            with self.subTest(delay=delay):
                device = self.backend.plug("stick", port=1)
                self.assert_ok(self.attach(device))
                with ThreadPoolExecutor(1) as pool:
                    detach = pool.submit(self.detach, device)
                    time.sleep(delay)  # the moment that is tested, not a wait
                    self.backend.unplug(device)
                    self.assert_ok(detach.result())
                self.assert_clean()

    def test_comes_back_and_attaches(self) -> None:
        for _ in range(3):
            device = self.backend.plug("stick", port=1)
            self.assert_ok(self.attach(device))
            self.backend.unplug(device)
        self.assert_clean()


@both_ways
class Killed(EngineCase):
    """kill -9 of each process of a connection that stands. While it comes and goes: test_7_deaths.py."""

    def kill(self, qube: OwnedQube, process: str) -> None:
        pids = qube.check(f"/run/lab/guest.sh find {process}").split()
        self.assertEqual(len(pids), 1, f"{process}: {pids}")
        qube.check(f"kill -9 {pids[0]}")

    def kill_both(self, qube: OwnedQube, process: str) -> None:
        """A relay and its keeper; stopped first, so that neither sees the other go."""
        find = "/run/lab/guest.sh find"
        qube.check(
            f"relay=$({find} {process}) && keeper=$({find} {process}-keeper) && "
            'kill -STOP "$relay" "$keeper" && kill -9 "$relay" "$keeper"'
        )

    def settle(self) -> None:
        """What any next engine process does first: a keeper that was killed can't."""
        for qube in (self.frontend, self.backend):
            qube.check("qubes-usb-engine settle")

    def processes(self) -> list[tuple[OwnedQube, str]]:
        frontend = ("import", "import-relay", "import-keeper")
        backend = ("export", "export-relay", "export-keeper")
        return [(self.frontend, name) for name in frontend] + [
            (self.backend, name) for name in backend
        ]

    def assert_next_attach_works(self, device: Device) -> None:
        self.assert_clean()
        self.assert_own_driver(device)
        self.assert_ok(self.attach(device))
        self.assert_ok(self.detach(device))

    def test_while_attached(self) -> None:
        stick = self.backend.plug("stick", port=1)
        for qube, process in self.processes():
            with self.subTest(process=process, qube=qube.name):
                self.assert_ok(self.attach(stick))
                self.kill(qube, process)
                if process == "export-keeper":
                    # Nobody has the device then, and nobody gets it: it is fenced until somebody settles.
                    self.frontend.wait("! ls /run/qubes-usb/*.import >/dev/null 2>&1")
                    self.assertEqual(self.backend.driver("2-1"), "usbip-host")
                    self.settle()
                if process == "import-keeper":
                    # The kernel takes its device away, and udev calls who settles.
                    self.frontend.wait("! ls /run/qubes-usb/*.import >/dev/null 2>&1")
                self.assert_next_attach_works(stick)

    def test_detach_itself(self) -> None:
        stick = self.backend.plug("stick", port=1)
        for qube, request in ((self.frontend, "sys-usb 2-1"), (self.backend, "2-1")):
            for delay in (0.0, 0.02, 0.1):
                with self.subTest(qube=qube.name, delay=delay):
                    self.assert_ok(self.attach(stick))
                    qube.run(
                        f"echo {request} | /usr/bin/qubes-usb-engine detach & sleep {delay}; kill -9 $!"
                    )
                    # Whether it had asked for the end or not: another detach comes to the same.
                    self.assert_ok(self.detach(stick))
                    self.assert_clean()
                    self.assert_own_driver(stick)
        self.assert_next_attach_works(stick)

    def test_all_of_one_side_at_once(self) -> None:
        """Nobody is left to clean up: the next attach does, or a detach."""
        stick = self.backend.plug("stick", port=1)
        for repair in (self.detach_in_backend, self.attach):
            with self.subTest(repair=repair.__name__):
                self.assert_ok(self.attach(stick))
                self.kill_both(self.backend, "export")
                self.frontend.wait("! ls /run/qubes/usb-import-* >/dev/null 2>&1")
                self.assertEqual(self.backend.driver("2-1"), "usbip-host")
                self.assert_ok(repair(stick))
                self.assert_ok(self.detach_in_backend(stick))
                self.assert_clean()
                self.assert_own_driver(stick)
        self.assert_ok(self.attach(stick))
        self.kill_both(self.frontend, "import")
        self.backend.wait('test "$(basename "$(readlink /sys/bus/usb/devices/2-1/driver)")" = usb')
        # The lease is left; who comes next settles it.
        self.assert_ok(self.detach(stick))
        self.assert_next_attach_works(stick)


@both_ways
class Crashed(EngineCase):
    """A machine that dies with devices attached."""

    def test_frontend_dies(self) -> None:
        devices = [self.backend.plug(kind) for kind in ("stick", "kbd")]
        for device in devices:
            self.assert_ok(self.attach(device))
        self.frontend.kill()
        self.assert_clean()
        for device in devices:
            self.assert_own_driver(device)
        self.frontend.start()
        self.prepare(self.frontend)
        for device in devices:
            self.assert_ok(self.attach(device))
            self.assert_ok(self.detach(device))

    def test_frontend_dies_and_no_event_tells(self) -> None:
        """As on Xen: qrexec's process in the backend looks after ten seconds, or when it is poked."""
        stick = self.backend.plug("stick", port=1)
        personal = self.lab["personal-usb"]
        self.prepare(personal)
        self.backend.write_file("/run/lab/qrexec-inject", "vchan-death = silent\n")
        try:
            self.assert_ok(self.attach(stick))
            self.frontend.kill()
            self.assert_ok(self.attach(stick, personal))
            self.assertEqual(self.connected_to(stick), "personal-usb")
            self.assert_ok(self.detach(stick, personal))
        finally:
            self.backend.check("rm /run/lab/qrexec-inject")
            self.frontend.start()
            self.prepare(self.frontend)
        self.assert_clean()
        self.assert_own_driver(stick)

    def test_backend_dies(self) -> None:
        for kind in ("stick", "kbd"):
            self.assert_ok(self.attach(self.backend.plug(kind)))
        self.backend.kill()
        self.assert_clean()
        self.backend.start()
        self.prepare(self.backend)
        stick = self.backend.plug("stick", port=1)
        self.assert_ok(self.attach(stick))
        self.assert_ok(self.detach(stick))

    def test_backend_dies_while_attaching(self) -> None:
        stick = self.backend.plug("stick", port=1)
        with ThreadPoolExecutor(1) as pool:
            attach = pool.submit(self.attach, stick)
            self.backend.wait('test -n "$(/run/lab/guest.sh find export)"')
            self.backend.kill()
            result = attach.result()
        if result.rc != 0:
            self.assert_refused(result, 7, "sys-usb:2-1")
        self.assert_clean()
        self.backend.start()
        self.prepare(self.backend)
