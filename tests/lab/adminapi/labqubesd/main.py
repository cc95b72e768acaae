# SPDX-License-Identifier: GPL-2.0-or-later
"""The command lab-qubesd."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from . import config
from .daemon import Daemon, Settings, serve
from .dom0 import Dom0Agent
from .generation import NAMES, Generation
from .server import EVENTS
from .usbids import UsbIds


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    if options.state_dir is None and options.socket is None:
        print("lab-qubesd: --state-dir or --socket is needed", file=sys.stderr)
        return 2
    try:
        settings = config.read(options.config)
        return asyncio.run(_run(options, settings))
    except (OSError, config.ConfigError) as error:
        print(f"lab-qubesd: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lab-qubesd", description="The lab's stand-in for qubesd, the Admin API's server."
    )
    parser.add_argument("--state-dir", type=Path, help="folder of a running lab-broker")
    parser.add_argument("--socket", type=Path, help="default: STATE_DIR/qubesd.sock")
    parser.add_argument("--control", type=Path, help="default: SOCKET.control")
    parser.add_argument("--config", type=Path, help="qubes beyond the lab's guests (JSON)")
    parser.add_argument("--generation", choices=NAMES, help="default: the configuration's, or main")
    parser.add_argument(
        "--programs",
        type=Path,
        help="folder of lab-qrexec-agent and qrexec-client; with it qubes can call admin.* of dom0",
    )
    parser.add_argument("--policy", type=Path, help="default: STATE_DIR/policy.d")
    parser.add_argument("--device-agent", type=Path, help="socket of a device-agent.GUI")
    parser.add_argument("--usb-ids", type=Path, help="default: where a distribution has it")
    parser.add_argument("--seed", type=int, help="fixes the order of the texts of devices")
    parser.add_argument("--debug", action="store_true", help="send tracebacks, as qubesd --debug")
    return parser


async def _run(options: argparse.Namespace, settings: config.Json) -> int:
    state: Path | None = options.state_dir.resolve() if options.state_dir else None
    socket: Path = (options.socket or state / "qubesd.sock").resolve()  # type: ignore[operator]  # main has checked that one is given
    generation = options.generation or settings.get("generation", "main")
    programs: Path | None = options.programs.resolve() if options.programs else None
    daemon = Daemon(
        Settings(
            generation=Generation.named(generation),
            config=settings,
            ids=UsbIds.load(options.usb_ids),
            state_dir=state,
            client=str(programs / "qrexec-client") if programs else "qrexec-client",
            policy=options.policy or (state / "policy.d" if state else None),
            agent_socket=options.device_agent,
            seed=options.seed,
            debug=options.debug,
        )
    )
    control = options.control or socket.with_name(socket.name + ".control")
    task = asyncio.ensure_future(serve(daemon, socket, control))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    agent = Dom0Agent(state, str(programs / "lab-qrexec-agent")) if state and programs else None
    try:
        if agent is not None:
            await agent.start([EVENTS, *daemon.services], socket)
        return await task
    except asyncio.CancelledError:
        return 0  # by SIGTERM, its ordinary end
    finally:
        if agent is not None:
            await agent.stop()
