# SPDX-License-Identifier: GPL-2.0-or-later
"""Write cpio archives in the one format that the kernel takes as an initramfs ("newc").

Done here and not by cpio(1), because owners and device nodes then need no root on the host. Format:
the kernel's Documentation/driver-api/early-userspace/buffer-format.rst. Archives may be joined end
to end; a later entry replaces an earlier one of the same name.
"""

from __future__ import annotations

import os
import stat
import tarfile
from pathlib import Path
from typing import BinaryIO


class CpioWriter:
    """Appends entries to a binary file; all belong to root unless told otherwise."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._inode = 0
        self._made: set[str] = set()

    def __enter__(self) -> CpioWriter:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._entry("TRAILER!!!", 0, b"")

    def directory(self, name: str, mode: int = 0o755, uid: int = 0, gid: int = 0) -> None:
        """Add the folder, and first any parent that this archive does not have yet."""
        self._parents(name)
        if name not in self._made:
            self._made.add(name)
            self._entry(name, stat.S_IFDIR | mode, b"", uid, gid)

    def file(
        self, name: str, content: bytes, mode: int = 0o644, uid: int = 0, gid: int = 0
    ) -> None:
        self._parents(name)
        self._entry(name, stat.S_IFREG | mode, content, uid, gid)

    def symlink(self, name: str, target: str) -> None:
        self._parents(name)
        self._entry(name, stat.S_IFLNK | 0o777, os.fsencode(target))

    def device(self, name: str, mode: int, major: int, minor: int) -> None:
        self._parents(name)
        self._entry(name, mode, b"", device=(major, minor))

    def tree(self, root: Path) -> None:
        """Add all below a folder of the host, with its modes, owned by root."""
        for folder, names, files in os.walk(root):
            names.sort()
            for entry in sorted(names + files):
                path = Path(folder, entry)
                self.path(path, str(path.relative_to(root)))

    def path(self, path: Path, name: str) -> None:
        """Add one file, link or folder of the host (the folder without its content)."""
        info = path.lstat()
        if stat.S_ISLNK(info.st_mode):
            self.symlink(name, os.readlink(path))
        elif stat.S_ISDIR(info.st_mode):
            self.directory(name, stat.S_IMODE(info.st_mode))
        elif stat.S_ISREG(info.st_mode):
            self.file(name, path.read_bytes(), stat.S_IMODE(info.st_mode))
        else:
            raise ValueError(f"{path}: neither file, link nor folder")

    def member(self, archive: tarfile.TarFile, member: tarfile.TarInfo, name: str) -> None:
        """Add one member of a tar archive. Hard links become files of their own."""
        if member.isdir():
            self.directory(name, member.mode, member.uid, member.gid)
        elif member.issym():
            self.symlink(name, member.linkname)
        elif member.isreg() or member.islnk():
            source = archive.extractfile(member)
            if source is None:
                raise ValueError(f"{name}: broken hard link")
            origin = archive.getmember(member.linkname) if member.islnk() else member
            self.file(name, source.read(), origin.mode, origin.uid, origin.gid)
        else:
            raise ValueError(f"{name}: unexpected type {member.type!r}")

    def _parents(self, name: str) -> None:
        # A folder that an earlier archive made keeps its mode only if it is not named again, but the
        # kernel creates nothing implicitly; so parents are named, with the mode all of them have.
        parent = os.path.dirname(name)
        if parent and parent not in self._made:
            self.directory(parent)

    def _entry(
        self,
        name: str,
        mode: int,
        content: bytes,
        uid: int = 0,
        gid: int = 0,
        device: tuple[int, int] = (0, 0),
    ) -> None:
        self._inode += 1
        raw = os.fsencode(name) + b"\0"
        links = 2 if stat.S_ISDIR(mode) else 1
        fields = (self._inode, mode, uid, gid, links, 0, len(content), 0, 0, *device, len(raw), 0)
        header = b"070701" + b"".join(b"%08x" % field for field in fields)
        self._out.write(_padded(header + raw))
        self._out.write(_padded(content))


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)
