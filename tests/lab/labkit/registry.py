# SPDX-License-Identifier: GPL-2.0-or-later
"""Which devices are plugged into a guest: a file in its folder, so that every process knows."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .devices import Device


class Registry:
    def __init__(self, folder: Path) -> None:
        self._file = folder / "devices.json"
        self._lock = folder / "devices.lock"

    @contextmanager
    def open(self) -> Iterator[list[Device]]:
        """The devices in the order of plugging; what the block makes of the list is kept.

        Nobody else has it meanwhile; if the block raises, nothing is changed.
        """
        with open(self._lock, "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            devices = self.read()
            yield devices
            temporary = self._file.with_suffix(".new")
            temporary.write_text(json.dumps([device.as_dict() for device in devices]), "utf-8")
            os.replace(temporary, self._file)

    def read(self) -> list[Device]:
        if not self._file.exists():
            return []
        return [Device(**entry) for entry in json.loads(self._file.read_text("utf-8"))]

    def clear(self) -> None:
        """A machine that starts has nothing plugged in; a number used before may come again."""
        self._file.unlink(missing_ok=True)
