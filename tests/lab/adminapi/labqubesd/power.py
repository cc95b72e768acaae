# SPDX-License-Identifier: GPL-2.0-or-later
"""Start and end of qubes, with the events in their order (qubes/vm/qubesvm.py of qubes-core-admin).

A guest's state follows its machine and agent, whoever starts or ends it. A made-up qube just changes.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Coroutine

from .errors import (
    QubesException,
    QubesVMError,
    QubesVMNotHaltedError,
    QubesVMNotPausedError,
    QubesVMNotRunningError,
    QubesVMNotStartedError,
    QubesVMShutdownTimeoutError,
)
from .generation import R4_2, R4_3
from .qubesdb import LocalQubesDb
from .usbext import UsbExtension
from .world import Qube, World


class Power:
    def __init__(self, world: World, extension: UsbExtension, local: LocalQubesDb) -> None:
        self._world = world
        self._extension = extension
        self._local = local
        self._starting: dict[str, asyncio.Lock] = {}
        self._changed = asyncio.Condition()
        self._announced: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    # What clients ask for

    async def start(self, qube: Qube) -> None:
        if qube.klass == "AdminVM":
            raise QubesVMNotHaltedError("Cannot start fake domain")
        async with self._starting.setdefault(qube.name, asyncio.Lock()):
            if qube.state != "Halted":
                return
            self._pre_start(qube)
            try:
                if qube.guest:
                    await self._start_guest(qube)
                else:
                    await self._start_made_up(qube)
            except QubesException as error:
                self._announced.discard(qube.name)
                self._world.fire(qube, "domain-start-failed", reason=error)
                raise

    async def _start_made_up(self, qube: Qube) -> None:
        if qube.start_fails:
            await asyncio.sleep(qube.start_seconds)
            raise QubesVMError(qube.start_fails)
        await self.machine_up(qube)
        await asyncio.sleep(qube.start_seconds)
        await self.agent_up(qube)

    async def _start_guest(self, qube: Qube) -> None:
        await self._hook(qube, qube.hooks.start, "start")
        limit = float(qube.value("qrexec_timeout"))
        if not await self._wait(lambda: qube.state == "Running", limit):
            raise QubesVMError(
                f"Cannot connect to qrexec agent for {limit:.0f} seconds, see "
                f"/var/log/xen/console/guest-{qube.name}.log for details"
            )

    async def shutdown(self, qube: Qube, force: bool, wait: bool) -> None:
        if qube.state == "Halted":
            raise QubesVMNotStartedError(f"Domain is powered off: {qube.name!r}")
        self._world.fire(qube, "domain-pre-shutdown", force=force)
        self._spawn(self._end(qube, qube.hooks.shutdown, "shut down", qube.shutdown_seconds))
        if wait:
            limit = float(qube.value("shutdown_timeout"))
            if not await self._wait(lambda: qube.state == "Halted", limit):
                raise QubesVMShutdownTimeoutError(f"Domain shutdown timed out: {qube.name!r}")

    async def kill(self, qube: Qube) -> None:
        if qube.state == "Halted":
            raise QubesVMNotStartedError(f"Domain is powered off: {qube.name!r}")
        await self._end(qube, qube.hooks.kill or qube.hooks.shutdown, "kill", 0.0)
        await self._wait(lambda: qube.state == "Halted", float(qube.value("shutdown_timeout")))

    async def _end(self, qube: Qube, hook: str, what: str, seconds: float) -> None:
        if qube.guest:
            await self._hook(qube, hook, what)
        else:
            await asyncio.sleep(seconds)
            await self.machine_down(qube)

    async def pause(self, qube: Qube) -> None:
        if qube.state != "Running" or qube.guest:
            raise QubesVMNotRunningError(
                f"Domain not running (either powered off or paused): {qube.name!r}"
            )
        if self._world.generation >= R4_3:
            self._world.fire(qube, "domain-pre-paused")
        await self._become(qube, "Paused")
        self._world.fire(qube, "domain-paused")

    async def unpause(self, qube: Qube) -> None:
        if qube.state != "Paused":
            raise QubesVMNotPausedError(f"Domain is not paused: {qube.name!r}")
        if self._world.generation >= R4_3:
            self._world.fire(qube, "domain-pre-unpaused")
        await self._become(qube, "Running")
        self._world.fire(qube, "domain-unpaused")

    def create_disposable(self, template: Qube) -> Qube:
        """Made up, not started. Like the real ones it is named by a number of four digits."""
        if not template.value("template_for_dispvms"):
            raise QubesException(
                f"disposable template {template.name!r} does not allow disposables based on it"
            )
        names = [f"disp{number}" for number in range(1, 10000)]
        name = random.choice([name for name in names if name not in self._world.qubes])
        qube = self._world.add(name, "DispVM")
        qube.set_values |= {
            "template": template.name,
            "label": template.label,
            "auto_cleanup": True,
        }
        qube.tags |= template.tags | {"disp-created-by-dom0"}
        qube.attach, qube.detach = template.attach, template.detach
        self._world.fire("", "domain-add", vm=qube)
        self._world.fire(qube, "domain-create-on-disk")
        return qube

    # What happens

    async def machine_up(self, qube: Qube) -> None:
        self._pre_start(qube)
        if self._world.generation >= R4_2:
            self._world.fire(qube, "domain-pre-spawn", start_guid=True)
        await self._become(qube, "Transient")
        qube.start_time = f"{time.time():.1f}"
        self._world.fire(qube, "domain-spawn", start_guid=True)

    async def agent_up(self, qube: Qube) -> None:
        first = qube.state == "Transient"
        qube.agent = True
        await self._become(qube, "Running")
        if first:
            self._announced.discard(qube.name)
            self._world.fire(qube, "domain-start", start_guid=True)
            self._spawn(self._extension.on_start(qube))

    async def agent_down(self, qube: Qube) -> None:
        """The machine lives on, but nothing can be called in it."""
        qube.agent = False

    async def machine_down(self, qube: Qube) -> None:
        if qube.state == "Halted":
            return
        self._announced.discard(qube.name)
        qube.agent = False
        await self._become(qube, "Halted")
        self._world.fire(qube, "domain-stopped")
        self._world.fire(qube, "domain-shutdown")
        self._extension.on_shutdown(qube)
        self._local.disconnect_all(qube.name)
        if qube.klass == "DispVM" and qube.value("auto_cleanup"):
            self._world.remove(qube)
        for backend, port in self._local.connected(qube.name):
            await self._local.connect(backend, port, None)

    def _pre_start(self, qube: Qube) -> None:
        """Once a start, be it a client's or the lab's."""
        if qube.name not in self._announced:
            self._announced.add(qube.name)
            needed = int(qube.value("memory")) << 20
            self._world.fire(qube, "domain-pre-start", start_guid=True, mem_required=needed)

    async def _become(self, qube: Qube, state: str) -> None:
        async with self._changed:
            qube.state = state
            self._changed.notify_all()

    async def _wait(self, condition: object, seconds: float) -> bool:
        assert callable(condition)
        async with self._changed:
            try:
                await asyncio.wait_for(self._changed.wait_for(condition), seconds)
            except asyncio.TimeoutError:
                return False  # the caller's answer to "has it come about?"
        return True

    async def _hook(self, qube: Qube, command: str, what: str) -> None:
        if not command:
            raise QubesVMError(f"The lab was not told how to {what} {qube.name}")
        process = await asyncio.create_subprocess_shell(
            command.replace("{qube}", qube.name),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await process.communicate()
        if process.returncode != 0:
            text = output.decode(errors="replace").strip()
            raise QubesVMError(f"{what} {qube.name}: {text or process.returncode}")

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            print(f"power: {task.exception()!r}", file=sys.stderr)

    def cancel(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
