# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that never outlive the one that started them."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

Popen = subprocess.Popen[bytes]


class Nursery:
    """Starts programs that the kernel kills when this process ends, in whatever way it ends.

    PR_SET_PDEATHSIG fires at the end of the *thread* that forked (prctl(2)), so all forks are made by
    one thread that lives as long as the nursery.
    """

    def __init__(self) -> None:
        self._forker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lab-forker")
        self._children: list[Popen] = []

    def start(
        self,
        command: Sequence[str | Path],
        cwd: Path,
        log: IO[bytes],
        env: Mapping[str, str] | None = None,
    ) -> Popen:
        full = ["setpriv", "--pdeathsig", "KILL", "--", *map(str, command)]

        def fork() -> Popen:
            return subprocess.Popen(
                full,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=env,
                # A Ctrl-C on the terminal is for the one who stops these in order.
                start_new_session=True,
            )

        child = self._forker.submit(fork).result()
        self._children.append(child)
        return child

    def close(self) -> None:
        for child in reversed(self._children):
            kill(child)
        self._children.clear()
        self._forker.shutdown()


def kill(child: Popen) -> None:
    """SIGKILL, and wait until it is gone. Twice is harmless."""
    if child.poll() is None:
        child.kill()
        child.wait()
