"""Subtitles are asked for by the film's clock, and keep their times inside the file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from downloads.engine.media.film_clock import FilmClock
from downloads.engine.media.inputs import MediaInput, SubtitleFile
from downloads.engine.media.recipe import Recipe
from downloads.engine.media.subtitles import SubtitleSource, convert
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


def _subtitles(work_dir: Path, text: str, length: float) -> SubtitleFile:
    raw, path = work_dir / "raw", work_dir / "in.vtt"
    raw.write_text(text)
    clock = FilmClock(length=length)
    found = convert(SubtitleSource(raw, "vtt"), path, work_dir=work_dir, clock=clock)
    return SubtitleFile(path, "en", inside=found.inside)


@pytest.mark.parametrize("ext", ["mp4", "mkv"])
def test_cues_after_the_film(make: Make, films: Films, work_dir: Path, ext: str) -> None:
    """They lie in the file beside it; inside they would make it hours long."""
    text = f"{LATE}\n00:02.500 --> 00:05.000\nx\n\n90:00:00.000 --> 90:00:01.000\nx\n"
    file = _subtitles(work_dir, text, 3.0)
    facts, _ = make(
        [MediaInput(feed(films.ts()), container="ts")],
        ext,
        recipe=Recipe(ext, embed_subtitles=True),
        subtitles=lambda _: [file],
    )
    assert facts.duration == pytest.approx(3.0, abs=0.1)
    assert file.path.read_text().count(" --> ") == 3


@pytest.mark.parametrize("ext", ["mp4", "mkv"])
def test_odd_cues_do_not_cost_the_film(make: Make, films: Films, work_dir: Path, ext: str) -> None:
    cues = ["x" * 100_000, "\x01\x1b\x7f", "<b><i><v " * 5000, "\U0001f600\uffff" * 9000, " \n a"]
    lines = [f"00:0{place}.000 --> 999999999:00:00.000\n{cue}\n" for place, cue in enumerate(cues)]
    file = _subtitles(work_dir, "\n".join(["WEBVTT\n", *lines]), 10 * 3600.0)
    make(
        [MediaInput(feed(films.ts()), container="ts")],
        ext,
        recipe=Recipe(ext, embed_subtitles=True),
        subtitles=lambda _: [file],
    )


@pytest.mark.parametrize("ext", ["mp4", "mkv"])
def test_a_pause_of_an_hour(make: Make, films: Films, work_dir: Path, ext: str) -> None:
    """ffmpeg's MP4 loses a pause, and fails at a cue, of more than 35 minutes by itself."""
    text = (
        "WEBVTT\n\n00:00.500 --> 00:01.000\none\n\n01:00:00.000 --> 01:00:01.000\ntwo\n\n"
        "01:30:00.000 --> 03:00:00.000\nthree\n"
    )
    path = work_dir / "in.vtt"
    path.write_text(text)
    _, output = make(
        [MediaInput(feed(films.ts()), container="ts")],
        ext,
        recipe=Recipe(ext, embed_subtitles=True),
        subtitles=lambda _: [SubtitleFile(path, "en")],
    )
    assert _shown(output) == text.strip()


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
    assert _shown(output) == LATE.strip()


def _shown(path: Path) -> str:
    told = [FFMPEG, "-v", "error", "-i", path, "-map", "0:s:0", "-f", "webvtt", "-"]
    return subprocess.run(told, capture_output=True, check=True, text=True).stdout.strip()
