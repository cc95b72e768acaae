# SPDX-License-Identifier: GPL-2.0-or-later
"""Qubes that do not run: USB qubes to be started, and frontends that are started for a device."""

from __future__ import annotations

import os
import re
import threading
from typing import Any

from desktopcase import PROGRAM, QUBES, DesktopCase
from desktopkit import Qubesd


class Halted(DesktopCase):
    starts = False

    def start_with(self, qubes: dict[str, Any]) -> None:
        """With these, beside the lab's."""
        config = {**QUBES, "qubes": {**QUBES["qubes"], **qubes}}
        self.qubesd = Qubesd(self.desktop.session, self.lab.folder, self.lab.programs, config)
        self.start()

    def test_usb_qube_never_seen_before(self) -> None:
        """Of two that are halted, the one that gets a USB controller is offered to be started."""
        self.start_with(
            {
                "sys-usb2": {
                    "state": "Halted",
                    "properties": {"virt_mode": "hvm"},
                    "pci": ["00_14.0:0x8086:0xa0ed::p0c0330"],
                    "devices": {"2-1": {"desc": "0951:1666 Kingston DataTraveler_3.0 60A4"}},
                },
                "sys-net": {
                    "state": "Halted",
                    "properties": {"virt_mode": "hvm"},
                    "pci": ["00_1f.6:0x8086:0x15fc::p020000"],
                },
            }
        )
        offer = "Start sys-usb2 to list its devices"
        self.desktop.open_tray_menu()
        self.desktop.tree.find(offer, "accelerator label")
        self.assertNotIn("sys-net", " ".join(self.desktop.menu_labels()))
        self.desktop.choose(offer)
        self.applet.wait_state("sys-usb2:2-1", "free")

    def test_moves_to_a_qube_that_is_started_for_it(self) -> None:
        """Found in the chooser: dom0 boots the machine, then the device leaves the qube that has it."""
        other = self.lab["personal-usb"]
        other.kill()
        wanted, done = (self.desktop.session.folder / name for name in ("wanted", "done"))
        for fifo in (wanted, done):
            os.mkfifo(fifo)
            self.addCleanup(fifo.unlink)

        def boot() -> None:
            wanted.read_text(encoding="ascii")  # when qubesd is told to start the qube
            other.start()
            done.write_text("up\n", encoding="ascii")

        booting = threading.Thread(target=boot, daemon=True)
        booting.start()
        hook = f"echo {{qube}} >{wanted} && read up <{done}"
        self.start_with(
            {"personal-usb": {"guest": True, "label": "yellow", "hooks": {"start": hook}}}
        )
        stick = self.plug("stick", port=1)
        self.applet.wait_state("sys-usb:2-1", "free")
        self.applet.call("Attach", "sys-usb", "2-1", "work-usb")
        self.assert_attached(stick, self.frontend)
        self.desktop.open_tray_menu()
        self.desktop.choose(re.compile(r".* · 2-1 → work-usb"), "All qubes…")
        self.desktop.tree.find("Search qubes", "text", PROGRAM)
        self.desktop.type("PERS")
        self.desktop.tree.find("Start personal-usb and move", "push button", PROGRAM)
        self.desktop.press("Return")
        self.desktop.wait_notice("Attached to personal-usb")
        booting.join(60)
        self.assert_attached(stick, other)
        self.wait_no_disk(self.frontend)
        self.assertEqual(("attached", "personal-usb"), self.applet.state("sys-usb:2-1"))
