# SPDX-License-Identifier: GPL-2.0-or-later
"""The stand-in in the situations in which real servers of four releases were recorded."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from qubesdcase import (
    CAMERA_KEYS,
    HERE,
    RECEIVER_KEYS,
    STICK_KEYS,
    QubesdCase,
    pairs,
    parse_events,
)

FIXTURES = HERE.parents[1] / "fixtures/adminapi"

NEW_KEYS = {"1-1.4": RECEIVER_KEYS, "1-6": CAMERA_KEYS, "2-1": STICK_KEYS}
NEW_WEBCAM = {"desc": "046d:0825 Logitech Webcam ABC123", "interfaces": ":0e0100:010100:"}
OLD_KEYS = {
    "1-1.4": {"desc": "046d:c52b Logitech_USB_Receiver"},
    "1-6": {"desc": "04f2:b604 Chicony_Electronics_Co._Ltd._Integrated_Camera_0001"},
    "2-1": {"desc": "0951:1666 Kingston_DataTraveler_3.0_60A44C413FAE2140A9731F1E"},
}
OLD_WEBCAM = {"desc": "046d:0825 Logitech_Webcam_ABC123"}

RUNNING = {"state": "Running", "label": "red"}


def qubes(devices: dict[str, Any], uuids: dict[str, str]) -> dict[str, Any]:
    """Those of the recording. The identities that cannot be computed are taken from it."""
    made: dict[str, dict[str, Any]] = {
        "fedora-40-xfce": {"klass": "TemplateVM", "label": "black"},
        "default-dvm": {"template": "fedora-40-xfce", "properties": {"template_for_dispvms": True}},
        "hidden": RUNNING | {"features": {"internal": "1"}},
        "paused-vm": {"state": "Paused"},
        "personal": RUNNING,
        "sys-gui": RUNNING,
        "sys-net": RUNNING,
        "sys-usb": RUNNING | {"features": {"servicevm": "1"}, "devices": devices},
        "sys-usb2": {},
        "vault": {},
        "win11": RUNNING | {"klass": "StandaloneVM"},
        "work": {
            "state": "Running",
            "label": "blue",
            "template": "fedora-40-xfce",
            "qid": 6,
            # What the recording's libvirt and kernels were made to say.
            "defaults": {
                "kernel": "1.0",
                "mac": "00:16:3e:5e:6c:00",
                "start_time": "1700000000.5",
                "xid": 104,
            },
        },
    }
    return {name: {**entry, "uuid": uuids.get(name, "")} for name, entry in made.items()}


class Recorded(QubesdCase):
    def setUp(self) -> None:
        super().setUp()
        self.folder = Path()
        self.maxDiff = None

    def play(self, release: str) -> None:
        self.folder = FIXTURES / release
        index = json.loads((self.folder / "index.json").read_text(encoding="utf-8"))
        legacy = release in ("4.1", "4.2")
        listed = (self.folder / "01-vm-list.reply").read_text(encoding="utf-8")
        uuids = dict(re.findall(r"^(?:0\0)?(\S+) .* uuid=(\S+)$", listed, re.MULTILINE))
        uuids["work"] = "8f8f9c29-bbf0-5582-bc4e-d584e583a319"
        self.start(
            qubes(OLD_KEYS if legacy else NEW_KEYS, uuids),
            generation=release,
            properties={"default_dispvm": "default-dvm"},
        )
        events = self.events()
        for call in index["calls"]:
            name = call["file"][3:]
            self.prepare(name, OLD_WEBCAM if legacy else NEW_WEBCAM)
            reply = self.call(call["method"], call["dest"], call["payload"].encode())
            recorded = (self.folder / call["file"]).read_bytes()
            with self.subTest(call["file"]):
                self.compare(name, recorded, reply)
        self.control("unplug", qube="sys-usb", port="3-2")
        recorded = (self.folder / "events.stream").read_bytes()
        seen = events.read_bytes(len(recorded))
        self.assertEqual(parse_events(recorded), parse_events(seen))
        self.assertEqual(recorded, seen)

    def prepare(self, name: str, webcam: dict[str, str]) -> None:
        """What was done to the world before this call."""
        if name == "attach-service-failed.reply":
            text = "Attach timeout, check kernel log for details.\n"
            self.control("service", qube="work", attach={"exit": 1, "stderr": text})
        elif name == "attach-proxy-missing.reply":
            self.control("service", qube="work", attach={"exit": 127})
        elif name == "available-after-plug.reply":
            self.control("plug", qube="sys-usb", port="3-2", keys=webcam)

    def compare(self, name: str, recorded: bytes, reply: bytes) -> None:
        """By bytes, but for what the real server orders or counts at random."""
        if name == "state-work.reply":
            number = re.compile(rb"=[0-9]+")
            self.assertEqual(number.sub(b"=N", recorded), number.sub(b"=N", reply))
        elif name == "deviceclass-list.reply":
            wanted = set(recorded.splitlines()) - {b"testclass"}
            self.assertEqual(
                {c.lstrip(b"0\0") for c in wanted}, {c.lstrip(b"0\0") for c in reply.splitlines()}
            )
        elif name.startswith("available-sys-usb") or name.startswith("available-a"):
            self.assertEqual(words(recorded), words(reply))
            self.assertEqual(len(recorded), len(reply))
        else:
            self.assertEqual(recorded, reply)

    def test_release_4_1(self) -> None:
        self.play("4.1")

    def test_release_4_2(self) -> None:
        self.play("4.2")

    def test_release_4_3(self) -> None:
        self.play("4.3")

    def test_main(self) -> None:
        self.play("main")


def words(reply: bytes) -> list[tuple[str, list[str], str]]:
    """Of each line the head, what may come in any order, and the rest."""
    lines = reply.removeprefix(b"0\0").decode().splitlines()
    parts = []
    for line in lines:
        if " device_id='" in line:
            head, _, rest = line.partition(" device_id=")
            tail = re.search(r"( attachment='[a-z]+')? interfaces='[^']*'$", line)
            assert tail is not None, line
            parts.append((head, pairs("device_id=" + rest), tail.group()))
        else:
            head, _, rest = line.partition(" description=")
            parts.append((head.split()[0], sorted(head.split()[1:]), rest))
    return parts
