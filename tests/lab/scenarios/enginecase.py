# SPDX-License-Identifier: GPL-2.0-or-later
"""The base of all scenarios, and the check that nothing is left behind. Run by labkit.testing."""

from __future__ import annotations

from pathlib import Path

from labkit import Device, LabError, OwnedQube, Result, wait_for
from labkit.testing import LabTest

HERE = Path(__file__).resolve().parent

ALLOW_ALL = "qubes.USB * @anyvm @anyvm allow\n"

#: Process numbers of the machines that have guest.sh; one that boots anew has another.
_prepared: dict[str, int] = {}


class EngineCase(LabTest):
    """A scenario between sys-usb (backend) and work-usb (frontend)."""

    maxDiff = None

    def setUp(self) -> None:
        super().setUp()
        self.lab.policy(ALLOW_ALL)
        for qube in (self.backend, self.frontend):
            self.prepare(qube)
        # Cleanups run last to first: unplug what the test plugged, after the look at what is left.
        self.addCleanup(self._unplug_all)
        self.addCleanup(self.assert_clean_or_replace)

    def prepare(self, qube: OwnedQube) -> None:
        if not qube.running:
            qube.start()
        if _prepared.get(qube.name) != qube.pid:
            qube.write_file("/run/lab/guest.sh", (HERE / "guest.sh").read_text(), 0o755)
            _prepared[qube.name] = qube.pid

    def _unplug_all(self) -> None:
        if self.backend.running:
            for device in reversed(self.backend.devices):
                self.backend.unplug(device)

    # What is done

    def attach(
        self, device: Device | str, frontend: OwnedQube | None = None, timeout: float = 180
    ) -> Result:
        name = device if isinstance(device, str) else device.busid
        return (frontend or self.frontend).service("qubes.USBAttach", f"sys-usb {name}", timeout)

    def detach(self, device: Device | str, frontend: OwnedQube | None = None) -> Result:
        name = device if isinstance(device, str) else device.busid
        return (frontend or self.frontend).service("qubes.USBDetach", f"sys-usb {name}", 180)

    def detach_in_backend(self, device: Device | str) -> Result:
        name = device if isinstance(device, str) else device.busid
        return self.backend.service("qubes.USBDetach", name, 180)

    # What is looked at

    def assert_ok(self, result: Result) -> None:
        self.assertEqual((result.rc, result.out, result.err), (0, "", ""))

    def assert_refused(self, result: Result, code: int, *words: str) -> None:
        """One line that names what is wrong, on stderr; nothing on stdout; the documented code."""
        self.assertEqual(result.rc, code, result.err)
        self.assertEqual(result.out, "")
        self.assertRegex(result.err, r"\A[ -~]+\n\Z")
        for word in words:
            self.assertIn(word, result.err)

    def local_busid(self, device: Device | str, frontend: OwnedQube | None = None) -> str:
        """What an attached device is called in the frontend: second word of its state file."""
        name = device if isinstance(device, str) else device.busid
        state = (frontend or self.frontend).read_file(f"/run/qubes/usb-import-sys-usb-{name}.state")
        return state.decode().split()[1]

    def connected_to(self, device: Device) -> str:
        key = f"/qubes-usb-devices/{device.busid.replace('.', '_')}/connected-to"
        return self.backend.run(f"qubesdb-read {key}").out.strip()

    def assert_clean(self, seconds: int = 90) -> None:
        """Nothing is attached, and no process, state file, key or driverless device is left."""
        for qube in self.lab.qubes.values():
            if qube.running:
                self.prepare(qube)
                result = qube.run(f"/run/lab/guest.sh clean {seconds}", timeout=seconds + 180)
                self.assertEqual(result.rc, 0, f"left behind in {qube.name}:\n{result.out}")

    def assert_clean_or_replace(self) -> None:
        """What is left fails this test, and no other one after it."""
        try:
            self.assert_clean()
        except BaseException:
            for qube in self.lab.qubes.values():
                if qube.running:
                    qube.kill()
            raise

    def assert_own_driver(self, device: Device) -> None:
        self.assertEqual(self.backend.driver(device.busid), "usb")


__all__ = ["ALLOW_ALL", "HERE", "EngineCase", "LabError", "wait_for"]
