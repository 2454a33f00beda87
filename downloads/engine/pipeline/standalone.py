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
from downloads.engine.media.inputs import SubtitleFile
from downloads.engine.media.subtitle_tags import subtitle_tags
from downloads.engine.pipeline.extras import fetch_subtitles
from downloads.engine.pipeline.fragment_lists import load_lists
from downloads.engine.pipeline.job import FetchJob
from downloads.engine.pipeline.link_refresh import Renewal
from downloads.engine.pipeline.media_check import inspector
from downloads.engine.pipeline.mux_pipeline import expected_seconds, make
from downloads.engine.resolver import registry
from downloads.engine.resolver.base import Resolution
from downloads.engine.resolver.direct import FORMAT_ID
from downloads.engine.transfer import single
from downloads.engine.transfer.sinks.base import Stored
from downloads.engine.transfer.stream_checkpoints import FileStreamCheckpoints


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """A finished file, and the subtitles that lie beside it. ``ext`` fits its content."""

    stored: Stored
    ext: str
    subtitles: tuple[SubtitleFile, ...] = ()


def fetch(job: FetchJob, url: str, resolution: Resolution, target: Path) -> FetchedFile:
    """Fetch ``resolution`` into ``target``; the same call resumes an unfinished file. ``url``: as
    the user gave it.

    Subtitles are stored beside it as ``<name>.<language>.vtt``; unavailable ones are left out.
    Raises DownloadError and Stopped, with the unfinished file kept beside the target.
    """
    if resolution.selection.is_processed:
        return _compose(job, url, resolution, target)
    (stream,) = resolution.selection.streams
    key, folder = key_of(url, resolution.selection), _work_folder(target)
    # before the file: once that exists, nothing is resumed
    renewal = _renewal(job, url, resolution.selection)
    for sentence in resolution.source.notes:
        job.notes.add(sentence)
    files = fetch_subtitles(
        resolution.selection,
        folder,
        client=job.client,
        stop=job.stop,
        renew=renewal.subtitle,
        notes=job.notes,
        length=resolution.source.duration,
    )
    stored = fetch_file(job, stream, target, key=key, refresh=lambda: renewal.another(0))
    beside = _beside(target, files)
    shutil.rmtree(folder, ignore_errors=True)
    return FetchedFile(stored, resolution.selection.ext, beside)


def _renewal(job: FetchJob, url: str, selection: Selection) -> Renewal:
    """Return a renewal that resolves the pasted link again when the links behind it have
    expired."""
    return Renewal(selection.formats, lambda: registry.probe(url, job.client))


def fetch_file(
    job: FetchJob,
    stream: Stream,
    target: Path,
    *,
    key: str,
    refresh: Callable[[], Stream] | None = None,
) -> Stored:
    bar = Bar()

    def tell(now: Progress) -> None:
        job.tell(bar.fetched(now))

    request = job.transfer(
        stream,
        on_progress=tell,
        refresh=refresh,
        inspect=inspector(target.suffix.removeprefix(".").lower()),
    )
    return single.fetch(request, target, key=key, digest=job.digest)


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


def _compose(job: FetchJob, url: str, resolution: Resolution, target: Path) -> FetchedFile:
    folder = _work_folder(target)
    with single.alone(target):
        with disk.disk_errors():
            folder.mkdir(parents=True, exist_ok=True)
        selection = resolution.selection
        key = single.identity(key_of(url, selection))
        made, _ = make(
            job,
            resolution,
            load_lists(selection, job.client),
            folder,
            checkpoints=FileStreamCheckpoints(folder / "streams.json", key),
            renewal=_renewal(job, url, selection),
            bar=Bar(processing=expected_seconds(selection, selection.size or 0)),
        )
        beside = _beside(target, made.subtitles)
        with disk.disk_errors():
            os.replace(made.path, target)  # noqa: PTH105 - beside it, so one file system
            disk.sync_directory(target.parent)
            shutil.rmtree(folder)
        return FetchedFile(made.stored, made.path.suffix[1:], beside)
