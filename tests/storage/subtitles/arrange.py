"""Sources with subtitles, and what lies beside a stored file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.storage import storages

from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.options import Options
from downloads.jobs import runner
from downloads.models import Download
from downloads.models.subtitles import StoredSubtitle, subtitles_of
from tests.support.ledger import again, ask, claim_by, person, worker
from tests.support.streaming.media import Media
from tests.support.streaming.origin import StreamingOrigin

ENGLISH = "WEBVTT\n\n00:00:00.500 --> 00:00:05.500\nA spoken word.\n"
PORTUGUESE = "1\n00:00:01,000 --> 00:00:02,000\nUma palavra.\n"
_PAGE = """<!doctype html>
<html lang="en"><head><title>A talk</title><meta property="og:title" content="A talk"></head>
<body><video controls src="../direct_mp4/clip.mp4" type="video/mp4">
<track kind="subtitles" srclang="en" label="English" src="words.vtt">
<track kind="subtitles" srclang="pt-BR" src="words.srt"></video></body></html>
"""


def talk(media: Media, films: StreamingOrigin) -> str:
    """A page with one whole file in it, and subtitles in two languages beside that."""
    media.direct_mp4()
    films.serve("/talk/index.html", _PAGE.encode())
    films.serve("/talk/words.vtt", ENGLISH.encode())
    films.serve("/talk/words.srt", PORTUGUESE.encode())
    return films.url("/talk/index.html")


def requested(url: str, *languages: str) -> Download:
    return ask(person("alice"), url, options=Options(subtitles=languages))


def run() -> None:
    runner.run(claim_by(worker()), StopToken())


def completed(download: Download) -> Any:
    now = again(download)
    assert now.status == "completed", (now.error_code, now.rendition.error_detail)
    return now


def beside(download: Download) -> dict[str, StoredSubtitle]:
    """By language, as the row says."""
    found = subtitles_of(again(download).rendition.subtitles)
    return {each.language: each for each in found}


def in_storage() -> list[str]:
    root = Path(storages["media"].location)
    files = [path.relative_to(root) for path in root.rglob("*") if path.is_file()]
    return sorted(str(name) for name in files if not name.parts[0].startswith("."))


def text_of(subtitle: StoredSubtitle) -> str:
    with storages["media"].open(subtitle.storage_name) as file:
        return str(file.read().decode())
