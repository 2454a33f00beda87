"""The project's functions in the order in which they are called, over all threads."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from tests.support.shell import ROOT

Step = tuple[str, str]  # the file below the project's folder, and the qualified name
PRODUCT = tuple(f"{ROOT}/{folder}/" for folder in ("accounts", "config", "downloads"))


@contextmanager
def calls() -> Iterator[list[Step]]:
    """Collect each call in this thread and in threads that start meanwhile."""
    found: list[Step] = []

    def hear(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(PRODUCT):
            found.append((code.co_filename[len(str(ROOT)) + 1 :], code.co_qualname))

    threading.setprofile(hear)
    sys.setprofile(hear)
    try:
        yield found
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]


def not_in_order(walk: Sequence[Step], called: Sequence[Step]) -> Step | None:
    """Return the first step that was not called after the one before it; None: all were."""
    left = iter(called)
    return next((step for step in walk if step not in left), None)
