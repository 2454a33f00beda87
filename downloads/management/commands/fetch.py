"""``manage.py fetch`` as a Django command: for ``--storage``, and for Django's own options."""

from __future__ import annotations

import argparse
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from config.settings.environment import ENVIRONMENT
from downloads.cli import fetch
from downloads.cli.place import Place
from downloads.engine.core.cancellation import StopToken
from downloads.engine.core.storage_names import storage_name
from downloads.engine.media.inputs import SubtitleFile
from downloads.engine.resolver.base import Resolution
from downloads.engine.transfer import single
from downloads.storage import storage, subtitles


class Command(BaseCommand):
    help = fetch.HELP
    requires_system_checks: list[str] = []

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # -v is this command's own; Django's --verbosity stays
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        fetch.add_arguments(parser, ENVIRONMENT)

    def handle(self, *args: Any, **options: Any) -> None:
        store = _store if options["storage"] else None
        arguments = argparse.Namespace(**options)
        status = fetch.run(arguments, Place.of(ENVIRONMENT), self.stdout.write, store)
        if status != fetch.DONE:
            sys.exit(status)


def _store(
    url: str, resolution: Resolution, part: Path, files: Sequence[SubtitleFile]
) -> tuple[str, Sequence[str]]:
    name = storage_name(
        settings.STORAGE_NAME_TEMPLATE,
        title=resolution.source.title,
        quality=resolution.selection.quality,
        id=uuid.UUID(single.identity(url)),
        ext=resolution.selection.ext,
    )
    storage.save_file(name, part)
    beside = subtitles.beside(name, files)
    subtitles.put(beside, files, StopToken())
    return name, [each.storage_name for each in beside]
