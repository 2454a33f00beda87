"""A progress bar for people, on standard error; nothing where that is no terminal."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TYPE_CHECKING

from downloads.transfer.progress import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bar


class ProgressBar:
    """Call it with each Progress. Rich is imported only where somebody looks: it costs 40 ms."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._bar: Bar | None = None

    def __enter__(self) -> ProgressBar:
        if sys.stderr.isatty():
            self._bar = _make_bar()
            self._task = self._bar.add_task(self._title, total=None, connections="")
            self._bar.start()
        return self

    def __call__(self, progress: Progress) -> None:
        if self._bar is None:
            return
        many = "" if progress.connections == 1 else "s"
        self._bar.update(
            self._task,
            completed=progress.bytes_done,
            total=progress.bytes_total,
            connections=f"{progress.connections} connection{many}",
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()


def _make_bar() -> Bar:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(binary_units=True),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[connections]}"),
        console=Console(stderr=True),
    )
