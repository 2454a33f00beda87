"""What a job works with, besides its own facts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from downloads.egress.client import Client
from downloads.stop import StopToken
from downloads.transfer.bandwidth import TokenBucket
from downloads.transfer.config import TransferConfig


@dataclass(frozen=True, slots=True)
class Tools:
    """What a job works with, besides its own facts."""

    client: Client
    stop: StopToken
    config: TransferConfig
    limiter: TokenBucket

    def with_connections(self, count: int) -> Tools:
        return replace(self, config=replace(self.config, connections=count))
