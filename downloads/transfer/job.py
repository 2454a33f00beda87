"""Everything that is passed into one transfer. The engine has nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from downloads.stop import StopToken
from downloads.transfer.checkpoint import CheckpointStore
from downloads.transfer.config import TransferConfig
from downloads.transfer.drain import Machinery
from downloads.transfer.progress import Progress
from downloads.transfer.sinks.base import Sink


@dataclass(frozen=True, slots=True)
class Job:
    sink: Sink
    store: CheckpointStore
    stop: StopToken
    config: TransferConfig
    on_progress: Callable[[Progress], None]
    machinery: Machinery
    clock: Callable[[], float]
