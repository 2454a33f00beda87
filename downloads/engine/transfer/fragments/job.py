"""The inputs of one run; the engine has nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.progress import Progress
from downloads.engine.egress.client import Client
from downloads.engine.transfer.config import TransferConfig
from downloads.engine.transfer.drain import Machinery
from downloads.engine.transfer.fragments.acceptance import FragmentCheck
from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpointStore
from downloads.engine.transfer.fragments.spool import FragmentSpool


@dataclass(frozen=True, slots=True)
class FragmentsTransferJob:
    """The inputs of one run."""

    client: Client
    spool: FragmentSpool
    store: FragmentCheckpointStore
    stop: StopToken
    config: TransferConfig
    on_progress: Callable[[Progress], None]
    machinery: Machinery
    clock: Callable[[], float]
    check: FragmentCheck | None = None
