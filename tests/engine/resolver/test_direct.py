"""A direct file is found by asking the server, once."""

from __future__ import annotations

import socket
import threading

import pytest

from downloads.engine.core.errors import (
    BadManifest,
    BadResponse,
    BlockedAddress,
    LoginRequired,
    NotMedia,
    UnsupportedURL,
)
from downloads.engine.core.media import Quality, Validators
from downloads.engine.egress.client import Client
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.direct import DirectResolver
from downloads.engine.resolver.registry import probe, resolve
from tests.engine.egress.conftest import read_all
from tests.support.raw_origin import RawOrigin, Request, forever, redirect, respond, then_close

BODY = b"\x00\x00\x00\x20ftypisom" + bytes(10_000)


def partial(body: bytes = BODY, **headers: str) -> bytes:
    last = len(body) - 1
    return respond(
        body,
        status="206 Partial Content",
        Content_Range=f"bytes 0-{last}/{len(body)}",
        **headers,
    )


def test_one_get_tells_all(client: Client, origin: RawOrigin) -> None:
    origin.answers["/d/My_clip.mp4"] = partial(ETag='"v1"', Content_Type="video/mp4; x=y")
    resolution = resolve(origin.url("/d/My_clip.mp4#t=3"), Quality.P720, client)
    source, selection = resolution.source, resolution.selection
    assert source.identity == f"direct:{origin.url('/d/My_clip.mp4')}"
    assert source.title == "My clip"
    (offered,) = source.formats
    assert (offered.id, offered.ext, offered.mime_type) == ("direct", "mp4", "video/mp4")
    assert offered.stream.url == origin.url("/d/My_clip.mp4")
    assert offered.stream.validators == Validators('"v1"', None, len(BODY))
    assert offered.stream.accepts_ranges
    assert (selection.key, selection.quality, selection.size) == ("direct", "auto", len(BODY))
    (request,) = origin.requests
    assert request.raw.startswith(b"GET ")
    assert request.headers["range"] == "bytes=0-"


def test_the_answer_goes_on_as_the_first_segment(client: Client, origin: RawOrigin) -> None:
    origin.answers["/x"] = partial()
    (stream,) = resolve(origin.url("/x"), Quality.AUTO, client).selection.streams
    response = client.take(stream.url, stream.headers)
    assert response is not None
    assert read_all(response) == BODY
    assert len(origin.requests) == 1


@pytest.mark.parametrize(
    "body",
    [b"ffconcat version 1.0\nfile '/etc/passwd'\n", b"[playlist]\nFile1=x\n", b"<smil> </smil>"],
)
def test_a_film_that_is_a_list_of_files(body: bytes, client: Client, origin: RawOrigin) -> None:
    origin.answers["/film.mp4"] = respond(body, Content_Type="video/mp4")
    origin.answers["/notes.txt"] = respond(body, Content_Type="text/plain")
    with pytest.raises(BadManifest):
        probe(origin.url("/film.mp4"), client)
    assert probe(origin.url("/notes.txt"), client).formats, "it is no film"


def test_without_ranges(client: Client, origin: RawOrigin) -> None:
    origin.answers["/x"] = respond(BODY, Accept_Ranges="bytes")
    (offered,) = probe(origin.url("/x"), client).formats
    assert not offered.stream.accepts_ranges
    assert offered.stream.size == len(BODY)


def test_without_a_size(client: Client, origin: RawOrigin) -> None:
    origin.answers["/x"] = then_close(b"HTTP/1.1 200 OK\r\n\r\n" + BODY)
    (offered,) = probe(origin.url("/x"), client).formats
    assert offered.stream.size is None


def test_a_redirects_target_is_fetched_and_the_pasted_url_is_who_it_is(
    client: Client, origin: RawOrigin
) -> None:
    origin.answers["/film.mp4"] = redirect("/cdn/d41d8cd98f?sig=1")
    origin.answers["/cdn/d41d8cd98f?sig=1"] = partial()
    source = probe(origin.url("/film.mp4"), client)
    assert source.identity == f"direct:{origin.url('/film.mp4')}"
    assert source.formats[0].stream.url == origin.url("/cdn/d41d8cd98f?sig=1")
    assert source.title == "film"


def test_the_servers_name_wins(client: Client, origin: RawOrigin) -> None:
    origin.answers["/x.php"] = partial(
        Content_Disposition="attachment; filename*=UTF-8''na%C3%AFve_film.m4v"
    )
    source = probe(origin.url("/x.php"), client)
    assert (source.title, source.formats[0].ext) == ("na\u00efve film", "m4v")


def without_byte_zero(request: Request, sock: socket.socket) -> None:
    """An empty file has none."""
    if "range" in request.headers:
        sock.sendall(
            respond(
                b"<html>no</html>",
                status="416 Range Not Satisfiable",
                Content_Range="bytes */0",
                Content_Type="text/html",
            )
        )
    else:
        sock.sendall(respond(Content_Type="application/octet-stream"))


def test_an_empty_file_that_answers_416(client: Client, origin: RawOrigin) -> None:
    origin.answers["/empty.bin"] = without_byte_zero
    (offered,) = probe(origin.url("/empty.bin"), client).formats
    assert (offered.stream.size, offered.ext) == (0, "bin")
    assert offered.mime_type == "application/octet-stream"


@pytest.mark.parametrize("name", ["a.m3u8", "a.mpd"])
def test_an_empty_playlist_is_no_file(client: Client, origin: RawOrigin, name: str) -> None:
    origin.answers[f"/{name}"] = without_byte_zero
    with pytest.raises(BadManifest):
        probe(origin.url(f"/{name}"), client)


@pytest.mark.parametrize(
    ("body", "ext", "mime_type"),
    [
        (BODY, "mp4", "video/mp4"),
        (b"\x1aE\xdf\xa3" + bytes(99), "webm", "video/webm"),
        (b"ID3\x04" + bytes(99), "mp3", "audio/mpeg"),
        (b"\xff\xfb\x90" + bytes(99), "mp3", "audio/mpeg"),
        ((b"G" + bytes(187)) * 20, "ts", "video/mp2t"),
    ],
    ids=["mp4", "webm", "mp3", "mp3 without tags", "ts"],
)
@pytest.mark.parametrize("path", ["/watch", "/clip.{ext}"])
def test_a_film_that_is_called_a_page_is_a_film(
    client: Client, origin: RawOrigin, path: str, body: bytes, ext: str, mime_type: str
) -> None:
    origin.answers[path.format(ext=ext)] = partial(body, Content_Type="text/html; charset=utf-8")
    (offered,) = probe(origin.url(path.format(ext=ext)), client).formats
    assert (offered.ext, offered.mime_type) == (ext, mime_type)


def test_an_empty_file_that_answers_200(client: Client, origin: RawOrigin) -> None:
    origin.answers["/empty.txt"] = respond(b"")
    assert probe(origin.url("/empty.txt"), client).formats[0].stream.size == 0


@pytest.mark.parametrize(
    ("path", "content_type"),
    [("/film.mp4", "video/mp4"), ("/film.mkv", ""), ("/get", "audio/mpeg"), ("/a.zip", "")],
)
def test_nothing_in_place_of_media(
    path: str, content_type: str, client: Client, origin: RawOrigin
) -> None:
    """videojs-contrib-hls#1072: 200 with nothing in it is an error; hls.js#2233: it may pass."""
    origin.answers[path] = respond(b"", Content_Type=content_type)
    with pytest.raises(BadResponse, match="empty body") as caught:
        probe(origin.url(path), client)
    assert "an empty file in place of the media" in caught.value.message


def test_a_416_that_says_nothing_is_asked_again_without_a_range(
    client: Client, origin: RawOrigin
) -> None:
    answers = [respond(status="416 Range Not Satisfiable"), respond(BODY)]
    origin.answers["/x"] = lambda request, sock: sock.sendall(answers.pop(0))
    assert probe(origin.url("/x"), client).formats[0].stream.size == len(BODY)
    assert "range" not in origin.requests[1].headers


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"anything", "text/html"),
        (b"anything", "Text/HTML; charset=utf-8"),
        (b"<p>", "application/xhtml+xml"),
        (b"\xef\xbb\xbf \n<!doctype HTML>", "text/plain"),
        (b"<!-- hi --> <html lang=en>", ""),
        (b"<?xml version='1.0'?><html xmlns='x'>", "text/xml"),
    ],
)
def test_a_page_is_no_file(
    body: bytes, content_type: str, client: Client, origin: RawOrigin
) -> None:
    origin.answers["/clip.mp4"] = partial(body, Content_Type=content_type)
    assert not DirectResolver().claims(UrlProbe(origin.url("/clip.mp4"), client))


MESSAGE = b'{"error":"quota exceeded"}'
S3_ERROR = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'
PAGE = b"<!doctype html>\n<html><title>Sign in</title>"


@pytest.mark.parametrize(
    ("path", "body", "headers", "came"),
    [
        ("/film.mp4", PAGE, {"Content_Type": "video/mp4"}, "a web page"),
        ("/film.mp4", PAGE, {"Content_Type": "application/octet-stream"}, "a web page"),
        ("/film.mp4", PAGE.decode().encode("utf-16"), {"Content_Type": "video/mp4"}, "a web page"),
        ("/film.mp4", PAGE.decode().encode("utf-16-be"), {}, "a web page"),
        ("/film.mp4", b"<!-- " + b"x" * 30_000 + b" --> <HTML>", {}, "a web page"),
        ("/film.mp4", b"<h1>404 Not Found</h1>", {}, "a web page"),
        ("/get", PAGE, {"Content_Disposition": "attachment; filename=a.mkv"}, "a web page"),
        ("/get", PAGE, {"Content_Type": "audio/mpeg"}, "a web page"),
        ("/get.php?file=a.mp4", MESSAGE, {"Content_Type": "application/json"}, "a JSON message"),
        ("/a.zip", MESSAGE, {"Content_Type": "application/zip"}, "a JSON message"),
        ("/a.m3u8", MESSAGE, {"Content_Type": "application/vnd.apple.mpegurl"}, "a JSON message"),
        ("/a.mpd", b" [\n {} ]", {}, "a JSON message"),
        ("/song.mp3", b")]}',\n" + MESSAGE, {}, "a JSON message"),
        ("/film.mp4", S3_ERROR, {"Content_Type": "application/xml"}, "an XML error (AccessDenied)"),
        ("/film.mp4", b"\xef\xbb\xbf" + S3_ERROR, {"Content_Type": "video/mp4"}, "(AccessDenied)"),
        ("/a.jpg", b"<ServiceException/>", {}, "an XML error"),
        ("/film.mp4", b"null", {"Content_Type": "application/json"}, "a JSON message"),
        ("/film.mp4", b" {}\n", {"Content_Type": "video/mp4"}, "a JSON message"),
        ("/film.mp4", b'"Link expired"', {}, "a JSON message"),
        ("/film.mp4", b"-1.5e3", {}, "a JSON message"),
        ("/film.mp4", b"[true, false]", {}, "a JSON message"),
        ("/film.mp4", b"Link expired\n", {"Content_Type": "text/plain"}, "a text message"),
        ("/song.mp3", b"Lien p\xe9rim\xe9", {"Content_Type": "text/plain"}, "a text message"),
        ("/get?file=a.mkv", b"no", {"Content_Type": "text/x; charset=a"}, "a text message"),
        ("/a.m3u8", b"Forbidden", {"Content_Type": "text/plain"}, "a text message"),
        ("/a.mpd", b"<!DOCTYPE x><status>gone</status>", {}, "an XML document"),
    ],
)  # fmt: skip
@pytest.mark.processes
def test_what_comes_in_place_of_media(
    path: str, body: bytes, headers: dict[str, str], came: str, client: Client, origin: RawOrigin
) -> None:
    """unifi-protect-video-downloader#515, laracasts-downloader#57, symbolicator#1526."""
    origin.answers[path] = respond(body, **headers)
    with pytest.raises(NotMedia) as caught:
        probe(origin.url(path), client)
    assert f"{came} in place of the media" in caught.value.message
    assert caught.value.detail.startswith("HTTP 200 from 127.0.0.1, ")


@pytest.mark.parametrize(
    ("path", "body", "content_type", "name"),
    [
        ("/data.json", MESSAGE, "application/json", "data.json"),
        ("/data", MESSAGE, "application/json", "data.json"),
        ("/data", MESSAGE, "application/octet-stream", "data.json"),
        ("/data.json", MESSAGE, "video/mp4", "data.json"),
        ("/notes.xml", S3_ERROR, "text/xml", "notes.xml"),
        ("/page.html", PAGE, "application/octet-stream", "page.html"),
        ("/film.mp4", b"moved to another shelf", "application/octet-stream", "film.mp4"),
        ("/film.mp4", b"to be read on " * 200, "text/plain", "film.mp4"),
        ("/film.mp4", b"[1," * 600, "video/mp4", "film.mp4"),
        ("/film.srt", b"1\n00:00:01,000 --> 00:00:02,000\nhi\n", "text/plain", "film.srt"),
        ("/dots.ppm", b"P3 1 1 255 0 0 0", "text/plain", "dots.ppm"),
        ("/film.mp4", b"<\x00\x01\x02 no text", "video/mp4", "film.mp4"),
        ("/logo.svg", b"<svg xmlns='x'>", "image/svg+xml", "logo.svg"),
        ("/logo.png", b"<?xml version='1.0'?><svg xmlns='x'>", "image/svg+xml", "logo.png"),
        ("/domain/shop.ai", MESSAGE, "application/json", "shop.ai"),
        ("/main.ts", b"import { a } from 'b'", "text/plain", "main.ts"),
        ("/watch", b"\xff\xfb\x90\x00" + bytes(100), "text/plain", "watch.mp3"),
        ("/d?x=1", b"7z\xbc\xaf\x27\x1c", "text/html", "d.7z"),
        ("/film.mp4", b"PK\x03\x04" + bytes(30), "video/mp4", "film.mp4.zip"),
        ("/a.xyz", b"\x01\x02\x03", "application/x-odd", "a.xyz"),
        ("/My_v1.0", b"\x01\x02\x03", "video/mp4", "My v1.0.mp4"),
        ("/", BODY, "video/mp4", "127.0.0.1.mp4"),
    ],
)  # fmt: skip
def test_what_is_a_file_and_its_name(
    path: str, body: bytes, content_type: str, name: str, client: Client, origin: RawOrigin
) -> None:
    origin.answers[path] = respond(body, Content_Type=content_type)
    source = probe(origin.url(path), client)
    assert f"{source.title}.{source.formats[0].ext}" == name


def test_an_extension_that_the_header_leaves_out(client: Client, origin: RawOrigin) -> None:
    origin.answers["/a/film.mkv"] = respond(
        b"unknown", Content_Disposition='attachment; filename="My film"'
    )
    source = probe(origin.url("/a/film.mkv"), client)
    assert (source.title, source.formats[0].ext) == ("My film", "mkv")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<html>", {"Content_Type": "application/octet-stream"}),
        (b"<html>", {"Content_Type": "text/html", "Content_Disposition": "attachment"}),
        (b"<svg xmlns='x'>", {"Content_Type": "image/svg+xml"}),
        (b"<?xml version='1.0'?><rss>", {"Content_Type": "text/xml"}),
        (b"plain words", {"Content_Type": "text/plain"}),
        (b"<", {}),
        (b"<htmlish", {}),
    ],
)
@pytest.mark.processes
def test_what_is_a_file_all_the_same(
    body: bytes, headers: dict[str, str], client: Client, origin: RawOrigin
) -> None:
    origin.answers["/x"] = partial(body, **headers)
    assert probe(origin.url("/x"), client).formats[0].stream.size == len(body)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"#EXTM3U\n#EXT-X-VERSION:3\n", "application/vnd.apple.mpegurl"),
        (b"#EXTM3U\r\n", "video/mp4"),
        (b"\xef\xbb\xbf#EXTM3U\n", "application/octet-stream"),
        (b"anything", "application/x-mpegURL"),
        (b"<?xml version='1.0'?>\n<!-- x -->\n<MPD xmlns='urn:mpeg:dash'>", "text/xml"),
        (b"<MPD type='static'>", "video/mp4"),
        (b"anything", "application/dash+xml"),
    ],
)
def test_a_manifest_is_no_file(
    body: bytes, content_type: str, client: Client, origin: RawOrigin
) -> None:
    origin.answers["/clip.mp4"] = partial(body, Content_Type=content_type)
    assert not DirectResolver().claims(UrlProbe(origin.url("/clip.mp4"), client))


def test_credentials_go_on_with_the_stream_and_are_not_in_its_url(
    client: Client, origin: RawOrigin
) -> None:
    origin.answers["/x"] = partial()
    source = probe(origin.url("/x").replace("://", "://a:b@"), client)
    (offered,) = source.formats
    assert offered.stream.url == origin.url("/x")
    assert offered.stream.headers == (("Authorization", "Basic YTpi"),)
    assert client.take(offered.stream.url, offered.stream.headers) is not None


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (respond(status="401 Unauthorized"), LoginRequired),
        (redirect("file:///etc/passwd"), BlockedAddress),
        (redirect("http://169.254.169.254/latest/meta-data/"), BlockedAddress),
        (then_close(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), BadResponse),
    ],
)
def test_the_sources_errors_come_through(
    answer: bytes, error: type[Exception], client: Client, origin: RawOrigin
) -> None:
    origin.answers["/x"] = answer
    with pytest.raises(error):
        probe(origin.url("/x"), client)


@pytest.mark.processes
def test_what_is_refused_is_given_up(client: Client, origin: RawOrigin) -> None:
    gone = threading.Event()

    def endless_page(request: Request, sock: socket.socket) -> None:
        try:
            forever(bytes(65536), b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")(
                request, sock
            )
        finally:
            gone.set()

    origin.answers["/x"] = endless_page
    with pytest.raises(UnsupportedURL) as caught:
        probe(origin.url("/x"), client)
    assert gone.wait(10), caught  # which still holds the frames, so nothing went by chance
    assert client.take(origin.url("/x")) is None


@pytest.mark.parametrize(
    "headers", [{}, {"Content_Disposition": "attachment; filename*=UTF-8''A%E2%80%AE%00.mp4"}]
)
def test_a_title_turns_nothing_around(
    client: Client, origin: RawOrigin, headers: dict[str, str]
) -> None:
    origin.answers["/A%E2%80%AE%00.mp4"] = partial(**headers)
    assert probe(origin.url("/A%E2%80%AE%00.mp4"), client).title == "A"
