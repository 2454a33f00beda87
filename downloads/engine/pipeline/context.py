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
from downloads.engine.transfer.request import TransferRequest


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
    ) -> TransferRequest:
        """Return the request for one file of the job; see TransferRequest."""
        return TransferRequest(
            stream, self.client, self.stop, self.config, self.limiter, on_progress, refresh, inspect
        )

    def with_connections(self, count: int) -> Tools:
        return replace(self, config=replace(self.config, connections=count))
