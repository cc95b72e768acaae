# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests in the lab: one boot for all tests of a pass, and a runner for all passes.

    python3 -m labkit.testing [--kernel 6.1:6.12] [--share 1/2] [--engine-root DIR] [NAME...]

A NAME is a part of a test's name (test_devices.Sticks.test_hash). A pass is a kernel for all qubes (6.1), or one for the
backend and one for the frontends (6.1:6.12), as on Qubes, where templates differ. Classes that derive from LabTest are
run in each pass; others once.

With --share K/N this is one of N runs that share the tests: those marked `both_ways` are in each, any other is in one.
"""

from __future__ import annotations

import argparse
import sys
import time
import unittest
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from . import image
from .devices import Device
from .lab import BUILD, Lab, OwnedQube, kernels_of
from .timed import SLOWEST, TimedResult

C = TypeVar("C", bound=Callable[..., Any])

TESTS = Path(__file__).resolve().parent.parent / "tests"


class _Shared:
    """The lab that all tests of a pass use. There is never more than one."""

    def __init__(self) -> None:
        self.options: dict[str, Any] = {}
        self._lab: Lab | None = None

    def lab(self, kernel: str) -> Lab:
        if self._lab is None or self._lab.kernel != kernel:
            self.close()
            begin = time.monotonic()
            lab = Lab(kernel=kernel, **self.options)
            lab.start()
            print(f"lab with {kernel}: up after {time.monotonic() - begin:.1f} s", file=sys.stderr)
            self._lab = lab
        return self._lab

    def close(self) -> None:
        if self._lab is not None:
            self._lab.close()
            self._lab = None


shared = _Shared()


def both_ways(what: C) -> C:
    """For a class or a test that asks much of the kernel: never left to another run's share."""
    what.both_ways = True  # type: ignore[attr-defined]  # any function or class can be marked
    return what


@dataclass(frozen=True)
class Share:
    """Which of several runs this is, counted from 0."""

    number: int = 0
    runs: int = 1

    @staticmethod
    def parse(text: str) -> Share:
        number, _, runs = text.partition("/")
        share = Share(int(number) - 1, int(runs))
        if not 0 <= share.number < share.runs:
            raise ValueError(text)
        return share

    def has(self, case: unittest.TestCase) -> bool:
        """By the test's name, so that a new test moves no other to another kernel."""
        method = getattr(case, case._testMethodName)
        if getattr(method, "both_ways", getattr(case, "both_ways", False)):
            return True
        return zlib.crc32(case.id().encode()) % self.runs == self.number


class LabTest(unittest.TestCase):
    """A test in the shared lab: it finds both machines running, with nothing plugged in."""

    #: of this pass, as Lab takes it
    kernel: ClassVar[str] = "6.1"
    #: of this run, for tests that leave a part of what they try to the others
    share: ClassVar[Share] = Share()
    lab: Lab
    backend: OwnedQube
    frontend: OwnedQube

    def setUp(self) -> None:
        self.lab = shared.lab(self.kernel)
        self.backend = self.lab["sys-usb"]
        self.frontend = self.lab["work-usb"]
        for qube in (self.backend, self.frontend):
            if not qube.running:
                qube.start()
            for device in reversed(qube.devices):
                qube.unplug(device)

    @property
    def backend_kernel(self) -> str:
        return kernels_of(self.kernel)[0]

    def plug(self, kind: str, **options: Any) -> Device:
        """Plug a device into the backend; the next test finds it gone."""
        return self.backend.plug(kind, **options)


def _cases(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for entry in suite:
        if isinstance(entry, unittest.TestSuite):
            yield from _cases(entry)
        else:
            yield entry


def collect(
    folder: Path, kernels: list[str], names: list[str], share: Share = Share()
) -> unittest.TestSuite:
    """The tests below a folder: first those that need no shared lab, then pass by pass."""
    found = list(_cases(unittest.TestLoader().discover(str(folder), top_level_dir=str(folder))))
    # What could not be loaded is among what was asked for, whatever its name.
    lost = unittest.loader._FailedTest  # type: ignore[attr-defined]  # unittest has no other name for it
    chosen = [
        case
        for case in found
        if isinstance(case, lost)
        or ((not names or any(name in case.id() for name in names)) and share.has(case))
    ]
    suite = unittest.TestSuite(case for case in chosen if not isinstance(case, LabTest))
    for kernel in kernels:
        classes: dict[type[unittest.TestCase], type[unittest.TestCase]] = {}
        for case in chosen:
            kind = type(case)
            if isinstance(case, LabTest):
                if kind not in classes:
                    body = {"kernel": kernel, "share": share, "__module__": kind.__module__}
                    classes[kind] = type(f"{kind.__name__}[{kernel}]", (kind,), body)
                suite.addTest(classes[kind](case._testMethodName))
    return suite


class _TellingResult(TimedResult):
    """Says what the machines say when a test fails: by the end of the run they are gone."""

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        super().addFailure(test, err)
        self._tell(test)

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        super().addError(test, err)
        self._tell(test)

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._tell(test)

    def _tell(self, test: unittest.TestCase) -> None:
        qubes = getattr(test, "lab", None)
        for qube in qubes.qubes.values() if isinstance(qubes, Lab) else ():
            if qube.running:
                try:
                    logs = qube.run("dmesg | tail -n 25; tail -n 25 /var/log/syslog", timeout=60)
                    self.stream.writeln(f"--- {qube.name}:\n{logs.out}---")
                except Exception as error:  # a dead machine is what the test may be about
                    self.stream.writeln(f"--- {qube.name}: {error!r}")
        self.stream.flush()


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the tests in the lab.")
    ways = [f"{a}:{b}" for a in image.KERNELS for b in image.KERNELS if a != b]
    passes = [*image.KERNELS, *ways]
    parser.add_argument("--kernel", action="append", choices=passes, help=f"default: {ways}")
    parser.add_argument("--share", type=Share.parse, default=Share(), metavar="K/N")
    parser.add_argument("--engine-root", type=Path, help="folder of an `install` of the engine")
    parser.add_argument("--programs", type=Path, help="folder of lab-broker (default: newest)")
    parser.add_argument("--build-dir", type=Path, default=BUILD)
    parser.add_argument("--tests", type=Path, default=TESTS)
    parser.add_argument("--failfast", "-f", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    shared.options = {
        "engine": options.engine_root.resolve() if options.engine_root else None,
        "programs": options.programs,
        "build": options.build_dir,
    }
    kernels = options.kernel or ways
    suite = collect(options.tests.resolve(), kernels, options.names, options.share)
    if any(isinstance(case, LabTest) for case in _cases(suite)):
        for series in {series for kernel in kernels for series in kernels_of(kernel)}:
            # Not within a test, whose time it would count to.
            image.build(
                options.build_dir / "image", series, lambda text: print(text, file=sys.stderr)
            )
    try:
        runner = unittest.TextTestRunner(
            verbosity=2, failfast=options.failfast, resultclass=_TellingResult
        )
        result = runner.run(suite)
        result.print_slowest(SLOWEST)
    finally:
        shared.close()
    return 0 if result.wasSuccessful() and result.testsRun else 1


if __name__ == "__main__":
    # The tests import this module by its name; their `shared` is that one's.
    from labkit import testing

    sys.exit(testing.main())
