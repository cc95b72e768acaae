# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's dom0: the broker of the qrexec stand-in, its policy and what it reports."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

from .process import Nursery, Popen
from .qmp import connect_unix

HOST_PROGRAMS = ("lab-broker", "qvm-run", "qrexec-client", "qubesdb-cmd")
GUEST_PROGRAMS = {
    "lab-qrexec-agent": "usr/lib/qubes/lab-qrexec-agent",
    "qrexec-client-vm": "usr/bin/qrexec-client-vm",
    "qubesdb-cmd": "usr/bin/qubesdb-cmd",
}
QUBESDB_COMMANDS = ("read", "write", "rm", "list", "multiread", "watch")

# Everything that the tests call, by name; a test of refusals writes its own.
POLICY = """\
qubes.USB * @anyvm @anyvm allow
"""


class BrokerError(RuntimeError):
    """The broker did not come up or went away."""


def guest_tree(programs: Path, tree: Path) -> Path:
    """Lay out the programs of the stand-in as they are found in a qube."""
    for name, place in GUEST_PROGRAMS.items():
        target = tree / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(programs / name, target)
    for command in QUBESDB_COMMANDS:
        (tree / "usr/bin" / f"qubesdb-{command}").symlink_to("qubesdb-cmd")
    legacy = tree / "usr/lib/qubes/qrexec-client-vm"
    legacy.symlink_to("../../bin/qrexec-client-vm")
    return tree


class Broker:
    def __init__(self, programs: Path, folder: Path, nursery: Nursery) -> None:
        self._folder = folder
        self._policy = folder / "policy.d"
        self._policy.mkdir(exist_ok=True)
        self.policy(POLICY)
        with open(folder / "broker.out", "wb") as log:
            self._process: Popen = nursery.start(
                [programs / "lab-broker", "--dir", folder, "--policy", self._policy], folder, log
            )
        self._wait_port()
        self.events = Events(folder)

    def _wait_port(self) -> None:
        deadline = time.monotonic() + 60
        path = self._folder / "broker.port"
        while not path.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                text = (self._folder / "broker.out").read_text(encoding="utf-8", errors="replace")
                raise BrokerError(f"lab-broker did not start: {text}")
            time.sleep(0.01)
        self.port = int(path.read_text(encoding="ascii"))

    def policy(self, text: str) -> None:
        """Replace the policy; it is read at each call."""
        temporary = self._folder / "policy.new"
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, self._policy / "30-lab.policy")

    def close(self) -> None:
        self.events.close()


class Events:
    """What the broker says about machines and agents, from its start on."""

    def __init__(self, folder: Path) -> None:
        self._socket = connect_unix(folder / "broker.sock", 10.0)
        self._socket.sendall(b"events\n")
        self._buffer = b""
        self._agents: set[str] = set()

    def wait_agent(self, qube: str, present: bool, seconds: float) -> bool:
        """Wait for at most that long until the qube's agent is there (or gone); is it so?"""
        deadline = time.monotonic() + seconds
        self._read(0.0)
        while (qube in self._agents) != present:
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._read(left)
        return True

    def _read(self, seconds: float) -> None:
        """Take in what has come; wait so long for the first of it."""
        self._socket.settimeout(seconds)
        try:
            while data := self._socket.recv(4096):
                self._buffer += data
                self._socket.settimeout(0.0)
                *lines, self._buffer = self._buffer.split(b"\n")
                for line in lines:
                    self._note(line.decode().split("\t"))
            raise BrokerError("lab-broker has ended")
        except (TimeoutError, BlockingIOError):
            return  # nothing more has happened so far

    def _note(self, fields: list[str]) -> None:
        if fields[0] == "agent-up":
            self._agents.add(fields[1])
        elif fields[0] == "agent-down":
            self._agents.discard(fields[1])

    def close(self) -> None:
        self._socket.close()
