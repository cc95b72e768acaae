# SPDX-License-Identifier: GPL-2.0-or-later
"""lab-qubesd with the lab's broker and agents as plain processes.

The qubes' services are scripts that write to QubesDB what the engine would.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "qrexec"))

# The path comes first.
# pylint: disable=wrong-import-position
from labcase import LIMIT, LabCase  # noqa: E402  # as said above

from qubesdcase import HERE, STICK, STICK_KEYS, USB_IDS, EventStream  # noqa: E402  # as said above

FOLDER = "/qubes-usb-devices"
USB = "admin.vm.device.usb."

# {bin} and {root} are filled in
ATTACH = """#!/bin/sh
read -r backend port
exec {bin}/qrexec-client-vm --agent-socket={root}/var/run/qubes/qrexec-agent \
    "$backend" "qubes.USB+$port" </dev/null
"""
EXPORT = """#!/bin/sh
export QUBES_LAB_QUBESDB={root}/run/lab/qubesdb
folder=/qubes-usb-devices/$(echo "$QREXEC_SERVICE_ARGUMENT" | tr . _)
{bin}/qubesdb-write "$folder/connected-to" "$QREXEC_REMOTE_DOMAIN"
exec {bin}/qubesdb-write /qubes-usb-devices ''
"""
DETACH = """#!/bin/sh
export QUBES_LAB_QUBESDB={root}/run/lab/qubesdb
read -r port
{bin}/qubesdb-rm "/qubes-usb-devices/$(echo "$port" | tr . _)/connected-to"
exec {bin}/qubesdb-write /qubes-usb-devices ''
"""


class QubesdInLab(LabCase):
    """Two guests, work and sys, a broker, and a lab-qubesd of each test's own."""

    # No rule for qubes.USB: that is what qubesd adds for the time of an attach.
    policy = """\
admin.vm.List * work @adminvm allow
admin.vm.List + work work allow target=dom0
admin.Events * work @adminvm allow
admin.Events +domain-feature-set_x work work allow target=dom0
admin.vm.device.usb.Available * work sys allow target=dom0
admin.vm.feature.Set * work work allow target=dom0
"""

    def setUp(self) -> None:
        for qube in ("work", "sys"):
            if qube not in self._processes:
                self.start_qube(qube)
        self.service("work", "qubes.USBAttach", self.script("work", ATTACH))
        self.service("sys", "qubes.USB", self.script("sys", EXPORT))
        self.service("sys", "qubes.USBDetach", self.script("sys", DETACH))
        self.qubesdb("rm", "sys", FOLDER + "/", check=False)
        self.plug("2-1")

    def script(self, qube: str, text: str) -> str:
        return text.replace("{bin}", str(self.bin)).replace("{root}", str(self.root(qube)))

    def qubesdb(self, verb: str, qube: str, *words: str, check: bool = True) -> None:
        command = [self.bin / f"qubesdb-{verb}", "-d", qube, *words]
        result = self.run_command(command)
        if check:
            self.assertEqual(0, result.code, result)

    def plug(self, port: str) -> None:
        folder = f"{FOLDER}/{port.replace('.', '_')}"
        for key, value in STICK_KEYS.items():
            self.qubesdb("write", "sys", f"{folder}/{key}", value)
        self.qubesdb("write", "sys", FOLDER, "")

    def start_qubesd(self, config: str = "{}") -> subprocess.Popen[bytes]:
        (self.top / "usb.ids").write_text(USB_IDS, encoding="utf-8")
        (self.top / "config.json").write_text(config, encoding="utf-8")
        (self.state / "qubesd.sock").unlink(missing_ok=True)
        command = [
            HERE / "lab-qubesd",
            "--state-dir",
            self.state,
            "--usb-ids",
            self.top / "usb.ids",
        ]
        command += ["--config", self.top / "config.json", "--policy", self.top / "policy"]
        command += ["--programs", self.bin]
        with open(self.top / "qubesd.log", "ab") as log:
            server = self.start_command(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.addCleanup(self._end_qubesd, server)
        self.wait_until(lambda: (self.state / "qubesd.sock").exists(), "the socket")
        self.events.wait_for("agent-up", "dom0")
        return server

    def _end_qubesd(self, server: subprocess.Popen[bytes]) -> None:
        server.send_signal(signal.SIGTERM)
        self.assertEqual(0, server.wait(LIMIT))
        self.events.wait_for("agent-down", "dom0")

    def call(self, method: str, dest: str, payload: bytes = b"") -> bytes:
        if "+" not in method:
            method += "+"
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(LIMIT)
            connection.connect(str(self.state / "qubesd.sock"))
            connection.sendall(f"{method} dom0 name {dest}\0".encode() + payload)
            connection.shutdown(socket.SHUT_WR)
            reply = b""
            while chunk := connection.recv(65536):
                reply += chunk
        return reply

    def events_of_qubesd(self) -> EventStream:
        path = self.state / "qubesd.sock"
        stream = EventStream(path, b"admin.Events+ dom0 name dom0\0")
        self.addCleanup(stream.close)
        return stream

    def kill_machine(self, qube: str) -> None:
        """Agent and machine link: to the broker the machine is gone."""
        link = self.machine_pid(qube)
        self.kill_agent(qube)
        assert link is not None
        subprocess.run(["/bin/kill", "-9", str(link)], check=True)
        self.events.wait_for("machine-down", qube)


class Guests(QubesdInLab):
    def test_states_follow_the_broker(self) -> None:
        self.start_qubesd('{"qubes": {"work": {"label": "blue"}, "vault": {}}}')
        events = self.events_of_qubesd()
        listed = self.call("admin.vm.List", "dom0")
        self.assertIn(b"work class=AppVM state=Running", listed)
        self.assertIn(b"sys class=AppVM state=Running", listed)
        self.assertIn(b"vault class=AppVM state=Halted", listed)
        label = self.call("admin.vm.property.Get+label", "work")
        self.assertEqual(b"0\0default=False type=label blue", label)
        self.kill_machine("work")
        events.wait_for("work", "domain-shutdown")
        self.assertIn(b"state=Halted", self.call("admin.vm.List", "work"))
        self.start_qube("work")
        for event in ("pre-start", "pre-spawn", "spawn", "start"):
            events.wait_for("work", f"domain-{event}")
        self.assertIn(b"state=Running", self.call("admin.vm.List", "work"))

    def test_agent_that_comes_back_is_no_start(self) -> None:
        self.start_qubesd()
        events = self.events_of_qubesd()
        self.kill_agent("work")
        self.start_qube("work")
        self.plug("2-2")
        events.wait_for("sys", "device-added:usb")
        self.assertNotIn(b"\0work\0", events.data)

    def test_plug_and_unplug(self) -> None:
        self.start_qubesd()
        events = self.events_of_qubesd()
        self.plug("1-1.4")
        events.wait_for("sys", "device-list-change:usb")
        events.wait_for("sys", "device-added:usb", device=f"sys:1-1.4:{STICK}")
        events.wait_for("sys", "domain-qdb-change:/qubes-usb-devices")
        reply = self.call(USB + "Available", "sys")
        self.assertIn(f"0\x001-1.4:{STICK} device_id=".encode(), reply)
        self.assertIn(b"vendor='Kingston Technology'", reply)
        self.qubesdb("rm", "sys", FOLDER + "/1-1_4/")
        self.qubesdb("write", "sys", FOLDER, "")
        events.wait_for("sys", "device-removed:usb", port="sys:1-1.4")

    def test_nothing_is_seen_without_the_trigger(self) -> None:
        self.start_qubesd()
        events = self.events_of_qubesd()
        self.qubesdb("write", "sys", FOLDER + "/3-1/desc", "x")
        self.plug("2-2")
        events.wait_for("sys", "device-list-change:usb")
        self.assertEqual(1, events.data.count(b"device-list-change"))

    def test_start_and_end_by_hooks(self) -> None:
        root = self.root("third")
        (root / "etc/qubes-rpc").mkdir(parents=True)
        start = (
            f"{self.bin}/lab-qrexec-agent --qube third --connect {self.address()} --root {root} "
            f"</dev/null >/dev/null 2>&1 & echo $! >{self.top}/third.pid"
        )
        end = f"kill -9 $(cat {self.top}/third.pid {root}/run/lab/machine.pid)"
        hooks = f'{{"start": "{start}", "shutdown": "{end}"}}'
        self.start_qubesd(f'{{"qubes": {{"third": {{"guest": true, "hooks": {hooks}}}}}}}')
        events = self.events_of_qubesd()
        self.assertEqual(b"0\0", self.call("admin.vm.Start", "third"))
        events.wait_for("third", "domain-start")
        self.assertIn(b"state=Running", self.call("admin.vm.List", "third"))
        self.assertEqual(b"0\0", self.call("admin.vm.Shutdown+wait", "third"))
        events.wait_for("third", "domain-shutdown")
        self.assertEqual(1, events.data.count(b"\0third\0domain-pre-start\0"))

    def test_without_hooks_a_start_fails(self) -> None:
        self.start_qubesd('{"qubes": {"fourth": {"guest": true}}}')
        events = self.events_of_qubesd()
        reply = self.call("admin.vm.Start", "fourth")
        self.assertTrue(reply.startswith(b"2\0QubesVMError\0\0"), reply)
        events.wait_for("fourth", "domain-start-failed")


class AttachInLab(QubesdInLab):
    def test_attach_and_detach(self) -> None:
        self.start_qubesd()
        events = self.events_of_qubesd()
        self.assertEqual(b"0\0", self.call(USB + "Attach+sys+2-1", "work"))
        events.wait_for("work", "device-pre-attach:usb")
        events.wait_for("work", "device-attach:usb")
        self.wait_until(
            lambda: b"attachment='work'" in self.call(USB + "Available", "sys"), "attach"
        )
        self.assertIn(f"sys+2-1:{STICK} ".encode(), self.call(USB + "Attached", "work"))
        self.assertEqual([], list((self.state / "policy").glob("*")))
        self.assertEqual(b"0\0", self.call(USB + "Detach+sys+2-1", "work"))
        events.wait_for("work", "device-detach:usb", port="sys:2-1")
        self.assertEqual(b"0\0", self.call(USB + "Attached", "work"))

    def test_rule_for_the_time_of_the_attach(self) -> None:
        copy = f"#!/bin/sh\ncat {self.state}/policy/* >{self.top}/seen\n"
        self.service("work", "qubes.USBAttach", copy)
        self.start_qubesd()
        self.call(USB + "Attach+sys+2-1", "work")
        seen = (self.top / "seen").read_text(encoding="ascii")
        self.assertEqual("work sys allow,user=root\n", seen)
        self.assertEqual([], list((self.state / "policy").glob("*")))

    def test_what_the_services_read(self) -> None:
        for qube, service in (("work", "qubes.USBAttach"), ("sys", "qubes.USBDetach")):
            self.service(
                qube, service, f"#!/bin/sh\ncat >{self.top}/{service}; id -u >&2; exit 1\n"
            )
        self.start_qubesd()
        reply = self.call(USB + "Attach+sys+2-1", "work")
        self.assertEqual(b"2\0QubesUSBException\0\0Device attach failed:  0_\0", reply)
        self.assertEqual("sys 2-1\n", (self.top / "qubes.USBAttach").read_text(encoding="ascii"))
        self.qubesdb("write", "sys", FOLDER + "/2-1/connected-to", "work")
        reply = self.call(USB + "Detach+sys+2-1", "work")
        self.assertEqual(b"2\0QubesUSBException\0\0Device detach failed\0", reply)
        self.assertEqual("2-1\n", (self.top / "qubes.USBDetach").read_text(encoding="ascii"))

    def test_no_service(self) -> None:
        """127 is what qrexec answers where there is none.

        A script answers it here, since qrexec-client loses that code when it has input left to send
        to a call that has ended meanwhile (handle_vchan_error in libqrexec/process_io.c).
        """
        self.service("work", "qubes.USBAttach", "#!/bin/sh\ncat >/dev/null\nexit 127\n")
        self.start_qubesd()
        reply = self.call(USB + "Attach+sys+2-1", "work")
        expected = b"2\0USBProxyNotInstalled\0\0qubes-usb-proxy not installed in the VM\0"
        self.assertEqual(expected, reply)

    def test_no_agent(self) -> None:
        self.start_qubesd()
        self.kill_agent("work")

        def answered() -> bool:
            reply = self.call(USB + "Attach+sys+2-1", "work")
            return reply == b"2\0QubesVMError\0\0Domain 'work': qrexec not connected\0"

        self.wait_until(answered, "refusal")

    def test_made_up_qubes_do_not_get_real_devices(self) -> None:
        self.start_qubesd('{"qubes": {"vault": {"state": "Running"}}}')
        reply = self.call(USB + "Attach+sys+2-1", "vault")
        self.assertTrue(reply.startswith(b"2\0QubesUSBException\0\0Device attach failed: "), reply)

    def test_frontend_dies(self) -> None:
        self.start_qubesd()
        self.call(USB + "Attach+sys+2-1", "work")
        self.wait_until(
            lambda: b"attachment='work'" in self.call(USB + "Available", "sys"), "attach"
        )
        events = self.events_of_qubesd()
        self.kill_machine("work")
        events.wait_for("work", "domain-shutdown")
        events.wait_for("work", "device-detach:usb", port="sys:2-1")


class GuiDomain(QubesdInLab):
    """Calls of a qube come by qrexec to dom0."""

    def setUp(self) -> None:
        super().setUp()
        self.start_qubesd('{"qubes": {"vault": {}}}')

    def test_list_is_filtered(self) -> None:
        result = self.client_vm("dom0", "admin.vm.List")
        self.assertEqual(0, result.code, result)
        names = [line.split()[0] for line in result.out.removeprefix(b"0\0").splitlines()]
        self.assertEqual([b"dom0", b"work"], names)

    def test_call_of_another_qube(self) -> None:
        result = self.client_vm("sys", USB + "Available")
        self.assertEqual(0, result.code, result)
        self.assertTrue(result.out.startswith(b"0\x002-1:0951:1666:"), result)

    def test_argument_and_payload(self) -> None:
        result = self.client_vm("work", "admin.vm.feature.Set+a", data=b"1\n2")
        self.assertEqual(0, result.code, result)
        self.assertTrue(result.out.startswith(b"2\0ProtocolError\0"), result)
        result = self.client_vm("work", "admin.vm.feature.Set+a", data=b"yes")
        self.assertEqual(b"0\0", result.out)
        self.assertEqual(b"0\0yes", self.call("admin.vm.feature.Get+a", "work"))

    def test_refused_by_policy(self) -> None:
        for dest, service in (("work", USB + "Available"), ("dom0", "admin.label.List")):
            result = self.client_vm(dest, service)
            self.assertEqual(126, result.code, result)
            self.assertEqual(b"", result.out)

    def test_events(self) -> None:
        command = self.client_vm_command("dom0", "admin.Events")
        stream = self.start_command(command, stdin=subprocess.DEVNULL)
        assert stream.stdout is not None
        established = b"1\0\0connection-established\0\0"
        self.assertEqual(established, stream.stdout.read(len(established)))
        self.call("admin.vm.feature.Set+x", "sys", b"1")
        self.call("admin.vm.feature.Set+x", "work", b"1")
        event = b"1\0work\0domain-feature-set:x\0feature\0x\0value\x001\0\0"
        self.assertEqual(event, stream.stdout.read(len(event)))


class End(LabCase):
    def test_with_the_broker(self) -> None:
        command = [HERE / "lab-qubesd", "--state-dir", self.state]
        with open(self.top / "qubesd.log", "ab") as log:
            server = self.start_command(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        socket_path = self.state / "qubesd.sock"
        self.wait_until(socket_path.exists, "the socket")
        broker = self._processes.pop("broker")
        broker.terminate()
        broker.wait(LIMIT)
        self.assertEqual(1, server.wait(LIMIT))
        self.assertFalse(socket_path.exists())
