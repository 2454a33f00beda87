"""The context of one fetch, from a resolution to a file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import Stream
from downloads.engine.core.notes import Notes
from downloads.engine.core.progress import Progress, unreported
from downloads.engine.egress.client import Client, Response
from downloads.engine.media.config import MediaConfig
from downloads.engine.transfer.bandwidth import TokenBucket
from downloads.engine.transfer.config import TransferConfig
from downloads.engine.transfer.request import FileRequest


@dataclass(frozen=True, slots=True)
class FetchJob:
    """The context of one fetch.

    ``media`` is called only if ffmpeg is needed. ``tell`` is called at every tick. ``notes`` takes
    sentences about the file. ``digest``: compute the SHA-256, which costs a pass over every byte.
    """

    client: Client
    stop: StopToken
    config: TransferConfig
    limiter: TokenBucket
    media: Callable[[], MediaConfig]
    tell: Callable[[Progress], None] = unreported
    notes: Notes = field(default_factory=Notes)
    digest: bool = True

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

    def with_connections(self, count: int) -> FetchJob:
        return replace(self, config=replace(self.config, connections=count))
