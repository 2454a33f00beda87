"""The workers and the scheduler that the database has heard of lately."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from django.db import DatabaseError

from downloads.doctor.finding import Finding, fail, ok, warn
from downloads.queue import figures
from downloads.queue.version_skew import workers_warning

NAMED: Final = 5


def probe() -> Iterator[Finding]:
    try:
        workers = figures.live_workers()
        versions = workers_warning({worker.version for worker in workers})
        turns = list(figures.recent_turns())
    except DatabaseError:
        return  # said by its own probe
    if not workers:
        yield fail(
            "workers",
            "No worker is running, so no download starts.",
            "Start one: manage.py up, or celery -A config worker. Look at its log if one should"
            " run.",
        )
    elif all(worker.stopping for worker in workers):
        yield warn("workers", "Every worker is stopping.", "Start one: celery -A config worker")
    else:
        named = ", ".join(map(str, workers[:NAMED])) + (", ..." if len(workers) > NAMED else "")
        slots = sum(worker.concurrency for worker in workers)
        busy = sum(worker.running for worker in workers)
        yield ok("workers", f"{len(workers)} running, {busy} of {slots} slots in use: {named}.")
    if versions:
        text, _, fix = versions.partition(": ")
        yield warn("versions", f"{text}.", fix[:1].upper() + fix[1:])
    if turns:
        yield ok("scheduler", f"Maintenance is done by {turns[0].holder.rpartition(':')[0]}.")
    else:
        yield fail(
            "scheduler",
            "No scheduler and no worker did the maintenance lately.",
            "Start one: manage.py scheduler",
        )
