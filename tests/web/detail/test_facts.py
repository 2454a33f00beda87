from __future__ import annotations

import pytest
from django.test import Client

from downloads.engine.core.media import Quality
from downloads.models import Download, Rendition
from downloads.schemas import DownloadPayload, QualityPayload
from downloads.web.download.facts import codec_name, facts_of
from tests.api.arrange import make_completed
from tests.support.ledger import again


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("avc1.64001f", "H.264"),
        ("mp4a.40.2", "AAC"),
        ("vp09.00.10.08", "VP9"),
        ("none", ""),
        (None, ""),
        ("prores", "prores"),
    ],
)
def test_codecs_have_names(codec: str | None, name: str) -> None:
    assert codec_name(codec) == name


def test_what_is_known_is_told(as_alice: Client, download: Download) -> None:
    make_completed(download)
    Rendition.objects.update(resolved_quality="720p", sha256="ab" * 32, attempts=2)
    offer = QualityPayload(
        quality=Quality.P720,
        width=1280,
        height=720,
        fps=29.97,
        ext="mp4",
        video_codec="avc1.64001f",
        audio_codec="mp4a.40.2",
    )

    facts = facts_of(DownloadPayload.of(again(download)), [offer])

    told = {fact.name: fact.value for fact in facts}
    assert told["Format"] == "1280 x 720, 29.97 fps, H.264, AAC"
    assert told["Quality"] == "720p (requested: best)"
    assert told["Size"] == "10 bytes"
    assert told["Attempts"] == "2"
    assert told["SHA-256"] == "ab" * 32
    assert {"Requested", "Started", "Completed"} <= set(told)
