"""The limit at a host: its rule's, else FETCH_HOST_CONCURRENCY."""

from __future__ import annotations

from typing import Any

import pytest

from downloads.line import at_work
from downloads.models import HostRule
from downloads.network.host_rules import caps
from downloads.queue.claim import claim
from downloads.queue.hosts import full_hosts
from tests.support.ledger import ask, person, url, worker

pytestmark = pytest.mark.django_db


def running_at(host: str, count: int) -> int:
    alice = person(f"of {host}", max_active=99)
    by = worker(concurrency=99)
    for _ in range(count):
        ask(alice, url(host))
    return sum(claim(by) is not None for _ in range(count))


def test_a_lower_cap() -> None:
    HostRule.objects.create(host="slow.example", concurrency=1)
    assert running_at("slow.example", 3) == 1
    assert full_hosts(at_work().by_host, caps()) == ["slow.example"]


def test_a_higher_cap(settings: Any) -> None:
    settings.FETCH_HOST_CONCURRENCY = 1
    HostRule.objects.create(host="*.fast.example", concurrency=3)
    assert running_at("cdn.fast.example", 4) == 3
    assert running_at("other.example", 2) == 1


def test_a_rule_without_one_changes_nothing(settings: Any) -> None:
    settings.FETCH_HOST_CONCURRENCY = 2
    HostRule.objects.create(host="plain.example")
    assert running_at("plain.example", 3) == 2
