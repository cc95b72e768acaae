# SPDX-License-Identifier: GPL-2.0-or-later
"""Take the plain ELF kernel out of a bzImage.

QEMU starts an ELF kernel that has the PVH note directly; so the guest is spared unpacking itself,
which software emulation makes slow. Layout: the kernel's Documentation/x86/boot.rst, payload_offset.
"""

from __future__ import annotations

import lzma
import struct
import subprocess


def extract(bzimage: bytes) -> bytes:
    if bzimage[0x202:0x206] != b"HdrS":
        raise ValueError("not a bzImage")
    sectors = bzimage[0x1F1] or 4
    offset, length = struct.unpack_from("<II", bzimage, 0x248)
    start = (sectors + 1) * 512 + offset
    # The last four bytes of the payload are its uncompressed size.
    payload = bzimage[start : start + length]
    size = struct.unpack("<I", payload[-4:])[0]
    kernel = _decompress(payload[:-4])
    if len(kernel) != size or kernel[:4] != b"\x7fELF":
        raise ValueError("the payload is not the kernel that its header announces")
    return kernel


def _decompress(payload: bytes) -> bytes:
    if payload[:6] == b"\xfd7zXZ\0":
        return lzma.LZMADecompressor(format=lzma.FORMAT_XZ).decompress(payload)
    if payload[:4] == b"\x28\xb5\x2f\xfd":
        done = subprocess.run(["zstd", "-dcq"], input=payload, capture_output=True, check=True)
        return done.stdout
    raise ValueError(f"unknown compression {payload[:6].hex()}")
