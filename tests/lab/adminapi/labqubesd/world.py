# SPDX-License-Identifier: GPL-2.0-or-later
"""The qubes that exist, what is set of them, and the events that tell of changes."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import properties
from .devices import Assignment
from .errors import QubesLabelNotFoundError, QubesNoSuchPropertyError, QubesVMNotFoundError
from .generation import Generation
from .pci import PciAssignment
from .properties import Property

LABELS = {
    "red": "0xcc0000",
    "orange": "0xf57900",
    "yellow": "0xedd400",
    "green": "0x73d216",
    "gray": "0x555555",
    "blue": "0x3465a4",
    "purple": "0x75507b",
    "black": "0x000000",
}
DOM0_UUID = "00000000-0000-0000-0000-000000000000"
_NAMESPACE = uuids.uuid5(uuids.NAMESPACE_DNS, "lab.invalid")

#: Takes subject ("" for the server), event, details.
Listener = Callable[[str, str, Mapping[str, object]], None]


@dataclass
class Hooks:
    """Shell commands that start and stop what stands behind a qube; {qube} is its name."""

    start: str = ""
    shutdown: str = ""
    kill: str = ""


@dataclass
class Service:
    """How a made-up qube answers qubes.USBAttach and qubes.USBDetach, and how long it takes."""

    exit: int = 0
    stdout: str = ""
    stderr: str = ""
    seconds: float = 0.0


@dataclass
class Qube:
    world: World
    name: str
    klass: str
    qid: int
    uuid: str
    #: values that were set: "default=False"
    set_values: dict[str, object] = field(default_factory=dict)
    #: values that differ from the table but count as defaults: "default=True"
    defaults: dict[str, object] = field(default_factory=dict)
    features: dict[str, str] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    assignments: list[Assignment] = field(default_factory=list)
    pci: list[PciAssignment] = field(default_factory=list)
    state: str = "Halted"
    #: a machine of the lab stands behind it
    guest: bool = False
    #: its qrexec agent is connected; of no meaning for made-up qubes
    agent: bool = False
    hooks: Hooks = field(default_factory=Hooks)
    attach: Service = field(default_factory=Service)
    detach: Service = field(default_factory=Service)
    start_seconds: float = 0.0
    start_fails: str = ""
    shutdown_seconds: float = 0.0
    start_time: object = ""

    def __str__(self) -> str:
        return self.name

    @property
    def is_running(self) -> bool:
        return self.state != "Halted"

    @property
    def xid(self) -> int:
        return 0 if self.klass == "AdminVM" else self.qid if self.is_running else -1

    @property
    def label(self) -> str:
        return str(self.value("label"))

    @property
    def template(self) -> Qube | None:
        return self.world.qubes.get(str(self.set_values.get("template", "")))

    def property(self, name: str) -> Property:
        for candidate in properties.of(self.klass, self.world.generation):
            if candidate.name == name:
                return candidate
        raise QubesNoSuchPropertyError(self.name, name)

    def value(self, name: str) -> Any:
        """Of a property; empty where qubes of this class have none."""
        if name in self.set_values:
            return self.set_values[name]
        if name in self.defaults:
            return self.defaults[name]
        if name == "template":
            return ""
        try:
            return self.property(name).default(self)
        except QubesNoSuchPropertyError:
            return ""  # qubes of this class have none, or this release

    def is_default(self, name: str) -> bool:
        return name not in self.set_values and name not in properties.ALWAYS_SET

    def check_feature(self, name: str) -> str | None:
        """The feature of this qube or of the nearest template that has it."""
        qube: Qube | None = self
        while qube is not None:
            if name in qube.features:
                return qube.features[name]
            qube = qube.template
        return None


class World:
    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self.qubes: dict[str, Qube] = {}
        self.labels = dict(LABELS)
        self.global_values: dict[str, object] = {}
        self._listeners: list[Listener] = []
        self._next_qid = 1
        dom0 = self.add("dom0", "AdminVM", uuid=DOM0_UUID, qid=0)
        dom0.state = "Running"
        dom0.set_values["label"] = "black"

    def add(self, name: str, klass: str, uuid: str = "", qid: int | None = None) -> Qube:
        if qid is None:
            qid = self._next_qid
        self._next_qid = max(self._next_qid, qid + 1)
        qube = Qube(self, name, klass, qid, uuid or str(uuids.uuid5(_NAMESPACE, name)))
        self.qubes[name] = qube
        return qube

    def remove(self, qube: Qube) -> None:
        self.fire("", "domain-pre-delete", vm=qube)
        del self.qubes[qube.name]
        self.fire("", "domain-delete", vm=qube)

    def __getitem__(self, name: str) -> Qube:
        qube = self.qubes.get(name)
        if qube is None:
            raise QubesVMNotFoundError(name)
        return qube

    def by_uuid(self, uuid: str) -> Qube | None:
        return next((qube for qube in self.qubes.values() if qube.uuid == uuid), None)

    def label(self, name: str) -> str:
        if name not in self.labels:
            raise QubesLabelNotFoundError(name)
        return self.labels[name]

    def global_property(self, name: str) -> object:
        return self.global_values.get(name)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call the listener for each event until the returned function is called."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def fire(self, subject: Qube | str, event: str, **details: object) -> None:
        name = subject if isinstance(subject, str) else subject.name
        for listener in tuple(self._listeners):
            listener(name, event, details)

    def set_property(self, qube: Qube, name: str, value: object) -> None:
        """With the events of qubes.property; the icon follows the label."""
        details = {"name": name, "newvalue": value, "oldvalue": qube.value(name)}
        self.fire(qube, f"property-pre-set:{name}", **details)
        qube.set_values[name] = value
        self.fire(qube, f"property-set:{name}", **details)
        if name == "label":
            self.fire(qube, "property-reset:icon", name="icon")

    def reset_property(self, qube: Qube, name: str) -> None:
        old = qube.value(name)
        self.fire(qube, f"property-pre-reset:{name}", name=name, oldvalue=old)
        qube.set_values.pop(name, None)
        self.fire(qube, f"property-reset:{name}", name=name)

    def set_feature(self, qube: Qube, name: str, value: str) -> None:
        details: dict[str, object] = {"feature": name, "value": value}
        if name in qube.features:
            details["oldvalue"] = qube.features[name]
        self.fire(qube, f"domain-feature-pre-set:{name}", **details)
        qube.features[name] = value
        self.fire(qube, f"domain-feature-set:{name}", **details)

    def remove_feature(self, qube: Qube, name: str) -> None:
        self.fire(qube, f"domain-feature-pre-delete:{name}", feature=name)
        qube.features.pop(name, None)
        self.fire(qube, f"domain-feature-delete:{name}", feature=name)
