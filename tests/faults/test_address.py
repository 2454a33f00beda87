"""Links that lead inside, in every spelling and from every place where a source may put one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.engine.egress.test_spellings import HOSTS, UNREADABLE
from tests.engine.resolver.manifests.test_hostile import PLACES, SEGMENT, hls
from tests.faults.walled import Walled
from tests.support.files import files_below
from tests.support.stack import until

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]

REDIRECTED = ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "localhost", "0", "[::1]"]
OTHERS = ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:6379/_x"]
PAGES: dict[str, str] = {
    "video": '<video src="{}"></video>',
    "source": '<video><source src="{}" type="application/vnd.apple.mpegurl"></video>',
    "og:video": '<meta property="og:video" content="{}.mp4"><meta property="og:title" content="x">',
    "og:video:url": '<meta property="og:video:url" content="{}.m3u8">',
    "twitter": '<meta name="twitter:player:stream" content="{}.mp4">',
    "frame": '<iframe src="{}"></iframe>',
    "anchor": '<a href="{}">a film</a>',
    "refresh": '<meta http-equiv="refresh" content="0; url={}">',
    "JSON-LD": '<script type="application/ld+json">{{"@context": "https://schema.org", "@type": '
    '"VideoObject", "name": "x", "contentUrl": "{}.mp4"}}</script>',
    "feed": '<link rel="alternate" type="application/rss+xml" href="{}">',
}
FOLLOWED = {"video", "source", "og:video"}


@pytest.fixture(scope="module", autouse=True)
def _asked(walled: Walled) -> None:
    """All of them at once, a good film among them."""
    walled.origin.serve("/good.m3u8", hls(SEGMENT).encode())
    walled.origin.serve("/a.ts", b"G" * 188)
    for host in HOSTS:
        walled.ask(f"host {host}", walled.inside(host))
    for host in UNREADABLE:
        walled.ask(f"unreadable {host}", walled.inside(host))
    for place, leads in enumerate([*map(walled.inside, REDIRECTED), *OTHERS]):
        url = walled.served(f"redirect{place}", b"", answers=[(302, {"Location": leads})] * 9)
        walled.ask(f"redirect {place}", url)
    for number, (place, make) in enumerate(PLACES.items()):
        for scheme, leads in (("http", walled.inside()), ("file", "file:///etc/passwd")):
            walled.ask(f"{scheme} {place}", _manifest(walled, f"{scheme}{number}", make, leads))
    for number, (place, form) in enumerate(PAGES.items()):
        text = f"<!doctype html><html><head><title>x</title>{form.format(walled.inside())}</html>"
        walled.ask(f"page {place}", walled.served(f"page{number}.html", text))
    walled.ask("good", walled.served("good.mp4", b"\0\0\0\x18ftypmp42" + bytes(1000)))


def _manifest(walled: Walled, name: str, make: Callable[[str], str], leads: str) -> str:
    text = make(leads)
    return walled.served(f"{name}.{'mpd' if '<MPD' in text[:300] else 'm3u8'}", text)


@pytest.mark.parametrize("host", HOSTS)
def test_every_spelling(walled: Walled, host: str) -> None:
    assert walled.outcome(f"host {host}")["errorCode"] == "blocked_address"


@pytest.mark.parametrize("host", UNREADABLE)
def test_what_is_no_url_is_refused_at_once(walled: Walled, host: str) -> None:
    said = walled.outcome(f"unreadable {host}")
    assert said["status"] == "refused"
    assert said["errorCode"] in ("unsupported_url", "invalid"), said


@pytest.mark.parametrize("place", range(len(REDIRECTED) + len(OTHERS)))
def test_redirects(walled: Walled, place: int) -> None:
    assert walled.outcome(f"redirect {place}")["errorCode"] == "blocked_address"


@pytest.mark.parametrize("scheme", ["http", "file"])
@pytest.mark.parametrize("place", sorted(PLACES.keys() - {"subtitles"}))
def test_from_a_manifest(walled: Walled, scheme: str, place: str) -> None:
    said = walled.outcome(f"{scheme} {place}")
    assert said["errorCode"] == "blocked_address", said
    assert str(walled.canary.port) not in said["error"]
    assert "passwd" not in said["error"]


@pytest.mark.parametrize("place", PAGES)
def test_from_a_page(walled: Walled, place: str) -> None:
    """A link that yt-dlp does not follow is no video."""
    codes = {"blocked_address"} if place in FOLLOWED else {"blocked_address", "unsupported_url"}
    assert walled.outcome(f"page {place}")["errorCode"] in codes


def test_subtitles_inside_are_left_out(walled: Walled) -> None:
    for scheme in ("http", "file"):
        assert walled.outcome(f"{scheme} subtitles")["errorCode"] != "internal"


def test_their_neighbour_finishes(walled: Walled) -> None:
    assert walled.outcome("good")["status"] == "completed"


def test_at_the_end_no_request_came_inside_and_nothing_is_left(walled: Walled) -> None:
    for name in walled.asked:
        walled.outcome(name)
    assert walled.no_request_came_inside(), walled.canary.log
    incoming = walled.stack.media / ".incoming"
    until(lambda: not files_below(incoming))
    assert [path.name for path in walled.stack.media.iterdir() if path.is_file()] != []
    assert not [each for each in walled.stack.processes("ffmpeg") if "ffmpeg" in each.name()]
