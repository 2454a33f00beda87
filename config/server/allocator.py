"""glibc's allocator, told that one heap will do."""

from __future__ import annotations

import ctypes
from typing import Final

_ARENA_MAX: Final = -8  # M_ARENA_MAX of malloc.h


def use_one_arena() -> bool:
    """Have all threads allocate from one heap. Return False where the C library is another.

    glibc gives threads heaps of their own, up to eight for each core, so that they do not wait for
    each other; ours do that for the interpreter's lock anyway. What a request leaves free in one
    heap is of no use to the next request, in another: 16 MiB of the web process.
    """
    try:
        return bool(ctypes.CDLL(None).mallopt(_ARENA_MAX, 1))
    except (AttributeError, OSError):
        return False
