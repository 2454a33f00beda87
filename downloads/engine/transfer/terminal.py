"""A progress bar on standard error; nothing if that is no terminal."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING

from downloads.engine.transfer.progress import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar


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

    def __call__(self, progress: Progress) -> None:
        """Show the progress of a transfer alone."""
        total = progress.bytes_total
        percent = None if not total else 100 * progress.bytes_done / total
        self.show(progress, percent, progress.eta)

    def show(
        self, progress: Progress, percent: float | None, eta: float | None, doing: str = ""
    ) -> None:
        """Show progress. ``percent`` of all the work, ``eta`` in seconds; ``doing``: the current
        step, if no bytes come."""
        if self._bar is None:
            return
        self._bar.update(
            self._task,
            completed=percent or 0,
            total=None if percent is None else 100,
            amount=_amount(progress),
            rest="  ".join(filter(None, (doing or _rate(progress), _clock(eta)))),
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


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
