"""From what the child says to a Source: what is left out, and what is not believed."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import convert

from downloads.engine.core.errors import UnsupportedURL
from downloads.engine.core.media import Protocol, Source, StreamKind
from downloads.engine.resolver.ytdlp.answer import MAX_FRAGMENTS, RawPlaylist, RawVideo
from downloads.engine.resolver.ytdlp.formats import begins_at, listing_of, source_of

URL = "https://www.example.com/watch/1"
FILE = {"format_id": "1", "url": "https://cdn.example.com/1.mp4", "protocol": "https", "ext": "mp4"}


def info(*formats: dict[str, Any], **more: Any) -> RawVideo:
    said = {"key": "Example", "id": "aB1", "title": "A film", "formats": list(formats)}
    return convert(said | more, RawVideo)


def read(*formats: dict[str, Any], **more: Any) -> Source:
    return source_of(info(*formats, **more), URL)


@pytest.mark.parametrize(
    "changes",
    [
        {"protocol": "rtmp"}, {"protocol": "websocket_frag"}, {"protocol": "mhtml"},
        {"protocol": "ism"}, {"protocol": "f4m"}, {"protocol": "http_dash_segments_generator"},
        {"url": "rtmp://cdn.example.com/1"}, {"url": "file:///etc/passwd"}, {"url": "relative.mp4"},
        {"vcodec": "none", "acodec": "none"}, {"unusual": True}, {"height": "720"},
        {"url": "https://cdn.example.com/" + "x" * 9000}, {"surprise": 1},
        {"protocol": "http_dash_segments"},
        {"protocol": "http_dash_segments", "fragments": ["a"], "durations": []},
        {"protocol": "http_dash_segments", "fragments": ["file:///etc/passwd"], "durations": [1]},
        {"protocol": "http_dash_segments", "fragments": ["a"] * (MAX_FRAGMENTS + 1),
         "durations": [1] * (MAX_FRAGMENTS + 1)},
    ],
)  # fmt: skip
def test_what_is_left_out(changes: dict[str, Any]) -> None:
    assert [each.id for each in read(FILE, FILE | {"format_id": "2"} | changes).formats] == ["1"]
    with pytest.raises(UnsupportedURL) as caught:
        read(FILE | changes)
    assert "another link" in caught.value.message


def test_a_live_stream_is_refused() -> None:
    with pytest.raises(UnsupportedURL) as caught:
        read(FILE, live=True)
    assert "live stream" in caught.value.message


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        ("Referer", "https://www.example.com/", True),
        ("User-Agent", "Mozilla/5.0", True),
        ("Origin", "https://www.example.com", True),
        ("Host", "inside", False),
        ("Cookie", "a=b", False),
        ("Range", "bytes=0-1", False),
        ("X-Forwarded-For", "10.0.0.1", False),
        ("Ytdl-Request-Proxy", "http://10.0.0.1", False),
        ("Proxy-Authorization", "Basic x", False),
        ("Accept-Encoding", "gzip", False),
        ("X-Split", "a\r\nHost: inside", False),
        ("Bad name", "x", False),
    ],
)
def test_which_headers_go_along(name: str, value: str, sent: bool) -> None:
    (found,) = read(FILE | {"http_headers": {name: value}}).formats
    assert found.stream.headers == (((name, value),) if sent else ())


@pytest.mark.parametrize("name", ["Referer", "origin"])
def test_a_pasted_password_goes_nowhere(name: str) -> None:
    said = {name: "https://alice:s3@cret@www.example.com/watch?at=12@noon"}
    (found,) = read(FILE | {"http_headers": said}).formats
    assert found.stream.headers == ((name, "https://www.example.com/watch?at=12@noon"),)


def test_a_formats_cookies_go_to_their_own_host() -> None:
    pieces = {"protocol": "http_dash_segments", "cookie": "a=b", "durations": [1.0, 1.0]}
    home = FILE | pieces | {"fragments": ["1", "2"]}
    away = FILE | pieces | {"fragments": ["1", "https://other.example.org/2"], "format_id": "2"}
    first, second, whole = read(home, away, FILE | {"format_id": "3", "cookie": "a=b"}).formats
    assert first.stream.headers == whole.stream.headers == (("Cookie", "a=b"),)
    assert second.stream.headers == ()


def test_pieces_and_their_header() -> None:
    pieces = {
        "protocol": "http_dash_segments",
        "fragment_base_url": "https://cdn.example.com/v/",
        "fragments": ["init.mp4", "1.m4s"],
        "durations": [0, 2.5],
        "filesize": 1000,
    }
    (found,) = read(FILE | pieces).formats
    assert found.stream.protocol is Protocol.FRAGMENTS
    assert [piece.url for piece in found.stream.fragments] == [
        "https://cdn.example.com/v/init.mp4",
        "https://cdn.example.com/v/1.m4s",
    ]
    assert [piece.init for piece in found.stream.fragments] == [True, False]
    assert found.size_is_estimate
    assert found.size == 1000


def test_empty_parts_of_a_base_stay() -> None:
    """They are part of a signed path, and urllib's join drops them."""
    pieces = {
        "protocol": "http_dash_segments",
        "fragment_base_url": "https://cdn.example.com/v//a/",
        "fragments": ["1.m4s"],
        "durations": [2.5],
    }
    (found,) = read(FILE | pieces).formats
    assert found.stream.fragments[0].url == "https://cdn.example.com/v//a/1.m4s"


def test_a_size_by_bitrate_is_a_guess() -> None:
    (found,) = read(FILE | {"tbr": 800.0}, duration=10).formats
    assert (found.size, found.size_is_estimate) == (1_000_000, True)


def test_sound_alone_by_its_extension() -> None:
    (found,) = read(FILE | {"ext": "mp3", "url": "https://cdn.example.com/1.mp3"}).formats
    assert found.stream.kind is StreamKind.AUDIO
    assert found.mime_type == "audio/mpeg"


def test_words_of_strangers() -> None:
    found = read(
        FILE, title="  A\u202efilm\x00\n twice ", uploader="\x1b[31mme", upload_date="20261122",
        description="one\r\n\x00two", thumbnail="javascript:alert(1)", page_url="file:///etc",
    )  # fmt: skip
    assert found.title == "Afilm twice"
    assert found.uploader == "[31mme"
    assert found.description == "one\ntwo"
    assert found.published == "2026-11-22"
    assert found.thumbnail_url == ""
    assert found.page_url == URL
    assert found.identity == "example:example.com:aB1"


def test_codecs_of_strangers() -> None:
    """PostgreSQL takes no NUL, and what is learnt of a format is kept there."""
    (found,) = read(FILE | {"vcodec": "avc1\0\u202e.64", "acodec": "\x1bmp4a"}).formats
    assert (found.video_codec, found.audio_codec) == ("avc1.64", "mp4a")


def test_the_best_file_of_each_subtitle() -> None:
    base = {"language": "pt_BR", "url": "https://cdn.example.com/s"}
    offers = [base | {"ext": ext} for ext in ("ttml", "vtt", "srt", "json3")]
    machine = base | {"ext": "srt", "automatic": True}
    hostile = base | {"language": "../../etc", "ext": "vtt"}
    found = read(FILE, subtitles=[*offers, machine, hostile]).subtitles
    assert [(each.language, each.ext, each.automatic) for each in found] == [
        ("pt-BR", "vtt", False),
        ("pt-BR", "srt", True),
    ]


def test_entries_that_are_no_links_are_left_out() -> None:
    said = {
        "key": "Example", "id": "list", "title": "All", "more": True, "total": 3,
        "entries": [
            {"url": "https://www.example.com/1", "title": "One", "key": "Example", "id": "1"},
            {"url": "dQw4w9WgXcQ", "title": "An id alone"},
            {"url": "file:///etc/passwd", "title": "Inside"},
            "nothing",
        ],
    }  # fmt: skip
    found = listing_of(convert(said, RawPlaylist), URL, 10)
    assert [(each.title, each.identity) for each in found.entries] == [
        ("One", "example:example.com:1")
    ]
    assert (found.start, found.total, found.more) == (10, 3, True)


def test_when_its_files_are_given_out() -> None:
    assert begins_at(info(FILE)) == 0
    assert begins_at(info(FILE, FILE | {"available_at": 1999999999.0})) == 1999999999
