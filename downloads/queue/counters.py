"""Counters of all processes, kept in the ledger, so that any web process may answer a scrape.

A process counts in memory, and adds what is new to the ledger with each heartbeat or turn of
maintenance: one that is killed loses that much at most. Gauges are read from the ledger itself.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Final

from django.db import transaction
from django.db.models import Case, F, FloatField, Value, When
from prometheus_client import CollectorRegistry, Counter, Histogram, Metric
from prometheus_client.samples import Sample

from downloads.models import MetricSample

REGISTRY: Final = CollectorRegistry()
ATTEMPTS: Final = Counter(
    "ferry_attempts",
    "Attempts by how they ended: stored, failed, retry_later, handed_back or worker_lost.",
    ["outcome", "code"],
    registry=REGISTRY,
)
FETCHED_BYTES: Final = Counter(
    "ferry_fetched_bytes", "Bytes fetched from sources.", registry=REGISTRY
)
RESUMED_BYTES: Final = Counter(
    "ferry_resumed_bytes", "Bytes that a resumed attempt did not fetch again.", registry=REGISTRY
)
STORED_BYTES: Final = Counter("ferry_stored_bytes", "Bytes of stored files.", registry=REGISTRY)
DURATION: Final = Histogram(
    "ferry_download_duration_seconds",
    "Time from the first attempt to the stored file.",
    buckets=(1, 3, 10, 30, 60, 300, 900, 3600, 6 * 3600),
    registry=REGISTRY,
)
QUEUE_WAIT: Final = Histogram(
    "ferry_queue_wait_seconds",
    "Time that due work waited for a slot.",
    buckets=(0.5, 1, 3, 10, 30, 60, 300, 900, 3600),
    registry=REGISTRY,
)
COUNTED_EVENTS: Final = frozenset({"stored", "failed", "retry_later", "handed_back", "worker_lost"})

ENDINGS: Final = frozenset({"_total", "_bucket", "_count", "_sum"})  # of a sample's name

_lock = threading.Lock()
_added: dict[str, float] = {}


def add_to_ledger() -> None:
    """Add what was counted since the last call. Raises DatabaseError: the next call adds it."""
    with _lock:
        now = {_key(one): one.value for family in REGISTRY.collect() for one in _counts(family)}
        news = {
            key: value - _added.get(key, 0.0)
            for key, value in now.items()
            if value != _added.get(key, 0.0)
        }
        if news:
            _add(news)
            _added.update(now)


@transaction.atomic
def _add(news: dict[str, float]) -> None:
    keys = sorted(news)
    MetricSample.objects.bulk_create([MetricSample(key=key) for key in keys], ignore_conflicts=True)
    rows = MetricSample.objects.filter(key__in=keys)
    # In one order, or two processes could wait for each other's rows.
    list(rows.order_by("key").select_for_update())
    each = [When(key=key, then=Value(more)) for key, more in news.items()]
    rows.update(value=F("value") + Case(*each, output_field=FloatField()))


def families() -> Iterator[Metric]:
    """Yield what all processes have added, with its meaning.

    Counts without labels are there from the start, so that an alert sees the first one as a rise.
    """
    kept: dict[str, float] = dict(MetricSample.objects.values_list("key", "value"))
    for family in REGISTRY.collect():
        told = Metric(family.name, family.documentation, family.type)
        # Of this process's own: Prometheus reads the buckets of a histogram in their order.
        zero = {_key(one): 0.0 for one in _counts(family) if not set(one.labels) - {"le"}}
        for key, value in (zero | kept).items():
            name, labels = json.loads(key)
            if name.removeprefix(family.name) in ENDINGS:
                told.add_sample(name, labels, value)
        yield told


def _counts(family: Metric) -> Iterator[Sample]:
    return (one for one in family.samples if not one.name.endswith("_created"))


def _key(sample: Sample) -> str:
    return json.dumps([sample.name, sample.labels])
