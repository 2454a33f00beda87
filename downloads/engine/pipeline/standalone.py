"""Any source into one file and its subtitles, with nothing but the file system to remember by."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from downloads.engine.core import disk
from downloads.engine.core.media import Selection, Stream
from downloads.engine.core.progress import Progress
from downloads.engine.core.progress_bar import Bar
from downloads.engine.media.config import MediaConfig
from downloads.engine.media.inputs import SubtitleFile
from downloads.engine.media.subtitle_tags import subtitle_tags
from downloads.engine.pipeline.context import Tools
from downloads.engine.pipeline.extras import fetch_subtitles
from downloads.engine.pipeline.fragment_lists import load_lists
from downloads.engine.pipeline.link_refresh import Renewal
from downloads.engine.pipeline.media_check import inspector
from downloads.engine.pipeline.mux_pipeline import Tell, Workplace, expected_seconds, make
from downloads.engine.resolver import registry
from downloads.engine.resolver.base import Resolution
from downloads.engine.resolver.direct import FORMAT_ID
from downloads.engine.transfer import single
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.stream_checkpoints import FileStreamCheckpoints


@dataclass(frozen=True, slots=True)
class FetchSpec:
    """``url`` as it was asked for; ``media`` is looked up only where ffmpeg is needed. ``digest``:
    whether somebody wants the SHA-256, which costs a look at every byte."""

    url: str
    tools: Tools
    media: Callable[[], MediaConfig]
    tell: Tell
    digest: bool = True


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A finished file, and the subtitles that lie beside it. ``ext`` is right for what is in it."""

    stored: Stored
    ext: str
    subtitles: tuple[SubtitleFile, ...] = ()


def fetch(order: FetchSpec, found: Resolution, target: Path) -> FetchedFile:
    """What was found, into ``target``; the same call goes on with what it left unfinished.

    Subtitles come beside it as ``<name>.<language>.vtt``; those that are not to be had are left
    out. Raises DownloadError and Stopped, with the unfinished kept beside the target.
    """
    if found.selection.is_processed:
        return _compose(order, found, target)
    (stream,) = found.selection.streams
    key, tools, folder = key_of(order.url, found.selection), order.tools, _work_folder(target)
    # before the file, which once it is there is not gone on with
    renewal = _renewal(order, found.selection)
    for sentence in found.source.notes:
        tools.notes.add(sentence)
    files = fetch_subtitles(
        found.selection,
        folder,
        client=tools.client,
        stop=tools.stop,
        renew=renewal.subtitle,
        notes=tools.notes,
        length=found.source.duration,
    )
    stored = fetch_file(order, stream, target, key=key, refresh=lambda: renewal.another(0))
    beside = _beside(target, files)
    shutil.rmtree(folder, ignore_errors=True)
    return FetchedFile(stored, found.selection.ext, beside)


def _renewal(order: FetchSpec, selection: Selection) -> Renewal:
    """The pasted link, asked again where those that it led to have run out."""
    return Renewal(selection.formats, lambda: registry.probe(order.url, order.tools.client))


def fetch_file(
    order: FetchSpec,
    stream: Stream,
    target: Path,
    *,
    key: str,
    refresh: Callable[[], Stream] | None = None,
) -> Stored:
    bar = Bar()

    def tell(now: Progress) -> None:
        order.tell(bar.fetched(now))

    request = order.tools.transfer(
        stream,
        on_progress=tell,
        refresh=refresh,
        inspect=inspector(target.suffix.removeprefix(".").lower()),
    )
    return single.fetch(request, target, key=key, digest=order.digest)


def key_of(url: str, selection: Selection) -> str:
    """What an unfinished file is of. A plain file is what its URL is, whatever was chosen."""
    plain = [chosen.id for chosen in selection.formats] == [FORMAT_ID]
    return url if plain else f"{url} {selection.key}"


def _work_folder(target: Path) -> Path:
    return target.with_name(f".{target.name}.work")


def _beside(target: Path, files: Sequence[SubtitleFile]) -> tuple[SubtitleFile, ...]:
    """Media players find a film's subtitles by their names."""
    moved, tags = [], subtitle_tags(files)
    for file, language in zip(files, tags, strict=True):
        path = target.with_name(f"{target.stem}.{language}.vtt")
        with disk.disk_errors():
            os.replace(file.path, path)  # noqa: PTH105 - beside it, so one file system
        moved.append(replace(file, path=path))
    return tuple(moved)


def _compose(order: FetchSpec, found: Resolution, target: Path) -> FetchedFile:
    folder = _work_folder(target)
    with single.alone(target):
        with disk.disk_errors():
            folder.mkdir(parents=True, exist_ok=True)
        key = single.identity(key_of(order.url, found.selection))
        made, _ = make(
            found,
            load_lists(found.selection, order.tools.client),
            Workplace(folder, 0),
            tools=order.tools,
            checkpoints=FileStreamCheckpoints(folder / "streams.json", key),
            renewal=_renewal(order, found.selection),
            media=order.media(),
            bar=Bar(processing=expected_seconds(found.selection, found.selection.size or 0)),
            tell=order.tell,
            digest=order.digest,
        )
        beside = _beside(target, made.subtitles)
        with disk.disk_errors():
            os.replace(made.path, target)  # noqa: PTH105 - beside it, so one file system
            disk.sync_directory(target.parent)
            shutil.rmtree(folder)
        return FetchedFile(made.stored, made.path.suffix[1:], beside)
