"""The subtitles beside a stored file: WebVTT, for the player and for download.

They are named in the row before they are written, and written before the file is ``stored``: a
crash in between leaves none unknown, and no stored file without its own.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from downloads.engine.core import disk
from downloads.engine.core.cancellation import StopToken
from downloads.engine.media.inputs import SubtitleFile
from downloads.engine.media.subtitle_tags import subtitle_tags
from downloads.models.subtitles import StoredSubtitle
from downloads.storage.media import media_storage
from downloads.storage.storage import remove, save_file

EXT: Final = "vtt"


def beside(storage_name: str, files: Sequence[SubtitleFile]) -> tuple[StoredSubtitle, ...]:
    """Name these beside the file of this name: ``<name>.<language>.vtt``.

    Media players find a film's subtitles by that. Each language once: a second one of it gets a
    private subtag. Raises DiskFull, StorageUnavailable.
    """
    stem = _stem(storage_name)
    found = []
    for file, language in zip(files, subtitle_tags(files), strict=True):
        with disk.disk_errors():
            content = file.path.read_bytes()
        stored = StoredSubtitle(
            language=language,
            name=file.name,
            storage_name=f"{stem}.{language}.{EXT}",
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
            automatic=file.automatic,
        )
        found.append(stored)
    return tuple(found)


def put(stored: Sequence[StoredSubtitle], files: Sequence[SubtitleFile], stop: StopToken) -> None:
    """Write them into the storage, under the names in the row. Repeated, it overwrites.

    Raises Stopped, DiskFull, StorageUnavailable.
    """
    for subtitle, file in zip(stored, files, strict=True):
        stop.check()
        final = media_storage().local_path(subtitle.storage_name)
        if final is not None:
            _copy(file.path, final)
        else:
            remove(subtitle.storage_name)  # of an earlier attempt, with other words perhaps
            save_file(subtitle.storage_name, file.path)
        stop.beat()


def discard(subtitles: Iterable[StoredSubtitle]) -> None:
    """Remove them. Raises StorageUnavailable."""
    for subtitle in subtitles:
        remove(subtitle.storage_name)


def _copy(source: Path, final: Path) -> None:
    # In place: it is not read before the row says ``stored``, and a half one is overwritten.
    with disk.disk_errors():
        final.parent.mkdir(parents=True, exist_ok=True)
        with final.open("wb") as file:
            file.write(source.read_bytes())
            file.flush()
            os.fsync(file.fileno())
        disk.sync_directory(final.parent)


def _stem(storage_name: str) -> str:
    folder, slash, last = storage_name.rpartition("/")
    return f"{folder}{slash}{last.rpartition('.')[0] or last}"
