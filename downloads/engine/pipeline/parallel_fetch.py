"""The concurrent fetch of all streams of a selection, a thread each: if one fails, all end; their
progress is summed."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import StopReason
from downloads.engine.core.media import Validators, combined_revision
from downloads.engine.core.progress import Progress
from downloads.engine.pipeline.stream_fetch import StreamFetch

QUIET = 2.0  # seconds without a sign of life after which a stream does not vouch for the job


class ParallelFetch:
    """A fetch of the streams of one selection. Use as a context: at its end, all have ended."""

    def __init__(self, fetches: Sequence[StreamFetch], trunk: StopToken) -> None:
        self.fetches = fetches
        self._trunk = trunk
        self._threads = [
            threading.Thread(target=fetch.run, name=f"stream-{place}", daemon=True)
            for place, fetch in enumerate(fetches)
        ]

    def __enter__(self) -> ParallelFetch:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        for fetch in self.fetches:
            fetch.stop.stop(StopReason.UNWANTED)
        for thread in self._threads:
            thread.join()

    def look(self) -> None:
        """Beat for the job while all streams that still run beat; raise what one has raised."""
        failed = next((fetch for fetch in self.fetches if fetch.error is not None), None)
        if failed is not None and failed.error is not None:
            raise failed.error
        if self._running and all(fetch.stop.idle_seconds < QUIET for fetch in self._running):
            self._trunk.beat()

    def wait(self, seconds: float) -> None:
        """Wait at most until one stream ends."""
        if running := self._running:
            running[0].ended.wait(seconds)

    @property
    def is_complete(self) -> bool:
        return all(fetch.ended.is_set() and fetch.error is None for fetch in self.fetches)

    @property
    def has_failed(self) -> bool:
        return any(fetch.error is not None for fetch in self.fetches)

    @property
    def _running(self) -> list[StreamFetch]:
        return [fetch for fetch in self.fetches if not fetch.ended.is_set()]

    @property
    def progress(self) -> Progress:
        """Return the progress of all streams together."""
        parts = [fetch.progress for fetch in self.fetches]
        totals = [fetch.total for fetch in self.fetches]
        total = None if None in totals else sum(each for each in totals if each is not None)
        return Progress(
            sum(part.bytes_done for part in parts),
            total,
            sum(fetch.progress.speed for fetch in self._running),
            None,
            sum(part.connections for part in parts),
            sum(part.resumed_bytes for part in parts),
        )

    @property
    def revision(self) -> str:
        """Return the revision of the fetched bytes; the source may have changed since it was
        resolved."""
        return combined_revision(fetch.validators or Validators() for fetch in self.fetches)
