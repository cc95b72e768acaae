# SPDX-License-Identifier: GPL-2.0-or-later
"""Devices and assignments as values, and their text on the wire.

The serialisation of release 4.3 is that of qubes/device_protocol.py (qubes-core-admin); a device is
read from QubesDB as qubesusbproxy/core3ext.py (qubes-app-linux-usb-proxy) does, its peculiarities
included: `name` is always the serial number.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass, field, replace

from .errors import ProtocolError
from .usbids import UNKNOWN, UsbIds

QDB_FOLDER = "/qubes-usb-devices"
ANY = "*"
UNKNOWN_INTERFACE = "?******"
PORT = re.compile(r"[0-9]+-[0-9]+(\.[0-9]+)*")
QDB_PORT = re.compile(r"[0-9]+-[0-9]+(_[0-9]+)*")
CONNECTED_TO = re.compile(r"[a-zA-Z][a-zA-Z0-9_.-]*")
MODES = ("manual", "ask-to-attach", "auto-attach", "required")
TEXTS = ("vendor", "product", "manufacturer", "name", "serial")

_PRINTABLE = frozenset(string.ascii_letters + string.digits + string.punctuation + " ")
_KEY = frozenset(_PRINTABLE) - frozenset(" ='\"`")
_HEX = frozenset(string.hexdigits)


@dataclass(frozen=True)
class Device:
    """A device that a backend shows. The interfaces are checked only when they are asked for."""

    backend: str
    port: str
    vid: str = "0000"
    pid: str = "0000"
    vendor: str = UNKNOWN
    product: str = UNKNOWN
    manufacturer: str = UNKNOWN
    name: str = UNKNOWN
    serial: str = UNKNOWN
    untrusted_interfaces: tuple[str, ...] = ()
    attachment: str | None = None
    #: the text of QubesDB as it is, for releases 4.1 and 4.2
    untrusted_desc: str = ""

    @property
    def interfaces(self) -> tuple[str, ...]:
        for code in self.untrusted_interfaces:
            if not set(code) <= _HEX:
                raise ProtocolError(f"Invalid interface code: {code}")
        return tuple("u" + code[:6].ljust(6, "*") for code in self.untrusted_interfaces) or (
            UNKNOWN_INTERFACE,
        )

    @property
    def device_id(self) -> str:
        serial = "" if self.serial == UNKNOWN else self.serial
        return f"{self.vid}:{self.pid}:{serial}:{''.join(self.interfaces)}"

    def __str__(self) -> str:
        return f"{self.backend}:{self.port}:{self.device_id}"

    def serialize(self, order: tuple[str, ...] = TEXTS) -> str:
        """order: of the five texts; in the real server it changes from start to start."""
        texts = " ".join(
            _pair(key, getattr(self, key)) for key in order if getattr(self, key) != UNKNOWN
        )
        parts = [_identity(self.device_id, self.port, self.backend), texts]
        if self.attachment is not None:
            parts.append(_pair("attachment", self.attachment))
        parts.append(_pair("interfaces", "".join(self.interfaces)))
        return " ".join(parts)


@dataclass(frozen=True)
class Assignment:
    """backend, port and device_id say of which device; port and device_id may be ANY."""

    backend: str
    port: str
    device_id: str = ANY
    mode: str = "manual"
    frontend: str | None = None
    options: dict[str, str] = field(default_factory=dict)

    @property
    def target(self) -> tuple[str, str, str]:
        return self.backend, self.port, self.device_id

    def __str__(self) -> str:
        return f"{self.backend}:{self.port}:{self.device_id}"

    @property
    def rank(self) -> int:
        """How specific it is: port and identity, port, identity, neither."""
        return 2 * (self.port != ANY) + (self.device_id != ANY)

    def matches(self, device: Device) -> bool:
        return (
            self.backend == device.backend
            and self.port in (ANY, device.port)
            and self.device_id in (ANY, device.device_id)
        )

    def serialize(self) -> str:
        parts = [_identity(self.device_id, self.port, self.backend), _pair("mode", self.mode)]
        if self.frontend is not None:
            parts.append(_pair("frontend_domain", self.frontend))
        parts += [_pair("_" + key, value) for key, value in self.options.items()]
        return " ".join(parts)


def _identity(device_id: str, port: str, backend: str) -> str:
    return (
        f"{_pair('device_id', device_id)} {_pair('port_id', port)} devclass='usb' "
        f"{_pair('backend_domain', backend)}"
    )


def _pair(key: str, value: str) -> str:
    if not set(value) <= _PRINTABLE:
        raise ProtocolError(f"Invalid chars in property value of {key}")
    quoted = value.replace("'", r"\'")
    return f"{key}='{quoted}'"


def parse_pairs(untrusted_text: str) -> dict[str, str]:
    """The reference parser: no value may hold `='`, a backslash escapes nothing but a quote."""
    rest = untrusted_text.strip()
    if not rest:
        return {}
    keys: list[str] = []
    values: list[str] = []
    key, separator, rest = rest.partition("='")
    if not separator:
        raise ProtocolError("Invalid serialization: no value")
    keys.append(key)
    while "='" in rest:
        value_and_key, _, rest = rest.partition("='")
        value, _, key = value_and_key.rpartition("' ")
        values.append(value)
        keys.append(key.strip())
    values.append(rest[:-1])
    if not all(key and set(key) <= _KEY for key in keys):
        raise ProtocolError("Invalid chars in property name: ")
    if not all(set(value) <= _PRINTABLE for value in values):
        raise ProtocolError("Invalid chars in property value: ")
    return {key: value.replace(r"\'", "'") for key, value in zip(keys, values)}


def parse_argument(arg: str) -> Assignment:
    """BACKEND+PORT[+VID+PID+SERIAL+INTERFACES]. Raises ValueError where there is no '+'."""
    backend, rest = arg.split("+", 1)
    port, _, device_id = rest.replace("+", ":").partition(":")
    device_id = device_id.replace("_______", UNKNOWN_INTERFACE)
    return Assignment(
        backend, ANY if port == "_" else port, ANY if device_id in ("", "_") else device_id
    )


def apply_payload(target: Assignment, untrusted_payload: bytes) -> Assignment:
    """What is to be attached or assigned: the argument, with the payload that must not contradict it."""
    try:
        pairs = parse_pairs(untrusted_payload.decode("ascii"))
    except UnicodeDecodeError as error:
        raise ProtocolError("Non-ASCII serialization") from error
    options = {key[1:]: value for key, value in pairs.items() if key.startswith("_")}
    known = {key: value for key, value in pairs.items() if not key.startswith("_")}
    expected = {"port_id": target.port, "devclass": "usb", "backend_domain": target.backend}
    if target.device_id != ANY:
        expected["device_id"] = target.device_id
    for key, value in expected.items():
        if known.pop(key, value) != value:
            raise ProtocolError(f"Got different {key} than expected.")
    device_id = known.pop("device_id", target.device_id)
    mode = known.pop("mode", "manual")
    frontend = known.pop("frontend_domain", None)
    if mode not in MODES:
        raise ProtocolError(f"Invalid assignment mode: {mode}")
    if known:
        raise ProtocolError(f"Unexpected device property: {sorted(known)[0]}")
    return replace(target, device_id=device_id, mode=mode, frontend=frontend, options=options)


def interface_matches(pattern: str, interface: str) -> bool:
    return len(pattern) == len(interface) and all(
        wanted in ("*", found) for wanted, found in zip(pattern, interface)
    )


def split_interfaces(untrusted_text: str) -> list[str]:
    """Interfaces of seven characters each, without separators."""
    if len(untrusted_text) % 7:
        raise ProtocolError("Interface encoding must be of length 7")
    codes = [untrusted_text[at : at + 7] for at in range(0, len(untrusted_text), 7)]
    if not all(re.fullmatch(r"[a-z?][0-9a-fA-F*]{6}", code) for code in codes):
        raise ProtocolError("Invalid interface encoding")
    return codes


def decode_text(untrusted_text: str, allowed: frozenset[str] = _PRINTABLE) -> str:
    r"""udev's escapes decoded; what is not printable ASCII becomes '_'. One character is one byte.

    A backslash before anything but x just vanishes, and an escape that is cut off ends the text.
    """
    result = ""
    at = 0
    while at < len(untrusted_text):
        character = untrusted_text[at]
        if character == "\\":
            at += 1
            if at >= len(untrusted_text):
                break
            character = untrusted_text[at]
            if character == "x":
                at += 2
                if at >= len(untrusted_text):
                    break
                digits = untrusted_text[at - 1 : at + 1]
                character = chr(int(digits, 16)) if set(digits) <= _HEX else "_"
        result += character if character in allowed else "_"
        at += 1
    return result


def read_devices(backend: str, tree: dict[str, str], ids: UsbIds, qubes: set[str]) -> list[Device]:
    """The devices in a backend's QubesDB (paths below QDB_FOLDER). qubes: all that exist."""
    folders = {path.split("/")[2] for path in tree if path.startswith(QDB_FOLDER + "/")}
    devices = []
    for name in sorted(folder for folder in folders if QDB_PORT.fullmatch(folder)):
        prefix = f"{QDB_FOLDER}/{name}/"
        connected = tree.get(prefix + "connected-to", "")
        known = CONNECTED_TO.fullmatch(connected) and connected in qubes
        device = Device(
            backend,
            name.replace("_", "."),
            untrusted_interfaces=tuple(
                decode_text(code, _HEX)
                for code in tree.get(prefix + "interfaces", "").split(":")
                if code
            ),
            attachment=connected if known else None,
            untrusted_desc=tree.get(prefix + "desc", ""),
        )
        devices.append(_described(device, ids))
    return devices


def _described(device: Device, ids: UsbIds) -> Device:
    fields = device.untrusted_desc.split(" ")
    if len(fields) != 4 or fields[0].count(":") != 1:
        return device
    vid, pid = (decode_text(part) for part in fields[0].split(":"))
    vendor, product = ids.product(vid, pid)
    serial = decode_text(fields[3])
    return replace(
        device,
        vid=vid,
        pid=pid,
        vendor=decode_text(vendor),
        product=decode_text(product),
        manufacturer=decode_text(fields[1]),
        name=serial,
        serial=serial,
    )


# Releases 4.1 and 4.2

_HW_IDENT = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4} ")
#: What 4.2 makes of the unknown identity of every device (usb-proxy 1.3).
LEGACY_IDENTITY = "0000:0000::'?''*''*''*''*''*''*'"
_SAFE_CHARS = string.ascii_letters + string.digits + string.punctuation


def line_4_1(device: Device) -> str:
    text = "".join(c if c in _PRINTABLE else "_" for c in device.untrusted_desc if ord(c) < 0x80)
    found = _HW_IDENT.match(text)
    return f"{device.port} description={text[found.end():] if found else text}"


def line_4_2(device: Device) -> str:
    text = "".join(c if c in _SAFE_CHARS else "_" for c in device.untrusted_desc)
    return (
        f"{device.port} attachment={device.attachment} product=unknown name=unknown "
        f"interfaces={UNKNOWN_INTERFACE} safe_chars={_SAFE_CHARS} serial=unknown "
        f"manufacturer=unknown parent_device=None self_identity={LEGACY_IDENTITY} "
        f"vendor=unknown description={text}"
    )
