"""Inside the jail: a master playlist (RFC 8216, section 4.3.4)."""

from __future__ import annotations

import re
from typing import Any

from downloads.engine.resolver.manifests.attributes import attributes, lines, number
from downloads.engine.resolver.manifests.errors import ManifestTooLarge
from downloads.engine.resolver.manifests.limits import MAX_VARIANTS
from downloads.engine.resolver.manifests.variables import Variables

_RESOLUTION = re.compile(r'[\s"]*(\d{1,5})(?:\.\d*)?\s*[xX*\u00d7]\s*(\d{1,5})')
_NAMED_HEIGHT = re.compile(r"(\d{3,4})\s*p", re.IGNORECASE)
_USUAL_HEIGHTS = frozenset(
    {"144", "240", "360", "480", "540", "576", "720", "1080", "1440", "2160"}
)
_MOST_SESSION_DATA = 1000
_WORD, _TITLE = 200, 1000  # characters; longer ones are cut: they are names, and never requested
_MOST_BITS, _MOST_RATE, _MOST_PIXELS = 10**12, 10_000, 100_000


def read(text: str, variables: Variables) -> dict[str, Any]:
    """Return the playlist as ``answers.Master`` takes it. Raises ManifestError,
    ManifestTooLarge."""
    reader = _MasterReader(variables)
    for line in lines(text):
        reader.take(line)
    return reader.found()


class _MasterReader:
    """A reader of a master. Tags of I-frame and image streams are skipped; so are EXT-X-SESSION-KEY
    lines, since the media playlists say which keys they need."""

    def __init__(self, variables: Variables) -> None:
        self._variables = variables
        self._variants: list[dict[str, Any]] = []
        self._tracks: list[dict[str, Any]] = []
        self._title = ""
        self._values: dict[str, str] | None = None  # attributes of the variant whose URI comes next
        self._session_data = 0

    def take(self, line: str) -> None:
        """Take a line that is not blank."""
        tag, _, value = line.partition(":")
        if line[0] != "#":
            self._uri(line)
        elif tag == "#EXT-X-STREAM-INF":
            self._values = attributes(value, self._variables)
        elif tag == "#EXT-X-MEDIA":
            self._take_track(attributes(value, self._variables))
        elif tag == "#EXT-X-DEFINE":
            self._variables.define(attributes(value, self._variables))
        elif tag == "#EXT-X-SESSION-DATA" and self._session_data < _MOST_SESSION_DATA:
            self._session_data += 1
            values = attributes(value, self._variables)
            if values.get("DATA-ID") == "com.apple.hls.title" and not self._title:
                self._title = values.get("VALUE", "")[:_TITLE]

    def found(self) -> dict[str, Any]:
        return {
            "title": self._title,
            "variants": self._variants,
            "tracks": self._tracks,
            "variables": self._variables.defined,
        }

    def _uri(self, line: str) -> None:
        if self._values is None:
            return
        if len(self._variants) >= MAX_VARIANTS:
            raise ManifestTooLarge(f"more than {MAX_VARIANTS} variants")
        self._variants.append(_variant(self._variables.substitute(line), self._values))
        self._values = None

    def _take_track(self, values: dict[str, str]) -> None:
        if len(self._tracks) >= MAX_VARIANTS:
            raise ManifestTooLarge(f"more than {MAX_VARIANTS} renditions")
        self._tracks.append(_track(values))


def _variant(uri: str, values: dict[str, str]) -> dict[str, Any]:
    width, height = _size(values)
    average, peak = number(values.get("AVERAGE-BANDWIDTH")), number(values.get("BANDWIDTH"))
    return {
        "uri": uri,
        "bandwidth": _within(average, _MOST_BITS) or _within(peak, _MOST_BITS),
        "width": width,
        "height": height,
        "fps": _within(number(values.get("FRAME-RATE")), _MOST_RATE),
        "codecs": _codecs(values.get("CODECS", "")),
        "video_range": values.get("VIDEO-RANGE", "")[:_WORD],
        "audio": values.get("AUDIO", "")[:_WORD],
    }


def _size(values: dict[str, str]) -> tuple[int | None, int | None]:
    """Return width and height; the height alone if only a name gives it (``720p``)."""
    if match := _RESOLUTION.match(values.get("RESOLUTION", "")):
        size = int(match[1]), int(match[2])
        if min(size) > 0 and max(size) <= _MOST_PIXELS:
            return size
    name = (values.get("NAME", "") or values.get("VIDEO", "")).strip()
    named = _NAMED_HEIGHT.match(name)
    height = named[1] if named else name if name in _USUAL_HEIGHTS else "0"
    return None, int(height) or None


def _within(value: float | None, most: int) -> float | None:
    return value if value is not None and 0 < value <= most else None


def _codecs(declared: str) -> str:
    """Return the codecs, each once, up to the maximal length of a word."""
    kept, length = [], 0
    for name in dict.fromkeys(re.split(r'[\s,"]+', declared)):
        length += len(name) + 1
        if name and length <= _WORD:
            kept.append(name)
    return ",".join(kept)


def _track(values: dict[str, str]) -> dict[str, Any]:
    def word(name: str) -> str:
        return values.get(name, "")[:_WORD]

    return {
        "kind": word("TYPE").upper(),
        "group": word("GROUP-ID"),
        "uri": values.get("URI", ""),
        "language": word("LANGUAGE"),
        "name": word("NAME"),
        "default": word("DEFAULT").upper() == "YES",
        "forced": word("FORCED").upper() == "YES",
        "characteristics": values.get("CHARACTERISTICS", "")[:_TITLE],
    }
