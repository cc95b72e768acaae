# SPDX-License-Identifier: GPL-2.0-or-later
"""admin.vm.device.* of releases 4.1 and 4.2 (qubes/devices.py of qubes-core-admin 4.2)."""

from __future__ import annotations

from dataclasses import replace

from .api import Api, Call, require
from .devices import LEGACY_IDENTITY, Assignment, Device, line_4_1, line_4_2
from .errors import (
    DeviceAlreadyAttached,
    DeviceNotAttached,
    PermissionDenied,
    QubesValueError,
    QubesVMNotHaltedError,
    QubesVMNotRunningError,
    QubesVMNotStartedError,
)
from .generation import R4_2
from .usbext import UsbExtension
from .world import Qube, World

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")


class LegacyDeviceApi:
    def __init__(self, api: Api, world: World, extension: UsbExtension) -> None:
        self._world = world
        self._extension = extension
        usb = "admin.vm.device.usb."
        api.methods |= {
            usb + "Available": self._available,
            usb + "List": self._list,
            usb + "Attach": self._attach,
            usb + "Detach": self._detach,
            usb + "Set.persistent": self._set_persistent,
        }

    async def _available(self, call: Call) -> str:
        require(not call.payload)
        devices = await self._extension.devices(call.dest)
        if call.arg:
            devices = [device for device in devices if device.port == call.arg]
        line = line_4_2 if self._world.generation >= R4_2 else line_4_1
        return "".join(f"{line(d)}\n" for d in sorted(devices, key=lambda d: d.port))

    async def _list(self, call: Call) -> str:
        """What is attached, and what is remembered: both in one."""
        require(not call.payload)
        found = await self._attachments(call.dest)
        if call.arg:
            backend, port = call.arg.split("+", 1)
            found = [a for a in found if (a.backend, a.port) == (backend, port)]
        identity = f"identity={LEGACY_IDENTITY} " if self._world.generation >= R4_2 else ""
        lines = [
            f"{a.backend}+{a.port} {identity}persistent={'yes' if _persistent(a) else 'no'}\n"
            for a in found
        ]
        return "".join(sorted(lines))

    async def _attachments(self, qube: Qube) -> list[Assignment]:
        remembered = {a.target for a in qube.assignments}
        attached = await self._extension.attached(qube)
        now = [Assignment(d.backend, d.port) for d in attached]
        return qube.assignments + [a for a in now if a.target not in remembered]

    def _target(self, arg: str) -> Assignment:
        """Which device. A backend that is none ends in an unhandled KeyError."""
        backend, port = arg.split("+", 1)
        if backend not in self._world.qubes:
            raise KeyError(backend)
        return Assignment(backend, port)

    async def _attach(self, call: Call) -> str:
        target = self._target(call.arg)
        persistent, options = _options(call.payload)
        if not persistent and call.dest.state == "Halted":
            raise QubesVMNotRunningError(
                "VM not running, can only attach device with persistent flag"
            )
        name = f"{target.backend}:{target.port}"
        if any(a.target == target.target for a in await self._attachments(call.dest)):
            raise DeviceAlreadyAttached(
                f"device {name} of class usb already attached to {call.dest.name}"
            )
        self._extension.fire_attach(call.dest, name, "device-pre-attach")
        if persistent:
            call.dest.assignments.append(replace(target, mode="required"))
        device = await self._extension.device(target.backend, target.port)
        if device is not None:
            await self._extension.attach(call.dest, device, options)
        # There need not be such a device at all.
        self._extension.fire_attach(call.dest, name)
        return ""

    async def _detach(self, call: Call) -> str:
        require(not call.payload)
        target = self._target(call.arg)
        found = [a for a in await self._attachments(call.dest) if a.target == target.target]
        if not found:
            raise DeviceNotAttached(
                f"device {target.port} of class usb not attached to {call.dest.name}"
            )
        if _persistent(found[0]) and call.dest.state != "Halted":
            raise QubesVMNotHaltedError(
                "Can not remove a persistent attachment from a non halted vm"
            )
        fire = self._extension.fire_detach
        fire(call.dest.name, target.backend, target.port, "device-pre-detach")
        call.dest.assignments = [a for a in call.dest.assignments if a.target != target.target]
        device = await self._extension.device(target.backend, target.port)
        if device is not None:
            await self._extension.detach(call.dest, device)
        fire(call.dest.name, target.backend, target.port)
        return ""

    async def _set_persistent(self, call: Call) -> str:
        if call.payload not in (b"True", b"False"):
            raise PermissionDenied()
        target = self._target(call.arg)
        if call.dest.state == "Halted":
            raise QubesVMNotStartedError("VM must be running to modify device persistence flag")
        if not any(a.target == target.target for a in await self._attachments(call.dest)):
            raise QubesValueError("Device not assigned")
        others = [a for a in call.dest.assignments if a.target != target.target]
        now = [replace(target, mode="required")] if call.payload == b"True" else []
        call.dest.assignments = others + now
        return ""


def _persistent(assignment: Assignment) -> bool:
    return assignment.mode == "required"


def _options(untrusted_payload: bytes) -> tuple[bool, dict[str, str]]:
    options: dict[str, str] = {}
    for word in untrusted_payload.decode("ascii").split():
        key, equals, value = word.partition("=")
        require(equals and key)
        options[key] = value
    persistent = options.pop("persistent", "no").lower()
    require(persistent in _TRUE + _FALSE)
    return persistent in _TRUE, options
