# SPDX-License-Identifier: GPL-2.0-or-later
"""A lab-qubesd as a process, and a client that writes and reads bytes."""

from __future__ import annotations

import json
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LIMIT = 60.0  # seconds; how long anything that should happen may take on a busy machine

USB_IDS = """\
# An excerpt
046d  Logitech, Inc.
\t0825  Webcam C270
\tc52b  Unifying Receiver
04f2  Chicony Electronics Co., Ltd
\tb604  Integrated Camera (1280x720@30)
0951  Kingston Technology
\t1666  DataTraveler 100 G3/G4/SE9 G2/50 Kyson

C 08  Mass Storage
\t06  SCSI
\t\t50  Bulk-Only
AT 0100  USB Streaming
"""

STICK = "0951:1666:60A44C413FAE2140A9731F1E:u080650"
STICK_KEYS = {
    "desc": "0951:1666 Kingston DataTraveler_3.0 60A44C413FAE2140A9731F1E",
    "interfaces": ":080650:",
}
RECEIVER_KEYS = {
    "desc": "046d:c52b Logitech USB_Receiver ",
    "interfaces": ":030101:030102:030000:",
}
CAMERA_KEYS = {
    "desc": "04f2:b604 Chicony_Electronics_Co.,Ltd. Integrated_Camera 0001",
    "interfaces": ":0e0100:0e0200:",
}

Event = tuple[str, str, dict[str, str]]


class EventStream:
    """The bytes of admin.Events, as they come."""

    def __init__(self, path: Path, header: bytes) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(LIMIT)
        self._socket.connect(str(path))
        self._socket.sendall(header)
        self._socket.shutdown(socket.SHUT_WR)
        self.data = b""
        self._parsed = 0
        self.events: list[Event] = []
        self.wait_for("", "connection-established")

    def _receive(self) -> bool:
        chunk = self._socket.recv(65536)
        self.data += chunk
        while (event := parse_event(self.data, self._parsed)) is not None:
            self._parsed = event[1]
            self.events.append(event[0])
        return bool(chunk)

    def wait_for(self, subject: str, event: str, **details: str) -> Event:
        """The first event that fits, of those not waited for before; earlier ones are dropped."""
        while True:
            for at, found in enumerate(self.events):
                if found[:2] == (subject, event) and details.items() <= found[2].items():
                    del self.events[: at + 1]
                    return found
            if not self._receive():
                raise AssertionError(f"no {event} of {subject!r} before the end: {self.events}")

    def read_bytes(self, size: int) -> bytes:
        """All bytes since the beginning, as soon as there are so many."""
        while len(self.data) < size and self._receive():
            pass
        return self.data

    def read_to_end(self) -> bytes:
        try:
            while self._receive():
                pass
        except ConnectionResetError:
            pass  # an end like any other: "drop" breaks connections
        return self.data

    def close(self) -> None:
        self._socket.close()


def parse_event(data: bytes, start: int = 0) -> tuple[Event, int] | None:
    """The event that begins there and where it ends; None if it is not all there."""
    fields = []
    at = start
    while (end := data.find(b"\0", at)) >= 0:
        fields.append(data[at:end].decode())
        at = end + 1
        # The mark "1", subject and event, then pairs; an empty key is the end.
        if len(fields) > 3 and len(fields) % 2 == 0 and fields[-1] == "":
            assert fields[0] == "1", fields
            return (fields[1], fields[2], dict(zip(fields[3:-1:2], fields[4:-1:2]))), at
    return None


def parse_events(data: bytes) -> list[Event]:
    events = []
    at = 0
    while (found := parse_event(data, at)) is not None:
        events.append(found[0])
        at = found[1]
    assert at == len(data), data[at:]
    return events


class QubesdCase(unittest.TestCase):
    """Each test has a server of its own."""

    generation = "main"

    def setUp(self) -> None:
        self.top = Path(tempfile.mkdtemp(prefix="lab-qubesd-"))
        self.addCleanup(shutil.rmtree, self.top, ignore_errors=True)
        self.socket = self.top / "qubesd.sock"

    def start(
        self, qubes: dict[str, Any], *options: Any, generation: str = "", **config: Any
    ) -> subprocess.Popen[bytes]:
        (self.top / "usb.ids").write_text(USB_IDS, encoding="utf-8")
        (self.top / "config.json").write_text(json.dumps({"qubes": qubes, **config}), "utf-8")
        command = [HERE / "lab-qubesd", "--socket", self.socket, "--usb-ids", self.top / "usb.ids"]
        command += ["--config", self.top / "config.json"]
        command += ["--generation", generation or self.generation, *options]
        log = open(self.top / "qubesd.log", "ab")
        with log:
            server = subprocess.Popen(list(map(str, command)), stdout=log, stderr=log)
        self.addCleanup(self._end, server)
        control = self.top / "qubesd.sock.control"
        self.wait_until(lambda: control.exists() or server.poll() is not None, "the socket")
        if server.poll() is not None:
            self.fail((self.top / "qubesd.log").read_text(encoding="utf-8"))
        self._control = socket.socket(socket.AF_UNIX)
        self._control.settimeout(LIMIT)
        self._control.connect(str(control))
        self.addCleanup(self._control.close)
        self._answers = self._control.makefile("rb")
        self.addCleanup(self._answers.close)
        return server

    def _end(self, server: subprocess.Popen[bytes]) -> None:
        server.send_signal(signal.SIGTERM)
        self.assertEqual(0, server.wait(LIMIT), self.log())

    def log(self) -> str:
        return (self.top / "qubesd.log").read_text(encoding="utf-8")

    def control(self, verb: str, **request: Any) -> None:
        self._control.sendall(json.dumps({"do": verb, **request}).encode() + b"\n")
        self.assertEqual({"ok": True}, json.loads(self._answers.readline()))

    def send(self, data: bytes) -> bytes:
        """A connection: these bytes, half-close, all that is answered."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(LIMIT)
            connection.connect(str(self.socket))
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            reply = b""
            while chunk := connection.recv(65536):
                reply += chunk
        return reply

    def call(self, method: str, dest: str, payload: bytes = b"", source: str = "dom0") -> bytes:
        """method: with its argument."""
        if "+" not in method:
            method += "+"
        return self.send(f"{method} {source} name {dest}\0".encode() + payload)

    def usb(self, method: str, dest: str, payload: str = "") -> bytes:
        return self.call("admin.vm.device.usb." + method, dest, payload.encode())

    def events(self, dest: str = "dom0", source: str = "dom0") -> EventStream:
        header = f"admin.Events+ {source} name {dest}\0".encode()
        stream = EventStream(self.socket, header)
        self.addCleanup(stream.close)
        return stream

    def assert_error(self, reply: bytes, name: str, message: str) -> None:
        self.assertEqual(f"2\0{name}\0\0{message}\0".encode(), reply)

    def wait_until(self, condition: Any, what: str) -> None:
        deadline = time.monotonic() + LIMIT
        while not condition():
            if time.monotonic() > deadline:
                self.fail(f"never happened: {what}")
            time.sleep(0.005)


def pairs(line: str) -> list[str]:
    """key='value' words of a line in alphabetical order, whatever is between them."""
    return sorted(re.findall(r"[a-z_]+='[^']*'", line))
