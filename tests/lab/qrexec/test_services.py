# SPDX-License-Identifier: GPL-2.0-or-later
"""Lookup and configuration of services, socket services, calls without signals, names and sizes, policy, dom0."""

import os
import pwd
import socket
import threading
import unittest

from labcase import LIMIT, LabCase, pattern

FOLDERS = ("run/qubes-rpc", "usr/local/etc/qubes-rpc", "etc/qubes-rpc")
CONFIGS = ("run/qubes/rpc-config", "usr/local/etc/qubes/rpc-config", "etc/qubes/rpc-config")


class Lookup(LabCase):
    def test_order_of_folders_and_names(self) -> None:
        # From the least to the most preferred; each newly added one wins.
        for name in ("test.Order", "test.Order+x"):
            for folder in reversed(FOLDERS):
                self.service("sys", name, f"#!/bin/sh\necho {name} {folder}\n", folder=folder)
                with self.subTest(name=name, folder=folder):
                    self.assertEqual(
                        self.client_vm("sys", "test.Order+x").out.decode(), f"{name} {folder}\n"
                    )
        self.assertEqual(
            self.client_vm("sys", "test.Order+y").out.decode(), f"test.Order {FOLDERS[0]}\n"
        )

    def test_a_name_too_long_for_a_file_is_looked_for_without_argument(self) -> None:
        self.service("sys", "test.Long", '#!/bin/sh\nprintf %s "$1" | wc -c\n')
        for size in (245, 246, 300, 5000):
            with self.subTest(size=size):
                result = self.client_vm("sys", "test.Long+" + "a" * size)
                self.assertEqual((result.code, result.out.strip()), (0, str(size).encode()))

    def test_symlinks_are_followed(self) -> None:
        target = self.service("sys", "real", "#!/bin/sh\necho linked\n", folder="opt")
        link = self.root("sys") / "etc/qubes-rpc/test.Link"
        link.symlink_to(target)
        self.addCleanup(link.unlink)
        self.assertEqual(self.client_vm("sys", "test.Link").out, b"linked\n")


class Configuration(LabCase):
    def setUp(self) -> None:
        self.service("sys", "test.Who", "#!/bin/sh\nid -un\n")

    def call(self, argument: str = "") -> tuple[int, str]:
        result = self.client_vm("sys", "test.Who" + argument)
        return result.code, result.out.decode().strip()

    def test_force_user(self) -> None:
        self.config("sys", "test.Who", "force-user='nobody'\n")
        self.assertEqual(self.call(), (0, "nobody"))

    def test_comments_and_blanks_are_fine(self) -> None:
        self.config(
            "sys",
            "test.Who",
            "# a comment\n\nforce-user = 'nobody'  # why\nwait-for-session = false\n",
        )
        self.assertEqual(self.call(), (0, "nobody"))

    def test_unknown_keys_are_only_logged(self) -> None:
        self.config("sys", "test.Who", "force-user='nobody'\nfuture-thing=true\n")
        self.assertEqual(self.call(), (0, "nobody"))

    def test_what_fails_the_whole_call(self) -> None:
        for name, text in {
            "double quotes": 'force-user="nobody"\n',
            "bare word": "force-user=nobody\n",
            "leading blank": " force-user='nobody'\n",
            "duplicate key": "force-user='nobody'\nforce-user='nobody'\n",
            "number": "force-user='65534'\n",
            "unknown user": "force-user='nosuchuser'\n",
            "unterminated": "force-user='nobody\n",
            "no value": "force-user\n",
            "socket setting": "force-user='nobody'\nskip-service-descriptor=true\n",
            "client eof": "force-user='nobody'\nexit-on-client-eof=true\n",
            "not a truth value": "wait-for-session=perhaps\n",
        }.items():
            with self.subTest(name):
                self.config("sys", "test.Who", text)
                self.assertEqual(self.call(), (125, ""))

    def test_socket_settings_on_an_executable_are_ignored(self) -> None:
        self.config("sys", "test.Who", "skip-service-descriptor=true\n")
        self.assertEqual(self.call(), (0, "root"))

    def test_only_the_first_file_counts(self) -> None:
        self.config("sys", "test.Who", "force-user='nobody'\n")
        self.assertEqual(self.call("+x"), (0, "nobody"))
        self.config("sys", "test.Who+x", "wait-for-session=false\n")
        self.assertEqual(self.call("+x"), (0, "root"))
        self.assertEqual(self.call("+y"), (0, "nobody"))
        for user, folder in zip(("daemon", "games"), reversed(CONFIGS[:2])):
            pwd.getpwnam(user)
            self.config("sys", "test.Who", f"force-user='{user}'\n", folder=folder)
            self.assertEqual(self.call("+y"), (0, user))

    def test_wait_for_session_runs_first_and_its_failure_does_not_matter(self) -> None:
        seen = self.top / "reports/session"
        self.service(
            "sys", "qubes.WaitForSession", f"#!/bin/sh\nread user; echo $user > {seen}\nexit 1\n"
        )
        self.config("sys", "test.Who", "wait-for-session=1\n")
        self.assertEqual(self.call(), (0, "root"))
        self.assertEqual(seen.read_text(encoding="ascii"), "root\n")


class SocketServices(LabCase):
    with_dom0 = True

    def listen(self, qube: str, name: str) -> socket.socket:
        path = self.root(qube) / "etc/qubes-rpc" / name
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.settimeout(LIMIT)
        listener.bind(str(path))
        listener.listen()
        self.addCleanup(path.unlink, missing_ok=True)
        self.addCleanup(listener.close)
        return listener

    def serve(self, listener: socket.socket, answer: bytes = b"") -> list[bytes]:
        """One connection in the background: reads to EOF, answers, closes. Gives the place where the data will be."""
        got: list[bytes] = []

        def run() -> None:
            peer, _ = listener.accept()
            with peer:
                peer.settimeout(LIMIT)
                data = b""
                while part := peer.recv(65536):
                    data += part
                got.append(data)
                peer.sendall(answer)

        thread = threading.Thread(target=run)
        thread.start()
        self.addCleanup(thread.join)
        return got

    def test_gets_the_descriptor_then_the_data(self) -> None:
        got = self.serve(self.listen("sys", "test.Socket"), b"answer")
        result = self.client_vm("sys", "test.Socket+2-1", data=b"question")
        self.assertEqual((result.code, result.out, result.err), (0, b"answer", b""))
        self.assertEqual(got, [b"test.Socket+2-1 work\0question"])

    def test_skip_service_descriptor(self) -> None:
        self.config("sys", "test.Socket", "skip-service-descriptor=true\n")
        got = self.serve(self.listen("sys", "test.Socket"), b"answer")
        result = self.client_vm("sys", "test.Socket", data=b"question")
        self.assertEqual((result.out, got), (b"answer", [b"question"]))

    def test_exit_on_client_eof_loses_later_answers(self) -> None:
        self.config("sys", "test.Socket", "exit-on-client-eof=true\n")
        listener = self.listen("sys", "test.Socket")
        call = self.start_command(self.client_vm_command("sys", "test.Socket"), stdin=-3)
        peer, _ = listener.accept()
        with peer:
            self.assertEqual(call.wait(LIMIT), 0)
            self.assertEqual(call.stdout.read() if call.stdout else None, b"")

    def test_nobody_listens(self) -> None:
        self.listen("sys", "test.Socket").close()
        self.assertEqual(self.client_vm("sys", "test.Socket").code, 125)

    def test_tcp_symlink(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        listener.settimeout(LIMIT)
        link = self.root("sys") / "etc/qubes-rpc/test.Tcp"
        link.symlink_to(f"/dev/tcp/127.0.0.1/{listener.getsockname()[1]}")
        self.addCleanup(link.unlink)
        self.config("sys", "test.Tcp", "skip-service-descriptor=true\n")
        got = self.serve(listener, b"over tcp")
        result = self.client_vm("sys", "test.Tcp", data=b"x")
        self.assertEqual((result.out, got), (b"over tcp", [b"x"]))

    def test_dom0_socket_gets_the_requested_target(self) -> None:
        # As the Admin API is reached: the header is written by qrexec.
        for target, header in (
            ("dom0", b"name dom0"),
            ("@adminvm", b"keyword adminvm"),
            ("$adminvm", b"keyword adminvm"),
        ):
            with self.subTest(target=target):
                got = self.serve(self.listen("dom0", "admin.vm.List"), b"0\x00")
                result = self.client_vm(target, "admin.vm.List")
                self.assertEqual((result.code, result.out), (0, b"0\x00"))
                self.assertEqual(got, [b"admin.vm.List+ work " + header + b"\0"])

    def test_dom0_executable_has_no_agent_pid_and_a_log_file(self) -> None:
        report = self.probe_service(
            "dom0", "test.Dom0", "env", "fds", "write,1,out", "write,2,to the log"
        )
        result = self.client_vm("@adminvm", "test.Dom0+a")
        self.assertEqual((result.code, result.out, result.err), (0, b"out\n", b""))
        env = dict(a.split("=", 1) for a in report.all("env"))
        self.assertNotIn("QREXEC_AGENT_PID", env)
        self.assertEqual(env["QREXEC_REQUESTED_TARGET_TYPE"], "keyword")
        self.assertEqual(env["QREXEC_REQUESTED_TARGET_KEYWORD"], "adminvm")
        self.assertRegex(report.get("fd0") or "", "^socket unix stream")
        self.assertRegex(report.get("fd2") or "", "^other w")
        log = self.root("dom0") / "var/log/qubes/qrexec.work.log"
        self.assertIn(b"to the log\n", log.read_bytes())

    def test_sigusr1_kills_the_relay_of_dom0(self) -> None:
        self.service(
            "dom0",
            "test.Kill",
            "#!/bin/sh\nkill -USR1 $(cut -d' ' -f4 /proc/$PPID/stat)\nread line\n",
        )
        call = self.start_command(self.client_vm_command("@adminvm", "test.Kill"))
        self.assertEqual(call.wait(LIMIT), 255)


class StdinSocket(LabCase):
    agent_options = {"sys": ("--old-qrexec",)}

    def setUp(self) -> None:
        self.service("sys", "test.Cat", "#!/bin/sh\necho 65538 3\nexec cat\n")

    def test_one_socket_for_both_directions_without_signal_or_child(self) -> None:
        mine, theirs = socket.socketpair()
        self.addCleanup(mine.close)
        mine.settimeout(LIMIT)
        call = self.start_command(
            self.client_vm_command("--use-stdin-socket", "--", "sys", "test.Cat"), stdin=theirs
        )
        theirs.close()
        stream = mine.makefile("rb")
        self.assertEqual(stream.readline(), b"65538 3\n")
        data = pattern(1 << 20)
        sender = threading.Thread(
            target=lambda: (mine.sendall(data), mine.shutdown(socket.SHUT_WR))
        )
        sender.start()
        self.assertEqual(stream.read(), data)
        sender.join()
        stream.close()
        self.assertEqual(call.wait(LIMIT), 0)
        self.assertEqual(call.stdout.read() if call.stdout else None, b"")

    def test_refused_where_it_makes_no_sense(self) -> None:
        pair = socket.socketpair()
        packets = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for end in (*pair, *packets):
            self.addCleanup(end.close)
        command = self.client_vm_command("--use-stdin-socket", "sys", "test.Cat")
        self.assertEqual(self.run_command([*command, "/bin/true"], stdin=pair[0]).code, 2)
        self.assertEqual(self.run_command(command).code, 2)
        self.assertEqual(self.run_command(command, stdin=packets[0]).code, 2)

    def test_an_old_release_does_not_know_it(self) -> None:
        self.set_policy("* * @anyvm @anyvm allow user=root\n")
        self.addCleanup(self.set_policy, self.policy)
        ends = socket.socketpair()
        for end in ends:
            self.addCleanup(end.close)
        self.service("work", "test.Cat", "#!/bin/sh\nexec cat\n")
        command = self.client_vm_command("--use-stdin-socket", "work", "test.Cat", qube="sys")
        result = self.run_command(command, stdin=ends[0])
        self.assertEqual(result.code, 2)
        self.assertIn(b"unrecognized option '--use-stdin-socket'", result.err)
        self.assertEqual(self.client_vm("work", "test.Cat", data=b"x", qube="sys").out, b"x")


class Names(LabCase):
    def setUp(self) -> None:
        self.service(
            "sys", "test.Name", '#!/bin/sh\nprintf "%s|%s" "$QREXEC_SERVICE_FULL_NAME" "$1"\n'
        )

    def test_calls_of_qubes_are_cleaned_not_rejected(self) -> None:
        for given, seen in {
            "2-1": "2-1",
            "2-1:1.0": "2-1_1.0",
            "a/b": "a_b",
            "../x": ".._x",
            "é": "__",
            "a b": "a_b",
            "-rf": "-rf",
            "--help": "--help",
            "a+b": "a+b",
            "x\ny": "x_y",
        }.items():
            with self.subTest(given):
                out = self.client_vm("--", "sys", "test.Name+" + given).out.decode()
                self.assertEqual(out, f"test.Name+{seen}|{seen}")

    def test_calls_of_dom0_are_not_cleaned(self) -> None:
        out = self.qvm_run("sys", "QUBESRPC test.Name+2-1:1.0 dom0").out
        self.assertEqual(out, b"test.Name+2-1:1.0|2-1:1.0")
        self.assertEqual(self.qvm_run("sys", "QUBESRPC test.Name+a b c dom0").code, 0)
        self.assertEqual(self.qvm_run("sys", "QUBESRPC test.Name+a b dom0").code, 125)
        self.assertEqual(self.qvm_run("sys", "QUBESRPC test.Name+a").code, 125)

    def test_empty_names_are_refused(self) -> None:
        self.assertEqual(self.client_vm("sys", "").code, 126)
        self.assertEqual(self.client_vm("sys", "+x").code, 126)

    def test_sizes(self) -> None:
        self.assertEqual(self.client_vm("sys" + "x" * 61, "test.Name").code, 126)
        long = self.client_vm("sys", "test.Name+" + "a" * 60000)
        self.assertEqual(long.code, 0)
        self.assertEqual(len(long.out), 2 * 60000 + len("test.Name+|"))
        self.assertEqual(self.client_vm("sys", "test.Name+" + "a" * 65000).code, 126)

    def test_target_keywords_in_the_old_spelling(self) -> None:
        self.assertEqual(self.client_vm("$nosuch", "test.Name").code, 126)

    def test_the_seeds_line_word_for_word(self) -> None:
        self.service(
            "work",
            "qubes.USBAttach",
            "#!/bin/sh\nread backend device\necho $backend $device\nid -un\n",
        )
        line = "echo sys-usb 2-1 | qvm-run -p -u root work 'QUBESRPC qubes.USBAttach dom0'"
        path = f"{self.bin}:{os.environ['PATH']}"
        result = self.run_command(["/bin/sh", "-c", line], env={"PATH": path})
        self.assertEqual((result.code, result.out), (0, b"sys-usb 2-1\nroot\n"))


class Policy(LabCase):
    policy = "\n".join(
        (
            "# a comment",
            "test.Open     *     @anyvm  sys      allow user=root",
            "test.Closed   *     work    @anyvm   deny",
            "test.Closed   *     @anyvm  @anyvm   allow user=root",
            "test.Arg      +2-1  work    sys      allow user=root",
            "test.Else     *     work    work     allow target=sys user=root",
            "test.User     *     work    sys      allow user=nobody",
            "test.Default  *     work    sys      allow",
            "test.Ask      *     work    sys      ask default_target=sys",
            "",
        )
    )

    def setUp(self) -> None:
        for name in ("Open", "Closed", "Arg", "Else", "User", "Default", "Ask", "None"):
            self.service("sys", f"test.{name}", "#!/bin/sh\nid -un\n")

    def code(self, service: str, target: str = "sys") -> int:
        return self.client_vm(target, service).code

    def test_rules(self) -> None:
        self.assertEqual(self.code("test.Open"), 0)
        refused = self.client_vm("sys", "test.Closed")
        self.assertEqual((refused.code, refused.out, refused.err), (126, b"", b"Request refused\n"))
        self.assertEqual(self.code("test.Arg+2-1"), 0)
        self.assertEqual(self.code("test.Arg+2-2"), 126)
        self.assertEqual(self.code("test.Arg"), 126)
        self.assertEqual(self.code("test.None"), 126)
        self.assertEqual(self.code("test.Ask"), 126)
        self.assertEqual(self.code("test.Open", "nosuchqube"), 126)
        self.assertEqual(self.client_vm("work", "test.Else").out, b"root\n")
        self.assertEqual(self.client_vm("sys", "test.User").out, b"nobody\n")
        # The default user of the broker does not exist on this machine.
        self.assertEqual(self.code("test.Default"), 125)
        log = (self.state / "broker.log").read_text(encoding="utf-8")
        self.assertIn("refused work sys test.Closed:", log)
        self.assertIn("allowed work sys test.Open:", log)

    def test_a_refused_call_does_not_start_the_local_program(self) -> None:
        report = self.report()
        self.assertEqual(
            self.client_vm("sys", "test.Closed", *self.local(report, "tell,x")).code, 126
        )
        self.assertFalse(report.path.exists())

    def test_permission_for_the_time_of_an_attach(self) -> None:
        # As qubesd writes it: a file for this device in the older folder, taken away afterwards.
        path = self.state / "policy/test.None+2-1"
        path.parent.mkdir(exist_ok=True)
        self.assertEqual(self.code("test.None+2-1"), 126)
        path.write_text("work sys allow,user=root\n", encoding="ascii")
        self.assertEqual(self.code("test.None+2-1"), 0)
        self.assertEqual(self.code("test.None+2-2"), 126)
        path.write_text("other sys allow,user=root\n", encoding="ascii")
        self.assertEqual(self.code("test.None+2-1"), 126)
        path.unlink()
        self.assertEqual(self.code("test.None+2-1"), 126)


if __name__ == "__main__":
    unittest.main()
