# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest as its users see it: run, read, write, plug, unplug, press keys."""

from __future__ import annotations

import re
import select
import shlex
import struct
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

from . import devices as usb
from .devices import Device
from .qmp import Qmp
from .registry import Registry

T = TypeVar("T")


class LabError(RuntimeError):
    """The lab could not do what was asked; the text says what was seen instead."""


@dataclass(frozen=True)
class Result:
    """What a command left behind; `rc` as a caller in dom0 sees it."""

    rc: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        return self.raw.decode("utf-8", "replace")


def wait_for(probe: Callable[[], T], timeout: float, what: str, interval: float = 0.05) -> T:
    """Call probe until it answers something true, and return that; LabError after the time."""
    deadline = time.monotonic() + timeout
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise LabError(f"not within {timeout:g} s: {what} (last answer: {answer!r})")
        time.sleep(interval)


def run_command(
    command: list[str],
    env: Mapping[str, str],
    input: bytes | str = b"",
    timeout: float = 180.0,
) -> Result:
    data = input.encode() if isinstance(input, str) else input
    try:
        done = subprocess.run(
            command, env=env, input=data, capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired as expired:
        raise LabError(
            f"not within {timeout:g} s: {shlex.join(command)}\n{expired.stdout!r}\n{expired.stderr!r}"
        ) from expired
    return Result(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


class Qube:
    def __init__(self, name: str, folder: Path, cache: Path, env: Mapping[str, str]) -> None:
        self.name = name
        self.folder = folder
        self._cache = cache
        self._env = env
        self._registry = Registry(folder)

    # Commands and files

    def run(
        self, command: str, input: bytes | str = b"", timeout: float = 180.0, user: str = "root"
    ) -> Result:
        """Run a shell command in the guest, through qrexec as dom0 does."""
        return run_command(self._qvm_run(command, user), self._env, input, timeout)

    def check(
        self, command: str, input: bytes | str = b"", timeout: float = 180.0, user: str = "root"
    ) -> str:
        """As run, for commands that must succeed; returns what they print."""
        result = self.run(command, input, timeout, user)
        if result.rc != 0:
            raise LabError(f"{self.name}: {command}: rc {result.rc}\n{result.out}{result.err}")
        return result.out

    def popen(self, command: str, user: str = "root", **options: Any) -> subprocess.Popen[bytes]:
        """Start a command in the guest; options as subprocess.Popen's. The caller ends it."""
        return subprocess.Popen(self._qvm_run(command, user), env=self._env, **options)

    def service(self, name: str, input: str = "", timeout: float = 180.0) -> Result:
        """Call a qrexec service as dom0 does: qvm-run -p -u root QUBE 'QUBESRPC NAME dom0'."""
        return self.run(f"QUBESRPC {name} dom0", input, timeout)

    def read_file(self, path: str) -> bytes:
        result = self.run(f"cat -- {shlex.quote(path)}")
        if result.rc != 0:
            raise LabError(f"{self.name}: {path}: {result.err}")
        return result.raw

    def write_file(self, path: str, content: bytes | str, mode: int = 0o644) -> None:
        quoted = shlex.quote(path)
        self.check(
            f'mkdir -p "$(dirname {quoted})" && cat >{quoted} && chmod {mode:o} {quoted}', content
        )

    def exists(self, path: str) -> bool:
        return self.run(f"test -e {shlex.quote(path)}").rc == 0

    def wait(self, condition: str, timeout: float = 90.0) -> None:
        """Wait until a shell condition holds in the guest; it is tried there twenty times a second."""
        script = f"until {condition}; do sleep 0.05; done"
        limit = f"timeout {timeout:g} sh -c {shlex.quote(script)}"
        result = self.run(limit, timeout=timeout + 30)
        if result.rc != 0:
            raise LabError(
                f"{self.name}: not within {timeout:g} s: {condition}\n{result.err[-400:]}"
            )

    def syslog(self, word: str = "") -> list[str]:
        """The lines of the guest's log that hold the word."""
        lines = self.read_file("/var/log/syslog").decode("utf-8", "replace").splitlines()
        return [line for line in lines if word in line]

    def suspend_hook(self, timeout: float = 180.0) -> Result:
        """Run what Qubes runs in a qube before the host sleeps."""
        return self._hooks("/etc/qubes/suspend-pre.d", timeout)

    def resume_hook(self, timeout: float = 180.0) -> Result:
        """Run what Qubes runs in a qube after the host has slept."""
        return self._hooks("/etc/qubes/suspend-post.d", timeout)

    def _hooks(self, hooks: str, timeout: float) -> Result:
        script = f'for hook in {hooks}/*; do [ ! -x "$hook" ] || "$hook" || exit; done'
        return self.run(script, timeout=timeout)

    # USB devices

    @property
    def devices(self) -> list[Device]:
        return self._registry.read()

    def plug(
        self,
        kind: str,
        port: str | int = "",
        bus: str = "xhci",
        serial: str = "",
        seed: int = 1,
        size: int = 64 * usb.MIB,
        filesystem: str = "",
        wait: bool = True,
    ) -> Device:
        """Plug in a device; unless told otherwise, wait until the guest's udev has dealt with it.

        Storage holds random bytes made from the seed, or an empty filesystem ("ext4").
        """
        if kind not in usb.KINDS:
            raise LabError(f"no such kind {kind}: {', '.join(usb.KINDS)}")
        with self._registry.open() as plugged, self.qmp() as qmp:
            place, busid, speed = usb.place(kind, bus, str(port), plugged)
            taken = {device.id for device in plugged}
            number = 1
            while f"{kind}-{number}" in taken:
                number += 1
            name = f"{kind}-{number}"
            image = ""
            if usb.KINDS[kind].backend in ("disk", "uas"):
                image = str(self.folder / f"{name}.img")
                usb.make_disk(Path(image), self._cache, seed, size, filesystem)
            device = Device(name, kind, self.name, bus, place, busid, speed, serial, image)
            usb.insert(qmp, device)
            plugged.append(device)
        if wait:
            # Not `udevadm settle`, which also waits for all that happens to other devices.
            self.check(f"udevadm wait --timeout=90 {self.sysfs(device)}")
            if usb.KINDS[kind].binds:
                self.wait(f"ls -d {self.sysfs(device)}:*/driver >/dev/null 2>&1")
        return device

    def unplug(self, device: Device | str, wait: bool = True) -> None:
        """Pull a device out, a hub with all behind it; wait until the guest has noticed, if so told."""
        name = device if isinstance(device, str) else device.id
        with self._registry.open() as plugged, self.qmp() as qmp:
            found = [entry for entry in plugged if entry.id == name]
            if not found:
                raise LabError(f"{self.name} has no device {name}")
            inside = f"{found[0].port}."
            gone = found + [
                entry
                for entry in plugged
                if entry.bus == found[0].bus and entry.port.startswith(inside)
            ]
            usb.remove(qmp, gone)
            for entry in gone:
                plugged.remove(entry)
                if entry.image:
                    Path(entry.image).unlink()
        if wait:
            self.check(f"udevadm wait --removed --timeout=120 {self.sysfs(found[0])}", timeout=180)

    def forget_devices(self) -> None:
        self._registry.clear()

    @staticmethod
    def sysfs(device: Device) -> str:
        return f"/sys/bus/usb/devices/{device.busid}"

    def driver(self, busid: str) -> str:
        """Driver of a device or interface by its name in sysfs; "" if there is none."""
        path = f"/sys/bus/usb/devices/{shlex.quote(busid)}/driver"
        return self.check(f"if [ -e {path} ]; then basename $(readlink -f {path}); fi").strip()

    def drivers(self) -> dict[str, str]:
        """Driver of each USB device and interface, for a look before and after."""
        # One process for all: each is dear where all is emulated. "ls" fails where nothing has a driver, and a guest
        # without USB has no folder.
        script = "cd /sys/bus/usb/devices 2>/dev/null || exit 0; echo *; ls -l */driver || :"
        names, _, links = self.check(script).partition("\n")
        found = dict.fromkeys(names.split(), "")
        for name, driver in re.findall(r" (\S+)/driver -> \S*/(\S+)$", links, re.MULTILINE):
            found[name] = driver
        return found

    # Input

    def send_key(self, key: str, device: Device | None = None) -> None:
        """Press and release a key (QEMU's name of it: "a", "ret", "f1") on the keyboard plugged last.

        QEMU hands keys to the newest keyboard only; so a device is named just to make sure.
        """
        keyboards = [entry for entry in self.devices if entry.kind.startswith("kbd")]
        if not keyboards or (device is not None and keyboards[-1].id != device.id):
            raise LabError(f"{self.name}: not the keyboard plugged last")
        value = {"type": "qcode", "data": key}
        self._input([{"type": "key", "data": {"key": value, "down": True}}])
        self._input([{"type": "key", "data": {"key": value, "down": False}}])

    def move_pointer(self, x: int, y: int, absolute: bool = False) -> None:
        """Move the mouse by some steps, or the tablet to a place (0 to 32767)."""
        kind = "abs" if absolute else "rel"
        events = [
            {"type": kind, "data": {"axis": axis, "value": value}}
            for axis, value in (("x", x), ("y", y))
        ]
        self._input(events)

    def _input(self, events: list[dict[str, Any]]) -> None:
        with self.qmp() as qmp:
            qmp.execute("input-send-event", {"events": events})

    def input_node(self, busid: str) -> str:
        """The first /dev/input/event* that belongs to a USB device, by the device's name in sysfs."""
        found = self.check(
            f"find /sys/bus/usb/devices/{shlex.quote(busid)}/ -path '*/input/input*/event*' -name 'event*'"
        ).split()
        if not found:
            raise LabError(f"{self.name}: {busid} has no input node")
        return f"/dev/input/{Path(sorted(found)[0]).name}"

    def input_events(self, node: str) -> InputReader:
        """Read a guest's input node; a context manager that is listening when it is entered."""
        return InputReader(self, node)

    # The machine

    def qmp(self) -> Qmp:
        return Qmp(self.folder / "qmp")

    def pause(self) -> None:
        """Stop the guest's processors: it falls silent, its connections stay."""
        with self.qmp() as qmp:
            qmp.execute("stop")

    def resume(self) -> None:
        with self.qmp() as qmp:
            qmp.execute("cont")

    def _qvm_run(self, command: str, user: str) -> list[str]:
        return ["qvm-run", "-p", "-u", user, self.name, command]


EV_KEY, EV_REL, EV_ABS = 1, 2, 3


class InputReader:
    """Input events of a guest's node, as (type, code, value); see linux/input.h for the record."""

    _RECORD = struct.Struct("<qqHHi")

    def __init__(self, qube: Qube, node: str) -> None:
        # "open" comes when the node is open for reading: what is sent from then on is not lost.
        script = f"exec 3<{shlex.quote(node)} && echo open && exec cat <&3"
        self._reader = qube.popen(
            script, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0
        )

    def __enter__(self) -> InputReader:
        assert self._reader.stdout is not None
        if self._reader.stdout.readline() != b"open\n":
            self._end()
            raise LabError("the input node can't be opened")
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        self._reader.kill()
        self._reader.communicate()

    def wait(self, kind: int, timeout: float = 180.0) -> tuple[int, int, int]:
        """Wait for the next event of a type; others are skipped."""
        assert self._reader.stdout is not None
        deadline = time.monotonic() + timeout
        while True:
            record = _read_exactly(self._reader.stdout, self._RECORD.size, deadline)
            _, _, found, code, value = self._RECORD.unpack(record)
            if found == kind:
                return found, code, value


def _read_exactly(source: IO[bytes], size: int, deadline: float) -> bytes:
    data = b""
    while len(data) < size:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([source], [], [], left)[0]:
            raise LabError("no input event came")
        chunk = source.read(size - len(data))
        if not chunk:
            raise LabError("the input node is gone")
        data += chunk
    return data
