# SPDX-License-Identifier: GPL-2.0-or-later
"""The qrexec policy, as far as qubesd asks it and writes it itself."""

from __future__ import annotations

import os
from contextlib import contextmanager
from collections.abc import Iterator
from pathlib import Path

from .world import Qube, World


class Policy:
    """What may be seen by a caller that is not dom0: lists and events are filtered by it.

    Lines `SERVICE ARGUMENT SOURCE TARGET ACTION ...`, the first that fits decides, "ask" is a no.
    """

    def __init__(self, world: World, path: Path | None) -> None:
        self._world = world
        self._path = path

    def allows(self, service: str, argument: str, source: str, target: str) -> bool:
        for line in self._lines():
            columns = line.split()
            if len(columns) < 5 or columns[0].startswith(("#", "!")):
                continue
            if columns[0] not in ("*", service) or columns[1] not in ("*", "+" + argument):
                continue
            if self._fits(columns[2], source) and self._fits(columns[3], target):
                return columns[4] == "allow"
        return False

    def _lines(self) -> Iterator[str]:
        if self._path is None:
            return
        files = sorted(self._path.glob("*.policy")) if self._path.is_dir() else [self._path]
        for file in files:
            yield from file.read_text(encoding="utf-8").splitlines()

    def _fits(self, pattern: str, name: str) -> bool:
        if pattern == "*":
            return True
        if pattern in ("@adminvm", "dom0") or name == "dom0":
            return pattern in ("@adminvm", "dom0") and name == "dom0"
        qube = self._world.qubes.get(name)
        if pattern.startswith("@tag:"):
            return qube is not None and pattern[5:] in qube.tags
        if pattern.startswith("@type:"):
            return qube is not None and pattern[6:] == qube.klass
        return pattern in ("@anyvm", name)


@contextmanager
def usb_allowed(folder: Path | None, port: str, frontend: Qube, backend: str) -> Iterator[None]:
    """The rule that dom0 adds for the time of an attach.

    modify_qrexec_policy of qubesusbproxy/core3ext.py: a file per port, the newest rule first.
    """
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"qubes.USB+{port}"
    line = f"{frontend.name} {backend} allow,user=root\n"
    _rewrite(path, [line] + _read(path))
    try:
        yield
    finally:
        rest = _read(path)
        rest.remove(line)
        _rewrite(path, rest)


def _read(path: Path) -> list[str]:
    return path.read_text(encoding="ascii").splitlines(keepends=True) if path.exists() else []


def _rewrite(path: Path, lines: list[str]) -> None:
    if not lines:
        path.unlink()
        return
    temporary = path.with_name("." + path.name)
    temporary.write_text("".join(lines), encoding="ascii")
    os.replace(temporary, path)
