# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab leaves nothing behind, in whatever way it ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from labkit import Lab, wait_for
from labkit.lab import BUILD
from labkit.testing import shared

LABKIT = Path(__file__).resolve().parent.parent

DRIVER = """
import json, sys
from pathlib import Path
from labkit import Lab
options = json.loads(sys.argv[1])
paths = {name: Path(value) for name, value in options.items() if value}
lab = Lab(running=("work-usb",), **paths)
lab.start()
print(json.dumps(str(lab.folder)), flush=True)
sys.stdin.read()
"""


def processes(folder: Path) -> list[str]:
    """Command lines of all processes that name the lab's folder or work in it."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            cwd = os.readlink(entry / "cwd")
        except OSError:
            # It ended meanwhile.
            continue
        if str(folder) in command or cwd.startswith(str(folder)):
            found.append(f"{entry.name}: {command}")
    return found


class Lifetime(unittest.TestCase):
    def setUp(self) -> None:
        # The machines of two labs at a time would only make each other slow.
        shared.close()
        self.options = {name: str(value) if value else "" for name, value in shared.options.items()}

    def test_close_leaves_no_process_and_no_file(self) -> None:
        with Lab(running=("work-usb",), **shared.options) as lab:
            folder = lab.folder
            self.assertEqual(len(processes(folder)), 2, "QEMU and broker")
        self.assertEqual(processes(folder), [])
        self.assertFalse(folder.exists())

    def test_second_start_needs_no_download(self) -> None:
        begin = time.monotonic()
        said: list[str] = []
        with Lab(running=("sys-usb", "work-usb"), say=said.append, **shared.options):
            print(f"\nboth machines up after {time.monotonic() - begin:.1f} s", file=sys.stderr)
        self.assertEqual([text for text in said if not text.startswith("booting ")], [])

    def test_killed_driver_takes_its_machines_along(self) -> None:
        with subprocess.Popen(
            [sys.executable, "-c", DRIVER, json.dumps(self.options)],
            env=dict(os.environ, PYTHONPATH=str(LABKIT)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as driver:
            assert driver.stdout is not None
            folder = Path(json.loads(driver.stdout.readline()))
            self.assertEqual(len(processes(folder)), 2, "QEMU and broker")
            driver.send_signal(signal.SIGKILL)
        wait_for(lambda: not processes(folder), 10, "the end of its processes")
        self.assertTrue(folder.exists())
        with Lab(running=("work-usb",), **shared.options) as lab:
            self.assertEqual(lab["work-usb"].check("echo again"), "again\n")
            self.assertFalse(folder.exists(), "what a killed driver left is swept up by the next")

    def test_machine_that_can_not_start_is_an_error(self) -> None:
        lab = Lab(running=("work-usb",), **shared.options)
        lab["work-usb"].spec = lab["work-usb"].spec.__class__("work-usb", memory=16)
        folder = lab.folder
        with self.assertRaisesRegex(RuntimeError, "work-usb"):
            lab.start()
        self.assertEqual(processes(folder), [])


class CommandLine(unittest.TestCase):
    def setUp(self) -> None:
        shared.close()
        build = shared.options.get("build") or BUILD
        self.folder = Path(build) / "run" / f"cli-{os.getpid()}"
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.addCleanup(self.lab, "stop")

    def lab(self, *words: str, rc: int = 0) -> str:
        command = [str(LABKIT / "lab"), "--state-dir", str(self.folder), *words]
        done = subprocess.run(
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
        )
        self.assertEqual(done.returncode, rc, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_from_start_to_stop(self) -> None:
        self.assertIn("no lab is running", self.lab("status", rc=1))
        self.lab("start", "--qubes", "sys-usb", "--devices", "stick,kbd")
        self.assertIn("a lab is running", self.lab("start", rc=1))
        status = self.lab("status")
        for word in ("sys-usb: running", "stick-1", "2-1", "work-usb: halted"):
            self.assertIn(word, status)
        self.assertEqual(self.lab("run", "sys-usb", "cat /sys/bus/usb/devices/2-1/speed"), "5000\n")
        mouse = json.loads(self.lab("plug", "sys-usb", "mouse"))
        self.lab("key", "sys-usb", "kbd-1", "a")
        self.lab("unplug", "sys-usb", mouse["id"])
        self.assertIn("no device", self.lab("unplug", "sys-usb", mouse["id"], rc=1))
        self.lab("boot", "work-usb")
        self.assertEqual(self.lab("run", "work-usb", "hostname"), "work-usb\n")
        self.lab("kill", "work-usb")
        self.assertIn("work-usb: halted", self.lab("status"))
        self.lab("run", "sys-usb", "exit 7", rc=7)
        script = 'eval "$0 --state-dir $1 env" >/dev/null && eval "$($0 --state-dir $1 env)"'
        line = f"{script} && echo from dom0 | qvm-run -p -u root sys-usb cat"
        words = ["sh", "-c", line, str(LABKIT / "lab"), str(self.folder)]
        self.assertEqual(subprocess.check_output(words), b"from dom0\n")
        self.lab("stop")
        wait_for(lambda: not processes(self.folder), 10, "the end of its processes")
