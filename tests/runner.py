#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the tiers of the tests and counts: source, unit, standins, lab, desktop. Started by tests/run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
LAB_ENGINE = BUILD / "lab" / "install"
DESKTOP_INSTALL = BUILD / "desktop" / "install"
PROGRAMS = BUILD / "engine-only" / "tests" / "lab" / "qrexec" / "bin"
KERNELS = ("6.1", "6.12")


@dataclass
class Tier:
    """Results of one tier."""

    name: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)

    def check(self, what: str, ok: bool) -> bool:
        self.passed += ok
        self.failed += not ok
        if not ok:
            self.failures.append(what)
        print(f"{'ok  ' if ok else 'FAIL'} {what}", flush=True)
        return ok


def run(*command: str | Path, env: dict[str, str] | None = None) -> tuple[int, str]:
    """Run a command with its output shown as it comes; returns that, too."""
    print("$", *command, flush=True)
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    lines = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        print(line, end="", flush=True)
    return process.wait(), "".join(lines)


def quiet(*command: str | Path) -> tuple[int, str]:
    """Run a command; its output is shown only if it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        print("$", *command)
        print(done.stdout, flush=True)
    return done.returncode, done.stdout


def tracked(*patterns: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return [name for name in listed.stdout.split("\n") if name and (ROOT / name).exists()]


def build(tier: Tier, preset: str, *options: str) -> bool:
    ok = quiet("cmake", "--preset", preset, *options)[0] == 0
    ok = ok and quiet("cmake", "--build", "--preset", preset, "-j", str(os.cpu_count()))[0] == 0
    return tier.check(f"builds: preset {preset}", ok)


def build_engine_only(tier: Tier) -> bool:
    """The engine as shipped, and the programs of the lab: must build where there is no Qt at all."""
    return build(tier, "engine-only", "-DCMAKE_DISABLE_FIND_PACKAGE_Qt6=ON")


def unittests(tier: Tier, *arguments: str | Path, env: dict[str, str] | None = None) -> None:
    """Run Python's unittest and count what it says."""
    count_unittest(tier, *run("/usr/bin/python3", "-B", *arguments, env=env))


def count_unittest(tier: Tier, code: int, output: str) -> None:
    ran = sum(int(number) for number in re.findall(r"^Ran (\d+) tests? in", output, re.MULTILINE))
    summary = output.split("\nRan ")[-1]
    bad = {
        name: int(number)
        for name, number in re.findall(r"(failures|errors|skipped)=(\d+)", summary)
    }
    # Each subtest that fails counts, so there can be more of them than tests.
    failed = bad.get("failures", 0) + bad.get("errors", 0)
    if failed == 0 and (code != 0 or ran == 0):
        failed = 1  # it ended before it could say so
    tier.passed += max(ran - failed - bad.get("skipped", 0), 0)
    tier.failed += failed
    tier.skipped += bad.get("skipped", 0)
    tier.failures += unittest_failures(output)


def unittest_failures(output: str) -> list[str]:
    """Name and last words of each failed test: what is seen of a run whose output was cut."""
    found = []
    for block in output.split("\n" + "=" * 70 + "\n")[1:]:
        name, _, rest = block.partition("\n")
        rest = re.split(r"\n-{70}\nRan ", rest)[0]
        # After the traceback, whose lines are all indented.
        last = list(re.finditer(r"^[A-Za-z_][\w.]*(?::|$)", rest, re.MULTILINE))
        traced = [match for match in last if match.start() > rest.rfind('\n  File "')]
        words = " ".join((rest[traced[0].start() :] if traced else rest).split())
        found.append(f"{name.partition(': ')[2]}: {words[:400]}")
    return found


def together(tier: Tier, commands: dict[str, list[str | Path]], env: dict[str, str]) -> None:
    """Run several suites of unittest at the same time; the output of each is shown in their order."""
    logs = BUILD / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    running: dict[str, subprocess.Popen[bytes]] = {}
    for name, command in commands.items():
        print(f"$ ({name})", *command, flush=True)
        with open(logs / f"{name}.log", "wb") as log:
            running[name] = subprocess.Popen(
                [str(word) for word in command],
                cwd=ROOT,
                env={**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
    for name, process in running.items():
        code = process.wait()
        output = (logs / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        print(f"--- {name}\n{output}", flush=True)
        count_unittest(tier, code, output)


def source(tier: Tier) -> None:
    """What can be said without running anything: format, lint, builds."""
    cpp = tracked("*.cpp", "*.h")
    tier.check("there are sources", len(cpp) > 50)
    tier.check("clang-format", quiet("clang-format", "--dry-run", "-Werror", *cpp)[0] == 0)
    python = [*tracked("*.py"), *python_programs()]
    tier.check("black", quiet("black", "-q", "--check", "-l", "100", *python)[0] == 0)
    shell = tracked("*.sh", ".ci/run", "tests/run", "tests/install", "tests/demo", "qubes-rpc/*.in")
    tier.check("shellcheck", quiet("shellcheck", "-s", "sh", *shell)[0] == 0)
    xml = tracked("*.xml")
    if xml:
        tier.check("xmllint", quiet("xmllint", "--noout", *xml)[0] == 0)
    entries = tracked("desktop/*.desktop")
    tier.check("desktop-file-validate", quiet("desktop-file-validate", *entries)[0] == 0)
    check_metainfo(tier)
    tier.check("the D-Bus reference is what the XML says", reference_is_fresh())
    build_engine_only(tier)


def check_metainfo(tier: Tier) -> None:
    """As it is built by default, and as who publishes the pictures builds it."""
    for url in ("", "https://example.org/screenshots"):
        folder = BUILD / "metainfo"
        options = ["-DBUILD_ENGINE=OFF", "-DBUILD_TESTING=OFF"]
        options += ["-DBUILD_LAB=OFF", f"-DMETAINFO_SCREENSHOTS_URL={url}"]
        ok = quiet("cmake", "-G", "Ninja", "-S", ROOT, "-B", folder, *options)[0] == 0
        info = folder / "desktop" / "org.qubes.UsbApplet.metainfo.xml"
        ok = ok and quiet("appstreamcli", "validate", "--no-net", info)[0] == 0
        ok = ok and (f"<image>{url}/menu.png" in info.read_text(encoding="utf-8")) == bool(url)
        pictures = "with" if url else "without"
        tier.check(f"appstreamcli: metainfo {pictures} pictures", ok)


def reference_is_fresh() -> bool:
    """Whether the text for people was written anew when the XML changed."""
    folder = ROOT / "applet" / "dbus"
    xml = sorted(folder.glob("org.qubes.*.xml"))
    with tempfile.TemporaryDirectory() as name:
        fresh = Path(name) / "reference"
        if quiet("gdbus-codegen", "--generate-rst", fresh, *xml)[0] != 0:
            return False
        texts = {path.name: path.read_bytes() for path in Path(name).iterdir()}
    return texts == {path.name: path.read_bytes() for path in folder.glob("reference-*.rst")}


def tidy(tier: Tier) -> None:
    """clang-tidy over all C++; needs no more than the files that moc and others write."""
    if build(tier, "tidy"):
        ours = f"^{re.escape(str(ROOT))}/(engine|applet|tests)/"
        # Behind the lab's machines, whose tests have limits of time: Linux shares the processors among sessions first, so
        # that nice(1) alone counts within this one only (sched(7), autogroup). It ends with this program.
        yielding = 'echo 19 >/proc/self/autogroup; exec nice -n 19 setpriv --pdeathsig TERM "$@"'
        command = ["setsid", "--wait", "sh", "-c", yielding, "sh"]
        command += ["run-clang-tidy", "-quiet", "-p", BUILD / "tidy", ours]
        tier.check("clang-tidy", quiet(*command)[0] == 0)


def python_programs() -> list[str]:
    """Tracked programs in Python whose names do not say so."""
    found = []
    for name in tracked("tests/lab/*"):
        if "." not in Path(name).name and (ROOT / name).is_file():
            with open(ROOT / name, "rb") as file:
                if file.readline().startswith(b"#!/usr/bin/python3"):
                    found.append(name)
    return found


def unit(tier: Tier) -> None:
    for preset in ("release", "asan"):  # what is shipped, and what finds most (with clazy, too)
        if not build(tier, preset, "-DWARNINGS_ARE_ERRORS=ON"):
            continue
        results = BUILD / preset / "junit.xml"
        code, _ = run(
            "ctest",
            "--preset",
            preset,
            "-j",
            "4",
            "-E",
            "^lab-",  # the stand-ins' tests are a tier of their own
            "--test-output-size-passed",
            "1000000",
            "--test-output-size-failed",
            "1000000",
            "--output-junit",
            results,
            env={"QT_QPA_PLATFORM": "offscreen"},
        )
        count_ctest(tier, results, code)


def count_ctest(tier: Tier, results: Path, code: int) -> None:
    """Test functions, where a program of Qt Test says how many; else programs."""
    failed = 0
    for case in ElementTree.parse(results).getroot().iter("testcase"):
        text = case.findtext("system-out") or ""
        totals = re.findall(
            r"^Totals: (\d+) passed, (\d+) failed, (\d+) skipped", text, re.MULTILINE
        )
        good = case.get("status") == "run"
        if totals:
            tier.passed += sum(int(total[0]) for total in totals)
            bad = sum(int(total[1]) for total in totals)
            tier.skipped += sum(int(total[2]) for total in totals)
        else:
            tier.passed += good
            bad = 0
        if not good:
            bad = max(bad, 1)
            words = " ".join(re.findall(r"^FAIL!.*\n(?: .*\n)*", text, re.MULTILINE)) or text[-400:]
            tier.failures.append(f"{case.get('name')}: {' '.join(words.split())[:600]}")
        failed += bad
    if code != 0 and failed == 0:
        failed = 1
    tier.failed += failed


def install_engine(tier: Tier) -> bool:
    if not build_engine_only(tier):
        return False
    os.environ["DESTDIR"] = str(LAB_ENGINE)
    ok = quiet("cmake", "--install", BUILD / "engine-only", "--component", "engine")[0] == 0
    del os.environ["DESTDIR"]
    return tier.check("installs: component engine", ok) and tier.check(
        "the engine links what it may", links_what_it_may(LAB_ENGINE / "usr/bin/qubes-usb-engine")
    )


def links_what_it_may(binary: Path) -> bool:
    """Run-time dependencies of the engine: the C++ library and libudev, no more."""
    _, output = quiet("readelf", "-d", binary)
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", output))
    allowed = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "libudev.so.1"}
    print("the engine needs", *sorted(needed))
    return bool(needed) and needed <= allowed


def standins(tier: Tier) -> None:
    """The stand-ins of the lab against what is known of the real programs."""
    if not build_engine_only(tier):
        return
    # Root, as qrexec's agent starts services as other users.
    rooted = [] if os.geteuid() == 0 else ["sudo"]
    for name in ("qrexec", "adminapi"):
        folder = ROOT / "tests" / "lab" / name
        command = [*rooted, "env", f"LAB_QREXEC_BIN={PROGRAMS}", "/usr/bin/python3", "-B"]
        command += ["-m", "unittest", "discover", "-s", folder, "-t", folder]
        count_unittest(tier, *run(*command))


def lab(tier: Tier) -> None:
    """Two machines, real kernels, real (emulated) devices."""
    if not install_engine(tier):
        return
    env = {"PYTHONPATH": str(ROOT / "tests" / "lab")}
    make_images = "from labkit import image, lab\nfor kernel in image.KERNELS: "
    make_images += "image.build(lab.BUILD / 'image', kernel, print)"
    if not tier.check("images", run("/usr/bin/python3", "-B", "-c", make_images, env=env)[0] == 0):
        return
    debs = BUILD / "engine-only" / "out"
    shutil.rmtree(debs, ignore_errors=True)
    quiet("cpack", "--preset", "engine-only")
    package = next(debs.glob("qubes-usb-engine_*.deb"), None)
    if not tier.check("the engine's package", package is not None) or package is None:
        return
    suite: list[str | Path] = ["/usr/bin/python3", "-B", "-m", "labkit.testing"]
    suite += ["--programs", PROGRAMS]
    folder = ROOT / "tests" / "lab"
    # The machines mostly wait for one another, so several labs share two processors well. One has the engine from
    # the package, the other from the install.
    commands: dict[str, list[str | Path]] = {}
    for kernel, engine in zip(KERNELS, (LAB_ENGINE, package)):
        chosen = ["--kernel", kernel, "--engine-root", engine, "--tests", folder / "scenarios"]
        commands[f"scenarios-{kernel}"] = [*suite, *chosen]
    commands["lab-itself"] = [*suite, "--engine-root", LAB_ENGINE, "--tests", folder / "tests"]
    together(tier, commands, env)


def desktop(tier: Tier) -> None:
    """The applet in a real Xfce under Xvfb, with the lab behind it."""
    if not install_engine(tier):
        return
    if not build(tier, "release"):
        return
    os.environ["DESTDIR"] = str(DESKTOP_INSTALL)
    ok = quiet("cmake", "--install", BUILD / "release", "--component", "applet")[0] == 0
    del os.environ["DESTDIR"]
    programs = list(DESKTOP_INSTALL.glob("**/bin/qubes-usb-applet"))
    if not tier.check("installs: component applet", ok and len(programs) == 1):
        return
    env = {
        "PYTHONPATH": f"{ROOT / 'tests/lab'}:{ROOT / 'tests/desktop'}",
        "APPLET_PREFIX": str(programs[0].parent.parent),
    }
    suite: list[str | Path] = ["-m", "labkit.testing", "--engine-root", LAB_ENGINE]
    suite += ["--programs", PROGRAMS, "--tests", ROOT / "tests/desktop", "--kernel", "6.1"]
    unittests(tier, *suite, env=env)


def packages(tier: Tier) -> None:
    """What is in the packages, and what they leave behind."""
    if build(tier, "release"):
        unittests(tier, ROOT / "tests/packaging/test_packages.py", "-v")


TIERS: dict[str, Callable[[Tier], None]] = {
    "source": source,
    "tidy": tidy,
    "unit": unit,
    "standins": standins,
    "packages": packages,
    "lab": lab,
    "desktop": desktop,
}

#: Runs beside the tiers that come after it, with what they leave of the processors.
BESIDE = ("tidy",)


def main() -> int:
    names = sys.argv[1:] or list(TIERS)
    unknown = [name for name in names if name not in TIERS]
    if unknown:
        print(f"no such tier: {', '.join(unknown)}; there are {', '.join(TIERS)}", file=sys.stderr)
        return 2
    done: list[tuple[Tier, float]] = []

    def perform(name: str) -> None:
        tier = Tier(name)
        begin = time.monotonic()
        try:
            TIERS[name](tier)
        except Exception as error:  # one tier's end is not the others'
            tier.check(f"{name}: {error!r}", False)
        done.append((tier, time.monotonic() - begin))

    beside = []
    for name in names:
        print(f"\n=== {name} ===", flush=True)
        if name in BESIDE:
            beside.append(threading.Thread(target=perform, args=(name,)))
            beside[-1].start()
        else:
            perform(name)
    for thread in beside:
        thread.join()
    print("\n=== totals ===")
    for tier, seconds in done:
        skipped = f", {tier.skipped} skipped" if tier.skipped else ""
        print(f"{tier.name}: {tier.passed} passed, {tier.failed} failed{skipped} ({seconds:.0f} s)")
        for failure in tier.failures:
            print(f"    {failure}")
    passed = sum(tier.passed for tier, _ in done)
    failed = sum(tier.failed for tier, _ in done)
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
