"""Which fragments of an unfinished stream are durable, and where that is remembered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from downloads.engine.core import disk

VERSION = 1


class Run(NamedTuple):
    """Fragments ``start`` up to, but not including, ``end``; ``size`` is their sum in bytes.

    One sum for a run, not a size for each fragment: a row of twenty thousand sizes would be
    written four times a second, and a sum tells a damaged spool as well.
    """

    start: int
    end: int
    size: int


@dataclass(frozen=True, slots=True)
class FragmentCheckpoint:
    """``runs`` are durable in the folder of generation ``generation``. ``key`` is the
    FragmentList's, ``total`` how many fragments it has."""

    key: str = ""
    total: int = 0
    runs: tuple[Run, ...] = ()
    generation: int = 0

    @property
    def done(self) -> int:
        """In bytes."""
        return sum(run.size for run in self.runs)

    @property
    def fragments(self) -> int:
        return sum(run.end - run.start for run in self.runs)

    @property
    def complete(self) -> bool:
        return self.total > 0 and self.fragments == self.total

    def to_dict(self) -> dict[str, Any]:
        return {
            "version": VERSION,
            "key": self.key,
            "total": self.total,
            "runs": [list(run) for run in self.runs],
            "generation": self.generation,
        }

    @classmethod
    def from_dict(cls, data: object) -> FragmentCheckpoint | None:
        """None for whatever is not a whole checkpoint of this version: then begin at zero."""
        if not isinstance(data, dict) or data.get("version") != VERSION:
            return None
        try:
            runs = tuple(Run(*map(_count, run)) for run in data["runs"])
            total, generation = _count(data["total"]), _count(data["generation"])
        except (KeyError, TypeError, ValueError):
            return None
        key = data.get("key")
        if not isinstance(key, str) or not _is_sound(runs, total):
            return None
        return cls(key, total, runs, generation)


def runs_of(sizes: Mapping[int, int], before: Iterable[Run] = ()) -> tuple[Run, ...]:
    """From bytes by fragment, in any order, together with the runs ``before``, which have none of
    these: so the cost is that of what is new, and not of all that is there."""
    single = (Run(index, index + 1, size) for index, size in sizes.items())
    runs: list[Run] = []
    for run in sorted((*before, *single)):
        if runs and runs[-1].end == run.start:
            runs[-1] = Run(runs[-1].start, run.end, runs[-1].size + run.size)
        else:
            runs.append(run)
    return tuple(runs)


def _is_sound(runs: tuple[Run, ...], total: int) -> bool:
    position = 0
    for run in runs:
        if not position <= run.start < run.end <= total:
            return False
        position = run.end
    return True


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("not a count")
    return value


class FragmentCheckpointStore(Protocol):
    """Called from the thread that called ``run``, never from another."""

    def load(self) -> FragmentCheckpoint | None: ...

    def save(self, checkpoint: FragmentCheckpoint) -> None:
        """Durable when it returns. Raises CheckpointNotSaved where a later one may succeed."""


class MemoryFragmentStore:
    def __init__(self, checkpoint: FragmentCheckpoint | None = None) -> None:
        self._checkpoint = checkpoint

    def load(self) -> FragmentCheckpoint | None:
        return self._checkpoint

    def save(self, checkpoint: FragmentCheckpoint) -> None:
        self._checkpoint = checkpoint


class FileFragmentStore:
    """A JSON file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> FragmentCheckpoint | None:
        try:
            return FragmentCheckpoint.from_dict(json.loads(self._path.read_bytes()))
        except (OSError, ValueError, RecursionError):
            return None

    def save(self, checkpoint: FragmentCheckpoint) -> None:
        disk.replace_json(self._path, checkpoint.to_dict())

    def remove(self) -> None:
        disk.remove(self._path)
