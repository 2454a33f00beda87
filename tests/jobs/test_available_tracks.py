"""The subtitles and languages that a source offers: known with its content, clean and bounded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from downloads.engine.core.media import Format, Source, Stream, StreamKind, Subtitle
from downloads.jobs import available_tracks
from downloads.jobs.resolve import learn
from downloads.models import Content

AT = "https://media.example/a"


def spoken(language: str, preference: int = 0) -> Format:
    stream = Stream(AT, kind=StreamKind.AUDIO)
    return Format(language, stream, "m4a", language=language, preference=preference)


def written(language: str, name: str = "", *, automatic: bool = False) -> Subtitle:
    return Subtitle(language, AT, "vtt", name=name, automatic=automatic)


def source(*offers: Format | Subtitle) -> Source:
    return Source(
        identity="site:1",
        title="Harbour",
        formats=tuple(each for each in offers if isinstance(each, Format)),
        subtitles=tuple(each for each in offers if isinstance(each, Subtitle)),
    )


def test_each_language_once_and_people_before_machines() -> None:
    found = available_tracks.subtitles_of(
        source(written("de", automatic=True), written("en"), written("DE", "Deutsch"),
               written("fr", automatic=True))
    )  # fmt: skip
    assert [(each.language, each.name, each.automatic) for each in found] == [
        ("en", "", False),
        ("DE", "Deutsch", False),
        ("fr", "", True),
    ]


def test_tracks_that_cannot_be_requested_are_left_out() -> None:
    hostile = written("../../etc"), written("live_chat"), written(""), written("x" * 200)
    assert available_tracks.subtitles_of(source(*hostile)) == []
    assert available_tracks.languages_of(source(spoken("und"), spoken(""), spoken("a;b"))) == []


def test_names_are_cleaned_and_all_is_bounded() -> None:
    (found,) = available_tracks.subtitles_of(
        source(written("en", "Eng\x1b[2J\u202e\nlish" + "x" * 500))
    )
    assert found.name.startswith("Eng[2Jlish")
    assert len(found.name) == 100
    many = [f"{first}{second}" for first in "abcdefghijkl" for second in "abcdefghijkl"]
    assert len(available_tracks.subtitles_of(source(*map(written, many)))) == available_tracks.MOST
    assert len(available_tracks.languages_of(source(*map(spoken, many)))) == available_tracks.MOST


def test_the_original_language_comes_first() -> None:
    picture = replace(spoken("sv"), stream=Stream(AT, kind=StreamKind.VIDEO))
    offers = spoken("fr", -10), picture, spoken("en", 10), spoken("de"), spoken("EN", 10)
    assert available_tracks.languages_of(source(*offers)) == ["en", "de", "fr"]


@pytest.mark.django_db
def test_content_knows_them() -> None:
    content = Content.objects.create(source_url=AT, url_key="1")
    learn(content, source(spoken("en"), spoken("de"), written("pt-BR", "Brasil")))
    content.refresh_from_db()
    assert content.languages == ["en", "de"]
    assert content.subtitles == [{"language": "pt-BR", "name": "Brasil", "automatic": False}]
