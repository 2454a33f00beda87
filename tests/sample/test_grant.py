"""A sample opens its own URL to its own jobs; nothing else opens anything."""

from __future__ import annotations

from typing import Any

import pytest

from downloads import outbound, prober
from downloads.exceptions import BlockedAddress
from downloads.models import Content
from downloads.sample import catalogue
from tests.egress.raw_origin import RawOrigin, respond

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("home")]


@pytest.fixture
def ours(settings: Any) -> Any:
    """What listens on Ferry's own port."""
    with RawOrigin() as origin:
        settings.HOST, settings.PORT = "127.0.0.1", origin.port
        settings.FETCH_ALLOWED_NETWORKS = "127.0.0.0/8"
        origin.answers["/sample/crossing.mp4"] = respond(b"clip", Content_Type="video/mp4")
        yield origin


def test_only_a_sample_has_one() -> None:
    assert Content(source_url="https://a.example/b.mp4").grants == frozenset()
    sample = Content(source_url="http://127.0.0.1:8000/sample/crossing.mp4", is_sample=True)
    assert sample.grants == {sample.source_url}


def test_nothing_is_granted_unasked(ours: RawOrigin) -> None:
    with outbound.client() as client, pytest.raises(BlockedAddress):
        client.get(catalogue.address())
    assert ours.requests == []


def test_the_probe_reaches_the_sample(ours: RawOrigin) -> None:
    catalogue.publish()
    assert prober.probe_one()
    sample = Content.objects.get()
    assert (sample.probe_status, sample.title) == ("ready", catalogue.TITLE)
    assert sample.qualities[0]["size"] == 4


def test_the_probe_of_what_looks_like_it_does_not(ours: RawOrigin) -> None:
    Content.objects.create(source_url=catalogue.address(), url_key="pasted")
    assert prober.probe_one()
    assert Content.objects.get().probe_error_code == "blocked_address"
    assert ours.requests == []
