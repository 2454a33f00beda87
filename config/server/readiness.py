"""Readiness checks, each bounded in time: database, broker, storage, scheduler."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from django.conf import settings
from django.db import Error, connection

from downloads.engine.core.errors import StorageUnavailable
from downloads.engine.core.humanize import size_in_words
from downloads.engine.resolver.ytdlp.version import version_in_use
from downloads.models import MaintenanceTurn
from downloads.queue import broker, figures
from downloads.queue.clock import ledger_time
from downloads.queue.database_limits import database_limits, limits_warning
from downloads.queue.figures import ytdlp_versions
from downloads.queue.schema import schema_state
from downloads.queue.version_skew import schema_warning, worker_versions, workers_warning
from downloads.storage.media import media_storage
from downloads.storage.storage import free_space

State = Literal["up", "down"]
LONGEST: Final = 2.0  # seconds for any check
SKEW_HARMLESS: Final = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check. ``hint`` tells an operator where to look; empty if all is well.
    ``version``: of yt-dlp, of the extractor alone."""

    state: State
    hint: str = ""
    version: str = ""


class Unready(Exception):
    """The component answers, but is not ready. The text is the hint."""


class BoundedCheck:
    """A check of something that may hang: in a thread of its own, and never twice at once.

    ``look`` returns if the component is up, perhaps with a hint at what may go wrong, and raises
    one of ``errors`` or Unready if it is not.
    """

    def __init__(
        self, look: Callable[[], str | None], hint: str, errors: tuple[type[Exception], ...] = ()
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
            hint = self._look()
        except Unready as error:
            self._finding = Finding("down", str(error))
        except self._errors:
            self._finding = Finding("down", self._hint)
        else:
            self._finding = Finding("up", hint or "")
        finally:
            connection.close()  # of this thread, if it had one


def _database() -> str:
    MaintenanceTurn.objects.exists()
    said = []
    if abs(skew := ledger_time() - time.time()) >= SKEW_HARMLESS:
        said.append(f"Its clock and this host's are {abs(skew):.0f} s apart: run NTP on both.")
    said += [limits_warning(database_limits()), schema_warning(schema_state())]
    return " ".join(filter(None, said))


def _broker() -> str:
    found = broker.state()
    if found.fault:
        raise Unready(found.fault)
    return found.warning


def _storage() -> None:
    try:
        media_storage().check_ready()
    except StorageUnavailable as error:
        own = error.message != StorageUnavailable.default_message
        raise Unready(error.message if own else STORAGE_HINT) from error
    free = free_space()
    if free is not None and free < settings.MIN_FREE_SPACE:
        left, wanted = (size_in_words(size) for size in (free, settings.MIN_FREE_SPACE))
        raise Unready(f"{left} free, less than MIN_FREE_SPACE ({wanted}): downloads wait for room.")


def _scheduler() -> str:
    if not figures.recent_turns().exists():
        raise Unready("No scheduler and no worker was active lately. Run: manage.py scheduler")
    return workers_warning(worker_versions())


STORAGE_HINT: Final = "It cannot be written to: see STORAGE_PATH or AWS_STORAGE_BUCKET_NAME."
DATABASE_HINT: Final = "See DATABASE_URL, and run: manage.py migrate"
CHECKS: Final = {
    "database": BoundedCheck(_database, DATABASE_HINT, (Error,)),
    "broker": BoundedCheck(_broker, "See REDIS_URL."),
    "storage": BoundedCheck(_storage, STORAGE_HINT),
    "scheduler": BoundedCheck(_scheduler, "Unknown while the database is down.", (Error,)),
}


def _extractor() -> str:
    return ", ".join(ytdlp_versions())


# No part of the checks: its state says nothing of being ready.
EXTRACTOR: Final = BoundedCheck(_extractor, "Unknown while the database is down.", (Error,))


def findings() -> dict[str, Finding]:
    """Run all checks at the same time, so that they take no longer than the slowest. ``extractor``
    is always up, with the versions of yt-dlp that workers use, or this host's."""
    until = time.monotonic() + LONGEST
    for check in (*CHECKS.values(), EXTRACTOR):
        check.begin()
    found = {name: check.finding(until) for name, check in CHECKS.items()}
    extractor = EXTRACTOR.finding(until)
    version = extractor.hint if extractor.state == "up" else version_in_use()
    return {**found, "extractor": Finding("up", version=version)}
