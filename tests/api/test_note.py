"""The note of a download: what the finished file lacks, and why."""

from __future__ import annotations

from typing import Any

import pytest

from downloads.jobs import store
from downloads.jobs.release import release_unheld
from downloads.models import Download, Rendition
from downloads.queue.lease import Lease, report
from tests.api.arrange import address
from tests.support.ledger import claim_by, worker

NOTE = "The subtitles in German could not be fetched: the site answers 404."


@pytest.fixture
def finished(download: Download, settings: Any, tmp_path: Any) -> Lease:
    settings.STORAGE_PATH = tmp_path
    lease = claim_by(worker())
    report(lease, storage_name="a.mp4", size=3, ext="mp4", note=NOTE)
    store.finish_published(lease)
    return lease


def test_the_note_is_in_the_payload_and_in_the_timeline(
    as_alice: Any, download: Download, finished: Lease
) -> None:
    assert as_alice.get(address(download)).json()["note"] == NOTE
    events = as_alice.get(address(download, "events")).json()["results"]
    assert [each["reason"] for each in events if each["event"] == "stored"] == [NOTE]


def test_the_note_goes_with_the_file(as_alice: Any, download: Download, finished: Lease) -> None:
    assert as_alice.delete(address(download)).status_code == 204
    release_unheld(finished.rendition_id)  # as the deletion's commit does
    assert not Rendition.objects.exclude(note="").exists()
