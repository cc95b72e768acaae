# SPDX-License-Identifier: GPL-2.0-or-later
"""The releases of qubes-core-admin that can be played."""

from __future__ import annotations

from enum import IntEnum


class Generation(IntEnum):
    """Ordered, so that `generation >= R4_3` reads as "since"."""

    R4_1 = 1
    R4_2 = 2
    R4_3 = 3
    MAIN = 4

    @classmethod
    def named(cls, name: str) -> Generation:
        return {"4.1": cls.R4_1, "4.2": cls.R4_2, "4.3": cls.R4_3, "main": cls.MAIN}[name]


NAMES = ("4.1", "4.2", "4.3", "main")
R4_1 = Generation.R4_1
R4_2 = Generation.R4_2
R4_3 = Generation.R4_3
MAIN = Generation.MAIN
