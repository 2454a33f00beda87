"""Stores of the durable state of each stream, by its name."""

from __future__ import annotations

from typing import Any, Generic, Protocol, TypeVar

from downloads.engine.transfer.checkpoint import Storable

S = TypeVar("S", bound=Storable)


class StreamCheckpoints(Protocol):
    """Checkpoint data by stream name; used from several threads. See ``queue.checkpoints``."""

    def load(self, stream: str) -> Any: ...

    def save(self, stream: str, checkpoint: dict[str, Any]) -> None: ...

    def release(self) -> None:
        """Release the calling thread's resources, at its end."""


class StreamStore(Generic[S]):
    """The store of one stream's checkpoint, which is a ``kind``."""

    def __init__(self, checkpoints: StreamCheckpoints, name: str, kind: type[S]) -> None:
        self._checkpoints = checkpoints
        self._name = name
        self._kind = kind

    def load(self) -> S | None:
        return self._kind.from_dict(self._checkpoints.load(self._name))

    def save(self, checkpoint: S) -> None:
        self._checkpoints.save(self._name, checkpoint.to_dict())
