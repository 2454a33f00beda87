"""One transfer under way: the request, its sink and store, and the machinery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.progress import Progress
from downloads.engine.transfer.checkpoint import CheckpointStore
from downloads.engine.transfer.config import TransferConfig
from downloads.engine.transfer.drain import Machinery
from downloads.engine.transfer.request import TransferRequest
from downloads.engine.transfer.sinks.base import Sink


@dataclass(frozen=True, slots=True)
class TransferJob:
    """The inputs of one run."""

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
