# SPDX-License-Identifier: GPL-2.0-or-later
"""A small Qubes of plain processes for the tests of this folder: a broker and the agents of a few qubes.

The programs are taken from the folder named by LAB_QREXEC_BIN.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any, Optional, Sequence

LIMIT = 60.0  # seconds; how long anything that should happen may take on a busy machine

QUBES = ("work", "sys")


def programs() -> Path:
    """The folder with the programs under test."""
    named = os.environ.get("LAB_QREXEC_BIN")
    if not named:
        raise RuntimeError(
            "LAB_QREXEC_BIN must name the folder of the programs (bin/ in the build folder)"
        )
    return Path(named).resolve()


def decode(line: str) -> list[str]:
    """Fields of one line of the control protocol."""
    fields = [""]
    escapes = {"t": "\t", "n": "\n", "r": "\r"}
    characters = iter(line)
    for character in characters:
        if character == "\t":
            fields.append("")
        elif character == "\\":
            following = next(characters, "")
            fields[-1] += escapes.get(following, following)
        else:
            fields[-1] += character
    return fields


class Events:
    """A subscription to what happens in the broker."""

    def __init__(self, state: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(LIMIT)
        self._socket.connect(str(state / "broker.sock"))
        self._socket.sendall(b"events\n")
        self._lines = self._socket.makefile("r", encoding="utf-8", newline="\n")
        self.seen: list[list[str]] = []
        self.wait_for("listening")

    def wait_for(self, *wanted: str) -> None:
        """Returns when this event has come, now or before; each event counts once."""
        target = list(wanted)
        while target not in self.seen:
            line = self._lines.readline()
            if not line:
                raise AssertionError(f"no event {wanted}; seen: {self.seen}")
            self.seen.append(decode(line.rstrip("\n")))
        self.seen.remove(target)

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


class Report:
    """What a lab-probe has written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def pairs(self) -> list[tuple[str, str]]:
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
        return [(name, value) for name, _, value in (line.partition("=") for line in lines)]

    def get(self, name: str) -> Optional[str]:
        values = [value for key, value in self.pairs() if key == name]
        return values[-1] if values else None

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.pairs() if key == name]

    def wait_for(self, name: str) -> str:
        """The value, as soon as it is there."""
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline:
            value = self.get(name)
            if value is not None:
                return value
            time.sleep(0.005)
        raise AssertionError(f"{name} never came; seen: {self.pairs()}")


class Result:
    """How a command ended."""

    def __init__(self, code: int, out: bytes, err: bytes, seconds: float) -> None:
        self.code = code
        self.out = out
        self.err = err
        self.seconds = seconds

    def __repr__(self) -> str:
        return f"code {self.code} after {self.seconds:.2f} s, out {self.out!r}, err {self.err!r}"


def pattern(total: int) -> bytes:
    """The bytes that lab-probe's pattern action writes."""
    return bytes((i * 7 + i // 251) & 0xFF for i in range(total))


def pattern_sum(data: bytes) -> str:
    """The sum that lab-probe tells of data it has read."""
    total = 5381
    for byte in data:
        total = (total * 33 + byte) & 0xFFFFFFFF
    return str(total)


class LabCase(unittest.TestCase):
    """Tests with a broker and two running qubes, work and sys. work may call anything."""

    policy = "* * work @anyvm allow user=root\n* * @anyvm @adminvm allow user=root\n"
    agent_options: dict[str, Sequence[str]] = {}
    with_dom0 = False

    bin: Path
    top: Path
    state: Path
    events: Events
    _processes: dict[str, subprocess.Popen[bytes]]

    @classmethod
    def setUpClass(cls) -> None:
        cls.top = Path(tempfile.mkdtemp(prefix="lab-qrexec-"))
        cls.top.chmod(0o755)
        # Users of the tests must be able to start them; the checkout may be in a home that they can't enter.
        cls.bin = cls.top / "bin"
        shutil.copytree(programs(), cls.bin, symlinks=True)
        cls.state = cls.top / "state"
        cls.state.mkdir()
        (cls.top / "reports").mkdir()
        (cls.top / "reports").chmod(0o777)
        (cls.top / "policy").mkdir()
        cls._processes = {}
        cls.addClassCleanup(cls._end)
        cls.set_policy(cls.policy)
        cls._start("broker", "lab-broker", "--dir", cls.state, "--policy", cls.top / "policy")
        deadline = time.monotonic() + LIMIT
        while not (cls.state / "broker.port").exists():
            if time.monotonic() > deadline:
                raise AssertionError("the broker did not start")
            time.sleep(0.005)
        cls.events = Events(cls.state)
        cls.addClassCleanup(cls.events.close)
        for qube in QUBES + (("dom0",) if cls.with_dom0 else ()):
            cls.start_qube(qube)

    @classmethod
    def address(cls) -> str:
        return "127.0.0.1:" + (cls.state / "broker.port").read_text(encoding="ascii").strip()

    @classmethod
    def root(cls, qube: str) -> Path:
        return cls.top / qube

    @classmethod
    def _start(cls, name: str, program: str, *arguments: Any) -> None:
        with open(cls.top / f"{name}.log", "ab") as log:
            cls._processes[name] = subprocess.Popen(
                [str(cls.bin / program), *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @classmethod
    def start_qube(cls, qube: str) -> None:
        """The agent of a qube, joined to the broker when this returns."""
        root = cls.root(qube)
        (root / "etc/qubes-rpc").mkdir(parents=True, exist_ok=True)
        options = list(cls.agent_options.get(qube, ()))
        if qube == "dom0":
            options.append("--dom0")
        cls._start(
            qube,
            "lab-qrexec-agent",
            "--qube",
            qube,
            "--connect",
            cls.address(),
            "--root",
            root,
            *options,
        )
        cls.events.wait_for("agent-up", qube)

    @classmethod
    def agent_pid(cls, qube: str) -> int:
        return cls._processes[qube].pid

    @classmethod
    def kill_agent(cls, qube: str) -> None:
        """The main process only, as a crash would."""
        process = cls._processes.pop(qube)
        process.kill()
        process.wait()
        cls.events.wait_for("agent-down", qube)

    @classmethod
    def machine_pid(cls, qube: str) -> Optional[int]:
        path = cls.root(qube) / "run/lab/machine.pid"
        text = path.read_text(encoding="ascii").strip() if path.exists() else ""
        return int(text) if text else None

    @classmethod
    def _owned(cls) -> list[int]:
        """Processes that this class has caused: they carry its folder in their command line or environment."""
        mark = os.fsencode(str(cls.top))
        found = []
        for entry in os.listdir("/proc"):
            if not entry.isdigit() or int(entry) == os.getpid():
                continue
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    if mark in file.read():
                        found.append(int(entry))
            except OSError:
                continue  # it has ended since it was listed
        return found

    @classmethod
    def _end(cls) -> None:
        for process in cls._processes.values():
            process.send_signal(signal.SIGTERM)
        for process in cls._processes.values():
            process.wait(timeout=LIMIT)
        for pid in cls._owned():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue  # it has ended since it was listed
        if not os.environ.get("LAB_QREXEC_KEEP"):
            shutil.rmtree(cls.top, ignore_errors=True)

    @classmethod
    def set_policy(cls, text: str) -> None:
        (cls.top / "policy/50.policy").write_text(text, encoding="ascii")

    # What tests do

    def service(
        self, qube: str, name: str, text: str, mode: int = 0o755, folder: str = "etc/qubes-rpc"
    ) -> Path:
        """Installs a service, removed again after the test."""
        path = self.root(qube) / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        self.addCleanup(path.unlink, missing_ok=True)
        return path

    def config(self, qube: str, name: str, text: str, folder: str = "etc/qubes/rpc-config") -> None:
        self.service(qube, name, text, 0o644, folder)

    def report(self, name: str = "report") -> Report:
        return Report(
            self.top / "reports" / f"{self.id().rpartition('.')[2]}.{name}.{time.monotonic_ns()}"
        )

    def probe_service(self, qube: str, name: str, *actions: str) -> Report:
        """A service that is a lab-probe with these actions."""
        report = self.report(name)
        words = " ".join(f"'{action}'" for action in (str(report.path), *actions))
        self.service(qube, name, f"#!/bin/sh\nexec {self.bin}/lab-probe {words}\n")
        return report

    def inject(self, qube: str, text: str) -> None:
        path = self.root(qube) / "run/lab/qrexec-inject"
        path.write_text(text, encoding="ascii")
        self.addCleanup(path.unlink, missing_ok=True)

    def client_vm_command(self, *arguments: Any, qube: str = "work") -> list[str]:
        agent = self.root(qube) / "var/run/qubes/qrexec-agent"
        return [str(self.bin / "qrexec-client-vm"), f"--agent-socket={agent}", *map(str, arguments)]

    def local(self, report: Report, *actions: str) -> list[str]:
        """The words of a local program."""
        return [str(self.bin / "lab-probe"), str(report.path), *actions]

    def run_command(
        self,
        command: Sequence[Any],
        data: bytes = b"",
        env: Optional[dict[str, str]] = None,
        **options: Any,
    ) -> Result:
        start = time.monotonic()
        environment = dict(os.environ, QUBES_LAB_DIR=str(self.state))
        for variable in [name for name in environment if name.startswith("QREXEC")]:
            del environment[variable]
        environment.update(env or {})
        if "stdin" not in options:
            options["input"] = data
        done = subprocess.run(
            [str(word) for word in command],
            stdout=options.pop("stdout", subprocess.PIPE),
            stderr=options.pop("stderr", subprocess.PIPE),
            env=environment,
            timeout=LIMIT,
            check=False,
            **options,
        )
        return Result(
            done.returncode, done.stdout or b"", done.stderr or b"", time.monotonic() - start
        )

    def start_command(self, command: Sequence[Any], **options: Any) -> subprocess.Popen[bytes]:
        environment = dict(os.environ, QUBES_LAB_DIR=str(self.state))
        for name in ("stdin", "stdout", "stderr"):
            options.setdefault(name, subprocess.PIPE)
        process = subprocess.Popen([str(word) for word in command], env=environment, **options)

        def end() -> None:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream and not stream.closed:
                    try:
                        stream.close()
                    except BrokenPipeError:
                        pass  # what was not read yet goes with the process

        self.addCleanup(end)
        return process

    def client_vm(
        self, *arguments: Any, data: bytes = b"", qube: str = "work", **options: Any
    ) -> Result:
        return self.run_command(self.client_vm_command(*arguments, qube=qube), data, **options)

    def qvm_run(
        self, qube: str, command: str, data: bytes = b"", user: str = "root", **options: Any
    ) -> Result:
        return self.run_command(
            [self.bin / "qvm-run", "-p", "-u", user, qube, command], data, **options
        )

    def wait_until(self, condition: Any, what: str) -> None:
        deadline = time.monotonic() + LIMIT
        while not condition():
            if time.monotonic() > deadline:
                self.fail(f"never happened: {what}")
            time.sleep(0.005)
