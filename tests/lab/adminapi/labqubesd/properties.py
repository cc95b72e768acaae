# SPDX-License-Identifier: GPL-2.0-or-later
"""Properties of qubes: which there are, of which type, in the order of admin.vm.property.GetAll.

That order is by load stage and then by name (qubes/__init__.py of qubes-core-admin); labels, names
and the like come first, what refers to other qubes comes last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .generation import R4_1, R4_3, Generation

if TYPE_CHECKING:
    from .world import Qube

Default = Callable[["Qube"], object]

ALL = ("AdminVM", "AppVM", "DispVM", "StandaloneVM", "TemplateVM")
QUBES = ALL[1:]
TEMPLATED = ("AppVM", "DispVM")


@dataclass(frozen=True)
class Property:
    name: str
    type: str
    default: Default
    stage: int = 1
    classes: tuple[str, ...] = QUBES
    since: Generation = R4_1
    #: its value is set at creation and never by a client
    fixed: bool = False

    def type_in(self, generation: Generation) -> str:
        # xid and stubdom_xid became numbers in 4.3.
        return "str" if self.name.endswith("xid") and generation < R4_3 else self.type


def _is(value: object) -> Default:
    return lambda qube: value


def _template_of(qube: Qube) -> Qube | None:
    return qube.template


def icon(qube: Qube) -> str:
    label = qube.label
    if qube.klass == "AdminVM":
        return f"adminvm-{label}"
    if qube.check_feature("servicevm") or qube.value("provides_network"):
        return f"servicevm-{label}"
    if qube.klass == "AppVM" and qube.value("template_for_dispvms"):
        return f"templatevm-{label}"
    return f"{qube.klass.lower()}-{label}"


def _icon_default(qube: Qube) -> str:
    return icon(qube)


def _dvm(qube: Qube) -> object:
    return qube.world.global_property("default_dispvm") or ""


_S = "str"
_NOTHING = _is("")

TABLE: tuple[Property, ...] = (
    Property("auto_cleanup", "bool", _is(False), classes=("DispVM",)),
    Property("autostart", "bool", _is(False)),
    Property("backup_timestamp", "int", _NOTHING),
    Property("debug", "bool", _is(False)),
    Property("default_user", _S, _is("user")),
    Property("devices_denied", _S, _NOTHING, since=R4_3),
    Property("dispid", "int", lambda qube: qube.qid, classes=("DispVM",), fixed=True),
    Property("dns", _S, _NOTHING),
    Property("gateway", _S, _NOTHING),
    Property("gateway6", _S, _NOTHING),
    Property("icon", _S, _icon_default, classes=ALL, fixed=True),
    Property("include_in_backups", "bool", _is(True), classes=ALL),
    Property("installed_by_rpm", "bool", _is(False)),
    Property("ip", _S, _NOTHING),
    Property("ip6", _S, _NOTHING),
    Property("is_preload", "bool", _is(False), classes=("DispVM",), since=R4_3),
    Property("kernel", _S, _is("6.12.47-1.fc41")),
    Property("keyboard_layout", _S, _is("us++"), classes=ALL),
    Property("klass", _S, lambda qube: qube.klass, classes=ALL, fixed=True),
    Property("label", "label", _is("red"), classes=ALL),
    Property("mac", _S, lambda qube: f"00:16:3e:5e:6c:{qube.qid & 255:02x}"),
    Property("maxmem", "int", _is(4000)),
    Property("memory", "int", _is(400)),
    Property("name", _S, lambda qube: qube.name, classes=ALL, fixed=True),
    Property("provides_network", "bool", _is(False)),
    Property("qid", "int", lambda qube: qube.qid, classes=ALL, fixed=True),
    Property("qrexec_timeout", "int", _is(60)),
    Property("shutdown_timeout", "int", _is(60)),
    Property("start_time", _S, lambda qube: qube.start_time, fixed=True),
    Property("stubdom_mem", "int", _NOTHING),
    Property("stubdom_uuid", _S, _NOTHING, since=R4_3, fixed=True),
    Property("stubdom_xid", "int", _is(-1), fixed=True),
    Property("template_for_dispvms", "bool", _is(False), classes=("AppVM",)),
    Property(
        "updateable", "bool", lambda qube: qube.klass not in TEMPLATED, classes=ALL, fixed=True
    ),
    Property("uuid", _S, lambda qube: qube.uuid, classes=ALL, fixed=True),
    Property("vcpus", "int", _is(2)),
    Property("virt_mode", _S, _is("pvh")),
    Property("visible_gateway", _S, _NOTHING),
    Property("visible_gateway6", _S, _NOTHING),
    Property("visible_ip", _S, _NOTHING),
    Property("visible_ip6", _S, _NOTHING),
    Property("visible_netmask", _S, _NOTHING),
    Property("xid", "int", lambda qube: qube.xid, fixed=True),
    Property("audiovm", "vm", _is("dom0"), stage=4),
    Property("bootmode", _S, _is("default"), stage=4, since=R4_3),
    Property("default_dispvm", "vm", _dvm, stage=4, classes=ALL),
    Property("guivm", "vm", _is("dom0"), stage=4),
    Property("kernelopts", _S, _is("swiotlb=2048"), stage=4),
    Property("management_dispvm", "vm", _NOTHING, stage=4),
    Property("netvm", "vm", _NOTHING, stage=4),
    Property("template", "vm", lambda qube: qube.value("template"), stage=4, classes=TEMPLATED),
)

#: Those that are never "default=True": given when the qube is made.
ALWAYS_SET = ("label", "name", "qid", "template", "uuid")


def of(klass: str, generation: Generation) -> list[Property]:
    """The properties of a class of qubes, in the order in which they are listed."""
    found = [p for p in TABLE if klass in p.classes and generation >= p.since]
    return sorted(found, key=lambda p: (p.stage, p.name))
