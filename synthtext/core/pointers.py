"""Arrays by their address: how a kernel reads pixels that no argument of it holds.

A table of photographs or textures has rows of one kind, but each its own array. Whoever puts an address into a table
keeps the array alive until the kernel is done.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray, types  # type: ignore[attr-defined]
from numba.extending import intrinsic

from synthtext.core.kernel import kernel


def _pointer_of(typing: Any, address: Any) -> Any:
    """The pointer of an address."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], context.get_value_type(types.voidptr))

    return types.voidptr(address), generate


_pointer: Any = intrinsic(_pointer_of)


@kernel
def int64_at(address, count):
    """The int64 array (count,) at an address."""
    return carray(_pointer(address), (count,), np.int64)


@kernel
def uint32_at(address, count):
    """The uint32 array (count,) at an address."""
    return carray(_pointer(address), (count,), np.uint32)


@kernel
def uint16_at(address, count):
    """The uint16 array (count,) at an address."""
    return carray(_pointer(address), (count,), np.uint16)
