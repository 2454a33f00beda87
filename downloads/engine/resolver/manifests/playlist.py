"""Inside the jail: an HLS playlist (RFC 8216), by the m3u8 library, as plain data.

The library sees only the tags that matter to a download, so that what it would make of others
(dates, cues, parts) can neither break nor slow it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import m3u8.parser

from downloads.engine.resolver.manifests.errors import ManifestError, ManifestTooLarge
from downloads.engine.resolver.manifests.limits import MAX_FRAGMENTS, MAX_VARIANTS

_TAGS = frozenset(
    {
        "#EXTINF", "#EXT-X-BYTERANGE", "#EXT-X-DISCONTINUITY", "#EXT-X-ENDLIST", "#EXT-X-GAP",
        "#EXT-X-MAP", "#EXT-X-MEDIA", "#EXT-X-MEDIA-SEQUENCE", "#EXT-X-PLAYLIST-TYPE",
        "#EXT-X-SESSION-DATA", "#EXT-X-SESSION-KEY", "#EXT-X-STREAM-INF",
    }
)  # fmt: skip
_MOST_KEYS = 20  # EXT-X-SESSION-KEY lines
_LONGEST_LINE = 64 * 1024
_IV = re.compile(r"0[xX]([0-9A-Fa-f]{1,32})")
_RESOLUTION = re.compile(r"(\d{1,5})\s*[xX]\s*(\d{1,5})")


def read(text: str) -> dict[str, Any]:
    """A master or a media playlist; as ``answers.Master`` or ``answers.MediaPlaylist`` wants it.

    Raises ManifestError, ManifestTooLarge.
    """
    if not text.lstrip().startswith("#EXTM3U"):
        raise ManifestError("it does not begin with #EXTM3U")
    _check_size(text)
    keys = _Keys()
    try:
        found = m3u8.parser.parse(text, custom_tags_parser=keys.take)
    except (KeyError, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise ManifestError(f"{type(error).__name__}: {error}"[:200]) from None
    if found["is_variant"]:
        return _master(found)
    if not found["segments"]:
        raise ManifestError("there is nothing in it")
    return _media(found, keys)


def _check_size(text: str) -> None:
    """Counted before anything is made of it."""
    for tag, most in (
        ("#EXTINF", MAX_FRAGMENTS),
        ("#EXT-X-BYTERANGE", MAX_FRAGMENTS),
        ("#EXT-X-KEY", MAX_FRAGMENTS),
        ("#EXT-X-MAP", MAX_FRAGMENTS),
        ("#EXT-X-STREAM-INF", MAX_VARIANTS),
        ("#EXT-X-MEDIA:", MAX_VARIANTS),
        ("#EXT-X-SESSION-KEY", _MOST_KEYS),
    ):
        if text.count(tag) > most:
            raise ManifestTooLarge(f"more than {most} {tag}")
    if any(len(line) > _LONGEST_LINE for line in text.splitlines()):
        raise ManifestTooLarge(f"a line of more than {_LONGEST_LINE} characters")


class _Keys:
    """Keys are taken here: the library would look for each among all that came before it, and
    does not say which key a map was under."""

    def __init__(self) -> None:
        self.told: list[dict[str, str]] = []
        self.protected = False
        self.at_map: list[int | None] = []
        self._places: dict[tuple[str, str], int] = {}
        self._now: int | None = None

    def take(self, line: str, lineno: int, data: dict[str, Any], state: dict[str, Any]) -> bool:
        """True: the library need not look at this line."""
        tag = line.partition(":")[0]
        if tag == "#EXT-X-KEY":
            self._now = self._place(dict(_attributes(line)))
            state["current_key"] = {"place": self._now}
            return True
        if tag == "#EXT-X-MAP":
            self.at_map.append(self._now)
        return tag not in _TAGS

    def _place(self, said: dict[str, str]) -> int | None:
        method = said.get("METHOD", "NONE")
        if method == "NONE":
            return None
        if _is_protected({"method": method, "keyformat": said.get("KEYFORMAT", "identity")}):
            self.protected = True
            return None
        iv = _iv(said.get("IV", ""))
        key = (said.get("URI", ""), iv)
        if key not in self._places:
            self._places[key] = len(self.told)
            self.told.append({"uri": key[0], "iv": iv})
        return self._places[key]


def _is_protected(key: dict[str, str]) -> bool:
    """By anything but a key that is there for the asking."""
    plain = key.get("keyformat", "identity") == "identity"
    return key.get("method") not in ("NONE", "AES-128") or not plain


def _iv(said: str) -> str:
    if not said:
        return ""
    match = _IV.fullmatch(said)
    if match is None:
        raise ManifestError("an IV that is none")
    return match[1].lower().zfill(32)


def _attributes(line: str) -> Iterator[tuple[str, str]]:
    for part in m3u8.parser.ATTRIBUTELISTPATTERN.split(line.partition(":")[2])[1::2]:
        name, _, value = part.partition("=")
        yield name.strip().upper(), m3u8.parser.remove_quotes(value.strip())


def _media(found: dict[str, Any], keys: _Keys) -> dict[str, Any]:
    places = {id(section): place for place, section in enumerate(found["segment_map"])}
    return {
        "ended": found["is_endlist"] or found["playlist_type"] == "vod",
        "protected": keys.protected,
        "sequence": found["media_sequence"] or 0,
        "keys": keys.told,
        "maps": [
            {"uri": section["uri"], "byterange": section.get("byterange") or "", "key": key}
            for section, key in zip(found["segment_map"], keys.at_map, strict=True)
        ],
        "segments": [
            {
                "uri": segment["uri"],
                "seconds": float(segment.get("duration", 0.0)),
                "byterange": segment.get("byterange") or "",
                "key": (segment.get("key") or {}).get("place"),
                "map": places.get(id(segment.get("init_section"))),
                "discontinuity": bool(segment["discontinuity"]),
                "gap": bool(segment["gap_tag"]),
            }
            for segment in found["segments"]
            if "uri" in segment  # a tag at the end, with nothing after it
        ],
    }


def _master(found: dict[str, Any]) -> dict[str, Any]:
    return {
        "protected": any(_is_protected(key) for key in found["session_keys"]),
        "title": next(
            (
                str(data.get("value", ""))[:1000]
                for data in found["session_data"]
                if data.get("data_id") == "com.apple.hls.title"
            ),
            "",
        ),
        "variants": [_variant(each["uri"], each["stream_info"]) for each in found["playlists"]],
        "tracks": [_track(each) for each in found["media"]],
    }


def _variant(uri: str, said: dict[str, Any]) -> dict[str, Any]:
    size = _RESOLUTION.fullmatch(said.get("resolution", "").strip())
    return {
        "uri": uri,
        "bandwidth": float(said.get("average_bandwidth") or said.get("bandwidth") or 0) or None,
        "width": (int(size[1]) or None) if size else None,
        "height": (int(size[2]) or None) if size else None,
        "fps": said.get("frame_rate") or None,
        "codecs": said.get("codecs", ""),
        "video_range": said.get("video_range", ""),
        "audio": said.get("audio", ""),
    }


def _track(said: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": said.get("type", ""),
        "group": said.get("group_id", ""),
        "uri": said.get("uri", ""),
        "language": said.get("language", ""),
        "name": said.get("name", ""),
        "default": said.get("default", "") == "YES",
        "forced": said.get("forced", "") == "YES",
        "characteristics": said.get("characteristics", ""),
    }
