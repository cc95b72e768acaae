# SPDX-License-Identifier: GPL-2.0-or-later
"""What programs show, as their accessibility trees tell it: names, roles, places on the screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from gi.repository import Gio, GLib

from .session import Session, SessionError, call, until

_A11Y = "org.a11y.atspi."
_ROOT = "/org/a11y/atspi/accessible/root"
_PLUG = "/org/a11y/atspi/accessible/1"
_NULL = "/org/a11y/atspi/null"
_SCREEN = GLib.Variant("(u)", (0,))
#: Bits of GetState (atspi-constants.h).
_SHOWING, _VISIBLE, _ENABLED, _CHECKED, _FOCUSED, _SELECTED = 25, 30, 8, 4, 12, 23

#: Roles of what holds the items of a menu.
MENUS = ("menu", "popup menu")

Place = tuple[str, str]


@dataclass(frozen=True)
class Node:
    """Something on the screen. It is asked anew each time, and may be gone by then (GLib.Error)."""

    bus: Gio.DBusConnection
    place: Place

    def _call(
        self, interface: str, method: str, arguments: GLib.Variant | None = None
    ) -> tuple[object, ...]:
        name, path = self.place
        return tuple(call(self.bus, name, path, method, arguments, _A11Y + interface, 10.0))

    def _property(self, interface: str, name: str) -> object:
        arguments = GLib.Variant("(ss)", (_A11Y + interface, name))
        properties = "org.freedesktop.DBus.Properties"
        return call(self.bus, *self.place, "Get", arguments, properties, 10.0)[0]

    @cached_property
    def name(self) -> str:
        return str(self._property("Accessible", "Name"))

    @property
    def description(self) -> str:
        return str(self._property("Accessible", "Description"))

    @cached_property
    def role(self) -> str:
        return str(self._call("Accessible", "GetRoleName")[0])

    @property
    def text(self) -> str:
        """The content of a text field."""
        return str(self._call("Text", "GetText", GLib.Variant("(ii)", (0, -1)))[0])

    @property
    def parent(self) -> Node:
        place = self._property("Accessible", "Parent")
        assert isinstance(place, tuple)
        return Node(self.bus, place)

    @property
    def children(self) -> list[Node]:
        reply = self._call("Accessible", "GetChildren")[0]
        assert isinstance(reply, list)
        return [Node(self.bus, place) for place in reply if place[1] != _NULL]

    def _state(self, bit: int) -> bool:
        reply = self._call("Accessible", "GetState")[0]
        assert isinstance(reply, list)
        return bool(reply[0] >> bit & 1)

    @property
    def showing(self) -> bool:
        return self._state(_SHOWING)

    @property
    def enabled(self) -> bool:
        return self._state(_ENABLED)

    @property
    def checked(self) -> bool:
        return self._state(_CHECKED)

    @property
    def focused(self) -> bool:
        return self._state(_FOCUSED)

    @property
    def selected(self) -> bool:
        return self._state(_SELECTED)

    @property
    def extents(self) -> tuple[int, int, int, int]:
        """x, y, width and height on the screen."""
        x, y, width, height = self._call("Component", "GetExtents", _SCREEN)[0]  # type: ignore[misc]  # by its signature (iiii)
        return int(x), int(y), int(width), int(height)

    @property
    def middle(self) -> tuple[int, int]:
        x, y, width, height = self.extents
        return x + width // 2, y + height // 2

    def walk(self) -> Iterator[Node]:
        """It and all below it; what vanishes meanwhile is left out."""
        yield self
        try:
            children = self.children
        except GLib.Error:
            return  # gone since it was listed
        for child in children:
            yield from child.walk()

    def __str__(self) -> str:
        return f"{self.role} {self.name!r}"


class Tree:
    """The accessibility trees of all programs of a session."""

    def __init__(self, session: Session) -> None:
        self._bus = session.accessibility
        # Menus are below no root: neither Qt's, nor those of the tray, which belong to a plug-in process
        # of the panel. They are known from what their items say when they are shown or get the focus.
        self._heard: dict[Place, None] = {}
        registry = _A11Y + "Registry"
        for event in ("object:state-changed:showing", "object:state-changed:focused", "focus:"):
            arguments = GLib.Variant("(sass)", (event, [], ""))
            path = "/org/a11y/atspi/registry"
            call(self._bus, registry, path, "RegisterEvent", arguments)
        none = Gio.DBusSignalFlags.NONE
        events = _A11Y + "Event.Object"
        self._bus.signal_subscribe(None, events, "StateChanged", None, None, none, self._on_event)

    def _on_event(self, _bus: object, sender: str, path: str, *_: object) -> None:
        self._heard[(sender, path)] = None

    def _orphans(self, program: Node) -> Iterator[Node]:
        """What a program has shown that is not below its root, or not known to be."""
        while GLib.MainContext.default().iteration(False):
            pass
        name, _ = program.place
        if not program.children:
            # The first object that a plug-in process makes is its plug, on which its tree hangs.
            yield from Node(self._bus, (name, _PLUG)).walk()
        menus: set[Place] = set()
        for place in [place for place in self._heard if place[0] == name]:
            node = Node(self._bus, place)
            try:
                parent = node.parent
                if node.role == "filler":
                    yield from node.walk()  # GTK's items know their label only when they are made
                elif parent.role in MENUS and parent.place not in menus:
                    menus.add(parent.place)
                    yield from parent.walk()
            except GLib.Error:  # gone since it was heard of
                self._heard.pop(place, None)

    @property
    def programs(self) -> list[Node]:
        """Each program that shows something, by its name."""
        return Node(self._bus, (_A11Y + "Registry", _ROOT)).children

    def find_all(
        self, name: str | re.Pattern[str], role: str | tuple[str, ...] = "", program: str = ""
    ) -> list[Node]:
        """What is on the screen with that name (a pattern: that matches all of it) and role."""
        found = []
        for node in self._all(program):
            try:
                if fits(node, name, role) and node.showing:
                    found.append(node)
            except GLib.Error:
                continue  # gone since it was listed
        return found

    def _all(self, program: str) -> Iterator[Node]:
        for top in self.programs:
            seen: set[Place] = set()
            try:
                if program and program not in top.name:
                    continue
                for node in chain(top.walk(), self._orphans(top)):
                    if node.place not in seen:
                        seen.add(node.place)
                        yield node
            except GLib.Error:
                continue  # it has ended

    def find(
        self, name: str | re.Pattern[str], role: str | tuple[str, ...] = "", program: str = ""
    ) -> Node:
        """Wait until there is one, and return it."""
        try:
            return until(
                lambda: self.find_all(name, role, program), f"{role} {name!r} {program} is shown"
            )[0]
        except SessionError as error:
            raise SessionError(f"{error}; there is\n{self.dump(program)}") from None

    def wait_gone(
        self, name: str | re.Pattern[str], role: str | tuple[str, ...] = "", program: str = ""
    ) -> None:
        until(lambda: not self.find_all(name, role, program), f"{role} {name!r} is gone")

    def dump(self, program: str = "") -> str:
        """All that is on the screen, for messages."""
        lines = []
        for node in self._all(program):
            try:
                if node.name and node.showing:
                    lines.append(f"  {node}")
            except GLib.Error:
                continue  # gone since it was listed
        return "\n".join(lines)


def fits(node: Node, name: str | re.Pattern[str], role: str | tuple[str, ...]) -> bool:
    if role and node.role not in ((role,) if isinstance(role, str) else role):
        return False
    if isinstance(name, str):
        return node.name == name
    return name.fullmatch(node.name) is not None
