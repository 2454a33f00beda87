"""A source can claim any size: what is beyond the limit is refused, or not believed, and never
gets where it would be summed up."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import (
    Format,
    Source,
    Stream,
    StreamKind,
    Validators,
)
from downloads.engine.core.progress import Progress
from downloads.engine.resolver import registry
from downloads.engine.resolver.base import UrlProbe
from downloads.jobs import runner
from downloads.jobs.admission import storage_used
from downloads.jobs.progress_report import ProgressReporter
from downloads.models import Download, Rendition
from tests.support.content import MIB, content
from tests.support.ledger import again, ask, claim_by, person, worker
from tests.support.origin import Origin
from tests.support.streaming.media import Media
from tests.support.streaming.origin import StreamingOrigin

pytestmark = pytest.mark.django_db(transaction=True)

ABSURD = 2**63 - 1


def run() -> None:
    runner.run(claim_by(worker()), StopToken())


def test_a_claimed_size_is_refused_before_it_is_written_down(origin: Origin) -> None:
    alice = person("alice")
    asked = []
    for name in ("a", "b"):
        origin.serve(f"/{name}.mp4", content(MIB), length=ABSURD, ranges=False)
        asked.append(ask(alice, origin.url(f"/{name}.mp4")))
        run()
    for download in asked:
        now = again(download)
        assert (now.status, now.error_code) == ("failed", "too_large")
        assert now.rendition.bytes_total is None
    assert storage_used(Download.objects.of(alice)) == 0
    browser = Client()
    browser.force_login(alice)
    assert [browser.get(page).status_code for page in ("/", "/accounts/")] == [200] * 2


class Site:
    """The resolver of a site that offers these formats, whatever the link."""

    def __init__(self, *formats: Format) -> None:
        self._source = Source("site:host:1", "A film", formats)

    def claims(self, url_probe: UrlProbe) -> bool:
        return True

    def resolve(self, url_probe: UrlProbe) -> Source:
        return self._source


def claimed(kind: StreamKind, size: int) -> Format:
    stream = Stream("http://127.0.0.1:9/x", kind=kind, validators=Validators(size=size))
    return Format(kind, stream, "mp4")


def test_two_streams_are_too_large_together(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.FETCH_MAX_BYTES = 1000
    film = Site(claimed(StreamKind.VIDEO, 600), claimed(StreamKind.AUDIO, 600))
    monkeypatch.setattr(registry, "RESOLVERS", (film,))
    download = ask(person("alice"), "http://127.0.0.1:9/film")
    run()
    assert again(download).error_code == "too_large"


def test_a_guess_beyond_the_limit_is_none(
    media: Media, films: StreamingOrigin, settings: Any
) -> None:
    """Believed, it would be charged to a quota that the film itself is far within."""
    url = films.url(media.hls_master())
    lines = films.file(urlsplit(url).path)
    lines.data = re.sub(rb"BANDWIDTH=\d+", b"BANDWIDTH=50000000", lines.data)
    settings.FETCH_MAX_BYTES = 5 * MIB
    download = ask(person("alice", storage_quota=5 * MIB), url)
    run()
    now = again(download)
    assert now.status == "completed", (now.error_code, now.rendition.error_detail)
    assert len(now.content.qualities) > 1
    assert {each["size"] for each in now.content.qualities} == {None}


def test_no_report_is_beyond_what_can_be_summed_up(origin: Origin) -> None:
    download = ask(person("alice"), origin.url("/a.mp4"))
    telling = ProgressReporter(claim_by(worker()))
    telling(Progress(0, 10**30, 1.0, percent=0.0))
    assert Rendition.objects.get(pk=download.rendition_id).bytes_total == 2**53
