"""A film that is put together here and kept in a bucket: one object, and one bar to its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from downloads import conf
from downloads.engine.core.cancellation import StopToken
from downloads.engine.pipeline.muxing import ThroughputEstimate
from downloads.jobs import compose, runner
from tests.events.ears import Ears
from tests.support.ledger import again, ask, claim_by, person, worker
from tests.support.s3_server import Door, S3Server
from tests.support.streaming.fixtures import media, streaming
from tests.support.streaming.media import SECONDS, Media
from tests.support.streaming.origin import StreamingOrigin
from tests.support.streaming.verify import complaints, facts

__all__ = ["media", "streaming"]

pytestmark = pytest.mark.django_db(transaction=True)

RATE = 100_000  # bytes a second into the bucket
EXPECTED = 10_000  # so that no machine is too slow to fetch it sooner


def test_it_becomes_one_object_and_the_bar_counts_the_way_there(
    bucket: S3Server,
    door: Door,
    media: Media,
    streaming: StreamingOrigin,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    settings.FETCH_ALLOWED_NETWORKS = "127.0.0.0/8"
    monkeypatch.setattr(compose, "_UPLOADING", ThroughputEstimate(EXPECTED))
    door.rate = RATE
    alice = person("alice")
    download = ask(alice, streaming.url(media.hls_separate()))
    with Ears() as ears:
        ear = ears.of(alice.pk)
        runner.run(claim_by(worker()), StopToken())
        ear.until("download:completed")
    told = [event["data"] for event in ear.events if event["event"] == "download:progress"]

    now = again(download)
    assert now.status == "completed", now.rendition.error_detail
    (name,) = bucket.objects
    path = tmp_path / "film.mp4"
    path.write_bytes((bucket.folder / name).read_bytes())
    assert facts(path).height == 720
    assert facts(path).duration == pytest.approx(SECONDS, abs=0.1)
    assert not complaints(path)
    assert path.stat().st_size == now.rendition.size
    assert bucket.open_uploads() == []
    assert not [each for each in conf.work_dir().rglob("*") if each.is_file()]

    storing = [said for said in told if said["phase"] == "storing"]
    bars = [said["progress"] for said in told]
    assert bars == sorted(bars)
    assert storing[0]["progress"] < 60, "the way into the bucket takes longer than all before it"
    assert all(said["bytesTotal"] == path.stat().st_size for said in storing)
    assert all(said["eta"] is not None for said in storing)
