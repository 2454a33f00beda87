"""A progress bar on standard error; nothing if that is no terminal."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Final

from downloads.engine.core.progress import Phase, Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar


_DOING: Final = {Phase.PROCESSING: "merging"}


class ProgressBar:
    """A bar, called with each Progress. Rich is imported only for a terminal: it costs 40 ms."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._bar: Bar | None = None

    def __enter__(self) -> ProgressBar:
        if sys.stderr.isatty():
            self._bar = _make_bar()
            self._task = self._bar.add_task(self._title, total=None, amount="", rest="")
            self._bar.start()
        return self

    def __call__(self, now: Progress) -> None:
        if self._bar is None:
            return
        doing = _DOING.get(now.phase) or _rate(now)
        percent = None if now.phase is Phase.DOWNLOADING and not now.bytes_total else _percent(now)
        self._bar.update(
            self._task,
            completed=percent or 0,
            total=None if percent is None else 100,
            amount=_amount(now),
            rest="  ".join(filter(None, (doing, _clock(now.eta)))),
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _percent(now: Progress) -> float | None:
    """Return the share of all work; of the bytes alone in a plain transfer, which has no other."""
    if now.percent is not None or not now.bytes_total:
        return now.percent
    return 100 * now.bytes_done / now.bytes_total


def _amount(progress: Progress) -> str:
    done = _size(progress.bytes_done)
    return done if progress.bytes_total is None else f"{done} / {_size(progress.bytes_total)}"


def _rate(progress: Progress) -> str:
    many = "" if progress.connections == 1 else "s"
    return f"{_size(progress.speed)}/s over {progress.connections} connection{many}"


def _size(count: float) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.2f} GiB"


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02} left"


def _make_bar() -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[amount]}", markup=False),
        TextColumn("{task.fields[rest]}", markup=False),
        console=Console(stderr=True),
    )
