# SPDX-License-Identifier: GPL-2.0-or-later
"""One virtual machine: its initramfs, QEMU's command line, its process."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from .clock import counter_khz
from .cpio import CpioWriter
from .image import Image
from .process import Nursery, Popen, kill
from .qmp import Qmp

_INIT = Path(__file__).resolve().parent.parent / "image" / "init"

# What makes a guest's kernel start faster under software emulation, none of which touches USB: the
# self-tests of kdf108 and jitterentropy and the search for encrypted keys' ciphers take half a second
# to a second each. And what makes all programs start eight times as fast: the emulator keeps what it has translated
# by the address that it ran at, so that libraries at random addresses are translated anew in each process.
_BOOT = (
    "console=ttyS0 quiet panic=-1 net.ifnames=0 mitigations=off nokaslr norandmaps nowatchdog audit=0 lsm= "
    "tsc=reliable no_timer_check cryptomgr.notests "
    "initcall_blacklist=crypto_kdf108_init,jent_mod_init,init_encrypted "
    "random.trust_cpu=on rcupdate.rcu_expedited=1"
)

_CONTROLLERS = (
    "qemu-xhci,id=xhci,p2=15,p3=11,addr=4",
    "ich9-usb-ehci1,id=ehci,addr=1d.7,multifunction=on",
    "ich9-usb-uhci1,masterbus=ehci.0,firstport=0,addr=1d.0,multifunction=on",
)

# Folders that are links in a root with merged /usr; a package may still name them.
_MERGED = ("bin", "sbin", "lib", "lib64")


@dataclass(frozen=True)
class MachineSpec:
    name: str
    #: has USB controllers, as a backend does; a frontend has none
    usb: bool = False
    memory: int = 512
    processors: int = 1
    #: folders laid over the guest's root, in this order
    trees: tuple[Path, ...] = ()


def _clock() -> str:
    """A kernel that boots while others have the processor measures its counter wrong, and its clock runs at up to
    thirty times the speed: each of its timeouts comes too early then."""
    khz = counter_khz()
    return f"tsc_early_khz={khz}" if khz else ""


class Machine:
    """A QEMU with its folder: `qmp` and `console` (sockets), `console.log`, `qemu.log`, `initrd`."""

    def __init__(self, spec: MachineSpec, folder: Path, nursery: Nursery) -> None:
        self.spec = spec
        self.folder = folder
        self._nursery = nursery
        self._process: Popen | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise RuntimeError(f"{self.spec.name} was never started")
        return self._process.pid

    def start(self, image: Image, broker: str) -> None:
        if self.running:
            raise RuntimeError(f"{self.spec.name} is running")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._write_initrd(image)
        for name in ("qmp", "console", "console.log"):
            (self.folder / name).unlink(missing_ok=True)
        with open(self.folder / "qemu.log", "wb") as log:
            self._process = self._nursery.start(self._command(image, broker), self.folder, log)

    def kill(self) -> None:
        """The power cord: nothing in the guest gets to know."""
        if self._process is not None:
            kill(self._process)

    def qmp(self) -> Qmp:
        return Qmp(self.folder / "qmp")

    def console_tail(self, lines: int = 15) -> str:
        text = ""
        for name in ("qemu.log", "console.log"):
            path = self.folder / name
            if path.exists():
                text += path.read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def _write_initrd(self, image: Image) -> None:
        with open(self.folder / "initrd", "wb") as out:
            for part in (image.base, image.kernel.modules):
                with open(part, "rb") as source:
                    shutil.copyfileobj(source, out, 1 << 20)
            with CpioWriter(out) as cpio:
                cpio.file("init", _INIT.read_bytes(), 0o755)
                for tree in self.spec.trees:
                    _lay(cpio, tree)

    def _command(self, image: Image, broker: str) -> list[str]:
        spec = self.spec
        words = f"{_BOOT} {_clock()} LAB_QUBE={spec.name} LAB_BROKER={broker}"
        command = [
            "qemu-system-x86_64",
            "-name",
            f"lab-{spec.name}",
            "-nodefaults",
            "-no-user-config",
        ]
        command += ["-display", "none", "-no-reboot", "-bios", "qboot.rom"]
        command += ["-machine", "q35,usb=off,sata=off,i8042=off,vmport=off"]
        # Never KVM: a /dev/kvm that is there but emulated in turn has been seen to fail half-way, and the
        # tests' time limits are those of software emulation. Without la57 page walks are shorter.
        command += ["-accel", "tcg,thread=multi", "-cpu", "max,la57=off"]
        command += ["-smp", str(spec.processors), "-m", str(spec.memory)]
        command += ["-kernel", str(image.kernel.image), "-initrd", "initrd", "-append", words]
        # Relative paths: the length of a socket's path is limited.
        command += [
            "-chardev",
            "socket,id=console,path=console,server=on,wait=off,logfile=console.log",
        ]
        command += ["-serial", "chardev:console"]
        command += ["-chardev", "socket,id=qmp,path=qmp,server=on,wait=off"]
        command += ["-mon", "chardev=qmp,mode=control"]
        command += ["-netdev", "user,id=net", "-device", "virtio-net-pci,netdev=net,romfile="]
        if spec.usb:
            command += ["-audiodev", "none,id=sound"]
            for controller in _CONTROLLERS:
                command += ["-device", controller]
        return command


def _lay(cpio: CpioWriter, tree: Path) -> None:
    """Add a folder that an `install` made, as a package would be unpacked over merged /usr."""
    for folder, names, files in os.walk(tree):
        for entry in sorted(names + files):
            path = Path(folder, entry)
            parts = path.relative_to(tree).parts
            if parts[0] in _MERGED:
                parts = ("usr", *parts)
            cpio.path(path, "/".join(parts))
