"""The pipeline from a resolution to one finished file: fetch all streams, merge them, report
progress.

Fetched bytes stay on disk until the file is stored, so that the worker after a crash fetches
nothing twice, and only merges again.
"""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from downloads.engine.core import disk
from downloads.engine.core.errors import SourceChanged, TooLarge
from downloads.engine.core.media import Selection, StreamKind
from downloads.engine.core.progress import Progress
from downloads.engine.core.progress_bar import Bar
from downloads.engine.pipeline.fragment_lists import Lists
from downloads.engine.pipeline.job import FetchJob
from downloads.engine.pipeline.link_refresh import Renewal
from downloads.engine.pipeline.muxing import COPYING, ENCODING, MuxedFile, Processing
from downloads.engine.pipeline.parallel_fetch import ParallelFetch
from downloads.engine.pipeline.stream_fetch import StreamFetch
from downloads.engine.pipeline.stream_stores import StreamCheckpoints
from downloads.engine.resolver.base import Resolution

_AGAIN = 3  # times that the source may change under ffmpeg
_TURN = 0.05  # seconds


def made_in(folder: Path, generation: int) -> Path:
    """Return the folder of a worker of this generation, in the working ``folder`` of all."""
    return folder / f"g{generation}.made"


def make(
    job: FetchJob,
    resolution: Resolution,
    lists: Lists,
    folder: Path,
    *,
    generation: int = 0,
    checkpoints: StreamCheckpoints,
    renewal: Renewal,
    bar: Bar,
) -> tuple[MuxedFile, str]:
    """Return the file, in the working ``folder``, and the revision of its sources.

    Raises DownloadError and Stopped; the fetched bytes are kept then, and ffmpeg has ended.
    """
    shares = connections_of(resolution.selection, job.config.connections)
    fetches = [
        StreamFetch(
            number, job.with_connections(share), checkpoints, renewal, chosen, lists.get(number)
        )
        for number, (chosen, share) in enumerate(
            zip(resolution.selection.formats, shares, strict=True)
        )
    ]
    for sentence in resolution.source.notes:
        job.notes.add(sentence)
    for fetch in fetches:
        fetch.prepare(folder, generation)
    work = MuxPipeline(
        job, resolution, made_in(folder, generation), ParallelFetch(fetches, job.stop), bar
    )
    made = work.run()
    return made, work.fetching.revision


def connections_of(selection: Selection, most: int) -> list[int]:
    """Return the connections of each stream, ``most`` in all: a sound beside a picture gets a
    quarter."""
    kinds = [stream.kind for stream in selection.streams]
    sounds = kinds.count(StreamKind.AUDIO)
    if sounds == len(kinds):
        return [max(most // len(kinds), 1)] * len(kinds)
    few = max(most // 4, 1)
    rest = max((most - few * sounds) // (len(kinds) - sounds), 1)
    return [few if kind is StreamKind.AUDIO else rest for kind in kinds]


def expected_seconds(selection: Selection, size: int) -> float:
    """Return the expected seconds to merge so many bytes, by earlier runs."""
    pace = ENCODING if selection.audio_codec else COPYING
    return pace.expected(size)


class MuxPipeline:
    """The fetch of all streams and their merging, in ``folder``, which is this worker's alone."""

    def __init__(
        self, job: FetchJob, resolution: Resolution, folder: Path, fetching: ParallelFetch, bar: Bar
    ) -> None:
        self.fetching = fetching
        self._job = job
        self._resolution = resolution
        self._folder = folder
        self._bar = bar
        self._fed = all(fetch.spool is not None for fetch in fetching.fetches)
        self._begun_at: float | None = None

    def run(self) -> MuxedFile:
        with self.fetching:
            for again in range(_AGAIN, -1, -1):
                processing = self._begin()
                try:
                    return self._watch(processing)
                except SourceChanged:
                    # the engine restarted while ffmpeg was reading; so must ffmpeg
                    if again == 0 or not self._reads_along(processing):
                        raise
                finally:
                    processing.end()
        raise AssertionError("unreachable")

    def _reads_along(self, processing: Processing) -> bool:
        return processing.error is not None and not self.fetching.has_failed

    def _begin(self) -> Processing:
        _clear(self._folder.parent)
        with disk.disk_errors():
            self._folder.mkdir(parents=True)
        output = self._folder / f"file.{self._resolution.selection.ext}"
        processing = Processing(self._job, self._resolution, self.fetching.fetches, output)
        if self._fed:
            processing.start()
        return processing

    def _watch(self, processing: Processing) -> MuxedFile:
        # ffmpeg may finish a moment before the last checkpoint is written
        while processing.made is None or not self.fetching.is_complete:
            self.fetching.look()
            self._check_size()
            if processing.error is not None:
                raise processing.error
            if self.fetching.is_complete:
                self._tell_processing(processing)
                if not processing.is_started:
                    processing.start()
            else:
                self._tell_fetching(processing)
            processing.ended.wait(_TURN) if self.fetching.is_complete else self.fetching.wait(_TURN)
        return processing.made

    def _check_size(self) -> None:
        """Raise TooLarge if the streams together exceed the limit, which each engine enforces for
        its own."""
        done, most = self.fetching.progress.bytes_done, self._job.config.max_bytes
        if done > most:
            raise TooLarge(f"{done} bytes are more than {most}")

    def _tell_fetching(self, processing: Processing) -> None:
        now = self.fetching.progress
        self._expect(now.bytes_total, processing)
        self._job.tell(self._bar.fetched(now))

    def _expect(self, size: int | None, processing: Processing) -> None:
        """Update the expected work of ffmpeg: many playlists give no size, so that only the fetched
        bytes show it. Work done while the streams still come is not left for afterwards."""
        if size is not None:
            whole = expected_seconds(self._resolution.selection, size)
            self._bar.expect(whole * (1 - processing.fraction))

    def _tell_processing(self, processing: Processing) -> None:
        """Report ffmpeg's progress. Work done while the streams still came is no part of this
        phase."""
        now = self.fetching.progress
        if self._begun_at is None:
            self._expect(now.bytes_done, processing)
            self._bar.fetched(replace(now, bytes_total=now.bytes_done))
            self._bar.begin()
            self._begun_at = processing.fraction
        whole = 1 - self._begun_at
        part = (processing.fraction - self._begun_at) / whole if whole > 0 else 1.0
        self._job.tell(self._bar.processed(Progress(now.bytes_done, now.bytes_done), part))
        processing.vouch(self._job.stop)


def _clear(folder: Path) -> None:
    """Remove unfinished output of an earlier worker: only its streams can be reused."""
    with disk.disk_errors():
        for left in folder.glob("g*.made"):
            shutil.rmtree(left, ignore_errors=True)
