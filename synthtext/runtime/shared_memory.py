"""Memory that processes share and that no end of theirs leaves behind: it has no name in any file system."""

from __future__ import annotations

import mmap
import multiprocessing
import os
from multiprocessing import reduction
from typing import Any

import numpy as np
import numpy.typing as npt

from synthtext.core.errors import InputError


class SharedBlock:
    """`size` bytes, zero at first. A forked process has them, a spawned one gets them as an argument of `Process`.

    On Linux an anonymous file (`memfd`), which is not bound by the size of /dev/shm: containers give that 64 MB.
    Elsewhere multiprocessing's own: a file unlinked at once, or on Windows a mapping that ends with its last handle.
    Raises InputError where so much memory is not to be had.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._fd = -1
        try:
            if hasattr(os, "memfd_create"):
                self._fd = os.memfd_create("synthtext", os.MFD_CLOEXEC)
                os.ftruncate(self._fd, size)
                self._memory: Any = mmap.mmap(self._fd, size)
            else:
                self._memory = multiprocessing.RawArray("b", size)
        except (OSError, ValueError, OverflowError, MemoryError) as error:
            self.close()
            raise InputError(
                f"{size / 1e9:,.2f} GB of shared memory cannot be had ({error}); lower batch_size, ring or what the "
                "fields hold at most"
            ) from None

    def bytes(self, offset: int = 0, count: int = -1) -> npt.NDArray[np.uint8]:
        """A new array over `count` bytes from `offset`; the memory stays as long as any array of it."""
        return np.frombuffer(self._memory, np.uint8, count, offset)

    @property
    def file(self) -> int:
        """The descriptor of the file that the memory is, for locks on it; -1 where there is none."""
        return self._fd

    def close(self) -> None:
        """Give back the file descriptor; arrays stay good, and processes that have the memory keep it."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __del__(self) -> None:
        self.close()

    def __getstate__(self) -> tuple[int, Any]:
        return self.size, reduction.DupFd(self._fd) if self._fd >= 0 else self._memory

    def __setstate__(self, state: tuple[int, Any]) -> None:
        self.size, memory = state
        self._fd = -1
        if hasattr(memory, "detach"):
            self._fd = memory.detach()
            memory = mmap.mmap(self._fd, self.size)
        self._memory = memory
