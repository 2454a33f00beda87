"""A source can claim any size: what is beyond the limit is refused, or not believed, and never
gets where it would be summed up."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import (
    Format,
    Protocol,
    Quality,
    Selection,
    Source,
    Stream,
    Validators,
)
from downloads.engine.core.progress import Progress
from downloads.engine.resolver import registry
from downloads.engine.resolver.base import Resolution
from downloads.jobs import runner
from downloads.jobs.admission import storage_used
from downloads.jobs.progress_report import ProgressReporter
from downloads.jobs.resolve import learn
from downloads.models import Content, Download, Rendition
from tests.support.content import MIB, content
from tests.support.ledger import again, ask, claim_by, person, worker
from tests.support.origin import Origin

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


def test_two_streams_are_too_large_together(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.FETCH_MAX_BYTES = 1000
    found = resolution(600, 600)
    monkeypatch.setattr(registry, "resolve", lambda *_: found)
    download = ask(person("alice"), "http://127.0.0.1:9/film")
    run()
    assert again(download).error_code == "too_large"


def test_a_guess_beyond_the_limit_is_none(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.FETCH_ALLOWED_NETWORKS = "127.0.0.1:9"
    source = Source("hls:x", "x", (guessed(10**30), guessed(1000, "small")))
    content_ = Content.objects.create(source_url="http://127.0.0.1:9/film", url_key="x")
    learn(content_, source)
    content_.refresh_from_db()
    sizes = {each["size"] for each in content_.qualities}
    assert sizes <= {None, 1000}

    chosen = Selection((guessed(10**30),), Quality.AUTO, "mp4", "video/mp4")
    monkeypatch.setattr(registry, "resolve", lambda *_: Resolution(source, chosen))
    kept: list[int | None] = []
    monkeypatch.setattr(runner, "load_lists", lambda *_: {})
    monkeypatch.setattr(runner.admission, "admit", lambda _, size: kept.append(size))
    monkeypatch.setattr(runner, "compose_and_store", lambda *_: None)
    download = ask(person("alice"), "http://127.0.0.1:9/film")
    run()
    assert kept == [None]
    assert again(download).rendition.bytes_total is None


def test_no_report_is_beyond_what_can_be_summed_up(origin: Origin) -> None:
    download = ask(person("alice"), origin.url("/a.mp4"))
    telling = ProgressReporter(claim_by(worker()))
    telling(Progress(0, 10**30, 1.0, percent=0.0))
    assert Rendition.objects.get(pk=download.rendition_id).bytes_total == 2**53


def resolution(*sizes: int) -> Resolution:
    streams = (
        Stream(f"http://127.0.0.1:9/{size}", validators=Validators(size=size)) for size in sizes
    )
    formats = tuple(Format(str(place), each, "mp4") for place, each in enumerate(streams))
    source = Source("site:host:1", "A film", formats)
    return Resolution(source, Selection(formats, Quality.AUTO, "mp4", "video/mp4"))


def guessed(size: int, id: str = "hls") -> Format:
    return Format(
        id, Stream("http://127.0.0.1:9/a.m3u8", protocol=Protocol.HLS), "mp4", estimate=size
    )
