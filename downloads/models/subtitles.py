"""The rows of ``Rendition.subtitles``: the WebVTT files beside the stored file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class StoredSubtitle:
    """A stored subtitle file. ``language`` is a BCP 47 tag, unique for the file. ``name``: the
    source's name for it, often empty. ``size`` in bytes. ``automatic``: made by a machine."""

    language: str
    name: str
    storage_name: str
    size: int
    sha256: str
    automatic: bool = False


Row = dict[str, str | int | bool]


def rows_of(subtitles: Iterable[StoredSubtitle]) -> list[Row]:
    return [asdict(each) for each in subtitles]


def subtitles_of(rows: Iterable[Row]) -> tuple[StoredSubtitle, ...]:
    return tuple(StoredSubtitle(**row) for row in rows)  # type: ignore[arg-type]
