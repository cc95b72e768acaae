# SPDX-License-Identifier: GPL-2.0-or-later
"""What Qubes R4.3's templates are: in a new Debian 13, builds everything, runs the unit tests and makes the packages.

The root is made anew each time and gone afterwards. Needs mmdebstrap, and root or sudo. The last line counts.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUITE = "trixie"
#: besides what tests/packages says that a build needs
FOR_TESTS = (
    "ca-certificates",
    "dbus",
    "libumockdev-dev",
    "python3",
    "qt6-svg-plugins",
    "udev",
    "umockdev",
    "usb.ids",
)
FOR_PACKAGES = ("dpkg-dev", "file", "rpm", "kmod")

#: In the root; each step says how it ended. GCC as there, all warnings errors.
STEPS = r"""#!/bin/sh
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 QT_QPA_PLATFORM=offscreen HOME=/root XDG_RUNTIME_DIR=/run/user
mkdir -p /run/user && chmod 700 /run/user
cd /root/tree || exit
step() {
    name=$1
    shift
    if "$@" >/root/log 2>&1; then echo "ok   $name"; else tail -n 60 /root/log; echo "FAIL $name"; fi
}
g++ --version | head -n 1
step "builds" sh -c 'cmake --preset release-tests -DWARNINGS_ARE_ERRORS=ON && cmake --build --preset release-tests -j "$(nproc)"'
step "unit tests" ctest --preset release-tests -j 4
grep -E "tests (passed|failed)" /root/log
step "packages" cmake --workflow --preset packages
# What a user of another prefix gets: packages are always for /usr.
step "packages of a build for /usr/local" sh -c 'cmake --preset packages -DCMAKE_INSTALL_PREFIX=/usr/local &&
    cmake --build --preset packages -j "$(nproc)" && cpack --preset packages'
step "installs" sh -c 'dpkg -i build/packages/out/*.deb && qubes-usb-engine --version && qubes-usb-applet --version'
"""


def needed() -> list[str]:
    """The packages of the part "build" of tests/packages, and what tests and packages need."""
    text = (ROOT / "tests" / "packages").read_text(encoding="utf-8")
    part = re.search(r"^# build\n(.*?)^#", text, re.MULTILINE | re.DOTALL)
    assert part is not None
    return [*part[1].split(), *FOR_TESTS, *FOR_PACKAGES]


def copy_tree(target: Path) -> None:
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name, follow_symlinks=False)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_tree(folder / "tree")
        steps = folder / "steps"
        steps.write_text(STEPS, encoding="utf-8")
        steps.chmod(0o755)
        command = [] if os.geteuid() == 0 else ["sudo"]
        command += ["mmdebstrap", "--variant=apt", f"--include={','.join(needed())}"]
        command += [f"--customize-hook=copy-in {folder / 'tree'} {steps} /root/"]
        command += ['--customize-hook=chroot "$1" /root/steps', SUITE, "/dev/null"]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    print(done.stdout[-40000:])
    passed = len(re.findall(r"^ok   ", done.stdout, re.MULTILINE))
    failed = len(re.findall(r"^FAIL ", done.stdout, re.MULTILINE))
    if done.returncode != 0 or passed + failed == 0:
        print(f"FAIL mmdebstrap: exit code {done.returncode}")
        failed += 1
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
