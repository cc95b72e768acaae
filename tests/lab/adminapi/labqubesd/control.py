# SPDX-License-Identifier: GPL-2.0-or-later
"""A second socket on which tests change the made-up part of the world while the server runs.

A line of JSON is one request, {"do": "plug", ...}; a line {"ok": true} or {"error": "..."} answers it,
when all events that follow from it are sent.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from . import config
from .power import Power
from .qubesdb import LocalQubesDb
from .server import Server, in_place
from .world import Service, World

Request = dict[str, Any]


class Control:
    def __init__(self, world: World, local: LocalQubesDb, power: Power, server: Server) -> None:
        self._world = world
        self._local = local
        self._power = power
        self._server = server
        self._listener: asyncio.AbstractServer | None = None
        self._verbs: dict[str, Callable[[Request], Awaitable[None]]] = {
            "plug": self._plug,
            "unplug": self._unplug,
            "connect": self._connect,
            "add": self._add,
            "remove": self._remove,
            "state": self._state,
            "property": self._property,
            "feature": self._feature,
            "tag": self._tag,
            "service": self._service,
            "delay": self._delay,
            "drop": self._drop,
        }

    async def listen(self, path: Path) -> None:
        with in_place(path) as temporary:
            self._listener = await asyncio.start_unix_server(self._serve, temporary)

    def close(self) -> None:
        if self._listener is not None:
            self._listener.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            try:
                request = json.loads(line)
                await self._verbs[request.pop("do")](request)
                # Let what was scheduled by it happen.
                await asyncio.sleep(0)
                answer: dict[str, Any] = {"ok": True}
            except Exception as error:  # pylint: disable=broad-except  # who asked is told
                answer = {"error": f"{type(error).__name__}: {error}"}
            writer.write(json.dumps(answer).encode() + b"\n")
        writer.close()

    async def _plug(self, request: Request) -> None:
        """qube, port, keys: of QubesDB."""
        await self._local.plug(request["qube"], request["port"], request["keys"])

    async def _unplug(self, request: Request) -> None:
        await self._local.unplug(request["qube"], request["port"])

    async def _connect(self, request: Request) -> None:
        """qube, port, frontend (null: none): behind the back of the server."""
        await self._local.connect(request["qube"], request["port"], request["frontend"])

    async def _add(self, request: Request) -> None:
        """qube, entry: as in the configuration."""
        name = request["qube"]
        qube = config.make_qube(self._world, self._local, name, request["entry"], {})
        self._world.fire("", "domain-add", vm=qube)

    async def _remove(self, request: Request) -> None:
        self._world.remove(self._world[request["qube"]])

    async def _state(self, request: Request) -> None:
        """qube, state: Running, Paused or Halted, by way of what clients do."""
        qube = self._world[request["qube"]]
        wanted = request["state"]
        if wanted == "Halted":
            await self._power.kill(qube)
        elif wanted == "Paused":
            await self._power.pause(qube)
        elif qube.state == "Paused":
            await self._power.unpause(qube)
        else:
            await self._power.start(qube)

    async def _property(self, request: Request) -> None:
        qube = self._world[request["qube"]]
        qube.property(request["name"])
        self._world.set_property(qube, request["name"], request["value"])

    async def _feature(self, request: Request) -> None:
        """qube, name, value (null: remove)."""
        qube = self._world[request["qube"]]
        if request["value"] is None:
            self._world.remove_feature(qube, request["name"])
        else:
            self._world.set_feature(qube, request["name"], request["value"])

    async def _tag(self, request: Request) -> None:
        qube = self._world[request["qube"]]
        qube.tags.add(request["name"])
        self._world.fire(qube, f"domain-tag-add:{request['name']}", tag=request["name"])

    async def _service(self, request: Request) -> None:
        """qube, attach and/or detach: how its services answer from now on."""
        qube = self._world[request["qube"]]
        if "attach" in request:
            qube.attach = Service(**request["attach"])
        if "detach" in request:
            qube.detach = Service(**request["detach"])

    async def _delay(self, request: Request) -> None:
        """pattern, seconds: METHOD or METHOD@DEST, with wildcards."""
        self._server.delays[request["pattern"]] = float(request["seconds"])

    async def _drop(self, request: Request) -> None:
        self._server.drop_connections()
