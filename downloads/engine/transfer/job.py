"""Everything that is passed into one transfer. The engine has nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from downloads.engine.core.cancellation import StopToken
from downloads.engine.transfer.checkpoint import CheckpointStore
from downloads.engine.transfer.config import TransferConfig
from downloads.engine.transfer.drain import Machinery
from downloads.engine.transfer.progress import Progress
from downloads.engine.transfer.sinks.base import Sink


@dataclass(frozen=True, slots=True)
class TransferJob:
    sink: Sink
    store: CheckpointStore
    stop: StopToken
    config: TransferConfig
    on_progress: Callable[[Progress], None]
    machinery: Machinery
    clock: Callable[[], float]
