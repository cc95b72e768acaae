# SPDX-License-Identifier: GPL-2.0-or-later
"""The socket: one connection is one call, or one stream of events."""

from __future__ import annotations

import asyncio
import fnmatch
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from . import wire
from .api import Api, find_qube
from .errors import PermissionDenied, ProtocolError, QubesException
from .generation import MAIN
from .policy import Policy
from .wire import FramingError, Request
from .world import Qube, World

EVENTS = "admin.Events"


@contextmanager
def in_place(path: Path) -> Iterator[str]:
    """A name for a socket, which gets its own when it listens: who finds it can connect."""
    temporary = path.with_name("." + path.name)
    temporary.unlink(missing_ok=True)
    yield str(temporary)
    temporary.rename(path)


class Server:
    def __init__(self, world: World, api: Api, policy: Policy, debug: bool = False) -> None:
        self._world = world
        self._api = api
        self._policy = policy
        self._debug = debug
        self._connections: set[Connection] = set()
        self._server: asyncio.AbstractServer | None = None
        #: seconds that calls wait before they begin, by pattern of METHOD or METHOD@DEST
        self.delays: dict[str, float] = {}

    async def listen(self, path: Path) -> None:
        loop = asyncio.get_running_loop()
        before = os.umask(0o007)
        try:
            with in_place(path) as temporary:
                self._server = await loop.create_unix_server(lambda: Connection(self), temporary)
        finally:
            os.umask(before)

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.abort()

    def drop_connections(self) -> None:
        """As a restart does."""
        for connection in tuple(self._connections):
            connection.abort()

    def joined(self, connection: Connection) -> None:
        self._connections.add(connection)

    def left(self, connection: Connection) -> None:
        self._connections.discard(connection)

    async def answer(self, data: bytes, connection: Connection) -> None:
        """Answers the call; an empty answer is one as well."""
        try:
            request = wire.parse_request(data)
        except FramingError as error:
            self._log(None, f"not a request: {error}")
            connection.finish(b"")
            return
        seconds = self._delay(request)
        if seconds:
            await asyncio.sleep(seconds)
        if request.method == EVENTS:
            self._start_events(request, connection)
            return
        try:
            reply = wire.ok(await self._api.handle(request))
            self._log(request, f"ok, {len(reply)} bytes")
        except Exception as error:  # pylint: disable=broad-except  # who asked is told
            reply = self._refusal(request, error)
        connection.finish(reply)

    def _refusal(self, request: Request, error: Exception) -> bytes:
        self._log(request, f"{type(error).__name__}: {error}")
        sent = (QubesException,)
        if self._world.generation >= MAIN:
            sent += (ProtocolError, PermissionDenied)  # type: ignore[assignment]  # a longer tuple
        if isinstance(error, sent):
            return wire.exception(error, traceback.format_exc() if self._debug else "")
        if not isinstance(error, (QubesException, ProtocolError, PermissionDenied)):
            traceback.print_exception(error)
        return b""

    def _start_events(self, request: Request, connection: Connection) -> None:
        try:
            source = self._world[request.source]
            dest = find_qube(self._world, request.dest)
        except QubesException as error:
            connection.finish(self._refusal(request, error))
            return
        self._log(request, "events")
        stream = EventStream(connection, self._policy, source, dest)
        connection.on_end(self._world.subscribe(stream.tell))

    def _delay(self, request: Request) -> float:
        names = (request.method, f"{request.method}@{request.dest}")
        for pattern, seconds in self.delays.items():
            if any(fnmatch.fnmatchcase(name, pattern) for name in names):
                return seconds
        return 0.0

    def _log(self, request: Request | None, text: str) -> None:
        what = ""
        if request is not None:
            what = f"{request.source} -> {request.dest} {request.method}+{request.arg}: "
        print(f"{what}{text}", file=sys.stderr, flush=True)


class EventStream:
    """What one subscriber is told: all, or what concerns one qube; a caller other than dom0 by policy."""

    def __init__(self, connection: Connection, policy: Policy, source: Qube, dest: Qube) -> None:
        self._connection = connection
        self._policy = policy
        self._source = source.name
        self._dest = dest.name
        connection.send(wire.event("", "connection-established", {}))

    def tell(self, subject: str, event: str, details: Mapping[str, object]) -> None:
        if self._dest not in ("dom0", subject):
            return
        if self._source != "dom0":
            about = subject or str(details.get("vm", "dom0"))
            argument = event.replace(":", "_")
            if not self._policy.allows(EVENTS, argument, self._source, about):
                return
        self._connection.send(wire.event(subject, event, details))


class Connection(asyncio.Protocol):
    def __init__(self, server: Server) -> None:
        self._server = server
        self._data = bytearray()
        self._transport: asyncio.Transport | None = None
        self._task: asyncio.Task[None] | None = None
        self._at_end: list[object] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._server.joined(self)

    def data_received(self, data: bytes) -> None:
        self._data += data
        if len(self._data) > wire.MAX_REQUEST:
            self.abort()

    def eof_received(self) -> bool:
        """The call begins. A client that goes away now does not cancel it."""
        work = self._server.answer(bytes(self._data), self)
        self._task = asyncio.get_running_loop().create_task(work)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._server.left(self)
        for unsubscribe in self._at_end:
            assert callable(unsubscribe)
            unsubscribe()
        self._at_end.clear()

    def on_end(self, action: object) -> None:
        self._at_end.append(action)

    def send(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def finish(self, reply: bytes) -> None:
        if self._transport is not None:
            self._transport.write(reply)
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
