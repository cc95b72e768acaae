# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of the lab that need no machine."""

from __future__ import annotations

import io
import lzma
import os
import stat
import struct
import subprocess
import tarfile
import tempfile
import threading
import unittest
from pathlib import Path

from labkit import image, vmlinux
from labkit.cpio import CpioWriter
from labkit.devices import Device, PortError, make_disk, place
from labkit.process import Nursery
from labkit.registry import Registry


class TemporaryFolder(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)


class Cpio(TemporaryFolder):
    """Judged by cpio(1), the other reader of the format."""

    def unpack(self, archive: bytes) -> Path:
        target = self.folder / "unpacked"
        target.mkdir()
        subprocess.run(
            ["cpio", "-i", "-d", "-m", "--quiet", "--no-absolute-filenames"],
            input=archive,
            cwd=target,
            check=True,
        )
        return target

    def test_files_links_and_folders(self) -> None:
        out = io.BytesIO()
        with CpioWriter(out) as cpio:
            cpio.directory("folder", 0o700)
            cpio.file("folder/odd", b"x" * 5, 0o640)
            cpio.file("deep/below/empty", b"")
            cpio.symlink("folder/link", "odd")
        unpacked = self.unpack(out.getvalue())
        self.assertEqual((unpacked / "folder/link").read_bytes(), b"xxxxx")
        self.assertEqual((unpacked / "deep/below/empty").read_bytes(), b"")
        modes = [
            stat.S_IMODE((unpacked / name).stat().st_mode) for name in ("folder", "folder/odd")
        ]
        self.assertEqual(modes, [0o700, 0o640])

    def test_hard_link_of_a_tar_archive_has_its_content(self) -> None:
        source = io.BytesIO()
        with tarfile.open(fileobj=source, mode="w") as archive:
            first = tarfile.TarInfo("first")
            first.size, first.mode = 4, 0o755
            archive.addfile(first, io.BytesIO(b"text"))
            second = tarfile.TarInfo("second")
            second.type, second.linkname = tarfile.LNKTYPE, "first"
            archive.addfile(second)
        source.seek(0)
        out = io.BytesIO()
        with tarfile.open(fileobj=source) as archive, CpioWriter(out) as cpio:
            for member in archive:
                cpio.member(archive, member, member.name)
        path = self.unpack(out.getvalue()) / "second"
        self.assertEqual((path.read_bytes(), stat.S_IMODE(path.stat().st_mode)), (b"text", 0o755))

    def test_unfinished_archive_has_no_end(self) -> None:
        out = io.BytesIO()
        with self.assertRaises(ValueError), CpioWriter(out) as cpio:
            cpio.file("file", b"text")
            cpio.path(Path("/dev/null"), "device")
        self.assertNotIn(b"TRAILER", out.getvalue())


class Kernel(unittest.TestCase):
    def test_newest_is_by_number_and_of_the_ordinary_flavour(self) -> None:
        names = (
            "linux-image-6.1.0-9-amd64 linux-image-6.1.0-47-amd64 linux-image-6.1.0-47-cloud-amd64 "
            "linux-image-6.1.0-48-amd64-dbg linux-image-6.12.9+deb12-amd64 "
            "linux-image-6.12.100+deb12-amd64 linux-image-6.12.101+deb12-rt-amd64"
        )
        self.assertEqual(image.newest_kernel(names, "6.1"), "linux-image-6.1.0-47-amd64")
        self.assertEqual(image.newest_kernel(names, "6.12"), "linux-image-6.12.100+deb12-amd64")
        with self.assertRaises(image.ImageError):
            image.newest_kernel(names, "6.6")

    def test_vmlinux_comes_out_of_a_bzimage(self) -> None:
        kernel = b"\x7fELF" + os.urandom(1000)
        payload = lzma.compress(kernel) + struct.pack("<I", len(kernel))
        setup = bytearray(1024)
        setup[0x1F1] = 1
        setup[0x202:0x206] = b"HdrS"
        struct.pack_into("<II", setup, 0x248, 16, len(payload))
        whole = bytes(setup) + bytes(16) + payload + b"signature"
        self.assertEqual(vmlinux.extract(whole), kernel)
        with self.assertRaises(ValueError):
            vmlinux.extract(whole.replace(struct.pack("<I", len(kernel)), bytes(4)))
        with self.assertRaises(ValueError):
            vmlinux.extract(bytes(2000))


def plugged(bus: str, port: str) -> Device:
    return Device("id", "stick", "sys-usb", bus, port, "", "5000", "", "")


class Ports(unittest.TestCase):
    def test_name_in_sysfs_follows_from_port_and_speed(self) -> None:
        cases = {
            ("stick", "xhci", "1"): ("1", "2-1", "5000"),
            ("stick", "xhci", "12"): ("12", "1-12", "480"),
            ("stick", "xhci", "1.4"): ("1.4", "1-1.4", "12"),
            ("stick-hs", "xhci", "3"): ("3", "1-3", "480"),
            ("kbd", "ehci", "2"): ("2", "3-2", "480"),
            ("kbd-fs", "ehci", "2"): ("2", "4-2", "12"),
        }
        for (kind, bus, port), expected in cases.items():
            self.assertEqual(place(kind, bus, port, []), expected, (kind, bus, port))

    def test_free_port_is_found(self) -> None:
        taken = [plugged("xhci", "1"), plugged("xhci", "12")]
        self.assertEqual(place("stick", "xhci", "", taken)[0], "2")
        self.assertEqual(place("kbd", "xhci", "", taken)[0], "13")
        self.assertEqual(place("kbd", "ehci", "", taken)[0], "1")

    def test_refusals(self) -> None:
        full = [plugged("xhci", str(port)) for port in range(1, 12)]
        for kind, bus, port, taken in (
            ("stick", "xhci", "", full),
            ("stick", "xhci", "3", full),
            ("stick", "xhci", "16", []),
            ("kbd-fs", "ehci", "3", []),
            ("kbd", "ohci", "1", []),
        ):
            with self.assertRaises(PortError, msg=(kind, bus, port)):
                place(kind, bus, port, taken)


class Disks(TemporaryFolder):
    def test_content_follows_from_the_seed(self) -> None:
        for name, seed in (("a", 1), ("b", 1), ("c", 2)):
            make_disk(self.folder / name, self.folder / "cache", seed, 4096, "")
        contents = [(self.folder / name).read_bytes() for name in "abc"]
        self.assertEqual(contents[0], contents[1])
        self.assertNotEqual(contents[0], contents[2])
        self.assertEqual({len(content) for content in contents}, {4096})


class Registers(TemporaryFolder):
    def test_failed_change_is_none(self) -> None:
        registry = Registry(self.folder)
        with registry.open() as devices:
            devices.append(plugged("xhci", "1"))
        with self.assertRaises(PortError), registry.open() as devices:
            devices.clear()
            raise PortError("no")
        self.assertEqual(registry.read(), [plugged("xhci", "1")])
        registry.clear()
        self.assertEqual(registry.read(), [])


class Processes(TemporaryFolder):
    def test_children_end_with_the_nursery(self) -> None:
        nursery = Nursery()
        with open(self.folder / "log", "wb") as log:
            child = nursery.start(["sleep", "1000"], self.folder, log)
        self.assertIsNone(child.poll())
        nursery.close()
        self.assertEqual(child.poll(), -9)

    def test_children_outlive_the_thread_that_asked_for_them(self) -> None:
        """PR_SET_PDEATHSIG looks at the thread that forked, not at the process."""
        nursery = Nursery()
        self.addCleanup(nursery.close)
        os.mkfifo(self.folder / "fifo")
        children = []

        def ask() -> None:
            with open(self.folder / "log", "wb") as log:
                command = ["sh", "-c", "read -r line <fifo; exit 3"]
                children.append(nursery.start(command, self.folder, log))

        asker = threading.Thread(target=ask)
        asker.start()
        asker.join()
        # Opens only when the child reads: it would not, had it died with the thread.
        with open(self.folder / "fifo", "wb") as fifo:
            fifo.write(b"go\n")
        self.assertEqual(children[0].wait(120), 3)
