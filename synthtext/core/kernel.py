"""How this package compiles kernels with Numba: `kernel`, and `part` for what is compiled within its callers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

_njit: Any = njit  # its types lack the option below

_OPTIONS = {"cache": True, "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}

#: Zero, for a kernel that passes it to another: for the literal 0 Numba would compile that other one once more.
ZERO = np.int64(0)


def kernel(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile `function` with Numba: cached on disk, GIL released, IEEE arithmetic.

    No `fastmath`: a result that depends on the vector width would break "same bytes on every machine". No wrapper for
    calls from C, which nobody makes: an eighth of the time to compile.
    """
    compiled: Callable[..., Any] = _njit(**_OPTIONS)(function)
    return compiled


def part(function: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel that is compiled as a part of each kernel that calls it; by itself, only where Python calls it.

    For what does little but call others. A kernel that is called from another is optimised with all that it calls, and
    once more with the caller and all that calls that: each level between costs its part of the time to compile.
    """
    compiled: Callable[..., Any] = _njit(inline="always", **_OPTIONS)(function)
    return compiled
