"""The files that the sample publishes: names below ``/sample/``, and the path of each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from downloads.sample import clip
from downloads.sample.ladder import LADDER, MASTER
from downloads.sample.making import folder
from downloads.storage.media_types import media_type

LADDER_FOLDER: Final = "crossing/"
MASTER_NAME: Final = f"{LADDER_FOLDER}{MASTER}"

_CLIP: Final = frozenset({clip.VIDEO, clip.PICTURE})
_LADDER: Final[Mapping[str, str]] = MappingProxyType(
    {f"{LADDER_FOLDER}{name}": name for name in LADDER.files}
)
# Types of an HLS source, which no stored download has.
_TYPES: Final = {".m3u8": "application/vnd.apple.mpegurl", ".m4s": "video/iso.segment"}


def published(home: Path, name: str) -> Path | None:
    """Return the file of this name; None for every other name, and while it is not published.

    ``home`` exists once ``manage.py sample`` has run; without it not even the clip is published.
    """
    if name in _CLIP:
        return clip.FOLDER / name if home.is_dir() else None
    found = _LADDER.get(name)
    if found is None:
        return None
    path = folder(home, LADDER) / found
    return path if path.is_file() else None


def content_type(path: Path) -> str:
    return _TYPES.get(path.suffix) or media_type(path.suffix.removeprefix("."))
