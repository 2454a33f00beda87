"""A swap between jobs: what runs is not disturbed; a release that fails is left again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from downloads.engine.core.errors import BadResponse
from downloads.engine.core.media import Source
from downloads.engine.egress.client import Client
from downloads.engine.egress.policy import AddressPolicy, parse_allowed_networks
from downloads.engine.egress.proxy import EgressProxy
from downloads.engine.resolver.base import UrlProbe
from downloads.engine.resolver.ytdlp.extraction import Extraction
from downloads.engine.resolver.ytdlp.releases.record import Record
from downloads.engine.resolver.ytdlp.releases.store import ReleaseStore, installed_version
from downloads.engine.resolver.ytdlp.releases.update import Updater
from downloads.engine.resolver.ytdlp.releases.watch import outcomes
from tests.engine.resolver.ytdlp.releases.wheels import WheelIndex, wheel
from tests.support.answers import page as as_page
from tests.support.origin import Origin
from tests.support.request import Answer, Request

NEWER = "2099.1.2"
PAGE = '<!DOCTYPE html><html><head><title>A</title></head><body><video src="a.mp4"></video></body>'
# Tells its version, and has a bug on one site.
PATCH = "assert '/buggy' not in url; info['uploader'] = 'yt-dlp {version}'"


class HeldOrigin(Origin):
    """Answers ``/held`` once it is released."""

    def __init__(self) -> None:
        self.asked, self.released = threading.Event(), threading.Event()
        super().__init__(handle=self._show)

    def _show(self, request: Request) -> Answer:
        if request.path == "/held":
            self.asked.set()
            assert self.released.wait(60)
        return as_page(PAGE)


@pytest.fixture
def origin() -> Iterator[HeldOrigin]:
    with HeldOrigin() as running:
        yield running
        running.released.set()


@pytest.fixture
def client(origin: Origin) -> Iterator[Client]:
    policy = AddressPolicy(allowed_networks=parse_allowed_networks(f"127.0.0.1:{origin.port}"))
    with Client(policy, user="alice") as made:
        yield made


@pytest.fixture
def extraction(proxy: EgressProxy, store: ReleaseStore) -> Iterator[Extraction]:
    with Extraction(lambda: proxy, size=1, releases=store) as made:
        yield made


def uploader(extraction: Extraction, client: Client, url: str) -> str:
    found = extraction.extract(UrlProbe(url, client), generic=True)
    assert isinstance(found, Source)
    return found.uploader


def test_a_swap_and_a_roll_back(
    extraction: Extraction,
    store: ReleaseStore,
    untested: Updater,
    index: WheelIndex,
    origin: HeldOrigin,
    client: Client,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One life of a release, for starting a child takes its time."""
    index.only(NEWER, wheel("yt-dlp", NEWER, patch=PATCH, whole=True))
    release = untested.update()
    store.change(lambda _: Record())  # the swap itself comes below
    assert uploader(extraction, client, origin.url("/buggy")) == ""  # the installed one reads it
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(uploader, extraction, client, origin.url("/held"))
        assert origin.asked.wait(30)
        store.change(lambda record: record.taking(release, time.time()))
        extraction.follow()
        assert not held.done()
        origin.released.set()
        assert held.result(60) == "", "read to its end by the release that began it"
    assert uploader(extraction, client, origin.url("/a")) == f"yt-dlp {NEWER}"

    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            assert store.version == NEWER
            with pytest.raises(BadResponse):
                uploader(extraction, client, origin.url("/buggy"))
    assert store.version == installed_version()
    reason = "Rolled back: 127.0.0.1 failed 5 of 6 times, and worked before."
    assert [each.reason for each in ReleaseStore(store.folder).record.refused] == [reason]
    assert f"ytdlp rolled back from={NEWER} to={installed_version()}" in caplog.text
    assert outcomes(store).of(NEWER)["127.0.0.1"].broken == 5
    assert uploader(extraction, client, origin.url("/buggy")) == ""
    untested.check(nightly=False)
    assert store.version == installed_version(), "the schedule does not take it again"
