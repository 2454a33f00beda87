"""What a job works with, besides its own facts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.notes import Notes
from downloads.engine.egress.client import Client
from downloads.engine.transfer.bandwidth import TokenBucket
from downloads.engine.transfer.config import TransferConfig


@dataclass(frozen=True, slots=True)
class Tools:
    """What a job works with, besides its own facts. ``notes``: about the file it makes."""

    client: Client
    stop: StopToken
    config: TransferConfig
    limiter: TokenBucket
    notes: Notes = field(default_factory=Notes)

    def with_connections(self, count: int) -> Tools:
        return replace(self, config=replace(self.config, connections=count))
