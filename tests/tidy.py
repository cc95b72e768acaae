# SPDX-License-Identifier: GPL-2.0-or-later
"""clang-tidy over all C++, or over the files that are named.

Most of what clang-tidy does for a file is reading the headers of Qt and of the C++ library, and matching its checks
against them. So the files of a folder are joined and read as one, which finds the same. Only the static analyzer, which
follows all paths through a function, is not asked about tests, whose macros have many. With `--single` each file is read
as the compiler reads it, analyzer and all, and a forgotten include is found as well: for `tests/run full`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "tidy"
UNITED = BUILD / "united"
FOLDERS = ("engine", "applet", "tests")

#: Of which there is one in a program; a folder has many.
ENTRIES = ("main", "LLVMFuzzerTestOneInput")


@dataclass
class Group:
    """Files that are read as one, with the options of all of them."""

    name: str
    compiler: str
    options: dict[str, None] = field(default_factory=dict)  # in order, each once
    files: list[Path] = field(default_factory=list)
    #: file and line of each line of the file that holds all of them
    places: list[tuple[str, int]] = field(default_factory=list)

    @property
    def source(self) -> Path:
        """What the compiler is given: one file itself, or one that holds many."""
        if len(self.files) == 1:
            return self.files[0]
        return UNITED / f"{self.name.replace('/', '-')}.cpp"

    @property
    def command(self) -> list[str]:
        folders = dict.fromkeys(f"-I{path.parent}" for path in self.files)
        # Warnings are for the compiler to say: joined files shadow one another.
        return [
            self.compiler,
            *self.options,
            "-Wno-error",
            *folders,
            f"-I{UNITED}",
            "-c",
            str(self.source),
        ]

    def write(self) -> None:
        """Make the file that holds all of them. Not by including them: the static analyzer, and the checks for what a file
        declares and does not use, look at the main file only."""
        self.places = [("", 0)]
        text: list[str] = []
        for number, path in enumerate(self.files):
            lines = path.read_text(encoding="utf-8").splitlines()
            around = [f"{entry} {entry}{number}" for entry in ENTRIES]
            text += [f"#define {entry}" for entry in around]
            text += lines
            text += [f"#undef {entry.split()[0]}" for entry in around]
            self.places += [(str(path), 0)] * len(around)
            self.places += [(str(path), line + 1) for line in range(len(lines))]
            self.places += [(str(path), len(lines))] * len(around)
            if path.name.startswith("tst_"):
                # Written by moc, of which clang-tidy needs nothing.
                (UNITED / f"{path.stem}.moc").write_text("", encoding="ascii")
        if len(self.files) > 1:
            self.source.write_text("\n".join(text) + "\n", encoding="utf-8")

    def translate(self, output: str) -> str:
        """Places in the file that holds all of them, said as what they are."""

        def place(match: re.Match[str]) -> str:
            path, line = self.places[int(match[1])]
            return f"{path}:{line}:"

        if len(self.files) == 1:
            return output
        return re.sub(rf"{re.escape(str(self.source))}:(\d+):", place, output)

    def part(self) -> list[Group]:
        """Into pieces that can be read as one: two files may have something of the same name, each for itself."""
        self.write()
        if len(self.files) == 1:
            return [self]
        command = [*self.command, "-fsyntax-only", "-ferror-limit=0", "-w"]
        done = subprocess.run(command, cwd=UNITED, stderr=subprocess.PIPE, text=True, check=False)
        errors = r"^(/[^:\n]+):\d+:\d+: (?:fatal )?error: "
        at_odds = set(re.findall(errors, self.translate(done.stderr), re.MULTILINE))
        apart = [path for path in self.files[1:] if str(path) in at_odds]
        if not apart:
            return [self]
        self.files = [path for path in self.files if path not in apart]
        rest = Group(f"{self.name}+", self.compiler, self.options, apart)
        return [*self.part(), *rest.part()]


def prepare() -> None:
    """Write the compile commands, and the headers that are made from D-Bus's XML; nothing is compiled."""
    quiet("cmake", "--preset", "tidy")
    made = ninja("targets", "rule", "CUSTOM_COMMAND").split()
    headers = [name for name in made if name.endswith(("adaptor.h", "proxy.h"))]
    # Just these commands: to build the headers would compile the libraries that theirs link.
    for command in dict.fromkeys(ninja("commands", "-s", *headers).splitlines()):
        quiet("sh", "-c", command)


def ninja(*arguments: str) -> str:
    """What a tool of ninja says of the build."""
    command = ["ninja", "-C", BUILD, "-t", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def quiet(*command: str | Path) -> None:
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    if done.returncode != 0:
        sys.stdout.buffer.write(done.stdout)
        raise SystemExit(f"{' '.join(map(str, command))}: exit code {done.returncode}")


def groups(commands: Iterable[dict[str, str]], single: bool) -> dict[str, Group]:
    """Folder by folder; or file by file."""
    found: dict[str, Group] = {}
    for command in commands:
        path = Path(command["file"])
        if not path.is_relative_to(ROOT) or path.relative_to(ROOT).parts[0] not in FOLDERS:
            continue
        name = str(path.relative_to(ROOT) if single else path.parent.relative_to(ROOT))
        compiler, *words = shlex.split(command["command"])
        group = found.setdefault(name, Group(name, compiler))
        if path not in group.files:
            group.files.append(path)
        keep = iter(words[: words.index("-o")])
        for word in keep:
            group.options[f"-isystem{next(keep)}" if word == "-isystem" else word] = None
    return found


def check(group: Group, analyze: bool) -> bool:
    """Shows what was found; True: nothing."""
    checks = [] if analyze else ["--checks=-clang-analyzer-*"]
    command = ["nice", "clang-tidy", "-quiet", *checks, "-p", UNITED, group.source]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        print(f"{group.name}:\n{group.translate(done.stdout)}", flush=True)
    return done.returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--single", action="store_true", help="each file by itself")
    parser.add_argument("files", nargs="*", type=Path, help="default: all")
    options = parser.parse_args()
    prepare()
    commands = json.loads((BUILD / "compile_commands.json").read_text(encoding="utf-8"))
    wanted = {path.resolve() for path in options.files}
    if wanted:
        commands = [command for command in commands if Path(command["file"]) in wanted]
    UNITED.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parted = pool.map(Group.part, groups(commands, options.single).values())
        # The longest first, so that none is left alone at the end.
        found = sorted(sum(parted, []), key=lambda group: -len(group.files))
        database = [
            {"directory": str(UNITED), "file": str(group.source), "arguments": group.command}
            for group in found
        ]
        (UNITED / "compile_commands.json").write_text(json.dumps(database), encoding="utf-8")
        analyze = [options.single or not group.name.startswith("tests/") for group in found]
        failed = list(pool.map(check, found, analyze)).count(False)
    count = sum(len(group.files) for group in found)
    print(f"clang-tidy: {count} files in {len(found)} pieces, {failed} pieces with findings")
    return 0 if failed == 0 and count > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
