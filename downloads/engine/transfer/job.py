"""One transfer on its way: what was asked for, where it goes, what it works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from downloads.engine.core.cancellation import StopToken
from downloads.engine.transfer.checkpoint import CheckpointStore
from downloads.engine.transfer.config import TransferConfig
from downloads.engine.transfer.drain import Machinery
from downloads.engine.transfer.progress import Progress
from downloads.engine.transfer.request import TransferRequest
from downloads.engine.transfer.sinks.base import Sink


@dataclass(frozen=True, slots=True)
class TransferJob:
    request: TransferRequest
    sink: Sink
    store: CheckpointStore
    machinery: Machinery
    clock: Callable[[], float]

    @property
    def stop(self) -> StopToken:
        return self.request.stop

    @property
    def config(self) -> TransferConfig:
        return self.request.config

    @property
    def on_progress(self) -> Callable[[Progress], None]:
        return self.request.on_progress
