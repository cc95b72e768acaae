# SPDX-License-Identifier: GPL-2.0-or-later
"""Descriptors, signals, process and environment of services and local programs."""

import os
import unittest

from labcase import LabCase, Report, pattern


class Descriptors(LabCase):
    def assert_streams(self, report: Report) -> None:
        fd0, fd1 = report.get("fd0") or "", report.get("fd1") or ""
        for fd in (fd0, fd1):
            self.assertRegex(fd, r"^socket unix stream sndbuf 212992 rw blocking inode \d+$")
        self.assertNotEqual(fd0, fd1)

    def fd_names(self, report: Report) -> list[str]:
        return [name for name, _ in report.pairs() if name.startswith("fd")]

    def test_service_has_two_socketpairs_a_pipe_and_nothing_else(self) -> None:
        report = self.probe_service("sys", "test.Fds", "fds", "signals")
        self.assertEqual(self.client_vm("sys", "test.Fds").code, 0)
        self.assert_streams(report)
        self.assertRegex(report.get("fd2") or "", r"^pipe size 65536 w blocking")
        self.assertEqual(self.fd_names(report), ["fd0", "fd1", "fd2"])
        self.assertEqual(report.get("sigpipe"), "default")
        self.assertEqual(report.get("blocked"), "0")

    def test_local_program_has_the_same_pairs_and_inherits_the_rest(self) -> None:
        self.service("sys", "test.Nothing", "#!/bin/sh\n")
        report = self.report()
        extra, other = os.pipe()
        self.addCleanup(os.close, extra)
        self.addCleanup(os.close, other)
        result = self.client_vm(
            "sys", "test.Nothing", *self.local(report, "fds", "signals", "env"), pass_fds=[extra]
        )
        self.assertEqual(result.code, 0)
        self.assert_streams(report)
        saved = {}
        for assignment in report.all("env"):
            name, _, value = assignment.partition("=")
            saved[name] = value
        self.assertIn("SAVED_FD_0", saved)
        self.assertIn("SAVED_FD_1", saved)
        self.assertNotIn("SAVED_FD_2", saved)
        expected = sorted({0, 1, 2, extra, int(saved["SAVED_FD_0"]), int(saved["SAVED_FD_1"])})
        self.assertEqual(self.fd_names(report), [f"fd{fd}" for fd in expected])
        # FD 2 is that of qrexec-client-vm, as are the saved ones.
        self.assertRegex(report.get("fd2") or "", r"^pipe")
        self.assertRegex(report.get("fd" + saved["SAVED_FD_0"]) or "", r"^pipe .* r ")
        self.assertEqual(report.get("sigpipe"), "ignored")
        self.assertEqual(report.get("blocked"), "0")

    def test_saved_stderr_when_asked(self) -> None:
        self.service("sys", "test.Nothing", "#!/bin/sh\n")
        report = self.report()
        self.client_vm(
            "sys", "test.Nothing", *self.local(report, "env"), env={"PASS_LOCAL_STDERR": "1"}
        )
        self.assertTrue([a for a in report.all("env") if a.startswith("SAVED_FD_2=")])

    def test_legacy_command_has_the_same_layout_and_only_the_agent_pid(self) -> None:
        report = self.report()
        result = self.qvm_run("sys", " ".join([*self.local(report, "fds", "env"), ";exit 9"]))
        self.assertEqual(result.code, 9)
        self.assert_streams(report)
        self.assertRegex(report.get("fd2") or "", r"^pipe size 65536")
        names = {a.partition("=")[0] for a in report.all("env") if a.startswith("QREXEC")}
        self.assertEqual(names, {"QREXEC_AGENT_PID"})

    def test_stderr_can_be_reopened_and_the_sockets_cannot(self) -> None:
        report = self.probe_service(
            "sys", "test.Reopen", "reopen,self,0", "reopen,self,1", "reopen,self,2", "tell,end"
        )
        self.client_vm("sys", "test.Reopen")
        self.assertEqual(report.all("reopen"), ["ENXIO", "ENXIO", "OK"])

    def test_nonblocking_fd0_is_the_services_own_affair(self) -> None:
        report = self.probe_service(
            "sys", "test.Nonblock", "nonblock,0", "usr1", "chld", "ack,5000", "pattern,0,300000"
        )
        result = self.client_vm("sys", "test.Nonblock")
        self.assertEqual(result.code, 0)
        self.assertEqual(report.get("ack"), "EPIPE")
        self.assertEqual(result.out, pattern(300000))

    def test_before_the_switch_fd0_is_not_read(self) -> None:
        report = self.probe_service(
            "sys", "test.OneWay", "write,0,lost", "write,1,seen", "sleep,100"
        )
        self.assertEqual(self.client_vm("sys", "test.OneWay").out, b"seen\n")
        self.assertEqual(report.all("write"), ["OK", "OK"])


class ProcessAndEnvironment(LabCase):
    def environment(self, report: Report) -> dict[str, str]:
        return {a.partition("=")[0]: a.partition("=")[2] for a in report.all("env")}

    def test_service_runs_in_its_own_session_under_the_waiting_process(self) -> None:
        report = self.probe_service("sys", "test.Process", "process", "env", "tell,end")
        report2 = self.report("wrapper")
        self.service(
            "sys",
            "test.Parent",
            "#!/bin/sh\n"
            f"cut -d' ' -f4 /proc/$PPID/stat > {report2.path}.data\n"
            f"ls /proc/$PPID/fd > {report2.path}.fds\n"
            f"echo $QREXEC_AGENT_PID > {report2.path}.agent\n"
            f"cut -d' ' -f4 /proc/$QREXEC_AGENT_PID/stat > {report2.path}.main\n",
        )
        self.client_vm("sys", "test.Process")
        self.assertEqual(report.get("sid"), report.get("pid"))
        self.assertEqual(report.get("uid"), "0")
        self.assertEqual(report.get("cwd"), "/root")
        self.client_vm("sys", "test.Parent")

        def text(suffix: str) -> str:
            with open(f"{report2.path}.{suffix}", encoding="ascii") as file:
                return file.read().strip()

        # The process that waits for the session keeps no descriptor; its parent is the data process, which is
        # QREXEC_AGENT_PID and a child of the main agent.
        self.assertEqual(text("fds"), "")
        self.assertEqual(text("data"), text("agent"))
        self.assertEqual(text("main"), str(self.agent_pid("sys")))

    def test_service_environment_is_exact(self) -> None:
        report = self.probe_service("sys", "test.Env", "env", "tell,end")
        self.client_vm("sys", "test.Env+2-1")
        env = self.environment(report)
        self.assertEqual(env["QREXEC_REMOTE_DOMAIN"], "work")
        self.assertEqual(env["QREXEC_SERVICE_FULL_NAME"], "test.Env+2-1")
        self.assertEqual(env["QREXEC_SERVICE_ARGUMENT"], "2-1")
        self.assertEqual(env["QREXEC_REQUESTED_TARGET_TYPE"], "")
        self.assertEqual(
            {name for name in env if name.startswith("QREXEC")},
            {
                "QREXEC_AGENT_PID",
                "QREXEC_REMOTE_DOMAIN",
                "QREXEC_SERVICE_FULL_NAME",
                "QREXEC_SERVICE_ARGUMENT",
                "QREXEC_REQUESTED_TARGET_TYPE",
            },
        )
        self.assertEqual((env["USER"], env["LOGNAME"], env["HOME"]), ("root", "root", "/root"))
        self.assertNotIn("LAB_QREXEC_BIN", env)

    def test_argument_is_empty_for_a_call_of_a_qube_without_plus(self) -> None:
        report = self.probe_service("sys", "test.Env", "env", "tell,end")
        self.client_vm("sys", "test.Env")
        env = self.environment(report)
        self.assertEqual(env["QREXEC_SERVICE_ARGUMENT"], "")
        self.assertEqual(env["QREXEC_SERVICE_FULL_NAME"], "test.Env+")

    def test_argument_is_unset_when_dom0_calls_without_plus(self) -> None:
        report = self.probe_service("sys", "test.Env", "env", "tell,end")
        self.qvm_run("sys", "QUBESRPC test.Env dom0")
        env = self.environment(report)
        self.assertNotIn("QREXEC_SERVICE_ARGUMENT", env)
        self.assertEqual(env["QREXEC_REMOTE_DOMAIN"], "dom0")
        self.assertEqual(env["QREXEC_SERVICE_FULL_NAME"], "test.Env")

    def test_argument_is_the_only_word_and_only_when_not_empty(self) -> None:
        self.service("sys", "test.Words", '#!/bin/sh\necho "$#:$1"\n')
        self.assertEqual(self.client_vm("sys", "test.Words+a+b").out, b"1:a+b\n")
        self.assertEqual(self.client_vm("sys", "test.Words+").out, b"0:\n")
        self.assertEqual(self.client_vm("sys", "test.Words").out, b"0:\n")

    def test_local_program_keeps_its_environment_but_for_the_agent_pid(self) -> None:
        # As usb-import does inside qubes.USBAttach: the names are those of the outer call.
        inner = self.report("inner")
        self.service("sys", "test.Nothing", "#!/bin/sh\n")
        command = " ".join(
            f"'{word}'"
            for word in self.client_vm_command(
                "sys", "test.Nothing", *self.local(inner, "env", "process")
            )
        )
        outer = self.report("outer")
        self.service(
            "work", "test.Outer", f"#!/bin/sh\necho $QREXEC_AGENT_PID > {outer.path}\n{command}\n"
        )
        self.assertEqual(self.qvm_run("work", "QUBESRPC test.Outer dom0").code, 0)
        env = self.environment(inner)
        self.assertEqual(env["QREXEC_REMOTE_DOMAIN"], "dom0")
        self.assertEqual(env["QREXEC_SERVICE_FULL_NAME"], "test.Outer")
        self.assertEqual(env["QREXEC_AGENT_PID"], inner.get("ppid"))
        self.assertNotEqual(env["QREXEC_AGENT_PID"], outer.path.read_text(encoding="ascii").strip())

    def test_local_program_sees_its_base_name(self) -> None:
        self.service("sys", "test.Nothing", "#!/bin/sh\n")
        report = self.report()
        script = self.service(
            "work",
            "argv0",
            f"#!/bin/sh\ntr '\\0' ' ' < /proc/$$/cmdline > {report.path}\n",
            folder="tools",
        )
        # execve() of a script puts the path back; a program sees the base name.
        self.client_vm(
            "sys",
            "test.Nothing",
            "/bin/sh",
            "-c",
            f"tr '\\0' ' ' < /proc/$$/cmdline > {report.path}",
        )
        self.assertTrue(report.path.read_text(encoding="utf-8").startswith("sh -c "))
        self.assertTrue(script.exists())

    def test_data_processes_outlive_the_main_agent(self) -> None:
        go = self.top / "reports/go"
        report = self.probe_service(
            "sys", "test.Outlive", "tell,started", f"wait-file,{go}", "write,1,still", "exit,4"
        )
        call = self.start_command(self.client_vm_command("sys", "test.Outlive"))
        report.wait_for("tell")
        self.kill_agent("sys")
        self.addCleanup(self.start_qube, "sys")
        go.touch()
        out, _ = call.communicate(timeout=60)
        self.assertEqual((out, call.returncode), (b"still\n", 4))
        self.assertEqual(self.client_vm("sys", "test.Outlive").code, 126)


if __name__ == "__main__":
    unittest.main()
