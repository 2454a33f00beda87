"""``manage.py fetch`` and ``probe`` with more than a quality in mind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from downloads.engine.core.media import Format, Source, Stream, StreamKind, Subtitle
from downloads.management.commands import probe
from tests.cli.test_fetch import run
from tests.cli.test_films import environment
from tests.storage.subtitles.arrange import talk
from tests.support.streaming.fixtures import media, streaming
from tests.support.streaming.media import Media
from tests.support.streaming.origin import StreamingOrigin
from tests.support.streaming.verify import facts

EBML = b"\x1aE\xdf\xa3"  # how a Matroska file begins

__all__ = ["environment", "media", "streaming"]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_container_subtitles_and_language(
    media: Media, streaming: StreamingOrigin, environment: dict[str, str], tmp_path: Path
) -> None:
    url = streaming.url(media.hls_separate())
    options = ("--container", "mkv", "--subtitles", "en,de", "--language", "fr")
    status, out, err = run(
        environment, "fetch", url, "-o", "film.mkv", "--json", *options, cwd=tmp_path
    )
    assert (status, err) == (0, "")
    told = json.loads(out.splitlines()[-1])
    assert (told["path"], told["subtitles"]) == ("film.mkv", ["film.en.vtt"])
    assert (tmp_path / "film.mkv").read_bytes().startswith(EBML)
    assert (tmp_path / "film.en.vtt").read_text().startswith("WEBVTT")
    assert names_in(tmp_path) == ["film.en.vtt", "film.mkv", "var"]


def test_subtitles_beside_a_file_that_nothing_is_made_of(
    media: Media, streaming: StreamingOrigin, environment: dict[str, str], tmp_path: Path
) -> None:
    url = talk(media, streaming)
    (tmp_path / "films").mkdir()
    status, out, err = run(
        environment, "fetch", url, "-o", "films", "--subtitles", "all", cwd=tmp_path
    )
    assert (status, err) == (0, "")
    assert out.split("\n")[:3] == [
        "films/A talk.mp4",
        "films/A talk.en.vtt",
        "films/A talk.pt-BR.vtt",
    ]
    assert names_in(tmp_path / "films") == ["A talk.en.vtt", "A talk.mp4", "A talk.pt-BR.vtt"]


def test_subtitles_into_the_storage(
    media: Media, streaming: StreamingOrigin, environment: dict[str, str], tmp_path: Path
) -> None:
    url = talk(media, streaming)
    status, out, err = run(
        environment, "fetch", url, "--storage", "--subtitles", "en", cwd=tmp_path
    )
    assert (status, err) == (0, "")
    film, words = out.split("\n")[:2]
    assert words == f"{film.removesuffix('.mp4')}.en.vtt"
    assert (tmp_path / "var" / "media" / words).read_text().startswith("WEBVTT")


def test_mp3_is_the_sound_alone(
    media: Media, streaming: StreamingOrigin, environment: dict[str, str], tmp_path: Path
) -> None:
    url = streaming.url(media.hls_separate())
    status, _, err = run(
        environment, "fetch", url, "-o", "talk.mp3", "--audio", "mp3", cwd=tmp_path
    )
    assert (status, err) == (0, "")
    found = facts(tmp_path / "talk.mp3")
    assert (found.audio_codec, found.height) == ("mp3", None)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--container", "avi"), "The container can be mp4, mkv, webm."),
        (("--audio", "flac"), "Audio can be re-encoded to mp3, or kept as it is."),
        (("--subtitles", "en;de"), 'A language is written like "en" or "pt-BR".'),
        (("--language", "../de"), 'A language is written like "en" or "pt-BR".'),
        (("--subtitles", ",".join(["en", "de"] + [f"a{x}" for x in "abcdefghi"])), "at most 10"),
    ],
)
def test_options_that_cannot_be_requested(
    options: tuple[str, str], sentence: str, environment: dict[str, str], tmp_path: Path
) -> None:
    status, out, err = run(environment, "fetch", "http://127.0.0.1:1/a", *options, cwd=tmp_path)
    assert (status, out) == (2, "")
    assert sentence in err
    assert len(err.splitlines()) == 1


def test_probe_names_what_can_be_chosen() -> None:
    sounds = [
        Format(f"s{place}", Stream("https://media.example/s", kind=StreamKind.AUDIO), "m4a",
               language=language, preference=preference)
        for place, (language, preference) in enumerate((("fr", -10), ("en", 10)))
    ]  # fmt: skip
    words = [Subtitle("de", "https://media.example/d", "vtt", automatic=True),
             Subtitle("en", "https://media.example/e", "vtt")]  # fmt: skip
    source = Source("site:1", "Harbour", tuple(sounds), subtitles=tuple(words))
    lines = probe._shown(source, colour=False).splitlines()
    assert "Subtitles: en, de (automatic)" in lines
    assert "Languages: en, fr" in lines
    bare = probe._shown(Source("site:1", "Harbour", tuple(sounds[:1])), colour=False)
    assert "Subtitles" not in bare
    assert "Languages" not in bare
