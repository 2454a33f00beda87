"""How the tags of a media playlist (RFC 8216, 4.3.2) become fragments."""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import BadManifest
from downloads.engine.core.media import Fragment, FragmentList, Protocol, Stream
from downloads.engine.egress.client import Client
from downloads.engine.resolver.fragments import load
from downloads.engine.resolver.manifests.parsing import Parser
from tests.support.streaming.origin import StreamingOrigin


class Loader:
    def __init__(self, origin: StreamingOrigin, client: Client, parser: Parser) -> None:
        self._origin, self._client, self._parser = origin, client, parser

    def load(self, *lines: str) -> FragmentList:
        text = "\n".join(("#EXTM3U", *lines, "#EXT-X-ENDLIST\n"))
        self._origin.serve("/d/list.m3u8", text.encode())
        stream = Stream(self._origin.url("/d/list.m3u8"), protocol=Protocol.HLS)
        return load(stream, self._client, self._parser)

    def __call__(self, *lines: str) -> list[Fragment]:
        return list(self.load(*lines).fragments)


@pytest.fixture
def fragments(streaming: StreamingOrigin, client: Client, parser: Parser) -> Loader:
    return Loader(streaming, client, parser)


A, B, C = "#EXTINF:2,\na.ts", "#EXTINF:2,\nb.ts", "#EXTINF:2,\nc.ts"
MAP = '#EXT-X-MAP:URI="init.mp4"'
OTHER_MAP = '#EXT-X-MAP:URI="other.mp4",BYTERANGE="100@20"'
BREAK = "#EXT-X-DISCONTINUITY"


def names(found: list[Fragment]) -> list[str]:
    return [f"{fragment.url.rpartition('/')[2]}:{fragment.part}" for fragment in found]


def test_relative_and_absolute_and_hosts_own(fragments: Loader, streaming: StreamingOrigin) -> None:
    urls = [each.url for each in fragments(
        "#EXTINF:1,\n../up/a b.ts?x=1", "#EXTINF:1,\n/root.ts", "#EXTINF:1,\nhttps://e.org/c.ts",
        "#EXTINF:1,\n//e.org/d.ts")]  # fmt: skip
    assert urls == [
        streaming.url("/up/a%20b.ts?x=1"), streaming.url("/root.ts"), "https://e.org/c.ts",
        "http://e.org/d.ts",
    ]  # fmt: skip


def test_offsets_go_on_for_each_url(fragments: Loader) -> None:
    found = fragments(
        "#EXTINF:1,\n#EXT-X-BYTERANGE:10\na.ts", "#EXTINF:1,\n#EXT-X-BYTERANGE:5@100\nb.ts",
        "#EXTINF:1,\n#EXT-X-BYTERANGE:10\na.ts", "#EXT-X-BYTERANGE:7\n#EXTINF:1,\nb.ts",
    )  # fmt: skip
    assert [each.range for each in found] == [(0, 10), (100, 105), (10, 20), (105, 112)]


def test_a_map_stands_before_each_part(fragments: Loader) -> None:
    assert names(fragments(MAP, A, B)) == ["init.mp4:0", "a.ts:0", "b.ts:0"]
    assert names(fragments(MAP, A, MAP, B)) == ["init.mp4:0", "a.ts:0", "init.mp4:1", "b.ts:1"]
    found = fragments(MAP, A, OTHER_MAP, B)
    assert names(found) == ["init.mp4:0", "a.ts:0", "other.mp4:1", "b.ts:1"]
    assert found[2].range == (20, 120)
    assert [each.init for each in found] == [True, False, True, False]
    assert names(fragments(MAP, A, BREAK, B)) == ["init.mp4:0", "a.ts:0", "init.mp4:1", "b.ts:1"]


def test_a_discontinuity_before_anything_is_none(fragments: Loader) -> None:
    assert names(fragments(BREAK, A, B, BREAK, BREAK, C)) == ["a.ts:0", "b.ts:0", "c.ts:1"]


def test_a_gap_is_left_out_and_counted(fragments: Loader) -> None:
    found = fragments(
        "#EXT-X-MEDIA-SEQUENCE:5", '#EXT-X-KEY:METHOD=AES-128,URI="k"', A, "#EXT-X-GAP", B, C
    )
    assert names(found) == ["a.ts:0", "c.ts:0"]
    assert [int(each.encryption.iv, 16) for each in found if each.encryption] == [5, 7]


def test_keys_change_and_end(fragments: Loader, streaming: StreamingOrigin) -> None:
    found = fragments(
        A, '#EXT-X-KEY:METHOD=AES-128,URI="../k1",IV=0XAB', B, "#EXT-X-KEY:METHOD=NONE", C,
        '#EXT-X-KEY:METHOD=AES-128,URI="k2",KEYFORMAT="identity"', A,
    )  # fmt: skip
    assert found[0].encryption is found[2].encryption is None
    assert found[1].encryption is not None
    assert found[1].encryption.key_url == streaming.url("/k1")
    assert found[1].encryption.iv == f"{0xAB:032x}"
    assert found[3].encryption is not None
    assert found[3].encryption.iv == f"{3:032x}"


def test_a_map_has_the_key_that_it_stood_under(fragments: Loader) -> None:
    key = '#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x1'
    before = fragments(MAP, key, A)
    assert [each.encryption is None for each in before] == [True, False]
    after = fragments(key, MAP, A)
    assert [each.encryption is None for each in after] == [False, False]


@pytest.mark.parametrize(
    ("line", "container"),
    [("a.ts", "ts"), ("a", "ts"), ("a.jpg?b=c.mp4", "ts"), ("a.aac", "aac"), ("a.vtt", "vtt"),
     ("a.mp4", "mp4")],
)  # fmt: skip
def test_what_the_pieces_are(line: str, container: str, fragments: Loader) -> None:
    assert fragments.load(f"#EXTINF:1,\n{line}").container == container


@pytest.mark.parametrize(
    "lines",
    [
        ("#EXTINF:1,\n#EXT-X-BYTERANGE:x\na.ts",),
        ("#EXTINF:1,\n#EXT-X-BYTERANGE:0@1\na.ts",),
        ("#EXTINF:1,\nhttp://[::1\na.ts",),
        ("#EXTINF:1,\nhttps:///a.ts",),
        ("#EXTINF:1,\nlist.m3u8",),
        ("#EXTINF:1,\nother.m3u8?x=1",),
        ("#EXT-X-GAP", A),
        ("#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8",),
    ],
)
def test_what_is_broken(lines: tuple[str, ...], fragments: Loader) -> None:
    with pytest.raises(BadManifest):
        fragments(*lines)


def test_tags_that_do_not_matter_break_nothing(fragments: Loader) -> None:
    found = fragments(
        "#EXT-X-PROGRAM-DATE-TIME:yesterday", "#EXT-X-DATERANGE:ID", "#EXT-X-CUE-OUT:x",
        "#EXT-X-BITRATE:much", "#EXT-X-PART:DURATION=x", "# a word", "", A,
    )  # fmt: skip
    assert names(found) == ["a.ts:0"]
