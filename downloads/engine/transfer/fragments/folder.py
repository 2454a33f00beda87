"""The folder of one generation: a file for each fragment, named by its place."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from downloads.engine.core import disk
from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpoint, Run

# A lease does not fence a file: an older worker may wake up any time and write on. So each
# generation has a folder of its own. A fragment that a checkpoint names is never written again, and
# is linked into the next generation's folder; an incomplete one is fetched into a fresh inode, and
# the older worker's late writes hit a file without readers.
_FOLDER = re.compile(r"g(\d+)\.fragments")


class Folder:
    """The folder of one generation. Raises OSError throughout."""

    def __init__(self, directory: Path, generation: int) -> None:
        self._directory = directory
        self._generation = generation
        self._path = _folder(directory, generation)

    def path(self, index: int) -> Path:
        return self._path / f"{index:06d}"

    def begin(
        self, checkpoint: FragmentCheckpoint | None, tick: Callable[[], None]
    ) -> dict[int, int]:
        """Make the folder hold those fragments of ``checkpoint`` that are really there, and nothing
        else.

        Return the sizes by fragment; they are durable under their new names.
        """
        self._path.mkdir(parents=True, exist_ok=True)
        found: dict[int, int] = {}
        if checkpoint is not None:
            older = _folder(self._directory, checkpoint.generation)
            for run in checkpoint.runs:
                found.update(_sizes(older, run, tick))
        ours = checkpoint is not None and checkpoint.generation == self._generation
        self._clear(set(found) if ours else set())
        if checkpoint is not None and not ours:
            for index in found:
                tick()
                _link(
                    _folder(self._directory, checkpoint.generation) / f"{index:06d}",
                    self.path(index),
                )
        disk.sync_directory(self._path)
        disk.sync_directory(self._directory)
        return found

    def sync(self, indexes: list[int]) -> None:
        """Make these fragments durable, and their names."""
        for index in indexes:
            fd = os.open(self.path(index), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                disk.sync_data(fd)
            finally:
                os.close(fd)
        disk.sync_directory(self._path)

    def remove_older(self) -> None:
        """Remove the folders of earlier generations; a later one's is never touched."""
        for entry in self._directory.iterdir():
            match = _FOLDER.fullmatch(entry.name)
            if match and int(match[1]) < self._generation:
                # The older worker may still put a file there; the job's end removes that.
                shutil.rmtree(entry, ignore_errors=True)

    def remove(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self._path)
        with contextlib.suppress(FileNotFoundError):
            self.remove_older()

    def _clear(self, keep: set[int]) -> None:
        names = {self.path(index).name for index in keep}
        for entry in self._path.iterdir():
            if entry.name not in names:
                entry.unlink()


def _folder(directory: Path, generation: int) -> Path:
    return directory / f"g{generation}.fragments"


def _sizes(folder: Path, run: Run, tick: Callable[[], None]) -> dict[int, int]:
    """Return the sizes of a run, none if it is not there as the checkpoint says."""
    sizes = {}
    for index in range(run.start, run.end):
        tick()
        try:
            sizes[index] = os.lstat(folder / f"{index:06d}").st_size
        except FileNotFoundError:
            return {}
    return sizes if sum(sizes.values()) == run.size else {}


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # a file system without hard links, or too many of one file
        with source.open("rb") as reader, target.open("xb") as writer:
            if not disk.clone(reader.fileno(), writer.fileno()):
                shutil.copyfileobj(reader, writer, 1024 * 1024)
            writer.flush()
            disk.sync_data(writer.fileno())
