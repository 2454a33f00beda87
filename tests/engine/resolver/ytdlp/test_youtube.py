"""yt-dlp's real YouTube extractor, in the jail, against a stand-in of YouTube."""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import DownloadError, LoginRequired, Unavailable
from downloads.engine.core.media import Format, Protocol, Source, StreamKind
from downloads.engine.egress.client import Client
from downloads.engine.egress.rules import RequestRule, RequestRules
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.ytdlp.extraction import Extraction
from tests.engine.resolver.ytdlp import youtube
from tests.engine.resolver.ytdlp.stand_in import Site

URL = f"https://www.youtube.com/watch?v={youtube.ID}"


def extract(extraction: Extraction, client: Client, url: str = URL) -> Source:
    found = extraction.extract(UrlProbe(url, client), generic=False)
    assert isinstance(found, Source)
    return found


@pytest.fixture
def source(extraction: Extraction, site: Site, site_client: Client) -> Source:
    youtube.put_up(site)
    return extract(extraction, site_client)


def by_id(source: Source) -> dict[str, Format]:
    return {offered.id: offered for offered in source.formats}


def test_what_it_is(source: Source) -> None:
    assert source.identity == f"youtube:youtube.com:{youtube.ID}"
    assert source.title == "A stand-in for a video"
    assert source.duration == 212
    assert source.page_url == URL
    assert source.thumbnail_url == f"https://i.ytimg.com/vi/{youtube.ID}/hq720.jpg"
    assert source.uploader == "A channel"
    assert source.published == "2009-10-25"
    assert source.description == "First line\nSecond line"


@pytest.mark.parametrize(
    "url",
    [
        f"https://youtu.be/{youtube.ID}?si=tracking",
        f"https://m.youtube.com/watch?v={youtube.ID}",
        f"https://music.youtube.com/watch?v={youtube.ID}",
    ],
)
def test_all_links_to_a_video_are_one(
    url: str, source: Source, extraction: Extraction, site_client: Client
) -> None:
    assert extract(extraction, site_client, url).identity == source.identity


def test_a_picture_and_all_that_is_told_of_it(source: Source) -> None:
    picture = by_id(source)["137"]
    assert picture.stream.url == youtube.media(137)
    assert picture.stream.protocol is Protocol.FILE
    assert picture.stream.kind is StreamKind.VIDEO
    assert picture.stream.chunk_size == 10 << 20
    assert picture.stream.size == 10_800_000
    assert not picture.size_is_estimate
    assert (picture.width, picture.height, picture.fps) == (1920, 1080, 30)
    assert (picture.ext, picture.mime_type) == ("mp4", "video/mp4")
    assert (picture.video_codec, picture.audio_codec) == ("avc1.640028", None)
    assert picture.bitrate == 1_620_000
    assert picture.quality == "1080p"
    assert picture.dynamic_range == "SDR"
    names = {name.lower() for name, _ in picture.stream.headers}
    assert "user-agent" in names
    assert not names & {"host", "cookie", "accept-encoding", "range"}


def test_high_dynamic_range(source: Source) -> None:
    wide = by_id(source)["337"]
    assert (wide.dynamic_range, wide.height, wide.fps) == ("HDR10", 2160, 60)
    assert (wide.ext, wide.video_codec) == ("webm", "vp9.2")


def test_original_and_dubbed_sound(source: Source) -> None:
    original, dubbed = by_id(source)["140"], by_id(source)["251"]
    assert original.stream.kind is dubbed.stream.kind is StreamKind.AUDIO
    assert (original.language, original.preference) == ("en", 10)
    assert (dubbed.language, dubbed.preference) == ("de", -10)
    assert (original.ext, original.mime_type) == ("m4a", "audio/mp4")
    assert (dubbed.ext, dubbed.mime_type) == ("webm", "audio/webm")
    assert (dubbed.audio_codec, dubbed.video_codec) == ("opus", None)


def test_both_in_one_with_a_size_that_is_a_guess(source: Source) -> None:
    whole = by_id(source)["18"]
    assert whole.stream.kind is StreamKind.MUXED
    assert (whole.video_codec, whole.audio_codec) == ("avc1.42001E", "mp4a.40.2")
    assert whole.stream.size is None
    assert whole.size_is_estimate
    assert whole.size == pytest.approx(503_000 / 8 * 212, rel=0.01)


def test_signature_and_n_are_solved_by_deno_in_the_jail(source: Source) -> None:
    """With a small player of our own, whose functions are hidden as in the real one."""
    solved = by_id(source)["136"].stream.url
    assert "&n=gnihton-solved" in solved
    assert solved.endswith("&sig=EDCBAX")


def test_subtitles(source: Source) -> None:
    by_hand = [subtitle for subtitle in source.subtitles if not subtitle.automatic]
    assert [(each.language, each.ext, each.name) for each in by_hand] == [("en", "vtt", "English")]
    assert "fmt=vtt" in by_hand[0].url
    assert {each.language for each in source.subtitles if each.automatic} == {"de", "fr"}


def test_nothing_else_was_asked_for(source: Source, site: Site) -> None:
    """No media, no telemetry, no other host."""
    assert set(site.paths()) == {
        "www.youtube.com/watch",
        "www.youtube.com/youtubei/v1/player",
        f"www.youtube.com{youtube.PLAYER}",
    }


@pytest.mark.parametrize(
    ("status", "reason", "error", "words"),
    [
        ("LOGIN_REQUIRED", "Sign in to confirm you\u2019re not a bot", LoginRequired, "automated"),
        ("LOGIN_REQUIRED", "Sign in to confirm your age", LoginRequired, "by age"),
        ("LOGIN_REQUIRED", "This is a private video. Please sign in.", Unavailable, "private"),
        ("ERROR", "Video unavailable", Unavailable, "removed"),
        ("UNPLAYABLE", "Join this channel to get access to members-only content", LoginRequired,
         "member"),
    ],
)  # fmt: skip
def test_what_youtube_refuses(
    status: str,
    reason: str,
    error: type[DownloadError],
    words: str,
    extraction: Extraction,
    site: Site,
    site_client: Client,
) -> None:
    youtube.put_up(site, youtube.refused(status, reason))
    with pytest.raises(error) as caught:
        extract(extraction, site_client)
    assert words in caught.value.message
    assert reason.replace("\u2019", "'")[:20] in caught.value.detail.replace("\u2019", "'")


def test_a_premiere_says_when(extraction: Extraction, site: Site, site_client: Client) -> None:
    response = youtube.refused("LIVE_STREAM_OFFLINE", "Premieres in 3 hours")
    youtube.put_up(site, response)
    with pytest.raises(Unavailable) as caught:
        extract(extraction, site_client)
    assert "in 3 hours" in caught.value.message


def test_cookies_are_for_that_fetch_alone(
    extraction: Extraction, site: Site, site_client: Client
) -> None:
    youtube.put_up(site)
    jar = ".youtube.com\tTRUE\t/\tTRUE\t1999999999\tPREF\tmine\n"
    with Client(site_client.policy, cookies=jar) as owner:
        source = extract(extraction, owner)
    assert any("PREF=" in asked.headers.get("cookie", "") for asked in site.log)
    sent = [dict(offered.stream.headers) for offered in source.formats]
    assert not any("Cookie" in headers for headers in sent)  # the media are at another domain
    site.log.clear()
    extract(extraction, site_client)
    assert not any("mine" in asked.headers.get("cookie", "") for asked in site.log)


def test_the_admins_headers_reach_that_host_alone(
    extraction: Extraction, site: Site, site_client: Client
) -> None:
    youtube.put_up(site)
    rule = RequestRule(youtube.HOST, (("X-Key", "of the admin"),))
    with Client(site_client.policy, rules=RequestRules((rule,))) as client:
        source = extract(extraction, client)
    assert all(asked.headers.get("x-key") == "of the admin" for asked in site.log)
    assert not any("X-Key" in dict(offered.stream.headers) for offered in source.formats)
