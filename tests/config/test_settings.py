"""The promises of the settings, checked against the real thing if possible."""

from __future__ import annotations

import asyncio
import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.conf import settings
from django.core.files.storage import storages
from django.db import connection
from django.test import Client, RequestFactory

from config import datadir
from config.celery import app
from config.hosts import own_names
from config.parsing import trusted_proxies
from config.server.client_address import client_address
from downloads import conf
from downloads.management.commands import up
from tests.support.redis_server import RedisServer


@pytest.mark.django_db(transaction=True)
def test_sqlite_waits_less_than_half_a_lease() -> None:
    if connection.vendor != "sqlite":
        assert settings.DATABASES["default"]["CONN_MAX_AGE"] == 0
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone()[0] == "wal"
    options = settings.DATABASES["default"]["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert timedelta(seconds=options["timeout"]) < conf.LEASE / 2


LIMITS = {
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "1min",
}


@pytest.mark.django_db(transaction=True)
def test_postgresql_holds_nothing_up_for_long() -> None:
    if connection.vendor != "postgresql":
        return
    fresh = connection.copy()
    try:
        with fresh.cursor() as cursor:
            limits = {}
            for name in LIMITS:
                cursor.execute(f"SHOW {name}")
                limits[name] = cursor.fetchone()[0]
        with socket.socket(fileno=os.dup(fresh.connection.fileno())) as line:
            silence = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    finally:
        fresh.close()
    assert limits == LIMITS
    assert timedelta(milliseconds=silence) < conf.LEASE


def test_celery_carries_wake_ups_only() -> None:
    assert app.conf.worker_pool == "threads"
    assert app.conf.worker_concurrency == settings.WORKER_CONCURRENCY + 4
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.worker_disable_prefetch
    assert not app.conf.task_acks_late
    assert app.conf.broker_connection_max_retries is None
    assert app.conf.broker_connection_retry_on_startup
    assert app.conf.result_backend is None


def test_a_listener_outlives_the_sockets_timeout(redis_server: RedisServer) -> None:
    """redis-py's timeouts are made for questions and answers: a listener is silent for long."""
    host = settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"][0]

    async def there_and_back() -> Any:
        layer: Any = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add("user.1", channel)
        await asyncio.sleep(host["socket_timeout"] * 2.5)
        await layer.group_send("user.1", {"type": "news", "seq": 1})
        try:
            return await asyncio.wait_for(layer.receive(channel), 10)
        finally:
            await layer.flush()

    assert asyncio.run(there_and_back()) == {"type": "news", "seq": 1}


def test_every_page_has_the_strict_policy(client: Client) -> None:
    policy = client.get("/api/docs/")["Content-Security-Policy"]
    for directive in ("default-src 'self'", "object-src 'none'", "frame-ancestors 'none'"):
        assert directive in policy
    assert "unsafe" not in policy


def test_the_docs_page_has_no_inline_style_or_script(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    assert "<style" not in page
    assert "<script>" not in page
    script = client.get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")


def test_static_files_come_without_collecting_them(client: Client) -> None:
    path = "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css"
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == "*"


def test_media_is_the_local_folder() -> None:
    assert Path(storages["media"].location) == settings.STORAGE_PATH  # type: ignore[attr-defined]


def test_an_address_to_listen_on_is_a_name_to_be_called_by() -> None:
    assert {"localhost", "127.0.0.1", "[::1]"} <= set(own_names("127.0.0.1"))
    assert "[fd00::1]" in own_names("fd00::1")
    assert "*" not in own_names("0.0.0.0")


def test_a_client_cannot_choose_its_address(rf: RequestFactory, settings: Any) -> None:
    request = rf.get("/", headers={"X-Forwarded-For": "1.1.1.1, 2.2.2.2"}, REMOTE_ADDR="3.3.3.3")
    assert client_address(request) == "3.3.3.3"
    settings.BEHIND_HTTPS_PROXY = True
    assert client_address(request) == "3.3.3.3"
    settings.TRUSTED_PROXIES = trusted_proxies("3.3.3.0/24")
    assert client_address(request) == "2.2.2.2"


def test_other_users_read_nothing_of_the_data(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    folder.mkdir(mode=0o755)
    database = folder / "ferry.sqlite3"
    for path in (database, folder / "ferry.sqlite3-wal"):
        path.touch(0o644)
    datadir.make_private(folder)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder, *folder.iterdir())}
    assert modes == {"var": 0o711, "ferry.sqlite3": 0o600, "ferry.sqlite3-wal": 0o600}


def test_a_new_database_is_private(tmp_path: Path) -> None:
    datadir.make_private(tmp_path, tmp_path / "ferry.sqlite3")
    assert (tmp_path / "ferry.sqlite3").stat().st_mode & 0o777 == 0o600


def test_no_child_has_the_admins_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "HUSH")
    assert "HUSH" not in up._environment().values()
