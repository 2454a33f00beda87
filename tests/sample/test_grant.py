"""A sample opens what it is published as to its own jobs; nothing else opens anything."""

from __future__ import annotations

from typing import Any

import pytest

from downloads import network
from downloads.engine.core.errors import BlockedAddress
from downloads.jobs import prober
from downloads.models import Content
from downloads.sample import catalogue
from downloads.sample.catalogue import ONE_FILE, QUALITIES
from tests.support.answers import respond
from tests.support.origin import Origin

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]

HLS = "application/vnd.apple.mpegurl"
MASTER = b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=1280x720\n%s\n"
PLAYLIST = b"#EXTM3U\n#EXTINF:4,\n720p-0.ts\n#EXT-X-ENDLIST\n"


@pytest.fixture
def ours(settings: Any) -> Any:
    """A server on Ferry's own port."""
    with Origin() as origin:
        settings.HOST, settings.PORT = "127.0.0.1", origin.port
        settings.FETCH_ALLOWED_NETWORKS = "127.0.0.0/8"
        origin.answers["/sample/crossing.mp4"] = respond(b"clip", Content_Type="video/mp4")
        origin.answers["/sample/crossing/720p.m3u8"] = respond(PLAYLIST, Content_Type=HLS)
        yield origin


def test_only_a_sample_has_one() -> None:
    assert Content(source_url="https://a.example/b/c.m3u8").grants == frozenset()
    sample = Content(source_url="http://127.0.0.1:8000/sample/crossing.mp4", is_sample=True)
    assert sample.grants == {sample.source_url}


def test_a_samples_playlist_opens_what_lies_beside_it() -> None:
    sample = Content(source_url="http://127.0.0.1:8000/sample/crossing/a.m3u8", is_sample=True)
    assert sample.grants == {"http://127.0.0.1:8000/sample/crossing/"}


def test_nothing_is_granted_unasked(ours: Origin) -> None:
    with network.client() as client, pytest.raises(BlockedAddress):
        client.get(catalogue.address(ONE_FILE))
    assert ours.log == []


def test_the_probe_reaches_the_sample(ours: Origin) -> None:
    catalogue.publish(ONE_FILE)
    assert prober.probe_one()
    sample = Content.objects.get()
    assert (sample.probe_status, sample.title) == ("ready", ONE_FILE.title)
    assert sample.qualities[0]["size"] == 4


def test_the_probe_reaches_the_playlists_of_the_sample(ours: Origin) -> None:
    publish_with(ours, b"720p.m3u8")
    sample = Content.objects.get()
    assert (sample.probe_status, sample.qualities[0]["quality"]) == ("ready", "720p")
    assert sample.qualities[0]["size"] == 400_000


@pytest.mark.parametrize("elsewhere", [b"/admin/x.m3u8", b"../crossing.mp4", b"a.m3u8?x=1"])
def test_and_nothing_that_they_name_elsewhere(ours: Origin, elsewhere: bytes) -> None:
    publish_with(ours, elsewhere)
    assert Content.objects.get().probe_error_code == "blocked_address"
    assert [request.path for request in ours.log] == ["/sample/crossing/master.m3u8"]


def test_the_probe_of_what_looks_like_it_does_not(ours: Origin) -> None:
    Content.objects.create(source_url=catalogue.address(ONE_FILE), url_key="pasted")
    assert prober.probe_one()
    assert Content.objects.get().probe_error_code == "blocked_address"
    assert ours.log == []


def publish_with(ours: Origin, variant: bytes) -> None:
    answer = respond(MASTER % variant, Content_Type=HLS)
    ours.answers["/sample/crossing/master.m3u8"] = answer
    catalogue.publish(QUALITIES)
    assert prober.probe_one()
