"""What is durable of each stream, by its name, as the engines keep it."""

from __future__ import annotations

from typing import Any, Protocol

from downloads.engine.transfer.checkpoint import Checkpoint
from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpoint


class StreamCheckpoints(Protocol):
    """By the names of the streams; used from several threads. See ``queue.checkpoints``."""

    def load(self, stream: str) -> Any: ...

    def save(self, stream: str, checkpoint: dict[str, Any]) -> None: ...

    def release(self) -> None:
        """Called at the end of each thread that has used it."""


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
