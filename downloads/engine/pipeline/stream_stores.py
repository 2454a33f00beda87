"""Stores of the durable state of each stream, by its name."""

from __future__ import annotations

from typing import Any, Protocol

from downloads.engine.transfer.checkpoint import Checkpoint
from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpoint


class StreamCheckpoints(Protocol):
    """Checkpoint data by stream name; used from several threads. See ``queue.checkpoints``."""

    def load(self, stream: str) -> Any: ...

    def save(self, stream: str, checkpoint: dict[str, Any]) -> None: ...

    def release(self) -> None:
        """Release the calling thread's resources, at its end."""


class FileStore:
    def __init__(self, checkpoints: StreamCheckpoints, name: str) -> None:
        self._checkpoints = checkpoints
        self._name = name

    def load(self) -> Checkpoint | None:
        return Checkpoint.from_dict(self._checkpoints.load(self._name))

    def save(self, checkpoint: Checkpoint) -> None:
        self._checkpoints.save(self._name, checkpoint.to_dict())


class FragmentStore:
    def __init__(self, checkpoints: StreamCheckpoints, name: str) -> None:
        self._checkpoints = checkpoints
        self._name = name

    def load(self) -> FragmentCheckpoint | None:
        return FragmentCheckpoint.from_dict(self._checkpoints.load(self._name))

    def save(self, checkpoint: FragmentCheckpoint) -> None:
        self._checkpoints.save(self._name, checkpoint.to_dict())
