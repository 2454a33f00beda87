"""The durable fragments of an unfinished stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

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
    """The durable state of one stream. ``runs`` are durable in the folder of generation
    ``generation``. ``key`` is the FragmentList's, ``total`` its number of fragments."""

    key: str = ""
    total: int = 0
    runs: tuple[Run, ...] = ()
    generation: int = 0

    @property
    def done(self) -> int:
        """Return the durable bytes."""
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
        """Return the checkpoint, None for other data or another version: the transfer then begins
        at zero."""
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
    """Return the runs of fragments by bytes, in any order, merged with the runs ``before``, which
    have none of these: so the cost is that of the new ones alone."""
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
