"""The spool: the fragments of one stream on disk, and the feed that plays them while they come."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from downloads.engine.core import disk
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import Fragment, FragmentList
from downloads.engine.transfer.config import MIB
from downloads.engine.transfer.fragments.arrivals import Arrivals
from downloads.engine.transfer.fragments.checkpoint import FragmentCheckpoint
from downloads.engine.transfer.fragments.file import FragmentFile
from downloads.engine.transfer.fragments.folder import Folder

BLOCK = MIB


class FragmentSpool:
    """A spool of one stream. ``directory`` is this stream's alone (a rendition of two streams has
    two), and shared by its generations. Fragments stay until ``abort``; the files hold plaintext.

    ``parts``, ``fragments`` and ``feed`` may be used from any thread, before, while and after
    ``engine.run`` runs; the rest is the engine's. All methods raise DiskFull or StorageUnavailable,
    or Stopped.
    """

    def __init__(self, directory: Path, generation: int, stop: StopToken) -> None:
        self._generation = generation
        self._stop = stop
        self._folder = Folder(directory, generation)
        self._arrivals = Arrivals(stop)
        self._older_removed = False

    @property
    def generation(self) -> int:
        return self._generation

    def parts(self) -> tuple[int, ...]:
        """Return the numbers of the parts in playing order (``Fragment.part``), once the list is
        known.

        Raises as :meth:`fragments` does.
        """
        _, fragments = self._arrivals.fragments()
        return tuple(dict.fromkeys(fragment.part for fragment in fragments))

    def fragments(self) -> Iterator[tuple[Fragment, Iterator[bytes]]]:
        """Yield each fragment in playing order, with its plaintext in blocks of up to 1 MiB.

        Waits for each to be complete. May be called again at any time, by several readers at once.
        Raises Stopped; the error of ``engine.run``, after the fragments before the gap; and
        SourceChanged if the source changed and the engine began again: then so must the reader.
        """
        version, fragments = self._arrivals.fragments()
        for index, fragment in enumerate(fragments):
            yield fragment, self._blocks(version, index)

    def feed(self, part: int | None = None) -> Iterator[bytes]:
        """Yield the plaintext of one part (None: of all), as :meth:`fragments` does."""
        for fragment, blocks in self.fragments():
            if part is None or fragment.part == part:
                yield from blocks

    def abort(self) -> None:
        """Remove everything, older generations' too. Only when the engine has ended."""
        self._arrivals.forget()
        with disk.disk_errors():
            self._folder.remove()

    def begin(self, listing: FragmentList, checkpoint: FragmentCheckpoint | None) -> dict[int, int]:
        """Begin with the fragments of ``checkpoint`` that are really here. Return the sizes by
        fragment."""
        self._stop.check()
        self._arrivals.forget()  # first: a reader must not take a new file for an old one
        with disk.disk_errors():
            found = self._folder.begin(checkpoint, self._tick)
        self._arrivals.begin(listing.fragments, found)
        return found

    def create(self, index: int) -> FragmentFile:
        return FragmentFile(self._folder.path(index), self._stop)

    def arrived(self, index: int, size: int) -> None:
        """Note a complete fragment, which will not be written again."""
        self._arrivals.arrived(index, size)

    def fail(self, error: BaseException) -> None:
        """Fail waiting readers: nothing more will come."""
        self._arrivals.fail(error)

    def sync(self, indexes: list[int]) -> None:
        """Make complete fragments durable. May block: never called in the reactor."""
        with disk.disk_errors():
            self._folder.sync(indexes)

    def saved(self) -> None:
        """Remove the files of older generations: a checkpoint of this one is durable."""
        if not self._older_removed:
            self._stop.check()
            with disk.disk_errors():
                self._folder.remove_older()
            self._older_removed = True

    def _blocks(self, version: int, index: int) -> Iterator[bytes]:
        size = self._arrivals.await_fragment(version, index)
        with disk.disk_errors():
            try:
                fd = os.open(self._folder.path(index), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            except FileNotFoundError:
                self._arrivals.check(version)
                raise
        try:
            self._arrivals.check(version)  # so that this is the file that was waited for
            while size:
                self._stop.check()
                with disk.disk_errors():
                    block = os.read(fd, min(BLOCK, size))
                    if not block:
                        raise OSError("a fragment is shorter than what was written to it")
                size -= len(block)
                yield block
        finally:
            os.close(fd)

    def _tick(self) -> None:
        self._stop.check()
        self._stop.beat()
