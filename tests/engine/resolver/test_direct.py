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
    UnsupportedURL,
)
from downloads.engine.core.media import Quality, Validators
from downloads.engine.egress.client import Client
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.direct import DirectResolver
from downloads.engine.resolver.registry import probe, resolve
from tests.engine.egress.conftest import read_all
from tests.support.answers import forever, partial, redirect, respond, then_close
from tests.support.origin import Origin
from tests.support.request import Request

BODY = b"\x00\x00\x00\x20ftypisom" + bytes(10_000)


def test_one_get_tells_all(client: Client, origin: Origin) -> None:
    origin.answers["/d/My_clip.mp4"] = partial(BODY, ETag='"v1"', Content_Type="video/mp4; x=y")
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
    (request,) = origin.log
    assert request.raw.startswith(b"GET ")
    assert request.headers["range"] == "bytes=0-"


def test_the_answer_goes_on_as_the_first_segment(client: Client, origin: Origin) -> None:
    origin.answers["/x"] = partial(BODY)
    (stream,) = resolve(origin.url("/x"), Quality.AUTO, client).selection.streams
    response = client.parked.take(stream.url, stream.headers)
    assert response is not None
    assert read_all(response) == BODY
    assert len(origin.log) == 1


@pytest.mark.parametrize(
    "body",
    [b"ffconcat version 1.0\nfile '/etc/passwd'\n", b"[playlist]\nFile1=x\n", b"<smil> </smil>"],
)
def test_a_film_that_is_a_list_of_files(body: bytes, client: Client, origin: Origin) -> None:
    origin.answers["/film.mp4"] = respond(body, Content_Type="video/mp4")
    origin.answers["/notes.txt"] = respond(body, Content_Type="text/plain")
    with pytest.raises(BadManifest):
        probe(origin.url("/film.mp4"), client)
    assert probe(origin.url("/notes.txt"), client).formats, "it is no film"


def test_without_ranges(client: Client, origin: Origin) -> None:
    origin.answers["/x"] = respond(BODY, Accept_Ranges="bytes")
    (offered,) = probe(origin.url("/x"), client).formats
    assert not offered.stream.accepts_ranges
    assert offered.stream.size == len(BODY)


def test_without_a_size(client: Client, origin: Origin) -> None:
    origin.answers["/x"] = then_close(b"HTTP/1.1 200 OK\r\n\r\n" + BODY)
    (offered,) = probe(origin.url("/x"), client).formats
    assert offered.stream.size is None


def test_a_redirects_target_is_fetched_and_the_pasted_url_is_who_it_is(
    client: Client, origin: Origin
) -> None:
    origin.answers["/film.mp4"] = redirect("/cdn/d41d8cd98f?sig=1")
    origin.answers["/cdn/d41d8cd98f?sig=1"] = partial(BODY)
    source = probe(origin.url("/film.mp4"), client)
    assert source.identity == f"direct:{origin.url('/film.mp4')}"
    assert source.formats[0].stream.url == origin.url("/cdn/d41d8cd98f?sig=1")
    assert source.title == "film"


def test_the_servers_name_wins(client: Client, origin: Origin) -> None:
    origin.answers["/x.php"] = partial(
        BODY, Content_Disposition="attachment; filename*=UTF-8''na%C3%AFve_film.m4v"
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


def test_an_empty_file_that_answers_416(client: Client, origin: Origin) -> None:
    origin.answers["/empty.bin"] = without_byte_zero
    (offered,) = probe(origin.url("/empty.bin"), client).formats
    assert (offered.stream.size, offered.ext) == (0, "bin")
    assert offered.mime_type == "application/octet-stream"


@pytest.mark.parametrize("name", ["a.m3u8", "a.mpd"])
def test_an_empty_playlist_is_no_file(client: Client, origin: Origin, name: str) -> None:
    origin.answers[f"/{name}"] = without_byte_zero
    with pytest.raises(BadManifest):
        probe(origin.url(f"/{name}"), client)


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
    body: bytes, content_type: str, client: Client, origin: Origin
) -> None:
    origin.answers["/clip.mp4"] = partial(body, Content_Type=content_type)
    assert not DirectResolver().claims(UrlProbe(origin.url("/clip.mp4"), client))


def test_credentials_go_on_with_the_stream_and_are_not_in_its_url(
    client: Client, origin: Origin
) -> None:
    origin.answers["/x"] = partial(BODY)
    source = probe(origin.url("/x").replace("://", "://a:b@"), client)
    (offered,) = source.formats
    assert offered.stream.url == origin.url("/x")
    assert offered.stream.headers == (("Authorization", "Basic YTpi"),)
    assert client.parked.take(offered.stream.url, offered.stream.headers) is not None


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
    answer: bytes, error: type[Exception], client: Client, origin: Origin
) -> None:
    origin.answers["/x"] = answer
    with pytest.raises(error):
        probe(origin.url("/x"), client)


@pytest.mark.processes
def test_what_is_refused_is_given_up(client: Client, origin: Origin) -> None:
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
    assert client.parked.take(origin.url("/x")) is None


@pytest.mark.parametrize(
    "headers", [{}, {"Content_Disposition": "attachment; filename*=UTF-8''A%E2%80%AE%00.mp4"}]
)
def test_a_title_turns_nothing_around(
    client: Client, origin: Origin, headers: dict[str, str]
) -> None:
    origin.answers["/A%E2%80%AE%00.mp4"] = partial(BODY, **headers)
    assert probe(origin.url("/A%E2%80%AE%00.mp4"), client).title == "A"
