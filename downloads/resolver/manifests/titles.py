"""What to call a stream: its manifest's own name is mostly no name at all. Pure."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from downloads.resolver import naming
from downloads.resolver.base import Opening

_NO_NAMES = re.compile(
    r"(?:adaptive|av|audio|chunklist|cmaf|dash|f?mp4|hls|index|m3u8|main|manifest|master|media|"
    r"mpd|output|playlist|prog|stream|ts|video|vod|v|p)*\d{0,5}[kp]?",
    re.IGNORECASE,
)
_CONTAINER = re.compile(r"\.(?:m3u8?|mpd|mp4|mov|smil|ism[cl]?|urlset)$", re.IGNORECASE)


def title_of(opening: Opening, final_url: str, said: str) -> str:
    """What the manifest says, else the file's name, else the folder's that tells something."""
    if said.strip():
        return naming.clean_name(said)
    disposition = naming.name_from_disposition(
        opening.response.headers.get("Content-Disposition", "")
    )
    names = [disposition, *_segments(opening.url), *_segments(final_url)]
    telling = (_CONTAINER.sub("", name) for name in names if name)
    for name in telling:
        if not all(_NO_NAMES.fullmatch(word) for word in re.split(r"[\s._-]+", name[:100])):
            return naming.readable_title(name)
    return urlsplit(opening.url).hostname or "stream"


def _segments(url: str) -> list[str]:
    """The last two of the path, the file first."""
    return [naming.clean_name(unquote(part)) for part in urlsplit(url).path.split("/")[:0:-1]][:2]
