"""A file that a page names: stored as what its bytes are, or refused as what came instead."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.errors import BadManifest, NotMedia
from downloads.engine.core.media import Format, Quality, Source, Stream
from downloads.engine.core.options import Options
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.pipeline.media_check import inspected, inspector
from downloads.engine.resolver.base import Resolution
from downloads.engine.resolver.quality import select
from downloads.engine.transfer import single
from downloads.engine.transfer.request import FileRequest
from tests.support.answers import redirect, respond, then_close
from tests.support.origin import Origin
from tests.support.request import Request

MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(5000)
WEBM = b"\x1aE\xdf\xa3\x01\x42\x82\x84webm" + bytes(5000)


@pytest.fixture
def client(origin: Origin) -> Iterator[Client]:
    policy = AddressPolicy(allowed_networks=parse_allowed_networks(f"127.0.0.1:{origin.port}"))
    with Client(policy) as made:
        yield made


def named(url: str, ext: str = "mp4", container: str = "") -> Resolution:
    offered = Format("0", Stream(url), ext, "video/mp4", video_codec="h264", audio_codec="aac")
    source = Source("generic:x", "A film", (offered,))
    return Resolution(source, select(source, Quality.AUTO, Options(container=container)))


@pytest.mark.parametrize(
    ("body", "ext", "mime_type"),
    [
        (MP4, "mp4", "video/mp4"),
        (WEBM, "webm", "video/webm"),
        (b"unknown" * 99, "mp4", "video/mp4"),
    ],
)
def test_it_is_stored_as_what_it_is(
    client: Client, origin: Origin, body: bytes, ext: str, mime_type: str
) -> None:
    origin.answers["/go"] = redirect("/film")
    origin.answers["/film"] = respond(body, Content_Type="video/mp4")
    found = inspected(named(origin.url("/go")), client)
    assert (found.selection.ext, found.selection.mime_type) == (ext, mime_type)
    assert not found.selection.is_processed
    (stream,) = found.selection.streams
    assert stream.url == origin.url("/film")
    assert client.parked.take(stream.url, stream.headers) is not None


def test_what_was_asked_for_is_made_of_another(client: Client, origin: Origin) -> None:
    origin.answers["/film"] = respond(WEBM)
    found = inspected(named(origin.url("/film"), container="mp4"), client, "mp4")
    assert found.selection.ext == "mp4"
    assert found.selection.is_processed


@pytest.mark.parametrize(
    ("body", "came"),
    [
        (b"<!doctype html><title>Sign in</title>", "a web page"),
        (b'{"error": "gone"}', "a JSON message"),
        (b"<Error><Code>NoSuchKey</Code></Error>", "an XML error (NoSuchKey)"),
    ],
)
def test_what_comes_in_its_place(client: Client, origin: Origin, body: bytes, came: str) -> None:
    origin.answers["/film"] = respond(body, Content_Type="video/mp4")
    with pytest.raises(NotMedia) as caught:
        inspected(named(origin.url("/film")), client)
    assert caught.value.detail.startswith("HTTP 200 from 127.0.0.1, video/mp4: ")
    assert f"{came} in place of the media" in caught.value.message


def test_a_page_where_the_rest_should_come(client: Client, origin: Origin, tmp_path: Path) -> None:
    """A link that runs out on the way, and is answered with a login: no film begins again as it
    (danielfernau/unifi-protect-video-downloader#515). A fresh link goes on."""
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(MP4)}\r\n\r\n".encode()
    page = respond(b"<!doctype html><title>Sign in</title>", Content_Type="text/html")
    once = [then_close(head + MP4[:2000])]

    def film(request: Request, sock: socket.socket) -> None:
        once.pop()(request, sock) if once else sock.sendall(page)

    origin.answers["/film"] = film
    origin.answers["/fresh"] = respond(MP4)
    target = tmp_path / "film.mp4"

    def fetch(refresh: Callable[[], Stream] | None) -> None:
        single.fetch(
            FileRequest(
                client=client,
                stop=StopToken(),
                stream=Stream(origin.url("/film")),
                refresh=refresh,
                inspect=inspector("mp4"),
            ),
            target,
        )

    with pytest.raises(NotMedia):
        fetch(None)
    assert not target.exists()
    fetch(lambda: Stream(origin.url("/fresh")))
    assert target.read_bytes() == MP4


def test_a_text_may_be_a_page() -> None:
    assert inspector("html") is None
    assert inspector("bin") is None


def test_a_list_of_files(client: Client, origin: Origin) -> None:
    origin.answers["/film"] = respond(b"#EXTM3U\n#EXT-X-VERSION:3\n", Content_Type="video/mp4")
    with pytest.raises(BadManifest):
        inspected(named(origin.url("/film")), client)
