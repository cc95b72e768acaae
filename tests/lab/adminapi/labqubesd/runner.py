# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs services in qubes, as QubesVM.run_service_for_stdio does."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from .errors import QubesVMError, QubesVMNotRunningError
from .qubesdb import LocalQubesDb
from .world import Qube, World


@dataclass(frozen=True)
class Outcome:
    code: int
    stdout: bytes = b""
    stderr: bytes = b""


class Runner:
    """Guests by the lab's qrexec, made-up qubes by doing what their services would do."""

    def __init__(self, world: World, local: LocalQubesDb, folder: Path | None, client: str) -> None:
        """folder: the broker's; client: the lab's qrexec-client."""
        self._world = world
        self._local = local
        self._folder = folder
        self._client = client

    async def run(self, qube: Qube, service: str, data: str) -> Outcome:
        if qube.state == "Paused":
            raise QubesVMNotRunningError(f"Domain {qube.name!r} is paused")
        if qube.guest and not qube.agent:
            raise QubesVMError(f"Domain {qube.name!r}: qrexec not connected")
        if qube.guest:
            return await self._run_guest(qube, service, data)
        words = data.split()
        if service == "qubes.USBAttach":
            return await self._attach(qube, words[0], words[1])
        return await self._detach(qube, words[0])

    async def _run_guest(self, qube: Qube, service: str, data: str) -> Outcome:
        assert self._folder is not None
        process = await asyncio.create_subprocess_exec(
            self._client,
            "-d",
            qube.name,
            f"root:QUBESRPC {service} dom0",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=dict(os.environ, QUBES_LAB_DIR=str(self._folder)),
        )
        try:
            out, err = await process.communicate(data.encode())
        finally:
            if process.returncode is None:
                process.kill()
        assert process.returncode is not None
        return Outcome(process.returncode, out, err)

    async def _attach(self, qube: Qube, backend: str, port: str) -> Outcome:
        service = qube.attach
        await asyncio.sleep(service.seconds)
        if self._world[backend].guest:
            return Outcome(1, b"", f"{qube.name} is not a machine of the lab\n".encode())
        if service.exit == 0:
            await self._local.connect(backend, port, qube.name)
        return Outcome(service.exit, service.stdout.encode(), service.stderr.encode())

    async def _detach(self, qube: Qube, port: str) -> Outcome:
        service = qube.detach
        await asyncio.sleep(service.seconds)
        if service.exit == 0:
            await self._local.connect(qube.name, port, None)
        return Outcome(service.exit, service.stdout.encode(), service.stderr.encode())
