"""Everything that is passed into one run. The engine has nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from downloads.egress.client import Client
from downloads.stop import StopToken
from downloads.transfer.config import TransferConfig
from downloads.transfer.drain import Machinery
from downloads.transfer.fragments.checkpoint import FragmentCheckpointStore
from downloads.transfer.fragments.spool import FragmentSpool
from downloads.transfer.progress import Progress


@dataclass(frozen=True, slots=True)
class FragmentsJob:
    client: Client
    spool: FragmentSpool
    store: FragmentCheckpointStore
    stop: StopToken
    config: TransferConfig
    on_progress: Callable[[Progress], None]
    machinery: Machinery
    clock: Callable[[], float]
