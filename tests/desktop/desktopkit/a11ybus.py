#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Tells programs where the bus for accessibility is: a11ybus.py ADDRESS. See Session."""

from __future__ import annotations

import sys

from gi.repository import Gio, GLib

INTERFACES = """
<node>
  <interface name="org.a11y.Bus">
    <method name="GetAddress"><arg type="s" direction="out"/></method>
  </interface>
  <interface name="org.a11y.Status">
    <property name="IsEnabled" type="b" access="read"/>
    <property name="ScreenReaderEnabled" type="b" access="read"/>
  </interface>
</node>
"""


def main(address: str) -> None:
    def on_call(*arguments: object) -> None:
        invocation = arguments[-1]
        assert isinstance(invocation, Gio.DBusMethodInvocation)
        invocation.return_value(GLib.Variant("(s)", (address,)))

    def on_get(*_: object) -> GLib.Variant:
        return GLib.Variant("b", True)

    def on_bus(bus: Gio.DBusConnection, _name: str) -> None:
        for interface in Gio.DBusNodeInfo.new_for_xml(INTERFACES).interfaces:
            bus.register_object("/org/a11y/bus", interface, on_call, on_get, None)

    flags = Gio.BusNameOwnerFlags.NONE
    Gio.bus_own_name(Gio.BusType.SESSION, "org.a11y.Bus", flags, on_bus, None, None)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(sys.argv[1])
