# SPDX-License-Identifier: GPL-2.0-or-later
"""Puts the parts together and keeps the guests' state as the broker tells it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import config
from .api import Api
from .broker import Broker, BrokerGone
from .control import Control
from .deviceagent import DeviceAgent
from .deviceapi import DeviceApi
from .devices import QDB_FOLDER
from .errors import ProtocolError
from .generation import R4_3, Generation
from .legacyapi import LegacyDeviceApi
from .pciapi import PciApi
from .policy import Policy
from .power import Power
from .qubesdb import LocalQubesDb
from .runner import Runner
from .server import Server
from .usbext import UsbExtension
from .usbids import UsbIds
from .world import World


@dataclass(frozen=True)
class Settings:
    generation: Generation
    config: config.Json
    ids: UsbIds
    #: folder of lab-broker; None: made-up qubes only
    state_dir: Path | None = None
    client: str = "qrexec-client"
    policy: Path | None = None
    agent_socket: Path | None = None
    seed: int | None = None
    debug: bool = False


class Daemon:
    def __init__(self, settings: Settings) -> None:
        state = settings.state_dir
        self.world = World(settings.generation)
        self.local = LocalQubesDb()
        self.broker = Broker(state) if state else None
        runner = Runner(self.world, self.local, state, settings.client)
        agent = DeviceAgent(self.world, settings.agent_socket)
        legacy_policy = state / "policy" if state else None
        self.extension = UsbExtension(
            self.world, self.broker, self.local, runner, agent, settings.ids, legacy_policy
        )
        self.power = Power(self.world, self.extension, self.local)
        policy = Policy(self.world, settings.policy)
        api = Api(self.world, self.power, policy)
        if settings.generation >= R4_3:
            DeviceApi(api, self.world, self.extension, settings.ids, settings.seed)
        else:
            LegacyDeviceApi(api, self.world, self.extension)
        PciApi(api, self.world)
        #: of the methods, for dom0's qrexec
        self.services = tuple(api.methods)
        self.server = Server(self.world, api, policy, settings.debug)
        self.control = Control(self.world, self.local, self.power, self.server)
        self.local.changed = self._changed
        self._hooks: dict[str, Any] = settings.config.get("hooks", {})
        config.apply(settings.config, self.world, self.local)

    async def load(self) -> None:
        """What is there before the first client comes; none of it is an event."""
        if self.broker is not None:
            for what, *fields in await self.broker.subscribe():
                self._present(what, fields[0])
        for qube in self.world.qubes.values():
            await self.extension.load(qube)

    def _present(self, what: str, name: str) -> None:
        if name == "dom0":
            return
        if name not in self.world.qubes:
            self._add_guest(name)
        qube = self.world[name]
        qube.guest = True
        qube.agent = what == "agent-up"
        qube.state = "Running" if qube.agent else "Transient"

    def _add_guest(self, name: str) -> None:
        config.make_qube(self.world, self.local, name, {"guest": True}, self._hooks)

    async def run(self) -> None:
        """Until the broker ends; without one for ever."""
        if self.broker is None:
            await asyncio.Event().wait()
        else:
            await self.broker.follow(self._on_event)

    async def close(self) -> None:
        await self.server.close()
        self.control.close()
        self.extension.cancel()
        self.power.cancel()
        if self.broker is not None:
            self.broker.close()

    async def _on_event(self, fields: list[str]) -> None:
        what, name = fields[0], fields[1]
        if name == "dom0":
            return
        if name not in self.world.qubes:
            if what == "changed":
                return
            self._add_guest(name)
            self.world.fire("", "domain-add", vm=name)
        qube = self.world[name]
        qube.guest = True
        if what == "machine-up":
            await self.power.machine_up(qube)
        elif what == "agent-up":
            await self.power.agent_up(qube)
        elif what == "agent-down":
            await self.power.agent_down(qube)
        elif what == "machine-down":
            await self.power.machine_down(qube)
        elif what == "changed" and fields[2] == QDB_FOLDER:
            await self._changed(name)

    async def _changed(self, name: str) -> None:
        qube = self.world.qubes.get(name)
        if qube is None or not qube.is_running:
            return
        try:
            await self.extension.on_qubesdb_change(qube)
        except ProtocolError as error:
            # What the backend wrote is no device; the real server's handler ends in the same place.
            print(f"{name}: {error}", file=sys.stderr)


async def serve(daemon: Daemon, socket: Path, control: Path | None) -> int:
    """Runs until cancelled (0) or until the broker has ended (1)."""
    try:
        await daemon.load()
        await daemon.server.listen(socket)
        if control is not None:
            await daemon.control.listen(control)
        with contextlib.suppress(asyncio.CancelledError):  # by SIGTERM, its ordinary end
            await daemon.run()
        return 0
    except (BrokerGone, ConnectionError) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        await daemon.close()
        socket.unlink(missing_ok=True)
        if control is not None:
            control.unlink(missing_ok=True)
