"""Addresses, and downloads brought to a state by the ledger's own moves."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.files.storage import storages
from django.db.models.functions import Now
from django.utils import timezone

from downloads import services
from downloads.models import Download, Rendition
from downloads.queue.transitions import mark
from tests.support.ledger import again, claim_by, failed, settle, stored, worker

DOWNLOADS = "/api/v1/downloads/"
CONTENT = "/api/v1/content/"
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"


def address(download: Any, verb: str = "") -> str:
    return f"{DOWNLOADS}{download.pk}/{verb}/" if verb else f"{DOWNLOADS}{download.pk}/"


def first_error(response: Any) -> dict[str, Any]:
    """The error, after a look at the whole body's shape."""
    body = response.json()
    assert set(body) == {"type", "errors"}
    wanted = "server_error" if response.status_code >= 500 else ("validation_error", "client_error")
    assert body["type"] in wanted
    assert all(set(error) == {"code", "detail", "attr"} for error in body["errors"])
    assert len(body["errors"][0]["detail"]) > 10
    return body["errors"][0]


def code(response: Any) -> tuple[int, str]:
    return response.status_code, first_error(response)["code"]


def make_running(download: Download) -> None:
    claim_by(worker())


def make_paused(download: Download) -> None:
    services.pause(download.user, download.pk)


def make_completed(download: Download, content: bytes = b"0123456789") -> None:
    rendition = stored(claim_by(worker()), size=len(content))
    path = Path(storages["media"].path(rendition.storage_name))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def make_failed(download: Download) -> None:
    failed(claim_by(worker()))


def make_cancelled(download: Download) -> None:
    services.cancel(download.user, download.pk)


def make_expired(download: Download) -> None:
    assert mark(again(download), "expired", expired_at=Now())


def make_delayed(download: Download) -> None:
    later = timezone.now() + dt.timedelta(hours=1)
    Rendition.objects.filter(pk=download.rendition_id).update(next_attempt_at=later)
    settle()


STATES = {
    "queued": lambda download: None,
    "running": make_running,
    "paused": make_paused,
    "completed": make_completed,
    "failed": make_failed,
    "cancelled": make_cancelled,
    "expired": make_expired,
}


def bring_to(download: Download, state: str) -> None:
    STATES[state](download)
    assert again(download).status == state
