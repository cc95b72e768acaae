# SPDX-License-Identifier: GPL-2.0-or-later
"""The far end of the lab's serial devices: sends back every byte."""

from __future__ import annotations

import socketserver
import threading
from pathlib import Path


class _Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        try:
            while data := self.request.recv(4096):
                self.request.sendall(data)
        except OSError:
            # The guest's QEMU was killed: nobody is left to send to.
            return


class EchoServer:
    def __init__(self, path: Path) -> None:
        self._server = socketserver.ThreadingUnixStreamServer(str(path), _Echo)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
