# SPDX-License-Identifier: GPL-2.0-or-later
"""What must be refused is: with a sentence that helps, and nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from enginecase import ALLOW_ALL, EngineCase, wait_for


class Refusals(EngineCase):
    @contextmanager
    def nothing_changes(self) -> Iterator[None]:
        """The drivers of all devices and interfaces are the same before and after."""
        # Otherwise loaded by a machine's first attach, with hubs of its own. One test has it missing.
        self.frontend.run("modprobe vhci-hcd")
        before = (self.backend.drivers(), self.frontend.drivers())
        yield
        self.assert_clean()
        self.assertEqual((self.backend.drivers(), self.frontend.drivers()), before)

    def test_malformed_requests(self) -> None:
        self.backend.plug("stick", port=1)
        with self.nothing_changes():
            for request in (
                "",
                "sys-usb",
                "sys-usb 2-1:1.0",
                "sys-usb 2-1 extra",
                "sys-usb  2-1",
                " sys-usb 2-1",
                "sys-usb 2-1 ",
                "sys-usb\t2-1",
                "sys-usb ../2-1",
                "sys-usb 2-1/../2-1",
                "../sys-usb 2-1",
                "sys/usb 2-1",
                "-sys-usb 2-1",
                "--help 2-1",
                "sys-usb --help",
                "sys-usb usb1",
                "sys-usb 0-0",
                "sys-usb 02-1",
                "sys-usb 2-1.",
                "sys-usb 2-",
                "sys-usb 0x46f4:0x0001",
                "sys-usb 0x46F.0x0001",
                "sys-usb 46f4.0001",
                "sys-usb 2-1\0",
                "sys-usb 2-" + "1." * 20 + "1",
                "s" * 40 + " 2-1",
                "x" * 5000,
                "sys-usb 2-1\N{LATIN SMALL LETTER E WITH ACUTE}",
            ):
                with self.subTest(request=request[:60]):
                    self.assert_refused(self.frontend.service("qubes.USBAttach", request), 2)
                    # In the backend, one word that is a device is a request.
                    self.assert_refused(self.frontend.service("qubes.USBDetach", request), 2)

    def test_interface_says_whole_device(self) -> None:
        self.backend.plug("stick", port=1)
        with self.nothing_changes():
            call = self.lab.dom0(
                "qvm-run -p -u root sys-usb '/usr/bin/qubes-usb-engine export 2-1:1.0'"
            )
            self.assert_refused(call, 2, "2-1:1.0", "whole device")

    def test_hub(self) -> None:
        hub = self.backend.plug("hub", port=1)
        self.backend.plug("mouse", port="1.1")
        with self.nothing_changes():
            self.assert_refused(self.attach(hub), 7, "sys-usb", "1-1", "hub", "behind it")

    def test_no_such_device(self) -> None:
        with self.nothing_changes():
            self.assert_refused(self.attach("2-9"), 7, "sys-usb:2-9", "no USB device 2-9")
            self.assert_refused(self.attach("0x1234.0x5678"), 7, "no USB device 0x1234.0x5678")

    def test_two_devices_of_one_kind(self) -> None:
        self.backend.plug("stick", port=1)
        self.backend.plug("stick", port=2)
        with self.nothing_changes():
            self.assert_refused(
                self.attach("0x46f4.0x0001"), 7, "2 devices match", "2-1", "2-2", "port"
            )

    def test_mounted_stick(self) -> None:
        stick = self.backend.plug("stick", port=1, filesystem="ext4")
        self.backend.wait("test -b /dev/sda")
        self.backend.check('mkdir -p "/mnt/my disk" && mount /dev/sda "/mnt/my disk"')
        try:
            with self.nothing_changes():
                self.assert_refused(
                    self.attach(stick), 7, "/dev/sda", "mounted at /mnt/my disk", "unmount"
                )
            self.backend.check('echo still here >"/mnt/my disk/file" && sync')
        finally:
            self.backend.check('umount "/mnt/my disk"')

    def test_stick_mounted_in_another_namespace_only(self) -> None:
        stick = self.backend.plug("stick", port=1, filesystem="ext4")
        self.backend.wait("test -b /dev/sda")
        # Detached from its place, the mount lives on as somebody's working directory.
        holder = "mount /dev/sda /mnt && cd /mnt && umount -l /mnt && echo ready && exec sleep 600"
        process = self.backend.popen(holder, stdin=-1, stdout=-1)
        try:
            self.assertEqual(process.stdout.readline(), b"ready\n")
            with self.nothing_changes():
                self.assert_refused(self.attach(stick), 7, "/dev/sda", "in use")
        finally:
            self.backend.run("pkill -x sleep")
            process.communicate(timeout=60)

    def test_swap(self) -> None:
        stick = self.backend.plug("stick", port=1)
        self.backend.wait("test -b /dev/sda")
        self.backend.check("mkswap /dev/sda >/dev/null && swapon /dev/sda")
        try:
            with self.nothing_changes():
                self.assert_refused(self.attach(stick), 7, "/dev/sda", "swap")
        finally:
            self.backend.check("swapoff /dev/sda")

    def test_in_use_by_another_qube(self) -> None:
        stick = self.backend.plug("stick", port=1)
        personal = self.lab["personal-usb"]
        self.prepare(personal)
        self.assert_ok(self.attach(stick, personal))
        self.assert_refused(
            self.attach(stick), 7, "sys-usb:2-1", "work-usb", "in use by qube personal-usb"
        )
        self.assertEqual(self.connected_to(stick), "personal-usb")
        self.assertEqual(personal.driver(self.local_busid(stick, personal)), "usb")
        self.assert_ok(self.detach(stick, personal))

    def test_attached_here_already(self) -> None:
        stick = self.backend.plug("stick", port=1)
        self.assert_ok(self.attach(stick))
        self.assert_refused(self.attach(stick), 5, "sys-usb:2-1", "already")
        self.assert_refused(self.attach(stick.vid_pid), 7, "in use by qube work-usb")
        self.assertEqual(self.frontend.driver(self.local_busid(stick)), "usb")
        self.assert_ok(self.detach(stick))

    def test_imported_device(self) -> None:
        """A device that a qube has from another one is not passed on from there."""
        stick = self.backend.plug("stick", port=1)
        self.assert_ok(self.attach(stick))
        local = self.local_busid(stick)
        before = self.frontend.drivers()
        back = self.backend.service("qubes.USBAttach", f"work-usb {local}")
        self.assert_refused(back, 7, f"work-usb:{local}", "attached from another qube")
        self.assertEqual(self.frontend.drivers(), before)
        self.assert_ok(self.detach(stick))

    def test_unknown_backend_and_policy(self) -> None:
        stick = self.backend.plug("stick", port=1)
        with self.nothing_changes():
            unknown = self.frontend.service("qubes.USBAttach", "no-such-qube 2-1")
            self.assert_refused(unknown, 126, "no-such-qube", "policy")
            self.lab.policy("qubes.USB +2-2 work-usb sys-usb allow\n")
            self.assert_refused(self.attach(stick), 126, "sys-usb", "policy", "qubes.USB+2-1")
        self.lab.policy(ALLOW_ALL)

    def test_engine_missing_in_backend(self) -> None:
        self.backend.plug("stick", port=1)
        self.backend.check("mv /etc/qubes-rpc/qubes.USB /root/")
        try:
            with self.nothing_changes():
                self.assert_refused(self.attach("2-1"), 7, "sys-usb", "install qubes-usb-engine")
        finally:
            self.backend.check("mv /root/qubes.USB /etc/qubes-rpc/")

    def test_module_missing(self) -> None:
        """Hidden in a machine that has not loaded it yet: to unload usbip-host crashes 6.1."""
        for qube, module, words in (
            (self.frontend, "vhci-hcd", ("vhci_hcd", "kernel-modules-extra")),
            (self.backend, "usbip-host", ("sys-usb says", "usbip_host")),
        ):
            with self.subTest(module=module):
                self._unplug_all()
                qube.restart()
                self.prepare(qube)
                stick = self.backend.plug("stick", port=1)
                path = qube.check(f"find /lib/modules -name {module}.ko*").strip()
                qube.check(f"mv {path} /root/ && depmod")
                try:
                    with self.nothing_changes():
                        result = self.attach(stick)
                        self.assert_refused(result, 7 if qube is self.backend else 6, *words)
                    check = qube.run("qubes-usb-engine check")
                    self.assertEqual(check.rc, 6)
                    self.assertRegex(check.out, rf"MISSING .*{module.replace('-', '_')}")
                finally:
                    qube.check(f"mv /root/{path.rsplit('/', 1)[1]} {path} && depmod")
                self.assert_ok(self.attach(stick))
                self.assert_ok(self.detach(stick))

    def test_no_free_port(self) -> None:
        """All high-speed ports of the frontend are taken, by connections that nobody answers."""
        mouse = self.backend.plug("mouse")
        self.frontend.check("modprobe vhci-hcd")
        self.frontend.write_file("/root/fill.sh", FILL_PORTS, 0o755)
        filler = self.frontend.popen("/root/fill.sh", stdin=-1, stdout=-1)
        try:
            self.assertEqual(filler.stdout.readline(), b"full\n")
            self.assert_refused(self.attach(mouse), 5, "ports", "USB 2", "detach")
            self.assertEqual(self.backend.driver(mouse.busid), "usb")
        finally:
            filler.stdin.close()
            filler.wait(timeout=120)
        self.assert_clean()
        # The kernel gives up on the devices that never answered one after the other, and only then looks at another.
        wait_for(lambda: self.attach(mouse).rc == 0, 240, "the mouse is attached")
        self.assert_ok(self.detach(mouse))


# Holds a connection on each free high-speed port until its stdin ends. Written after the format of
# the "attach" file of drivers/usb/usbip/vhci_sysfs.c: port, descriptor, device number, speed.
FILL_PORTS = """#!/bin/sh
vhci=/sys/devices/platform/vhci_hcd.0
ports=$(cat $vhci/status* | sed -n 's/^hs *0*\\([0-9][0-9]*\\) 004.*/\\1/p')
for port in $ports; do printf '%u 0 131072 3' "$port" >$vhci/attach || exit; done
echo full
read -r _
# All share one socket: the first that goes takes the others along, whose detach fails then.
for port in $ports; do echo "$port" 2>/dev/null >$vhci/detach; done
exit 0
"""


class BadBackends(EngineCase):
    """The backend's service is replaced by one that talks nonsense."""

    def setUp(self) -> None:
        super().setUp()
        self.backend.check("mv /etc/qubes-rpc/qubes.USB /root/")
        self.addCleanup(lambda: self.backend.check("mv /root/qubes.USB /etc/qubes-rpc/"))

    def say(self, script: str) -> None:
        self.backend.write_file("/etc/qubes-rpc/qubes.USB", f"#!/bin/sh\n{script}\n", 0o755)

    def test_nonsense_instead_of_the_line(self) -> None:
        for text, words in (
            ("131073 9999", ("no valid speed",)),
            ("131073", ("no speed",)),
            ("131073 unknown", ("no valid speed",)),
            ("0 480", ("no valid device number",)),
            ("-1 480", ("no valid device number",)),
            ("4294967296 480", ("no valid device number",)),
            ("0x20001 480", ("no valid device number",)),
            ("", ("an empty line",)),
            ("\\0001\\0002\\0377 480", ("unprintable",)),
            ("<b>131073</b> 480", ("no valid device number",)),
            ("1" * 200, ("too long",)),
        ):
            with self.subTest(text=text[:40]):
                self.say(f"printf '%b\\n' '{text}'; exec cat >/dev/null")
                self.assert_refused(self.attach("2-1"), 7, "sys-usb:2-1", *words)
                self.assert_clean()

    def test_megabytes_without_a_line_end(self) -> None:
        self.say("exec head -c 8000000 /dev/zero")
        self.assert_refused(self.attach("2-1"), 7, "sys-usb", "too long")
        self.assert_clean()

    def test_early_end(self) -> None:
        for script in ("exit 0", "exit 1", "printf 1310", "kill -9 $$"):
            with self.subTest(script=script):
                self.say(script)
                self.assert_refused(self.attach("2-1"), 7, "sys-usb")
                self.assert_clean()

    def test_reason_is_passed_on_clean_and_bounded(self) -> None:
        self.say(
            "printf 'first line\\nthe \\033[31mreason\\033[0m\\377 with a %% and \\001\\n' >&2; exit 1"
        )
        result = self.attach("2-1")
        self.assert_refused(
            result, 7, "sys-usb says: first line; the _[31mreason_[0m_ with a % and _"
        )
        # With a line end between: random bytes have one every 256, and a line that is too long is cut at its end.
        self.say("{ head -c 300000 /dev/urandom; echo; echo at the end; } >&2; exit 1")
        result = self.attach("2-1")
        self.assert_refused(result, 7, "at the end")
        self.assertLess(len(result.err), 600)
        self.assert_clean()

    def test_silence_ends_at_a_deadline(self) -> None:
        self.say("exec sleep 600")
        result = self.attach("2-1")
        self.assert_refused(result, 8, "sys-usb:2-1", "did not answer in time")
        self.backend.run("pkill -x sleep")
        self.assert_clean()

    def test_a_line_and_then_silence(self) -> None:
        """The kernel gets no answer to its first request: the attach must end all the same."""
        self.say("kill -USR1 $QREXEC_AGENT_PID; printf '131073 480\\n' >&0; exec sleep 600")
        result = self.attach("2-1")
        self.assert_refused(result, 8, "sys-usb:2-1", "does not answer")
        self.backend.run("pkill -x sleep")
        self.assert_clean()

    def test_a_line_and_then_garbage(self) -> None:
        self.say(
            "kill -USR1 $QREXEC_AGENT_PID; printf '131073 480\\n' >&0; "
            "head -c 4800 /dev/urandom >&0; exec cat <&0 >/dev/null"
        )
        self.assert_refused(self.attach("2-1"), 7, "sys-usb:2-1", "ended")
        self.assert_clean()
