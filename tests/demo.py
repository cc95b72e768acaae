#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job on a machine without Qubes: a USB stick moves between two machines. Started by tests/demo."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from desktopkit import Applet, Desktop, Programs, Qubesd, Session, SessionError, until
from desktopkit.programs import PROGRAM, QUBES
from labkit import Lab, LabError

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
ENGINE = BUILD / "lab" / "install"
OUT = BUILD / "demo"
PREFIX = OUT / "install" / "usr"

ATTACH = "echo sys-usb 2-1 | qvm-run -p -u root work-usb 'QUBESRPC qubes.USBAttach dom0'"
DETACH = "echo sys-usb 2-1 | qvm-run -p -u root work-usb 'QUBESRPC qubes.USBDetach dom0'"

WHAT_TO_DO = """\
The applet is in your tray, and its window is open. Try:
  * Attach... in the row of the stick, then work-usb: that is another machine, with a kernel of its own.
  * The menu of the icon (right click): move the stick to personal-usb (a third machine, which is still booting), detach it.
  * The same by D-Bus:
      busctl --user call org.qubes.UsbApplet1 /org/qubes/UsbApplet1 org.qubes.UsbApplet1 \\
          Attach sss sys-usb 2-1 work-usb
Quit in the menu, or Ctrl-C here, ends everything."""


class Transcript:
    """Says it, and keeps it."""

    def __init__(self) -> None:
        OUT.mkdir(parents=True, exist_ok=True)
        self._file = open(OUT / "transcript.txt", "w", encoding="utf-8")
        self._bold = sys.stdout.isatty()

    def line(self, text: str) -> None:
        print(text, flush=True)
        print(text, file=self._file, flush=True)

    def say(self, text: str) -> None:
        print(f"\033[1m{text}\033[0m" if self._bold else text, flush=True)
        print(text, file=self._file, flush=True)


def must(*command: str | Path, **env: str) -> None:
    """Run a step of the build; how far it is shows while it runs, what it says only if it fails."""
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=ROOT,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    lines = []
    shown = 0.0
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        step = re.match(r"\[(\d+)/(\d+)\]", line)
        if step and sys.stdout.isatty():
            print(f"\r  {step[1]} of {step[2]} ", end="", flush=True)
        elif step and time.monotonic() > shown + 10:
            shown = time.monotonic()
            print(f"  {step[1]} of {step[2]}", flush=True)
    if sys.stdout.isatty():
        print("\r\033[K", end="", flush=True)
    if process.wait() != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{''.join(lines)}")


def build(transcript: Transcript) -> None:
    transcript.say("Building the engine, the applet and the lab (some minutes the first time)")
    must("cmake", "--preset", "release")
    must("cmake", "--build", "--preset", "release")
    for component, folder in (("engine", ENGINE), ("applet", OUT / "install")):
        install = ("cmake", "--install", BUILD / "release", "--component", component)
        must(*install, DESTDIR=str(folder))


class Demo:
    """A running lab, shown step by step."""

    def __init__(self, lab: Lab, transcript: Transcript) -> None:
        self.lab = lab
        self.transcript = transcript

    def show(self, qube: str, command: str) -> None:
        """Run a command in a qube and show it with what it prints."""
        self.transcript.line(f"  [root@{qube}] {command}")
        result = self.lab[qube].run(command, timeout=120)
        for line in (result.out + result.err).splitlines():
            self.transcript.line(f"    {line}")

    def dom0(self, command: str) -> None:
        self.transcript.line(f"  [user@dom0] {command}")
        begin = time.monotonic()
        result = self.lab.dom0(command, timeout=150)
        if result.rc != 0:
            raise LabError(f"exit code {result.rc}: {result.err.strip()}")
        took = time.monotonic() - begin
        self.transcript.line(f"    done after {took:.1f} s (these machines are emulated)")

    def engine(self) -> None:
        """The seed's own command lines."""
        say = self.transcript.say
        self.lab.policy("qubes.USB * @anyvm @anyvm allow\n")
        say(
            "Two machines run: sys-usb has USB controllers, work-usb has none. A stick is plugged in:"
        )
        stick = self.lab["sys-usb"].plug("stick", port=1, serial="DEMO-0001")
        self.lab["sys-usb"].wait("test -b /dev/sda")
        self.show("sys-usb", "qubes-usb-engine list")
        self.show("sys-usb", "sha256sum </dev/sda")
        say("It is attached to work-usb:")
        self.dom0(ATTACH)
        self.lab["work-usb"].wait("test -b /dev/sda")
        self.show("work-usb", "qubes-usb-engine list")
        self.show("work-usb", "sha256sum </dev/sda")
        say("It is detached, and back with its own driver in sys-usb:")
        self.dom0(DETACH)
        self.show("sys-usb", "qubes-usb-engine list")
        say("A request that makes no sense:")
        result = self.lab.dom0(ATTACH.replace("2-1", "2-1:1.0"))
        self.transcript.line(f"    {result.err.strip()} (exit code {result.rc})")
        self.lab["sys-usb"].unplug(stick)
        self.lab.policy("")  # from here on qubesd allows what the applet asks for

    def applet_by_itself(self) -> None:
        """In a virtual screen, clicked by a program with the mouse; pictures of each step."""
        say = self.transcript.say
        say("Now with clicks, in a virtual screen with Xfce's panel")
        session = Session(prefixes=[PREFIX])
        try:
            desktop = Desktop(session)
            qubesd = Qubesd(session, self.lab.folder, self.lab.programs, QUBES)
            qubesd.start()
            applet = Applet(session, PREFIX, "--socket", str(qubesd.socket))
            applet.start()
            applet.wait_connected()
            _ = desktop.tray_icon
            say("A stick is plugged in; the applet notifies. Click: Choose...")
            self.lab["sys-usb"].plug("stick", port=1, serial="DEMO-0001")
            desktop.wait_notice(re.compile(".*2-1.*", re.DOTALL))
            self.picture(desktop, "1-plugged-in")
            desktop.click_notice("Choose…")
            say("Click in the chooser: work-usb, then Attach")
            desktop.click(desktop.tree.find("work-usb, Suggested", "list item", PROGRAM))
            desktop.click(desktop.tree.find("Attach to work-usb", "push button", PROGRAM))
            desktop.wait_notice("Attached to work-usb")
            self.picture(desktop, "2-attached")
            self.lab["work-usb"].wait("test -b /dev/sda")
            self.show("work-usb", "qubes-usb-engine list")
            self.show("work-usb", "head -c 1048576 /dev/sda | sha256sum")
            self.show("sys-usb", "qubes-usb-engine list")
            say("Click: the menu of the icon in the tray, the stick, Detach from work-usb")
            desktop.press("Escape")
            desktop.open_tray_menu()
            desktop.choose(re.compile(r".* · 2-1 → work-usb"))
            desktop.tree.find("Detach from work-usb", "accelerator label")
            self.picture(desktop, "3-menu")
            desktop.choose("Detach from work-usb")
            desktop.wait_notice("Detached from work-usb")
            self.picture(desktop, "4-detached")
            self.show("work-usb", "qubes-usb-engine list")
            self.show("sys-usb", "qubes-usb-engine list")
            applet.stop()
            qubesd.stop()
        except SessionError:
            self.picture(desktop, "failed")
            print(f"The applet said: {applet.log}\nqubesd said: {qubesd.log[-4000:]}")
            raise
        finally:
            session.close()
        say(f"Pictures and this text: {OUT.relative_to(ROOT)}")

    def picture(self, desktop: Desktop, name: str) -> None:
        path = OUT / f"{name}.png"
        desktop.screenshot(path)
        self.transcript.line(f"  picture: {path.relative_to(ROOT)}")

    def applet_for_you(self) -> None:
        """On the user's own desktop, until the user ends it."""
        shares = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
        env = {**os.environ, "XDG_DATA_DIRS": f"{PREFIX / 'share'}:{shares}"}
        programs = Programs(OUT / "session", env)
        try:
            qubesd = Qubesd(programs, self.lab.folder, self.lab.programs, QUBES)
            qubesd.start()
            self.lab["sys-usb"].plug("stick", port=1, serial="DEMO-0001")
            self.lab["sys-usb"].plug("mouse")
            # It boots while people look around; the applet shows when it is up.
            self.lab["personal-usb"].start(wait=False)
            bus = [] if "DBUS_SESSION_BUS_ADDRESS" in os.environ else ["dbus-run-session", "--"]
            applet = programs.start(
                *bus, PREFIX / "bin" / PROGRAM, "--window", "--socket", qubesd.socket
            )
            self.transcript.say(WHAT_TO_DO)
            until(lambda: applet.poll() is not None, "the end of the applet", limit=float("inf"))
            if applet.returncode != 0:
                raise SessionError(f"the applet ended: {programs.log(applet)}")
        finally:
            programs.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="The main job on a machine without Qubes.")
    parser.add_argument("--kernel", choices=("6.1", "6.12"), default="6.1")
    parser.add_argument(
        "--virtual", action="store_true", help="a virtual screen, even if there is a real one"
    )
    options = parser.parse_args()
    has_display = "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    transcript = Transcript()
    try:
        build(transcript)
        programs = BUILD / "release" / "tests" / "lab" / "qrexec" / "bin"
        with Lab(
            kernel=options.kernel, engine=ENGINE, programs=programs, say=transcript.say
        ) as lab:
            demo = Demo(lab, transcript)
            demo.engine()
            if has_display and not options.virtual:
                demo.applet_for_you()
            else:
                demo.applet_by_itself()
    except (LabError, SessionError) as error:
        print(f"The demonstration failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print()
        return 130
    transcript.say("All machines are off again. To play with them: tests/lab/README.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
