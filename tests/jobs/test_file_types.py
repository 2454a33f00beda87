"""The type of a file in the storage, in the API and as it is served: one name, one type."""

from __future__ import annotations

import pytest

from downloads.delivery.responses import StoredFile
from downloads.engine.core.cancellation import StopToken
from downloads.jobs import runner
from downloads.schemas import DownloadPayload
from tests.support.answers import respond
from tests.support.ledger import again, ask, claim_by, person, worker
from tests.support.origin import Origin

pytestmark = pytest.mark.django_db(transaction=True)

MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(5000)
MKV = b"\x1aE\xdf\xa3\x93\x42\x82\x88matroska" + bytes(5000)
WEBM = b"\x1aE\xdf\xa3\x93\x42\x82\x84webm" + bytes(5000)
PAGE = b"<!doctype html><title>x</title><video src='/named'></video>"


@pytest.mark.parametrize(
    ("path", "data", "content_type", "name", "mime_type"),
    [
        ("/download", MKV, "application/octet-stream", "download", "video/x-matroska"),
        ("/v1.0", MP4, "video/mp4", "v1.0", "video/mp4"),
        ("/8f3c2d", MP4, "text/plain", "8f3c2d", "video/mp4"),
        ("/clip.gif", MP4, "image/gif", "clip", "video/mp4"),
        ("/a.tar.gz", b"\x1f\x8b\x08\x00" + bytes(99), "", "a", "application/gzip"),
        ("/a.xyz", b"unknown", "application/x-odd", "a", "application/octet-stream"),
        ("/page.html", b"<html>", "application/octet-stream", "page", "application/octet-stream"),
        ("/watch", PAGE, "text/html", "x", "video/webm"),
    ],
)
def test_one_name_and_one_type(
    origin: Origin, path: str, data: bytes, content_type: str, name: str, mime_type: str
) -> None:
    origin.answers[path] = respond(data, Content_Type=content_type)
    origin.answers["/named"] = respond(WEBM, Content_Type="application/octet-stream")
    download = ask(person("alice"), origin.url(path))
    runner.run(claim_by(worker()), StopToken())
    now = again(download)
    payload, file = DownloadPayload.of(now), StoredFile.of(now.rendition, inline=False)
    assert payload.filename is not None, now.error
    assert payload.filename.startswith(f"{name} [")
    assert payload.mime_type == file.content_type == mime_type
    assert payload.filename in file.disposition
    assert file.size in (len(data), len(WEBM))


def test_an_empty_file_is_kept_and_told(origin: Origin) -> None:
    origin.answers["/notes.txt"] = respond(b"", Content_Type="text/plain")
    download = ask(person("alice"), origin.url("/notes.txt"))
    runner.run(claim_by(worker()), StopToken())
    now = again(download)
    assert (now.status, now.rendition.size) == ("completed", 0)
    assert now.rendition.note == "The file on the site is empty."
