"""``queue/``: counts by state, speed, broker and workers."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response

from downloads.api.base import ApiView, UserRequest
from downloads.queue import broker, figures
from downloads.schemas import Payload


class WorkerPayload(Payload):
    """One worker. ``running``: its current downloads, of ``concurrency`` at most."""

    name: str
    concurrency: int
    running: int
    stopping: bool
    started_at: dt.datetime
    heartbeat_at: dt.datetime

    @classmethod
    def of(cls, worker: Any) -> WorkerPayload:
        return cls(
            name=str(worker),
            concurrency=worker.concurrency,
            running=worker.running,
            stopping=worker.stopping,
            started_at=worker.started_at,
            heartbeat_at=worker.heartbeat_at,
        )


class QueuePayload(Payload):
    """Counts by state. ``delayed``: until the next attempt; ``workers``: for staff alone."""

    waiting: int
    active: int
    paused: int
    delayed: int
    completed: int
    failed: int
    bytes_per_second: float
    broker: Literal["up", "down"]
    workers: list[WorkerPayload]


class QueueView(ApiView):
    @extend_schema(responses=QueuePayload)
    def get(self, request: UserRequest) -> Response:
        """Return the figures of the user's downloads; for staff, of everyone's."""
        user = request.user
        whose = None if user.is_staff else user
        counts = figures.counts(whose)
        workers = figures.live_workers() if user.is_staff else []
        payload = QueuePayload(
            waiting=counts["waiting"],
            active=counts["active"],
            paused=counts["paused"],
            delayed=counts["delayed"],
            completed=counts["completed"],
            failed=counts["failed"],
            bytes_per_second=figures.bytes_per_second(whose),
            broker="up" if broker.is_up() else "down",
            workers=[WorkerPayload.of(worker) for worker in workers],
        )
        return Response(payload.wire())
