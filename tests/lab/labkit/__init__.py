# SPDX-License-Identifier: GPL-2.0-or-later
"""Drive the lab: two or more small machines under QEMU that are joined like qubes."""

from .devices import KINDS, MIB, Device, sha256
from .lab import Lab, OwnedQube, QubeSpec, connect
from .qube import EV_ABS, EV_KEY, EV_REL, InputReader, LabError, Qube, Result, wait_for

__all__ = [
    "EV_ABS",
    "EV_KEY",
    "EV_REL",
    "KINDS",
    "MIB",
    "Device",
    "InputReader",
    "Lab",
    "LabError",
    "OwnedQube",
    "Qube",
    "QubeSpec",
    "Result",
    "connect",
    "sha256",
    "wait_for",
]
