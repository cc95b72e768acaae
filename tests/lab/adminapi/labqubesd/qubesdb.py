# SPDX-License-Identifier: GPL-2.0-or-later
"""What the extension reads of QubesDB: of the lab's guests, and of made-up qubes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from .devices import QDB_FOLDER

#: Called when the watched path itself was written or removed.
Changed = Callable[[str], Awaitable[None]]


class QubesDb(Protocol):
    async def tree(self, qube: str) -> dict[str, str]:
        """Everything below QDB_FOLDER. A value's characters are its bytes."""


class LocalQubesDb:
    """Of qubes that exist here only."""

    def __init__(self) -> None:
        self._trees: dict[str, dict[str, str]] = {}
        self.changed: Changed | None = None

    async def tree(self, qube: str) -> dict[str, str]:
        return self._trees.get(qube, {})

    def fill(self, qube: str, port: str, keys: dict[str, str]) -> None:
        """Without telling anybody."""
        tree = self._trees.setdefault(qube, {})
        for key, value in keys.items():
            tree[_path(port, key)] = value

    async def plug(self, qube: str, port: str, keys: dict[str, str]) -> None:
        self.fill(qube, port, keys)
        await self._trigger(qube)

    async def unplug(self, qube: str, port: str) -> None:
        prefix = _path(port, "")
        tree = self._trees.get(qube, {})
        for path in [path for path in tree if path.startswith(prefix)]:
            del tree[path]
        await self._trigger(qube)

    async def connect(self, qube: str, port: str, frontend: str | None) -> None:
        """As usb-export does at its begin and (None) end."""
        tree = self._trees.get(qube, {})
        if frontend is None:
            tree.pop(_path(port, "connected-to"), None)
            tree.pop(_path(port, "x-pid"), None)
        elif _path(port, "desc") in tree:
            tree[_path(port, "connected-to")] = frontend
            tree[_path(port, "x-pid")] = "1"
        await self._trigger(qube)

    def connected(self, frontend: str) -> list[tuple[str, str]]:
        """Backends and ports whose device is with this frontend."""
        return [
            (qube, path.split("/")[2].replace("_", "."))
            for qube, tree in self._trees.items()
            for path, value in tree.items()
            if path.endswith("/connected-to") and value == frontend
        ]

    def disconnect_all(self, qube: str) -> None:
        """A backend that ends takes the connections with it."""
        tree = self._trees.get(qube, {})
        for path in [path for path in tree if path.endswith(("/connected-to", "/x-pid"))]:
            del tree[path]

    async def _trigger(self, qube: str) -> None:
        if self.changed is not None:
            await self.changed(qube)


def _path(port: str, key: str) -> str:
    return f"{QDB_FOLDER}/{port.replace('.', '_')}/{key}"
