"""The daily check for a newer yt-dlp: on a thread of the maintenance loop's, if it is asked for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from downloads.engine.resolver.ytdlp.releases.schedule import DAY
from downloads.engine.resolver.ytdlp.releases.store import ReleaseStore
from downloads.jobs.extractor_updates import ExtractorUpdates
from tests.support.answers import missing
from tests.support.origin import Origin


@pytest.fixture
def index() -> Iterator[Origin]:
    """An index that has no yt-dlp."""
    with Origin(handle=lambda request: missing()) as running:
        yield running


def checked(store: ReleaseStore) -> float | None:
    return store.record.checked_at


def test_it_is_off_unless_it_is_asked_for(tmp_path: Path, index: Origin) -> None:
    with override_settings(DATA_DIR=tmp_path, YTDLP_INDEX_URL=index.url("/simple")):
        updates = ExtractorUpdates(lambda: time.time() + 2 * DAY)
        updates.nudge()
    assert updates._thread is None
    assert index.log == []
    assert list(tmp_path.iterdir()) == []


def test_it_checks_once_a_day_and_writes_down_what_came_of_it(
    tmp_path: Path, index: Origin
) -> None:
    now = [time.time()]
    with override_settings(
        DATA_DIR=tmp_path, YTDLP_INDEX_URL=index.url("/simple"), YTDLP_UPDATES="stable"
    ):
        updates, another = ExtractorUpdates(lambda: now[0]), ExtractorUpdates(lambda: now[0])
        updates.nudge()
        assert updates._thread is None, "not with every other process of a start"
        now[0] += 3600
        updates.nudge()
        assert updates._thread is not None
        updates._thread.join(60)
        store = ReleaseStore(tmp_path / "ytdlp")
        assert checked(store) is not None
        assert "Check YTDLP_INDEX_URL" in store.record.problem
        asked = len(index.log)
        now[0] = time.time() + 60
        another.nudge()
        assert another._thread is None, "the other process has checked"
        assert len(index.log) == asked > 0
        now[0] += 3 * 3600
        assert now[0] > another.due, "after a failure it is tried again the same day"
