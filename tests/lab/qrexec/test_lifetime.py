# SPDX-License-Identifier: GPL-2.0-or-later
"""Ends: exit, EOF, half close, lost peers, exit codes, standard error."""

import fcntl
import os
import signal
import subprocess
import time
import unittest

from labcase import LIMIT, LabCase, pattern


class Lifetime(LabCase):
    def test_exit_of_the_service_stops_the_incoming_direction_at_once(self) -> None:
        # The service is gone while a child keeps the socket; as with the kernel, which holds FD 0.
        report = self.probe_service(
            "sys",
            "test.Gone",
            *("usr1", "chld", "ack,30000", "hold,0,700,child", "close,2", "exit,42"),
        )
        call = self.start_command(self.client_vm_command("sys", "test.Gone"))
        assert call.stdin and call.stdout
        started = time.monotonic()
        report.wait_for("ack")
        # The child's word still arrives, then its close ends the call with the service's code.
        self.assertEqual(call.stdout.read(), b"child")
        self.assertEqual(call.wait(LIMIT), 42)
        self.assertGreater(time.monotonic() - started, 0.6)

    def test_a_child_sees_eof_when_the_service_exits_and_later_data_is_discarded(self) -> None:
        report = self.probe_service(
            "sys",
            "test.Gone",
            "usr1",
            "chld",
            "ack,30000",
            "read-in-child,0,500",
            "close,2",
            "exit,42",
        )
        call = self.start_command(self.client_vm_command("sys", "test.Gone"))
        assert call.stdin
        # Before the data process looks by itself, which it does each 10 s.
        self.assertLess(int(report.wait_for("childeofms")), 9500)
        # Nobody takes this any more.
        try:
            call.stdin.write(b"B")
            call.stdin.flush()
        except BrokenPipeError:
            pass  # told at once or not at all: either is what is tested
        self.assertEqual(call.wait(LIMIT), 42)
        self.assertEqual(report.get("read"), "0")

    def test_a_background_process_with_stdout_or_stderr_delays_the_end(self) -> None:
        for fd in (1, 2):
            with self.subTest(fd=fd):
                self.probe_service("sys", "test.Linger", f"hold,{fd},600", "exit,3")
                result = self.client_vm("sys", "test.Linger")
                self.assertEqual(result.code, 3)
                self.assertGreater(result.seconds, 0.6)

    def test_a_background_process_with_only_fd0_does_not_delay_the_end(self) -> None:
        report = self.probe_service("sys", "test.Linger", "hold,0,20000", "exit,3")
        result = self.client_vm("sys", "test.Linger")
        self.assertEqual(result.code, 3)
        self.assertLess(result.seconds, 18)
        self.assertEqual(report.all("unknown"), [])

    def test_a_service_that_closed_its_streams_keeps_the_call_until_it_exits(self) -> None:
        self.probe_service(
            "sys", "test.Quiet", "close,0", "close,1", "close,2", "sleep,600", "exit,6"
        )
        result = self.client_vm("sys", "test.Quiet")
        self.assertEqual(result.code, 6)
        self.assertGreater(result.seconds, 0.6)

    def test_half_close_of_the_caller_reaches_the_service_as_eof(self) -> None:
        report = self.probe_service(
            "sys", "test.Eof", *("usr1", "chld", "ack,30000", "read-all,0", "write,0,answer")
        )
        result = self.client_vm("sys", "test.Eof", data=b"12345")
        self.assertEqual((result.code, result.out), (0, b"answer\n"))
        self.assertEqual(report.get("read"), "5")

    def test_half_close_of_the_service_reaches_the_caller_as_eof(self) -> None:
        report = self.probe_service(
            "sys",
            "test.Eof",
            "usr1",
            "chld",
            "ack,30000",
            "write,0,last",
            "shutdown,0",
            "read-all,0",
            "exit,0",
        )
        call = self.start_command(self.client_vm_command("sys", "test.Eof"))
        assert call.stdin and call.stdout
        self.assertEqual(call.stdout.read(), b"last\n")
        self.assertIsNone(call.poll())
        call.stdin.write(b"still heard")
        call.stdin.close()
        self.assertEqual(call.wait(LIMIT), 0)
        self.assertEqual(report.get("read"), str(len("still heard")))

    def test_lost_caller_ends_both_directions_but_not_the_service(self) -> None:
        done = self.top / "reports/lost"
        report = self.probe_service(
            "sys",
            "test.Lost",
            *(
                "usr1",
                "chld",
                "ack,30000",
                "close,1",
                "write,0,up",
                "await-hup,0,30000",
                f"touch,{done}",
                "tell,left",
            ),
        )
        call = self.start_command(self.client_vm_command("sys", "test.Lost"))
        assert call.stdout
        self.assertEqual(call.stdout.readline(), b"up\n")
        call.kill()
        self.wait_until(done.exists, "the service noticed")
        self.assertEqual(report.wait_for("tell"), "left")
        self.assertEqual(report.get("hup"), "yes")

    def test_a_destroyed_caller_wakes_nobody_until_somebody_pokes(self) -> None:
        self.inject("sys", "vchan-death = silent\nside = service\n")
        done = self.top / "reports/destroyed"
        report = self.probe_service(
            "sys",
            "test.Destroyed",
            *("process", "usr1", "chld", "ack,30000", "close,1", "write,0,up"),
            *("read,0,1", "await-hup,0,30000", f"touch,{done}"),
        )
        call = self.start_command(self.client_vm_command("sys", "test.Destroyed"))
        assert call.stdin and call.stdout
        self.assertEqual(call.stdout.readline(), b"up\n")
        call.stdin.write(b"x")
        call.stdin.flush()
        self.assertEqual(report.wait_for("read"), "1")
        # What came before the death is an event, and after an event it looks. Only asleep again can it miss the death.
        process = self.data_process_of(report.wait_for("pid"))
        self.wait_until(lambda: self.state_of(process) == "S", "the data process is asleep")
        call.kill()
        call.wait(LIMIT)
        time.sleep(1)  # a tenth of the time after which it looks by itself
        self.assertFalse(done.exists(), "it noticed without being poked")
        os.kill(process, signal.SIGCHLD)
        self.wait_until(done.exists, "the service noticed")

    def state_of(self, pid: int) -> str:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0]

    def data_process_of(self, pid: str) -> int:
        """The data process of a service, from the process that waits for it."""
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            parent = file.read().rpartition(")")[2].split()[1]
        with open(f"/proc/{parent}/stat", encoding="ascii") as file:
            return int(file.read().rpartition(")")[2].split()[1])

    def test_killed_data_process_of_the_service_is_a_lost_vchan(self) -> None:
        report = self.probe_service(
            "sys", "test.Killed", "process", "usr1", "chld", "ack,30000", "await-hup,0,30000"
        )
        local = self.report("local")
        call = self.start_command(
            self.client_vm_command("sys", "test.Killed", *self.local(local, "read-all,0", "exit,0"))
        )
        report.wait_for("ack")
        os.kill(self.data_process_of(report.wait_for("pid")), signal.SIGKILL)
        self.assertEqual(call.wait(LIMIT), 255)
        self.assertEqual(report.wait_for("hup"), "yes")
        self.assertEqual(local.get("read"), "0")

    def test_a_local_program_sees_the_end_and_its_own_code_does_not_hide_the_loss(self) -> None:
        report = self.probe_service(
            "sys", "test.Killed", "process", "usr1", "chld", "ack,30000", "await-hup,0,30000"
        )
        local = self.report("local")
        command = self.client_vm_command(
            "sys", "test.Killed", *self.local(local, "read-all,0", "exit,3")
        )
        call = self.start_command(command)
        report.wait_for("ack")
        os.kill(self.data_process_of(report.wait_for("pid")), signal.SIGKILL)
        self.assertEqual(call.wait(LIMIT), 255)

    def test_a_dead_machine_ends_its_calls_on_the_other_side(self) -> None:
        report = self.probe_service(
            "sys", "test.Dead", "process", "write,1,up", "await-hup,0,30000"
        )
        call = self.start_command(self.client_vm_command("sys", "test.Dead"))
        assert call.stdout
        self.assertEqual(call.stdout.readline(), b"up\n")
        pid = self.data_process_of(report.wait_for("pid"))
        machine = self.machine_pid("sys")
        assert machine
        self.kill_agent("sys")
        self.addCleanup(self.start_qube, "sys")
        os.kill(machine, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
        self.events.wait_for("machine-down", "sys")
        self.assertEqual(call.wait(LIMIT), 255)

    def test_remote_exit_stops_reading_locally_but_waits_for_the_local_program(self) -> None:
        self.probe_service("sys", "test.Quick", "exit,0")
        report = self.report()
        result = self.client_vm(
            "sys",
            "test.Quick",
            *self.local(report, "read-all,0", "sleep,200", "write,1,late", "sleep,300", "exit,7"),
        )
        # SHUT_RD at the data process's end: the write fails.
        self.assertEqual(report.all("write"), ["EPIPE"])
        self.assertEqual(result.code, 7)
        self.assertGreater(result.seconds, 0.5)

    def test_the_caller_waits_for_the_remote_code_after_eof(self) -> None:
        self.probe_service("sys", "test.Slow", "write,1,out", "close,1", "sleep,500", "exit,0")
        result = self.client_vm("sys", "test.Slow")
        self.assertEqual(result.out, b"out\n")
        self.assertGreater(result.seconds, 0.5)


class ExitCodes(LabCase):
    def test_remote_code_if_not_zero_else_local(self) -> None:
        for remote, local, expected in ((0, 0, 0), (0, 3, 3), (5, 0, 5), (5, 3, 5)):
            with self.subTest(remote=remote, local=local):
                self.probe_service("sys", "test.Code", f"exit,{remote}")
                report = self.report()
                command = self.local(report, "read-all,0", f"exit,{local}")
                self.assertEqual(self.client_vm("sys", "test.Code", *command).code, expected)

    def test_signals(self) -> None:
        self.probe_service("sys", "test.Kill", "kill-self,9")
        self.assertEqual(self.client_vm("sys", "test.Kill").code, 137)
        self.service("sys", "test.Nothing", "#!/bin/sh\n")
        report = self.report()
        self.assertEqual(
            self.client_vm("sys", "test.Nothing", *self.local(report, "kill-self,9")).code, 137
        )

    def test_local_program_that_cannot_run(self) -> None:
        self.service("sys", "test.Nothing", "#!/bin/sh\n")
        self.assertEqual(self.client_vm("sys", "test.Nothing", "/nonexistent").code, 255)
        self.assertEqual(self.client_vm("sys", "test.Nothing", "/etc/passwd").code, 255)

    def test_not_found_not_executable_no_such_user(self) -> None:
        self.assertEqual(self.client_vm("sys", "test.Missing").code, 127)
        self.service("sys", "test.Plain", "#!/bin/sh\n", mode=0o644)
        self.assertEqual(self.client_vm("sys", "test.Plain").code, 125)
        self.service("sys", "test.User", "#!/bin/sh\n")
        self.config("sys", "test.User", "force-user='nosuchuser'\n")
        self.assertEqual(self.client_vm("sys", "test.User").code, 125)
        self.assertEqual(self.qvm_run("sys", "QUBESRPC test.Missing dom0").code, 127)

    def test_exit_code_of_commands_from_dom0(self) -> None:
        self.assertEqual(self.qvm_run("sys", "exit 7").code, 7)
        self.assertEqual(self.qvm_run("sys", "kill -9 $$").code, 137)
        self.assertEqual(self.qvm_run("sys", "true").code, 0)
        self.assertEqual(self.qvm_run("sys", "true", user="nosuchuser").code, 125)
        self.assertEqual(self.qvm_run("nosuchqube", "true").code, 1)

    def test_qrexec_client(self) -> None:
        client = self.bin / "qrexec-client"
        result = self.run_command([client, "-d", "sys", "root:cat; exit 4"], b"through")
        self.assertEqual((result.code, result.out), (4, b"through"))
        result = self.run_command(
            [client, "-d", "sys", "-l", "echo question; cat >&2", "root:read a; echo $a=42"]
        )
        self.assertEqual((result.code, result.err), (0, b"question=42\n"))
        marker = self.top / "reports/executed"
        self.assertEqual(
            self.run_command([client, "-e", "-d", "sys", f"root:sleep 0.2; touch {marker}"]).code, 0
        )
        self.assertFalse(marker.exists())
        self.wait_until(marker.exists, "the command that nobody waits for ran")

    def test_connection_timeout_of_qrexec_client(self) -> None:
        # An agent that does not answer: the call ends by itself.
        os.kill(self.agent_pid("sys"), signal.SIGSTOP)
        self.addCleanup(os.kill, self.agent_pid("sys"), signal.SIGCONT)
        result = self.run_command([self.bin / "qrexec-client", "-w", "1", "-d", "sys", "root:true"])
        self.assertEqual(result.code, 1)
        self.assertGreater(result.seconds, 0.9)

    def test_no_agent(self) -> None:
        command = [
            self.bin / "qrexec-client-vm",
            "--agent-socket=/nonexistent/socket",
            "sys",
            "test.X",
        ]
        self.assertEqual(self.run_command(command).code, 1)

    def test_usage(self) -> None:
        self.assertEqual(self.client_vm("sys").code, 2)
        self.assertEqual(self.client_vm("--nonsense", "sys", "test.X").code, 2)
        helped = self.client_vm("--help")
        self.assertEqual(helped.code, 2)
        self.assertIn(b"--use-stdin-socket", helped.err)


class StandardError(LabCase):
    def test_stderr_of_a_service_is_relayed_and_logged(self) -> None:
        self.service("sys", "test.Err", "#!/bin/sh\necho complaint >&2\necho answer\nexit 3\n")
        result = self.client_vm("sys", "test.Err+2-1")
        self.assertEqual((result.code, result.out, result.err), (3, b"answer\n", b"complaint\n"))
        log = self.root("sys") / "var/log/qubes/qrexec-test.Err+2-1-work.log"
        self.assertEqual(log.read_bytes(), b"complaint\n")

    def test_stderr_of_a_command_reaches_dom0(self) -> None:
        self.assertEqual(self.qvm_run("sys", "echo oops >&2").err, b"oops\n")

    def test_stderr_of_a_local_program_is_only_inherited(self) -> None:
        self.service("sys", "test.Cat", "#!/bin/sh\nexec cat\n")
        result = self.client_vm("sys", "test.Cat", "/bin/sh", "-c", "echo mine >&2")
        self.assertEqual((result.out, result.err), (b"", b"mine\n"))

    def test_a_caller_that_does_not_read_stderr_stalls_the_data_as_well(self) -> None:
        report = self.probe_service(
            "sys", "test.Flood", "pattern,2,1000000", "tell,flooded", "write,1,data"
        )
        read_end, write_end = os.pipe()
        fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, 65536)
        call = self.start_command(self.client_vm_command("sys", "test.Flood"), stderr=write_end)
        os.close(write_end)
        assert call.stdout
        os.set_blocking(call.stdout.fileno(), False)
        with self.assertRaises(subprocess.TimeoutExpired):
            call.wait(1)
        self.assertIsNone(report.get("tell"))
        self.assertIn(call.stdout.read(), (None, b""))
        # Reading it sets everything going again.
        with os.fdopen(read_end, "rb") as stderr:
            self.assertEqual(stderr.read(), pattern(1000000))
        os.set_blocking(call.stdout.fileno(), True)
        self.assertEqual(call.stdout.read(), b"data\n")
        self.assertEqual(call.wait(LIMIT), 0)

    def test_reopened_stderr_delays_the_end_of_the_call(self) -> None:
        # Another process may take the pipe by /proc/PID/fd/2; the call then lasts until that one closes it too.
        go = self.top / "reports/go"
        report = self.probe_service("sys", "test.Taken", "process", f"wait-file,{go}", "exit,0")
        call = self.start_command(self.client_vm_command("sys", "test.Taken"))
        pid = report.wait_for("pid")
        taken = os.open(f"/proc/{pid}/fd/2", os.O_WRONLY)
        go.touch()
        report.wait_for("pid")
        self.wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "the service exited")
        with self.assertRaises(subprocess.TimeoutExpired):
            call.wait(0.5)
        os.close(taken)
        self.assertEqual(call.wait(LIMIT), 0)

    def test_flow_control_loses_nothing(self) -> None:
        go = self.top / "reports/go2"
        report = self.probe_service("sys", "test.Late", f"wait-file,{go}", "read-all,0")
        call = self.start_command(self.client_vm_command("sys", "test.Late"))
        assert call.stdin
        data = pattern(3000000)
        os.set_blocking(call.stdin.fileno(), False)
        pushed = 0
        idle = time.monotonic()
        while time.monotonic() - idle < 0.5:
            try:
                pushed += os.write(call.stdin.fileno(), data[pushed : pushed + 65536])
                idle = time.monotonic()
            except BlockingIOError:
                time.sleep(0.01)
        # Rings, sockets and pipes hold some hundred kB, then the writer has to wait.
        self.assertGreater(pushed, 100000)
        self.assertLess(pushed, 1000000)
        go.touch()
        os.set_blocking(call.stdin.fileno(), True)
        call.stdin.write(data[pushed:])
        call.stdin.close()
        self.assertEqual(call.wait(LIMIT), 0)
        self.assertEqual(report.get("read"), str(len(data)))


if __name__ == "__main__":
    unittest.main()
