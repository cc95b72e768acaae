# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's broker seen from dom0: which machines and agents are there, and their QubesDB.

Its protocol is described in tests/lab/qrexec/README.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from .devices import QDB_FOLDER

Handler = Callable[[list[str]], Awaitable[None]]

_ESCAPES = {"t": "\t", "n": "\n", "r": "\r"}


class BrokerGone(RuntimeError):
    pass


def encode(*fields: str) -> bytes:
    escaped = (
        field.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
        for field in fields
    )
    return ("\t".join(escaped) + "\n").encode("latin-1")


def decode(line: bytes) -> list[str]:
    """Fields of a line; their characters are bytes."""
    fields = [""]
    characters = iter(line.decode("latin-1").rstrip("\n"))
    for character in characters:
        if character == "\t":
            fields.append("")
        elif character == "\\":
            following = next(characters, "")
            fields[-1] += _ESCAPES.get(following, following)
        else:
            fields[-1] += character
    return fields


class Broker:
    def __init__(self, folder: Path) -> None:
        self._socket = str(folder / "broker.sock")
        self._events: asyncio.StreamReader | None = None
        self._events_writer: asyncio.StreamWriter | None = None
        self._databases: dict[str, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def _open(self, *first: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        # A list of all keys of a qube is one line.
        reader, writer = await asyncio.open_unix_connection(self._socket, limit=1 << 24)
        writer.write(encode(*first))
        return reader, writer

    async def subscribe(self) -> list[list[str]]:
        """What is there now; `follow` tells what comes after."""
        self._events, self._events_writer = await self._open("events")
        present = []
        while (fields := await self._next_event()) != ["listening"]:
            present.append(fields)
        return present

    async def _next_event(self) -> list[str]:
        assert self._events is not None
        line = await self._events.readline()
        if not line:
            raise BrokerGone("the broker has ended")
        return decode(line)

    async def follow(self, handler: Handler) -> None:
        """Give each event to the handler, one after the other, until the broker goes."""
        while True:
            await handler(await self._next_event())

    async def tree(self, qube: str) -> dict[str, str]:
        async with self._locks.setdefault(qube, asyncio.Lock()):
            if qube not in self._databases:
                self._databases[qube] = await self._open("qubesdb", qube)
            reader, writer = self._databases[qube]
            writer.write(encode("multiread", QDB_FOLDER + "/"))
            line = await reader.readline()
        fields = decode(line)
        if fields[0] != "ok":
            raise BrokerGone(f"QubesDB of {qube}: {fields}")
        return dict(zip(fields[1::2], fields[2::2]))

    def close(self) -> None:
        writers = [writer for _, writer in self._databases.values()]
        if self._events_writer is not None:
            writers.append(self._events_writer)
        for writer in writers:
            writer.close()
