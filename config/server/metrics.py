"""Metrics of the ledger for Prometheus, read on each scrape: any web process may answer."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import InterfaceError, OperationalError
from django.db.models import Min
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from config.server import readiness
from downloads.models import Download, QueueEntry, Rendition, WebhookDelivery
from downloads.queue import counters, figures
from downloads.storage.storage import free_space


class LedgerCollector(Collector):
    def collect(self) -> Iterator[Metric]:
        yield _up()
        try:
            found = list(_of_the_ledger())
        except (OperationalError, InterfaceError):
            return  # ferry_up says so; unknown metrics are left out
        yield from found


def _up() -> Metric:
    family = GaugeMetricFamily("ferry_up", "1 if the component answers.", labels=["component"])
    found = readiness.findings()
    for name in readiness.CHECKS:
        family.add_metric([name], found[name].state == "up")
    return family


def _of_the_ledger() -> Iterator[Metric]:
    counts = figures.counts(None)
    family = GaugeMetricFamily("ferry_downloads", "Downloads by status.", labels=["status"])
    for status in Download.Status.values:
        family.add_metric([status], counts["active" if status == "running" else status])
    yield family
    yield _gauge("ferry_queue_waiting", "Downloads waiting for a slot.", counts["waiting"])
    yield _gauge("ferry_queue_delayed", "Downloads waiting for a retry.", counts["delayed"])
    yield _gauge(
        "ferry_oldest_waiting_seconds", "Waiting time of the oldest download.", _oldest_waiting()
    )
    yield _gauge("ferry_running", "Files being fetched.", Rendition.objects.leased().count())
    speed = figures.bytes_per_second(None)
    yield _gauge("ferry_bytes_per_second", "Fetched by all workers.", speed)
    workers = figures.live_workers()
    slots = sum(worker.concurrency for worker in workers if not worker.stopping)
    yield _gauge("ferry_workers", "Live workers.", len(workers))
    yield _gauge("ferry_worker_slots", "Files that live workers may fetch at once.", slots)
    waiting = WebhookDelivery.objects.filter(status=WebhookDelivery.Status.PENDING).count()
    yield _gauge("ferry_webhooks_waiting", "Messages to webhooks that are not delivered.", waiting)
    if (free := free_space()) is not None:
        yield _gauge("ferry_disk_free_bytes", "Free space for unfinished files, here.", free)
    yield from counters.families()


def _gauge(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(name, documentation, value=value)


def _oldest_waiting() -> float:
    """Return the waiting time in seconds; 0 if nothing waits."""
    first = QueueEntry.objects.filter(ready=True).aggregate(at=Min("queued_at"))["at"]
    return 0.0 if first is None else max((timezone.now() - first).total_seconds(), 0.0)


def exposition() -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(LedgerCollector())
    return generate_latest(registry)
