"""Room for the index of an MP4: enough for a film, little beside it, and never needed."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import pytest

from downloads.engine.core.media import Chapter, Source
from downloads.engine.media import index
from downloads.engine.media.ffmpeg import NoRoom
from downloads.engine.media.inputs import MediaInput, SubtitleFile
from downloads.engine.media.media_track import MediaTrack
from downloads.engine.media.recipe import Recipe
from tests.engine.media.conftest import Make
from tests.engine.media.films import SECONDS, Films, feed
from tests.support.streaming.verify import decodes_cleanly, facts, pictures, sounds

PICTURE = MediaTrack("h264", width=1920, height=1080, fps=25.0)
SOUND = MediaTrack("aac", hertz=44_100)
HOUR = 3600.0
MOVED = 8  # bytes that are left where the index was moved to the front


@pytest.fixture
def short_films(monkeypatch: pytest.MonkeyPatch) -> None:
    """They get room as long ones do."""
    monkeypatch.setattr(index, "_SHORTEST", 1.0)
    monkeypatch.setattr(index, "_FEWEST_LINES", 1)


def boxes(path: Path) -> list[tuple[str, int]]:
    """The outer boxes of an MP4, and how large they are."""
    content, found, at = path.read_bytes(), [], 0
    while at < len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        found.append((kind.decode(), size))
        at += size
    return found


def kept(path: Path) -> int:
    """Return the rest of the reserved room, behind the index in front."""
    (_, _), (moov, _), (free, left), *_ = boxes(path)
    assert (moov, free) == ("moov", "free")
    return left


def test_it_would_not_show_in_a_film() -> None:
    film = 5e6 / 8 * HOUR
    assert index.room(PICTURE, SOUND, HOUR, 0) < 0.005 * film
    assert index.room(PICTURE, None, HOUR, 0) < index.room(PICTURE, SOUND, HOUR, 0)


@pytest.mark.parametrize(
    ("video", "seconds"),
    [
        (None, HOUR), (replace(PICTURE, fps=None), HOUR), (replace(PICTURE, height=360), HOUR),
        (replace(PICTURE, height=None), HOUR), (PICTURE, None), (PICTURE, 10.0), (PICTURE, 1e7),
    ],
)  # fmt: skip
def test_there_is_none_if_unknown_or_not_worth_it(
    video: MediaTrack | None, seconds: float | None
) -> None:
    assert index.room(video, SOUND, seconds, 0) == 0


@pytest.mark.parametrize("ext", ["mp4", "mov", "m4v"])
@pytest.mark.usefixtures("short_films")
def test_the_index_stands_in_front_after_one_pass(films: Films, make: Make, ext: str) -> None:
    _, output = make(
        [MediaInput(feed(films.ts()), container="ts")], ext, duration=3.0, one_pass=True
    )
    assert kept(output) > MOVED
    assert boxes(output)[-1][0] == "mdat"
    assert decodes_cleanly(output)


@pytest.mark.usefixtures("short_films")
def test_it_is_the_same_film(films: Films, make: Make) -> None:
    inputs = [MediaInput(films.film("h264", "aac", "mp4"))]
    two = make(inputs)[1]
    shown, heard = pictures(two), sounds(two)
    one = make(inputs, one_pass=True)[1]
    assert kept(one) > MOVED
    assert (pictures(one), sounds(one)) == (shown, heard)


@pytest.mark.usefixtures("short_films")
def test_it_has_room_for_cover_chapters_and_words(films: Films, make: Make) -> None:
    chapters = tuple(
        Chapter(at * SECONDS / 50, (at + 1) * SECONDS / 50, f"Chapter {at}") for at in range(50)
    )
    source = Source("test:1", "A film", (), chapters=chapters, description="x" * 20_000)
    _, output = make(
        [MediaInput(films.ts())], facts=source, cover=films.image("png"), one_pass=True
    )
    assert kept(output) > MOVED
    assert facts(output).video_codec == "h264"
    assert decodes_cleanly(output)


@pytest.mark.usefixtures("short_films")
def test_embedded_subtitles_have_it_moved(films: Films, make: Make, tmp_path: Path) -> None:
    words = tmp_path / "words.vtt"
    words.write_text("WEBVTT\n\n00:00.000 --> 00:02.000\nHello\n")
    recipe = Recipe("mp4", video=True, embed_subtitles=True)
    told = {"recipe": recipe, "subtitles": lambda _: [SubtitleFile(words, "en")], "one_pass": True}
    _, output = make([MediaInput(films.ts())], **told)
    assert kept(output) == MOVED


@pytest.mark.usefixtures("short_films")
def test_too_little_room_is_told(
    films: Films, make: Make, monkeypatch: pytest.MonkeyPatch, work_dir: Path
) -> None:
    monkeypatch.setattr(index, "_FIXED", 500)
    monkeypatch.setattr(index, "_ENTRY", 0)
    with pytest.raises(NoRoom):
        make([MediaInput(films.ts())], one_pass=True)
    assert not list(work_dir.iterdir())
    assert decodes_cleanly(make([MediaInput(films.ts())])[1])
