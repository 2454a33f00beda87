"""The picture in the file; a broken one never fails a download."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from downloads.engine.media.inputs import MediaInput
from tests.engine.media import hostile
from tests.engine.media.conftest import Make
from tests.engine.media.films import Films
from tests.support.streaming.verify import decodes_cleanly
from tests.support.streaming.workshop import FFMPEG


def _shown(path: Path) -> str:
    return subprocess.run([FFMPEG, "-i", path], capture_output=True, text=True).stderr


@pytest.mark.parametrize("image", ["jpg", "png", "webp"])
@pytest.mark.parametrize("ext", ["mp4", "mkv"])
def test_a_film_with_a_cover(films: Films, make: Make, image: str, ext: str) -> None:
    found, output = make([MediaInput(films.ts())], ext, cover=films.image(image))
    assert "attached pic" in _shown(output)
    assert "Video: mjpeg" in _shown(output)
    assert (found.video_codec, found.height) == ("h264", 180)  # the film's, not the cover's
    assert decodes_cleanly(output)


@pytest.mark.parametrize(("audio", "ext"), [("aac", "m4a"), ("mp3", "mp3"), ("flac", "flac")])
def test_sound_with_a_cover(films: Films, make: Make, audio: str, ext: str) -> None:
    source = films.sound(audio, "ts" if audio == "aac" else ext)
    found, output = make([MediaInput(source)], ext, video=False, cover=films.image("png"))
    assert "attached pic" in _shown(output)
    assert (found.video_codec, found.audio_codec) == (None, audio)


def test_where_there_is_no_room_for_one(films: Films, make: Make) -> None:
    source = films.film("vp9", "opus", "webm")
    _, output = make([MediaInput(source)], "webm", cover=films.image("jpg"))
    assert "mjpeg" not in _shown(output)


def test_a_broken_one_is_left_out(
    films: Films, make: Make, work_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bombs = {
        "empty": b"",
        "html": b"<html>not found</html>",
        "cut": films.image("jpg").read_bytes()[:30],
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "list": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        "bomb": hostile.png_bomb(),
    }
    for name, content in bombs.items():
        cover = work_dir / "cover%d.jpg"
        cover.write_bytes(content)
        caplog.clear()
        _, output = make([MediaInput(films.ts())], cover=cover)
        assert "attached pic" not in _shown(output), name
        assert "cover left out" in caplog.text, name


@pytest.mark.parametrize(
    ("picture", "width", "height", "left_out"),
    [
        (hostile.grey_png, 7900, 5000, False),
        (hostile.grey_png, 8100, 5000, True),  # more pixels than it may have
        (hostile.deep_png, 6300, 6300, True),  # no more, but of too much memory
    ],
    ids=["large", "too many pixels", "too deep"],
)
def test_what_a_picture_may_cost(
    picture: Callable[[int, int], bytes],
    width: int,
    height: int,
    left_out: bool,
    films: Films,
    make: Make,
    work_dir: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    cover = work_dir / "cover.png"
    cover.write_bytes(picture(width, height))
    _, output = make([MediaInput(films.ts())], cover=cover)
    assert ("attached pic" in _shown(output)) != left_out
    assert ("cover left out" in caplog.text) == left_out
