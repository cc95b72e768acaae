#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the tests and counts. Started by tests/run, which says what is to be run:

nothing   what CI runs, the tiers of `LANES`
quick     what a change needs before it is committed: see quick()
full      everything, before a release: the tiers of `FULL`
TIER...   some tiers, one after the other
"""

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
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
RELEASE = BUILD / "release"
ENGINE = BUILD / "lab" / "install"
APPLET = BUILD / "desktop" / "install"
PROGRAMS = RELEASE / "tests" / "lab" / "qrexec" / "bin"
SCENARIOS = ROOT / "tests" / "lab" / "scenarios"
#: kernel of the backend and of the frontends
PASSES = ("6.1:6.12", "6.12:6.1")
SMOKE = "test_1_seed_lines.SeedLines.test_attach_and_both_detaches"

#: One line at a time, whichever tier says it.
speaking = threading.Lock()


@dataclass
class Tier:
    """Results of one tier. What it says is shown as it comes, or, where several run beside one another, when it ends."""

    name: str
    live: bool = True
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    #: how long its tests took
    times: list[tuple[float, str]] = field(default_factory=list)

    def say(self, text: str) -> None:
        if not self.live:
            self.said.append(text)
            return
        with speaking:
            print(text, end="", flush=True)

    def check(self, what: str, ok: bool) -> bool:
        self.passed += ok
        self.failed += not ok
        if not ok:
            self.failures.append(what)
        self.say(f"{'ok  ' if ok else 'FAIL'} {what}\n")
        return ok

    def run(self, *command: str | Path, env: dict[str, str] | None = None) -> tuple[int, str]:
        """Run a command with its output shown; returns that, too."""
        self.say(f"$ {' '.join(map(str, command))}\n")
        process = start(command, env, subprocess.PIPE)
        lines = []
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            self.say(line)
        return process.wait(), "".join(lines)

    def quiet(self, *command: str | Path, env: dict[str, str] | None = None) -> bool:
        """Run a command that must succeed; its output is shown only if it does not."""
        process = start(command, env, subprocess.PIPE)
        output, _ = process.communicate()
        if process.returncode != 0:
            self.say(f"$ {' '.join(map(str, command))}\n{output}\n")
        return process.returncode == 0

    def build(self, preset: str, *options: str, targets: Iterable[str] = ()) -> bool:
        ok = self.quiet("cmake", "--preset", preset, *options)
        words = [word for target in targets for word in ("--target", target)]
        jobs = str(os.cpu_count())
        ok = ok and self.quiet("cmake", "--build", "--preset", preset, "-j", jobs, *words)
        return self.check(f"builds: preset {preset}", ok)


def start(
    command: Iterable[str | Path], env: dict[str, str] | None, output: int
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(word) for word in command],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def tracked(*patterns: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return [name for name in listed.stdout.split("\n") if name and (ROOT / name).exists()]


def unittests(
    tier: Tier,
    suites: dict[str, list[str | Path]],
    env: dict[str, str] | None = None,
    rooted: bool = False,
) -> None:
    """Run suites of Python's unittest at the same time, and count what they say; shown in their order."""
    found = {"PYTHONPATH": str(ROOT / "tests/lab"), "PYTHONDONTWRITEBYTECODE": "1", **(env or {})}
    python = ["/usr/bin/python3"]
    if rooted and os.geteuid() != 0:
        # sudo keeps no variables by itself.
        python = ["sudo", "env", *(f"{key}={value}" for key, value in found.items()), *python]
    if len(suites) == 1:
        (command,) = suites.values()
        count_unittest(tier, *tier.run(*python, *command, env=found))
        return
    running = {}
    for name, command in suites.items():
        tier.say(f"$ ({name}) {' '.join(map(str, command))}\n")
        log = tempfile.TemporaryFile("w+", errors="replace")
        running[name] = (log, start([*python, *command], found, log.fileno()))
    for name, (log, process) in running.items():
        code = process.wait()
        log.seek(0)
        output = log.read()
        log.close()
        tier.say(f"--- {name}\n{output}\n")
        count_unittest(tier, code, output)


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
    for seconds, name in re.findall(r"^ +(\d+\.\d) s  (\S+)$", output, re.MULTILINE):
        tier.times.append((float(seconds), name))


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


def source(tier: Tier) -> None:
    """What can be said without running anything: format, lint, generated texts."""
    cpp = tracked("*.cpp", "*.h")
    tier.check("there are sources", len(cpp) > 50)
    looks(tier, tracked("*"))
    xml = tracked("*.xml")
    tier.check("xmllint", tier.quiet("xmllint", "--noout", *xml))
    entries = tracked("desktop/*.desktop")
    tier.check("desktop-file-validate", tier.quiet("desktop-file-validate", *entries))
    check_metainfo(tier)
    tier.check("the D-Bus reference is what the XML says", reference_is_fresh(tier))


def looks(tier: Tier, names: list[str]) -> None:
    """Formatters and linters that look at one file each, over those of these files that they are for."""
    cpp = [name for name in names if name.endswith((".cpp", ".h"))]
    if cpp:
        tier.check("clang-format", tier.quiet("clang-format", "--dry-run", "-Werror", *cpp))
    python = [name for name in names if name.endswith(".py") or is_python(name)]
    if python:
        tier.check("black", tier.quiet("black", "-q", "--check", "-l", "100", *python))
    shell = [".ci/run", "tests/run", "tests/install", "tests/demo"]
    shell = [
        n for n in names if n.endswith(".sh") or n in shell or re.match(r"qubes-rpc/.*\.in$", n)
    ]
    if shell:
        tier.check("shellcheck", tier.quiet("shellcheck", "-s", "sh", *shell))


def is_python(name: str) -> bool:
    """Whether it is a program in Python whose name does not say so."""
    path = ROOT / name
    if not name.startswith("tests/lab/") or "." in path.name or not path.is_file():
        return False
    with open(path, "rb") as file:
        return file.readline().startswith(b"#!/usr/bin/python3")


def check_metainfo(tier: Tier) -> None:
    """As it is built by default, and as who publishes the pictures builds it."""
    for url in ("", "https://example.org/screenshots"):
        folder = BUILD / "metainfo"
        options = ["-DBUILD_ENGINE=OFF", "-DBUILD_TESTING=OFF"]
        options += ["-DBUILD_LAB=OFF", f"-DMETAINFO_SCREENSHOTS_URL={url}"]
        ok = tier.quiet("cmake", "-G", "Ninja", "-S", ROOT, "-B", folder, *options)
        info = folder / "desktop" / "org.qubes.UsbApplet.metainfo.xml"
        ok = ok and tier.quiet("appstreamcli", "validate", "--no-net", info)
        ok = ok and (f"<image>{url}/menu.png" in info.read_text(encoding="utf-8")) == bool(url)
        pictures = "with" if url else "without"
        tier.check(f"appstreamcli: metainfo {pictures} pictures", ok)


def reference_is_fresh(tier: Tier) -> bool:
    """Whether the text for people was written anew when the XML changed."""
    folder = ROOT / "applet" / "dbus"
    xml = sorted(folder.glob("org.qubes.*.xml"))
    with tempfile.TemporaryDirectory() as name:
        fresh = Path(name) / "reference"
        if not tier.quiet("gdbus-codegen", "--generate-rst", fresh, *xml):
            return False
        texts = {path.name: path.read_bytes() for path in Path(name).iterdir()}
    return texts == {path.name: path.read_bytes() for path in folder.glob("reference-*.rst")}


def tidy(tier: Tier) -> None:
    """clang-tidy over all C++, the files of a folder at once."""
    code, output = tier.run("/usr/bin/python3", "-B", "tests/tidy.py")
    tier.check("clang-tidy", code == 0 and "0 pieces with findings" in output)


def tidy_single(tier: Tier) -> None:
    """clang-tidy over all C++, each file by itself and with all checks."""
    code, output = tier.run("/usr/bin/python3", "-B", "tests/tidy.py", "--single")
    tier.check("clang-tidy, file by file", code == 0 and "0 pieces with findings" in output)


def unit(tier: Tier) -> None:
    """The unit tests with the sanitizers, built by clang with clazy."""
    if tier.build("asan", "-DWARNINGS_ARE_ERRORS=ON"):
        ctest(tier, "asan")


def unit_release(tier: Tier) -> None:
    """The same tests, built by GCC as what is shipped."""
    if tier.build("release-tests", "-DWARNINGS_ARE_ERRORS=ON"):
        ctest(tier, "release-tests")


def ctest(tier: Tier, preset: str, *chosen: str) -> None:
    results = BUILD / preset / "junit.xml"
    results.unlink(missing_ok=True)
    command = ["ctest", "--preset", preset, "-j", "4", *chosen]
    command += ["-E", "^lab"]  # the stand-ins' tests are a tier of their own
    command += ["--test-output-size-passed", "1000000", "--test-output-size-failed", "1000000"]
    code, _ = tier.run(*command, "--output-junit", results, env={"QT_QPA_PLATFORM": "offscreen"})
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
        tier.times.append((float(case.get("time") or 0), f"{case.get('name')} (a program)"))
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


def links_what_it_may(tier: Tier, binary: Path) -> bool:
    """Run-time dependencies of the engine: the C++ library; libudev is loaded when needed."""
    _, output = tier.run("sh", "-c", 'readelf -d "$1" | grep NEEDED', "sh", binary)
    needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", output))
    allowed = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6"}
    # What the C++ library linked into it needs of the loader, which is part of libc.
    needed = {name for name in needed if not name.startswith("ld-linux")}
    # A stream, or std::filesystem, would bring the locales: 300 KiB in each process that stays.
    _, symbols = tier.run("sh", "-c", 'nm -C "$1" | grep -c "T std::locale::"', "sh", binary)
    return bool(needed) and needed <= allowed and symbols.strip() == "0"


def release(tier: Tier) -> None:
    """Both programs as they are shipped, and the programs of the lab: what all the tiers below use."""
    if not tier.build("release", "-DWARNINGS_ARE_ERRORS=ON"):
        return
    for component, folder in (("engine", ENGINE), ("applet", APPLET)):
        shutil.rmtree(folder, ignore_errors=True)
        command = ("cmake", "--install", RELEASE, "--component", component)
        installed = tier.quiet(*command, env={"DESTDIR": str(folder)})
        program = folder / "usr/bin" / f"qubes-usb-{component}"
        tier.check(f"installs: component {component}", installed and program.exists())
    program = ENGINE / "usr/bin/qubes-usb-engine"
    tier.check("the engine links what it may", links_what_it_may(tier, program))
    without = "-DCMAKE_DISABLE_FIND_PACKAGE_Qt6=ON"
    ok = tier.quiet("cmake", "--preset", "engine-only", "-DWARNINGS_ARE_ERRORS=ON", without)
    with_qt, without_qt = (engine_commands(preset) for preset in ("release", "engine-only"))
    same = ok and bool(with_qt) and with_qt == without_qt
    tier.check("the engine is compiled alike where there is no Qt", same)


def engine_commands(preset: str) -> list[str]:
    """How its files are compiled, whatever the folder: no Qt is needed for what is compiled alike without it."""
    text = (BUILD / preset / "compile_commands.json").read_text(encoding="utf-8")
    lines = re.findall(r'^ *"command": "(.* -c \S*/engine/(?:\w+/)?\w+\.cpp)"', text, re.MULTILINE)
    return sorted(line.replace(f"/build/{preset}", "/build") for line in lines)


def engine_only(tier: Tier) -> None:
    """The engine and the lab's programs, built where CMake finds no Qt at all."""
    tier.build("engine-only", "-DCMAKE_DISABLE_FIND_PACKAGE_Qt6=ON")


def standins(tier: Tier) -> None:
    """The stand-ins of the lab against what is known of the real programs."""
    suites: dict[str, list[str | Path]] = {}
    for name in ("qrexec", "adminapi"):
        folder = ROOT / "tests" / "lab" / name
        suites[name] = ["-m", "labkit.timed", "discover", "-s", folder, "-t", folder]
    # Root, as qrexec's agent starts services as other users.
    unittests(tier, suites, {"LAB_QREXEC_BIN": str(PROGRAMS)}, rooted=True)


def scenarios(*arguments: str | Path) -> list[str | Path]:
    return ["-m", "labkit.testing", "--programs", PROGRAMS, *arguments]


def lab(tier: Tier, share: bool = True) -> None:
    """Two machines, real kernels, real (emulated) devices. The passes share the scenarios, or each has all of them."""
    debs = BUILD / "lab" / "deb"
    shutil.rmtree(debs, ignore_errors=True)
    pack = ["cpack", "-G", "DEB", "--config", RELEASE / "CPackConfig.cmake", "-B", debs]
    tier.quiet(*pack, "-D", "CPACK_COMPONENTS_ALL=engine")
    package = next(debs.glob("qubes-usb-engine_*.deb"), None)
    if not tier.check("the engine's package", package is not None) or package is None:
        return
    # The machines mostly wait for one another, so several labs share two processors well. One has the engine from
    # the package, the other from the install.
    suites: dict[str, list[str | Path]] = {}
    for number, (kernel, engine) in enumerate(zip(PASSES, (ENGINE, package)), 1):
        chosen: list[str | Path] = ["--kernel", kernel, "--engine-root", engine]
        if share:
            chosen += ["--share", f"{number}/{len(PASSES)}"]
        suites[f"scenarios {kernel}"] = scenarios(*chosen, "--tests", SCENARIOS)
    tests = ROOT / "tests/lab/tests"
    suites["lab itself"] = scenarios("--kernel", "6.12", "--engine-root", ENGINE, "--tests", tests)
    unittests(tier, suites)


def lab_whole(tier: Tier) -> None:
    """All scenarios both ways: each side of each has had each kernel."""
    lab(tier, share=False)


def desktop(tier: Tier) -> None:
    """The applet in a real Xfce under Xvfb, with the lab behind it."""
    env = {
        "PYTHONPATH": f"{ROOT / 'tests/lab'}:{ROOT / 'tests/desktop'}",
        "APPLET_PREFIX": str(APPLET / "usr"),
    }
    command = scenarios("--engine-root", ENGINE, "--kernel", PASSES[0])
    unittests(tier, {"desktop": [*command, "--tests", ROOT / "tests/desktop"]}, env)


def packages(tier: Tier) -> None:
    """What is in the packages, and what they leave behind."""
    packaging(tier, "test_packages")


def reproducible(tier: Tier) -> None:
    """The same bytes from a second build, at another place."""
    packaging(tier, "test_reproducible")


def packaging(tier: Tier, module: str) -> None:
    env = {"PYTHONPATH": f"{ROOT / 'tests/lab'}:{ROOT / 'tests/packaging'}"}
    unittests(tier, {module: ["-m", "labkit.timed", "-v", module]}, env)


def debian13(tier: Tier) -> None:
    """What Qubes R4.3's templates have: built, tested and packed there."""
    count_plain(tier, *tier.run("/usr/bin/python3", "-B", "tests/debian13.py"))


def count_plain(tier: Tier, code: int, output: str) -> None:
    """Of a program whose last line is "N passed, N failed"."""
    found = re.findall(r"^(\d+) passed, (\d+) failed$", output, re.MULTILINE)
    passed, failed = map(int, found[-1]) if found else (0, 1)
    tier.passed += passed
    tier.failed += max(failed, code != 0)
    tier.failures += re.findall(r"^FAIL .*$", output, re.MULTILINE)


def quick(tier: Tier) -> None:
    """For a change before its commit: of the files that differ from the last commit (if none, of the last commit) the
    looks and the tests, and one scenario of the lab."""
    changed = lines("git", "diff", "--name-only", "HEAD") + lines(
        "git", "ls-files", "--others", "--exclude-standard"
    )
    changed = changed or lines("git", "diff", "--name-only", "HEAD~1")
    changed = [name for name in changed if (ROOT / name).is_file()]
    tier.say(f"changed: {' '.join(changed)}\n")
    looks(tier, changed)
    wanted = []
    for name in changed:
        if found := re.fullmatch(r"tests/(engine|applet|applet/ui)/(tst_\w+)\.cpp", name):
            wanted.append(
                f"^{found[1]}/{found[2].removeprefix('tst_') if found[1] == 'engine' else found[2]}$"
            )
        elif name.startswith(("engine/", "tests/engine/", "tests/fuzz/")):
            wanted.append("^(engine|fuzz)/")
        elif name.startswith(("applet/", "tests/applet/", "translations/", "icons/")):
            wanted.append("^applet/")
    if wanted and tier.build("asan", "-DWARNINGS_ARE_ERRORS=ON"):
        ctest(tier, "asan", "-R", "|".join(sorted(set(wanted))))
    sources = [name for name in changed if name.endswith(".cpp")]
    if sources:
        single = ("/usr/bin/python3", "-B", "tests/tidy.py", "--single", *sources)
        tier.check("clang-tidy", tier.run(*single)[0] == 0)
    if not tier.build("release", targets=("engine/all", "tests/lab/all")):
        return
    install = ("cmake", "--install", RELEASE, "--component", "engine")
    tier.quiet(*install, env={"DESTDIR": str(ENGINE)})
    names = [Path(name).stem for name in changed if name.startswith("tests/lab/scenarios/test_")]
    chosen = ("--kernel", PASSES[0], "--engine-root", ENGINE, "--tests", SCENARIOS)
    unittests(tier, {"lab": scenarios(*chosen, *(names or [SMOKE]))})


def lines(*command: str) -> list[str]:
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()


TIERS: dict[str, Callable[[Tier], None]] = {
    "quick": quick,
    "source": source,
    "unit": unit,
    "unit-release": unit_release,
    "tidy": tidy,
    "tidy-single": tidy_single,
    "engine-only": engine_only,
    "debian13": debian13,
    "release": release,
    "standins": standins,
    "packages": packages,
    "reproducible": reproducible,
    "lab": lab,
    "lab-whole": lab_whole,
    "desktop": desktop,
}

#: What runs beside one another: compilers have the processors busy, machines and desktops mostly wait.
LANES = (
    ("release", "standins", "packages", "lab", "desktop"),
    ("source", "unit", "tidy"),
)
FULL = (
    ("release", "standins", "packages", "lab-whole", "desktop", "reproducible"),
    ("source", "unit", "unit-release", "tidy-single", "engine-only", "debian13"),
)
#: Use what "release" builds.
SHIPPED = ("standins", "packages", "reproducible", "lab", "lab-whole", "desktop")


def plan(words: list[str]) -> tuple[tuple[str, ...], ...]:
    """Which tiers, in which lanes; ValueError for a word that is none."""
    if not words:
        return LANES
    if words == ["full"]:
        return FULL
    for word in words:
        if word not in TIERS:
            raise ValueError(f"no such tier: {word}; there are full, {', '.join(TIERS)}")
    if any(word in SHIPPED for word in words) and "release" not in words:
        words = ["release", *words]
    return (tuple(words),)


def perform(names: tuple[str, ...], live: bool, done: list[Tier]) -> None:
    for name in names:
        tier = Tier(name, live)
        with speaking:
            print(f"\n=== {name} ===" if live else f"... {name} begins", flush=True)
        begin = time.monotonic()
        try:
            TIERS[name](tier)
        except Exception as error:  # one tier's end is not the others'
            tier.check(f"{name}: {error!r}", False)
        tier.seconds = time.monotonic() - begin
        if not live:
            with speaking:
                print(f"\n=== {name} ===\n{''.join(tier.said)}", flush=True)
        done.append(tier)


def main() -> int:
    try:
        lanes = plan(sys.argv[1:])
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    begin = time.monotonic()
    done: list[Tier] = []
    threads = [
        threading.Thread(target=perform, args=(lane, len(lanes) == 1, done)) for lane in lanes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("\n=== slowest ===")
    for seconds, name in sorted((t for tier in done for t in tier.times), reverse=True)[:10]:
        print(f"{seconds:6.1f} s  {name}")
    print("\n=== totals ===")
    for tier in done:
        skipped = f", {tier.skipped} skipped" if tier.skipped else ""
        counts = f"{tier.passed} passed, {tier.failed} failed{skipped}"
        print(f"{tier.name}: {counts} ({tier.seconds:.0f} s)")
        for failure in tier.failures:
            print(f"    {failure}")
    print(f"all of it took {(time.monotonic() - begin) / 60:.1f} minutes")
    passed = sum(tier.passed for tier in done)
    failed = sum(tier.failed for tier in done)
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
