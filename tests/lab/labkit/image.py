# SPDX-License-Identifier: GPL-2.0-or-later
"""Make what the guests boot: a small Debian root and Debian's own kernels, cached.

Everything is written below one build folder and kept under a key of its inputs, so only the first
start pays. Needs mmdebstrap, dpkg and kmod, and for the first of them root, or sudo.
"""

from __future__ import annotations

import fcntl
import fnmatch
import hashlib
import lzma
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import vmlinux
from .cpio import CpioWriter

SUITE = "bookworm"
KERNELS = ("6.1", "6.12")

_INPUTS = Path(__file__).resolve().parent.parent / "image"
_CODE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Kernel:
    release: str
    image: Path
    modules: Path


@dataclass(frozen=True)
class Image:
    base: Path
    kernel: Kernel


class ImageError(RuntimeError):
    """The image could not be made; the text says which step failed and why."""


def build(folder: Path, series: str, say: Callable[[str], None]) -> Image:
    """Return the image for a kernel series ("6.1"), making what the cache lacks."""
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        return Image(_base(folder, say), _kernel(folder, series, say))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    # Two test runs that share a build folder must not make the same thing at the same time.
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _lines(name: str) -> list[str]:
    text = (_INPUTS / name).read_text(encoding="ascii")
    return [line.strip() for line in text.splitlines() if line.strip() and line[0] != "#"]


def _key(*inputs: Path) -> str:
    digest = hashlib.sha256()
    for path in inputs:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _run(command: list[str], what: str, cwd: Path | None = None) -> str:
    done = subprocess.run(
        command, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise ImageError(f"{what}: {command[0]} ended with {done.returncode}\n{done.stderr}")
    return done.stdout


def _need(program: str, package: str) -> str:
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        raise ImageError(f"{program} is missing: apt-get install {package}")
    return path


def _base(folder: Path, say: Callable[[str], None]) -> Path:
    key = _key(_INPUTS / "packages", _INPUTS / "prune", _CODE / "cpio.py")
    result = folder / f"base-{SUITE}-{key}.cpio"
    if result.exists():
        return result
    say(f"making the guests' root: Debian {SUITE}")
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        archive = Path(temporary, "root.tar")
        include = ",".join(_lines("packages"))
        _run(
            [
                *([] if os.geteuid() == 0 else ["sudo"]),
                _need("mmdebstrap", "mmdebstrap"),
                "--variant=minbase",
                f"--include={include}",
                "--dpkgopt=path-exclude=/usr/share/doc/*",
                "--dpkgopt=path-exclude=/usr/share/locale/*",
                "--dpkgopt=path-exclude=/usr/share/man/*",
                SUITE,
                str(archive),
            ],
            "making the root",
        )
        pruned = Path(temporary, "base.cpio")
        _convert(archive, pruned)
        pruned.replace(result)
    return result


def _convert(source: Path, target: Path) -> None:
    """Turn the tar archive of a root into a cpio archive, without what `prune` lists."""
    pattern = re.compile("|".join(f"(?:{_prefix(glob)})" for glob in _lines("prune")))
    with tarfile.open(source) as archive, open(target, "wb") as out, CpioWriter(out) as cpio:
        for member in archive:
            name = os.path.normpath(member.name)
            if name != "." and not pattern.fullmatch(name):
                cpio.member(archive, member, name)


def _prefix(glob: str) -> str:
    # fnmatch's "*" also crosses "/", which is what "and all below it" needs.
    return f"{fnmatch.translate(glob)}|{fnmatch.translate(glob + '/*')}"


def _kernel(folder: Path, series: str, say: Callable[[str], None]) -> Kernel:
    key = _key(_INPUTS / "modules", _CODE / "vmlinux.py")
    for made in sorted(folder.glob(f"linux-{series}-{key}-*")):
        return _kernel_in(made)
    package = newest_kernel(_run(["apt-cache", "pkgnames", "linux-image-"], "package list"), series)
    release = package.removeprefix("linux-image-")
    say(f"fetching Debian's kernel {release}")
    with tempfile.TemporaryDirectory(dir=folder) as name:
        temporary = Path(name)
        _run(["apt-get", "download", package], "fetching the kernel", cwd=temporary)
        (deb,) = temporary.glob("*.deb")
        archive = temporary / "linux.tar"
        with open(archive, "wb") as out:
            subprocess.run(["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=out, check=True)
        made = temporary / "made"
        made.mkdir()
        with tarfile.open(archive) as content:
            _unpack_kernel(content, release, made)
        made.chmod(0o755)
        result = folder / f"linux-{series}-{key}-{release}"
        made.rename(result)
    return _kernel_in(result)


def _kernel_in(made: Path) -> Kernel:
    release = made.name.split("-", 3)[3]
    return Kernel(release, made / "vmlinux", made / "modules.cpio")


def newest_kernel(names: str, series: str) -> str:
    """The package of the newest ordinary amd64 kernel of a series, out of apt's package names."""
    pattern = re.compile(rf"linux-image-{re.escape(series)}\.[0-9]+([-+][0-9a-z+]+)?-amd64")
    found = [name for name in names.split() if pattern.fullmatch(name)]
    if not found:
        raise ImageError(f"no package linux-image-{series}.*-amd64: apt-get update?")
    return max(found, key=lambda name: [int(part) for part in re.findall(r"\d+", name)])


def _unpack_kernel(content: tarfile.TarFile, release: str, made: Path) -> None:
    members = {os.path.normpath(member.name): member for member in content}

    def read(name: str) -> bytes:
        source = content.extractfile(members[name])
        if source is None:
            raise ImageError(f"{name} is not a file")
        return source.read()

    (made / "vmlinux").write_bytes(vmlinux.extract(read(f"boot/vmlinuz-{release}")))
    top = f"lib/modules/{release}"
    if top not in members:
        top = "usr/" + top
    with tempfile.TemporaryDirectory(dir=made) as temporary:
        tree = Path(temporary)
        root = tree / "usr/lib/modules" / release
        root.mkdir(parents=True)
        (tree / "lib").symlink_to("usr/lib")
        for index in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
            if f"{top}/{index}" in members:
                (root / index).write_bytes(read(f"{top}/{index}"))
        builtin = (root / "modules.builtin").read_text(encoding="ascii")
        modules = _closure(top, list(members), read, _module_names(builtin.split()))
        for path, code in modules.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(code)
        _run([_need("depmod", "kmod"), "-b", str(tree), release], "depmod")
        with open(made / "modules.cpio", "wb") as out, CpioWriter(out) as cpio:
            cpio.directory("usr/lib/modules")
            for folder, names, files in os.walk(tree / "usr/lib/modules"):
                for entry in sorted(names + files):
                    found = Path(folder, entry)
                    cpio.path(found, str(found.relative_to(tree)))


def _module_names(paths: list[str]) -> dict[str, str]:
    """Module name, as modprobe takes it, to path."""
    return {Path(path).name.split(".")[0].replace("-", "_"): path for path in paths}


def _closure(
    top: str, members: list[str], read: Callable[[str], bytes], builtin: dict[str, str]
) -> dict[str, bytes]:
    """The wanted modules and all they depend on, uncompressed, by path below the modules' folder."""
    known = _module_names([name for name in members if re.search(r"\.ko(\.xz)?$", name)])
    wanted = [name.replace("-", "_") for name in _lines("modules")]
    result: dict[str, bytes] = {}
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        optional = name.endswith("?")
        name = name.rstrip("?")
        if name in seen or name in builtin:
            continue
        seen.add(name)
        if name not in known:
            if optional:
                continue
            raise ImageError(f"the kernel package has no module {name}")
        path = known[name]
        code = read(path)
        if path.endswith(".xz"):
            code = lzma.decompress(code)
            path = path.removesuffix(".xz")
        result[path.removeprefix(top + "/")] = code
        # .modinfo holds NUL-separated key=value strings; softdeps are wishes, not needs.
        for depends in re.findall(rb"\0depends=([^\0]*)\0", b"\0" + code):
            wanted += [part.replace("-", "_") for part in depends.decode().split(",") if part]
        for soft in re.findall(rb"\0softdep=pre: ([^\0]*)\0", code):
            wanted += [part.replace("-", "_") + "?" for part in soft.decode().split()]
    return result
