"""The project's functions in the order in which they are called, over all threads."""

from __future__ import annotations

import asyncio
import re
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from tests.support.shell import ROOT

Step = tuple[str, str]  # the file below the project's folder, and the qualified name
INLINE = re.compile(r"\.<locals>\.<(?:lambda|genexpr|\w+comp)>")
PRODUCT = tuple(f"{ROOT}/{folder}/" for folder in ("accounts", "config", "downloads"))


@dataclass(frozen=True)
class Call:
    """A call of ``step``. ``callers``: the project's functions on the stack, the nearest first.
    ``flow``: its thread and, in an event loop, its task."""

    step: Step
    callers: tuple[Step, ...]
    flow: tuple[int, int]


@dataclass
class Trace:
    """The calls, in order. ``stacks`` are of the functions that ``calls`` was asked about."""

    steps: list[Step] = field(default_factory=list)
    stacks: list[Call] = field(default_factory=list)


@contextmanager
def calls(stacks_of: Sequence[str] = ()) -> Iterator[Trace]:
    """Collect each call in this thread and in threads that start meanwhile."""
    trace, names = Trace(), frozenset(stacks_of)

    def hear(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and is_ours(frame.f_code):
            step = _step(frame.f_code)
            trace.steps.append(step)
            if step[1] in names:
                trace.stacks.append(Call(step, tuple(_callers(frame)), _flow()))

    threading.setprofile(hear)
    sys.setprofile(hear)
    try:
        yield trace
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]


def is_ours(code: CodeType) -> bool:
    return code.co_filename.startswith(PRODUCT)


def _step(code: CodeType) -> Step:
    """Return its step; a lambda or a comprehension is part of the function that it stands in."""
    name = INLINE.sub("", code.co_qualname).replace(".<locals>", "")
    return code.co_filename[len(str(ROOT)) + 1 :], name


def _callers(frame: FrameType) -> Iterator[Step]:
    above = frame.f_back
    while above is not None:
        if is_ours(above.f_code):
            yield _step(above.f_code)
        above = above.f_back


def _flow() -> tuple[int, int]:
    try:
        return threading.get_ident(), id(asyncio.current_task())
    except RuntimeError:
        return threading.get_ident(), 0


def not_in_order(walk: Sequence[Step], called: Sequence[Step]) -> Step | None:
    """Return the first step that was not called after the one before it; None: all were."""
    left = iter(called)
    return next((step for step in walk if step not in left), None)
