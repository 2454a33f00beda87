"""The sample, published as any good source does: type, size, Range, strong ETag, to everyone."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest
from django.test import AsyncClient, Client

from downloads.sample.ladder import LADDER
from tests.sample.conftest import PICTURE, PIECE, VIDEO

CLIP = "/sample/crossing.mp4"
ETAG = f'"{hashlib.sha256(VIDEO).hexdigest()}"'

pytestmark = pytest.mark.usefixtures("home")


def fetch(**headers: str) -> tuple[int, bytes, dict[str, str]]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return asyncio.run(_fetch(named))


async def _fetch(headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
    answer = await AsyncClient().get(CLIP, headers=headers)
    blocks = [block async for block in answer] if answer.streaming else [answer.content]
    return answer.status_code, b"".join(blocks), dict(answer.headers)


def test_the_whole() -> None:
    status, body, headers = fetch()
    assert (status, body) == (200, VIDEO)
    assert headers["Content-Type"] == "video/mp4"
    assert headers["Content-Length"] == str(len(VIDEO))
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["ETag"] == ETAG
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_part() -> None:
    status, body, headers = fetch(Range="bytes=100-199", If_Range=ETAG)
    assert (status, body) == (206, VIDEO[100:200])
    assert headers["Content-Range"] == f"bytes 100-199/{len(VIDEO)}"


def test_another_version_is_sent_whole() -> None:
    status, body, _ = fetch(Range="bytes=100-199", If_Range='"another"')
    assert (status, body) == (200, VIDEO)


def test_no_such_part() -> None:
    status, _, headers = fetch(Range=f"bytes={len(VIDEO)}-")
    assert status == 416
    assert headers["Content-Range"] == f"bytes */{len(VIDEO)}"


def test_nothing_new() -> None:
    status, body, headers = fetch(If_None_Match=ETAG)
    assert (status, body, headers["ETag"]) == (304, b"", ETAG)


def test_head() -> None:
    answer = Client().head(CLIP)
    assert (answer.status_code, answer["Content-Length"]) == (200, str(len(VIDEO)))


def test_the_picture() -> None:
    answer = Client().head("/sample/crossing.jpg")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Length"] == str(len(PICTURE))


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("master.m3u8", "application/vnd.apple.mpegurl"),
        ("720p.m3u8", "application/vnd.apple.mpegurl"),
        ("720p-init.mp4", "video/mp4"),
        ("720p-3.m4s", "video/iso.segment"),
        ("audio-0.m4s", "video/iso.segment"),
    ],
)
def test_the_ladder(name: str, media_type: str) -> None:
    answer = Client().get(f"/sample/crossing/{name}", headers={"Range": "bytes=1-9"})
    assert (answer.status_code, answer["Content-Type"]) == (206, media_type)
    assert answer["Content-Range"] == f"bytes 1-9/{len(PIECE)}"


def test_all_of_it_is_there() -> None:
    for name in LADDER.files:
        assert Client().head(f"/sample/crossing/{name}").status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        ".lock",
        "other.mp4",
        "..%2f..%2fsecret_key",
        "%2e%2e",
        "crossing.mp4%00",
        ".",
        "crossing",
        "crossing/",
        "crossing/crossing.mp4",
        "master.m3u8",
        "crossing/720p-4.m4s",
        "crossing/../crossing.mp4",
        "crossing/..%2f.lock",
        "crossing//master.m3u8",
        "/etc/passwd",
    ],
)
def test_nothing_else(name: str, home: Path) -> None:
    (home / ".lock").touch()
    assert Client().get(f"/sample/{name}").status_code == 404


@pytest.mark.parametrize("name", ["crossing.mp4", "crossing.jpg", "crossing/master.m3u8"])
def test_nothing_where_the_sample_was_never_wanted(name: str, home: Path) -> None:
    """``up --no-sample`` from the first start on."""
    away = home.rename(home.with_name("sample-away"))
    try:
        assert Client().get(f"/sample/{name}").status_code == 404
    finally:
        away.rename(home)


def test_no_write_is_allowed() -> None:
    assert Client().post(CLIP).status_code == 405
