# SPDX-License-Identifier: GPL-2.0-or-later
"""The applet, and the server that it talks to, as programs of a session."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gi.repository import GLib
from labkit.process import Popen
from labkit.qmp import connect_unix

from .session import Programs, Session, SessionError, call, owned, until

LAB_QUBESD = Path(__file__).resolve().parents[2] / "lab/adminapi/lab-qubesd"

NAME = "org.qubes.UsbApplet1"
PATH = "/org/qubes/UsbApplet1"
DEVICE = NAME + ".Device"
PROGRAM = "qubes-usb-applet"

#: What dom0 knows of the lab's qubes.
QUBES = {
    "generation": "4.3",
    "qubes": {
        "sys-usb": {"guest": True, "label": "red"},
        "work-usb": {"guest": True, "label": "blue"},
        "personal-usb": {"guest": True, "label": "yellow"},
    },
}


class Applet:
    """An installed qubes-usb-applet. Each start has the settings that the last one left."""

    def __init__(self, session: Session, prefix: Path, *options: str) -> None:
        """prefix: where it was installed (bin, share, ...)."""
        self._session = session
        self._program = prefix / "bin" / PROGRAM
        self.options = options
        self._process: Popen | None = None

    @property
    def settings(self) -> Path:
        return Path(self._session.env["XDG_CONFIG_HOME"], "qubes-usb-applet/applet.ini")

    def start(self, *options: str, env: Mapping[str, str] | None = None) -> None:
        """Start it and wait until it is on the bus."""
        self.stop()
        self._process = self._session.start(self._program, *self.options, *options, env=env)
        self._session.wait_name(NAME)

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Start it and wait for its end: what a second instance does at once."""
        command = [str(self._program), *self.options, *options]
        return subprocess.run(
            command,
            env=self._session.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def make_activatable(self) -> Path:
        """From now on the bus starts it when it is called, until this file is removed."""
        command = " ".join([str(self._program), *self.options, "--background"])
        service = self._session.folder / "services" / f"{NAME}.service"
        service.write_text(f"[D-BUS Service]\nName={NAME}\nExec={command}\n", encoding="utf-8")
        variables = GLib.Variant("(a{ss})", (dict(self._session.env),))
        bus = "org.freedesktop.DBus"
        call(
            self._session.bus,
            bus,
            "/org/freedesktop/DBus",
            "UpdateActivationEnvironment",
            variables,
        )
        call(self._session.bus, bus, "/org/freedesktop/DBus", "ReloadConfig")
        return service

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        return self._session.log(self._process) if self._process is not None else ""

    def stop(self) -> None:
        """End it as a logout does."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                raise SessionError(f"the applet ignores SIGTERM: {self.log}") from None
        self._process = None
        bus = "org.freedesktop.DBus"
        if owned(self._session.bus, NAME):  # by one that the bus has started
            arguments = GLib.Variant("(s)", (NAME,))
            method = "GetConnectionUnixProcessID"
            # It may end before it is asked or told; whether it has gone is waited for below.
            with contextlib.suppress(GLib.Error, ProcessLookupError):
                pid = call(self._session.bus, bus, "/", method, arguments)[0]
                os.kill(int(str(pid)), signal.SIGTERM)
        self._session.wait_name(NAME, False)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """It stands still, as if too busy to hear of anything."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def wait_end(self) -> int:
        """Wait until it has ended by itself; its exit code."""
        assert self._process is not None
        return self._process.wait(60)

    # What it says by D-Bus

    def call(self, method: str, *words: str, timeout: float = 150.0) -> None:
        arguments = GLib.Variant(f"({'s' * len(words)})", words)
        call(self._session.bus, NAME, PATH, method, arguments, timeout=timeout)

    @property
    def connected(self) -> bool:
        arguments = GLib.Variant("(ss)", (NAME, "Connected"))
        properties = "org.freedesktop.DBus.Properties"
        return bool(call(self._session.bus, NAME, PATH, "Get", arguments, properties)[0])

    def wait_connected(self, connected: bool = True) -> None:
        until(lambda: self.connected == connected, f"the applet says Connected: {connected}")

    @property
    def devices(self) -> dict[str, dict[str, Any]]:
        """The properties of each device, by "backend:port"."""
        manager = "org.freedesktop.DBus.ObjectManager"
        objects = call(self._session.bus, NAME, PATH, "GetManagedObjects", None, manager)[0]
        assert isinstance(objects, dict)
        found = [interfaces[DEVICE] for interfaces in objects.values() if DEVICE in interfaces]
        return {f"{entry['Backend']}:{entry['Port']}": entry for entry in found}

    def state(self, device: str) -> tuple[str, str]:
        """State and qube of a device, ("", "") if it is unknown."""
        entry = self.devices.get(device, {})
        return entry.get("State", ""), entry.get("AttachedTo", "")

    def wait_state(self, device: str, state: str, qube: str = "") -> None:
        wanted = (state, qube)
        seen = f"the applet has {device} as {wanted}"
        try:
            until(lambda: self.state(device) == wanted, seen)
        except SessionError as error:
            raise SessionError(f"{error}; it has {self.devices}\n{self.log}") from None


class Qubesd:
    """lab-qubesd beside a running lab."""

    def __init__(
        self, session: Programs, state: Path, programs: Path, config: Mapping[str, Any]
    ) -> None:
        """session: whose program it is to be; state: the lab's folder; programs: that of qrexec-client; config: see lab-qubesd."""
        self._session = session
        self._state = state
        self._programs = programs
        self._config = session.folder / "qubesd.json"
        self._config.write_text(json.dumps(config), encoding="utf-8")
        self.socket = state / "qubesd.sock"
        self._control = state / "qubesd.sock.control"
        self._process: Popen | None = None

    def start(self) -> None:
        self._process = self._session.start(
            *(LAB_QUBESD, "--state-dir", self._state, "--programs", self._programs),
            *("--config", self._config),
            # Its attaches run the lab's programs.
            env={"QUBES_LAB_DIR": str(self._state)},
        )
        process = self._process
        until(lambda: self._control.exists() or process.poll() is not None, "lab-qubesd is up")
        if process.poll() is not None:
            raise SessionError(f"lab-qubesd ended: {self.log}")

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        return self._session.log(self._process) if self._process is not None else ""

    def stop(self) -> None:
        """End it as systemd does: its socket is gone afterwards."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
        self._process = None

    def control(self, verb: str, **request: object) -> None:
        """See lab-qubesd's README."""
        with connect_unix(self._control, 60.0) as connection:
            connection.sendall(json.dumps({"do": verb, **request}).encode() + b"\n")
            with connection.makefile("rb") as answers:
                answer = json.loads(answers.readline())
        if "error" in answer:
            raise SessionError(f"lab-qubesd: {verb}: {answer['error']}")
