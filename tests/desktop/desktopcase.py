# SPDX-License-Identifier: GPL-2.0-or-later
"""The base of the desktop's tests: one lab, one desktop, and an applet for each test.

Run by labkit.testing, with the folder that the applet is installed in as APPLET_PREFIX.
"""

from __future__ import annotations

import atexit
import os
import shutil
from functools import cache
from pathlib import Path

from desktopkit import Applet, Desktop, Qubesd, Session, until
from desktopkit.programs import PROGRAM, QUBES
from labkit import Device, OwnedQube
from labkit.testing import LabTest

PREFIX = Path(os.environ.get("APPLET_PREFIX", "/usr")).resolve()
SCREENSHOTS = Path(__file__).resolve().parents[2] / "build/desktop/screenshots"


@cache
def the_desktop() -> Desktop:
    """Made when it is first wanted, and gone with the process."""
    session = Session(prefixes=[PREFIX])
    atexit.register(session.close)
    return Desktop(session)


class DesktopCase(LabTest):
    """Finds an applet in the tray, connected to Qubes, and nothing plugged in."""

    desktop: Desktop
    applet: Applet
    qubesd: Qubesd
    #: whether setUp starts lab-qubesd, and the applet
    starts = True

    def setUp(self) -> None:
        super().setUp()
        self.lab.policy("")  # attaches are allowed by qubesd, one by one
        self.desktop = the_desktop()
        self.addCleanup(self._clean)
        session = self.desktop.session
        self.qubesd = Qubesd(session, self.lab.folder, self.lab.programs, QUBES)
        self.applet = Applet(session, PREFIX, "--socket", str(self.qubesd.socket))
        shutil.rmtree(self.applet.settings.parent, ignore_errors=True)
        if self.starts:
            self.start()

    def start(self) -> None:
        self.qubesd.start()
        self.applet.start()
        self.applet.wait_connected()
        _ = self.desktop.tray_icon

    def _clean(self) -> None:
        """Whatever the test has done: the next one finds a desktop with nothing open."""
        try:
            if self.has_failed():
                self.explain()
        finally:
            self.applet.stop()
            self.qubesd.stop()
            for qube in (self.frontend, self.lab["personal-usb"], self.backend):
                if qube.running:
                    qube.run("qubes-usb-engine detach-all; qubes-usb-engine detach-all --resume")
            self.desktop.clear()

    def has_failed(self) -> bool:
        # unittest tells it nowhere else before the clean-up.
        result = self._outcome.result  # type: ignore[attr-defined]  # unittest's own
        return any(test is self for test, _ in result.failures + result.errors)

    def explain(self) -> None:
        """What there is to know about a failure."""
        path = SCREENSHOTS.parent / f"failed-{self.id().split('.')[-1]}.png"
        self.desktop.screenshot(path)
        print(f"\n{self.id()}: see {path}; on the screen was\n{self.desktop.tree.dump()}")
        print(f"the applet said: {self.applet.log[-2000:]}\nqubesd said: {self.qubesd.log[-3000:]}")

    # What is looked at

    def disks(self, qube: OwnedQube) -> list[str]:
        # grep fails when there is none, which is an answer.
        return qube.check("ls /sys/block | grep '^sd' || true").split()

    def wait_disk(self, qube: OwnedQube) -> None:
        until(lambda: self.disks(qube), f"a disk in {qube.name}")

    def wait_no_disk(self, qube: OwnedQube) -> None:
        until(lambda: not self.disks(qube), f"no disk in {qube.name}")

    def engine_list(self, qube: OwnedQube) -> str:
        return qube.check("qubes-usb-engine list")

    def assert_attached(self, device: Device, qube: OwnedQube) -> None:
        """By what the kernels and engines say, not the applet."""
        self.wait_disk(qube)
        self.assertIn(f"imported sys-usb:{device.busid}", self.engine_list(qube))
        self.assertRegex(self.engine_list(self.backend), rf"{device.busid} .*exported")
        self.assertEqual(self.backend.driver(device.busid), "usbip-host")

    def assert_home(self, device: Device) -> None:
        """Back in its backend, with its driver, and nowhere else."""
        for qube in (self.frontend, self.lab["personal-usb"]):
            if qube.running:
                self.wait_no_disk(qube)
                # Its kernel takes a moment to let the rest of the device go.
                until(lambda: "imported" not in self.engine_list(qube), f"{qube.name} has nothing")
        self.wait_disk(self.backend)
        self.assertEqual(self.backend.driver(device.busid), "usb")

    def personal(self) -> OwnedQube:
        """The second frontend, running."""
        qube = self.lab["personal-usb"]
        if not qube.running:
            qube.start()
        return qube

    def tray_icon_name(self) -> str:
        """Which icon the applet has in the tray, by its name in the icon theme."""
        return self.desktop.status_item("IconName")


__all__ = [
    "PREFIX",
    "PROGRAM",
    "QUBES",
    "SCREENSHOTS",
    "DesktopCase",
    "until",
]
