"""Optional packages that a library loads wherever they are installed, though Ferry has no use for
them there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def not_loading(*names: str) -> Iterator[None]:
    """Have imports of these packages fail within the block, as if they were not installed; what
    is loaded already stays. For the start of a process, while it has one thread."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: not to be found
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
