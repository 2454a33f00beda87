"""The headers of a file, whatever its name and type: one safe line each."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.utils.http import http_date

from downloads.engine.core.errors import StorageUnavailable
from downloads.models import Rendition
from downloads.storage.media_types import media_type
from tests.delivery.files import BYTES, completed, fetch_file

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def test_a_page_s_policy_does_not_replace_the_sandbox() -> None:
    answer = fetch_file(completed())
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "private"


@pytest.mark.parametrize(
    "ext", ["html", "HTML", "svg", "xml", "xhtml", "js", "mjs", "mht", "swf", "x"]
)
def test_what_a_browser_could_run_is_saved_as_bytes(ext: str) -> None:
    body = b"<script>alert(1)</script>"
    download = completed(body, name=f"page.{ext}")
    Rendition.objects.update(mime_type="text/html", ext=ext)
    answer = fetch_file(download, query="?inline=1")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.body == body


def test_media_is_saved_unless_it_is_to_be_played() -> None:
    download = completed()
    assert (
        fetch_file(download).headers["Content-Disposition"] == 'attachment; filename="A film.mp4"'
    )
    played = fetch_file(download, query="?inline=1").headers
    assert played["Content-Disposition"] == 'inline; filename="A film.mp4"'
    assert played["Content-Type"] == "video/mp4"


def test_a_document_is_never_shown_in_place() -> None:
    answer = fetch_file(completed(name="a.pdf"), query="?inline=1")
    assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("name", "disposition"),
    [
        ('a "quoted" name.mp4', "quoted"),
        ("a\r\nSet-Cookie: x=1.mp4", 'filename="a Set-Cookie x=1.mp4"'),
        ("\u00e9t\u00e9.mp4", "filename*=utf-8''%C3%A9t%C3%A9.mp4"),
        ("\u6620\u753b.mp4", "filename*=utf-8''%E6%98%A0%E7%94%BB.mp4"),
        ("back\\slash.mp4", 'filename="back slash.mp4"'),
        ("; filename=evil.exe;.mp4", 'filename="; filename=evil.exe;.mp4"'),
    ],
)
def test_a_hostile_name_stays_one_header_line(name: str, disposition: str, media: Path) -> None:
    download = completed(b"")
    Rendition.objects.update(storage_name=name)
    (media / name).touch()
    value = fetch_file(download).headers["Content-Disposition"]
    assert disposition in value
    assert value.isascii()
    assert "\r" not in value
    assert "\n" not in value


def test_the_hash_is_the_strong_tag() -> None:
    download = completed()
    etag = f'"{hashlib.sha256(BYTES).hexdigest()}"'
    assert fetch_file(download).headers["ETag"] == etag
    assert fetch_file(download, If_None_Match=etag).status == 304
    assert fetch_file(download, If_None_Match=f'"x", {etag}').status == 304
    assert fetch_file(download, If_None_Match="*").status == 304
    assert fetch_file(download, If_None_Match='"x"').status == 200
    assert fetch_file(download, If_Match='"x"').status == 412


def test_without_a_hash_there_is_the_date() -> None:
    download = completed(sha256=False)
    date = http_date(download.rendition.stored_at.timestamp())
    answer = fetch_file(download)
    assert "ETag" not in answer.headers
    assert answer.headers["Last-Modified"] == date
    assert fetch_file(download, If_Modified_Since=date).status == 304
    assert fetch_file(download, Range="bytes=0-0", If_Range=date).status == 206


def test_head_is_the_get_without_its_body() -> None:
    download = completed()
    get, head = (fetch_file(download, how, X_Request_ID="same") for how in ("GET", "HEAD"))
    assert dict(get.headers) == dict(head.headers)
    assert head.body == b""


def test_an_empty_file() -> None:
    download = completed(b"")
    for answer in (fetch_file(download), fetch_file(download, Range="bytes=0-")):
        assert (answer.status, answer.body) == (200, b"")
        assert answer.headers["Content-Length"] == "0"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_missing_file_is_the_storage_s_fault(method: str, media: Path) -> None:
    download = completed()
    (media / download.rendition.storage_name).unlink()
    with pytest.raises(StorageUnavailable):
        fetch_file(download, method)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_of_another_size_is_not_promised(method: str, media: Path) -> None:
    download = completed()
    (media / download.rendition.storage_name).write_bytes(b"short")
    with pytest.raises(StorageUnavailable):
        fetch_file(download, method)


def test_types_are_ours() -> None:
    assert media_type("mp4") == "video/mp4"
    assert media_type("MP3") == "audio/mpeg"
    assert media_type("") == media_type("html") == "application/octet-stream"
