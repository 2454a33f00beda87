"""GET and HEAD downloads/{id}/file/, and the link to it."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from downloads.models import Download, Rendition
from tests.api.arrange import STATES, address, bring_to, code, first_error, make_completed

BYTES = b"0123456789"


def body(response: Any) -> bytes:
    if not response.streaming:
        return response.content

    async def received() -> bytes:
        return b"".join([block async for block in response.streaming_content])

    return asyncio.run(received())


@pytest.fixture
def done(download: Download) -> Download:
    make_completed(download, BYTES)
    return download


@pytest.mark.parametrize("ext", ["mp4", "MP3", "ts", "flac", "vtt", "html", "exe", ""])
def test_it_has_the_type_that_the_download_tells(as_alice: Any, done: Download, ext: str) -> None:
    storage, was = storages["media"], Rendition.objects.get().storage_name
    name = f"a film.{ext}" if ext else "a film"
    Path(storage.path(was)).rename(storage.path(name))
    Rendition.objects.update(storage_name=name, mime_type="video/x-of-the-source")
    told = as_alice.get(address(done)).json()["mimeType"]
    assert as_alice.get(address(done, "file"))["Content-Type"] == told


@pytest.mark.django_db(transaction=True)
def test_the_bytes(as_alice: Any, done: Download) -> None:
    response = as_alice.get(address(done, "file"))
    assert (response.status_code, body(response)) == (200, BYTES)
    assert response["Content-Disposition"].startswith("attachment")


@pytest.mark.django_db(transaction=True)
def test_a_range_of_them(as_alice: Any, done: Download) -> None:
    response = as_alice.get(address(done, "file"), headers={"Range": "bytes=2-4"})
    assert (response.status_code, body(response)) == (206, b"234")
    assert response["Content-Range"] == "bytes 2-4/10"


def test_head(as_alice: Any, done: Download) -> None:
    response = as_alice.head(address(done, "file"))
    assert (response.status_code, response["Content-Length"], body(response)) == (200, "10", b"")


@pytest.mark.parametrize("name", ["a.mp4", "a.MKV", "page.html", "feed.xml", "none", "a.tar.gz"])
def test_its_type_is_the_one_in_the_object(as_alice: Any, done: Download, name: str) -> None:
    stored = storages["media"]
    moved = Rendition.objects.get(pk=done.rendition_id)
    Path(stored.path(moved.storage_name)).rename(stored.path(name))
    Rendition.objects.update(storage_name=name, mime_type="video/mp4")
    told = as_alice.get(address(done)).json()["mimeType"]
    assert as_alice.head(address(done, "file"))["Content-Type"] == told


def test_inline(as_alice: Any, done: Download) -> None:
    played = as_alice.head(f"{address(done, 'file')}?inline=1")
    assert played["Content-Disposition"].startswith("inline")
    saved = as_alice.head(f"{address(done, 'file')}?inline=0")
    assert saved["Content-Disposition"].startswith("attachment")


def test_a_player_that_accepts_video_only(as_alice: Any, done: Download) -> None:
    response = as_alice.head(address(done, "file"), headers={"Accept": "video/mp4"})
    assert response.status_code == 200


@pytest.mark.parametrize("verb", ["file", "link"])
@pytest.mark.parametrize("state", sorted(set(STATES) - {"completed"}))
def test_not_ready_and_expired(as_alice: Any, download: Download, state: str, verb: str) -> None:
    bring_to(download, state)
    ask = as_alice.get if verb == "file" else as_alice.post
    wanted = (410, "expired") if state == "expired" else (409, "not_ready")
    assert code(ask(address(download, verb))) == wanted


def test_an_expired_file_is_gone_before_a_sweep(as_alice: Any, done: Download) -> None:
    Download.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert code(as_alice.get(address(done, "file"))) == (410, "expired")


def test_a_stranger_finds_nothing(as_bob: Any, as_charlie: Any, done: Download) -> None:
    for client in (as_bob, as_charlie):
        assert code(client.get(address(done, "file"))) == (404, "not_found")
        assert client.head(address(done, "file")).status_code == 404
        assert code(client.post(address(done, "link"))) == (404, "not_found")


@pytest.mark.django_db(transaction=True)
def test_a_link_works_without_login(as_alice: Any, anyone: Any, done: Download) -> None:
    answer = as_alice.post(address(done, "link"), {"expiresInSeconds": 60}).json()
    assert set(answer) == {"url", "expiresAt", "subtitles"}
    assert answer["url"].startswith("http://testserver/")
    expires_at = parse_datetime(answer["expiresAt"])
    assert expires_at is not None
    assert 0 < (expires_at - timezone.now()).total_seconds() <= 60
    response = anyone.get(answer["url"])
    assert (response.status_code, body(response)) == (200, BYTES)


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    [
        (0, "min_value"),
        (-1, "min_value"),
        (604_801, "max_value"),
        (10**30, "max_value"),
        ("60", "invalid"),
        (None, "invalid"),
    ],
)
def test_a_link_for_an_odd_time(as_alice: Any, done: Download, seconds: Any, wanted: str) -> None:
    response = as_alice.post(address(done, "link"), {"expiresInSeconds": seconds}, format="json")
    assert code(response) == (400, wanted)
    assert first_error(response)["attr"] == "expiresInSeconds"


def test_a_link_ends_with_its_file(as_alice: Any, done: Download) -> None:
    soon = timezone.now() + dt.timedelta(minutes=5)
    as_alice.patch(address(done), {"expiresAt": soon.isoformat()})
    answer = as_alice.post(address(done, "link"), {"expiresInSeconds": 86_400}).json()
    until = parse_datetime(answer["expiresAt"])
    assert until is not None
    assert soon - dt.timedelta(seconds=2) < until <= soon


def test_the_longest_link(as_alice: Any, done: Download) -> None:
    response = as_alice.post(address(done, "link"), {"expiresInSeconds": 604_800})
    assert response.status_code == 200
