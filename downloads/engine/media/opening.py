"""The inputs, recognised and inspected before they are merged.

A feed is judged by its first bytes, which are then fed again before the rest.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from downloads.engine.core.disk import disk_errors
from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.core.media import StreamKind
from downloads.engine.media.command import FfmpegInput, media
from downloads.engine.media.film_clock import PartStart
from downloads.engine.media.formats import HEAD, recognise
from downloads.engine.media.inputs import Blocks
from downloads.engine.media.inspect import InputReport, look
from downloads.engine.media.job import FfmpegJob
from downloads.engine.media.media_track import preferred
from downloads.engine.media.parts import FilmPart

_ENOUGH: Final = 2 * 1024 * 1024  # bytes of a feed
_MOST: Final = 64 * 1024 * 1024  # if a declared track begins late
_USUAL: Final = 5_000_000  # bytes that ffmpeg probes by default
_PACKED: Final = frozenset({"aac", "mp3", "ac3"})  # their clock is in the leading tag


Described = tuple[Path | FilmPart, StreamKind, str, float | None]


@dataclass(frozen=True, slots=True)
class KnownInput:
    """One inspected input: ``blocks`` to feed to ffmpeg, or a readable ``path``. ``part``: the fed
    part; ``starts``: those of the parts that it was joined from. ``offset``: seconds from its clock
    to the film's, if its list gives it."""

    opened: FfmpegInput
    kind: StreamKind
    container: str
    printed: InputReport = field(default_factory=InputReport)
    blocks: Blocks | None = None
    path: Path | None = None
    starts: tuple[PartStart, ...] = ()
    part: FilmPart | None = None
    offset: float | None = None

    @property
    def shift(self) -> float:
        return self.offset or 0.0

    @property
    def start(self) -> float | None:
        """The begin on its own clock, in seconds; None without one."""
        if self.part is not None and self.container in _PACKED:
            return self.part.clock
        return self.printed.start


@dataclass(frozen=True, slots=True)
class ProbeInput:
    """The target of a probe: a file, or the head of a feed."""

    ready: KnownInput
    shown: FfmpegInput


def open_all(job: FfmpegJob, sources: Sequence[Described], language: str) -> list[KnownInput]:
    """Return the inspected inputs. Each source is a file or a part of a feed, its kind, its
    declared container, and its offset. Of several sounds in one, that in ``language`` is used.

    Raises ProcessingFailed if one is no media, and what a feed raises.
    """
    begun = [_begin(job, place, *source) for place, source in enumerate(sources)]
    read = [each.ready.path for each in begun if each.ready.path]
    printed = look([each.shown for each in begun], job.folder, job.config, read=read, stop=job.stop)
    return [
        replace(each.ready, printed=_living(facts, language))
        for each, facts in zip(begun, printed, strict=True)
    ]


def feeds(job: FfmpegJob, inputs: Iterable[KnownInput]) -> list[tuple[Path, Blocks]]:
    return [(job.folder / each.opened.name, each.blocks) for each in inputs if each.blocks]


def reads(inputs: Iterable[KnownInput]) -> list[Path]:
    return [each.path for each in inputs if each.path]


def _begin(
    job: FfmpegJob,
    place: int,
    source: Path | FilmPart,
    kind: StreamKind,
    declared: str,
    offset: float | None,
) -> ProbeInput:
    if isinstance(source, Path):
        path = source.resolve()
        with disk_errors(), path.open("rb") as file:
            container = recognise(file.read(HEAD), declared)
        opened = media(path, container)
        return ProbeInput(KnownInput(opened, kind, container, path=path, offset=offset), opened)
    blocks = iter(source.blocks)
    head = _head(job, blocks, source)
    whole = b"".join(head)
    container = recognise(whole[:HEAD], declared)
    # In MPEG-TS only its packets describe a track.
    probed = max(len(whole), _USUAL) if container == "ts" else 0
    shown = job.folder / f"head-{place}"
    with disk_errors():
        shown.write_bytes(whole)
    opened = media(f"feed-{place}", container, probed=probed)
    rest = itertools.chain(head, blocks)
    return ProbeInput(
        KnownInput(opened, kind, container, blocks=rest, part=source, offset=offset),
        media(shown.name, container, probed=probed),
    )


def _head(job: FfmpegJob, blocks: Iterator[bytes], part: FilmPart) -> list[bytes]:
    """Read until each track has begun: sound may come long after the picture."""
    head: list[bytes] = []
    size = 0
    for block in blocks:
        job.stop.check()
        head.append(block)
        size += len(block)
        if size >= _ENOUGH and (part.has_all or size >= _MOST):
            break
    if not size:
        raise ProcessingFailed("a stream without a byte")
    return head


def _living(printed: InputReport, language: str) -> InputReport:
    """Return the report without tracks that are declared and never come: nothing is known of
    them."""
    video = printed.video if printed.video and printed.video.width else None
    sounds = [sound for sound in printed.sounds if sound.hertz]
    return replace(printed, video=video, audio=preferred(sounds, language))
