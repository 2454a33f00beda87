"""Subtitles in DASH: text in MP4 by segments or as a file, and files by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import Quality
from downloads.engine.core.notes import Notes
from downloads.engine.core.options import Options
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.media.film_clock import FilmClock, PartStart
from downloads.engine.pipeline import extras
from downloads.engine.resolver import registry
from tests.support.answers import respond
from tests.support.origin import Origin
from tests.support.streaming.text_tracks import EMPTY, header, segment, ttml, vttc

ONE = "WEBVTT\n\n00:00:01.000 --> 00:00:03.000\none\n"
PICTURE = (
    '<AdaptationSet contentType="video" mimeType="video/mp4"><Representation id="v" '
    'bandwidth="900000" codecs="avc1.42c00d" width="320" height="180"><BaseURL>v.mp4</BaseURL>'
    '<SegmentBase indexRange="0-10"/></Representation></AdaptationSet>'
)
TEMPLATE = (
    '<SegmentTemplate timescale="1000" presentationTimeOffset="{offset}" media="t$Number$.m4s" '
    'initialization="t.mp4" duration="4000" startNumber="1"/>'
)


def mpd(text: str) -> bytes:
    return respond(
        (
            '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
            'profiles="urn:mpeg:dash:profile:isoff-on-demand:2011" '
            f'mediaPresentationDuration="PT12S"><Period>{PICTURE}{text}</Period></MPD>'
        ).encode(),
        Content_Type="application/dash+xml",
    )


def text_set(inside: str, *, mime: str = "application/mp4", codecs: str = "wvtt") -> str:
    told = f' codecs="{codecs}"' if codecs else ""
    return (
        f'<AdaptationSet contentType="text" mimeType="{mime}" lang="en">'
        f'<Representation id="t" bandwidth="1000"{told}>{inside}</Representation></AdaptationSet>'
    )


def fetch(origin: Origin, folder: Path, start: float = 0.0) -> tuple[str | None, tuple[str, ...]]:
    """English, for a film whose picture begins at ``start`` of the presentation."""
    origin.handle = lambda _: None  # the film itself is not fetched here: its server hangs up
    policy = AddressPolicy(allowed_networks=parse_allowed_networks(f"127.0.0.1:{origin.port}"))
    with Client(policy) as client:
        found = registry.resolve(
            origin.url("/a.mpd"), Quality.AUTO, client, Options(subtitles=("en",))
        )
        notes = Notes()
        had = extras.fetch_extras(
            found.source, found.selection, folder, client=client, stop=StopToken(), notes=notes
        )
        files = had.subtitles.files(FilmClock((PartStart(start),), 12.0))
        return files[0].path.read_text() if files else None, notes.sentences


@pytest.mark.parametrize("offset", [0, 100_000])
def test_webvtt_in_segments(origin: Origin, tmp_path: Path, offset: int) -> None:
    """Times of the media, less presentationTimeOffset."""
    origin.answers |= {
        "/a.mpd": mpd(text_set(TEMPLATE.format(offset=offset))),
        "/t.mp4": respond(header(b"wvtt")),
        "/t1.m4s": respond(segment(offset, [(1000, EMPTY), (2000, vttc("one")), (1000, EMPTY)])),
        "/t2.m4s": respond(segment(offset + 4000, [(4000, EMPTY)])),
        "/t3.m4s": respond(segment(offset + 8000, [(4000, EMPTY)])),
    }
    assert fetch(origin, tmp_path) == (ONE, ())


def test_ttml_in_segments(origin: Origin, tmp_path: Path) -> None:
    origin.answers |= {
        "/a.mpd": mpd(text_set(TEMPLATE.format(offset=0), codecs="stpp.ttml.im1t")),
        "/t.mp4": respond(header(b"stpp")),
        "/t1.m4s": respond(segment(0, [(4000, ttml(("1s", "3s", "one")))])),
        "/t2.m4s": respond(segment(4000, [(4000, ttml(("5s", "6s", "two")))])),
        "/t3.m4s": respond(segment(8000, [(4000, ttml())])),
    }
    made, told = fetch(origin, tmp_path)
    assert (made, told) == (f"{ONE}\n00:00:05.000 --> 00:00:06.000\ntwo\n", ())


@pytest.mark.parametrize(
    ("name", "mime", "body"),
    [
        ("s.vtt", "text/vtt", ONE.encode()),
        ("s.ttml", "application/ttml+xml", ttml(("1s", "3s", "one"))),
        ("s.xml", "application/ttml+xml", ttml(("1s", "3s", "one"))),
    ],
)
def test_a_file_by_itself(
    origin: Origin, tmp_path: Path, name: str, mime: str, body: bytes
) -> None:
    inside = f"<BaseURL>{name}</BaseURL>"
    origin.answers |= {
        "/a.mpd": mpd(text_set(inside, mime=mime, codecs="")), f"/{name}": respond(body),
    }  # fmt: skip
    assert fetch(origin, tmp_path) == (ONE, ())


def test_a_whole_mp4_at_its_second_address(origin: Origin, tmp_path: Path) -> None:
    body = header(b"wvtt") + segment(101_000, [(2000, vttc("one"))])
    inside = (
        "<BaseURL>gone.mp4</BaseURL><BaseURL>t.mp4</BaseURL>"
        '<SegmentBase timescale="1000" presentationTimeOffset="100000" indexRange="0-9"/>'
    )
    origin.answers |= {
        "/a.mpd": mpd(text_set(inside)), "/t.mp4": respond(body),
        "/gone.mp4": respond(status="404 Not Found"),
    }  # fmt: skip
    assert fetch(origin, tmp_path) == (ONE, ())


def test_a_picture_that_begins_later(origin: Origin, tmp_path: Path) -> None:
    """The file begins with its first picture, so the cues come earlier by as much."""
    origin.answers |= {
        "/a.mpd": mpd(text_set(TEMPLATE.format(offset=0))),
        "/t.mp4": respond(header(b"wvtt")),
        "/t1.m4s": respond(segment(0, [(1500, EMPTY), (2000, vttc("one"))])),
        "/t2.m4s": respond(segment(4000, [(4000, EMPTY)])),
        "/t3.m4s": respond(segment(8000, [(4000, EMPTY)])),
    }
    assert fetch(origin, tmp_path, start=0.5) == (ONE, ())
