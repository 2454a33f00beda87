"""Web pages with a video in them, through the chain as a worker asks it."""

from __future__ import annotations

from collections.abc import Callable

import psutil
import pytest

from downloads.engine.core.errors import (
    DownloadError,
    NotMedia,
    UnsupportedURL,
)
from downloads.engine.core.listing import Listing
from downloads.engine.core.media import (
    Protocol,
    Quality,
    Source,
)
from downloads.engine.egress.client import Client
from downloads.engine.egress.proxy import EgressProxy
from downloads.engine.resolver import registry
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.ytdlp import extraction as extraction_module
from downloads.engine.resolver.ytdlp.extraction import Extraction
from downloads.engine.resolver.ytdlp.resolver import PageResolver, SiteResolver
from tests.support.answers import respond
from tests.support.origin import Origin

pytestmark = pytest.mark.usefixtures("chain")

MASTER = b"""#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=2000000,RESOLUTION=1280x720,CODECS="avc1.4d401f,mp4a.40.2"
720.m3u8
"""
LINKED = '<script type="application/ld+json">{}</script>'


def test_a_page_made_to_be_looked_through_for_ever(
    page: Callable[..., str], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """yt-dlp's patterns take minutes for it; the next page finds a child that has time."""
    monkeypatch.setattr(extraction_module, "PAGE_CPU", 0.5)
    monkeypatch.setattr(extraction_module, "_STARTS", 1)
    with pytest.raises(UnsupportedURL, match="jail: cpu"):
        registry.resolve(page("<video>" * 100_000), Quality.AUTO, client)
    with pytest.raises(UnsupportedURL, match="Unsupported URL"):
        registry.resolve(page("<p>", path="/short"), Quality.AUTO, client)


def only_url(source: Source) -> str:
    (offered,) = source.formats
    return offered.stream.url


@pytest.mark.parametrize(
    "markup",
    [
        '<video src="/clip.mp4"></video>',
        '<video controls><source src="/clip.mp4" type="video/mp4"></video>',
        '<meta property="og:video" content="{origin}/clip.mp4">',
    ],
)
def test_a_file_in_a_page(
    markup: str, page: Callable[..., str], client: Client, origin: Origin
) -> None:
    origin.answers["/clip.mp4"] = respond(b"x" * 100, Content_Type="video/mp4")
    url = page(markup.replace("{origin}", origin.url("")))
    source = registry.probe(url, client)
    assert only_url(source) == origin.url("/clip.mp4")
    assert source.title == "A page of ours"
    assert source.identity == f"generic:{url}"
    assert source.page_url == url
    assert source.formats[0].stream.protocol is Protocol.FILE
    assert dict(source.formats[0].stream.headers)["Referer"] == url


@pytest.mark.parametrize("frame", ['<iframe src="/inner">', "<iframe data-src=inner></iframe>"])
def test_a_film_in_the_only_frame_of_a_page(
    frame: str, page: Callable[..., str], client: Client, origin: Origin
) -> None:
    origin.answers["/clip.mp4"] = respond(b"x" * 100, Content_Type="video/mp4")
    page("<video src=/clip.mp4></video>", path="/inner")
    assert only_url(registry.probe(page(frame), client)) == origin.url("/clip.mp4")


def test_frames_within_frames_have_an_end(page: Callable[..., str], client: Client) -> None:
    page('<iframe src="/b">', path="/a")
    with pytest.raises(DownloadError, match="without an end"):
        registry.probe(page('<iframe src="/a">', path="/b"), client)


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        (LINKED.format('{"@type":"VideoObject","name":"A film","contentUrl":"/d/clip.mp4"}'),
         "A film"),
        (LINKED.format('{"@type":"VideoObject","contentUrl":"/d/clip.mp4"}'), "clip"),
        ('<base href="/d/"><video src="clip.mp4"></video>', "clip"),
        ('<title>Ours</title><base href="/d/"><video src="clip.mp4"></video>', "Ours"),
    ],
)  # fmt: skip
def test_a_title_where_the_page_has_none(
    markup: str, title: str, client: Client, origin: Origin
) -> None:
    origin.answers["/d/clip.mp4"] = respond(b"x" * 100, Content_Type="video/mp4")
    body = f"<!doctype html><html><head>{markup}</head></html>".encode()
    origin.answers["/page"] = respond(body, Content_Type="text/html")
    assert registry.probe(origin.url("/page"), client).title == title


def test_a_page_of_a_sloppy_server(
    page: Callable[..., str], client: Client, origin: Origin
) -> None:
    """The page of nathom/streamrip#1033 and snoyberg/http-client#398; read in the jail too."""
    origin.answers["/clip.mp4"] = respond(b"x" * 100, Content_Type="video/mp4")
    url = page('<video src="/clip.mp4"></video>')
    lines = b"preload\r\n" + b"".join(b"X-Debug-%d: y\r\n" % n for n in range(150))
    answer = origin.answers["/watch"]
    assert isinstance(answer, bytes)
    origin.answers["/watch"] = answer.replace(b"\r\n", b"\r\n" + lines, 1)
    assert only_url(registry.probe(url, client)) == origin.url("/clip.mp4")


@pytest.mark.parametrize(
    "markup",
    [
        '<video src=" /a clip.mp4\n"></video>',
        "<video src='/a%20clip.mp4'>",
        "<VIDEO><SOURCE SRC=/a%20clip.mp4 TYPE=video/mp4></VIDEO>",
        '<base href="/"><video src="a clip.mp4"></video>',
        '<base href="{origin}/x/y"><video><source src="../a clip.mp4"></video>',
        '<base target="_top"><base href="/x/"><base href="/y/z/"><video src="../a clip.mp4">',
        '<!-- <base href="/x/y/"> --><base href="/x/"><video src="../a clip.mp4"></video>',
        '<video src="blob:{origin}/1"></video><a href="/a clip.mp4">The film</a>',
        '<video src="blob:{origin}/1"><source src="/a clip.mp4"></video>',
        '<video src="/a clip.mp4"></video><video src="/a clip.mp4" class="small"></video>',
        '<video data-src="/a clip.mp4"></video>',
        '<video data-lazy-src="/a clip.mp4">',
        '<video><source data-src="/a clip.mp4" type="video/mp4"></video>',
        '<audio src="/a&#32;clip.mp4"></audio>',
        LINKED.replace("{}", '{"@graph":[{"@type":["VideoObject"],"contentUrl":"/a clip.mp4"}]}'),
        LINKED.replace("{}", '{"@type":"VideoObject","contentUrl":"{origin}/a%20clip.mp4"}'),
        LINKED.replace("{}", '{"@type":"VideoObject","contentUrl":["","/a clip.mp4","/b.mp4"]}'),
        LINKED.replace("{}", '{"@type":"VideoObject","embedUrl":["/next"],"name":["x",1,{}]}'),
        "<meta content='/a clip.mp4' property='og:video:url'>",
        '<![if !IE]><![x[ ]]><a href="http://[">no</a><a href="/a clip.mp4">The film</a><![endif]>',
        '<meta name="og:video:secure_url" content="{origin}/a%20clip.mp4">',
        '<meta content="/a%20clip.mp4" name="twitter:player:stream">',
        '<div itemscope><meta itemprop="contentURL" content="/a clip.mp4"></div>',
        '<link itemprop="contentUrl" href="/a clip.mp4">',
        '<object data="/a clip.mp4" type="video/mp4"></object>',
        '<a href="/a clip.mp4">The film</a>',
        '<base href="/x/"><a href="../a clip.mp4">The film</a> <a href="/other">else</a>',
        "<META HTTP-EQUIV=Refresh CONTENT=\"0; URL='/next'\">",
        '<meta content="5;/next" http-equiv="REFRESH">',
        LINKED.replace("{}", '{"@type":"VideoObject","embedUrl":"/next"}'),
        '<meta property="og:video:url" content="/next">',
    ],
)
def test_ways_to_name_a_file(
    markup: str, page: Callable[..., str], client: Client, origin: Origin
) -> None:
    """HTML (4.2.3, 4.8.9) as browsers read it, Open Graph, and schema.org's words."""
    origin.answers["/a%20clip.mp4"] = respond(b"x" * 100, Content_Type="video/mp4")
    page('<video src="/a%20clip.mp4"></video>', path="/next")
    url = page(markup.replace("{origin}", origin.url("")), path="/pages/watch")
    source = registry.probe(url, client)
    assert only_url(source) == origin.url("/a%20clip.mp4")
    referer = dict(source.formats[0].stream.headers).get("Referer", "")
    assert referer in (url, origin.url("/next"))


@pytest.mark.parametrize("coding", ["utf-16", "windows-1251", "shift_jis"])
def test_a_page_in_another_coding(coding: str, client: Client, origin: Origin) -> None:
    title = {"shift_jis": "\u6d77"}.get(coding, "\u043c\u043e\u0440\u0435")
    text = f"<!DOCTYPE html><title>{title}</title><video src='/clip.mp4'></video>"
    origin.answers["/p"] = respond(text.encode(coding), Content_Type=f"text/html; charset={coding}")
    source = registry.probe(origin.url("/p"), client)
    assert (source.title, only_url(source)) == (title, origin.url("/clip.mp4"))


@pytest.mark.parametrize("before", [" \n" * 400, "Warning: mysql_connect() in /x.php <br>\n"])
def test_a_page_that_does_not_begin_as_one(before: str, client: Client, origin: Origin) -> None:
    text = f"{before}<!DOCTYPE html><title>x</title><video src='/clip.mp4'></video>"
    origin.answers["/p"] = respond(text.encode(), Content_Type="text/html")
    assert only_url(registry.probe(origin.url("/p"), client)) == origin.url("/clip.mp4")


def test_several_links_are_a_listing(
    page: Callable[..., str], client: Client, origin: Origin
) -> None:
    links = "".join(f'<p><a href="{n}.mp3">Part <b>{n}</b></a>' for n in (1, 2, 2, 3))
    found = registry.look(page(f"{links}<a href='/about'>About</a>", path="/d/index"), client)
    assert isinstance(found, Listing)
    assert [(each.url, each.title) for each in found.entries] == [
        (origin.url(f"/d/{n}.mp3"), f"Part {n}") for n in (1, 2, 3)
    ]


def test_pages_that_lead_to_each_other(page: Callable[..., str], client: Client) -> None:
    page('<meta http-equiv="refresh" content="0; url=/b">', path="/a")
    url = page("<META HTTP-EQUIV=REFRESH CONTENT='0; url=/a'>", path="/b")
    with pytest.raises(DownloadError, match="without an end"):
        registry.probe(url, client)


def test_an_hls_embed(page: Callable[..., str], client: Client, origin: Origin) -> None:
    origin.answers["/hls/master.m3u8"] = respond(MASTER, Content_Type="application/x-mpegURL")
    url = page('<video><source src="/hls/master.m3u8" type="application/x-mpegURL"></video>')
    found = registry.resolve(url, Quality.P720, client)
    (stream,) = found.selection.streams
    assert stream.protocol is Protocol.HLS
    assert stream.url == origin.url("/hls/720.m3u8")
    assert found.selection.formats[0].height == 720


def test_a_page_without_a_video_says_what_to_do(page: Callable[..., str], client: Client) -> None:
    with pytest.raises(UnsupportedURL) as caught:
        registry.probe(page("<p>words</p>"), client)
    assert "no video on this page" in caught.value.message
    assert "Unsupported" in caught.value.detail


def test_a_page_is_not_its_own_video(client: Client, origin: Origin) -> None:
    """A response that calls itself a page and is none: yt-dlp would have it downloaded."""
    origin.answers["/clip"] = respond(b"no video either", Content_Type="text/html")
    with pytest.raises(UnsupportedURL) as caught:
        registry.probe(origin.url("/clip"), client)
    assert "no video on this page" in caught.value.message


def test_a_page_in_place_of_a_film(page: Callable[..., str], client: Client) -> None:
    """It may have had the film in it, so it is looked through first."""
    with pytest.raises(
        NotMedia, match=r"HTTP 200 from 127\.0\.0\.1, text/html: <!DOCTYPE"
    ) as caught:
        registry.probe(page("<form>Password</form>", path="/film.mp4"), client)
    assert "sent a web page in place of the media" in caught.value.message


def test_several_videos_are_a_listing(
    page: Callable[..., str], client: Client, origin: Origin
) -> None:
    url = page('<video src="/a.mp4"></video><video src="/b.mp4"></video>')
    found = registry.look(url, client)
    assert isinstance(found, Listing)
    assert [entry.url for entry in found.entries] == [origin.url("/a.mp4"), origin.url("/b.mp4")]
    with pytest.raises(UnsupportedURL) as caught:
        registry.probe(url, client)
    assert "playlist" in caught.value.message


def test_a_page_that_calls_itself_a_file(
    page: Callable[..., str], client: Client, origin: Origin
) -> None:
    origin.answers["/clip.mp4"] = respond(b"x" * 100, Content_Type="video/mp4")
    url = page('<video src="/clip.mp4"></video>', path="/page.mp4")
    assert only_url(registry.probe(url, client)) == origin.url("/clip.mp4")


def test_a_file_costs_the_extractor_nothing(
    proxy: EgressProxy, client: Client, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the question whose site it is, which a child answers, nor a second request."""
    origin.answers["/clip.mp4"] = respond(b"x" * 100, Content_Type="video/mp4")
    with Extraction(lambda: proxy, size=1) as cold:
        rest = registry.RESOLVERS[1:-1]
        monkeypatch.setattr(registry, "RESOLVERS", (SiteResolver(cold), *rest, PageResolver(cold)))
        before = psutil.Process().children(recursive=True)
        registry.probe(origin.url("/clip.mp4"), client)
        assert psutil.Process().children(recursive=True) == before
    assert {request.path for request in origin.log} == {"/clip.mp4"}


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "Youtube"),
        ("https://youtu.be/dQw4w9WgXcQ", "Youtube"),
        ("https://vimeo.com/76979871", "Vimeo"),
        ("https://www.example.com/watch/1", ""),
    ],
)
def test_whose_site_it_is_without_asking_it(
    url: str, site: str, extraction: Extraction, client: Client, origin: Origin
) -> None:
    assert extraction.site(url, client) == site
    resolver = SiteResolver(extraction)
    assert resolver.claims(UrlProbe(url, client)) == bool(site)
    assert not origin.log
