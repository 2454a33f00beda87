"""Readiness checks, each bounded in time: database, broker, storage, scheduler."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from django.db import Error, connection
from django.db.models.functions import Now

from downloads.engine.core.errors import StorageUnavailable
from downloads.models import MaintenanceTurn
from downloads.queue import broker
from downloads.storage.media import media_storage

State = Literal["up", "down"]
LONGEST: Final = 2.0  # seconds for any check
SCHEDULER_SILENT_AFTER: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check. ``hint`` tells an operator where to look; empty if it is up."""

    state: State
    hint: str = ""


class Unready(Exception):
    """The component answers, but is not ready. The text is the hint."""


class BoundedCheck:
    """A check of something that may hang: in a thread of its own, and never twice at once.

    ``look`` returns if all is well, and raises one of ``errors`` or Unready if not.
    """

    def __init__(
        self, look: Callable[[], None], hint: str, errors: tuple[type[Exception], ...] = ()
    ) -> None:
        self._look = look
        self._hint = hint
        self._errors = errors
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._finding: Finding | None = None

    def begin(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._finding = None
                # A daemon: a check that hangs must not delay the end of the process.
                self._thread = threading.Thread(target=self._run, name="readiness", daemon=True)
                self._thread.start()

    def finding(self, until: float) -> Finding:
        """Wait for the check that ``begin`` started, until then on the monotonic clock."""
        thread = self._thread
        if thread is not None:
            thread.join(max(until - time.monotonic(), 0))
        return self._finding or Finding("down", f"No answer in time. {self._hint}")

    def _run(self) -> None:
        try:
            self._look()
        except Unready as error:
            self._finding = Finding("down", str(error))
        except self._errors:
            self._finding = Finding("down", self._hint)
        else:
            self._finding = Finding("up")
        finally:
            connection.close()  # of this thread, if it had one


def _database() -> None:
    MaintenanceTurn.objects.exists()


def _broker() -> None:
    if not broker.is_up():
        raise Unready("Redis does not answer: check REDIS_URL. New downloads wait meanwhile.")


def _storage() -> None:
    media_storage().check_ready()


def _scheduler() -> None:
    recent = MaintenanceTurn.objects.filter(done_at__gte=Now() - SCHEDULER_SILENT_AFTER)
    if not recent.exists():
        raise Unready("No scheduler and no worker was active lately. Run: manage.py scheduler")


DATABASE_HINT: Final = "See DATABASE_URL, and run: manage.py migrate"
CHECKS: Final = {
    "database": BoundedCheck(_database, DATABASE_HINT, (Error,)),
    "broker": BoundedCheck(_broker, "See REDIS_URL."),
    "storage": BoundedCheck(
        _storage,
        "It cannot be written to: see STORAGE_PATH or AWS_STORAGE_BUCKET_NAME.",
        (StorageUnavailable,),
    ),
    "scheduler": BoundedCheck(_scheduler, "Unknown while the database is down.", (Error,)),
}


def findings() -> dict[str, Finding]:
    """Run all checks at the same time, so that they take no longer than the slowest."""
    until = time.monotonic() + LONGEST
    for check in CHECKS.values():
        check.begin()
    return {name: check.finding(until) for name, check in CHECKS.items()}
