# SPDX-License-Identifier: GPL-2.0-or-later
"""Names from usb.ids, as dom0 has it installed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

PLACES = (Path("/usr/share/hwdata/usb.ids"), Path("/usr/share/misc/usb.ids"))
UNKNOWN = "unknown"


class UsbIds:
    def __init__(self, lines: Iterable[str] = ()) -> None:
        self._products: dict[tuple[str, str], tuple[str, str]] = {}
        self._interfaces: dict[str, str] = {}
        number = name = ""
        in_classes = False
        for line in lines:
            line = line.rstrip()
            if not line or line.startswith("#") or line.startswith("\t\t"):
                continue
            if line.startswith("\t"):
                below, _, text = line[1:].split(" ", 2)
                if in_classes:
                    self._interfaces[number + below] = text
                elif number:
                    self._products[number, below] = (name, text)
            elif line.startswith("C "):
                in_classes = True
                _, number, _, name = line.split(" ", 3)
                self._interfaces[number] = name
            elif in_classes:
                break
            else:
                number, _, name = line.split(" ", 2)

    @classmethod
    def load(cls, path: Path | None = None) -> UsbIds:
        """From path, or from where a distribution has it; empty if nowhere."""
        for place in (path,) if path else PLACES:
            if place.exists():
                with open(place, encoding="utf-8", errors="ignore") as source:
                    return cls(source)
        return cls()

    def product(self, vid: str, pid: str) -> tuple[str, str]:
        """Vendor and product; known only as a pair."""
        return self._products.get((vid, pid), (UNKNOWN, UNKNOWN))

    def interface(self, code: str) -> str:
        """Name of an interface such as "u080650": its subclass, else its class."""
        known = self._interfaces
        return known.get(code[1:5]) or known.get(code[1:3]) or "Unclassified device"
