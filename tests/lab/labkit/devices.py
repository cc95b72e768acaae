# SPDX-License-Identifier: GPL-2.0-or-later
"""The USB devices that can be plugged into a guest, and where each of them appears there.

Ports are written as QEMU writes them: "3" is a port of a controller, "1.4" port 4 of the hub in
port 1. Every guest with controllers has
  xhci  15 ports; 1 to 11 take every speed, 12 to 15 none above high speed; buses 1 (high) and 2 (super)
  ehci   6 ports; 1 and 2 hand slower devices to the companion uhci; buses 3 (high) and 4 (full)
"""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .qmp import Qmp, QmpError

SUPER_PORTS = range(1, 12)
HIGH_PORTS = range(12, 16)
EHCI_PORTS = range(1, 7)
UHCI_PORTS = range(1, 3)
HUB_PORTS = range(1, 9)

# What the guest's kernel calls the speeds in sysfs.
FULL, HIGH, SUPER = "12", "480", "5000"

MIB = 1 << 20


@dataclass(frozen=True)
class Kind:
    """A sort of device: QEMU's driver and properties, and what a Linux guest makes of it."""

    driver: str
    speed: str
    vid_pid: str
    #: class driver that binds to the first interface; "" if the lab's kernels have none for it
    binds: str
    properties: dict[str, Any] = field(default_factory=dict)
    #: what stands behind it on the host: "", "disk", "echo", "network", "sound"
    backend: str = ""


KINDS: dict[str, Kind] = {
    "stick": Kind("usb-storage", SUPER, "46f4:0001", "usb-storage", backend="disk"),
    "stick-hs": Kind("usb-storage", HIGH, "46f4:0001", "usb-storage", backend="disk"),
    "uas": Kind("usb-uas", SUPER, "46f4:0003", "uas", backend="uas"),
    "kbd": Kind("usb-kbd", HIGH, "0627:0001", "usbhid"),
    "kbd-fs": Kind("usb-kbd", FULL, "0627:0001", "usbhid", {"usb_version": 1}),
    "mouse": Kind("usb-mouse", HIGH, "0627:0001", "usbhid"),
    "tablet": Kind("usb-tablet", HIGH, "0627:0001", "usbhid"),
    "wacom": Kind("usb-wacom-tablet", FULL, "056a:0000", "usbhid"),
    "serial": Kind(
        "usb-serial", FULL, "0403:6001", "ftdi_sio", {"always-plugged": True}, backend="echo"
    ),
    "audio": Kind("usb-audio", FULL, "46f4:0002", "snd-usb-audio", backend="sound"),
    "net": Kind("usb-net", FULL, "0525:a4a2", "cdc_ether", backend="network"),
    "ccid": Kind("usb-ccid", FULL, "08e6:4433", ""),
    "hub": Kind("usb-hub", FULL, "0409:55aa", "hub"),
}


@dataclass(frozen=True)
class Device:
    """A device that is plugged in. `busid` is its name in the guest's /sys/bus/usb/devices."""

    id: str
    kind: str
    qube: str
    bus: str
    port: str
    busid: str
    speed: str
    serial: str
    #: the backing file of storage, else ""
    image: str

    @property
    def vid_pid(self) -> str:
        """In the form that the qubes.USB service takes: 0xVVVV.0xPPPP."""
        vendor, product = KINDS[self.kind].vid_pid.split(":")
        return f"0x{vendor}.0x{product}"

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


class PortError(ValueError):
    """There is no such port, it is taken, or it does not suit the device."""


def place(kind: str, bus: str, port: str, taken: list[Device]) -> tuple[str, str, str]:
    """Choose a free port if none is given; return port, name in the guest's sysfs, speed there."""
    speed = KINDS[kind].speed
    if not port:
        used = {device.port for device in taken if device.bus == bus}
        free = [number for number in _candidates(bus, speed) if str(number) not in used]
        if not free:
            raise PortError(f"no free port on {bus} for {kind}")
        port = str(free[0])
    if any(device.bus == bus and device.port == port for device in taken):
        raise PortError(f"port {port} of {bus} is taken")
    if "." in port:
        # QEMU's hub is a full-speed one; what is behind it runs no faster.
        return port, f"{_root(bus, FULL, port)}-{port}", FULL
    number = int(port)
    if number not in _known(bus):
        raise PortError(f"{bus} has no port {port}")
    if speed == SUPER and (bus != "xhci" or number not in SUPER_PORTS):
        speed = HIGH
    return port, f"{_root(bus, speed, port)}-{port}", speed


def _known(bus: str) -> range:
    if bus == "xhci":
        return range(SUPER_PORTS.start, HIGH_PORTS.stop)
    if bus == "ehci":
        return EHCI_PORTS
    raise PortError(f"no controller {bus}: xhci and ehci are there")


def _candidates(bus: str, speed: str) -> list[int]:
    if bus == "ehci":
        return list(UHCI_PORTS if speed == FULL else EHCI_PORTS)
    _known(bus)
    if speed == SUPER:
        return list(SUPER_PORTS)
    # The ports that super speed can't use come first, so that those that it can stay free.
    return [*HIGH_PORTS, *reversed(SUPER_PORTS)]


def _root(bus: str, speed: str, port: str) -> int:
    if bus == "xhci":
        return 2 if speed == SUPER else 1
    if speed == HIGH:
        return 3
    if int(port.split(".")[0]) not in UHCI_PORTS:
        raise PortError(f"port {port} of ehci takes no full-speed device")
    return 4


def make_disk(path: Path, cache: Path, seed: int, size: int, filesystem: str) -> None:
    """Make the backing file of a stick: random bytes of that seed, or an empty ext4 filesystem."""
    if filesystem == "ext4":
        with open(path, "wb") as out:
            out.truncate(size)
        subprocess.run(["/usr/sbin/mke2fs", "-q", "-t", "ext4", str(path)], check=True)
        return
    if filesystem:
        raise ValueError(f"{filesystem}: only ext4 is made on the host")
    cache.mkdir(parents=True, exist_ok=True)
    content = cache / f"random-{seed}-{size}.img"
    if not content.exists():
        source = random.Random(seed)
        temporary = path.with_suffix(".new")
        with open(temporary, "wb") as out:
            left = size
            while left:
                left -= out.write(source.randbytes(min(left, 16 * MIB)))
        temporary.replace(content)
    shutil.copyfile(content, path)


def sha256(path: Path) -> str:
    with open(path, "rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def insert(qmp: Qmp, device: Device) -> None:
    """Make the device's backend and plug the device; if it can't be plugged, nothing is left."""
    kind = KINDS[device.kind]
    backend = f"{device.id}-backend"
    arguments = {
        "driver": kind.driver,
        "id": device.id,
        "bus": f"{device.bus}.0",
        "port": device.port,
        **kind.properties,
    }
    if device.serial:
        arguments["serial"] = device.serial
    _add_backend(qmp, kind.backend, backend, device)
    try:
        if kind.backend == "uas":
            _insert_uas(qmp, arguments, backend)
        else:
            qmp.execute("device_add", arguments | _connection(kind.backend, backend))
    except QmpError:
        _remove_backend(qmp, kind.backend, backend)
        raise


def _insert_uas(qmp: Qmp, arguments: dict[str, Any], backend: str) -> None:
    # The disk has to be behind the device before the guest asks the device for its disks.
    name = arguments["id"]
    qmp.execute("device_add", arguments | {"attached": False})
    disk = {"driver": "scsi-hd", "id": f"{name}-disk", "bus": f"{name}.0", "drive": backend}
    qmp.execute("device_add", disk)
    place = {"path": f"/machine/peripheral/{name}", "property": "attached", "value": True}
    qmp.execute("qom-set", place)


def _connection(backend: str, name: str) -> dict[str, Any]:
    """The property that joins a device to its backend."""
    if backend == "disk":
        return {"drive": name}
    if backend == "echo":
        return {"chardev": name}
    if backend == "network":
        return {"netdev": name}
    if backend == "sound":
        return {"audiodev": "sound"}
    return {}


def remove(qmp: Qmp, gone: list[Device]) -> None:
    """Unplug the first device, and with it the others, which are behind it; end their backends.

    Returns when QEMU has let go of all.
    """
    qmp.execute("device_del", {"id": gone[0].id})
    for device in gone:
        qmp.wait_event("DEVICE_DELETED", device=device.id)
        _remove_backend(qmp, KINDS[device.kind].backend, f"{device.id}-backend")


def _add_backend(qmp: Qmp, backend: str, name: str, device: Device) -> None:
    if backend in ("disk", "uas"):
        file = {"driver": "file", "filename": device.image}
        qmp.execute("blockdev-add", {"driver": "raw", "node-name": name, "file": file})
    elif backend == "echo":
        address = {"type": "unix", "data": {"path": "../echo"}}
        socket = {"type": "socket", "data": {"addr": address, "server": False}}
        qmp.execute("chardev-add", {"id": name, "backend": socket})
    elif backend == "network":
        qmp.execute("netdev_add", {"type": "user", "id": name, "restrict": True})


def _remove_backend(qmp: Qmp, backend: str, name: str) -> None:
    if backend in ("disk", "uas"):
        qmp.execute("blockdev-del", {"node-name": name})
    elif backend == "echo":
        qmp.execute("chardev-remove", {"id": name})
    elif backend == "network":
        qmp.execute("netdev_del", {"id": name})
