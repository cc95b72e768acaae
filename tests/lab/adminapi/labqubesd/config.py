# SPDX-License-Identifier: GPL-2.0-or-later
"""Which qubes there are beyond the lab's guests; README.md describes the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .devices import Assignment
from .pci import PciAssignment
from .qubesdb import LocalQubesDb
from .world import Hooks, Qube, Service, World

Json = Mapping[str, Any]

QUBE_KEYS = frozenset(
    "klass label template uuid qid state guest properties defaults features tags assignments pci devices "
    "hooks attach detach start_seconds start_fails shutdown_seconds".split()
)
TOP_KEYS = frozenset("generation labels properties hooks qubes".split())


class ConfigError(ValueError):
    pass


def read(path: Path | None) -> Json:
    if path is None:
        return {}
    config = json.loads(path.read_text(encoding="utf-8"))
    _check(config, TOP_KEYS, str(path))
    return config  # type: ignore[no-any-return]  # _check has seen that it is an object


def apply(config: Json, world: World, local: LocalQubesDb) -> None:
    """Make the qubes of a configuration. Templates may come after what is based on them."""
    world.labels |= config.get("labels", {})
    world.global_values |= config.get("properties", {})
    common = config.get("hooks", {})
    for name, entry in config.get("qubes", {}).items():
        make_qube(world, local, name, entry, common)


def make_qube(
    world: World, local: LocalQubesDb, name: str, entry: Json, common_hooks: Json
) -> Qube:
    _check(entry, QUBE_KEYS, name)
    qube = world.qubes.get(name)
    if qube is None:
        klass = entry.get("klass", "AppVM")
        qube = world.add(name, klass, entry.get("uuid", ""), entry.get("qid"))
    qube.set_values |= entry.get("properties", {})
    for key in ("label", "template"):
        if key in entry:
            qube.set_values[key] = entry[key]
    for key in qube.set_values:
        if key != "template":
            qube.property(key)
    world.label(qube.label)
    qube.defaults |= entry.get("defaults", {})
    qube.features |= entry.get("features", {})
    qube.tags |= set(entry.get("tags", ()))
    qube.guest = entry.get("guest", qube.guest)
    if not qube.guest and qube.klass != "AdminVM":
        qube.state = entry.get("state", "Halted")
    qube.hooks = Hooks(**{**common_hooks, **entry.get("hooks", {})})
    qube.attach = Service(**entry.get("attach", {}))
    qube.detach = Service(**entry.get("detach", {}))
    qube.start_seconds = entry.get("start_seconds", 0.0)
    qube.start_fails = entry.get("start_fails", "")
    qube.shutdown_seconds = entry.get("shutdown_seconds", 0.0)
    for assignment in entry.get("assignments", ()):
        qube.assignments.append(Assignment(**{"frontend": name} | assignment))
    qube.pci += map(PciAssignment.parse, entry.get("pci", ()))
    for port, keys in entry.get("devices", {}).items():
        local.fill(name, port, keys)
    return qube


def _check(entry: Json, known: frozenset[str], where: str) -> None:
    unknown = set(entry) - known
    if unknown:
        raise ConfigError(f"{where}: unknown {', '.join(sorted(unknown))}")
