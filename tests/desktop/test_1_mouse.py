# SPDX-License-Identifier: GPL-2.0-or-later
"""With the mouse alone: buttons of notifications, rows of the window, the menu of the tray."""

from __future__ import annotations

import re

from desktopcase import PROGRAM, DesktopCase, until

ROW = re.compile(r".*sys-usb:2-1.*")
ENTRY = " · 2-1"
MIDDLE = (640, 400)
FREE = re.compile(r".* · 2-1( · new)?")
ATTACHED = re.compile(r".* · 2-1 → work-usb")


class Mouse(DesktopCase):
    def test_plug_attach_detach(self) -> None:
        """The first time: choose where to, from notification and row; detach in a notification."""
        stick = self.plug("stick", port=1)
        self.desktop.click_notice("Choose…")
        self.desktop.click(self.desktop.tree.find("Cancel", "push button", PROGRAM))
        self.desktop.tree.wait_gone("Search qubes", "text")
        self.assertEqual("free", self.applet.state("sys-usb:2-1")[0])
        self.applet.call("ShowWindow")
        row = self.desktop.tree.find(ROW, "list item")
        # The button at the end of the row.
        x, y, width, height = row.extents
        self.desktop.click_at(x + width - 40, y + height // 2)
        self.desktop.click(self.desktop.tree.find("work-usb, Suggested", "list item", PROGRAM))
        self.desktop.click(self.desktop.tree.find("Attach to work-usb", "push button", PROGRAM))
        self.assert_attached(stick, self.frontend)
        self.desktop.wait_notice("Attached to work-usb")
        self.desktop.click_notice("Detach")
        self.desktop.wait_notice("Detached from work-usb")
        self.assert_home(stick)

    def test_popover(self) -> None:
        """A left click on the icon opens it with the keyboard in it; another closes it."""
        for _ in range(2):
            self.desktop.click(self.desktop.tray_icon)
            until(lambda: self.desktop.tree.find_all("Search devices", "text"), "the popover")
            self.desktop.type("x")
            search = self.desktop.tree.find("Search devices", "text")
            until(lambda: search.text == "x", "what is typed arrives in the search")
            self.desktop.press("Escape")
            until(lambda: search.text == "", "Escape clears the search")
            self.desktop.click(self.desktop.tray_icon)
            self.desktop.tree.wait_gone("Search devices", "text")

    def test_popover_closes_when_left(self) -> None:
        other = self.desktop.session.start("xmessage", "-center", "Another program's window")
        self.addCleanup(self.desktop.session.stop, other)
        until(lambda: self.desktop.window("xmessage"), "another window")
        self.desktop.click(self.desktop.tray_icon)
        until(lambda: self.desktop.tree.find_all("Search devices", "text"), "the popover")
        self.desktop.click_at(*MIDDLE)
        self.desktop.tree.wait_gone("Search devices", "text")

    def test_notification_then_tray(self) -> None:
        """Plugged in again: one click attaches it to where it was last; the tray detaches it."""
        stick = self.plug("stick", port=1)
        self.applet.wait_state("sys-usb:2-1", "free")
        self.applet.call("Attach", "sys-usb", "2-1", "work-usb")
        self.applet.call("Detach", "sys-usb", "2-1")
        self.assert_home(stick)
        idle = self.tray_icon_name()
        self.backend.unplug(stick)
        until(lambda: not self.applet.devices, "the applet has no device")

        stick = self.plug("stick", port=1)
        self.desktop.click_notice("Attach to work-usb")
        self.desktop.wait_notice("Attached to work-usb")
        self.assert_attached(stick, self.frontend)
        until(lambda: self.tray_icon_name() != idle, "another icon in the tray")
        self.assertIn("attached", self.tray_icon_name())

        self.desktop.open_tray_menu()
        self.desktop.choose(ATTACHED, "Detach from work-usb")
        self.desktop.wait_notice("Detached from work-usb")
        self.assert_home(stick)
        until(lambda: self.tray_icon_name() == idle, "the first icon in the tray")
        self.desktop.open_tray_menu()
        self.assertEqual([], [text for text in self.desktop.menu_labels() if "→" in text])
        self.assertIn(ENTRY, " ".join(self.desktop.menu_labels()))

    def test_swapped_under_the_menu(self) -> None:
        """What was on the screen is attached or nothing is, though the applet hears of it only after the click."""
        stick = self.plug("stick", port=1, serial="SEEN")
        self.applet.wait_state("sys-usb:2-1", "free")
        self.desktop.open_tray_menu()
        self.desktop.choose(FREE)
        entry = self.desktop.approach("work-usb")
        with self.applet.held():
            self.backend.unplug(stick)
            other = self.plug("stick", port=1, serial="SWAPPED")
            self.desktop.click(entry)
        texts = " ".join(self.desktop.wait_notices("Could not attach to work-usb"))
        self.assertIn("Another device is at that port now: ", texts)
        self.applet.wait_state("sys-usb:2-1", "free")
        self.assertEqual([], self.disks(self.frontend))
        self.assert_home(other)
