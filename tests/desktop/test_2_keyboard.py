# SPDX-License-Identifier: GPL-2.0-or-later
"""With the keyboard alone, in the window."""

from __future__ import annotations

import re

from desktopcase import PROGRAM, DesktopCase, until

WINDOW = "USB devices"


class Keyboard(DesktopCase):
    def wait_window(self) -> None:
        until(lambda: self.desktop.active_window() == WINDOW, "the window has the keyboard")

    def wait_row(self, text: str) -> None:
        self.desktop.tree.find(re.compile(f".*{text}.*"), "list item", PROGRAM)

    def wait_no_row(self, text: str) -> None:
        self.desktop.tree.wait_gone(re.compile(f".*{text}.*"), "list item", PROGRAM)

    def test_search_attach_detach(self) -> None:
        """A second start shows the window; type, Enter, Down to the qube, Enter; the same way back."""
        stick = self.plug("stick", port=1)
        mouse = self.plug("mouse")
        self.applet.wait_state("sys-usb:2-1", "free")
        self.applet.wait_state(f"sys-usb:{mouse.busid}", "free")
        self.assertEqual(0, self.applet.run().returncode)
        self.wait_window()
        self.wait_row(f"{mouse.busid}, ")
        self.desktop.type("storage")
        self.wait_no_row(f"{mouse.busid}, ")
        self.wait_row("2-1, not attached")

        self.desktop.press("Return")
        self.desktop.press_until("Down", "work-usb", PROGRAM)
        self.desktop.press("Return")
        self.assert_attached(stick, self.frontend)
        self.applet.wait_state("sys-usb:2-1", "attached", "work-usb")
        self.desktop.press("Escape")  # the search, so that "storage" no longer hides the mouse
        self.wait_row(f"{mouse.busid}, ")
        self.wait_row("2-1, attached to work-usb")

        self.desktop.type("2-1")
        self.wait_no_row(f"{mouse.busid}, ")
        self.desktop.press("Return")
        self.desktop.press_until("Down", "Detach from work-usb", PROGRAM)
        self.assertEqual("attached", self.applet.state("sys-usb:2-1")[0])
        self.desktop.press("Return")
        self.applet.wait_state("sys-usb:2-1", "free")
        self.assert_home(stick)
        # What happened is written down; Escape leads back and then closes.
        self.desktop.press("ctrl+l")
        self.desktop.tree.find(re.compile(".*Detached from work-usb.*", re.I), "list item", PROGRAM)
        self.desktop.press("Escape", "Escape", "Escape")
        until(lambda: self.desktop.active_window() != WINDOW, "the window is closed")
        self.assertTrue(self.applet.running)

    def test_buttons_and_chooser(self) -> None:
        """As who does not see the screen works: Tab from button to button, each says its name; type in the chooser."""
        stick = self.plug("stick", port=1)
        self.applet.wait_state("sys-usb:2-1", "free")
        self.assertEqual(0, self.applet.run().returncode)
        self.wait_window()
        self.desktop.press_until("Tab", "Attach to…", PROGRAM, "push button")
        self.desktop.press("space")
        until(lambda: self.desktop.active_window() == "Attach to a qube", "the chooser")
        self.desktop.type("work")
        self.desktop.tree.find("work-usb, Suggested", "list item", PROGRAM)
        self.desktop.press("Return")
        self.assert_attached(stick, self.frontend)
        self.applet.wait_state("sys-usb:2-1", "attached", "work-usb")
        self.wait_window()
        self.desktop.press_until("Tab", "Automatic…", PROGRAM, "push button")
        self.desktop.press("space")
        until(lambda: self.desktop.active_window() == "Attach automatically", "the rules")
        self.desktop.press_until("Tab", "Add the rule", PROGRAM, "push button")
        self.desktop.press("space")
        self.desktop.tree.find(
            "work-usb: automatically, this device at this port", "list item", PROGRAM
        )
        self.desktop.press("Escape")
        self.wait_window()
        self.desktop.press_until("Tab", "Detach", PROGRAM, "push button")
        self.desktop.press("space")
        self.applet.wait_state("sys-usb:2-1", "free")
        self.assert_home(stick)

    def test_input_device_is_handed_over_after_a_question(self) -> None:
        """Enter in the question's "no", and nothing moves; then yes, and it does."""
        mouse = self.plug("mouse")
        device = f"sys-usb:{mouse.busid}"
        self.applet.wait_state(device, "free")
        self.assertEqual(0, self.applet.run().returncode)
        self.wait_window()
        for answer in (["Escape"], ["Tab", "space"]):
            self.desktop.press("Return")
            self.desktop.press_until("Down", "work-usb", PROGRAM)
            self.desktop.press("Return")
            until(lambda: self.desktop.active_window() not in (WINDOW, ""), "the question")
            self.assertEqual("free", self.applet.state(device)[0])
            self.desktop.press(*answer)
            self.wait_window()
        self.applet.wait_state(device, "attached", "work-usb")
        self.assertIn(f"imported {device}", self.engine_list(self.frontend))
