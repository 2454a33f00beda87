"""Every form in which sources offer a film becomes the file that was asked for."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages

from downloads import conf
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.media import Quality
from downloads.engine.core.progress import Phase
from downloads.engine.media import index
from downloads.engine.media.inspect import MediaFacts
from downloads.engine.media.mux import MuxRequest, mux
from downloads.engine.pipeline import mux_pipeline, muxing
from downloads.engine.pipeline.muxing import ThroughputEstimate
from downloads.jobs import progress_report, runner
from downloads.models import Download, Rendition
from downloads.queue.lease import Lease
from downloads.queue.lease import report as lease_report
from tests.support.ledger import again, ask, claim_by, person, worker
from tests.support.origin import Origin
from tests.support.streaming.media import JOINED_SECONDS, SECONDS, Media
from tests.support.streaming.origin import StreamingOrigin
from tests.support.streaming.verify import complaints, facts
from tests.support.streaming.workshop import FFMPEG

pytestmark = pytest.mark.django_db(transaction=True)

LADDER = {"auto": 1080, "1080p": 1080, "720p": 720, "480p": 480, "360p": 360}
FORMS = [
    ("hls_ts", 360, "h264", "aac", SECONDS),
    ("hls_mp4", 360, "h264", "aac", SECONDS),
    ("hls_encrypted", 360, "h264", "aac", SECONDS),
    ("hls_byte_ranges", 360, "h264", "aac", SECONDS),
    ("hls_mp4_byte_ranges", 360, "h264", "aac", SECONDS),
    ("hls_absolute", 360, "h264", "aac", SECONDS),
    ("hls_discontinuity", 360, "h264", "aac", JOINED_SECONDS),
    ("hls_map_change", 360, "h264", "aac", JOINED_SECONDS),
    ("hls_sound", None, None, "aac", SECONDS),
    ("hls_mp3", None, None, "mp3", SECONDS),
    ("hls_separate", 720, "h264", "aac", SECONDS),
    ("dash_template", 720, "h264", "aac", SECONDS),
    ("dash_timeline", 720, "h264", "aac", SECONDS),
    ("dash_list", 720, "h264", "aac", SECONDS),
    ("dash_base", 720, "h264", "aac", SECONDS),
    ("direct_mp4", 360, "h264", "aac", SECONDS),
    ("direct_webm", 180, "vp9", "opus", SECONDS),
    ("direct_mp3", None, None, "mp3", SECONDS),
    ("page", 360, "h264", "aac", SECONDS),
]


def fetched(url: str, quality: Quality = Quality.AUTO) -> Download:
    download = ask(person("alice"), url, quality)
    runner.run(claim_by(worker()), StopToken())
    now: Any = again(download)
    assert now.status == "completed", (now.error_code, now.rendition.error_detail)
    return now  # type: ignore[no-any-return]


def stored_file(download: Download) -> Path:
    return Path(storages["media"].path(download.rendition.storage_name))


def nothing_left() -> bool:
    return not [path for path in conf.work_dir().rglob("*") if path.is_file()]


def test_the_bar_leaves_room_for_ffmpeg_where_no_playlist_tells_a_size(
    media: Media, films: StreamingOrigin, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[Phase, float]] = []

    def report(lease: Lease, **said: Any) -> None:
        told.append((said["phase"], said["progress"]))
        lease_report(lease, **said)

    monkeypatch.setattr(progress_report, "report", report)
    monkeypatch.setattr(
        mux_pipeline, "COPYING", ThroughputEstimate(1024.0)
    )  # so that ffmpeg is slower than the source
    fetched(films.url(media.hls_discontinuity()))
    at_first = next(progress for phase, progress in told if phase is Phase.PROCESSING)
    assert at_first < 50, told


@pytest.mark.parametrize(("form", "height", "video", "audio", "seconds"), FORMS)
def test_the_stored_file_is_what_was_offered(
    media: Media,
    films: StreamingOrigin,
    form: str,
    height: int | None,
    video: str | None,
    audio: str,
    seconds: float,
) -> None:
    path = stored_file(fetched(films.url(getattr(media, form)())))
    found = facts(path)
    assert (found.height, found.video_codec, found.audio_codec) == (height, video, audio)
    assert found.duration == pytest.approx(seconds, abs=0.1)
    assert not complaints(path)
    assert nothing_left()


@pytest.mark.parametrize("form", ["hls_ts", "hls_separate", "hls_discontinuity"])
def test_a_film_with_too_little_room_for_its_index_is_put_together_again(
    media: Media, films: StreamingOrigin, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes: list[bool] = []

    def counted(request: MuxRequest, *args: Any, **told: Any) -> MediaFacts:
        passes.append(request.one_pass)
        return mux(request, *args, **told)

    for figure, value in {"_SHORTEST": 1.0, "_FEWEST_LINES": 1, "_FIXED": 500, "_ENTRY": 0}.items():
        monkeypatch.setattr(index, figure, value)
    monkeypatch.setattr(muxing, "mux", counted)
    path = stored_file(fetched(films.url(getattr(media, form)())))
    assert passes == [True, False]
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    assert not complaints(path)
    assert set(films.pieces.values()) == {1}
    assert nothing_left()


@pytest.mark.parametrize(("quality", "height"), LADDER.items())
def test_each_quality_of_a_ladder(
    media: Media, films: StreamingOrigin, quality: str, height: int
) -> None:
    now = fetched(films.url(media.hls_master()), Quality(quality))
    found = facts(stored_file(now))
    assert (found.height, found.video_codec, found.audio_codec) == (height, "h264", "aac")
    assert found.duration == pytest.approx(SECONDS, abs=0.1)
    assert now.rendition.resolved_quality == f"{height}p"
    assert now.rendition.size == stored_file(now).stat().st_size


def test_what_told_no_height_is_called_by_what_it_came_to(
    media: Media, films: StreamingOrigin
) -> None:
    now = fetched(films.url(media.hls_ts()))
    assert now.rendition.resolved_quality == "360p"
    assert stored_file(now).name.startswith("hls ts [360p] ")


@pytest.mark.parametrize("form", ["hls_master", "hls_separate", "dash_template"])
def test_the_sound_alone(media: Media, films: StreamingOrigin, form: str) -> None:
    path = stored_file(fetched(films.url(getattr(media, form)()), Quality.AUDIO))
    found = facts(path)
    assert (found.height, found.audio_codec, path.suffix) == (None, "aac", ".m4a")
    assert found.duration == pytest.approx(SECONDS, abs=0.1)
    assert not complaints(path)


def test_what_came_is_fetched_once(media: Media, films: StreamingOrigin) -> None:
    fetched(films.url(media.hls_separate()))
    assert set(films.pieces.values()) == {1}


def test_the_same_film_by_two_wishes_is_fetched_once(media: Media, films: StreamingOrigin) -> None:
    first = fetched(films.url(media.hls_master()), Quality.P1080)
    pieces = sum(films.pieces.values())
    second = ask(person("bob"), films.url(media.hls_master()))
    runner.run(claim_by(worker()), StopToken())
    assert again(second).status == "completed"
    assert again(second).rendition_id == first.rendition_id
    assert sum(films.pieces.values()) == pieces
    assert Rendition.objects.count() == 1


@pytest.mark.parametrize("gone", [False, True], ids=["there", "gone"])
def test_a_missing_subtitle_never_fails_it(
    media: Media, films: StreamingOrigin, gone: bool
) -> None:
    url = films.url(media.hls_separate())
    if gone:
        films.fail("/hls_separate/subtitles/index.m3u8", 404, times=9)
    download = ask(person("alice"), url)
    Rendition.objects.update(options="subtitles=en")
    runner.run(claim_by(worker()), StopToken())
    now: Any = again(download)
    assert now.status == "completed"
    said = subprocess.run(
        [FFMPEG, "-hide_banner", "-i", stored_file(now)], capture_output=True, text=True
    ).stderr
    assert ("Subtitle:" in said) is not gone


def test_a_page_in_place_of_the_film_is_not_stored(origin: Origin) -> None:
    origin.serve("/watch", b"<!doctype html><title>x</title><video src='/film.mp4'></video>")
    origin.serve("/film.mp4", b"<!doctype html><title>Sign in</title><form></form>")
    download = ask(person("alice"), origin.url("/watch"))
    runner.run(claim_by(worker()), StopToken())
    now = again(download)
    assert (now.status, now.error_code) == ("failed", "not_media")
    assert "web page in place of the media" in str(now.error)
    assert nothing_left()
