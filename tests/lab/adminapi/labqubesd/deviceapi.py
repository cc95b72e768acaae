# SPDX-License-Identifier: GPL-2.0-or-later
"""admin.vm.device.* since release 4.3 (qubes/api/admin.py, qubes/devices.py of qubes-core-admin)."""

from __future__ import annotations

import random
from dataclasses import replace

from .api import Api, Call, require
from .devices import (
    ANY,
    TEXTS,
    Assignment,
    Device,
    apply_payload,
    interface_matches,
    parse_argument,
    split_interfaces,
)
from .errors import (
    DeviceAlreadyAssigned,
    DeviceAlreadyAttached,
    DeviceNotAssigned,
    PermissionDenied,
    ProtocolError,
    QubesUnrecognizedDeviceAssignmentMode,
    QubesValueError,
    QubesVMNotHaltedError,
    QubesVMNotRunningError,
)
from .usbext import UsbExtension
from .usbids import UsbIds
from .world import Qube, World


class DeviceApi:
    def __init__(
        self, api: Api, world: World, extension: UsbExtension, ids: UsbIds, seed: int | None
    ) -> None:
        """seed: of the order of a device's texts, which no client may rely on."""
        self._world = world
        self._extension = extension
        self._ids = ids
        self._order = tuple(random.Random(seed).sample(TEXTS, len(TEXTS)))
        usb = "admin.vm.device.usb."
        api.methods |= {
            usb + "Available": self._available,
            usb + "Attached": self._attached,
            usb + "Assigned": self._assigned,
            usb + "Attach": self._attach,
            usb + "Detach": self._detach,
            usb + "Assign": self._assign,
            usb + "Unassign": self._unassign,
            usb + "Set.assignment": self._set_assignment,
            "admin.vm.device.denied.List": self._denied_list,
            "admin.vm.device.denied.Add": self._denied_add,
            "admin.vm.device.denied.Remove": self._denied_remove,
        }

    # Lists

    async def _available(self, call: Call) -> str:
        require(not call.payload)
        devices = await self._extension.devices(call.dest)
        if call.arg:
            devices = [device for device in devices if device.port == call.arg]
        lines = {f"{d.port}:{d.device_id}": d.serialize(self._order) for d in devices}
        return _lines(lines)

    async def _attached(self, call: Call) -> str:
        require(not call.payload)
        found = await self._attached_assignments(call.dest)
        return _lines(_selected(found, call.arg))

    async def _attached_assignments(self, qube: Qube) -> list[Assignment]:
        found = []
        for device in await self._extension.attached(qube):
            exact = Assignment(device.backend, device.port, device.device_id, frontend=qube.name)
            equal = [a for a in qube.assignments if a.target == exact.target]
            found.append(replace(equal[0], frontend=qube.name) if equal else exact)
        return found

    async def _assigned(self, call: Call) -> str:
        require(not call.payload)
        return _lines(_selected(call.dest.assignments, call.arg))

    # Attach, detach

    def _target(self, arg: str) -> Assignment:
        """Which device. A backend that is none ends in an unhandled KeyError."""
        target = parse_argument(arg)
        if target.backend not in self._world.qubes:
            raise KeyError(target.backend)
        return target

    async def _present(self, target: Assignment) -> Device | None:
        """The device if the argument names it by port and identity; otherwise nothing is loaded."""
        if ANY in (target.port, target.device_id):
            return None
        device = await self._extension.device(target.backend, target.port)
        return device if device is not None and target.matches(device) else None

    async def _attach(self, call: Call) -> str:
        target = self._target(call.arg)
        loaded = await self._present(target)
        wanted = apply_payload(target, call.payload)
        self._check_denied(call.dest, wanted, loaded)
        if call.dest.state == "Halted":
            raise QubesVMNotRunningError(
                "VM not running, cannot attach device, do you mean `assign`?"
            )
        shown = await self._extension.devices(self._world[wanted.backend])
        fitting = [device for device in shown if wanted.matches(device)]
        if len(fitting) != 1:
            raise ProtocolError("Cannot attach ambiguous usb device.")
        device = fitting[0]
        if device.attachment == call.dest.name:
            raise DeviceAlreadyAttached(
                f"device {device} of class usb already attached to {call.dest.name}"
            )
        details = {"device": str(device), "options": wanted.options}
        self._world.fire(call.dest, "device-pre-attach:usb", **details)
        await self._extension.attach(call.dest, device, wanted.options)
        self._world.fire(call.dest, "device-attach:usb", **details)
        return ""

    def _check_denied(self, qube: Qube, wanted: Assignment, loaded: Device | None) -> None:
        denied = split_interfaces(str(qube.value("devices_denied")))
        if wanted.mode != "manual" or not denied:
            return
        if loaded is None:
            raise PermissionDenied("Could not load interfaces to verify against denied list")
        for interface in loaded.interfaces:
            if any(interface_matches(pattern, interface) for pattern in denied):
                name = self._ids.interface(interface)
                raise PermissionDenied(f"Device exposes a banned interface: {name}")

    async def _detach(self, call: Call) -> str:
        require(not call.payload)
        target = self._target(call.arg)
        attached = await self._extension.attached(call.dest)
        # The real server compares the port and nothing else.
        found = next((device for device in attached if device.port == target.port), None)
        if found is None:
            raise DeviceNotAssigned(f"usb device {target.port} not attached to {call.dest.name}")
        required = [a for a in call.dest.assignments if a.mode == "required" and a.matches(found)]
        if required and call.dest.state != "Halted":
            raise QubesVMNotHaltedError(
                "Can not detach a required device from a non halted qube. "
                "You need to unassign device first."
            )
        fire = self._extension.fire_detach
        fire(call.dest.name, found.backend, found.port, "device-pre-detach")
        await self._extension.detach(call.dest, found)
        fire(call.dest.name, found.backend, found.port)
        return ""

    # Assignments

    async def _assign(self, call: Call) -> str:
        assignment = apply_payload(self._target(call.arg), call.payload)
        if any(a.target == assignment.target for a in call.dest.assignments):
            raise DeviceAlreadyAssigned(
                f"usb device {assignment} already assigned to {call.dest.name}"
            )
        if assignment.mode == "manual":
            raise ValueError("Only auto-attachable devices can be assigned.")
        call.dest.assignments.append(assignment)
        details = {"device": str(assignment), "options": assignment.options}
        self._world.fire(call.dest, "device-pre-assign:usb", **details)
        self._world.fire(call.dest, "device-assign:usb", **details)
        return ""

    async def _unassign(self, call: Call) -> str:
        require(not call.payload)
        target = self._target(call.arg)
        for assignment in call.dest.assignments:
            if assignment.target == target.target:
                call.dest.assignments.remove(assignment)
                self._world.fire(call.dest, "device-unassign:usb", device=str(target))
                return ""
        raise DeviceNotAssigned(f"usb device {target} not assigned to {call.dest.name}")

    async def _set_assignment(self, call: Call) -> str:
        mode = call.payload.decode("ascii", "replace")
        if mode not in ("required", "ask-to-attach", "auto-attach"):
            raise QubesUnrecognizedDeviceAssignmentMode(f"Unrecognized assignment mode: {mode}")
        target = self._target(call.arg)
        for at, assignment in enumerate(call.dest.assignments):
            if assignment.target == target.target:
                break
        else:
            raise QubesValueError(f"Device {target} not assigned to {call.dest.name}")
        if assignment.mode != mode:
            details = {"device": str(target), "options": assignment.options}
            self._world.fire(call.dest, "device-pre-assign:usb", **details)
            call.dest.assignments[at] = replace(assignment, mode=mode)
            self._world.fire(call.dest, "device-assignment-changed:usb", device=str(target))
        return ""

    # Denied interfaces

    async def _denied_list(self, call: Call) -> str:
        require(not call.arg and not call.payload)
        return "\n".join(split_interfaces(str(call.dest.value("devices_denied"))))

    async def _denied_add(self, call: Call) -> str:
        added = _unique(call.payload.decode("ascii"))
        now = split_interfaces(str(call.dest.value("devices_denied")))
        self._set_denied(call.dest, now, now + [code for code in added if code not in now])
        return ""

    async def _denied_remove(self, call: Call) -> str:
        now = split_interfaces(str(call.dest.value("devices_denied")))
        payload = call.payload.decode("ascii")
        removed = now if payload == "all" else _unique(payload)
        self._set_denied(call.dest, now, [code for code in now if code not in removed])
        return ""

    def _set_denied(self, qube: Qube, before: list[str], after: list[str]) -> None:
        if before != after:
            self._world.set_property(qube, "devices_denied", "".join(after))


def _unique(untrusted_text: str) -> list[str]:
    codes = split_interfaces(untrusted_text)
    if len(set(codes)) != len(codes):
        raise QubesValueError("Duplicated device interfaces in payload.")
    return codes


def _selected(assignments: list[Assignment], arg: str) -> dict[str, str]:
    if arg:
        backend, port = arg.split("+", 1)
        assignments = [a for a in assignments if (a.backend, a.port) == (backend, port)]
    return {f"{a.backend}+{a.port}:{a.device_id}": a.serialize() for a in assignments}


def _lines(by_head: dict[str, str]) -> str:
    return "".join(f"{head} {by_head[head]}\n" for head in sorted(by_head))
