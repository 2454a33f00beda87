"""One transfer under way: the request, its target and store, and the machinery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

from downloads.engine.core.cancellation import StopToken
from downloads.engine.transfer.checkpoint import Checkpoint, CheckpointStore
from downloads.engine.transfer.config import TransferConfig
from downloads.engine.transfer.drain import Machinery
from downloads.engine.transfer.request import FileRequest, TransferRequest
from downloads.engine.transfer.sinks.base import Sink

RequestT = TypeVar("RequestT", bound=TransferRequest)
TargetT = TypeVar("TargetT")
CheckpointT = TypeVar("CheckpointT")


@dataclass(frozen=True, slots=True)
class TransferJob(Generic[RequestT, TargetT, CheckpointT]):
    """The inputs of one run. ``target``: a sink, or a spool of fragments."""

    request: RequestT
    target: TargetT
    store: CheckpointStore[CheckpointT]
    machinery: Machinery
    clock: Callable[[], float]

    @property
    def stop(self) -> StopToken:
        return self.request.stop

    @property
    def config(self) -> TransferConfig:
        return self.request.config


AnyJob: TypeAlias = TransferJob[Any, Any, Any]
FileJob: TypeAlias = TransferJob[FileRequest, Sink, Checkpoint]
