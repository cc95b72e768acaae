# SPDX-License-Identifier: GPL-2.0-or-later
"""A D-Bus session and a display of its own, gone with the process that made them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from gi.repository import Gio, GLib
from labkit.process import Nursery, Popen, kill

T = TypeVar("T")

#: Long enough for an emulated machine on a busy host; whatever lasts longer never happens.
LIMIT = 120.0

# Services are started by us alone: none is found but those that a test writes into "services".
BUS_CONFIGURATION = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={folder}/{name}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{folder}/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class SessionError(AssertionError):
    """The desktop did not do what was waited for; the text says what was seen instead."""


def until(probe: Callable[[], T | None], what: str, limit: float = LIMIT) -> T:
    """Call probe until it answers something true, and return that; SessionError after the time."""
    deadline = time.monotonic() + limit
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise SessionError(f"not within {limit:g} s: {what} (last answer: {answer!r})")
        time.sleep(0.05)


class Programs:
    """Programs that run with a log each, and end with the process that started them."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        """folder: theirs, with "log" and "home" in it; env: what they find."""
        self.folder = folder.resolve()
        self.env = dict(env)
        self._nursery = Nursery()
        self._logs: dict[Popen, Path] = {}
        for name in ("log", "home"):
            (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    def start(self, *command: str | Path, env: Mapping[str, str] | None = None) -> Popen:
        """Start a program; it ends with these, or by `stop`."""
        name = f"{len(self._logs):02}-{Path(command[0]).name}.log"
        path = self.folder / "log" / name
        with open(path, "wb") as log:
            process = self._nursery.start(
                command, self.folder / "home", log, {**self.env, **(env or {})}
            )
        self._logs[process] = path
        return process

    def stop(self, process: Popen) -> None:
        """Kill it, and wait until it is gone. Twice is harmless."""
        kill(process)

    def log(self, process: Popen) -> str:
        """What the program has said so far."""
        return self._logs[process].read_text(encoding="utf-8", errors="replace")

    def close(self) -> None:
        """End everything at once. Twice is harmless."""
        self._nursery.close()


class Session(Programs):
    """Xvfb and dbus-daemon, with a home of their own. `env` is for the programs that live in it."""

    def __init__(
        self,
        size: str = "1280x800",
        prefixes: Sequence[Path] = (),
        folder: Path | None = None,
    ) -> None:
        """prefixes: where programs are installed whose icons and the like are to be found.

        folder: where the home is made and stays; without it, one that ends with the session.
        """
        self._shares = [str(prefix / "share") for prefix in prefixes]
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="desktop-")
        # The path of a socket has at most 107 characters.
        super().__init__(folder or Path(self._temporary.name), {})  # type: ignore[union-attr]  # one of both is there
        self.env = self._environment()
        try:
            self._start_display(size)
            self.bus = self._start_bus("bus")
            self.accessibility = self._start_accessibility()
        except BaseException:
            self.close()
            raise

    def _environment(self) -> dict[str, str]:
        for name in ("services", "config", "runtime", "log", "home"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            (self.folder / name).mkdir(mode=0o700, parents=True)
        # Nothing of the desktop on which the tests run.
        kept = {
            name: os.environ[name] for name in ("PATH", "USER", "LOGNAME") if name in os.environ
        }
        return kept | {
            "HOME": str(self.folder / "home"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_CACHE_HOME": str(self.folder / "home/.cache"),
            "XDG_RUNTIME_DIR": str(self.folder / "runtime"),
            "XDG_DATA_DIRS": ":".join([*self._shares, "/usr/local/share", "/usr/share"]),
            "XDG_CURRENT_DESKTOP": "XFCE",
            "XDG_SESSION_TYPE": "x11",
            "LANG": "C.UTF-8",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.folder}/bus",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            # dconf and gvfs would be services of their own.
            "GSETTINGS_BACKEND": "memory",
            "GIO_USE_VFS": "local",
        }

    def _start_display(self, size: str) -> None:
        server = self.start(
            *("Xvfb", "-displayfd", "1", "-screen", "0", f"{size}x24", "-nolisten", "tcp"),
            *("-noreset", "+extension", "XTEST"),
        )

        def number() -> str:
            if server.poll() is not None:
                raise SessionError(f"Xvfb ended: {self.log(server)}")
            found = re.search(r"^(\d+)$", self.log(server), re.MULTILINE)
            return found[1] if found else ""

        self.env["DISPLAY"] = ":" + until(number, "Xvfb is up")

    def _start_bus(self, name: str) -> Gio.DBusConnection:
        configuration = self.folder / f"{name}.conf"
        text = BUS_CONFIGURATION.format(folder=self.folder, name=name)
        configuration.write_text(text, encoding="utf-8")
        (self.folder / name).unlink(missing_ok=True)
        bus = self.start("dbus-daemon", f"--config-file={configuration}", "--nofork", "--nopidfile")

        def connected() -> Gio.DBusConnection | None:
            if bus.poll() is not None:
                raise SessionError(f"dbus-daemon ended: {self.log(bus)}")
            try:
                return connect(f"unix:path={self.folder}/{name}")
            except GLib.Error:
                return None  # no socket yet, or one that is bound and does not listen yet

        return until(connected, "dbus-daemon is up")

    def _start_accessibility(self) -> Gio.DBusConnection:
        # at-spi-bus-launcher does the same; but its bus outlives it if it is killed.
        bus = self._start_bus("a11y")
        address = f"unix:path={self.folder}/a11y"
        self.start("/usr/bin/python3", "-B", Path(__file__).with_name("a11ybus.py"), address)
        self.wait_name("org.a11y.Bus")
        self.start("/usr/libexec/at-spi2-registryd")
        wait_owned(bus, "org.a11y.atspi.Registry", True)
        return bus

    def run(self, *command: str | Path) -> str:
        """Run a short command; what it prints, or SessionError if it fails."""
        return self.capture(*command).decode("utf-8", "replace")

    def capture(self, *command: str | Path) -> bytes:
        """As run, for bytes."""
        done = subprocess.run(
            list(map(str, command)),
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            raise SessionError(f"{command}: {done.stderr!r}")
        return done.stdout

    def wait_name(self, name: str, there: bool = True) -> None:
        """Wait until the name is owned on the session bus, or is no longer."""
        wait_owned(self.bus, name, there)

    def close(self) -> None:
        """End everything at once. Twice is harmless."""
        super().close()
        if self._temporary is not None:
            self._temporary.cleanup()


def connect(address: str) -> Gio.DBusConnection:
    flags = (
        Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
        | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    )
    connection = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
    connection.set_exit_on_close(False)
    return connection


def call(
    bus: Gio.DBusConnection,
    name: str,
    path: str,
    method: str,
    arguments: GLib.Variant | None = None,
    interface: str = "",
    timeout: float = 20.0,
) -> Sequence[object]:
    """A call, whose interface is named as its receiver unless told otherwise; GLib.Error if refused."""
    none = Gio.DBusCallFlags.NONE
    milliseconds = int(timeout * 1000)
    reply = bus.call_sync(
        name, path, interface or name, method, arguments, None, none, milliseconds, None
    )
    result: Sequence[object] = reply.unpack()
    return result


def owned(bus: Gio.DBusConnection, name: str) -> bool:
    arguments = GLib.Variant("(s)", (name,))
    return bool(call(bus, "org.freedesktop.DBus", "/", "NameHasOwner", arguments)[0])


def wait_owned(bus: Gio.DBusConnection, name: str, there: bool) -> None:
    """Wait until the name is owned on that bus, or is no longer."""
    until(lambda: owned(bus, name) == there, f"{name} is {'owned' if there else 'free'}")
