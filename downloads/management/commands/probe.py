"""``manage.py probe``: what is behind a URL, and in which qualities."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.template.defaultfilters import filesizeformat

from downloads import outbound
from downloads.exceptions import DownloadError
from downloads.resolution import quality_of
from downloads.resolver import registry
from downloads.streams import Format, Source

FAILED = 1


class Command(BaseCommand):
    help = "Show title, duration, thumbnail, and the qualities on offer with their sizes."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("url", metavar="URL")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with outbound.client() as client:
                source = registry.probe(options["url"], client)
        except DownloadError as error:
            self.stderr.write(f"{error.message} ({error.code})")
            sys.exit(FAILED)
        self.stdout.write(_as_json(source) if options["json"] else _as_table(source))


def _as_json(source: Source) -> str:
    return json.dumps(
        {
            "title": source.title,
            "duration": source.duration,
            "thumbnailUrl": source.thumbnail_url,
            "qualities": [quality_of(offered).wire() for offered in source.formats],
        }
    )


def _as_table(source: Source) -> str:
    facts = [
        ("Title", source.title),
        ("Duration", f"{source.duration:.0f} s" if source.duration is not None else "unknown"),
        ("Thumbnail", source.thumbnail_url or "none"),
    ]
    lines = [f"{name:<10} {value}" for name, value in facts]
    return "\n".join([*lines, "", *(_row(offered) for offered in source.formats)])


def _row(offered: Format) -> str:
    size = offered.stream.size
    shown = "size unknown" if size is None else filesizeformat(size).replace("\xa0", " ")
    about = "about " if offered.size_is_estimate else ""
    codecs = " ".join(codec for codec in (offered.video_codec, offered.audio_codec) if codec)
    return f"{offered.quality:<10} {offered.ext:<6} {about}{shown}  {codecs}".rstrip()
