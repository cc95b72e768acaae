# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks the user by way of device-agent.GUI (qubes/ext/utils.py of qubes-core-admin)."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from .world import World


class DeviceAgent:
    def __init__(self, world: World, socket: Path | None) -> None:
        self._world = world
        self._socket = socket

    async def choose(self, backend: str, port: str, name: str, targets: list[str]) -> str:
        """One of targets, or "" for none. Waits for as long as the agent does."""
        if self._socket is None:
            return ""
        question = {
            "source": backend,
            "device_name": name,
            "argument": port,
            "targets": targets,
            "default_target": targets[0] if len(targets) == 1 else "",
            "icons": {
                f"@dispvm:{qube.name}" if qube.klass == "DispVM" else qube.name: qube.value("icon")
                for qube in self._world.qubes.values()
            },
        }
        try:
            reader, writer = await asyncio.open_unix_connection(str(self._socket))
        except OSError as error:
            print(f"device-agent.GUI: {error}", file=sys.stderr)
            return ""
        writer.write(b"device-agent.GUI dom0 name dom0\0" + json.dumps(question).encode())
        writer.write_eof()
        answer = (await reader.read()).decode("ascii", "replace").strip()
        writer.close()
        verdict, _, target = answer.partition(":")
        return target if verdict == "allow" and target in targets else ""
