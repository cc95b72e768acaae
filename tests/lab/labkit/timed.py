# SPDX-License-Identifier: GPL-2.0-or-later
"""unittest that says which tests took longest: python3 -m labkit.timed, with the arguments of unittest."""

from __future__ import annotations

import sys
import time
import unittest
from typing import Any

#: How many are listed in the end.
SLOWEST = 10


class TimedResult(unittest.TextTestResult):
    """Knows how long each test took, cleanups included."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.seconds: dict[str, float] = {}
        self._begin = 0.0

    def startTest(self, test: unittest.TestCase) -> None:
        self._begin = time.monotonic()
        super().startTest(test)

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        self.seconds[test.id()] = time.monotonic() - self._begin

    def print_slowest(self, count: int) -> None:
        slowest = sorted(self.seconds.items(), key=lambda item: item[1], reverse=True)
        self.stream.writeln(f"slowest {min(count, len(slowest))}:")
        for name, seconds in slowest[:count]:
            self.stream.writeln(f"  {seconds:6.1f} s  {name}")
        self.stream.flush()


class _Runner(unittest.TextTestRunner):
    resultclass = TimedResult

    def run(self, test: Any) -> Any:
        result = super().run(test)
        result.print_slowest(SLOWEST)
        return result


if __name__ == "__main__":
    unittest.main(module=None, testRunner=_Runner, argv=["unittest", *sys.argv[1:]])
