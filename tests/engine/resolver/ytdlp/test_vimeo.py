"""yt-dlp's real Vimeo extractor, in the jail, against a stand-in of Vimeo."""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import LoginRequired
from downloads.engine.core.media import Chapter, Format, Protocol, Source, StreamKind
from downloads.engine.egress.client import Client
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.ytdlp.extraction import Extraction
from tests.engine.resolver.ytdlp import vimeo
from tests.engine.resolver.ytdlp.stand_in import Site


@pytest.fixture
def source(extraction: Extraction, site: Site, site_client: Client) -> Source:
    vimeo.put_up(site)
    url = f"https://{vimeo.PLAYER}/video/{vimeo.ID}"
    found = extraction.extract(UrlProbe(url, site_client), generic=False)
    assert isinstance(found, Source)
    return found


def ending(source: Source, end: str) -> Format:
    (found,) = (offered for offered in source.formats if offered.stream.url.endswith(end))
    return found


def test_what_it_is(source: Source) -> None:
    assert source.identity == f"vimeo:vimeo.com:{vimeo.ID}"
    assert (source.title, source.uploader) == ("A stand-in for a film", "The Vimeo Staff")
    assert source.duration == 62
    assert source.thumbnail_url == "https://i.vimeocdn.com/video/1_640.jpg"
    assert [subtitle.language for subtitle in source.subtitles] == ["en"]
    assert source.subtitles[0].url == "https://player.vimeo.com/texttrack/1.vtt"
    assert source.chapters[-1] == Chapter(30, 62, "Second")


def test_a_file(source: Source) -> None:
    file = ending(source, "/progressive/360.mp4")
    assert (file.stream.protocol, file.stream.kind) == (Protocol.FILE, StreamKind.MUXED)
    assert (file.width, file.height, file.fps) == (640, 360, 25)


def test_hls_with_its_sound_apart(source: Source) -> None:
    picture, sound = ending(source, "/video/720.m3u8"), ending(source, "/audio/a.m3u8")
    assert picture.stream.protocol is sound.stream.protocol is Protocol.HLS
    assert (picture.stream.kind, sound.stream.kind) == (StreamKind.VIDEO, StreamKind.AUDIO)
    assert (picture.height, picture.fps, picture.video_codec) == (720, 25, "avc1.640020")
    assert picture.size_is_estimate
    assert picture.bitrate == 2_400_000


def test_dash_with_its_pieces(source: Source) -> None:
    (pieces,) = (o for o in source.formats if o.stream.protocol is Protocol.FRAGMENTS)
    assert (pieces.height, pieces.stream.kind) == (540, StreamKind.VIDEO)
    first, *others = pieces.stream.fragments
    assert first.init
    assert first.url == f"https://{vimeo.CDN}/dash/v540/init.mp4"
    assert [piece.url for piece in others] == [
        f"https://{vimeo.CDN}/dash/v540/{number}.m4s" for number in (1, 2, 3)
    ]
    assert sum(piece.duration for piece in others) == 6
    assert not any(piece.init for piece in others)


def test_the_page_asks_for_a_login(extraction: Extraction, site: Site, site_client: Client) -> None:
    vimeo.put_up(site)
    with pytest.raises(LoginRequired) as caught:
        extraction.extract(UrlProbe(f"https://vimeo.com/{vimeo.ID}", site_client), generic=False)
    assert "Add cookies for vimeo.com" in caught.value.message
