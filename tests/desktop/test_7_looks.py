# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures of all there is to see, for people to look at: build/desktop/screenshots."""

from __future__ import annotations

import re
from collections.abc import Mapping

from desktopcase import PROGRAM, SCREENSHOTS, DesktopCase, until
from desktopkit import Look
from desktopkit.look import DARK, LIGHT

#: What opens them, in the details of a device.
DIALOGS = {"chooser": "(Move to|Verschieben nach) ?…", "rules": "(Automatic|Automatisch) ?…"}
GERMAN = {"LANG": "de_DE.UTF-8", "LANGUAGE": "de"}


class Looks(DesktopCase):
    starts = False

    def test_light(self) -> None:
        self.show("light", LIGHT, {})

    def test_dark(self) -> None:
        self.show("dark", DARK, {})

    def test_german(self) -> None:
        self.show("german", LIGHT, GERMAN)

    def test_dark_german_twice_as_large(self) -> None:
        """On a screen with twice the pixels. The panel, which draws the menu, is of GTK: it stays as it is."""
        self.show("double", DARK, {**GERMAN, "QT_SCALE_FACTOR": "2"})

    def picture(self, name: str) -> None:
        path = SCREENSHOTS / f"{name}.png"
        before = self.desktop.pixels()

        def is_still() -> bool:
            nonlocal before
            last, before = before, self.desktop.pixels()
            return last == before

        until(is_still, "nothing moves on the screen")
        self.desktop.screenshot(path)
        self.assertGreater(path.stat().st_size, 4000)

    def show(self, name: str, look: Look, language: Mapping[str, str]) -> None:
        if self.desktop.look != look:
            self.desktop.dress(look)
            self.addCleanup(self.desktop.dress, LIGHT)
        self.personal()
        self.qubesd.start()
        self.applet.start(env=language)
        self.applet.wait_connected()
        port = self.plug("stick", port=1, serial="60A44C413FAE2140A9731F1E").busid
        self.desktop.tree.find(re.compile(".*2-1.*", re.DOTALL), "label", "xfce4-notifyd")
        self.picture(f"{name}-plugged-in")
        serial = self.plug("serial").busid
        self.plug("audio")
        self.plug("mouse")
        self.plug("ccid")
        self.applet.wait_state(f"sys-usb:{serial}", "free")
        self.applet.call("Attach", "sys-usb", port, "work-usb")
        self.applet.call("Attach", "sys-usb", serial, "personal-usb")
        until(lambda: len(self.applet.devices) == 5, "all devices are known")
        self.desktop.clear()

        self.desktop.open_tray_menu()
        self.desktop.choose(re.compile(r".* · 2-1 → work-usb"))
        self.desktop.tree.find("personal-usb", "accelerator label")
        self.picture(f"{name}-menu")
        self.desktop.press("Escape", "Escape")

        self.applet.call("ShowWindow")
        until(lambda: self.desktop.window_is_drawn(PROGRAM), "the window")
        self.picture(f"{name}-window")
        # The window manager may have to move it first.
        until(self.desktop.active_window_fits, "all of the window is on the screen")
        for dialog, words in DIALOGS.items():
            button = self.desktop.tree.find(re.compile(words), "push button", PROGRAM)
            if "QT_SCALE_FACTOR" in language:
                break  # Qt tells the places of things in pixels of its own
            self.desktop.click(button)
            self.desktop.tree.find(re.compile(".+"), "dialog", PROGRAM)
            self.picture(f"{name}-{dialog}")
            self.desktop.press("Escape")
            self.desktop.tree.wait_gone(re.compile(".+"), "dialog", PROGRAM)
        self.desktop.press("ctrl+l")
        self.desktop.tree.find(re.compile(r"\d.*work-usb.*"), "list item", PROGRAM)
        self.picture(f"{name}-log")
        self.desktop.press("Escape", "ctrl+comma")
        self.desktop.tree.find(re.compile(".+"), "check box", PROGRAM)
        self.picture(f"{name}-settings")
        self.desktop.press("Escape", "Escape")

        self.desktop.click(self.desktop.tray_icon)
        until(lambda: self.desktop.window_is_drawn(PROGRAM), "the popover")
        self.picture(f"{name}-popover")
        self.desktop.press("Escape")
