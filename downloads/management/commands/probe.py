"""``manage.py probe``: title, duration and available qualities of a URL."""

from __future__ import annotations

import argparse
import json
import sys
from io import StringIO
from typing import Any

from django.core.management.base import BaseCommand
from django.template.defaultfilters import filesizeformat
from rich.console import Console
from rich.table import Table
from rich.text import Text

from downloads import network
from downloads.engine.core.errors import DownloadError
from downloads.engine.core.listing import Entry, Listing
from downloads.engine.core.media import Source
from downloads.engine.resolver import registry
from downloads.jobs.available_tracks import languages_of, subtitles_of
from downloads.jobs.resolve import qualities_of
from downloads.schemas import QualityFacts

FAILED = 1
UNKNOWN = "unknown"
_WIDE = 1_000  # columns: piped output must not be cut


class Command(BaseCommand):
    help = "Show title, duration, thumbnail, and the available qualities with their sizes."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("url", metavar="URL")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with network.client() as client:
                found = registry.look(options["url"], client)
        except DownloadError as error:
            self.stderr.write(f"{error.message} ({error.code})")
            sys.exit(FAILED)
        if options["json"]:
            self.stdout.write(json.dumps(_wire(found)))
        else:
            self.stdout.write(_shown(found, colour=self.stdout.isatty()))


# --- as JSON --------------------------------------------------------------------------------


def _wire(found: Source | Listing) -> dict[str, Any]:
    if isinstance(found, Listing):
        return {
            "title": found.title,
            "thumbnailUrl": found.thumbnail_url,
            "total": found.total,
            "hasMore": found.more,
            "entries": [_entry(entry) for entry in found.entries],
        }
    return {
        "title": found.title,
        "duration": found.duration,
        "thumbnailUrl": found.thumbnail_url,
        "qualities": [offered.wire() for offered in qualities_of(found)],
        "subtitles": [offered.wire() for offered in subtitles_of(found)],
        "languages": languages_of(found),
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "url": entry.url,
        "title": entry.title,
        "duration": entry.duration,
        "thumbnailUrl": entry.thumbnail_url,
    }


# --- as a table -----------------------------------------------------------------------------


def _shown(found: Source | Listing, *, colour: bool) -> str:
    console = Console(file=StringIO(), force_terminal=colour, highlight=False, width=_WIDE)
    _print(found, console)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in lines)


def _print(found: Source | Listing, console: Console) -> None:
    facts = [("Title", found.title), ("Thumbnail", found.thumbnail_url or "none")]
    if isinstance(found, Source):
        facts.insert(1, ("Duration", _clock(found.duration)))
        facts += _choices(found)
    for name, value in facts:
        console.print(_text(f"{f'{name}:':<10} {value}"))
    console.print()
    console.print(_entries(found) if isinstance(found, Listing) else _qualities(found))
    if isinstance(found, Listing) and found.more:
        console.print(Text("There are more entries."))


def _choices(source: Source) -> list[tuple[str, str]]:
    """Return the choices beside the quality, as pairs of name and values; none if empty."""
    words = [
        f"{each.language} (automatic)" if each.automatic else each.language
        for each in subtitles_of(source)
    ]
    sounds = languages_of(source)
    found = [("Languages", sounds if len(sounds) > 1 else []), ("Subtitles", words)]
    return [(name, ", ".join(text)) for name, text in found if text]


def _qualities(source: Source) -> Table:
    table = _table("Quality", "Resolution", "Codecs", "File", "Size")
    for offered in qualities_of(source):
        codecs = " + ".join(filter(None, (offered.video_codec, offered.audio_codec)))
        cells = (offered.quality, _picture(offered), codecs, offered.ext, _size(offered))
        table.add_row(*(_text(cell) for cell in cells))
    return table


def _entries(listing: Listing) -> Table:
    table = _table("", "Title", "Duration", "URL")
    for number, entry in enumerate(listing.entries, start=listing.start + 1):
        cells = (str(number), entry.title, _clock(entry.duration), entry.url)
        table.add_row(*(_text(cell) for cell in cells))
    return table


def _text(text: str) -> Text:
    """Return the source's text without markup or a terminal's control sequences."""
    return Text("".join(char if char.isprintable() else " " for char in text))


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table


def _picture(quality: QualityFacts) -> str:
    if quality.height is None:
        return ""
    size = f"{quality.width}x{quality.height}" if quality.width else f"{quality.height} lines"
    return f"{size} {quality.fps:g} fps" if quality.fps else size


def _size(quality: QualityFacts) -> str:
    if quality.size is None:
        return UNKNOWN
    about = "about " if quality.size_is_estimate else ""
    return about + filesizeformat(quality.size).replace("\xa0", " ")


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return UNKNOWN
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
