# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's machine protocol: one connection, commands with their answers, events.

QEMU serves one client of a monitor at a time and makes others wait, so connections are short.
"""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class QmpError(RuntimeError):
    """QEMU refused a command; the text is its own."""


class Qmp:
    def __init__(self, path: Path, timeout: float = 90.0) -> None:
        self._timeout = timeout
        self._socket = connect_unix(path, timeout)
        self._buffer = b""
        self._events: list[dict[str, Any]] = []
        self._message(time.monotonic() + timeout)
        self.execute("qmp_capabilities")

    def __enter__(self) -> Qmp:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def execute(self, command: str, arguments: Mapping[str, Any] | None = None) -> Any:
        """Run one command and return its result."""
        request = {"execute": command, "arguments": dict(arguments or {})}
        self._socket.sendall(json.dumps(request).encode() + b"\n")
        deadline = time.monotonic() + self._timeout
        while True:
            message = self._message(deadline)
            if "event" in message:
                self._events.append(message)
            elif "error" in message:
                raise QmpError(f"{command}: {message['error']['desc']}")
            else:
                return message["return"]

    def wait_event(self, name: str, **data: Any) -> dict[str, Any]:
        """Wait for an event with these data, also one that came during earlier commands."""
        deadline = time.monotonic() + self._timeout
        while True:
            for event in self._events:
                if event["event"] == name and data.items() <= event.get("data", {}).items():
                    self._events.remove(event)
                    return event
            message = self._message(deadline)
            if "event" in message:
                self._events.append(message)

    def _message(self, deadline: float) -> dict[str, Any]:
        while b"\n" not in self._buffer:
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError("QEMU closed its monitor")
            self._buffer += data
        line, self._buffer = self._buffer.split(b"\n", 1)
        message: dict[str, Any] = json.loads(line)
        return message


def connect_unix(path: Path, timeout: float) -> socket.socket:
    """Connect to a socket of whatever path: sun_path has 108 bytes, a build folder may have more."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        result = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        result.settimeout(timeout)
        try:
            result.connect(f"/proc/self/fd/{folder}/{path.name}")
        except OSError:
            result.close()
            raise
        return result
    finally:
        os.close(folder)
