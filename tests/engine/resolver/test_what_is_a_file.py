"""A server's answer is a file with a name, or comes in place of one."""

from __future__ import annotations

import pytest

from downloads.engine.core.errors import (
    BadResponse,
    NotMedia,
)
from downloads.engine.egress.client import Client
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.direct import DirectResolver
from downloads.engine.resolver.registry import probe
from tests.support.answers import partial, respond
from tests.support.origin import Origin

BODY = b"\x00\x00\x00\x20ftypisom" + bytes(10_000)


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
    client: Client, origin: Origin, path: str, body: bytes, ext: str, mime_type: str
) -> None:
    origin.answers[path.format(ext=ext)] = partial(body, Content_Type="text/html; charset=utf-8")
    (offered,) = probe(origin.url(path.format(ext=ext)), client).formats
    assert (offered.ext, offered.mime_type) == (ext, mime_type)


def test_an_empty_file_that_answers_200(client: Client, origin: Origin) -> None:
    origin.answers["/empty.txt"] = respond(b"")
    assert probe(origin.url("/empty.txt"), client).formats[0].stream.size == 0


@pytest.mark.parametrize(
    ("path", "content_type"),
    [("/film.mp4", "video/mp4"), ("/film.mkv", ""), ("/get", "audio/mpeg"), ("/a.zip", "")],
)
def test_nothing_in_place_of_media(
    path: str, content_type: str, client: Client, origin: Origin
) -> None:
    """videojs-contrib-hls#1072: 200 with nothing in it is an error; hls.js#2233: it may pass."""
    origin.answers[path] = respond(b"", Content_Type=content_type)
    with pytest.raises(BadResponse, match="empty body") as caught:
        probe(origin.url(path), client)
    assert "an empty file in place of the media" in caught.value.message


def test_a_416_that_says_nothing_is_asked_again_without_a_range(
    client: Client, origin: Origin
) -> None:
    answers = [respond(status="416 Range Not Satisfiable"), respond(BODY)]
    origin.answers["/x"] = lambda request, sock: sock.sendall(answers.pop(0))
    assert probe(origin.url("/x"), client).formats[0].stream.size == len(BODY)
    assert "range" not in origin.log[1].headers


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
def test_a_page_is_no_file(body: bytes, content_type: str, client: Client, origin: Origin) -> None:
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
    path: str, body: bytes, headers: dict[str, str], came: str, client: Client, origin: Origin
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
    path: str, body: bytes, content_type: str, name: str, client: Client, origin: Origin
) -> None:
    origin.answers[path] = respond(body, Content_Type=content_type)
    source = probe(origin.url(path), client)
    assert f"{source.title}.{source.formats[0].ext}" == name


def test_an_extension_that_the_header_leaves_out(client: Client, origin: Origin) -> None:
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
    body: bytes, headers: dict[str, str], client: Client, origin: Origin
) -> None:
    origin.answers["/x"] = partial(body, **headers)
    assert probe(origin.url("/x"), client).formats[0].stream.size == len(body)
