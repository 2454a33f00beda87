"""Cover and subtitles are best effort: a source that takes its time over them holds up no film."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import (
    Format,
    Protocol,
    Quality,
    Selection,
    Source,
    Stream,
    Subtitle,
)
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.media.film_clock import FilmClock
from downloads.engine.pipeline import extras
from tests.support.answers import respond
from tests.support.origin import Origin
from tests.support.request import Reply, Request

MANY = 60
SLOW = 0.1  # seconds: all of them would take 6 s


@pytest.fixture
def client(origin: Origin) -> Iterator[Client]:
    policy = AddressPolicy(allowed_networks=parse_allowed_networks(f"127.0.0.1:{origin.port}"))
    with Client(policy) as made:
        yield made


def slowly(answer: bytes) -> Reply:
    def reply(_: Request, sock: socket.socket) -> None:
        time.sleep(SLOW)
        sock.sendall(answer)

    return reply


def wanting(*subtitles: Subtitle) -> Selection:
    film = Format("1", Stream("http://127.0.0.1:9/film.mp4"), "mp4")
    return Selection((film,), Quality.AUTO, "mp4", "video/mp4", subtitles)


def test_many_empty_pieces(
    origin: Origin, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "LONGEST", 0.5)
    monkeypatch.setattr(extras, "FOR_A_PIECE", 0.0)
    pieces = "".join(f"#EXTINF:1,\n{place}.vtt\n" for place in range(MANY))
    listed = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n{pieces}#EXT-X-ENDLIST\n"
    origin.answers |= {f"/{place}.vtt": slowly(respond(b"")) for place in range(MANY)}
    origin.answers["/s.m3u8"] = respond(listed.encode())
    english = Subtitle("en", origin.url("/s.m3u8"), "vtt", protocol=Protocol.HLS)
    found = extras.fetch_subtitles(wanting(english), tmp_path, client=client, stop=StopToken())
    assert found == ()
    assert len(origin.log) < MANY


def test_many_subtitles_and_a_cover(
    origin: Origin, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "ALTOGETHER", 0.5)
    origin.answers |= {f"/{place}.vtt": slowly(respond(b"none")) for place in range(MANY)}
    origin.answers["/cover"] = slowly(respond(b"a picture"))
    every = [Subtitle("en", origin.url(f"/{place}.vtt"), "vtt") for place in range(MANY)]
    facts = Source("x", "A film", (), thumbnail_url=origin.url("/cover"))
    found = extras.fetch_extras(facts, wanting(*every), tmp_path, client=client, stop=StopToken())
    assert found.cover == tmp_path / "cover"
    assert found.subtitles.files(FilmClock()) == ()
    assert len(origin.log) < MANY
