# SPDX-License-Identifier: GPL-2.0-or-later
"""The frequency of this machine's time stamp counter, which an emulated one has as well."""

from __future__ import annotations

import ctypes
import functools
import mmap
import platform
import time

#: rdtsc; shl $32, %rdx; or %rdx, %rax; ret
_CODE = bytes.fromhex("0f31 48c1e220 4809d0 c3")


@functools.cache
def counter_khz() -> int | None:
    """Measured, in kHz; nothing where there is no such counter."""
    if platform.machine() != "x86_64":
        return None
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(_CODE)
    read = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    found = []
    for _ in range(5):
        begin, ticks = time.monotonic_ns(), read()
        time.sleep(0.02)
        end, more = time.monotonic_ns(), read()
        found.append((more - ticks) * 1_000_000 // (end - begin))
    # One that was interrupted between the two clocks is at either end.
    return sorted(found)[2]
