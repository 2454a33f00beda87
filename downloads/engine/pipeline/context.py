"""The tools of a job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import Stream
from downloads.engine.core.notes import Notes
from downloads.engine.core.progress import Progress
from downloads.engine.egress.client import Client, Response
from downloads.engine.transfer.bandwidth import TokenBucket
from downloads.engine.transfer.config import TransferConfig
from downloads.engine.transfer.request import FileRequest


@dataclass(frozen=True, slots=True)
class Tools:
    """The tools of a job, besides its own facts. ``notes``: about the file it makes."""

    client: Client
    stop: StopToken
    config: TransferConfig
    limiter: TokenBucket
    notes: Notes = field(default_factory=Notes)

    def transfer(
        self,
        stream: Stream,
        *,
        on_progress: Callable[[Progress], None],
        refresh: Callable[[], Stream] | None,
        inspect: Callable[[Response], None] | None,
    ) -> FileRequest:
        """Return the request for one file of the job; see FileRequest."""
        return FileRequest(
            client=self.client,
            stop=self.stop,
            config=self.config,
            limiter=self.limiter,
            on_progress=on_progress,
            stream=stream,
            refresh=refresh,
            inspect=inspect,
        )

    def with_connections(self, count: int) -> Tools:
        return replace(self, config=replace(self.config, connections=count))
