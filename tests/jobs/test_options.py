"""Options beyond the quality, and several streams that are whole files."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.db import connection

from downloads import conf
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import Quality
from downloads.engine.core.options import Options
from downloads.jobs import runner
from downloads.models import Download, Rendition
from downloads.queue.lease import Lease
from downloads.schemas import DownloadPayload
from tests.support.ledger import again, ask, claim_by, person, worker
from tests.support.streaming.media import SECONDS, Media
from tests.support.streaming.origin import StreamingOrigin
from tests.support.streaming.verify import complaints, facts
from tests.support.streaming.workshop import FFMPEG

pytestmark = pytest.mark.django_db(transaction=True)


def fetched(url: str, quality: Quality = Quality.AUTO, **fields: Any) -> Download:
    download = ask(person("alice"), url, quality, options=Options(**fields))
    runner.run(claim_by(worker()), StopToken())
    return good(download)


def good(download: Download) -> Download:
    now: Any = again(download)
    assert now.status == "completed", (now.error_code, now.rendition.error_detail)
    assert not complaints(stored_file(now))
    assert not [path for path in conf.work_dir().rglob("*") if path.is_file()]
    return now  # type: ignore[no-any-return]


def stored_file(download: Download) -> Path:
    return Path(storages["media"].path(download.rendition.storage_name))


def streams_of(path: Path) -> str:
    argv = [FFMPEG, "-hide_banner", "-i", path]
    return subprocess.run(argv, capture_output=True, text=True).stderr


@pytest.mark.parametrize(
    ("form", "ext", "height", "video", "audio"),
    [("dash_webm", ".webm", 180, "vp9", "opus"), ("dash_base", ".mp4", 720, "h264", "aac")],
)
def test_picture_and_sound_in_two_whole_files(
    media: Media,
    films: StreamingOrigin,
    form: str,
    ext: str,
    height: int,
    video: str,
    audio: str,
) -> None:
    path = stored_file(fetched(films.url(getattr(media, form)())))
    found = facts(path)
    assert (path.suffix, found.height) == (ext, height)
    assert (found.video_codec, found.audio_codec) == (video, audio)
    assert found.duration == pytest.approx(SECONDS, abs=0.1)
    asked = [path for path in films.counts if not path.endswith(".mpd")]
    assert len(asked) == 2


@pytest.mark.parametrize("form", ["hls_master", "direct_mp4", "dash_webm"])
def test_the_sound_as_mp3(media: Media, films: StreamingOrigin, form: str) -> None:
    now = fetched(films.url(getattr(media, form)()), Quality.AUDIO, audio="mp3")
    found = facts(stored_file(now))
    assert (stored_file(now).suffix, found.height, found.audio_codec) == (".mp3", None, "mp3")
    assert found.duration == pytest.approx(SECONDS, abs=0.1)
    assert now.rendition.mime_type == "audio/mpeg"


@pytest.mark.parametrize("form", ["hls_ts", "direct_mp4", "dash_webm"])
def test_the_container_that_was_requested(media: Media, films: StreamingOrigin, form: str) -> None:
    path = stored_file(fetched(films.url(getattr(media, form)()), container="mkv"))
    assert path.suffix == ".mkv"
    assert "matroska" in streams_of(path)
    assert facts(path).duration == pytest.approx(SECONDS, abs=0.1)


def test_the_page_s_picture_becomes_the_cover(media: Media, films: StreamingOrigin) -> None:
    now = fetched(films.url(media.page_of_pieces()))
    assert "attached pic" in streams_of(stored_file(now))
    assert facts(stored_file(now)).height == 360
    assert now.rendition.content.thumbnail_url.endswith("/cover.jpg")


def test_a_picture_that_is_gone_never_fails_it(media: Media, films: StreamingOrigin) -> None:
    url = films.url(media.page_of_pieces())
    films.fail("/page_of_pieces/cover.jpg", 404, times=9)
    assert "attached pic" not in streams_of(stored_file(fetched(url)))


AS_IT_IS = {"audio": None, "subtitles": [], "language": None}


@pytest.mark.parametrize(
    ("form", "asked", "came", "note"),
    [
        ("hls_ts", {"container": "webm"}, {"container": "mp4"}, "The file is mp4: webm cannot"),
        ("direct_mp4", {"container": "webm"}, {"container": "mp4"}, "The file is mp4: webm cannot"),
        ("direct_mp4", {"container": "mkv"}, {"container": "mkv"}, ""),
        (
            "hls_separate",
            {"language": "zz", "subtitles": ("zz",)},
            {"container": "mp4", "language": "en"},
            "The site has no sound in zz: this is the one in English.",
        ),
        ("direct_mp4", {"language": "fr"}, {"container": "mp4"}, "French was requested."),
    ],
)
def test_what_came_of_them_is_told(
    media: Media,
    films: StreamingOrigin,
    form: str,
    asked: dict[str, Any],
    came: dict[str, Any],
    note: str,
) -> None:
    download = ask(person("alice"), films.url(getattr(media, form)()), options=Options(**asked))
    assert DownloadPayload.of(again(download)).resolved_options is None
    runner.run(claim_by(worker()), StopToken())
    told = DownloadPayload.of(good(download)).wire()
    assert told["resolvedOptions"] == AS_IT_IS | came
    assert note in (told["note"] or "")
    assert (told["note"] or "").count("no sound in") <= 1, "told once"
    assert told["filename"].endswith(f".{came['container']}")


def test_two_wishes_of_one_film_are_two_files(media: Media, films: StreamingOrigin) -> None:
    url = films.url(media.hls_ts())
    first = fetched(url)
    second = ask(person("bob"), url, options=Options(container="mkv"))
    runner.run(claim_by(worker()), StopToken())
    assert stored_file(good(second)).suffix == ".mkv"
    assert stored_file(first).exists()


def test_several_at_once(media: Media, films: StreamingOrigin) -> None:
    alice, by = person("alice", max_active=9), worker(9)
    forms = ("hls_separate", "dash_template", "hls_discontinuity", "dash_webm")
    asked = [ask(alice, films.url(getattr(media, form)())) for form in forms]
    leases = [claim_by(by) for _ in asked]
    threads = [threading.Thread(target=_run, args=(lease,)) for lease in leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for download in asked:
        good(download)
    assert Rendition.objects.filter(status="stored").count() == len(forms)
    assert set(films.pieces.values()) == {1}


def _run(lease: Lease) -> None:
    try:
        runner.run(lease, StopToken())
    finally:
        connection.close()
