"""The streams of a file, read from ffmpeg's output."""

from __future__ import annotations

from pathlib import Path

import pytest

from downloads.engine.core.errors import ProcessingFailed
from downloads.engine.media.config import MediaConfig
from downloads.engine.media.inspect import MediaFacts, inspect, parse
from tests.engine.media.films import Films

# ruff: noqa: E501 - as it is printed
PRINTED = """Input #0, mov,mp4,m4a,3gp,3g2,mj2, from 'file:made.mp4':
  Metadata:
    title           : A film
                    :   Stream #0:7: Video: fake, none, 1x1, 1 fps
    Stream #0:8: Video: fake : x, 1x1
  Duration: 01:02:03.45, start: -0.023000, bitrate: 701 kb/s
  Stream #0:0[0x1](und): Video: hevc (Main 10) (hvc1 / 0x31637668), yuv420p10le(tv), 3840x2160 [SAR 1:1 DAR 16:9], 900 kb/s, 59.94 fps, 59.94 tbr, 90k tbn, start 1.480000 (default)
      Stream #0:9: Audio: fake
  Stream #0:1[0x2](eng): Audio: aac (LC) (mp4a / 0x6134706D), 48000 Hz, 5.1(side), fltp, 72 kb/s, start 1.458667 (default)
  Stream #0:2[0x0]: Video: mjpeg (Baseline), yuvj420p(pc), 640x360, 90k tbr, 90k tbn (attached pic)
Input #1, ogg, from 'file:x':
  Duration: N/A, start: 0.000000, bitrate: N/A
  Stream #1:0: Audio: opus, 48000 Hz, stereo, fltp
"""


def test_what_is_printed() -> None:
    film, sound = parse(PRINTED)
    assert film.duration == pytest.approx(3723.45)
    assert film.start == -0.023
    assert film.video
    assert (film.video.codec, film.video.profile, film.video.tag) == ("hevc", "Main 10", "hvc1")
    assert (film.video.width, film.video.height, film.video.fps) == (3840, 2160, 59.94)
    assert film.audio
    assert (film.audio.codec, film.audio.profile) == ("aac", "LC")
    assert (film.audio.hertz, film.audio.channels, film.audio.start) == (48_000, 6, 1.458667)
    assert (sound.duration, sound.video) == (None, None)
    assert sound.audio
    assert (sound.audio.codec, sound.audio.channels) == ("opus", 2)


@pytest.mark.parametrize(
    "said", ["", "\n\n", "  Duration: x", "  Stream #0:0: Video: h264", "\x00" * 50]
)
def test_what_is_no_such_print(said: str) -> None:
    assert parse(said) == []


def test_a_film(films: Films, config: MediaConfig) -> None:
    found = inspect(films.film("h264", "aac", "mp4"), config)
    assert found == MediaFacts(
        "mp4", found.duration, 320, 180, 12.0, video_codec="h264", audio_codec="aac"
    )
    assert found.duration == pytest.approx(3.0, abs=0.1)


def test_sound(films: Films, config: MediaConfig) -> None:
    found = inspect(films.sound("opus", "ogg"), config)
    assert (found.container, found.height, found.audio_codec) == ("ogg", None, "opus")


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x00\x00\x00\x10ftypisom\x00\x00\x00\x00"])
@pytest.mark.processes
def test_what_is_no_film(tmp_path: Path, config: MediaConfig, content: bytes) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with pytest.raises(ProcessingFailed):
        inspect(path, config, declared="mp4")
