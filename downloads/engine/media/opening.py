"""The inputs, recognised and looked into before anything is made of them.

A feed is judged by its first bytes, which are then fed again in front of the rest.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.core.media import StreamKind
from downloads.engine.media.command import FfmpegInput, media
from downloads.engine.media.film_clock import PartStart
from downloads.engine.media.formats import HEAD, recognise
from downloads.engine.media.inputs import Blocks
from downloads.engine.media.inspect import InputReport, look
from downloads.engine.media.job import FfmpegJob, disk_errors

_ENOUGH: Final = 2 * 1024 * 1024  # bytes of a feed; in MPEG-TS the sound may come late
_SAME_CLOCK: Final = 1.0  # seconds: further apart, picture and sound have clocks of their own


@dataclass(frozen=True, slots=True)
class KnownInput:
    """One input that is known. ``blocks`` have to be fed to it, or ``path`` is to be readable.
    ``starts``: of the parts that it was joined from."""

    opened: FfmpegInput
    kind: StreamKind
    container: str
    printed: InputReport = field(default_factory=InputReport)
    blocks: Blocks | None = None
    path: Path | None = None
    starts: tuple[PartStart, ...] = ()


@dataclass(frozen=True, slots=True)
class ProbeInput:
    """What is to be looked into: a file, or the head of a feed."""

    ready: KnownInput
    shown: FfmpegInput


def open_all(
    job: FfmpegJob, sources: Sequence[tuple[Path | Blocks, StreamKind, str]]
) -> list[KnownInput]:
    """Each is a file or the blocks of a feed, its kind, and the container it is said to be.

    Raises ProcessingFailed for what is no media, and what a feed raises.
    """
    begun = [_begin(job, place, *source) for place, source in enumerate(sources)]
    read = [each.ready.path for each in begun if each.ready.path]
    printed = look([each.shown for each in begun], job.folder, job.config, read=read, stop=job.stop)
    known = [replace(each.ready, printed=facts) for each, facts in zip(begun, printed, strict=True)]
    return _on_one_clock(known)


def feeds(job: FfmpegJob, inputs: Iterable[KnownInput]) -> list[tuple[Path, Blocks]]:
    return [(job.folder / each.opened.name, each.blocks) for each in inputs if each.blocks]


def reads(inputs: Iterable[KnownInput]) -> list[Path]:
    return [each.path for each in inputs if each.path]


def _begin(
    job: FfmpegJob, place: int, source: Path | Blocks, kind: StreamKind, said: str
) -> ProbeInput:
    if isinstance(source, Path):
        path = source.resolve()
        with disk_errors(), path.open("rb") as file:
            container = recognise(file.read(HEAD), said)
        opened = media(path, container)
        return ProbeInput(KnownInput(opened, kind, container, path=path), opened)
    blocks = iter(source)
    head = _head(job, blocks)
    container = recognise(b"".join(head)[:HEAD], said)
    shown = job.folder / f"head-{place}"
    with disk_errors():
        shown.write_bytes(b"".join(head))
    opened = media(f"feed-{place}", container)
    rest = itertools.chain(head, blocks)
    return ProbeInput(
        KnownInput(opened, kind, container, blocks=rest), media(shown.name, container)
    )


def _head(job: FfmpegJob, blocks: Iterator[bytes]) -> list[bytes]:
    head: list[bytes] = []
    size = 0
    for block in blocks:
        job.stop.check()
        head.append(block)
        size += len(block)
        if size >= _ENOUGH:
            break
    if not size:
        raise ProcessingFailed("a stream without a byte")
    return head


def _on_one_clock(inputs: list[KnownInput]) -> list[KnownInput]:
    """Left alone, ffmpeg lets each input begin at zero: sound that begins a little after the
    picture would come too early."""
    starts = [each.printed.start for each in inputs]
    first = min(starts)
    if max(starts) - first > _SAME_CLOCK or len({each.container for each in inputs}) > 1:
        return inputs
    return [
        replace(each, opened=replace(each.opened, offset=each.printed.start - first))
        for each in inputs
    ]
