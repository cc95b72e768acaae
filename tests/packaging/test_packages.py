# SPDX-License-Identifier: GPL-2.0-or-later
"""The packages: what is in them, how it was built, and what an install leaves behind.

Run by tests/runner.py, which has built preset "release" before. Needs root, or sudo, for the clean Debian.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "release" / "out"
PROGRAMS = {
    "qubes-usb-engine": "usr/bin/qubes-usb-engine",
    "qubes-usb-applet": "usr/bin/qubes-usb-applet",
}
ROOTED = [] if os.geteuid() == 0 else ["sudo"]


def run(*command: str | Path, cwd: Path = ROOT, check: bool = True) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: {done.returncode}\n{done.stdout}")
    return done.stdout


def build(source: Path, preset: str) -> Path:
    """Make the packages of a tree; returns their folder."""
    run("cmake", "--preset", preset, cwd=source)
    run("cmake", "--build", "--preset", preset, cwd=source)
    folder = source / "build" / preset / "out"
    shutil.rmtree(folder, ignore_errors=True)
    run("cpack", "--preset", preset, cwd=source)
    return folder


def packages(folder: Path, ending: str) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name.endswith(ending))


def sums(folder: Path) -> dict[str, str]:
    files = (path for path in folder.iterdir() if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def deb_of(name: str) -> Path:
    (found,) = OUT.glob(f"{name}_*.deb")
    return found


def rpm_of(name: str) -> Path:
    (found,) = OUT.glob(f"{name}-[0-9]*.rpm")
    return found


def setUpModule() -> None:
    build(ROOT, "release")


class Packages(unittest.TestCase):
    maxDiff = None
    temporary: Path

    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.temporary = Path(folder.name)
        for name in PROGRAMS:
            run("dpkg-deb", "-x", deb_of(name), cls.temporary / name)

    def program(self, name: str) -> Path:
        return self.temporary / name / PROGRAMS[name]

    def test_both_programs_both_formats_symbols_apart(self) -> None:
        self.assertEqual(len(packages(OUT, ".deb")), 2)
        self.assertEqual(len(packages(OUT, ".rpm")), 4)
        self.assertEqual(len(packages(OUT, ".ddeb")), 2)

    def test_lintian_finds_no_error(self) -> None:
        for package in packages(OUT, ".deb"):
            report = run("lintian", "--allow-root", "--fail-on", "none", package)
            self.assertNotRegex(report, r"(?m)^E: ")

    def test_hardened(self) -> None:
        for name in PROGRAMS:
            with self.subTest(program=name):
                program = self.program(name)
                elf = run("readelf", "--wide", "--file-header", "--segments", "--dynamic", program)
                self.assertRegex(elf, r"Type: +DYN")
                self.assertIn("(FLAGS_1)", elf)
                self.assertRegex(elf, r"FLAGS_1.*NOW.*PIE")
                self.assertIn("GNU_RELRO", elf)
                self.assertRegex(elf, r"GNU_STACK .* RW ")
                self.assertNotRegex(elf, r"R(UN)?PATH")
                symbols = run("readelf", "--wide", "--dyn-syms", program)
                self.assertIn("__stack_chk_fail", symbols)
                notes = run("readelf", "--wide", "--notes", program)
                self.assertIn("Build ID", notes)
                # The note of CET itself is lost to the start files of Debian 12, which have none; the code has it.
                code = run("objdump", "--disassemble", "--no-show-raw-insn", program)
                self.assertGreater(code.count("endbr64"), 100)
        fortified = run("readelf", "--wide", "--dyn-syms", self.program("qubes-usb-engine"))
        self.assertRegex(fortified, r"__\w+_chk@")

    def test_stripped_and_without_paths_of_the_builder(self) -> None:
        for name in PROGRAMS:
            with self.subTest(program=name):
                sections = run("readelf", "--wide", "--sections", self.program(name))
                self.assertNotIn(".symtab", sections)
                self.assertNotIn(".debug_info", sections)
                self.assertNotIn(str(ROOT).encode(), self.program(name).read_bytes())

    def test_user_unit(self) -> None:
        """systemd finds no mistake in it, and says how exposed it is (shown in the log).

        The tool counts a unit of a user as if it were root's, with all capabilities: most of what is left is that.
        """
        tree = self.temporary / "qubes-usb-applet"
        unit = self.temporary / "qubes-usb-applet.service"
        text = (tree / "usr/lib/systemd/user" / unit.name).read_text(encoding="utf-8")
        self.assertIn("ExecStart=/usr/bin/qubes-usb-applet ", text)
        # Only here is the program elsewhere, and the manual not installed.
        here = text.replace("=/usr/bin/", f"={tree}/usr/bin/")
        unit.write_text(re.sub(r"(?m)^Documentation=.*\n", "", here), encoding="utf-8")
        systemd = ["env", f"XDG_RUNTIME_DIR={self.temporary}", "systemd-analyze", "--user"]
        self.assertEqual(run(*systemd, "verify", unit), "")
        report = run(*systemd, "security", "--offline=true", "--no-pager", unit)
        print(report)
        exposure = re.search(r"Overall exposure level for .*: (\d+\.\d)", report)
        self.assertIsNotNone(exposure, report)
        self.assertLessEqual(float(exposure[1] if exposure else 10), 6.5)

    def test_rpm_has_the_same_files(self) -> None:
        for name in PROGRAMS:
            with self.subTest(package=name):
                listed = set(run("rpm", "-qpl", rpm_of(name)).splitlines())
                tree = self.temporary / name
                ours = {f"/{path.relative_to(tree)}" for path in tree.rglob("*")}
                files = {f"/{p.relative_to(tree)}" for p in tree.rglob("*") if not p.is_dir()}
                self.assertLessEqual(files, listed)
                self.assertLessEqual(listed, ours)
                # No folder that other packages have, too.
                for folder in listed - files:
                    self.assertRegex(folder, r"qubes-usb|dbus-1/interfaces$")

    def test_rpm_of_symbols(self) -> None:
        """What gdb finds by the build ID of the program: its symbols, without paths of the builder."""
        for name in PROGRAMS:
            with self.subTest(package=name):
                tree = self.temporary / f"{name}-debuginfo"
                tree.mkdir()
                package = rpm_of(f"{name}-debuginfo")
                run("sh", "-c", f"rpm2cpio {package} | cpio -id --quiet", cwd=tree)
                notes = run("readelf", "--wide", "--notes", self.program(name))
                (build_id,) = re.findall(r"Build ID: ([0-9a-f]+)", notes)
                file = f"usr/lib/debug/.build-id/{build_id[:2]}/{build_id[2:]}.debug"
                files = [str(p.relative_to(tree)) for p in tree.rglob("*") if not p.is_dir()]
                self.assertEqual(files, [file])
                self.assertIn(build_id, run("readelf", "--wide", "--notes", tree / file))
                sections = run("readelf", "--wide", "--sections", tree / file)
                self.assertIn(".debug_info", sections)
                self.assertIn(".symtab", sections)
                # Which sources, by the tables of lines; where they were, by all texts.
                texts = ("-p.debug_line_str", "-p.debug_str")
                strings = run("readelf", "--wide", "--decompress", *texts, tree / file)
                self.assertTrue(re.search(r"\bmain\.cpp$", strings, re.MULTILINE), "no main.cpp")
                self.assertFalse(str(ROOT) in strings, f"{file} names {ROOT}")
                self.assertEqual(run("rpm", "-qp", "--requires", package).count(".so"), 0)

    def test_rpm_scripts_configuration_and_what_it_replaces(self) -> None:
        for name in PROGRAMS:
            self.assertEqual(run("rpm", "-qp", "--scripts", rpm_of(name)), "")
            etc = [f for f in run("rpm", "-qpl", rpm_of(name)).split() if f.startswith("/etc/")]
            self.assertEqual(run("rpm", "-qpc", rpm_of(name)).split(), etc)
        for question in ("--conflicts", "--obsoletes", "--provides"):
            self.assertIn(
                "qubes-usb-proxy", run("rpm", "-qp", question, rpm_of("qubes-usb-engine"))
            )
        needs = run("rpm", "-qp", "--requires", rpm_of("qubes-usb-applet"))
        self.assertIn("libQt6Widgets.so.6", needs)

    def test_deb_says_what_it_replaces(self) -> None:
        for field in ("Provides", "Conflicts", "Replaces"):
            value = run("dpkg-deb", "-f", deb_of("qubes-usb-engine"), field).strip()
            self.assertEqual(value, "qubes-usb-proxy", field)
        self.assertNotIn("libqt", run("dpkg-deb", "-f", deb_of("qubes-usb-engine"), "Depends"))


class CleanDebian(unittest.TestCase):
    """Install, upgrade, remove, purge in a Debian that has nothing else."""

    def test_leaves_nothing_behind(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            debs = [deb_of(package) for package in PROGRAMS]
            newer = [self.newer(deb, folder) for deb in debs]
            script = folder / "in-the-chroot"
            script.write_text(IN_THE_CHROOT, encoding="utf-8")
            script.chmod(0o755)
            hooks = [f"--customize-hook=copy-in {path} /root/" for path in debs + newer + [script]]
            output = run(
                *ROOTED,
                "mmdebstrap",
                "--variant=apt",
                "bookworm",
                "/dev/null",
                *hooks,
                '--customize-hook=chroot "$1" /root/in-the-chroot',
            )
        self.assertIn("IT RUNS qubes-usb-engine", output)
        self.assertIn("IT RUNS qubes-usb-applet", output)
        found = re.search(r"^LEFT (\d+)$", output, re.MULTILINE)
        self.assertIsNotNone(found, output)
        self.assertEqual(found and found.group(1), "0", output)

    @staticmethod
    def newer(deb: Path, folder: Path) -> Path:
        """The same package as the next version."""
        tree = folder / deb.stem
        run("dpkg-deb", "-R", deb, tree)
        control = tree / "DEBIAN" / "control"
        text = control.read_text(encoding="utf-8")
        control.write_text(re.sub(r"(?m)^Version: .*", "Version: 99-1", text), encoding="utf-8")
        run("dpkg-deb", "--root-owner-group", "-Zxz", "-z0", "-b", tree, folder)
        (built,) = folder.glob(f"{deb.name.split('_')[0]}_99-1_*.deb")
        return built


IN_THE_CHROOT = r"""#!/bin/sh
set -eu
export DEBIAN_FRONTEND=noninteractive
old=$(ls /root/*_0*.deb) new=$(ls /root/*_99-1_*.deb)
# What they need comes first: the look around is about our own files.
needs=$(for deb in $old; do dpkg-deb -f "$deb" Depends; done | tr ',' '\n' | sed 's/[(|].*//; s/ //g' | sort -u)
apt-get install -y -qq --no-install-recommends $needs >/dev/null
everything() { find / -xdev \( -path /proc -o -path /sys -o -path /root -o -path /tmp -o -path /var/lib/dpkg \
    -o -path /var/cache -o -path /var/log -o -path /var/lib/apt \) -prune -o -print | sort; }
everything >/root/before
# shellcheck disable=SC2086 # a list of files
dpkg -i $old
for program in qubes-usb-engine qubes-usb-applet; do $program --version && echo "IT RUNS $program"; done
test -e /usr/lib/qubes/usb-export
dpkg -i $new
test -x /usr/bin/qubes-usb-applet
dpkg -r qubes-usb-engine qubes-usb-applet
test ! -e /usr/bin/qubes-usb-engine
dpkg -P qubes-usb-engine qubes-usb-applet
everything >/root/after
# For people to read; the count below is what decides.
diff /root/before /root/after || true
echo "LEFT $(diff /root/before /root/after | grep -c '^[<>]')"
"""


if __name__ == "__main__":
    unittest.main()
