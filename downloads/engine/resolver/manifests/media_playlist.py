"""Inside the jail: a media playlist (RFC 8216, section 4.3.2 and 4.3.3), line by line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from downloads.engine.resolver.manifests.attributes import attributes, lines, number
from downloads.engine.resolver.manifests.errors import ManifestError, ManifestTooLarge
from downloads.engine.resolver.manifests.limits import MAX_SEGMENTS
from downloads.engine.resolver.manifests.playlist_keys import PlaylistKeys
from downloads.engine.resolver.manifests.segment_flags import DISCONTINUITY, GAP
from downloads.engine.resolver.manifests.variables import Variables

_LONGEST = 10**7  # seconds of a segment; more is invalid
_MOST = 2**63 - 1
_COUNT = re.compile(r"\s*(\d{1,20})")
_DECIMAL_COMMA = re.compile(r"\s*(\d{1,9}),(\d{1,9}),")
# Defaults at the end of a row, which are left out: the reader fills them in.
_LEFT_OUT: dict[int, tuple[Any, ...]] = {3: ("",), 4: (None,), 5: (None,)}


def read(text: str, variables: Variables) -> dict[str, Any]:
    """Return the playlist as ``answers.MediaPlaylist`` takes it. Raises ManifestError,
    ManifestTooLarge."""
    reader = _MediaListReader(variables)
    for line in lines(text):
        reader.take(line)
    return reader.found()


class _MediaListReader:
    """A reader of a media playlist. A tag applies to the next URI line, wherever it is before it
    (section 4.3.2)."""

    def __init__(self, variables: Variables) -> None:
        self._variables = variables
        self._keys = PlaylistKeys()
        self._segments: list[list[Any]] = []
        self._maps: list[dict[str, Any]] = []
        self._places: dict[tuple[str, str, str], int] = {}  # index of each map
        self._map: int | None = None
        self._seconds = 0.0
        self._has_extinf = False  # has an EXTINF come since the last URI?
        self._any_extinf = False  # or ever?
        self._byterange = ""
        self._flags = 0
        self._facts: dict[str, Any] = {"ended": False}
        self._handlers: dict[str, Callable[[str], None]] = {
            "#EXTINF": self._extinf,
            "#EXT-X-BYTERANGE": self._take_range,
            "#EXT-X-DISCONTINUITY": lambda value: self._flag(DISCONTINUITY),
            "#EXT-X-GAP": lambda value: self._flag(GAP),
            "#EXT-X-KEY": lambda value: self._keys.take(attributes(value, self._variables)),
            "#EXT-X-MAP": self._take_map,
            "#EXT-X-DEFINE": lambda value: variables.define(attributes(value, variables)),
            "#EXT-X-ENDLIST": lambda value: self._facts.update(ended=True),
            "#EXT-X-PLAYLIST-TYPE": self._take_type,
            "#EXT-X-MEDIA-SEQUENCE": lambda value: self._fact("sequence", value),
            "#EXT-X-SKIP": self._skip,
            "#EXT-X-I-FRAMES-ONLY": lambda value: self._facts.update(stills=True),
            "#EXT-X-IMAGES-ONLY": lambda value: self._facts.update(stills=True),
        }

    def take(self, line: str) -> None:
        """Take a line that is not blank."""
        if line[0] != "#":
            self._uri(line)
        elif line.startswith("#EXT"):
            tag, _, value = line.partition(":")
            if handler := self._handlers.get(tag.rstrip()):
                handler(value)

    def found(self) -> dict[str, Any]:
        if not self._segments:
            raise ManifestError("there is nothing in it")
        return {
            **self._facts,
            "protected": self._keys.protected,
            "keys": self._keys.rows,
            "maps": self._maps,
            "segments": self._segments,
        }

    def _uri(self, line: str) -> None:
        """Take a segment. A line without an EXTINF of its own is none, as in hls.js and ffmpeg,
        unless the whole list has none."""
        if self._any_extinf and not self._has_extinf:
            return
        if len(self._segments) >= MAX_SEGMENTS:
            raise ManifestTooLarge(f"more than {MAX_SEGMENTS} segments")
        key = self._keys.current()
        row = [self._variables.substitute(line), self._seconds, self._byterange, key, self._map]
        while len(row) > 2 and not self._flags and row[-1] in _LEFT_OUT[len(row)]:
            row.pop()
        self._segments.append(row + [self._flags] * bool(self._flags))
        self._seconds, self._byterange, self._flags = 0.0, "", 0
        self._has_extinf = False

    def _extinf(self, value: str) -> None:
        """Take a duration: a claim, and never a reason to refuse: an invalid one counts as
        missing."""
        if not self._any_extinf:
            self._segments.clear()
        self._any_extinf = self._has_extinf = True
        comma = _DECIMAL_COMMA.match(value)
        seconds = number(f"{comma[1]}.{comma[2]}" if comma else value) or 0.0
        self._seconds = seconds if seconds <= _LONGEST else 0.0

    def _take_range(self, value: str) -> None:
        self._byterange = self._variables.substitute(value).strip(' "')[:100]

    def _flag(self, flag: int) -> None:
        self._flags |= flag

    def _take_map(self, value: str) -> None:
        """Take a map. A repeated map is the same one if its URI, range and key are."""
        values = attributes(value, self._variables)
        byterange, key = values.get("BYTERANGE", "")[:100], self._keys.current()
        if not values.get("URI"):
            raise ManifestError("a map without a URI")
        place = (values["URI"], byterange, self._keys.key_of(key))
        if place not in self._places:
            if len(self._maps) >= MAX_SEGMENTS:
                raise ManifestTooLarge(f"more than {MAX_SEGMENTS} maps")
            self._places[place] = len(self._maps)
            self._maps.append({"uri": values["URI"], "byterange": byterange, "key": key})
        self._map = self._places[place]

    def _take_type(self, value: str) -> None:
        if value.strip().upper() == "VOD":
            self._facts["ended"] = True

    def _fact(self, name: str, value: str) -> None:
        match = _COUNT.match(value)
        if match and int(match[1]) <= _MOST:
            self._facts[name] = int(match[1])

    def _skip(self, value: str) -> None:
        self._fact("skipped", attributes(value, self._variables).get("SKIPPED-SEGMENTS", ""))
