# SPDX-License-Identifier: GPL-2.0-or-later
"""The same sources give the same packages, wherever they are built. Builds everything once more."""

from __future__ import annotations

import shutil
import tempfile
import unittest
from pathlib import Path

from test_packages import OUT, ROOT, build, run, sums


class Reproducible(unittest.TestCase):
    maxDiff = None

    def test_same_sources_same_bytes(self) -> None:
        """Built once more elsewhere, without the lab, from the same commit and work tree."""
        build(ROOT, "release")
        with tempfile.TemporaryDirectory() as temporary:
            copy = Path(temporary) / "elsewhere" / "in-a-deeper-folder"
            copy.mkdir(parents=True)
            names = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
            for name in filter(None, names.split("\0")):
                if (ROOT / name).exists():
                    (copy / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(ROOT / name, copy / name, follow_symlinks=False)
            self.assertEqual(sums(build(copy, "packages")), sums(OUT))
