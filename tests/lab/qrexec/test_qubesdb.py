# SPDX-License-Identifier: GPL-2.0-or-later
"""QubesDB: the commands in a qube and on the host, limits, watches, lifetime of the keys."""

import os
import signal
import socket
import unittest
from typing import Optional

from labcase import LIMIT, LabCase, Result, decode


class QubesDb(LabCase):
    def db(self, command: str, *arguments: str, qube: Optional[str] = None) -> Result:
        """On the host with -d when a qube is named, else inside sys."""
        words = [str(self.bin / f"qubesdb-{command}"), *(["-d", qube] if qube else []), *arguments]
        return self.run_command(
            words, env={"QUBES_LAB_QUBESDB": str(self.root("sys") / "run/lab/qubesdb")}
        )

    def test_write_read_remove(self) -> None:
        desc = r"0951:1666 Kingston DataTraveler\x203.0 "
        self.assertEqual(
            self.db("write", "/qubes-usb-devices/2-1/desc", desc, "/qubes-usb-devices", "").code, 0
        )
        self.assertEqual(self.db("read", "/qubes-usb-devices/2-1/desc").out.decode(), desc + "\n")
        self.assertEqual(
            self.db("read", "/qubes-usb-devices/2-1/desc", qube="sys").out.decode(), desc + "\n"
        )
        self.assertEqual(self.db("read", "/qubes-usb-devices").out, b"\n")
        missing = self.db("read", "/qubes-usb-devices/2-1/desc", qube="work")
        self.assertEqual(
            (missing.code, missing.err), (1, b"Failed to read /qubes-usb-devices/2-1/desc\n")
        )
        self.assertEqual(self.db("rm", "/qubes-usb-devices/2-1/desc").code, 0)
        gone = self.db("rm", "/qubes-usb-devices/2-1/desc")
        self.assertEqual(
            (gone.code, gone.err), (1, b"Failed to remove /qubes-usb-devices/2-1/desc\n")
        )
        self.assertEqual(self.db("rm", "-q", "/qubes-usb-devices/2-1/desc").err, b"")

    def test_a_path_that_ends_in_a_slash_removes_all_below(self) -> None:
        self.db("write", "/t/1/a", "1", "/t/1/b", "2", "/t/10/a", "3")
        self.assertEqual(self.db("rm", "/t/1/").code, 0)
        self.assertEqual(self.db("list", "-f", "/t/").out, b"/t/10/a\n")

    def test_list_and_multiread(self) -> None:
        self.db("write", "/l/b", "2", "/l/a", "1", "/other", "3")
        self.assertEqual(self.db("list", "/l/").out, b"a\nb\n")
        self.assertEqual(self.db("list", "-f", "/l/").out, b"/l/a\n/l/b\n")
        self.assertEqual(self.db("multiread", "/l/").out, b"a = 1\nb = 2\n")
        self.assertEqual(self.db("multiread", "-f", "/l/", qube="sys").out, b"/l/a = 1\n/l/b = 2\n")
        self.assertEqual(self.db("list", "/nothing/").out, b"")

    def test_values_are_shown_printable_unless_raw(self) -> None:
        value = "tab\tnl\nbackslash\\ é"
        self.db("write", "/v", value)
        self.assertEqual(self.db("read", "/v").out, b"tab\\x09nl\\x0abackslash\\ \\xc3\\xa9\n")
        self.assertEqual(self.db("read", "-r", "/v").out, value.encode() + b"\n")
        self.assertEqual(self.db("read", "-f", "/v").out[:5], b"/v = ")
        command = [str(self.bin / "qubesdb-cmd"), "-d", "sys", "-r", "-c", "read", "/v"]
        self.assertEqual(self.run_command(command).out, value.encode() + b"\n")

    def test_limits(self) -> None:
        longest = "/" + "p" * 62
        self.assertEqual(self.db("write", longest, "v").code, 0)
        self.assertEqual(self.db("write", longest + "p", "v").code, 1)
        self.assertEqual(self.db("write", "/big", "v" * 3072).code, 0)
        too_big = self.db("write", "/big", "w" * 3073)
        self.assertEqual((too_big.code, too_big.err), (1, b"Failed to write /big\n"))
        self.assertEqual(self.db("read", "/big").out, b"v" * 3072 + b"\n")
        for path in ("/blank space", "/semi;colon", "/ünï", "relative", "/folder/"):
            with self.subTest(path):
                self.assertEqual(self.db("write", path, "v").code, 1)
        self.assertEqual(self.db("write", "/odd").code, 1)

    def watch(self, *paths: str, count: int = 1) -> socket.socket:
        """A watching connection of the host, with the watches in place."""
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(LIMIT)
        self.addCleanup(connection.close)
        connection.connect(str(self.state / "qubesdb.sock"))
        connection.sendall(
            b"qubesdb\tsys\n" + b"".join(f"watch\t{path}\n".encode() for path in paths)
        )
        answers = b""
        while answers.count(b"\n") < len(paths) * count:
            answers += connection.recv(100)
        self.assertEqual(answers, b"ok\n" * len(paths))
        return connection

    def lines(self, connection: socket.socket, count: int) -> list[list[str]]:
        data = b""
        while data.count(b"\n") < count:
            data += connection.recv(4096)
        return [decode(line) for line in data.decode().splitlines()]

    def test_a_watch_fires_for_exactly_its_path(self) -> None:
        connection = self.watch("/qubes-usb-devices")
        self.db("write", "/qubes-usb-devices/2-1/desc", "x")
        self.db("write", "/qubes-usb-devices", "")
        self.db("rm", "/qubes-usb-devices/2-1/")
        self.db("write", "/qubes-usb-devices", "")
        self.assertEqual(self.lines(connection, 2), [["changed", "/qubes-usb-devices"]] * 2)

    def test_a_watch_with_a_slash_fires_for_all_below(self) -> None:
        connection = self.watch("/w/")
        self.db("write", "/w/a", "1", "/wx", "2", "/w/b/c", "3")
        self.db("rm", "/w/a")
        self.assertEqual(
            self.lines(connection, 3),
            [["changed", "/w/a"], ["changed", "/w/b/c"], ["changed", "/w/a"]],
        )

    def test_watch_command(self) -> None:
        command = [str(self.bin / "qubesdb-watch"), "-d", "sys", "-n", "2", "/watched"]
        watching = self.start_command(command)
        assert watching.stdout
        # It says nothing when it is ready, so the first write may come too early.
        while watching.poll() is None:
            self.db("write", "/watched", "x")
        self.assertEqual(watching.stdout.read(), b"/watched\n" * 2)

    def test_waiting_read(self) -> None:
        command = [str(self.bin / "qubesdb-read"), "-d", "sys", "-w", "/later"]
        waiting = self.start_command(command)
        self.db("write", "/later", "now")
        out, _ = waiting.communicate(timeout=LIMIT)
        self.assertEqual((out, waiting.returncode), (b"now\n", 0))

    def test_no_daemon(self) -> None:
        command = [str(self.bin / "qubesdb-read"), "/x"]
        result = self.run_command(command, env={"QUBES_LAB_QUBESDB": "/nonexistent"})
        self.assertEqual((result.code, result.err), (1, b"Failed connect to local daemon\n"))

    def test_events_tell_of_every_change(self) -> None:
        self.db("write", "/seen/by/all", "1", qube="work")
        self.events.wait_for("changed", "work", "/seen/by/all")

    def test_keys_survive_the_agent_and_vanish_with_the_machine(self) -> None:
        self.db("write", "/kept", "1")
        self.kill_agent("sys")
        self.assertEqual(self.db("read", "/kept", qube="sys").out, b"1\n")
        self.start_qube("sys")
        self.assertEqual(self.db("read", "/kept").out, b"1\n")
        machine = self.machine_pid("sys")
        assert machine
        self.kill_agent("sys")
        os.kill(machine, signal.SIGKILL)
        self.events.wait_for("machine-down", "sys")
        self.assertEqual(self.db("read", "/kept", qube="sys").code, 1)
        self.start_qube("sys")
        self.assertEqual(self.db("list", "/kept").out, b"")


class Broker(LabCase):
    def test_stops_cleanly_and_leaves_no_socket(self) -> None:
        self.service("sys", "test.Wait", "#!/bin/sh\necho up\nread line\n")
        call = self.start_command(self.client_vm_command("sys", "test.Wait"))
        assert call.stdout
        self.assertEqual(call.stdout.readline(), b"up\n")
        broker = self._processes.pop("broker")
        broker.terminate()
        self.assertEqual(broker.wait(LIMIT), 0)
        for name in ("broker.port", "broker.sock", "qubesdb.sock"):
            self.assertFalse(os.path.lexists(self.state / name), name)
        # Its end is a lost vchan for every call.
        self.assertEqual(call.wait(LIMIT), 255)


if __name__ == "__main__":
    unittest.main()
