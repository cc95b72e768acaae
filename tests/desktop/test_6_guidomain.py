# SPDX-License-Identifier: GPL-2.0-or-later
"""As in a GUI domain: every call goes through qrexec-client-vm, and dom0's policy decides.

The desktop is a qube of the lab of its own, sys-gui, with an agent on the host in place of a machine.
"""

from __future__ import annotations

import re
from pathlib import Path

from desktopcase import PREFIX, QUBES, DesktopCase
from desktopkit import Applet, Qubesd

ATTACHED = re.compile(r".* · 2-1 → work-usb")

# What the applet's manual page says it needs, for all qubes but personal-usb.
ALLOWED = ["admin.vm.List", "admin.Events", "admin.label.Get", "admin.vm.property.GetAll"]
ALLOWED += ["admin.vm.feature.Get", "admin.vm.device.usb.Available", "admin.vm.device.usb.Assigned"]
ALLOWED += [
    "admin.vm.device.usb.Attached",
    "admin.vm.device.usb.Attach",
    "admin.vm.device.usb.Detach",
]
POLICY = "".join(
    f"{service} * sys-gui {qube} allow target=dom0\n"
    for service in ALLOWED
    for qube in ("@adminvm", "sys-usb", "work-usb")
)
# It sees that the qube is there, and nothing else of it.
POLICY += "admin.vm.List * sys-gui personal-usb allow target=dom0\n"

CLIENT = """\
#!/bin/sh
exec {programs}/qrexec-client-vm --agent-socket={root}/var/run/qubes/qrexec-agent "$@"
"""


class GuiDomain(DesktopCase):
    starts = False

    def setUp(self) -> None:
        super().setUp()
        self.personal()
        self.lab.policy(POLICY)
        session = self.desktop.session
        root = Path(session.env["XDG_RUNTIME_DIR"], "sys-gui")
        (root / "var/run/qubes").mkdir(parents=True, exist_ok=True)
        (root / "run/lab").mkdir(parents=True, exist_ok=True)
        client = root / "qrexec-client-vm"
        client.write_text(CLIENT.format(programs=self.lab.programs, root=root), encoding="utf-8")
        client.chmod(0o755)
        agent = session.start(
            *(self.lab.programs / "lab-qrexec-agent", "--qube", "sys-gui", "--root", root),
            *("--connect", f"127.0.0.1:{self.lab.broker.port}", "--no-machine-link"),
        )
        self.addCleanup(session.stop, agent)
        self.assertTrue(self.lab.broker.events.wait_agent("sys-gui", True, 60), session.log(agent))
        self.qubesd = Qubesd(session, self.lab.folder, self.lab.programs, QUBES)
        options = ("--transport", "qrexec", "--qrexec-client", str(client))
        self.applet = Applet(session, PREFIX, *options)
        self.start()

    def test_refused_calls(self) -> None:
        """What is refused is said in its own rows; the rest works."""
        stick = self.plug("stick", port=1)
        self.applet.wait_state("sys-usb:2-1", "free")
        self.applet.call("Attach", "sys-usb", "2-1", "work-usb")
        self.assert_attached(stick, self.frontend)
        self.desktop.open_tray_menu()
        self.assertIn("personal-usb (cannot be read)", self.desktop.menu_labels())
        self.assertIn("Policy does not allow it.", " ".join(self.desktop.menu_labels()))
        self.desktop.choose(ATTACHED, "Detach from work-usb")
        self.applet.wait_state("sys-usb:2-1", "free")
        self.assert_home(stick)
        self.assertIn("refused", self.log_of_broker())

    def log_of_broker(self) -> str:
        return (self.lab.folder / "broker.log").read_text(encoding="utf-8", errors="replace")
