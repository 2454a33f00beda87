"""Fragments from the tags of a media playlist (RFC 8216, 4.3.2)."""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import BadManifest, Incomplete, NotMedia
from downloads.engine.core.media import Fragment, Protocol, Stream
from downloads.engine.egress.client import Client
from downloads.engine.resolver.fragments import load
from downloads.engine.resolver.manifests.parsing import Parser
from tests.engine.resolver.manifests.served import Loader
from tests.support.streaming.origin import StreamingOrigin

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
    found = fragments(MAP, A, OTHER_MAP, B)
    assert names(found) == ["init.mp4:0", "a.ts:0", "other.mp4:1", "b.ts:1"]
    assert found[2].range == (20, 120)
    assert [each.init for each in found] == [True, False, True, False]
    assert names(fragments(MAP, A, BREAK, B)) == ["init.mp4:0", "a.ts:0", "init.mp4:1", "b.ts:1"]


@pytest.mark.parametrize(
    "again",
    [
        (MAP, A, MAP, B, MAP, C),
        (MAP, A, '#EXT-X-MAP:URI="init.mp4",BYTERANGE=""', B, MAP, C),
        (MAP, A, B, '#EXT-X-MAP: URI = "init.mp4"', C),
    ],
)
def test_a_map_that_is_told_again_is_the_same(again: tuple[str, ...], fragments: Loader) -> None:
    """globocom/m3u8#276: a map before each segment is one film."""
    assert names(fragments(*again)) == ["init.mp4:0", "a.ts:0", "b.ts:0", "c.ts:0"]


def test_a_map_under_keys_that_change(fragments: Loader) -> None:
    """One key with a vector for each segment; another key is another map."""
    key = '#EXT-X-KEY:METHOD=AES-128,URI="k",IV='
    found = fragments(key + "0x1", MAP, A, key + "0x2", MAP, B)
    assert names(found) == ["init.mp4:0", "a.ts:0", "b.ts:0"]
    assert [each.encryption.iv[-1] for each in found if each.encryption] == ["1", "1", "2"]
    found = fragments(key + "0x1", MAP, A, key.replace("k", "l") + "0x1", MAP, B)
    assert names(found) == ["init.mp4:0", "a.ts:0", "init.mp4:1", "b.ts:1"]


def test_a_discontinuity_before_anything_is_none(fragments: Loader) -> None:
    assert names(fragments(BREAK, A, B, BREAK, BREAK, C)) == ["a.ts:0", "b.ts:0", "c.ts:1"]


def test_a_gap_is_left_out_and_counted(fragments: Loader) -> None:
    found = fragments(
        "#EXT-X-MEDIA-SEQUENCE:5", '#EXT-X-KEY:METHOD=AES-128,URI="k"', A, "#EXT-X-GAP", B, C
    )
    assert names(found) == ["a.ts:0", "c.ts:0"]
    assert [int(each.encryption.iv, 16) for each in found if each.encryption] == [5, 7]


def test_a_gap_with_another_map_parts_nothing(fragments: Loader) -> None:
    found = fragments(MAP, A, OTHER_MAP, "#EXT-X-GAP", B, MAP, C)
    assert names(found) == ["init.mp4:0", "a.ts:0", "c.ts:0"]
    found = fragments(MAP, A, BREAK, "#EXT-X-GAP", B, C)
    assert names(found) == ["init.mp4:0", "a.ts:0", "init.mp4:1", "c.ts:1"]


def test_a_gap_is_told_with_its_place_and_length(fragments: Loader) -> None:
    gap = "#EXT-X-GAP\n"
    found = fragments.load(A, gap + B, gap + C, A, gap + B)
    assert [each.duration for each in found.fragments] == [2, 2]
    assert found.gaps == ((2, 4), (8, 2))


def test_a_film_of_gaps_alone_is_incomplete(fragments: Loader) -> None:
    with pytest.raises(Incomplete) as caught:
        fragments("#EXT-X-GAP", A, "#EXT-X-GAP", B)
    assert "as missing" in caught.value.message


def test_the_end_of_a_list_alone_is_incomplete(fragments: Loader) -> None:
    """A delta update (EXT-X-SKIP) that was not requested."""
    with pytest.raises(Incomplete):
        fragments("#EXT-X-SKIP:SKIPPED-SEGMENTS=3", A)


@pytest.mark.parametrize("tag", ["#EXT-X-I-FRAMES-ONLY", "#EXT-X-IMAGES-ONLY"])
def test_pictures_to_seek_by_are_no_film(tag: str, fragments: Loader) -> None:
    with pytest.raises(NotMedia):
        fragments(tag, A)


EXTINF = {
    "10": 10, "10,": 10, " 9.5 ,t": 9.5, "9,500000,": 9.5, "-1,": 0, "nan,": 0, "": 0, "one,": 0,
    "inf,": 0, "1e400,": 0, "9" * 50 + ",": 0, "4.5 s,": 4.5, ".5,": 0.5, "1e1": 10,
}  # fmt: skip


@pytest.mark.parametrize("told", EXTINF)
def test_a_duration_is_a_claim(told: str, fragments: Loader) -> None:
    assert [each.duration for each in fragments(f"#EXTINF:{told}\na.ts", B)] == [EXTINF[told], 2]


def test_a_line_without_a_duration_is_no_segment(fragments: Loader) -> None:
    """For hls.js it has no length, so that it is never asked for; ffmpeg passes over it."""
    assert names(fragments(A, "b.ts", C)) == ["a.ts:0", "c.ts:0"]
    assert names(fragments("x", A, C)) == ["a.ts:0", "c.ts:0"]


def test_segments_without_a_duration_in_all_of_a_list(fragments: Loader) -> None:
    assert names(fragments("a.ts", "b.ts")) == ["a.ts:0", "b.ts:0"]


def test_odd_numbers_matter_to_nothing(fragments: Loader) -> None:
    found = fragments("#EXT-X-MEDIA-SEQUENCE:" + "9" * 5000, "#EXT-X-TARGETDURATION:x", A)
    assert names(found) == ["a.ts:0"]


def test_data_urls(fragments: Loader) -> None:
    key, map_, piece = "data:;base64,AAAA", "data:video/mp4,init", "data:video/mp4;base64,QUFB"
    found = fragments.load(
        f'#EXT-X-MAP:URI="{map_}"', f'#EXT-X-KEY:METHOD=AES-128,URI="{key}"', f"#EXTINF:2,\n{piece}"
    )
    init, first = found.fragments
    assert (init.url, first.url, found.container) == (map_, piece, "mp4")
    assert first.encryption is not None
    assert first.encryption.key_url == key


def test_variables(fragments: Loader) -> None:
    """draft-pantos-hls-rfc8216bis, 4.4.2.3: in URI lines and in quoted strings, once."""
    found = fragments(
        '#EXT-X-DEFINE:NAME="dir",VALUE="/media"',
        '#EXT-X-DEFINE:NAME="deep",VALUE="{$dir}/{$x"',
        '#EXT-X-MAP:URI="{$dir}/init.mp4",BYTERANGE="10@5"',
        '#EXT-X-KEY:METHOD=AES-128,URI="{$dir}/k",IV=0x1',
        "#EXTINF:2,{$title}\n{$deep}/a.ts?t={$dir}",
    )
    assert found[0].range == (5, 15)
    assert found[1].url.endswith("/media/%7B$x/a.ts?t=/media")
    assert found[1].encryption is not None
    assert found[1].encryption.key_url.endswith("/media/k")


@pytest.mark.parametrize(
    "lines",
    [
        ("#EXTINF:1,\n{$none}.ts",),
        ("#EXTINF:1,\n{$late}.ts", '#EXT-X-DEFINE:NAME="late",VALUE="x"'),
        ('#EXT-X-DEFINE:IMPORT="none"', A),
        ('#EXT-X-DEFINE:QUERYPARAM="none"', A),
        ('#EXT-X-DEFINE:NAME="a",VALUE="x"', '#EXT-X-DEFINE:NAME="a",VALUE="x"', A),
        ('#EXT-X-DEFINE:VALUE="x"', A),
    ],
)
def test_a_variable_that_is_not_defined(lines: tuple[str, ...], fragments: Loader) -> None:
    with pytest.raises(BadManifest):
        fragments(*lines)


ADDRESSES = {
    "//e.org/x.ts": "http://e.org/x.ts", "?part=1": "/d/list.m3u8?part=1", "a b.ts": "/d/a%20b.ts",
    "../../../a.ts": "/a.ts", "./x/./y/../a.ts": "/d/x/a.ts", "x//y.ts": "/d/x//y.ts",
    "a.ts#frag": "/d/a.ts", "x\\a.ts": "/d/x/a.ts", "a\tb.ts": "/d/ab.ts",
    "%2e%2e/a.ts": "/a.ts", "ä.ts": "/d/%C3%A4.ts", "a|b{c}.ts": "/d/a%7Cb%7Bc%7D.ts",
    "HTTPS://E.org/a.ts": "https://E.org/a.ts", "http:\\\\e.org\\a.ts": "http://e.org/a.ts",
    "1:00.ts": "/d/1:00.ts", "https://e.org": "https://e.org/", "a\u00a0b.ts": "/d/a%C2%A0b.ts",
}  # fmt: skip


@pytest.mark.parametrize("uri", ADDRESSES)
def test_addresses_as_browsers_read_them(
    uri: str, fragments: Loader, streaming: StreamingOrigin
) -> None:
    right = ADDRESSES[uri]
    (found,) = fragments(f"#EXTINF:1,\n{uri}")
    assert found.url == (right if "://" in right else streaming.url(right))


def test_empty_parts_of_a_path_stay(
    streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    text = "#EXTM3U\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST\n"
    streaming.serve("/x//y/list.m3u8", text.encode())
    stream = Stream(streaming.url("/x//y/list.m3u8?q=1"), protocol=Protocol.HLS)
    (found,) = load(stream, client, parser).fragments
    assert found.url == streaming.url("/x//y/a.ts")


FILM = "#EXTM3U\n#EXTINF:1,\na.ts\n#EXT-X-ENDLIST\n"
SPELLINGS = {
    "CRLF": FILM.replace("\n", "\r\n").encode(),
    "CR": FILM.replace("\n", "\r").encode(),
    "a byte order mark": b"\xef\xbb\xbf" + FILM.encode(),
    "UTF-16": FILM.encode("utf-16"),
    "leading blanks": FILM.replace("\n", "\n  ").encode(),
    "a blank line first": b"\n \n" + FILM.encode(),
    "no final newline": FILM.rstrip().encode(),
    "words after the tag": FILM.replace("M3U", 'M3U url-tvg="x"').encode(),
    "a line separator in a title": FILM.replace("1,", "1,a\u2028b\x85c").encode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings_of_a_list(
    spelling: str, streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    streaming.serve("/d/list.m3u8", SPELLINGS[spelling])
    stream = Stream(streaming.url("/d/list.m3u8"), protocol=Protocol.HLS)
    assert [each.url for each in load(stream, client, parser).fragments] == [
        streaming.url("/d/a.ts")
    ]


def test_a_name_in_another_encoding_is_asked_for_as_it_stands(
    streaming: StreamingOrigin, client: Client, parser: Parser
) -> None:
    streaming.serve("/d/list.m3u8", FILM.replace("a.ts", "\xfcber.ts").encode("latin-1"))
    stream = Stream(streaming.url("/d/list.m3u8"), protocol=Protocol.HLS)
    (found,) = load(stream, client, parser).fragments
    assert found.url == streaming.url("/d/%FCber.ts")


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
        ("#EXTINF:1,\nhttps://",),
        ("#EXTINF:1,\nlist.m3u8",),
        ("#EXTINF:1,\nother.m3u8?x=1",),
        ("#EXT-X-STREAM-INF:BANDWIDTH=1\nlist.m3u8",),
        ('#EXT-X-KEY:METHOD=AES-128,URI=""', A),
        ('#EXT-X-KEY:METHOD=AES-128,URI="k",IV=0x1' + "0" * 32, A),
        ("#EXT-X-MAP:BYTERANGE=1", A),
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
