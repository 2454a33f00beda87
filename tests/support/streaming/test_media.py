"""The media of the other tests: ffmpeg itself plays every form from the origin."""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.support.streaming.media import JOINED_SECONDS, SECONDS, Media
from tests.support.streaming.origin import StreamingOrigin
from tests.support.streaming.verify import complaints, facts, pictures, sounds
from tests.support.streaming.workshop import FFMPEG

# ffmpeg itself reads less of a SegmentList, and of ranges of an MP4: the loader's tests have these.
FORMS = [
    "direct_mp4", "direct_webm", "direct_mp3", "hls_ts", "hls_mp4", "hls_encrypted",
    "hls_byte_ranges", "hls_discontinuity", "hls_absolute", "hls_sound",
    "hls_master", "hls_separate", "dash_template", "dash_timeline", "dash_base",
]  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_it_plays(form: str, media: Media, streaming: StreamingOrigin, tmp_path: Path) -> None:
    made = tmp_path / "made.mkv"
    url = streaming.url(getattr(media, form)())
    argv = [FFMPEG, "-v", "error", "-nostdin", "-i", url]
    played = subprocess.run([*argv, "-c", "copy", made], capture_output=True, text=True)
    assert played.returncode == 0, played.stderr
    assert not complaints(made)
    seconds = JOINED_SECONDS if form == "hls_discontinuity" else SECONDS
    assert facts(made).duration == pytest.approx(seconds, abs=0.15)


def test_a_missing_piece_shows(media: Media) -> None:
    clip = media.path(media.direct_mp4())
    assert len(set(pictures(clip))) == len(pictures(clip)) > 50
    assert len(set(sounds(clip))) > 200


def test_the_origin_counts_fails_and_signs(media: Media, streaming: StreamingOrigin) -> None:
    index = media.hls_ts()
    streaming.fail(index, 503, Retry_After="1")
    assert _get(streaming.url(index))[0] == 503
    status, body = _get(streaming.url(index))
    assert (status, b"?sig=" in body) == (200, False)
    streaming.signature = "one"
    assert b"index0.ts?sig=one" in _get(streaming.url(index))[1]
    piece = index.replace("index.m3u8", "index0.ts")
    assert _get(streaming.url(f"{piece}?sig=none"))[0] == 403
    assert _get(streaming.url(f"{piece}?sig=one"))[0] == 200
    assert (streaming.fetches(index), streaming.fetches(piece)) == (3, 2)


def _get(url: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, b""
