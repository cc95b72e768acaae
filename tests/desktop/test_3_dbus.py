# SPDX-License-Identifier: GPL-2.0-or-later
"""By D-Bus, with busctl, as a script would."""

from __future__ import annotations

import os
import subprocess

from desktopcase import DesktopCase, until
from desktopkit.programs import NAME, PATH


class ByDBus(DesktopCase):
    def busctl(self, method: str, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["busctl", "--user", "--timeout=150", "call", NAME, PATH, NAME, method]
        if words:
            command += ["s" * len(words), *words]
        return subprocess.run(
            command, env=self.desktop.session.env, capture_output=True, text=True, check=False
        )

    def assert_done(self, done: subprocess.CompletedProcess[str]) -> None:
        self.assertEqual((0, "", ""), (done.returncode, done.stdout, done.stderr))

    def test_attach_move_detach(self) -> None:
        """Each call is answered when it is done."""
        personal = self.personal()
        stick = self.plug("stick", port=1)
        self.applet.wait_state("sys-usb:2-1", "free")
        self.assert_done(self.busctl("Attach", "sys-usb", "2-1", "work-usb"))
        self.assertIn("imported sys-usb:2-1", self.engine_list(self.frontend))
        self.assertEqual(("attached", "work-usb"), self.applet.state("sys-usb:2-1"))
        self.assert_done(self.busctl("Move", "sys-usb", "2-1", "personal-usb"))
        self.assertNotIn("imported", self.engine_list(self.frontend))
        self.assertIn("imported sys-usb:2-1", self.engine_list(personal))
        self.assertEqual(("attached", "personal-usb"), self.applet.state("sys-usb:2-1"))
        self.assert_done(self.busctl("Detach", "sys-usb", "2-1"))
        self.assertEqual(("free", ""), self.applet.state("sys-usb:2-1"))
        self.assert_home(stick)

    def test_reasons(self) -> None:
        """What goes wrong is said in words: by the applet, and by the engine of another qube."""
        stick = self.plug("stick", port=1, filesystem="ext4")
        self.applet.wait_state("sys-usb:2-1", "free")
        failed = self.busctl("Attach", "sys-usb", "2-1", "no-such-qube")
        self.assertNotEqual(0, failed.returncode)
        self.assertIn("there is no such qube", failed.stderr)
        failed = self.busctl("Detach", "sys-usb", "2-1")
        self.assertIn("the device is not attached", failed.stderr)

        self.wait_disk(self.backend)
        self.backend.check("mkdir -p /mnt && mount /dev/sda /mnt")
        self.addCleanup(self.backend.run, "umount /mnt")
        failed = self.busctl("Attach", "sys-usb", "2-1", "work-usb")
        self.assertNotEqual(0, failed.returncode)
        self.assertIn("mounted at", failed.stderr)
        texts = " ".join(self.desktop.wait_notices("Could not attach to work-usb"))
        self.assertIn("mounted at", texts)
        self.assertEqual("failed", self.applet.state("sys-usb:2-1")[0])
        self.backend.check("umount /mnt")
        self.assert_done(self.busctl("Attach", "sys-usb", "2-1", "work-usb"))
        self.assert_attached(stick, self.frontend)

    def test_bus_starts_it(self) -> None:
        self.applet.stop()
        service = self.applet.make_activatable()
        self.addCleanup(os.unlink, service)
        self.assert_done(self.busctl("ShowWindow"))
        until(lambda: self.desktop.active_window() == "USB devices", "the window")
        self.desktop.press("ctrl+q")
        self.desktop.session.wait_name(NAME, False)
