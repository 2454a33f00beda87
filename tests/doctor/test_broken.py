"""Broken set-ups that the doctor must name, with the fix; each is really broken."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from django.db.migrations.recorder import MigrationRecorder

from config import datadir
from config.server.supervisor.port import ReservedPort
from downloads.doctor import (
    broker,
    clock,
    data_dir,
    database,
    disk,
    ffmpeg,
    names,
    port,
    secret,
    storage,
    workers,
)
from downloads.doctor.examination import run
from downloads.doctor.finding import Finding, ok
from downloads.network.installation_key import keep_fingerprint
from tests.jobs.bucket.conftest import use_bucket
from tests.support.answers import reply
from tests.support.database import database_away
from tests.support.ledger import worker
from tests.support.origin import Origin
from tests.support.redis_server import RedisServer
from tests.support.s3_fixtures import door, server
from tests.support.s3_server import Door, S3Server

__all__ = ["door", "server"]

pytestmark = pytest.mark.processes


def named(findings: Iterable[Finding], id: str, *, state: str = "fail") -> Finding:
    """Return the finding of this id; it has this state, and a fix."""
    found = {finding.id: finding for finding in findings}
    assert id in found, found
    assert found[id].state == state, found[id]
    assert found[id].fix
    return found[id]


def states(findings: Iterable[Finding]) -> dict[str, str]:
    return {finding.id: finding.state for finding in findings}


# --- Redis --------------------------------------------------------------------------------


def test_a_redis_that_evicts(redis_server: RedisServer) -> None:
    with redis_server.client() as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            found = named(broker.probe(), "redis_policy", state="warn")
        finally:
            client.config_set("maxmemory-policy", "noeviction")
    assert "allkeys-lru" in found.text
    assert "noeviction" in found.fix
    assert set(states(broker.probe()).values()) == {"ok"}


def test_a_redis_that_is_nearly_full(redis_server: RedisServer) -> None:
    with redis_server.client() as client:
        before = client.config_get("maxmemory")["maxmemory"]
        client.config_set("maxmemory", int(client.info()["used_memory"] * 1.05))
        try:
            assert named(broker.probe(), "redis_memory", state="warn")
        finally:
            client.config_set("maxmemory", before)


def test_a_redis_that_is_away_or_frozen(redis_server: RedisServer) -> None:
    redis_server.freeze()
    began = time.monotonic()
    try:
        assert "does not answer" in named(broker.probe(), "redis").text
    finally:
        redis_server.thaw()
    assert time.monotonic() - began < 5
    redis_server.stop()
    try:
        assert "REDIS_URL" in named(broker.probe(), "redis").fix
    finally:
        redis_server.start()


# --- storage ------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_bucket_that_works(settings: Any, server: S3Server) -> None:
    use_bucket(settings, server.endpoint)
    assert states(storage.probe()) == {
        "storage_write": "ok",
        "storage_read": "ok",
        "storage_range": "ok",
        "storage_presigned": "ok",
        "storage_delete": "ok",
    }
    assert server.objects == []
    assert states(clock.probe())["clock_storage"] == "ok"


def test_wrong_keys(settings: Any, server: S3Server) -> None:
    use_bucket(settings, server.endpoint, secret_key="of another server")
    found = named(storage.probe(), "storage")
    assert "refuses the key" in found.text
    assert "AWS_SECRET_ACCESS_KEY" in found.fix
    assert "of another server" not in f"{found}"


def test_no_such_bucket(settings: Any, server: S3Server) -> None:
    use_bucket(settings, server.endpoint, bucket_name="not-made")
    found = named(storage.probe(), "storage")
    assert "no bucket not-made" in found.text
    assert "AWS_STORAGE_BUCKET_NAME" in found.fix


def test_a_key_that_may_not_write(settings: Any, door: Door) -> None:
    use_bucket(settings, door.endpoint)
    door.mood = lambda call: "403" if call.operation == "PutObject" else ""
    named(storage.probe(), "storage_write")


def test_signed_addresses_that_browsers_cannot_open(settings: Any, door: Door) -> None:
    use_bucket(settings, door.endpoint)
    door.mood = lambda call: "403" if "X-Amz-Signature" in call.query else ""
    found = named(storage.probe(), "storage_presigned")
    assert "403" in found.text
    assert "DELIVERY=proxy" in found.fix


def test_a_folder_that_takes_no_file(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    options = {"location": str(tmp_path / "file"), "base_url": None}
    told = {"BACKEND": "downloads.storage.local.LocalMediaStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "media": told}
    assert "STORAGE_PATH" in named(storage.probe(), "storage").fix


# --- clocks -------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(("behind", "state"), [(30, "warn"), (3600, "fail")])
def test_a_clock_that_is_wrong(settings: Any, behind: int, state: str) -> None:
    """An S3 server that refuses what is that late, and says its time."""
    date = formatdate(time.time() + behind, usegmt=True)
    refusal = reply(b"", None, status=403, headers=[("Date", date)])
    with Origin(handle=lambda _: refusal) as far:
        use_bucket(settings, far.url("").rstrip("/"))
        found = named(clock.probe(), "clock_storage", state=state)
    assert "behind" in found.text
    assert "NTP" in found.fix


# --- this host ----------------------------------------------------------------------------


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir(mode=0o700)
    datadir.make_secret_key(settings.DATA_DIR)
    assert set(states(data_dir.probe()).values()) == {"ok"}
    return settings.DATA_DIR


@pytest.fixture
def read_only(folder: Path) -> Iterator[Path]:
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("needs root to mount a read-only tmpfs")
    mount = ["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this machine allows no tmpfs mount")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_data_dir_is_read_only(read_only: Path) -> None:
    found = named(data_dir.probe(), "data_dir")
    assert "Read-only file system" in found.text
    assert "DATA_DIR" in found.fix


@pytest.mark.parametrize("place", [".", "secret_key"])
def test_data_dir_is_open_to_others(folder: Path, place: str) -> None:
    (folder / place).chmod(0o755)
    found = named(data_dir.probe(), "data_dir_modes")
    assert str(folder / place) in found.text
    assert "chmod go-rw" in found.fix


def test_ffmpeg_is_missing_from_path(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings.FFMPEG = "ffmpeg"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "FFMPEG" in named(ffmpeg.probe(), "ffmpeg").fix


def test_ffmpeg_without_codecs(settings: Any, tmp_path: Path) -> None:
    small = tmp_path / "ffmpeg"
    small.write_text("#!/bin/sh\necho 'ffmpeg version 7.1 Copyright'\necho ' A....D aac  AAC'\n")
    small.chmod(0o755)
    settings.FFMPEG = str(small)
    found = named(ffmpeg.probe(), "ffmpeg_codecs")
    assert "libmp3lame (encoder)" in found.text
    assert " aac (encoder)" not in found.text
    settings.FFMPEG = ""
    assert set(states(ffmpeg.probe()).values()) == {"ok"}


def test_the_port_is_taken(settings: Any) -> None:
    settings.HOST = "127.0.0.1"
    with Origin(handle=lambda _: reply(b"another program", None)) as taken:
        settings.PORT = taken.port
        found = named(port.probe(), "port")
    assert f"Port {taken.port} on 127.0.0.1 is taken by another program." in found.text
    reserved = ReservedPort()
    settings.PORT = reserved.number
    assert states(port.probe()) == {"port": "ok"}
    reserved.release()


def test_too_little_room(settings: Any) -> None:
    settings.MIN_FREE_SPACE = 2**60
    assert "MIN_FREE_SPACE" in named(disk.probe(), "disk_data").fix


def test_no_name_can_be_resolved() -> None:
    (found,) = names.probe("ferry.invalid")  # never resolved, by RFC 6761
    assert found.state != "ok"
    assert "/etc/resolv.conf" in found.fix


# --- the database -------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_weak_key_and_another_one(settings: Any) -> None:
    assert states(secret.probe()) == {"secret_key": "ok"}
    keep_fingerprint()
    settings.SECRET_KEY = "ferry"
    assert "ferry" not in named(secret.probe(), "secret_key").text.split()
    assert "same SECRET_KEY" in named(secret.probe(), "secret_key_known").fix


@pytest.mark.django_db
def test_a_database_that_is_not_of_this_code() -> None:
    assert set(states(database.probe()).values()) == {"ok"}
    history = MigrationRecorder.Migration.objects
    history.create(app="downloads", name="9999_later")
    assert "9999_later" in named(database.probe(), "migrations", state="warn").text
    history.filter(app="downloads").delete()
    assert "manage.py migrate" in named(database.probe(), "migrations").fix


@pytest.mark.django_db
def test_a_database_from_before_the_first_release() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE downloads_rendition RENAME COLUMN language TO tongue")
    assert "lacks language" in named(database.probe(), "database_columns").text


@pytest.mark.django_db
def test_a_search_without_its_index() -> None:
    from django.db import connection

    part = "TRIGGER downloads_search_content_in"
    with connection.cursor() as cursor:
        cursor.execute(
            f"DROP {'INDEX content_searched' if connection.vendor != 'sqlite' else part}"
        )
    found = named(database.probe(), "search_index", state="warn")
    assert "manage.py migrate" in found.fix


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away() -> None:
    with database_away():
        assert "DATABASE_URL" in named(database.probe(), "database").fix


@pytest.mark.django_db
def test_no_worker() -> None:
    assert "manage.py up" in named(workers.probe(), "workers").fix
    assert "manage.py scheduler" in named(workers.probe(), "scheduler").fix
    running = worker()
    assert states(workers.probe())["workers"] == "ok"
    running.stopping = True
    running.save()
    named(workers.probe(), "workers", state="warn")


# --- the examination ----------------------------------------------------------------------


def test_a_bucket_that_hangs(settings: Any, door: Door) -> None:
    use_bucket(settings, door.endpoint)
    door.mood = lambda call: "hang" if call.method in ("PUT", "DELETE") else ""
    began = time.monotonic()
    found = run({"storage": storage.probe, "dns": names.probe}, longest=1)
    assert time.monotonic() - began < 5
    assert "No answer within 1 s." in named(found, "storage").text
    assert found[-1].id == "dns"


def test_what_hangs_or_breaks_hides_nothing() -> None:
    never = threading.Event()

    def hangs() -> Iterator[Finding]:
        yield ok("first", "It began.")
        never.wait()

    def breaks() -> Iterator[Finding]:
        yield ok("second", "It began.")
        raise ValueError("secret")

    began = time.monotonic()
    found = run({"hangs": hangs, "breaks": breaks}, longest=0.2)
    never.set()
    assert time.monotonic() - began < 2
    assert [(each.id, each.state) for each in found] == [
        ("first", "ok"),
        ("hangs", "fail"),
        ("second", "ok"),
        ("breaks", "fail"),
    ]
    assert "secret" not in str(found)
