# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `lab`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import select
import shlex
import signal
import socket
import socketserver
import subprocess
import sys
import termios
import threading
import time
import tty
from pathlib import Path
from typing import Any

from . import devices, image
from .lab import BUILD, DEFAULT_QUBES, Lab, OwnedQube, QubeSpec, connect
from .qmp import QmpError, connect_unix
from .qube import LabError, Qube

_KERNELS = ", ".join(image.KERNELS)


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        result: int = options.run(options)
        return result
    except (LabError, QmpError, devices.PortError, image.ImageError, OSError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lab", description="Two or more small machines under QEMU, joined like qubes."
    )
    parser.add_argument(
        "--build-dir", type=Path, default=BUILD, help="cache of images (default: %(default)s)"
    )
    parser.add_argument("--state-dir", type=Path, help="the running lab (default: BUILD_DIR/state)")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        result = commands.add_parser(name, help=text, description=text)
        result.set_defaults(run=run)
        return result

    def with_qube(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        result = command(name, run, text)
        result.add_argument("qube")
        return result

    for name, action, text in (
        ("start", _start, "start the lab in the background and wait until it is ready"),
        ("serve", _serve, "start the lab and keep it until SIGTERM or Ctrl-C"),
    ):
        starter = command(name, action, text)
        starter.add_argument("--kernel", default="6.1", choices=image.KERNELS, help="default: 6.1")
        starter.add_argument(
            "--engine-root", type=Path, help="folder of an `install` of the engine"
        )
        starter.add_argument("--engine-deb", type=Path, help="package of the engine")
        starter.add_argument("--programs", type=Path, help="folder of lab-broker (default: newest)")
        starter.add_argument(
            "--qubes", default="sys-usb,work-usb", help="qubes to boot (default: %(default)s)"
        )
        starter.add_argument(
            "--devices",
            default="stick,kbd",
            help="what to plug into sys-usb at the start (default: %(default)s; may be empty)",
        )
    command("stop", _stop, "end the lab")
    command("status", _status, "show qubes and devices")
    command("env", _env, "print the variables that a shell needs: eval $(lab env)")
    command("shell", _shell, "a shell in the lab's dom0: qvm-run and the like on PATH")
    with_qube("boot", _boot, "boot a qube of the running lab")
    with_qube("kill", _kill, "kill a qube's machine")
    plug = with_qube("plug", _plug, f"plug in a device: {', '.join(devices.KINDS)}")
    plug.add_argument("device", choices=devices.KINDS, metavar="DEVICE")
    plug.add_argument("--port", default="", help="3, or 1.4 behind the hub in port 1")
    plug.add_argument("--bus", default="xhci", choices=("xhci", "ehci"))
    plug.add_argument("--serial", default="")
    plug.add_argument("--filesystem", default="", choices=("", "ext4"))
    unplug = with_qube("unplug", _unplug, "pull a device out")
    unplug.add_argument("id")
    key = with_qube("key", _key, "press a key of a keyboard")
    key.add_argument("device")
    key.add_argument("key", help="QEMU's name of it: a, ret, f1, ...")
    run = with_qube("run", _run, "run a command as root in a qube")
    run.add_argument("command", nargs=argparse.REMAINDER)
    with_qube("console", _console, "a root shell on a qube's serial console")
    return parser


def _folder(options: argparse.Namespace) -> Path:
    folder: Path = options.state_dir or options.build_dir / "state"
    return folder.resolve()


def _qube(options: argparse.Namespace) -> Qube:
    _, qubes = connect(_folder(options))
    if options.qube not in qubes:
        raise LabError(f"no qube {options.qube}: {', '.join(qubes)}")
    return qubes[options.qube]


def _start(options: argparse.Namespace) -> int:
    folder = _folder(options)
    if (folder / "lab.json").exists() and _ask(folder, "ping", "") == "":
        raise LabError(f"a lab is running in {folder}: lab stop")
    words = [sys.executable, "-P", "-m", "labkit.cli"]
    words += ["--build-dir", str(options.build_dir), "--state-dir", str(folder), "serve"]
    words += ["--kernel", options.kernel, "--qubes", options.qubes, "--devices", options.devices]
    for name in ("engine_root", "engine_deb", "programs"):
        value = getattr(options, name)
        if value:
            words += ["--" + name.replace("_", "-"), str(value)]
    env = dict(os.environ, PYTHONPATH=str(Path(__file__).resolve().parent.parent))
    # Its output ends when it is ready; if we are interrupted before, it finds the pipe closed.
    server = subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True, env=env
    )
    assert server.stdout is not None
    try:
        for line in server.stdout:
            text = line.decode().rstrip()
            if text == "ready":
                return _status(options)
            print(text, flush=True)
    except BaseException:
        server.terminate()
        server.wait()
        raise
    return server.wait() or 1


def _serve(options: argparse.Namespace) -> int:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    def say(text: str) -> None:
        print(text, flush=True)

    signal.signal(signal.SIGTERM, stop)
    specs: dict[str, QubeSpec] = {spec.name: spec for spec in DEFAULT_QUBES}
    names = options.qubes.split(",")
    for name in names:
        specs.setdefault(name, QubeSpec(name))
    engine = options.engine_root or options.engine_deb
    lab = Lab(
        kernel=options.kernel,
        engine=engine.resolve() if engine else None,
        qubes=specs.values(),
        running=names,
        programs=options.programs,
        build=options.build_dir,
        folder=_folder(options),
        say=say,
    )
    try:
        with lab, _Control(lab):
            for kind in [word for word in options.devices.split(",") if word]:
                device = lab["sys-usb"].plug(kind)
                say(f"plugged {device.id} into sys-usb: {device.busid}")
            say("ready")
            # Whoever started us has what it waited for; it must not wait for our end as well, nor
            # may a closed terminal end the lab.
            with open(lab.folder / "serve.log", "wb") as log:
                os.dup2(log.fileno(), 1)
                os.dup2(log.fileno(), 2)
            while True:
                signal.pause()
    except KeyboardInterrupt:
        return 0  # Ctrl-C is how it is ended


class _Control(socketserver.ThreadingUnixStreamServer):
    """Does for other processes what only the owner of the machines can: one JSON line each way."""

    daemon_threads = True

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        # One after the other: the forks and the broker's events are not for two threads at once.
        self._turn = threading.Lock()
        super().__init__(str(lab.folder / "control"), _Request)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def do(self, action: str, name: str) -> None:
        if action == "stop":
            os.kill(os.getpid(), signal.SIGTERM)
        elif action in ("boot", "kill"):
            with self._turn:
                qube: OwnedQube = self._lab.qubes[name]
                if action == "boot":
                    qube.start()
                else:
                    qube.kill()
        elif action != "ping":
            raise LabError(f"unknown action {action}")


class _Request(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        try:
            request = json.loads(self.rfile.readline())
            assert isinstance(self.server, _Control)
            self.server.do(request["action"], request["qube"])
            answer = ""
        except (LabError, QmpError, OSError, KeyError, ValueError) as error:
            answer = f"{error}"
        self.wfile.write(json.dumps({"error": answer}).encode() + b"\n")


def _ask(folder: Path, action: str, qube: str, timeout: float = 300.0) -> str | None:
    """Ask the owner; returns its error, "" if there is none, None if there is no owner."""
    try:
        with connect_unix(folder / "control", timeout) as owner:
            owner.sendall(json.dumps({"action": action, "qube": qube}).encode() + b"\n")
            answer = json.loads(owner.makefile("rb").readline())
            error: str = answer["error"]
            return error
    except (FileNotFoundError, ConnectionRefusedError):
        return None  # nobody owns a lab there


def _owner(options: argparse.Namespace, action: str) -> int:
    answer = _ask(_folder(options), action, options.qube)
    if answer is None:
        raise LabError(f"no lab is running in {_folder(options)}")
    if answer:
        raise LabError(answer)
    return 0


def _boot(options: argparse.Namespace) -> int:
    return _owner(options, "boot")


def _kill(options: argparse.Namespace) -> int:
    return _owner(options, "kill")


def _stop(options: argparse.Namespace) -> int:
    folder = _folder(options)
    if _ask(folder, "stop", "") is None:
        # An owner that was killed took its machines with it; only its files may be left.
        (folder / "lab.json").unlink(missing_ok=True)
        print("no lab is running")
        return 0
    deadline = time.monotonic() + 30
    while (folder / "lab.json").exists():
        if time.monotonic() > deadline:
            raise LabError("the lab does not stop")
        time.sleep(0.05)
    return 0


def _status(options: argparse.Namespace) -> int:
    folder = _folder(options)
    description, qubes = connect(folder)
    if _ask(folder, "ping", "") is None:
        raise LabError(f"the lab in {folder} has lost its owner: lab stop")
    print(f"Linux {description['kernel']}, {folder}")
    for name, qube in qubes.items():
        running = _answers(qube)
        print(f"{name}: {'running' if running else 'halted'}")
        for device in qube.devices if running else []:
            print(f"  {device.id:12} {device.busid:8} {device.bus} port {device.port}")
    return 0


def _answers(qube: Qube) -> bool:
    try:
        with qube.qmp():
            return True
    except OSError:  # no socket, or nobody behind it: that is the answer
        return False


def _variables(options: argparse.Namespace) -> dict[str, str]:
    description, _ = connect(_folder(options))
    path = f"{description['programs']}:{os.environ.get('PATH', '')}"
    return {"PATH": path, "QUBES_LAB_DIR": str(_folder(options))}


def _env(options: argparse.Namespace) -> int:
    for name, value in _variables(options).items():
        print(f"export {name}={shlex.quote(value)};")
    return 0


def _shell(options: argparse.Namespace) -> int:
    shell = os.environ.get("SHELL", "/bin/sh")
    os.execve(shell, [shell], {**os.environ, **_variables(options)})


def _plug(options: argparse.Namespace) -> int:
    device = _qube(options).plug(
        options.device,
        options.port,
        options.bus,
        options.serial,
        filesystem=options.filesystem,
    )
    print(json.dumps(dataclasses.asdict(device)))
    return 0


def _unplug(options: argparse.Namespace) -> int:
    _qube(options).unplug(options.id)
    return 0


def _key(options: argparse.Namespace) -> int:
    qube = _qube(options)
    for device in qube.devices:
        if device.id == options.device:
            qube.send_key(options.key, device)
            return 0
    raise LabError(f"{qube.name} has no device {options.device}")


def _run(options: argparse.Namespace) -> int:
    command = " ".join(options.command)
    words = ["qvm-run", "-p", "-u", "root", _qube(options).name, command]
    os.execvpe(words[0], words, {**os.environ, **_variables(options)})


def _console(options: argparse.Namespace) -> int:
    """Join terminal and console; Ctrl-] ends it, as in telnet."""
    if not sys.stdin.isatty():
        raise LabError("the console needs a terminal; see also: lab run")
    before = termios.tcgetattr(0)
    print("Ctrl-] ends the console")
    with connect_unix(_qube(options).folder / "console", 10.0) as console:
        console.setblocking(True)
        tty.setraw(0)
        try:
            _join(console)
        finally:
            termios.tcsetattr(0, termios.TCSADRAIN, before)
    return 0


def _join(console: socket.socket) -> None:
    while True:
        ready, _, _ = select.select([0, console], [], [])
        if 0 in ready:
            typed = os.read(0, 1024)
            if not typed or b"\x1d" in typed:
                return
            console.sendall(typed)
        if console in ready:
            data = console.recv(65536)
            if not data:
                return
            os.write(1, data)


if __name__ == "__main__":
    sys.exit(main())
