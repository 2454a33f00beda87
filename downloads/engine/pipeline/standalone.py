"""A standalone fetch of any source into one file and its subtitles, with only the file system as
memory."""

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
    """The specification of a fetch. ``url``: as the user gave it; ``media`` is called only if
    ffmpeg is needed. ``digest``: compute the SHA-256, which costs a pass over every byte."""

    url: str
    tools: Tools
    media: Callable[[], MediaConfig]
    tell: Tell
    digest: bool = True


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A finished file, and the subtitles that lie beside it. ``ext`` fits its content."""

    stored: Stored
    ext: str
    subtitles: tuple[SubtitleFile, ...] = ()


def fetch(order: FetchSpec, found: Resolution, target: Path) -> FetchedFile:
    """Fetch ``found`` into ``target``; the same call resumes an unfinished file.

    Subtitles are stored beside it as ``<name>.<language>.vtt``; unavailable ones are left out.
    Raises DownloadError and Stopped, with the unfinished file kept beside the target.
    """
    if found.selection.is_processed:
        return _compose(order, found, target)
    (stream,) = found.selection.streams
    key, tools, folder = key_of(order.url, found.selection), order.tools, _work_folder(target)
    # before the file: once that exists, nothing is resumed
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
    """Return a renewal that resolves the pasted link again when the links behind it have
    expired."""
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
    """Return the key of an unfinished file. For a plain file it is the URL, whatever was chosen."""
    plain = [chosen.id for chosen in selection.formats] == [FORMAT_ID]
    return url if plain else f"{url} {selection.key}"


def _work_folder(target: Path) -> Path:
    return target.with_name(f".{target.name}.work")


def _beside(target: Path, files: Sequence[SubtitleFile]) -> tuple[SubtitleFile, ...]:
    """Move the subtitles beside the file: media players find them by name."""
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
