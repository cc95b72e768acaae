# SPDX-License-Identifier: GPL-2.0-or-later
"""Which PCI devices of dom0 a qube gets, and their text on the wire (qubes/ext/pci.py of qubes-core-admin)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .devices import ANY

_PORT = re.compile(r"\*|[0-9a-f]{2}_[0-9a-f]{2}\.[0-7]")
_ID = re.compile(r"\*|0x[0-9a-f]{4}:0x[0-9a-f]{4}::p[0-9a-f]{6}")


@dataclass(frozen=True)
class PciAssignment:
    """port and device_id may be ANY."""

    port: str
    device_id: str

    @staticmethod
    def parse(text: str) -> PciAssignment:
        """Of "PORT:ID", as a configuration has it."""
        port, _, device_id = text.partition(":")
        if not _PORT.fullmatch(port) or not _ID.fullmatch(device_id):
            raise ValueError(f"no PCI device: {text!r}")
        return PciAssignment(port, device_id)

    @property
    def is_one_device(self) -> bool:
        return ANY not in (self.port, self.device_id)

    def line(self, frontend: str) -> str:
        return (
            f"dom0+{self.port}:{self.device_id} device_id='{self.device_id}' port_id='{self.port}'"
            f" devclass='pci' backend_domain='dom0' mode='required' frontend_domain='{frontend}'\n"
        )
