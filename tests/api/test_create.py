"""POST downloads/: by url or by contentId; what is refused, and how."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from downloads.models import Content, Download
from downloads.schemas import DownloadPayload
from tests.api.arrange import DOWNLOADS, UNKNOWN_ID, bring_to, code, first_error
from tests.services.playlists.arrange import pasted
from tests.support.ledger import again, ask, url


def test_by_url(as_alice: Any, alice: Any) -> None:
    at = url()
    response = as_alice.post(DOWNLOADS, {"url": at})
    assert response.status_code == 201
    download = Download.objects.get(user=alice)
    assert response.json() == DownloadPayload.of(again(download)).wire()
    assert response["Location"] == f"{DOWNLOADS}{download.pk}/"
    body = response.json()
    assert (body["sourceUrl"], body["quality"], body["status"]) == (at, "auto", "queued")
    assert (body["expiresAt"], body["fileUrl"]) == (None, None)


def test_by_content_id_of_the_catalogue(as_alice: Any) -> None:
    content = Content.objects.create(source_url=url(), url_key="a", in_catalogue=True)
    response = as_alice.post(DOWNLOADS, {"contentId": str(content.pk), "quality": "720p"})
    assert response.status_code == 201
    assert response.json()["contentId"] == str(content.pk)
    assert response.json()["quality"] == "720p"


def test_a_playlist_is_chosen_from(as_alice: Any, alice: Any) -> None:
    playlist = pasted(alice, 2)
    for body in ({"contentId": str(playlist.pk)}, {"url": playlist.source_url}):
        response = as_alice.post(DOWNLOADS, body)
        error = first_error(response)
        assert (response.status_code, error["code"]) == (400, "unsupported_url")
        assert error["attr"] == next(iter(body))
        assert "choose" in error["detail"]
    assert not Download.objects.exists()


def test_another_users_content_is_not_there(as_bob: Any, download: Download) -> None:
    response = as_bob.post(DOWNLOADS, {"contentId": str(download.content_id)})
    assert code(response) == (404, "not_found")
    assert first_error(response)["attr"] == "contentId"
    assert Download.objects.count() == 1


@pytest.mark.parametrize("state", ["queued", "running", "paused", "completed"])
def test_a_live_one_stands(as_alice: Any, download: Download, state: str) -> None:
    bring_to(download, state)
    response = as_alice.post(DOWNLOADS, {"url": download.content.source_url})
    assert response.status_code == 200
    assert response.json()["id"] == str(download.pk)


@pytest.mark.parametrize("state", ["failed", "cancelled", "expired"])
def test_a_dead_one_does_not(as_alice: Any, download: Download, state: str) -> None:
    bring_to(download, state)
    response = as_alice.post(DOWNLOADS, {"url": download.content.source_url})
    assert response.status_code == 201
    assert response.json()["id"] != str(download.pk)


def test_two_users_share_no_download(as_bob: Any, download: Download) -> None:
    response = as_bob.post(DOWNLOADS, {"url": download.content.source_url})
    assert response.status_code == 201
    assert Download.objects.count() == 2


def test_expires_in_days(as_alice: Any) -> None:
    body = as_alice.post(DOWNLOADS, {"url": url(), "expiresInDays": 7}).json()
    expires_at = parse_datetime(body["expiresAt"])
    assert expires_at is not None
    assert abs(expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=5)


def test_over_quota(as_alice: Any, alice: Any, download: Download) -> None:
    bring_to(download, "completed")
    alice.storage_quota = 10
    alice.save()
    assert code(as_alice.post(DOWNLOADS, {"url": url()})) == (409, "quota_exceeded")


OK = {"url": "https://media.example/x.mp4"}
BAD: list[tuple[Any, str | None, str]] = [
    ({}, None, "required"),
    ({"url": None}, None, "required"),
    ({**OK, "contentId": UNKNOWN_ID}, None, "invalid"),
    ([OK], None, "invalid"),
    ("text", None, "invalid"),
    (5, None, "invalid"),
    ({"url": "not a url"}, "url", "unsupported_url"),
    ({"url": ""}, "url", "unsupported_url"),
    ({"url": "ftp://media.example/x"}, "url", "unsupported_url"),
    ({"url": "https://media.example/" + "x" * 65_536}, "url", "unsupported_url"),
    ({"url": 5}, "url", "invalid"),
    ({"url": ["https://media.example/x"]}, "url", "invalid"),
    ({"url": "https://media.example/\0"}, "url", "null_characters_not_allowed"),
    ({"contentId": "x"}, "contentId", "invalid"),
    ({"contentId": 5}, "contentId", "invalid"),
    ({**OK, "quality": "4k"}, "quality", "invalid_choice"),
    ({**OK, "quality": None}, "quality", "invalid_choice"),
    ({**OK, "quality": {}}, "quality", "invalid_choice"),
    ({**OK, "expiresInDays": 0}, "expiresInDays", "min_value"),
    ({**OK, "expiresInDays": 3651}, "expiresInDays", "max_value"),
    ({**OK, "expiresInDays": 10**30}, "expiresInDays", "max_value"),
    ({**OK, "expiresInDays": "7"}, "expiresInDays", "invalid"),
    ({**OK, "expiresInDays": 1.5}, "expiresInDays", "invalid"),
    ({**OK, "expiresInDays": True}, "expiresInDays", "invalid"),
    ({**OK, "expires_in_days": 7}, "expires_in_days", "unknown_field"),
    ({**OK, "a\0b": 7}, "a\0b", "unknown_field"),
]


@pytest.mark.parametrize(("body", "attr", "wanted"), BAD, ids=lambda value: str(value)[:40])
def test_bad_input(as_alice: Any, body: Any, attr: str | None, wanted: str) -> None:
    response = as_alice.post(DOWNLOADS, body, format="json")
    error = first_error(response)
    assert (response.status_code, error["attr"], error["code"]) == (400, attr, wanted)
    assert not error["detail"].endswith("..")
    assert Download.objects.count() == 0


def test_an_unknown_quality_is_told_the_known_ones(as_alice: Any) -> None:
    detail = first_error(as_alice.post(DOWNLOADS, {**OK, "quality": "4k"}))["detail"]
    assert detail == "Choose one of: auto, 2160p, 1440p, 1080p, 720p, 480p, 360p, audio."


def test_every_mistake_is_told_at_once(as_alice: Any) -> None:
    response = as_alice.post(DOWNLOADS, {**OK, "quality": "4k", "expiresInDays": 0})
    assert {error["attr"] for error in response.json()["errors"]} == {"quality", "expiresInDays"}


def test_an_unknown_content(as_alice: Any) -> None:
    assert code(as_alice.post(DOWNLOADS, {"contentId": str(uuid.uuid4())})) == (404, "not_found")


def test_a_title_of_their_own_is_kept(as_alice: Any, alice: Any) -> None:
    at = url()
    as_alice.post("/api/v1/content/", {"url": at, "title": "Holidays"})
    assert as_alice.post(DOWNLOADS, {"url": at}).json()["title"] == "Holidays"
    assert ask(alice, at).title == "Holidays"
