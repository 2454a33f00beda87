"""The words of a job beside its file: for the timeline, and for Prometheus."""

from __future__ import annotations

from dataclasses import replace

import pytest

from downloads import network
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.po_token_use import PoTokenUse
from downloads.engine.resolver.base import Resolution
from downloads.jobs import resolve, runner
from downloads.queue import counters
from downloads.web.download.timeline import WORDS
from tests.support.content import MIB, content
from tests.support.ledger import again, ask, claim_by, person, worker
from tests.support.origin import Origin

pytestmark = pytest.mark.django_db(transaction=True)
STORED = {"outcome": "stored", "code": ""}


@pytest.mark.parametrize("use", PoTokenUse)
def test_the_timeline_says_what_became_of_a_po_token(origin: Origin, use: PoTokenUse) -> None:
    origin.serve("/a.mp4", content(1000))
    download = ask(person("alice"), origin.url("/a.mp4"))
    lease = claim_by(worker())
    row = again(download).rendition
    with network.client_for(row, StopToken()) as client:
        found = resolve.ask_source(row, client)
        source = replace(found.source, po_token=use)
        resolve.keep(lease, row, Resolution(source, found.selection), "1")
    told = list(row.transitions.values_list("event", flat=True))
    assert told == ["started", f"po_token_{use}"]
    assert again(download).status == "running"
    assert f"po_token_{use}" in WORDS


def test_a_stored_file_is_counted(origin: Origin) -> None:
    def counted() -> dict[str, float]:
        samples = (one for family in counters.families() for one in family.samples)
        return {one.name: one.value for one in samples if one.labels in ({}, STORED)}

    counters.add_to_ledger()
    before = counted()
    origin.serve("/a.mp4", content(3 * MIB))
    ask(person("alice"), origin.url("/a.mp4"))
    runner.run(claim_by(worker()), StopToken())
    counters.add_to_ledger()
    rose = {name: value - before.get(name, 0) for name, value in counted().items()}
    assert rose["ferry_attempts_total"] == 1
    assert rose["ferry_fetched_bytes_total"] == rose["ferry_stored_bytes_total"] == 3 * MIB
    assert rose["ferry_resumed_bytes_total"] == 0
    assert rose["ferry_download_duration_seconds_count"] == 1
    assert rose["ferry_queue_wait_seconds_count"] == 1
