# SPDX-License-Identifier: GPL-2.0-or-later
"""The way in for other qubes: dom0's qrexec, whose admin.* services are links to the socket.

On Qubes these are /etc/qubes-rpc/admin.* -> ../../var/run/qubesd.sock. Here lab-qrexec-agent --dom0
serves them, with a root of its own.
"""

from __future__ import annotations

import asyncio
import ctypes
import shutil
import signal
from collections.abc import Iterable
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Dom0Agent:
    def __init__(self, state_dir: Path, program: str) -> None:
        self._state_dir = state_dir
        self._program = program
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, services: Iterable[str], socket: Path) -> None:
        root = self._state_dir / "dom0"
        shutil.rmtree(root, ignore_errors=True)
        folder = root / "etc/qubes-rpc"
        folder.mkdir(parents=True)
        # Relative and from the agent's own folder: the path of a socket has at most 107 characters.
        (root / "qubesd.sock").symlink_to(socket)
        for service in services:
            (folder / service).symlink_to("../../qubesd.sock")
        port = (self._state_dir / "broker.port").read_text(encoding="ascii").strip()
        with open(self._state_dir / "dom0.log", "ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                self._program,
                "--qube",
                "dom0",
                "--dom0",
                "--connect",
                f"127.0.0.1:{port}",
                "--root",
                ".",
                cwd=root,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,
            )

    async def stop(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()
