# SPDX-License-Identifier: GPL-2.0-or-later
"""The switch to a single socket by SIGUSR1 and its races (R1 to R9), the safe recipe, the acknowledgement.

Where a race shows by natural timing it is counted over many tries; where it practically never does, the data
process is asked to make it (see inject.h). Where nobody may be late, the sleep is long for what happens meanwhile, also
on a busy machine.
"""

import signal
import unittest

from labcase import LabCase, Report, pattern, pattern_sum

RECIPE = ("usr1", "chld", "ack,30000", "close,1")


class Switch(LabCase):
    def test_after_the_switch_fd0_serves_both_directions(self) -> None:
        report = self.probe_service("sys", "test.Both", "fds", *RECIPE, "fds", "exchange,0,300000")
        result = self.client_vm("sys", "test.Both", data=pattern(300000))
        self.assertEqual(result.code, 0)
        self.assertEqual(result.out, pattern(300000))
        self.assertEqual(report.get("read"), "300000")
        self.assertEqual(report.get("sum"), pattern_sum(pattern(300000)))
        # The descriptor itself is the same socket before and after.
        self.assertEqual(len(set(report.all("fd0"))), 1)

    def test_both_ends_switched_a_mebibyte_each_way_at_once(self) -> None:
        size = 1 << 20
        service = self.probe_service(
            "sys", "test.Mebi", *RECIPE, "write,0,ready", f"exchange,0,{size}"
        )
        local = self.report("local")
        actions = ["line,0", *RECIPE, f"exchange,0,{size}"]
        result = self.client_vm("sys", "test.Mebi", *self.local(local, *actions))
        self.assertEqual(result.code, 0, result)
        self.assertEqual(local.get("line"), "ready")
        for report in (service, local):
            self.assertEqual(report.get("read"), str(size))
            self.assertEqual(report.get("sum"), pattern_sum(pattern(size)))

    def test_writing_fd1_after_the_switch_is_an_error_for_a_local_program(self) -> None:
        self.service("sys", "test.Cat", "#!/bin/sh\necho ready\ncat\n")
        report = self.report()
        result = self.client_vm(
            "sys",
            "test.Cat",
            *self.local(report, "line,0", "usr1", "chld", "ack,30000", "write,1,late", "exit,0"),
        )
        self.assertEqual(result.code, 0)
        self.assertEqual(report.all("write"), ["EPIPE"])

    def test_writing_fd1_after_the_switch_kills_a_service(self) -> None:
        report = self.probe_service(
            "sys", "test.Late", "usr1", "chld", "ack,30000", "write,1,late", "exit,0"
        )
        self.assertEqual(self.client_vm("sys", "test.Late").code, 128 + signal.SIGPIPE)
        self.assertEqual(report.get("ack"), "EPIPE")

    def test_a_second_signal_is_harmless(self) -> None:
        self.probe_service(
            "sys",
            "test.Twice",
            "usr1",
            "chld",
            "ack,30000",
            "usr1",
            "sleep,20",
            "usr1",
            "write,0,fine",
        )
        result = self.client_vm("sys", "test.Twice")
        self.assertEqual((result.code, result.out), (0, b"fine\n"))

    def test_acknowledgement_is_silent_before_and_epipe_after(self) -> None:
        report = self.probe_service(
            "sys", "test.Ack", "probe1", "write,1,before", "sleep,50", *RECIPE, "write,0,after"
        )
        result = self.client_vm("sys", "test.Ack")
        self.assertEqual(report.get("probe1"), "0")
        self.assertEqual(report.get("ack"), "EPIPE")
        # It has sent nothing and has made no EOF.
        self.assertEqual((result.code, result.out), (0, b"before\nafter\n"))

    def test_who_may_signal(self) -> None:
        # root's agent refuses a service of another user, and only it.
        self.config("sys", "test.Nobody", "force-user='nobody'\n")
        report = self.probe_service("sys", "test.Nobody", "usr1", "tell,end")
        self.assertEqual(self.client_vm("sys", "test.Nobody").code, 0)
        self.assertEqual(report.get("usr1"), "EPERM")

        self.service("sys", "test.Cat", "#!/bin/sh\necho ready\ncat\n")
        local = self.report("local")
        command = self.client_vm_command(
            "sys", "test.Cat", *self.local(local, "line,0", "usr1", "chld", "ack,30000")
        )
        result = self.run_command(command, user="nobody")
        self.assertEqual(result.code, 0, result)
        self.assertEqual(local.get("usr1"), None)
        self.assertEqual(local.get("ack"), "EPIPE")

    def test_round_trip_is_far_below_a_millisecond_class_stall(self) -> None:
        self.probe_service("sys", "test.Ping", *RECIPE, "write,0,go", "ping,0,500")
        report = self.report()
        result = self.client_vm(
            "sys", "test.Ping", *self.local(report, "line,0", *RECIPE, "pong,0,500")
        )
        self.assertEqual(result.code, 0, result)
        self.assertEqual(report.get("rounds"), "500")
        self.assertLess(int(report.get("roundms") or "999999"), 5000)


class Races(LabCase):
    def test_r1_data_before_the_signal_is_kept_in_order(self) -> None:
        for size in (1, 4096, 150000):
            with self.subTest(size=size):
                report = self.probe_service(
                    "sys", "test.Early", f"pattern,0,{size}", "usr1", "chld", "ack,30000"
                )
                result = self.client_vm("sys", "test.Early")
                self.assertEqual(result.out, pattern(size))
                self.assertEqual(report.get("ack"), "EPIPE")

    def test_r1_only_so_much_fits_before_a_writer_blocks(self) -> None:
        # The kernel charges each small write a whole buffer: 278 of 48 bytes with the default 212992.
        report = self.probe_service(
            "sys", "test.Fit", "small-writes,0,48", "usr1", "chld", "ack,30000"
        )
        result = self.client_vm("sys", "test.Fit")
        fit = int(report.get("fit") or "0")
        self.assertEqual(fit, 278)
        self.assertEqual(len(result.out), 48 * fit)

    def test_r2_fd1_data_then_signal_is_delivered_by_an_idle_agent(self) -> None:
        self.probe_service("sys", "test.R2", "sleep,200", "write,1,data", "usr1", "ack,30000")
        results = [self.client_vm("sys", "test.R2").out for _ in range(15)]
        self.assertEqual(results, [b"data\n"] * 15)

    def test_r3_fd1_data_is_lost_when_the_data_process_is_stopped(self) -> None:
        self.probe_service(
            "sys",
            "test.R3",
            "sleep,20",
            "stop-agent",
            "write,1,lost",
            "usr1",
            "cont-agent",
            "ack,30000",
            "write,0,kept",
        )
        results = [self.client_vm("sys", "test.R3").out for _ in range(5)]
        self.assertEqual(results, [b"kept\n"] * 5)

    def test_r3_fd1_data_is_lost_when_the_data_process_is_late(self) -> None:
        self.inject("sys", "service = test.R3\npause-at-start-ms = 300\n")
        self.probe_service("sys", "test.R3", "write,1,lost", "usr1", "ack,30000", "write,0,kept")
        result = self.client_vm("sys", "test.R3")
        self.assertEqual(result.out, b"kept\n")

    def test_r4_fd1_data_of_a_local_program_that_signals_at_its_start_gets_lost(self) -> None:
        self.service("sys", "test.Cat", "#!/bin/sh\nexec cat\n")
        lost = 0
        for _ in range(50):
            report = self.report()
            result = self.client_vm(
                "sys",
                "test.Cat",
                *self.local(
                    report, "write,1,early", "usr1", "ack,30000", "shutdown,0", "read-all,0"
                ),
            )
            self.assertEqual(result.code, 0, result)
            self.assertIn(report.get("read"), ("0", "6"))
            lost += report.get("read") == "0"
        self.assertGreater(lost, 0)

    def count_dead(self, tries: int, *actions: str) -> int:
        self.probe_service("sys", "test.R5", "sleep,5", *actions)
        dead = 0
        for _ in range(tries):
            result = self.client_vm("sys", "test.R5")
            self.assertIn(result.out, (b"", b"data\n"))
            dead += result.out == b""
        return dead

    def test_r5_fd1_closed_right_after_the_signal_kills_the_outgoing_direction(self) -> None:
        dead = self.count_dead(100, "usr1", "close,1", "write,0,data")
        self.assertGreater(dead, 5)

    def test_r5_exit_right_after_the_signal_loses_data_as_well(self) -> None:
        dead = self.count_dead(100, "usr1", "write,0,data", "exit,0")
        self.assertGreater(dead, 0)

    def test_r5_a_gap_prevents_it(self) -> None:
        self.assertEqual(self.count_dead(12, "usr1", "sleep,300", "close,1", "write,0,data"), 0)

    def test_the_recipe_prevents_it(self) -> None:
        self.assertEqual(self.count_dead(200, *RECIPE, "write,0,data"), 0)

    def test_r6_the_write_succeeds_although_nothing_arrives(self) -> None:
        report = self.probe_service(
            "sys", "test.R6", "close,1", "sleep,20", "usr1", "sleep,20", "write,0,data"
        )
        self.assertEqual(self.client_vm("sys", "test.R6").out, b"")
        self.assertEqual(report.get("write"), "OK")

    def test_r6_fd1_closed_before_the_signal_is_always_dead(self) -> None:
        self.assertEqual(
            self.count_dead(20, "close,1", "sleep,200", "usr1", "sleep,5", "write,0,data"), 20
        )

    def test_r9_callers_eof_first_then_the_signal(self) -> None:
        self.probe_service("sys", "test.R9", "read-all,0", *RECIPE, "pattern,0,100000")
        self.assertEqual(self.client_vm("sys", "test.R9", data=b"x" * 1000).out, pattern(100000))


class LostWakeUp(LabCase):
    """R7: a signal between the look at the flag and ppoll, made likely by a long way from one to the other."""

    def setUp(self) -> None:
        self.inject("sys", "delay-before-ppoll-ms = 200\nside = service\n")
        self.inject("work", "delay-before-ppoll-ms = 200\nside = caller\nservice = test.Local\n")

    def test_r7_stalls_for_ten_seconds_without_the_poke_and_not_with_it(self) -> None:
        # The line that a process has just got was the last event for its data process, which now sits in the delay;
        # nothing more comes, as the other side keeps its end open.
        self.service("sys", "test.Local", "#!/bin/sh\necho ready\nexec cat\n")
        signals = {"stalled": ("usr1",), "poked": ("usr1", "chld")}
        reports: dict[tuple[str, str], Report] = {}
        calls = []
        for how, actions in signals.items():
            whole = ("line,0", "sleep,60", *actions, "ack,20000")
            service = self.probe_service("sys", f"test.Service{how}", *whole)
            local = self.report(f"local{how}")
            reports["service", how] = service
            reports["local", how] = local
            calls.append(self.start_command(self.client_vm_command("sys", f"test.Service{how}")))
            calls.append(
                self.start_command(
                    self.client_vm_command("sys", "test.Local", *self.local(local, *whole))
                )
            )
        for call in calls:
            assert call.stdin is not None
            call.stdin.write(b"go\n")
            call.stdin.flush()
        for (side, how), report in reports.items():
            with self.subTest(side=side, how=how):
                waited = int(report.wait_for("ackms"))
                self.assertEqual(report.get("ack"), "EPIPE")
                if how == "stalled":
                    self.assertGreater(waited, 9000)
                    self.assertLess(waited, 15000)
                else:
                    self.assertLess(waited, 5000)


class InterruptedVchan(LabCase):
    """R8: as on Xen, a signal during a blocking wait for the vchan ends the relay; harmless where EINTR is retried."""

    def failures(self, tries: int, *actions: str) -> int:
        count = 0
        for _ in range(tries):
            report = self.report()
            result = self.client_vm("sys", "test.Ready", *self.local(report, *actions))
            if result.code != 0:
                self.assertEqual(result.code, 1, result)
                self.assertIn(b"HELLO", result.err)
                count += 1
        return count

    def setUp(self) -> None:
        self.service("sys", "test.Ready", "#!/bin/sh\necho ready\nexec cat\n")

    def test_local_program_that_signals_at_its_start(self) -> None:
        # The handshake takes a while, so the signal falls into it.
        actions = ("sleep,50", "usr1", "read-all,0")
        self.inject("sys", "delay-before-hello-ms = 150\n")
        self.assertEqual(self.failures(3, *actions[:2], "sleep,200", "shutdown,0", "read-all,0"), 0)
        self.inject("work", "vchan-eintr = fail\n")
        self.assertEqual(self.failures(3, *actions), 3)

    def test_local_program_that_waits_for_the_first_byte_is_safe(self) -> None:
        self.inject("work", "vchan-eintr = fail\n")
        self.inject("sys", "delay-before-hello-ms = 5\n")
        self.assertEqual(
            self.failures(60, "line,0", "usr1", "chld", "ack,30000", "shutdown,0", "read-all,0"), 0
        )

    def test_service_that_signals_while_data_streams_in(self) -> None:
        # The sender is slow between the header and the data of a message: there the data process sits and waits.
        data = pattern(1 << 18)
        report = self.probe_service(
            "sys", "test.Stream", "read,0,60000", "sleep,60", "usr1", "read-all,0"
        )
        self.inject("work", "split-chunk-ms = 200\n")
        self.assertEqual(self.client_vm("sys", "test.Stream", data=data).code, 0)
        self.assertEqual(sum(int(n) for n in report.all("read")), len(data))
        self.inject("sys", "vchan-eintr = fail\n")
        codes = [self.client_vm("sys", "test.Stream", data=data).code for _ in range(3)]
        # 1 when the caller was sending, 255 when it was waiting.
        self.assertGreater(sum(code in (1, 255) for code in codes), 0)
        self.assertTrue(set(codes) <= {0, 1, 255}, codes)


if __name__ == "__main__":
    unittest.main()
