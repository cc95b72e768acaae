# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab: a dom0 and its qubes, owned by the process that makes a Lab and gone with it.

    with Lab(kernel="6.1:6.12", engine=Path("build/lab/install")) as lab:
        stick = lab["sys-usb"].plug("stick", port=1)
        lab.dom0("echo sys-usb 2-1 | qvm-run -p -u root work-usb 'QUBESRPC qubes.USBAttach dom0'")

Another process reaches a running lab by Lab's folder: see `connect`.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any, TypeVar

from . import image
from .broker import Broker, guest_tree
from .echo import EchoServer
from .machine import Machine, MachineSpec
from .process import Nursery
from .qube import LabError, Qube, Result, run_command

T = TypeVar("T")

REPOSITORY = Path(__file__).resolve().parents[3]
BUILD = REPOSITORY / "build" / "lab"

#: A guest that has not called home by then never will; it takes 6 to 12 s on two idle cores.
BOOT_TIMEOUT = 180.0


@dataclass(frozen=True)
class QubeSpec:
    """What a qube is made of. `engine`: True for the lab's, False for none, or another folder."""

    name: str
    usb: bool = False
    engine: bool | Path = True
    #: further folders laid over the root, after the engine
    trees: tuple[Path, ...] = ()
    memory: int = 512
    processors: int = 1


DEFAULT_QUBES = (
    QubeSpec("sys-usb", usb=True),
    QubeSpec("work-usb"),
    QubeSpec("personal-usb"),
)


class OwnedQube(Qube):
    """A qube of a lab that this process owns: its machine can be started and killed as well."""

    def __init__(self, lab: Lab, spec: QubeSpec) -> None:
        super().__init__(spec.name, lab.folder / spec.name, lab.build / "sticks", lab.env)
        self._lab = lab
        self.spec = spec
        self._machine: Machine | None = None

    @property
    def running(self) -> bool:
        return self._machine is not None and self._machine.running

    @property
    def pid(self) -> int:
        """Process number of its QEMU."""
        if self._machine is None:
            raise LabError(f"{self.name} was never started")
        return self._machine.pid

    def start(self, wait: bool = True) -> None:
        """Boot it, with nothing plugged in; unless told otherwise, until its agent has come."""
        if self.running:
            raise LabError(f"{self.name} is running")
        spec = MachineSpec(
            self.name,
            self.spec.usb,
            self.spec.memory,
            self.spec.processors,
            self._lab.trees(self.spec),
        )
        self.folder.mkdir(exist_ok=True)
        self.forget_devices()
        self._machine = Machine(spec, self.folder, self._lab.nursery)
        self._machine.start(self._lab.image(self.spec), f"10.0.2.2:{self._lab.broker.port}")
        if wait:
            self.wait_ready()

    def wait_ready(self) -> None:
        if self._machine is None:
            raise LabError(f"{self.name} was never started")
        deadline = time.monotonic() + BOOT_TIMEOUT
        while not self._lab.broker.events.wait_agent(self.name, True, 0.5):
            if not self._machine.running:
                raise LabError(f"{self.name} ended while booting:\n{self._machine.console_tail()}")
            if time.monotonic() > deadline:
                raise LabError(f"{self.name} does not come up:\n{self._machine.console_tail()}")

    def kill(self) -> None:
        """Kill its QEMU, and wait until dom0 knows that it is gone."""
        if self._machine is not None and self._machine.running:
            self._machine.kill()
            if not self._lab.broker.events.wait_agent(self.name, False, 90.0):
                raise LabError(f"the broker does not notice that {self.name} is gone")

    def restart(self, wait: bool = True, **changes: Any) -> None:
        """Kill and boot it; changes are fields of its QubeSpec (engine=False) and stay."""
        self.kill()
        self.spec = replace(self.spec, **changes)
        self.start(wait)


class Lab:
    """Owns broker and machines. All of it ends with this process, even if that is killed."""

    def __init__(
        self,
        kernel: str = "6.1",
        engine: Path | None = None,
        qubes: Iterable[QubeSpec] = DEFAULT_QUBES,
        running: Iterable[str] = ("sys-usb", "work-usb"),
        programs: Path | None = None,
        build: Path = BUILD,
        folder: Path | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """engine: the folder of an `install`, or a .deb. running: the qubes that `start` boots.

        kernel: a series for all ("6.1"), or one for the qubes with USB controllers and one for the others ("6.1:6.12").
        """
        self.kernel = kernel
        self.build = build.resolve()
        self._say = say
        self._engine = engine
        self._running = tuple(running)
        self.programs = (programs or find_programs()).resolve()
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._held: IO[str] | None = None
        if folder is None:
            (self.build / "run").mkdir(parents=True, exist_ok=True)
            _sweep(self.build / "run")
            self._temporary = tempfile.TemporaryDirectory(dir=self.build / "run")
            folder = Path(self._temporary.name)
        self.folder = folder.resolve()
        if len(str(self.folder / "broker.sock")) > 100:
            raise LabError(f"{self.folder}: too long a path for a socket")
        self.env = environment(self.folder, self.programs)
        self.qubes = {spec.name: OwnedQube(self, spec) for spec in qubes}
        self._clear()

    def _clear(self) -> None:
        self._nursery: Nursery | None = None
        self._broker: Broker | None = None
        self._echo: EchoServer | None = None
        self._images: dict[str, image.Image] = {}

    def __getitem__(self, name: str) -> OwnedQube:
        return self.qubes[name]

    def __enter__(self) -> Lab:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def broker(self) -> Broker:
        return _there(self._broker)

    @property
    def nursery(self) -> Nursery:
        return _there(self._nursery)

    def image(self, spec: QubeSpec) -> image.Image:
        """What a qube boots."""
        backend, frontend = kernels_of(self.kernel)
        return _there(self._images.get(backend if spec.usb else frontend))

    def start(self) -> None:
        """Make the image if need be, boot the qubes that are to run, wait until all are ready."""
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _start(self) -> None:
        for series in kernels_of(self.kernel):
            self._images[series] = image.build(self.build / "image", series, self._say)
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir(parents=True)
        self._hold()
        guest_tree(self.programs, self.folder / "guest")
        if self._engine is not None and self._engine.suffix == ".deb":
            subprocess.run(
                ["dpkg-deb", "-x", str(self._engine), str(self.folder / "engine")], check=True
            )
            self._engine = self.folder / "engine"
        self._nursery = Nursery()
        self._echo = EchoServer(self.folder / "echo")
        self._broker = Broker(self.programs, self.folder, self._nursery)
        description = {
            "kernel": " and ".join(image.kernel.release for image in self._images.values()),
            "programs": str(self.programs),
            "build": str(self.build),
            "qubes": [_plain(qube.spec) for qube in self.qubes.values()],
        }
        (self.folder / "lab.json").write_text(json.dumps(description), encoding="utf-8")
        for name in self._running:
            self._say(f"booting {name} with Linux {self.image(self[name].spec).kernel.release}")
            self[name].start(wait=False)
        for name in self._running:
            self[name].wait_ready()

    def close(self) -> None:
        """End everything at once. Twice is harmless."""
        if self._broker is not None:
            self._broker.close()
        if self._nursery is not None:
            self._nursery.close()
        if self._echo is not None:
            self._echo.close()
        self._clear()
        if self._held is not None:
            self._held.close()
            self._held = None
        if self._temporary is not None:
            self._temporary.cleanup()
        (self.folder / "lab.json").unlink(missing_ok=True)

    def _hold(self) -> None:
        # Held as long as this process lives: tells a lab in use from what a killed one left.
        self._held = open(self.folder / "held", "w", encoding="ascii")
        fcntl.flock(self._held, fcntl.LOCK_EX)

    def trees(self, spec: QubeSpec) -> tuple[Path, ...]:
        engine = self._engine if spec.engine is True else spec.engine
        return (self.folder / "guest", *([engine] if engine else []), *spec.trees)

    def policy(self, text: str) -> None:
        """Replace the qrexec policy, in the format of /etc/qubes/policy.d."""
        self.broker.policy(text)

    def dom0(self, command: str, input: bytes | str = b"", timeout: float = 180.0) -> Result:
        """Run a shell command on the host, where qvm-run and the like are the lab's."""
        return run_command(["sh", "-c", command], self.env, input, timeout)


def kernels_of(kernel: str) -> tuple[str, str]:
    """The series of the qubes with USB controllers, and that of the others: of "6.1" or "6.1:6.12"."""
    backend, _, frontend = kernel.partition(":")
    return backend, frontend or backend


def _there(thing: T | None) -> T:
    if thing is None:
        raise LabError("the lab is not running")
    return thing


def _sweep(folder: Path) -> None:
    """Remove the folders of labs whose owner was killed."""
    for mark in folder.glob("*/held"):
        try:
            with open(mark, "w", encoding="ascii") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(mark.parent)
        except (BlockingIOError, FileNotFoundError):
            # In use, or another process is faster.
            continue


def _plain(spec: QubeSpec) -> dict[str, Any]:
    plain = asdict(spec)
    plain["trees"] = [str(tree) for tree in spec.trees]
    plain["engine"] = str(spec.engine) if isinstance(spec.engine, Path) else spec.engine
    return plain


def environment(folder: Path, programs: Path) -> dict[str, str]:
    """The environment in which the commands of the lab's dom0 are found and find the lab."""
    env = dict(os.environ)
    env["PATH"] = f"{programs}:{env.get('PATH', '/usr/bin:/bin')}"
    env["QUBES_LAB_DIR"] = str(folder)
    return env


def connect(folder: Path) -> tuple[Mapping[str, Any], dict[str, Qube]]:
    """What a lab owned by another process is, and its qubes."""
    path = folder / "lab.json"
    if not path.exists():
        raise LabError(f"no lab is running in {folder}")
    description: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    env = environment(folder.resolve(), Path(description["programs"]))
    cache = Path(description["build"]) / "sticks"
    names = [entry["name"] for entry in description["qubes"]]
    return description, {name: Qube(name, folder / name, cache, env) for name in names}


def find_programs() -> Path:
    """The folder of the newest build of the qrexec stand-in."""
    brokers = [
        *REPOSITORY.glob("build/*/tests/lab/qrexec/bin/lab-broker"),
        *REPOSITORY.glob("build/lab/programs/bin/lab-broker"),
    ]
    if not brokers:
        raise LabError("build the project first: no lab-broker in build/*/tests/lab/qrexec/bin")
    return max(brokers, key=lambda path: path.stat().st_mtime).parent
