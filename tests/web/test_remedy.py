"""A failure comes with what mends it."""

from __future__ import annotations

import pytest
from django.test import Client

from downloads.engine.core.media import Quality
from downloads.models import Content, Download
from downloads.web.cards.download import lower_quality
from tests.api.arrange import bring_to
from tests.web.reading import buttons, cards, read

LADDER = [Quality.P2160, Quality.P1080, Quality.P720, Quality.AUDIO]


@pytest.mark.parametrize(
    ("wanted", "lower"),
    [
        (Quality.AUTO, Quality.P1080),
        (Quality.P2160, Quality.P1080),
        (Quality.P1440, Quality.P1080),
        (Quality.P720, None),
        (Quality.AUDIO, None),
    ],
)
def test_the_next_lower_quality(wanted: Quality, lower: Quality | None) -> None:
    assert lower_quality(LADDER, wanted) == lower


def test_nothing_is_lower_than_the_only_one() -> None:
    assert lower_quality([Quality.P720], Quality.AUTO) is None
    assert lower_quality([], Quality.P720) is None


def test_too_large_is_mended_by_a_lower_quality(as_alice: Client, download: Download) -> None:
    offered = [{"quality": one, "ext": "mp4"} for one in ("1080p", "720p")]
    Content.objects.update(qualities=offered)
    bring_to(download, "failed")
    Download.objects.update(error_code="too_large")

    (card,) = cards(read(as_alice.get("/?tab=failed")))
    assert buttons(card) == ["Try 720p", "Retry", "Delete"]
    as_alice.post("/downloads/", {"content": str(download.content_id), "quality": "720p"})

    assert Download.objects.filter(quality="720p").count() == 1


@pytest.mark.parametrize(
    ("code", "label", "leads_to"),
    [("unavailable", "Edit link", "/?url=https"), ("disk_full", "Make room", "/?tab=")],
)
def test_the_way_out(
    as_alice: Client, download: Download, code: str, label: str, leads_to: str
) -> None:
    bring_to(download, "failed")
    Download.objects.update(error_code=code)

    (card,) = cards(read(as_alice.get("/?tab=failed")))

    link = card.one("a", class_="button")
    assert link.words == label
    assert str(link.attributes["href"]).startswith(leads_to)


def test_a_network_failure_is_mended_by_asking_again(as_alice: Client, download: Download) -> None:
    bring_to(download, "failed")
    Download.objects.update(error_code="network")

    (card,) = cards(read(as_alice.get("/?tab=failed")))

    assert not card.all("a", class_="button")
    assert buttons(card) == ["Retry", "Delete"]
