"""Playlists without end and films that are none: told soon, at bounded cost, and nothing of
anybody else's is in any file."""

from __future__ import annotations

import pytest

from tests.engine.media import hostile
from tests.engine.resolver.manifests.mpd import mpd, period
from tests.engine.resolver.manifests.test_hostile import BIG, hls
from tests.faults.walled import Walled
from tests.support.files import files_below
from tests.support.stack import until
from tests.support.streaming.media import Media

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]

LISTS = ("m3u8-0", "m3u8-map", "ffconcat-0", "ffconcat-1", "mpd")
RECURSIVE = {
    "master.m3u8": "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nmaster.m3u8\n",
    "segment.m3u8": hls("#EXTINF:1,\nsegment.m3u8"),
    "map.m3u8": hls('#EXT-X-MAP:URI="map.m3u8"', "#EXTINF:1,\nmap.m3u8"),
    "base.mpd": mpd(period("<BaseURL>base.mpd</BaseURL>")),
    "list.mpd": mpd(
        period('<SegmentList duration="10"><SegmentURL media="list.mpd"/></SegmentList>')
    ),
}
DISGUISED = ("m3u8-0", "ffconcat-0", "mpd")
CODES = {"bad_manifest", "unsupported_url", "not_media"}


@pytest.fixture(scope="module")
def secret(walled: Walled) -> str:
    """A file that the worker itself could read."""
    path = walled.stack.data_dir / "secret.ts"
    path.write_bytes(b"G" + b"SECRET" * 10_000)
    return str(path)


@pytest.fixture(scope="module", autouse=True)
def _asked(walled: Walled, media: Media, secret: str) -> None:
    """All of them at once, a good film among them."""
    walled.ask("neighbour", walled.origin.url(media.hls_separate()))
    for number, (what, make) in enumerate(BIG.items()):
        text = make()
        ext = "mpd" if "<MPD" in text[:300] or "<!DOCTYPE MPD" in text[:300] else "m3u8"
        walled.ask(what, walled.served(f"big{number}.{ext}", text))
    for name, text in RECURSIVE.items():
        walled.ask(name, walled.served(name, text))
    lists = hostile.playlists(walled.stack.data_dir / "secret.ts")
    for kind in LISTS:
        body = lists[kind].replace(secret.encode(), f"file://{secret}".encode())
        walled.ask(f"file {kind}", walled.served(f"{kind}.mp4", body))
        walled.ask(f"sound {kind}", walled.served(f"{kind}-sound.mp4", body), quality="audio")
        walled.served(f"{kind}.ts", lists[kind])
        listed = walled.served(f"{kind}-list.m3u8", hls(f"#EXTINF:1,\n{kind}.ts"))
        walled.ask(f"segment {kind}", listed)
    for kind in DISGUISED:
        for disguise, inner in hostile.disguised(lists[kind]).items():
            name = f"{kind}-{disguise}"
            walled.served(f"{name}.ts", inner)
            listed = walled.served(f"{name}.m3u8", hls(f"#EXTINF:1,\n{name}.ts"))
            walled.ask(f"{disguise} {kind}", listed)
    page = "<!doctype html><title>x</title><video src='ffconcat-0.mp4'></video>"
    walled.ask("page", walled.served("page.html", page))


@pytest.mark.parametrize("what", BIG)
def test_what_is_too_much(walled: Walled, what: str) -> None:
    assert walled.outcome(what)["errorCode"] == "bad_manifest"


@pytest.mark.parametrize("name", RECURSIVE)
def test_a_list_that_includes_itself(walled: Walled, name: str) -> None:
    assert walled.outcome(name)["errorCode"] in CODES


@pytest.mark.parametrize("kind", LISTS)
def test_a_film_that_is_a_list(walled: Walled, kind: str) -> None:
    for form in ("file", "sound"):
        said = walled.outcome(f"{form} {kind}")
        assert said["errorCode"] in CODES | {"blocked_address"}, said


def test_a_page_whose_film_is_a_list(walled: Walled) -> None:
    assert walled.outcome("page")["errorCode"] in CODES


@pytest.mark.parametrize("kind", LISTS)
def test_a_segment_that_is_a_list(walled: Walled, kind: str) -> None:
    assert walled.outcome(f"segment {kind}")["errorCode"] in CODES


@pytest.mark.parametrize("kind", DISGUISED)
@pytest.mark.parametrize("disguise", sorted(hostile.disguised(b"")))
def test_a_list_behind_the_marks_of_a_film(walled: Walled, kind: str, disguise: str) -> None:
    said = walled.outcome(f"{disguise} {kind}")
    assert said["errorCode"] in CODES | {"processing_failed", "incomplete"}, said


def test_their_neighbour_finishes(walled: Walled) -> None:
    assert walled.outcome("neighbour")["status"] == "completed"


def test_at_the_end_nothing_of_it_is_left(walled: Walled) -> None:
    for name in walled.asked:
        if walled.outcome(name)["status"] == "queued":  # to be tried again, from what is kept
            walled.alice.post(f"downloads/{walled.asked[name]['id']}/cancel/")
    media = walled.stack.media
    until(lambda: not files_below(media / ".incoming"))
    kept = [path for path in media.iterdir() if path.is_file()]
    assert len(kept) == 1, "the neighbour's"
    assert b"SECRET" not in kept[0].read_bytes()
    assert walled.no_request_came_inside()
    (worker, *_) = walled.stack.processes("celery")
    assert worker.memory_info().rss < 400 * 1024**2
