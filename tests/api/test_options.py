"""POST downloads/ with options: kept in one form, shown, part of what makes two downloads one."""

from __future__ import annotations

from typing import Any

import pytest

from downloads.models import Download
from tests.api.arrange import DOWNLOADS, first_error
from tests.support.ledger import url

NONE = {"container": None, "audio": None, "subtitles": [], "language": None}


def test_none_requested(as_alice: Any) -> None:
    for body in ({}, {"options": None}, {"options": {}}, {"options": NONE}):
        answer = as_alice.post(DOWNLOADS, {"url": "https://media.example/a.mp4", **body})
        assert answer.status_code in (200, 201)
        assert answer.json()["options"] == NONE
    assert Download.objects.get().options == ""


def test_shown_and_kept(as_alice: Any) -> None:
    fields = {"container": "mkv", "subtitles": ["en", "pt-BR", "en"], "language": "de"}
    body = as_alice.post(DOWNLOADS, {"url": url(), "options": fields}).json()
    assert body["options"] == {**NONE, **fields, "subtitles": ["en", "pt-BR"]}
    download = Download.objects.get()
    assert download.options == "container=mkv;subtitles=en,pt-BR;language=de"
    assert download.rendition.options == download.options
    assert as_alice.get(f"{DOWNLOADS}{download.pk}/").json()["options"] == body["options"]


def test_another_wish_is_another_download(as_alice: Any) -> None:
    at = url()
    first = as_alice.post(DOWNLOADS, {"url": at, "quality": "audio"})
    mp3 = {"url": at, "quality": "audio", "options": {"audio": "mp3"}}
    second, third = as_alice.post(DOWNLOADS, mp3), as_alice.post(DOWNLOADS, mp3)
    assert (first.status_code, second.status_code, third.status_code) == (201, 201, 200)
    assert second.json()["id"] == third.json()["id"]


@pytest.mark.parametrize(
    ("options", "attr", "code"),
    [
        ("mp3", "options", "invalid"),
        ({"container": "avi"}, "options.container", "invalid_choice"),
        ({"audio": "flac"}, "options.audio", "invalid_choice"),
        ({"subtitles": "en"}, "options.subtitles", "invalid"),
        ({"subtitles": ["en"] * 11}, "options.subtitles", "max_length"),
        ({"subtitles": ["en", "x;y"]}, "options.subtitles.1", "invalid"),
        ({"language": "english language"}, "options.language", "invalid"),
        ({"subtitle": ["en"]}, "options.subtitle", "unknown_field"),
    ],
)
def test_what_is_refused(as_alice: Any, options: Any, attr: str, code: str) -> None:
    response = as_alice.post(DOWNLOADS, {"url": url(), "options": options})
    error = first_error(response)
    assert (response.status_code, error["attr"], error["code"]) == (400, attr, code)
    assert not Download.objects.exists()


def test_the_known_ones_are_told(as_alice: Any) -> None:
    response = as_alice.post(DOWNLOADS, {"url": url(), "options": {"subs": []}})
    assert first_error(response)["detail"] == (
        "There is no such field. Known here: container, audio, subtitles, language."
    )
