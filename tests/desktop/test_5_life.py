# SPDX-License-Identifier: GPL-2.0-or-later
"""Parts of the desktop, or qubesd, that come late, go, and come back."""

from __future__ import annotations

import re

from desktopcase import DesktopCase, until
from desktopkit.programs import NAME

GONE = "No connection to Qubes"


class Life(DesktopCase):
    starts = False

    def wait_icon(self, state: str) -> None:
        name = f"org.qubes.UsbApplet-{state}-symbolic"
        until(lambda: self.tray_icon_name() == name, f"the icon {name}")

    def test_qubesd_comes_late(self) -> None:
        self.applet.start()
        self.desktop.wait_notice(GONE)
        self.wait_icon("disconnected")
        self.desktop.open_tray_menu()
        self.assertIn("No connection to Qubes; trying again", self.desktop.menu_labels())
        self.desktop.press("Escape")
        self.qubesd.start()
        self.applet.wait_connected()
        self.wait_icon("idle")
        self.desktop.tree.wait_gone(GONE, "label")
        self.plug("stick", port=1)
        self.applet.wait_state("sys-usb:2-1", "free")

    def test_qubesd_goes_and_comes_back(self) -> None:
        """What it has seen last is shown meanwhile; what changed meanwhile is seen afterwards."""
        self.start()
        self.plug("stick", port=1)
        self.applet.wait_state("sys-usb:2-1", "free")
        self.applet.call("Attach", "sys-usb", "2-1", "work-usb")
        self.wait_icon("attached")
        self.qubesd.stop()
        self.applet.wait_connected(False)
        self.wait_icon("disconnected")
        self.assertEqual(("attached", "work-usb"), self.applet.state("sys-usb:2-1"))
        self.assertEqual(0, self.backend.service("qubes.USBDetach", "2-1", 90).rc)
        mouse = self.plug("mouse")
        self.qubesd.start()
        self.applet.wait_connected()
        self.applet.wait_state("sys-usb:2-1", "free")
        self.applet.wait_state(f"sys-usb:{mouse.busid}", "free")
        self.wait_icon("idle")

    def test_panel_is_killed_and_restarted(self) -> None:
        self.start()
        self.plug("stick", port=1)
        self.applet.wait_state("sys-usb:2-1", "free")
        # Plugged in, and not looked at before the panel's menu has been open once.
        for row in (r".* · 2-1 · new", r".* · 2-1"):
            self.desktop.stop_panel()
            self.desktop.start_panel()
            self.desktop.open_tray_menu()
            self.desktop.tree.find(re.compile(row), "accelerator label")
            self.desktop.press("Escape")
        self.assertEqual(1, len(self.desktop.tray_icons()))

    def test_second_instance_shows_the_window(self) -> None:
        self.start()
        self.assertEqual(0, self.applet.run("--background").returncode)
        self.assertEqual("", self.desktop.window("USB devices"))
        self.assertEqual(0, self.applet.run().returncode)
        until(lambda: self.desktop.window("USB devices"), "the window")
        self.assertTrue(self.applet.running)

    def test_without_notifications(self) -> None:
        self.desktop.stop_notifications()
        self.start()
        stick = self.plug("stick", port=1)
        self.applet.wait_state("sys-usb:2-1", "free")
        self.applet.call("Attach", "sys-usb", "2-1", "work-usb")
        self.assert_attached(stick, self.frontend)
        # Whoever shows them comes late: from then on they are shown.
        self.desktop.start_notifications()
        self.applet.call("Detach", "sys-usb", "2-1")
        self.desktop.wait_notice("Detached from work-usb")

    def test_without_a_tray(self) -> None:
        """The window takes its place. Closed, it leaves all the rest, and a second start shows it again."""
        self.desktop.stop_panel()
        self.qubesd.start()
        self.applet.start()
        until(lambda: self.desktop.window("USB devices"), "the window in place of the icon")
        self.desktop.start_panel()
        _ = self.desktop.tray_icon
        until(lambda: not self.desktop.window("USB devices"), "the window makes room for the icon")

        self.desktop.stop_panel()
        self.applet.start()
        until(lambda: self.desktop.active_window() == "USB devices", "the window again")
        self.desktop.press("Escape")
        until(lambda: not self.desktop.window("USB devices"), "the window is closed")
        self.assertTrue(self.applet.connected)
        self.assertEqual(0, self.applet.run().returncode)
        until(lambda: self.desktop.active_window() == "USB devices", "the window once more")
        self.desktop.press("ctrl+q")
        self.assertEqual(0, self.applet.wait_end())
        self.desktop.session.wait_name(NAME, False)
