# SPDX-License-Identifier: GPL-2.0-or-later
"""Xfce's window manager, panel with tray, and notifications; mouse, keyboard and screenshots."""

from __future__ import annotations

import hashlib
import re
import sysconfig
from pathlib import Path

from gi.repository import GLib
from labkit.process import Popen

from .look import LIGHT, Look
from .session import Session, SessionError, call, until
from .tree import Node, Tree

#: Where Debian has what is no command: below the library folder of the architecture.
XFCE = Path("/usr/lib", sysconfig.get_config_var("MULTIARCH") or "", "xfce4")

PANEL = """\
<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="{dark}"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="28"/>
      <property name="icon-size" type="uint" value="16"/>
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
        <value type="int" value="3"/>
        <value type="int" value="4"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="tasklist"/>
    <property name="plugin-2" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-3" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
    </property>
    <property name="plugin-4" type="string" value="clock"/>
  </property>
</channel>
"""

# They stay until they are closed: nothing depends on how fast the machine is.
NOTIFYD = """\
<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-notifyd" version="1.0">
  <property name="expire-timeout-enabled" type="bool" value="false"/>
  <property name="do-fadeout" type="bool" value="false"/>
  <property name="do-slideout" type="bool" value="false"/>
  <property name="initial-opacity" type="double" value="1.0"/>
  <property name="notify-location" type="uint" value="2"/>
  <property name="log-level" type="uint" value="0"/>
</channel>
"""

# One workspace, windows in the middle: the same picture each time.
WINDOWS = """\
<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfwm4" version="1.0">
  <property name="general" type="empty">
    <property name="theme" type="string" value="{theme}"/>
    <property name="use_compositing" type="bool" value="false"/>
    <property name="placement_mode" type="string" value="center"/>
    <property name="placement_ratio" type="int" value="100"/>
    <property name="workspace_count" type="int" value="1"/>
  </property>
</channel>
"""

PANEL_PROGRAM = "xfce4-panel"
NOTIFYD_PROGRAM = "xfce4-notifyd"
#: The panel's plug-in is a process of its own.
TRAY_PROGRAM = "wrapper-2.0"
WATCHER = "org.kde.StatusNotifierWatcher"
PROPERTIES = "org.freedesktop.DBus.Properties"
#: A place where nothing is, for the mouse.
REST = (200, 700)
#: Of an item in a menu of GTK.
MENU_LABEL = "accelerator label"


class Desktop:
    """Xfce in a session. Clicks are those of the mouse, keys those of the keyboard (XTEST)."""

    def __init__(self, session: Session, look: Look = LIGHT) -> None:
        self.session = session
        self.look = look
        self._panel: Popen | None = None
        self._notifyd: Popen | None = None
        self._settings: Popen | None = None
        self._manager: Popen | None = None
        session.env["QT_QPA_PLATFORMTHEME"] = "qt6ct"
        self.tree = Tree(session)
        self.dress(look)

    def dress(self, look: Look) -> None:
        """Start all of Xfce anew, looking so."""
        self.stop_panel()
        self.stop_notifications()
        for process in (self._manager, self._settings):
            if process is not None:
                self.session.stop(process)
        self.look = look
        config = Path(self.session.env["XDG_CONFIG_HOME"])
        look.write(config)
        channels = config / "xfce4/xfconf/xfce-perchannel-xml"
        channels.mkdir(parents=True, exist_ok=True)
        dark = str(look.gtk.endswith("dark")).lower()
        (channels / "xfce4-panel.xml").write_text(PANEL.format(dark=dark), encoding="utf-8")
        (channels / "xfce4-notifyd.xml").write_text(NOTIFYD, encoding="utf-8")
        (channels / "xfwm4.xml").write_text(WINDOWS.format(theme=look.gtk), encoding="utf-8")
        self.session.wait_name("org.xfce.Xfconf", False)
        self._settings = self.session.start(XFCE / "xfconf/xfconfd")
        self.session.wait_name("org.xfce.Xfconf")
        color = "#2e3440" if look.gtk.endswith("dark") else "#8fa3b8"
        self.session.run("xsetroot", "-solid", color)
        self._manager = self.session.start("xfwm4", "--compositor=off")
        until(self._is_managed, "xfwm4 manages the windows")
        self.start_notifications()
        self.start_panel()

    def _is_managed(self) -> bool:
        return "window id #" in self.session.run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")

    # Panel and notifications

    def start_panel(self, wait: bool = True) -> None:
        self._panel = self.session.start(PANEL_PROGRAM, "--disable-wm-check")
        if wait:
            self.session.wait_name(WATCHER)

    def stop_panel(self) -> None:
        if self._panel is not None:
            self.session.stop(self._panel)
            self._panel = None
            self.session.wait_name(WATCHER, False)

    def start_notifications(self) -> None:
        self._notifyd = self.session.start(XFCE / "notifyd/xfce4-notifyd")
        self.session.wait_name("org.freedesktop.Notifications")

    def stop_notifications(self) -> None:
        if self._notifyd is not None:
            self.session.stop(self._notifyd)
            self._notifyd = None
            self.session.wait_name("org.freedesktop.Notifications", False)

    @property
    def tray_icon(self) -> Node:
        """The only icon in the tray; waits for it."""
        return self.tree.find("", "push button", TRAY_PROGRAM)

    def tray_icons(self) -> list[Node]:
        return self.tree.find_all("", "push button", TRAY_PROGRAM)

    def status_item(self, name: str) -> str:
        """A property of the only StatusNotifierItem, as the panel reads it."""
        bus = self.session.bus
        arguments = GLib.Variant("(ss)", (WATCHER, "RegisteredStatusNotifierItems"))
        items = call(bus, WATCHER, "/StatusNotifierWatcher", "Get", arguments, PROPERTIES)[0]
        assert isinstance(items, list)
        if not items:
            return ""
        owner, _, path = items[0].partition("/")
        arguments = GLib.Variant("(ss)", ("org.kde.StatusNotifierItem", name))
        return str(call(bus, owner, f"/{path}", "Get", arguments, PROPERTIES)[0])

    def open_tray_menu(self) -> None:
        """By a right click on the icon; on its new place if it has moved, as in a panel that has just started."""
        clicked: tuple[int, int] | None = None

        def opened() -> list[Node]:
            nonlocal clicked
            place = self.tray_icon.middle
            if place != clicked:
                if clicked:
                    self.press("Escape")  # the menu of what was there
                self.click_at(*place, 3)
                clicked = place
            return self.tree.find_all(re.compile(".+"), MENU_LABEL, TRAY_PROGRAM)

        until(opened, "the menu of the tray")

    def menu_labels(self) -> list[str]:
        """What the open menu of the tray says, submenus included."""
        labels = self.tree.find_all(re.compile(".+"), MENU_LABEL, TRAY_PROGRAM)
        return [label.name for label in labels]

    def choose(self, *path: str | re.Pattern[str]) -> None:
        """Click on an item of the open menu of the tray, through submenus."""
        for name in path:
            self.click_at(*self.approach(name).middle)

    def approach(self, name: str | re.Pattern[str]) -> Node:
        """Move the mouse onto an item of the open menu of the tray, which opens its submenu."""
        item = self.tree.find(name, MENU_LABEL, TRAY_PROGRAM)
        x, y = item.middle
        # Into a submenu sideways, as a hand does: on a slope it would open what is passed.
        self.point(x, self.pointer()[1])
        self.point(x, y)
        return item

    def wait_notice(self, text: str | re.Pattern[str]) -> Node:
        """Wait until a notification says that."""
        return self.tree.find(text, "label", NOTIFYD_PROGRAM)

    def notices(self) -> list[str]:
        """All texts of the notifications that are shown."""
        labels = self.tree.find_all(re.compile(".+", re.DOTALL), "label", NOTIFYD_PROGRAM)
        return [label.name for label in labels]

    def wait_notices(self, text: str | re.Pattern[str]) -> list[str]:
        """All that is said in notifications, as soon as one says that."""
        self.wait_notice(text)
        return self.notices()

    def click_notice(self, button: str) -> None:
        """Click a button of a notification."""
        self.click(self.tree.find(button, "push button", NOTIFYD_PROGRAM))

    def clear(self) -> None:
        """Close menus and notifications, start again what does not run."""
        self.press("Escape", "Escape", "Escape", "Escape")
        self.point(*REST)  # where it raises no tool tip
        self.stop_notifications()
        self.start_notifications()
        if self._panel is None:
            self.start_panel()

    # Mouse and keyboard

    def point(self, x: int, y: int) -> None:
        """Move the mouse there, by way of a place beside it, so that something moves in any case."""
        self.session.run("xdotool", "mousemove", str(x - 1), str(y), "mousemove", str(x), str(y))

    def click(self, node: Node, button: int = 1) -> None:
        self.click_at(*node.middle, button)

    def click_at(self, x: int, y: int, button: int = 1) -> None:
        self.point(x, y)
        self.session.run("xdotool", "click", str(button))

    def type(self, text: str) -> None:
        self.session.run("xdotool", "type", "--delay", "15", text)

    def press(self, *keys: str) -> None:
        """Press and release keys one after the other, by their X names ("Return", "ctrl+f")."""
        self.session.run("xdotool", "key", "--delay", "40", *keys)

    def active_window(self) -> str:
        """The title of the window that has the keyboard; "" if there is none."""
        try:
            return self.session.run("xdotool", "getactivewindow", "getwindowname").strip()
        except SessionError:
            return ""  # how xdotool says that there is none

    def active_window_fits(self) -> bool:
        """Whether all of the window that has the keyboard is on the screen."""
        number = self.session.run("xdotool", "getactivewindow").strip()
        # Not xdotool, which adds the frame of the window to its place twice.
        window, screen = (
            self._numbers(self.session.run("xwininfo", *which))
            for which in (("-id", number), ("-root",))
        )
        return all(
            0 <= window[start] and window[start] + window[length] <= screen[length]
            for start, length in (
                ("Absolute upper-left X", "Width"),
                ("Absolute upper-left Y", "Height"),
            )
        )

    @staticmethod
    def _numbers(text: str) -> dict[str, int]:
        """What xwininfo says in lines such as "  Width: 920"."""
        return {key: int(value) for key, value in re.findall(r"(?m)^  ([^:]+): +(-?\d+)$", text)}

    def window(self, title: str) -> str:
        """The number of the visible window with that title; "" if there is none."""
        try:
            found = self.session.run(
                "xdotool", "search", "--onlyvisible", "--name", f"^{re.escape(title)}$"
            )
        except SessionError:
            return ""  # how xdotool says that there is none
        return found.split()[0] if found.split() else ""

    def window_is_drawn(self, program: str) -> bool:
        """Has the program a list on the screen?"""
        return bool(self.tree.find_all(re.compile(".+"), "list", program))

    def press_until(self, key: str, name: str, program: str, role: str = "menu item") -> None:
        """Press a key until what has that name has the focus."""

        def focused() -> bool:
            # It may not be there yet, or the last key may still be on its way.
            if any(item.focused for item in self.tree.find_all(name, role, program)):
                return True
            self.press(key)
            return any(item.focused for item in self.tree.find_all(name, role, program))

        until(focused, f"{name} has the focus after some {key}")

    # Pictures

    def screenshot(self, path: Path, area: tuple[int, int, int, int] | None = None) -> None:
        """area: x, y, width, height."""
        path.parent.mkdir(parents=True, exist_ok=True)
        crop = ["-crop", "{2}x{3}+{0}+{1}".format(*area)] if area else []
        self.session.run("import", "-window", "root", *crop, "+repage", path)

    def pixels(self) -> bytes:
        """What the whole screen shows, to be compared."""
        return hashlib.sha256(self.session.capture("import", "-window", "root", "rgb:-")).digest()

    def pointer(self) -> tuple[int, int]:
        found = re.match(r"x:(\d+) y:(\d+)", self.session.run("xdotool", "getmouselocation"))
        assert found
        return int(found[1]), int(found[2])
