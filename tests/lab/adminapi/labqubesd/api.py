# SPDX-License-Identifier: GPL-2.0-or-later
"""The calls that know nothing of devices (qubes/api/admin.py of qubes-core-admin)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from . import properties
from .errors import (
    PermissionDenied,
    ProtocolError,
    QubesFeatureNotFoundError,
    QubesNoSuchPropertyError,
    QubesPropertyValueError,
    QubesTagNotFoundError,
    QubesVMInvalidUUIDError,
    QubesVMNotFoundError,
)
from .generation import MAIN, R4_3
from .policy import Policy
from .power import Power
from .properties import Property
from .wire import Request
from .world import Qube, World

CLASSES = ("AdminVM", "AppVM", "DispVM", "RemoteVM", "StandaloneVM", "TemplateVM")
DEVICE_CLASSES = ("usb", "block", "pci")
GLOBAL_PROPERTIES = (
    "clockvm",
    "default_audiovm",
    "default_dispvm",
    "default_guivm",
    "default_kernel",
    "default_netvm",
    "default_template",
    "management_dispvm",
    "updatevm",
)
_FEATURE = re.compile(r"[a-zA-Z0-9_.-]+")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Call:
    """A request whose qubes exist."""

    source: Qube
    dest: Qube
    arg: str
    payload: bytes


Method = Callable[[Call], Awaitable[str]]


def require(condition: object, what: str = "") -> None:
    if not condition:
        raise ProtocolError(what)


def find_qube(world: World, name: str) -> Qube:
    """By name; since 4.3 by uuid:... as well."""
    if name.startswith("uuid:") and world.generation >= R4_3:
        uuid = name[len("uuid:") :]
        if not _UUID.fullmatch(uuid):
            raise QubesVMInvalidUUIDError(uuid)
        qube = world.by_uuid(uuid)
        if qube is None:
            raise QubesVMNotFoundError(name)
        return qube
    return world[name]


class Api:
    """Methods by name. A method of its own module adds its entries."""

    def __init__(self, world: World, power: Power, policy: Policy) -> None:
        self._world = world
        self._power = power
        self._policy = policy
        self.methods: dict[str, Method] = {
            "admin.vm.List": self._list,
            "admin.vmclass.List": self._classes,
            "admin.deviceclass.List": self._device_classes,
            "admin.vm.CurrentState": self._state,
            "admin.vm.property.List": self._property_list,
            "admin.vm.property.Get": self._property_get,
            "admin.vm.property.GetAll": self._property_get_all,
            "admin.vm.property.Set": self._property_set,
            "admin.vm.property.Reset": self._property_reset,
            "admin.property.Get": self._global_get,
            "admin.vm.feature.List": self._feature_list,
            "admin.vm.feature.Get": self._feature_get,
            "admin.vm.feature.CheckWithTemplate": self._feature_check,
            "admin.vm.feature.Set": self._feature_set,
            "admin.vm.feature.Remove": self._feature_remove,
            "admin.vm.tag.List": self._tag_list,
            "admin.vm.tag.Get": self._tag_get,
            "admin.vm.tag.Set": self._tag_set,
            "admin.vm.tag.Remove": self._tag_remove,
            "admin.label.List": self._label_list,
            "admin.label.Get": self._label_get,
            "admin.label.Index": self._label_index,
            "admin.vm.Start": self._start,
            "admin.vm.Shutdown": self._shutdown,
            "admin.vm.Kill": self._kill,
            "admin.vm.Pause": self._pause,
            "admin.vm.Unpause": self._unpause,
            "admin.vm.CreateDisposable": self._create_disposable,
        }

    async def handle(self, request: Request) -> str:
        source = self._world[request.source]
        dest = find_qube(self._world, request.dest)
        method = self.methods.get(request.method)
        if method is None:
            raise ProtocolError(f"no such method: {request.method!r}")
        return await method(Call(source, dest, request.arg, request.payload))

    # Lists

    async def _list(self, call: Call) -> str:
        require(not call.arg and not call.payload)
        if call.dest.name != "dom0":
            qubes = [call.dest]
        else:
            names = sorted(self._world.qubes, key=lambda name: (name != "dom0", name))
            qubes = [self._world.qubes[name] for name in names]
            if call.source.name != "dom0":
                allows, source = self._policy.allows, call.source.name
                qubes = [q for q in qubes if allows("admin.vm.List", "", source, q.name)]
        return "".join(self._list_line(qube) for qube in qubes)

    def _list_line(self, qube: Qube) -> str:
        line = f"{qube.name} class={qube.klass} state={qube.state}"
        if self._world.generation >= R4_3:
            line += f" uuid={qube.uuid}"
        return line + "\n"

    async def _classes(self, call: Call) -> str:
        _global_call(call)
        known = [c for c in CLASSES if c != "RemoteVM" or self._world.generation >= R4_3]
        return "".join(f"{name}\n" for name in known)

    async def _device_classes(self, call: Call) -> str:
        _global_call(call)
        return "".join(f"{name}\n" for name in DEVICE_CLASSES)

    async def _state(self, call: Call) -> str:
        require(not call.arg and not call.payload)
        qube = call.dest
        most = int(qube.value("maxmem") or 0) << 10
        now = int(qube.value("memory") or 0) << 10
        if self._world.generation < MAIN:
            now = most
        running = qube.is_running
        return (
            f"mem={now if running else 0} mem_static_max={most if running else 0} "
            f"cputime={123456789 if running else 0} power_state={qube.state}"
        )

    # Properties

    def _property_line(self, qube: Qube, known: Property) -> str:
        value = _text(qube.value(known.name))
        kind = known.type_in(self._world.generation)
        return f"default={qube.is_default(known.name)} type={kind} {value}"

    async def _property_list(self, call: Call) -> str:
        require(not call.arg and not call.payload)
        return "".join(f"{p.name}\n" for p in self._properties(call.dest))

    async def _property_get(self, call: Call) -> str:
        require(not call.payload)
        return self._property_line(call.dest, call.dest.property(call.arg))

    async def _property_get_all(self, call: Call) -> str:
        require(not call.arg and not call.payload)
        lines = [
            f"{known.name} {_escaped(self._property_line(call.dest, known))}\n"
            for known in self._properties(call.dest)
        ]
        return "".join(lines)

    def _properties(self, qube: Qube) -> list[Property]:
        return properties.of(qube.klass, self._world.generation)

    async def _property_set(self, call: Call) -> str:
        known = call.dest.property(call.arg)
        require(not known.fixed)
        text = call.payload.decode("ascii")
        value: object = text
        if known.type == "bool":
            if text.lower() not in ("true", "1", "on", "yes", "false", "0", "off", "no"):
                raise QubesPropertyValueError(f"Invalid literal for boolean property: {text!r}")
            value = text.lower() in ("true", "1", "on", "yes")
        elif known.type == "label":
            self._world.label(text)
        elif known.type == "vm" and text:
            value = find_qube(self._world, text).name
        elif known.type == "int":
            value = int(text)
        self._world.set_property(call.dest, known.name, value)
        return ""

    async def _property_reset(self, call: Call) -> str:
        require(not call.payload)
        known = call.dest.property(call.arg)
        require(not known.fixed)
        self._world.reset_property(call.dest, known.name)
        return ""

    async def _global_get(self, call: Call) -> str:
        require(call.dest.name == "dom0" and not call.payload)
        if call.arg not in GLOBAL_PROPERTIES:
            raise QubesNoSuchPropertyError("Qubes()", call.arg)
        value = self._world.global_property(call.arg)
        kind = "str" if call.arg == "default_kernel" else "vm"
        return f"default={value is None} type={kind} {_text(value)}"

    # Features and tags

    async def _feature_list(self, call: Call) -> str:
        require(not call.arg and not call.payload)
        return "".join(f"{name}\n" for name in call.dest.features)

    async def _feature_get(self, call: Call) -> str:
        require(not call.payload)
        if call.arg not in call.dest.features:
            raise QubesFeatureNotFoundError(call.dest.name, call.arg)
        return call.dest.features[call.arg]

    async def _feature_check(self, call: Call) -> str:
        require(not call.payload)
        value = call.dest.check_feature(call.arg)
        if value is None:
            raise QubesFeatureNotFoundError(call.dest.name, call.arg)
        return value

    async def _feature_set(self, call: Call) -> str:
        require(_FEATURE.fullmatch(call.arg))
        value = call.payload.decode("ascii")
        require(value.isprintable())
        self._world.set_feature(call.dest, call.arg, value)
        return ""

    async def _feature_remove(self, call: Call) -> str:
        require(not call.payload)
        if call.arg not in call.dest.features:
            raise QubesFeatureNotFoundError(call.dest.name, call.arg)
        self._world.remove_feature(call.dest, call.arg)
        return ""

    async def _tag_list(self, call: Call) -> str:
        require(not call.arg and not call.payload)
        return "".join(f"{tag}\n" for tag in sorted(call.dest.tags))

    async def _tag_get(self, call: Call) -> str:
        require(not call.payload)
        return "1" if call.arg in call.dest.tags else "0"

    async def _tag_set(self, call: Call) -> str:
        require(_FEATURE.fullmatch(call.arg) and not call.payload)
        call.dest.tags.add(call.arg)
        self._world.fire(call.dest, f"domain-tag-add:{call.arg}", tag=call.arg)
        return ""

    async def _tag_remove(self, call: Call) -> str:
        require(not call.payload)
        if call.arg not in call.dest.tags:
            raise QubesTagNotFoundError(call.dest.name, call.arg)
        call.dest.tags.discard(call.arg)
        self._world.fire(call.dest, f"domain-tag-delete:{call.arg}", tag=call.arg)
        return ""

    # Labels

    async def _label_list(self, call: Call) -> str:
        _global_call(call)
        return "".join(f"{name}\n" for name in self._world.labels)

    async def _label_get(self, call: Call) -> str:
        require(call.dest.name == "dom0" and not call.payload)
        return self._world.label(call.arg)

    async def _label_index(self, call: Call) -> str:
        require(call.dest.name == "dom0" and not call.payload)
        self._world.label(call.arg)
        return str(list(self._world.labels).index(call.arg) + 1)

    # Power

    async def _start(self, call: Call) -> str:
        require(not call.arg and not call.payload)
        await self._power.start(call.dest)
        return ""

    async def _shutdown(self, call: Call) -> str:
        words = set(call.arg.split("+")) - {""}
        require(words <= {"force", "wait"} and not call.payload)
        _not_dom0(call)
        await self._power.shutdown(call.dest, "force" in words, "wait" in words)
        return ""

    async def _kill(self, call: Call) -> str:
        require(not call.arg and not call.payload)
        _not_dom0(call)
        await self._power.kill(call.dest)
        return ""

    async def _pause(self, call: Call) -> str:
        require(not call.arg and not call.payload)
        _not_dom0(call)
        await self._power.pause(call.dest)
        return ""

    async def _unpause(self, call: Call) -> str:
        require(not call.arg and not call.payload)
        _not_dom0(call)
        await self._power.unpause(call.dest)
        return ""

    async def _create_disposable(self, call: Call) -> str:
        by_uuid = call.payload == b"uuid" and self._world.generation >= R4_3
        require(not call.arg and (not call.payload or by_uuid))
        template = call.dest
        if template.name == "dom0":
            template = self._world[str(call.source.value("default_dispvm"))]
        qube = self._power.create_disposable(template)
        return f"uuid:{qube.uuid}" if by_uuid else qube.name


def _global_call(call: Call) -> None:
    require(call.dest.name == "dom0" and not call.arg and not call.payload)


def _not_dom0(call: Call) -> None:
    if call.dest.klass == "AdminVM":
        raise PermissionDenied()


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")
