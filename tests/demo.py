#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job, shown: a USB stick of one machine appears in another. Started by tests/demo."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from labkit import Lab, LabError

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "engine-only"
ENGINE = ROOT / "build" / "lab" / "install"

ATTACH = "echo sys-usb 2-1 | qvm-run -p -u root work-usb 'QUBESRPC qubes.USBAttach dom0'"
DETACH = "echo sys-usb 2-1 | qvm-run -p -u root work-usb 'QUBESRPC qubes.USBDetach dom0'"


def say(text: str) -> None:
    print(f"\033[1m{text}\033[0m" if sys.stdout.isatty() else text, flush=True)


def must(*command: str | Path, **env: str) -> None:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}")


def build() -> None:
    say("Building the engine and the lab (under a minute the first time)")
    must("cmake", "--preset", "engine-only")
    must("cmake", "--build", "--preset", "engine-only", "-j", str(os.cpu_count()))
    must("cmake", "--install", BUILD, "--component", "engine", DESTDIR=str(ENGINE))


def show(lab: Lab, qube: str, command: str) -> None:
    """Run a command in a qube and show it with what it prints."""
    print(f"  [root@{qube}] {command}")
    result = lab[qube].run(command, timeout=120)
    for line in (result.out + result.err).splitlines():
        print(f"    {line}")
    sys.stdout.flush()


def dom0(lab: Lab, command: str) -> None:
    print(f"  [user@dom0] {command}", flush=True)
    begin = time.monotonic()
    result = lab.dom0(command, timeout=150)
    if result.rc != 0:
        raise LabError(f"exit code {result.rc}: {result.err.strip()}")
    print(
        f"    done after {time.monotonic() - begin:.1f} s (these machines are emulated in software)"
    )


def demonstrate(lab: Lab) -> None:
    say(
        "Two machines run: sys-usb has the USB controllers, work-usb has none. A stick is plugged in:"
    )
    lab["sys-usb"].plug("stick", port=1, serial="DEMO-0001")
    lab["sys-usb"].wait("test -b /dev/sda")
    show(lab, "sys-usb", "qubes-usb-engine list")
    show(lab, "sys-usb", "sha256sum </dev/sda")
    say("It is attached to work-usb:")
    dom0(lab, ATTACH)
    show(lab, "sys-usb", "qubes-usb-engine list")
    lab["work-usb"].wait("test -b /dev/sda")
    show(lab, "work-usb", "qubes-usb-engine list")
    show(lab, "work-usb", "sha256sum </dev/sda")
    say("It is detached, and back with its own driver in sys-usb:")
    dom0(lab, DETACH)
    show(lab, "work-usb", "qubes-usb-engine list")
    show(lab, "sys-usb", "qubes-usb-engine list")
    say("What the engines logged:")
    for qube in ("sys-usb", "work-usb"):
        for line in lab[qube].syslog("qubes-usb"):
            print(f"    {line}")
    say("A request that makes no sense:")
    result = lab.dom0(ATTACH.replace("2-1", "2-1:1.0"))
    print(f"    {result.err.strip()} (exit code {result.rc})")


def main() -> int:
    parser = argparse.ArgumentParser(description="The main job on a machine without Qubes.")
    parser.add_argument("--kernel", choices=("6.1", "6.12"), default="6.1")
    options = parser.parse_args()
    build()
    programs = BUILD / "tests" / "lab" / "qrexec" / "bin"
    try:
        with Lab(kernel=options.kernel, engine=ENGINE, programs=programs, say=say) as lab:
            lab.policy("qubes.USB * @anyvm @anyvm allow\n")
            demonstrate(lab)
            print()
    except LabError as error:
        print(f"The demonstration failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    say("All machines are off again. To play with them: tests/lab/README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
