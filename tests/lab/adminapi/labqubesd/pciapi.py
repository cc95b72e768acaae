# SPDX-License-Identifier: GPL-2.0-or-later
"""admin.vm.device.pci.*, as much of it as tells which qubes have USB controllers (qubes/ext/pci.py of qubes-core-admin).

The PCI devices are dom0's. Which there are follows from what the qubes are assigned.
"""

from __future__ import annotations

from .api import Api, Call, require
from .generation import R4_3
from .world import World

#: What a class is called in front of a description before 4.3 (pci.ids).
CLASSES = {"0c03": "USB controller", "0200": "Ethernet controller", "0280": "Network controller"}


class PciApi:
    def __init__(self, api: Api, world: World) -> None:
        self._world = world
        pci = "admin.vm.device.pci."
        new = world.generation >= R4_3
        api.methods[pci + "Available"] = self._available if new else self._legacy_available
        api.methods[pci + ("Assigned" if new else "List")] = self._assigned if new else self._list

    def _devices(self, call: Call) -> dict[str, str]:
        """Of dom0, port -> id; no other qube has any."""
        require(not call.payload)
        if call.dest.klass != "AdminVM":
            return {}
        known = [a for qube in self._world.qubes.values() for a in qube.pci]
        return {a.port: a.device_id for a in known if a.is_one_device}

    async def _available(self, call: Call) -> str:
        return "".join(
            f"{port}:{id_} device_id='{id_}' port_id='{port}' devclass='pci' backend_domain='dom0'"
            f" product='Controller' vendor='Intel Corporation' interfaces='{id_[-7:]}'"
            f" _sbdf='0000:{port.replace('_', ':')}'\n"
            for port, id_ in sorted(self._devices(call).items())
        )

    async def _legacy_available(self, call: Call) -> str:
        return "".join(
            f"{port} description={CLASSES.get(id_[-6:-2], 'Unknown')}: Intel Corporation Controller\n"
            for port, id_ in sorted(self._devices(call).items())
        )

    async def _assigned(self, call: Call) -> str:
        require(not call.payload)
        return "".join(assignment.line(call.dest.name) for assignment in call.dest.pci)

    async def _list(self, call: Call) -> str:
        require(not call.payload)
        return "".join(f"dom0+{assignment.port} persistent=yes\n" for assignment in call.dest.pci)
