"""Subtitles are asked for by the film's clock, and keep their times inside the file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from downloads.engine.media.film_clock import FilmClock
from downloads.engine.media.inputs import MediaInput, SubtitleFile
from downloads.engine.media.recipe import Recipe
from tests.engine.media.conftest import Make
from tests.engine.media.films import Films, feed
from tests.support.streaming.workshop import FFMPEG

LATE = "WEBVTT\n\n00:01.500 --> 00:02.250\nlate\n"


def clocks(make: Make, source: MediaInput) -> FilmClock:
    found: list[FilmClock] = []

    def none(clock: FilmClock) -> list[SubtitleFile]:
        found.append(clock)
        return []

    make([source], subtitles=none)
    return found[-1]


@pytest.mark.parametrize("start", [0.0, 33660.0])
def test_the_clock_of_one_part(make: Make, films: Films, start: float) -> None:
    clock = clocks(make, MediaInput(feed(films.ts(start=start)), container="ts"))
    (part,) = clock.parts
    assert part.source - part.film == pytest.approx(start + 1.4, abs=0.1)


def test_the_clock_of_a_file(make: Make, films: Films) -> None:
    clock = clocks(make, MediaInput(films.ts(start=100.0), container="ts"))
    (part,) = clock.parts
    assert part.source - part.film == pytest.approx(101.4, abs=0.1)
    assert clock.length == pytest.approx(3.0, abs=0.1)


def test_the_clocks_of_parts(make: Make, films: Films) -> None:
    parts = feed(films.ts(start=100.0), films.ts(start=5000.0), films.ts(start=7.0))
    clock = clocks(make, MediaInput(parts, container="ts"))
    assert [part.source for part in clock.parts] == pytest.approx([101.4, 5001.4, 8.4], abs=0.1)
    assert [part.film for part in clock.parts] == pytest.approx([0.0, 3.0, 6.0], abs=0.2)
    assert len({part.mark for part in clock.parts}) == 3


@pytest.mark.parametrize("start", [0.0, 33660.0])
@pytest.mark.parametrize("ext", ["mp4", "mkv"])
def test_a_cue_inside_the_file(
    make: Make, films: Films, work_dir: Path, ext: str, start: float
) -> None:
    """ffmpeg lets every other input begin at zero."""
    path = work_dir / "in.vtt"
    path.write_text(LATE)
    source = MediaInput(feed(films.ts(start=start)), container="ts")
    recipe = Recipe(ext, embed_subtitles=True)
    _, output = make([source], ext, recipe=recipe, subtitles=lambda _: [SubtitleFile(path, "en")])
    told = [FFMPEG, "-v", "error", "-i", output, "-map", "0:s:0", "-f", "webvtt", "-"]
    shown = subprocess.run(told, capture_output=True, check=True, text=True)
    assert shown.stdout.replace("00:00:0", "00:0").strip() == LATE.strip()
