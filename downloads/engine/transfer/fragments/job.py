"""The request of a transfer of fragments, and its job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from downloads.engine.core.media import FragmentList
from downloads.engine.transfer.fragments.acceptance import FragmentCheck
from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpoint
from downloads.engine.transfer.fragments.spool import FragmentSpool
from downloads.engine.transfer.job import TransferJob
from downloads.engine.transfer.request import TransferRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class FragmentsRequest(TransferRequest):
    """A request to fetch all fragments of one stream.

    ``load`` returns the list; it is called once, and again if links have expired, from another
    thread. ``check`` judges each fragment by its first bytes, after decryption; a rejected one is
    requested again.
    """

    load: Callable[[], FragmentList]
    check: FragmentCheck | None = None


FragmentsJob: TypeAlias = TransferJob[FragmentsRequest, FragmentSpool, FragmentCheckpoint]
