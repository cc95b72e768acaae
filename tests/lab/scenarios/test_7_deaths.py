# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of deaths, with real kernels: whoever dies at whatever point, the next process of the engine puts it right."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

from enginecase import EngineCase
from labkit import Device, OwnedQube
from labkit.testing import both_ways

LIBRARY = "/run/lab/lab-deaths.so"

#: How many points of an export, and of an import, are tried where several runs share them; otherwise it is each. Each point
#: with each victim is in engine/tst_deaths, too, with a kernel that is a fake.
MOMENTS = 6
#: A connection that came to its end has at least so many points on either side.
LEAST = 12

KILLS = {
    "keeper": "kill -9 $KEEPER",
    "relay": "kill -9 $RELAY",
    # Stopped first, so that neither sees the other go.
    "both": "kill -STOP $RELAY $KEEPER; kill -9 $RELAY $KEEPER",
    "qrexec": "kill -9 $QREXEC_AGENT_PID",
    "attach": "kill -9 $(/run/lab/guest.sh find attach)",
    "call": "kill -9 $(/run/lab/guest.sh find attach-relay)",
}
#: Until the scenario has killed a machine. It may be this one.
WAIT = "timeout 120 sh -c 'until [ -e /run/lab/go ]; do sleep 0.05; done'"


@both_ways
class Deaths(EngineCase):
    #: how many points a whole connection has, by kernels and the engine's command
    counted: ClassVar[dict[tuple[str, str], int]] = {}

    def setUp(self) -> None:
        super().setUp()
        self.stick = self.backend.plug("stick", port=1)

    def side(self, command: str) -> OwnedQube:
        return self.backend if command == "export" else self.frontend

    def preload(self, qube: OwnedQube) -> None:
        """Undone when the machine ends, or by clear()."""
        qube.write_file(LIBRARY, (self.lab.programs / "lab-deaths.so").read_bytes(), 0o755)
        qube.write_file("/etc/ld.so.preload", f"{LIBRARY}\n")

    def clear(self, qube: OwnedQube) -> None:
        if qube.running:
            qube.check(
                "rm -f /etc/ld.so.preload /run/lab/death /run/lab/points /run/lab/met /run/lab/go"
            )

    def plan(self, command: str, point: int, action: str) -> None:
        """At that point of the next connection's `command` the shell command `action` is run."""
        self.side(command).check(
            "rm -f /run/lab/met /run/lab/go /run/lab/points && cat >/run/lab/death",
            f"{command} {point} : >/run/lab/met; {action}",
        )

    def connect(self) -> None:
        """From the beginning to the end, as far as it comes."""
        self.attach(self.stick)
        # Where only the caller was killed the device is there.
        self.detach(self.stick)

    def points(self, command: str) -> list[int]:
        """The points of a connection that are tried in this run."""
        if (self.kernel, command) not in self.counted:
            self.plan(command, 0, ":")
            self.connect()
            number = int(self.side(command).check("cat /run/lab/points"))
            self.counted[self.kernel, command] = number
        number = self.counted[self.kernel, command]
        self.assertGreaterEqual(number, LEAST)
        if self.share.runs == 1:
            return list(range(1, number + 1))
        spread = [1 + moment * (number - 1) // (MOMENTS - 1) for moment in range(MOMENTS)]
        return spread[self.share.number :: self.share.runs]

    def assert_undone(self) -> None:
        """After what any next engine process does first: a keeper that was killed can't."""
        for qube in (self.backend, self.frontend):
            qube.check("qubes-usb-engine settle")
        self.assert_clean()
        self.assert_own_driver(self.stick)

    def assert_met(self, command: str, point: int) -> None:
        """How many points there are depends on who is first at the end: the last ones may not be there."""
        side = self.side(command)
        if not side.exists("/run/lab/met"):
            self.assertLess(int(side.check("cat /run/lab/points")), point, "nobody was killed")

    def assert_next_works(self) -> None:
        for qube in (self.backend, self.frontend):
            qube.run("rm -f /run/lab/death")
        self.assert_ok(self.attach(self.stick))
        self.assert_ok(self.detach(self.stick))

    def killed(self, command: str, victim: str) -> None:
        side = self.side(command)
        self.preload(side)
        self.addCleanup(self.clear, side)
        for turn, point in enumerate(self.points(command)):
            is_undone = False
            with self.subTest(command=command, victim=victim, point=point):
                self.plan(command, point, KILLS[victim])
                self.connect()
                self.assert_undone()
                self.assert_met(command, point)
                if turn % 3 == 0:
                    self.assert_next_works()
                is_undone = True
            if not is_undone:
                return  # what is left would fail each point after it, too

    def test_export_keeper(self) -> None:
        self.killed("export", "keeper")

    def test_export_relay(self) -> None:
        self.killed("export", "relay")

    def test_export_keeper_and_relay(self) -> None:
        self.killed("export", "both")

    def test_export_qrexec(self) -> None:
        self.killed("export", "qrexec")

    def test_import_keeper(self) -> None:
        self.killed("import", "keeper")

    def test_import_relay(self) -> None:
        self.killed("import", "relay")

    def test_import_keeper_and_relay(self) -> None:
        self.killed("import", "both")

    def test_import_qrexec(self) -> None:
        self.killed("import", "qrexec")

    def test_import_attach(self) -> None:
        self.killed("import", "attach")

    def test_import_call(self) -> None:
        self.killed("import", "call")

    def crashed(self, command: str, victim: OwnedQube) -> None:
        side = self.side(command)
        self.preload(side)
        self.addCleanup(self.clear, side)
        for turn, point in enumerate(self.points(command)):
            is_undone = False
            with self.subTest(command=command, victim=victim.name, point=point):
                self.plan(command, point, WAIT)
                with ThreadPoolExecutor(1) as pool:
                    connection = pool.submit(self.connect)
                    side.wait("[ -e /run/lab/met ] || [ -e /run/lab/points ]")
                    if victim is side:
                        self.assert_met(command, point)
                    victim.kill()
                    if side is not victim:
                        side.check(": >/run/lab/go")
                    connection.result()
                self.stick = self.revive(victim)
                if side is victim:
                    self.preload(side)
                    self.assert_clean()
                else:
                    self.assert_undone()
                    self.assert_met(command, point)
                if turn % 3 == 0:
                    self.assert_next_works()
                is_undone = True
            if not is_undone:
                return

    def revive(self, victim: OwnedQube) -> Device:
        victim.start()
        self.prepare(victim)
        return self.backend.plug("stick", port=1) if victim is self.backend else self.stick

    def test_export_frontend_dies(self) -> None:
        self.crashed("export", self.frontend)

    def test_export_backend_dies(self) -> None:
        self.crashed("export", self.backend)

    def test_import_frontend_dies(self) -> None:
        self.crashed("import", self.frontend)

    def test_import_backend_dies(self) -> None:
        self.crashed("import", self.backend)
