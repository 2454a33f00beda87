"""ffmpeg at work on fetched bytes, on a thread of its own, while the streams still come."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from downloads.engine.core import disk, file_types
from downloads.engine.core.cancellation import BranchStop, StopToken
from downloads.engine.core.errors import StopReason
from downloads.engine.core.media import Format, Quality, Selection
from downloads.engine.core.progress import Progress
from downloads.engine.media.ffmpeg import NoRoom
from downloads.engine.media.inputs import FedPiece, Feed, MediaInput, SubtitleFile
from downloads.engine.media.inspect import MediaFacts
from downloads.engine.media.mux import MuxRequest, mux, no_subtitles
from downloads.engine.media.recipe import Recipe, recipe_for
from downloads.engine.pipeline import media_check
from downloads.engine.pipeline.extras import Extras, fetch_extras
from downloads.engine.pipeline.job import FetchJob
from downloads.engine.pipeline.parallel_fetch import QUIET
from downloads.engine.pipeline.stream_fetch import StreamFetch
from downloads.engine.resolver.base import Resolution
from downloads.engine.resolver.quality import quality_label
from downloads.engine.transfer.fragments.spool import FragmentSpool
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.sinks.publish import file_sha256

MIB = 1024 * 1024
EXTRAS = "extras"  # the folder of cover and subtitles, beside what is made


class ThroughputEstimate:
    """An estimate of ffmpeg's speed here, in bytes a second, by earlier runs. Thread-safe."""

    def __init__(self, usual: float) -> None:
        self._rate = usual
        self._lock = threading.Lock()

    def expected(self, size: int) -> float:
        """Return the expected seconds."""
        with self._lock:
            return size / self._rate

    def learn(self, size: int, seconds: float) -> None:
        if size < MIB or seconds <= 0:
            return  # the start of a process, not its speed
        with self._lock:
            self._rate += 0.3 * (size / seconds - self._rate)


# Of copying and hashing, and of encoding sound: by kind, since they differ a hundredfold.
COPYING = ThroughputEstimate(150.0 * MIB)
ENCODING = ThroughputEstimate(1.5 * MIB)


@dataclass(frozen=True, slots=True)
class MuxedFile:
    """A finished file, durable, with its facts and its companion files.

    ``path`` has the extension that fits its content. ``quality``: that of its picture; ``auto`` if
    that is not known. ``language``: of its sound, as the streams name it.
    """

    path: Path
    stored: Stored
    subtitles: tuple[SubtitleFile, ...] = ()
    quality: Quality = Quality.AUTO
    language: str = ""


def made_as(selection: Selection, ext: str) -> Selection:
    """Return ``selection`` with the extension that its file turned out to need."""
    if ext == selection.ext:
        return selection
    known = file_types.of_ext(ext)
    return replace(selection, ext=ext, mime_type=known.mime_type if known else selection.mime_type)


class Processing:
    """One run, over a folder that holds the streams. ``start``, then ``look`` until it ended."""

    def __init__(
        self, job: FetchJob, resolution: Resolution, fetches: Sequence[StreamFetch], output: Path
    ) -> None:
        self._job = job
        self._resolution = resolution
        self._fetches = fetches
        self._output = output
        self.stop = BranchStop(job.stop)
        self.ended = threading.Event()
        self.fraction = 0.0
        self.made: MuxedFile | None = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="processing", daemon=True)

    def start(self) -> None:
        self._thread.start()

    @property
    def is_started(self) -> bool:
        return self._thread.ident is not None

    def vouch(self, trunk: StopToken) -> None:
        """Beat for the job while this makes progress: a long mux must keep its lease, a hang must
        not."""
        if self.is_started and self.stop.idle_seconds < QUIET:
            trunk.beat()

    def end(self) -> None:
        """Stop ffmpeg: none is left when this returns."""
        if self.is_started:
            self.stop.stop(StopReason.UNWANTED)
            self._thread.join()

    def _run(self) -> None:
        try:
            self.made = self._make()
        except BaseException as error:  # noqa: BLE001
            self.error = error  # it crosses to the thread that looks
        finally:
            self.ended.set()

    def _make(self) -> MuxedFile:
        extras = fetch_extras(
            self._resolution.source,
            self._resolution.selection,
            self._output.parent / EXTRAS,
            client=self._job.client,
            stop=self.stop,
            renew=self._fetches[0].renewal.subtitle,
            notes=self._job.notes,
        )
        began = time.monotonic()
        try:
            facts = self._mux(extras, one_pass=True)
        except NoRoom:
            facts = self._mux(extras, one_pass=False)
        self._output = self._named(facts.container)
        quality = quality_label(facts.height, facts.width)
        subtitles = extras.subtitles.made if extras.subtitles else ()
        made = MuxedFile(self._output, self._stored(), subtitles, quality, facts.language)
        if not any(fetch.spool for fetch in self._fetches):  # else the source set the pace
            self._pace.learn(made.stored.size, time.monotonic() - began)
        return made

    def _mux(self, extras: Extras, *, one_pass: bool) -> MediaFacts:
        inputs = [
            _input(fetch, chosen)
            for fetch, chosen in zip(self._fetches, self._resolution.selection.formats, strict=True)
        ]
        request = MuxRequest(
            inputs,
            self._recipe,
            self._resolution.source,
            cover=extras.cover,
            subtitles=extras.subtitles.files if extras.subtitles else no_subtitles,
            duration=self._duration,
            one_pass=one_pass,
            notes=self._job.notes,
        )
        return mux(request, self._output, self._job.media(), stop=self.stop, on_progress=self._tell)

    def _named(self, ext: str) -> Path:
        """Return the path with the extension of the real content: sound alone is no .mp4."""
        with disk.disk_errors():
            return self._output.replace(self._output.with_suffix(f".{ext}"))

    def _stored(self) -> Stored:
        with disk.disk_errors(), self._output.open("rb") as file:
            size = self._output.stat().st_size
            hashed = file_sha256(file.fileno(), size, self.stop) if self._job.digest else None
            return Stored(size, hashed)

    @property
    def _recipe(self) -> Recipe:
        recipe = recipe_for(self._resolution.selection)
        return replace(recipe, embed_subtitles=bool(self._resolution.selection.subtitles))

    @property
    def _pace(self) -> ThroughputEstimate:
        return ENCODING if self._resolution.selection.audio_codec else COPYING

    @property
    def _duration(self) -> float | None:
        lists = [fetch.duration for fetch in self._fetches if fetch.duration]
        return max(lists, default=None) or self._resolution.source.duration

    def _tell(self, now: Progress) -> None:
        if now.percent is not None:
            self.fraction = now.percent / 100


def _input(fetch: StreamFetch, chosen: Format) -> MediaInput:
    """Return the input. Raises BadManifest if it is a list instead of media, as its feed does
    later."""
    if fetch.path is not None:
        with disk.disk_errors(), fetch.path.open("rb") as file:
            media_check.check(file.read(media_check.LENGTH))
        return MediaInput(fetch.path, chosen.stream.kind, chosen.ext, chosen.stream.offset)
    spool = fetch.spool
    assert spool is not None
    count = len(spool.parts())  # waits until the list is known
    feed = Feed(count=count, pieces=partial(_pieces, spool), seconds=fetch.duration)
    return MediaInput(feed, chosen.stream.kind, fetch.container)


def _pieces(spool: FragmentSpool) -> Iterator[FedPiece]:
    for place, (fragment, blocks) in enumerate(spool.fragments()):
        yield FedPiece(
            media_check.checked(blocks),
            mark=fragment.part,
            init=fragment.init,
            offset=fragment.offset,
            window=fragment.window,
            name=f"fragment {place + 1}",
        )
