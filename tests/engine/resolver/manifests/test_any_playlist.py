"""Any text at all: read, or refused as broken or too long; what is read is within the bounds that
its owner sets, so that no odd attribute makes a whole playlist a bad one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downloads.engine.core.errors import BadManifest, BlockedAddress, Incomplete
from downloads.engine.resolver.manifests import playlist
from downloads.engine.resolver.manifests.answers import MediaPlaylist, read_playlist
from downloads.engine.resolver.manifests.errors import ManifestError, ManifestTooLarge
from downloads.engine.resolver.manifests.fragmenting import Fragmenting
from downloads.engine.resolver.manifests.ladder import Ladder

URL = "https://example.com/a/list.m3u8?t=1"
TAGS = (
    "#EXTINF", "#EXT-X-BYTERANGE", "#EXT-X-DEFINE", "#EXT-X-DISCONTINUITY", "#EXT-X-ENDLIST",
    "#EXT-X-GAP", "#EXT-X-KEY", "#EXT-X-MAP", "#EXT-X-MEDIA", "#EXT-X-MEDIA-SEQUENCE",
    "#EXT-X-PLAYLIST-TYPE", "#EXT-X-SESSION-DATA", "#EXT-X-SKIP", "#EXT-X-STREAM-INF", "#",
)  # fmt: skip
NAMES = (
    "METHOD", "URI", "IV", "KEYFORMAT", "BYTERANGE", "NAME", "VALUE", "IMPORT", "QUERYPARAM",
    "BANDWIDTH", "AVERAGE-BANDWIDTH", "RESOLUTION", "CODECS", "FRAME-RATE", "AUDIO", "TYPE",
    "GROUP-ID", "LANGUAGE", "DATA-ID", "SKIPPED-SEGMENTS", "CHARACTERISTICS", "VIDEO-RANGE",
)  # fmt: skip
WORDS = st.sampled_from(
    ("AES-128", "NONE", "SAMPLE-AES", "identity", "0x1", "NaN", "-1", "1e999", "9" * 40, "320x180",
     "0x0", "720p", "10@5", "@", "a.ts", "data:,x", "//h/x", "?q", "t", "{$a}", "AUDIO", "VOD", "",
     "com.apple.hls.title", "avc1.42c00d,mp4a.40.2", "\x00", "x" * 300, "SUBTITLES"),
) | st.text(max_size=12)  # fmt: skip
ATTRIBUTE = st.tuples(st.sampled_from(NAMES), WORDS, st.booleans()).map(
    lambda it: f'{it[0]}="{it[1]}"' if it[2] else f"{it[0]}={it[1]}"
)
VALUE = WORDS | st.lists(ATTRIBUTE, max_size=5).map(",".join)
LINE = st.tuples(st.sampled_from(TAGS), VALUE).map(":".join) | WORDS
TEXT = st.lists(LINE, max_size=14).map(lambda lines: "\n".join(("#EXTM3U", *lines)))


@settings(max_examples=600)
@given(TEXT)
@pytest.mark.slow
def test_it_is_read_within_bounds_or_refused(text: str) -> None:
    try:
        answer = playlist.read(text, URL, [("a", "b")])
    except (ManifestError, ManifestTooLarge):
        return
    found = read_playlist(answer)
    try:
        if isinstance(found, MediaPlaylist):
            Fragmenting(found, URL).fragments()
        else:
            Ladder(found, URL, ()).formats(9.0)
    except (BadManifest, BlockedAddress, Incomplete):  # an address or a range that is none
        return


@settings(max_examples=300)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    try:
        read_playlist(playlist.read(f"#EXTM3U\n{text}", URL))
    except (ManifestError, ManifestTooLarge):
        return
