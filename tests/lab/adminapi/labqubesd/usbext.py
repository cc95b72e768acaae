# SPDX-License-Identifier: GPL-2.0-or-later
"""The usb extension: lists, attaches and detaches devices and tells of changes.

After qubesusbproxy/core3ext.py (qubes-app-linux-usb-proxy 1.1.5, 1.3.3, 4.3) and qubes/ext/utils.py
(qubes-core-admin). Its cache of who has which device is written before an attach is tried, and a
failed one leaves it wrong: the next change of that backend then tells of a detach that never was.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path

from .deviceagent import DeviceAgent
from .devices import QDB_FOLDER, Assignment, Device, read_devices
from .errors import (
    DeviceAlreadyAttached,
    ProtocolError,
    QubesException,
    QubesUSBException,
    USBProxyNotInstalled,
)
from .generation import MAIN, R4_2, R4_3
from .policy import usb_allowed
from .qubesdb import LocalQubesDb, QubesDb
from .runner import Outcome, Runner
from .usbids import UsbIds
from .world import Qube, World

Cache = dict[str, "str | None"]


@dataclass
class Changes:
    added: list[str]
    removed: list[str]
    attached: dict[str, str]
    detached: dict[str, str]


def compare(cached: Cache, current: Cache) -> Changes:
    """Ports by what became of them; a device that was pulled out is detached as well."""
    changes = Changes([], [], {}, {})
    for port, frontend in current.items():
        before = cached.get(port)
        if port not in cached:
            changes.added.append(port)
        if before != frontend:
            if before is not None:
                changes.detached[port] = before
            if frontend is not None:
                changes.attached[port] = frontend
    for port, before in cached.items():
        if port not in current:
            changes.removed.append(port)
            if before is not None:
                changes.detached[port] = before
    return changes


class UsbExtension:
    def __init__(
        self,
        world: World,
        guests: QubesDb | None,
        local: LocalQubesDb,
        runner: Runner,
        agent: DeviceAgent,
        ids: UsbIds,
        policy_folder: Path | None,
    ) -> None:
        self._world = world
        self._generation = world.generation
        self._guests = guests
        self._local = local
        self._runner = runner
        self._agent = agent
        self._ids = ids
        self._policy_folder = policy_folder
        self._caches: dict[str, Cache] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    # Lists

    async def devices(self, qube: Qube) -> list[Device]:
        # dom0 shows its own only where it has qubes.USB itself; the lab's has not.
        if not qube.is_running or qube.klass == "AdminVM":
            return []
        source = self._guests if qube.guest and self._guests is not None else self._local
        tree = await source.tree(qube.name)
        return read_devices(qube.name, tree, self._ids, set(self._world.qubes))

    async def device(self, backend: str, port: str) -> Device | None:
        for device in await self.devices(self._world[backend]):
            if device.port == port:
                return device
        return None

    async def attached(self, qube: Qube) -> list[Device]:
        if not qube.is_running:
            return []
        found = []
        for backend in tuple(self._world.qubes.values()):
            found += [d for d in await self.devices(backend) if d.attachment == qube.name]
        return found

    # What clients ask for

    async def attach(self, qube: Qube, device: Device, options: dict[str, str]) -> None:
        """The handler of device-pre-attach; whoever fires that event fires device-attach as well."""
        if options:
            raise QubesException("USB device attach does not support user options")
        if not qube.is_running or qube.klass == "AdminVM":
            return
        if device.attachment is not None:
            raise DeviceAlreadyAttached(
                f"Device {self.text(device)} already attached to {device.attachment}"
            )
        self._cache(device.backend)[device.port] = qube.name
        with usb_allowed(self._policy_folder, device.port, qube, device.backend):
            outcome = await self._runner.run(
                qube, "qubes.USBAttach", f"{device.backend} {device.port}\n"
            )
        if outcome.code == 127:
            raise USBProxyNotInstalled("qubes-usb-proxy not installed in the VM")
        if outcome.code != 0:
            raise QubesUSBException(f"Device attach failed: {self._reason(outcome)}")

    def _reason(self, outcome: Outcome) -> str:
        text = outcome.stderr
        if self._generation >= R4_3:
            text = (outcome.stdout + b" " + text).replace(b"\n", b"_")
        elif self._generation >= R4_2:
            text = text.replace(b"\n", b", ")
        clean = "".join(chr(byte) for byte in text if 0x20 <= byte < 0x80)
        if self._generation == R4_2 and clean.endswith(", "):
            clean = clean[:-2] + "."
        return clean

    async def detach(self, qube: Qube, device: Device) -> None:
        """The handler of device-pre-detach. The service runs in the backend."""
        if not qube.is_running or qube.klass == "AdminVM":
            return
        self._cache(device.backend)[device.port] = None
        outcome = await self._runner.run(
            self._world[device.backend], "qubes.USBDetach", f"{device.port}\n"
        )
        if outcome.code != 0:
            raise QubesUSBException("Device detach failed")

    # Events

    def text(self, device: Device) -> str:
        """A device in messages and events."""
        if self._generation >= R4_3:
            return str(device)
        return f"{device.backend}:{device.port}"

    def fire_detach(
        self, frontend: str, backend: str, port: str, event: str = "device-detach"
    ) -> None:
        qube = self._world.qubes.get(frontend)
        if qube is not None:
            key = "port" if self._generation >= R4_3 else "device"
            self._world.fire(qube, f"{event}:usb", **{key: f"{backend}:{port}"})

    def fire_attach(self, qube: Qube, device: str, event: str = "device-attach") -> None:
        self._world.fire(qube, f"{event}:usb", device=device, options={})

    def _cache(self, backend: str) -> Cache:
        return self._caches.setdefault(backend, {})

    async def load(self, qube: Qube) -> None:
        """What is there at the start of the server is no news."""
        self._caches[qube.name] = {d.port: d.attachment for d in await self.devices(qube)}

    async def on_qubesdb_change(self, qube: Qube) -> None:
        """QDB_FOLDER itself was written."""
        devices = {device.port: device for device in await self.devices(qube)}
        self._world.fire(qube, "device-list-change:usb")
        current: Cache = {port: device.attachment for port, device in devices.items()}
        cached = self._cache(qube.name)
        if self._generation < R4_2:
            # usb-proxy 1.1.5 knows neither "added" nor "removed".
            changes = compare({p: f for p, f in cached.items() if p in current}, current)
            changes.added.clear()
        else:
            changes = compare(cached, current)
        for port in changes.removed:
            self._fire_removed(qube, port)
        for port in changes.added:
            # An interface that is no such ends it here, in the real server as well.
            self._world.fire(qube, "device-added:usb", device=self.text(devices[port]))
        self._caches[qube.name] = current
        self._world.fire(qube, f"domain-qdb-change:{QDB_FOLDER}", path=QDB_FOLDER)
        # These are tasks in the real server: whoever caused the change is told first.
        soon = asyncio.get_running_loop().call_soon
        for port, frontend in changes.detached.items():
            soon(self.fire_detach, frontend, qube.name, port)
        for port, frontend in changes.attached.items():
            soon(self.fire_attach, self._world[frontend], self.text(devices[port]))
        if self._generation >= R4_3:
            fresh = [devices[port] for port in changes.added if port not in changes.attached]
            self._spawn(self._attach_assigned(fresh))

    def _fire_removed(self, qube: Qube, port: str) -> None:
        key = "port" if self._generation >= R4_3 else "device"
        self._world.fire(qube, "device-removed:usb", **{key: f"{qube.name}:{port}"})

    async def on_start(self, qube: Qube) -> None:
        """Attach what is assigned to a qube that has started; the most specific one goes first."""
        for assignment in sorted(qube.assignments, key=lambda a: a.rank, reverse=True):
            backend = self._world.qubes.get(assignment.backend)
            for device in await self.devices(backend) if backend else []:
                if assignment.matches(device):
                    await self._attach_and_notify(qube, device, assignment)

    def on_shutdown(self, qube: Qube) -> None:
        """After domain-shutdown, before the qube is forgotten."""
        self._world.fire(qube, "device-list-change:usb")
        if self._generation >= R4_3:
            own = self._caches.pop(qube.name, {})
            for port in own:
                self._fire_removed(qube, port)
            for port, frontend in own.items():
                if frontend is not None:
                    self.fire_detach(frontend, qube.name, port)
        if self._generation == R4_3:
            return
        gone = qube.klass == "DispVM" and qube.value("auto_cleanup")
        for backend, cache in self._caches.items():
            if backend == qube.name:
                continue
            for port in [port for port, frontend in cache.items() if frontend == qube.name]:
                cache[port] = None
                if self._generation >= MAIN and not gone:
                    self.fire_detach(qube.name, backend, port)

    # Attaching without being asked

    async def _attach_assigned(self, devices: list[Device]) -> None:
        for device in devices:
            best: dict[str, Assignment] = {}
            for qube in self._world.qubes.values():
                fitting = [a for a in qube.assignments if qube.is_running and a.matches(device)]
                if fitting:
                    best[qube.name] = max(fitting, key=lambda a: a.rank)
            if not best:
                continue
            target = next(iter(best))
            asked = len(best) > 1
            if asked:
                target = await self._ask(device, list(best))
                if not target:
                    return
            await self._attach_and_notify(self._world[target], device, best[target], asked)

    async def _attach_and_notify(
        self, qube: Qube, device: Device, assignment: Assignment, asked: bool = False
    ) -> None:
        if assignment.mode == "ask-to-attach" and not asked:
            if await self._ask(device, [qube.name]) != qube.name:
                return
        try:
            await self.attach(qube, device, assignment.options)
        except (QubesException, ProtocolError) as error:
            print(f"{device.backend}:{device.port} to {qube.name}: {error}", file=sys.stderr)
            return
        self.fire_attach(qube, self.text(device))

    async def _ask(self, device: Device, targets: list[str]) -> str:
        vendor, product = device.vendor, device.product
        name = f"{self._ids.interface(device.interfaces[0])}: {vendor} {product}"
        return await self._agent.choose(device.backend, device.port, name, targets)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            print(f"attaching of assigned devices: {task.exception()!r}", file=sys.stderr)

    def cancel(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
