"""The checkpoints of several streams in one JSON file."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

from downloads.engine.core import disk


class FileStreamCheckpoints:
    """A store replaced as a whole: a crash leaves the old file or the new one. Thread-safe.

    ``key`` identifies the download; a file of another key is ignored.
    """

    def __init__(self, path: Path, key: str) -> None:
        self._path = path
        self._key = key
        self._lock = threading.Lock()
        self._streams = self._read()

    @property
    def is_empty(self) -> bool:
        return not self._streams

    def load(self, stream: str) -> Any:
        """Return the stream's checkpoint, None if there is none."""
        with self._lock:
            return self._streams.get(stream)

    def save(self, stream: str, checkpoint: dict[str, Any]) -> None:
        """Write the stream's checkpoint, durably. Raises DiskFull or StorageUnavailable."""
        with self._lock:
            self._streams[stream] = checkpoint
            fresh = self._path.with_name(self._path.name + ".new")
            with disk.disk_errors():
                with fresh.open("w", encoding="utf-8") as file:
                    json.dump({"key": self._key, "streams": self._streams}, file)
                    file.flush()
                    os.fsync(file.fileno())
                fresh.replace(self._path)

    def release(self) -> None:
        """Do nothing: nothing is held for a thread."""

    def _read(self) -> dict[str, Any]:
        try:
            data = json.loads(self._path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        ours = isinstance(data, dict) and data.get("key") == self._key
        streams = data.get("streams") if ours else None
        return dict(streams) if isinstance(streams, dict) else {}
