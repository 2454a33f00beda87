"""Counters of all processes, in the ledger."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from downloads.models import MetricSample
from downloads.queue import counters
from tests.support.ledger import ask, claim_by, failed, person, worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def counted_so_far() -> None:
    """Begin with an empty ledger: what other tests counted is in their own."""
    counters.add_to_ledger()
    MetricSample.objects.all().delete()


class FromLedger(Collector):
    def collect(self) -> Iterator[Metric]:
        return counters.families()


def scraped() -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(FromLedger())
    text = generate_latest(registry).decode()
    return {
        " ".join(
            [sample.name, *(f"{k}={v}" for k, v in sorted(sample.labels.items()))]
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_a_failure_is_counted_by_its_code() -> None:
    ask(person("alice"))
    failed(claim_by(worker()), "geo_blocked")
    counters.add_to_ledger()
    counters.add_to_ledger()
    assert scraped()["ferry_attempts_total code=geo_blocked outcome=failed"] == 1


def test_zeros_are_told_from_the_start_and_buckets_in_order() -> None:
    names = list(scraped())
    assert scraped()["ferry_fetched_bytes_total"] == 0
    buckets = [
        name.partition("=")[2] for name in names if name.startswith("ferry_queue_wait_seconds_b")
    ]
    assert buckets == [*sorted(buckets[:-1], key=float), "+Inf"]


def test_processes_add_up() -> None:
    """Each thread stands for a process; all begin with rows that do not exist."""
    news = {f'["ferry_attempts_total", {{"outcome": "stored", "code": "{n}"}}]': 1.0 for n in "abc"}

    def add() -> None:
        for _ in range(5):
            counters._add(dict(sorted(news.items(), reverse=True)))
        connection.close()

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [scraped()[f"ferry_attempts_total code={n} outcome=stored"] for n in "abc"] == [30.0] * 3


def test_what_an_outage_kept_back_is_added_later() -> None:
    def refuse(*_: Any) -> None:
        raise OperationalError("away")

    counters.FETCHED_BYTES.inc(7)
    with connection.execute_wrapper(refuse), pytest.raises(OperationalError):
        counters.add_to_ledger()
    counters.FETCHED_BYTES.inc(1)
    counters.add_to_ledger()
    assert scraped()["ferry_fetched_bytes_total"] == 8
