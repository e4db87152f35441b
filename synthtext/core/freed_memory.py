"""Large buffers without page faults."""

from __future__ import annotations

import ctypes
import functools
import sys

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3  # malloc.h of glibc
_KEPT = 256 << 20


@functools.cache
def keep_freed_memory() -> bool:
    """Let the C library keep up to 256 MB of freed memory, instead of giving it back to the system at once.

    An image of a few MB that is made anew for each sample otherwise comes from fresh pages, whose first touch costs the
    system more than a kernel needs to fill them (in virtual machines above all: 3.8 ms for two images of 512 x 512).
    Only glibc is asked, where there is one; returns whether it agreed.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(
        mallopt(_M_MMAP_THRESHOLD, _KEPT) and mallopt(_M_TRIM_THRESHOLD, _KEPT) and mallopt(_M_TOP_PAD, 16 << 20)
    )
