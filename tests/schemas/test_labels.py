"""The words that come with a payload: the same for the pages, the element and other clients."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from downloads.engine.core.progress import Phase
from downloads.models import Content, Download, Rendition
from downloads.schemas import ContentPayload, DownloadPayload, QualityPayload
from downloads.schemas.labels import GONE, PROBING, DownloadLabels
from tests.api.arrange import STATES, bring_to, make_completed, make_running
from tests.support.ledger import again, ask
from tests.support.people import alice

__all__ = ["alice"]

pytestmark = pytest.mark.django_db


def labels_of(download: Download) -> DownloadLabels:
    return DownloadPayload.of(again(download)).labels


@pytest.mark.parametrize("state", STATES)
def test_every_status_has_its_word(alice: Any, state: str) -> None:
    download = ask(alice)
    bring_to(download, state)
    assert labels_of(download).status[0].isupper()


@pytest.mark.parametrize("phase", Phase)
def test_what_runs_says_its_phase_and_how_far_it_is(alice: Any, phase: Phase) -> None:
    download = ask(alice)
    make_running(download)
    moving = {
        "bytes_done": 1_550_000_000,
        "bytes_total": 5_910_000_000,
        "speed": 12e6,
        "eta": 352.0,
    }
    Rendition.objects.update(phase=phase, **moving)
    Content.objects.update(duration=205)
    labels = labels_of(download)
    assert labels.status not in ("", "Starting")
    assert (labels.amount, labels.speed) == ("1.55 of 5.91 GB", "12 MB/s")
    assert (labels.eta, labels.duration, labels.place) == ("6 min left", "3:25", "")


def test_what_waits_says_its_place_and_why(alice: Any) -> None:
    first, second = ask(alice), ask(alice)
    Rendition.objects.filter(pk=second.rendition_id).update(error="It broke.", error_code="network")
    assert (labels_of(first).place, labels_of(first).note) == ("1st in line", "")
    assert labels_of(second).place == "2nd in line"
    assert labels_of(second).note == "It broke. Retrying automatically."


@pytest.mark.parametrize(
    ("error", "note"),
    [
        ("The site stopped sending. Retry later.", "The site stopped sending."),
        ("It is busy. Wait until 14:05, then retry.", "It is busy."),
        ("Check the link, or retry later.", "Check the link."),
        ("The disk is full. Delete downloads, then retry.", "The disk is full. Delete downloads."),
        ("It broke. Retry later or tell an administrator.", "It broke."),
    ],
)
def test_what_is_retried_does_not_advise_to_retry(alice: Any, error: str, note: str) -> None:
    download = ask(alice)
    rows = Rendition.objects.filter(pk=download.rendition_id)
    rows.update(error=error, error_code="network", next_attempt_at=Now() + timedelta(minutes=5))
    assert labels_of(download).note == f"{note} Retrying automatically in 5 min."


def test_what_is_there_says_its_size_and_until_when(alice: Any) -> None:
    download = ask(alice)
    make_completed(download)
    Download.objects.update(expires_at=Now() + timedelta(days=3, minutes=1))
    Rendition.objects.update(note="It lacks subtitles.")
    labels = labels_of(download)
    assert (labels.amount, labels.expires) == ("10 bytes", "Expires in 3 days")
    assert (labels.speed, labels.eta, labels.note) == ("", "", "It lacks subtitles.")
    Download.objects.update(expires_at=Now() - timedelta(minutes=1))
    assert labels_of(download).note == GONE


def test_content_says_that_it_is_being_probed() -> None:
    content = Content.objects.create(source_url="https://media.example/a.mp4", url_key="a")
    assert ContentPayload.of(content).labels.status == PROBING
    content.probe_status, content.duration = "ready", 3727.0
    labels = ContentPayload.of(content).labels
    assert (labels.status, labels.duration) == ("", "1:02:07")


@pytest.mark.parametrize(
    ("facts", "size", "codec"),
    [
        (
            {"size": 48_000_000, "video_codec": "avc1.640028", "audio_codec": "mp4a"},
            "48 MB",
            "H.264",
        ),
        ({"size": 5, "size_is_estimate": True, "audio_codec": "opus"}, "about 5 bytes", "Opus"),
        ({"video_codec": "theora.1"}, "", "theora"),
        ({}, "", ""),
    ],
)
def test_a_quality_says_its_size_and_codec(facts: dict[str, Any], size: str, codec: str) -> None:
    quality = QualityPayload.model_validate({"quality": "720p", "ext": "mp4", **facts})
    assert (quality.size_label, quality.codec_label) == (size, codec)
