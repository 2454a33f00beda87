"""The metadata of a file: whatever a source calls things, it is text."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from downloads.engine.core.media import Chapter, Source
from downloads.engine.media.inputs import MediaInput, SubtitleFile
from downloads.engine.media.metadata import ffmetadata, iso_language
from downloads.engine.media.recipe import Recipe
from tests.engine.media.conftest import Make
from tests.engine.media.films import Films
from tests.support.streaming.workshop import FFMPEG

TITLES = [
    "plain",
    "a=b;c#d\\e",
    ";FFMETADATA1\n[CHAPTER]\nSTART=0",
    "two\nlines\r\nand a third",
    "ends with a backslash\\",
    "\u65e5\u672c\u8a9e \U0001f6a2 \u202eright to left",
    "nul\x00and\x1bescape",
    "half a \ud83d pair",
    "'quotes' \"double\" $(touch x) %d -i",
    "x" * 100_000,
]


def _tags(path: Path) -> dict[str, str]:
    """Return the tags as ffmpeg writes them itself."""
    said = subprocess.run(
        [FFMPEG, "-v", "error", "-i", path, "-f", "ffmetadata", "-"], capture_output=True
    ).stdout.decode()
    tags: dict[str, str] = {}
    key, value, escaped, in_key = "", "", False, True
    for character in re.split(r"(?<!\\)\n\[", said)[0].partition("\n")[2] + "\n":
        if escaped:
            key, value, escaped = (
                (key + character, value, False) if in_key else (key, value + character, False)
            )
        elif character == "\\":
            escaped = True
        elif character == "=" and in_key:
            in_key = False
        elif character == "\n":
            tags[key], key, value, in_key = value, "", "", True
        elif in_key:
            key += character
        else:
            value += character
    return tags


def _expected(title: str) -> str:
    text = title.replace("\r\n", "\n").replace("\x00", "").replace("\x1b", "").replace("\ud83d", "")
    return text[:1000].rstrip("\\")


@pytest.mark.parametrize("title", TITLES, ids=range(len(TITLES)))
@pytest.mark.parametrize("ext", ["mp4", "mkv"])
def test_a_title_comes_back_as_it_was(films: Films, make: Make, title: str, ext: str) -> None:
    facts = Source("x:1", title, (), uploader=title, page_url="https://example.org/?a=1;b#c")
    _, output = make([MediaInput(films.fragmented())], ext, facts=facts)
    tags = {key.lower(): value for key, value in _tags(output).items()}
    assert tags["title"] == tags["artist"] == _expected(title)
    assert tags["comment"] == "https://example.org/?a=1;b#c"
    assert "Chapter" not in _shown(output)


def test_date_and_chapters(films: Films, make: Make) -> None:
    chapters = (
        Chapter(0.0, 1.5, "One"),
        Chapter(1.5, 3.0, "Two=;\n[CHAPTER]"),
        Chapter(5.0, 4.0, "backwards"),
        Chapter(0.0, float("nan"), "never"),
    )
    facts = Source("x:1", "A film", (), published="2024-05-06T07:08", chapters=chapters)
    _, output = make([MediaInput(films.ts())], facts=facts)
    shown = _shown(output)
    assert shown.count("Chapter #") == 2
    assert "start 1.500000, end 3.000000" in shown
    assert _tags(output)["date"] == "2024-05-06"


def test_a_film_of_a_thousand_chapters(films: Films, make: Make) -> None:
    """ffmpeg prints all of them before it says what it has written."""
    chapters = tuple(Chapter(n / 500, (n + 1) / 500, f"{n} " + "x" * 1000) for n in range(1000))
    made, output = make([MediaInput(films.ts())], facts=Source("x:1", "", (), chapters=chapters))
    assert made.video_codec == "h264"
    assert _shown(output).count("Chapter #") == 1000


def test_what_is_not_known_is_left_out() -> None:
    assert ffmetadata(Source("x:1", "", (), published="soon")) == ";FFMETADATA1\n"


def test_ten_thousand_chapters_are_a_thousand() -> None:
    chapters = tuple(Chapter(n, n + 1, "x" * 5000) for n in range(10_000))
    assert ffmetadata(Source("x:1", "", (), chapters=chapters)).count("[CHAPTER]") == 1000


@pytest.mark.parametrize(
    ("ext", "codec"), [("mp4", "mov_text"), ("mkv", "subrip"), ("webm", "webvtt")]
)
def test_subtitles_inside(films: Films, make: Make, work_dir: Path, ext: str, codec: str) -> None:
    words = work_dir / "en.vtt"
    words.write_text("WEBVTT\n\n00:00:00.500 --> 00:00:01.500\nHello\n")
    source = films.film("vp9", "opus", "webm") if ext == "webm" else films.ts()
    recipe = Recipe(ext, embed_subtitles=True)
    subtitles = [SubtitleFile(words, "en-GB"), SubtitleFile(words, "x; -i /etc/passwd")]
    _, output = make([MediaInput(source)], ext, recipe=recipe, subtitles=lambda _: subtitles)
    shown = _shown(output)
    assert shown.count(f"Subtitle: {codec}") == 2
    assert re.search(rf"\(eng\): Subtitle: {codec}", shown), shown


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("en-GB", "eng"),
        ("pt", "por"),
        ("DE", "deu"),
        ("zho-Hant", "zho"),
        ("xx", "und"),
        ("", "und"),
        ("../x", "und"),
    ],
)
def test_a_language_is_three_letters(tag: str, language: str) -> None:
    assert iso_language(tag) == language


def _shown(path: Path) -> str:
    return subprocess.run([FFMPEG, "-i", path], capture_output=True, text=True).stderr
