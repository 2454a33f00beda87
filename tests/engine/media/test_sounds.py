"""Several sounds in one stream: the one in the language that was asked for goes into the file.

The languages stand in the program map (ISO/IEC 13818-1, 2.6.18) or in each track's header
(ISO/IEC 14496-12, 8.4.2).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from downloads.engine.core.notes import Notes
from downloads.engine.media.command import media
from downloads.engine.media.config import MediaConfig
from downloads.engine.media.inputs import Feed, MediaInput
from downloads.engine.media.inspect import look
from downloads.engine.media.media_track import MediaTrack, preferred
from downloads.engine.media.recipe import Recipe
from tests.engine.media.conftest import Make
from tests.engine.media.films import FRAGMENTED, H264, SECONDS, Films, blocks
from tests.support.streaming.clips import picture, tone


def film(films: Films, ext: str, start: float = 0.0) -> Path:
    """English in one channel, German in two, which tells them apart in what is made."""
    told = [*picture(180, SECONDS), *tone(seconds=SECONDS), *tone(seconds=SECONDS)]
    told += ["-map", "0:v", "-map", "1:a", "-map", "2:a", *H264, "-c:a", "aac", "-ac:a:0", "1"]
    told += ["-ac:a:1", "2", "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=deu"]
    more = FRAGMENTED if ext == "mp4" else ("-output_ts_offset", str(start))
    return films.made(f"two-sounds-{ext}-{start}", f"film.{ext}", *told, *more)


def channels(made: Path, config: MediaConfig, folder: Path) -> list[int | None]:
    (printed,) = look([media(made, "mp4")], folder, config, read=[made])
    return [sound.channels for sound in printed.sounds]


@pytest.mark.parametrize("ext", ["ts", "mp4"])
@pytest.mark.parametrize(
    ("language", "heard", "note"),
    [
        ("", 1, ""),
        ("en", 1, ""),
        ("de", 2, ""),
        ("de-AT", 2, ""),
        ("fr", 1, "The site has no sound in French: this is the one in English."),
    ],
)
def test_the_sound_in_the_language_asked_for(
    ext: str, language: str, heard: int, note: str, films: Films, make: Make,
    config: MediaConfig, tmp_path: Path,
) -> None:  # fmt: skip
    notes = Notes()
    feed = Feed([blocks(film(films, ext))])
    recipe = Recipe("mp4", language=language)
    _, made = make([MediaInput(feed, container=ext)], recipe=recipe, notes=notes)
    assert channels(made, config, tmp_path) == [heard]
    assert notes.text == note


def test_the_same_in_each_part(
    films: Films, make: Make, config: MediaConfig, tmp_path: Path
) -> None:
    """The last one has one sound alone, in no language: it is made like the others'."""
    films_of_two = [film(films, "ts"), film(films, "ts", 500.0)]
    parts = [blocks(path) for path in (*films_of_two, films.ts(start=900.0, rate=48_000))]
    notes = Notes()
    recipe = Recipe("mp4", language="de")
    told = {"recipe": recipe, "notes": notes}
    _, made = make([MediaInput(Feed(parts, count=3), container="ts")], **told)
    assert channels(made, config, tmp_path) == [2]
    assert notes.text == ""


def test_what_is_heard_where_none_was_asked_for() -> None:
    described = MediaTrack("aac", language="en", is_described=True)
    plain = MediaTrack("aac", language="en", place=1)
    default = MediaTrack("aac", language="de", place=2, is_default=True)
    assert preferred([], "") is None
    assert preferred([described, plain], "en") is plain
    assert preferred([described, plain, default], "") is default
    assert preferred([described, default], "en") is described
    brazilian = MediaTrack("aac", language="pt-BR", place=1)
    assert preferred([MediaTrack("aac", language="por"), brazilian], "pt-BR") is brazilian
