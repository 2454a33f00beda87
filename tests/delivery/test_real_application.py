"""The site itself, under the stock daphne command, and clients of a 2 GB file that freeze."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.files.storage import storages
from django.db import connection
from django.utils.http import http_date

from config.server.request_threads import KEPT
from downloads import services
from downloads.delivery import links
from downloads.models import Rendition
from tests.delivery.daphne_process import DaphneProcess, Served, body, read_all, until
from tests.delivery.files import completed

pytestmark = pytest.mark.django_db(transaction=True)

SIZE = 2 * 2**30


@pytest.fixture
def download() -> Any:
    download = completed(b"")
    Rendition.objects.update(size=SIZE, sha256="")
    os.truncate(_path(download), SIZE)
    return download


def site(download: Any) -> DaphneProcess:
    """In a process of its own, on the database of this test."""
    file = links.sign(download.pk, 600, filename="\u00dcber 100% \u65e5.mp4").path
    return DaphneProcess(
        Served("config.asgi:application", file, "/d/not-a-token/", b"link_invalid"),
        DJANGO_SETTINGS_MODULE="config.settings.base",
        DATABASE_URL=_database_url(),
        SECRET_KEY=settings.SECRET_KEY,
        STORAGE_PATH=str(storages["media"].location),
        LOG_LEVEL="error",
    )


def _database_url() -> str:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def _path(download: Any) -> Path:
    return Path(storages["media"].path(download.rendition.storage_name))


def test_frozen_clients_cost_neither_memory_nor_a_database_connection(download: Any) -> None:
    path = links.sign(download.pk, 600).path
    with site(download) as server, ExitStack() as frozen:
        address_space = server.seen.memory_info().vms
        for _ in range(5):
            frozen.enter_context(server.ask(path))
        server.assert_stays_small()
        # The stacks of a few threads, but no heap for each of them.
        assert server.seen.memory_info().vms - address_space < 200 * 2**20
        # A socket and the file for each, nothing else, once the threads of what was quick are idle.
        until(lambda: server.open_files() == 2 * 5)
        until(lambda: server.database_connections() <= KEPT)


def test_answers_without_a_body_have_none(download: Any) -> None:
    path = links.sign(download.pk, 600).path
    since = f"If-Modified-Since: {http_date()}"
    with site(download) as server:
        for method, header, status in (("HEAD", "X-None: 0", 200), ("GET", since, 304)):
            with server.ask(path, header, "Connection: close", method=method) as client:
                head, _, rest = read_all(client).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 %d " % status)
            assert f"\r\ncontent-length: {SIZE}" in head.decode().lower()
            assert rest == b""


def test_what_was_begun_is_finished_after_the_download_is_deleted(download: Any) -> None:
    start = SIZE - 20 * 2**20
    path = links.sign(download.pk, 600).path
    with site(download) as server:
        with server.ask(path, f"Range: bytes={start}-", "Connection: close") as client:
            begun = client.recv(2**16)
            services.delete(download.user, download.pk)
            assert not _path(download).exists()
            assert len(body(begun + read_all(client))) == SIZE - start
        with server.ask(path, "Connection: close") as client:
            assert read_all(client).startswith(b"HTTP/1.1 404 ")
        until(lambda: server.open_files() == 0)
