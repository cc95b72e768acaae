# SPDX-License-Identifier: GPL-2.0-or-later
"""What is known of the real server's behaviour, one fact a test."""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from typing import Any

from qubesdcase import CAMERA_KEYS, LIMIT, STICK, STICK_KEYS, QubesdCase

RUNNING = {"state": "Running"}
ANY_STICK = "sys-usb+2-1"
FULL_STICK = "sys-usb+2-1+0951+1666+60A44C413FAE2140A9731F1E+u080650"
ATTACH = "admin.vm.device.usb.Attach+"


def backend(**devices: dict[str, str]) -> dict[str, Any]:
    """port_2_1={...} is the device at 2-1."""
    ports = {
        name[5:].replace("_", "-", 1).replace("_", "."): keys for name, keys in devices.items()
    }
    return RUNNING | {"devices": ports}


QUBES: dict[str, Any] = {
    "sys-usb": backend(port_2_1=STICK_KEYS),
    "sys-net": backend(port_2_1=CAMERA_KEYS, port_3_1=CAMERA_KEYS),
    "work": RUNNING | {"label": "blue"},
    "personal": RUNNING,
    "vault": {},
}


class Framing(QubesdCase):
    def setUp(self) -> None:
        super().setUp()
        self.start({"work": RUNNING})

    def test_plus_may_be_missing(self) -> None:
        self.assertEqual(
            self.call("admin.vm.List", "dom0"), self.send(b"admin.vm.List dom0 name dom0\0")
        )

    def test_dom0_by_keyword(self) -> None:
        reply = self.send(b"admin.vm.List+ dom0 keyword adminvm\0")
        self.assertTrue(reply.startswith(b"0\0dom0 class=AdminVM"), reply)

    def test_what_is_no_request_is_answered_by_nothing(self) -> None:
        for data in (
            b"",
            b"admin.vm.List+ dom0 name dom0",
            b"admin.vm.List+ dom0 keyword somewhere\0",
            b"admin.vm.List+ dom0 kind dom0\0",
            b"dom0\0admin.vm.List\0dom0\0\0",
            b"admin.vm.feature.Get+\xc3\xa9 dom0 name dom0\0",
        ):
            with self.subTest(data):
                self.assertEqual(b"", self.send(data))

    def test_unknown_source(self) -> None:
        reply = self.call("admin.vm.List", "dom0", source="nobody")
        self.assert_error(reply, "QubesVMNotFoundError", "No such domain: 'nobody'")

    def test_longest_request(self) -> None:
        header = b"admin.vm.feature.Set+x dom0 name work\0"
        self.assertEqual(b"0\0", self.send(header + b"x" * (65536 - len(header))))

    def test_a_longer_request_breaks_the_connection(self) -> None:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(LIMIT)
            connection.connect(str(self.socket))
            with self.assertRaises((ConnectionResetError, BrokenPipeError)):
                connection.sendall(b"admin.vm.feature.Set+x dom0 name work\0".ljust(65537, b"x"))
                connection.shutdown(socket.SHUT_WR)
                if connection.recv(1) == b"":
                    raise ConnectionResetError

    def test_no_answer_before_the_half_close(self) -> None:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.socket))
            connection.sendall(b"admin.vm.List+ dom0 name dom0\0")
            # Another whole call has been answered meanwhile.
            self.call("admin.vm.List", "dom0")
            connection.setblocking(False)
            with self.assertRaises(BlockingIOError):
                connection.recv(1)
            connection.setblocking(True)
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(b"0\0", connection.recv(2))

    def test_going_away_does_not_cancel(self) -> None:
        self.control("add", qube="sys-usb", entry=QUBES["sys-usb"])
        self.control("service", qube="work", attach={"seconds": 0.2})
        events = self.events()
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.socket))
            connection.sendall(f"{ATTACH}{ANY_STICK} dom0 name work\0".encode())
            connection.shutdown(socket.SHUT_WR)
            events.wait_for("work", "device-pre-attach:usb")
        events.wait_for("work", "device-attach:usb")


class Uuid(QubesdCase):
    UUID = "8f8f9c29-bbf0-5582-bc4e-d584e583a319"

    def ask(self, generation: str, dest: str) -> bytes:
        self.start({"work": {"uuid": self.UUID}}, generation=generation)
        return self.call("admin.vm.List", dest)

    def test_destination(self) -> None:
        reply = self.ask("4.3", f"uuid:{self.UUID}")
        self.assertEqual(f"0\0work class=AppVM state=Halted uuid={self.UUID}\n".encode(), reply)

    def test_malformed(self) -> None:
        reply = self.ask("4.3", "uuid:X")
        self.assert_error(reply, "QubesVMInvalidUUIDError", "VM UUID is not valid: 'X'")

    def test_a_name_like_any_other_in_4_2(self) -> None:
        reply = self.ask("4.2", f"uuid:{self.UUID}")
        self.assert_error(reply, "QubesVMNotFoundError", f"No such domain: 'uuid:{self.UUID}'")


class Calls(QubesdCase):
    def test_labels(self) -> None:
        self.start({}, labels={"pink": "0xff00ff"})
        self.assertIn(b"red\norange\n", self.call("admin.label.List", "dom0"))
        self.assertEqual(b"0\x000xff00ff", self.call("admin.label.Get+pink", "dom0"))
        reply = self.call("admin.label.Get+nope", "dom0")
        self.assert_error(reply, "QubesLabelNotFoundError", "Label does not exist: nope")

    def test_features_of_the_template(self) -> None:
        template = {"klass": "TemplateVM", "features": {"gui": "1"}}
        self.start({"base": template, "work": {"template": "base"}})
        self.assertEqual(b"0\x001", self.call("admin.vm.feature.CheckWithTemplate+gui", "work"))
        reply = self.call("admin.vm.feature.Get+gui", "work")
        message = "Feature not set for domain work: gui"
        self.assert_error(reply, "QubesFeatureNotFoundError", message)

    def test_properties(self) -> None:
        self.start({"work": {"label": "blue"}, "disp1": {"klass": "DispVM"}})
        get = "admin.vm.property.Get+"
        self.assertEqual(b"0\0default=True type=str appvm-blue", self.call(get + "icon", "work"))
        self.assertEqual(b"0\0default=True type=bool False", self.call(get + "is_preload", "disp1"))
        reply = self.call(get + "is_preload", "work")
        message = "Invalid property 'is_preload' of work"
        self.assert_error(reply, "QubesNoSuchPropertyError", message)

    def test_label_change(self) -> None:
        self.start({"work": {"label": "blue"}})
        events = self.events()
        self.assertEqual(b"0\0", self.call("admin.vm.property.Set+label", "work", b"green"))
        change = {"name": "label", "newvalue": "green", "oldvalue": "blue"}
        events.wait_for("work", "property-set:label", **change)
        events.wait_for("work", "property-reset:icon", name="icon")
        reply = self.call("admin.vm.property.Get+icon", "work")
        self.assertEqual(b"0\0default=True type=str appvm-green", reply)

    def test_backslash_and_newline_in_get_all(self) -> None:
        self.start({"work": {"properties": {"kernelopts": "a\\b\nc"}}})
        reply = self.call("admin.vm.property.GetAll", "work")
        self.assertIn(b"\nkernelopts default=False type=str a\\\\b\\nc\n", reply)

    def test_unexpected_payload_or_argument(self) -> None:
        self.start({})
        reply = self.call("admin.vm.List", "dom0", b"x")
        self.assertTrue(reply.startswith(b"2\0ProtocolError\0\0"), reply)
        reply = self.call("admin.vm.List+x", "dom0")
        self.assertTrue(reply.startswith(b"2\0ProtocolError\0\0"), reply)

    def test_traceback_with_debug_only(self) -> None:
        self.start({}, "--debug")
        reply = self.call("admin.vm.List", "nobody")
        self.assertRegex(
            reply, rb"\A2\0QubesVMNotFoundError\0Traceback [^\0]+\0No such domain: 'nobody'\0\Z"
        )


class Power(QubesdCase):
    def test_start(self) -> None:
        self.start(QUBES)
        events = self.events()
        self.assertEqual(b"0\0", self.call("admin.vm.Start", "vault"))
        for event in ("pre-start", "pre-spawn", "spawn", "start"):
            events.wait_for("vault", f"domain-{event}")
        self.assertIn(b"power_state=Running", self.call("admin.vm.CurrentState", "vault"))

    def test_start_of_a_running_one_does_nothing(self) -> None:
        self.start(QUBES)
        events = self.events()
        self.assertEqual(b"0\0", self.call("admin.vm.Start", "work"))
        self.call("admin.vm.Start", "vault")
        self.assertEqual("vault", events.wait_for("vault", "domain-pre-start")[0])
        self.assertNotIn(b"\x001\0work\0", events.data)

    def test_start_that_fails(self) -> None:
        self.start({"vault": {"start_fails": "no memory"}})
        events = self.events()
        self.assert_error(self.call("admin.vm.Start", "vault"), "QubesVMError", "no memory")
        events.wait_for("vault", "domain-start-failed", reason="no memory")

    def test_shutdown(self) -> None:
        self.start(QUBES)
        events = self.events()
        self.assertEqual(b"0\0", self.call("admin.vm.Shutdown+wait", "work"))
        for event in ("domain-pre-shutdown", "domain-stopped", "domain-shutdown"):
            events.wait_for("work", event)
        events.wait_for("work", "device-list-change:usb")
        reply = self.call("admin.vm.Shutdown", "work")
        self.assert_error(reply, "QubesVMNotStartedError", "Domain is powered off: 'work'")

    def test_disposable(self) -> None:
        dvm = {"label": "purple", "properties": {"template_for_dispvms": True}}
        self.start({**QUBES, "dvm": dvm})
        events = self.events()
        reply = self.call("admin.vm.CreateDisposable", "dvm")
        self.assertRegex(reply, rb"\A0\0disp[0-9]+\Z")
        name = reply[2:].decode()
        events.wait_for("", "domain-add", vm=name)
        self.assertIn(
            f"{name} class=DispVM state=Halted".encode(), self.call("admin.vm.List", name)
        )
        self.call("admin.vm.Start", name)
        self.assertEqual(b"0\0", self.usb("Attach+" + ANY_STICK, name))
        reply = self.call("admin.vm.property.Get+auto_cleanup", name)
        self.assertEqual(b"0\0default=False type=bool True", reply)
        self.assertEqual(b"0\0", self.call("admin.vm.Kill", name))
        events.wait_for("", "domain-delete", vm=name)
        events.wait_for("sys-usb", "domain-qdb-change:/qubes-usb-devices")
        # It is gone before anybody tells of the device.
        self.assertNotIn(b"device-detach", events.data)
        self.assertNotIn(b"attachment", self.usb("Available", "sys-usb"))

    def test_disposable_by_uuid(self) -> None:
        self.start({"dvm": {"properties": {"template_for_dispvms": True}}})
        reply = self.call("admin.vm.CreateDisposable", "dvm", b"uuid")
        self.assertRegex(reply, rb"\A0\0uuid:[0-9a-f-]{36}\Z")


class Events(QubesdCase):
    def test_of_one_qube(self) -> None:
        self.start(QUBES)
        events = self.events("vault")
        self.call("admin.vm.feature.Set+x", "work", b"1")
        self.call("admin.vm.feature.Set+x", "vault", b"1")
        events.wait_for("vault", "domain-feature-set:x", feature="x", value="1")
        self.assertNotIn(b"\0work\0", events.data)

    def test_end_with_the_server(self) -> None:
        self.start(QUBES)
        events = self.events()
        self.control("drop")
        self.assertEqual(b"1\0\0connection-established\0\0", events.read_to_end())

    def test_policy_filters_what_other_qubes_see(self) -> None:
        rules = "\n".join(
            (
                "admin.vm.List + sys-gui @tag:guivm-sys-gui allow target=dom0",
                "admin.vm.List + sys-gui vault ask target=dom0",
                "admin.Events +domain-feature-set_x sys-gui @tag:guivm-sys-gui allow target=dom0",
                "admin.Events +domain-add sys-gui vault allow target=dom0",
            )
        )
        path = self.top / "rules"
        path.write_text(rules, encoding="ascii")
        tagged = RUNNING | {"tags": ["guivm-sys-gui"]}
        self.start({**QUBES, "work": tagged, "sys-gui": RUNNING}, "--policy", path)
        reply = self.call("admin.vm.List", "dom0", source="sys-gui")
        self.assertRegex(reply, rb"\A0\0work class=AppVM state=Running uuid=[0-9a-f-]+\n\Z")
        events = self.events(source="sys-gui")
        for qube in ("personal", "work"):
            for feature in ("y", "x"):
                self.call(f"admin.vm.feature.Set+{feature}", qube, b"1")
        events.wait_for("work", "domain-feature-set:x")
        names = (b"personal", b"feature-set:y", b"pre-set")
        self.assertFalse([name for name in names if name in events.data], events.data)


class Devices(QubesdCase):
    """Release main; what 4.3 does otherwise is in Release43."""

    def setUp(self) -> None:
        super().setUp()
        self.start(QUBES)

    def test_one_port(self) -> None:
        reply = self.usb("Available+3-1", "sys-net")
        self.assertTrue(reply.startswith(b"0\x003-1:04f2:b604:0001:u0e0100u0e0200 "), reply)
        self.assertEqual(b"0\0", self.usb("Available+9-9", "sys-net"))

    def test_attach_by_full_id(self) -> None:
        payload = f"device_id='{STICK}' port_id='2-1' devclass='usb' backend_domain='sys-usb' mode='manual'"
        self.assertEqual(b"0\0", self.usb("Attach+" + FULL_STICK, "work", payload))
        self.assertIn(b" mode='manual' frontend_domain='work'\n", self.usb("Attached", "work"))

    def test_attach_at_any_port(self) -> None:
        self.assertEqual(b"0\0", self.usb("Attach+" + FULL_STICK.replace("2-1", "_"), "work"))

    def test_ambiguous(self) -> None:
        """Nothing there, another identity, backend halted, two of a kind."""
        self.control("state", qube="personal", state="Halted")
        two = "sys-net+_+04f2+b604+0001+u0e0100u0e0200"
        for arg in ("sys-usb+9-9", ANY_STICK + "+dead+beef++u080650", "personal+1-1", two):
            with self.subTest(arg):
                reply = self.usb("Attach+" + arg, "work")
                self.assert_error(reply, "ProtocolError", "Cannot attach ambiguous usb device.")

    def test_identity_in_the_payload(self) -> None:
        """The safe form for a device whose identity does not fit into an argument."""
        for device_id, reply in ((STICK, b"0\0"), ("dead:beef::u080650", b"2\0ProtocolError")):
            payload = (
                f"device_id='{device_id}' port_id='2-1' devclass='usb' backend_domain='sys-usb'"
            )
            with self.subTest(device_id):
                got = self.usb(f"Attach+{ANY_STICK}+_", "work", payload)
                self.assertTrue(got.startswith(reply), got)

    def test_payload_that_contradicts(self) -> None:
        for payload in (
            "port_id='2-2'",
            "backend_domain='sys-net'",
            "mode='often'",
            "nonsense='1'",
            "port_id",
            "devclass='block'",
            "device_id='dead:beef::u080650'",
        ):
            with self.subTest(payload):
                reply = self.usb("Attach+" + FULL_STICK, "work", payload)
                self.assertTrue(reply.startswith(b"2\0ProtocolError\0\0"), reply)

    def test_unhandled_errors_are_empty_in_every_release(self) -> None:
        self.assertEqual(b"", self.usb("Attach+nobody+2-1", "work"))
        self.assertEqual(b"", self.usb("Attach+sys-usb", "work"))
        self.assertEqual(b"", self.usb(f"Assign+{ANY_STICK}", "work", "mode='manual'"))
        self.assertEqual(b"", self.usb(f"Assign+{ANY_STICK}", "work"))

    def test_options(self) -> None:
        reply = self.usb("Attach+" + ANY_STICK, "work", "_read-only='yes'")
        message = "USB device attach does not support user options"
        self.assert_error(reply, "QubesException", message)

    def test_failure_names_output_and_error(self) -> None:
        failing = {"exit": 1, "stdout": "out\n", "stderr": "one\ntwo\x07\n"}
        self.control("service", qube="work", attach=failing)
        reply = self.usb("Attach+" + ANY_STICK, "work")
        message = "Device attach failed: out_ one_two_"
        self.assert_error(reply, "QubesUSBException", message)

    def test_detach_ignores_the_backend(self) -> None:
        self.usb("Attach+sys-net+2-1", "work")
        events = self.events()
        self.assertEqual(b"0\0", self.usb("Detach+sys-usb+2-1", "work"))
        events.wait_for("work", "device-detach:usb", port="sys-net:2-1")
        self.assertEqual(b"0\0", self.usb("Attached", "work"))

    def test_detach_that_fails(self) -> None:
        self.usb("Attach+" + ANY_STICK, "work")
        self.control("service", qube="sys-usb", detach={"exit": 1})
        reply = self.usb("Detach+" + ANY_STICK, "work")
        self.assert_error(reply, "QubesUSBException", "Device detach failed")
        self.assertNotEqual(b"0\0", self.usb("Attached", "work"))

    def test_attach_to_dom0_answers_ok_and_does_nothing(self) -> None:
        events = self.events()
        self.assertEqual(b"0\0", self.usb("Attach+" + ANY_STICK, "dom0"))
        events.wait_for("dom0", "device-attach:usb")
        self.assertNotIn(b"attachment", self.usb("Available", "sys-usb"))

    def test_failed_attach_leaves_a_spurious_detach(self) -> None:
        self.control("service", qube="work", attach={"exit": 1})
        events = self.events()
        self.usb("Attach+" + ANY_STICK, "work")
        self.control("plug", qube="sys-usb", port="2-2", keys=CAMERA_KEYS)
        events.wait_for("work", "device-detach:usb", port="sys-usb:2-1")

    def test_unplug_of_an_attached_one(self) -> None:
        self.usb("Attach+" + ANY_STICK, "work")
        events = self.events()
        self.control("unplug", qube="sys-usb", port="2-1")
        events.wait_for("sys-usb", "device-list-change:usb")
        events.wait_for("sys-usb", "device-removed:usb", port="sys-usb:2-1")
        events.wait_for("sys-usb", "domain-qdb-change:/qubes-usb-devices")
        events.wait_for("work", "device-detach:usb", port="sys-usb:2-1")

    def test_attached_behind_the_back(self) -> None:
        events = self.events()
        self.control("connect", qube="sys-usb", port="2-1", frontend="work")
        events.wait_for("work", "device-attach:usb", device=f"sys-usb:2-1:{STICK}")
        self.control("connect", qube="sys-usb", port="2-1", frontend="personal")
        events.wait_for("work", "device-detach:usb")
        events.wait_for("personal", "device-attach:usb")

    def test_frontend_ends(self) -> None:
        self.usb("Attach+" + ANY_STICK, "work")
        events = self.events()
        self.call("admin.vm.Kill", "work")
        events.wait_for("work", "domain-shutdown")
        events.wait_for("work", "device-detach:usb", port="sys-usb:2-1")

    def test_backend_ends(self) -> None:
        self.usb("Attach+" + ANY_STICK, "work")
        events = self.events()
        self.call("admin.vm.Kill", "sys-usb")
        events.wait_for("sys-usb", "domain-shutdown")
        events.wait_for("sys-usb", "device-removed:usb", port="sys-usb:2-1")
        events.wait_for("work", "device-detach:usb", port="sys-usb:2-1")
        self.assertEqual(b"0\0", self.usb("Attached", "work"))


class DeniedInterfaces(QubesdCase):
    def setUp(self) -> None:
        super().setUp()
        self.start(QUBES)
        self.denied = "admin.vm.device.denied."

    def test_list(self) -> None:
        events = self.events()
        self.assertEqual(b"0\0", self.call(self.denied + "Add", "work", b"u03****u08****"))
        events.wait_for("work", "property-set:devices_denied", newvalue="u03****u08****")
        self.assertEqual(b"0\0u03****\nu08****", self.call(self.denied + "List", "work"))
        self.assertEqual(b"0\0", self.call(self.denied + "Remove", "work", b"u03****"))
        self.assertEqual(b"0\0u08****", self.call(self.denied + "List", "work"))
        self.assertEqual(b"0\0", self.call(self.denied + "Remove", "work", b"all"))
        self.assertEqual(b"0\0", self.call(self.denied + "List", "work"))

    def test_attach(self) -> None:
        self.call(self.denied + "Add", "work", b"u08****")
        reply = self.usb("Attach+" + FULL_STICK, "work")
        self.assert_error(reply, "PermissionDenied", "Device exposes a banned interface: SCSI")
        reply = self.usb("Attach+" + ANY_STICK, "work")
        message = "Could not load interfaces to verify against denied list"
        self.assert_error(reply, "PermissionDenied", message)

    def test_only_a_manual_attach_is_checked(self) -> None:
        self.call(self.denied + "Add", "work", b"u08****")
        reply = self.usb("Attach+" + FULL_STICK, "work", "mode='auto-attach'")
        self.assertEqual(b"0\0", reply)

    def test_others_attach(self) -> None:
        self.call(self.denied + "Add", "work", b"u03****")
        self.assertEqual(b"0\0", self.usb("Attach+" + FULL_STICK, "work"))


class Assignments(QubesdCase):
    AUTO = "port_id='2-1' devclass='usb' backend_domain='sys-usb' mode='auto-attach'"

    def test_twice(self) -> None:
        self.start(QUBES)
        self.assertEqual(b"0\0", self.usb("Assign+" + ANY_STICK, "work", self.AUTO))
        reply = self.usb("Assign+" + ANY_STICK, "work", self.AUTO)
        message = "'usb device sys-usb:2-1:* already assigned to work'"
        self.assert_error(reply, "DeviceAlreadyAssigned", message)
        self.assertEqual(b"0\0", self.usb("Assign+" + FULL_STICK, "work", self.AUTO))
        self.assertEqual(2, self.usb("Assigned", "work").count(b"\n"))

    def test_only_the_exact_pair_is_unassigned(self) -> None:
        self.start(QUBES)
        self.usb("Assign+" + ANY_STICK, "work", self.AUTO)
        reply = self.usb("Unassign+" + FULL_STICK, "work")
        message = f"'usb device sys-usb:2-1:{STICK} not assigned to work'"
        self.assert_error(reply, "DeviceNotAssigned", message)
        reply = self.usb("Set.assignment+sys-usb+2-2", "work", "ask-to-attach")
        message = "Device sys-usb:2-2:* not assigned to work"
        self.assert_error(reply, "QubesValueError", message)
        reply = self.usb("Set.assignment+" + ANY_STICK, "work", "sometimes")
        self.assertTrue(reply.startswith(b"2\0QubesUnrecognizedDeviceAssignmentMode\0"), reply)
        self.assertEqual(b"0\0", self.usb("Unassign+" + ANY_STICK, "work"))

    def test_required_is_not_detached(self) -> None:
        self.start(QUBES)
        self.usb("Attach+" + ANY_STICK, "work")
        self.usb("Assign+" + ANY_STICK, "work", "mode='required'")
        reply = self.usb("Detach+" + ANY_STICK, "work")
        message = (
            "Can not detach a required device from a non halted qube. "
            "You need to unassign device first."
        )
        self.assert_error(reply, "QubesVMNotHaltedError", message)

    def test_mode_of_what_is_attached_by_an_equal_assignment(self) -> None:
        self.start(QUBES)
        self.usb("Attach+" + ANY_STICK, "work")
        self.usb("Assign+" + ANY_STICK, "work", self.AUTO)
        self.assertIn(b"mode='manual'", self.usb("Attached", "work"))
        self.usb("Assign+" + FULL_STICK, "work", self.AUTO)
        self.assertIn(b"mode='auto-attach'", self.usb("Attached", "work"))

    def test_attached_when_plugged_in_and_only_then(self) -> None:
        self.start(QUBES)
        events = self.events()
        self.usb("Assign+" + ANY_STICK, "work", self.AUTO)
        self.assertEqual(b"0\0", self.usb("Attached", "work"))
        self.control("unplug", qube="sys-usb", port="2-1")
        self.control("plug", qube="sys-usb", port="2-1", keys=STICK_KEYS)
        events.wait_for("work", "device-attach:usb", device=f"sys-usb:2-1:{STICK}")
        self.assertNotIn(b"device-pre-attach", events.data)

    def test_attached_when_the_qube_starts(self) -> None:
        self.start(QUBES)
        self.usb("Assign+" + ANY_STICK, "vault", self.AUTO)
        events = self.events()
        self.call("admin.vm.Start", "vault")
        events.wait_for("vault", "domain-start")
        events.wait_for("vault", "device-attach:usb")

    def ask(self, answer: str) -> dict[str, Any]:
        """Plug a stick that two qubes want; the agent gives this answer. Returns the question."""
        agent = self.top / "device-agent.GUI"
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.settimeout(LIMIT)
        listener.bind(str(agent))
        listener.listen()
        self.start(QUBES, "--device-agent", agent)
        for qube in ("work", "personal"):
            self.usb("Assign+" + ANY_STICK, qube, self.AUTO)
        self.control("unplug", qube="sys-usb", port="2-1")
        self.control("plug", qube="sys-usb", port="2-1", keys=STICK_KEYS)
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(LIMIT)
            data = b""
            while chunk := connection.recv(65536):
                data += chunk
            connection.sendall(answer.encode())
        header, _, question = data.partition(b"\0")
        self.assertEqual(b"device-agent.GUI dom0 name dom0", header)
        return json.loads(question)  # type: ignore[no-any-return]  # the assertions of callers tell

    def test_user_chooses_between_two(self) -> None:
        question = self.ask("allow:personal")
        self.assertEqual("sys-usb", question["source"])
        self.assertEqual("2-1", question["argument"])
        self.assertEqual(["work", "personal"], question["targets"])
        self.assertEqual("", question["default_target"])
        attached = lambda: self.usb("Attached", "personal") != b"0\0"
        self.wait_until(attached, "attach to personal")

    def test_user_refuses(self) -> None:
        self.ask("deny")
        # A later plug is handled after it.
        events = self.events()
        self.control("plug", qube="sys-usb", port="2-2", keys=CAMERA_KEYS)
        events.wait_for("sys-usb", "device-added:usb")
        self.assertNotIn(b"attachment", self.usb("Available", "sys-usb"))


class PciDevices(QubesdCase):
    CONTROLLER = "00_14.0:0x8086:0xa0ed::p0c0330"
    HEAD = (
        "device_id='0x8086:0xa0ed::p0c0330' port_id='00_14.0' devclass='pci' backend_domain='dom0' "
    )
    QUBES = {
        "sys-usb": {"pci": [CONTROLLER], "properties": {"virt_mode": "hvm"}},
        "sys-usb2": {"pci": ["00_14.0:*"]},
        "work": RUNNING,
    }

    def pci(self, call: str, dest: str) -> str:
        reply = self.call("admin.vm.device.pci." + call, dest)
        self.assertEqual(b"0\0", reply[:2])
        return reply[2:].decode()

    def test_what_qubes_get_and_what_dom0_has(self) -> None:
        self.start(self.QUBES)
        line = self.pci("Assigned", "sys-usb")
        self.assertTrue(
            line.startswith(f"dom0+{self.CONTROLLER} {self.HEAD}mode='required' "), line
        )
        self.assertTrue(
            self.pci("Assigned", "sys-usb2").startswith("dom0+00_14.0:* device_id='*' ")
        )
        self.assertEqual("", self.pci("Assigned", "work"))
        line = self.pci("Available", "dom0")
        self.assertTrue(line.startswith(f"{self.CONTROLLER} {self.HEAD}"), line)
        self.assertIn(" interfaces='p0c0330' _sbdf='0000:00:14.0'\n", line)
        self.assertEqual("", self.pci("Available", "sys-usb"))

    def test_before_4_3(self) -> None:
        self.start(self.QUBES, generation="4.2")
        self.assertEqual("dom0+00_14.0 persistent=yes\n", self.pci("List", "sys-usb"))
        self.assertEqual("", self.pci("List", "work"))
        self.assertTrue(
            self.pci("Available", "dom0").startswith("00_14.0 description=USB controller: ")
        )


class Release43(QubesdCase):
    """Protocol errors and refusals are empty answers."""

    generation = "4.3"

    def test_empty_answers(self) -> None:
        self.start(QUBES)
        self.call("admin.vm.device.denied.Add", "personal", b"u08****")
        for method, qube, payload in (
            ("Attach+sys-usb+9-9", "work", ""),
            ("Attach+" + FULL_STICK, "personal", ""),
            ("Attach+" + ANY_STICK, "personal", ""),
            ("Attach+" + ANY_STICK, "work", "mode='often'"),
            ("Set.assignment+" + ANY_STICK, "work", "sometimes"),
            ("Nonsense", "work", ""),
        ):
            with self.subTest(method, qube=qube, payload=payload):
                self.assertEqual(b"", self.usb(method, qube, payload))

    def test_frontend_ends(self) -> None:
        """The detach comes only with the backend's next change."""
        self.start(QUBES)
        self.usb("Attach+" + ANY_STICK, "work")
        events = self.events()
        self.call("admin.vm.Kill", "work")
        events.wait_for("work", "domain-shutdown")
        events.wait_for("sys-usb", "domain-qdb-change:/qubes-usb-devices")
        events.wait_for("work", "device-detach:usb", port="sys-usb:2-1")


class Release42(QubesdCase):
    generation = "4.2"

    def setUp(self) -> None:
        super().setUp()
        self.start(QUBES)

    def test_no_new_calls(self) -> None:
        self.assertEqual(b"", self.usb("Attached", "work"))
        self.assertEqual(b"", self.call("admin.vm.device.denied.List", "work"))
        self.assertNotIn(b"uuid=", self.call("admin.vm.List", "dom0"))

    def test_attach_of_what_is_not_there_answers_ok(self) -> None:
        events = self.events()
        self.assertEqual(b"0\0", self.usb("Attach+sys-usb+9-9", "work"))
        events.wait_for("work", "device-attach:usb", device="sys-usb:9-9", options="{}")

    def test_persistent(self) -> None:
        self.assertEqual(b"0\0", self.usb("Attach+" + ANY_STICK, "work", "persistent=True"))
        self.assertIn(b"attachment=work", self.usb("Available", "sys-usb"))
        self.assertTrue(self.usb("List", "work").endswith(b" persistent=yes\n"))
        reply = self.usb("Detach+" + ANY_STICK, "work")
        message = "Can not remove a persistent attachment from a non halted vm"
        self.assert_error(reply, "QubesVMNotHaltedError", message)
        self.assertEqual(b"0\0", self.usb("Set.persistent+" + ANY_STICK, "work", "False"))
        self.assertTrue(self.usb("List", "work").endswith(b" persistent=no\n"))
        self.assertEqual(b"0\0", self.usb("Detach+" + ANY_STICK, "work"))

    def test_persistent_for_a_halted_qube(self) -> None:
        self.assertEqual(b"0\0", self.usb("Attach+" + ANY_STICK, "vault", "persistent=yes"))
        self.assertTrue(self.usb("List", "vault").endswith(b" persistent=yes\n"))
        self.assertNotIn(b"attachment=vault", self.usb("Available", "sys-usb"))
        events = self.events()
        self.call("admin.vm.Start", "vault")
        events.wait_for("vault", "device-attach:usb", device="sys-usb:2-1")

    def test_detach_looks_at_the_backend(self) -> None:
        self.usb("Attach+sys-net+2-1", "work")
        reply = self.usb("Detach+sys-usb+2-1", "work")
        message = "'device 2-1 of class usb not attached to work'"
        self.assert_error(reply, "DeviceNotAttached", message)


class HostileDevices(QubesdCase):
    """What a device says of itself goes over the wire as the real server lets it."""

    def line(self, serial: str, interfaces: str = ":080650:", generation: str = "main") -> bytes:
        keys = {"desc": f"0951:1666 Maker Thing {serial}", "interfaces": interfaces}
        self.start({"sys-usb": backend(port_2_1=keys)}, generation=generation)
        return self.usb("Available", "sys-usb")

    def test_forged_pairs_in_the_head(self) -> None:
        reply = self.line(r"a\x20device_id=\x27EVIL\x27")
        head = b"0\x002-1:0951:1666:a device_id='EVIL':u080650 device_id='0951:1666:a device_id="
        self.assertTrue(reply.startswith(head + rb"\'EVIL\':u080650' port_id='2-1'"), reply)

    def test_backslash_at_the_end(self) -> None:
        self.assertIn(rb"serial='a\' ", self.line(r"a\x5c") + b" ")

    def test_equals_at_the_end(self) -> None:
        self.assertIn(b"serial='QUJD='", self.line("QUJD="))

    def test_unprintable_bytes(self) -> None:
        self.assertIn(b"serial='a____'", self.line(r"a\x0a\xc3\xa9\xzz"))

    def test_name_is_the_serial_number(self) -> None:
        self.assertIn(b"name='S1'", self.line("S1"))

    def test_interfaces_that_are_none(self) -> None:
        """The whole backend cannot be listed, and tells of no device."""
        reply = self.line("S1", ":08065x:")
        self.assertTrue(reply.startswith(b"2\0ProtocolError\0\0"), reply)
        events = self.events()
        self.control("plug", qube="sys-usb", port="2-2", keys={"desc": "x", "interfaces": ":zz:"})
        self.control("feature", qube="sys-usb", name="end", value="1")
        events.wait_for("sys-usb", "domain-feature-set:end")
        self.assertIn(b"device-list-change", events.data)
        self.assertNotIn(b"device-added", events.data)

    def test_interfaces_that_are_none_in_4_3(self) -> None:
        self.assertEqual(b"", self.line("S1", ":08065x:", generation="4.3"))

    def test_old_template_under_a_new_dom0(self) -> None:
        keys = {"desc": "0951:1666 Kingston_DataTraveler"}
        self.start({"sys-usb": backend(port_8_1=keys), "work": RUNNING})
        line = (
            b"0\x008-1:0000:0000::?****** device_id='0000:0000::?******' port_id='8-1' "
            b"devclass='usb' backend_domain='sys-usb'  interfaces='?******'\n"
        )
        self.assertEqual(line, self.usb("Available", "sys-usb"))
        self.assertEqual(b"0\0", self.usb("Attach+sys-usb+8-1+0000+0000++_______", "work"))

    def test_strange_names_and_frontends(self) -> None:
        devices = {"2-1": STICK_KEYS | {"connected-to": "../nobody"}, "x": STICK_KEYS}
        self.start({"sys-usb": RUNNING | {"devices": devices}})
        reply = self.usb("Available", "sys-usb")
        self.assertEqual(1, reply.count(b"\n"))
        self.assertNotIn(b"attachment", reply)


class Concurrency(QubesdCase):
    def test_a_slow_attach_blocks_nobody(self) -> None:
        self.start({**QUBES, "work": RUNNING | {"attach": {"seconds": 3600}}})
        events = self.events()
        threading.Thread(target=self._attach_until_dropped).start()
        events.wait_for("work", "device-pre-attach:usb")
        self.assertEqual(b"0\0", self.usb("Attach+sys-net+3-1", "personal"))
        self.control("drop")

    def _attach_until_dropped(self) -> None:
        try:
            self.usb("Attach+" + ANY_STICK, "work")
        except ConnectionResetError:
            return  # being dropped is what is waited for

    def test_delay(self) -> None:
        self.start(QUBES)
        self.control("delay", pattern="admin.vm.List@work", seconds=3600)
        late = socket.socket(socket.AF_UNIX)
        self.addCleanup(late.close)
        late.connect(str(self.socket))
        late.sendall(b"admin.vm.List+ dom0 name work\0")
        late.shutdown(socket.SHUT_WR)
        self.assertNotEqual(b"", self.call("admin.vm.List", "dom0"))
        late.setblocking(False)
        with self.assertRaises(BlockingIOError):
            late.recv(1)


class CommandLine(QubesdCase):
    def test_unknown_words_in_the_configuration(self) -> None:
        with self.assertRaisesRegex(AssertionError, "work: unknown colour"):
            self.start({"work": {"colour": "blue"}})

    def _end(self, server: Any) -> None:
        server.wait(LIMIT)

    def test_socket_is_gone_at_the_end(self) -> None:
        server = self.start({})
        self.assertTrue(Path(self.socket).exists())
        server.terminate()
        self.assertEqual(0, server.wait(LIMIT))
        self.assertFalse(Path(self.socket).exists())
