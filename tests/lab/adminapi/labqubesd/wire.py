# SPDX-License-Identifier: GPL-2.0-or-later
"""Bytes of the Admin API's socket (qubes/api/__init__.py of qubes-core-admin)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

#: Header, NUL and payload together; one byte more and the server aborts the connection.
MAX_REQUEST = 65536


class FramingError(Exception):
    """Not a request; answered by nothing."""


@dataclass(frozen=True)
class Request:
    method: str
    arg: str
    source: str
    dest: str
    payload: bytes


def parse_request(data: bytes) -> Request:
    """METHOD+ARG SOURCE name|keyword DEST NUL PAYLOAD; the client's half-close has ended it."""
    header, nul, payload = data.partition(b"\0")
    if not nul:
        raise FramingError("no NUL")
    try:
        fields = header.decode("ascii").split(" ", 3)
    except UnicodeDecodeError as error:
        raise FramingError(str(error)) from error
    if len(fields) != 4:
        raise FramingError("not four fields")
    call, source, kind, dest = fields
    if kind == "keyword" and dest == "adminvm":
        dest = "dom0"
    elif kind != "name":
        raise FramingError(f"destination {kind} {dest}")
    method, _, arg = call.partition("+")
    return Request(method, arg, source, dest, payload)


def ok(content: str) -> bytes:
    return b"0\0" + content.encode()


def exception(error: BaseException, traceback: str = "") -> bytes:
    text = f"{type(error).__name__}\0{traceback}\0{error}\0"
    return b"2\0" + text.encode()


def event(subject: str, name: str, details: Mapping[str, object]) -> bytes:
    """subject: a qube's name, or "" for the server itself."""
    parts = [subject, name]
    for key, value in details.items():
        parts += [key, str(value)]
    return b"1\0" + b"".join(part.encode() + b"\0" for part in parts) + b"\0"
