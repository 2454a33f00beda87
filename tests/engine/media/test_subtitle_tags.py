"""Several subtitles of one language lie beside a file under names that differ."""

from __future__ import annotations

from pathlib import Path

from downloads.engine.media.inputs import SubtitleFile
from downloads.engine.media.subtitle_tags import subtitle_tags


def one(language: str, **told: bool) -> SubtitleFile:
    return SubtitleFile(Path("x"), language, **told)  # type: ignore[arg-type]


def test_each_once() -> None:
    files = [
        one("en"), one("EN"), one("en", described=True), one("en", forced=True),
        one("en", described=True), one("en", automatic=True), one("de", described=True),
        one("fr", forced=True), one("pt_BR"), one("pt-BR"), one("../x"), one(""),
    ]  # fmt: skip
    tags = subtitle_tags(files)
    assert tags == [
        "en", "EN-x-2", "en-x-sdh", "en-x-forced", "en-x-sdh-2", "en-x-auto", "de",
        "fr-x-forced", "pt-BR", "pt-BR-x-2", "x", "und",
    ]  # fmt: skip
    assert len({tag.lower() for tag in tags}) == len(files)
